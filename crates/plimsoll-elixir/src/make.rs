//! Holds mix.exs of a package whose users follow `elixir_make` against the manifest, and prints the lines that it needs.

use std::fmt::Write;

use plimsoll_model::NifVersion;

use super::checker::Checker;
use super::compare::{Facts, Mismatch};
use super::location::Read;
use super::mix::MixProject;
use super::project::Teller;

/// What elixir_make puts the archive's name in place of.
const FILENAME: &str = "@{artefact_filename}";

/// Everything in mix.exs that contradicts. Targets are not looked at: the precompiler has its own list of them.
pub fn check_make(facts: &Facts, mix: &MixProject, teller: &Teller) -> Vec<Mismatch> {
    let mut found = Vec::new();
    let mut checker = Checker { at: &mix.at, verb: teller.verb(), found: &mut found };
    if let Some(app) = &facts.otp_app {
        checker.equal("app", &mix.app, app, "the application is");
    }
    checker.version_of_mix(mix, &facts.version);
    if mix.make.precompiler.is_none() {
        checker.add(&mix.at, "make_precompiler", "is not there", "without it nothing is downloaded: `{:nif, CCPrecompiler}`");
    }
    match &mix.make.url {
        Read::Found { value, at } if !value.ends_with(&format!("/{FILENAME}")) => {
            checker.add(
                at,
                "make_precompiler_url",
                format!("{} `{value}`", teller.verb()),
                format!("`{FILENAME}` at its end stands for the archive"),
            );
        }
        read => checker.url(facts, "make_precompiler_url", read, &format!("/{FILENAME}")),
    }
    checker.nif_versions(facts, "make_precompiler_nif_versions", &mix.make.nif_versions, false);
    checker.files(facts, mix);
    found
}

/// What the lines for mix.exs say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MakeBlock {
    /// The release's URL, with `#{@version}` for the version: `https://…/releases/download/v#{@version}`.
    pub url: String,
    /// The library in priv, without its suffix.
    pub filename: String,
    /// The variable that forces a build.
    pub force_build: String,
    /// NIF versions, in any order.
    pub nif_versions: Vec<NifVersion>,
}

/// The lines, indented for the list that `project` gives.
pub fn make_block(block: &MakeBlock) -> String {
    let mut nif_versions = block.nif_versions.clone();
    nif_versions.sort();
    let versions = nif_versions.iter().map(|version| format!("\"{version}\"")).collect::<Vec<_>>().join(", ");
    let mut text = String::from("      compilers: [:elixir_make] ++ Mix.compilers(),\n      make_precompiler: {:nif, CCPrecompiler},\n");
    let MakeBlock { url, filename, force_build, .. } = block;
    let _ = write!(
        text,
        "      make_precompiler_url: \"{url}/{FILENAME}\",\n      make_precompiler_filename: \"{filename}\",\n      \
         make_precompiler_nif_versions: [versions: [{versions}]],\n      \
         make_force_build: System.get_env(\"{force_build}\") in [\"1\", \"true\"],\n"
    );
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::mix::read_mix;
    use super::*;

    fn facts() -> Facts {
        Facts {
            otp_app: Some("abacus".to_owned()),
            module: None,
            crate_name: "abacus".to_owned(),
            version: "1.2.0".to_owned(),
            tag: Some("v1.2.0".to_owned()),
            base_url: None,
            targets: BTreeMap::new(),
            nif_versions: ["2.15".parse().unwrap(), "2.16".parse().unwrap()].into(),
            variants: BTreeMap::new(),
            packaged: BTreeMap::from([("checksum.exs".to_owned(), "users need it".to_owned())]),
        }
    }

    fn mix(lines: &str, files: &str) -> MixProject {
        let text = format!(
            "defmodule A.MixProject do\n  use Mix.Project\n  @version \"1.2.0\"\n  def project do\n    [\n      app: :abacus,\n      \
             version: @version,\n{lines}      package: [files: [{files}]]\n    ]\n  end\nend\n"
        );
        read_mix("mix.exs", &text).unwrap().unwrap()
    }

    #[test]
    fn the_lines_to_paste_are_read_back_as_what_is_wanted() {
        let block = MakeBlock {
            url: "https://example.org/abacus/releases/download/v#{@version}".to_owned(),
            filename: "beads".to_owned(),
            force_build: "ABACUS_BUILD".to_owned(),
            nif_versions: vec!["2.16".parse().unwrap(), "2.15".parse().unwrap()],
        };
        let read = mix(&make_block(&block), "\"lib\", \"checksum.exs\"");
        assert_eq!(check_make(&facts(), &read, &Teller::Text), []);
        assert_eq!(read.make.filename.value().unwrap(), "beads");
    }

    #[test]
    fn what_contradicts_shows_both_sides() {
        let lines = "      make_precompiler_url: \"https://example.org/releases/download/#{@version}/@{artefact_filename}\",\n      \
                     make_precompiler_nif_versions: [versions: [\"2.15\", \"2.17\"]],\n";
        let shown =
            check_make(&facts(), &mix(lines, "\"lib\""), &Teller::Text).iter().map(|found| format!("{found}\n")).collect::<String>();
        insta::assert_snapshot!(shown, @r"
        mix.exs:2:3: `make_precompiler` is not there, and without it nothing is downloaded: `{:nif, CCPrecompiler}`
        mix.exs:8:29: `make_precompiler_url` says `https://example.org/releases/download/1.2.0/@{artefact_filename}`, and the release's tag is `v1.2.0`
        mix.exs:9:49: `make_precompiler_nif_versions` lists 2.17, and 2.15, 2.16 is built
        mix.exs:9:49: `make_precompiler_nif_versions` lacks 2.16, and 2.16 is built
        mix.exs:10:24: `files of the package` leave out checksum.exs, and users need it
        ");
    }
}
