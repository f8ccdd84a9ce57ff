//! How the next heading is written: as the one before it.

use std::ops::Range;

use semver::Version;

use super::super::tag::TagForm;

/// How a project writes its headings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Style {
    /// What stands before the version: `[v`, `**`, `name `.
    before: String,
    /// What closes it: `]`, `**`, and an address.
    after: String,
    /// What stands between it and the day, what divides the day's numbers, and what closes it.
    day: Option<(String, char, String)>,
    /// The sign that headings are underlined with.
    underline: Option<char>,
}

impl Style {
    /// The style of an earlier heading, given as its lines and its version, or what fits the lines of the Unreleased section.
    pub(super) fn of(released: Option<(&str, &Version)>, unreleased: &str, tags: &TagForm, next: &Version) -> Self {
        let underline = unreleased.trim_end().lines().nth(1).and_then(|line| line.trim_start().chars().next());
        let known = released.and_then(|(lines, version)| Self::of_release(&bare(lines), version, tags, next));
        let style = known.unwrap_or_else(|| {
            let brackets = bare(unreleased).starts_with('[');
            let (before, after) = if brackets { ("[", "]") } else { ("", "") };
            let day = if brackets { (" - ", "") } else { (" (", ")") };
            Self {
                before: before.to_owned(),
                after: after.to_owned(),
                day: Some((day.0.to_owned(), '-', day.1.to_owned())),
                underline: None,
            }
        });
        Self { underline, ..style }
    }

    fn of_release(text: &str, version: &Version, tags: &TagForm, next: &Version) -> Option<Self> {
        let said = version.to_string();
        let at = text.find(&said)?;
        let (before, rest) = (&text[..at], &text[at + said.len()..]);
        let mut close = rest.len() - rest.trim_start_matches([']', '*', '_', '`']).len();
        let mut after = rest[..close].to_owned();
        if let Some(end) = rest[close..].strip_prefix('(').filter(|_| rest[..close].ends_with(']')).and_then(|inside| inside.find(')')) {
            let address = &rest[close + 1..=close + end];
            after = format!("{after}({})", address_of_next(address, version, tags, next));
            close += end + 2;
        }
        let rest = &rest[close..];
        let day = day(rest).map(|(span, sign)| {
            let closing = rest[span.end..].chars().take_while(|character| ")]*_".contains(*character)).collect();
            (rest[..span.start].to_owned(), sign, closing)
        });
        Some(Self { before: before.to_owned(), after, day, underline: None })
    }

    /// The label that a heading in brackets links by.
    pub(super) fn label(&self, version: &Version) -> String {
        let inside = self.before.rsplit_once('[').map_or("", |(_, inside)| inside);
        format!("{inside}{version}")
    }

    /// A heading of this style.
    pub(super) fn heading(&self, level: usize, version: &Version, date: &str, end: &str) -> String {
        let Self { before, after, day, underline } = self;
        let day = day.as_ref().map(|(between, sign, close)| format!("{between}{}{close}", date.replace('-', &sign.to_string())));
        let text = format!("{before}{version}{after}{}", day.unwrap_or_default());
        match underline {
            Some(sign) => format!("{text}{end}{}", sign.to_string().repeat(text.chars().count())),
            None => format!("{} {text}", "#".repeat(level)),
        }
    }
}

/// A heading's own line without marks, and without anchors in it.
fn bare(lines: &str) -> String {
    let line = lines.trim_start().lines().next().unwrap_or_default().trim().trim_start_matches('#').trim();
    let closed = line.trim_end_matches('#');
    let mut line = if closed.ends_with([' ', '\t']) { closed.trim_end() } else { line };
    while let Some((_, after)) = line.strip_prefix('<').and_then(|inside| inside.split_once('>')) {
        line = after.trim_start();
    }
    line.to_owned()
}

/// The address of the next release: a comparison starts where the last one ended.
fn address_of_next(address: &str, version: &Version, tags: &TagForm, next: &Version) -> String {
    let (tag, new) = (tags.tag(version), tags.tag(next));
    match address.rsplit_once("compare/").and_then(|(front, rest)| Some((front, rest.split_once("..")?.1))) {
        Some((front, to)) if to.trim_start_matches('.').starts_with(&tag) => {
            let dots = if to.starts_with('.') { "..." } else { ".." };
            format!("{front}compare/{tag}{dots}{new}")
        }
        _ => address.replace(&version.to_string(), &next.to_string()),
    }
}

/// The first day in numbers, and what divides them.
fn day(text: &str) -> Option<(Range<usize>, char)> {
    let starts = text.char_indices().map(|(at, _)| at);
    starts.filter_map(|at| Some((at, text.get(at..at + 10)?.as_bytes()))).find_map(|(at, bytes)| {
        let sign = bytes[4];
        let is_day = bytes.iter().enumerate().all(|(at, byte)| if at == 4 || at == 7 { *byte == sign } else { byte.is_ascii_digit() });
        (is_day && b"-/.".contains(&sign)).then(|| (at..at + 10, char::from(sign)))
    })
}
