//! Cores that the project's own command makes.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::plan::Compile;
use semver::Version;

use super::super::diagnostic::{Diagnostic, Diagnostics};
use super::super::facts::{CargoFacts, PackageFacts};
use super::super::project::Core;
use super::super::written::{CoreTable, Manifest, Written};
use super::core_keys::{env, inputs, package, system};
use super::workspaces::package_name;
use super::{strip, values};

/// A core that is made by a command; `given` is the version that cargo knows for it.
pub(crate) fn by_command(
    name: &Written<String>,
    table: &CoreTable,
    given: Option<Version>,
    manifest: &Manifest,
    facts: &CargoFacts,
    out: &mut Diagnostics,
) -> Option<Core> {
    only_cargo_has(table, out);
    let core_name = values::name(name, "a core", out);
    let (env, inputs, system) = (env(table, out), inputs(table, out), system(table, out));
    let compile = match (&table.command, &table.output) {
        (Some(command), Some(output)) => {
            let sound = values::filled(command, "command", "nothing to run", out);
            let output = values::path(output, out);
            output.filter(|_| sound).map(|output| Compile::Command { command: command.value.clone(), output })
        }
        (Some(command), None) => {
            let message = format!("the core `{}` has a `command` and no `output`", name.value);
            out.push_absence(
                Diagnostic::new("no-output", &command.span, message).label("what does it leave?").hint("add output = \"FILE OR FOLDER\""),
            );
            None
        }
        (_, output) => {
            let span = output.as_ref().map_or(&name.span, |output| &output.span);
            let message = format!("the core `{}` has an `output` and no `command`", name.value);
            out.push_absence(
                Diagnostic::new("no-command", span, message).label("what makes it?").hint("cargo's own outputs need no `output`"),
            );
            None
        }
    };
    let package = match &table.package {
        Some(_) => Some(package(name, table, facts, out)?),
        None => facts.package(package_name(name, table, facts)),
    };
    let version = given.or_else(|| declared_version(manifest, name, out));
    let binaries = command_binaries(name, table, package, out);
    let strip = strip::of_command(table, out);
    Some(Core {
        variant_of: None,
        only_for: None,
        name: core_name?,
        version: version?,
        compile: compile?,
        binaries: binaries?,
        features_known: Vec::new(),
        cpu: None,
        strip,
        env,
        inputs,
        system,
        embed: BTreeMap::new(),
    })
}

/// Keys that mean nothing where cargo is not called by us.
fn only_cargo_has(table: &CoreTable, out: &mut Diagnostics) {
    let spans = [
        ("features", table.features.as_ref().map(|written| &written.span)),
        ("default-features", table.default_features.as_ref().map(|written| &written.span)),
        ("profile", table.profile.as_ref().map(|written| &written.span)),
        ("cpu", table.cpu.as_ref().map(|written| &written.span)),
        ("rustflags", table.rustflags.as_ref().map(|written| &written.span)),
    ];
    for (key, span) in spans.into_iter().filter_map(|(key, span)| Some((key, span?))) {
        let message = format!("`{key}` does nothing in a core with a `command`");
        out.push(
            Diagnostic::new("only-for-cargo", span, message)
                .label("for cargo only")
                .hint("pass it to the program in `command`, or by `env`"),
        );
    }
}

/// The package that gives a core its version: its own, or any where all packages with binaries share one.
pub(crate) fn version_giver(package: Option<&PackageFacts>, facts: &CargoFacts) -> Option<(String, Version)> {
    let shared = facts.with_binaries().map(|package| &package.version).collect::<BTreeSet<_>>();
    let giver = package.or_else(|| facts.with_binaries().next().filter(|_| shared.len() == 1))?;
    Some((giver.name.clone(), giver.version.clone()))
}

/// The manifest's version, for a core that no cargo package gives one.
pub(super) fn declared_version(manifest: &Manifest, name: &Written<String>, out: &mut Diagnostics) -> Option<Version> {
    let Some(written) = &manifest.version else {
        let message = format!("no version is known for the core `{}`", name.value);
        let hint = "add version = \"1.2.3\" at the top, or `package` to the core";
        out.push_absence(Diagnostic::new("no-version", &name.span, message).label("no cargo package gives it").hint(hint));
        return None;
    };
    // A version that cannot be read is reported once, where the release's own is decided.
    written.value.parse().ok()
}

fn command_binaries(
    name: &Written<String>,
    table: &CoreTable,
    package: Option<&PackageFacts>,
    out: &mut Diagnostics,
) -> Option<Vec<String>> {
    let Some(list) = &table.binaries else {
        let programs = |package: &PackageFacts| package.binaries.iter().map(|binary| binary.name.clone()).collect::<Vec<_>>();
        let mut known = package.map(programs).unwrap_or_default();
        if known.is_empty() {
            known.extend(package.and_then(|package| package.library.clone()));
        }
        if known.is_empty() {
            let message = format!("the core `{}` does not say which binaries its command makes", name.value);
            out.push_absence(
                Diagnostic::new("no-binaries", &name.span, message).label("`binaries` is missing").hint("add binaries = [\"NAME\"]"),
            );
            return None;
        }
        return Some(known);
    };
    if list.value.is_empty() {
        out.push(Diagnostic::new("no-binaries", &list.span, "a core without binaries has nothing to ship").label("empty"));
    }
    let named = list.value.iter().filter(|binary| values::name(binary, "a binary", out).is_some()).count();
    let names = values::distinct(list, "binary", out);
    (named == list.value.len() && named > 0).then_some(names)
}
