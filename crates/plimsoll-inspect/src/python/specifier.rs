//! Which versions do: `>=3.9,<4`, of PEP 440.

use plimsoll_model::python::PythonVersion;

/// Longest first, so that `==` is not read of `===`.
const OPERATORS: [&str; 8] = ["===", "~=", "==", "!=", "<=", ">=", "<", ">"];

/// Whether each part between commas is an operator and a version; nothing at all is fine.
pub(crate) fn is_valid(text: &str) -> bool {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).all(is_part)
}

fn is_part(part: &str) -> bool {
    let Some((operator, version)) = OPERATORS.iter().find_map(|operator| Some((*operator, part.strip_prefix(operator)?.trim()))) else {
        return false;
    };
    match (operator, version.strip_suffix(".*")) {
        ("===", _) => !version.is_empty(),
        ("==" | "!=", Some(version)) => PythonVersion::parse(version).is_some(),
        _ => PythonVersion::parse(version).is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_and_versions() {
        for text in ["", ">=3.9", ">= 3.9, <4", "!=3.0.*,!=3.1.*,>=2.7", "~=3.6", "===any", ">=3.7,"] {
            assert!(is_valid(text), "{text}");
        }
        for text in ["3.9", ">=3.*", ">=", "=>3.9", ">=3.9 <4", "3.9+"] {
            assert!(!is_valid(text), "{text}");
        }
    }
}
