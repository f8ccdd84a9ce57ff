//! `debian/changelog`: the version of the newest entry. An entry that was released is history: a new version gets an entry of its own above
//! it; one that is still `UNRELEASED` changes its version. <https://manpages.debian.org/deb-changelog.5>

use std::ops::Range;

use super::super::calendar::rfc_2822;
use super::super::place::{Edit, Place};

/// The newest entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stanza {
    /// The upstream version, between epoch and revision.
    pub upstream: Range<usize>,
    /// From the start of the upstream version to the end of the revision.
    whole: Range<usize>,
    /// `-3` → `-1`, as a new version starts again; empty for native packages.
    revision: String,
    /// `2:`, or nothing.
    epoch: String,
    package: String,
    /// `unstable; urgency=medium`.
    rest: String,
    /// `Name <address>`.
    maintainer: String,
    /// `\n`, or `\r\n`.
    line_end: &'static str,
    /// Where the entry starts.
    start: usize,
}

pub(super) fn places(text: &str) -> Result<Vec<Place>, String> {
    let bare = text.trim_start_matches('\u{feff}').trim_start();
    if bare.is_empty() {
        return Ok(Vec::new());
    }
    stanza(text, text.len() - bare.len())
        .map(|stanza| vec![Place::stanza(text, stanza)])
        .ok_or_else(|| "its first line is no `package (version) distribution; urgency=…`".to_owned())
}

fn stanza(text: &str, start: usize) -> Option<Stanza> {
    let line = text[start..].lines().next()?;
    let open = line.find('(')?;
    let close = open + line[open..].find(')')?;
    let rest = line[close + 1..].trim();
    let package = line[..open].trim();
    if package.is_empty() || package.contains(char::is_whitespace) || !rest.contains(';') {
        return None;
    }
    let version = &line[open + 1..close];
    let epoch = version.find(':').map_or(0, |at| at + 1);
    let upstream_end = version.rfind('-').filter(|at| *at >= epoch).unwrap_or(version.len());
    let revision = &version[upstream_end..];
    let digits = revision.bytes().rev().take_while(u8::is_ascii_digit).count();
    let revision = if digits > 0 { format!("{}1", &revision[..revision.len() - digits]) } else { revision.to_owned() };
    let trailer = text[start..].lines().find_map(|line| line.strip_prefix(" -- "))?;
    let maintainer = trailer.split_once("  ").map_or(trailer, |(maintainer, _)| maintainer);
    let at = start + open + 1;
    Some(Stanza {
        upstream: at + epoch..at + upstream_end,
        whole: at + epoch..at + version.len(),
        revision,
        epoch: version[..epoch].to_owned(),
        package: package.to_owned(),
        rest: rest.to_owned(),
        maintainer: maintainer.trim().to_owned(),
        line_end: if text[start..].starts_with(&format!("{line}\r\n")) { "\r\n" } else { "\n" },
        start,
    })
}

impl Stanza {
    /// What makes the newest entry one of `version`.
    pub fn edit(&self, version: &str, now: u64) -> Edit {
        let version = format!("{version}{}", self.revision);
        if self.rest.split(';').next().is_some_and(|distribution| distribution.trim() == "UNRELEASED") {
            return Edit { span: self.whole.clone(), text: version };
        }
        let Self { epoch, package, rest, maintainer, .. } = self;
        let entry = format!("{package} ({epoch}{version}) {rest}\n\n  * New upstream release.\n\n -- {maintainer}  {}\n\n", rfc_2822(now));
        Edit { span: self.start..self.start, text: entry.replace('\n', self.line_end) }
    }
}
