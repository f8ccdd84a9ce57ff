//! ripgrep as it lies on crates.io, unchanged but for the manifest that `init` writes: gnu from glibc 2.17 on, and musl; twice, and what
//! it costs over `cargo build --release` of the same targets. `init` would want every target that this machine can prove; the two that cargo
//! alone can build as well are named to it, so that the times can be compared.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::rehearsal::{Counter, Rehearsal, counted};
use super::testbed::{self, Said, Testbed};
use super::{Checks, Trouble, golden, note, project, published};

const VERSION: &str = "14.1.1";
const GNU: &str = "x86_64-unknown-linux-gnu";
const MUSL: &str = "x86_64-unknown-linux-musl";

/// Whether it is released as it should be.
pub fn run(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    rehearsed(testbed, checks).map(drop)
}

/// The same, and what it costs: compiles everything once more, by cargo alone.
pub fn cost(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let (published, first) = rehearsed(testbed, checks)?;
    compare(testbed, &published, &first)
}

/// The sources as they were published, and the process of the first rehearsal.
fn rehearsed(testbed: &Testbed, checks: &mut Checks) -> Result<(PathBuf, Said), Trouble> {
    let published = published::of(testbed, "ripgrep", VERSION)?;
    let project = testbed.path("ripgrep");
    project::copy_tree(&published, &project)?;
    let store = testbed.private_store("store", true)?;
    manifest(testbed, checks, &store, &project)?;
    warm(testbed, &store)?;

    let counter = Counter::new(testbed, "counter")?;
    let first = Rehearsal::of(counter.on(testbed.plimsoll(&store)), &project)?.tried()?;
    counted(checks, &counter.take());
    let wanted = [format!("ripgrep-{GNU}.tar.xz"), format!("ripgrep-{MUSL}.tar.xz")];
    first.check(checks, "ripgrep is built, proven, sealed and fetched back", &wanted);
    let again = Rehearsal::of(counter.on(testbed.plimsoll(&store)), &project)?;
    again.check(checks, "the second rehearsal ends well", &wanted);
    let compiled = counter.take();
    checks.that("and starts no compiler", compiled.is_empty(), || format!("it started {compiled:?}"));
    note(&format!("rehearse: first {:.1} s, second {:.2} s", first.said.time.as_secs_f64(), again.said.time.as_secs_f64()));

    golden::compare(checks, "rehearse-ripgrep", &first.artifacts())?;
    for artifact in first.document["release"]["artifacts"].as_array().into_iter().flatten() {
        let (target, measured) = (artifact["target"].as_str().unwrap_or_default(), &artifact["measured"]);
        let holds =
            if target == GNU { floor(&measured["glibc"]).is_some_and(|floor| floor <= (2, 17)) } else { measured["linkage"] != "dynamic" };
        checks.that(&format!("{target}: measured on the shipped bytes"), holds, || measured.to_string());
    }
    let mut status = testbed.plimsoll(&store);
    let status = testbed::run(status.args(["status", "--root"]).arg(&project))?;
    println!("{}", status.stdout.trim_end());
    Ok((published, first.said))
}

/// The manifest that `init` writes, with the older floor.
fn manifest(testbed: &Testbed, checks: &mut Checks, store: &Path, project: &Path) -> Result<(), Trouble> {
    let mut init = testbed.plimsoll(store);
    let said = testbed::run(init.args(["init", "--target", GNU, "--target", MUSL, "--root"]).arg(project))?;
    let path = project.join("plimsoll.toml");
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    println!("{}", text.trim_end());
    checks.that("init writes a manifest", said.well() && text.contains(&format!("targets = [\"{GNU}\", \"{MUSL}\"]")), || said.all());
    let table = text.parse::<toml::Table>().map_err(|error| Trouble::Broken(error.to_string()))?;
    let has_floor =
        table.get("target").and_then(|target| target.get(GNU)).and_then(|target| target.get("glibc")).and_then(toml::Value::as_str);
    match has_floor {
        Some(floor) => project::replace(&path, &format!("glibc = \"{floor}\""), "glibc = \"2.17\""),
        None => project::write(&path, &format!("{text}\n[target.{GNU}]\nglibc = \"2.17\"\n")),
    }
}

/// Makes the roots and zig's C runtimes: what is measured is ripgrep.
fn warm(testbed: &Testbed, store: &Path) -> Result<(), Trouble> {
    let small = project::example(testbed, "warm")?;
    project::replace(&small.join("plimsoll.toml"), "glibc = \"2.28\"", "glibc = \"2.17\"")?;
    for store in [&testbed.store, store] {
        let said = Rehearsal::of(testbed.plimsoll(store), &small)?.tried()?;
        if !said.said.well() {
            return Err(Trouble::Broken(said.all()));
        }
    }
    Ok(())
}

/// What a rehearsal costs over the build alone. Measured and told; a busy machine is no failure.
fn compare(testbed: &Testbed, published: &Path, ours: &Said) -> Result<(), Trouble> {
    let plain = testbed.path("plain");
    project::copy_tree(published, &plain)?;
    let mut build = Command::new("cargo");
    build.args(["build", "--release", "--locked", "--quiet", "--target", GNU, "--target", MUSL]).current_dir(&plain);
    let theirs = testbed::run(build.env("CARGO_TARGET_DIR", testbed.path("plain-target")))?;
    if !theirs.well() {
        note(&format!(
            "cargo alone cannot build both targets here, so nothing is compared: {}",
            theirs.stderr.lines().next().unwrap_or_default()
        ));
        return Ok(());
    }
    // Of processors nothing can be said: those of a build in a namespace of its own are not counted with its parent's.
    let (ours, theirs) = (ours.time.as_secs_f64(), theirs.time.as_secs_f64());
    note(&format!("cargo build --release of both targets: {theirs:.1} s; rehearse, packing and proving included: {ours:.1} s"));
    note(&format!("over cargo alone: {:+.0} % wall time", (ours / theirs - 1.0) * 100.0));
    Ok(())
}

fn floor(value: &serde_json::Value) -> Option<(u32, u32)> {
    let (major, minor) = value.as_str()?.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
