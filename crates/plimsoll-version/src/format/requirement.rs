//! A Python requirement, as far as an exact pin goes. <https://packaging.python.org/en/latest/specifications/dependency-specifiers/>

use std::ops::Range;

/// The name in its one form (PEP 503).
pub(super) fn normalised(name: &str) -> String {
    let mut normal = String::with_capacity(name.len());
    for character in name.chars() {
        match character {
            '-' | '_' | '.' if normal.ends_with('-') => {}
            '-' | '_' | '.' => normal.push('-'),
            other => normal.push(other.to_ascii_lowercase()),
        }
    }
    normal
}

/// Name and the place of the version of `name[extra] == 1.2.0 ; marker`; none where it is no single exact pin. Other comparisons are
/// ranges, and are left alone.
pub(super) fn pin(requirement: &str) -> Option<(String, Range<usize>)> {
    let front = requirement.split(';').next()?;
    let end = front.find(|character: char| !(character.is_ascii_alphanumeric() || "-_. ".contains(character)))?;
    let name = front[..end].trim();
    let mut at = end;
    if front[at..].starts_with('[') {
        at += front[at..].find(']')? + 1;
    }
    at += front[at..].len() - front[at..].trim_start_matches([' ', '(']).len();
    specifier(&front[at..]).map(|span| (normalised(name), span.start + at..span.end + at))
}

/// The place of the version in `== 1.2.0`.
pub(super) fn specifier(text: &str) -> Option<Range<usize>> {
    let rest = text.strip_prefix("===").or_else(|| text.strip_prefix("=="))?;
    let bare = rest.trim_start();
    let start = text.len() - bare.len();
    let length = bare.trim_end_matches([' ', ')']).len();
    let version = &bare[..length];
    let single = !version.is_empty() && !version.contains([',', '*', ' ', '<', '>', '=']);
    single.then_some(start..start + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pinned(text: &str) -> Option<(String, &str)> {
        pin(text).map(|(name, span)| (name, &text[span]))
    }

    #[test]
    fn exact_pins_are_found_and_ranges_are_not() {
        for text in
            ["ht-core==1.2.0", "Ht_Core == 1.2.0", "ht.core[cli]==1.2.0; python_version > '3'", "ht-core (==1.2.0)", "ht-core ===1.2.0 "]
        {
            assert_eq!(pinned(text), Some(("ht-core".to_owned(), "1.2.0")), "{text}");
        }
        for text in [
            "ht-core",
            "ht-core>=1.2.0",
            "ht-core==1.2.*",
            "ht-core==1.2.0,!=1.2.1",
            "ht-core @ file:///x",
            "ht-core~=1.2",
            "==1",
            "",
            "a[b",
        ] {
            assert!(pinned(text).is_none_or(|(name, _)| name.is_empty()), "{text}: {:?}", pinned(text));
        }
    }
}
