//! The package as a proof has it: the files that git tracks, since a module may read its README while it is compiled, and a test what lies beside it.
//! A user's day has what `files:` of the package takes along, and nothing else.

use plimsoll_elixir::is_packaged;
use plimsoll_model::NifPlan;
use plimsoll_roots::lock;
use plimsoll_store::work::SourceFile;

use crate::manifest;
use crate::sources::Sources;

/// What only plimsoll reads: how a release is made is no part of a package.
const OWN: [&str; 2] = [manifest::FILE_NAME, lock::FILE_NAME];

/// Folders that mix and Rustler write into. Where git tells nothing they are left out, whether an ignore file names them or not: `mix new` writes one
/// that does.
const WRITTEN: [&str; 7] = ["_build/", "deps/", "cover/", "doc/", ".elixir_ls/", ".fetch", "priv/native/"];

/// Files of the package, each with whether its users get it.
pub(super) fn files<'s>(nif: &'s NifPlan, sources: &'s Sources) -> impl Iterator<Item = (&'s str, &'s SourceFile, bool)> {
    let is_known = sources.source.commit.is_some();
    let all = sources.of_project().filter(move |(name, _)| !OWN.contains(name) && (is_known || !is_written(name)));
    // Hex packs no package without it.
    all.map(|(name, file)| (name, file, name == "mix.exs" || nif.files.as_deref().is_none_or(|files| is_packaged(name, Some(files)))))
}

fn is_written(name: &str) -> bool {
    WRITTEN.iter().any(|written| name.starts_with(written)) || name == "erl_crash.dump" || name.ends_with(".ez")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use plimsoll_model::Digest;

    use super::*;
    use crate::kinds::nif::beam_probe;

    fn sources(commit: Option<&str>) -> Sources {
        let mut sources = Sources::none(Path::new("/project"));
        let names = [
            "mix.exs",
            "README.md",
            "lib/a.ex",
            "test/fixtures/one.json",
            "priv/data.bin",
            "priv/native/liba.so",
            "plimsoll.toml",
            "_build/prod/lib/a.app",
            "deps/b/mix.exs",
            "docs/guide.md",
            "old-1.0.0.ez",
        ];
        let file = |name: &str| SourceFile { from: name.into(), digest: Digest::of(name.as_bytes()), executable: false };
        sources.files = names.into_iter().map(|name| (name.to_owned(), file(name))).collect::<BTreeMap<_, _>>();
        sources.source.commit = commit.map(str::to_owned);
        sources
    }

    fn seen(nif: &NifPlan, commit: Option<&str>) -> (Vec<String>, Vec<String>) {
        let sources = sources(commit);
        let (packed, rest) = files(nif, &sources).partition::<Vec<_>, _>(|(.., is_packed)| *is_packed);
        let names = |list: Vec<(&str, &SourceFile, bool)>| list.into_iter().map(|(name, ..)| name.to_owned()).collect();
        (names(packed), names(rest))
    }

    #[test]
    fn what_git_tracks_is_there_and_without_git_what_mix_does_not_write() {
        let nif = beam_probe::tests::nif();
        let (all, rest) = seen(&nif, None);
        let expected = ["README.md", "docs/guide.md", "lib/a.ex", "mix.exs", "priv/data.bin", "test/fixtures/one.json"];
        assert_eq!((all, rest), (expected.map(str::to_owned).to_vec(), Vec::new()));
        let (all, _) = seen(&nif, Some("c0ffee"));
        assert!(all.contains(&"deps/b/mix.exs".to_owned()) && !all.contains(&"plimsoll.toml".to_owned()), "{all:?}");
    }

    #[test]
    fn users_get_what_files_takes_along_and_mix_exs() {
        let nif = NifPlan { files: Some(vec!["lib".to_owned(), "priv".to_owned()]), ..beam_probe::tests::nif() };
        let (packed, rest) = seen(&nif, None);
        assert_eq!(packed, ["lib/a.ex", "mix.exs", "priv/data.bin"]);
        assert_eq!(rest, ["README.md", "docs/guide.md", "test/fixtures/one.json"]);
    }
}
