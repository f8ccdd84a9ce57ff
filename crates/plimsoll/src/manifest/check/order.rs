//! The order of tests: none may wait for itself by way of others.

use std::collections::{BTreeMap, BTreeSet};

use super::super::diagnostic::{Diagnostic, Diagnostics};
use super::super::written::{Manifest, Strings};

/// Tells each test that comes after one that comes after it.
pub(super) fn check(manifest: &Manifest, out: &mut Diagnostics) {
    let lists = manifest.test.iter().filter_map(|(name, table)| Some((name.value.as_str(), table.after.as_ref()?)));
    let lists = lists.collect::<BTreeMap<&str, &Strings>>();
    for (name, list) in &lists {
        let before = before(name, &lists);
        // One that names itself is told by its own check.
        if before.contains(name) && !list.value.iter().any(|other| other.value == *name) {
            let others = before.iter().filter(|other| *other != name && before_contains(other, name, &lists));
            let others = others.map(|other| format!("`{other}`")).collect::<Vec<_>>().join(", ");
            let circle = Diagnostic::new("test-circle", &list.span, format!("`test.{name}` waits for {others}, and that for `{name}`"));
            out.push(circle.label("none of them could be first"));
            return;
        }
    }
}

/// Every test that must have passed before one.
fn before<'m>(name: &str, lists: &BTreeMap<&'m str, &'m Strings>) -> BTreeSet<&'m str> {
    let mut found = BTreeSet::new();
    let mut waiting = lists.get(name).into_iter().flat_map(|list| &list.value).collect::<Vec<_>>();
    while let Some(other) = waiting.pop() {
        if found.insert(other.value.as_str()) {
            waiting.extend(lists.get(other.value.as_str()).into_iter().flat_map(|list| &list.value));
        }
    }
    found
}

fn before_contains(name: &str, other: &str, lists: &BTreeMap<&str, &Strings>) -> bool {
    before(name, lists).contains(other)
}
