//! What gets compiled: `[core.*]` tables, and the packages that need none.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use plimsoll_model::Name;
use plimsoll_model::plan::Compile;
use semver::Version;

use super::super::diagnostic::{Diagnostic, Diagnostics};
use super::super::facts::{CargoFacts, PackageFacts};
use super::super::nearest::suggestion;
use super::super::project::Core;
use super::super::written::{CoreTable, Manifest, Written};
use super::artifacts::Artifacts;
use super::command::{by_command, version_giver};
use super::workspaces::package_name;
use super::{cpu, strip, values, workspaces};
use crate::kinds;

/// Variables that would undo what plimsoll does for every build, with the key to use instead.
const TAKEN_VARIABLES: [(&str, &str); 4] = [
    ("RUSTFLAGS", "use `rustflags`, which adds to the user's own flags"),
    ("CARGO_ENCODED_RUSTFLAGS", "use `rustflags`, which adds to the user's own flags"),
    ("CARGO_TARGET_DIR", "plimsoll chooses the target folder"),
    ("CARGO_BUILD_TARGET", "use `targets`"),
];

/// All cores that there are; a core that is declared and wrong is there as none, so that nothing more is said about it.
pub(crate) struct Cores<'f> {
    known: BTreeMap<String, Option<Core>>,
    declared: Vec<String>,
    facts: &'f CargoFacts,
    packages_in_use: BTreeSet<String>,
    /// The cargo package that gave a version, with that version: the manifest must not give another.
    version_giver: Option<(String, Version)>,
}

/// The core that an artifact ships.
pub(crate) enum Found {
    /// This one.
    Core(Name),
    /// One that is wrong itself, or something that was reported just now.
    Wrong,
}

impl<'f> Cores<'f> {
    /// The declared cores.
    pub(crate) fn read(manifest: &Manifest, facts: &'f CargoFacts, sources: &BTreeSet<String>, out: &mut Diagnostics) -> Self {
        let mut cores = Self { known: BTreeMap::new(), declared: Vec::new(), facts, packages_in_use: BTreeSet::new(), version_giver: None };
        for (name, table) in &manifest.core {
            cores.declared.push(name.value.clone());
            let Some(facts) = workspaces::of_core(name, table, facts, sources, out) else {
                cores.known.insert(name.value.clone(), None);
                continue;
            };
            let package = package_name(name, table, facts);
            if facts.package(package).is_some() && std::ptr::eq(facts, cores.facts) {
                cores.packages_in_use.insert(package.to_owned());
            }
            let core = if table.command.is_some() || table.output.is_some() {
                let giver = version_giver(facts.package(package), facts);
                cores.version_giver = cores.version_giver.or_else(|| giver.clone());
                by_command(name, table, giver.map(|(_, version)| version), manifest, facts, out)
            } else {
                cores.version_giver = cores.version_giver.or_else(|| version_giver(facts.package(package), &CargoFacts::default()));
                by_cargo(name, table, facts, out)
            };
            cores.known.insert(name.value.clone(), core);
        }
        cores
    }

    /// A core by name; none where it is wrong.
    pub(crate) fn get(&self, name: &Name) -> Option<&Core> {
        self.known.get(name.as_str()).and_then(Option::as_ref)
    }

    /// The cargo package that gives a core its version.
    pub(crate) fn version_giver(&self) -> Option<&(String, Version)> {
        self.version_giver.as_ref()
    }

    /// What the project's other sources say to kinds that ask them.
    pub(crate) fn facts(&self) -> &'f kinds::Facts {
        &self.facts.of_kinds
    }

    /// Licences of a core's package, of its workspace and of the project that lie elsewhere than in the core's folder.
    pub(crate) fn licences(&self, core: &Core) -> Option<&'f BTreeMap<String, String>> {
        match &core.compile {
            Compile::Cargo { path, package, .. } => self.facts.at(path)?.licences.get(package),
            Compile::Command { .. } => None,
        }
    }

    /// A variant of a core, under a name of its own.
    pub(crate) fn add_variant(&mut self, core: Core) {
        self.known.insert(core.name.to_string(), Some(core));
    }

    /// Whether a core is built by a command of its own.
    pub(crate) fn is_command(&self, name: &Name) -> bool {
        self.get(name).is_some_and(|core| matches!(core.compile, Compile::Command { .. }))
    }

    /// The core that an artifact names.
    pub(crate) fn named(&mut self, written: &Written<String>, out: &mut Diagnostics) -> Found {
        if let Some(found) = self.declared_or_package(&written.value, &written.span, out) {
            return found;
        }
        let names = self.declared.iter().map(String::as_str).chain(self.facts.with_binaries().map(|package| package.name.as_str()));
        let shown = written.value.chars().take(80).collect::<String>();
        let unknown = Diagnostic::new("unknown-core", &written.span, format!("there is no core `{shown}`"));
        let hint = suggestion(&written.value, "cores and packages with binaries", names);
        out.push(unknown.label("neither a [core.*] table nor a package with binaries").maybe_hint(hint));
        Found::Wrong
    }

    fn declared_or_package(&mut self, name: &str, span: &Range<usize>, out: &mut Diagnostics) -> Option<Found> {
        if !self.known.contains_key(name) {
            let package = self.facts.package(name).filter(|package| !package.binaries.is_empty() || package.library.is_some())?;
            self.version_giver.get_or_insert_with(|| (package.name.clone(), package.version.clone()));
            let named = values::name(&Written { value: name.to_owned(), span: span.clone() }, "a core", out);
            self.known.insert(name.to_owned(), named.map(|name| undeclared(name, package, self.facts)));
        }
        let known = self.known.get(name)?.as_ref();
        Some(known.map_or(Found::Wrong, |core| Found::Core(core.name.clone())))
    }

    /// The core of an artifact that names none: the declared one of its name, the package of its name that no declared core has, or else
    /// the only one.
    pub(crate) fn for_artifact(&mut self, name: &Written<String>, label: &str, out: &mut Diagnostics) -> Found {
        if (self.declared.contains(&name.value) || !self.packages_in_use.contains(&name.value))
            && let Some(found) = self.declared_or_package(&name.value, &name.span, out)
        {
            return found;
        }
        self.only(&name.span, label, out)
    }

    /// The only core there is.
    pub(crate) fn only(&mut self, span: &Range<usize>, label: &str, out: &mut Diagnostics) -> Found {
        let mut packages = self.facts.with_binaries().map(|package| package.name.clone()).collect::<Vec<_>>();
        if packages.is_empty() {
            packages.extend(self.facts.with_libraries().map(|package| package.name.clone()));
        }
        let candidates = if self.declared.is_empty() { packages } else { self.declared.clone() };
        match candidates.as_slice() {
            [one] => return self.declared_or_package(one, span, out).unwrap_or(Found::Wrong),
            [] => {
                let missing = Diagnostic::new("no-core", span, format!("there is nothing to build for {label}"));
                let hint = "add [core.NAME] with `path`, the folder of a cargo package with a binary, or with `command` and `output`; \
                            for a library that a runtime loads, one with crate-type = [\"cdylib\"] in [lib]";
                out.push_absence(missing.label("no package has a binary or a dynamic library, and there is no [core.*] table").hint(hint));
            }
            several => {
                let message = format!("it is not clear which core {label} ships");
                let hint = format!("set `core` in the table of an artifact to one of: {}", several.join(", "));
                out.push_absence(Diagnostic::new("ambiguous-core", span, message).label("several could be meant").hint(hint));
            }
        }
        Found::Wrong
    }

    /// The cores that artifacts ship; a declared one that none ships is reported.
    pub(crate) fn used(self, manifest: &Manifest, artifacts: &Artifacts, out: &mut Diagnostics) -> BTreeMap<Name, Core> {
        let shipped = artifacts.list.iter().filter_map(|artifact| artifact.core.clone()).collect::<BTreeSet<_>>();
        let cores = self.known.values().flatten().filter(|core| shipped.contains(&core.name));
        let declared = cores.map(|core| core.declared().as_str()).collect::<BTreeSet<_>>();
        for (name, _) in manifest.core.iter().filter(|(name, _)| artifacts.complete && !declared.contains(name.value.as_str())) {
            let unused = Diagnostic::new("unused-core", &name.span, format!("no artifact ships the core `{}`", name.value));
            out.push_absence(
                unused.label("built for nothing").hint(format!("set core = \"{}\" in an artifact, or take it out", name.value)),
            );
        }
        let used = self.known.into_values().flatten().filter(|core| shipped.contains(&core.name));
        used.map(|core| (core.name.clone(), core)).collect()
    }
}

/// The core of a package that has no table.
fn undeclared(name: Name, package: &PackageFacts, facts: &CargoFacts) -> Core {
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
        version: package.version.clone(),
        compile,
        binaries: library.map_or(binaries, |library| vec![library]),
        features_known: package.features.keys().cloned().collect(),
        cpu: None,
        strip: strip::usual("release", facts),
        env: BTreeMap::new(),
        inputs: Vec::new(),
        embed: BTreeMap::new(),
    }
}

fn by_cargo(name: &Written<String>, table: &CoreTable, facts: &CargoFacts, out: &mut Diagnostics) -> Option<Core> {
    let core_name = values::name(name, "a core", out);
    let (env, inputs) = (env(table, out), inputs(table, out));
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
        version: package.version.clone(),
        compile,
        binaries: library.map_or(binaries, |library| vec![library]),
        features_known: package.features.keys().cloned().collect(),
        cpu,
        strip,
        env,
        inputs,
        embed: BTreeMap::new(),
    })
}

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
