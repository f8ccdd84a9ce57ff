//! The same bytes from two folders, two umasks, two time zones, two locales, `-j1` and `-j2`, and two stores: with a crate that compiles C,
//! an included file from `OUT_DIR`, and `env!("CARGO_MANIFEST_DIR")`.

use std::path::Path;
use std::process::Command;

use super::rehearsal::Rehearsal;
use super::testbed::{Testbed, expect_well};
use super::{Checks, Trouble, golden, note, project};

/// One way to build.
struct Way {
    folder: &'static str,
    umask: &'static str,
    zone: &'static str,
    locale: &'static str,
    jobs: &'static str,
}

const WAYS: [Way; 2] = [
    Way { folder: "one", umask: "022", zone: "UTC", locale: "C", jobs: "-j1" },
    Way { folder: "a much longer folder/with another one", umask: "077", zone: "Asia/Kathmandu", locale: "C.UTF-8", jobs: "-j2" },
];

pub fn run(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let mut results = Vec::new();
    for way in &WAYS {
        let project = testbed.path(way.folder).join("speaks-c");
        project::copy_tree(&testbed.root.join("fixtures/speaks-c"), &project)?;
        let store = testbed.private_store(&format!("store-{}", way.jobs), true)?;
        let rehearsal = Rehearsal::of(call(testbed, way, &store), &project)?.tried()?;
        let files = rehearsal.artifacts().into_keys().collect::<Vec<_>>();
        checks.that(
            &format!("built with umask {}, {}, {}", way.umask, way.zone, way.jobs),
            rehearsal.said.well() && files.len() == 4,
            || rehearsal.all(),
        );
        results.push(rehearsal.artifacts());
    }
    let (first, second) = (&results[0], &results[1]);
    for (file, digest) in first {
        let other = second.get(file);
        checks.that(&format!("{file} is the same"), other == Some(digest), || format!("{digest}\n{other:?}"));
    }
    note(&format!("{} files compared", first.len()));
    golden::compare(checks, "reproducible", first)?;
    let plain = WAYS.iter().map(|way| plain(testbed, way)).collect::<Result<Vec<_>, _>>()?;
    checks.that("cargo alone gives other bytes, prefixes remapped or not: the fixture can tell", plain[0] != plain[1], || {
        "the program does not depend on its folder, so this test shows nothing".to_owned()
    });
    Ok(())
}

/// The program as cargo alone builds it there, with remapped prefixes: what the finding (a) of ARCHITECTURE.md is about.
fn plain(testbed: &Testbed, way: &Way) -> Result<Vec<u8>, Trouble> {
    let project = testbed.path(way.folder).join("speaks-c");
    let target = project.with_file_name("plain-target");
    let flags = [(&project, "src"), (&target, "target")].map(|(path, name)| format!("--remap-path-prefix={}=/{name}", path.display()));
    let mut build = Command::new("cargo");
    build.args(["build", "--release", "--locked", "--quiet"]).current_dir(&project).env("CARGO_TARGET_DIR", &target);
    expect_well(build.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}")).env_remove("RUSTFLAGS"))?;
    let program = target.join("release/speaks-c");
    std::fs::read(&program).map_err(Trouble::io(&program))
}

/// The call under another umask.
fn call(testbed: &Testbed, way: &Way, store: &Path) -> Command {
    let plain = testbed.plimsoll(store);
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(format!("umask {}; exec \"$0\" \"$@\"", way.umask)).arg(plain.get_program()).arg(way.jobs);
    command.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.env_remove("SOURCE_DATE_EPOCH").env_remove("RUSTC_WRAPPER").env("TZ", way.zone).env("LC_ALL", way.locale);
    command
}
