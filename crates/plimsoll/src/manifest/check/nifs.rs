//! Libraries for the BEAM: `[nif.*]`, spread over NIF versions and targets, with file names as rustler_precompiled's users ask for them.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::plan::{Compile, NifPlan};
use plimsoll_model::{Expectation, Name, NifVersion, Probe, RootName, Start, Target, Want};
use plimsoll_pack::nif::PrecompiledFileName;

use super::super::diagnostic::{Diagnostic, Diagnostics};
use super::super::nearest::suggestion;
use super::super::project::{Artifact, ArtifactKind, Core, Shipment};
use super::super::written::{Manifest, NifTable, Written};
use super::artifacts::Artifacts;
use super::cores::{Cores, Found};
use super::targets::{Wishes, artifact_wishes};
use super::{probes, values};
use crate::elixir::{self, Against, ElixirProject, Precompiled, TargetState};
use crate::nif::ModuleName;
use crate::nif::beam_probe;

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
    let library = library(table, project, cores, out)?;
    let elixir_side = cores.elixir();
    if let (Some(known), Some(mix)) = (elixir_side.module(library.module.as_str()), &elixir_side.mix) {
        for mismatch in elixir::check(&elixir_facts(&library, sources), known, mix, Against::Wanted) {
            let differs = Diagnostic::new("elixir-differs", &table.artifact.name.span, mismatch.to_string());
            out.push(differs.label("the Elixir side says something else"));
        }
    }
    let artifacts = spread(&library, manifest, cores, sources)?;
    (out.count() == before).then_some(artifacts)
}

fn library(table: &NifTable, project: &Wishes, cores: &mut Cores<'_>, out: &mut Diagnostics) -> Option<Library> {
    let common = &table.artifact;
    let label = format!("nif.{}", common.name.value);
    let name = values::name(&common.name, "an artifact", out);
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
    let module = module(table, &label, elixir_side, out);
    let known = module.as_ref().and_then(|module| elixir_side.module(module.as_str()));
    let versions = versions(table, known, out);
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
    let load = table.load.iter().map(|written: &Written<String>| written.value.clone()).collect();
    Some(Library { name, module, app, library, core, wants, versions, load, test, timeout })
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

/// One artifact a NIF version, each for all targets; the core's variants are added.
fn spread(library: &Library, manifest: &Manifest, cores: &mut Cores<'_>, sources: &BTreeSet<String>) -> Option<Vec<Artifact>> {
    let elixir = sources.iter().filter(|path| is_elixir(path)).cloned().collect::<Vec<_>>();
    let mut list = Vec::new();
    for version in library.versions.iter().copied() {
        let variant = variant(&library.core, version)?;
        let mut targets = BTreeMap::new();
        for (target, want) in &library.wants {
            let file = PrecompiledFileName {
                library: library.library.clone(),
                version: library.core.version.to_string(),
                nif_version: version,
                target: target.clone(),
                variant: None,
            };
            let nif = NifPlan {
                module: library.module.as_str().to_owned(),
                app: library.app.clone(),
                version,
                member: file.member(),
                load: library.load.clone(),
                elixir: elixir.clone(),
            };
            let shipment = shipment(&file, nif, want.clone(), library, roots(manifest, target, version));
            targets.insert(target.clone(), shipment?);
        }
        list.push(Artifact {
            kind: ArtifactKind::Nif,
            name: format!("{}-nif-{version}", library.name).parse().ok()?,
            core: variant.name.clone(),
            binaries: vec![library.library.clone()],
            files: BTreeMap::new(),
            targets,
        });
        cores.add_variant(variant);
    }
    Some(list)
}

/// Sources of the Elixir side; of the native one only a source build needs any.
fn is_elixir(path: &str) -> bool {
    let extension = path.rsplit('.').next().unwrap_or_default();
    matches!(extension, "ex" | "exs") && !path.starts_with("checksum-") && !path.contains("/checksum-")
}

/// What the Elixir side is held against.
fn elixir_facts(library: &Library, sources: &BTreeSet<String>) -> elixir::Facts {
    let state = |want: &Want| match want {
        Want::Wanted => TargetState::Wanted,
        Want::Planned(reason) => TargetState::Planned(reason.clone()),
        Want::Deferred(reason) => TargetState::Deferred(reason.clone()),
    };
    // A forced build takes all of these from the package.
    let native = sources.iter().filter(|path| path.starts_with("native/") && !path.ends_with(".md"));
    let mut packaged = native.map(|path| (path.clone(), "a forced build needs it".to_owned())).collect::<BTreeMap<_, _>>();
    let map = plimsoll_pack::nif::checksums::precompiled_file(library.module.as_str());
    packaged.insert(map, "users check every download against it".to_owned());
    elixir::Facts {
        otp_app: Some(library.app.clone()),
        module: Some(library.module.as_str().to_owned()),
        crate_name: library.library.clone(),
        version: library.core.version.to_string(),
        base_url: None,
        targets: library.wants.iter().map(|(target, want)| (target.to_string(), state(want))).collect(),
        nif_versions: library.versions.iter().copied().collect(),
        variants: BTreeMap::new(),
        packaged,
    }
}

fn module(table: &NifTable, label: &str, elixir_side: &ElixirProject, out: &mut Diagnostics) -> Option<ModuleName> {
    if table.module.is_none()
        && let [only] = elixir_side.modules.as_slice()
    {
        return only.module.parse().ok();
    }
    let Some(written) = &table.module else {
        let several = elixir_side.modules.iter().map(|module| module.module.as_str()).collect::<Vec<_>>().join(", ");
        let label_text = if several.is_empty() {
            "`module` is missing, and no module of the project says `use RustlerPrecompiled`".to_owned()
        } else {
            format!("`module` is missing; several say `use RustlerPrecompiled`: {several}")
        };
        let message = format!("`{label}` does not say which Elixir module loads it");
        out.push_absence(
            Diagnostic::new("no-module", &table.artifact.name.span, message).label(label_text).hint("add module = \"MyApp.Native\""),
        );
        return None;
    };
    match written.value.parse::<ModuleName>() {
        Ok(module) => Some(module),
        Err(error) => {
            let bad = Diagnostic::new("bad-module", &written.span, error.to_string());
            out.push(bad.label("no Elixir alias").hint("such as \"MyApp.Native\": each part begins with a capital"));
            None
        }
    }
}

fn versions(table: &NifTable, known_module: Option<&Precompiled>, out: &mut Diagnostics) -> Vec<NifVersion> {
    let Some(list) = &table.nif_versions else {
        let listed = known_module.and_then(|module| module.nif_versions.value());
        let listed = listed.map(|list| list.iter().filter_map(|text| text.parse().ok()).collect::<Vec<_>>());
        return listed.filter(|list| !list.is_empty()).unwrap_or_else(|| vec![NifVersion::new(2, 15)]);
    };
    if list.value.is_empty() {
        out.push(Diagnostic::new("no-nif-versions", &list.span, "the list of NIF versions is empty").label("nothing would be shipped"));
    }
    let known = NifVersion::KNOWN.iter().map(|(version, _)| version.to_string()).collect::<Vec<_>>();
    let mut versions = BTreeSet::new();
    for written in &list.value {
        let found = NifVersion::KNOWN.iter().find(|(version, _)| version.to_string() == written.value);
        match found {
            Some((version, _)) if versions.insert(*version) => {}
            Some(_) => out.push(Diagnostic::new("named-twice", &written.span, format!("the NIF version {} is named twice", written.value))),
            None => {
                let shown = written.value.chars().take(40).collect::<String>();
                let hint = suggestion(&written.value, "NIF versions", known.iter().map(String::as_str));
                out.push(Diagnostic::new("bad-nif-version", &written.span, format!("there is no NIF version `{shown}`")).maybe_hint(hint));
            }
        }
    }
    versions.into_iter().collect()
}

/// The core as it is compiled for a NIF version: with the crate's feature for it, where it has one.
fn variant(core: &Core, version: NifVersion) -> Option<Core> {
    let mut variant = Core { name: format!("{}+nif-{version}", core.name).parse().ok()?, ..core.clone() };
    if let Compile::Cargo { features, .. } = &mut variant.compile {
        let feature = format!("nif_version_{}_{}", version.major, version.minor);
        if core.features_known.contains(&feature) && !features.contains(&feature) {
            features.push(feature);
        }
    }
    Some(variant)
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

fn shipment(file: &PrecompiledFileName, nif: NifPlan, want: Want, library: &Library, roots: Option<Vec<RootName>>) -> Option<Shipment> {
    let file_name = file.to_string();
    let (module, load) = (&library.module, nif.load.clone());
    let probe = |name: &str, script: String| Probe {
        name: name.to_owned(),
        start: Start::Script(script),
        env: BTreeMap::new(),
        setup: None,
        until: None,
        timeout: library.timeout,
        // A program that ends well without saying so has not done what it was for.
        expect: Expectation { status: 0, output: Some("{\"passed\":true}".to_owned()) },
    };
    let mut probes = vec![probe(beam_probe::SYNTHETIC, beam_probe::synthetic(&file_name, &nif, module, &load))];
    if nif.elixir.iter().any(|path| path == "mix.exs") {
        probes.push(probe(beam_probe::OWN_MODULE, beam_probe::own_module(&file_name, &nif, module, &load)));
    }
    if let Some(command) = &library.test {
        let mut tests = probe(beam_probe::TESTS, beam_probe::tests(&file_name, &nif, command));
        // What runs tests says so by its exit status alone.
        tests.expect.output = None;
        probes.push(tests);
    }
    Some(Shipment { want, file_name: file_name.parse().ok()?, format: None, probes, roots, nif: Some(nif) })
}
