//! `kill -9` while a version is being written into many files: the next run finds all of them or none.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::super::bench::{Bench, missing};
use super::super::{Checks, Trouble, note, project};
use super::version;

/// Files that hold the version: enough for renames to take their time.
const FILES: usize = 300;

/// Runs that are killed, and how many of them must have been between two renames for the lane to have shown something.
const ROUNDS: u32 = 90;
const WANTED: usize = 5;

pub fn run(bench: &Bench, checks: &mut Checks) -> Result<(), Trouble> {
    let project = bench.folder("project")?;
    let mut names = vec!["VERSION".to_owned()];
    names.extend((1..FILES).map(|number| format!("part{}/file{number}.txt", number % 7)));
    let copies = names[1..].iter().map(|name| format!("    {{ file = \"{name}\", pattern = 'version (.*)' }},\n")).collect::<String>();
    project::write(&project.join("plimsoll.toml"), &format!("targets = []\n[version]\nsource = \"VERSION\"\ncopies = [\n{copies}]\n"))?;
    for name in &names {
        let path = project.join(name);
        fs::create_dir_all(path.parent().unwrap_or(&project)).map_err(Trouble::io(&path))?;
        project::write(&path, if name == "VERSION" { "1.0.0\n" } else { "version 1.0.0\n" })?;
    }
    let window = window(bench, checks, &project)?;
    note(&format!(
        "a change of {FILES} files replaces them between {} and {} ms after its start",
        window.0.as_millis(),
        window.1.as_millis()
    ));
    let (mut between, mut broken, mut started) = (0, Vec::new(), 2);
    for round in 0..ROUNDS {
        let wait = window.0 + (window.1 - window.0) * round / ROUNDS;
        let mut command = bench.plimsoll(&bench.store);
        command.args(["version", "set", &format!("1.0.{started}"), "--root"]).arg(&project);
        started += 1;
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().map_err(|error| missing(&command, &error))?;
        sleep(wait);
        child.kill().and_then(|()| child.wait()).map_err(Trouble::io(&project))?;
        if distinct(&project, &names)?.len() > 1 {
            between += 1;
        }
        let next = version(bench, &project, &["check"])?;
        let left = distinct(&project, &names)?;
        let litter = project.join(".plimsoll-version-journal").exists();
        if !next.well() || left.len() != 1 || litter {
            broken.push(format!("killed after {wait:?}: {left:?}, journal left: {litter}\n{}", next.all()));
        }
    }
    note(&format!("{between} of {ROUNDS} runs were killed between two renames"));
    checks.that("runs were killed between two renames", between >= WANTED, || format!("{between} of {ROUNDS}"));
    checks.that("the next run finds all files or none", broken.is_empty(), || broken.join("\n"));
    let last = version(bench, &project, &["set", "2.0.0"])?;
    checks.that("and a change that is not killed is whole", last.well() && distinct(&project, &names)?.len() == 1, || last.all());
    Ok(())
}

/// From when to when, after its start, an undisturbed run has replaced some files and not all; with some room around it.
fn window(bench: &Bench, checks: &mut Checks, project: &Path) -> Result<(Duration, Duration), Trouble> {
    let mut command = bench.plimsoll(&bench.store);
    command.args(["version", "set", "1.0.1", "--root"]).arg(project).stdin(Stdio::null()).stdout(Stdio::null());
    let started = Instant::now();
    let mut child = command.spawn().map_err(|error| missing(&command, &error))?;
    let mut first = None;
    let status = loop {
        if first.is_none() && fs::read_to_string(project.join("VERSION")).is_ok_and(|text| text == "1.0.1\n") {
            first = Some(started.elapsed());
        }
        if let Some(status) = child.try_wait().map_err(Trouble::io(project))? {
            break status;
        }
        sleep(Duration::from_micros(200));
    };
    let end = started.elapsed();
    checks.that("a change in peace ends well", status.success(), || format!("{status}"));
    let first = first.unwrap_or(end);
    Ok((first.saturating_sub(Duration::from_millis(10)), end))
}

/// The versions that files hold.
fn distinct(project: &Path, names: &[String]) -> Result<Vec<String>, Trouble> {
    let mut found = Vec::new();
    for name in names {
        let path = project.join(name);
        let text = fs::read_to_string(&path).map_err(Trouble::io(&path))?;
        found.push(text.trim().trim_start_matches("version ").to_owned());
    }
    found.sort();
    found.dedup();
    Ok(found)
}
