//! Programs of other machines under qemu and wine, and what goes wrong there: every fault must be told by its cause, and none may hang.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::rehearsal::Rehearsal;
use super::testbed::{self, Testbed, program};
use super::{Checks, Trouble, project};

pub const ARM: &str = "aarch64-unknown-linux-gnu";
const ARM_MUSL: &str = "aarch64-unknown-linux-musl";
pub const HOST: &str = "x86_64-unknown-linux-gnu";
pub const WINDOWS: &str = "x86_64-pc-windows-gnu";
const MAC: &str = "aarch64-apple-darwin";

/// A copy of the program `buoy` with a manifest of its own.
pub fn buoy(testbed: &Testbed, name: &str, targets: &[&str], rest: &str) -> Result<PathBuf, Trouble> {
    let project = testbed.path(name);
    project::copy_tree(&testbed.root.join("fixtures/buoy"), &project)?;
    let list = targets.iter().map(|target| format!("\"{target}\"")).collect::<Vec<_>>().join(", ");
    project::write(&project.join("plimsoll.toml"), &format!("targets = [{list}]\nepoch = 1700000000\n\n{rest}"))?;
    Ok(project)
}

fn rehearsed(testbed: &Testbed, name: &str, targets: &[&str], rest: &str) -> Result<Rehearsal, Trouble> {
    let rehearsal = Rehearsal::kept(testbed, &buoy(testbed, name, targets, rest)?)?;
    rehearsal.answered()?;
    Ok(rehearsal)
}

const SCRIPT: &str = "[archive.buoy]\nprobe = { name = \"script\", setup = \"echo set >mark\", \
    script = \"read word <mark; test $word = set; buoy --version\", expect = \"buoy {version} at 6.5\" }\n";

/// Clean places of other machines, and scripts in them.
pub fn roots(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let scripts = rehearsed(testbed, "scripts", &[ARM, ARM_MUSL, WINDOWS], SCRIPT)?;
    checks.that("setup and script under qemu and wine", scripts.said.well() && scripts.fetched_back() == 3, || scripts.all());
    let libc = |rehearsal: &Rehearsal, target: &str| {
        let artifact = rehearsal.artifact(target);
        if artifact.is_null() { String::new() } else { artifact["proven"][0]["libc"].as_str().unwrap_or("none").to_owned() }
    };
    let told = (libc(&scripts, ARM), libc(&scripts, ARM_MUSL));
    checks.that(
        "evidence names glibc for what loads it, and no library for a static program",
        told.0.starts_with("glibc 2.") && told.1 == "none",
        || format!("{told:?}"),
    );

    let dynamic = "[core.buoy]\nrustflags = [\"-Ctarget-feature=-crt-static\", \"-Clink-arg=-dynamic\"]\n\n[archive.buoy]\n";
    let musl = rehearsed(testbed, "dynamic musl", &[ARM_MUSL], dynamic)?;
    let artifact = &musl.document["release"]["artifacts"][0];
    let measured = &artifact["measured"];
    let holds = musl.fetched_back() == 1 && measured["linkage"] == "dynamic" && measured["needed"][0] == "libc.so";
    checks.that("a dynamic program of musl on aarch64", holds, || musl.all());
    let told = libc(&musl, ARM_MUSL);
    checks.that("whose evidence names musl with its version", told.starts_with("musl 1."), || told);

    let debian = format!(
        "[target.{ARM}]\nroots = [\"debian:12\"]\n\n[archive.buoy]\nprobe = {{ name = \"script\", \
         setup = \"cp /etc/debian_version mark\", script = \"uname -m; grep '^12' mark; buoy --version\", expect = \"aarch64\" }}\n"
    );
    let debian = rehearsed(testbed, "debian", &[ARM], &debian)?;
    let proven = debian.document["release"]["artifacts"][0]["proven"].to_string();
    checks.that("a script with programs of debian:12 on aarch64", debian.fetched_back() == 1 && proven.contains("2.36"), || debian.all());

    let native = format!("[target.{ARM}]\nnative = true\n\n[target.{WINDOWS}]\nnative = true\n\n[archive.buoy]\n");
    let native = Rehearsal::kept(testbed, &buoy(testbed, "native", &[HOST, ARM, WINDOWS], &native)?)?;
    let elsewhere = native.document["elsewhere"].to_string();
    checks.that(
        "where only real machines count, others are gaps",
        native.said.well() && native.fetched_back() == 1 && elsewhere.matches("native = true").count() == 2,
        || native.all(),
    );
    at_once(testbed, checks)
}

/// Two rehearsals in a store without emulators: one of them makes each root, and the other waits for it.
fn at_once(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let store = testbed.store_without_emulators("at once")?;
    let (folder, list) = (testbed.folder("counted")?, testbed.path("mmdebstrap-calls"));
    let real = program("mmdebstrap")?;
    // Asking for its version makes nothing.
    let script =
        format!("#!/bin/sh\ncase $1 in --version) ;; *) echo \"$*\" >>'{}' ;; esac\nexec '{}' \"$@\"\n", list.display(), real.display());
    let wrapper = folder.join("mmdebstrap");
    project::write(&wrapper, &script)?;
    testbed::expect_well(Command::new("/bin/chmod").arg("+x").arg(&wrapper))?;
    let path = testbed::path_with(folder)?;
    let start = |name: &str| -> Result<Rehearsal, Trouble> {
        let mut command = testbed.plimsoll(&store);
        command.env("PATH", &path);
        Rehearsal::of(command, &buoy(testbed, name, &[ARM], "[archive.buoy]\n")?)
    };
    let (one, other) = std::thread::scope(|scope| {
        let one = scope.spawn(|| start("one at once"));
        let other = start("other at once");
        (one.join(), other)
    });
    let one = one.map_err(|_| Trouble::Broken("a thread of the test's own died".to_owned()))?;
    let (one, other) = (one?, other?);
    for rehearsal in [&one, &other] {
        rehearsal.answered()?;
    }
    let well = |rehearsal: &Rehearsal| rehearsal.said.well() && rehearsal.fetched_back() == 1;
    checks
        .that("two rehearsals that both need an emulator's root", well(&one) && well(&other), || format!("{}\n{}", one.all(), other.all()));
    let calls = std::fs::read_to_string(&list).unwrap_or_default();
    checks.that("make each root once: the libraries and qemu", calls.lines().count() == 2, || calls);
    Ok(())
}

/// What goes wrong, told by its cause.
pub fn faults(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let missing = "[core.buoy]\nfeatures = [\"missing\"]\n\n[archive.buoy]\n";
    let project = buoy(testbed, "missing", &[HOST, ARM, WINDOWS, MAC], missing)?;
    let refused = Rehearsal::kept(testbed, &project)?;
    refused.answered()?;
    let names = [
        (HOST, "libplimsollmissing.so.1"),
        (ARM, "libplimsollmissing.so.1"),
        (WINDOWS, "plimsollmissing.dll"),
        (MAC, "/opt/lib/libplimsollmissing.dylib"),
    ];
    for (target, library) in names {
        let failures = refused.document["failures"].as_array().into_iter().flatten().map(ToString::to_string);
        let mine = failures.filter(|failure| failure.contains(target)).collect::<String>();
        checks.that(&format!("{target}: the missing {library} is named"), mine.contains(library), || refused.all());
    }
    checks.that("and nothing is sealed", refused.said.code == Some(1) && !project.join("dist").exists(), || refused.all());

    lent(testbed, checks)?;

    let hang = "[archive.buoy]\nprobe = { name = \"hang\", run = \"buoy hang-MARK\", timeout = \"4s\" }\n";
    let marked = hang.replace("MARK", &format!("late-{}", std::process::id()));
    let late = rehearsed(testbed, "late", &[ARM, WINDOWS], &marked)?;
    let told = late.document["failures"].to_string().matches("did not end within 4 s").count();
    checks.that("a probe that hangs under qemu and wine is ended", late.said.code == Some(1) && told == 2, || late.all());
    checks.that("and no process of it is left", running("hang-late").is_empty(), || running("hang-late").join("\n"));

    let endless = hang.replace("4s", "300s").replace("MARK", &format!("cut-{}", std::process::id()));
    for target in [ARM, WINDOWS] {
        let project = buoy(testbed, &format!("cut {target}"), &[target], &endless)?;
        interrupted(testbed, checks, &project, target)?;
    }
    offline(testbed, checks)
}

/// Libraries that gates allow, because users have them, and the clean place has not: the loader's own words name them.
fn lent(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let core = "[core.buoy]\nfeatures = [\"lent\"]\n";
    let dynamic = "rustflags = [\"-Ctarget-feature=-crt-static\", \"-Clink-arg=-dynamic\"]\n";
    let all = buoy(testbed, "lent", &[HOST, ARM, WINDOWS], &format!("{core}\n[archive.buoy]\n"))?;
    let musl = buoy(testbed, "lent musl", &[ARM_MUSL], &format!("{core}{dynamic}\n[archive.buoy]\n"))?;
    let (all, musl) = (Rehearsal::kept(testbed, &all)?, Rehearsal::kept(testbed, &musl)?);
    for rehearsal in [&all, &musl] {
        rehearsal.answered()?;
    }
    let glibc = ("needs libz.so.1, which the root sandbox does not have", "error while loading shared libraries: libz.so.1");
    let wine = ("needs cryptbase.dll, which wine 10", "err:module:import_dll Library cryptbase.dll");
    let of_musl = (glibc.0, "Error loading shared library libz.so.1");
    for (rehearsal, target, (message, said)) in [(&all, HOST, glibc), (&all, ARM, glibc), (&all, WINDOWS, wine), (&musl, ARM_MUSL, of_musl)]
    {
        let failures = rehearsal.document["failures"].as_array().into_iter().flatten();
        let mine = failures.into_iter().find(|failure| failure["subject"].as_str().is_some_and(|subject| subject.contains(target)));
        let mine = mine.cloned().unwrap_or_default();
        let holds = mine["message"].as_str().is_some_and(|text| text.starts_with(message)) && mine["causes"].to_string().contains(said);
        checks.that(&format!("{target}: a library that its loader misses is the failure's message"), holds, || rehearsal.all());
    }
    Ok(())
}

/// Ctrl-C while a probe runs under an emulator.
fn interrupted(testbed: &Testbed, checks: &mut Checks, project: &Path, target: &str) -> Result<(), Trouble> {
    let mark = format!("hang-cut-{}", std::process::id());
    let mut command = testbed.plimsoll(&testbed.store);
    command.args(["rehearse", "--root"]).arg(project).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(|error| testbed::missing(&command, &error))?;
    let began = Instant::now();
    while running(&mark).is_empty() && began.elapsed() < Duration::from_secs(240) {
        std::thread::sleep(Duration::from_millis(200));
    }
    // Long enough for wine to have started all of its own.
    std::thread::sleep(Duration::from_secs(2));
    let seen = !running(&mark).is_empty();
    testbed::expect_well(Command::new("/bin/kill").arg("-INT").arg(child.id().to_string()))?;
    let status = child.wait().map_err(Trouble::io(project))?;
    let left = running(&mark);
    checks.that(&format!("{target}: Ctrl-C ends the probe, with 130"), seen && status.code() == Some(130), || format!("{seen} {status}"));
    checks.that(&format!("{target}: and leaves no process"), left.is_empty(), || left.join("\n"));
    Ok(())
}

/// Command lines of processes that hold `mark`.
fn running(mark: &str) -> Vec<String> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let lines = entries.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
    lines.map(|line| String::from_utf8_lossy(&line).replace('\0', " ")).filter(|line| line.contains(mark)).collect()
}

/// Without a mirror what needs emulators is a gap with the reason, and the rest of the release stands.
fn offline(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let store = testbed.store_without_emulators("offline")?;
    let project = buoy(testbed, "offline project", &[HOST, ARM, WINDOWS], "[archive.buoy]\n")?;
    let mut command = testbed.plimsoll(&store);
    command.env("PLIMSOLL_DEBIAN_MIRROR", "http://127.0.0.1:9/debian");
    let rehearsal = Rehearsal::of(command, &project)?;
    let elsewhere = &rehearsal.document["elsewhere"];
    let reason = |target: &str| elsewhere[format!("archive.buoy/{target}")].as_str().unwrap_or_default().to_owned();
    let holds = rehearsal.said.well() && rehearsal.fetched_back() == 1;
    checks.that("without a mirror the release stands, and foreign targets are gaps", holds, || rehearsal.all());
    checks.that(
        "with who could prove them",
        reason(ARM).contains("needs Linux on aarch64") && reason(WINDOWS).contains("needs a Windows runner"),
        || elsewhere.to_string(),
    );
    Ok(())
}

/// A project that make builds, for every target from this machine.
pub fn commands(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let project = project::fixture(testbed, "tender")?;
    let built = Rehearsal::kept(testbed, &project)?;
    built.answered()?;
    checks.that("make builds for four targets, and all are proven here", built.said.well() && built.fetched_back() == 4, || built.all());
    for (target, emulator) in [(ARM, "qemu-aarch64"), (ARM_MUSL, "qemu-aarch64"), (WINDOWS, "\"wine\"")] {
        let artifact = built.artifact(target);
        checks.that(&format!("{target}: under {emulator}"), artifact["proven"].to_string().contains(emulator), || artifact.to_string());
    }
    let reason = built.document["elsewhere"][format!("archive.tender/{MAC}")].to_string();
    checks.that("exit status 77 is a gap, with the command's reason", reason.contains("needs the SDK of Apple"), || built.all());
    // A command that does not look for which target it is called.
    project::replace(&project.join("plimsoll.toml"), "make -s", "make -s CC=cc")?;
    let careless = Rehearsal::kept(testbed, &project)?;
    let failures = careless.document["failures"].to_string();
    let holds = careless.said.code == Some(1) && failures.contains("wrong-machine") && failures.contains("wrong-format");
    checks.that("what a careless command makes for another machine is refused by the gates", holds, || careless.all());
    Ok(())
}
