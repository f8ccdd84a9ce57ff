//! Changelogs: Keep a Changelog's headings, plain `## 1.2.3 (date)` ones, and those that tools write. <https://keepachangelog.com/en/1.1.0/>
//!
//! Pure. Sections are spans of the text; what is cut is cut exactly, and what is not concerned keeps every byte.

mod cut;
mod heading;
mod markdown;
mod style;

use std::ops::Range;

use semver::Version;

use self::heading::{Release, Title, normalised, title};
use self::markdown::{Document, with_anchors};

/// Why a changelog does not do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangelogError {
    /// No section of the version.
    #[error("has no section for {0}")]
    Missing(Version),
    /// A section without anything to read in it.
    #[error("the section for {0} is empty")]
    Empty(Version),
    /// Two sections of one version.
    #[error("has two sections for {0}")]
    Twice(Version),
    /// Nothing to turn into the release.
    #[error("has no Unreleased section")]
    NoUnreleased,
    /// Nothing was written since the last release.
    #[error("the Unreleased section is empty")]
    NothingUnreleased,
    /// The version has its section already.
    #[error("has a section for {0} already")]
    Released(Version),
}

/// A changelog and its sections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changelog<'t> {
    text: &'t str,
    document: Document,
    sections: Vec<Section>,
}

/// What a section is of.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Unreleased,
    Release {
        version: Version,
        is_short: bool,
    },
    /// Another package's release.
    Foreign,
}

/// A section: a heading with a version or `Unreleased`, and everything up to the next, whatever their levels.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Section {
    kind: Kind,
    level: usize,
    /// Where it begins, with anchors before its heading.
    start: usize,
    /// The heading's lines, with their end.
    heading: Range<usize>,
    /// What follows it, without what stands at its end for the sake of what follows.
    body: Range<usize>,
    /// The end of the section, all of that included.
    end: usize,
}

impl<'t> Changelog<'t> {
    /// Finds the sections; `names` are those of the project and its packages, for headings that name them. A text without any section is a
    /// changelog without sections.
    pub fn parse(text: &'t str, names: &[String]) -> Self {
        let document = Document::parse(text);
        let titles = document.headings.iter().map(|heading| (heading.level, title(&heading.text))).collect::<Vec<_>>();
        let (kinds, top) = kinds(&titles, names);
        let mut sections = Vec::new();
        for (at, kind) in kinds.iter().enumerate() {
            let (Some(kind), heading) = (kind, &document.headings[at]) else { continue };
            let end = end(&document, &kinds, at, top).map_or(text.len(), |next| with_anchors(text, document.headings[next].line.start));
            let from = heading.line.end.min(end);
            sections.push(Section {
                kind: kind.clone(),
                level: heading.level,
                start: with_anchors(text, heading.line.start),
                heading: heading.line.clone(),
                body: from..document.end(text, from..end),
                end,
            });
        }
        Self { text, document, sections }
    }

    fn section(&self, version: &Version) -> Result<Option<&Section>, ChangelogError> {
        let of = |short: bool| {
            let wanted = Kind::Release { version: version.clone(), is_short: short };
            self.sections.iter().filter(move |section| section.kind == wanted)
        };
        // `1.2` is 1.2.0 only where nothing else is.
        let mut found = of(false);
        let first = found.next().or_else(|| of(true).next());
        if found.next().is_some() {
            return Err(ChangelogError::Twice(version.clone()));
        }
        Ok(first)
    }

    fn unreleased(&self) -> Option<&Section> {
        self.sections.iter().find(|section| section.kind == Kind::Unreleased)
    }

    /// Sections of the pre-releases of `version`, oldest first.
    fn candidates(&self, version: &Version) -> Vec<&Section> {
        let same = |own: &Version| {
            (own.major, own.minor, own.patch) == (version.major, version.minor, version.patch) && !own.pre.is_empty() && own < version
        };
        let mut found = self.sections.iter().filter(|section| section.version().is_some_and(same)).collect::<Vec<_>>();
        found.sort_by_key(|section| section.version());
        found
    }

    fn body(&self, section: &Section) -> &'t str {
        &self.text[section.body.clone()]
    }

    fn is_blank(&self, section: &Section) -> bool {
        self.document.is_blank(&section.body)
    }

    /// The notes of a release, as they stand in its section, with the definitions of the links that they use. A release whose own section
    /// holds nothing has the notes of its candidates.
    ///
    /// # Errors
    /// Where the section is missing or holds nothing to read.
    pub fn notes(&self, version: &Version) -> Result<String, ChangelogError> {
        let section = self.section(version)?.ok_or_else(|| ChangelogError::Missing(version.clone()))?;
        if !self.is_blank(section) {
            return Ok(self.with_definitions(self.body(section), &[section]));
        }
        let candidates = if version.pre.is_empty() { self.candidates(version) } else { Vec::new() };
        if candidates.iter().all(|section| self.is_blank(section)) {
            return Err(ChangelogError::Empty(version.clone()));
        }
        Ok(self.with_definitions(&self.folded(&candidates, section.level), &candidates))
    }
}

impl Section {
    fn version(&self) -> Option<&Version> {
        match &self.kind {
            Kind::Release { version, .. } => Some(version),
            _ => None,
        }
    }
}

/// What each heading is a section of, if of any, and the least level of those.
fn kinds(titles: &[(usize, Title)], names: &[String]) -> (Vec<Option<Kind>>, usize) {
    let own = own_names(titles, names);
    let is_own = |release: &Release| release.name.as_ref().is_none_or(|name| own.contains(name));
    let level = |is_exact: bool| {
        let fits = |title: &Title| match title {
            Title::Unreleased => true,
            Title::Release(release) => is_own(release) && (release.is_exact || !is_exact) && (release.is_exact || !release.is_short),
            Title::Other => false,
        };
        titles.iter().filter(|(_, title)| fits(title)).map(|(level, _)| *level).min()
    };
    let top = level(true).or_else(|| level(false)).unwrap_or(1);
    let kind = |(level, title): &(usize, Title)| match title {
        Title::Unreleased => Some(Kind::Unreleased),
        // A deeper heading that says more is a subject of the release that it stands in.
        Title::Release(release) if is_own(release) && (release.is_exact || (*level == top && !release.is_short)) => {
            Some(Kind::Release { version: release.version.clone(), is_short: release.is_short })
        }
        Title::Release(release) if !is_own(release) && release.is_exact && *level <= top && is_name(release) => Some(Kind::Foreign),
        _ => None,
    };
    (titles.iter().map(kind).collect(), top)
}

/// Whether what stands before a version is a package's name, and no phrase.
fn is_name(release: &Release) -> bool {
    release.name.as_ref().is_some_and(|name| !name.contains(' '))
}

/// The names in headings that are the project's: those that it has, else the only one, where it stands as high as any release.
fn own_names(titles: &[(usize, Title)], names: &[String]) -> Vec<String> {
    let exact = titles.iter().filter_map(|(level, title)| match title {
        Title::Release(release) if release.is_exact => Some((*level, release)),
        _ => None,
    });
    let (named, plain): (Vec<_>, Vec<_>) = exact.partition(|(_, release)| release.name.is_some());
    let found = |name: &String| named.iter().any(|(_, release)| release.name.as_ref() == Some(name));
    let known = names.iter().map(|name| normalised(name)).filter(found).collect::<Vec<_>>();
    let highest = |releases: &[(usize, &Release)]| releases.iter().map(|(level, _)| *level).min();
    let Some(top) = highest(&named).filter(|_| known.is_empty()) else { return known };
    // Beside releases without a name, a phrase is the subject of one, and two numbers are another project's.
    let counts = |release: &Release| plain.is_empty() || (is_name(release) && !release.is_short);
    let mut others = named
        .iter()
        .filter(|(level, release)| *level == top && counts(release))
        .filter_map(|(_, release)| release.name.clone())
        .collect::<Vec<_>>();
    others.sort();
    others.dedup();
    if others.len() == 1 && highest(&plain).is_none_or(|plain| top <= plain) { others } else { Vec::new() }
}

/// The heading that ends the section of another.
fn end(document: &Document, kinds: &[Option<Kind>], at: usize, top: usize) -> Option<usize> {
    let (own, is_release) = (&document.headings[at], matches!(kinds[at], Some(Kind::Release { .. })));
    let mut takes_equals = own.level > top;
    for (next, heading) in document.headings.iter().enumerate().skip(at + 1) {
        if kinds[next].is_some() || heading.level < own.level {
            return Some(next);
        }
        if heading.level == own.level && !takes_equals {
            // Some tools write a patch and what is below it at one level: what would be empty otherwise is what follows.
            takes_equals = is_release && document.is_blank(&(own.line.end..heading.line.start));
            if !takes_equals {
                return Some(next);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests;
