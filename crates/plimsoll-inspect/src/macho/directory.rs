//! One directory of hashes: pages of the image, and the other parts of the signature.
//!
//! `CS_CodeDirectory` of xnu's `osfmk/kern/cs_blobs.h`. Numbers of pages and bytes are checked before a hash is computed, so that the work
//! is linear in the size of the image.

use object::BigEndian;
use object::macho::{self, CsSlot};
use object::read::macho::{CodeDirectory as Directory, CodeSignatureBlob as Blob};

use super::commands::ByteRange;
use super::hashes::HashKind;
use crate::facts::CodeDirectory;

/// Sizes of pages that a kernel takes, as powers of two: 4 KiB and 16 KiB. Nought stands for one page with all in it.
const PAGE_SHIFTS: [u8; 3] = [0, 12, 14];

/// Bytes of a directory's digest by which it is known (CS_CDHASH_LEN).
const CDHASH_LENGTH: usize = 20;

/// Pages that are named in a fault.
const NAMED_PAGES: usize = 3;

/// Parts whose hash is that of a blob of the same number in the signature.
const EMBEDDED: [(CsSlot, &str); 7] = [
    (macho::CSSLOT_REQUIREMENTS, "requirements"),
    (macho::CSSLOT_ENTITLEMENTS, "entitlements"),
    (macho::CSSLOT_DER_ENTITLEMENTS, "entitlements in DER"),
    (macho::CSSLOT_LAUNCH_CONSTRAINT_SELF, "launch constraints"),
    (macho::CSSLOT_LAUNCH_CONSTRAINT_PARENT, "launch constraints of its parent"),
    (macho::CSSLOT_LAUNCH_CONSTRAINT_RESPONSIBLE, "launch constraints of its responsible process"),
    (macho::CSSLOT_LIBRARY_CONSTRAINT, "library constraints"),
];

/// What a directory may have hashes of, beside pages.
pub(super) struct Parts<'a, 'data> {
    pub blobs: &'a [Blob<'data>],
    pub info_plist: Option<&'data [u8]>,
}

/// A directory with what its hashes are worth.
pub(super) struct Checked {
    pub facts: CodeDirectory,
    pub faults: Vec<String>,
    pub unchecked: Vec<String>,
    pub rank: u8,
}

/// Computes every hash of a directory. `blob` is the directory's own bytes; the signature lies at `place`.
///
/// # Errors
/// Where it cannot be checked at all.
pub(super) fn check(
    directory: &Directory<'_>,
    blob: &[u8],
    bytes: &[u8],
    place: ByteRange,
    parts: &Parts<'_, '_>,
) -> Result<Checked, String> {
    let header = directory.header();
    let kind = HashKind::of(header.hash_type);
    let kind = kind.ok_or_else(|| format!("it has hashes of the kind {}, which cannot be checked", header.hash_type.0))?;
    if usize::from(header.hash_size) != kind.size {
        return Err(format!("its {} hashes have {} bytes, not {}", kind.name, header.hash_size, kind.size));
    }
    let (pages, shift) = (header.n_code_slots.get(BigEndian), header.page_size);
    if !PAGE_SHIFTS.contains(&shift) {
        return Err(format!("its pages have 2^{shift} bytes, which no kernel takes"));
    }
    if directory.scatter_offset().unwrap_or(0) != 0 {
        return Err("its pages are scattered, which cannot be checked".to_owned());
    }
    let mut checked = Checked {
        facts: CodeDirectory {
            version: format!("{:#x}", directory.version().0),
            hash: kind.name.to_owned(),
            page_size: if shift == 0 { 0 } else { 1 << shift },
            code_limit: directory.code_limit(),
            pages_verified: 0,
            pages,
            parts_verified: 0,
            cdhash: hex(&kind.digest(blob)[..CDHASH_LENGTH.min(kind.size)]),
        },
        faults: Vec::new(),
        unchecked: Vec::new(),
        rank: kind.rank,
    };
    checked.pages(directory, kind, bytes, place)?;
    checked.parts(directory, kind, parts);
    Ok(checked)
}

impl Checked {
    fn pages(&mut self, directory: &Directory<'_>, kind: HashKind, bytes: &[u8], place: ByteRange) -> Result<(), String> {
        let limit = self.facts.code_limit;
        if limit != place.offset {
            return Err(format!("its hashes cover {limit:#x} bytes, and the signature begins at {:#x}", place.offset));
        }
        let code = usize::try_from(limit).ok().and_then(|end| bytes.get(..end)).unwrap_or_default();
        let page_size =
            if self.facts.page_size == 0 { code.len().max(1) } else { usize::try_from(self.facts.page_size).unwrap_or(usize::MAX) };
        if u64::from(self.facts.pages) != code.len().div_ceil(page_size) as u64 {
            return Err(format!("it has hashes of {} pages, and there are {}", self.facts.pages, code.len().div_ceil(page_size)));
        }
        let mut wrong = Vec::new();
        for (index, page) in (0..self.facts.pages).zip(code.chunks(page_size)) {
            let stated = directory.code_hash(index).map_err(|_| "its hashes of pages lie outside of the directory".to_owned())?;
            if stated == kind.digest(page) {
                self.facts.pages_verified += 1;
            } else {
                wrong.push(index);
            }
        }
        if !wrong.is_empty() {
            let at = |index: &u32| format!("{:#x}", u64::from(*index).saturating_mul(self.facts.page_size));
            let shown = wrong.iter().take(NAMED_PAGES).map(at).collect::<Vec<_>>().join(", ");
            let more = if wrong.len() > NAMED_PAGES { format!(" and {} more", wrong.len() - NAMED_PAGES) } else { String::new() };
            let (pages, count) = (if wrong.len() == 1 { "page" } else { "pages" }, self.facts.pages);
            self.faults.push(format!("the {} of the {pages} at {shown}{more}, of {count}, is not that of its bytes", kind.name));
        }
        Ok(())
    }

    fn parts(&mut self, directory: &Directory<'_>, kind: HashKind, parts: &Parts<'_, '_>) {
        for (slot, name) in EMBEDDED {
            let blob = parts.blobs.iter().find(|blob| blob.slot() == slot).map(Blob::data);
            self.part(directory, kind, slot, name, blob);
        }
        match (parts.info_plist, stated(directory, macho::CSSLOT_INFOSLOT)) {
            (Some(plist), Some(_)) => self.part(directory, kind, macho::CSSLOT_INFOSLOT, "Info.plist", Some(plist)),
            (None, Some(_)) => self.unchecked.push("an Info.plist in another file".to_owned()),
            (_, None) => {}
        }
        if stated(directory, macho::CSSLOT_RESOURCEDIR).is_some() {
            self.unchecked.push("resources in other files".to_owned());
        }
    }

    fn part(&mut self, directory: &Directory<'_>, kind: HashKind, slot: CsSlot, name: &str, found: Option<&[u8]>) {
        match (stated(directory, slot), found) {
            (Some(hash), Some(found)) if hash == kind.digest(found) => self.facts.parts_verified += 1,
            (Some(_), Some(_)) => self.faults.push(format!("the {} of its {name} is not that of their bytes", kind.name)),
            (Some(_), None) => self.faults.push(format!("it has a hash of {name}, and they are not there")),
            (None, Some(_)) => self.faults.push(format!("it has {name}, and no hash of them")),
            (None, None) => {}
        }
    }
}

/// The hash of a part; noughts stand for a part that is not there.
fn stated<'data>(directory: &Directory<'data>, slot: CsSlot) -> Option<&'data [u8]> {
    directory.special_hash(slot).ok().filter(|hash| hash.iter().any(|byte| *byte != 0))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
