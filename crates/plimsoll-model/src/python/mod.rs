//! How Python's packages name themselves, their versions and the digests of their files: for who writes them, and for who audits them.

mod digest;
mod name;
mod version;

pub use digest::url_safe;
pub use name::{is_valid as is_valid_name, normalised as normalised_name};
pub use version::PythonVersion;
