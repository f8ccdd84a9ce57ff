//! Programs of other machines under qemu and wine, and what goes wrong there: every fault must be told by its cause, and none may hang.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::bench::{self, Bench, needs};
use super::platforms_ripgrep::answered;
use super::rehearsal::Rehearsal;
use super::{Checks, Trouble, project};

const ARM: &str = "aarch64-unknown-linux-gnu";
const ARM_MUSL: &str = "aarch64-unknown-linux-musl";
const HOST: &str = "x86_64-unknown-linux-gnu";
const WINDOWS: &str = "x86_64-pc-windows-gnu";
const MAC: &str = "aarch64-apple-darwin";

/// A copy of the program `buoy` with a manifest of its own.
fn buoy(bench: &Bench, name: &str, targets: &[&str], rest: &str) -> Result<PathBuf, Trouble> {
    let project = bench.path(name);
    project::copy_tree(&bench.root.join("fixtures/buoy"), &project)?;
    let list = targets.iter().map(|target| format!("\"{target}\"")).collect::<Vec<_>>().join(", ");
    project::write(&project.join("plimsoll.toml"), &format!("targets = [{list}]\nepoch = 1700000000\n\n{rest}"))?;
    Ok(project)
}

fn able() -> Result<(), Trouble> {
    needs("bwrap")?;
    needs("mmdebstrap")?;
    if project::host() == HOST { Ok(()) } else { Err(Trouble::NotRun(format!("its fixtures are written for {HOST}"))) }
}

fn rehearsed(bench: &Bench, name: &str, targets: &[&str], rest: &str) -> Result<Rehearsal, Trouble> {
    let rehearsal = Rehearsal::kept(bench, &buoy(bench, name, targets, rest)?)?;
    answered(&rehearsal)?;
    Ok(rehearsal)
}

const SCRIPT: &str = "[archive.buoy]\nprobe = { name = \"script\", setup = \"echo set >mark\", \
    script = \"read word <mark; test $word = set; buoy --version\", expect = \"buoy {version} at 6.5\" }\n";

/// Clean places of other machines, and scripts in them.
pub fn roots(bench: &Bench, checks: &mut Checks) -> Result<(), Trouble> {
    able()?;
    let scripts = rehearsed(bench, "scripts", &[ARM, ARM_MUSL, WINDOWS], SCRIPT)?;
    checks.that("setup and script under qemu and wine", scripts.said.well() && scripts.landed() == 3, || scripts.all());

    let dynamic = "[core.buoy]\nrustflags = [\"-Ctarget-feature=-crt-static\", \"-Clink-arg=-dynamic\"]\n\n[archive.buoy]\n";
    let musl = rehearsed(bench, "dynamic musl", &[ARM_MUSL], dynamic)?;
    let artifact = &musl.document["release"]["artifacts"][0];
    let measured = &artifact["measured"];
    let holds = musl.landed() == 1 && measured["linkage"] == "dynamic" && measured["needed"][0] == "libc.so";
    checks.that("a dynamic program of musl on aarch64", holds, || musl.all());

    let debian = format!(
        "[target.{ARM}]\nroots = [\"debian:12\"]\n\n[archive.buoy]\nprobe = {{ name = \"script\", \
         setup = \"cp /etc/debian_version mark\", script = \"uname -m; grep '^12' mark; buoy --version\", expect = \"aarch64\" }}\n"
    );
    let debian = rehearsed(bench, "debian", &[ARM], &debian)?;
    let proven = debian.document["release"]["artifacts"][0]["proven"].to_string();
    checks.that("a script with programs of debian:12 on aarch64", debian.landed() == 1 && proven.contains("2.36"), || debian.all());

    let native = format!("[target.{ARM}]\nnative = true\n\n[target.{WINDOWS}]\nnative = true\n\n[archive.buoy]\n");
    let native = Rehearsal::kept(bench, &buoy(bench, "native", &[HOST, ARM, WINDOWS], &native)?)?;
    let elsewhere = native.document["elsewhere"].to_string();
    checks.that(
        "where only real machines count, others are gaps",
        native.said.well() && native.landed() == 1 && elsewhere.matches("native = true").count() == 2,
        || native.all(),
    );
    Ok(())
}

/// What goes wrong, told by its cause.
pub fn faults(bench: &Bench, checks: &mut Checks) -> Result<(), Trouble> {
    able()?;
    let missing = "[core.buoy]\nfeatures = [\"missing\"]\n\n[archive.buoy]\n";
    let project = buoy(bench, "missing", &[HOST, ARM, WINDOWS, MAC], missing)?;
    let refused = Rehearsal::kept(bench, &project)?;
    answered(&refused)?;
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

    let hang = "[archive.buoy]\nprobe = { name = \"hang\", run = \"buoy hang-MARK\", timeout = \"4s\" }\n";
    let marked = hang.replace("MARK", &format!("late-{}", std::process::id()));
    let late = rehearsed(bench, "late", &[ARM, WINDOWS], &marked)?;
    let told = late.document["failures"].to_string().matches("did not end within 4 s").count();
    checks.that("a probe that hangs under qemu and wine is ended", late.said.code == Some(1) && told == 2, || late.all());
    checks.that("and no process of it is left", running("hang-late").is_empty(), || running("hang-late").join("\n"));

    let endless = hang.replace("4s", "300s").replace("MARK", &format!("cut-{}", std::process::id()));
    for target in [ARM, WINDOWS] {
        let project = buoy(bench, &format!("cut {target}"), &[target], &endless)?;
        interrupted(bench, checks, &project, target)?;
    }
    offline(bench, checks)
}

/// Ctrl-C while a probe runs under an emulator.
fn interrupted(bench: &Bench, checks: &mut Checks, project: &Path, target: &str) -> Result<(), Trouble> {
    let mark = format!("hang-cut-{}", std::process::id());
    let mut command = bench.plimsoll(&bench.store);
    command.args(["rehearse", "--root"]).arg(project).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(|error| bench::missing(&command, &error))?;
    let began = Instant::now();
    while running(&mark).is_empty() && began.elapsed() < Duration::from_secs(240) {
        std::thread::sleep(Duration::from_millis(200));
    }
    // Long enough for wine to have started all of its own.
    std::thread::sleep(Duration::from_secs(2));
    let seen = !running(&mark).is_empty();
    bench::expect_well(Command::new("/bin/kill").arg("-INT").arg(child.id().to_string()))?;
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
fn offline(bench: &Bench, checks: &mut Checks) -> Result<(), Trouble> {
    let store = bench.private_store("offline", true)?;
    let project = buoy(bench, "offline project", &[HOST, ARM, WINDOWS], "[archive.buoy]\n")?;
    let mut command = bench.plimsoll(&store);
    command.env("PLIMSOLL_DEBIAN_MIRROR", "http://127.0.0.1:9/debian");
    let rehearsal = Rehearsal::of(command, &project)?;
    let elsewhere = &rehearsal.document["elsewhere"];
    let reason = |target: &str| elsewhere[format!("archive.buoy/{target}")].as_str().unwrap_or_default().to_owned();
    let holds = rehearsal.said.well() && rehearsal.landed() == 1;
    checks.that("without a mirror the release stands, and foreign targets are gaps", holds, || rehearsal.all());
    checks.that(
        "with who could prove them",
        reason(ARM).contains("needs Linux on aarch64") && reason(WINDOWS).contains("needs a Windows runner"),
        || elsewhere.to_string(),
    );
    Ok(())
}

/// Code for a greater processor than a target's users need have.
pub fn levels(bench: &Bench, checks: &mut Checks) -> Result<(), Trouble> {
    able()?;
    let core = |line: &str| format!("[core.buoy]\n{line}\n\n[archive.buoy]\n");
    let undeclared = buoy(bench, "undeclared", &[HOST], &core("rustflags = [\"-Ctarget-cpu=x86-64-v3\"]"))?;
    let refused = Rehearsal::kept(bench, &undeclared)?;
    answered(&refused)?;
    let failures = refused.document["failures"].to_string();
    for word in ["SIGILL", "a plain x86-64 processor", "core.buoy.cpu"] {
        checks
            .that(&format!("undeclared x86-64-v3: says {word}"), refused.said.code == Some(1) && failures.contains(word), || refused.all());
    }
    let declared = rehearsed(bench, "declared", &[HOST], &core("cpu = \"x86-64-v3\""))?;
    checks.that("declared, it passes on just that level", declared.said.well() && declared.landed() == 1, || declared.all());
    let fourth = Rehearsal::kept(bench, &buoy(bench, "fourth", &[HOST], &core("cpu = \"x86-64-v4\""))?)?;
    let reason = fourth.document["elsewhere"].to_string();
    checks.that("x86-64-v4 is a gap, with its reason", reason.contains("qemu has no processor of level x86-64-v4"), || fourth.all());
    Ok(())
}
