//! Programs that load or install what is proven, if it is no program itself: a root must hold one besides.

use std::fmt;

use plimsoll_model::{Libc, RootName, Target};

use super::emulator::{Emulator, Qemu};
use super::libc::Processor;
use super::recipe::{Recipe, processor_of};
use super::{ExecEnv, NetworkAccess, Root, Roots, Unavailable, beam, distribution, python};

/// What loads or installs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Runtime {
    /// Erlang's virtual machine, with Elixir.
    Beam,
    /// Python, with what makes virtual environments.
    Python,
}

impl Runtime {
    /// As people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Beam => "BEAM",
            Self::Python => "Python",
        }
    }

    /// As it stands behind `needs`.
    pub const fn needed(self) -> &'static str {
        match self {
            Self::Beam => "a BEAM",
            Self::Python => "Python",
        }
    }

    /// As it stands behind `mmdebstrap, which brings`.
    pub(super) const fn brought(self) -> &'static str {
        match self {
            Self::Beam => "the Erlang and Elixir",
            Self::Python => "the Python",
        }
    }

    /// What a root with it for what is for `target` is made by, and its processor.
    ///
    /// # Errors
    /// Who else could load that.
    pub(super) fn recipe(self, name: &RootName, target: &Target, host_os: &str) -> Result<(Recipe, &'static Processor), String> {
        let needs = format!("needs {}", self.needed());
        match (target.os(), target.libc()) {
            ("linux", Some(Libc::Gnu | Libc::Musl)) if host_os == "linux" => {}
            ("macos" | "windows", _) => return Err(format!("{needs} on {}", target.runner())),
            _ => return Err(format!("{needs} on {target}")),
        }
        let processor = processor_of(target).ok_or_else(|| format!("{needs} on {}", target.arch()))?;
        let recipe = match self {
            Self::Beam => beam::recipe(name, target, processor),
            Self::Python => python::recipe(name, target, processor),
        };
        recipe.map(|recipe| (recipe, processor))
    }
}

impl fmt::Display for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Roots<'_> {
    /// The root of that name with a runtime in it, for `target`; as [`Roots::exec_env`] where none is asked for. Made where it is not there yet.
    ///
    /// # Errors
    /// [`Unavailable`], never another root.
    pub fn with_runtime(
        &self,
        runtime: Option<Runtime>,
        name: &RootName,
        target: &Target,
        host: &Target,
        on_line: &mut dyn FnMut(&str),
    ) -> Result<ExecEnv, Unavailable> {
        let Some(runtime) = runtime else { return self.exec_env(name, target, host, on_line) };
        let elsewhere = |what: String| Unavailable::Elsewhere(what);
        let (recipe, processor) = runtime.recipe(name, target, host.os()).map_err(elsewhere)?;
        self.isolation()?;
        let needs = |reason: String| elsewhere(format!("needs {} on {}: {reason}", runtime.needed(), target.arch()));
        let root = distribution::obtain(self, &recipe, on_line).map_err(|reason| match reason {
            Unavailable::Elsewhere(reason) => needs(reason),
            reason => reason,
        })?;
        let emulator = if recipe.architecture.is_some() {
            // A runtime starts programs of its own, which the kernel must know.
            Some(Emulator::Qemu(Qemu::find(self, processor, on_line)?.registered(self.toolbox).map_err(needs)?))
        } else {
            None
        };
        Ok(ExecEnv { root: Root::Distribution(root), emulator, network: NetworkAccess::None })
    }
}
