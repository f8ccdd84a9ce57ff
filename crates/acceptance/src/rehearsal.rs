//! One `plimsoll rehearse`, and a compiler wrapper that counts.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::testbed::{Said, Testbed, run};
use super::{Checks, Trouble};

/// What a rehearsal printed as JSON.
#[derive(Debug)]
pub struct Rehearsal {
    /// The process.
    pub said: Said,
    /// The document; null where there was none.
    pub document: Value,
}

impl Rehearsal {
    /// Runs `command`, to which the words are added here.
    pub fn of(mut command: Command, project: &Path) -> Result<Self, Trouble> {
        command.args(["--json", "rehearse", "--root"]).arg(project);
        let said = run(&mut command)?;
        let document = serde_json::from_str(&said.stdout).unwrap_or(Value::Null);
        Ok(Self { said, document })
    }

    /// In the kept store.
    pub fn kept(testbed: &Testbed, project: &Path) -> Result<Self, Trouble> {
        Self::of(testbed.plimsoll(&testbed.store), project)
    }

    /// Files of the sealed release with their digests.
    pub fn artifacts(&self) -> BTreeMap<String, String> {
        let list = self.document["release"]["artifacts"].as_array().into_iter().flatten();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        list.map(|artifact| (text(&artifact["file_name"]), text(&artifact["sha256"]))).collect()
    }

    /// What the sealed release says of the artifact for `target`; null where it has none.
    pub fn artifact(&self, target: &str) -> Value {
        let artifacts = self.document["release"]["artifacts"].as_array().into_iter().flatten();
        artifacts.into_iter().find(|artifact| artifact["target"] == target).cloned().unwrap_or_default()
    }

    /// What the sealed release says of the artifact in a file; null where it has none.
    pub fn artifact_in(&self, file_name: &str) -> Value {
        let artifacts = self.document["release"]["artifacts"].as_array().into_iter().flatten();
        artifacts.into_iter().find(|artifact| artifact["file_name"] == file_name).cloned().unwrap_or_default()
    }

    /// Number of artifacts that were fetched back from the harbor.
    pub fn fetched_back(&self) -> usize {
        self.document["fetched_back"].as_array().map_or(0, Vec::len)
    }

    /// The test cannot run where this machine cannot try what the test is about.
    pub fn tried(self) -> Result<Self, Trouble> {
        let elsewhere = self.document["elsewhere"].as_object().and_then(|map| map.iter().next());
        if let Some((artifact, reason)) = elsewhere {
            return Err(Trouble::NotRun(format!("{artifact}: {}", reason.as_str().unwrap_or_default())));
        }
        // Exit status 3: a tool is missing.
        if self.said.code == Some(3) {
            return Err(Trouble::NotRun(format!("a tool is missing: {}", self.document["failures"])));
        }
        Ok(self)
    }

    /// Where a tool, a standard library or the network is missing, the test did not run.
    pub fn answered(&self) -> Result<(), Trouble> {
        if self.said.code == Some(3) {
            return Err(Trouble::NotRun(format!("a tool is missing: {}", self.document["failures"])));
        }
        let gaps = self.document["elsewhere"].as_object().into_iter().flatten();
        let no_root = gaps.filter_map(|(id, reason)| Some((id, reason.as_str()?))).find(|(_, reason)| reason.contains("could not be made"));
        match no_root {
            Some((id, reason)) => Err(Trouble::NotRun(format!("{id}: {reason}"))),
            None => Ok(()),
        }
    }

    /// Checks that it ended well with exactly these files, each fetched back.
    pub fn check(&self, checks: &mut Checks, name: &str, files: &[String]) {
        let artifacts = self.artifacts();
        let holds = self.said.well() && artifacts.keys().eq(files.iter()) && self.fetched_back() == files.len();
        checks.that(name, holds, || format!("wanted {files:?}, each fetched_back\n{}", self.said.all()));
    }

    /// Everything that was said, for details.
    pub fn all(&self) -> String {
        self.said.all()
    }
}

/// A `RUSTC_WRAPPER` that writes a line a compilation, with the crate's name, and calls the compiler.
pub struct Counter {
    wrapper: PathBuf,
    list: PathBuf,
}

impl Counter {
    /// Makes one.
    pub fn new(testbed: &Testbed, name: &str) -> Result<Self, Trouble> {
        let folder = testbed.folder(name)?;
        let (wrapper, list) = (folder.join("rustc-wrapper"), folder.join("compiled"));
        let script = "#!/bin/sh\nname=\nprevious=\nfor word in \"$@\"; do\n    [ \"$previous\" = --crate-name ] && name=$word\n    previous=$word\ndone\necho \"${name:-question}\" >>\"$PLIMSOLL_COUNT\"\nexec \"$@\"\n";
        fs::write(&wrapper, script).map_err(Trouble::io(&wrapper))?;
        fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755)).map_err(Trouble::io(&wrapper))?;
        Ok(Self { wrapper, list })
    }

    /// Puts the wrapper into a command's environment.
    pub fn on(&self, mut command: Command) -> Command {
        command.env("RUSTC_WRAPPER", &self.wrapper).env("PLIMSOLL_COUNT", &self.list);
        command
    }

    /// The crates that were compiled since the last call; `question` for a call that asked for something else. Any start counts.
    pub fn take(&self) -> Vec<String> {
        let text = fs::read_to_string(&self.list).unwrap_or_default();
        let _ = fs::remove_file(&self.list);
        text.lines().map(str::to_owned).collect()
    }
}

/// Text before the counter was used is no evidence: a test that counts nothing must first have counted something.
pub fn counted(checks: &mut Checks, compiled: &[String]) {
    checks.that(
        "the counting wrapper sees the compiler",
        compiled.iter().any(|name| ["app", "depth", "fathom", "rg"].contains(&name.as_str())),
        || format!("it saw {compiled:?}"),
    );
}
