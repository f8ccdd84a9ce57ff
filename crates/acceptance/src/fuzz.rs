//! A short run of every fuzz target, with the compiler's own coverage passes, so that a stable toolchain and a C++ compiler are enough.
//! The corpus is kept between runs. Long runs are `cargo +nightly fuzz run TARGET`, with the sanitizers.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::testbed::{self, Testbed, expect_well};
use super::{Checks, Trouble, note, project};

/// Seconds a target.
const SECONDS: u32 = 20;

/// What cargo-fuzz passes on, without the sanitizers, which want a nightly compiler.
const FLAGS: [&str; 8] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "--cfg=fuzzing",
    "-Cdebug-assertions",
    "-Ccodegen-units=1",
];

pub fn run(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let target = project::host();
    let built = testbed.store.with_file_name("fuzz-target");
    let mut build = Command::new("cargo");
    build
        .args(["build", "--quiet", "--release", "--locked", "--manifest-path"])
        .arg(testbed.root.join("fuzz/Cargo.toml"))
        .args(["--target", &target]);
    build.env("CARGO_TARGET_DIR", &built).env("CARGO_ENCODED_RUSTFLAGS", FLAGS.join("\u{1f}")).env_remove("RUSTFLAGS");
    expect_well(&mut build)?;
    for source in project::files(&testbed.root.join("fuzz/fuzz_targets"))? {
        let name = source.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let corpus = testbed.store.with_file_name("fuzz-corpus").join(&name);
        let found = testbed.folder(&format!("found-{name}"))?;
        fs::create_dir_all(&corpus).map_err(Trouble::io(&corpus))?;
        let mut run = Command::new(built.join(&target).join("release").join(&name));
        run.arg(format!("-max_total_time={SECONDS}")).arg(format!("-artifact_prefix={}/", found.display())).arg("-timeout=10");
        let said = testbed::run(run.arg(&corpus).arg(seeds(testbed)?))?;
        let last = said.stderr.lines().last().unwrap_or_default().to_owned();
        checks.that(&format!("{name}: no input makes it panic"), said.well(), || said.all());
        note(&format!("{name}: {last}"));
    }
    Ok(())
}

/// Small programs of this system to begin with, and files of other systems that tests make.
fn seeds(testbed: &Testbed) -> Result<std::path::PathBuf, Trouble> {
    let folder = testbed.folder("seeds")?;
    for program in ["/bin/true", "/bin/cat"] {
        let name = Path::new(program).file_name().unwrap_or_default();
        fs::copy(program, folder.join(name)).map_err(Trouble::io(Path::new(program)))?;
    }
    let mut example = Command::new("cargo");
    example.args(["run", "--quiet", "--locked", "--package", "plimsoll-inspect", "--example", "seeds", "--"]).arg(&folder);
    expect_well(example.current_dir(&testbed.root))?;
    Ok(folder)
}
