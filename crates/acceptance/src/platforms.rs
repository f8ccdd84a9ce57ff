//! Every usual platform from one machine: seven targets built, what can be run here run under emulators, and the rest told as gaps; with C code
//! from crates.io, and scripts under emulators.

use std::path::Path;
use std::process::Command;

use super::rehearsal::{Counter, Rehearsal, counted};
use super::testbed::{self, Testbed};
use super::{Checks, Trouble, golden, note, project};

/// Files of a release for all seven, macOS left out: it is proven elsewhere.
const FILES: [&str; 5] = [
    "depth-aarch64-unknown-linux-gnu.tar.xz",
    "depth-aarch64-unknown-linux-musl.tar.xz",
    "depth-x86_64-pc-windows-gnu.zip",
    "depth-x86_64-unknown-linux-gnu.tar.xz",
    "depth-x86_64-unknown-linux-musl.tar.xz",
];

const MANIFEST: &str = r#"targets = ["linux-gnu", "linux-musl", "macos", "x86_64-pc-windows-gnu"]
epoch = 1700000000

[target.x86_64-unknown-linux-gnu]
glibc = "2.17"

[target.aarch64-unknown-linux-gnu]
glibc = "2.17"

[archive.depth]
probe = [
    { name = "version", run = "depth --version", expect = "depth {version}" },
    { name = "squeeze", run = "depth squeeze", expect = "4096 bytes came back" },
    { name = "script", script = "depth --version >said; depth squeeze >>said; read -r line <said; echo \"said $line\"", expect = "said depth {version}" },
    { name = "status", run = "depth fail", setup = "echo prepared >note", expect = { status = 3 } },
]
"#;

/// A program with C in it: zstd, by its crate, through `cc`.
const PROGRAM: &str = r#"fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("--version") => println!("depth {}", env!("CARGO_PKG_VERSION")),
        Some("squeeze") => {
            let squeezed = zstd::encode_all([7_u8; 4096].as_slice(), 3).expect("squeezes");
            let back = zstd::decode_all(squeezed.as_slice()).expect("comes back");
            println!("{} bytes came back", back.len());
        }
        _ => std::process::exit(3),
    }
}
"#;

pub fn run(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let project = made(testbed, "depth", PROGRAM, "zstd = { version = \"=0.13.3\", default-features = false }\n", MANIFEST)?;
    let counter = Counter::new(testbed, "counter")?;
    let first = Rehearsal::of(counter.on(testbed.plimsoll(&testbed.store)), &project)?;
    let elsewhere = first.document["elsewhere"].as_object().cloned().unwrap_or_default();
    let foreign = elsewhere.iter().find(|(id, _)| !id.contains("darwin"));
    if let Some((id, reason)) = foreign {
        return Err(Trouble::NotRun(format!("{id}: {reason}")));
    }
    if first.said.code == Some(3) {
        return Err(Trouble::NotRun(format!("a tool is missing: {}", first.document["failures"])));
    }
    first.check(checks, "five of seven are proven here and fetched back, and the command succeeds", &FILES.map(str::to_owned));
    counted_or_kept(checks, &counter.take());
    let macos = elsewhere.values().filter(|reason| reason.as_str() == Some("needs a macOS runner")).count();
    checks.that("the two for macOS say who could", elsewhere.len() == 2 && macos == 2, || format!("{elsewhere:?}"));
    let mut strict = testbed.plimsoll(&testbed.store);
    let strict = testbed::run(strict.args(["rehearse", "--strict", "-q", "--root"]).arg(&project))?;
    checks.that("--strict counts them", strict.code == Some(1), || strict.all());
    let again = Rehearsal::of(counter.on(testbed.plimsoll(&testbed.store)), &project)?;
    let compiled = counter.take();
    checks.that("a second rehearsal starts no compiler", again.said.well() && compiled.is_empty(), || format!("{compiled:?}"));

    for artifact in first.document["release"]["artifacts"].as_array().into_iter().flatten() {
        let (target, proven) = (artifact["target"].as_str().unwrap_or_default(), artifact["proven"].to_string());
        let holds = match target {
            target if target.starts_with("aarch64") => proven.contains("qemu-aarch64") && proven.contains("sandbox"),
            target if target.contains("windows") => proven.contains("\"wine\"") && proven.contains("scrubbed"),
            _ => proven.contains("native") && proven.contains("sandbox"),
        };
        checks.that(&format!("{target}: it is told how it was proven"), holds, || proven);
    }
    let mut list = Command::new("python3");
    list.args(["-c", "import sys, zipfile; print(sorted(zipfile.ZipFile(sys.argv[1]).namelist()))"]);
    let listed = testbed::run(list.arg(project.join("dist/depth-x86_64-pc-windows-gnu.zip")))?;
    checks.that("the zip is flat, with .exe", listed.stdout.contains("'depth.exe'") && !listed.stdout.contains('/'), || listed.all());

    same_elsewhere(testbed, checks, &project)?;
    project::replace(
        &project.join("plimsoll.toml"),
        "[target.aarch64-unknown-linux-gnu]\n",
        "[target.aarch64-unknown-linux-gnu]\nnative = true\n",
    )?;
    let native = Rehearsal::kept(testbed, &project)?;
    let gap = native.document["elsewhere"]["archive.depth/aarch64-unknown-linux-gnu"].to_string();
    checks.that("native = true takes no emulator", native.said.well() && gap.contains("no emulator"), || native.all());
    let mut status = testbed.plimsoll(&testbed.store);
    let status = testbed::run(status.args(["status", "--root"]).arg(&project))?;
    println!("{}", status.stdout.trim_end());
    Ok(())
}

/// Another folder and an empty store: the same bytes of every format.
fn same_elsewhere(testbed: &Testbed, checks: &mut Checks, project: &Path) -> Result<(), Trouble> {
    let other = made(testbed, "other folder", PROGRAM, "zstd = { version = \"=0.13.3\", default-features = false }\n", MANIFEST)?;
    let store = testbed.private_store("store", true)?;
    let targets = ["aarch64-unknown-linux-musl", "aarch64-apple-darwin", "x86_64-pc-windows-gnu"];
    let elsewhere = golden::packed(testbed, &store, &other, &targets)?;
    let once = golden::packed(testbed, &testbed.store, project, &targets)?;
    let same = elsewhere.len() == targets.len() && elsewhere == once;
    checks.that("ELF, Mach-O and PE are the same bytes from another folder", same, || format!("{elsewhere:#?}\n{once:#?}"));
    Ok(())
}

/// The store is kept between runs: a build that was remembered has nothing to count.
fn counted_or_kept(checks: &mut Checks, compiled: &[String]) {
    if compiled.is_empty() {
        note("the builds were remembered from an earlier run");
    } else {
        counted(checks, compiled);
    }
}

/// A small program of one file.
fn made(testbed: &Testbed, folder: &str, program: &str, dependencies: &str, manifest: &str) -> Result<std::path::PathBuf, Trouble> {
    let project = testbed.folder(folder)?;
    // With debug information, as ripgrep has it: a linker for macOS then writes when each object was made.
    let profile = "[profile.release]\ndebug = 1\n";
    let cargo = format!(
        "[package]\nname = \"depth\"\nversion = \"0.4.0\"\nedition = \"2024\"\n\n[dependencies]\n{dependencies}\n{profile}\n[workspace]\n"
    );
    std::fs::create_dir_all(project.join("src")).map_err(Trouble::io(&project))?;
    project::write(&project.join("Cargo.toml"), &cargo)?;
    project::write(&project.join("src/main.rs"), program)?;
    project::write(&project.join("plimsoll.toml"), manifest)?;
    let said = testbed::run(Command::new("cargo").args(["generate-lockfile", "--quiet"]).current_dir(&project))?;
    if !said.well() {
        return Err(Trouble::NotRun(format!("crates.io does not answer: {}", said.stderr.lines().next().unwrap_or_default())));
    }
    Ok(project)
}
