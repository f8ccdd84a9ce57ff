//! A library with weight: SQLite compiled from its C source for three targets, its SQL run by a BEAM.

use crate::rehearsal::Rehearsal;
use crate::testbed::Testbed;
use crate::{Checks, Trouble, note, project};

pub fn run(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let project = project::fixture(testbed, "nif-sqlite")?;
    let rehearsal = Rehearsal::kept(testbed, &project)?;
    if rehearsal.said.code == Some(3) {
        return Err(Trouble::NotRun(format!("a tool is missing: {}", rehearsal.document["failures"])));
    }
    let gaps = rehearsal.document["elsewhere"].as_object().cloned().unwrap_or_default();
    let gap = gaps.iter().find(|(id, _)| id.ends_with("-gnu"));
    if let Some((id, reason)) = gap {
        return Err(Trouble::NotRun(format!("{id}: {}", reason.as_str().unwrap_or_default())));
    }
    let files = ["aarch64", "x86_64"].map(|arch| format!("libnif_sqlite-v0.1.0-nif-2.15-{arch}-unknown-linux-gnu.so.tar.gz"));
    rehearsal.check(checks, "SQLite is loaded and asked by the BEAMs of both gnu targets", &files);
    let musl = gaps.iter().filter(|(id, _)| id.ends_with("-musl")).count();
    checks.that("the musl library is built and judged, and a gap for want of a BEAM", musl == 1 && gaps.len() == 1, || format!("{gaps:?}"));
    let artifacts = rehearsal.document["release"]["artifacts"].as_array().cloned().unwrap_or_default();
    let needed = artifacts.iter().map(|artifact| artifact["measured"]["needed"].to_string()).collect::<Vec<_>>();
    let bundled = needed.len() == 2 && !needed.iter().any(|list| list.contains("sqlite"));
    checks.that("and no SQLite of the host's is needed", bundled, || format!("{needed:?}"));
    for artifact in &artifacts {
        note(&format!("{}: {} bytes", artifact["file_name"].as_str().unwrap_or_default(), artifact["size"]));
    }
    Ok(())
}
