//! A machine without Elixir: the root whose BEAM evaluates a package is made for that alone, once; and if it cannot be made, the reason is told.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::refused::host_only;
use crate::testbed::{self, Said, Testbed};
use crate::{Checks, Trouble, project};

/// Beginnings of the names of programs that are Erlang's and Elixir's.
const BEAM: [&str; 7] = ["elixir", "erl", "mix", "iex", "escript", "epmd", "elixirc"];

pub fn run(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let project = host_only(testbed, "evaluated", "")?;
    let versions = "nif_versions: for(minor <- [15], do: \"2.#{minor}\")";
    project::replace(&project.join("lib/nif_counter/native.ex"), "nif_versions: [\"2.15\"]", versions)?;
    let (search, store) = (without_beam(testbed)?, testbed.folder("evaluated-store")?);
    let plan = |store: &Path, mirror: Option<&str>| -> Result<Said, Trouble> {
        let mut command = testbed.plimsoll(store);
        command.args(["plan", "--root"]).arg(&project).env("PATH", &search);
        if let Some(mirror) = mirror {
            command.env("PLIMSOLL_DEBIAN_MIRROR", mirror);
        }
        testbed::run(&mut command)
    };
    let making = "with Elixir, to evaluate mix.exs: once";
    let first = plan(&store, None)?;
    if first.stderr.contains("no root with one could be made") {
        return Err(Trouble::NotRun(first.all()));
    }
    let told = first.stderr.contains(making) && first.stdout.contains("nif-2.15");
    checks.that("a root is made, and tells what only Elixir can", first.well() && told, || first.all());
    let again = plan(&store, None)?;
    checks.that("once: what was told is recalled", again.well() && again.stdout == first.stdout && !again.stderr.contains(making), || {
        again.all()
    });
    project::replace(&project.join("lib/nif_counter/native.ex"), "[15]", "[15, 16]")?;
    let other = plan(&store, None)?;
    let told = other.stdout.contains("nif-2.16") && !other.stderr.contains(making);
    checks.that("and what has changed is told by the root that is there", other.well() && told, || other.all());
    let said = plan(&testbed.folder("evaluated-nothing")?, Some("http://127.0.0.1:9/debian"))?;
    let told = ["elixir-unread", "no root with one could be made", "127.0.0.1:9", "install Erlang and Elixir"];
    checks.that(
        "a root that cannot be made is told with the reason",
        said.code == Some(2) && told.iter().all(|told| said.stderr.contains(told)),
        || said.all(),
    );
    Ok(())
}

/// A folder with all programs of PATH but those of the BEAM.
fn without_beam(testbed: &Testbed) -> Result<PathBuf, Trouble> {
    let folder = testbed.folder("programs")?;
    for place in std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()) {
        for entry in fs::read_dir(&place).into_iter().flatten().flatten() {
            let (name, to) = (entry.file_name(), folder.join(entry.file_name()));
            let is_beam =
                name.to_str().is_some_and(|name| BEAM.iter().any(|begin| name == *begin || name.starts_with(&format!("{begin}-"))));
            // The first of a name is the one that counts.
            if !is_beam && !to.is_symlink() {
                symlink(entry.path(), &to).map_err(Trouble::io(&to))?;
            }
        }
    }
    Ok(folder)
}
