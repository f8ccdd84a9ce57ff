//! Packages of Python's, from their manifests to environments of users: a core with a program and the pure front that pins it, and a compiled module.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use crate::rehearsal::Rehearsal;
use crate::testbed::{self, Testbed};
use crate::{Checks, Trouble, project};

/// A copy of an example in a repository of its own, with these targets.
fn example(testbed: &Testbed, name: &str, copy: &str, targets: &str) -> Result<PathBuf, Trouble> {
    let folder = testbed.path(copy);
    project::copy_tree(&testbed.root.join("examples").join(name), &folder)?;
    let manifest = folder.join("plimsoll.toml");
    let text = std::fs::read_to_string(&manifest).map_err(Trouble::io(&manifest))?;
    let lines = text.lines().map(|line| if line.starts_with("targets = ") { targets } else { line }).collect::<Vec<_>>();
    project::write(&manifest, &(lines.join("\n") + "\n"))?;
    let git = |words: &[&str]| {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"]).args(words);
        // The same commit, and so the same bytes, from every folder.
        git.env("GIT_AUTHOR_DATE", "1700000000 +0000").env("GIT_COMMITTER_DATE", "1700000000 +0000");
        testbed::expect_well(git.current_dir(&folder))
    };
    git(&["init", "--quiet"])?;
    git(&["add", "--all"])?;
    git(&["commit", "--quiet", "--message", "state"])?;
    Ok(folder)
}

/// Programs in wheels for glibc and musl, with a pure package over them.
pub fn pair(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    pair_for(testbed, checks, &["x86_64-unknown-linux-gnu", "x86_64-unknown-linux-musl"])
}

/// Only by name: under emulation too.
pub fn pair_everywhere(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let targets = ["aarch64-unknown-linux-gnu", "aarch64-unknown-linux-musl", "x86_64-unknown-linux-gnu", "x86_64-unknown-linux-musl"];
    pair_for(testbed, checks, &targets)
}

fn pair_for(testbed: &Testbed, checks: &mut Checks, targets: &[&str]) -> Result<(), Trouble> {
    let list = format!("targets = [{}]", targets.iter().map(|target| format!("\"{target}\"")).collect::<Vec<_>>().join(", "));
    let folder = example(testbed, "wheel-pair", "pair", &list)?;
    let first = Rehearsal::kept(testbed, &folder)?.tried()?;
    let platform = |target: &str| {
        let (arch, family) =
            (target.split('-').next().unwrap_or_default(), if target.ends_with("musl") { "musllinux_1_2" } else { "manylinux_2_28" });
        format!("leadline_core-0.2.0-py3-none-{family}_{arch}.whl")
    };
    let mut names = targets.iter().map(|target| platform(target)).collect::<Vec<_>>();
    names.push("leadline-0.2.0-py3-none-any.whl".to_owned());
    names.sort();
    first.check(checks, "each wheel is built, audited, proven, sealed and fetched as users do", &names);
    for target in targets {
        let won = first.artifact(target)["proven"].as_array().cloned().unwrap_or_default();
        let roots = won.iter().filter_map(|won| won["root"].as_str()).collect::<BTreeSet<_>>();
        let both = roots == BTreeSet::from(["debian:11", "debian:13"]);
        checks.that(&format!("{target}: in the oldest and the newest Python"), both, || format!("{won:?}"));
    }
    let front = first.artifact_in("leadline-0.2.0-py3-none-any.whl");
    let won = front["proven"].as_array().cloned().unwrap_or_default();
    let of = |begin: &str| won.iter().filter(|won| won["trial"].as_str().is_some_and(|trial| trial.starts_with(begin))).count();
    let wanted = targets.len() * 2;
    checks.that("the pure package is tried with its core on each target", of("wheel.leadline/") == wanted, || front.to_string());
    checks.that("and by the project's own tests, with packages of others", of("test.front/") == wanted, || front.to_string());

    // From another folder, compiled and packed anew: every byte the same.
    let other = example(testbed, "wheel-pair", "another folder/pair", &list)?;
    let mut pack = testbed.plimsoll(&testbed.private_store("another-store", true)?);
    let packed = testbed::run(pack.args(["--json", "pack", "--root"]).arg(&other))?;
    if packed.code == Some(3) {
        return Err(Trouble::NotRun(packed.all()));
    }
    let outputs = serde_json::from_str::<serde_json::Value>(&packed.stdout).unwrap_or_default()["outputs"].clone();
    let is_same = |(file, digest): (&String, &String)| outputs[file.as_str()] == digest.as_str();
    checks.that("and the same bytes come from another folder", packed.well() && first.artifacts().iter().all(is_same), || packed.all());
    Ok(())
}

/// A module of pyo3's, which maturin makes.
pub fn module(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let folder = example(testbed, "pyo3-module", "module", "targets = [\"x86_64-unknown-linux-gnu\"]")?;
    let said = Rehearsal::kept(testbed, &folder)?.tried()?;
    let names = ["soundings-0.1.0-cp39-abi3-manylinux_2_28_x86_64.whl".to_owned()];
    said.check(checks, "its wheel is made, audited, loaded by the oldest and the newest Python, and fetched", &names);
    Ok(())
}
