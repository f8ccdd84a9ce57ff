//! Modules of Python's that are compiled: maturin makes their wheels, one for each platform, by zig where that links.

use std::collections::BTreeMap;

use plimsoll_model::plan::Compile;
use plimsoll_model::{GlibcVersion, Libc, Target, Want};
use toml::Table as TomlTable;

use super::described::{Described, within};
use super::left::{LEFT, Left, LoadedBy};
use super::{modules, tag};
use crate::kinds::shell_words::quoted;
use crate::kinds::wheel::Table;
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
) -> Option<Artifact> {
    let Shipped { name, wants, core, .. } = shipped;
    if let Some(list) = &own.binaries {
        let none = Diagnostic::new("no-binary", &list.span, format!("the core `{}` makes a library and no programs", core.name));
        out.push(none.label("none of these").hint("take `binaries` out: maturin puts the library among the modules"));
        return None;
    }
    let described = Described::find((table, own), Some(&core), context, cores, out)?;
    let maturin = Maturin::of(&described);
    let features = cores.cargo_of(&core).map(|(_, package)| package.pyo3_features.clone()).unwrap_or_default();
    let Some(loaded_by) = maturin.loaded_by(&features) else {
        let message = format!("the library of `{}` is for one version of Python, and each needs a wheel of its own", core.name);
        let one = Diagnostic::new("no-stable-abi", &table.name.span, message).label("for which?");
        out.push(one.hint("ask for pyo3's stable interface: features = [\"abi3-py39\"]; or have `command` and `output` leave each wheel"));
        return None;
    };
    let mut found = modules::find(own, &described, context.sources, out)?.names();
    found.extend(maturin.module(&core));
    found.sort();
    found.dedup();
    let command = command(&core, &described, &wants, (table, context), out)?;
    let span = table.name.span.clone();
    let table = ArtifactTable {
        core: None,
        command: Some(Written { value: command, span: span.clone() }),
        output: Some(Written { value: format!("{LEFT}/*.whl"), span }),
        ..table.clone()
    };
    let left = Left { name, described, modules: found, loaded_by, usual: Some(USUAL) };
    let artifact = left.check((&table, own), context, cores, out)?;
    belongs_to(&core, &artifact, context, cores);
    Some(artifact)
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
    core: &Core,
    described: &Described,
    wants: &BTreeMap<Target, Want>,
    (table, context): (&ArtifactTable, &Context<'_>),
    out: &mut Diagnostics,
) -> Option<String> {
    let Compile::Cargo { features, default_features, profile, .. } = &core.compile else { return None };
    let manifest = within(&described.folder, "Cargo.toml");
    let mut words =
        ["maturin", "build", "--locked", "--out", LEFT, "--manifest-path", &manifest, "--profile", profile].map(str::to_owned).to_vec();
    if !features.is_empty() {
        words.extend(["--features".to_owned(), features.join(",")]);
    }
    if !default_features {
        words.push("--no-default-features".to_owned());
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
