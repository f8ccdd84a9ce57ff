//! The versions and hashes of what plimsoll installs for itself: `pins.toml`, part of the program.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use plimsoll_model::Digest;
use serde::Deserialize;

/// One pinned package of PyPI.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pin {
    /// The package's name on PyPI.
    pub name: String,
    /// Exact version.
    pub version: String,
    /// The program's path in the installed tree.
    pub program: PathBuf,
    /// One file a kind of machine.
    #[serde(rename = "wheel")]
    pub wheels: Vec<Wheel>,
}

/// One file of a package.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wheel {
    /// File name.
    pub file: String,
    /// Machines that it serves: `linux-x86_64` …, as [`this_machine`] says it.
    pub machines: Vec<String>,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of the file.
    pub sha256: Digest,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    tool: Vec<Pin>,
}

static PINS: LazyLock<Vec<Pin>> =
    LazyLock::new(|| toml::from_str::<Document>(include_str!("pins.toml")).map(|document| document.tool).unwrap_or_default());

/// All pins.
pub fn all() -> &'static [Pin] {
    &PINS
}

/// The pin of a package.
pub fn find(name: &str) -> Option<&'static Pin> {
    PINS.iter().find(|pin| pin.name == name)
}

/// `linux-x86_64`, `macos-aarch64` …
pub fn this_machine() -> String {
    format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH)
}

impl Pin {
    /// The folder of this version below the private tools folder.
    pub fn folder_in(&self, private: &Path) -> PathBuf {
        private.join(format!("{}-{}", self.name, self.version))
    }

    /// The program below the private tools folder.
    pub fn program_in(&self, private: &Path) -> PathBuf {
        self.folder_in(private).join(&self.program)
    }

    /// The file for a kind of machine.
    pub fn wheel_for(&self, machine: &str) -> Option<&Wheel> {
        self.wheels.iter().find(|wheel| wheel.machines.iter().any(|name| name == machine))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tool::{Source, Tool, at_least};
    use super::*;

    #[test]
    fn every_pinned_tool_has_a_file_for_each_usual_machine() {
        toml::from_str::<Document>(include_str!("pins.toml")).unwrap();
        for tool in Tool::ALL {
            let Source::Pinned(package) = tool.facts().source else { continue };
            let pin = find(package).unwrap();
            assert!(at_least(&pin.version, tool.facts().minimum), "{package}");
            for machine in ["linux-x86_64", "linux-aarch64", "macos-x86_64", "macos-aarch64"] {
                let wheel = pin.wheel_for(machine).unwrap();
                assert!(wheel.file.starts_with(&format!("{}-{}-", package.replace('-', "_"), pin.version)), "{}", wheel.file);
            }
        }
    }
}
