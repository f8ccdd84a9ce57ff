//! How Python's packages name themselves, their versions, conditions on these, and the digests of their files: for who writes them, and for who audits them.

mod digest;
mod name;
mod specifiers;
mod version;

pub use digest::url_safe;
pub use name::{is_valid as is_valid_name, normalised as normalised_name};
pub use specifiers::{InvalidSpecifiers, Specifiers};
pub use version::PythonVersion;
