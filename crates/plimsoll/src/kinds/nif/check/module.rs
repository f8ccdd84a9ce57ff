//! Which Elixir module loads a library, and the NIF versions that it is built for: as the table says, else as the Elixir side does.

use std::collections::BTreeSet;

use plimsoll_model::NifScheme;
use plimsoll_model::NifVersion;

use super::Asked;
use crate::kinds::nif::ModuleName;
use crate::manifest::diagnostic::{Diagnostic, Diagnostics};
use crate::manifest::nearest::suggestion;
use plimsoll_elixir::ElixirProject;

/// The module that loads the library.
pub(super) fn read(
    asked: Asked<'_>,
    label: &str,
    scheme: NifScheme,
    elixir_side: &ElixirProject,
    out: &mut Diagnostics,
) -> Option<ModuleName> {
    if scheme == NifScheme::RustlerPrecompiled
        && asked.own.module.is_none()
        && let [only] = elixir_side.modules.as_slice()
    {
        return match only.module.parse::<ModuleName>() {
            Ok(module) => Some(module),
            Err(error) => {
                let bad = Diagnostic::new("bad-module", &asked.table.name.span, error.to_string());
                out.push(bad.label("of the only module that says `use RustlerPrecompiled`").hint("add module = \"MyApp.Native\""));
                None
            }
        };
    }
    let Some(written) = &asked.own.module else {
        let several = elixir_side.modules.iter().map(|module| module.module.as_str()).collect::<Vec<_>>().join(", ");
        let label_text = if scheme == NifScheme::ElixirMake {
            "`module` is missing, and mix.exs does not name it".to_owned()
        } else if several.is_empty() {
            "`module` is missing, and no module of the project says `use RustlerPrecompiled`".to_owned()
        } else {
            format!("`module` is missing; several say `use RustlerPrecompiled`: {several}")
        };
        let message = format!("`{label}` does not say which Elixir module loads it");
        out.push_absence(
            Diagnostic::new("no-module", &asked.table.name.span, message).label(label_text).hint("add module = \"MyApp.Native\""),
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

/// The NIF versions of the table, else those that the Elixir side lists.
pub(super) fn versions(
    asked: Asked<'_>,
    scheme: NifScheme,
    module: Option<&ModuleName>,
    elixir_side: &ElixirProject,
    out: &mut Diagnostics,
) -> Vec<NifVersion> {
    let Some(list) = &asked.own.nif_versions else {
        let listed = match scheme {
            NifScheme::RustlerPrecompiled => {
                module.and_then(|module| elixir_side.module(module.as_str())).and_then(|module| module.nif_versions.value())
            }
            NifScheme::ElixirMake => elixir_side.mix.as_ref().and_then(|mix| mix.make.nif_versions.value()),
        };
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
