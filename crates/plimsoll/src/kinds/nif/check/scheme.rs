//! How users get a library: the names that `rustler_precompiled` asks for, or those of `elixir_make`.

use std::collections::BTreeMap;

use plimsoll_model::NifScheme;
use plimsoll_model::{NifVersion, Target};
use plimsoll_pack::nif::{ElixirMakeFileName, PrecompiledFileName};

use super::Library;
use super::variants::Variation;
use crate::manifest::check::files;
use crate::manifest::diagnostic::{Diagnostic, Diagnostics};
use crate::manifest::nearest::suggestion;
use crate::manifest::written::{Files, Written};
use plimsoll_elixir::ElixirProject;

/// What an archive holds, by scheme.
pub(super) enum Packaging {
    /// One library, under the archive's own name.
    Precompiled,
    /// The tree of the priv folder.
    ElixirMake {
        /// The library in it, without its suffix.
        filename: String,
        /// Path in the project → path in priv.
        files: BTreeMap<String, String>,
    },
}

/// The declared scheme; the usual one where none is declared, or none of that name.
pub(super) fn read(written: Option<&Written<String>>, out: &mut Diagnostics) -> NifScheme {
    let Some(written) = written else { return NifScheme::default() };
    NifScheme::ALL.into_iter().find(|scheme| scheme.name() == written.value).unwrap_or_else(|| {
        let shown = written.value.chars().take(40).collect::<String>();
        let unknown = Diagnostic::new("bad-scheme", &written.span, format!("there is no scheme `{shown}`"));
        let hint = suggestion(&written.value, "schemes", NifScheme::ALL.map(NifScheme::name));
        out.push(unknown.label("whose names are these?").maybe_hint(hint));
        NifScheme::default()
    })
}

/// What lies in the archives; none where that cannot be had.
pub(super) fn packaging(
    written: Option<&Written<Files>>,
    scheme: NifScheme,
    app: &str,
    elixir_side: &ElixirProject,
    sources: &files::Sources<'_>,
    out: &mut Diagnostics,
) -> Option<Packaging> {
    match (scheme, written) {
        (NifScheme::RustlerPrecompiled, None) => Some(Packaging::Precompiled),
        (NifScheme::RustlerPrecompiled, Some(written)) => {
            let message = "an archive of rustler_precompiled holds the library and no other file";
            let other = Diagnostic::new("one-member", &written.span, message);
            out.push(other.label("would be looked for by nobody").hint("files of the package go into `files:` of mix.exs"));
            None
        }
        (NifScheme::ElixirMake, written) => {
            let named = elixir_side.mix.as_ref().and_then(|mix| mix.make.filename.value());
            let filename = named.map_or_else(|| app.to_owned(), Clone::clone);
            let library = [format!("{filename}.so"), format!("{filename}.dll")];
            let files = written.map(|written| files::check(Some(written), &library, sources, out)).unwrap_or_default();
            Some(Packaging::ElixirMake { filename, files })
        }
    }
}

impl Packaging {
    pub(super) const fn scheme(&self) -> NifScheme {
        match self {
            Self::Precompiled => NifScheme::RustlerPrecompiled,
            Self::ElixirMake { .. } => NifScheme::ElixirMake,
        }
    }

    /// Files in the archive besides the library.
    pub(super) fn files(&self) -> BTreeMap<String, String> {
        match self {
            Self::Precompiled => BTreeMap::new(),
            Self::ElixirMake { files, .. } => files.clone(),
        }
    }

    /// The archive's name, and the library's in it.
    pub(super) fn names(
        &self,
        library: &Library,
        nif_version: NifVersion,
        target: &Target,
        variation: Option<&Variation>,
    ) -> (String, String) {
        let version = library.core.version.to_string();
        match self {
            Self::Precompiled => {
                let file = PrecompiledFileName {
                    library: library.library.clone(),
                    version,
                    nif_version,
                    target: target.clone(),
                    variant: variation.map(|variation| variation.name.clone()),
                };
                (file.to_string(), file.member())
            }
            Self::ElixirMake { filename, .. } => {
                let file = ElixirMakeFileName { app: library.app.clone(), nif_version, target: target.clone(), version };
                let suffix = if target.os() == "windows" { "dll" } else { "so" };
                (file.to_string(), format!("{filename}.{suffix}"))
            }
        }
    }
}
