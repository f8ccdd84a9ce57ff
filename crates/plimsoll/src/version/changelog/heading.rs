//! Headings of releases: which version they are of, and how the next one is written.

use semver::Version;

use super::super::dialect::Dialect;

/// What a heading is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Title {
    /// What is not released yet.
    Unreleased,
    /// A release, or a pre-release.
    Release(Version),
    /// Anything else.
    Other,
}

impl Title {
    pub(super) fn version(&self) -> Option<&Version> {
        match self {
            Self::Release(version) => Some(version),
            _ => None,
        }
    }
}

/// `[1.2.3] - 2026-01-02`, `1.2.3 (2026-01-02)`, `v1.2.3`, `Version 1.2.3`, `[Unreleased]`.
pub(super) fn title(text: &str) -> Title {
    let bare = text.trim_start_matches('[');
    let mut words = bare.split(|character: char| character.is_whitespace() || "[](),:".contains(character)).filter(|word| !word.is_empty());
    let mut first = words.next().unwrap_or_default();
    if first.eq_ignore_ascii_case("unreleased") {
        return Title::Unreleased;
    }
    if ["version", "release"].iter().any(|word| first.eq_ignore_ascii_case(word)) {
        first = words.next().unwrap_or_default();
    }
    let first = first.strip_prefix(['v', 'V']).unwrap_or(first);
    // Python projects write their headings as they write their versions; two numbers alone would be a chapter.
    let python = || Dialect::Pep440.hear(first).ok().filter(|_| first.matches('.').count() == 2);
    first.parse().ok().or_else(python).map_or(Title::Other, Title::Release)
}

/// How a project writes its headings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Style {
    brackets: bool,
    letter: bool,
    date: Date,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Date {
    None,
    /// ` - 2026-01-02`.
    Dash,
    /// ` (2026-01-02)`.
    Parentheses,
}

impl Style {
    /// The style of an earlier heading, or what fits that of the Unreleased section.
    pub(super) fn of(released: Option<&str>, unreleased: &str) -> Self {
        let Some(text) = released else {
            let brackets = unreleased.starts_with('[');
            return Self { brackets, letter: false, date: if brackets { Date::Dash } else { Date::Parentheses } };
        };
        let is_date = |text: &str| {
            let digits = text.as_bytes();
            digits.len() >= 10
                && digits
                    .iter()
                    .take(10)
                    .enumerate()
                    .all(|(at, byte)| if at == 4 || at == 7 { *byte == b'-' } else { byte.is_ascii_digit() })
        };
        let at = text.char_indices().map(|(at, _)| at).find(|at| is_date(&text[*at..]));
        let date = match at.map(|at| text[..at].trim_end()) {
            None => Date::None,
            Some(before) if before.ends_with('(') => Date::Parentheses,
            Some(_) => Date::Dash,
        };
        Self { brackets: text.starts_with('['), letter: text.trim_start_matches('[').starts_with('v'), date }
    }

    /// A heading of this style.
    pub(super) fn heading(self, level: usize, version: &Version, date: &str) -> String {
        let letter = if self.letter { "v" } else { "" };
        let (open, close) = if self.brackets { ("[", "]") } else { ("", "") };
        let date = match self.date {
            Date::None => String::new(),
            Date::Dash => format!(" - {date}"),
            Date::Parentheses => format!(" ({date})"),
        };
        format!("{} {open}{letter}{version}{close}{date}", "#".repeat(level))
    }
}
