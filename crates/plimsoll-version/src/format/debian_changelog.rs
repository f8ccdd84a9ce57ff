//! `debian/changelog`: the version of the newest entry. An entry that was released is history: a new version gets an entry of its own above
//! it; one that is still `UNRELEASED` changes its version. <https://manpages.debian.org/deb-changelog.5>

use std::ops::Range;

use super::super::calendar::rfc_2822;
use super::super::place::{Edit, Place, Stamp};

/// The newest entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stanza {
    /// The upstream version, between epoch and revision.
    pub upstream: Range<usize>,
    /// From the start of the upstream version to the end of the revision.
    whole: Range<usize>,
    /// What the revision is with a new version, its dash included; empty for native packages.
    revision: Result<String, String>,
    /// `2:`, or nothing.
    epoch: String,
    package: String,
    distribution: String,
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
    let (distribution, _) = line[close + 1..].split_once(';')?;
    let package = line[..open].trim();
    if package.is_empty() || package.contains(char::is_whitespace) {
        return None;
    }
    let version = &line[open + 1..close];
    let epoch = version.find(':').map_or(0, |at| at + 1);
    let upstream_end = version.rfind('-').filter(|at| *at >= epoch).unwrap_or(version.len());
    let at = start + open + 1;
    Some(Stanza {
        upstream: at + epoch..at + upstream_end,
        whole: at + epoch..at + version.len(),
        revision: first_revision(&version[upstream_end..]),
        epoch: version[..epoch].to_owned(),
        package: package.to_owned(),
        distribution: distribution.trim().to_owned(),
        line_end: if text[start..].starts_with(&format!("{line}\r\n")) { "\r\n" } else { "\n" },
        start,
    })
}

/// The revision of a new upstream version: `-1`, and `-0ubuntu1` where a derivative counts its own, as nobody before it packaged that version.
fn first_revision(old: &str) -> Result<String, String> {
    let Some(revision) = old.strip_prefix('-') else { return Ok(String::new()) };
    let is_number =
        |text: &str| !text.is_empty() && text.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    if is_number(revision) {
        return Ok("-1".to_owned());
    }
    let word = revision.trim_start_matches(|character: char| character.is_ascii_digit());
    let end = word.find(|character: char| !character.is_ascii_lowercase()).unwrap_or(word.len());
    let (word, number) = word.split_at(end);
    // A rebuild, as in `1build2`, counts nothing of the derivative's own.
    if revision.starts_with(|character: char| character.is_ascii_digit()) && !word.is_empty() && word != "build" && is_number(number) {
        return Ok(format!("-0{word}1"));
    }
    Err(format!("its revision is `{revision}`, and it is not known how that starts again; write the new entry by hand"))
}

impl Stanza {
    /// Whether a new version gets an entry of its own.
    pub fn is_released(&self) -> bool {
        self.distribution != "UNRELEASED"
    }

    /// What makes the newest entry one of `version`.
    ///
    /// # Errors
    /// Where it is not known which revision that has.
    pub fn edit(&self, version: &str, stamp: &Stamp) -> Result<Edit, String> {
        let revision = self.revision.clone()?;
        if !self.is_released() {
            return Ok(Edit { span: self.whole.clone(), text: format!("{version}{revision}") });
        }
        let Self { epoch, package, distribution, .. } = self;
        // Security updates, backports and uploads to several at once are each decided on anew.
        let is_usual = !distribution.is_empty() && distribution.bytes().all(|byte| byte.is_ascii_lowercase());
        let distribution = if is_usual { distribution } else { "UNRELEASED" };
        let what = if revision.is_empty() { "New release." } else { "New upstream release." };
        let (signer, day) = (stamp.signer.as_deref().unwrap_or_default(), rfc_2822(stamp.now));
        let entry =
            format!("{package} ({epoch}{version}{revision}) {distribution}; urgency=medium\n\n  * {what}\n\n -- {signer}  {day}\n\n");
        Ok(Edit { span: self.start..self.start, text: entry.replace('\n', self.line_end) })
    }
}
