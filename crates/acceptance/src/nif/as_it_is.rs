//! A package as people write them: functions in mix.exs, a README that a module reads, tests that read what lies beside them, a crate with cargo settings
//! of its own. Nothing of it is changed for plimsoll, and a user has of it what `files:` takes along.

use std::fs;
use std::path::Path;

use super::refused::host_only;
use crate::testbed::{self, Said, Testbed};
use crate::{Checks, Trouble, project};

/// Settings with functions of every form.
const FUNCTIONS: &str = "deps: deps(),\n      docs: [groups_for_docs: [Natives: &(&1[:group] == :native)], before_closing_body_tag: fn _ -> \"\" end],\n      \
                         aliases: [greet: &greet/1, \"greet.again\": fn _ -> :ok end],\n      test_coverage: [tool: &__MODULE__.cover/2]\n";
const THEIR_FUNCTIONS: &str = "  defp greet(_), do: Mix.shell().info(\"hello\")\n  def cover(_, _), do: nil\n\n  def application, do:";

/// A module that reads while it is compiled.
const READS: &str = "  @external_resource \"README.md\"\n  @moduledoc File.read!(\"README.md\")\n  @words \"priv/words.txt\" |> File.read!() |> \
                     String.split()\n  def words, do: @words\n";

/// A test that reads a fixture.
const TEST: &str = "  test \"what lies beside the tests is there\" do\n    assert File.read!(\"test/fixtures/sum.txt\") == \"42\\n\"\n    \
                    assert NifCounter.words() == [\"one\", \"two\"]\n  end\nend\n";

pub fn run(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let project = host_only(testbed, "as-it-is", "")?;
    written(&project)?;
    let plimsoll = |words: &[&str]| -> Result<Said, Trouble> {
        let said = testbed::run(testbed.plimsoll(&testbed.store).args(words).arg("--root").arg(&project))?;
        if said.code == Some(3) || said.all().contains("not run") { Err(Trouble::NotRun(said.all())) } else { Ok(said) }
    };
    let manifest = fs::read_to_string(project.join("plimsoll.toml")).map_err(Trouble::io(&project))?;
    let said = plimsoll(&["init", "--force"])?;
    checks.that("init writes a manifest", said.well(), || said.all());
    let said = plimsoll(&["plan"])?;
    checks.that("which can be planned", said.well(), || said.all());
    project::write(&project.join("plimsoll.toml"), &manifest)?;

    let said = plimsoll(&["prove"])?;
    checks.that(
        "functions in mix.exs, README, priv and fixtures are there in a proof, and `load` names the package's modules",
        said.well(),
        || said.all(),
    );
    let said = plimsoll(&["rehearse"])?;
    checks.that("and in a user's day what the package takes along", said.well(), || said.all());
    project::replace(&project.join("mix.exs"), "        \"README.md\",\n", "")?;
    let said = plimsoll(&["rehearse"])?;
    let told = said.code == Some(1) && said.stderr.contains("README.md");
    checks.that("a README that is read and not packed fails there as it does for users", told, || said.all());
    compiled_by_all(&project, checks, &plimsoll)
}

/// What has every user compile is told as that, and proves nothing of the package.
fn compiled_by_all(project: &Path, checks: &mut Checks, plimsoll: &dyn Fn(&[&str]) -> Result<Said, Trouble>) -> Result<(), Trouble> {
    project::replace(&project.join("mix.exs"), "@version \"0.2.0\"", "@version \"0.2.1-dev\"")?;
    let said = plimsoll(&["prove"])?;
    checks.that("the archives of a version in development are loaded, and no package is compiled for them", said.well(), || said.all());
    let said = plimsoll(&["plan"])?;
    let told = said.all().contains("0.2.1-dev is a version in development: rustler_precompiled has its users compile");
    let steps = !said.stdout.contains("own-module") && !said.stdout.contains("mix test");
    checks.that("and that is told with the plan", said.well() && told && steps, || said.all());
    Ok(())
}

fn written(project: &Path) -> Result<(), Trouble> {
    let mix = project.join("mix.exs");
    project::replace(&mix, "deps: deps()\n", FUNCTIONS)?;
    project::replace(&mix, "  def application, do:", THEIR_FUNCTIONS)?;
    project::replace(&mix, "        \"lib\",\n", "        \"lib\",\n        \"priv/words.txt\",\n")?;
    let module = project.join("lib/nif_counter.ex");
    let text = fs::read_to_string(&module).map_err(Trouble::io(&module))?;
    let (front, back) = text.split_once("defmodule NifCounter do\n").ok_or_else(|| Trouble::Broken(text.clone()))?;
    let undocumented = back.split_once("\"\"\"\n").and_then(|(_, rest)| rest.split_once("\"\"\"\n")).map_or(back, |(_, rest)| rest);
    project::write(&module, &format!("{front}defmodule NifCounter do\n{READS}{undocumented}"))?;
    for (folder, name, text) in [("priv", "words.txt", "one two\n"), ("test/fixtures", "sum.txt", "42\n")] {
        let folder = project.join(folder);
        fs::create_dir_all(&folder).map_err(Trouble::io(&folder))?;
        project::write(&folder.join(name), text)?;
    }
    // The library takes both for no.
    let native = project.join("lib/nif_counter/native.ex");
    project::replace(&native, "in [\"1\", \"true\"],", "in [\"1\", \"true\"] or nil,")?;
    let calls = "load = [\"add(40, 2) == 42\", \"NifCounter.add(40, 2) == 42 and NifCounter.words() == [\\\"one\\\", \\\"two\\\"]\"]";
    project::replace(&project.join("plimsoll.toml"), "load = \"add(40, 2) == 42\"", calls)?;
    let test = project.join("test/nif_counter_test.exs");
    let text = fs::read_to_string(&test).map_err(Trouble::io(&test))?;
    project::write(&test, &format!("{}\n{TEST}", text.trim_end().trim_end_matches("end").trim_end()))
}
