//! Artifacts whose bytes are known: whatever is rebuilt inside of plimsoll must leave them as they are.

use std::collections::BTreeMap;
use std::process::Command;

use super::{Checks, Trouble, note, testbed};

/// Digests by test.
const GOLDEN: &str = include_str!("../golden.toml");

/// Holds what the test `name` made, file name → digest, against what is known. Another compiler makes other bytes, and is not held against it.
pub fn compare(checks: &mut Checks, name: &str, artifacts: &BTreeMap<String, String>) -> Result<(), Trouble> {
    let known = GOLDEN.parse::<toml::Table>().map_err(|error| Trouble::Broken(format!("golden.toml: {error}")))?;
    let known = known.get(name).ok_or_else(|| Trouble::Broken(format!("golden.toml has nothing of {name}")))?;
    let made_by = known.get("rustc").and_then(toml::Value::as_str).unwrap_or_default();
    let here = testbed::run(Command::new("rustc").arg("--version"))?.stdout;
    if here.split_whitespace().nth(1) != Some(made_by) {
        note(&format!("not compared with golden.toml, whose bytes rustc {made_by} made: here is {}", here.trim()));
        return Ok(());
    }
    let files = known.get("files").and_then(toml::Value::as_table).into_iter().flatten();
    let files = files.map(|(file, digest)| (file.clone(), digest.as_str().unwrap_or_default().to_owned())).collect::<BTreeMap<_, _>>();
    checks.that("the bytes are those of golden.toml", !files.is_empty() && files == *artifacts, || format!("{files:#?}\n{artifacts:#?}"));
    Ok(())
}
