//! Roots with a BEAM: a distribution's own Erlang and Elixir, for libraries that nothing else loads.

pub mod evaluator;
pub(super) mod musl;
pub mod versions;

use plimsoll_model::{Libc, RootName, Target};

use super::emulator::{Emulator, Qemu};
use super::libc::Processor;
use super::recipe::{Recipe, processor_of};
use super::{ExecEnv, NetworkAccess, Root, Roots, Unavailable, distribution};

impl Roots<'_> {
    /// The root of that name with a BEAM that loads libraries of `target`; made where it is not there yet.
    ///
    /// # Errors
    /// [`Unavailable`], never another root.
    pub fn beam(&self, name: &RootName, target: &Target, host: &Target, on_line: &mut dyn FnMut(&str)) -> Result<ExecEnv, Unavailable> {
        let elsewhere = |what: String| Unavailable::Elsewhere(what);
        let (recipe, processor) = recipe(name, target, host.os()).map_err(elsewhere)?;
        self.isolation()?;
        let is_foreign = recipe.architecture.is_some();
        let root = distribution::obtain(self, &recipe, on_line).map_err(|reason| match reason {
            Unavailable::Elsewhere(reason) => elsewhere(format!("needs a BEAM on {}: {reason}", target.arch())),
            reason => reason,
        })?;
        let emulator = if is_foreign {
            // The BEAM starts programs of its own, which the kernel must know.
            let qemu = Qemu::find(self, processor, on_line)?
                .registered(self.toolbox)
                .map_err(|reason| elsewhere(format!("needs a BEAM on {}: {reason}", target.arch())))?;
            Some(Emulator::Qemu(qemu))
        } else {
            None
        };
        Ok(ExecEnv { root: Root::Distribution(root), emulator, network: NetworkAccess::None })
    }
}

/// What a root with a BEAM for libraries of `target` is made by, and its processor.
///
/// # Errors
/// Who else could load them.
pub(super) fn recipe(name: &RootName, target: &Target, host_os: &str) -> Result<(Recipe, &'static Processor), String> {
    match (target.os(), target.libc()) {
        ("linux", Some(Libc::Gnu | Libc::Musl)) if host_os == "linux" => {}
        ("macos" | "windows", _) => return Err(format!("needs a BEAM on {}", target.runner())),
        _ => return Err(format!("needs a BEAM on {target}")),
    }
    let processor = processor_of(target).ok_or_else(|| format!("needs a BEAM on {}", target.arch()))?;
    let is_musl = target.libc() == Some(Libc::Musl);
    if is_musl && !musl::BUILT.contains(&processor.arch) {
        return Err(format!("needs a BEAM for musl on {}; here one is built for {}", target.arch(), musl::BUILT.join(", ")));
    }
    let recipe = if is_musl { Recipe::musl_beam(name, processor) } else { Recipe::beam(name, processor) };
    let recipe = recipe.ok_or_else(|| format!("no BEAM is known in the root {name}; those of Debian have one ({})", Recipe::known()))?;
    Ok((recipe, processor))
}
