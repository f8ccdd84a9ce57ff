//! One version: a single source, carried to every file in its own dialect, checked before anything is built.
//!
//! [`VersionSpec`] (from the manifest) → [`Survey`] (every place, as it is) → [`Change`] (the new text of every file, made and read again in
//! memory) → [`journal`] (all files or none). Must not resolve dependencies, and must not write anything that was not read again first.

mod bump;
mod calendar;
mod cargo;
mod change;
pub mod changelog;
mod dialect;
mod diff;
mod format;
pub mod journal;
pub mod line;
mod packages;
mod path;
mod place;
mod release;
mod source;
mod spec;
mod survey;
mod tag;

pub use bump::{Bump, BumpError, Level, guard};
pub use calendar::date;
pub use change::{Change, FileChange};
pub use dialect::{ApkVersion, DebianVersion, Dialect, NpmVersion, Pep440Version, RpmVersion, Unheard, Unsayable};
pub use format::{Format, InvalidPattern, Pattern};
pub use line::LineFile;
pub use packages::base;
pub use place::{Edit, Place, Stamp};
pub use release::{Binding, Heading, bind, bind_usual};
pub use source::{says, source_of_package};
pub use spec::{Reading, VersionFile, VersionSpec};
pub use survey::{Role, Survey, Surveyed};
pub use tag::{InvalidTag, TagForm};

/// The text of a file of the project at `root`, a canonical folder.
///
/// # Errors
/// Where it is no file of text inside of the project.
pub fn text(root: &std::path::Path, path: &str) -> Result<String, plimsoll_model::Failure> {
    survey::read(root, path)
}
