//! A cargo workspace, a Python project of two packages, a mix project and three packagings with twelve places in all: patch, rc.1, rc.2,
//! release. git sees those lines change and no others, and the ecosystems' own programs read the new version back.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::{commit, git, version};
use crate::testbed::{self, Testbed};
use crate::{Checks, Trouble, project};

/// What is asked for; the version after it as cargo and Hex, Python, Debian and RPM, and Alpine write it.
const STEPS: [(&[&str], [&str; 4]); 4] = [
    (&["--patch"], ["0.9.1"; 4]),
    (&["--minor", "--pre", "rc"], ["0.10.0-rc.1", "0.10.0rc1", "0.10.0~rc1", "0.10.0_rc1"]),
    (&["--pre", "rc"], ["0.10.0-rc.2", "0.10.0rc2", "0.10.0~rc2", "0.10.0_rc2"]),
    (&["--release"], ["0.10.0"; 4]),
];

/// Lines that change with each step: twelve. The spec has three more, an entry of its changelog.
const LINES: [(usize, &str); 9] = [
    (2, "Cargo.lock"),
    (2, "Cargo.toml"),
    (1, "README.md"),
    (1, "debian/changelog"),
    (1, "elixir/mix.exs"),
    (1, "packaging/APKBUILD"),
    (1, "packaging/ketch.spec"),
    (1, "python/ketch-core/pyproject.toml"),
    (2, "python/ketch/pyproject.toml"),
];

/// Prints the versions that installed packages have, and what the front requires.
const INSTALLED: &str = "import importlib.metadata as m; print(m.version('ketch-core'), m.version('ketch'), m.requires('ketch')[0])";

/// Prints what real Mix makes of the file.
const MIX: &str = "Mix.start(); Code.require_file(\"mix.exs\"); IO.puts(Mix.Project.config()[:version])";

pub fn run(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let project = project::fixture(testbed, "one-version")?;
    git(&project, &["init", "-q"])?;
    commit(&project, "first")?;
    let shown = version(testbed, &project, &[])?;
    println!("{}", shown.stdout.trim_end());
    checks.that("twelve places agree", shown.well() && shown.stdout.contains("12 places agree"), || shown.all());
    for (number, (arguments, words)) in STEPS.iter().enumerate() {
        // A candidate's release needs no more notes than its candidates have.
        if number < 3 {
            let words = format!("## [Unreleased]\n\n### Added\n\n- Thing {number}.\n");
            project::replace(&project.join("CHANGELOG.md"), "## [Unreleased]\n", &words)?;
            commit(&project, "notes")?;
        }
        step(testbed, checks, &project, arguments, words, &number.to_string())?;
    }
    let notes = version(testbed, &project, &["notes"])?;
    checks.that("the release has the notes of its candidates", notes.stdout == "### Added\n\n- Thing 1.\n- Thing 2.\n", || notes.all());
    bound(testbed, checks, &project)
}

fn step(
    testbed: &Testbed,
    checks: &mut Checks,
    project: &Path,
    arguments: &[&str],
    words: &[&str; 4],
    number: &str,
) -> Result<(), Trouble> {
    let [semver, python, package, _] = *words;
    let asked = [&["bump", "--changelog"], arguments].concat();
    let planned = version(testbed, project, &[&asked[..], &["--plan"]].concat())?;
    let untouched = git(project, &["status", "--porcelain"])?;
    checks.that(&format!("{semver}: a plan writes nothing"), planned.well() && untouched.is_empty(), || {
        format!("{}{untouched}", planned.all())
    });
    let bumped = version(testbed, project, &asked)?;
    checks.that(&format!("{semver}: the bump ends well"), bumped.well(), || bumped.all());
    let counted = git(project, &["diff", "--numstat", "--", ".", ":(exclude)CHANGELOG.md"])?;
    let added = |lines: usize, file: &str| lines + if file.ends_with(".spec") { 3 } else { 0 };
    let expected = LINES.iter().map(|(lines, file)| format!("{}\t{lines}\t{file}\n", added(*lines, file))).collect::<String>();
    checks.that(&format!("{semver}: twelve lines change, and no other"), counted == expected, || counted.clone());
    let diff =
        git(project, &["diff", "-U0", "--word-diff=porcelain", "--word-diff-regex=[0-9a-z.~_-]+", "--", ".", ":(exclude)CHANGELOG.md"])?;
    let signed = [format!("A Person <person@example.org> - {package}-1"), format!("+- Update to {package}")];
    let entry = |line: &str| line.len() == 1 || signed.iter().any(|words| line.ends_with(words.as_str()));
    let strange = diff.lines().filter(|line| {
        line.starts_with('+')
            && !line.starts_with("+++")
            && !entry(line)
            && !words.iter().any(|word| line[1..].trim_start_matches('=').starts_with(word))
    });
    let strange = strange.collect::<Vec<_>>();
    checks.that(&format!("{semver}: in those lines only the version changes"), strange.is_empty(), || strange.join("\n"));
    let whole = version(testbed, project, &["check"])?;
    checks.that(&format!("{semver}: check agrees"), whole.well() && whole.stdout.contains(semver), || whole.all());
    read_back(testbed, checks, project, words, number)?;
    commit(project, &format!("version {python}"))
}

/// What cargo, pip, Mix, and where they are rpm and dpkg, make of the files.
fn read_back(testbed: &Testbed, checks: &mut Checks, project: &Path, words: &[&str; 4], number: &str) -> Result<(), Trouble> {
    let [semver, python, package, _] = *words;
    let cargo =
        testbed::run(Command::new("cargo").args(["metadata", "--locked", "--offline", "--format-version", "1"]).current_dir(project))?;
    let document = serde_json::from_str::<Value>(&cargo.stdout).unwrap_or_default();
    let packages = document["packages"].as_array().into_iter().flatten();
    let mut said = packages.map(|package| format!("{} {}", package["name"], package["version"]).replace('"', "")).collect::<Vec<_>>();
    said.sort();
    let expected = [format!("ketch-cli {semver}"), format!("ketch-core {semver}"), "ketch-tools 0.9.0".to_owned()];
    checks.that(&format!("{semver}: cargo metadata --locked reads it"), cargo.well() && said == expected, || {
        format!("{said:?}\n{}", cargo.stderr)
    });

    let mix = testbed::run(Command::new("elixir").args(["-e", MIX]).current_dir(project.join("elixir")))?;
    checks.that(&format!("{semver}: Mix reads it"), mix.stdout.trim() == semver, || mix.all());

    let copy = testbed.path(&format!("python-{number}"));
    project::copy_tree(&project.join("python"), &copy)?;
    let target = testbed.path(&format!("installed-{number}"));
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--root-user-action=ignore", "--no-deps", "--target"]);
    let pip = testbed::run(pip.arg(&target).args(["./ketch-core", "./ketch"]).current_dir(&copy))?;
    if !pip.well()
        && ["No matching distribution", "NewConnectionError", "No module named pip"].iter().any(|words| pip.all().contains(words))
    {
        return Err(Trouble::NotRun("pip could not get flit_core, which builds the packages".to_owned()));
    }
    let metadata = testbed::run(Command::new("python3").args(["-c", INSTALLED]).env("PYTHONPATH", &target))?;
    let expected = format!("{python} {python} ketch_core == {python} ; python_version >= '3'");
    let same = |text: &str| text.replace(['"', ' '], "").replace('\'', "");
    checks.that(&format!("{semver}: pip installs it, and the front requires it"), same(metadata.stdout.trim()) == same(&expected), || {
        format!("{}{}", pip.all(), metadata.all())
    });
    packagings(checks, project, semver, package)
}

fn packagings(checks: &mut Checks, project: &Path, semver: &str, package: &str) -> Result<(), Trouble> {
    let spec = project.join("packaging/ketch.spec");
    let mut rpm = Command::new("rpmspec");
    rpm.args(["-q", "--srpm", "--qf", "%{VERSION}"]).arg(&spec);
    let mut dpkg = Command::new("dpkg-parsechangelog");
    dpkg.args(["-S", "Version"]).current_dir(project);
    for (name, command, expected) in [("rpmspec", &mut rpm, package.to_owned()), ("dpkg-parsechangelog", &mut dpkg, format!("{package}-1"))]
    {
        let said = testbed::run(command)?;
        checks.that(&format!("{semver}: {name} reads it"), said.stdout.trim() == expected, || said.all());
    }
    Ok(())
}

/// Before a release only the copies must agree; its tag and its heading bind the release alone.
fn bound(testbed: &Testbed, checks: &mut Checks, project: &Path) -> Result<(), Trouble> {
    let plimsoll = |arguments: &[&str]| testbed::run(testbed.plimsoll(&testbed.store).args(arguments).arg("--root").arg(project));
    let plan = plimsoll(&["plan", "--json"])?;
    let document = serde_json::from_str::<Value>(&plan.stdout).unwrap_or_default();
    checks.that("without a tag there is a plan", plan.well() && document["version"] == "0.10.0", || plan.all());
    let registry = testbed.path("registry");
    let text = format!("[publish.folder]\npath = {:?}\n", registry.display().to_string());
    let manifest = project.join("plimsoll.toml");
    let before = std::fs::read_to_string(&manifest).map_err(Trouble::io(&manifest))?;
    project::write(&manifest, &format!("{before}\n{text}"))?;
    commit(project, "registry")?;
    let release = plimsoll(&["release"])?;
    checks.that("a release without its tag is refused", release.code == Some(1) && release.stderr.contains("no tag `v0.10.0`"), || {
        release.all()
    });
    git(project, &["tag", "v0.10.1"])?;
    let release = plimsoll(&["release", "--dry-run"])?;
    checks.that("another version's tag is refused", release.code == Some(1) && release.stderr.contains("`v0.10.1`"), || release.all());
    git(project, &["tag", "-d", "v0.10.1"])?;
    git(project, &["tag", "v0.10.0"])?;
    let checked = version(testbed, project, &["check", "--release"])?;
    checks.that("with its tag and its notes it may go", checked.well(), || checked.all());
    project::replace(&project.join("python/ketch/pyproject.toml"), "== 0.10.0", "== 0.9.0")?;
    let plan = plimsoll(&["plan"])?;
    let named = plan.stderr.contains("python/ketch/pyproject.toml:6: pin on ketch-core is 0.9.0, and must be 0.10.0");
    checks.that("a copy that was forgotten stops the plan", plan.code == Some(1) && named, || plan.all());
    Ok(())
}
