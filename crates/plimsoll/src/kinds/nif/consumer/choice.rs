//! Which consumer compiles a package: the library that its users have, where the project has it, or what stands in for it. Which it was, and why, is
//! told in evidence.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use plimsoll_elixir::{MixVersion, mix_version};
use plimsoll_model::{Class, Digest, Failure, Libc, NifPlan, NifScheme, Target, canonical_json};
use plimsoll_store::plain_file;
use plimsoll_store::work::SourceFile;

use super::stands_in_for;
use crate::prove::client::Installer;
use crate::sources::Sources;

/// The variable that names the folder of the library's sources, in place of what mix fetched.
pub(crate) const VARIABLE: &str = "PLIMSOLL_RUSTLER_PRECOMPILED";

/// By which the library finds what was downloaded before.
const CACHE: &str = "RUSTLER_PRECOMPILED_GLOBAL_CACHE_PATH";
/// By which it takes the certificate of the gateway to the harbor.
const AUTHORITIES: &str = "HEX_CACERTS_PATH";

/// What compiles a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Choice {
    /// The library itself.
    Library {
        /// Its version; none if only Elixir could tell.
        version: Option<String>,
        /// Where its sources come from: `deps`, or a variable.
        origin: String,
        /// Of all its files.
        digest: Digest,
    },
    /// Our own consumer.
    StandIn {
        /// Why it is not the library.
        reason: String,
    },
}

impl Choice {
    /// The consumer of a library for `target`, with the archive from the harbor (`downloads`) or in the cache of downloads.
    ///
    /// # Errors
    /// If a file of the library cannot be read.
    pub(crate) fn of(nif: &NifPlan, target: Option<&Target>, downloads: bool, sources: &Sources) -> Result<Self, Failure> {
        let library = stands_in_for(nif.scheme);
        let files = sources.dependencies.iter().filter_map(|(name, file)| Some((name.strip_prefix(library)?.strip_prefix('/')?, file)));
        let files = files.collect::<BTreeMap<_, _>>();
        let Some(mix) = files.get("mix.exs") else { return Ok(Self::stand_in("the project's deps/ has none")) };
        let version = version(mix)?;
        let origin = sources.named.get(library).map_or("deps", String::as_str);
        if let Some(reason) = only_ours(nif, target, downloads) {
            return Ok(Self::stand_in(reason));
        }
        let wanted = if downloads { [CACHE, AUTHORITIES].as_slice() } else { &[CACHE] };
        if nif.scheme == NifScheme::RustlerPrecompiled
            && let Some(unknown) = unknown(&files, wanted)?
        {
            let version = version.as_deref().unwrap_or("the one");
            return Ok(Self::stand_in(format!("{version} from {origin} does not know {unknown}")));
        }
        let known = files.iter().map(|(name, file)| (*name, (file.digest, file.executable))).collect::<BTreeMap<_, _>>();
        let digest = Digest::of(&canonical_json(&known));
        Ok(Self::Library { version, origin: origin.to_owned(), digest })
    }

    fn stand_in(reason: impl Into<String>) -> Self {
        Self::StandIn { reason: reason.into() }
    }

    /// Whether it is the library itself.
    pub(crate) const fn is_library(&self) -> bool {
        matches!(self, Self::Library { .. })
    }

    /// As evidence and a rehearsal tell it.
    pub(crate) fn installer(&self, scheme: NifScheme) -> Installer {
        let name = stands_in_for(scheme).to_owned();
        match self {
            Self::Library { version, origin, digest } => {
                let version = version.as_deref().unwrap_or("of an unknown version");
                Installer {
                    by: format!("{name} {version} from {origin}"),
                    identity: format!("{version} from {origin}, sha256:{digest}"),
                    name,
                }
            }
            Self::StandIn { reason } => Installer {
                by: format!("the stand-in for {name}"),
                identity: format!("stand-in of plimsoll {}, because {reason}", env!("CARGO_PKG_VERSION")),
                name,
            },
        }
    }
}

/// What is asked of a consumer that only our own can do, as the reason for it.
fn only_ours(nif: &NifPlan, target: Option<&Target>, downloads: bool) -> Option<&'static str> {
    if nif.variant.is_some() {
        return Some("the library takes a variant from the module's functions alone");
    }
    if !nif.offered.is_empty() {
        return Some("the library asks for the newest NIF version that fits the BEAM, and for no other");
    }
    match nif.scheme {
        NifScheme::ElixirMake if downloads => Some("the library builds from source if a download fails"),
        // OTP's own crypto is linked to glibc.
        NifScheme::RustlerPrecompiled if downloads && target.and_then(Target::libc) == Some(Libc::Musl) => {
            Some("the library downloads with TLS, which a BEAM for musl does not have here")
        }
        NifScheme::ElixirMake | NifScheme::RustlerPrecompiled => None,
    }
}

/// The first of the variables that none of the library's sources names.
fn unknown<'w>(files: &BTreeMap<&str, &SourceFile>, wanted: &[&'w str]) -> Result<Option<&'w str>, Failure> {
    let mut missing = wanted.to_vec();
    for (_, file) in files.iter().filter(|(name, _)| name.starts_with("lib/") && name.ends_with(".ex")) {
        let text = text(file)?;
        missing.retain(|variable| !text.contains(variable));
    }
    Ok(missing.first().copied())
}

fn version(mix: &SourceFile) -> Result<Option<String>, Failure> {
    let text = text(mix)?;
    Ok(match mix_version("mix.exs", &text) {
        Ok(MixVersion::Literal { span, .. }) => text.get(span).map(str::to_owned),
        Ok(MixVersion::Other { .. } | MixVersion::Absent) | Err(_) => None,
    })
}

fn text(file: &SourceFile) -> Result<String, Failure> {
    let bytes = plain_file::read(&file.from).map_err(|error| Failure::io(&file.from, &error))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The library whose sources lie in the folder that [`VARIABLE`] names: its name, the variable and the folder.
///
/// # Errors
/// Class usage if they do not lie there.
pub(crate) fn named(path: &Path) -> Result<(String, (String, PathBuf)), Failure> {
    let library = stands_in_for(NifScheme::RustlerPrecompiled);
    let folder = path.canonicalize().ok().filter(|folder| folder.join("mix.exs").is_file() && folder.join("lib").is_dir());
    let folder = folder.ok_or_else(|| {
        let message = format!("{VARIABLE} names {}, which has no mix.exs and no lib/", path.display());
        let hint = format!("name the folder of {library}'s sources, as mix leaves it in deps/, or unset the variable");
        Failure::new(Class::Usage, "no-library", message).hint(hint)
    })?;
    Ok((library.to_owned(), (VARIABLE.to_owned(), folder)))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use plimsoll_model::NifVersion;

    use super::*;
    use crate::kinds::nif::beam_probe;

    /// Sources of a project that has the library, at `version` and with `text`.
    fn fetched(folder: &Path, version: &str, text: &str) -> Sources {
        let file = |name: &str, text: &str| {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
            let file = SourceFile { from: path, digest: Digest::of(text.as_bytes()), executable: false };
            (format!("rustler_precompiled/{name}"), file)
        };
        let mix =
            format!("defmodule R.MixProject do\n  use Mix.Project\n  @version {version}\n  def project, do: [version: @version]\nend\n");
        let mut sources = Sources::none(folder);
        sources.dependencies = BTreeMap::from([file("mix.exs", &mix), file("lib/rustler_precompiled.ex", text)]);
        sources
    }

    fn identity(choice: &Choice) -> String {
        choice.installer(NifScheme::RustlerPrecompiled).identity
    }

    #[test]
    fn the_library_is_told_by_version_origin_and_digest() {
        let place = tempfile::tempdir().unwrap();
        let nif = beam_probe::tests::nif();
        let chosen = |sources: &Sources, downloads| Choice::of(&nif, None, downloads, sources).unwrap();
        let mut sources = fetched(place.path(), "\"0.8.4\"", &format!("{CACHE} {AUTHORITIES}"));
        let first = chosen(&sources, true);
        assert!(identity(&first).starts_with("0.8.4 from deps, sha256:"), "{first:?}");
        assert_eq!(first.installer(NifScheme::RustlerPrecompiled).by, "rustler_precompiled 0.8.4 from deps");
        sources.named = BTreeMap::from([("rustler_precompiled".to_owned(), VARIABLE.to_owned())]);
        assert!(identity(&chosen(&sources, false)).starts_with(&format!("0.8.4 from {VARIABLE}, sha256:")));
        // One other byte of it is another library.
        let other = chosen(&fetched(place.path(), "\"0.8.4\"", &format!("{CACHE} {AUTHORITIES} ")), true);
        assert!(other.is_library() && identity(&other) != identity(&first), "{other:?}");
        let strange = chosen(&fetched(place.path(), "version()", &format!("{CACHE} {AUTHORITIES}")), true);
        assert!(identity(&strange).starts_with("of an unknown version from deps"), "{strange:?}");
    }

    #[test]
    fn a_stand_in_says_so_and_why() {
        let place = tempfile::tempdir().unwrap();
        let nif = beam_probe::tests::nif();
        let musl = "x86_64-unknown-linux-musl".parse::<Target>().unwrap();
        let sources = fetched(place.path(), "\"0.6.3\"", CACHE);
        let reason = |nif: &NifPlan, target, downloads, sources: &Sources| {
            let choice = Choice::of(nif, target, downloads, sources).unwrap();
            assert!(!choice.is_library() && identity(&choice).starts_with("stand-in of plimsoll"), "{choice:?}");
            assert_eq!(choice.installer(nif.scheme).by, format!("the stand-in for {}", nif.scheme.name()));
            identity(&choice)
        };
        assert!(reason(&nif, None, true, &Sources::none(place.path())).ends_with("because the project's deps/ has none"));
        assert!(reason(&nif, None, true, &sources).contains("0.6.3 from deps does not know HEX_CACERTS_PATH"));
        // From the store it needs none.
        assert!(Choice::of(&nif, None, false, &sources).unwrap().is_library());
        let sources = fetched(place.path(), "\"0.8.4\"", &format!("{CACHE} {AUTHORITIES}"));
        assert!(reason(&nif, Some(&musl), true, &sources).contains("TLS"));
        assert!(Choice::of(&nif, Some(&musl), false, &sources).unwrap().is_library());
        let varied = NifPlan { variant: Some("avx2".to_owned()), ..nif.clone() };
        assert!(reason(&varied, None, false, &sources).contains("variant"));
        let older = NifPlan { offered: vec![NifVersion::new(2, 15), NifVersion::new(2, 16)], ..nif.clone() };
        assert!(reason(&older, None, true, &sources).contains("NIF version"));
    }

    #[test]
    fn a_folder_that_holds_no_library_is_refused() {
        let place = tempfile::tempdir().unwrap();
        for path in [place.path().to_owned(), place.path().join("nowhere")] {
            let failure = named(&path).unwrap_err();
            assert!(failure.class == Class::Usage && failure.message.contains(VARIABLE) && failure.hint.is_some(), "{failure}");
        }
        fetched(place.path(), "\"0.8.4\"", "");
        assert_eq!(named(place.path()).unwrap().0, "rustler_precompiled");
    }
}
