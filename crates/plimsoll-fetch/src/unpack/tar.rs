//! Walks a tar, strictly: what two readers could take for two different things is refused.

use std::io::{self, Read};

use super::UnpackError;
use super::error::{NameProblem, shown};
use super::path::member_path;
use super::tar_header::{BLOCK, Header};
use super::tar_names::{Extensions, check_global};
use super::tree::NewTree;

/// The longest GNU long name or link, in bytes; paths are at most 1024 anyway.
const MAX_LONG_NAME: u64 = 4096;
/// The longest pax header, in bytes: attributes of other systems may be in it.
const MAX_PAX: u64 = 64 * 1024;

/// A reader that knows its place, for messages.
struct Blocks<'reader> {
    reader: &'reader mut dyn Read,
    at: u64,
}

/// Writes every member of the tar into the tree, and reads to the end of the stream.
pub(super) fn unpack(reader: &mut dyn Read, tree: &mut NewTree) -> Result<(), UnpackError> {
    let mut blocks = Blocks { reader, at: 0 };
    let mut extensions = Extensions::default();
    loop {
        let at = blocks.at;
        let block = blocks.block()?;
        if block == [0; BLOCK] {
            if extensions.pending() {
                return Err(UnpackError::Extension);
            }
            return blocks.end();
        }
        tree.count()?;
        let mut header = Header::parse(&block, at)?;
        match header.kind {
            b'L' => extensions.long_name(blocks.short(header.size, MAX_LONG_NAME)?)?,
            b'K' => extensions.long_link(blocks.short(header.size, MAX_LONG_NAME)?)?,
            b'x' => extensions.pax(&blocks.short(header.size, MAX_PAX)?)?,
            b'g' if extensions.pending() => return Err(UnpackError::Extension),
            b'g' => check_global(&blocks.short(header.size, MAX_PAX)?)?,
            _ => {
                extensions.apply(&mut header)?;
                member(&header, at, &mut blocks, tree)?;
            }
        }
    }
}

fn member(header: &Header, at: u64, blocks: &mut Blocks<'_>, tree: &mut NewTree) -> Result<(), UnpackError> {
    let special = |what| Err(UnpackError::Special { path: shown(&header.name), what });
    let is_file = matches!(header.kind, b'0' | 0);
    if header.size != 0 && matches!(header.kind, b'1'..=b'6') {
        return Err(UnpackError::Header { at, what: "something that is no file has contents" });
    }
    match header.kind {
        _ if is_file => {
            let path = file_path(&header.name)?;
            let mut contents = blocks.reader.take(header.size);
            let written = tree.file(&path, header.executable, &mut contents)?;
            blocks.at += written;
            if written != header.size {
                return Err(UnpackError::Truncated);
            }
            blocks.padding(header.size)
        }
        b'1' => tree.hard_link(&file_path(&header.name)?, &header.link),
        b'2' => tree.symlink(&file_path(&header.name)?, &header.link),
        b'5' => {
            // One slash marks a folder; more are empty components.
            let name = header.name.strip_suffix(b"/").unwrap_or(&header.name);
            // `/` alone would become the root of the archive.
            let name = if name.is_empty() { &header.name } else { name };
            tree.folder(&member_path(name)?)
        }
        b'3' => special("character device"),
        b'4' => special("block device"),
        b'6' => special("fifo"),
        b'S' => special("sparse file"),
        b'M' => special("part of a file on another volume"),
        b'V' => special("volume label"),
        kind => Err(UnpackError::UnknownType { path: shown(&header.name), kind }),
    }
}

/// The path of what is not a folder, so never the root itself.
fn file_path(name: &[u8]) -> Result<String, UnpackError> {
    let path = member_path(name)?;
    if path.is_empty() { Err(UnpackError::name(name, NameProblem::Empty)) } else { Ok(path) }
}

impl Blocks<'_> {
    fn block(&mut self) -> Result<[u8; BLOCK], UnpackError> {
        let mut block = [0; BLOCK];
        self.reader.read_exact(&mut block).map_err(UnpackError::from_read)?;
        self.at += BLOCK as u64;
        Ok(block)
    }

    /// The contents of an extension header.
    fn short(&mut self, size: u64, limit: u64) -> Result<Vec<u8>, UnpackError> {
        if size > limit {
            return Err(UnpackError::LongName { size, limit });
        }
        let mut contents = Vec::new();
        self.reader.take(size).read_to_end(&mut contents).map_err(UnpackError::from_read)?;
        self.at += contents.len() as u64;
        if contents.len() as u64 != size {
            return Err(UnpackError::Truncated);
        }
        self.padding(size)?;
        Ok(contents)
    }

    fn padding(&mut self, size: u64) -> Result<(), UnpackError> {
        let over = (size % BLOCK as u64) as usize;
        if over != 0 {
            let mut rest = [0; BLOCK];
            let rest = &mut rest[over..];
            self.reader.read_exact(rest).map_err(UnpackError::from_read)?;
            self.at += rest.len() as u64;
        }
        Ok(())
    }

    /// After the first empty block: a second one, then nothing but zeros, as tars are filled up to whole records.
    fn end(&mut self) -> Result<(), UnpackError> {
        if self.block()? != [0; BLOCK] {
            return Err(UnpackError::TrailingData);
        }
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match self.reader.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(read) if buffer[..read].iter().all(|byte| *byte == 0) => {}
                Ok(_) => return Err(UnpackError::TrailingData),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(UnpackError::from_read(error)),
            }
        }
    }
}
