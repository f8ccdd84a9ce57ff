//! Turning the Unreleased section into a release, and candidates into what they were candidates of.

use std::collections::BTreeSet;
use std::ops::Range;

use semver::Version;

use super::super::place::{Edit, apply};
use super::super::tag::TagForm;
use super::markdown::Document;
use super::style::Style;
use super::{Changelog, ChangelogError, Section};

impl Changelog<'_> {
    /// The changelog with the Unreleased section made that of `version`, on the day `date` (`2026-01-02`). A final release takes in the
    /// sections of its candidates; links that compare tags move along.
    ///
    /// # Errors
    /// Where there is nothing to release, or the version has a section already.
    pub fn release(&self, version: &Version, date: &str, tags: &TagForm) -> Result<String, ChangelogError> {
        if self.section(version)?.is_some() {
            return Err(ChangelogError::Released(version.clone()));
        }
        let unreleased = self.unreleased().ok_or(ChangelogError::NoUnreleased)?;
        let candidates = if version.pre.is_empty() { self.candidates(version) } else { Vec::new() };
        let sections = candidates.iter().copied().chain([unreleased]).collect::<Vec<_>>();
        if sections.iter().all(|section| self.is_blank(section)) {
            return Err(ChangelogError::NothingUnreleased);
        }
        let latest = self.sections.iter().find_map(|section| Some((&self.text[section.heading.clone()], section.version()?)));
        let style = Style::of(latest, &self.text[unreleased.heading.clone()], tags, version);
        let end = if self.text[unreleased.heading.clone()].ends_with("\r\n") { "\r\n" } else { "\n" };
        let heading = style.heading(unreleased.level, version, date, end);
        let mut edits = Vec::new();
        let at = unreleased.heading.end;
        // A heading at the very end of the file may lack its line end.
        let broken = if self.text[..at].ends_with('\n') { "" } else { end };
        if candidates.is_empty() {
            let gap = if self.text[at..].starts_with(['\n', '\r']) || at == self.text.len() { "" } else { end };
            edits.push(Edit { span: at..at, text: format!("{broken}{end}{heading}{end}{gap}") });
        } else {
            let merged = merged(&sections.iter().map(|section| self.body(section)).collect::<Vec<_>>(), unreleased.level);
            let merged = merged.replace('\n', end);
            edits.push(Edit { span: at..unreleased.body.end, text: format!("{broken}{end}{heading}{end}{end}{merged}") });
            edits.extend(candidates.iter().map(|section| Edit { span: self.whole(section), text: String::new() }));
        }
        edits.extend(self.links(version, &style.label(version), &candidates, tags, end));
        let new = apply(self.text, &edits).unwrap_or_else(|| self.text.to_owned());
        // Sections that were taken out at the very end leave the blank line before them.
        let bare = |text: &str| text.trim_end_matches(['\n', '\r']).len();
        Ok(format!("{}{}", &new[..bare(&new)], &self.text[bare(self.text)..]))
    }

    /// A section with the blank lines after it, but without definitions of links, which others may use.
    fn whole(&self, section: &Section) -> Range<usize> {
        let rest = &self.text[section.body.end..section.end];
        let blank = rest.len() - rest.trim_start_matches(['\n', '\r', ' ']).len();
        section.start..section.body.end + blank
    }

    /// Edits of the definitions at the foot: `[Unreleased]` compares from the new tag on, and the new version from where it did.
    fn links(&self, version: &Version, label: &str, candidates: &[&Section], tags: &TagForm, end: &str) -> Vec<Edit> {
        let all = &self.document.definitions;
        let Some((_, span)) = all.iter().find(|(label, _)| label == "unreleased") else { return Vec::new() };
        let line = &self.text[span.clone()];
        let Some(at) = line.find("compare/").map(|at| at + "compare/".len()) else { return Vec::new() };
        let Some((from, dots)) = ["...", ".."].iter().find_map(|dots| Some((line[at..].split_once(dots)?.0, *dots))) else {
            return Vec::new();
        };
        let tag = tags.tag(version);
        let rest = &line[at + from.len() + dots.len()..];
        let mut start = from.to_owned();
        let mut edits = Vec::new();
        let labels = candidates.iter().filter_map(|section| section.version().map(ToString::to_string)).collect::<Vec<_>>();
        for (number, candidate) in labels.iter().enumerate() {
            let Some((_, span)) = all.iter().find(|(known, _)| known == candidate || known.strip_prefix('v') == Some(candidate)) else {
                continue;
            };
            let old = self.text[span.clone()].split_once("compare/").and_then(|(_, rest)| rest.split_once(dots));
            if let Some((oldest, _)) = old.filter(|_| number == 0) {
                oldest.clone_into(&mut start);
            }
            edits.push(Edit { span: span.clone(), text: String::new() });
        }
        let base = line[..at].split_once("]:").map(|(_, base)| base.trim()).unwrap_or_default();
        let broken = if line.ends_with('\n') { "" } else { end };
        let added = format!("{}{tag}{dots}{rest}{broken}[{label}]: {base}{start}{dots}{tag}{end}", &line[..at]);
        edits.push(Edit { span: span.clone(), text: added });
        edits
    }

    /// The notes of sections, joined by their headings.
    pub(super) fn folded(&self, sections: &[&Section], level: usize) -> String {
        merged(&sections.iter().map(|section| self.body(section)).collect::<Vec<_>>(), level)
    }

    /// `notes`, which are those of `sections`, with the definitions of the links that they use and do not define.
    pub(super) fn with_definitions(&self, notes: &str, sections: &[&Section]) -> String {
        let mut notes = format!("{}\n", notes.trim_matches(['\n', '\r']));
        let labels = sections.iter().flat_map(|section| self.document.used(&section.body)).collect::<BTreeSet<_>>();
        let is_inside = |span: &Range<usize>| sections.iter().any(|section| section.body.contains(&span.start));
        let mut first = true;
        for (_, span) in self.document.definitions.iter().filter(|(label, span)| labels.contains(label.as_str()) && !is_inside(span)) {
            if first {
                notes.push('\n');
            }
            first = false;
            notes.push_str(self.text[span.clone()].trim_end());
            notes.push('\n');
        }
        notes
    }
}

/// Bodies of sections of `level` as one: what stands under the same heading comes together, in the order of the bodies.
fn merged(bodies: &[&str], level: usize) -> String {
    let mut groups = Vec::<(String, Vec<String>)>::new();
    for body in bodies {
        let body = body.replace("\r\n", "\n");
        let marks = Document::parse(&body).headings.into_iter().filter(|heading| heading.level == level + 1).collect::<Vec<_>>();
        let first = marks.first().map_or(body.len(), |heading| heading.line.start);
        let mut parts = vec![(String::new(), body[..first].to_owned())];
        for (at, heading) in marks.iter().enumerate() {
            let end = marks.get(at + 1).map_or(body.len(), |next| next.line.start);
            parts.push((body[heading.line.clone()].trim().to_owned(), body[heading.line.end..end].to_owned()));
        }
        for (heading, content) in parts {
            let content = content.trim_matches('\n').to_owned();
            if Document::parse(&content).is_empty() {
                continue;
            }
            match groups.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(&heading)) {
                Some((_, contents)) => contents.push(content),
                // What stands under no heading stays before all headings.
                None if heading.is_empty() => groups.insert(0, (heading, vec![content])),
                None => groups.push((heading, vec![content])),
            }
        }
    }
    let is_list = |content: &str| content.starts_with(['-', '*', '+']);
    let mut text = String::new();
    for (heading, contents) in groups {
        if !heading.is_empty() {
            text.push_str(&heading);
            text.push_str("\n\n");
        }
        for (at, content) in contents.iter().enumerate() {
            if at > 0 {
                text.push_str(if is_list(content) && is_list(&contents[at - 1]) { "\n" } else { "\n\n" });
            }
            text.push_str(content);
        }
        text.push_str("\n\n");
    }
    // One line end: what follows the section brings the blank line.
    format!("{}\n", text.trim_end_matches('\n'))
}
