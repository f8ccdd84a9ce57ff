//! One version in every file: bumps read back by the ecosystems' own programs, kill -9 at any moment, and the line that programs tell.

mod bumps;
mod killed;
mod line;

pub use bumps::run as bumps;
pub use killed::run as killed;
pub use line::run as line;

use std::path::Path;
use std::process::Command;

use super::Trouble;
use super::testbed::{self, Said, Testbed};

/// `plimsoll version …` in a project.
fn version(testbed: &Testbed, project: &Path, arguments: &[&str]) -> Result<Said, Trouble> {
    testbed::run(testbed.plimsoll(&testbed.store).arg("version").args(arguments).arg("--root").arg(project))
}

/// git in a project, by nobody in particular; must end well.
fn git(project: &Path, arguments: &[&str]) -> Result<String, Trouble> {
    let mut git = Command::new("git");
    git.args(["-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "core.autocrlf=false"]);
    git.args(arguments).current_dir(project).env("GIT_CONFIG_GLOBAL", "/dev/null");
    Ok(testbed::expect_well(&mut git)?.stdout)
}

fn commit(project: &Path, message: &str) -> Result<(), Trouble> {
    git(project, &["add", "-A"])?;
    git(project, &["commit", "-q", "-m", message]).map(drop)
}
