//! The nouns of a release and the rule that nothing is claimed before it is proven.
//!
//! Pure: no file system, process, network, clock or environment. Time and bytes come in as values. Documents are read tolerantly:
//! what a newer writer added is kept out of the way, not refused.

pub mod digest;
pub mod target;

pub use digest::{Digest, Hashed, Hasher, HashingWriter};
pub use target::{GlibcVersion, Libc, Target};
