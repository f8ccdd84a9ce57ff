//! NIFs, really built and loaded by this machine's BEAM: what passes, and that each fault is told apart from every other.

mod as_it_is;
mod beam;
mod bytes;
mod consumed;
mod downloads;
mod evaluated;
mod faults;
mod fitting;
mod left;
mod made;
mod refused;
mod rehearsal;
mod varied;
mod vendored;
mod weight;

use std::fs;
use std::path::Path;
use std::process::Command;

use plimsoll::kinds::nif::{LoadAs, NifEntry, Report, host};
use plimsoll_inspect::{Policy, judge_nif_bytes};
use plimsoll_model::NifVersion;

use super::testbed::{self, Testbed};
use super::{Checks, Trouble, project};
use beam::{Beam, LIMIT, MODULE, archive_name, built, packed};

pub use as_it_is::run as as_it_is;
pub use bytes::run as bytes;
pub use consumed::run as consumed;
pub use downloads::{library, stand_in};
pub use evaluated::run as evaluated;
pub use faults::run as faults;
pub use fitting::run as fitting;
pub use left::run as left;
pub use made::run as made;
pub use refused::run as refused;
pub use rehearsal::in_all_roots;
pub use rehearsal::run as rehearsal;
pub use varied::run as varied;
pub use vendored::run as vendored;
pub use weight::run as weight;

const VERSION: &str = "0.2.0";

/// The example's library, inspected, its entry read by the host, and loaded by a BEAM in both ways.
pub fn loaded(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let beam = Beam::new(testbed)?;
    let crate_folder = testbed.root.join("examples/nif-counter/native/nif_counter");
    let library = built(testbed, &crate_folder, "nif_counter", &project::host())?;
    let archive = packed(&library, &archive_name("nif_counter", VERSION, "2.15"), &testbed.folder("archives")?)?;
    let target = beam::target(&project::host())?;

    let bytes = fs::read(&library).map_err(Trouble::io(&library))?;
    let (facts, findings) = judge_nif_bytes(&bytes, &Policy::for_nif(&target, None), NifVersion::new(2, 15))
        .map_err(|error| Trouble::Broken(error.to_string()))?;
    let findings = findings.into_iter().filter(|finding| finding.code != plimsoll_inspect::Code::LeakedPath).collect::<Vec<_>>();
    checks.that("the gate finds no fault in it", findings.is_empty(), || format!("{findings:?}"));
    checks.that("and sees what it asks of the BEAM", facts.host_imports.iter().any(|name| name == "enif_make_badarg"), || {
        format!("{facts:?}")
    });

    let entry = entry_of(testbed, checks, &library, "cc", host::Compiler::Gcc)?;
    let module = MODULE.parse().map_err(|error: plimsoll::kinds::nif::InvalidModuleName| Trouble::Broken(error.to_string()))?;
    let wrong = entry.as_ref().map(|entry| entry.check(&module, NifVersion::new(2, 15)));
    checks.that("its entry is for this module and NIF 2.15", wrong == Some(vec![]), || format!("{entry:?}"));
    let names =
        entry.map(|entry| entry.functions.iter().map(|function| format!("{}/{}", function.name, function.arity)).collect::<Vec<_>>());

    let mut probe = beam.probe(&archive, MODULE)?;
    probe.calls = vec!["add(40, 2) == 42".to_owned(), "value(new(3)) == 3".to_owned()];
    let ran = beam.load(&probe, LIMIT)?;
    checks.that("a BEAM loads it as a module of its own names", ran.verdict.is_ok() && ran.report.called.len() == 2, || ran.all());
    let found = ran.report.loaded.as_ref().map(|loaded| loaded.functions.clone());
    checks.that("and has the functions that the host read", found.is_some() && found == names, || format!("{found:?} {names:?}"));
    // Without Elixir the calls are read as Erlang.
    probe.code_paths.clear();
    let ran = beam.load(&probe, LIMIT)?;
    checks.that("also where there is no Elixir", ran.verdict.is_ok(), || ran.all());

    let ebin = consumed::compiled_with(&beam, testbed, &archive)?;
    probe = beam.probe(&archive, MODULE)?;
    probe.load_as = LoadAs::Own { app: "nif_counter".to_owned(), ebin: ebin.display().to_string() };
    probe.calls = vec!["NifCounter.increment(NifCounter.new(40), 2) == 42".to_owned()];
    let ran = beam.load(&probe, LIMIT)?;
    checks.that("the project's own compiled module loads it from its priv folder", ran.verdict.is_ok(), || ran.all());
    probe.calls = vec!["add(1, 1) == 3".to_owned()];
    let ran = beam.load(&probe, LIMIT)?;
    checks.that("a call that does not hold is told", ran.code() == "nif-call", || ran.all());
    probe.module =
        "NifCounter.Absent".parse().map_err(|error: plimsoll::kinds::nif::InvalidModuleName| Trouble::Broken(error.to_string()))?;
    let ran = beam.load(&probe, LIMIT)?;
    checks.that("and so is a module that was not compiled", ran.code() == "nif-module-missing", || ran.all());
    musl(testbed, checks, &crate_folder)
}

/// Compiles the host, runs it on a library, and reads the entry.
fn entry_of(
    testbed: &Testbed,
    checks: &mut Checks,
    library: &Path,
    compiler: &str,
    words: host::Compiler,
) -> Result<Option<NifEntry>, Trouble> {
    let target = beam::target(&if compiler == "cc" { project::host() } else { musl_triple() })?;
    let (source, program) = (testbed.path(&format!("{compiler}-host.c")), testbed.path(&format!("{compiler}-host")));
    project::write(&source, &host::source(&target))?;
    let words = host::compile_words(words, &target, &source.display().to_string(), &program.display().to_string());
    let words = words.ok_or_else(|| Trouble::Broken(format!("no host for {target}")))?;
    let compiled = testbed::run(Command::new(compiler).args(words).arg("-Werror"))?;
    checks.that(&format!("{compiler} compiles the host without a warning"), compiled.well(), || compiled.all());
    let said = testbed::run(Command::new(&program).arg(library))?;
    let report = Report::read(&said.stdout);
    checks.that(&format!("the host that {compiler} made reads the entry"), said.well() && report.passed, || said.all());
    Ok(report.entry)
}

fn musl_triple() -> String {
    format!("{}-unknown-linux-musl", std::env::consts::ARCH)
}

/// musl's own loader takes the library: no BEAM, and so the weaker record.
fn musl(testbed: &Testbed, checks: &mut Checks, crate_folder: &Path) -> Result<(), Trouble> {
    // What stands in for zig here: the unwinder that Rust has for musl comes in statically, under the name of the shared one of GCC.
    let folder = testbed.folder("unwinder")?;
    let sysroot = testbed::expect_well(Command::new("rustc").args(["--print", "sysroot"]))?;
    let unwinder = format!("{}/lib/rustlib/{}/lib/self-contained/libunwind.a", sysroot.stdout.trim(), musl_triple());
    project::write(&folder.join("libgcc_s.so"), &format!("INPUT({unwinder})\n"))?;
    let out = testbed.path("cargo-target-musl");
    let mut cargo = Command::new("cargo");
    let flags = format!("-C target-feature=-crt-static -C link-arg=-L{}", folder.display());
    cargo.args(["build", "--release", "--locked", "--target", &musl_triple(), "--target-dir"]).arg(&out).current_dir(crate_folder);
    let linker = format!("CARGO_TARGET_{}_LINKER", musl_triple().to_uppercase().replace('-', "_"));
    let said = testbed::run(cargo.env("RUSTFLAGS", flags).env(linker, "musl-gcc"))?;
    if !said.well() {
        return Err(Trouble::Broken(said.all()));
    }
    let library = out.join(musl_triple()).join("release/libnif_counter.so");
    let bytes = fs::read(&library).map_err(Trouble::io(&library))?;
    let policy = Policy::for_nif(&beam::target(&musl_triple())?, None);
    let (facts, findings) = judge_nif_bytes(&bytes, &policy, NifVersion::new(2, 15)).map_err(|error| Trouble::Broken(error.to_string()))?;
    let findings = findings.into_iter().filter(|finding| finding.code != plimsoll_inspect::Code::LeakedPath).collect::<Vec<_>>();
    checks.that("the musl library needs nothing but musl", findings.is_empty(), || format!("{findings:?} {:?}", facts.needed));
    let entry = entry_of(testbed, checks, &library, "musl-gcc", host::Compiler::Gcc)?;
    checks.that("and its entry is the same", entry.is_some_and(|entry| entry.functions.len() == 5), || "no entry".to_owned());
    Ok(())
}
