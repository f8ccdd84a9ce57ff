//! The kinds of artifact, one folder each: keys and check of the manifest, facts of the project, how it is inspected, packed and tried, what
//! `init`, `doctor` and a release must know of it. The files of this folder hold the only matches over the kind in this crate: everything else asks
//! here, and names no kind. `docs/adding-a-kind.md` goes through it.

pub(crate) mod archive;
mod facts;
pub(crate) mod file;
mod index;
mod initial;
mod inspection;
mod layout;
pub mod nif;
mod shell_words;
pub(crate) mod static_binary;
mod subcommand;
mod trial;
mod unfit;
pub(crate) mod wheel;

use std::path::Path;

use plimsoll_exec::tool::Tool;
use plimsoll_fetch::unpack::{Format, UnknownFormat};
use plimsoll_model::plan::Origin;
use plimsoll_model::{ArtifactPlan, Class, Client, Failure, KindPlan, Plan, ReleasedArtifact, RootName, Target};
use plimsoll_pack::{Kind, Spec};
use plimsoll_roots::Runtime;

use crate::manifest::check::{Context, cores::Cores};
use crate::manifest::diagnostic::Diagnostics;
use crate::manifest::keys::KindKeys;
use crate::manifest::{Artifact, ArtifactTable, Manifest, Strings, Written, reader};
use crate::sources::{Derived, Fetched};

pub use facts::{Facts, Inquiry};
pub(crate) use index::{Indexed, goes_to_index, indexed};
pub(crate) use initial::{Candidate, Candidates};
pub(crate) use inspection::{Sought, examined, holds, judge, policy, sought};
pub(crate) use layout::Layout;
pub(crate) use subcommand::{Command, at_release, notes, run};
pub(crate) use trial::{install_client, published_as, requires, roots_together, starts_anything, steps_together};
pub(crate) use unfit::pack_hint;
pub(crate) use wheel::package;

/// What to do with a library that is shipped as a program.
pub(crate) const TAKES_LIBRARIES: &str = "a library for the BEAM is a [nif.NAME]";

/// What only tables of one kind have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KindTable {
    /// `[archive.NAME]`.
    Archive(archive::Table),
    /// `[nif.NAME]`.
    Nif(nif::Table),
    /// `[static.NAME]`.
    Static(static_binary::Table),
    /// `[file.NAME]`.
    File(file::Table),
    /// `[wheel.NAME]`.
    Wheel(wheel::Table),
}

/// What the manifest takes in tables of a kind.
pub(crate) const fn keys(kind: Kind) -> KindKeys {
    match kind {
        Kind::Archive => archive::keys::KEYS,
        Kind::Nif => nif::keys::KEYS,
        Kind::Static => static_binary::keys::KEYS,
        Kind::File => file::keys::KEYS,
        Kind::Wheel => wheel::keys::KEYS,
    }
}

/// Reads a table of a kind.
pub(crate) fn decode(kind: Kind, name: Written<String>, table: reader::Table<'_, '_>, out: &mut Diagnostics) -> ArtifactTable {
    match kind {
        Kind::Archive => archive::decode(name, table, out),
        Kind::Nif => nif::decode(name, table, out),
        Kind::Static => static_binary::decode(name, table, out),
        Kind::File => file::decode(name, table, out),
        Kind::Wheel => wheel::decode(name, table, out),
    }
}

/// What is shipped of the only core if the manifest declares nothing.
pub(crate) fn usual(name: Written<String>) -> ArtifactTable {
    ArtifactTable::new(name, KindTable::Archive(archive::Table::default()))
}

/// The artifacts of a table, each for all of its targets; none if something in it is wrong, which is told.
pub(crate) fn check(table: &ArtifactTable, context: &Context<'_>, cores: &mut Cores<'_>, out: &mut Diagnostics) -> Option<Vec<Artifact>> {
    match &table.own {
        KindTable::Archive(own) => archive::check(table, own, context, cores, out).map(|one| vec![one]),
        KindTable::Nif(own) => nif::check(table, own, context, cores, out),
        KindTable::Static(own) => static_binary::check(table, own, context, cores, out).map(|one| vec![one]),
        KindTable::File(own) => file::check(table, own, context, cores, out).map(|one| vec![one]),
        KindTable::Wheel(own) => wheel::check(table, own, context, cores, out),
    }
}

impl KindTable {
    /// The kind.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Archive(_) => Kind::Archive,
            Self::Nif(_) => Kind::Nif,
            Self::Static(_) => Kind::Static,
            Self::File(_) => Kind::File,
            Self::Wheel(_) => Kind::Wheel,
        }
    }

    /// `filename`, if the kind has it and it is written.
    pub(crate) const fn file_name(&self) -> Option<&Written<String>> {
        match self {
            Self::Archive(own) => own.filename.as_ref(),
            Self::Nif(_) | Self::Wheel(_) => None,
            Self::Static(own) => own.filename.as_ref(),
            Self::File(own) => own.filename.as_ref(),
        }
    }

    /// Programs that are named as shipped; none if that is not said.
    pub(crate) fn programs(&self) -> Option<Vec<String>> {
        let names = |list: &Strings| list.value.iter().map(|written| written.value.clone()).collect();
        match self {
            Self::Archive(own) => own.binaries.as_ref().map(names),
            Self::Static(own) => own.binary.as_ref().map(|binary| vec![binary.value.clone()]),
            Self::Wheel(own) => own.binaries.as_ref().map(names),
            Self::Nif(_) | Self::File(_) => None,
        }
    }

    /// Roots that it names itself.
    pub(crate) const fn roots(&self) -> Option<&Strings> {
        match self {
            Self::Archive(_) | Self::Nif(_) | Self::Static(_) | Self::Wheel(_) => None,
            Self::File(own) => own.roots.as_ref(),
        }
    }

    /// Whether it is one file for every machine, and has no targets.
    pub(crate) fn fits_any(&self) -> bool {
        match self {
            Self::Archive(_) | Self::Nif(_) | Self::Static(_) => false,
            Self::File(_) => true,
            Self::Wheel(own) => own.is_pure(),
        }
    }

    /// Whether it ships programs, which a system runs by itself.
    pub(crate) const fn ships_programs(&self) -> bool {
        match self {
            Self::Archive(_) | Self::Static(_) => true,
            Self::Nif(_) | Self::File(_) | Self::Wheel(_) => false,
        }
    }

    /// What loads it, if it is no program.
    pub(crate) const fn runtime(&self) -> Option<Runtime> {
        match self {
            Self::Archive(_) | Self::Static(_) | Self::File(_) => None,
            Self::Nif(_) => Some(Runtime::Beam),
            Self::Wheel(_) => Some(Runtime::Python),
        }
    }

    /// Where what it ships must be loaded by a runtime: runtime, root and target.
    pub(crate) fn runtimes(&self, manifest: &Manifest, table: &ArtifactTable) -> Vec<(Runtime, RootName, Target)> {
        match self {
            Self::Archive(_) | Self::Static(_) | Self::File(_) => Vec::new(),
            Self::Nif(own) => nif::runtimes(manifest, table, own),
            Self::Wheel(_) => wheel::runtimes(manifest, table),
        }
    }

    /// Whether part of it is compiled for more than every x86-64 processor has.
    pub(crate) fn declares_level(&self) -> bool {
        match self {
            Self::Archive(_) | Self::Static(_) | Self::File(_) | Self::Wheel(_) => false,
            Self::Nif(own) => own.declares_level(),
        }
    }

    /// Tools that this machine needs for it beside those that compile.
    pub(crate) fn tools(&self) -> &'static [Tool] {
        match self {
            Self::Archive(_) | Self::Nif(_) | Self::Static(_) | Self::File(_) => &[],
            // Of what its core makes, programs or a module, only cargo knows.
            Self::Wheel(own) if !own.is_pure() => &[Tool::Uv, Tool::Maturin],
            Self::Wheel(_) => &[Tool::Uv],
        }
    }

    /// Files that are derived from its sealed bytes and committed; none if it has none.
    fn derived(&self) -> &'static [Derived] {
        match self {
            Self::Archive(_) | Self::Static(_) | Self::File(_) | Self::Wheel(_) => &[],
            Self::Nif(own) => own.derived(),
        }
    }
}

/// Files that are derived from sealed bytes and committed, of all artifacts.
pub(crate) fn derived(manifest: &Manifest) -> Vec<Derived> {
    let mut derived = manifest.artifacts.iter().flat_map(|table| table.own.derived()).copied().collect::<Vec<_>>();
    derived.sort();
    derived.dedup();
    derived
}

/// The packages that another tool fetched for the project, if an artifact is tried with them.
///
/// # Errors
/// Class usage if the environment names a folder that holds no such package.
pub(crate) fn dependencies(manifest: &Manifest, root: &Path) -> Result<Fetched, Failure> {
    let is_tried = |table: &ArtifactTable| match &table.own {
        KindTable::Archive(_) | KindTable::Static(_) | KindTable::File(_) | KindTable::Wheel(_) => false,
        KindTable::Nif(_) => true,
    };
    if manifest.artifacts.iter().any(is_tried) { nif::mix_dependencies(root) } else { Ok(Fetched::default()) }
}

/// How an artifact is packed.
///
/// # Errors
/// Class usage if the plan's words on it do not agree.
pub(crate) fn spec(plan: &Plan, artifact: &ArtifactPlan) -> Result<Spec, Failure> {
    let spec = match &artifact.kind {
        KindPlan::Archive { format } => archive::spec(plan, artifact, format),
        KindPlan::Nif { .. } => nif::spec(plan, artifact),
        KindPlan::Static => Ok(static_binary::spec(artifact)),
        KindPlan::File => Ok(file::spec(artifact)),
        KindPlan::Wheel { wheel } => wheel::spec(plan, artifact, wheel),
    };
    spec.map_err(|error| Failure::from_error(Class::Usage, "spec", error.as_ref()))
}

/// Whether users unpack it in a folder of theirs, where they look for a licence.
pub(crate) const fn should_hold_licence(kind: &KindPlan) -> bool {
    match kind {
        KindPlan::Archive { .. } => true,
        KindPlan::Nif { .. } | KindPlan::Static | KindPlan::File | KindPlan::Wheel { .. } => false,
    }
}

/// The way its users install it.
pub(crate) const fn client(kind: &KindPlan) -> Client {
    match kind {
        KindPlan::Archive { .. } | KindPlan::Static | KindPlan::File => Client::Unpack,
        KindPlan::Nif { .. } => Client::Beam,
        KindPlan::Wheel { .. } => Client::Venv,
    }
}

/// The key of the manifest that says which processor an artifact is compiled for.
pub(crate) fn cpu_key(artifact: &ArtifactPlan, core: &str) -> String {
    // What a command leaves has a core of its own, of the name of its table.
    let key = if matches!(artifact.origin, Origin::Foreign(_)) { format!("{core}.cpu") } else { format!("core.{core}.cpu") };
    match &artifact.kind {
        KindPlan::Archive { .. } | KindPlan::Static | KindPlan::File | KindPlan::Wheel { .. } => key,
        KindPlan::Nif { nif } => nif::cpu_key(nif, key),
    }
}

/// What of a released artifact can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Measurable {
    /// The programs that it declares.
    Programs,
    /// Any library in it, of which one is meant.
    Libraries,
}

/// What can be measured of a released kind; nothing of one that holds files of the project alone, or that a later version has named.
pub(crate) fn measurable(artifact: &ReleasedArtifact) -> Option<Measurable> {
    match artifact.kind.as_str().parse().ok()? {
        Kind::Archive | Kind::Static => Some(Measurable::Programs),
        Kind::Nif => Some(Measurable::Libraries),
        Kind::File => None,
        // One without a program is Python alone.
        Kind::Wheel => (!artifact.binaries.is_empty()).then_some(Measurable::Programs),
    }
}

/// How a released artifact is opened to be measured; what an installer would do is not done.
///
/// # Errors
/// If it is of a kind, or in a container, that a later version has named.
pub(crate) fn container(artifact: &ReleasedArtifact) -> Result<Format, UnknownFormat> {
    match artifact.kind.as_str().parse() {
        Ok(Kind::Wheel) => Ok(Format::Zip),
        Ok(Kind::Archive | Kind::Nif | Kind::Static | Kind::File) | Err(_) => Format::of(artifact),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_calls_a_kind_by_one_name() {
        for kind in Kind::ALL.iter().copied() {
            let keys = keys(kind);
            assert_eq!((keys.kind, keys.place), (kind, format!("{kind}.NAME").as_str()));
            assert!(keys.own.iter().all(|key| key.path.starts_with(keys.place)));
        }
        let plans = [
            (Kind::Archive, KindPlan::Archive { format: "zip".to_owned() }),
            (Kind::Static, KindPlan::Static),
            (Kind::File, KindPlan::File),
        ];
        for (kind, plan) in plans {
            assert_eq!(plan.name().as_str(), kind.as_str());
        }
    }
}
