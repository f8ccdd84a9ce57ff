//! What wheels and sdists share: names, versions, metadata, and what an audit says.

mod audit;
mod code;
mod digest;
mod finding;
mod headers;
mod metadata;
mod name;
mod requirement;
mod specifier;
mod version;

pub use audit::{Audit, LowestTag, PackageBinary, PackageForm, audit};
pub(crate) use audit::{is_bearable, largest_bearable};
pub use code::PackageCode;
pub(crate) use digest::url_safe;
pub use finding::PackageFinding;
pub(crate) use finding::{Findings, printable};
pub(crate) use headers::Headers;
pub(crate) use metadata::{Expected, judge as judge_metadata};
pub(crate) use name::is_valid as is_valid_name;
pub use name::normalised as normalised_name;
pub use version::PythonVersion;
