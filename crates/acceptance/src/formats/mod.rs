//! Mach-O and PE: facts held against LLVM's tools on files that zig and LLD link, and every gate on files that are broken in one way.

mod broken;
mod built;
mod coff;
mod lld;
mod macho;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;
use test_needs::Need;

use super::testbed::{self, Testbed};
use super::{Checks, Trouble, note};

/// What is said of one image: by subject, in order.
type Claims = BTreeMap<String, Vec<String>>;

pub fn run(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let (objdump, readobj) = (llvm("llvm-objdump")?, llvm("llvm-readobj")?);
    lld::knows(&objdump, "chained-fixups")?;
    let mut files = built::link(testbed)?;
    lld::link(&mut files)?;
    let (mut compared, mut differing) = (0, Vec::new());
    for file in files.macho.iter().chain(&files.pe) {
        let is_pe = files.pe.contains(file);
        let facts = facts(testbed, file)?;
        let (ours, theirs) = if is_pe {
            (vec![coff::ours(&facts)], vec![coff::theirs(&readobj, file)?])
        } else {
            (macho::ours(&facts), macho::theirs(&objdump, file)?)
        };
        compared += ours.iter().map(BTreeMap::len).sum::<usize>();
        if ours != theirs {
            differing.push(format!("{}:\n  inspect {ours:?}\n  LLVM    {theirs:?}", file.display()));
        }
    }
    note(&format!("{} files, {compared} subjects compared", files.macho.len() + files.pe.len()));
    checks.that("there is something to compare", compared > 60, || format!("{compared} subjects"));
    checks.that("facts agree with llvm-objdump and llvm-readobj", differing.is_empty(), || differing.join("\n"));
    broken::run(testbed, &files, checks)
}

/// The facts of a file, as `inspect --json` prints them.
fn facts(testbed: &Testbed, file: &Path) -> Result<Value, Trouble> {
    let said = testbed::run(testbed.plimsoll(&testbed.store).args(["--json", "inspect", "--"]).arg(file))?;
    let document: Value = serde_json::from_str(&said.stdout).map_err(|error| Trouble::Broken(format!("{error}\n{}", said.all())))?;
    if document[0]["facts"].is_object() { Ok(document[0]["facts"].clone()) } else { Err(Trouble::Broken(said.all())) }
}

/// A tool of LLVM's.
fn llvm(name: &str) -> Result<PathBuf, Trouble> {
    test_needs::newest_of_llvm(name).ok_or_else(|| Trouble::Lacking(Need::Llvm, format!("{name} is not installed")))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(text).collect()
}

/// A version without the noughts at its end, which the two print differently.
fn version(text: &str) -> String {
    let mut parts = text.split('.').collect::<Vec<_>>();
    while parts.len() > 1 && parts.last() == Some(&"0") {
        parts.pop();
    }
    parts.join(".")
}
