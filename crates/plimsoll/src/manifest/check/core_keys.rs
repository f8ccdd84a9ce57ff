//! Keys that every core's table may have, whatever builds it: the package, the environment, the inputs.

use std::collections::BTreeMap;

use super::super::diagnostic::{Diagnostic, Diagnostics};
use super::super::facts::{CargoFacts, PackageFacts};
use super::super::nearest::suggestion;
use super::super::written::{CoreTable, Written};
use super::values;
use super::workspaces::package_name;

/// Variables that would undo what plimsoll does for every build, with the key to use instead.
const TAKEN_VARIABLES: [(&str, &str); 4] = [
    ("RUSTFLAGS", "use `rustflags`, which adds to the user's own flags"),
    ("CARGO_ENCODED_RUSTFLAGS", "use `rustflags`, which adds to the user's own flags"),
    ("CARGO_TARGET_DIR", "plimsoll chooses the target folder"),
    ("CARGO_BUILD_TARGET", "use `targets`"),
];

/// The package of a core.
pub(crate) fn package<'f>(
    name: &Written<String>,
    table: &CoreTable,
    facts: &'f CargoFacts,
    out: &mut Diagnostics,
) -> Option<&'f PackageFacts> {
    let wanted = package_name(name, table, facts);
    if let Some(package) = facts.package(wanted) {
        return Some(package);
    }
    let shown = wanted.chars().take(80).collect::<String>();
    let (span, label) = match &table.package {
        Some(package) => (&package.span, "no such package"),
        None => (&name.span, "`package` is the core's name when it is not set"),
    };
    let hint = if facts.packages.is_empty() && table.path.is_none() {
        Some(
            "there is no cargo workspace here: `path` names the folder of one, and a core of something else needs `command` and `output`"
                .to_owned(),
        )
    } else {
        suggestion(wanted, "packages", facts.packages.iter().map(|package| package.name.as_str()))
    };
    let place = table.path.as_ref().map(|_| format!(" in `{}`", facts.path)).unwrap_or_default();
    out.push(
        Diagnostic::new("unknown-package", span, format!("no cargo package{place} is called `{shown}`")).label(label).maybe_hint(hint),
    );
    None
}

/// Says that `written` is none of the binaries of `owner`.
pub(crate) fn unknown_binary<'b>(written: &Written<String>, owner: &str, binaries: impl IntoIterator<Item = &'b str>) -> Diagnostic {
    let shown = written.value.chars().take(80).collect::<String>();
    Diagnostic::new("unknown-binary", &written.span, format!("{owner} has no binary `{shown}`"))
        .label("no such binary")
        .maybe_hint(suggestion(&written.value, "binaries", binaries))
}

/// The build's environment.
pub(crate) fn env(table: &CoreTable, out: &mut Diagnostics) -> BTreeMap<String, String> {
    for (variable, _) in &table.env {
        if let Some((name, hint)) = TAKEN_VARIABLES.iter().find(|(name, _)| *name == variable.value) {
            out.push(
                Diagnostic::new("taken-variable", &variable.span, format!("`{name}` cannot be set here"))
                    .label("set by plimsoll")
                    .hint(*hint),
            );
        }
    }
    values::environment(&table.env, out)
}

/// Packages of the machine that the build may find.
pub(crate) fn system(table: &CoreTable, out: &mut Diagnostics) -> Vec<String> {
    let Some(list) = &table.system else {
        return Vec::new();
    };
    let is_name = |text: &str| {
        let begins = text.starts_with(|first: char| first.is_ascii_alphanumeric());
        begins && text.len() <= 128 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._+-".contains(&byte))
    };
    for written in list.value.iter().filter(|written| !is_name(&written.value)) {
        let bad = Diagnostic::new("bad-package", &written.span, "this cannot be the name of a package");
        out.push(
            bad.label("as pkg-config knows it").hint("such as system = [\"zlib\"]; `pkg-config --list-all` lists what the machine has"),
        );
    }
    let mut names = values::distinct(list, "package", out);
    names.sort_unstable();
    names
}

/// What the build reads besides the sources.
pub(crate) fn inputs(table: &CoreTable, out: &mut Diagnostics) -> Vec<String> {
    let Some(list) = &table.inputs else {
        return Vec::new();
    };
    values::distinct(list, "input", out);
    let mut inputs = list.value.iter().filter_map(|written| values::path(written, out)).collect::<Vec<_>>();
    inputs.sort_unstable();
    inputs
}
