//! Which versions do: `>=3.9,<4`, of PEP 440, as an index reads it.

use plimsoll_model::python::Specifiers;

/// Whether each part between commas is an operator and a version; nothing at all is fine.
pub(crate) fn is_valid(text: &str) -> bool {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).all(|part| part.parse::<Specifiers>().is_ok())
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
