//! What wheels and sdists share: metadata, and what an audit says. Names and versions are the model's.

mod audit;
mod code;
mod finding;
mod headers;
mod metadata;
mod requirement;
mod specifier;

pub use audit::{Audit, LowestTag, PackageBinary, PackageForm, audit};
pub(crate) use audit::{is_bearable, largest_bearable};
pub use code::PackageCode;
pub use finding::PackageFinding;
pub(crate) use finding::{Findings, printable};
pub(crate) use headers::Headers;
pub(crate) use metadata::{Expected, judge as judge_metadata};
pub use plimsoll_model::python::{PythonVersion, normalised_name};
pub(crate) use plimsoll_model::python::{is_valid_name, url_safe};
