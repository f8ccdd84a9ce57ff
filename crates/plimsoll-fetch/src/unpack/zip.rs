//! Walks a zip, strictly: members lie one after another from byte 0 up to the directory, the directory up to the end record, and each member's
//! own header agrees with it. So every reader, whichever way it goes through the file, finds the same members.

use std::io::{BufRead, Read, Seek, SeekFrom};

use flate2::Crc;
use flate2::bufread::DeflateDecoder;

use super::error::{UnpackError, ZipProblem, shown};
use super::path::member_path;
use super::tree::NewTree;
use super::zip_records::{End, LOCAL, Member, TAIL, is_descriptor_signature, local_extra_length};

/// The longest directory that is read, in bytes.
const MAX_DIRECTORY: u64 = 64 << 20;

/// `bound` is the most bytes that members may unpack to, and the error that tells of more.
pub(super) fn unpack<R: BufRead + Seek>(
    mut reader: R,
    length: u64,
    tree: &mut NewTree,
    entries: usize,
    bound: (u64, UnpackError),
) -> Result<(), UnpackError> {
    let (members, directory) = directory(&mut reader, length, entries)?;
    let total = members.iter().fold(0_u64, |total, member| total.saturating_add(member.unpacked));
    if total > bound.0 {
        return Err(bound.1);
    }
    reader.rewind().map_err(UnpackError::from_read)?;
    let mut at = 0;
    for member in &members {
        tree.count()?;
        if member.offset != at {
            return Err(UnpackError::Zip(ZipProblem::Gap(shown(&member.name))));
        }
        at = write_member(&mut reader, member, tree)?;
    }
    if at == directory { Ok(()) } else { Err(UnpackError::Zip(ZipProblem::Directory)) }
}

/// All members, and the place of the directory.
fn directory<R: Read + Seek>(reader: &mut R, length: u64, limit: usize) -> Result<(Vec<Member>, u64), UnpackError> {
    reader.seek(SeekFrom::Start(length.saturating_sub(TAIL))).map_err(UnpackError::from_read)?;
    let mut tail = Vec::new();
    reader.by_ref().take(TAIL).read_to_end(&mut tail).map_err(UnpackError::from_read)?;
    let end = End::parse(&tail, length).map_err(UnpackError::Zip)?;
    if end.entries > limit as u64 {
        return Err(UnpackError::TooMany { limit });
    }
    if end.size > MAX_DIRECTORY {
        return Err(UnpackError::Zip(ZipProblem::Directory));
    }
    reader.seek(SeekFrom::Start(end.offset)).map_err(UnpackError::from_read)?;
    let mut bytes = Vec::new();
    reader.by_ref().take(end.size).read_to_end(&mut bytes).map_err(UnpackError::from_read)?;
    let mut members = Vec::new();
    let mut rest = bytes.as_slice();
    for _ in 0..end.entries {
        let (member, after) = Member::parse(rest)?;
        // More would overlap the directory, and could overflow a sum.
        if member.packed > end.offset {
            return Err(UnpackError::Zip(ZipProblem::Directory));
        }
        members.push(member);
        rest = after;
    }
    if rest.is_empty() { Ok((members, end.offset)) } else { Err(UnpackError::Zip(ZipProblem::Directory)) }
}

/// Writes the member at the reader's place; gives the place after it.
fn write_member<R: BufRead>(reader: &mut R, member: &Member, tree: &mut NewTree) -> Result<u64, UnpackError> {
    let disagree = || UnpackError::Zip(ZipProblem::Disagree(shown(&member.name)));
    let mut local = [0; LOCAL as usize];
    reader.read_exact(&mut local).map_err(UnpackError::from_read)?;
    if !member.agrees(&local) {
        return Err(disagree());
    }
    let mut name = vec![0; member.name.len()];
    reader.read_exact(&mut name).map_err(UnpackError::from_read)?;
    if name != member.name {
        return Err(disagree());
    }
    let mut extra = vec![0; local_extra_length(&local)];
    reader.read_exact(&mut extra).map_err(UnpackError::from_read)?;
    member.check_sizes(&local, &extra)?;
    let head = LOCAL + (name.len() + extra.len()) as u64;
    put(reader, member, tree)?;
    let mut after = member.offset + head + member.packed;
    if member.has_descriptor() {
        after += descriptor(reader, member)?;
    }
    Ok(after)
}

fn put<R: BufRead>(reader: &mut R, member: &Member, tree: &mut NewTree) -> Result<(), UnpackError> {
    let special = |what| Err(UnpackError::Special { path: shown(&member.name), what });
    let wrong = || UnpackError::Zip(ZipProblem::Contents(shown(&member.name)));
    let folder = member.name.strip_suffix(b"/").filter(|name| !name.is_empty());
    match member.mode & 0o170_000 {
        0 | 0o100_000 | 0o040_000 => {}
        0o120_000 => return Err(UnpackError::Zip(ZipProblem::Symlink(shown(&member.name)))),
        0o010_000 => return special("fifo"),
        0o020_000 => return special("character device"),
        0o060_000 => return special("block device"),
        0o140_000 => return special("socket"),
        _ => return special("file of unknown type"),
    }
    if (member.mode & 0o170_000 == 0o040_000) != folder.is_some() && member.mode & 0o170_000 != 0 {
        return Err(UnpackError::Zip(ZipProblem::Disagree(shown(&member.name))));
    }
    if let Some(folder) = folder {
        return if member.unpacked == 0 && member.packed == 0 { tree.folder(&member_path(folder)?) } else { Err(wrong()) };
    }
    let path = member_path(&member.name)?;
    let mut packed = reader.take(member.packed);
    let mut contents: Box<dyn Read + '_> = match member.method {
        0 => Box::new(&mut packed),
        _ => Box::new(DeflateDecoder::new(&mut packed)),
    };
    let mut summed = Summed { inner: contents.by_ref().take(member.unpacked.saturating_add(1)), crc: Crc::new() };
    let written = tree.file(&path, member.mode & 0o111 != 0, &mut summed)?;
    let sum = summed.crc.sum();
    drop(contents);
    if packed.limit() != 0 || written != member.unpacked || sum != member.crc { Err(wrong()) } else { Ok(()) }
}

/// Reads the descriptor, and says how long it is.
fn descriptor<R: BufRead>(reader: &mut R, member: &Member) -> Result<u64, UnpackError> {
    let mut bytes = [0; 16];
    reader.read_exact(&mut bytes[..4]).map_err(UnpackError::from_read)?;
    // The signature is optional; a checksum that looks like it is refused below rather than guessed at.
    let fields = if is_descriptor_signature(&bytes) { 4..16 } else { 0..12 };
    reader.read_exact(&mut bytes[4..fields.end]).map_err(UnpackError::from_read)?;
    if member.describes(&bytes[fields.clone()]) {
        Ok(fields.end as u64)
    } else {
        Err(UnpackError::Zip(ZipProblem::Disagree(shown(&member.name))))
    }
}

/// CRC-32 of what passes.
struct Summed<R> {
    inner: R,
    crc: Crc,
}

impl<R: Read> Read for Summed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.crc.update(&buffer[..read]);
        Ok(read)
    }
}
