//! Libraries and archives with one fault each, loaded by a BEAM: every fault has a code of its own, and nothing passes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use plimsoll::kinds::nif::LoadAs;
use plimsoll_model::Digest;

use super::beam::{Beam, LIMIT, archive_name, built, packed};
use crate::testbed::{self, Testbed};
use crate::{Checks, Trouble, project};

/// Numbers of `nif.c`, what they are, and how each ends as a synthetic module and as the project's own.
const FAULTS: [(u8, &str, &str, &str); 11] = [
    (0, "no fault", "", ""),
    (1, "the wrong module", "nif-module", "nif-module"),
    (2, "a load function that refuses", "nif-load", "nif-load"),
    (3, "a load function that hangs", "nif-hung", "nif-hung"),
    (4, "a load function that ends the VM", "nif-crashed", "nif-crashed"),
    (5, "a NIF version that no BEAM has", "nif-version", "nif-version"),
    // The module that is made from the library's own names cannot see it.
    (6, "a function that the module does not have", "", "nif-function"),
    (7, "a constructor that hangs", "nif-hung", "nif-hung"),
    (8, "a function that no BEAM has", "nif-symbol", "nif-symbol"),
    (9, "a call into the BEAM from nif_init", "", ""),
    (10, "a function that ends the VM when it is called", "nif-crashed", "nif-crashed"),
];

/// Longer than any load takes that will end.
const PATIENCE: Duration = Duration::from_secs(6);

pub fn run(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let beam = Beam::new(testbed)?;
    let fixture = testbed.root.join("fixtures/nif-faults");
    let ebin = testbed.folder("faulty-ebin")?;
    testbed::expect_well(Command::new("elixirc").arg("-o").arg(&ebin).arg(fixture.join("faulty.ex")))?;
    for (number, what, synthetic, own) in FAULTS {
        let archive = faulty(testbed, &fixture, &format!("-DFAULT={number}"))?;
        let mut call = |load_as: LoadAs, expected: &str, how: &str| -> Result<(), Trouble> {
            let mut probe = beam.probe(&archive, "Faulty")?;
            probe.load_as = load_as;
            // Fault 6 has no such function to call.
            probe.calls = if number == 6 { vec![] } else { vec!["add(40, 2) == 42".to_owned()] };
            let limit = if expected == "nif-hung" { PATIENCE } else { LIMIT };
            let ran = with_name(&beam, &probe, limit)?;
            let expected_name = if expected.is_empty() { "passed" } else { expected };
            checks.that(
                &format!("{what}, {how}: {expected_name}"),
                ran.code() == expected && ran.verdict.is_ok() == expected.is_empty(),
                || ran.all(),
            );
            Ok(())
        };
        call(LoadAs::Synthetic, synthetic, "as a synthetic module")?;
        call(LoadAs::Own { app: "faulty".to_owned(), ebin: ebin.display().to_string() }, own, "as the project's own")?;
    }
    let archive = faulty(testbed, &fixture, "-DWITHOUT_INIT")?;
    let ran = beam.load(&beam.probe(&archive, "Faulty")?, LIMIT)?;
    checks.that("a library without nif_init: no-nif-init", ran.code() == "no-nif-init", || ran.all());
    panics(testbed, &beam, checks)?;
    archives(testbed, &beam, checks, &fixture)
}

/// The fixture's own module is told the library's name by a variable, which a BEAM's flags can carry.
fn with_name(beam: &Beam<'_>, probe: &plimsoll::kinds::nif::Probe, limit: Duration) -> Result<super::beam::Ran, Trouble> {
    let mut environment = plimsoll::kinds::nif::probe::environment().map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    environment.push(("FAULTY_LIBRARY".to_owned(), probe.member.trim_end_matches(".so").to_owned()));
    let into = PathBuf::from(&probe.into);
    if into.exists() {
        fs::remove_dir_all(&into).map_err(Trouble::io(&into))?;
    }
    beam.run(&probe.words(&beam.script.display().to_string()), &beam.testbed.path(""), environment, limit)
}

fn faulty(testbed: &Testbed, fixture: &Path, define: &str) -> Result<PathBuf, Trouble> {
    let library = testbed.path(&format!("faulty{define}.so"));
    let mut cc = Command::new("cc");
    cc.args(["-shared", "-fPIC", "-O1", define, "-I/usr/lib/erlang/usr/include", "-o"]).arg(&library).arg(fixture.join("nif.c"));
    testbed::expect_well(&mut cc)?;
    packed(&library, &archive_name("faulty", "1.0.0", "2.15"), &testbed.folder(&format!("faulty{define}"))?)
}

/// A panic in Rust's load function is caught, and told with its own words.
fn panics(testbed: &Testbed, beam: &Beam<'_>, checks: &mut Checks) -> Result<(), Trouble> {
    let project = project::fixture(testbed, "nif-panics")?;
    let library = built(testbed, &project, "nif_panics", &project::host())?;
    let archive = packed(&library, &archive_name("nif_panics", "0.1.0", "2.15"), &testbed.folder("panics")?)?;
    let ran = beam.load(&beam.probe(&archive, "Faulty")?, LIMIT)?;
    checks.that("a load function that panics: nif-panicked", ran.code() == "nif-panicked", || ran.all());
    let words = ran.verdict.as_ref().err().map(|trouble| format!("{:?}", trouble.failure())).unwrap_or_default();
    checks.that("and its words are told", words.contains("no counters today"), || words.clone());
    Ok(())
}

/// Faults of the archive, and of the library's bytes.
fn archives(testbed: &Testbed, beam: &Beam<'_>, checks: &mut Checks, fixture: &Path) -> Result<(), Trouble> {
    let sound = faulty(testbed, fixture, "-DFAULT=0")?;
    let bytes = fs::read(&sound).map_err(Trouble::io(&sound))?;
    let library = fs::read(testbed.path("faulty-DFAULT=0.so")).map_err(Trouble::io(&sound))?;
    let mut check = |what: &str, archive: &[u8], digest: Option<Digest>, expected: &str| -> Result<(), Trouble> {
        fs::write(&sound, archive).map_err(Trouble::io(&sound))?;
        let mut probe = beam.probe(&sound, "Faulty")?;
        probe.digest = digest;
        let ran = beam.load(&probe, LIMIT)?;
        checks.that(&format!("{what}: {expected}"), ran.code() == expected, || ran.all());
        Ok(())
    };
    let mut flipped = bytes.clone();
    if let Some(byte) = flipped.get_mut(bytes.len() / 2) {
        *byte ^= 1;
    }
    check("one byte that differs", &flipped, Some(Digest::of(&bytes)), "nif-checksum")?;
    check("the same without a digest to tell it", &flipped, None, "nif-archive")?;
    check("an archive that is cut off", &bytes[..bytes.len() / 2], None, "nif-archive")?;
    check("an archive of nothing", b"", None, "nif-archive")?;
    let name = archive_name("faulty", "1.0.0", "2.15");
    let packed_bytes = |library: &[u8], name: &str, as_name: &str| -> Result<Vec<u8>, Trouble> {
        let path = testbed.path("library.so");
        fs::write(&path, library).map_err(Trouble::io(&path))?;
        let made = packed(&path, name, &testbed.folder(as_name)?)?;
        fs::read(&made).map_err(Trouble::io(&made))
    };
    let other = packed_bytes(&library, &archive_name("other", "1.0.0", "2.15"), "member")?;
    check("a library under another name", &other, None, "nif-member")?;
    let mut foreign = library.clone();
    // e_machine: the other of the two.
    foreign[18] = if foreign[18] == 62 { 183 } else { 62 };
    check("a library for another processor", &packed_bytes(&foreign, &name, "machine")?, None, "nif-machine")?;
    let mut mac = library.clone();
    mac[..4].copy_from_slice(&[0xcf, 0xfa, 0xed, 0xfe]);
    check("a library for macOS", &packed_bytes(&mac, &name, "macos")?, None, "nif-machine")?;
    check("a library of nothing", &packed_bytes(b"", &name, "nothing")?, None, "nif-library")?;
    check("a library of which only the header is left", &packed_bytes(&library[..600], &name, "header")?, None, "nif-library")?;
    check("a library that is cut off", &packed_bytes(&library[..library.len() / 3], &name, "cut")?, None, "nif-library")?;
    check("and whole again it passes", &bytes, Some(Digest::of(&bytes)), "")
}
