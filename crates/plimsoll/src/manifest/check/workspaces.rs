//! The cargo workspace of a core: the project's own, or the one in the folder that its `path` names.

use std::collections::BTreeSet;

use super::super::diagnostic::{Diagnostic, Diagnostics};
use super::super::facts::CargoFacts;
use super::super::nearest::suggestion;
use super::super::written::{CoreTable, Written};
use super::values;

const MANIFEST: &str = "/Cargo.toml";

/// What cargo says of the folder that a core lies in; none if that is wrong, and told.
pub(crate) fn of_core<'f>(
    name: &Written<String>,
    table: &CoreTable,
    facts: &'f CargoFacts,
    sources: &BTreeSet<String>,
    out: &mut Diagnostics,
) -> Option<&'f CargoFacts> {
    let Some(written) = &table.path else { return Some(facts) };
    if is_the_project(&written.value) && facts.path.is_empty() {
        return Some(facts);
    }
    let path = values::path(written, out)?;
    if facts.leading_out.contains(&path) {
        let message = format!("the path `{path}` of the core `{}` leads out of the project", name.value);
        let hint = "a core lies in the project; what it needs from elsewhere can be a path dependency of it, or one of its `inputs`";
        out.push(Diagnostic::new("core-outside", &written.span, message).label("a link to another place").hint(hint));
        return None;
    }
    let manifest = format!("{path}{MANIFEST}");
    if let Some(found) = facts.at(&path).filter(|_| sources.contains(&manifest)) {
        return Some(found);
    }
    let missing = Diagnostic::new("no-such-workspace", &written.span, format!("there is no source file `{manifest}`"));
    let folders = sources.iter().filter_map(|source| source.strip_suffix(MANIFEST));
    let hint = if facts.at(&path).is_some() {
        Some("files that git ignores are no sources".to_owned())
    } else {
        suggestion(&path, "folders with a Cargo.toml", folders)
    };
    out.push(missing.label("no folder of a cargo package or workspace").maybe_hint(hint));
    None
}

/// Whether a path is the project's own folder.
pub(crate) fn is_the_project(path: &str) -> bool {
    matches!(path, "." | "./")
}

/// The cargo package that a core is named after, or that it names; that of its folder, if it names none and no other has its name.
pub(crate) fn package_name<'t>(name: &'t Written<String>, table: &'t CoreTable, facts: &'t CargoFacts) -> &'t str {
    let in_folder = facts.package_here.as_deref().filter(|_| table.path.is_some() && facts.package(&name.value).is_none());
    table.package.as_ref().map_or(in_folder.unwrap_or(name.value.as_str()), |package| &package.value)
}
