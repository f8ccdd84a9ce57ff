//! The seven usual targets from one command, for ripgrep as it lies on crates.io: built by zig, proven here as far as this machine can,
//! the rest told as `elsewhere`. It compiles ripgrep fourteen times, and runs only when named.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::rehearsal::{Counter, Rehearsal};
use super::testbed::{self, Testbed};
use super::{Checks, Trouble, note, project, published};

/// A target, the emulator that its evidence must name, and whether it is proven here.
struct Usual {
    target: &'static str,
    emulator: Option<&'static str>,
    proven: bool,
}

const fn usual(target: &'static str, emulator: Option<&'static str>, proven: bool) -> Usual {
    Usual { target, emulator, proven }
}

const USUAL: [Usual; 7] = [
    usual("x86_64-unknown-linux-gnu", None, true),
    usual("x86_64-unknown-linux-musl", None, true),
    usual("aarch64-unknown-linux-gnu", Some("qemu-aarch64"), true),
    usual("aarch64-unknown-linux-musl", Some("qemu-aarch64"), true),
    usual("x86_64-pc-windows-gnu", Some("wine"), true),
    usual("aarch64-apple-darwin", None, false),
    usual("x86_64-apple-darwin", None, false),
];

pub fn run(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    of(testbed, checks, "ripgrep", "14.1.1")
}

fn of(testbed: &Testbed, checks: &mut Checks, name: &str, version: &str) -> Result<(), Trouble> {
    let published = published::of(testbed, name, version)?;
    let project = placed(testbed, &published, "one", name)?;
    let counter = Counter::new(testbed, "counter")?;
    let first = Rehearsal::of(counter.on(testbed.plimsoll(&testbed.store)), &project)?;
    first.answered()?;
    let compiled = counter.take();
    checks.that("exit status 0, with a list of what is elsewhere", first.said.well() && first.fetched_back() == 5, || first.all());
    for usual in &USUAL {
        proof(checks, &first.document, name, usual);
    }
    zip(testbed, checks, &project, name)?;
    note(&format!("the first rehearsal took {:.0} s", first.said.time.as_secs_f64()));

    let again = Rehearsal::of(counter.on(testbed.plimsoll(&testbed.store)), &project)?;
    let repeated = counter.take();
    checks.that("the second rehearsal starts no compiler", again.said.well() && repeated.is_empty() && !compiled.is_empty(), || {
        format!("first {compiled:?}\nagain {repeated:?}\n{}", again.all())
    });
    let mut strict = testbed.plimsoll(&testbed.store);
    let strict = testbed::run(strict.args(["rehearse", "--strict", "--root"]).arg(&project))?;
    checks.that("--strict ends with 1 and names macOS", strict.code == Some(1) && strict.all().contains("needs a macOS runner"), || {
        strict.all()
    });
    let mut status = testbed.plimsoll(&testbed.store);
    println!("{}", testbed::run(status.args(["status", "--root"]).arg(&project))?.stdout.trim_end());
    same_elsewhere(testbed, checks, &published, name, &first)
}

/// The same bytes from another folder and another store, in every format.
fn same_elsewhere(testbed: &Testbed, checks: &mut Checks, published: &Path, name: &str, first: &Rehearsal) -> Result<(), Trouble> {
    let project = placed(testbed, published, "a much longer folder/than the other", name)?;
    let store = testbed.private_store("store", true)?;
    let roots = std::process::Command::new("cp").arg("-al").arg(testbed.store.join("v1/roots")).arg(store.join("v1")).status();
    if !roots.is_ok_and(|status| status.success()) {
        return Err(Trouble::Broken("the kept roots could not be linked".to_owned()));
    }
    let other = Rehearsal::of(testbed.plimsoll(&store), &project)?;
    other.answered()?;
    let (here, there) = (first.artifacts(), other.artifacts());
    checks.that("another folder and store: all is there", here.len() == 5 && there.len() == 5, || other.all());
    for (file, digest) in &here {
        checks.that(&format!("{file} is the same"), there.get(file) == Some(digest), || format!("{digest}\n{:?}", there.get(file)));
    }
    // What is not proven is not sealed; it is packed all the same.
    let mut packed = Vec::new();
    for (project, store) in [(&testbed.path("one").join(name), &testbed.store), (&project, &store)] {
        let mut pack = testbed.plimsoll(store);
        let said = testbed::run(
            pack.args(["--json", "pack", "--target", "aarch64-apple-darwin", "--target", "x86_64-apple-darwin", "--root"]).arg(project),
        )?;
        packed.push(serde_json::from_str::<Value>(&said.stdout).unwrap_or_default()["outputs"].clone());
    }
    let count = packed[0].as_object().map_or(0, serde_json::Map::len);
    checks.that("programs and archives for macOS are the same", count == 4 && packed[0] == packed[1], || format!("{packed:?}"));
    Ok(())
}

fn placed(testbed: &Testbed, published: &Path, folder: &str, name: &str) -> Result<PathBuf, Trouble> {
    let project = testbed.path(folder).join(name);
    project::copy_tree(published, &project)?;
    let targets = USUAL.map(|usual| format!("\"{}\"", usual.target)).join(", ");
    let floors = ["x86_64", "aarch64"].map(|arch| format!("[target.{arch}-unknown-linux-gnu]\nglibc = \"2.17\"\n")).join("\n");
    let text = format!("targets = [{targets}]\nepoch = 1700000000\n\n{floors}\n[archive.{name}]\n");
    project::write(&project.join("plimsoll.toml"), &text)?;
    Ok(project)
}

fn proof(checks: &mut Checks, document: &Value, name: &str, usual: &Usual) {
    let target = usual.target;
    if !usual.proven {
        let reason = document["elsewhere"][format!("archive.{name}/{target}")].as_str().unwrap_or_default();
        checks
            .that(&format!("{target}: elsewhere, with the reason"), reason == "needs a macOS runner", || document["elsewhere"].to_string());
        return;
    }
    let artifacts = document["release"]["artifacts"].as_array().into_iter().flatten();
    let artifact = artifacts.into_iter().find(|artifact| artifact["target"] == target).cloned().unwrap_or_default();
    let proven = artifact["proven"].to_string();
    // The version stands beside the name.
    let named = match usual.emulator {
        Some(emulator) => proven.contains(&format!("\"emulator\":\"{emulator}\"")) && proven.contains("\"version\":\""),
        None => proven.len() > 2 && !proven.contains("emulator"),
    };
    checks.that(&format!("{target}: proven by {}", usual.emulator.unwrap_or("this processor")), named, || artifact.to_string());
    let floor = artifact["measured"]["glibc"].as_str().and_then(|floor| floor.split_once('.')?.1.parse::<u32>().ok());
    if target.ends_with("-gnu") && target.contains("linux") {
        checks.that(&format!("{target}: no more than glibc 2.17"), floor.is_some_and(|minor| minor <= 17), || artifact.to_string());
    }
}

/// The archive for Windows is flat, and its program has the suffix.
fn zip(testbed: &Testbed, checks: &mut Checks, project: &Path, name: &str) -> Result<(), Trouble> {
    let file = project.join(format!("dist/{name}-x86_64-pc-windows-gnu.zip"));
    let mut list = std::process::Command::new("python3");
    let listed = testbed::run(list.args(["-m", "zipfile", "-l"]).arg(&file).current_dir(&testbed.root))?;
    let names = listed.stdout.lines().skip(1).filter_map(|line| line.split_whitespace().next()).collect::<Vec<_>>();
    let program = if name == "ripgrep" { "rg.exe" } else { "b3sum.exe" };
    let flat = names.contains(&program) && names.iter().all(|name| !name.contains('/'));
    checks.that("the zip is flat and holds the .exe", listed.well() && flat, || listed.all());
    Ok(())
}
