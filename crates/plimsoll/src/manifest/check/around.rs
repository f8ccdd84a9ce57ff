//! What a test has around what it installs: packages of others, files of the project, and tests that come before it.

use std::collections::BTreeSet;

use plimsoll_model::python::normalised_name;
use plimsoll_model::{Client, Name};
use plimsoll_pack::wheel::Requirement;

use super::super::diagnostic::{Diagnostic, Diagnostics};
use super::super::nearest::nearest;
use super::super::written::{Manifest, TestTable, Written};
use super::{Artifacts, values};
use crate::kinds;

/// All of it.
pub(super) struct Around {
    /// Packages of others, each in its normal form.
    pub(super) requirements: BTreeSet<String>,
    /// Files and folders of the project.
    pub(super) files: BTreeSet<String>,
    /// Tests that must have passed before.
    pub(super) after: BTreeSet<Name>,
}

impl Around {
    /// What a table says; none if something in it is wrong.
    pub(super) fn read(
        (written, table): (&Written<String>, &TestTable),
        client: Option<Client>,
        (manifest, artifacts, sources): (&Manifest, &Artifacts, &BTreeSet<String>),
        out: &mut Diagnostics,
    ) -> Option<Self> {
        let before = out.count();
        let read = Self {
            requirements: requirements(table, client, artifacts, out),
            files: files(table, sources, out),
            after: after(written, table, manifest, out),
        };
        (out.count() == before).then_some(read)
    }
}

fn requirements(table: &TestTable, client: Option<Client>, artifacts: &Artifacts, out: &mut Diagnostics) -> BTreeSet<String> {
    let Some(list) = &table.requirements else { return BTreeSet::new() };
    if client.is_some_and(|client| !kinds::starts_anything(client)) {
        let message = "`requirements` are installed by pip, and so is nothing else of this test";
        out.push(Diagnostic::new("no-pip", &list.span, message).label("by what?").hint("give a test of something else `given` files"));
        return BTreeSet::new();
    }
    let mut read = BTreeSet::new();
    for written in &list.value {
        match written.value.parse::<Requirement>() {
            Err(error) => out.push(Diagnostic::new("bad-requirement", &written.span, error.to_string()).label("what should be installed?")),
            Ok(requirement) if is_of_release(&requirement, artifacts) => {
                let message = format!("`{}` is made by this release", requirement.name());
                out.push(Diagnostic::new("own-requirement", &written.span, message).label("of others").hint("name it in `install`"));
            }
            Ok(requirement) => {
                read.insert(requirement.to_string());
            }
        }
    }
    read
}

/// Whether the release itself publishes what is asked for: an index would have an earlier one.
fn is_of_release(requirement: &Requirement, artifacts: &Artifacts) -> bool {
    let asked = requirement.name().normalized();
    let published = artifacts.list.iter().flat_map(|artifact| artifact.targets.values());
    let mut names = published.filter_map(|shipment| kinds::published_as(&shipment.kind));
    names.any(|name| normalised_name(name, '-') == asked)
}

fn files(table: &TestTable, sources: &BTreeSet<String>, out: &mut Diagnostics) -> BTreeSet<String> {
    let mut read = BTreeSet::new();
    for written in table.files.iter().flat_map(|list| &list.value) {
        let Some(path) = values::path(written, out) else { continue };
        let folder = format!("{path}/");
        if sources.contains(&path) || sources.iter().any(|source| source.starts_with(&folder)) {
            read.insert(path);
            continue;
        }
        let missing = Diagnostic::new("no-file", &written.span, format!("`{path}` is neither a file nor a folder among the sources"));
        let hint = nearest(&path, sources.iter().map(String::as_str)).map(|near| format!("did you mean `{near}`?"));
        out.push(missing.label("not in the project").maybe_hint(hint));
    }
    read
}

fn after(written: &Written<String>, table: &TestTable, manifest: &Manifest, out: &mut Diagnostics) -> BTreeSet<Name> {
    let mut read = BTreeSet::new();
    for other in table.after.iter().flat_map(|list| &list.value) {
        let names = || manifest.test.iter().map(|(name, _)| name.value.as_str()).filter(|name| *name != written.value);
        if !names().any(|name| name == other.value) {
            let shown = other.value.chars().take(80).collect::<String>();
            let message = if other.value == written.value {
                format!("`test.{shown}` comes after itself")
            } else {
                format!("there is no other test `{shown}`")
            };
            let hint = nearest(&other.value, names()).map(|near| format!("did you mean `{near}`?"));
            out.push(Diagnostic::new("unknown-test", &other.span, message).label("after what?").maybe_hint(hint));
            continue;
        }
        read.extend(other.value.parse::<Name>());
    }
    read
}
