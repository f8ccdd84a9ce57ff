//! The checked project: plain data without places in a text. What is here is consistent; `plan` makes a graph of it and cannot fail.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::plan::{Compile, Gates, Strip};
use plimsoll_model::{Client, CpuLevel, FileName, KindPlan, Name, Probe, RootName, Target, TargetPlan, Want};
use plimsoll_pack::Kind;
use plimsoll_roots::RootSource;

/// A project that may be planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// The release's name.
    pub name: Name,
    /// The release's version.
    pub version: semver::Version,
    /// Seconds since 1970 that packed files carry, where the manifest sets them.
    pub epoch: Option<u64>,
    /// Targets, those that only one artifact plans or defers included.
    pub targets: BTreeMap<Target, TargetPlan>,
    /// What gets compiled: cores that an artifact ships.
    pub cores: BTreeMap<Name, Core>,
    /// What users get, sorted by kind and name.
    pub artifacts: Vec<Artifact>,
    /// Artifacts that are tried together.
    pub tests: Vec<Test>,
    /// What makes files while the release is made.
    pub generators: Vec<Generator>,
    /// Files of somebody else that builds are given.
    pub prebuilt: Vec<Prebuilt>,
    /// Where earlier releases are: a folder, absolute or relative to the project, or a URL.
    pub previous: Option<String>,
    /// Where the files of roots come from, for those of which the manifest says it.
    pub roots: BTreeMap<RootName, RootSource>,
    /// Commands around it, in the order of the manifest.
    pub gates: Gates,
    /// Where releases go.
    pub publish: Publish,
}

/// What gets compiled, for any target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Core {
    /// Its name; that of a variant is its own.
    pub name: Name,
    /// The core that it is a variant of, and which.
    pub variant_of: Option<(Name, String)>,
    /// The only artifact that it is for: of what a command leaves as users get it.
    pub only_for: Option<Name>,
    /// The version that its programs tell.
    pub version: semver::Version,
    /// How; `binaries` hold those that are built.
    pub compile: Compile,
    /// Features that its package has.
    pub features_known: Vec<String>,
    /// Programs that a product of it holds.
    pub binaries: Vec<String>,
    /// The processor that it is compiled for, where that was declared.
    pub cpu: Option<CpuLevel>,
    /// What is taken out of its programs.
    pub strip: Strip,
    /// Environment of the build.
    pub env: BTreeMap<String, String>,
    /// Files and folders that the build reads besides the sources, relative to the project.
    pub inputs: Vec<String>,
    /// Packages of the building machine that the build may find.
    pub system: Vec<String>,
    /// Environment variable → artifact whose proven file the build is given.
    pub embed: BTreeMap<String, Embedded>,
}

/// Which file of an artifact is embedded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Embedded {
    /// The one for this target, or for any, whatever is built.
    For(Kind, Name, Option<Target>),
    /// The one for the target that is built.
    SameTarget(Kind, Name),
}

impl Embedded {
    /// The artifact's kind and name, and the target of its file, in a build for `target`; none if the file fits any.
    pub fn in_build_for<'e>(&'e self, target: &'e Target) -> (Kind, &'e Name, Option<&'e Target>) {
        match self {
            Self::For(kind, name, own) => (*kind, name, own.as_ref()),
            Self::SameTarget(kind, name) => (*kind, name, Some(target)),
        }
    }
}

/// One artifact, for all its targets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// Its kind.
    pub kind: Kind,
    /// Its name.
    pub name: Name,
    /// The core that its programs come from; none for what ships files of the project alone.
    pub core: Option<Name>,
    /// Programs that are shipped, sorted.
    pub binaries: Vec<String>,
    /// Path in the project → path in the artifact.
    pub files: BTreeMap<String, String>,
    /// Generator → path in the artifact; none stands for where users of the kind look.
    pub generated: BTreeMap<Name, Option<String>>,
    /// Artifacts of the release that its users have beside it, and that it is tried with.
    pub needs: BTreeSet<(Kind, Name)>,
    /// What is shipped for each target, or for any.
    pub targets: BTreeMap<Option<Target>, Shipment>,
}

/// An artifact for one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shipment {
    /// Wanted, planned or deferred.
    pub want: Want,
    /// The file's name.
    pub file_name: FileName,
    /// What only its kind has.
    pub kind: KindPlan,
    /// What must run; never empty.
    pub probes: Vec<Probe>,
    /// Where, if not in the target's roots.
    pub roots: Option<Vec<RootName>>,
    /// The targets that a file is for which is one for all of them; empty for what has a target of its own, and for what fits any.
    pub only: BTreeSet<Target>,
}

impl Shipment {
    /// Whether it is to be shipped.
    pub fn is_wanted(&self) -> bool {
        self.want == Want::Wanted
    }
}

/// Artifacts that are installed together, and what must run then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Test {
    /// Its name.
    pub name: Name,
    /// The artifacts, in the order of the manifest.
    pub install: Vec<(Kind, Name)>,
    /// By what they are installed.
    pub client: Client,
    /// What must run, by target; none stands for any machine.
    pub steps: BTreeMap<Option<Target>, Vec<Probe>>,
    /// Where, by target, if not in the target's roots.
    pub roots: BTreeMap<Option<Target>, Vec<RootName>>,
    /// Packages of others that it installs.
    pub requirements: BTreeSet<String>,
    /// Files and folders of the project that it needs.
    pub files: BTreeSet<String>,
    /// Tests that must have passed before.
    pub after: BTreeSet<Name>,
    /// Files of somebody else that it needs: name → URL, or path relative to the project.
    pub given: BTreeMap<FileName, String>,
    /// Whether it needs the previous release.
    pub previous: bool,
}

/// What makes files while the release is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generator {
    /// Its name.
    pub name: Name,
    /// The files that are taken.
    pub output: String,
    /// The core that makes them: its program, its build script, or the generator's own command.
    pub core: Name,
    /// The program of that core and its arguments; none if its build makes them.
    pub run: Option<Vec<String>>,
}

/// A file of somebody else that builds are given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prebuilt {
    /// Its name.
    pub name: Name,
    /// The variable with its path.
    pub env: String,
    /// Cores whose builds are given it.
    pub cores: BTreeSet<Name>,
    /// For each target: an http or https URL, or a path relative to the project.
    pub places: BTreeMap<Target, String>,
}

/// Where a release is published.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Publish {
    /// A folder, absolute or relative to the project.
    pub folder: Option<String>,
    /// A Python package index.
    pub pypi: Option<PypiPlace>,
}

/// A Python package index that a release is published to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PypiPlace {
    /// The usual one.
    Usual,
    /// One of the project's own.
    Own {
        /// The URL that takes uploads.
        upload: String,
        /// The URL of its Simple API.
        index: String,
    },
}

impl Core {
    /// The name by which it is declared.
    pub fn declared(&self) -> &Name {
        self.variant_of.as_ref().map_or(&self.name, |(declared, _)| declared)
    }

    /// What a release of nothing else is called.
    pub fn release_name(&self) -> &Name {
        self.only_for.as_ref().unwrap_or_else(|| self.declared())
    }

    /// Whether its command leaves the file that users get.
    pub const fn is_foreign(&self) -> bool {
        matches!(self.compile, Compile::File { .. })
    }

    /// The library that it makes in place of programs.
    pub fn library(&self) -> Option<&str> {
        match &self.compile {
            Compile::Cargo { library, .. } => library.as_deref(),
            Compile::Command { .. } | Compile::File { .. } | Compile::Files { .. } => None,
        }
    }
}

impl Artifact {
    /// `kind.name`, as selected by `--only`.
    pub fn label(&self) -> String {
        format!("{}.{}", self.kind, self.name)
    }

    /// Targets for which it is to be shipped.
    pub fn wanted(&self) -> impl Iterator<Item = (Option<&Target>, &Shipment)> {
        let wanted = self.targets.iter().filter(|(_, shipment)| shipment.is_wanted());
        wanted.map(|(target, shipment)| (target.as_ref(), shipment))
    }
}
