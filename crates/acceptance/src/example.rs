//! The example, twice: sealed, fetched back, checked by other programs; the second time nothing is compiled, packed or proven.

use std::process::Command;

use super::rehearsal::{Counter, Rehearsal, counted};
use super::testbed::{self, Testbed};
use super::{Checks, Trouble, golden, note, project};

/// The files that the example ships.
pub fn files() -> Vec<String> {
    ["fathom-x86_64-unknown-linux-gnu.tar.xz", "fathom-x86_64-unknown-linux-musl", "fathom-x86_64-unknown-linux-musl.tar.xz"]
        .map(str::to_owned)
        .to_vec()
}

pub fn run(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    // The first rehearsal in the kept store compiles zig's C runtimes, once for all tests.
    let warm = project::example(testbed, "warm")?;
    let first = Rehearsal::kept(testbed, &warm)?.tried()?;
    first.check(checks, "the example is built, proven, sealed and fetched back", &files());

    let store = testbed.private_store("store", true)?;
    let project = project::example(testbed, "project")?;
    let counter = Counter::new(testbed, "counter")?;
    let cold = Rehearsal::of(counter.on(testbed.plimsoll(&store)), &project)?.tried()?;
    cold.check(checks, "a cold store gives the same files", &files());
    counted(checks, &counter.take());
    checks.that("two stores give the same bytes", cold.artifacts() == first.artifacts(), || {
        format!("{:?}\n{:?}", first.artifacts(), cold.artifacts())
    });

    golden::compare(checks, "rehearse-example", &cold.artifacts())?;

    let again = Rehearsal::of(counter.on(testbed.plimsoll(&store)), &project)?;
    again.check(checks, "the second rehearsal ends well", &files());
    let compiled = counter.take();
    checks.that("the second rehearsal starts no compiler", compiled.is_empty(), || format!("it started {compiled:?}"));
    note(&format!("rehearse: first {:.2} s, second {:.2} s", cold.said.time.as_secs_f64(), again.said.time.as_secs_f64()));
    let mut told = testbed.plimsoll(&store);
    let told = testbed::run(told.args(["rehearse", "--root"]).arg(&project))?;
    let anew = not_remembered(&told.stderr);
    checks.that("the third packs and proves nothing again", told.well() && anew.is_empty(), || format!("{anew:?}\n{}", told.all()));
    checks.that("and says what it remembered", told.stderr.contains("remembered"), || told.all());

    let mut status = testbed.plimsoll(&store);
    let status = testbed::run(status.args(["status", "--root"]).arg(&project))?;
    println!("{}", status.stdout.trim_end());
    let line = |word: &str| status.stdout.lines().filter(|line| line.contains(word)).count();
    checks.that("the load line claims what is proven", status.well() && line("proven") == 3, || status.all());
    checks.that("and gives the reason for the rest", line("needs a Mac") > 0 && line("nobody has asked") > 0, || status.all());

    let mut verify = testbed.plimsoll(&store);
    let verified = testbed::run(verify.arg("verify").arg(project.join("dist")))?;
    checks.that("verify finds it whole", verified.well(), || verified.all());
    let sums = testbed::run(Command::new("sha256sum").args(["-c", "--strict", "--quiet", "SHA256SUMS"]).current_dir(project.join("dist")))?;
    checks.that("sha256sum agrees", sums.well(), || sums.all());
    let program = project.join("dist/fathom-x86_64-unknown-linux-musl");
    let mode = testbed::run(
        Command::new("sh")
            .arg("-c")
            .arg("cp \"$1\" ./f && chmod +x f && ./f convert 10 fathoms m")
            .arg("sh")
            .arg(&program)
            .current_dir(testbed.folder("try")?),
    )?;
    checks.that("the static program runs here", mode.stdout == "10 fathom = 18.288 metre\n", || mode.all());
    Ok(())
}

/// Lines of work that was done and not remembered.
pub fn not_remembered(told: &str) -> Vec<String> {
    let done = |line: &&str| line.split_whitespace().next().is_some_and(|verb| ["built", "packed", "proven"].contains(&verb));
    told.lines().filter(done).filter(|line| !line.contains("remembered")).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_that_was_done_anew_is_seen() {
        let told = "     built  a  1.0 s, remembered\n    packed  b  3 kB\n   fetched  c\n";
        assert_eq!(not_remembered(told), ["    packed  b  3 kB"]);
    }
}
