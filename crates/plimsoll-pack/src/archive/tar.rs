//! Tar headers, written by us: POSIX ustar, and GNU's long names where a path does not fit. Nothing of a host goes in.
//!
//! GNU's form and not pax, because busybox skips pax headers and would cut the names; GNU tar, bsdtar, busybox and the `tar` crate all read this.
//! Sources: POSIX.1-2017, pax, "ustar Interchange Format"; the GNU tar manual, "Basic Tar Format".

use std::io::{self, Write};

use crate::tree::Mode;

const BLOCK: usize = 512;
const NAME: usize = 100;
const PREFIX: usize = 155;
/// The greatest number in eleven octal digits.
const MOST_OCTAL: u64 = 0o777_7777_7777;
const FOLDER_MODE: u32 = 0o755;
const LINK_MODE: u32 = 0o777;

/// Writes members one after another; the caller gives them in order, and exactly as many bytes as the header says.
pub(super) struct TarWriter<'out, W> {
    out: &'out mut W,
    epoch: u64,
}

/// What a header says besides the name.
#[derive(Clone, Copy)]
struct Header<'name> {
    kind: u8,
    mode: u32,
    size: u64,
    epoch: u64,
    link: &'name str,
}

impl<'out, W: Write> TarWriter<'out, W> {
    /// `epoch` is the time of every member and at most [`LAST_EPOCH`](crate::LAST_EPOCH).
    pub fn new(out: &'out mut W, epoch: u64) -> Self {
        Self { out, epoch }
    }

    /// A folder; `name` ends in `/`.
    pub fn folder(&mut self, name: &str) -> io::Result<()> {
        self.header(name, Header { kind: b'5', mode: FOLDER_MODE, size: 0, epoch: self.epoch, link: "" })
    }

    /// A symbolic link.
    pub fn symlink(&mut self, name: &str, target: &str) -> io::Result<()> {
        self.header(name, Header { kind: b'2', mode: LINK_MODE, size: 0, epoch: self.epoch, link: target })
    }

    /// The header of a file. `size` bytes into [`TarWriter::contents`] must follow, then [`TarWriter::pad`].
    pub fn file_header(&mut self, name: &str, size: u64, mode: Mode) -> io::Result<()> {
        self.header(name, Header { kind: b'0', mode: mode.bits(), size, epoch: self.epoch, link: "" })
    }

    /// Where a file's contents go.
    pub fn contents(&mut self) -> &mut W {
        self.out
    }

    /// Fills the last block of a file's contents.
    pub fn pad(&mut self, size: u64) -> io::Result<()> {
        let over = (size % BLOCK as u64) as usize;
        if over == 0 { Ok(()) } else { self.out.write_all(&[0; BLOCK][over..]) }
    }

    /// Two empty blocks: the end.
    pub fn finish(self) -> io::Result<()> {
        self.out.write_all(&[0; 2 * BLOCK])
    }

    fn header(&mut self, name: &str, header: Header<'_>) -> io::Result<()> {
        let long_link = header.link.len() > NAME;
        let split = split(name).filter(|_| !long_link && header.size <= MOST_OCTAL);
        if long_link {
            self.long(b'K', header.link)?;
        }
        if let Some((prefix, name)) = split {
            return self.out.write_all(&block(prefix, name, header));
        }
        if name.len() > NAME {
            self.long(b'L', name)?;
        }
        self.out.write_all(&gnu_block(name, header))
    }

    /// GNU's extra member whose contents are the name, or target, of the next one.
    fn long(&mut self, kind: u8, text: &str) -> io::Result<()> {
        let size = text.len() as u64 + 1;
        self.out.write_all(&gnu_block("././@LongLink", Header { kind, mode: 0o644, size, epoch: 0, link: "" }))?;
        self.out.write_all(text.as_bytes())?;
        self.out.write_all(&[0])?;
        self.pad(size)
    }
}

/// Prefix and name of a path that fits into a ustar header; none if it does not.
fn split(name: &str) -> Option<(&str, &str)> {
    if name.len() <= NAME {
        return Some(("", name));
    }
    // The slash between the two is not stored; a folder's own last slash is no place to cut.
    let inner = name.strip_suffix('/').unwrap_or(name);
    let (at, _) = inner.match_indices('/').find(|(at, _)| name.len() - at - 1 <= NAME)?;
    (1..=PREFIX).contains(&at).then(|| (&name[..at], &name[at + 1..]))
}

/// A ustar header.
fn block(prefix: &str, name: &str, header: Header<'_>) -> [u8; BLOCK] {
    let mut block = common(name, header);
    block[257..265].copy_from_slice(b"ustar\x0000");
    put(&mut block[345..345 + PREFIX], prefix);
    sum(block)
}

/// A header in GNU's old form: no prefix, names and targets cut to what fits, sizes in binary where octal does not hold them.
fn gnu_block(name: &str, header: Header<'_>) -> [u8; BLOCK] {
    let mut block = common(name, header);
    block[257..265].copy_from_slice(b"ustar  \0");
    sum(block)
}

fn common(name: &str, header: Header<'_>) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    put(&mut block[..NAME], name);
    octal(&mut block[100..108], u64::from(header.mode));
    // Owner and group 0, without names: whoever unpacks owns the files.
    octal(&mut block[108..116], 0);
    octal(&mut block[116..124], 0);
    if header.size <= MOST_OCTAL {
        octal(&mut block[124..136], header.size);
    } else {
        block[124] = 0x80;
        block[128..136].copy_from_slice(&header.size.to_be_bytes());
    }
    octal(&mut block[136..148], header.epoch);
    block[156] = header.kind;
    put(&mut block[157..157 + NAME], header.link);
    octal(&mut block[329..337], 0);
    octal(&mut block[337..345], 0);
    block
}

/// Text, cut at the last whole character that fits.
fn put(field: &mut [u8], text: &str) {
    let cut = &text.as_bytes()[..text.floor_char_boundary(field.len())];
    field[..cut.len()].copy_from_slice(cut);
}

/// Octal digits that fill the field, but for the NUL at its end. What does not fit loses its leading digits; callers check before.
fn octal(field: &mut [u8], value: u64) {
    let mut rest = value;
    if let Some((_, digits)) = field.split_last_mut() {
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + (rest & 7) as u8;
            rest >>= 3;
        }
    }
}

/// Sets the checksum: the sum of all bytes, its own field counted as spaces.
fn sum(mut block: [u8; BLOCK]) -> [u8; BLOCK] {
    block[148..156].fill(b' ');
    let sum: u64 = block.iter().map(|byte| u64::from(*byte)).sum();
    octal(&mut block[148..155], sum);
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_where_both_halves_fit() {
        let folder = "f".repeat(90);
        assert_eq!(split("a/b"), Some(("", "a/b")));
        let long = format!("{folder}/{folder}");
        assert_eq!(split(&long), Some((folder.as_str(), folder.as_str())));
        let exact = format!("{}/{}", "p".repeat(155), "n".repeat(100));
        assert_eq!(split(&exact).map(|(prefix, name)| (prefix.len(), name.len())), Some((155, 100)));
        assert_eq!(split(&format!("{}/{}", "p".repeat(156), "n".repeat(100))), None);
        assert_eq!(split(&"n".repeat(101)), None);
        assert_eq!(split(&format!("{}/", "n".repeat(120))), None);
    }

    #[test]
    fn sizes_beyond_octal_are_binary_and_read_back() {
        for size in [MOST_OCTAL, MOST_OCTAL + 1, u64::MAX >> 1] {
            let mut out = Vec::new();
            TarWriter::new(&mut out, 0).file_header("big", size, Mode::Regular).unwrap();
            let header = tar::Header::from_byte_slice(&out);
            assert_eq!(header.entry_size().unwrap(), size);
            assert_eq!(
                header.cksum().unwrap(),
                out.iter().enumerate().fold(0, |sum, (at, byte)| { sum + u32::from(if (148..156).contains(&at) { b' ' } else { *byte }) })
            );
        }
    }
}
