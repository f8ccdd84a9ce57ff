//! Publishing: a sealed release into registries, complete before it is visible.
//!
//! Takes a [`Release`](plimsoll_model::Release), which holds only Proven artifacts; there is no other way in.

pub mod folder;

mod claims;
mod files;
mod place;
mod standing;

pub use folder::{FolderRegistry, Published};
pub use place::registry;
pub use standing::{Standing, There};
