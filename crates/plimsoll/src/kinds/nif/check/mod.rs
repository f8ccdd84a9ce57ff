//! Libraries for the BEAM: `[nif.*]`, spread over NIF versions, variants and targets, with file names as their users ask for them.

mod elixir_side;
pub(in crate::kinds::nif) mod forced_build;
mod load;
mod module;
mod names;
mod roots;
mod scheme;
mod shipment;
mod variants;

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::plan::Compile;
use plimsoll_model::{Name, NifPlan, NifScheme, NifVersion, Target, Want};
use plimsoll_pack::Kind;

use super::{ModuleName, Table};
use crate::manifest::check::programs::Shipped;
use crate::manifest::check::users::Users;
use crate::manifest::check::{Context, cores::Cores, files, probes};
use crate::manifest::diagnostic::{Diagnostic, Diagnostics};
use crate::manifest::{Artifact, ArtifactTable, Core, Manifest, Written};
use plimsoll_elixir::{ElixirProject, MixProject, Teller};
use plimsoll_version::TagForm;
pub(crate) use roots::runtimes;
pub(in crate::kinds::nif) use roots::unfit_for;
use scheme::Packaging;
use shipment::Package;
use variants::Variation;

/// Seconds in which a BEAM must have loaded the library and called it; an emulated one takes its time.
const PATIENCE: u32 = 300;

/// A table, and what of it only this kind has.
#[derive(Clone, Copy)]
struct Asked<'a> {
    table: &'a ArtifactTable,
    own: &'a Table,
}

/// A `[nif.*]` table whose every part was found.
struct Library {
    name: Name,
    module: ModuleName,
    app: String,
    /// The crate's library.
    library: String,
    /// With the package's version.
    core: Core,
    /// The release's tag, if the manifest says its form.
    tag: Option<String>,
    /// `base-url`.
    base_url: Option<String>,
    /// Files that a forced build needs, with the reason.
    native: BTreeMap<String, String>,
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

/// The artifacts of one table: one a NIF version and variant. None if something in it is wrong.
pub(crate) fn check(
    table: &ArtifactTable,
    own: &Table,
    context: &Context<'_>,
    cores: &mut Cores<'_>,
    out: &mut Diagnostics,
) -> Option<Vec<Artifact>> {
    let before = out.count();
    let library = library(Asked { table, own }, context, cores, out)?;
    let elixir_side = &cores.facts().elixir;
    if !elixir_side.may_contradict {
        for mismatch in elixir_side::mismatches(&library, elixir_side) {
            let differs = Diagnostic::new("elixir-differs", &table.name.span, mismatch.to_string());
            out.push(differs.label("the Elixir side says something else"));
        }
        unread(&library, elixir_side, &table.name, out);
    }
    if !names::are_sound(&library, &table.name, out) {
        return None;
    }
    let artifacts = spread(&library, context.manifest, cores, context.sources)?;
    (out.count() == before).then_some(artifacts)
}

/// One error for all that nobody could read, since they have one cause. A URL may be made when it is asked for, and stops nothing.
fn unread(library: &Library, elixir_side: &ElixirProject, name: &Written<String>, out: &mut Diagnostics) {
    let settings = elixir_side::unread(library, elixir_side);
    let settings = settings.iter().filter(|unread| unread.setting != "base_url").map(ToString::to_string).collect::<Vec<_>>();
    if settings.is_empty() {
        return;
    }
    let message = format!("what these come to is not known: {}", settings.join("; "));
    let (label, hint) = match &elixir_side.teller {
        Teller::TextFor { reason, cure } => (reason.clone(), cure.clone()),
        Teller::Elixir(version) => {
            let why = elixir_side.not_evaluated.iter().map(|(place, why)| format!("{place}: {why}")).collect::<Vec<_>>().join("; ");
            (
                format!("Elixir {version} could not evaluate it: {why}"),
                "write it as a literal, or so that it needs no other package".to_owned(),
            )
        }
        Teller::Text => ("no literal".to_owned(), "write it as a literal".to_owned()),
    };
    out.push(Diagnostic::new("elixir-unread", &name.span, message).label(label).hint(hint));
}

/// The version of the package, which is the release's: as the manifest says it, as mix.exs does, or else the crate's.
fn with_version(core: Core, elixir_side: &ElixirProject, context: &Context<'_>, cores: &mut Cores<'_>) -> Core {
    let of_manifest = context.manifest.version.as_ref().map(|written| &written.value);
    let of_mix = elixir_side.mix.as_ref().and_then(|mix| mix.version.value());
    let Some(version) = of_manifest.or(of_mix).and_then(|text| text.parse().ok()) else { return core };
    cores.gives_no_version(&core);
    Core { version, ..core }
}

fn library(asked: Asked<'_>, context: &Context<'_>, cores: &mut Cores<'_>, out: &mut Diagnostics) -> Option<Library> {
    let Asked { table, own } = asked;
    let found = Shipped::find_any(table, context, cores, out);
    let label = table.label();
    let elixir_side = &cores.facts().elixir;
    let scheme = scheme::read(own.scheme.as_ref(), out);
    let module = module::read(asked, &label, scheme, elixir_side, out);
    let versions = module::versions(asked, scheme, module.as_ref(), elixir_side, out);
    let timeout = own.timeout.as_ref().map_or(Some(PATIENCE), |written| probes::timeout(Some(written), false, out));
    let test = test(own, elixir_side, out);
    let (Shipped { name, core, wants, .. }, module, timeout) = (found?, module?, timeout?);
    let of_mix = elixir_side.mix.as_ref().and_then(|mix| mix.app.value().cloned());
    let app = own.app.as_ref().map(|app| app.value.clone()).or(of_mix).unwrap_or_else(|| table.name.value.clone());
    // What a command leaves is called as its users ask for it: by the module's `crate:`, which is the application if it is not said.
    let asked_for = || elixir_side.module(module.as_str()).and_then(|module| module.crate_name.value()).unwrap_or(&app).clone();
    let made = if core.is_foreign() { Some(asked_for()) } else { made_by(&core) };
    let Some(library) = made else {
        let message = format!("the core `{}` of `{label}` makes no dynamic library", core.name);
        let hint = match core.compile {
            Compile::Cargo { .. } => "add crate-type = [\"cdylib\"] to [lib] in its Cargo.toml, and take binaries out of the package",
            Compile::Command { .. } | Compile::File { .. } | Compile::Files { .. } => {
                "name the library that its command makes, and nothing else, in its `binaries`"
            }
        };
        out.push(Diagnostic::new("no-cdylib", &table.name.span, message).label("the BEAM loads libraries").hint(hint));
        return None;
    };
    let users = Users::of(&wants, |_| None);
    let sources = files::Sources {
        all: context.sources,
        core: "",
        licences: None,
        manifest: context.manifest,
        users: &users,
        place: &table.name.span,
    };
    if let Some(files) = own.files.as_ref().filter(|_| core.is_foreign()) {
        let whole = Diagnostic::new("foreign-files", &files.span, format!("`{label}` is left whole by its command"));
        out.push(whole.label("nothing is put into it").hint("take `files` out, or have the command put them in"));
        return None;
    }
    let packaging = scheme::packaging(own.files.as_ref(), scheme, &app, elixir_side, &sources, out);
    let variations = variants::read(asked, scheme, &core, &wants, out);
    let load = own.load.iter().map(|written: &Written<String>| written.value.clone()).collect();
    let core = with_version(core, elixir_side, context, cores);
    let native = cores.cargo_of(&core).filter(|_| scheme == NifScheme::RustlerPrecompiled);
    let native = native.map(|(facts, package)| forced_build::needed(facts, package, context.sources)).unwrap_or_default();
    let base_url = own.base_url.as_ref().map(|written| written.value.clone());
    let tag = context.manifest.versions.as_ref().map(|table| match &table.tag {
        Some(written) => TagForm::parse(&written.value).unwrap_or_default(),
        None => TagForm::default(),
    });
    let tag = tag.map(|form| form.tag(&core.version));
    let packaging = packaging?;
    Some(Library { name, module, app, library, core, tag, base_url, native, wants, versions, packaging, variations, load, test, timeout })
}

/// The library that a core makes: that of its crate, or the one thing that its command leaves.
fn made_by(core: &Core) -> Option<String> {
    match (&core.compile, core.binaries.as_slice()) {
        (Compile::Command { .. }, [only]) => Some(only.clone()),
        _ => core.library().map(str::to_owned),
    }
}

/// The package's own tests; without a mix.exs there is no package to test.
fn test(own: &Table, elixir_side: &ElixirProject, out: &mut Diagnostics) -> Option<String> {
    let written = own.test.as_ref()?;
    if elixir_side.mix.is_none() || written.value.trim().is_empty() {
        let bad = Diagnostic::new("bad-test", &written.span, "there is nothing to test the package with");
        out.push(bad.label("needs a mix.exs, and a command").hint("such as test = \"mix test\""));
        return None;
    }
    Some(written.value.clone())
}

/// What users do with the package.
fn package(library: &Library, elixir_side: &ElixirProject, sources: &BTreeSet<String>) -> Package {
    let is_precompiled = library.packaging.scheme() == NifScheme::RustlerPrecompiled;
    let module = elixir_side.module(library.module.as_str()).filter(|_| is_precompiled);
    let builds = module.is_some_and(|module| forced_build::always(&library.core.version, module).is_some());
    match (sources.contains("mix.exs"), builds) {
        (false, _) => Package::Absent,
        (true, true) => Package::Builds,
        (true, false) => Package::Loads,
    }
}

/// One artifact a NIF version and variant, each for all of its targets; the core's variants are added. None where a name cannot be one, which
/// [`names::are_sound`] has told before.
fn spread(library: &Library, manifest: &Manifest, cores: &mut Cores<'_>, sources: &BTreeSet<String>) -> Option<Vec<Artifact>> {
    let package = package(library, &cores.facts().elixir, sources);
    let files = cores.facts().elixir.mix.as_ref().and_then(MixProject::packs);
    let asked = cores.facts().elixir.requirement();
    let mut list = Vec::new();
    let variations = std::iter::once(None).chain(library.variations.iter().map(Some));
    for (variation, version) in variations.flat_map(|variation| library.versions.iter().map(move |version| (variation, *version))) {
        let core = compiled(library, version, variation)?;
        let mut targets = BTreeMap::new();
        for (target, want) in names::targets(library, variation) {
            let (file_name, member) = library.packaging.names(library, version, target, variation);
            let nif = NifPlan {
                scheme: library.packaging.scheme(),
                library: Some(library.name.clone()),
                module: library.module.as_str().to_owned(),
                crate_name: library.library.clone(),
                app: library.app.clone(),
                version,
                requires_elixir: asked.as_ref().map(ToString::to_string),
                offered: if library.versions.len() > 1 { library.versions.clone() } else { Vec::new() },
                variant: variation.map(|variation| variation.name.to_string()),
                member,
                load: library.load.clone(),
                files: files.clone(),
            };
            let roots = roots::of(manifest, target, version, asked.as_ref());
            let shipment = shipment::of(&file_name, (nif, package), want.clone(), library, roots);
            targets.insert(Some(target.clone()), shipment?);
        }
        list.push(Artifact {
            kind: Kind::Nif,
            name: names::artifact(library, version, variation).parse().ok()?,
            core: Some(core.name.clone()),
            binaries: vec![library.library.clone()],
            files: library.packaging.files(),
            generated: BTreeMap::new(),
            needs: BTreeSet::new(),
            targets,
        });
        cores.add_variant(core);
    }
    Some(list)
}

/// The variables by which a command learns what it builds.
const VERSION_VARIABLE: &str = "PLIMSOLL_NIF_VERSION";
const VARIANT_VARIABLE: &str = "PLIMSOLL_VARIANT";

/// The core as it is compiled for a NIF version, with the crate's feature for it where it has one, and for a variant.
fn compiled(library: &Library, version: NifVersion, variation: Option<&Variation>) -> Option<Core> {
    let core = &library.core;
    let (name, variant) = (names::core(library, version, variation), names::variant(library, version, variation));
    let variant_of = Some((core.name.clone(), variant));
    let mut compiled = Core { name: name.parse().ok()?, variant_of, ..core.clone() };
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
    if let Compile::Command { .. } | Compile::File { .. } = compiled.compile {
        let variant = variation.map(|variation| (VARIANT_VARIABLE, variation.name.to_string()));
        let told = std::iter::once((VERSION_VARIABLE, version.to_string())).chain(variant);
        compiled.env.extend(told.map(|(name, value)| (name.to_owned(), value)));
    }
    compiled.cpu = variation.and_then(|variation| variation.cpu).or(core.cpu);
    Some(compiled)
}
