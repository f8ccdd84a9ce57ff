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
use super::super::written::{Manifest, Written};
use super::Artifacts;
use super::cargo::{by_cargo, undeclared};
use super::command::{by_command, version_giver};
use super::workspaces::package_name;
use super::{values, workspaces};
use crate::kinds;

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

    /// What cargo says in the folder in which it is called for a core; none for what cargo does not make.
    pub(crate) fn cargo_of(&self, core: &Core) -> Option<(&'f CargoFacts, &'f PackageFacts)> {
        let Compile::Cargo { path, package, .. } = &core.compile else { return None };
        let facts = self.facts.at(path)?;
        Some((facts, facts.package(package)?))
    }

    /// Has the package of a core give no version to the release: what ships it has one of its own.
    pub(crate) fn gives_no_version(&mut self, core: &Core) {
        let Compile::Cargo { package, .. } = &core.compile else { return };
        if self.version_giver.as_ref().is_some_and(|(giver, _)| giver == package) {
            self.version_giver = None;
        }
    }

    /// The version of the project's cargo package, for what cargo does not make.
    pub(crate) fn given_version(&mut self) -> Option<Version> {
        let giver = version_giver(None, self.facts);
        self.version_giver = self.version_giver.take().or(giver);
        self.version_giver.as_ref().map(|(_, version)| version.clone())
    }

    /// What the project's other sources say to kinds that ask them.
    pub(crate) fn facts(&self) -> &'f kinds::Facts {
        &self.facts.of_kinds
    }

    /// Licences of a core's package, of its workspace and of the project that lie elsewhere than in the core's folder.
    pub(crate) fn licences(&self, core: &Core) -> Option<&'f BTreeMap<String, String>> {
        match &core.compile {
            Compile::Cargo { path, package, .. } => self.facts.at(path)?.licences.get(package),
            Compile::Command { .. } | Compile::File { .. } | Compile::Files { .. } => None,
        }
    }

    /// A variant of a core, under a name of its own.
    pub(crate) fn add_variant(&mut self, core: Core) {
        self.known.insert(core.name.to_string(), Some(core));
    }

    /// Whether a core is built by a command of its own.
    pub(crate) fn is_command(&self, name: &Name) -> bool {
        self.get(name).is_some_and(|core| matches!(core.compile, Compile::Command { .. } | Compile::File { .. } | Compile::Files { .. }))
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
