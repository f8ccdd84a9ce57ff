//! A core that cargo builds: a table that names a package, or a package without one.

use std::collections::BTreeMap;

use plimsoll_model::Name;
use plimsoll_model::plan::Compile;

use super::super::diagnostic::{Diagnostic, Diagnostics};
use super::super::facts::{CargoFacts, PackageFacts};
use super::super::nearest::suggestion;
use super::super::project::Core;
use super::super::written::{CoreTable, Written};
use super::core_keys::{env, inputs, package, system, unknown_binary};
use super::{cpu, strip, values};

/// The core of a package that has no table.
pub(super) fn undeclared(name: Name, package: &PackageFacts, facts: &CargoFacts) -> Core {
    let binaries = package.binaries.iter().filter(|binary| package.lacking(binary, &[], true).is_empty());
    let binaries = binaries.map(|binary| binary.name.clone()).collect::<Vec<_>>();
    let library = package.library.clone().filter(|_| binaries.is_empty());
    let compile = Compile::Cargo {
        path: facts.path.clone(),
        package: package.name.clone(),
        binaries: binaries.clone(),
        library: library.clone(),
        features: Vec::new(),
        default_features: true,
        profile: "release".to_owned(),
        rustflags: Vec::new(),
    };
    Core {
        name,
        variant_of: None,
        only_for: None,
        version: package.version.clone(),
        compile,
        binaries: library.map_or(binaries, |library| vec![library]),
        features_known: package.features.keys().cloned().collect(),
        cpu: None,
        strip: strip::usual("release", facts),
        env: BTreeMap::new(),
        inputs: Vec::new(),
        system: Vec::new(),
        embed: BTreeMap::new(),
    }
}

/// The core of a table.
pub(super) fn by_cargo(name: &Written<String>, table: &CoreTable, facts: &CargoFacts, out: &mut Diagnostics) -> Option<Core> {
    let core_name = values::name(name, "a core", out);
    let (env, inputs, system) = (env(table, out), inputs(table, out), system(table, out));
    let package = package(name, table, facts, out);
    let profile = profile(table, out);
    let rustflags = table.rustflags.iter().flat_map(|flags| &flags.value);
    let rustflags =
        rustflags.filter(|flag| values::filled(flag, "rustflags", "an empty flag", out)).map(|flag| flag.value.clone()).collect();
    let cpu = cpu::read(table.cpu.as_ref(), out);
    let strip = strip::of_cargo(table, profile.as_deref(), facts, out);
    let package = package?;
    let features = features(table, package, out);
    let default_features = table.default_features.as_ref().is_none_or(|written| written.value);
    let library = package.library.clone().filter(|_| package.binaries.is_empty() && table.binaries.is_none());
    let binaries = match &library {
        Some(_) => Vec::new(),
        None => binaries(name, table, package, &features, default_features, out)?,
    };
    let compile = Compile::Cargo {
        path: facts.path.clone(),
        package: package.name.clone(),
        binaries: binaries.clone(),
        library: library.clone(),
        features,
        default_features,
        profile: profile?,
        rustflags,
    };
    Some(Core {
        name: core_name?,
        variant_of: None,
        only_for: None,
        version: package.version.clone(),
        compile,
        binaries: library.map_or(binaries, |library| vec![library]),
        features_known: package.features.keys().cloned().collect(),
        cpu,
        strip,
        env,
        inputs,
        system,
        embed: BTreeMap::new(),
    })
}

fn features(table: &CoreTable, package: &PackageFacts, out: &mut Diagnostics) -> Vec<String> {
    let Some(list) = &table.features else {
        return Vec::new();
    };
    for written in &list.value {
        // `dependency/feature` is a dependency's matter, which cargo checks.
        if !package.features.contains_key(&written.value) && !written.value.contains('/') {
            let shown = written.value.chars().take(80).collect::<String>();
            let unknown =
                Diagnostic::new("unknown-feature", &written.span, format!("the package `{}` has no feature `{shown}`", package.name));
            let hint = suggestion(&written.value, "features", package.features.keys().map(String::as_str));
            out.push(unknown.label("no such feature").maybe_hint(hint));
        }
    }
    values::distinct(list, "feature", out)
}

fn profile(table: &CoreTable, out: &mut Diagnostics) -> Option<String> {
    let Some(written) = &table.profile else {
        return Some("release".to_owned());
    };
    let text = &written.value;
    let sound = !text.is_empty() && text.len() <= 64 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if !sound {
        out.push(Diagnostic::new("bad-profile", &written.span, "this cannot be a cargo profile").hint("letters, digits, `-` and `_`"));
    }
    sound.then(|| text.clone())
}

fn binaries(
    name: &Written<String>,
    table: &CoreTable,
    package: &PackageFacts,
    features: &[String],
    default_features: bool,
    out: &mut Diagnostics,
) -> Option<Vec<String>> {
    if let Some(list) = &table.binaries {
        let before = out.count();
        for written in &list.value {
            match package.binaries.iter().find(|binary| binary.name == written.value) {
                Some(binary) => {
                    let lacking = package.lacking(binary, features, default_features);
                    if !lacking.is_empty() {
                        let message = format!("cargo does not build `{}` without the features that it requires", written.value);
                        let hint = format!("add to `features`: {}", lacking.join(", "));
                        out.push(Diagnostic::new("required-features", &written.span, message).label("would be left out").hint(hint));
                    }
                }
                None => out.push(unknown_binary(
                    written,
                    &format!("the package `{}`", package.name),
                    package.binaries.iter().map(|b| b.name.as_str()),
                )),
            }
        }
        if list.value.is_empty() {
            out.push(Diagnostic::new("no-binaries", &list.span, "a core without binaries has nothing to ship").label("empty"));
        }
        let names = values::distinct(list, "binary", out);
        return (out.count() == before).then_some(names);
    }
    let built = package.binaries.iter().filter(|binary| package.lacking(binary, features, default_features).is_empty());
    let built = built.map(|binary| binary.name.clone()).collect::<Vec<_>>();
    if built.is_empty() {
        let span = table.package.as_ref().map_or(&name.span, |package| &package.span);
        let message = format!("the package `{}` has no binary to ship", package.name);
        let gated = (!package.binaries.is_empty()).then(|| "its binaries require features: see `features`".to_owned());
        out.push(Diagnostic::new("no-binaries", span, message).label("nothing to build").maybe_hint(gated));
        return None;
    }
    Some(built)
}
