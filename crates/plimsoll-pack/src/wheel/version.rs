//! Versions of packages that are published, in their normal form.
//! <https://packaging.python.org/en/latest/specifications/version-specifiers/>

use std::fmt;
use std::str::FromStr;

use plimsoll_model::python::PythonVersion;

use crate::shown::shown;

/// A version that an index takes: without a local part, which PyPI refuses, and without an epoch, whose `!` no release page keeps.
#[derive(Debug, Clone)]
pub struct Version(PythonVersion);

/// Text that is no version, or one that cannot be published.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidVersion {
    /// Not what PEP 440 describes.
    #[error("`{0}` is no version of PEP 440 (such as 1.2.0 or 1.2.0rc1)")]
    Form(String),
    /// `+cu121`.
    #[error("`{0}` has a local part (what follows `+`), and no index takes such a version")]
    Local(String),
    /// `1!2.0`.
    #[error("`{0}` has an epoch (what stands before `!`), which file names of a release cannot hold")]
    Epoch(String),
}

impl FromStr for Version {
    type Err = InvalidVersion;

    fn from_str(text: &str) -> Result<Self, InvalidVersion> {
        let version = PythonVersion::parse(text).ok_or_else(|| InvalidVersion::Form(shown(text)))?;
        if version.local().is_some() {
            return Err(InvalidVersion::Local(shown(text)));
        }
        if version.epoch() > 0 {
            return Err(InvalidVersion::Epoch(shown(text)));
        }
        Ok(Self(version))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Two of one release in other spellings (`1.0`, `1.0.0`) are not one: they make other file names.
impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

impl Eq for Version {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_spelling_has_one_normal_form() {
        for (text, normal) in [
            ("1", "1"),
            ("1.2.0", "1.2.0"),
            ("v1.2.0", "1.2.0"),
            ("01.002", "1.2"),
            ("1.2.0-RC.1", "1.2.0rc1"),
            ("1.2.0c1", "1.2.0rc1"),
            ("1.2.0preview", "1.2.0rc0"),
            ("1.2alpha3", "1.2a3"),
            ("1.2_beta_3", "1.2b3"),
            ("1.0-1", "1.0.post1"),
            ("1.0.rev4", "1.0.post4"),
            ("1.0a1.post2.dev3", "1.0a1.post2.dev3"),
            ("1.0dev", "1.0.dev0"),
            (" 1.0\n", "1.0"),
        ] {
            assert_eq!(text.parse::<Version>().map(|version| version.to_string()).as_deref(), Ok(normal), "{text}");
        }
    }

    /// What `Dialect::Pep440` says of SemVer versions is a version in its normal form already.
    #[test]
    fn what_the_dialect_says_stays_as_it_is() {
        for said in ["1.2.0rc1", "10.0.3", "1.2.0b0", "0.0.1a10"] {
            assert_eq!(said.parse::<Version>().unwrap().to_string(), said);
        }
    }

    #[test]
    fn what_cannot_be_published_is_refused_with_the_reason() {
        let reason = |text: &str| text.parse::<Version>().unwrap_err().to_string();
        for text in
            ["", "1.", ".1", "1.2.x", "1.0-", "1.0-dev-x", "1..2", "1.0+", "1.0rc1rc2", "99999999999999999999", "١", "1.0.0-dev.1.2"]
        {
            assert!(matches!(text.parse::<Version>(), Err(InvalidVersion::Form(_))), "{text:?}");
        }
        assert_eq!(reason("1.0+abc"), "`1.0+abc` has a local part (what follows `+`), and no index takes such a version");
        assert_eq!(reason("1!1.0"), "`1!1.0` has an epoch (what stands before `!`), which file names of a release cannot hold");
    }

    proptest! {
        #[test]
        fn the_normal_form_is_read_as_itself(text in "v?[0-9]{1,3}(\\.[0-9]{1,3}){0,3}([-_.]?(a|b|rc|alpha|pre)[-_.]?[0-9]{0,2})?([-.](post|r)?[0-9]{1,2})?(\\.?dev[0-9]{0,2})?") {
            if let Ok(version) = text.parse::<Version>() {
                let normal = version.to_string();
                prop_assert_eq!(normal.parse::<Version>().unwrap(), version);
            }
        }

        #[test]
        fn nothing_makes_it_panic(text in any::<String>()) {
            let _ = text.parse::<Version>();
        }
    }
}
