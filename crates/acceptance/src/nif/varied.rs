//! Variants of a library through the whole command: one file each, proven as itself, in the map, and on the processor that it says.

use std::fs;
use std::path::Path;

use super::beam::{MODULE, archive_name};
use super::refused::host_only;
use crate::rehearsal::Rehearsal;
use crate::testbed::{self, Testbed};
use crate::{Checks, Trouble, note, project};

const VARIANTS: &str = "\n[nif.nif_counter.variant.wide]\nfeatures = [\"wide\"]\n\n[nif.nif_counter.variant.newer]\ncpu = \"x86-64-v3\"\n";
/// An instruction of AVX-512, which no processor of level 3 has.
const TOO_NEW: &str =
    "#[cfg(target_feature = \"avx2\")]\n    unsafe { std::arch::asm!(\"vpxord zmm16, zmm16, zmm16\") };\n    a.checked_add(b)";

pub fn run(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let project = host_only(testbed, "varied", VARIANTS)?;
    let crate_file = project.join("native/nif_counter/Cargo.toml");
    project::replace(&crate_file, "[features]\n", "[features]\nwide = []\n")?;
    let said = testbed::run(testbed.plimsoll(&testbed.store).args(["plan", "--root"]).arg(&project))?;
    let told = said.stderr.contains("`variants` lacks newer for") && said.stderr.contains("`variants` lacks wide for");
    checks.that("variants that the module does not have: told, each", !said.well() && told, || said.all());
    let host = project::host();
    let module = project.join("lib/nif_counter/native.ex");
    let variants = format!("    ),\n    variants: %{{\n      \"{host}\" => [newer: fn -> false end, wide: fn -> true end]\n    }}\n");
    project::replace(&module, "    )\n", &variants)?;

    let rehearsal = Rehearsal::of(testbed.plimsoll(&testbed.store), &project)?.tried()?;
    let plain = archive_name("nif_counter", "0.2.0", "2.15");
    // In the order of names: `-` comes before `.`.
    let names = ["--newer", "--wide", ""].map(|suffix| plain.replace(".so", &format!("{suffix}.so")));
    rehearsal.check(checks, "the library and both variants are built, proven, sealed and fetched", &names);
    let fetched_back =
        rehearsal.document["fetched_back"].as_array().into_iter().flatten().filter(|fetched_back| fetched_back["root"].is_string()).count();
    checks.that("a user's day ends well with each of the three", fetched_back == 3, || rehearsal.all());
    evidence(checks, &project)?;
    let said = testbed::run(testbed.plimsoll(&testbed.store).args(["nif", "checksum", "--root"]).arg(&project))?;
    let map = fs::read_to_string(project.join(format!("checksum-Elixir.{MODULE}.exs"))).unwrap_or_default();
    let all = rehearsal.artifacts().iter().all(|(name, digest)| map.contains(&format!("\"{name}\" => \"sha256:{digest}\"")));
    checks.that("the map has all three", said.well() && all && map.lines().count() == 5, || format!("{map}\n{}", said.all()));
    let said = testbed::run(testbed.plimsoll(&testbed.store).args(["nif", "module", "--root"]).arg(&project))?;
    let block = ["variants: %{", "newer: fn ->", "wide: fn ->", "https://github.com/plimsoll/nif-counter/releases"];
    checks.that("the block to paste has them, and the URL of mix.exs", block.iter().all(|text| said.stdout.contains(text)), || said.all());
    let said = testbed::run(testbed.plimsoll(&testbed.store).args(["status", "--root"]).arg(&project))?;
    checks.that("the load line shows them", said.stdout.contains("--newer") && said.stdout.contains("--wide"), || said.all());
    too_new(testbed, checks, &project)
}

/// The variant that asks for a processor was loaded on just that one, and the others were not.
fn evidence(checks: &mut Checks, project: &Path) -> Result<(), Trouble> {
    let folder = project.join("dist/evidence");
    let mut lesser = Vec::new();
    for path in project::files(&folder)? {
        let text = fs::read_to_string(&path).map_err(Trouble::io(&path))?;
        if text.contains("own-module on a plain x86-64-v3 processor") {
            lesser.push(path.file_name().unwrap_or_default().to_string_lossy().into_owned());
        }
    }
    let only = lesser.len() == 1 && lesser[0].contains("--newer");
    checks.that("a BEAM on a plain processor of its level loads the one that asks for a level", only, || format!("{lesser:?}"));
    Ok(())
}

/// Compiled for more than the level says: this machine has it, and users do not.
fn too_new(testbed: &Testbed, checks: &mut Checks, project: &Path) -> Result<(), Trouble> {
    let has = fs::read_to_string("/proc/cpuinfo").is_ok_and(|text| text.contains("avx512f"));
    if !has {
        note("an instruction beyond the level: not looked at, this machine has no AVX-512 either");
        return Ok(());
    }
    let path = project.join("native/nif_counter/src/lib.rs");
    project::replace(&path, "a.checked_add(b)", TOO_NEW)?;
    let said =
        testbed::run(testbed.plimsoll(&testbed.store).args(["prove", "--only", "nif.nif_counter-nif-2.15--newer", "--root"]).arg(project))?;
    let told = ["x86-64-v3", "SIGILL", "nif.nif_counter.variant.newer.cpu"].iter().all(|words| said.stderr.contains(words));
    checks.that("an instruction beyond the level: refused, with the key to change", said.code == Some(1) && told, || said.all());
    Ok(())
}
