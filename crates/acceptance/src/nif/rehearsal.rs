//! The whole way of the example: six targets built here, what a BEAM of this machine loads proven and sealed, the map of checksums committed, and
//! what must be refused on the Elixir side and on a user's machine.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use plimsoll::kinds::nif::consumer::Source;
use plimsoll_elixir::read_modules;
use plimsoll_harbor::{Effect, Faults, Harbor};
use plimsoll_model::Digest;
use plimsoll_pack::nif::{ChecksumMap, checksums};
use serde_json::Value;

use super::beam::{Beam, MODULE, archive_name};
use super::consumed::Machine;
use crate::rehearsal::{Counter, Rehearsal};
use crate::testbed::{self, Said, Testbed};
use crate::{Checks, Trouble, note, project};

/// The file that says `use RustlerPrecompiled`.
const NATIVE: &str = "lib/nif_counter/native.ex";

/// The example in a git repository of its own.
struct Example<'a> {
    testbed: &'a Testbed,
    folder: PathBuf,
}

impl<'a> Example<'a> {
    /// A copy that no store has seen: a new comment in each of its languages makes everything compile and every proof be won anew. What is for musl is
    /// loaded in the roots of that choice.
    fn new(testbed: &'a Testbed, musl: MuslRoots) -> Result<Self, Trouble> {
        let folder = testbed.path("nif-counter");
        project::copy_tree(&testbed.root.join("examples/nif-counter"), &folder)?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_nanos());
        for (file, sign) in [("native/nif_counter/src/lib.rs", "//"), (NATIVE, "#")] {
            let path = folder.join(file);
            let text = fs::read_to_string(&path).map_err(Trouble::io(&path))?;
            project::write(&path, &format!("{text}\n{sign} {now}\n"))?;
        }
        if musl == MuslRoots::Newest {
            let manifest = folder.join("plimsoll.toml");
            let text = fs::read_to_string(&manifest).map_err(Trouble::io(&manifest))?;
            let own = format!("[target.{}-unknown-linux-musl]\nroots = [\"{NEWEST}\"]\n", std::env::consts::ARCH);
            let foreign = format!("[target.{}]\nnative = true\n", emulated_musl());
            project::write(&manifest, &format!("{text}\n{own}{foreign}"))?;
        }
        let example = Self { testbed, folder };
        example.git(&["init", "--quiet"])?;
        example.commit()?;
        Ok(example)
    }

    fn git(&self, words: &[&str]) -> Result<Said, Trouble> {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"]);
        testbed::expect_well(git.args(words).current_dir(&self.folder))
    }

    fn commit(&self) -> Result<(), Trouble> {
        self.git(&["add", "--all"])?;
        self.git(&["commit", "--quiet", "--message", "state"]).map(drop)
    }

    fn plimsoll(&self, words: &[&str]) -> Result<Said, Trouble> {
        let mut command = self.testbed.plimsoll(&self.testbed.store);
        testbed::run(command.args(words).arg("--root").arg(&self.folder))
    }

    /// File name → what `sha256sum` says of it.
    fn sums(&self) -> Result<BTreeMap<String, String>, Trouble> {
        let files = project::files(&self.folder.join("dist"))?;
        let archives = files.iter().filter(|path| path.to_string_lossy().ends_with(".so.tar.gz"));
        let said = testbed::expect_well(Command::new("sha256sum").args(archives))?;
        let pairs = said.stdout.lines().filter_map(|line| line.split_once("  "));
        Ok(pairs.map(|(digest, path)| (path.rsplit('/').next().unwrap_or(path).to_owned(), digest.to_owned())).collect())
    }

    fn map(&self) -> PathBuf {
        self.folder.join(checksums::precompiled_file(MODULE))
    }
}

/// Where libraries for musl are loaded. A BEAM for musl is compiled once for each root and processor, some minutes each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MuslRoots {
    /// In all that fit, as without a word in the manifest.
    All,
    /// In [`NEWEST`], and for another processor than this machine's in none: a real machine is asked for.
    Newest,
}

/// The target of musl on the other of the two processors.
fn emulated_musl() -> &'static str {
    if std::env::consts::ARCH == "x86_64" { "aarch64-unknown-linux-musl" } else { "x86_64-unknown-linux-musl" }
}

const NEWEST: &str = "debian:13";

/// Only by name: every root that the example asks for by itself.
pub fn in_all_roots(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let example = Example::new(testbed, MuslRoots::All)?;
    let first = Rehearsal::of(testbed.plimsoll(&testbed.store), &example.folder)?;
    proven(checks, &first, MuslRoots::All)
}

pub fn run(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let example = Example::new(testbed, MuslRoots::Newest)?;
    let counter = Counter::new(testbed, "counter")?;
    let first = Rehearsal::of(counter.on(testbed.plimsoll(&testbed.store)), &example.folder)?;
    proven(checks, &first, MuslRoots::Newest)?;
    let plan = example.plimsoll(&["plan"])?;
    checks
        .that("the package's own tests ran in both roots", plan.stdout.contains("tests: mix test in debian:12, debian:13"), || plan.all());
    let compiled = counter.take();
    let times = compiled.iter().filter(|name| *name == "nif_counter").count();
    checks.that("the counting wrapper sees the crate compiled for six targets", times == 6, || format!("{compiled:?}"));
    let sums = example.sums()?;
    checks.that("each sealed file is what sha256sum says of it", sums == first.artifacts(), || format!("{sums:?}\n{}", first.all()));

    committed(&example, checks, &sums)?;
    let again = Rehearsal::of(counter.on(testbed.plimsoll(&testbed.store)), &example.folder)?;
    let bytes = again.said.well() && again.artifacts() == first.artifacts();
    checks.that("the committed map changes no byte of an artifact", bytes, || again.all());
    let compiled = counter.take();
    checks.that("and no compiler is started", compiled.is_empty(), || format!("{compiled:?}"));
    note(&format!("rehearse: first {:.1} s, with the map committed {:.1} s", first.said.time.as_secs_f64(), again.said.time.as_secs_f64()));
    let told = example.plimsoll(&["rehearse"])?;
    let anew = crate::example::not_remembered(&told.stderr);
    checks.that("nothing is packed or proven again", told.well() && anew.is_empty(), || format!("{anew:?}\n{}", told.all()));
    let unchanged = told.stderr.lines().any(|line| line.contains("sealed") && line.contains("unchanged"));
    checks.that("and the release is said to be unchanged", unchanged, || told.all());

    stale(&example, checks, &sums)?;
    block(&example, checks)?;
    contradicted(&example, checks)?;
    users(&example, checks, &sums)
}

/// What the first rehearsal must have come to.
fn proven(checks: &mut Checks, first: &Rehearsal, musl: MuslRoots) -> Result<(), Trouble> {
    if first.said.code == Some(3) {
        return Err(Trouble::NotRun(format!("a tool is missing: {}", first.document["failures"])));
    }
    let gaps = first.document["elsewhere"].as_object().cloned().unwrap_or_default();
    let reason = |target: &str| {
        let found = gaps.iter().find(|(id, _)| id.ends_with(target));
        found.map(|(id, reason)| format!("{id}: {}", reason.as_str().unwrap_or_default()))
    };
    let mut linux =
        vec!["aarch64-unknown-linux-gnu", "aarch64-unknown-linux-musl", "x86_64-unknown-linux-gnu", "x86_64-unknown-linux-musl"];
    if musl == MuslRoots::Newest {
        linux.retain(|target| *target != emulated_musl());
        let told = reason(emulated_musl()).unwrap_or_default();
        checks
            .that("where no emulator counts, what is for another processor is a gap", told.contains("needs a real Linux"), || told.clone());
    }
    // A machine without roots, or without an emulator, cannot try what this is about.
    if let Some(reason) = linux.iter().find_map(|target| reason(target)) {
        return Err(Trouble::NotRun(reason));
    }
    let named = |target: &&str| archive_name("nif_counter", "0.2.0", "2.15").replace(&project::host(), target);
    let names = linux.iter().map(named).collect::<Vec<_>>();
    first.check(checks, "those of Linux are built, proven, sealed and fetched as users do", &names);
    for target in linux.iter().copied() {
        let won = won(&first.document, target);
        let means = if target.split('-').next() == Some(std::env::consts::ARCH) { "native" } else { "emulated" };
        let libc = if target.ends_with("musl") { "musl" } else { "glibc" };
        let roots = if libc == "musl" && musl == MuslRoots::Newest { vec![NEWEST] } else { vec!["debian:12", NEWEST] };
        let wanted = roots.iter().map(|root| format!("{root} {libc} {means}")).collect::<Vec<_>>();
        checks.that(&format!("{target}: {means}, by {libc}'s BEAMs of {}", roots.join(" and ")), won == wanted, || format!("{won:?}"));
    }
    for target in ["aarch64-apple-darwin", "x86_64-apple-darwin"] {
        let told = reason(target).unwrap_or_default();
        checks.that(&format!("{target} is a gap with its reason"), told.contains("macOS"), || format!("{told}\n{}", first.all()));
    }
    let fetched_back =
        first.document["fetched_back"].as_array().into_iter().flatten().filter(|fetched_back| fetched_back["root"].is_string()).count();
    checks.that("a user's day ends well for all of them", fetched_back == linux.len(), || first.document["fetched_back"].to_string());
    Ok(())
}

/// Where a target's artifact was proven, and by which means.
fn won(document: &Value, target: &str) -> Vec<String> {
    let artifacts = document["release"]["artifacts"].as_array().into_iter().flatten();
    let mine = artifacts.filter(|artifact| artifact["target"] == target);
    let won = mine.flat_map(|artifact| artifact["proven"].as_array().into_iter().flatten());
    let mut won = won
        .map(|won| {
            let word = |key: &str| won[key].as_str().unwrap_or_default();
            format!("{} {} {}", word("root"), word("libc").split(' ').next().unwrap_or_default(), word("how"))
        })
        .collect::<Vec<_>>();
    won.sort();
    won
}

/// The map is written from the sealed bytes, and committed.
fn committed(example: &Example<'_>, checks: &mut Checks, sums: &BTreeMap<String, String>) -> Result<(), Trouble> {
    let said = example.plimsoll(&["nif", "checksum", "--check"])?;
    checks.that("before it is written, the check says that the map is not there", said.code == Some(1), || said.all());
    let said = example.plimsoll(&["nif", "checksum"])?;
    let text = fs::read_to_string(example.map()).unwrap_or_default();
    let lines = sums.iter().map(|(name, digest)| format!("  \"{name}\" => \"sha256:{digest}\",\n")).collect::<String>();
    checks
        .that("the map says what sha256sum says", said.well() && text == format!("%{{\n{lines}}}\n"), || format!("{text}\n{}", said.all()));
    let said = example.plimsoll(&["nif", "checksum", "--check"])?;
    checks.that("and the check agrees", said.well(), || said.all());
    example.commit()
}

/// One digest changed: told with both lines.
fn stale(example: &Example<'_>, checks: &mut Checks, sums: &BTreeMap<String, String>) -> Result<(), Trouble> {
    let Some((name, digest)) = sums.iter().next() else { return Ok(()) };
    let wrong = format!("{}{}", if digest.starts_with('0') { "1" } else { "0" }, digest.get(1..).unwrap_or_default());
    project::replace(&example.map(), digest, &wrong)?;
    let said = example.plimsoll(&["nif", "checksum", "--check"])?;
    let both = [name, digest, &wrong].iter().all(|text| said.stderr.contains(text.as_str()));
    checks.that("a digest that was changed is told with both lines", said.code == Some(1) && both, || said.all());
    project::replace(&example.map(), &wrong, digest)
}

/// What `nif module` prints is read back as what the project has.
fn block(example: &Example<'_>, checks: &mut Checks) -> Result<(), Trouble> {
    let said = example.plimsoll(&["nif", "module"])?;
    let path = example.folder.join(NATIVE);
    let own = fs::read_to_string(&path).map_err(Trouble::io(&path))?;
    let known = BTreeMap::from([("version".to_owned(), "0.2.0".to_owned())]);
    let read = |text: &str| {
        let modules = read_modules("native.ex", text, &known).map_err(|error| Trouble::Broken(error.to_string()))?;
        let facts = modules.first().map(|module| {
            let list = |read: &plimsoll_elixir::Read<Vec<String>>| read.value().cloned();
            let text = |read: &plimsoll_elixir::Read<String>| read.value().cloned();
            (
                (module.module.clone(), text(&module.otp_app), text(&module.crate_name), text(&module.version)),
                (list(&module.targets), list(&module.nif_versions), module.force_build.is_some()),
            )
        });
        Ok::<_, Trouble>(facts)
    };
    let (printed, own) = (read(&format!("defmodule {MODULE} do\n{}end\n", said.stdout))?, read(&own)?);
    let same = printed.is_some() && printed == own;
    checks.that("the printed block is read back as what the module says", said.well() && same, || {
        format!("{printed:?}\n{own:?}\n{}", said.all())
    });
    Ok(())
}

/// A target that is only planned must not be promised to users.
fn contradicted(example: &Example<'_>, checks: &mut Checks) -> Result<(), Trouble> {
    let path = example.folder.join(NATIVE);
    let planned = "x86_64-pc-windows-msvc";
    project::replace(&path, "x86_64-apple-darwin\n", &format!("x86_64-apple-darwin\n      {planned}\n"))?;
    let said = example.plimsoll(&["plan"])?;
    let sides =
        [planned, "NifCounter.Native", "plimsoll.toml", "`plimsoll release` refuses it"].iter().all(|text| said.stderr.contains(text));
    checks.that("a planned target in `targets:` is told with both sides before a release refuses it", said.well() && sides, || said.all());
    if let Some(line) = said.stderr.lines().find(|line| line.contains(planned)) {
        println!("          {line}");
    }
    let lines = example.plimsoll(&["nif", "module"])?;
    let right = lines.well() && lines.stdout.contains("x86_64-apple-darwin") && !lines.stdout.contains(planned);
    checks.that("and `nif module` prints the right lines all the same", right, || lines.all());
    example.git(&["checkout", "--quiet", "--", NATIVE]).map(drop)
}

/// What befalls users beyond what a rehearsal shows: a download with one byte changed, and a build from the package's own files.
fn users(example: &Example<'_>, checks: &mut Checks, sums: &BTreeMap<String, String>) -> Result<(), Trouble> {
    let beam = Beam::new(example.testbed)?;
    let map = sealed_map(&example.folder.join("dist"), sums)?;
    let name = archive_name("nif_counter", "0.2.0", "2.15");
    let faults = Faults::none().first(1, &format!("*/{name}"), Effect::Flip(1000));
    let dist = example.folder.join("dist");
    let harbor = Harbor::serve_folder(&dist, faults).map_err(Trouble::io(&dist))?;
    let url = format!("{}/", harbor.url());
    let download = Source::Download(&url);
    let unlucky = Machine::with(&beam, "unlucky", &example.folder, &map)?;
    let ran = unlucky.compile(download)?;
    checks.that("a sealed archive with one byte changed on its way is refused", beam.refused(&ran, "nif-checksum"), || ran.all());
    let user = Machine::with(&beam, "user", &example.folder, &map)?;
    let (compiled, called) = (user.compile(download)?, user.call(download, &["add(40, 2) == 42"])?);
    let well = compiled.verdict.is_ok() && called.verdict.is_ok();
    checks.that("as it was sealed it is taken, and called", well, || format!("{}\n{}", compiled.all(), called.all()));

    // The library itself builds by Rustler, which has to be fetched too.
    if beam.theirs.is_some() {
        return Ok(());
    }
    let own = Source::Build(Some("NIF_COUNTER_BUILD"));
    let builder = Machine::with(&beam, "builder", &example.folder, &ChecksumMap::new())?;
    let (built, called) = (builder.compile(own)?, builder.call(own, &["add(40, 2) == 42"])?);
    let well = built.report.fact("built") == Some("libnif_counter.so") && called.verdict.is_ok();
    checks.that("with Rust it is built from the package's own files, and called", well, || format!("{}\n{}", built.all(), called.all()));
    Ok(())
}

fn sealed_map(dist: &Path, sums: &BTreeMap<String, String>) -> Result<ChecksumMap, Trouble> {
    let mut map = ChecksumMap::new();
    for name in sums.keys() {
        let path = dist.join(name);
        map.insert(name, Digest::of(&fs::read(&path).map_err(Trouble::io(&path))?));
    }
    Ok(map)
}
