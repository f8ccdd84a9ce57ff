//! What is compiled again, and what is not: new content with an older time, and a new version.

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::rehearsal::{Counter, Rehearsal, counted};
use super::testbed::Testbed;
use super::{Checks, Trouble, project};

/// cargo trusts modification times; plimsoll must not.
pub fn older_mtime(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let store = testbed.private_store("store", false)?;
    let project = project::native_example(testbed, "project")?;
    let probe = "[archive.fathom.probe]\nname = \"help\"\nrun = \"fathom --help\"\nexpect = \"fathom converts the units\"\n";
    let manifest = project.join("plimsoll.toml");
    let text = fs::read_to_string(&manifest).map_err(Trouble::io(&manifest))?;
    project::write(&manifest, &format!("{text}{probe}"))?;
    let first = Rehearsal::of(testbed.plimsoll(&store), &project)?.tried()?;
    checks.that("the first rehearsal ends well", first.said.well() && first.fetched_back() == 1, || first.all());

    for (file, from, to) in [("src/main.rs", "fathom converts the units", "fathom turns the units"), ("units.tsv", "1.8288", "1.8289")] {
        project::replace(&project.join(file), from, to)?;
        set_older(&project.join(file))?;
    }
    project::replace(&manifest, "fathom converts the units", "fathom turns the units")?;
    let second = Rehearsal::of(testbed.plimsoll(&store), &project)?.tried()?;
    checks.that("new content with an older time is what runs", second.said.well() && second.fetched_back() == 1, || second.all());
    checks.that("and gives other bytes", first.artifacts() != second.artifacts(), || format!("{:?}", second.artifacts()));
    Ok(())
}

/// A time before everything else in the folder.
fn set_older(path: &Path) -> Result<(), Trouble> {
    let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    File::options().write(true).open(path).and_then(|file| file.set_modified(old)).map_err(Trouble::io(path))
}

/// A new version compiles the workspace's own crates and nothing else.
pub fn version_bump(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let store = testbed.private_store("store", false)?;
    let project = project::fixture(testbed, "two-crates")?;
    let counter = Counter::new(testbed, "counter")?;
    let rehearse = || Rehearsal::of(counter.on(testbed.plimsoll(&store)), &project);
    let first = rehearse()?.tried()?;
    if first.all().contains("failed to download") || first.all().contains("registry") && !first.said.well() {
        return Err(Trouble::NotRun("its dependency could not be downloaded".to_owned()));
    }
    checks.that("the first rehearsal ends well", first.said.well() && first.fetched_back() == 1, || first.all());
    let compiled = counter.take();
    counted(checks, &compiled);
    checks.that("the first one compiles the dependency", compiled.iter().any(|name| name == "itoa"), || format!("{compiled:?}"));

    for file in ["Cargo.toml", "Cargo.lock"] {
        project::replace(&project.join(file), "version = \"0.4.0\"", "version = \"0.4.1\"")?;
    }
    let bumped = rehearse()?;
    checks.that("the new version ends well", bumped.said.well() && bumped.document["release"]["version"] == "0.4.1", || bumped.all());
    let compiled = counter.take().into_iter().filter(|name| name != "question" && name != "___").collect::<Vec<_>>();
    let own = compiled.iter().all(|name| ["app", "parts", "build_script_build"].contains(&name.as_str()));
    checks
        .that("only the workspace's own crates are compiled", own && compiled.iter().any(|name| name == "app"), || format!("{compiled:?}"));
    Ok(())
}
