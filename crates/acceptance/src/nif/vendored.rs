//! What mix fetched for the package, beforehand: it is there for the package's tests and nothing is fetched; the library of users' own is used where it
//! is there; and what was proven with other dependencies is not taken for proven.

use std::fs;
use std::path::Path;

use plimsoll::kinds::nif::consumer;

use super::beam::LIBRARY;
use super::refused::host_only;
use crate::testbed::{self, Said, Testbed};
use crate::{Checks, Trouble, project};

/// A test of the package that needs a dependency, and the library that users have.
const TESTS: &str = "  test \"what was fetched is there\" do\n    assert Tally.of(NifCounter.add(40, 2)) == \"42\"\n    \
                     assert Code.ensure_loaded?(RustlerPrecompiled.Vendored)\n  end\nend\n";

/// A package as mix leaves it in `deps/`, with a dependency of its own that nobody asks for.
fn fetched(folder: &Path, app: &str, module: &str, source: &str) -> Result<(), Trouble> {
    let mix = format!(
        "defmodule {module}.MixProject do\n  use Mix.Project\n  def project, do: [app: :{app}, version: \"0.8.4\", deps: deps()]\n  \
         def application, do: [extra_applications: [:inets, :ssl, :crypto]]\n  defp deps, do: [{{:never_fetched, \"~> 1.0\", optional: true}}]\nend\n"
    );
    let lib = folder.join("lib");
    fs::create_dir_all(&lib).map_err(Trouble::io(&lib))?;
    project::write(&folder.join("mix.exs"), &mix)?;
    project::write(&lib.join(format!("{app}.ex")), source)
}

pub fn run(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let project = host_only(testbed, "vendored", "")?;
    project::replace(&project.join("plimsoll.toml"), "\"mix test\"", "\"mix test --no-deps-check\"")?;
    let git = "{:rustler_precompiled, \"~> 0.8\"},\n      {:tally, git: \"https://example.invalid/tally.git\", tag: \"v0.8.4\"},";
    project::replace(&project.join("mix.exs"), "{:rustler_precompiled, \"~> 0.8\"},", git)?;
    project::write(&project.join(".gitignore"), "/deps\n/_build\n/dist\n/native/nif_counter/target\n")?;
    project::write(&project.join("mix.lock"), "%{\n}\n")?;
    let test = project.join("test/nif_counter_test.exs");
    let text = fs::read_to_string(&test).map_err(Trouble::io(&test))?;
    project::write(&test, &format!("{}\n{TESTS}", text.trim_end().trim_end_matches("end").trim_end()))?;
    let deps = project.join("deps");
    let tally = |text: &str| format!("defmodule Tally do\n  def of(number), do: {text}\nend\n");
    fetched(&deps.join("tally"), "tally", "Tally", &tally("to_string(number)"))?;
    let library = format!("{}\n{}\ndefmodule RustlerPrecompiled.Vendored do\nend\n", consumer::STEPS, consumer::LIBRARY);
    fetched(&deps.join("rustler_precompiled"), "rustler_precompiled", "RustlerPrecompiled", &library)?;

    let plimsoll = || {
        let mut command = testbed.plimsoll(&testbed.store);
        command.env_remove(LIBRARY);
        command
    };
    let prove = || -> Result<Said, Trouble> {
        let said = testbed::run(plimsoll().args(["prove", "--root"]).arg(&project))?;
        if said.code == Some(3) || said.all().contains("not run") { Err(Trouble::NotRun(said.all())) } else { Ok(said) }
    };
    let said = prove()?;
    checks.that("tests find what mix fetched, and the library of users' own", said.well(), || said.all());
    let said = testbed::run(plimsoll().args(["rehearse", "--root"]).arg(&project))?;
    let by = said.stderr.lines().any(|line| line.contains("fetched") && line.contains("by rustler_precompiled 0.8.4 from deps"));
    checks.that("a rehearsal downloads with it from the harbor, and says so", said.well() && by, || said.all());
    project::write(&deps.join("tally/lib/tally.ex"), &tally("inspect({number})"))?;
    let said = prove()?;
    let told = said.code == Some(1) && said.stderr.contains("6 tests, 1 failure");
    checks.that("with another dependency it is proven anew, and refused", told, || said.all());
    fs::remove_dir_all(&deps).map_err(Trouble::io(&deps))?;
    let said = prove()?;
    checks.that("without what was fetched its tests do not pass", said.code == Some(1), || said.all());
    Ok(())
}
