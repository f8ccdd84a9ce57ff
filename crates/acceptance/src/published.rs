//! Crates as they lie on crates.io.

use std::path::PathBuf;
use std::process::Command;

use super::testbed::{self, Testbed};
use super::{Trouble, project};

/// Fetches a crate with cargo alone: a package without a library cannot be depended on, but cargo downloads it before it says so.
pub fn of(testbed: &Testbed, name: &str, version: &str) -> Result<PathBuf, Trouble> {
    let folder = testbed.folder(&format!("download-{name}"))?;
    let manifest = format!(
        "[package]\nname = \"downloads\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n{name} = \"={version}\"\n\n[workspace]\n"
    );
    std::fs::create_dir_all(folder.join("src")).map_err(Trouble::io(&folder))?;
    project::write(&folder.join("src/lib.rs"), "")?;
    project::write(&folder.join("Cargo.toml"), &manifest)?;
    let vendored = folder.join("vendored");
    let said = testbed::run(Command::new("cargo").args(["vendor", "--quiet", "--versioned-dirs"]).arg(&vendored).current_dir(&folder))?;
    if !said.well() {
        return Err(Trouble::NotRun(format!("{name} could not be downloaded: {}", said.stderr.lines().next().unwrap_or_default())));
    }
    Ok(vendored.join(format!("{name}-{version}")))
}
