//! Roots with a BEAM: a distribution's own Erlang and Elixir, for libraries that nothing else loads.

pub mod evaluator;
pub(super) mod musl;
pub mod versions;

use plimsoll_model::{Libc, RootName, Target};

use super::libc::Processor;
use super::recipe::Recipe;

/// What a root with a BEAM for libraries of `target` is made by.
///
/// # Errors
/// Who else could load them.
pub(super) fn recipe(name: &RootName, target: &Target, processor: &Processor) -> Result<Recipe, String> {
    let is_musl = target.libc() == Some(Libc::Musl);
    if is_musl && !musl::BUILT.contains(&processor.arch) {
        return Err(format!("needs a BEAM for musl on {}; here one is built for {}", target.arch(), musl::BUILT.join(", ")));
    }
    let recipe = if is_musl { Recipe::musl_beam(name, processor) } else { Recipe::beam(name, processor) };
    recipe.ok_or_else(|| format!("no BEAM is known in the root {name}; those of Debian have one ({})", Recipe::known()))
}
