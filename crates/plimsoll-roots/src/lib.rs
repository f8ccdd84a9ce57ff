//! Clean places, and running probes in them.
//!
//! A root is strong by what it keeps out: `scrubbed` only clears the environment, `sandbox` is an empty root with a listed loader and libc
//! family of this host, a distribution is what users of that distribution have. A required root is never replaced by a weaker one: what cannot
//! be had is [`Unavailable`], never a weaker root. Nothing here decides what must run.

mod beam;
mod brought;
pub mod distribution;
pub mod emulator;
mod enter;
pub mod exec_env;
mod level;
mod libc;
pub mod lock;
mod named;
pub mod network;
pub mod python;
mod recipe;
pub mod root_status;
mod runtime;
pub mod sandbox;
pub mod session;
mod source;
mod target_support;
mod tree;
mod turn;
mod unpack;
mod verdict;

use std::path::PathBuf;

use plimsoll_fetch::Network;
use plimsoll_model::{RootName, RootRecord};
use plimsoll_store::Patience;

use self::libc::Processor;
use self::named::Origin;
use plimsoll_exec::bubblewrap::{Isolation, NoIsolation};
use plimsoll_exec::locate::Toolbox;

pub use self::beam::evaluator::{Evaluation, Evaluator};
pub use self::beam::versions::{BEAM_ROOTS, BeamRoot};
pub use self::distribution::DistributionRoot;
pub use self::exec_env::ExecEnv;
pub use self::named::Sources;
pub use self::network::{HarborNetwork, NetworkAccess};
pub use self::python::versions::{PYTHON_ROOTS, PythonRoot};
pub use self::runtime::Runtime;
pub use self::sandbox::SandboxRoot;
pub use self::session::{Placement, Session};
pub use self::source::{RootArchive, RootSource};
pub use self::target_support::TargetSupport;
pub use self::verdict::{missing_library, signal_name};

/// A clean place that can be entered.
#[derive(Debug, Clone)]
pub enum Root {
    /// The host with an environment of the probe's own.
    Scrubbed,
    /// An empty root with the host's loader and libc family.
    Sandbox(SandboxRoot),
    /// A distribution's minimal system.
    Distribution(DistributionRoot),
}

/// What a root keeps out; later is stronger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// The environment.
    Scrubbed,
    /// Everything but the listed files of the host.
    Sandbox,
    /// Everything of the host.
    Distribution,
}

/// Why a root cannot be had on this machine now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unavailable {
    /// Nothing on this machine could make it; another machine might: a reason for `NotRun`.
    #[error("{0}")]
    Elsewhere(String),
    /// What makes it here is not installed.
    #[error("{0}")]
    ToolMissing(String),
    /// It was tried here, and it did not come about.
    #[error("{0}")]
    Failed(String),
}

/// Where roots are kept and what makes them.
pub struct Roots<'a> {
    /// Folder of the cached roots.
    pub folder: PathBuf,
    /// Finds mmdebstrap, debootstrap and bubblewrap.
    pub toolbox: &'a Toolbox,
    /// bubblewrap, where it works.
    pub isolation: Result<&'a Isolation, &'a NoIsolation>,
    /// Another Debian mirror than the tools' own default: `PLIMSOLL_DEBIAN_MIRROR`.
    pub debian_mirror: Option<String>,
    /// Where named roots come from.
    pub sources: Sources,
    /// What archives are downloaded over.
    pub network: Network,
    /// What happens while another process makes the same root.
    pub patience: &'a Patience,
    /// Seconds since 1970 (UTC): kept beside a root that is made now.
    pub now: u64,
}

#[cfg(test)]
impl<'a> Roots<'a> {
    /// Those of tests: no root is declared, no archive is downloaded, and the clock stands at 0.
    pub(crate) fn offline(folder: PathBuf, toolbox: &'a Toolbox, isolation: Result<&'a Isolation, &'a NoIsolation>) -> Self {
        let patience = Box::leak(Box::default());
        let network = Network::new(Some(plimsoll_fetch::Offline::Asked), plimsoll_fetch::Patience::default());
        Self { folder, toolbox, isolation, debian_mirror: None, sources: Sources::default(), network, patience, now: 0 }
    }
}

impl Roots<'_> {
    /// The root of that name, made where it is not there yet, which takes about a minute for a distribution; `on_line` hears of it.
    ///
    /// # Errors
    /// [`Unavailable`], never another root.
    pub fn open(&self, name: &RootName, on_line: &mut dyn FnMut(&str)) -> Result<Root, Unavailable> {
        match name.as_str() {
            "scrubbed" => Ok(Root::Scrubbed),
            "sandbox" => sandbox::open(&self.folder, self.isolation()?, self.toolbox.launcher()).map(Root::Sandbox),
            _ => {
                self.isolation()?;
                let machine =
                    Processor::this().ok_or_else(|| Unavailable::Elsewhere("no list of loaders for this processor".to_owned()))?;
                let origin = self.sources.origin(name, machine)?;
                let root = match &origin {
                    Origin::Debian => distribution::open(self, name, on_line),
                    Origin::Archive(_) | Origin::Image { .. } => brought::obtain(self, name, machine, &origin, on_line),
                };
                root.map(Root::Distribution)
            }
        }
    }

    fn isolation(&self) -> Result<&Isolation, Unavailable> {
        self.isolation.map_err(|error| match error {
            NoIsolation::OtherSystem => Unavailable::Elsewhere(error.to_string()),
            NoIsolation::Tool(_) => Unavailable::ToolMissing(error.to_string()),
            NoIsolation::Forbidden { .. } | NoIsolation::Launch(_) => Unavailable::Failed(error.to_string()),
        })
    }
}

impl Root {
    /// How strong.
    pub const fn strength(&self) -> Strength {
        match self {
            Self::Scrubbed => Strength::Scrubbed,
            Self::Sandbox(_) => Strength::Sandbox,
            Self::Distribution(_) => Strength::Distribution,
        }
    }

    /// What evidence says about it. `name` is the plan's name for it.
    pub fn record(&self, name: &RootName, isolation: Option<&Isolation>) -> RootRecord {
        let isolated = || isolation.map_or_else(|| "none".to_owned(), Isolation::label);
        let (digest, libc, source, isolation) = match self {
            Self::Scrubbed => (None, None, None, "environment only".to_owned()),
            Self::Sandbox(root) => (Some(root.digest), root.offered.first(), None, isolated()),
            Self::Distribution(root) => (Some(root.digest), root.libc.clone(), Some(root.made_by.clone()), isolated()),
        };
        RootRecord { name: name.clone(), digest, libc, source, isolation }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strength_grows() {
        assert!(Strength::Scrubbed < Strength::Sandbox && Strength::Sandbox < Strength::Distribution);
        assert_eq!(Root::Scrubbed.strength(), Strength::Scrubbed);
    }

    #[test]
    fn on_another_system_a_root_is_elsewhere_and_nothing_is_to_be_installed() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let launcher = plimsoll_exec::launcher::Launcher::new().unwrap();
        let toolbox = Toolbox::new(at("tools"), at("memory.json"), std::collections::BTreeMap::new(), launcher);
        let roots = Roots::offline(at("roots"), &toolbox, Err(&NoIsolation::OtherSystem));
        let strength = |name: &str| roots.open(&name.parse().unwrap(), &mut |_| {}).map(|root| root.strength());
        assert_eq!(strength("scrubbed"), Ok(Strength::Scrubbed));
        for name in ["sandbox", "debian:12"] {
            assert_eq!(strength(name), Err(Unavailable::Elsewhere("needs Linux".to_owned())), "{name}");
        }
    }
}
