//! Publishing: a sealed release into registries, complete before it is visible.
//!
//! Takes a [`Release`](plimsoll_model::Release), which holds only Proven artifacts; there is no other way in.

pub mod folder;

pub use folder::{FolderRegistry, Published};
