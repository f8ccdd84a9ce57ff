//! The consumer of a release: finds the artifact for a machine, downloads it, verifies it, unpacks it, or says how to build from source.
//!
//! For build scripts ([`BuildScript`]) and for `plimsoll fetch` and `plimsoll verify`. Blocking. Starts no program, prints nothing, reads the
//! environment in one place ([`Environment`]), holds no credentials, and believes no byte before its digest was computed.

mod build_script;
mod cache;
mod choose;
mod environment;
mod fetch;
mod finding;
mod kinds;
mod machine;
mod place;
mod platform;
mod programs;
pub mod registry;
mod source;
mod stage;
mod sums;
pub mod unpack;
mod verify;

pub use build_script::{BuildScript, BuildScriptError, Found, Missing};
pub use cache::CacheError;
pub use choose::{Fit, NoFit, Refusal, Selection, choose};
pub use environment::{Environment, Offline};
pub use fetch::{FetchError, Fetched, Request, Resolved, Wish, fetch, resolve};
pub use finding::{Finding, Problem};
pub use machine::Machine;
pub use place::PlaceError;
pub use programs::LacksProgram;
pub use source::{FilePlace, InvalidSource, MAX_DOCUMENT, Network, OpenError, Opened, Patience, Source, is_plain_path};
pub use verify::{Look, Report, verify, verify_each};
