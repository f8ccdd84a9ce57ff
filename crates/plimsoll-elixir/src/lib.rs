//! What a package's Elixir sources say of its native library: the module that says `use RustlerPrecompiled`, and the project in mix.exs. Both are
//! then held against what the manifest says.
//!
//! Elixir alone knows what its code comes to; [`SCRIPT`] has it evaluated, and [`Evaluated`] is the answer. The text gives the places, and is what
//! is read without a BEAM: only literals, and what leads to one in a way that can be followed: a module attribute, a variable that is set once, the
//! project's own configuration. Everything else is *not literal*: told with its place, and never guessed. Pure: texts in, facts out.

mod block;
mod checker;
mod compare;
mod defaults;
mod evaluated;
mod expression;
mod files;
mod location;
mod make;
mod mix;
mod module;
mod parse;
mod project;
mod released;
mod requirement;
mod scope;
mod tokens;
mod version;

#[cfg(test)]
mod tests;

pub use block::{Block, use_block};
pub use compare::{Against, Facts, Mismatch, TargetState, Unread, check, unread, unread_of_mix};
pub use defaults::{DEFAULT_NIF_VERSIONS, DEFAULT_TARGETS};
pub use evaluated::{Evaluated, MOST_ANSWER, NoAnswer, SCRIPT};
pub use files::is_packaged;
pub use location::{ElixirError, Location, Read};
pub use make::{MakeBlock, check_make, make_block};
pub use mix::{MakeSettings, MixDependency, MixProject, read_mix};
pub use module::{Precompiled, read_modules};
pub use project::{ElixirProject, RustlerModule, Teller};
pub use released::{Released, contradicting};
pub use requirement::{InvalidRequirement, Requirement};
pub use version::{MixVersion, mix_version};
