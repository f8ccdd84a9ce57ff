//! The only crate that starts a program: launching, the budget of cores, isolation, finding and installing tools, asking git; and the only one that
//! reads the caller's environment.
//!
//! Nothing here knows what a product or an artifact is.

pub mod availability;
pub mod bubblewrap;
pub mod cores;
pub mod engine;
pub mod environment;
pub mod fixed_path;
pub mod git;
pub mod inherited;
pub mod install;
pub mod interrupt;
pub mod itself;
pub mod launcher;
pub mod locate;
pub mod metadata;
#[cfg(target_os = "linux")]
pub mod namespaces;
#[cfg(not(target_os = "linux"))]
#[path = "namespaces/elsewhere.rs"]
pub mod namespaces;
pub mod pins;
pub mod remembered;
pub mod system;
pub mod tool;
pub mod toolchain_pin;
pub mod zig;
