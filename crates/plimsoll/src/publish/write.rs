//! A write of a channel as data: what, where, and the bytes. Does nothing, and knows no channel.

use std::path::PathBuf;

use plimsoll_model::{Digest, Failure};
use serde::{Deserialize, Serialize};

/// One thing that a channel is to hold in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// What: a file of the release by its name there (`app.tar.xz`, `evidence/….json`), or what the act is about.
    pub name: String,
    /// Where it is found when all is done, as a person would look for it: a path or a URL.
    pub to: String,
    /// What is done.
    pub act: Act,
}

/// What a write does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Puts these bytes there; into the draft while the version is not public, in a channel that has drafts.
    Put(Bytes),
    /// Makes the draft public, at once and whole.
    Reveal,
    /// Names the version in the channel's list of versions. What the list holds besides is the channel's matter.
    List,
}

impl Act {
    /// As documents have it.
    pub const fn word(&self) -> ActWord {
        match self {
            Self::Put(_) => ActWord::Put,
            Self::Reveal => ActWord::Reveal,
            Self::List => ActWord::List,
        }
    }
}

/// The form of a write, without its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ActWord {
    /// A file is put there.
    Put,
    /// The draft becomes public.
    Reveal,
    /// The version is named in the list of versions.
    List,
}

/// The bytes of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bytes {
    /// What they must be.
    pub digest: Digest,
    /// How many.
    pub size: u64,
    /// Where they come from.
    pub source: Source,
}

/// Where bytes come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file, which must be hashed as it is read: somebody may have changed it since it was sealed.
    File(PathBuf),
    /// These.
    Memory(Vec<u8>),
}

/// What a channel holds where a write would go. This is the truth; nothing else is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WriteState {
    /// Nothing.
    Absent,
    /// Something unfinished, or of an earlier run, that nobody has seen and that may be replaced: a wrong file of a draft.
    Partial,
    /// Exactly what would be written.
    Same,
    /// Something else that is public, and so stays; with what is wrong: `was changed: …`.
    Other(String),
    /// Nothing, and nothing can be put there ever again; with the reason.
    Burned(String),
}

/// What a channel says of a write that it has done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Where the thing lies now: a path or a URL.
    pub place: String,
}

/// Why a write was not seen to be done.
#[derive(Debug)]
pub enum WriteError {
    /// It was not done.
    NotDone(Failure),
    /// Nobody knows: the answer was lost. The state must be asked.
    Unknown(Failure),
}

impl From<Failure> for WriteError {
    fn from(failure: Failure) -> Self {
        Self::NotDone(failure)
    }
}
