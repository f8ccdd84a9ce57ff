//! `Cargo.lock`: the entries of the project's own packages, which have no source.
//! <https://doc.rust-lang.org/cargo/reference/resolver.html#lock-files> (the form is cargo's own)

use std::collections::BTreeSet;
use std::ops::Range;

use toml::de::DeTable;

use super::super::dialect::Dialect;
use super::super::place::{Edit, Place, apply};
use super::Own;
use super::toml_text::{Document, as_table, items, text as string_of};

/// What one lock file holds of the project, and of packages by path that only have the same names: an entry does not say its folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LockFacts {
    /// Names of own packages in it.
    pub own: BTreeSet<String>,
    /// Names and versions of other packages by path.
    pub others: BTreeSet<(String, String)>,
}

impl LockFacts {
    fn is_own(&self, name: &str, version: &str) -> bool {
        self.own.contains(name) && !self.others.contains(&(name.to_owned(), version.to_owned()))
    }
}

pub(super) fn places(path: &str, text: &str, own: &Own) -> Result<Vec<Place>, String> {
    let document = Document::parse(text)?;
    let facts = own.locks.get(path).cloned();
    let facts = facts.unwrap_or_else(|| LockFacts { own: own.cargo.keys().cloned().collect(), others: BTreeSet::new() });
    let mut places = Vec::new();
    let mut carried = BTreeSet::new();
    for table in entries(&document).chain(items(document.value(&["patch", "unused"])).filter_map(as_table)) {
        let name = string_of(table, "name").unwrap_or_default();
        let is_own = facts.is_own(name, string_of(table, "version").unwrap_or_default()) && !table.contains_key("source");
        if let Some(version) = table.get("version").filter(|version| is_own && version.get_ref().is_str()) {
            let literal = document.literal(version)?;
            carried.insert(format!("{name} {}", literal.value));
            places.push(Place::whole(format!("package {name}"), Dialect::Semver, text, literal.span));
        }
    }
    // Where two packages have one name, others name them with the version.
    for table in entries(&document) {
        for dependency in items(table.get("dependencies")).filter(|item| item.get_ref().is_str()) {
            let literal = document.literal(dependency)?;
            if let Some((name, _)) = literal.value.split_once(' ').filter(|_| carried.contains(literal.value)) {
                let by = string_of(table, "name").unwrap_or_default();
                let span = literal.span.start + name.len() + 1..literal.span.end;
                places.push(Place::pin(format!("dependency of {by} on {name}"), Dialect::Semver, text, span));
            }
        }
    }
    Ok(places)
}

fn entries<'d, 't>(document: &'d Document<'t>) -> impl Iterator<Item = &'d DeTable<'t>> {
    items(document.value(&["package"])).filter_map(as_table)
}

/// Packages that are alike in name and version: what others call them by depends on whether there are any.
pub fn alike(text: &str) -> Result<BTreeSet<(String, String)>, String> {
    let document = Document::parse(text)?;
    let mut seen = BTreeSet::new();
    let keys = entries(&document).map(|table| key(table, |version| version.to_owned()));
    Ok(keys.filter(|key| !seen.insert(key.clone())).collect())
}

/// The text in cargo's order, without which it would not take the file as it is: packages by name and version, and in each what it depends
/// on, by names and versions as words.
pub fn in_order(text: &str) -> Result<String, String> {
    let document = Document::parse(text)?;
    let mut edits = Vec::new();
    for table in entries(&document) {
        let list = items(table.get("dependencies")).filter(|item| item.get_ref().is_str());
        let list = list.map(|item| document.literal(item)).collect::<Result<Vec<_>, _>>()?;
        let mut words = list.iter().map(|literal| literal.value).collect::<Vec<_>>();
        words.sort_by_key(|word| word.split(' ').collect::<Vec<_>>());
        edits.extend(list.iter().zip(words).map(|(literal, word)| Edit { span: literal.span.clone(), text: word.to_owned() }));
    }
    let text = apply(text, &edits).ok_or_else(|| "has two dependencies in one place".to_owned())?;
    let document = Document::parse(&text)?;
    let semver = |version: &str| version.parse::<semver::Version>().ok();
    let keys = entries(&document).map(|table| key(table, semver)).collect::<Vec<_>>();
    let blocks = blocks(&text);
    if keys.is_sorted() || blocks.len() != keys.len() {
        return Ok(text);
    }
    let mut order = (0..keys.len()).collect::<Vec<_>>();
    order.sort_by_key(|at| &keys[*at]);
    let moved = blocks.iter().zip(order).map(|(to, from)| Edit { span: to.clone(), text: text[blocks[from].clone()].to_owned() });
    apply(&text, &moved.collect::<Vec<_>>()).ok_or_else(|| "has two packages in one place".to_owned())
}

/// Name and version of a package.
fn key<V>(table: &DeTable<'_>, read: impl Fn(&str) -> V) -> (String, V) {
    (string_of(table, "name").unwrap_or_default().to_owned(), read(string_of(table, "version").unwrap_or_default()))
}

/// The lines of each package, without the blank ones after them.
fn blocks(text: &str) -> Vec<Range<usize>> {
    let mut blocks = Vec::<Range<usize>>::new();
    let (mut at, mut open) = (0, false);
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        if line.trim_end() == "[[package]]" {
            blocks.push(start..at);
            open = true;
        } else if line.starts_with('[') {
            open = false;
        } else if let Some(block) = blocks.last_mut().filter(|_| open && !line.trim().is_empty()) {
            block.end = at;
        }
    }
    blocks
}
