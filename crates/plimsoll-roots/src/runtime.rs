//! Programs that load what is proven, if it is no program itself: a root must hold one besides.

use std::fmt;

use plimsoll_exec::availability::Availability;
use plimsoll_model::{RootName, Target};

use crate::{ExecEnv, Roots, Unavailable};

/// What loads libraries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Runtime {
    /// Erlang's virtual machine, with Elixir.
    Beam,
}

impl Runtime {
    /// As people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Beam => "BEAM",
        }
    }
}

impl fmt::Display for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Roots<'_> {
    /// The root of that name with a runtime in it, for `target`; as [`Roots::exec_env`] where none is asked for.
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
        match runtime {
            None => self.exec_env(name, target, host, on_line),
            Some(Runtime::Beam) => self.beam(name, target, host, on_line),
        }
    }

    /// How a runtime in the root of that name would load what is for `target` here, as [`Roots::with_runtime`] would have it.
    pub fn runtime_support(&self, runtime: Runtime, name: &RootName, target: &Target) -> Availability {
        match runtime {
            Runtime::Beam => self.beam_support(name, target),
        }
    }
}
