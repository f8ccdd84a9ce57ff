//! Roots that fit a package: the Elixir that mix.exs asks for chooses among them, one without it is a gap; what is written in Erlang is compiled there by
//! rebar3, and a plugin that would have to be fetched is a gap too.

use std::fs;

use super::refused::host_only;
use crate::testbed::{self, Said, Testbed};
use crate::{Checks, Trouble, project};

/// Of the target in the manifest.
const BUILDER: &str = "builder = \"native\"\n";
const NAMED: &str = "roots = [\"debian:12\"]\n";
/// A test of the package that needs a dependency in Erlang.
const TESTS: &str = "  test \"what is written in Erlang is there\" do\n    assert :pulse.beat(41) == 42\n  end\nend\n";
const REBAR: &str = "{erl_opts, [debug_info]}.\n{deps, []}.\n{profiles, [{test, [{plugins, [covertool]}]}]}.\n";
const PLUGIN: &str = "{plugins, [pc]}.\n{provider_hooks, [{pre, [{compile, {pc, compile}}]}]}.\n";
const RESOURCE: &str =
    "{application, pulse, [{description, \"beats\"}, {vsn, \"1.0.0\"}, {registered, []}, {applications, [kernel, stdlib]}]}.\n";

pub fn run(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let project = host_only(testbed, "fitting", "")?;
    let manifest = project.join("plimsoll.toml");
    project::replace(&manifest, NAMED, "")?;
    let mix = project.join("mix.exs");
    project::replace(&mix, "\"~> 1.14\"", "\"~> 1.15\"")?;
    project::replace(&mix, "{:rustler_precompiled, \"~> 0.8\"},", "{:rustler_precompiled, \"~> 0.8\"},\n      {:pulse, \"~> 1.0\"},")?;
    project::write(&project.join(".gitignore"), "/deps\n/_build\n/dist\n/native/nif_counter/target\n")?;
    project::write(&project.join("mix.lock"), "%{\n}\n")?;
    let test = project.join("test/nif_counter_test.exs");
    let text = fs::read_to_string(&test).map_err(Trouble::io(&test))?;
    project::write(&test, &format!("{}\n{TESTS}", text.trim_end().trim_end_matches("end").trim_end()))?;
    let sources = project.join("deps/pulse/src");
    fs::create_dir_all(&sources).map_err(Trouble::io(&sources))?;
    let rebar = project.join("deps/pulse/rebar.config");
    project::write(&rebar, REBAR)?;
    project::write(&sources.join("pulse.app.src"), RESOURCE)?;
    project::write(&sources.join("pulse.erl"), "-module(pulse).\n-export([beat/1]).\nbeat(Count) -> Count + 1.\n")?;

    let plimsoll = |command: &str| -> Result<Said, Trouble> {
        let said = testbed::run(testbed.plimsoll(&testbed.store).args([command, "--root"]).arg(&project))?;
        if said.code == Some(3) { Err(Trouble::NotRun(said.all())) } else { Ok(said) }
    };
    let said = plimsoll("rehearse")?;
    let fetched = said.stderr.lines().any(|line| line.contains("fetched") && line.contains("debian:13"));
    let only = !said.all().contains("debian:12");
    checks.that(
        "a package for Elixir 1.15 is proven and fetched in debian:13 alone, with its dependency in Erlang",
        said.well() && fetched && only,
        || said.all(),
    );

    let gap = |checks: &mut Checks, what: &str, reason: &str| -> Result<(), Trouble> {
        let said = plimsoll("rehearse")?;
        // Nothing else is proven here, which is no success; but nothing failed either.
        let is_gap =
            said.code == Some(1) && said.all().contains(reason) && said.all().contains("elsewhere") && !said.all().contains("error:");
        checks.that(&format!("{what} is a gap"), is_gap, || said.all());
        Ok(())
    };
    project::write(&rebar, &format!("{REBAR}{PLUGIN}"))?;
    gap(checks, "a plugin that would have to be fetched", "pulse wants the plugin pc")?;
    project::write(&rebar, REBAR)?;

    project::replace(&mix, "\"~> 1.15\"", "\"~> 1.99\"")?;
    gap(checks, "an Elixir that no root has", "mix.exs asks for Elixir ~> 1.99, and debian:13 has 1.18.3")?;
    project::replace(&mix, "\"~> 1.99\"", "\"~> 1.15\"")?;
    project::replace(&manifest, BUILDER, &format!("{BUILDER}{NAMED}"))?;
    gap(checks, "a root that is named and has another Elixir", "mix.exs asks for Elixir ~> 1.15, and debian:12 has 1.14.0")
}
