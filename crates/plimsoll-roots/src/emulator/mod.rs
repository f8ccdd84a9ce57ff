//! Programs of other machines on this one: qemu for other Linux processors, wine for Windows. What emulates is named in the evidence, with
//! its version, and its age is looked at before it is blamed on an artifact.

pub(crate) mod commands;
mod marked;
pub(crate) mod prefix;
mod processors;
mod qemu;
mod wine;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use plimsoll_model::{Digest, Means};
use serde::Serialize;

pub use qemu::Qemu;
pub use wine::Wine;

/// What runs a program that this machine cannot run itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Emulator {
    /// qemu, in user mode.
    Qemu(Qemu),
    /// wine, in a root of its own.
    Wine(Wine),
}

/// How a program is started under an emulator, as the root sees it.
#[derive(Debug, Clone, Default)]
pub(super) struct Start {
    /// Words before the program's own.
    pub(super) words: Vec<OsString>,
    /// Words before bubblewrap's, that let the kernel know the processor; then nothing else is needed.
    pub(super) outer: Vec<OsString>,
    /// A bubblewrap in place of the machine's own.
    pub(super) bubblewrap: Option<PathBuf>,
    /// Files of the host that must be seen: host → root.
    pub(super) binds: Vec<(PathBuf, PathBuf)>,
    /// A shell of this machine, where there is one.
    pub(super) shell: Option<PathBuf>,
    /// Environment of every program.
    pub(super) env: Vec<(&'static str, String)>,
}

/// What is known of an emulator: the words and the environment by which programs are started under it, and the programs of this machine that
/// are put into the root for it, by their digests. A version alone says too little of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Identity {
    words: Vec<String>,
    env: Vec<(&'static str, String)>,
    programs: BTreeMap<&'static str, Digest>,
}

/// How a program that failed came to its end.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Death {
    /// The signal that ended it.
    pub(super) signal: Option<i32>,
    /// Whether it was ended because its time was over.
    pub(super) timed_out: bool,
}

impl Emulator {
    /// As evidence says it.
    pub fn means(&self) -> Means {
        let (emulator, version) = match self {
            Self::Qemu(qemu) => (qemu.name.to_owned(), qemu.version.clone()),
            Self::Wine(wine) => (Means::WINE.to_owned(), wine.version.clone()),
        };
        Means::Emulated { emulator, version }
    }

    pub(super) fn identity(&self) -> Identity {
        let start = self.start();
        let words = start.outer.iter().chain(&start.words).map(|word| word.to_string_lossy().into_owned());
        let programs = match self {
            Self::Qemu(qemu) => qemu.programs.clone(),
            // All of it is in its root, which is known by the digest of its files.
            Self::Wine(_) => BTreeMap::new(),
        };
        Identity { words: words.collect(), env: start.env, programs }
    }

    pub(super) fn start(&self) -> Start {
        match self {
            Self::Qemu(qemu) => qemu.start(),
            Self::Wine(wine) => wine.start(),
        }
    }

    /// Why a failure may be the emulator's rather than the program's; none where the emulator is new enough to be believed.
    pub(super) fn doubt(&self, death: Death, said: &str) -> Option<String> {
        match self {
            Self::Qemu(qemu) => qemu.doubt(death, said),
            Self::Wine(wine) => wine.doubt(said),
        }
    }
}
