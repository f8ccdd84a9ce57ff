//! RPM spec files: the `Version` tag of the preamble, `Release`, which starts again with each version, and `%changelog`, which gets an entry.
//! <https://rpm-software-management.github.io/rpm/manual/spec.html>, <https://docs.fedoraproject.org/en-US/packaging-guidelines/Versioning/>

use std::ops::Range;

use super::super::calendar::{MONTHS, rpm_day};
use super::super::dialect::Dialect;
use super::super::place::{Edit, Place, Revision, Stamp};

/// What ends the preamble of the main package, and what ends another section.
const SECTIONS: [&str; 20] = [
    "%description",
    "%package",
    "%prep",
    "%build",
    "%install",
    "%check",
    "%files",
    "%changelog",
    "%pre",
    "%post",
    "%preun",
    "%postun",
    "%pretrans",
    "%posttrans",
    "%triggerin",
    "%triggerun",
    "%clean",
    "%sourcelist",
    "%generate_buildrequires",
    "%conf",
];

/// The `%changelog` that is written by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// Where a new entry goes.
    at: usize,
    newest: Option<Newest>,
    line_end: &'static str,
    /// Whether the line before lacks its end.
    is_broken: bool,
}

/// The head of the newest entry.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Newest {
    /// `Fri Jan 02 2026`.
    day: String,
    /// What stands before the version: `- `, or nothing.
    dash: &'static str,
    /// `1:1.2.0-3`; empty where entries have none.
    version: String,
}

pub(super) fn places(text: &str) -> Result<Vec<Place>, String> {
    let mut places = Vec::new();
    let mut revision = Revision::Kept;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if section(line).is_some() {
            break;
        }
        let line_at = at;
        at += line.len();
        let moved = |span: Range<usize>| span.start + line_at..span.end + line_at;
        if let Some(span) = tag(line, "version").map(moved) {
            if text[span.clone()].contains('%') {
                return Err(format!("its Version is the macro `{}`; name the line that defines it by a pattern", &text[span]));
            }
            places.push(span);
        } else if let Some(span) = tag(line, "release").map(moved) {
            revision = release(&text[span.clone()], span.start);
        }
    }
    let log = log(text);
    Ok(places.into_iter().map(|span| Place::packaged("Version", Dialect::Rpm, text, span, revision.clone(), log.clone())).collect())
}

fn section(line: &str) -> Option<&str> {
    line.split_whitespace().next().filter(|word| SECTIONS.contains(word))
}

/// The value of `Name: value`, whatever the name's case.
fn tag(line: &str, name: &str) -> Option<Range<usize>> {
    let (key, value) = line.split_once(':')?;
    if !key.trim().eq_ignore_ascii_case(name) {
        return None;
    }
    let bare = value.trim_start();
    let start = line.len() - bare.len();
    Some(start..start + bare.trim_end().len())
}

/// How a `Release` that stands at `start` begins again: what is written out before the macros becomes 1. The schemes for pre-releases and
/// snapshots before 1 (`0.2.rc1`) have no use any more: `Version` says what is a pre-release.
fn release(value: &str, start: usize) -> Revision {
    let head = value.find('%').map_or(value, |at| &value[..at]).trim_end();
    let macros = &value[head.len()..];
    if head.is_empty() && ["%autorelease", "%{autorelease", "%{?autorelease"].iter().any(|own| macros.starts_with(own)) {
        return Revision::Kept;
    }
    let unclear = || {
        Revision::Unclear(format!("its Release is `{value}`, and it is not known how that starts again: write a number, as in 1%{{?dist}}"))
    };
    let is_number =
        |text: &str| !text.is_empty() && text.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    let is_word = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'~' | b'^'));
    // Of a distribution, written out: it stays.
    let built = [".el", ".fc", ".mga", ".amzn", ".oe"].iter().find_map(|word| Some(head.split_at(head.find(word)?).0)).unwrap_or(head);
    let only_tails = macros.split_inclusive('}').all(|one| {
        let name = one.trim().strip_prefix("%{?").and_then(|rest| rest.strip_suffix('}'));
        matches!(one.trim(), "" | "%{dist}" | "%dist" | "%?dist")
            || name.is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
    });
    if only_tails && (is_number(built) || (built.starts_with("0.") && is_word(built))) {
        return Revision::Again { span: start..start + built.len(), first: "1".to_owned() };
    }
    unclear()
}

/// The changelog that a person keeps; none where there is none, or a macro fills it.
fn log(text: &str) -> Option<Log> {
    let mut at = 0;
    let mut lines = text.split_inclusive('\n').map(|line| {
        at += line.len();
        (at - line.len(), line)
    });
    let (start, head) = lines.find(|(_, line)| section(line) == Some("%changelog"))?;
    let start = start + head.len();
    let (line_end, is_broken) = (if head.ends_with("\r\n") { "\r\n" } else { "\n" }, !head.ends_with('\n'));
    let first = lines.find(|(_, line)| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
    match first {
        Some((_, line)) if line.trim_start().starts_with('%') && section(line).is_none() => None,
        Some((at, line)) if line.starts_with('*') => Some(Log { at, newest: newest(line), line_end, is_broken: false }),
        _ => Some(Log { at: start, newest: None, line_end, is_broken }),
    }
}

/// `* Fri Jan 02 2026 Name <address> - 1.2.0-1`.
fn newest(line: &str) -> Option<Newest> {
    let words = line.trim_start_matches('*').split_whitespace().collect::<Vec<_>>();
    let rest = line.rsplit_once('>').map_or("", |(_, rest)| rest).trim();
    let bare = rest.trim_start_matches('-').trim();
    let version = if bare.starts_with(|character: char| character.is_ascii_digit()) { bare } else { "" };
    Some(Newest { day: words.get(..4)?.join(" "), dash: if rest.starts_with('-') { "- " } else { "" }, version: version.to_owned() })
}

impl Log {
    /// The entry of a new version; none where a person wrote it already.
    pub fn entry(&self, version: &str, revision: &Revision, stamp: &Stamp) -> Option<Edit> {
        let Stamp { now, signer } = stamp;
        let signer = signer.as_deref()?;
        let newest = self.newest.as_ref();
        let (epoch, old) = newest.map_or((None, ""), |newest| match newest.version.split_once(':') {
            Some((epoch, rest)) => (Some(epoch), rest),
            None => (None, newest.version.as_str()),
        });
        if old == version || old.strip_prefix(version).is_some_and(|rest| rest.starts_with('-')) {
            return None;
        }
        // rpmbuild refuses entries that are not in the order of their days.
        let day = rpm_day(*now);
        let day = newest.filter(|newest| order(&newest.day) > order(&day)).map_or(day.as_str(), |newest| newest.day.as_str());
        let dash = newest.map_or("- ", |newest| newest.dash);
        let release = match revision {
            Revision::Again { first, .. } => first.as_str(),
            _ => "1",
        };
        let release = if newest.is_none() || old.contains('-') { format!("-{release}") } else { String::new() };
        let epoch = epoch.map(|epoch| format!("{epoch}:")).unwrap_or_default();
        let said = if newest.is_some() && old.is_empty() { String::new() } else { format!(" {dash}{epoch}{version}{release}") };
        let broken = if self.is_broken { "\n" } else { "" };
        let gap = if newest.is_some() { "\n" } else { "" };
        let text = format!("{broken}* {day} {signer}{said}\n- Update to {version}\n{gap}");
        Some(Edit { span: self.at..self.at, text: text.replace('\n', self.line_end) })
    }
}

/// Year, month and day of `Fri Jan 02 2026`; nothing for another text, so that it comes before every day.
fn order(day: &str) -> Option<(u64, usize, u64)> {
    let mut words = day.split_whitespace().skip(1);
    let month = words.next().and_then(|word| MONTHS.iter().position(|month| *month == word))?;
    let day = words.next()?.parse().ok()?;
    Some((words.next()?.parse().ok()?, month, day))
}
