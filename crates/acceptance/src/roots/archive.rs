//! A root out of an archive: a program that musl loads is proven in it, natively and under qemu; another digest is refused.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{PROCESSORS, hello, sha256, systems};
use crate::rehearsal::Rehearsal;
use crate::testbed::{self, Testbed};
use crate::{Checks, Trouble, note, project};

pub fn run(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let systems = systems(testbed)?;
    let project = hello(testbed, "archives", &table(testbed, &systems)?)?;
    let rehearsed = Rehearsal::kept(testbed, &project)?.tried()?;
    checks.that("both processors are proven in the archives' root", rehearsed.said.well() && rehearsed.fetched_back() >= 1, || {
        rehearsed.all()
    });
    let proven = rehearsed.document["release"]["artifacts"].to_string();
    for word in ["alpine:3.20", "archive sha256:", "qemu-aarch64", "\"libc\":\"musl"] {
        checks
            .that(&format!("and the evidence has {word}"), proven.contains(word) || evidence(&project)?.contains(word), || proven.clone());
    }
    let shown = testbed::run(testbed.plimsoll(&testbed.store).args(["root", "--root"]).arg(&project))?;
    note(shown.stdout.lines().next().unwrap_or_default());
    checks.that("`root` shows both as made", shown.stdout.matches("made\n").count() == 2, || shown.all());

    let packed = testbed.path("archives").join("amd64.tar.zst");
    let mut bytes = fs::read(&packed).map_err(Trouble::io(&packed))?;
    bytes.push(0);
    fs::write(&packed, bytes).map_err(Trouble::io(&packed))?;
    let fresh = testbed.private_store("fresh", true)?;
    let mut refused = testbed.plimsoll(&fresh);
    let refused = testbed::run(refused.args(["prove", "--target", "x86_64-unknown-linux-musl", "--root"]).arg(&project))?;
    checks.that("an archive of another digest is refused", refused.code == Some(1) && refused.stderr.contains("has the sha256"), || {
        refused.all()
    });
    Ok(())
}

/// Packs the systems into the project, and declares them.
fn table(testbed: &Testbed, systems: &Path) -> Result<String, Trouble> {
    let folder = testbed.folder("archives")?;
    let mut table = "[root.\"alpine:3.20\"]\n".to_owned();
    for (processor, debian) in PROCESSORS {
        let (tool, end) = if debian == "amd64" { ("zstd", "zst") } else { ("xz", "xz") };
        let name = format!("{debian}.tar.{end}");
        fs::copy(systems.join(format!("{debian}.tar")), folder.join(format!("{debian}.tar"))).map_err(Trouble::io(&folder))?;
        testbed::expect_well(Command::new(tool).args(["-q", "-f", "-1"]).arg(format!("{debian}.tar")).current_dir(&folder))?;
        // zstd keeps what it packed.
        let _ = fs::remove_file(folder.join(format!("{debian}.tar")));
        let digest = sha256(&folder.join(&name))?;
        table.push_str(&format!("archive.{processor} = \"{name}\"\nsha256.{processor} = \"{digest}\"\n"));
    }
    Ok(table)
}

/// All statements of the last release, as text.
fn evidence(project: &Path) -> Result<String, Trouble> {
    let folder = project.join("dist/evidence");
    let mut text = String::new();
    for file in project::files(&folder)? {
        text.push_str(&fs::read_to_string(&file).map_err(Trouble::io(&file))?.replace("\": \"", "\":\""));
    }
    Ok(text)
}
