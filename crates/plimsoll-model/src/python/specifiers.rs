//! Conditions on versions: `>=3.8,<4`, and which versions meet them.
//! <https://packaging.python.org/en/latest/specifications/version-specifiers/>

use std::fmt;
use std::str::FromStr;

use super::PythonVersion;

/// Conditions that all must hold; none holds always.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Specifiers(Vec<(&'static str, String)>);

/// Text that is no condition on versions.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no condition on a version: one of ~= == != <= >= < > === and a version")]
pub struct InvalidSpecifiers(String);

/// Characters of foreign text that a message has.
const MOST_SHOWN: usize = 80;

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
    read().ok_or_else(|| InvalidSpecifiers(text.escape_debug().take(MOST_SHOWN).collect()))
}

fn is_fit(operator: &str, version: &str) -> bool {
    if operator == "===" {
        // Any text is compared.
        return !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_graphic() && !b";()".contains(&byte));
    }
    let equality = operator == "==" || operator == "!=";
    if let Some(prefix) = version.strip_suffix(".*") {
        return equality && PythonVersion::parse(prefix).is_some_and(|version| version.is_final());
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

impl Specifiers {
    /// Whether a version meets all conditions. Versions before a release are compared like others: whether they are wanted at all is an installer's
    /// choice.
    pub fn is_met_by(&self, version: &PythonVersion) -> bool {
        self.0.iter().all(|(operator, wanted)| is_met(operator, wanted, version))
    }
}

fn is_met(operator: &str, text: &str, version: &PythonVersion) -> bool {
    if operator == "===" {
        return version.to_string().eq_ignore_ascii_case(text);
    }
    let (text, is_series) = text.strip_suffix(".*").map_or((text, false), |series| (series, true));
    // It was read before.
    let Some(wanted) = PythonVersion::parse(text) else { return false };
    let public = version.public();
    let is_equal = || match (is_series, wanted.local()) {
        (true, _) => public.is_of_series(&wanted, wanted.release_numbers()),
        (false, None) => public == wanted,
        (false, Some(_)) => *version == wanted,
    };
    // What comes just before or after a release is neither older nor newer than it for these two.
    let is_same_release = || public.is_same_release(&wanted);
    match operator {
        "==" => is_equal(),
        "!=" => !is_equal(),
        "<=" => public <= wanted,
        ">=" => public >= wanted,
        "<" => public < wanted && (wanted.is_early() || !version.is_early() || !is_same_release()),
        ">" => public > wanted && (wanted.is_post() || !version.is_post() || !is_same_release()),
        // `~=`
        _ => public >= wanted && public.is_of_series(&wanted, wanted.release_numbers() - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn met(conditions: &str, version: &str) -> bool {
        conditions.parse::<Specifiers>().unwrap().is_met_by(&PythonVersion::parse(version).unwrap())
    }

    #[test]
    fn versions_of_python_are_chosen_by_what_packages_require() {
        for (conditions, versions) in [
            ("", "3.9.2 3.11.2 3.13.5"),
            (">=3.9", "3.9.2 3.11.2 3.13.5"),
            (">=3.10", "3.11.2 3.13.5"),
            (">=3.8, <3.13", "3.9.2 3.11.2"),
            ("~=3.9", "3.9.2 3.11.2 3.13.5"),
            ("~=3.9.0", "3.9.2"),
            ("==3.11.*", "3.11.2"),
            ("!=3.11.*", "3.9.2 3.13.5"),
            ("==3.11", ""),
            ("<=3.11", "3.9.2"),
            ("<4.0a0", "3.9.2 3.11.2 3.13.5"),
            ("<3.9 ", ""),
            ("===3.11.2", "3.11.2"),
        ] {
            let chosen = ["3.9.2", "3.11.2", "3.13.5"].into_iter().filter(|version| met(conditions, version)).collect::<Vec<_>>();
            assert_eq!(chosen.join(" "), versions, "{conditions}");
        }
    }

    #[test]
    fn each_operator_is_as_the_specification_has_it() {
        for (conditions, version) in [
            ("==1.1.*", "1.1a1"),
            ("==1.1", "1.1.0+local"),
            ("==1.1.0+l", "1.1+L"),
            ("~=2.2.post3", "2.9"),
            ("~=1.0.0", "1.0"),
            ("<3.1a2", "3.1a1"),
            (">1.7.post1", "1.7.post2"),
            (">1.7", "1.7.1"),
            ("==1!2.*", "1!2.4"),
            ("==3.0.*", "3"),
        ] {
            assert!(met(conditions, version), "{version} {conditions}");
        }
        for (conditions, version) in [
            ("==1.1", "1.1.post1"),
            ("==1.1+a", "1.1"),
            ("~=2.2.post3", "2.2"),
            ("~=1.4.5", "1.5"),
            ("<3.1", "3.1.dev0"),
            ("<3.1", "3.1rc1"),
            (">1.7", "1.7.post2"),
            (">1.7", "1.7.0+local"),
            ("==1.*", "1!1.0"),
            (">=3", "3.0.dev1"),
        ] {
            assert!(!met(conditions, version), "{version} {conditions}");
        }
    }

    #[test]
    fn what_is_no_condition_is_none() {
        for text in ["3.9", ">=3.*", ">=", "=>3.9", ">=3.9 <4", "3.9+", "~=3", "==1.1a1.*", ">=1+a", ">=3.9,"] {
            assert!(text.parse::<Specifiers>().is_err(), "{text}");
        }
        let read = ">= 3.9, !=3.10.*,<4".parse::<Specifiers>().unwrap();
        assert_eq!(read.to_string(), ">=3.9,!=3.10.*,<4");
        let long = "x".repeat(1000).parse::<Specifiers>().unwrap_err().to_string();
        assert!(long.len() < 200, "{long}");
    }
}
