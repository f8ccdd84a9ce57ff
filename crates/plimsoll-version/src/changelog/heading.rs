//! What a heading says of releases: which version it is of, and whose.

use semver::Version;

use super::super::dialect::Dialect;

/// What a heading is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Title {
    /// What is not released yet.
    Unreleased,
    /// A release, or a pre-release.
    Release(Release),
    /// Anything else.
    Other,
}

/// A version in a heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Release {
    pub version: Version,
    /// Whether only two numbers are written.
    pub is_short: bool,
    /// The package that is named before it, or the words that stand there, normalised.
    pub name: Option<String>,
    /// Whether nothing else is said, but for a day and the like: `1.2.3 and later` is a subject, and no release.
    pub is_exact: bool,
}

/// Words before a version that say nothing more.
const BEFORE: [&str; 5] = ["version", "release", "ver", "v", "releases"];

/// Words after a version that say nothing else than a day would.
const AFTER: [&str; 15] = [
    "yanked",
    "unreleased",
    "released",
    "release",
    "date",
    "on",
    "tbd",
    "utc",
    "xx",
    "xxxx",
    "yyyy",
    "mm",
    "dd",
    "pre-release",
    "prerelease",
];

/// Words before a version that are looked at.
const MOST_BEFORE: usize = 6;

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// What stands for the Unreleased section where a heading says nothing else.
const NEXT: [&str; 6] = ["next", "next release", "next version", "upcoming", "upcoming release", "upcoming version"];

/// `[1.2.3] - 2026-01-02`, `1.2.3 (2026-01-02)`, `v1.2.3`, `Version 1.2.3`, `name 1.2.3`, `name-v1.2.3`, `[Unreleased]`.
pub(super) fn title(text: &str) -> Title {
    let text = text.split_once("{#").map_or(text, |(before, _)| before);
    let between = |character: char| character.is_whitespace() || "[](),|\"“”`*~".contains(character);
    let words = text.split(between).map(|word| word.trim_matches([':', ';', '–', '—', '-', '_', '.', '#', '=']));
    let words = words.filter(|word| word.chars().any(char::is_alphanumeric)).collect::<Vec<_>>();
    let said = words.join(" ").to_lowercase();
    if words.first().is_some_and(|word| word.eq_ignore_ascii_case("unreleased")) || NEXT.contains(&said.as_str()) {
        return Title::Unreleased;
    }
    // A day may stand first.
    let mut at = usize::from(words.len() > 1 && words[0].matches('-').count() == 2 && is_day(words[0]));
    let is_before = |at: usize| words.get(at).is_some_and(|word| BEFORE.iter().any(|known| word.eq_ignore_ascii_case(known)));
    while is_before(at) {
        at += 1;
    }
    let Some(first) = words.get(at) else { return Title::Other };
    let release = |(version, is_short): (Version, bool), name: Option<&str>, rest: &[&str]| {
        let is_exact = rest.iter().all(|word| is_day(word) || AFTER.iter().any(|known| word.eq_ignore_ascii_case(known)));
        Title::Release(Release { version, is_short, name: name.map(normalised), is_exact })
    };
    if let Some(found) = version(first) {
        return release(found, None, &words[at + 1..]);
    }
    for between in ["@", "-", "/", "_"] {
        let parts = first.match_indices(between).map(|(at, sign)| (&first[..at], &first[at + sign.len()..]));
        let named = parts.filter(|(name, _)| !name.is_empty()).find_map(|(name, rest)| Some((name, version(rest)?)));
        if let Some((name, found)) = named.filter(|(_, (_, is_short))| !is_short) {
            return release(found, Some(name), &words[at + 1..]);
        }
    }
    // Behind a name, or a phrase such as `What is new in`.
    let Some(found) = (at + 1..words.len().min(at + MOST_BEFORE)).find(|at| version(words[*at]).is_some()) else { return Title::Other };
    let named = words[at..found].iter().take_while(|word| !BEFORE.iter().any(|known| word.eq_ignore_ascii_case(known))).copied();
    let named = named.collect::<Vec<_>>();
    let is_sound = named.iter().all(|word| is_name(word));
    match version(words[found]) {
        Some(version) if is_sound && !(named.len() > 1 && version.1) => release(version, Some(&named.join(" ")), &words[found + 1..]),
        _ => Title::Other,
    }
}

fn is_name(word: &str) -> bool {
    word.starts_with(|character: char| character.is_ascii_alphabetic() || character == '@')
        && word.chars().all(|character| character.is_ascii_alphanumeric() || "-_./@'’".contains(character))
}

/// Names are the same whatever their case and signs.
pub(super) fn normalised(name: &str) -> String {
    name.to_lowercase().replace(['_', '.'], "-")
}

/// A version as it is written in headings, and whether its last number is left out.
fn version(word: &str) -> Option<(Version, bool)> {
    let bare = word.strip_prefix(['v', 'V']).unwrap_or(word);
    // Python projects write their headings as they write their versions.
    let python = || Dialect::Pep440.hear(bare).ok().filter(|_| bare.matches('.').count() == 2);
    if let Some(version) = bare.parse().ok().or_else(python) {
        return Some((version, false));
    }
    let numbers = bare.split('.').map(|part| part.parse::<u64>().ok().filter(|_| part.bytes().all(|byte| byte.is_ascii_digit())));
    match numbers.collect::<Option<Vec<_>>>()?.as_slice() {
        [major, minor] if !bare.starts_with('0') || *major == 0 => Some((Version::new(*major, *minor, 0), true)),
        // A day that is a version: 2026.01.02 is written 2026.1.2 elsewhere.
        [year, month, day] if *year > 999 => Some((Version::new(*year, *month, *day), false)),
        _ => None,
    }
}

/// A day, or a part of one, in numbers or words.
fn is_day(word: &str) -> bool {
    let word = word.to_lowercase();
    let number = ["st", "nd", "rd", "th"].iter().find_map(|ending| word.strip_suffix(ending)).unwrap_or(&word);
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let parts = word.split(['-', '/', '.', ':']).collect::<Vec<_>>();
    is_number(number)
        || MONTHS.iter().any(|month| word.starts_with(month) && word.bytes().all(|byte| byte.is_ascii_alphabetic()))
        || (parts.len() == 3
            && parts.iter().any(|part| part.len() == 4)
            && parts.iter().all(|part| is_number(part) || matches!(*part, "xx" | "xxxx" | "yyyy" | "mm" | "dd")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        match title(text) {
            Title::Unreleased => "unreleased".to_owned(),
            Title::Other => "other".to_owned(),
            Title::Release(release) => {
                let name = release.name.map(|name| format!("{name}: ")).unwrap_or_default();
                let short = if release.is_short { " short" } else { "" };
                format!("{name}{}{short}{}", release.version, if release.is_exact { "" } else { " and more" })
            }
        }
    }

    #[test]
    fn versions_are_read_as_people_write_them() {
        for text in [
            "1.2.3",
            "v1.2.3",
            "[1.2.3]",
            "[v1.2.3] - 2026-01-02",
            "1.2.3 (2026-01-02)",
            "1.2.3 (January 2nd, 2026)",
            "1.2.3 / 2026-01-02",
            "Version 1.2.3",
            "Release v1.2.3",
            "**1.2.3**",
            "1.2.3 [YANKED]",
            "1.2.3 - Unreleased",
            "2026-01-02 - 1.2.3",
            "🎉 1.2.3",
            "1.2.3\u{a0}(2026-01-02)",
            "1.2.3:",
            "1.2.3 {#v1-2-3}",
            "1.2.3 - 02.01.2026",
        ] {
            assert_eq!(told(text), "1.2.3", "{text}");
        }
        for text in
            ["ht 1.2.3", "HT v1.2.3 (2026-01-02)", "ht-v1.2.3", "ht-1.2.3", "ht@1.2.3", "ht/v1.2.3", "ht: 1.2.3", "ht version 1.2.3"]
        {
            assert_eq!(told(text), "ht: 1.2.3", "{text}");
        }
        assert_eq!(told("ht-core-v1.2.3-rc.1+x"), "ht-core: 1.2.3-rc.1+x");
        assert_eq!(told("@ht/core@1.2.3"), "@ht/core: 1.2.3");
        assert_eq!((told("1.2.0rc1"), told("2026.01.02")), ("1.2.0-rc.1".to_owned(), "2026.1.2".to_owned()));
        assert_eq!((told("v1.2"), told("Release 1.2 (2026)")), ("1.2.0 short".to_owned(), "1.2.0 short".to_owned()));
        for text in ["Unreleased", "[Unreleased] - 2026-xx-xx", "UNRELEASED (1.3.0)", "Next release"] {
            assert_eq!(told(text), "unreleased", "{text}");
        }
    }

    #[test]
    fn subjects_that_name_versions_are_no_releases() {
        for text in ["Added", "", "1.2.3.4", "Next steps", "2026-01-02", "Step 3", "Words of many kinds come before 1.2.3"] {
            assert_eq!(told(text), "other", "{text}");
        }
        for (text, more) in
            [("1.2.0 and later", "1.2.0 and more"), ("1.2 → 1.3", "1.2.0 short and more"), ("1.2.3 \"Lamp\"", "1.2.3 and more")]
        {
            assert_eq!(told(text), more);
        }
        // It depends on what else there is.
        for (text, found) in [
            ("tokio 1.40.0", "tokio: 1.40.0"),
            ("Fixed in 1.2.0", "fixed in: 1.2.0"),
            ("What is new in v1.2.0", "what is new in: 1.2.0"),
            ("Upgrade from 1.2.0 to 1.3.0", "upgrade from: 1.2.0 and more"),
        ] {
            assert_eq!(told(text), found);
        }
    }
}
