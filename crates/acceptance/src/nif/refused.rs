//! Libraries with one fault each through the whole command: every fault is told in its own words, and nothing is sealed.

use std::fs;
use std::path::Path;

use crate::testbed::{self, Testbed};
use crate::{Checks, Trouble, project};

const LIBRARY: &str = "native/nif_counter/src/lib.rs";
const INIT: &str = "rustler::init!(\"Elixir.NifCounter.Native\");";

/// A fault: what it is, the function that `load` names, and what must be said of it by `prove`.
struct Fault {
    what: &'static str,
    load: &'static str,
    says: &'static [&'static str],
}

const FAULTS: [Fault; 4] = [
    Fault {
        what: "a load function that panics",
        load: "panic!(\"no counters today\")",
        says: &["panicked while it was loaded", "no counters today"],
    },
    Fault { what: "a load function that refuses", load: "false", says: &["load function refused"] },
    Fault {
        what: "a load function that ends the VM",
        load: "std::process::abort()",
        says: &["ended the program that loaded it by SIGABRT"],
    },
    Fault {
        what: "a load function that hangs",
        load: "loop { std::thread::sleep(std::time::Duration::from_secs(60)) }",
        says: &["did not come back within 20 s"],
    },
];

/// For this machine alone, by its own compiler and one BEAM; `nif` is what stands in the library's own table.
fn manifest(nif: &str) -> String {
    let host = project::host();
    format!(
        "targets = [\"{host}\"]\nversion.source = \"mix.exs\"\n\n[target.{host}]\nbuilder = \"native\"\nroots = [\"debian:12\"]\n\n\
         [nif.nif_counter]\nload = \"add(40, 2) == 42\"\ntest = \"mix test\"\n{nif}"
    )
}

/// The example in a folder of its own, with the target that is built for as the only one.
pub fn host_only(testbed: &Testbed, name: &str, nif: &str) -> Result<std::path::PathBuf, Trouble> {
    let folder = testbed.path(name);
    project::copy_tree(&testbed.root.join("examples/nif-counter"), &folder)?;
    project::write(&folder.join("plimsoll.toml"), &manifest(nif))?;
    let module = folder.join("lib/nif_counter/native.ex");
    let text = fs::read_to_string(&module).map_err(Trouble::io(&module))?;
    let kept = |line: &&str| !["aarch64-", "x86_64-"].iter().any(|arch| line.trim().starts_with(arch)) || line.trim() == project::host();
    let lines = text.lines().filter(kept).collect::<Vec<_>>().join("\n");
    project::write(&module, &format!("{lines}\n"))?;
    Ok(folder)
}

pub fn run(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let project = host_only(testbed, "refused", "timeout = \"20s\"\n")?;
    let path = project.join(LIBRARY);
    let sound = fs::read_to_string(&path).map_err(Trouble::io(&path))?;
    if !sound.contains(INIT) {
        return Err(Trouble::Broken(format!("{}: does not hold `{INIT}`", path.display())));
    }
    let prove = || testbed::run(testbed.plimsoll(&testbed.store).args(["prove", "--root"]).arg(&project));
    let said = prove()?;
    if said.code == Some(3) || said.all().contains("not run") {
        return Err(Trouble::NotRun(said.all()));
    }
    checks.that("without a fault it passes", said.well(), || said.all());
    let mut refused = |what: &str, says: &[&str]| -> Result<(), Trouble> {
        let said = prove()?;
        checks.that(&format!("{what}: refused"), said.code == Some(1), || said.all());
        for words in says {
            checks.that(&format!("{what}: says `{words}`"), said.stderr.contains(words), || said.all());
        }
        Ok(())
    };
    for fault in &FAULTS {
        let load =
            format!("#[allow(unreachable_code)]\nfn on_load(_: rustler::Env, _: rustler::Term) -> bool {{\n    {}\n}}\n", fault.load);
        let init = INIT.replace(");", ", load = on_load);");
        project::write(&path, &sound.replace(INIT, &format!("{load}\n{init}")))?;
        refused(fault.what, fault.says)?;
    }
    project::write(&path, &sound.replace("NifCounter.Native", "NifCounter.Nativ"))?;
    refused("the wrong module", &["Elixir.NifCounter.Nativ"])?;
    project::write(&path, &sound)?;
    let tests = project.join("test/nif_counter_test.exs");
    project::replace(&tests, "== 140", "== 141")?;
    refused("a test of the package that does not pass", &["the script `tests`", "5 tests, 1 failure"])?;
    project::replace(&tests, "== 141", "== 140")?;
    rehearsed(testbed, checks, &project)?;
    promised(testbed, checks, &project)?;
    let crate_file = project.join("native/nif_counter/Cargo.toml");
    project::replace(&crate_file, "crate-type = [\"cdylib\"]", "crate-type = [\"rlib\"]")?;
    let said = prove()?;
    let told = said.stderr.contains("dynamic library") && said.stderr.contains("crate-type = [\"cdylib\"]");
    checks.that("a crate without a cdylib: told, with what to write", !said.well() && told, || said.all());
    Ok(())
}

/// A rehearsal of a spoilt library seals nothing.
fn rehearsed(testbed: &Testbed, checks: &mut Checks, project: &Path) -> Result<(), Trouble> {
    let path = project.join(LIBRARY);
    let sound = fs::read_to_string(&path).map_err(Trouble::io(&path))?;
    project::replace(&path, "a.checked_add(b)", "a.checked_sub(b)")?;
    let said = testbed::run(testbed.plimsoll(&testbed.store).args(["rehearse", "--root"]).arg(project))?;
    let nothing = said.code == Some(1) && !project.join("dist").exists();
    checks.that("a call that does not hold: refused, nothing sealed", nothing && said.stderr.contains("own call did not hold"), || {
        said.all()
    });
    project::write(&path, &sound)
}

/// A target that is wanted on a laptop, and that nothing here can prove, must not be promised by a release.
fn promised(testbed: &Testbed, checks: &mut Checks, project: &Path) -> Result<(), Trouble> {
    let path = project.join("plimsoll.toml");
    let sound = fs::read_to_string(&path).map_err(Trouble::io(&path))?;
    let unknown = sound.replace("[\"debian:12\"]", "[\"debian:12\", \"ubuntu:99.10\"]");
    project::write(&path, &format!("{unknown}\n[publish.folder]\npath = \"../released\"\n"))?;
    let said = testbed::run(testbed.plimsoll(&testbed.store).args(["release", "--dry-run", "--root"]).arg(project))?;
    let host = project::host();
    let told = [format!("`targets` lists {host}"), "it is not proven".to_owned(), "lib/nif_counter/native.ex".to_owned()];
    let told = told.iter().all(|words| said.stderr.contains(words.as_str()));
    checks.that("a target in `targets:` that is not proven: refused at the release", !said.well() && told, || said.all());
    checks.that("and nothing is published", !project.with_file_name("released").exists(), || said.all());
    project::write(&path, &sound)
}
