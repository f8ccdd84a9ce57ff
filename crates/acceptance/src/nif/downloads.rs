//! Who downloads in a rehearsal: our own consumer, which says that it stands in for the library, or the library itself in a network that holds the
//! harbor and nothing else. With `--full` every step of every trial has its archive from there.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use plimsoll::kinds::nif::consumer::Source;
use plimsoll_harbor::{Effect, Faults, Harbor};
use plimsoll_pack::nif::ChecksumMap;
use serde_json::Value;

use super::beam::{Beam, LIBRARY, archive_name, theirs};
use super::consumed::Machine;
use super::refused::host_only;
use crate::rehearsal::Rehearsal;
use crate::testbed::{self, Said, Testbed};
use crate::{Checks, Trouble, project};

/// What a rehearsal came to: who fetched back, and what the sealed evidence says of the program that installed.
struct Told {
    rehearsal: Rehearsal,
    by: Vec<String>,
    evidence: Vec<String>,
}

impl Told {
    fn of(command: Command, project: &Path) -> Result<Self, Trouble> {
        let rehearsal = Rehearsal::of(command, project)?.tried()?;
        let back = rehearsal.document["fetched_back"].as_array().into_iter().flatten();
        let by = back.map(|back| back["by"].as_str().unwrap_or_default().to_owned()).collect();
        let mut evidence = Vec::new();
        for path in project::files(&project.join("dist/evidence"))? {
            let text = fs::read_to_string(&path).map_err(Trouble::io(&path))?;
            let document = serde_json::from_str::<Value>(&text).unwrap_or_default();
            named(&document, &mut evidence);
        }
        Ok(Self { rehearsal, by, evidence })
    }

    fn all(&self) -> String {
        format!("{:?}\n{:?}\n{}", self.by, self.evidence, self.rehearsal.said.all())
    }
}

/// What documents of evidence call the library, wherever it stands.
fn named(document: &Value, found: &mut Vec<String>) {
    match document {
        Value::Object(members) => {
            found.extend(members.get("rustler_precompiled").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|value| named(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| named(value, found)),
        _ => {}
    }
}

/// Lines of a rehearsal that tell of what was fetched.
fn fetched(said: &Said) -> Vec<&str> {
    said.stderr.lines().filter(|line| line.contains("fetched")).collect()
}

/// The command, without the library unless a folder is named.
fn plimsoll(testbed: &Testbed, library: Option<&Path>) -> Command {
    let mut command = testbed.plimsoll(&testbed.store);
    match library {
        Some(folder) => command.env(LIBRARY, folder),
        None => command.env_remove(LIBRARY),
    };
    command
}

fn full(testbed: &Testbed, library: Option<&Path>, project: &Path) -> Result<Said, Trouble> {
    testbed::run(plimsoll(testbed, library).args(["rehearse", "--full", "--root"]).arg(project))
}

/// Without the library: the stand-in says so everywhere.
pub fn stand_in(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let project = host_only(testbed, "stand-in", "")?;
    let told = Told::of(plimsoll(testbed, None), &project)?;
    checks.that("it is fetched by the stand-in, and said to be", told.by == ["the stand-in for rustler_precompiled"], || told.all());
    let says = told.evidence.iter().all(|text| text.starts_with("stand-in of plimsoll")) && !told.evidence.is_empty();
    checks.that("and evidence says *stand-in*, and why", says, || told.all());

    let said = full(testbed, None, &project)?;
    let three = fetched(&said).iter().any(|line| line.contains("3 probes") && line.contains("by the stand-in for rustler_precompiled"));
    checks.that("--full runs all three steps on what was downloaded", said.well() && three, || said.all());
    let again = full(testbed, None, &project)?;
    let recalled = crate::example::not_remembered(&again.stderr).is_empty();
    checks.that("and recalls them if the harbor serves the same", again.well() && recalled, || again.all());

    let nowhere = project.join("nowhere");
    let said = full(testbed, Some(&nowhere), &project)?;
    checks.that("a variable that names no library is told", said.code == Some(2) && said.stderr.contains(LIBRARY), || said.all());
    Ok(())
}

/// With the library itself.
pub fn library(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let Some(library) = theirs() else {
        return Err(Trouble::NotRun(format!("{LIBRARY} names no folder with the sources of rustler_precompiled")));
    };
    let project = host_only(testbed, "library", "")?;
    let told = Told::of(plimsoll(testbed, Some(&library)), &project)?;
    let by_variable = |text: &String| text.starts_with("rustler_precompiled ") && text.ends_with(&format!("from {LIBRARY}"));
    checks
        .that("it is fetched from the harbor by the library itself", told.by.len() == 1 && told.by.iter().all(by_variable), || told.all());
    let says = told.evidence.iter().all(|text| text.contains(&format!("from {LIBRARY}, sha256:"))) && !told.evidence.is_empty();
    checks.that("and evidence names its version and the digest of its files", says, || told.all());
    let said = full(testbed, Some(&library), &project)?;
    let three = fetched(&said).iter().any(|line| line.contains("3 probes") && line.contains("by rustler_precompiled"));
    checks.that("--full runs all three steps on what it downloaded", said.well() && three, || said.all());

    // As mix lays it out, and one byte of it changed: proven anew each time.
    let place = project.join("deps/rustler_precompiled");
    project::copy_tree(&library, &place)?;
    project::write(&project.join(".gitignore"), "/deps\n/_build\n/dist\n/native/nif_counter/target\n")?;
    project::write(&project.join("mix.lock"), "%{\n}\n")?;
    let told = Told::of(plimsoll(testbed, None), &project)?;
    let by_deps = told.by.iter().all(|text| text.starts_with("rustler_precompiled ") && text.ends_with("from deps"));
    checks.that("and so it is from deps/", told.by.len() == 1 && by_deps, || told.all());
    let source = place.join("lib/rustler_precompiled.ex");
    let text = fs::read_to_string(&source).map_err(Trouble::io(&source))?;
    // One that no store has seen.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_nanos());
    project::write(&source, &format!("{text}\n# {now}\n"))?;
    let said = testbed::run(plimsoll(testbed, None).args(["rehearse", "--root"]).arg(&project))?;
    let anew = crate::example::not_remembered(&said.stderr);
    let both = anew.iter().any(|line| line.contains("proven")) && fetched(&said).iter().any(|line| !line.contains("remembered"));
    checks.that("with another library it is proven and fetched anew", said.well() && both, || format!("{anew:?}\n{}", said.all()));
    spoilt(testbed, checks, &project)?;
    project::write(
        &source,
        &text.replace("def __using__(module, opts) do", "def __using__(module, opts) do\n    raise \"not today: #{module}\""),
    )?;
    let said = testbed::run(plimsoll(testbed, None).args(["rehearse", "--root"]).arg(&project))?;
    let told = said.code == Some(1) && said.stderr.contains("not today") && !said.stderr.contains("elsewhere");
    checks.that("a library that fails is a failure, and the stand-in does not step in", told, || said.all());
    Ok(())
}

/// A harbor that serves other bytes, or none: the library's own words are what a user reads.
fn spoilt(testbed: &Testbed, checks: &mut Checks, project: &Path) -> Result<(), Trouble> {
    let beam = Beam::new(testbed)?;
    let dist = project.join("dist");
    let name = archive_name("nif_counter", "0.2.0", "2.15");
    let mut map = ChecksumMap::new();
    let archive = dist.join(&name);
    map.insert(&name, plimsoll_model::Digest::of(&fs::read(&archive).map_err(Trouble::io(&archive))?));
    let path = format!("*/{name}");
    let cases = [
        ("sound", None, ""),
        ("other bytes", Some(Effect::Flip(1000)), "nif-checksum"),
        ("status 500", Some(Effect::Status(500)), "nif-download"),
        ("cut off", Some(Effect::Cut(1000)), "nif-download"),
        ("no answer", Some(Effect::NoAnswer), "nif-download"),
    ];
    for (what, effect, code) in cases {
        let faults = effect.map_or_else(Faults::none, |effect| Faults::none().always(&path, effect));
        let harbor = Harbor::serve_folder(&dist, faults).map_err(Trouble::io(&dist))?;
        let url = harbor.url();
        let machine = Machine::with(&beam, &what.replace(' ', "-"), project, &map)?;
        let ran = machine.compile(Source::Download(&url))?;
        if code.is_empty() {
            let asked = ran.report.fact("asked").is_some_and(|asked| asked.starts_with("https://github.com/") && asked.ends_with(&name));
            checks.that("its own URL is asked for, and answered by the harbor", ran.verdict.is_ok() && asked, || ran.all());
        } else {
            checks.that(&format!("{what}: the library's own words"), beam.refused(&ran, code), || ran.all());
        }
    }
    Ok(())
}
