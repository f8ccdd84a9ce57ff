//! Conditions on versions: `>=3.8,<4`.

use std::fmt;
use std::str::FromStr;

use plimsoll_model::python::PythonVersion;

use crate::shown::shown;

/// Conditions that all must hold; none holds always.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Specifiers(Vec<(&'static str, String)>);

/// Text that is no condition on versions.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no condition on a version: one of ~= == != <= >= < > === and a version")]
pub struct InvalidSpecifiers(String);

/// The longer ones first.
const OPERATORS: [&str; 8] = ["===", "~=", "==", "!=", "<=", ">=", "<", ">"];

impl FromStr for Specifiers {
    type Err = InvalidSpecifiers;

    fn from_str(text: &str) -> Result<Self, InvalidSpecifiers> {
        if text.trim().is_empty() {
            return Ok(Self(vec![]));
        }
        text.split(',').map(one).collect::<Result<_, _>>().map(Self)
    }
}

fn one(text: &str) -> Result<(&'static str, String), InvalidSpecifiers> {
    let text = text.trim();
    let read = || {
        let operator = OPERATORS.into_iter().find(|operator| text.starts_with(operator))?;
        let version = text[operator.len()..].trim();
        is_fit(operator, version).then(|| (operator, version.to_owned()))
    };
    read().ok_or_else(|| InvalidSpecifiers(shown(text)))
}

fn is_fit(operator: &str, version: &str) -> bool {
    if operator == "===" {
        // Any text is compared.
        return !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_graphic() && !b";()".contains(&byte));
    }
    let equality = operator == "==" || operator == "!=";
    if let Some(prefix) = version.strip_suffix(".*") {
        return equality && PythonVersion::parse(prefix).is_some_and(|version| version.local().is_none());
    }
    PythonVersion::parse(version)
        .is_some_and(|version| (equality || version.local().is_none()) && (operator != "~=" || version.release_numbers() > 1))
}

impl fmt::Display for Specifiers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (operator, version)) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{operator}{version}")?;
        }
        Ok(())
    }
}
