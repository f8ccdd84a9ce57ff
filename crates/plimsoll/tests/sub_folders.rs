//! Projects whose cargo workspaces lie in folders: below a project without a Cargo.toml, beside another workspace, or below `native/`.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "tests start the command, say `not run`, and fail"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use project::{Project, TARGET};

mod project;

/// A folder with a licence, in git; whatever else it has is written by the test.
fn bare() -> Project {
    let project = Project::required();
    fs::remove_dir_all(project.path()).unwrap();
    project.write("app/LICENSE", "as you like\n");
    project.write("app/.gitignore", "/dist/\ntarget/\n");
    project.git(&["init", "-q"]);
    project
}

/// A package that is a workspace of its own, with a lock file; its program says `what` and its version.
fn workspace(project: &Project, folder: &str, name: &str, what: &str) {
    let manifest = format!("[package]\nname = \"{name}\"\nversion = \"0.3.0\"\nedition = \"2021\"\n\n[workspace]\n");
    project.write(&format!("app/{folder}/Cargo.toml"), &manifest);
    project.write(&format!("app/{folder}/Cargo.lock"), &format!("version = 4\n\n[[package]]\nname = \"{name}\"\nversion = \"0.3.0\"\n"));
    says(project, folder, what);
}

/// Puts a folder's files below another one.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), &to).unwrap();
        }
    }
}

fn says(project: &Project, folder: &str, what: &str) {
    let text = format!("fn main() {{ println!(\"{what} {{}}\", env!(\"CARGO_PKG_VERSION\")); }}\n");
    project.write(&format!("app/{folder}/src/main.rs"), &text);
}

/// A workspace with a library in a folder, whose crate has settings of its own.
fn library(project: &Project) {
    let lock = "version = 4\n\n[[package]]\nname = \"x\"\nversion = \"0.3.0\"\n";
    let package = "[package]\nname = \"x\"\nversion = \"0.3.0\"\nedition = \"2021\"\n[lib]\ncrate-type = [\"cdylib\"]\n";
    let code = "#[no_mangle]\npub extern \"C\" fn nif_init() -> *const u8 { concat!(env!(\"ABOVE\"), env!(\"BESIDE\")).as_ptr() }\n";
    for (name, text) in [
        ("Cargo.toml", "[workspace]\nmembers = [\"native/x\"]\nresolver = \"2\"\n"),
        ("Cargo.lock", lock),
        (".cargo/config.toml", "[env]\nABOVE = \"above\"\n"),
        ("native/x/Cargo.toml", package),
        ("native/x/src/lib.rs", code),
        ("native/x/.cargo/config.toml", "[env]\nBESIDE = \"beside\"\n[profile.release]\nlto = true\n[build]\ntarget-dir = \"elsewhere\"\n"),
    ] {
        project.write(&format!("app/{name}"), text);
    }
}

/// `init` for this machine's target, with its own linker whatever else is here.
fn init(project: &Project) -> String {
    project.expect(&["init", "--force", "--target", TARGET], 0);
    let path = project.path().join("plimsoll.toml");
    let written = fs::read_to_string(&path).unwrap();
    if !written.contains("builder = ") {
        fs::write(&path, format!("{written}\n[target.{TARGET}]\nbuilder = \"native\"\n")).unwrap();
    }
    written
}

/// Packed files get one time, so that the bytes of archives can be compared.
fn at_one_time(project: &Project) {
    let path = project.path().join("plimsoll.toml");
    fs::write(&path, format!("epoch = 1700000000\n{}", fs::read_to_string(&path).unwrap())).unwrap();
}

/// A file of an archive.
fn packed(project: &Project, archive: &str, file: &str) -> Vec<u8> {
    let name = format!("{archive}-{TARGET}");
    let path = project.path().join(format!("dist/{name}.tar.xz"));
    Command::new("tar").arg("-xJOf").arg(path).arg(format!("{name}/{file}")).output().unwrap().stdout
}

fn archive(project: &Project, name: &str) -> Vec<u8> {
    fs::read(project.path().join(format!("dist/{name}-{TARGET}.tar.xz"))).unwrap()
}

/// When programs of a name were last linked in work folders, by the text that they hold.
fn linked(project: &Project, name: &str, text: &str) -> SystemTime {
    fn look(folder: &Path, name: &str, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() && !path.is_symlink() {
                look(&path, name, found);
            } else if entry.file_name() == name && path.parent().unwrap().ends_with("release") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    look(&project.store(), name, &mut found);
    let holds = |path: &PathBuf| fs::read(path).unwrap().windows(text.len()).any(|window| window == text.as_bytes());
    let path = found.into_iter().find(holds).unwrap_or_else(|| panic!("no `{name}` says {text}"));
    path.metadata().unwrap().modified().unwrap()
}

#[test]
fn a_python_tool_with_its_core_in_a_folder_is_found_and_released() {
    let project = bare();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/core-in-a-folder"), &project.path());
    workspace(&project, "examples/demo", "demo", "not shipped");
    let written = init(&project);
    let tables = "\n[core.htty-core]\npath = \"htty-core\"\n\n[archive.htty-core]\n\n[wheel.htty-core]\ncore = \"htty-core\"\n\n[wheel.htty]\npure = true\n";
    assert!(written.contains(tables) && !written.contains("demo"), "{written}");
    let version = "source = \"htty-core/Cargo.toml\"\ncopies = [\"htty-core/pyproject.toml\", \"htty/pyproject.toml\"]";
    assert!(written.contains(version), "{written}");
    // Wheels need roots with Python: `scripts/test wheel-pair` has them.
    let manifest = fs::read_to_string(project.path().join("plimsoll.toml")).unwrap();
    project.write("app/plimsoll.toml", &manifest.replace("[wheel.htty-core]\ncore = \"htty-core\"\n\n[wheel.htty]\npure = true\n", ""));
    at_one_time(&project);
    project.commit();
    let plan = project.expect(&["plan"], 0);
    assert!(plan.contains("cargo in htty-core, release: ht"), "{plan}");
    project.expect(&["rehearse"], 0);
    assert_eq!(packed(&project, "htty-core", "README.md"), b"The core: one program.\n", "the core's own comes first");
    assert_eq!(packed(&project, "htty-core", "LICENSE"), b"Nothing here is shipped: use it as you like.\n");
    assert!(packed(&project, "htty-core", "CHANGELOG.md").starts_with(b"# Changes\n"));
    let second = project.expect(&["rehearse"], 0);
    assert!(second.contains("unchanged") && second.matches("remembered").count() == 4, "{second}");
    assert!(project.expect(&["status"], 0).contains("proven"));
    // What is beside the core compiles nothing anew.
    let (sealed, before) = (archive(&project, "htty-core"), linked(&project, "ht", "ht "));
    project.write("app/htty/src/htty/__init__.py", "VERSION = 1\n");
    project.commit();
    project.expect(&["rehearse"], 0);
    assert_eq!(linked(&project, "ht", "ht "), before);
    assert_eq!(archive(&project, "htty-core"), sealed);
    // One version in all places, each in its own file.
    project.expect(&["version", "set", "0.4.0"], 0);
    for (file, text) in [
        ("htty-core/Cargo.toml", "version = \"0.4.0\""),
        ("htty-core/Cargo.lock", "version = \"0.4.0\""),
        ("htty-core/pyproject.toml", "version = \"0.4.0\""),
        ("htty/pyproject.toml", "htty-core==0.4.0"),
    ] {
        let said = fs::read_to_string(project.path().join(file)).unwrap();
        assert!(said.contains(text), "{file}: {said}");
    }
    assert!(project.expect(&["plan"], 0).contains("0.4.0"));
}

#[test]
fn two_workspaces_with_packages_of_one_name_are_told_apart_and_built_apart() {
    let project = bare();
    workspace(&project, "one", "tool", "first");
    workspace(&project, "two", "tool", "second");
    let written = init(&project);
    let cores = "[core.tool]\npath = \"one\"\n\n[archive.tool]\n\n[core.two-tool]\npath = \"two\"\npackage = \"tool\"\n";
    assert!(written.starts_with("# What") && written.contains("name = \"app\"") && written.contains(cores), "{written}");
    at_one_time(&project);
    project.expect(&["rehearse"], 0);
    let ran = |archive: &str| {
        let program = project.folder.path().join("program");
        fs::write(&program, packed(&project, archive, "tool")).unwrap();
        fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        String::from_utf8(Command::new(&program).output().unwrap().stdout).unwrap()
    };
    assert_eq!((ran("tool").as_str(), ran("two-tool").as_str()), ("first 0.3.0\n", "second 0.3.0\n"));
    let (other, before) = (archive(&project, "two-tool"), linked(&project, "tool", "second "));
    says(&project, "one", "changed");
    project.expect(&["rehearse"], 0);
    assert_eq!(ran("tool"), "changed 0.3.0\n");
    assert_eq!(archive(&project, "two-tool"), other, "the other one has the same bytes");
    assert_eq!(linked(&project, "tool", "second "), before, "and was not compiled anew");
    project.expect(&["version", "set", "0.5.0"], 0);
    for folder in ["one", "two"] {
        for file in ["Cargo.toml", "Cargo.lock"] {
            let said = fs::read_to_string(project.path().join(folder).join(file)).unwrap();
            assert!(said.contains("version = \"0.5.0\""), "{folder}/{file}: {said}");
        }
    }
}

/// cargo's settings count from the folder in which a core is built, and reach no other.
#[test]
fn a_workspace_beside_that_of_the_project_has_its_own_settings_lock_and_dependencies() {
    let project = bare();
    let root = "[package]\nname = \"app\"\nversion = \"0.3.0\"\nedition = \"2021\"\n\n[workspace]\nexclude = [\"tools\"]\n";
    project.write("app/Cargo.toml", root);
    project.write("app/Cargo.lock", "version = 4\n\n[[package]]\nname = \"app\"\nversion = \"0.3.0\"\n");
    let text =
        "fn main() { println!(\"{} {} {}\", env!(\"CARGO_PKG_VERSION\"), option_env!(\"FROM\").unwrap_or(\"none\"), shared::word()); }\n";
    project.write(
        "app/src/main.rs",
        "fn main() { println!(\"{} {}\", env!(\"CARGO_PKG_VERSION\"), option_env!(\"FROM\").unwrap_or(\"none\")); }\n",
    );
    workspace(&project, "tools/extra", "extra", "");
    project.write("app/tools/extra/src/main.rs", text);
    project.write("app/shared/Cargo.toml", "[package]\nname = \"shared\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[workspace]\n");
    project.write("app/shared/src/lib.rs", "pub fn word() -> &'static str { if cfg!(from_above) { \"above\" } else { \"below\" } }\n");
    let manifest = fs::read_to_string(project.path().join("tools/extra/Cargo.toml")).unwrap();
    project.write("app/tools/extra/Cargo.toml", &format!("{manifest}[dependencies]\nshared = {{ path = \"../../shared\" }}\n"));
    project.write(
        "app/tools/extra/Cargo.lock",
        "version = 4\n\n[[package]]\nname = \"extra\"\nversion = \"0.3.0\"\ndependencies = [\n \"shared\",\n]\n\n[[package]]\nname = \"shared\"\nversion = \"0.1.0\"\n",
    );
    project.write("app/tools/extra/.cargo/config.toml", "[env]\nFROM = \"extra\"\n");
    project.write("app/tools/.cargo/config.toml", "[env]\nFROM = \"tools\"\n[build]\nrustflags = [\"--cfg\", \"from_above\"]\n");
    let written = init(&project);
    assert!(written.contains("[archive.app]") && written.contains("[core.extra]\npath = \"tools/extra\"\n"), "{written}");
    assert!(!written.contains("shared"), "a library is not shipped: {written}");
    let probes = "\n[archive.app.probe]\nrun = \"app\"\nexpect = \"{version} none\"\n[archive.extra.probe]\nrun = \"extra\"\nexpect = \"{version} extra above\"\n";
    project.write("app/plimsoll.toml", &format!("{}{probes}", fs::read_to_string(project.path().join("plimsoll.toml")).unwrap()));
    project.expect(&["rehearse"], 0);
    let plan = project.expect(&["plan", "--json"], 0);
    let plan: serde_json::Value = serde_json::from_str(&plan).unwrap();
    let compile = |core: &str| plan["products"][format!("{core}/{TARGET}")]["compile"]["cargo"].clone();
    assert_eq!(compile("extra")["path"], "tools/extra", "{plan}");
    assert!(compile("app").is_object() && compile("app").get("path").is_none(), "the project's own is as it was: {plan}");
}

#[test]
fn a_build_that_fails_says_in_which_workspace() {
    let project = bare();
    workspace(&project, "core", "ht", "ht");
    fs::remove_file(project.path().join("core/Cargo.lock")).unwrap();
    let said = project.expect(&["init", "--force", "--target", TARGET], 0);
    assert!(said.contains("run `cargo generate-lockfile` in core"), "{said}");
    init(&project);
    let said = project.expect(&["rehearse"], 1);
    assert!(said.contains("(or `cargo update --workspace`) in core and commit Cargo.lock"), "{said}");
    project.write("app/core/Cargo.toml", "[package]\nname = 1\n");
    let said = project.expect(&["plan"], 2);
    assert!(said.contains("core: cargo cannot read the project"), "{said}");
    project.write("app/plimsoll.toml", &format!("targets = [\"{TARGET}\"]\n[core.ht]\npath = \"cores\"\n"));
    let said = project.expect(&["plan"], 2);
    assert!(said.contains("plimsoll.toml:3:8") && said.contains("did you mean `core`?"), "{said}");
}

#[test]
fn an_elixir_package_without_a_workspace_of_its_own_is_found() {
    let project = bare();
    let native = |name: &str| {
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.3.0\"\nedition = \"2021\"\n\n[lib]\ncrate-type = [\"cdylib\"]\n\n[workspace]\n"
        );
        project.write(&format!("app/native/{name}/Cargo.toml"), &manifest);
        project.write(
            &format!("app/native/{name}/Cargo.lock"),
            &format!("version = 4\n\n[[package]]\nname = \"{name}\"\nversion = \"0.3.0\"\n"),
        );
        project.write(&format!("app/native/{name}/src/lib.rs"), "");
    };
    native("abacus");
    let files = "files: [\"lib\", \"native\", \"mix.exs\", \"checksum-*.exs\"]";
    project.write(
        "app/mix.exs",
        &format!("defmodule Abacus.MixProject do\n  use Mix.Project\n  def project do\n    [app: :abacus, version: \"0.3.0\", package: [{files}]]\n  end\nend\n"),
    );
    let module = |name: &str, library: &str| {
        format!(
            "defmodule {name} do\n  use RustlerPrecompiled,\n    otp_app: :abacus,\n    crate: \"{library}\",\n    base_url: \"https://example.org/v0.3.0\",\n    version: \"0.3.0\",\n    targets: [\"{TARGET}\"],\n    nif_versions: [\"2.15\"]\nend\n"
        )
    };
    project.write("app/lib/native.ex", &module("Abacus.Native", "abacus"));
    let print = || project.expect(&["init", "--print", "--target", TARGET], 0);
    let written = print();
    assert!(written.contains("source = \"mix.exs\"\ncopies = [\"native/abacus/Cargo.toml\"]\n"), "{written}");
    assert!(written.contains("\n[nif.abacus]\n") && !written.contains("[core") && !written.contains("module ="), "{written}");
    project.expect(&["init", "--target", TARGET], 0);
    let plan = project.expect(&["plan"], 0);
    assert!(plan.contains("cargo in native/abacus, release: library abacus"), "{plan}");
    let code = project.plimsoll(&["doctor"]).status.code();
    assert!(matches!(code, Some(0 | 3)), "{code:?}");
    // By plain Rustler, and a second crate.
    native("beads");
    project.write("app/lib/native.ex", "defmodule Abacus.Native do\n  use Rustler, otp_app: :abacus, crate: :abacus\nend\n");
    project.write("app/lib/beads.ex", "defmodule Abacus.Beads do\n  use Rustler, otp_app: :abacus, crate: \"beads\"\nend\n");
    let written = print();
    let nifs = "[core.abacus]\npath = \"native/abacus\"\n\n[nif.abacus]\ncore = \"abacus\"\nmodule = \"Abacus.Native\"\n\n[core.beads]\npath = \"native/beads\"\n";
    assert!(written.contains(nifs) && written.contains("module = \"Abacus.Beads\""), "{written}");
    project.expect(&["init", "--force", "--target", TARGET], 0);
    let plan = project.expect(&["plan"], 0);
    assert!(plan.contains("cargo in native/beads, release: library beads"), "{plan}");
}

#[test]
fn what_no_back_end_makes_is_named() {
    let project = bare();
    project.write("app/pyproject.toml", "[project]\nname = \"scripts\"\nversion = \"0.1.0\"\n");
    let said = project.expect(&["init"], 2);
    assert!(said.contains("pyproject.toml, without a name or a [build-system]"), "{said}");
}

#[test]
fn a_library_is_built_by_the_settings_beside_its_crate() {
    let project = bare();
    library(&project);
    project.manifest("[nif.x]\nmodule = \"X.Native\"\n");
    project.commit();
    let said = project.expect(&["build"], 0);
    assert!(said.contains("native/x/.cargo/config.toml: `build.target-dir` does not hold"), "{said}");
    assert!(!project.path().join("elsewhere").exists() && !project.path().join("native/x/elsewhere").exists());
    // They are an input like any other.
    project.write("app/native/x/.cargo/config.toml", "[profile.release]\nlto = true\n");
    let said = project.expect(&["build"], 1);
    assert!(said.contains("BESIDE"), "{said}");
}
