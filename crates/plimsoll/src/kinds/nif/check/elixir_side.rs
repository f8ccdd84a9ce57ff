//! Holds the Elixir sources of a package against its library: what differs is told with both sides.

use std::collections::BTreeMap;

use plimsoll_model::NifScheme;
use plimsoll_model::Want;
use plimsoll_pack::nif::checksums;

use super::Library;
use plimsoll_elixir::{Against, ElixirProject, Mismatch, Precompiled, Read, TargetState, Unread};

/// Everything that differs; nothing where there is no Elixir side to read.
pub(super) fn mismatches(library: &Library, elixir_side: &ElixirProject) -> Vec<Mismatch> {
    let Some(mix) = &elixir_side.mix else { return Vec::new() };
    let teller = &elixir_side.teller;
    match library.packaging.scheme() {
        NifScheme::RustlerPrecompiled => {
            let known = elixir_side.module(library.module.as_str()).map(|known| vouched(library, known));
            known.map(|known| plimsoll_elixir::check(&facts(library), &known, mix, Against::Wanted, teller)).unwrap_or_default()
        }
        NifScheme::ElixirMake => plimsoll_elixir::check_make(&facts(library), mix, teller),
    }
}

/// What nobody could say of the Elixir side and the manifest does not vouch for.
pub(super) fn unread(library: &Library, elixir_side: &ElixirProject) -> Vec<Unread> {
    let Some(mix) = &elixir_side.mix else { return Vec::new() };
    match library.packaging.scheme() {
        NifScheme::RustlerPrecompiled => {
            let known = elixir_side.module(library.module.as_str()).map(|known| vouched(library, known));
            known.map(|known| plimsoll_elixir::unread(&known, mix)).unwrap_or_default()
        }
        NifScheme::ElixirMake => plimsoll_elixir::unread_of_mix(mix),
    }
}

/// The module with what the manifest says in place of what could not be read.
fn vouched(library: &Library, module: &Precompiled) -> Precompiled {
    match (&module.base_url, &library.base_url) {
        (Read::NotLiteral { at, .. }, Some(url)) => {
            Precompiled { base_url: Read::Found { value: url.clone(), at: at.clone() }, ..module.clone() }
        }
        _ => module.clone(),
    }
}

/// What the Elixir side is held against.
fn facts(library: &Library) -> plimsoll_elixir::Facts {
    let state = |want: &Want| match want {
        Want::Wanted => TargetState::Wanted,
        Want::Planned(reason) => TargetState::Planned(reason.clone()),
        Want::Deferred(reason) => TargetState::Deferred(reason.clone()),
    };
    let scheme = library.packaging.scheme();
    let mut packaged = library.native.clone();
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
        tag: library.tag.clone(),
        base_url: None,
        targets: library.wants.iter().map(|(target, want)| (target.to_string(), state(want))).collect(),
        nif_versions: library.versions.iter().copied().collect(),
        variants,
        packaged,
    }
}
