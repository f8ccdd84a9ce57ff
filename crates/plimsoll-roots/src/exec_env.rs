//! Where programs of a target are tried: a root, and what emulates the target where this machine is another.

use plimsoll_model::{Means, RootName, RootRecord, Target};

use super::emulator::{Emulator, Identity, Qemu, Wine};
use super::named::Origin;
use super::recipe::{Recipe, processor_of};
use super::{DistributionRoot, NetworkAccess, Root, Roots, Unavailable, brought, distribution, sandbox};
use plimsoll_exec::bubblewrap::Isolation;

/// A root that a target's programs can be run in.
#[derive(Debug, Clone)]
pub struct ExecEnv {
    /// The place.
    pub root: Root,
    /// What emulates; none on a machine of the target's own kind.
    pub emulator: Option<Emulator>,
    /// What programs can reach by network.
    pub network: NetworkAccess,
}

impl ExecEnv {
    /// What evidence says of the place. `name` is the plan's name for it.
    pub fn record(&self, name: &RootName, isolation: Option<&Isolation>) -> RootRecord {
        let record = self.root.record(name, isolation);
        match self.emulator {
            // The system around it is wine's, and no user's.
            Some(Emulator::Wine(_)) => RootRecord { libc: None, isolation: format!("{}, a fresh prefix", record.isolation), ..record },
            Some(Emulator::Qemu(_)) | None => record,
        }
    }

    /// The same about what programs saw that name these loaders (none: a static program). A distribution is what it is, whatever is run in
    /// it; the sandbox offers the libraries of glibc and of musl, and is told by those that were used.
    pub fn narrowed(&self, record: RootRecord, loaders: &[Option<String>]) -> RootRecord {
        match &self.root {
            Root::Sandbox(root) if !loaders.is_empty() => RootRecord { libc: root.offered.to(loaders), ..record },
            Root::Sandbox(_) | Root::Distribution(_) | Root::Scrubbed => record,
        }
    }

    /// What a remembered result depends on of what emulates, beside what evidence says of it.
    pub fn emulator_identity(&self) -> Option<Identity> {
        self.emulator.as_ref().map(Emulator::identity)
    }

    /// As evidence says it.
    pub fn means(&self) -> Means {
        self.emulator.as_ref().map_or(Means::Native, Emulator::means)
    }
}

impl Roots<'_> {
    /// The root of that name for programs of `target`; made where it is not there yet, emulators included. `on_line` hears of it.
    ///
    /// # Errors
    /// [`Unavailable`], never another root.
    pub fn exec_env(&self, name: &RootName, target: &Target, host: &Target, on_line: &mut dyn FnMut(&str)) -> Result<ExecEnv, Unavailable> {
        match target.os() {
            os if os == host.os() && target.arch() == host.arch() => {
                Ok(ExecEnv { root: self.open(name, on_line)?, emulator: None, network: NetworkAccess::None })
            }
            "windows" if host.os() == "linux" && target.arch() == host.arch() => self.windows(on_line),
            "linux" if host.os() == "linux" => self.foreign(name, target, on_line),
            "windows" => Err(Unavailable::Elsewhere(format!("needs {} on {}", target.runner(), target.arch()))),
            _ => Err(Unavailable::Elsewhere(format!("needs {}", target.runner()))),
        }
    }

    fn windows(&self, on_line: &mut dyn FnMut(&str)) -> Result<ExecEnv, Unavailable> {
        self.isolation()?;
        let wine = Wine::find(self, on_line)?;
        Ok(ExecEnv { root: Root::Distribution(wine.system.clone()), emulator: Some(Emulator::Wine(wine)), network: NetworkAccess::None })
    }

    fn foreign(&self, name: &RootName, target: &Target, on_line: &mut dyn FnMut(&str)) -> Result<ExecEnv, Unavailable> {
        let elsewhere = |reason: &Unavailable| Unavailable::Elsewhere(format!("needs Linux on {}: {reason}", target.arch()));
        let processor = processor_of(target)
            .ok_or_else(|| Unavailable::Elsewhere(format!("needs Linux on {}, which has no emulator here", target.arch())))?;
        if name.as_str() == "scrubbed" {
            return Err(Unavailable::Elsewhere(format!("needs Linux on {}: the root `scrubbed` is the machine itself", target.arch())));
        }
        self.isolation()?;
        let made = |recipe: Option<Recipe>, on_line: &mut dyn FnMut(&str)| -> Result<DistributionRoot, Unavailable> {
            let recipe = recipe.ok_or_else(|| Unavailable::Elsewhere(format!("no provider here makes {name}")))?;
            distribution::obtain(self, &recipe, on_line).map_err(|reason| elsewhere(&reason))
        };
        let root = if name.as_str() == "sandbox" {
            let libraries = made(Recipe::foreign_libraries(processor), on_line)?;
            sandbox::open_foreign(&self.folder, &libraries.folder, processor).map(Root::Sandbox)?
        } else {
            Root::Distribution(match self.sources.origin(name, processor).map_err(|reason| elsewhere(&reason))? {
                Origin::Debian => made(Recipe::foreign_distribution(name, processor), on_line)?,
                // An archive or image that is not what was locked is no gap.
                origin => match brought::obtain(self, name, processor, &origin, on_line) {
                    Err(reason @ (Unavailable::Elsewhere(_) | Unavailable::ToolMissing(_))) => return Err(elsewhere(&reason)),
                    root => root?,
                },
            })
        };
        let qemu = Qemu::find(self, processor, on_line).map_err(|reason| elsewhere(&reason))?;
        Ok(ExecEnv { root, emulator: Some(Emulator::Qemu(qemu)), network: NetworkAccess::None })
    }
}
