//! Members of a tar file, as they come out of its gzip: names, kinds and sizes, and the contents of the few that the audit reads.
//!
//! Read piece by piece, so that no file is held whole: POSIX's ustar and pax headers, and GNU's long names.

use std::collections::BTreeMap;

const BLOCK: usize = 512;

/// More members than any sdist has.
const MAX_MEMBERS: usize = 1 << 18;

/// Longest pax header or long name that is read, in bytes; what is longer is malformed.
const LONGEST_HEADER: u64 = 1 << 20;

/// Longest file that is kept, in bytes.
const LONGEST_KEPT: u64 = 16 << 20;

/// Bytes that are kept of every file, to tell what it is.
const PREFIX: u64 = 64;

/// What a member is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sort {
    File,
    Folder,
    /// With its target.
    Symlink(String),
    /// With the member that it is.
    Hardlink(String),
    Sparse,
    /// A device, a fifo, or what no reader knows.
    Special,
}

#[derive(Debug, Clone)]
pub(super) struct Member {
    pub name: String,
    pub sort: Sort,
    pub size: u64,
    /// The beginning of a file, or all of it where it is PKG-INFO.
    pub kept: Vec<u8>,
}

/// Takes a tar file piece by piece.
#[derive(Default)]
pub(super) struct Reader {
    pub members: Vec<Member>,
    /// Why nothing more is read: a fragment that goes on after the file's name.
    pub fault: Option<String>,
    state: State,
    block: Vec<u8>,
    /// Of extended headers, for the next member.
    pax: BTreeMap<String, String>,
    global: BTreeMap<String, String>,
    pub has_end: bool,
}

#[derive(Default)]
enum State {
    #[default]
    Header,
    /// So many bytes of contents and of padding are still to come.
    Contents {
        left: u64,
        padding: u64,
        kept: Keep,
    },
    End,
}

/// What becomes of contents.
enum Keep {
    /// The first so many bytes go to the last member.
    Member(u64),
    Pax(Vec<u8>),
    GlobalPax(Vec<u8>),
    LongName(Vec<u8>),
    LongLink(Vec<u8>),
}

impl Reader {
    pub fn take(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() && self.fault.is_none() {
            match &mut self.state {
                State::End => return,
                State::Header => {
                    let part = bytes.len().min(BLOCK - self.block.len());
                    self.block.extend_from_slice(&bytes[..part]);
                    bytes = &bytes[part..];
                    if self.block.len() == BLOCK {
                        let block = std::mem::take(&mut self.block);
                        if let Err(reason) = self.header(&block) {
                            self.fault = Some(reason);
                        }
                    }
                }
                State::Contents { left, padding, kept } => {
                    let part = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                    keep(kept, &bytes[..part], &mut self.members);
                    *left -= part as u64;
                    bytes = &bytes[part..];
                    let over = usize::try_from(*padding).unwrap_or(usize::MAX).min(bytes.len());
                    if *left == 0 {
                        *padding -= over as u64;
                        bytes = &bytes[over..];
                    }
                    self.leave();
                }
            }
        }
    }

    /// At the end of the file.
    pub fn finish(&mut self) {
        if self.fault.is_none() && (!matches!(self.state, State::Header | State::End) || !self.block.is_empty()) {
            self.fault = Some("is cut off within a file".to_owned());
        }
    }

    /// Goes on to the next header if all contents have come.
    fn leave(&mut self) {
        if !matches!(self.state, State::Contents { left: 0, padding: 0, .. }) {
            return;
        }
        let State::Contents { kept, .. } = std::mem::take(&mut self.state) else { return };
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).trim_end_matches('\0').to_owned();
        match kept {
            Keep::Member(_) => {}
            Keep::Pax(bytes) => self.pax.extend(pax(&bytes)),
            Keep::GlobalPax(bytes) => self.global.extend(pax(&bytes)),
            Keep::LongName(bytes) => drop(self.pax.insert("path".to_owned(), text(bytes))),
            Keep::LongLink(bytes) => drop(self.pax.insert("linkpath".to_owned(), text(bytes))),
        }
    }

    fn header(&mut self, block: &[u8]) -> Result<(), String> {
        if block.iter().all(|byte| *byte == 0) {
            (self.state, self.has_end) = (State::End, true);
            return Ok(());
        }
        let at = format!("behind {} members", self.members.len());
        if !is_sum_right(block) {
            return Err(format!("is no tar file, or damaged: a header {at} has a wrong checksum"));
        }
        let own_size = number(&block[124..136]).ok_or_else(|| format!("has a size that is none in a header {at}"))?;
        let extended = |keep: fn(Vec<u8>) -> Keep| {
            if own_size > LONGEST_HEADER { Err(format!("has an extended header of {own_size} bytes {at}")) } else { Ok(keep(Vec::new())) }
        };
        let kind = block[156];
        let kept = match kind {
            b'x' | b'X' => extended(Keep::Pax)?,
            b'g' => extended(Keep::GlobalPax)?,
            b'L' => extended(Keep::LongName)?,
            b'K' => extended(Keep::LongLink)?,
            _ => return self.member(block, kind, own_size),
        };
        self.enter(own_size, kept);
        Ok(())
    }

    fn enter(&mut self, size: u64, kept: Keep) {
        let padding = size.next_multiple_of(BLOCK as u64) - size;
        self.state = State::Contents { left: size, padding, kept };
        self.leave();
    }

    fn member(&mut self, block: &[u8], kind: u8, own_size: u64) -> Result<(), String> {
        if self.members.len() == MAX_MEMBERS {
            return Err(format!("has more than {MAX_MEMBERS} members"));
        }
        let own = std::mem::take(&mut self.pax);
        let said = |key: &str| own.get(key).or_else(|| self.global.get(key));
        let size = said("size").and_then(|size| size.parse().ok()).unwrap_or(own_size);
        if size > u64::MAX / 2 {
            return Err("has a member that is larger than any disk".to_owned());
        }
        let (name, link) = (said("path").cloned().unwrap_or_else(|| ustar_name(block)), said("linkpath").cloned());
        let link = link.unwrap_or_else(|| text(&block[157..257]));
        let is_sparse = own.keys().any(|key| key.starts_with("GNU.sparse."));
        let sort = match kind {
            _ if is_sparse => Sort::Sparse,
            0 | b'0' | b'7' if name.ends_with('/') => Sort::Folder,
            0 | b'0' | b'7' => Sort::File,
            b'1' => Sort::Hardlink(link),
            b'2' => Sort::Symlink(link),
            b'5' => Sort::Folder,
            b'S' => Sort::Sparse,
            _ => Sort::Special,
        };
        // Links and folders have no contents, whatever their size says; readers agree in that.
        let has_contents = matches!(sort, Sort::File | Sort::Sparse | Sort::Special);
        if kind == b'S' && block[482] == 1 {
            return Err("has a sparse file with a long map, which is not read".to_owned());
        }
        let kept = if name.ends_with("/PKG-INFO") && size <= LONGEST_KEPT { size } else { PREFIX };
        self.members.push(Member { name, sort, size, kept: Vec::new() });
        self.enter(if has_contents { size } else { 0 }, Keep::Member(kept));
        Ok(())
    }
}

fn keep(kept: &mut Keep, bytes: &[u8], members: &mut [Member]) {
    match kept {
        Keep::Member(wanted) => {
            let Some(member) = members.last_mut() else { return };
            let missing = wanted.saturating_sub(member.kept.len() as u64);
            member.kept.extend_from_slice(&bytes[..bytes.len().min(usize::try_from(missing).unwrap_or(usize::MAX))]);
        }
        Keep::Pax(own) | Keep::GlobalPax(own) | Keep::LongName(own) | Keep::LongLink(own) => own.extend_from_slice(bytes),
    }
}

/// Records `LENGTH KEY=VALUE` of an extended header; what is malformed ends the list.
fn pax(mut bytes: &[u8]) -> Vec<(String, String)> {
    let mut records = Vec::new();
    while let Some(space) = bytes.iter().position(|byte| *byte == b' ') {
        let length = std::str::from_utf8(&bytes[..space]).ok().and_then(|length| length.parse::<usize>().ok());
        let Some(length) = length.filter(|length| *length > space + 1 && *length <= bytes.len()) else { break };
        let record = String::from_utf8_lossy(&bytes[space + 1..length]);
        let Some((key, value)) = record.trim_end_matches('\n').split_once('=') else { break };
        records.push((key.to_owned(), value.to_owned()));
        bytes = &bytes[length..];
        if records.len() > 1024 {
            break;
        }
    }
    records
}

fn text(field: &[u8]) -> String {
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    String::from_utf8_lossy(&field[..end]).into_owned()
}

fn ustar_name(block: &[u8]) -> String {
    let (name, prefix) = (text(&block[..100]), text(&block[345..500]));
    // GNU's own format has other things in the place of the prefix.
    let is_posix = &block[257..263] == b"ustar\0";
    if is_posix && !prefix.is_empty() { format!("{prefix}/{name}") } else { name }
}

/// Octal, or GNU's binary form for what is larger.
fn number(field: &[u8]) -> Option<u64> {
    if field[0] & 0x80 != 0 {
        let (high, low) = field[1..].split_at(field.len().saturating_sub(9));
        let is_small = field[0] == 0x80 && high.iter().all(|byte| *byte == 0);
        return is_small.then(|| low.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)));
    }
    let digits = text(field);
    let digits = digits.trim_matches(' ');
    if digits.is_empty() { Some(0) } else { u64::from_str_radix(digits, 8).ok() }
}

fn is_sum_right(block: &[u8]) -> bool {
    let sum = block.iter().enumerate().map(|(at, byte)| if (148..156).contains(&at) { 32 } else { u64::from(*byte) }).sum::<u64>();
    number(&block[148..156]) == Some(sum)
}
