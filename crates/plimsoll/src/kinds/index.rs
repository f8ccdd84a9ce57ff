//! What a package index takes of a release. Which of its rules a file must hold is for the audit; the order is for the channel.

use plimsoll_model::{FileName, KindName};
use plimsoll_pack::Kind;

use super::wheel;

/// A file as an index sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Indexed {
    /// The project that it belongs to there, normalised.
    pub(crate) project: String,
    /// Its version, as the index names it.
    pub(crate) version: String,
    /// Its turn among the files of its project: what installs at once comes before what must be built.
    pub(crate) turn: u8,
}

/// Whether files of a kind go to an index.
pub(crate) const fn goes_to_index(kind: Kind) -> bool {
    match kind {
        Kind::Wheel => true,
        Kind::Archive | Kind::Nif | Kind::Static | Kind::File => false,
    }
}

/// How an index sees a file of a kind; none if it takes no such file.
pub(crate) fn indexed(kind: &KindName, file: &FileName) -> Option<Indexed> {
    match kind.as_str().parse().ok()? {
        Kind::Wheel => wheel::indexed(file),
        Kind::Archive | Kind::Nif | Kind::Static | Kind::File => None,
    }
}
