//! Emulators that are too old, the real ones of Debian 12: what they cannot run is blamed on their age, and is a gap; what a new one cannot run
//! is a failure.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;

use test_needs::Need;

use super::foreign::{ARM, HOST, WINDOWS, buoy};
use super::rehearsal::Rehearsal;
use super::testbed::{self, Testbed, program};
use super::{Checks, Trouble, note};

/// Where plimsoll takes emulators from, and where old ones are.
const NEW_SUITE: &str = "trixie";
const OLD_SUITE: &str = "bookworm";

const ABORT: &str = "[archive.buoy]\nprobe = { name = \"abort\", run = \"buoy abort\" }\n";

pub fn run(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let mirror = mirror()?;
    let store = testbed.store_without_emulators("old store")?;
    let qemu = old_qemu(testbed, &mirror)?;
    let path = testbed::path_with(qemu)?;
    let old_mirror = serve(&mirror)?;
    let rehearsed = |name: &str, targets: &[&str], rest: &str| {
        let mut command = testbed.plimsoll(&store);
        command.env("PLIMSOLL_DEBIAN_MIRROR", &old_mirror).env("PATH", &path);
        Rehearsal::of(command, &buoy(testbed, name, targets, rest)?)
    };

    let aborts = rehearsed("aborts", &[ARM], ABORT)?;
    aborts.answered()?;
    let reason = aborts.document["elsewhere"][format!("archive.buoy/{ARM}")].as_str().unwrap_or_default().to_owned();
    note(&reason);
    let told = reason.starts_with("qemu-aarch64 7.") && reason.contains("too old to be believed: use qemu-aarch64 10.0 or later");
    checks.that("a program that an old qemu ends is a gap, with qemu's age", told, || aborts.all());
    let failures = |rehearsal: &Rehearsal| rehearsal.document["failures"].as_array().map_or(0, Vec::len);
    checks.that("and no failure of the program's", failures(&aborts) == 0, || aborts.all());
    let runs = rehearsed("runs", &[ARM], "[archive.buoy]\n")?;
    let proven = runs.document["release"]["artifacts"][0]["proven"].to_string();
    checks.that("what an old qemu runs is proven, and says by which", runs.fetched_back() == 1 && proven.contains("\"7."), || runs.all());

    let windows = rehearsed("windows", &[HOST, WINDOWS], "[archive.buoy]\n")?;
    windows.answered()?;
    let reason = windows.document["elsewhere"][format!("archive.buoy/{WINDOWS}")].as_str().unwrap_or_default().to_owned();
    note(&reason);
    let told = reason.starts_with("wine 8.0 is too old for programs of Rust 1.78 and later");
    checks.that("a program of today's Rust under wine 8.0 is a gap, with wine's age", told, || windows.all());
    checks.that("and the release stands without it", windows.said.well() && windows.fetched_back() == 1, || windows.all());

    let believed = Rehearsal::kept(testbed, &buoy(testbed, "believed", &[ARM], ABORT)?)?;
    believed.answered()?;
    let gaps = believed.document["elsewhere"].as_object().map_or(0, serde_json::Map::len);
    let failed = believed.said.code == Some(1) && failures(&believed) == 1 && gaps == 0;
    checks.that("a new qemu is believed: the same program fails", failed, || believed.all());
    Ok(())
}

/// The mirror of Debian that this machine uses.
fn mirror() -> Result<String, Trouble> {
    if let Some(told) = std::env::var("PLIMSOLL_DEBIAN_MIRROR").ok().filter(|told| !told.is_empty()) {
        return Ok(told.trim_end_matches('/').to_owned());
    }
    let mut ask = Command::new(program("apt-get")?);
    ask.args(["indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Origin: Debian", "Label: Debian"]);
    let said = testbed::run(&mut ask)?;
    let first = said.stdout.lines().next().map(|line| line.trim_end_matches('/').to_owned());
    first.ok_or_else(|| Trouble::Lacking(Need::Apt, "apt knows no mirror of Debian: apt-get update".to_owned()))
}

/// A folder for PATH with the static qemu of Debian 12.
fn old_qemu(testbed: &Testbed, mirror: &str) -> Result<PathBuf, Trouble> {
    let root = testbed.path("old qemu");
    let mut make = Command::new(program("mmdebstrap")?);
    make.args(["--quiet", "--variant=extract", "--mode=auto", "--include=qemu-user-static", OLD_SUITE]).arg(&root).arg(mirror);
    let said = testbed::run(&mut make)?;
    let bin = root.join("usr/bin");
    if said.well() && bin.join("qemu-aarch64-static").is_file() {
        // Alone: a whole usr/bin of another system would shadow this machine's programs.
        let alone = testbed.folder("old qemu alone")?;
        let from = bin.join("qemu-aarch64-static");
        std::fs::copy(&from, alone.join("qemu-aarch64-static")).map_err(Trouble::io(&from))?;
        Ok(alone)
    } else {
        Err(Trouble::NotRun(format!("Debian 12's qemu cannot be had: {}", said.all())))
    }
}

/// A mirror on loopback that has the old suite under the new one's name: it sends apt on to where the files are. It ends with the test.
fn serve(mirror: &str) -> Result<String, Trouble> {
    let broken = |error: std::io::Error| Trouble::Broken(format!("a mirror on loopback: {error}"));
    let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(broken)?;
    let address = listener.local_addr().map_err(broken)?;
    let mirror = mirror.to_owned();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            // A client that goes away asks again.
            let _ = redirect(client, &mirror);
        }
    });
    Ok(format!("http://{address}"))
}

fn redirect(mut client: TcpStream, mirror: &str) -> std::io::Result<()> {
    let mut head = BufReader::new(client.try_clone()?).lines();
    let first = head.next().transpose()?.unwrap_or_default();
    for line in head {
        if line?.is_empty() {
            break;
        }
    }
    let path = first.split(' ').nth(1).unwrap_or("/").replace(&format!("/dists/{NEW_SUITE}/"), &format!("/dists/{OLD_SUITE}/"));
    write!(client, "HTTP/1.1 302 Found\r\nLocation: {mirror}{path}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
}
