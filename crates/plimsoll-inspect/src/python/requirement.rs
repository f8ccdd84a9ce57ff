//! Requirements on other projects, as far as an index looks at them: PEP 508.

use plimsoll_model::python::is_valid_name;

/// A requirement that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Requirement<'a> {
    /// The project.
    pub name: &'a str,
    /// Where it is to be had, if that is said: `name @ https://…`.
    pub url: Option<&'a str>,
}

/// None where it has no name, or something that cannot follow one.
pub(crate) fn read(text: &str) -> Option<Requirement<'_>> {
    let text = text.trim();
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    if !is_valid_name(name) {
        return None;
    }
    let rest = rest.trim_start();
    let rest = match rest.strip_prefix('[') {
        Some(extras) => extras.split_once(']')?.1.trim_start(),
        None => rest,
    };
    match rest.chars().next() {
        None | Some(';' | '(' | '<' | '>' | '=' | '!' | '~') => Some(Requirement { name, url: None }),
        // An URL ends at a space: a semicolon may be part of it.
        Some('@') => rest[1..].split_whitespace().next().map(|url| Requirement { name, url: Some(url) }),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_told_from_versions() {
        for (text, name, url) in [
            ("requests", "requests", None),
            ("requests[security,tests] >= 2.8.1, == 2.8.* ; python_version < '2.7'", "requests", None),
            ("six (>=1.0)", "six", None),
            ("pip @ https://example.org/pip.zip ; os_name == 'nt'", "pip", Some("https://example.org/pip.zip")),
            ("pip[a]@file:///x", "pip", Some("file:///x")),
        ] {
            assert_eq!(read(text), Some(Requirement { name, url }), "{text}");
        }
        for text in ["", "-a", "a b", "a[b", "a @", "a?", "é"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
