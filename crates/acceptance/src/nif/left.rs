//! A library for the BEAM that the project's own Makefile compiles and packs: inspected, loaded, sealed and in the map of checksums like one that plimsoll
//! packs, and its broken twins.

use std::fs;
use std::path::PathBuf;

use super::beam::{MODULE, archive_name};
use super::refused::host_only;
use crate::rehearsal::Rehearsal;
use crate::testbed::{self, Testbed};
use crate::{Checks, Trouble, project};

const MAKEFILE: &str = "NAME = libnif_counter-v0.2.0-nif-$(PLIMSOLL_NIF_VERSION)-$(PLIMSOLL_TARGET).so\narchive:\n\tmkdir -p out\n\t$${CC:-cc} -shared \
                        -fPIC -O1 FLAGS -o out/$(NAME) nif.c\n\ttar -czf out/$(NAME).tar.gz -C out $(NAME)\n";

/// The example without its crate: a library of C, compiled with `flags`.
fn package(testbed: &Testbed, name: &str, flags: &str) -> Result<PathBuf, Trouble> {
    let folder = host_only(testbed, name, "")?;
    let native = folder.join("native");
    fs::remove_dir_all(&native).map_err(Trouble::io(&native))?;
    let source = testbed.root.join("fixtures/nif-faults/nif.c");
    let text = fs::read_to_string(&source).map_err(Trouble::io(&source))?;
    project::write(&folder.join("nif.c"), &text.replace("Elixir.Faulty", &format!("Elixir.{MODULE}")))?;
    project::write(&folder.join("Makefile"), &MAKEFILE.replace("FLAGS", flags))?;
    let command = "command = \"make archive\"\noutput = \"out/*.tar.gz\"\n";
    let (manifest, host) = (folder.join("plimsoll.toml"), project::host());
    project::write(
        &manifest,
        &format!(
            "targets = [\"{host}\"]\nversion.source = \"mix.exs\"\n\n[target.{host}]\nroots = [\"debian:12\"]\n\n[nif.nif_counter]\nload = \"add(40, \
             2) == 42\"\n{command}"
        ),
    )?;
    Ok(folder)
}

pub fn run(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let folder = package(testbed, "left", "")?;
    let rehearsal = Rehearsal::kept(testbed, &folder)?.tried()?;
    let name = archive_name("nif_counter", super::VERSION, "2.15");
    rehearsal.check(checks, "what make left is proven, sealed and fetched under the name that users ask for", std::slice::from_ref(&name));
    let said = testbed::run(testbed.plimsoll(&testbed.store).args(["nif", "checksum", "--root"]).arg(&folder))?;
    let map = fs::read_to_string(folder.join(format!("checksum-Elixir.{MODULE}.exs"))).unwrap_or_default();
    let digest = rehearsal.artifacts().remove(&name).unwrap_or_default();
    checks.that("the map has its checksum", said.well() && map.contains(&format!("\"{name}\" => \"sha256:{digest}\"")), || {
        format!("{map}\n{}", said.all())
    });
    for (at, flags, says) in [
        ("without", "-DWITHOUT_INIT", "nif_init"),
        ("other", "-DFAULT=1", "Elixir.Flawless"),
        ("refusing", "-DFAULT=2", "load function refused"),
        ("lacking", "-DFAULT=6", "add/2"),
    ] {
        let folder = package(testbed, &format!("left-{at}"), flags)?;
        let rehearsal = Rehearsal::kept(testbed, &folder)?;
        let told = rehearsal.document["failures"].to_string();
        let holds = rehearsal.said.code == Some(1) && told.contains(says) && !folder.join("dist").exists();
        checks.that(&format!("its twin {flags} is refused, and told: {says}"), holds, || rehearsal.all());
    }
    Ok(())
}
