//! Licences: an SPDX expression, as PEP 639 has it, or the free text before it. <https://spdx.github.io/spdx-spec/v2.3/SPDX-license-expressions/>

use std::fmt;
use std::str::FromStr;

use crate::shown::shown;

/// An expression of licences, with its operators in capitals. Whether SPDX lists each licence is not looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LicenseExpression(String);

/// Text that is no such expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no SPDX expression of licences (such as `MIT OR Apache-2.0`; `LicenseRef-NAME` for one that SPDX does not list)")]
pub struct InvalidLicenseExpression(String);

impl LicenseExpression {
    /// That of a `Cargo.toml`, where `/` once stood for `OR`.
    ///
    /// # Errors
    /// It is none.
    pub fn of_cargo(text: &str) -> Result<Self, InvalidLicenseExpression> {
        text.replace('/', " OR ").parse()
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LicenseExpression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for LicenseExpression {
    type Err = InvalidLicenseExpression;

    fn from_str(text: &str) -> Result<Self, InvalidLicenseExpression> {
        let spaced = text.replace('(', " ( ").replace(')', " ) ");
        let words = spaced.split_ascii_whitespace().collect::<Vec<_>>();
        let mut written = String::new();
        // What may come next: a licence, or an operator.
        let (mut wants_license, mut open, mut after_with, mut may_with) = (true, 0_usize, false, false);
        for word in words {
            let operator = ["AND", "OR", "WITH"].into_iter().find(|operator| operator.eq_ignore_ascii_case(word));
            let fits = match (word, operator) {
                ("(", _) => wants_license && !after_with,
                (")", _) => !wants_license && open > 0,
                (_, Some("WITH")) => !wants_license && may_with,
                (_, Some(_)) => !wants_license,
                (license, None) => wants_license && is_license(license),
            };
            if !fits {
                return Err(InvalidLicenseExpression(shown(text)));
            }
            may_with = operator.is_none() && word != "(" && word != ")" && !after_with;
            after_with = operator == Some("WITH");
            wants_license = operator.is_some() || word == "(";
            match word {
                "(" => open += 1,
                ")" => open -= 1,
                _ => {}
            }
            if !written.is_empty() && !written.ends_with('(') && word != ")" {
                written.push(' ');
            }
            written.push_str(operator.unwrap_or(word));
        }
        if wants_license || open > 0 { Err(InvalidLicenseExpression(shown(text))) } else { Ok(Self(written)) }
    }
}

fn is_license(word: &str) -> bool {
    let name = word.strip_suffix('+').unwrap_or(word);
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_written_in_one_form() {
        for (text, expected) in [
            ("MIT", "MIT"),
            ("MIT or  Apache-2.0", "MIT OR Apache-2.0"),
            ("(MIT AND (GPL-2.0+ OR LicenseRef-Own))", "(MIT AND (GPL-2.0+ OR LicenseRef-Own))"),
            ("Apache-2.0 with LLVM-exception", "Apache-2.0 WITH LLVM-exception"),
        ] {
            assert_eq!(text.parse::<LicenseExpression>().map(|license| license.to_string()).as_deref(), Ok(expected));
        }
        assert_eq!(LicenseExpression::of_cargo("MIT/Apache-2.0").unwrap().as_str(), "MIT OR Apache-2.0");
    }

    #[test]
    fn free_text_is_none() {
        for text in [
            "",
            "MIT License",
            "MIT OR",
            "OR MIT",
            "(MIT",
            "MIT)",
            "()",
            "MIT, BSD",
            "MIT WITH (x)",
            "(MIT) WITH x",
            "A WITH B WITH C",
            "é",
        ] {
            assert!(text.parse::<LicenseExpression>().is_err(), "{text}");
        }
    }
}
