//! The form of a folder registry, local or over HTTP: its paths, and its index. The publisher writes by the same rules as the consumer reads.
//!
//! ```text
//! {base}/{name}/index.json            RegistryIndex
//! {base}/{name}/{version}/            the files of a release, flat:
//!     release.json  SHA256SUMS  {artifact} …  evidence/{statement} …
//! ```

use plimsoll_model::Name;
use plimsoll_model::json::bounded_list;
pub use plimsoll_model::release::{EVIDENCE_FOLDER, RELEASE_FILE, SUMS_FILE, evidence_path};
use semver::Version;
use serde::{Deserialize, Serialize};

/// Number of the index's form; a reader refuses a greater one.
pub const INDEX_SCHEMA: u32 = 1;

/// More versions than anything has.
const MOST_VERSIONS: usize = 100_000;

/// `index.json`: the versions of one name. Fields of later writers are passed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistryIndex {
    /// [`INDEX_SCHEMA`].
    pub schema: u32,
    /// The name.
    pub name: Name,
    /// Every published version, in ascending order.
    #[serde(deserialize_with = "bounded_list::<_, _, MOST_VERSIONS>")]
    pub versions: Vec<Version>,
    /// The greatest version that is no pre-release; none while there are only those.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest: Option<Version>,
}

/// Bytes that are no index of the name that was asked for.
#[derive(Debug, thiserror::Error)]
pub enum InvalidIndex {
    /// Not JSON, or fields missing or of the wrong form.
    #[error("not a registry index: {0}")]
    Form(#[from] serde_json::Error),
    /// Written by a newer plimsoll.
    #[error("registry index of schema {0}, and this version reads up to {INDEX_SCHEMA}")]
    Newer(u32),
    /// The index of something else.
    #[error("the index of `{is}`, not of `{wanted}`")]
    OtherName {
        /// The name in the index.
        is: Name,
        /// The name that was asked for.
        wanted: Name,
    },
}

impl RegistryIndex {
    /// An index without versions.
    pub fn new(name: Name) -> Self {
        Self { schema: INDEX_SCHEMA, name, versions: Vec::new(), latest: None }
    }

    /// Reads the index of `name`.
    ///
    /// # Errors
    /// [`InvalidIndex`].
    pub fn parse(bytes: &[u8], name: &Name) -> Result<Self, InvalidIndex> {
        plimsoll_model::unique_keys::demand(bytes)?;
        let index: Self = serde_json::from_slice(bytes)?;
        if index.schema > INDEX_SCHEMA {
            return Err(InvalidIndex::Newer(index.schema));
        }
        if index.name != *name {
            return Err(InvalidIndex::OtherName { is: index.name, wanted: name.clone() });
        }
        Ok(index)
    }

    /// Adds a version, keeps the order, and sets `latest`. One that is there already changes nothing.
    pub fn add(&mut self, version: Version) {
        if let Err(at) = self.versions.binary_search(&version) {
            self.versions.insert(at, version);
        }
        self.latest = self.choose_latest(false).cloned();
    }

    /// The greatest version by SemVer; pre-releases count only if asked for. The stated `latest` is not relied on.
    pub fn choose_latest(&self, pre_releases: bool) -> Option<&Version> {
        self.versions.iter().filter(|version| pre_releases || version.pre.is_empty()).max()
    }

    /// The bytes of `index.json`.
    pub fn to_bytes(&self) -> Vec<u8> {
        plimsoll_model::document_json(self)
    }
}

/// `{name}/index.json`.
pub fn index_path(name: &Name) -> String {
    format!("{name}/index.json")
}

/// `{name}/{version}`: the folder of a release.
pub fn release_folder(name: &Name, version: &Version) -> String {
    format!("{name}/{version}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        text.parse().unwrap()
    }

    #[test]
    fn latest_goes_by_semver_and_leaves_pre_releases_out() {
        let mut index = RegistryIndex::new("tool".parse().unwrap());
        index.add(version("2.0.0-rc.1"));
        assert_eq!((index.latest.as_ref(), index.choose_latest(true)), (None, Some(&version("2.0.0-rc.1"))));
        for text in ["1.10.0", "1.9.0", "1.10.0"] {
            index.add(version(text));
        }
        assert_eq!(index.latest, Some(version("1.10.0")));
        assert_eq!(index.versions, ["1.9.0", "1.10.0", "2.0.0-rc.1"].map(version));
        assert_eq!(RegistryIndex::parse(&index.to_bytes(), &index.name).unwrap(), index);
    }

    #[test]
    fn other_names_and_newer_forms_are_refused() {
        let tool = "tool".parse().unwrap();
        let parse = |text: &str| RegistryIndex::parse(text.as_bytes(), &tool);
        assert!(parse(r#"{"schema":1,"name":"tool","versions":["1.0.0"],"later":true}"#).is_ok());
        assert!(matches!(parse(r#"{"schema":2,"name":"tool","versions":[]}"#), Err(InvalidIndex::Newer(2))));
        assert!(matches!(parse(r#"{"schema":1,"name":"other","versions":[]}"#), Err(InvalidIndex::OtherName { .. })));
        assert!(matches!(parse(r#"{"schema":1,"name":"tool","versions":["../1"]}"#), Err(InvalidIndex::Form(_))));
    }
}
