//! What publishing did, or would do: one entry a write, in order. Data for people and scripts; decides nothing.

use plimsoll_model::Digest;
use serde::{Deserialize, Serialize};

use super::write::{Act, ActWord, Write, WriteState};

/// All that was, or would be, written to one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChannelAccount {
    /// As the manifest names it: `folder`.
    pub channel: String,
    /// Where it is.
    pub place: String,
    /// Whether the version was public there before this run.
    pub was_public: bool,
    /// The writes, in their order.
    pub writes: Vec<WriteAccount>,
}

/// One write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WriteAccount {
    /// What: the name of a file of the release, or what the act is about.
    pub name: String,
    /// Where it is found when all is done.
    pub to: String,
    /// What the write does.
    pub act: ActWord,
    /// Digest of the bytes; none where it is no file of the release.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Digest>,
    /// Their number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// What was done about it, or would be.
    pub outcome: Deed,
    /// Why it is refused, or failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// What was done about a write, or would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Deed {
    /// The channel holds exactly this already.
    ThereAlready,
    /// It is to be written.
    WouldWrite,
    /// The version is public and has lost it: it is to be put back.
    WouldPutBack,
    /// Something else is there that stays, or nothing can be put there.
    Refused,
    /// It was written.
    Written,
    /// It was put back.
    PutBack,
    /// The answer was lost, and the channel was asked: it was written.
    Confirmed,
    /// It was tried, and was not seen to be done.
    Failed,
}

impl Deed {
    /// Whether something is still to be done.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::WouldWrite | Self::WouldPutBack)
    }

    /// Whether this run wrote it.
    pub const fn is_done(self) -> bool {
        matches!(self, Self::Written | Self::PutBack | Self::Confirmed)
    }
}

impl WriteAccount {
    /// Of a write that was only looked at.
    pub fn of(write: &Write, state: &WriteState, is_public: bool) -> Self {
        let (sha256, size) = match &write.act {
            Act::Put(bytes) => (Some(bytes.digest), Some(bytes.size)),
            Act::Reveal | Act::List => (None, None),
        };
        let (outcome, why) = match state {
            WriteState::Absent | WriteState::Partial if is_public => (Deed::WouldPutBack, None),
            WriteState::Absent | WriteState::Partial => (Deed::WouldWrite, None),
            WriteState::Same => (Deed::ThereAlready, None),
            WriteState::Other(why) | WriteState::Burned(why) => (Deed::Refused, Some(why.clone())),
        };
        Self { name: write.name.clone(), to: write.to.clone(), act: write.act.word(), sha256, size, outcome, why }
    }
}

impl ChannelAccount {
    /// Whether the channel holds everything.
    pub fn is_complete(&self) -> bool {
        self.writes.iter().all(|write| write.outcome == Deed::ThereAlready || write.outcome.is_done())
    }

    /// The names of those writes about which this was done.
    pub fn named(&self, is_meant: impl Fn(Deed) -> bool) -> Vec<&str> {
        self.writes.iter().filter(|write| is_meant(write.outcome)).map(|write| write.name.as_str()).collect()
    }
}
