//! The open names by which documents refer to things, and the closed rules for writing them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::target::Target;

/// Text that cannot be a name in a plan or release.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a valid {what}: {rule}")]
pub struct InvalidName {
    text: String,
    what: &'static str,
    rule: &'static str,
}

/// What every release page keeps as it is. GitHub writes `.` for all else, for `+` too.
fn is_plain(text: &str) -> bool {
    let sound = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    text.bytes().all(sound) && text.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric)
}

/// The longest name, in bytes: several of them are joined to ids and to file names.
const LONGEST_NAME: usize = 128;

/// `+` stands in versions, and between a core and its variant.
fn is_name(text: &str) -> bool {
    text.len() <= LONGEST_NAME && !text.starts_with('+') && is_plain(&text.replace('+', "-"))
}

/// An artifact's name becomes a part of file names, those of evidence among them.
fn is_artifact_name(text: &str) -> bool {
    text.len() <= LONGEST_NAME && is_plain(text)
}

/// Names with `/` between them: an id that is made of other names.
fn is_path_of_names(text: &str) -> bool {
    text.len() <= 512 && text.split('/').all(is_plain)
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $what:literal, $rule:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidName;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let check: fn(&str) -> bool = $check;
                if check(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(InvalidName { text: text.chars().take(80).collect(), what: $what, rule: $rule })
                }
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }

        #[cfg(feature = "schema")]
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "description": $rule })
            }
        }
    };
}

name! {
    /// A release's, artifact's or core's name. An artifact's is a part of file names and has no `+`: [`Name::is_artifact`].
    Name, "name", "letters, digits, `.`, `_`, `-` and `+`, starting with a letter or digit", is_name
}

name! {
    /// What kind of artifact a file is: `archive`, `static` … An open string, so that an old reader accepts a new release.
    KindName, "kind", "lowercase letters, digits and `-`",
    |text| !text.is_empty() && text.len() <= 32 && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

name! {
    /// A file name of a release asset: no folder, no leading dot, no character that a release page would change. Up to 255 bytes, which is
    /// `NAME_MAX` of common file systems.
    FileName, "file name", "letters, digits, `.`, `_` and `-`, starting with a letter or digit, at most 255",
    |text| text.len() <= 255 && is_plain(text)
}

name! {
    /// `core/target`: one core compiled for one target.
    ProductId, "product id", "`core/target`",
    |text| text.split_once('/').is_some_and(|(core, target)| is_name(core) && target.parse::<Target>().is_ok())
}

name! {
    /// Names a payload: after the first artifact that is filled with it.
    PayloadId, "payload id", "letters, digits, `.`, `_`, `-` and `/`", |text| is_path_of_names(text)
}

name! {
    /// Names a trial: what is tried, for which target if that does not tell, and the root: `archive.main/x86_64-unknown-linux-gnu/debian:12`.
    TrialId, "trial id", "letters, digits, `.`, `_`, `-`, `/` and `:`", |text| is_path_of_names(&text.replace(':', "-"))
}

name! {
    /// A clean place by name: `scrubbed`, `sandbox`, or a distribution such as `debian:12`.
    RootName, "root", "`scrubbed`, `sandbox`, or a distribution as `name:version`",
    |text| {
        let word = |part: &str| {
            !part.is_empty() && part.len() <= 32 && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-')
        };
        matches!(text, "scrubbed" | "sandbox") || text.split_once(':').is_some_and(|(name, version)| word(name) && word(version))
    }
}

name! {
    /// A node of the plan: `stage/subject`, such as `build/app/x86_64-unknown-linux-gnu`.
    NodeId, "node id", "`stage/subject`", |text| text.contains('/') && text.len() <= 256 && !text.chars().any(char::is_control)
}

impl KindName {
    /// The name of a kind that this version knows.
    pub(crate) fn of_ours(name: &'static str) -> Self {
        Self(name.to_owned())
    }
}

impl Name {
    /// Whether an artifact may have the name.
    pub fn is_artifact(&self) -> bool {
        is_artifact_name(&self.0)
    }
}

/// Which artifact: its kind, its name, and the target if it fits just one. Written `kind.name/target`, or `kind.name` for what fits several or any:
/// `archive.main/x86_64-unknown-linux-gnu`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArtifactId {
    /// As written; first, so that ids are ordered as they are read.
    text: String,
    /// Up to the target.
    label: String,
    target: Option<Target>,
}

impl ArtifactId {
    /// The id of an artifact of `kind` and `name`, for `target` or for none.
    pub fn new(kind: &KindName, name: &Name, target: Option<&Target>) -> Self {
        let label = format!("{kind}.{name}");
        let text = target.map_or_else(|| label.clone(), |target| format!("{label}/{target}"));
        Self { text, label, target: target.cloned() }
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The target; none for what fits several or any.
    pub const fn target(&self) -> Option<&Target> {
        self.target.as_ref()
    }

    /// `kind.name`: what a person selects with `--only`.
    pub fn label(&self) -> &str {
        &self.label
    }
}

impl fmt::Display for ArtifactId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for ArtifactId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ArtifactId({})", self.text)
    }
}

impl FromStr for ArtifactId {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = || {
            let (label, target) = text.split_once('/').map_or((text, None), |(label, target)| (label, Some(target)));
            let (kind, name) = label.split_once('.')?;
            let name = name.parse::<Name>().ok().filter(Name::is_artifact)?;
            let target = target.map(str::parse::<Target>).transpose().ok()?;
            Some(Self::new(&kind.parse().ok()?, &name, target.as_ref()))
        };
        read().ok_or_else(|| InvalidName {
            text: text.chars().take(80).collect(),
            what: "artifact id",
            rule: "`kind.name/target` or `kind.name`",
        })
    }
}

impl Serialize for ArtifactId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for ArtifactId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for ArtifactId {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ArtifactId".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "description": "`kind.name/target` or `kind.name`" })
    }
}

impl PayloadId {
    /// The payload that `artifact` is the first to be filled with, for one of its targets.
    pub fn new(artifact: &ArtifactId, target: &Target) -> Self {
        Self(match artifact.target() {
            Some(_) => artifact.to_string(),
            None => format!("{artifact}/{target}"),
        })
    }
}

impl TrialId {
    /// The trial of `subject` in `root`; `target` if the subject does not tell for which of several it is tried.
    pub fn new(subject: &str, target: Option<&Target>, root: &RootName) -> Self {
        Self(target.map_or_else(|| format!("{subject}/{root}"), |target| format!("{subject}/{target}/{root}")))
    }

    /// Whether it is a trial of the artifact's own, not one that a test declares.
    pub fn is_of(&self, artifact: &ArtifactId) -> bool {
        self.0.strip_prefix(artifact.as_str()).is_some_and(|rest| rest.starts_with('/'))
    }

    /// In one path component: `archive.main-x86_64-unknown-linux-gnu-debian-12`.
    pub fn file_stem(&self) -> String {
        self.0.replace(['/', ':'], "-")
    }
}

impl ProductId {
    /// The id of `core` for `target`.
    pub fn new(core: &Name, target: &Target) -> Self {
        Self(format!("{core}/{target}"))
    }
}

impl NodeId {
    /// `stage/subject`.
    pub fn new(stage: &str, subject: &str) -> Self {
        Self(format!("{stage}/{subject}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_climb_or_hide_are_refused() {
        for text in ["", ".hidden", "../x", "a/b", "a b", "-x", "a\n", "ä"] {
            assert!(text.parse::<Name>().is_err(), "{text:?}");
            assert!(text.parse::<FileName>().is_err(), "{text:?}");
        }
        assert!("archive.main/../../etc".parse::<ArtifactId>().is_err());
    }

    #[test]
    fn no_file_has_a_name_that_a_release_page_changes() {
        for text in ["g++", "tool-1.0.0+b.zip", "+x", "a b", "a~", "a:b"] {
            assert!(text.parse::<FileName>().is_err(), "{text}");
        }
        assert!("+x".parse::<Name>().is_err());
        assert_eq!("g++".parse::<Name>().map(|name| name.is_artifact()), Ok(false));
        assert_eq!("gpp".parse::<Name>().map(|name| name.is_artifact()), Ok(true));
        assert!("archive.g++/x86_64-unknown-linux-gnu".parse::<ArtifactId>().is_err());
        assert!("counter+nif-2.15/x86_64-unknown-linux-gnu".parse::<ProductId>().is_ok());
        assert!("x".repeat(255).parse::<FileName>().is_ok());
        assert!("x".repeat(256).parse::<FileName>().is_err());
    }

    #[test]
    fn ids_round_trip() {
        let id: ArtifactId = "archive.main/x86_64-unknown-linux-gnu".parse().unwrap();
        let (kind, name) = ("archive".parse().unwrap(), "main".parse().unwrap());
        assert_eq!(id, ArtifactId::new(&kind, &name, Some(&"x86_64-unknown-linux-gnu".parse().unwrap())));
        assert_eq!(id.target().map(Target::as_str), Some("x86_64-unknown-linux-gnu"));
        assert_eq!((id.label(), id.to_string().as_str()), ("archive.main", "archive.main/x86_64-unknown-linux-gnu"));
        let trial = TrialId::new(id.as_str(), None, &"debian:12".parse().unwrap());
        assert!(trial.is_of(&id) && !TrialId::new("test.a", None, &"debian:12".parse().unwrap()).is_of(&id));
        assert_eq!(trial.as_str().parse::<TrialId>(), Ok(trial.clone()));
        assert_eq!(trial.file_stem(), "archive.main-x86_64-unknown-linux-gnu-debian-12");
    }

    #[test]
    fn roots_are_named_or_distributions() {
        for text in ["scrubbed", "sandbox", "debian:12", "ubuntu:22.04"] {
            assert!(text.parse::<RootName>().is_ok());
        }
        for text in ["debian", "debian:", "host", "debian:../12"] {
            assert!(text.parse::<RootName>().is_err(), "{text}");
        }
    }
}
