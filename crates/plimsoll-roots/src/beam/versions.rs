//! What the BEAM of each root is, told by the root's name alone: a suite that Debian has released keeps the versions that it came with. As data.

use plimsoll_model::{GlibcVersion, RootName};

/// A root with a BEAM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BeamRoot {
    /// Its name: `debian:12`.
    pub name: &'static str,
    /// The major version of OTP.
    pub otp: u16,
    /// The version of Elixir.
    pub elixir: &'static str,
    /// Of its C library, if that is no musl.
    pub glibc: GlibcVersion,
}

/// From the oldest to the newest.
pub const BEAM_ROOTS: [BeamRoot; 3] = [
    BeamRoot { name: "debian:11", otp: 23, elixir: "1.10.3", glibc: GlibcVersion::new(2, 31) },
    BeamRoot { name: "debian:12", otp: 25, elixir: "1.14.0", glibc: GlibcVersion::new(2, 36) },
    BeamRoot { name: "debian:13", otp: 27, elixir: "1.18.3", glibc: GlibcVersion::new(2, 41) },
];

impl BeamRoot {
    /// That of a name; none if it is not known.
    pub fn of(name: &RootName) -> Option<Self> {
        BEAM_ROOTS.into_iter().find(|root| root.name == name.as_str())
    }

    /// Its name; none only if that were no name of a root.
    pub fn root(&self) -> Option<RootName> {
        self.name.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::libc::Processor;
    use crate::recipe::Recipe;

    #[test]
    fn each_can_be_made_and_the_newest_is_last() {
        let processor = Processor::of("x86_64").unwrap();
        for root in BEAM_ROOTS {
            let name = root.root().unwrap();
            assert!(Recipe::beam(&name, processor).is_some() && BeamRoot::of(&name) == Some(root), "{root:?}");
        }
        assert!(BEAM_ROOTS.is_sorted_by_key(|root| (root.otp, root.glibc)));
        assert_eq!(BeamRoot::of(&"alpine:3.20".parse().unwrap()), None);
    }
}
