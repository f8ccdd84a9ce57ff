//! The hashes of code signatures, by their number.
//!
//! `CS_HASHTYPE_*` of xnu's `osfmk/kern/cs_blobs.h`.

use object::macho::{self, CsHashType};
use ring::digest::{self, Algorithm};

/// A sort of hash.
#[derive(Debug, Clone, Copy)]
pub(super) struct HashKind {
    /// As facts name it.
    pub name: &'static str,
    /// Bytes that are kept of it.
    pub size: usize,
    /// A higher one is preferred by the kernel (`hashPriorities` of xnu's `bsd/kern/ubc_subr.c`).
    pub rank: u8,
    algorithm: &'static Algorithm,
}

impl HashKind {
    /// None for a number that has no name here.
    pub fn of(kind: CsHashType) -> Option<Self> {
        let kind = match kind {
            macho::CS_HASHTYPE_SHA1 => Self { name: "sha1", size: 20, rank: 1, algorithm: &digest::SHA1_FOR_LEGACY_USE_ONLY },
            macho::CS_HASHTYPE_SHA256_TRUNCATED => Self { name: "sha256-truncated", size: 20, rank: 2, algorithm: &digest::SHA256 },
            macho::CS_HASHTYPE_SHA256 => Self { name: "sha256", size: 32, rank: 3, algorithm: &digest::SHA256 },
            macho::CS_HASHTYPE_SHA384 => Self { name: "sha384", size: 48, rank: 4, algorithm: &digest::SHA384 },
            _ => return None,
        };
        Some(kind)
    }

    /// The hash of bytes, at its size.
    pub fn digest(self, bytes: &[u8]) -> Vec<u8> {
        let digest = digest::digest(self.algorithm, bytes);
        digest.as_ref().iter().take(self.size).copied().collect()
    }
}
