//! `inspect --json` over every ELF file of this system, held against `readelf`.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::testbed::{self, Testbed};
use super::{Checks, Trouble, note};

/// Files a call.
const BATCH: usize = 100;

/// What both programs say of a file.
#[derive(Debug, Default, PartialEq, Eq)]
struct Demands {
    needed: Vec<String>,
    glibc: Option<Vec<u32>>,
}

pub fn run(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let mut files = Vec::new();
    for folder in ["/usr/bin", "/usr/lib"] {
        collect(Path::new(folder), &mut files)?;
    }
    files.sort();
    let (mut unanswered, mut differing) = (Vec::new(), Vec::new());
    let (mut with_needed, mut with_glibc) = (0, 0);
    for batch in files.chunks(BATCH) {
        let inspected = inspect(testbed, batch)?;
        let mut read = readelf(batch)?;
        for path in batch {
            let Some(Ok(ours)) = inspected.get(path) else {
                unanswered.push(format!("{}: {:?}", path.display(), inspected.get(path)));
                continue;
            };
            let theirs = read.remove(path).unwrap_or_default();
            with_needed += usize::from(!theirs.needed.is_empty());
            with_glibc += usize::from(theirs.glibc.is_some());
            if *ours != theirs {
                differing.push(format!("{}: inspect {ours:?}, readelf {theirs:?}", path.display()));
            }
        }
    }
    note(&format!("{} ELF files, {with_needed} with needed libraries, {with_glibc} with GLIBC versions", files.len()));
    checks.that("there is something to look at", with_needed > 50 && with_glibc > 50, || format!("{with_needed} and {with_glibc} files"));
    checks.that("every file is answered", unanswered.is_empty(), || unanswered.join("\n"));
    checks.that("needed libraries and highest GLIBC agree with readelf", differing.is_empty(), || differing.join("\n"));
    Ok(())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Trouble> {
    for entry in fs::read_dir(folder).map_err(Trouble::io(folder))?.flatten() {
        let (path, Ok(kind)) = (entry.path(), entry.file_type()) else { continue };
        if kind.is_dir() {
            collect(&path, files)?;
        } else if kind.is_file() && is_elf(&path) && path.to_str().is_some() {
            files.push(path);
        }
    }
    Ok(())
}

fn is_elf(path: &Path) -> bool {
    let mut magic = [0; 4];
    File::open(path).and_then(|mut file| file.read_exact(&mut magic)).is_ok() && magic == *b"\x7fELF"
}

fn inspect(testbed: &Testbed, batch: &[PathBuf]) -> Result<BTreeMap<PathBuf, Result<Demands, String>>, Trouble> {
    let said = testbed::run(testbed.plimsoll(&testbed.store).args(["--json", "inspect", "--"]).args(batch))?;
    let document: Value = serde_json::from_str(&said.stdout).map_err(|error| Trouble::Broken(format!("{error}\n{}", said.all())))?;
    let entries = document.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let answers = entries.iter().map(|entry| {
        let facts = &entry["facts"];
        let answer = if facts.is_object() {
            let needed = facts["needed"].as_array().into_iter().flatten().map(text).collect();
            let glibc = facts["floors"]["GLIBC"]["version"].as_str().and_then(version);
            Ok(Demands { needed, glibc })
        } else {
            Err(text(&entry["error"]))
        };
        (PathBuf::from(text(&entry["file"])), answer)
    });
    Ok(answers.collect())
}

fn readelf(batch: &[PathBuf]) -> Result<BTreeMap<PathBuf, Demands>, Trouble> {
    let said = testbed::run(Command::new("readelf").args(["-d", "-V", "-W"]).args(batch).env("LC_ALL", "C"))?;
    let mut read = parse_readelf(&said.stdout, batch);
    // With one file there is no heading.
    if let ([one], Some(demands)) = (batch, read.remove(Path::new(""))) {
        read.insert(one.clone(), demands);
    }
    Ok(read)
}

fn parse_readelf(text: &str, batch: &[PathBuf]) -> BTreeMap<PathBuf, Demands> {
    let mut read = BTreeMap::<PathBuf, Demands>::new();
    let (mut file, mut in_needs) = (PathBuf::new(), false);
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("File: ").filter(|name| batch.iter().any(|path| path == Path::new(name))) {
            (file, in_needs) = (PathBuf::from(name), false);
        } else if line.starts_with("Version ") {
            in_needs = line.starts_with("Version needs section");
        }
        let demands = read.entry(file.clone()).or_default();
        if let Some((_, library)) = line.split_once("(NEEDED)").and_then(|(_, rest)| rest.split_once('[')) {
            demands.needed.push(library.trim_end().trim_end_matches(']').to_owned());
        }
        let name = line.split_once("Name: GLIBC_").filter(|_| in_needs).and_then(|(_, rest)| rest.split_whitespace().next());
        if let Some(found) = name.and_then(version) {
            demands.glibc = demands.glibc.take().max(Some(found));
        }
    }
    read
}

/// Numbers between dots; nothing for `PRIVATE` and `ABI_DT_RELR`.
fn version(text: &str) -> Option<Vec<u32>> {
    text.split('.').map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readelf_is_read_by_file_and_by_section() {
        let text = "\nFile: /a\n 0x01 (NEEDED)  Shared library: [libc.so.6]\nVersion definition section '.gnu.version_d' contains 1 entries:\n  \
                    0x1c: Rev: 1  Name: GLIBC_2.99\nVersion needs section '.gnu.version_r' contains 2 entries:\n  0x10:   Name: GLIBC_2.4  Flags: none\n  \
                    0x20:   Name: GLIBC_2.28  Flags: none\n  0x30:   Name: GLIBC_PRIVATE  Flags: none\n\nFile: /b\n\nThere is no dynamic section in this file.\n";
        let batch = [PathBuf::from("/a"), PathBuf::from("/b")];
        let read = parse_readelf(text, &batch);
        assert_eq!(read[Path::new("/a")], Demands { needed: vec!["libc.so.6".to_owned()], glibc: Some(vec![2, 28]) });
        assert_eq!(read[Path::new("/b")], Demands::default());
    }
}
