//! Embedded code signatures: every hash in them is computed anew.
//!
//! Layout and rules: xnu's `osfmk/kern/cs_blobs.h`, and `cs_validate_csblob` with what it calls in `bsd/kern/ubc_subr.c`. Certificates are
//! not checked: a signature by somebody is told from one by nobody, and no more. What is wrong is a fault in the facts and no error,
//! because the rest of the file can be read all the same.

use object::BigEndian;
use object::macho::{self, CsSlot};
use object::read::macho::{CodeDirectory as Directory, CodeSignature as Blobs, CodeSignatureBlob as Blob};

use super::commands::ByteRange;
use super::directory::{Checked, Parts, check};
use crate::error::InspectError;
use crate::facts::CodeSignature;

/// More parts than any signature has.
const MAX_BLOBS: usize = 64;

/// Faults that are told.
const MAX_FAULTS: usize = 16;

/// A `CsGenericBlob` without contents.
const EMPTY_BLOB: usize = 8;

/// The signature at a place of an image, checked against the image's bytes.
pub(super) fn read(bytes: &[u8], place: ByteRange, info_plist: Option<&[u8]>) -> Result<CodeSignature, InspectError> {
    let data = place.of(bytes, "code signature")?;
    let mut signature = CodeSignature::default();
    if let Err(fault) = fill(&mut signature, bytes, place, data, info_plist) {
        signature.faults.push(fault);
    }
    let behind = bytes.len() as u64 - (place.offset + place.size).min(bytes.len() as u64);
    if behind > 0 {
        signature.faults.push(format!("{behind} bytes follow the signature, and nothing covers them"));
    }
    signature.faults.truncate(MAX_FAULTS);
    Ok(signature)
}

fn fill(signature: &mut CodeSignature, bytes: &[u8], place: ByteRange, data: &[u8], info_plist: Option<&[u8]>) -> Result<(), String> {
    let blobs = Blobs::parse(data).map_err(|_| "the signature is no list of blobs, or is cut off".to_owned())?;
    if blobs.header().length.get(BigEndian) as usize > data.len() {
        return Err("the signature is longer than the place that it has".to_owned());
    }
    if blobs.index().len() > MAX_BLOBS {
        return Err(format!("the signature has more than {MAX_BLOBS} parts"));
    }
    let blobs = blobs.blobs().collect::<Result<Vec<_>, _>>().map_err(|_| "a part of the signature lies outside of it".to_owned())?;
    for (index, blob) in blobs.iter().enumerate() {
        if blobs[..index].iter().any(|known| known.slot() == blob.slot()) {
            return Err(format!("the signature has two parts of the number {}", blob.slot().0));
        }
    }
    let parts = Parts { blobs: &blobs, info_plist };
    let mut best = None;
    for blob in blobs.iter().filter(|blob| is_directory(blob.slot())) {
        let directory = blob.code_directory().ok().flatten().ok_or("a directory of hashes is cut off, or is none")?;
        let Checked { facts, faults, unchecked, rank } = check(&directory, blob.data(), bytes, place, &parts)?;
        signature.faults.extend(faults);
        unchecked.into_iter().for_each(|what| note(&mut signature.unchecked, what));
        if best.is_none_or(|(known, _)| rank > known) {
            signature.cdhash.clone_from(&facts.cdhash);
            best = Some((rank, directory));
        }
        signature.directories.push(facts);
    }
    let (_, directory) = best.ok_or("the signature has no directory of hashes")?;
    describe(signature, &directory, &blobs)
}

/// Who signed it, by the directory that the kernel prefers.
fn describe(signature: &mut CodeSignature, directory: &Directory<'_>, blobs: &[Blob<'_>]) -> Result<(), String> {
    let flags = directory.header().flags.get(BigEndian);
    signature.adhoc = flags.contains(macho::CS_ADHOC);
    signature.linker_signed = flags.contains(macho::CS_LINKER_SIGNED);
    let identifier = directory.ident().map_err(|_| "its identifier lies outside of the directory of hashes".to_owned())?;
    signature.identifier = String::from_utf8_lossy(&identifier[..identifier.len().min(1024)]).into_owned();
    let team = directory.team_id().map_err(|_| "its team lies outside of the directory of hashes".to_owned())?;
    signature.team = team.map(|team| String::from_utf8_lossy(&team[..team.len().min(1024)]).into_owned());
    let is_signed = blobs.iter().any(|blob| blob.slot() == macho::CSSLOT_SIGNATURESLOT && blob.data().len() > EMPTY_BLOB);
    match (signature.adhoc, is_signed) {
        (false, false) => return Err("it is neither ad hoc nor signed with a certificate".to_owned()),
        (_, true) => note(&mut signature.unchecked, "the certificate that it is signed with".to_owned()),
        (true, false) => {}
    }
    Ok(())
}

fn note(list: &mut Vec<String>, what: String) {
    if !list.contains(&what) {
        list.push(what);
    }
}

fn is_directory(slot: CsSlot) -> bool {
    slot == macho::CSSLOT_CODEDIRECTORY || slot.is_alternate_codedirectory()
}
