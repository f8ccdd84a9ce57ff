//! `kill -9` while a version is being written into many files: the next run finds all of them or none.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::version;
use crate::testbed::{Testbed, missing};
use crate::{Checks, Trouble, note, project};

/// Files that hold the version: enough for renames to take their time.
const FILES: usize = 300;

/// Runs that are killed while files are staged, and runs that are killed as soon as one certain file is new.
const STAGING: u32 = 25;
const RENAMING: usize = 40;
/// How many of the latter must have been between two renames for the test to have shown something.
const WANTED: usize = 10;

pub fn run(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let project = testbed.folder("project")?;
    let mut names = vec!["VERSION".to_owned()];
    names.extend((1..FILES).map(|number| format!("part{}/file{number}.txt", number % 7)));
    let copies = names[1..].iter().map(|name| format!("    {{ file = \"{name}\", pattern = 'version (.*)' }},\n")).collect::<String>();
    project::write(&project.join("plimsoll.toml"), &format!("targets = []\n[version]\nsource = \"VERSION\"\ncopies = [\n{copies}]\n"))?;
    for name in &names {
        let path = project.join(name);
        fs::create_dir_all(path.parent().unwrap_or(&project)).map_err(Trouble::io(&path))?;
        project::write(&path, if name == "VERSION" { "1.0.0\n" } else { "version 1.0.0\n" })?;
    }
    let first = first_rename(testbed, checks, &project)?;
    note(&format!("a change of {FILES} files replaces the first {} ms after its start", first.as_millis()));
    let (mut between, mut broken) = (0, Vec::new());
    for round in 0..STAGING + u32::try_from(RENAMING).unwrap_or_default() {
        let wanted = format!("1.0.{}", round + 2);
        let mut command = testbed.plimsoll(&testbed.store);
        command.args(["version", "set", &wanted, "--root"]).arg(&project);
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().map_err(|error| missing(&command, &error))?;
        match round.checked_sub(STAGING) {
            None => sleep(first * round / STAGING),
            Some(number) => {
                let name = &names[(number as usize * FILES / RENAMING).min(FILES - 1)];
                while child.try_wait().map_err(Trouble::io(&project))?.is_none() && !says(&project.join(name), &wanted) {}
            }
        }
        child.kill().and_then(|()| child.wait()).map_err(Trouble::io(&project))?;
        between += usize::from(distinct(&project, &names)?.len() > 1);
        let next = version(testbed, &project, &["check"])?;
        let left = distinct(&project, &names)?;
        let litter = litter(testbed, &project)?;
        if !next.well() || left.len() != 1 || !litter.is_empty() {
            broken.push(format!("round {round}: {left:?}, left behind: {litter:?}\n{}", next.all()));
        }
    }
    note(&format!("{between} of {RENAMING} runs were killed between two renames"));
    checks.that("runs were killed between two renames", between >= WANTED, || format!("{between} of {RENAMING}"));
    checks.that("the next run finds all files or none", broken.is_empty(), || broken.join("\n"));
    closed(testbed, checks, &project, &names)?;
    let last = version(testbed, &project, &["set", "2.0.0"])?;
    checks.that("and a change that is not killed is whole", last.well() && distinct(&project, &names)?.len() == 1, || last.all());
    Ok(())
}

/// What a change has left behind: folders that it staged in, and its journal beside the store.
fn litter(testbed: &Testbed, project: &Path) -> Result<Vec<String>, Trouble> {
    let mut names = Vec::new();
    for (folder, prefix) in [(project.to_owned(), ".plimsoll-version-"), (testbed.store.join("version-journals"), "")] {
        // Nothing was ever written there.
        if !folder.exists() {
            continue;
        }
        for entry in fs::read_dir(&folder).map_err(Trouble::io(&folder))? {
            names.push(entry.map_err(Trouble::io(&folder))?.file_name().to_string_lossy().into_owned());
        }
        names.retain(|name| name.starts_with(prefix));
    }
    Ok(names)
}

/// A rename that the system refuses half-way: what was replaced before it is put back at once.
fn closed(testbed: &Testbed, checks: &mut Checks, project: &Path, names: &[String]) -> Result<(), Trouble> {
    let folder = project.join("part5");
    let allow = |mode| fs::set_permissions(&folder, fs::Permissions::from_mode(mode)).map_err(Trouble::io(&folder));
    allow(0o555)?;
    if fs::write(folder.join("probe"), "").is_ok() {
        note("a folder that cannot be written: not run: this user may write everywhere");
        return allow(0o755).and_then(|()| fs::remove_file(folder.join("probe")).map_err(Trouble::io(&folder)));
    }
    let before = distinct(project, names)?;
    let refused = version(testbed, project, &["set", "1.9.0"])?;
    allow(0o755)?;
    let left = distinct(project, names)?;
    let told = refused.code == Some(1) && refused.stderr.contains("part5/") && refused.stderr.contains("nothing was changed");
    checks.that("a refused rename changes nothing", told && left == before, || format!("{left:?}\n{}", refused.all()));
    Ok(())
}

/// How long after its start an undisturbed run replaces the first file.
fn first_rename(testbed: &Testbed, checks: &mut Checks, project: &Path) -> Result<Duration, Trouble> {
    let mut command = testbed.plimsoll(&testbed.store);
    command.args(["version", "set", "1.0.1", "--root"]).arg(project).stdin(Stdio::null()).stdout(Stdio::null());
    let started = Instant::now();
    let mut child = command.spawn().map_err(|error| missing(&command, &error))?;
    let mut first = None;
    let status = loop {
        if first.is_none() && says(&project.join("VERSION"), "1.0.1") {
            first = Some(started.elapsed());
        }
        if let Some(status) = child.try_wait().map_err(Trouble::io(project))? {
            break status;
        }
    };
    checks.that("a change in peace ends well", status.success(), || format!("{status}"));
    Ok(first.unwrap_or_else(|| started.elapsed()))
}

fn says(path: &Path, version: &str) -> bool {
    fs::read_to_string(path).is_ok_and(|text| text.trim().trim_start_matches("version ") == version)
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
