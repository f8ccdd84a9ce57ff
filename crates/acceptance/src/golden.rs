//! Artifacts whose bytes are known: whatever is rebuilt inside of plimsoll must leave them as they are.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use super::testbed::{self, Testbed};
use super::{Checks, Trouble, note};

/// Digests by test.
const GOLDEN: &str = include_str!("../golden.toml");

/// Holds what the test `name` made, file name → digest, against what is known. Another compiler makes other bytes, and is not held against it.
pub fn compare(checks: &mut Checks, name: &str, artifacts: &BTreeMap<String, String>) -> Result<(), Trouble> {
    let known = GOLDEN.parse::<toml::Table>().map_err(|error| Trouble::Broken(format!("golden.toml: {error}")))?;
    let made_by = known.get("rustc").and_then(toml::Value::as_str).unwrap_or_default();
    let here = testbed::run(Command::new("rustc").arg("--version"))?.stdout;
    if here.split_whitespace().nth(1) != Some(made_by) {
        note(&format!("not compared with golden.toml, whose bytes rustc {made_by} made: here is {}", here.trim()));
        return Ok(());
    }
    let files = known.get(name).and_then(toml::Value::as_table).into_iter().flatten();
    let files = files.map(|(file, digest)| (file.clone(), digest.as_str().unwrap_or_default().to_owned())).collect::<BTreeMap<_, _>>();
    checks.that("the bytes are those of golden.toml", !files.is_empty() && files == *artifacts, || lines(name, artifacts));
    Ok(())
}

/// The part of golden.toml that would be right.
fn lines(name: &str, artifacts: &BTreeMap<String, String>) -> String {
    let lines = artifacts.iter().map(|(file, digest)| format!("\"{file}\" = \"{digest}\"\n"));
    format!("[{name}]\n{}", lines.collect::<String>())
}

/// Packs a project for some targets: file name → digest.
pub fn packed(testbed: &Testbed, store: &Path, project: &Path, targets: &[&str]) -> Result<BTreeMap<String, String>, Trouble> {
    let mut pack = testbed.plimsoll(store);
    pack.args(["--json", "pack", "--root"]).arg(project).args(targets.iter().flat_map(|target| ["--target", target]));
    let said = testbed::expect_well(&mut pack)?;
    let document = serde_json::from_str::<serde_json::Value>(&said.stdout).map_err(|error| Trouble::Broken(error.to_string()))?;
    let outputs = document["outputs"].as_object().into_iter().flatten();
    // Programs that were built stand there by `PRODUCT/NAME`.
    let artifacts = outputs.filter(|(name, _)| !name.contains('/'));
    Ok(artifacts.map(|(name, digest)| (name.clone(), digest.as_str().unwrap_or_default().to_owned())).collect())
}
