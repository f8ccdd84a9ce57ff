//! The build stage: sources → Products. One action is one invocation of cargo, or of the project's own command.
//!
//! A build's outputs are blobs; work and target folders only make it faster. Nothing here packs or judges.

pub(crate) mod apple;
pub mod asks_git;
pub mod builders;
mod called;
mod cargo;
pub mod cargo_config;
mod command;
mod compilers;
mod complaint;
mod crate_roots;
mod cross;
mod dep_info;
pub mod environment;
mod failed;
mod generated;
mod identity;
mod invocation;
mod lacking;
mod launching;
mod link_flags;
mod messages;
pub mod own_settings;
mod packages;
pub mod paths;
mod possible;
mod prebuilt;
mod progress;
mod reads;
mod repository;
mod rustflags;
mod shared_folder;
mod stage;
pub mod toolchain;
mod xwin;

pub use builders::Builders;
pub use called::called_for;
pub use environment::BuildEnvironment;
pub use possible::possible;
pub use rustflags::target_variable;
pub use shared_folder::shared_folder;
pub use stage::{BuildRequest, BuildStage, Product};
pub use toolchain::Toolchain;

#[cfg(test)]
mod tests;
