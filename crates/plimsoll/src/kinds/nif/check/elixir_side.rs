//! Holds the Elixir sources of a package against its library: what differs is told with both sides.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::NifScheme;
use plimsoll_model::Want;
use plimsoll_pack::nif::checksums;

use super::Library;
use plimsoll_elixir::{Against, ElixirProject, Mismatch, TargetState};

/// Everything that differs; nothing where there is no Elixir side to read.
pub(super) fn mismatches(library: &Library, elixir_side: &ElixirProject, sources: &BTreeSet<String>) -> Vec<Mismatch> {
    let Some(mix) = &elixir_side.mix else { return Vec::new() };
    match library.packaging.scheme() {
        NifScheme::RustlerPrecompiled => {
            let known = elixir_side.module(library.module.as_str());
            known.map(|known| plimsoll_elixir::check(&facts(library, sources), known, mix, Against::Wanted)).unwrap_or_default()
        }
        NifScheme::ElixirMake => plimsoll_elixir::check_make(&facts(library, sources), mix),
    }
}

/// Sources of the Elixir side; of the native one only a source build needs any. The map of checksums is derived.
pub(super) fn is_elixir(path: &str) -> bool {
    let (name, extension) = (path.rsplit('/').next().unwrap_or_default(), path.rsplit('.').next().unwrap_or_default());
    matches!(extension, "ex" | "exs") && !name.starts_with("checksum-") && name != checksums::ELIXIR_MAKE_FILE
}

/// What the Elixir side is held against.
fn facts(library: &Library, sources: &BTreeSet<String>) -> plimsoll_elixir::Facts {
    let state = |want: &Want| match want {
        Want::Wanted => TargetState::Wanted,
        Want::Planned(reason) => TargetState::Planned(reason.clone()),
        Want::Deferred(reason) => TargetState::Deferred(reason.clone()),
    };
    let scheme = library.packaging.scheme();
    // A forced build takes all of these from the package. What elixir_make builds from is said by a Makefile.
    let own = format!("{}/", library.core.compile.path());
    let native = sources.iter().filter(|path| (path.starts_with("native/") || path.starts_with(&own)) && !path.ends_with(".md"));
    let mut packaged = native.map(|path| (path.clone(), "a forced build needs it".to_owned())).collect::<BTreeMap<_, _>>();
    packaged.insert(checksums::file(scheme, library.module.as_str()), "users check every download against it".to_owned());
    let mut variants = BTreeMap::<String, Vec<String>>::new();
    for variation in &library.variations {
        for target in variation.targets.iter().filter(|target| library.wants.get(*target) == Some(&Want::Wanted)) {
            variants.entry(target.to_string()).or_default().push(variation.name.to_string());
        }
    }
    plimsoll_elixir::Facts {
        otp_app: Some(library.app.clone()),
        module: Some(library.module.as_str().to_owned()),
        crate_name: library.library.clone(),
        version: library.core.version.to_string(),
        base_url: None,
        targets: library.wants.iter().map(|(target, want)| (target.to_string(), state(want))).collect(),
        nif_versions: library.versions.iter().copied().collect(),
        variants,
        packaged,
    }
}
