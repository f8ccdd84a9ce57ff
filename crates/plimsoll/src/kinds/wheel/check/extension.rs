//! Modules of Python's that are compiled: maturin makes their wheels, one for each platform, by zig where that links.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::plan::Compile;
use plimsoll_model::{GlibcVersion, Libc, Target, Want};
use plimsoll_roots::PYTHON_ROOTS;
use toml::Table as TomlTable;

use super::described::{Described, within};
use super::left::{LEFT, Left, LoadedBy};
use super::{modules, tag};
use crate::kinds::shell_words::quoted;
use crate::kinds::wheel::Table;
use crate::kinds::wheel::project::cargo_folder;
use crate::manifest::check::Context;
use crate::manifest::check::cores::Cores;
use crate::manifest::check::programs::Shipped;
use crate::manifest::diagnostic::{Diagnostic, Diagnostics};
use crate::manifest::{Artifact, ArtifactTable, Core, Written};

/// The oldest glibc unless the manifest says another: as of programs that zig links.
const USUAL: GlibcVersion = GlibcVersion::new(2, 28);

/// One table, of a core that makes a library.
pub(super) fn check(
    (table, own): (&ArtifactTable, &Table),
    shipped: Shipped,
    context: &Context<'_>,
    cores: &mut Cores<'_>,
    out: &mut Diagnostics,
) -> Option<Vec<Artifact>> {
    let Shipped { wants, core, .. } = shipped;
    if let Some(list) = &own.binaries {
        let none = Diagnostic::new("no-binary", &list.span, format!("the core `{}` makes a library and no programs", core.name));
        out.push(none.label("none of these").hint("take `binaries` out: maturin puts the library among the modules"));
        return None;
    }
    let described = Described::find((table, own), Some(&core), context, cores, out)?;
    let maturin = Maturin::of(&described);
    let features = cores.cargo_of(&core).map(|(_, package)| package.pyo3_features.clone()).unwrap_or_default();
    let ways = match maturin.loaded_by(&features) {
        Some(loaded_by) => vec![(table.name.value.clone(), loaded_by)],
        None => {
            let pythons = pythons(own, &described, out)?;
            pythons.into_iter().map(|python| (format!("{}-cp3{python}", table.name.value), LoadedBy::OnePython(python))).collect()
        }
    };
    let mut found = modules::find(own, &described, context.sources, out)?.names();
    found.extend(maturin.module(&core));
    found.sort();
    found.dedup();
    let span = &table.name.span;
    let mut artifacts = Vec::new();
    for (name, loaded_by) in ways {
        let command = command((&core, &described), &wants, &loaded_by, (table, context), out)?;
        let table = ArtifactTable {
            core: None,
            name: Written { value: name.clone(), span: span.clone() },
            command: Some(Written { value: command, span: span.clone() }),
            output: Some(Written { value: format!("{LEFT}/*.whl"), span: span.clone() }),
            ..table.clone()
        };
        let left = Left { name: name.parse().ok()?, described: described.clone(), modules: found.clone(), loaded_by, usual: Some(USUAL) };
        let artifact = left.check((&table, own), context, cores, out)?;
        belongs_to(&core, &artifact, context, cores);
        artifacts.push(artifact);
    }
    Some(artifacts)
}

/// Minor versions of Python 3 of which each has a wheel: those that are named, or else those of the roots that `requires-python` allows.
fn pythons(own: &Table, described: &Described, out: &mut Diagnostics) -> Option<Vec<u32>> {
    let Some(list) = &own.pythons else {
        let requires = described.project.requires_python.as_ref();
        let fitting = PYTHON_ROOTS.iter().filter(|root| root.unfit(requires).is_none());
        return Some(fitting.filter_map(|root| minor(root.python)).collect());
    };
    let mut minors = BTreeSet::new();
    for written in &list.value {
        let read = minor(&written.value).filter(|_| written.value.matches('.').count() == 1);
        if read.is_none_or(|minor| !minors.insert(minor)) {
            let shown = written.value.chars().take(40).collect::<String>();
            let bad = Diagnostic::new("bad-python", &written.span, format!("`{shown}` is no version of Python that is not named yet"));
            out.push(bad.label("such as \"3.12\"").hint("the first two numbers, each version once"));
            return None;
        }
    }
    Some(minors.into_iter().collect())
}

/// `12` of `3.12` and of `3.12.4`.
fn minor(version: &str) -> Option<u32> {
    version.strip_prefix("3.")?.split('.').next()?.parse().ok()
}

/// What maturin makes is of the declared core, if there is one.
fn belongs_to(core: &Core, artifact: &Artifact, context: &Context<'_>, cores: &mut Cores<'_>) {
    let is_declared = context.manifest.core.iter().any(|(name, _)| name.value == core.name.as_str());
    let made = artifact.core.as_ref().and_then(|name| cores.get(name)).cloned();
    if let Some(made) = made.filter(|_| is_declared) {
        cores.add_variant(Core { variant_of: Some((core.name.clone(), "wheel".to_owned())), ..made });
    }
}

/// What `[tool.maturin]` says.
struct Maturin {
    bindings: Option<String>,
    module: Option<String>,
}

impl Maturin {
    fn of(described: &Described) -> Self {
        let table = described.pyproject.parse::<TomlTable>().unwrap_or_default();
        let own = table.get("tool").and_then(|tool| tool.get("maturin"));
        let said = |key: &str| own.and_then(|own| own.get(key)?.as_str()).map(str::to_owned);
        Self { bindings: said("bindings"), module: said("module-name") }
    }

    /// Which Pythons load it; none if that is one version alone.
    fn loaded_by(&self, pyo3_features: &[String]) -> Option<LoadedBy> {
        if matches!(self.bindings.as_deref(), Some("cffi" | "uniffi")) {
            return Some(LoadedBy::AnyPythonByC);
        }
        let minors = pyo3_features.iter().filter_map(|feature| feature.strip_prefix("abi3-py3")?.parse::<u32>().ok());
        // Features add up: the greatest is what it needs.
        minors.max().map(|minor| LoadedBy::StableAbi(format!("cp3{minor}")))
    }

    /// The compiled module, which the library is called by if nothing says otherwise.
    fn module(&self, core: &Core) -> Option<String> {
        match self.bindings.as_deref() {
            // Those are found by the package around them.
            Some("cffi" | "uniffi") => None,
            _ => self.module.clone().or_else(|| core.library().map(str::to_owned)),
        }
    }
}

/// What makes the wheel for the target that it is told. What maturin cannot do here is told as such.
fn command(
    (core, described): (&Core, &Described),
    wants: &BTreeMap<Target, Want>,
    loaded_by: &LoadedBy,
    (table, context): (&ArtifactTable, &Context<'_>),
    out: &mut Diagnostics,
) -> Option<String> {
    let Compile::Cargo { features, default_features, profile, .. } = &core.compile else { return None };
    let folder = cargo_folder(&described.folder, &described.pyproject.parse().unwrap_or_default());
    let manifest = within(&folder, "Cargo.toml");
    let mut words =
        ["maturin", "build", "--locked", "--out", LEFT, "--manifest-path", &manifest, "--profile", profile].map(str::to_owned).to_vec();
    if !features.is_empty() {
        words.extend(["--features".to_owned(), features.join(",")]);
    }
    if !default_features {
        words.push("--no-default-features".to_owned());
    }
    if let LoadedBy::OnePython(minor) = loaded_by {
        // maturin knows what each of them is on Linux, whether or not it is here.
        words.extend(["--interpreter".to_owned(), format!("python3.{minor}")]);
    }
    let mut cases = String::new();
    for target in wants.keys() {
        let flags = match target.libc() {
            Some(libc) => {
                let tags = tag::of(target, (context.manifest, Some(USUAL)), core, &table.name, out)?;
                let family = if libc == Libc::Musl { "musllinux_" } else { "manylinux_" };
                let tag = tags.iter().find(|tag| tag.starts_with(family))?.to_owned();
                let compatibility = tag.splitn(4, '_').take(3).collect::<Vec<_>>().join("_");
                format!("set -- --zig --compatibility {compatibility}")
            }
            None if target.os() == "macos" => elsewhere("Darwin", "a Mac"),
            None => elsewhere("*NT*", "Windows"),
        };
        cases.push_str(&format!("{target}) {flags} ;;\n"));
    }
    // The compilers of the build are for the target alone, and maturin has its own way to zig.
    Some(format!(
        "case $PLIMSOLL_TARGET in\n{cases}esac\nunset CC CXX AR RANLIB\nrm -rf {LEFT}\nexec {} --target \"$PLIMSOLL_TARGET\" \"$@\"\n",
        quoted(&words)
    ))
}

fn elsewhere(system: &str, told: &str) -> String {
    format!("case $(uname -s) in {system}) ;; *) echo 'maturin links such a module on {told} only' >&2; exit 77 ;; esac; set --")
}
