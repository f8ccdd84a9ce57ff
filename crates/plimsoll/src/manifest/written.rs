//! The manifest as it is written: templates unfilled, names unresolved, each value with its place in the text.

mod generate;
mod given;
mod publish;
mod versions;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use plimsoll_model::plan::Builder;
use plimsoll_model::{RootName, Target};
use plimsoll_pack::Kind;
use plimsoll_roots::Runtime;

use crate::kinds::KindTable;

pub use generate::GenerateTable;
pub use given::{PrebuiltTable, TestTable};
pub use publish::PypiTable;
pub use versions::{VersionEntry, VersionTable};

/// A value and the bytes of the text that it was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written<T> {
    /// The value.
    pub value: T,
    /// Its place.
    pub span: Range<usize>,
}

/// Target, or a family of targets → why it is not wanted yet.
pub type Reasons = Vec<(Written<String>, Written<String>)>;

/// A list of strings with the list's own place.
pub type Strings = Written<Vec<Written<String>>>;

/// The whole file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manifest {
    /// `name`.
    pub name: Option<Written<String>>,
    /// `version`, as a string.
    pub version: Option<Written<String>>,
    /// `[version]`, as a table.
    pub versions: Option<VersionTable>,
    /// `epoch`.
    pub epoch: Option<Written<i64>>,
    /// `targets`.
    pub targets: Option<Strings>,
    /// `[planned]`.
    pub planned: Reasons,
    /// `[deferred]`.
    pub deferred: Reasons,
    /// `[target.*]`.
    pub target: Vec<(Written<String>, TargetTable)>,
    /// `[root.*]`.
    pub root: Vec<(Written<String>, RootTable)>,
    /// `[core.*]`.
    pub core: Vec<(Written<String>, CoreTable)>,
    /// `[KIND.*]`, by kind.
    pub artifacts: Vec<ArtifactTable>,
    /// `[generate.*]`.
    pub generate: Vec<(Written<String>, GenerateTable)>,
    /// `[prebuilt.*]`.
    pub prebuilt: Vec<(Written<String>, PrebuiltTable)>,
    /// `previous.from`.
    pub previous_from: Option<Written<String>>,
    /// `[test.*]`.
    pub test: Vec<(Written<String>, TestTable)>,
    /// `gates.before`.
    pub before: Vec<GateEntry>,
    /// `gates.after`.
    pub after: Vec<GateEntry>,
    /// `publish.folder.path`.
    pub publish_folder: Option<Written<String>>,
    /// `[publish.pypi]`.
    pub publish_pypi: Option<PypiTable>,
}

impl Manifest {
    /// All declared `inputs`, of every core.
    pub fn inputs(&self) -> impl Iterator<Item = &str> {
        let inputs = self.core.iter().filter_map(|(_, core)| core.inputs.as_ref());
        inputs.flat_map(|inputs| inputs.value.iter().map(|input| input.value.as_str()))
    }

    /// Folders that cores name by `path`, by the names that the check gives them; a wrong one is left to it.
    pub fn core_paths(&self) -> BTreeSet<String> {
        let paths = self.core.iter().filter_map(|(_, core)| core.path.as_ref()).map(|path| path.value.as_str());
        let paths = paths.filter(|path| !super::check::workspaces::is_the_project(path));
        let plain = paths.map(|path| path.strip_suffix('/').unwrap_or(path)).map(|path| path.strip_prefix("./").unwrap_or(path));
        plain.map(str::to_owned).collect()
    }

    /// Targets that the project or one of its artifacts wants, families taken apart; what is no target is left to the check.
    pub fn wished_targets(&self) -> Vec<Target> {
        let lists = self.artifacts.iter().map(|artifact| &artifact.targets).chain([&self.targets]).flatten();
        let mut targets = Vec::new();
        for name in lists.flat_map(|list| list.value.iter().map(|name| name.value.as_str())) {
            targets.extend(Target::named(name).unwrap_or_default());
        }
        targets.sort();
        targets.dedup();
        targets
    }

    /// Targets that an artifact wants, families taken apart.
    pub fn targets_of(&self, artifact: &ArtifactTable) -> Vec<Target> {
        let list = artifact.targets.as_ref().or(self.targets.as_ref());
        let mut targets = list
            .into_iter()
            .flat_map(|list| &list.value)
            .flat_map(|name| Target::named(&name.value).unwrap_or_default())
            .collect::<Vec<_>>();
        targets.sort();
        targets.dedup();
        targets
    }

    /// Targets for which programs are shipped, which run on a system by themselves.
    pub fn program_targets(&self) -> Vec<Target> {
        if self.artifacts.is_empty() {
            return self.wished_targets();
        }
        let programs = self.artifacts.iter().filter(|artifact| artifact.own.ships_programs());
        programs.flat_map(|artifact| self.targets_of(artifact)).collect()
    }

    /// Targets for which something is shipped that a runtime loads, with that runtime.
    pub fn loaded_targets(&self) -> BTreeMap<Target, Runtime> {
        let loaded = self.artifacts.iter().filter_map(|artifact| Some((artifact, artifact.own.runtime()?)));
        loaded.flat_map(|(artifact, runtime)| self.targets_of(artifact).into_iter().map(move |target| (target, runtime))).collect()
    }

    /// Where something must be loaded by a runtime that a root holds: runtime, root and target.
    pub fn runtimes(&self) -> Vec<(Runtime, RootName, Target)> {
        let mut runtimes = self.artifacts.iter().flat_map(|artifact| artifact.own.runtimes(self, artifact)).collect::<Vec<_>>();
        runtimes.sort();
        runtimes.dedup();
        runtimes
    }

    /// Whether something is compiled for more than every x86-64 processor has.
    pub fn declares_level(&self) -> bool {
        let of_artifact = |artifact: &ArtifactTable| artifact.cpu.is_some() || artifact.own.declares_level();
        self.core.iter().any(|(_, core)| core.cpu.is_some()) || self.artifacts.iter().any(of_artifact)
    }

    /// Targets for which only a real machine counts.
    pub fn native_targets(&self) -> Vec<Target> {
        let native = self.target.iter().filter(|(_, table)| table.native.as_ref().is_some_and(|native| native.value));
        native.filter_map(|(name, _)| name.value.parse().ok()).collect()
    }

    /// What targets say that they are built by, and the cores' own commands where nothing else builds; a builder that there is not is an error of
    /// the commands that build.
    pub fn chosen_builders(&self) -> BTreeMap<Target, Builder> {
        let is_command = |artifact: &&ArtifactTable| artifact.command.is_some();
        let commands =
            self.core.iter().filter(|(_, core)| core.command.is_some()).count() + self.artifacts.iter().filter(is_command).count();
        let cargo = |artifact: &ArtifactTable| artifact.own.ships_programs() && artifact.command.is_none();
        let by_cargo =
            self.core.iter().any(|(_, core)| core.command.is_none()) || (self.core.is_empty() && self.artifacts.iter().any(cargo));
        let by_commands = commands > 0 && !by_cargo;
        let commands = self.wished_targets().into_iter().filter(|_| by_commands).map(|target| (target, Builder::Command));
        let chosen = self.target.iter().filter_map(|(name, table)| {
            let written = table.builder.as_ref()?;
            Some((name.value.parse().ok()?, super::check::builder_named(&written.value)?))
        });
        commands.chain(chosen).collect()
    }

    /// Roots that targets, and artifacts that fit any, require by name.
    pub fn wished_roots(&self) -> Vec<RootName> {
        let of_targets = self.target.iter().filter_map(|(_, target)| target.roots.as_ref());
        let of_artifacts = self.artifacts.iter().filter_map(|artifact| artifact.own.roots());
        let named = of_targets.chain(of_artifacts).flat_map(|roots| &roots.value);
        let mut roots = named.filter_map(|root| root.value.parse().ok()).collect::<Vec<RootName>>();
        roots.sort();
        roots.dedup();
        roots
    }
}

/// `["name", "command"]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateEntry {
    /// The first string.
    pub name: Written<String>,
    /// The second.
    pub command: Written<String>,
}

/// `[target.TARGET]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TargetTable {
    /// `glibc`.
    pub glibc: Option<Written<String>>,
    /// `macos`.
    pub macos: Option<Written<String>>,
    /// `builder`.
    pub builder: Option<Written<String>>,
    /// `roots`.
    pub roots: Option<Strings>,
    /// `native`.
    pub native: Option<Written<bool>>,
}

/// `[root.NAME]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RootTable {
    /// `image`.
    pub image: Option<Written<String>>,
    /// `archive`.
    pub archive: Option<Written<PerProcessor>>,
    /// `sha256`.
    pub sha256: Option<Written<PerProcessor>>,
}

/// One string for all processors, or one for each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PerProcessor {
    /// `key = "…"`.
    All(String),
    /// `key.PROCESSOR = "…"`.
    Each(Vec<(Written<String>, Written<String>)>),
}

/// `[core.NAME]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CoreTable {
    /// `path`.
    pub path: Option<Written<String>>,
    /// `package`.
    pub package: Option<Written<String>>,
    /// `binaries`.
    pub binaries: Option<Strings>,
    /// `features`.
    pub features: Option<Strings>,
    /// `default-features`.
    pub default_features: Option<Written<bool>>,
    /// `profile`.
    pub profile: Option<Written<String>>,
    /// `cpu`.
    pub cpu: Option<Written<String>>,
    /// `strip`.
    pub strip: Option<Written<String>>,
    /// `rustflags`.
    pub rustflags: Option<Strings>,
    /// `env`.
    pub env: Vec<(Written<String>, Written<String>)>,
    /// `inputs`.
    pub inputs: Option<Strings>,
    /// `system`.
    pub system: Option<Strings>,
    /// `command`.
    pub command: Option<Written<String>>,
    /// `output`.
    pub output: Option<Written<String>>,
    /// `embed`.
    pub embed: Vec<(Written<String>, Written<String>)>,
}

/// `[KIND.NAME]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArtifactTable {
    /// NAME.
    pub name: Written<String>,
    /// `core`.
    pub core: Option<Written<String>>,
    /// `command`.
    pub command: Option<Written<String>>,
    /// `output`.
    pub output: Option<Written<String>>,
    /// `cpu`.
    pub cpu: Option<Written<String>>,
    /// `targets`.
    pub targets: Option<Strings>,
    /// `planned`.
    pub planned: Reasons,
    /// `deferred`.
    pub deferred: Reasons,
    /// What only its kind has.
    pub own: KindTable,
}

impl ArtifactTable {
    /// A table in which nothing is written but what is the kind's own.
    pub fn new(name: Written<String>, own: KindTable) -> Self {
        Self { name, core: None, command: None, output: None, cpu: None, targets: None, planned: Vec::new(), deferred: Vec::new(), own }
    }

    /// KIND.
    pub fn kind(&self) -> Kind {
        self.own.kind()
    }

    /// `KIND.NAME`.
    pub fn label(&self) -> String {
        format!("{}.{}", self.kind(), self.name.value)
    }
}

/// `files`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Files {
    /// Paths that stay what they are.
    Kept(Vec<Written<String>>),
    /// Path in the project → path in the artifact.
    Placed(Vec<(Written<String>, Written<String>)>),
}

/// `probe`: one table, or an array of tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probes {
    /// Place of the whole.
    pub span: Range<usize>,
    /// The tables.
    pub list: Vec<ProbeTable>,
}

/// One probe.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProbeTable {
    /// Place of the table.
    pub span: Range<usize>,
    /// `name`.
    pub name: Option<Written<String>>,
    /// `run`.
    pub run: Option<Written<Run>>,
    /// `script`.
    pub script: Option<Written<String>>,
    /// `env`.
    pub env: Vec<(Written<String>, Written<String>)>,
    /// `setup`.
    pub setup: Option<Written<String>>,
    /// `tty`.
    pub tty: Option<Written<bool>>,
    /// `until`.
    pub until: Option<Written<String>>,
    /// `timeout`.
    pub timeout: Option<Written<Timeout>>,
    /// `expect`.
    pub expect: Option<Written<Expect>>,
}

/// `run`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Run {
    /// A command line, to be split into words.
    Line(String),
    /// The words.
    Words(Vec<Written<String>>),
}

/// `timeout`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Timeout {
    /// Seconds.
    Seconds(i64),
    /// `30s`, `2m`, `1h`.
    Text(String),
}

/// `expect`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expect {
    /// `status`.
    pub status: Option<Written<i64>>,
    /// `output`, or the string itself.
    pub output: Option<Written<String>>,
}
