//! What the store survives: two processes at once, a flipped bit, `kill -9` at any point, a full disk.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use super::rehearsal::{Counter, Rehearsal};
use super::testbed::{self, Testbed, missing};
use super::{Checks, Trouble, project};

/// A variable that marks every descendant of a test's process.
const MARK: &str = "PLIMSOLL_COUNT";

/// Milliseconds after which a run is killed: close together where much happens at once, and up to the end of a cold run.
const MOMENTS: [u64; 12] = [20, 60, 120, 250, 400, 700, 1100, 1700, 2600, 4000, 6000, 9000];

/// Several times, each with a store of its own: what two processes do to each other depends on the moment.
pub fn two_processes(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    for round in 1..=4 {
        let store = testbed.private_store(&format!("store-{round}"), false)?;
        let project = project::native_example(testbed, &format!("project-{round}"))?;
        let counter = Counter::new(testbed, &format!("counter-{round}"))?;
        let start = || {
            let mut command = counter.on(testbed.plimsoll(&store));
            command.args(["--json", "rehearse", "--root"]).arg(&project).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
            command.spawn().map_err(|error| missing(&command, &error))
        };
        let ended = [start()?, start()?].map(Child::wait_with_output);
        for (number, output) in ended.into_iter().enumerate() {
            let output = output.map_err(Trouble::io(&testbed.plimsoll))?;
            let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            checks.that(&format!("round {round}: process {} ends well", number + 1), output.status.success(), || said);
        }
        let compiled = counter.take().into_iter().filter(|name| name == "fathom").count();
        checks.that(&format!("round {round}: the program is compiled once"), compiled == 1, || format!("{compiled} times"));
        verified(testbed, checks, &store, &project, &format!("round {round}: what they left verifies"))?;
    }
    Ok(())
}

/// A flipped bit in each file of the store in turn, then in all of them. What is used is found damaged, said so, and made anew: at once, or
/// by the next run.
pub fn flipped_blob(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let store = testbed.private_store("store", false)?;
    let project = project::native_example(testbed, "project")?;
    let first = Rehearsal::of(testbed.plimsoll(&store), &project)?.tried()?;
    checks.that("the first rehearsal ends well", first.said.well() && first.fetched_back() == 1, || first.all());
    let mut files = project::files(&store.join("v1/blobs"))?;
    files.extend(project::files(&store.join("v1/actions"))?);
    files.retain(|path| fs::metadata(path).is_ok_and(|metadata| metadata.len() > 0));
    checks.that("there is something to flip", files.len() >= 4, || format!("{files:?}"));
    for path in &files {
        // Without dist/ the bytes must come from the store.
        fs::remove_dir_all(project.join("dist")).map_err(Trouble::io(&project))?;
        let size = fs::metadata(path).map_err(Trouble::io(path))?.len();
        project::flip(path, usize::try_from(size / 2).unwrap_or(0))?;
        let name = path.strip_prefix(&store).unwrap_or(path).display().to_string();
        healed(testbed, checks, &format!("a flipped bit in {name}"), (&store, &project), &first, 2)?;
    }
    for path in &files {
        project::flip(path, 0)?;
    }
    fs::remove_dir_all(project.join("dist")).map_err(Trouble::io(&project))?;
    healed(testbed, checks, "a flipped bit in every file", (&store, &project), &first, files.len())?;
    verified(testbed, checks, &store, &project, "and what is there verifies")
}

/// Rehearses until it ends well: each run that does not must say that something was damaged.
fn healed(
    testbed: &Testbed,
    checks: &mut Checks,
    name: &str,
    (store, project): (&Path, &Path),
    first: &Rehearsal,
    runs: usize,
) -> Result<(), Trouble> {
    for run in 1..=runs {
        let again = Rehearsal::of(testbed.plimsoll(store), project)?;
        if again.said.well() {
            checks.that(&format!("{name}: made anew by run {run}, the same bytes"), again.artifacts() == first.artifacts(), || again.all());
            return Ok(());
        }
        let told = again.document["failures"].to_string().contains("damaged");
        if !told || run == runs {
            checks.that(&format!("{name}: found and made anew"), false, || again.all());
            return Ok(());
        }
    }
    Ok(())
}

pub fn killed(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let reference = Rehearsal::kept(testbed, &project::native_example(testbed, "reference")?)?.tried()?;
    checks.that("a run in peace ends well", reference.said.well() && reference.fetched_back() == 1, || reference.all());
    let store = testbed.private_store("store", false)?;
    let project = project::native_example(testbed, "project")?;
    let mark = testbed.path("mark-of-this-test");
    let mut killed = 0;
    for moment in MOMENTS {
        let mut command = testbed.plimsoll(&store);
        command.args(["rehearse", "--root"]).arg(&project).env(MARK, &mark).process_group(0);
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().map_err(|error| missing(&command, &error))?;
        sleep(Duration::from_millis(moment));
        if child.try_wait().map_err(Trouble::io(&testbed.plimsoll))?.is_some() {
            break;
        }
        // SIGKILL to the one process only: what it started must go by itself.
        child.kill().and_then(|()| child.wait()).map_err(Trouble::io(&testbed.plimsoll))?;
        killed += 1;
        let strays = strays(&mark.to_string_lossy());
        checks.that(&format!("killed after {moment} ms: no stray process"), strays.is_empty(), || format!("{strays:?}"));
        if project.join("dist").exists() {
            verified(testbed, checks, &store, &project, &format!("killed after {moment} ms: dist/ is whole"))?;
        }
    }
    checks.that("it was killed several times", killed >= 4, || format!("{killed} times"));
    let last = Rehearsal::of(testbed.plimsoll(&store), &project)?;
    checks.that("the next run ends well", last.said.well() && last.fetched_back() == 1, || last.all());
    checks.that("with the bytes of a run in peace", last.artifacts() == reference.artifacts(), || {
        format!("{:?}\n{:?}", reference.artifacts(), last.artifacts())
    });
    let left =
        fs::read_dir(&project).map_err(Trouble::io(&project))?.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let left = left.filter(|name| name.starts_with(".plimsoll")).collect::<Vec<_>>();
    checks.that("and leaves nothing beside dist/", left.is_empty(), || format!("{left:?}"));
    verified(testbed, checks, &store, &project, "and verifies")
}

/// Processes that carry the mark, after a grace for those that are ending.
fn strays(mark: &str) -> BTreeMap<String, String> {
    let marked = format!("{MARK}={mark}");
    let look = || {
        let mut found = BTreeMap::new();
        for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
            let environment = fs::read(entry.path().join("environ")).unwrap_or_default();
            if environment.split(|byte| *byte == 0).any(|variable| variable == marked.as_bytes()) {
                let words = fs::read(entry.path().join("cmdline")).unwrap_or_default();
                found.insert(entry.file_name().to_string_lossy().into_owned(), String::from_utf8_lossy(&words).replace('\0', " "));
            }
        }
        found
    };
    let mut found = look();
    for _ in 0..100 {
        if found.is_empty() {
            break;
        }
        sleep(Duration::from_millis(50));
        found = look();
    }
    found
}

pub fn full_disk(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let place = testbed.folder("disk")?;
    let mounted = "mount -t tmpfs -o size=\"$1\" tmpfs \"$2\"";
    let mut filled = 0;
    // No mirror answers: an emulator would fill what is to be filled by the rest.
    // From too small for the store itself to nearly enough: it fills up in the build, in the packing, in the making of a root.
    for size in ["256k", "2m", "4m", "5m", "6m", "8m"] {
        let project = project::native_example(testbed, &format!("project-{size}"))?;
        let script = format!(
            "{mounted}; export PLIMSOLL_STORE=\"$2/store\" NO_COLOR=1 PLIMSOLL_DEBIAN_MIRROR=http://127.0.0.1:9/debian\nset +e\n\"$3\" rehearse --root \"$4\" >\"$5.full\" 2>&1; echo \"$?\" >\"$5.full.code\"\n\
             test -e \"$4/dist\"; echo \"$?\" >\"$5.full.dist\"\nmount -o remount,size=4g \"$2\"\n\
             \"$3\" rehearse --root \"$4\" >\"$5.room\" 2>&1; echo \"$?\" >\"$5.room.code\"\n\
             \"$3\" verify \"$4/dist\" >>\"$5.room\" 2>&1; echo \"$?\" >\"$5.room.verify\"\n"
        );
        let notes = testbed.path(&format!("notes-{size}"));
        let words = [size.as_ref(), place.as_os_str(), testbed.plimsoll.as_os_str(), project.as_os_str(), notes.as_os_str()];
        let said = unshared(&script, &words)?;
        let read = |end: &str| fs::read_to_string(format!("{}.{end}", notes.display())).unwrap_or_default();
        let full = read("full");
        if read("full.code") != "0\n" || read("full.dist") != "0\n" {
            filled += 1;
            let told = full.contains("No space left on device") || full.contains("disk is full");
            checks.that(&format!("{size}: it fails, and says that the disk is full"), read("full.code") == "1\n" && told, || {
                format!("exit status {}{}{full}", read("full.code"), said.all())
            });
            checks.that(
                &format!("{size}: nothing half-written, no panic"),
                read("full.dist") == "1\n" && !full.contains("panicked"),
                || full.clone(),
            );
        }
        let room = read("room");
        checks
            .that(&format!("{size}: with room, the same store does"), read("room.code") == "0\n" && read("room.verify") == "0\n", || room);
    }
    checks.that("the disk was full several times", filled >= 3, || format!("{filled} times"));
    Ok(())
}

/// A script in a mount namespace of its own; `$1` and on are the words.
fn unshared(script: &str, words: &[&std::ffi::OsStr]) -> Result<testbed::Said, Trouble> {
    let mut command = Command::new("unshare");
    let own_user = testbed::run(Command::new("id").arg("-u"))?.stdout.trim() != "0";
    command.args(own_user.then_some("--map-root-user")).args(["--mount", "sh", "-eu", "-c", script, "sh"]).args(words);
    testbed::run(&mut command)
}

fn verified(testbed: &Testbed, checks: &mut Checks, store: &Path, project: &Path, name: &str) -> Result<(), Trouble> {
    let said = testbed::run(testbed.plimsoll(store).arg("verify").arg(project.join("dist")))?;
    checks.that(name, said.well(), || said.all());
    Ok(())
}
