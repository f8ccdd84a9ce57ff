//! Libraries for the BEAM: `[nif.*]`, spread over NIF versions, variants and targets, with file names as their users ask for them.

mod elixir_side;
mod module;
mod names;
mod scheme;
mod shipment;
mod variants;

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::plan::{Compile, NifPlan};
use plimsoll_model::{Name, NifVersion, RootName, Target, Want};
use plimsoll_pack::Kind;

use super::super::diagnostic::{Diagnostic, Diagnostics};
use super::super::project::{Artifact, Core};
use super::super::written::{Manifest, NifTable, Written};
use super::artifacts::Artifacts;
use super::cores::{Cores, Found};
use super::targets::{Wishes, artifact_wishes};
use super::users::Users;
use super::{files, probes, values};
use crate::nif::ModuleName;
use plimsoll_elixir::ElixirProject;
use scheme::Packaging;
use variants::Variation;

/// Distributions whose BEAM loads libraries, for musl once it is linked anew: OTP 25 and 27, the oldest and the newest that Debian's roots hold.
const BEAMS: [(&str, u16); 2] = [("debian:12", 25), ("debian:13", 27)];

/// Seconds in which a BEAM must have loaded the library and called it; an emulated one takes its time.
const PATIENCE: u32 = 300;

/// Adds what is sound.
pub(super) fn check(
    manifest: &Manifest,
    project: &Wishes,
    cores: &mut Cores<'_>,
    sources: &BTreeSet<String>,
    artifacts: &mut Artifacts,
    out: &mut Diagnostics,
) {
    for table in &manifest.nifs {
        match one(table, manifest, project, cores, sources, out) {
            Some(list) => artifacts.list.extend(list),
            None => artifacts.complete = false,
        }
    }
}

/// A `[nif.*]` table whose every part was found.
struct Library {
    name: Name,
    module: ModuleName,
    app: String,
    /// The crate's library.
    library: String,
    core: Core,
    wants: BTreeMap<Target, Want>,
    versions: Vec<NifVersion>,
    /// How users get it.
    packaging: Packaging,
    variations: Vec<Variation>,
    load: Vec<String>,
    /// A command in the package's folder.
    test: Option<String>,
    /// Seconds a probe.
    timeout: u32,
}

fn one(
    table: &NifTable,
    manifest: &Manifest,
    project: &Wishes,
    cores: &mut Cores<'_>,
    sources: &BTreeSet<String>,
    out: &mut Diagnostics,
) -> Option<Vec<Artifact>> {
    let before = out.count();
    let library = library(table, project, cores, sources, out)?;
    let held = !cores.elixir().may_contradict;
    for mismatch in elixir_side::mismatches(&library, cores.elixir(), sources).into_iter().filter(|_| held) {
        let differs = Diagnostic::new("elixir-differs", &table.artifact.name.span, mismatch.to_string());
        out.push(differs.label("the Elixir side says something else"));
    }
    if !names::are_sound(&library, &table.artifact.name, out) {
        return None;
    }
    let artifacts = spread(&library, manifest, cores, sources)?;
    (out.count() == before).then_some(artifacts)
}

fn library(
    table: &NifTable,
    project: &Wishes,
    cores: &mut Cores<'_>,
    sources: &BTreeSet<String>,
    out: &mut Diagnostics,
) -> Option<Library> {
    let common = &table.artifact;
    let label = format!("nif.{}", common.name.value);
    let name = values::artifact_name(&common.name, out);
    let wants = artifact_wishes(common, project, out);
    let found = match &common.core {
        Some(written) => cores.named(written, out),
        None => cores.for_artifact(&common.name, &format!("`{label}`"), out),
    };
    let core = match &found {
        Found::Core(name) => cores.get(name).cloned(),
        Found::Wrong => None,
    };
    let elixir_side = cores.elixir();
    let scheme = scheme::read(table.scheme.as_ref(), out);
    let module = module::read(table, &label, scheme, elixir_side, out);
    let versions = module::versions(table, scheme, module.as_ref(), elixir_side, out);
    let timeout = table.timeout.as_ref().map_or(Some(PATIENCE), |written| probes::timeout(Some(written), false, out));
    let test = test(table, elixir_side, out);
    let (name, core, module, timeout) = (name?, core?, module?, timeout?);
    let Some(library) = core.library().map(str::to_owned) else {
        let message = format!("the core `{}` of `{label}` makes no dynamic library", core.name);
        out.push(
            Diagnostic::new("no-cdylib", &common.name.span, message)
                .label("the BEAM loads libraries")
                .hint("add crate-type = [\"cdylib\"] to [lib] in its Cargo.toml, and take binaries out of the package"),
        );
        return None;
    };
    let of_mix = elixir_side.mix.as_ref().and_then(|mix| mix.app.value().cloned());
    let app = table.app.as_ref().map(|app| app.value.clone()).or(of_mix).unwrap_or_else(|| common.name.value.clone());
    let users = Users::of(&wants, None);
    let sources = files::Sources { all: sources, core: "", licences: None, users: &users, place: &common.name.span };
    let packaging = scheme::packaging(table, scheme, &app, elixir_side, &sources, out);
    let variations = variants::read(table, scheme, &core, &wants, out);
    let load = table.load.iter().map(|written: &Written<String>| written.value.clone()).collect();
    Some(Library { name, module, app, library, core, wants, versions, packaging: packaging?, variations, load, test, timeout })
}

/// The package's own tests; without a mix.exs there is no package to test.
fn test(table: &NifTable, elixir_side: &ElixirProject, out: &mut Diagnostics) -> Option<String> {
    let written = table.test.as_ref()?;
    if elixir_side.mix.is_none() || written.value.trim().is_empty() {
        let bad = Diagnostic::new("bad-test", &written.span, "there is nothing to test the package with");
        out.push(bad.label("needs a mix.exs, and a command").hint("such as test = \"mix test\""));
        return None;
    }
    Some(written.value.clone())
}

/// One artifact a NIF version and variant, each for all of its targets; the core's variants are added. None where a name cannot be one, which
/// [`names::are_sound`] has told before.
fn spread(library: &Library, manifest: &Manifest, cores: &mut Cores<'_>, sources: &BTreeSet<String>) -> Option<Vec<Artifact>> {
    let elixir = sources.iter().filter(|path| elixir_side::is_elixir(path)).cloned().collect::<Vec<_>>();
    let mut list = Vec::new();
    let variations = std::iter::once(None).chain(library.variations.iter().map(Some));
    for (variation, version) in variations.flat_map(|variation| library.versions.iter().map(move |version| (variation, *version))) {
        let core = compiled(library, version, variation)?;
        let mut targets = BTreeMap::new();
        for (target, want) in names::targets(library, variation) {
            let (file_name, member) = library.packaging.names(library, version, target, variation);
            let nif = NifPlan {
                scheme: library.packaging.scheme(),
                module: library.module.as_str().to_owned(),
                app: library.app.clone(),
                version,
                offered: if library.versions.len() > 1 { library.versions.clone() } else { Vec::new() },
                variant: variation.map(|variation| variation.name.to_string()),
                member,
                load: library.load.clone(),
                elixir: elixir.clone(),
            };
            let shipment = shipment::of(&file_name, nif, want.clone(), library, roots(manifest, target, version));
            targets.insert(target.clone(), shipment?);
        }
        list.push(Artifact {
            kind: Kind::Nif,
            name: names::artifact(library, version, variation).parse().ok()?,
            core: core.name.clone(),
            binaries: vec![library.library.clone()],
            files: library.packaging.files(),
            targets,
        });
        cores.add_variant(core);
    }
    Some(list)
}

/// The core as it is compiled for a NIF version, with the crate's feature for it where it has one, and for a variant.
fn compiled(library: &Library, version: NifVersion, variation: Option<&Variation>) -> Option<Core> {
    let core = &library.core;
    let mut compiled = Core { name: names::core(library, version, variation).parse().ok()?, ..core.clone() };
    if let Compile::Cargo { features, rustflags, .. } = &mut compiled.compile {
        let own = format!("nif_version_{}_{}", version.major, version.minor);
        let own = core.features_known.contains(&own).then_some(own);
        for feature in own.into_iter().chain(variation.iter().flat_map(|variation| variation.features.clone())) {
            if !features.contains(&feature) {
                features.push(feature);
            }
        }
        rustflags.extend(variation.iter().flat_map(|variation| variation.rustflags.clone()));
    }
    compiled.cpu = variation.and_then(|variation| variation.cpu).or(core.cpu);
    Some(compiled)
}

/// Where the libraries of a `[nif.*]` table are loaded, root and target, as far as it can be told without its Elixir sources.
pub(in crate::manifest) fn beams(manifest: &Manifest, table: &NifTable) -> Vec<(RootName, Target)> {
    let written = table.nif_versions.iter().flat_map(|list| &list.value);
    let mut versions = written.filter_map(|version| version.value.parse().ok()).collect::<Vec<NifVersion>>();
    if versions.is_empty() {
        versions.push(NifVersion::new(2, 15));
    }
    let mut beams = Vec::new();
    for target in manifest.targets_of(&table.artifact) {
        let named = manifest.target.iter().find(|(name, _)| name.value == target.as_str()).and_then(|(_, table)| table.roots.as_ref());
        let named = named.map(|roots| roots.value.iter().filter_map(|root| root.value.parse().ok()).collect::<Vec<_>>());
        let roots =
            named.unwrap_or_else(|| versions.iter().flat_map(|version| roots(manifest, &target, *version).unwrap_or_default()).collect());
        beams.extend(roots.into_iter().map(|root| (root, target.clone())));
    }
    beams.sort();
    beams.dedup();
    beams
}

/// The roots whose BEAM has the version; what the manifest says of the target counts more.
fn roots(manifest: &Manifest, target: &Target, version: NifVersion) -> Option<Vec<RootName>> {
    let named = manifest.target.iter().any(|(name, table)| name.value == target.as_str() && table.roots.is_some());
    if named || target.libc().is_none() {
        return None;
    }
    let first = version.first_otp().unwrap_or_default();
    BEAMS.iter().filter(|(_, otp)| *otp >= first).map(|(root, _)| root.parse().ok()).collect()
}
