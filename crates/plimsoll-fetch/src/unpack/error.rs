//! Why an archive is refused: each trick by its own name.

use std::io;
use std::path::PathBuf;

/// Why an archive was not unpacked.
#[derive(Debug, thiserror::Error)]
pub enum UnpackError {
    /// A file or folder of the destination could not be made.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The archive could not be read, or its compression is broken.
    #[error("the archive cannot be read: {0}")]
    Stream(#[source] io::Error),
    /// It ends too early.
    #[error("the archive is cut short")]
    Truncated,
    /// A member's name.
    #[error("member `{name}` {problem}")]
    Name {
        /// The name, shortened and made printable.
        name: String,
        /// What is wrong with it.
        problem: NameProblem,
    },
    /// A link.
    #[error("link `{path}` to `{target}` {problem}")]
    Link {
        /// The member.
        path: String,
        /// Its target.
        target: String,
        /// What is wrong with it.
        problem: LinkProblem,
    },
    /// A device, a fifo or the like.
    #[error("member `{path}` is a {what}, which no artifact needs")]
    Special {
        /// The member.
        path: String,
        /// What it is.
        what: &'static str,
    },
    /// A member of a type that this version does not know.
    #[error("member `{path}` is of the unknown type {kind:#04x}")]
    UnknownType {
        /// The member.
        path: String,
        /// The type byte.
        kind: u8,
    },
    /// A tar header that does not hold together.
    #[error("the tar header at byte {at} is broken: {what}")]
    Header {
        /// Place in the unpacked stream.
        at: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// A pax header that could make readers disagree.
    #[error("pax header: {0}")]
    Pax(PaxProblem),
    /// An extension header of a great size.
    #[error("a header that carries a long name says that it is {size} bytes long; {limit} are allowed")]
    LongName {
        /// What it says.
        size: u64,
        /// What is allowed.
        limit: u64,
    },
    /// Two extension headers that give the same thing for one member, or one without a member.
    #[error("an extension header contradicts another one, or has no member")]
    Extension,
    /// A zip whose parts do not fit each other.
    #[error("zip: {0}")]
    Zip(ZipProblem),
    /// Too many members.
    #[error("the archive has more than {limit} members")]
    TooMany {
        /// The limit.
        limit: usize,
    },
    /// Too much in all.
    #[error("the archive unpacks to more than {limit} bytes")]
    TooBig {
        /// The limit.
        limit: u64,
    },
    /// Far more than its size promises: a bomb.
    #[error("the archive of {packed} bytes unpacks to more than {limit} bytes, as a decompression bomb would")]
    Ratio {
        /// Its size.
        packed: u64,
        /// The limit that follows from it.
        limit: u64,
    },
    /// Bytes other than zero after the end of the tar.
    #[error("there is data after the end of the archive")]
    TrailingData,
    /// Bytes after the compressed stream.
    #[error("there is data after the end of the compressed stream")]
    TrailingCompressed,
    /// A second gzip member, xz stream or zstd frame, which some readers would skip.
    #[error("a second compressed stream follows the first one")]
    SecondStream,
}

/// What is wrong with a member's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameProblem {
    /// No text.
    #[error("has no name")]
    Empty,
    /// A leading slash.
    #[error("is absolute")]
    Absolute,
    /// A `..` component.
    #[error("climbs with `..`")]
    Climbs,
    /// `//`, or a file's name with a slash at its end.
    #[error("has an empty component")]
    EmptyComponent,
    /// A backslash.
    #[error("has a backslash, which Windows takes for a separator")]
    Backslash,
    /// `C:`.
    #[error("begins with a drive letter")]
    Drive,
    /// A control character.
    #[error("has a control character")]
    Control,
    /// Not UTF-8.
    #[error("is not UTF-8")]
    NotText,
    /// More than 1024 bytes, or 255 a component.
    #[error("is too long")]
    Long,
    /// More than 100 components.
    #[error("lies in too many folders")]
    Deep,
    /// There before.
    #[error("appears twice")]
    Twice,
    /// Below a symbolic link of the archive.
    #[error("would be written through a symbolic link")]
    ThroughLink,
    /// Below a file of the archive.
    #[error("lies below a file")]
    BelowFile,
}

/// What is wrong with a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkProblem {
    /// An absolute target.
    #[error("is absolute")]
    Absolute,
    /// A target outside of the archive.
    #[error("leaves the archive")]
    Leaves,
    /// A target outside of the archive's only folder, which is what users get.
    #[error("leaves the archive's only folder, which is the one that is placed")]
    LeavesFolder,
    /// A way to the target that climbs out of something that is no folder of the archive: where that ends depends on the system.
    #[error("climbs with `..` out of what is no folder of the archive")]
    NoFolder,
    /// A way to the target that leads through another link.
    #[error("goes through another symbolic link")]
    ThroughLink,
    /// A hard link to something that is no file before it in the archive.
    #[error("is a hard link, and no file of that name came before it")]
    NoFile,
    /// A target that is empty, not text, or of characters that no path needs.
    #[error("is not a plain relative path")]
    NotPlain,
}

/// What is wrong with a pax header.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PaxProblem {
    /// Records that do not add up.
    #[error("its records are malformed")]
    Malformed,
    /// A size that differs from the tar header's: readers would find different members (CVE-2025-62518).
    #[error("it says {pax} bytes and the tar header says {header}, so readers would find different members")]
    Size {
        /// In pax.
        pax: u64,
        /// In the header.
        header: u64,
    },
    /// A global header that names or sizes members to come.
    #[error("a global header sets `{0}` for all members to come")]
    Global(String),
    /// A sparse file.
    #[error("it describes a sparse file")]
    Sparse,
    /// A key given twice.
    #[error("it gives `{0}` twice")]
    Twice(String),
    /// More records than a member has use for.
    #[error("it has more than {limit} records")]
    TooMany {
        /// The limit.
        limit: usize,
    },
}

/// What is wrong with a zip.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ZipProblem {
    /// No end record in the last 22 bytes.
    #[error("the end record is not at the end of the file")]
    NoEnd,
    /// The directory is not where, or as long as, the end record says.
    #[error("the directory is not where the end record says")]
    Directory,
    /// An archive in several files.
    #[error("it is a part of an archive on several disks")]
    Disks,
    /// 64-bit values that are missing, too many, or others than the 32-bit ones.
    #[error("its 64-bit sizes and places (zip64) are not those that its other fields ask for")]
    Zip64,
    /// An encrypted member.
    #[error("member `{0}` is encrypted")]
    Encrypted(String),
    /// A compression other than deflate.
    #[error("member `{name}` is compressed by the unsupported method {method}")]
    Method {
        /// The member.
        name: String,
        /// The number of the method.
        method: u16,
    },
    /// Members that overlap, or data between them that the directory does not know.
    #[error("member `{0}` does not begin where the one before it ends")]
    Gap(String),
    /// A member's own header tells another story than the directory.
    #[error("member `{0}` is described differently in its own header and in the directory")]
    Disagree(String),
    /// A name that readers decode differently.
    #[error("member `{0}` has a second name, or one that is not marked as UTF-8")]
    SecondName(String),
    /// Contents that are not as long as, or do not have the checksum that, the directory says.
    #[error("the contents of member `{0}` are not those that the directory describes")]
    Contents(String),
    /// A symbolic link, which only some readers would make.
    #[error("member `{0}` is a symbolic link")]
    Symlink(String),
}

impl UnpackError {
    /// An error of reading; an early end has its own.
    pub(super) fn from_read(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::UnexpectedEof { Self::Truncated } else { Self::Stream(error) }
    }

    /// A name that is refused.
    pub(super) fn name(name: &[u8], problem: NameProblem) -> Self {
        Self::Name { name: shown(name), problem }
    }
}

/// Foreign bytes for people: at most 80 characters, nothing that moves a cursor.
pub(super) fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(320)]).chars().take(80).flat_map(char::escape_debug).collect()
}
