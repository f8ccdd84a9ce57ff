//! `verify` after flipping one byte of each file of a sealed release in turn: found and named every time.

use std::fs;

use super::rehearsal::Rehearsal;
use super::testbed::{self, Testbed};
use super::{Checks, Trouble, project};

pub fn run(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let project = project::native_example(testbed, "project")?;
    let sealed = Rehearsal::kept(testbed, &project)?.tried()?;
    if !sealed.said.well() {
        return Err(Trouble::Broken(format!("nothing was sealed\n{}", sealed.all())));
    }
    let dist = testbed.path("dist");
    project::copy_tree(&project.join("dist"), &dist)?;
    let verify = || testbed::run(testbed.plimsoll(&testbed.store).arg("verify").arg(&dist));
    let whole = verify()?;
    checks.that("the untouched release verifies", whole.well(), || whole.all());
    for path in project::files(&dist)? {
        let bytes = fs::read(&path).map_err(Trouble::io(&path))?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        for offset in [0, bytes.len() / 2, bytes.len() - 1] {
            project::flip(&path, offset)?;
            let said = verify()?;
            let found = said.code == Some(1) && said.all().contains(&name);
            checks.that(&format!("{name}: byte {offset} flipped"), found, || said.all());
            fs::write(&path, &bytes).map_err(Trouble::io(&path))?;
        }
        let aside = testbed.path("aside");
        fs::rename(&path, &aside).map_err(Trouble::io(&path))?;
        let said = verify()?;
        checks.that(&format!("{name}: missing"), !said.well() && said.all().contains(&name), || said.all());
        fs::rename(&aside, &path).map_err(Trouble::io(&path))?;
    }
    let stranger = dist.join("stranger.tar.gz");
    fs::write(&stranger, "x").map_err(Trouble::io(&stranger))?;
    let said = verify()?;
    checks.that("a file that was not sealed is found", said.code == Some(1) && said.all().contains("stranger"), || said.all());
    fs::remove_file(&stranger).map_err(Trouble::io(&stranger))?;
    let again = verify()?;
    checks.that("restored, it verifies again", again.well(), || again.all());
    Ok(())
}
