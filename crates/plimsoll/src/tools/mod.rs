//! The only place that starts a program: launching, the budget of cores, finding and installing tools.
//!
//! Nothing here knows what a product or an artifact is.

pub mod bubblewrap;
pub mod cores;
pub mod doctor;
pub mod engine;
pub mod fixed_path;
pub mod inherited;
pub mod install;
pub mod launcher;
pub mod locate;
pub mod metadata;
pub mod pins;
pub mod remembered;
pub mod system;
pub mod tool;
pub mod toolchain_pin;
pub mod zig;
