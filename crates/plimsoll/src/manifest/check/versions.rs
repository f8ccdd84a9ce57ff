//! `[version]`: which files hold the version, and how.

use std::collections::BTreeMap;

use super::super::diagnostic::{Diagnostic, Diagnostics};
use super::super::nearest::suggestion;
use super::super::written::{VersionEntry, VersionTable, Written};
use super::values;
use plimsoll_version::{Dialect, Format, LineFile, Pattern, Reading, TagForm, VersionFile, VersionSpec};

/// Places in one file that anybody could mean.
const MOST_PLACES: i64 = 1000;

/// The checked table; none where something in it is wrong.
pub(crate) fn versions(table: &VersionTable, out: &mut Diagnostics) -> Option<VersionSpec> {
    let source = match &table.source {
        Some(entry) => file(entry, true, out),
        None => {
            let missing = Diagnostic::new("no-version-source", &table.span, "`version` does not say which file holds the version");
            out.push(missing.label("`source` is missing").hint("add source = \"FILE\", the one file that a person edits"));
            None
        }
    };
    let copies = table.copies.iter().map(|entry| file(entry, false, out)).collect::<Vec<_>>();
    twice(table, out);
    let tag = tag(table.tag.as_ref(), out);
    let changelog = match &table.changelog {
        Some(written) => Some(values::written_path(written, out)?),
        None => None,
    };
    let maintainer = match &table.maintainer {
        Some(written) => Some(maintainer(written, out)?),
        None => None,
    };
    let line = lines(table, out);
    Some(VersionSpec { source: source?, copies: copies.into_iter().collect::<Option<_>>()?, tag: tag?, changelog, maintainer, line: line? })
}

fn file(entry: &VersionEntry, is_source: bool, out: &mut Diagnostics) -> Option<VersionFile> {
    let path = values::written_path(&entry.file, out)?;
    let count = match &entry.count {
        Some(written) if !(1..=MOST_PLACES).contains(&written.value) => {
            let message = format!("`count` is {}, and must be from 1 to {MOST_PLACES}", written.value);
            out.push(Diagnostic::new("bad-count", &written.span, message).label("how many places?"));
            return None;
        }
        Some(written) => usize::try_from(written.value).ok(),
        None => None,
    };
    let Some(pattern) = &entry.pattern else { return known(entry, path, count, is_source, out) };
    let texts = pattern.value.iter().map(String::as_str).collect::<Vec<_>>();
    let parsed = if let [one] = texts.as_slice() { Pattern::whole(one) } else { Pattern::parts(&texts) };
    let parsed = match parsed {
        Ok(parsed) => parsed,
        Err(error) => {
            out.push(Diagnostic::new("bad-pattern", &pattern.span, format!("the pattern {error}")));
            return None;
        }
    };
    let dialect = dialect(entry.dialect.as_ref(), out)?;
    Some(VersionFile { file: path, reading: Reading::Pattern(parsed, dialect), count: Some(count.unwrap_or(1)) })
}

fn known(entry: &VersionEntry, path: String, count: Option<usize>, is_source: bool, out: &mut Diagnostics) -> Option<VersionFile> {
    if let Some(written) = &entry.dialect {
        let only = Diagnostic::new("only-with-pattern", &written.span, "`dialect` belongs to a `pattern`");
        out.push(only.label("a known file has its own dialect"));
        return None;
    }
    let Some(format) = Format::of(&path) else {
        let unknown =
            Diagnostic::new("unknown-version-file", &entry.file.span, format!("it is not known where `{path}` keeps its version"));
        let hint =
            format!("write {{ file = \"{path}\", pattern = '…(…)…' }} with the version as the group; known by name are {}", Format::KNOWN);
        out.push(unknown.label("no known file").hint(hint));
        return None;
    };
    if is_source && format.is_lock() {
        let lock = Diagnostic::new("lock-as-source", &entry.file.span, "a lock file cannot be the source of the version");
        out.push(lock.label("written by a program").hint("name the file that a person edits"));
        return None;
    }
    Some(VersionFile { file: path, reading: Reading::Known(format), count })
}

fn dialect(written: Option<&Written<String>>, out: &mut Diagnostics) -> Option<Dialect> {
    let Some(written) = written else { return Some(Dialect::Semver) };
    let found = Dialect::named(&written.value);
    if found.is_none() {
        let shown = written.value.chars().take(60).collect::<String>();
        let unknown = Diagnostic::new("unknown-dialect", &written.span, format!("there is no dialect `{shown}`"));
        out.push(unknown.maybe_hint(suggestion(&written.value, "dialects", Dialect::ALL.map(Dialect::name))));
    }
    found
}

/// One file with one way of reading it is one copy.
fn twice(table: &VersionTable, out: &mut Diagnostics) {
    let mut seen = BTreeMap::new();
    for entry in table.source.iter().chain(&table.copies) {
        let pattern = entry.pattern.as_ref().map(|pattern| pattern.value.clone());
        if let Some(earlier) = seen.insert((entry.file.value.clone(), pattern), entry) {
            let message = format!("`{}` is named twice", entry.file.value);
            out.push(Diagnostic::new("named-twice", &entry.file.span, message).context(&earlier.file.span, "first named here"));
        }
    }
}

fn tag(written: Option<&Written<String>>, out: &mut Diagnostics) -> Option<TagForm> {
    let Some(written) = written else { return Some(TagForm::default()) };
    match TagForm::parse(&written.value) {
        Ok(form) => Some(form),
        Err(error) => {
            let hint = "such as \"v{version}\", \"{version}\" or \"name-v{version}\"";
            out.push(Diagnostic::new("bad-tag", &written.span, error.to_string()).hint(hint));
            None
        }
    }
}

/// A name and an address on one line, as changelogs of packages are signed.
fn maintainer(written: &Written<String>, out: &mut Diagnostics) -> Option<String> {
    let parts = written.value.strip_suffix('>').and_then(|front| front.split_once(" <"));
    let sound =
        |part: &str| !part.trim().is_empty() && !part.contains(|character: char| character.is_control() || "<>".contains(character));
    if parts.is_some_and(|(name, address)| sound(name) && sound(address) && address.contains('@') && !address.contains(' ')) {
        return Some(written.value.clone());
    }
    let message = "`maintainer` is no name with an address";
    out.push(Diagnostic::new("bad-maintainer", &written.span, message).hint("as in \"A Person <person@example.org>\""));
    None
}

fn lines(table: &VersionTable, out: &mut Diagnostics) -> Option<Vec<LineFile>> {
    let Some(list) = &table.line else { return Some(Vec::new()) };
    values::distinct(list, "file", out);
    let mut lines = Vec::new();
    for written in &list.value {
        let path = values::written_path(written, out)?;
        if table.source.iter().chain(&table.copies).any(|entry| entry.file.value == path) {
            let message = format!("`{path}` holds the version, and would be overwritten with the line");
            out.push(Diagnostic::new("line-over-version", &written.span, message));
            return None;
        }
        match LineFile::new(&path) {
            Ok(line) => lines.push(line),
            Err(error) => {
                out.push(Diagnostic::new("bad-line-file", &written.span, error.to_string()).label("no place for a version's line"));
                return None;
            }
        }
    }
    Some(lines)
}

/// The source says another version than the cargo package that is built.
pub(crate) fn differs(source: &Written<String>, package: &str, version: &semver::Version) -> Diagnostic {
    let message = format!("the source of the version says {}, and the cargo package `{package}` has {version}", source.value);
    let hint = "name the file that gives the package its version as the source, or as one of the copies";
    Diagnostic::new("version-differs", &source.span, message).label("another version").hint(hint)
}
