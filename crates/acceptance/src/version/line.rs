//! A program that tells its version by `plimsoll-version-line`: from git, dirty or not, from a recorded file, and the same at any time; a
//! Python front and an Elixir module tell the same.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{commit, git, version};
use crate::testbed::{self, Testbed};
use crate::{Checks, Trouble, project};

const MAIN: &str = "//! Tells its version.\nfn main() {\n    println!(\"{}\", env!(\"PLIMSOLL_VERSION_LINE\"));\n}\n";
const BUILD: &str = "//! Takes the line in.\nfn main() {\n    plimsoll_version_line::emit();\n}\n";

pub fn run(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let project = make(testbed)?;
    let told = |folder: &Path| tell(testbed, folder);
    let id = git(&project, &["rev-parse", "HEAD"])?;
    let day = git(&project, &["log", "-1", "--date=format-local:%Y-%m-%d", "--format=%cd"])?;
    let line = format!("1.2.3-rc.1 ({} {})", &id[..7], day.trim());
    let clean = told(&project)?;
    checks.that("the program tells commit and day", clean == line, || format!("{clean}\n{line}"));

    let said = version(testbed, &project, &["line", "--write"])?;
    checks.that("plimsoll tells the same line", said.stdout.trim() == line, || said.all());
    let python = testbed::run(
        Command::new("python3")
            .args(["-B", "-c", "import _version as v; print(v.__version__, '|', v.line)"])
            .current_dir(project.join("front")),
    )?;
    checks.that("a Python front tells it too", python.stdout.trim() == format!("1.2.3rc1 | {line}"), || python.all());
    let elixir = "Code.require_file(\"lib/app/version.ex\"); IO.puts(App.Version.line())";
    let elixir = testbed::run(Command::new("elixir").args(["-e", elixir]).current_dir(&project))?;
    checks.that("and an Elixir module", elixir.stdout.trim() == line, || elixir.all());
    let again = told(&project)?;
    checks.that("writing them makes nothing dirty", again == line, || again.clone());

    // A source package: no git, and the recorded file beside it.
    let package = testbed.path("package");
    project::copy_tree(&project, &package)?;
    let recorded = told(&package)?;
    checks.that("without git the recorded line is told", recorded == line, || recorded.clone());
    project::replace(&package.join("Cargo.toml"), "version = \"1.2.3-rc.1\"", "version = \"1.2.3\"")?;
    let other = cargo(testbed, &package, &["generate-lockfile", "--offline"]).and_then(|_| build(testbed, &package))?;
    checks
        .that("a line of another version fails the build", !other.well() && other.stderr.contains("version line --write"), || other.all());

    // The same commit in another folder: the line is of the commit, not of the clock.
    let clone = testbed.path("clone");
    git(&project, &["clone", "-q", ".", &clone.display().to_string()])?;
    let cloned = told(&clone)?;
    checks.that("a clone, later and elsewhere, tells the same", cloned == line, || cloned.clone());

    project::write(&project.join("notes.txt"), "changed\n")?;
    let dirty = told(&project)?;
    checks.that("a tree that was changed says so", dirty == line.replace(')', ", dirty)"), || dirty.clone());
    commit(&project, "more")?;
    let next = told(&project)?;
    checks.that("a new commit is told without a clean build", next != line && !next.contains("dirty"), || next.clone());
    built(testbed, checks, &project, &next)
}

/// The same by `plimsoll rehearse`, which shows the build the repository at its commit.
fn built(testbed: &Testbed, checks: &mut Checks, project: &Path, line: &str) -> Result<(), Trouble> {
    let store = testbed.private_store("store", false)?;
    let said = testbed::run(testbed.plimsoll(&store).args(["rehearse", "--root"]).arg(project))?;
    checks.that("a rehearsal ends well", said.well(), || said.all());
    let archive = project.join("dist").join(format!("app-{}.tar.gz", project::host()));
    let out = testbed.folder("unpacked")?;
    testbed::run(Command::new("tar").arg("-xzf").arg(&archive).arg("-C").arg(&out))?;
    let program = project::files(&out)?.into_iter().find(|path| path.ends_with("app"));
    let program = program.ok_or_else(|| Trouble::Broken(format!("no program in {}", archive.display())))?;
    let told = testbed::run(&mut Command::new(program))?;
    checks.that("and what it packed tells the line", told.stdout.trim() == line, || told.all());
    Ok(())
}

/// A small project in git; the crate under test lies beside it.
fn make(testbed: &Testbed) -> Result<std::path::PathBuf, Trouble> {
    let project = testbed.folder("project")?;
    for folder in ["src", "front", "lib/app", "helper"] {
        let path = project.join(folder);
        fs::create_dir_all(&path).map_err(Trouble::io(&path))?;
    }
    // A copy without the workspace's words, so that the mirror of a build holds it.
    project::copy_tree(&testbed.root.join("crates/plimsoll-version-line/src"), &project.join("helper/src"))?;
    project::write(
        &project.join("helper/Cargo.toml"),
        "[package]\nname = \"plimsoll-version-line\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
    )?;
    let manifest = "[package]\nname = \"app\"\nversion = \"1.2.3-rc.1\"\nedition = \"2024\"\n\n[build-dependencies]\nplimsoll-version-line = { path = \"helper\" }\n\n[workspace]\n";
    project::write(&project.join("Cargo.toml"), manifest)?;
    project::write(&project.join("build.rs"), BUILD)?;
    project::write(&project.join("src/main.rs"), MAIN)?;
    project::write(&project.join("notes.txt"), "notes\n")?;
    project::write(&project.join(".gitignore"), "/target/\n/dist/\nversion-line.txt\n/front/_version.py\n/lib/app/version.ex\n")?;
    let target = project::host();
    let text = format!(
        "targets = [\"{target}\"]\n[version]\nsource = \"Cargo.toml\"\nline = [\"version-line.txt\", \"front/_version.py\", \"lib/app/version.ex\"]\n\
         [target.{target}]\nbuilder = \"native\"\n[archive.app]\nformat = \"tar.gz\"\n"
    );
    project::write(&project.join("plimsoll.toml"), &text)?;
    cargo(testbed, &project, &["generate-lockfile", "--offline"])?;
    git(&project, &["init", "-q"])?;
    commit(&project, "first")?;
    Ok(project)
}

fn cargo(testbed: &Testbed, folder: &Path, arguments: &[&str]) -> Result<testbed::Said, Trouble> {
    let mut cargo = Command::new("cargo");
    // Not below the project: the folder must not tell the copies apart.
    cargo.args(arguments).current_dir(folder).env("CARGO_TARGET_DIR", testbed.path("target").join(folder.file_name().unwrap_or_default()));
    testbed::run(cargo.env_remove("SOURCE_DATE_EPOCH").env_remove("RUSTC_WRAPPER"))
}

fn build(testbed: &Testbed, folder: &Path) -> Result<testbed::Said, Trouble> {
    cargo(testbed, folder, &["run", "--quiet", "--offline", "--locked"])
}

/// What the program says.
fn tell(testbed: &Testbed, folder: &Path) -> Result<String, Trouble> {
    let said = build(testbed, folder)?;
    if said.well() { Ok(said.stdout.trim().to_owned()) } else { Err(Trouble::Broken(said.all())) }
}
