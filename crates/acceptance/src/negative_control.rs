//! The negative control that every set of roots must show: what needs glibc 2.36 passes in debian:12 and fails in debian:11, with the
//! version and the symbol named.

use std::path::PathBuf;
use std::process::Command;

use super::rehearsal::Rehearsal;
use super::testbed::{self, Testbed};
use super::{Checks, Trouble, project};

pub fn run(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let project = needing_2_36(testbed)?;
    let manifest = project.join("plimsoll.toml");
    let newer = Rehearsal::kept(testbed, &project)?.tried()?;
    checks.that("it passes in debian:12", newer.said.well() && newer.fetched_back() == 1, || newer.all());
    let evidence = newer.document["release"]["artifacts"][0]["proven"].to_string();
    checks.that("and the evidence names the root and its glibc", evidence.contains("debian:12") && evidence.contains("2.36"), || {
        evidence.clone()
    });

    project::replace(&manifest, "debian:12", "debian:11")?;
    let older = Rehearsal::kept(testbed, &project)?.tried()?;
    checks.that("it fails in debian:11", older.said.code == Some(1) && older.fetched_back() == 0, || older.all());
    let mut told = testbed.plimsoll(&testbed.store);
    let told = testbed::run(told.args(["rehearse", "--root"]).arg(&project))?;
    println!("{}", told.stderr.trim_end());
    for word in ["debian:11", "GLIBC_2.36", "arc4random"] {
        checks.that(&format!("and the message names {word}"), told.stderr.contains(word), || told.all());
    }
    Ok(())
}

/// The project that needs glibc 2.36, on a machine that can build it.
pub fn needing_2_36(testbed: &Testbed) -> Result<PathBuf, Trouble> {
    let project = project::fixture(testbed, "needs-glibc-2.36")?;
    let trial = testbed::run(Command::new("cc").arg("-o").arg(testbed.path("trial")).arg(project.join("random.c")))?;
    if trial.well() { Ok(project) } else { Err(Trouble::NotRun("the machine's own glibc is older than 2.36".to_owned())) }
}
