//! A package that follows elixir_make through the whole command: names, the tree of priv, the map, a user's day, and a download that was changed.

use std::fs;
use std::path::Path;
use std::process::Command;

use plimsoll::kinds::nif::consumer::{self, Places, Source};
use plimsoll_harbor::{Effect, Faults, Harbor};
use plimsoll_model::NifScheme;

use super::beam::{Beam, LIMIT, MODULE, Ran};
use super::refused::host_only;
use crate::rehearsal::Rehearsal;
use crate::testbed::{self, Testbed};
use crate::{Checks, Trouble, project};

const NIF: &str = "scheme = \"elixir_make\"\nmodule = \"NifCounter.Native\"\nfiles = [\"LICENSE-MIT\"]\n";

/// The module as such packages have it: it finds the library in priv by itself.
const LOADS: &str =
    "  @on_load :load\n\n  def load, do: :nif_counter |> :code.priv_dir() |> :filename.join(~c\"counter_nif\") |> :erlang.load_nif(0)\n";

/// The example as a package of elixir_make.
fn package(testbed: &Testbed) -> Result<std::path::PathBuf, Trouble> {
    let folder = host_only(testbed, "made", NIF)?;
    let module = folder.join("lib/nif_counter/native.ex");
    let text = fs::read_to_string(&module).map_err(Trouble::io(&module))?;
    let bodies = text.lines().filter(|line| line.trim().starts_with("def ")).collect::<Vec<_>>().join("\n");
    project::write(&module, &format!("defmodule {MODULE} do\n  @moduledoc false\n{LOADS}\n{bodies}\nend\n"))?;
    let mix = folder.join("mix.exs");
    let lines = "deps: deps(),\n      compilers: [:elixir_make] ++ Mix.compilers(),\n      make_precompiler: {:nif, CCPrecompiler},\n      \
                 make_precompiler_url: \"#{@source_url}/releases/download/v#{@version}/@{artefact_filename}\",\n      \
                 make_precompiler_filename: \"counter_nif\",\n      make_precompiler_nif_versions: [versions: [\"2.15\", \"2.16\"]]\n";
    project::replace(&mix, "deps: deps()\n", lines)?;
    project::replace(&mix, "{:rustler_precompiled, \"~> 0.8\"}", "{:elixir_make, \"~> 0.8\", runtime: false}")?;
    project::replace(&mix, "\"checksum-*.exs\"", "\"checksum.exs\"")?;
    Ok(folder)
}

pub fn run(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let project = package(testbed)?;
    let plimsoll = |words: &[&str]| testbed::run(testbed.plimsoll(&testbed.store).args(words).arg("--root").arg(&project));
    let rehearsal = Rehearsal::of(testbed.plimsoll(&testbed.store), &project)?.tried()?;
    let target = project::host().replace("-unknown", "");
    let names = ["2.15", "2.16"].map(|nif| format!("nif_counter-nif-{nif}-{target}-0.2.0.tar.gz"));
    rehearsal.check(checks, "both NIF versions are built, proven, sealed and fetched under elixir_make's names", &names);
    let fetched_back =
        rehearsal.document["fetched_back"].as_array().into_iter().flatten().filter(|fetched_back| fetched_back["root"].is_string()).count();
    checks.that("a user's day ends well with both", fetched_back == 2, || rehearsal.all());
    let listed = testbed::expect_well(Command::new("tar").arg("-tzf").arg(project.join("dist").join(&names[1])))?;
    let members = listed.stdout.lines().collect::<Vec<_>>();
    checks.that("an archive is the tree of priv", members == ["LICENSE-MIT", "counter_nif.so"], || listed.all());

    let said = plimsoll(&["nif", "checksum", "--check"])?;
    checks.that("before it is written, the check says that checksum.exs is not there", said.code == Some(1), || said.all());
    let said = plimsoll(&["nif", "checksum"])?;
    let map = fs::read_to_string(project.join("checksum.exs")).unwrap_or_default();
    let all = rehearsal.artifacts().iter().all(|(name, digest)| map.contains(&format!("\"{name}\" => \"sha256:{digest}\"")));
    checks.that("checksum.exs has what was sealed", said.well() && all && map.lines().count() == 4, || format!("{map}\n{}", said.all()));
    let again = Rehearsal::of(testbed.plimsoll(&testbed.store), &project)?;
    let same = again.said.well() && again.artifacts() == rehearsal.artifacts();
    checks.that("and changes no byte of what it describes", same, || again.all());
    let said = plimsoll(&["nif", "module"])?;
    let lines =
        ["make_precompiler: {:nif, CCPrecompiler}", "v#{@version}/@{artefact_filename}", "make_precompiler_filename: \"counter_nif\""];
    checks.that("the lines for mix.exs are printed", lines.iter().all(|line| said.stdout.contains(line)), || said.all());

    users(testbed, checks, &project, &names[1])?;
    let mix = project.join("mix.exs");
    project::replace(&mix, "[\"2.15\", \"2.16\"]", "[\"2.15\", \"2.17\"]")?;
    let manifest = project.join("plimsoll.toml");
    project::replace(&manifest, "scheme =", "nif-versions = [\"2.15\", \"2.16\"]\nscheme =")?;
    let said = plimsoll(&["plan"])?;
    let told = said.stderr.contains("`make_precompiler_nif_versions` lists 2.17") && said.stderr.contains("mix.exs");
    checks.that("a NIF version that is not built: told with both sides", !said.well() && told, || said.all());
    Ok(())
}

/// A user of the sealed release, on this machine: first with one byte changed on the way.
fn users(testbed: &Testbed, checks: &mut Checks, project: &Path, name: &str) -> Result<(), Trouble> {
    let beam = Beam::new(testbed)?;
    let ebin = testbed.folder("libraries/elixir_make/ebin")?;
    let words = consumer::library_words(NifScheme::ElixirMake, &testbed.path("").display().to_string(), &ebin.display().to_string());
    testbed::expect_well(Command::new(&words[0]).args(&words[1..]))?;
    project::write(&ebin.join("elixir_make.app"), &consumer::library_resource(NifScheme::ElixirMake))?;
    let dist = project.join("dist");
    let faults = Faults::none().first(1, &format!("*/{name}"), Effect::Flip(1000));
    let harbor = Harbor::serve_folder(&dist, faults).map_err(Trouble::io(&dist))?;
    let url = format!("{}/", harbor.url());
    let run = |user: &str, words: &[String]| -> Result<Ran, Trouble> {
        let (package, cache, home) =
            (testbed.path(&format!("{user}/package")), testbed.folder(&format!("{user}/cache"))?, testbed.path("made-home"));
        if !package.exists() {
            project::copy_tree(project, &package)?;
            for output in ["dist", "_build"].map(|name| package.join(name)).iter().filter(|path| path.exists()) {
                fs::remove_dir_all(output).map_err(Trouble::io(output))?;
            }
        }
        let text = |path: &Path| path.display().to_string();
        let places = Places {
            offline_mix: &text(&testbed.path("offline_mix.exs")),
            libraries: &text(&beam.libraries),
            cache: &text(&cache),
            dependencies: &text(&package.join("deps")),
            // What these packages depend on has none that rebar3 compiles.
            rebar: "/usr/bin/rebar3",
            home: &text(&home),
        };
        beam.run(words, &package, consumer::environment(&places, Source::Download(&url), "prod"), LIMIT * 5)
    };
    let ran = run("made-unlucky", &consumer::compile_words())?;
    checks.that("a sealed archive with one byte changed on its way is refused", ran.code() == "nif-checksum", || ran.all());
    let compiled = run("made-user", &consumer::compile_words())?;
    let module = MODULE.parse().map_err(|error: plimsoll::kinds::nif::InvalidModuleName| Trouble::Broken(error.to_string()))?;
    let call = consumer::call_words(&testbed.path("call.exs").display().to_string(), &module, &["add(40, 2) == 42".to_owned()]);
    let called = run("made-user", &call)?;
    checks.that("as it was sealed it is taken, and called", called.verdict.is_ok(), || format!("{}\n{}", compiled.all(), called.all()));
    Ok(())
}
