//! Code for a greater processor than a target's users need have: found where it can be tried, told where it cannot, required where it is declared.

use std::path::Path;
use std::process::Command;

use super::foreign::{HOST, WINDOWS, buoy};
use super::rehearsal::Rehearsal;
use super::testbed::{self, Testbed};
use super::{Checks, Trouble};

/// A mirror that does not answer.
const NO_MIRROR: (&str, &str) = ("PLIMSOLL_DEBIAN_MIRROR", "http://127.0.0.1:9/debian");

const UNDECLARED: &str = "rustflags = [\"-Ctarget-cpu=x86-64-v3\"]";
const DECLARED: &str = "cpu = \"x86-64-v3\"";

fn core(line: &str) -> String {
    format!("[core.buoy]\n{line}\n\n[archive.buoy]\n")
}

/// The test.
pub fn levels(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    undeclared(testbed, checks)?;
    declared(testbed, checks)?;
    made(testbed, checks)?;
    not_to_be_had(testbed, checks)
}

/// What more than a plain processor has is found, each instruction by itself.
fn undeclared(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let aes = "features = [\"aes\"]";
    let of_third = format!("{aes}\n{DECLARED}");
    let cases = [
        ("undeclared x86-64-v3", UNDECLARED, "a plain x86-64 processor"),
        ("AES, undeclared", aes, "a plain x86-64 processor"),
        ("AES, which x86-64-v3 does not have", of_third.as_str(), "a plain x86-64-v3 processor"),
    ];
    for (name, line, processor) in cases {
        let refused = Rehearsal::kept(testbed, &buoy(testbed, name, &[HOST], &core(line))?)?;
        refused.answered()?;
        let failures = refused.document["failures"].to_string();
        for word in ["SIGILL", processor, "core.buoy.cpu"] {
            checks.that(&format!("{name}: says {word}"), refused.said.code == Some(1) && failures.contains(word), || refused.all());
        }
    }
    Ok(())
}

/// A declared level is required, told to users, and a gap where it cannot be tried.
fn declared(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let project = buoy(testbed, "declared", &[HOST, WINDOWS], &core(DECLARED))?;
    let third = Rehearsal::kept(testbed, &project)?;
    third.answered()?;
    let artifact = &third.document["release"]["artifacts"][0];
    checks.that("declared, it passes on just that level", third.said.well() && third.fetched_back() == 1, || third.all());
    checks.that("and the release says what users need", artifact["cpu"] == "x86-64-v3", || third.all());
    let evidence = std::fs::read_to_string(project.join(format!("dist/evidence/archive.buoy-{HOST}-sandbox.json"))).unwrap_or_default();
    let told = evidence.contains("\"cpu\": \"x86-64-v3\"") && !evidence.contains("plain_not_tried");
    checks.that("evidence names the level as a value", told, || evidence);
    let shown = told_by_status(testbed, &testbed.store, &project)?;
    for (form, text) in &shown {
        checks.that(&format!("status {form} tells it"), text.contains("x86-64-v3"), || text.clone());
    }
    let reason = third.document["elsewhere"][format!("archive.buoy/{WINDOWS}")].to_string();
    let who = "needs Windows on a processor of level x86-64-v3 and no more";
    checks.that("under wine it is a gap that says who could", reason.contains(who), || third.all());

    let roots = format!("[target.{HOST}]\nroots = [\"scrubbed\"]\n\n{}", core("cpu = \"x86-64-v2\""));
    let scrubbed = Rehearsal::kept(testbed, &buoy(testbed, "scrubbed", &[HOST], &roots)?)?;
    let reason = scrubbed.document["elsewhere"].to_string();
    checks.that("and in the root scrubbed", reason.contains("needs Linux on a processor of level x86-64-v2"), || scrubbed.all());
    let fourth = Rehearsal::kept(testbed, &buoy(testbed, "fourth", &[HOST], &core("cpu = \"x86-64-v4\""))?)?;
    let reason = fourth.document["elsewhere"].to_string();
    checks.that("x86-64-v4 is a gap, with its reason", reason.contains("qemu has no processor of level x86-64-v4"), || fourth.all());
    Ok(())
}

/// On a new machine whose project names no other processor.
fn made(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let store = testbed.store_without_emulators("new")?;
    let refused = Rehearsal::of(testbed.plimsoll(&store), &buoy(testbed, "new machine", &[HOST], &core(UNDECLARED))?)?;
    let failures = refused.document["failures"].to_string();
    let reason = refused.document["release"]["artifacts"][0]["proven"][0]["plain_not_tried"].as_str().unwrap_or_default();
    if reason.contains("could not be made") {
        return Err(Trouble::NotRun(reason.to_owned()));
    }
    let found = refused.said.code == Some(1) && failures.contains("SIGILL");
    checks.that("a new machine brings qemu, and finds the same", found, || refused.all());
    Ok(())
}

/// Where nothing brings qemu: a note where nothing was declared, a gap where something was.
fn not_to_be_had(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let store = testbed.store_without_emulators("without")?;
    let without = |command: &mut Command| {
        command.env(NO_MIRROR.0, NO_MIRROR.1);
    };
    let rehearse = |name: &str, line: &str| -> Result<_, Trouble> {
        let project = buoy(testbed, name, &[HOST], &core(line))?;
        let mut command = testbed.plimsoll(&store);
        without(&mut command);
        Ok((Rehearsal::of(command, &project)?, project))
    };
    let (noted, project) = rehearse("noted", UNDECLARED)?;
    checks.that("without qemu what declares no level is released", noted.said.well() && noted.fetched_back() == 1, || noted.all());
    let reason = noted.document["release"]["artifacts"][0]["proven"][0]["plain_not_tried"].as_str().unwrap_or_default().to_owned();
    checks.that("and the release says why it was not tried on a plain processor", reason.contains("qemu"), || noted.all());
    let evidence = std::fs::read_to_string(project.join(format!("dist/evidence/archive.buoy-{HOST}-sandbox.json"))).unwrap_or_default();
    checks.that("so does the evidence", evidence.contains("\"plain_not_tried\""), || evidence);
    for (form, text) in &told_by_status(testbed, &store, &project)? {
        let word = if *form == "--json" { "plain_not_tried" } else { "not tried on a plain processor" };
        checks.that(&format!("so does status {form}"), text.contains(word), || text.clone());
    }
    let mut again = testbed.plimsoll(&store);
    without(&mut again);
    let said = testbed::run(again.args(["rehearse", "--root"]).arg(&project))?;
    let told = said.well() && said.stdout.contains("not tried on a plain processor: ");
    checks.that("so does the rehearsal, which asks the mirror no second time", told && said.time.as_secs() < 20, || said.all());
    let (gap, _) = rehearse("a gap", DECLARED)?;
    let reason = gap.document["elsewhere"].to_string();
    checks.that("a declared level is then a gap", reason.contains("on a processor of level x86-64-v3 and no more"), || gap.all());
    Ok(())
}

/// The load line of a project in each of its forms.
fn told_by_status(testbed: &Testbed, store: &Path, project: &Path) -> Result<Vec<(&'static str, String)>, Trouble> {
    let page = testbed.path("page.html");
    let mut told = Vec::new();
    for form in ["", "--markdown", "--json", "--html"] {
        let mut status = testbed.plimsoll(store);
        status.arg("status").args((!form.is_empty()).then_some(form));
        if form == "--html" {
            status.arg(&page);
        }
        let said = testbed::run(status.arg("--root").arg(project))?;
        let text = if form == "--html" { std::fs::read_to_string(&page).map_err(Trouble::io(&page))? } else { said.stdout };
        told.push((form, text));
    }
    Ok(told)
}
