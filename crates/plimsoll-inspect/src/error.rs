//! Why a file could not be read, told alike by every format.

/// Why a file could not be read, and where in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InspectError {
    /// The first bytes are those of no known format.
    #[error("not an ELF, Mach-O or PE file")]
    Unrecognised,
    /// Something lies, wholly or in part, behind the last byte.
    #[error("the {what} at offset {offset:#x} is cut off: the file has {length} bytes")]
    Truncated {
        /// Which structure.
        what: &'static str,
        /// Where it should begin.
        offset: u64,
        /// Length of the file, in bytes.
        length: u64,
    },
    /// Something contradicts the format.
    #[error("the {what} at offset {offset:#x} is malformed: {reason}")]
    Malformed {
        /// Which structure.
        what: &'static str,
        /// Where it begins.
        offset: u64,
        /// Which rule it breaks.
        reason: &'static str,
    },
    /// More of something than any real file has: it is refused rather than collected.
    #[error("more than {limit} {what}")]
    TooMany {
        /// Of which.
        what: &'static str,
        /// How many are read.
        limit: usize,
    },
}

impl InspectError {
    /// The same, of a file that lies within another one.
    pub(crate) fn at(self, base: u64) -> Self {
        match self {
            Self::Truncated { what, offset, length } => {
                Self::Truncated { what, offset: base.saturating_add(offset), length: base.saturating_add(length) }
            }
            Self::Malformed { what, offset, reason } => Self::Malformed { what, offset: base.saturating_add(offset), reason },
            other @ (Self::Unrecognised | Self::TooMany { .. }) => other,
        }
    }
}
