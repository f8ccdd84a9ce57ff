//! What is the project's own moves with its version, and nothing else does.

use std::fs;
use std::process::Command;

use crate::project::{Project, TARGET};

/// Names of files below the folder, with their texts.
type Files<'f> = &'f [(&'f str, &'f str)];

fn package(name: &str, version: &str, more: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2024\"\n{more}")
}

fn manifest(version: &str) -> String {
    format!("targets = [\"{TARGET}\"]\n[version]\n{version}\n[target.{TARGET}]\nbuilder = \"native\"\n")
}

/// A project of these files alone, with empty libraries beside its manifests and with these lock files.
fn project(files: Files<'_>, locked: &[&str]) -> Project {
    let project = Project::required();
    for name in ["Cargo.toml", "Cargo.lock", "src/main.rs"] {
        fs::remove_file(project.path().join(name)).unwrap();
    }
    for (name, text) in files {
        project.write(&format!("app/{name}"), text);
        if let Some(folder) = name.strip_suffix("Cargo.toml").filter(|_| text.contains("[package]")) {
            project.write(&format!("app/{folder}src/lib.rs"), "");
        }
    }
    for folder in locked {
        assert!(cargo(&project, folder, &["generate-lockfile", "--offline"]), "{folder}");
    }
    project.commit();
    project
}

/// Whether cargo ends well in a folder.
fn cargo(project: &Project, folder: &str, arguments: &[&str]) -> bool {
    Command::new("cargo").args(arguments).current_dir(project.path().join(folder)).output().unwrap().status.success()
}

/// Whether cargo takes the lock file as it is.
fn locked(project: &Project, folder: &str) -> bool {
    cargo(project, folder, &["metadata", "--locked", "--offline", "--format-version", "1"])
}

fn read(project: &Project, name: &str) -> String {
    fs::read_to_string(project.path().join(name)).unwrap()
}

#[test]
fn a_namesake_by_path_keeps_its_version_its_pin_and_its_entry() {
    let app = "[dependencies]\ntide = { path = \"../tide\", version = \"0.9.0\" }\nold-tide = { package = \"tide\", path = \"../old\", version = \"0.5.0\" }\n\
               [target.'cfg(unix)'.dev-dependencies.old-tide]\npackage = \"tide\"\npath = \"../old\"\nversion = \"=0.5.0\"\n";
    let project = project(
        &[
            ("Cargo.toml", "[workspace]\nmembers = [\"tide\", \"mast\"]\nexclude = [\"old\"]\nresolver = \"3\"\n"),
            ("tide/Cargo.toml", &package("tide", "0.9.0", "")),
            ("old/Cargo.toml", &package("tide", "0.5.0", "[workspace]\n")),
            ("mast/Cargo.toml", &package("mast", "0.9.0", app)),
            ("plimsoll.toml", &manifest("source = \"mast/Cargo.toml\"\ncopies = [\"tide/Cargo.toml\"]")),
        ],
        &[""],
    );
    project.expect(&["version", "check"], 0);
    project.expect(&["version", "set", "0.10.0"], 0);
    assert_eq!(read(&project, "mast/Cargo.toml"), package("mast", "0.10.0", &app.replace("0.9.0", "0.10.0")));
    assert_eq!(read(&project, "old/Cargo.toml"), package("tide", "0.5.0", "[workspace]\n"));
    assert!(locked(&project, ""));
    // To the version that the namesake has: cargo would take neither.
    project.write("app/old/Cargo.toml", &package("tide", "0.11.0", "[workspace]\n"));
    let pins = read(&project, "mast/Cargo.toml").replace("0.5.0", "0.11.0");
    project.write("app/mast/Cargo.toml", &pins);
    assert!(cargo(&project, "", &["generate-lockfile", "--offline"]));
    project.expect(&["version", "check"], 0);
    project.expect(&["version", "set", "0.11.0"], 1);
    assert_eq!(read(&project, "mast/Cargo.toml"), pins);
}

#[test]
fn lock_files_and_pins_of_excluded_crates_move_too() {
    let path =
        |up: &str, version: &str| format!("publish = false\n[dependencies]\nlamp = {{ path = \"{up}/core\"{version} }}\n[workspace]\n");
    let project = project(
        &[
            (
                "Cargo.toml",
                "[workspace]\nmembers = [\"core\", \"wick\"]\nexclude = [\"fuzz\", \"examples\", \"native\"]\nresolver = \"3\"\n",
            ),
            ("core/Cargo.toml", &package("lamp", "1.2.3", "[dependencies]\nwick = { path = \"../wick\" }\n")),
            ("wick/Cargo.toml", &package("wick", "1.2.3", "")),
            ("fuzz/Cargo.toml", &package("lamp-fuzz", "0.0.0", &path("..", ""))),
            ("examples/a/Cargo.toml", &package("a", "1.2.3", &path("../..", ", version = \"=1.2.3\""))),
            // Without a lock file, and one that is no manifest at all.
            ("examples/b/Cargo.toml", &package("b", "1.2.3", &path("../..", ", version = \"1.2.3\""))),
            ("examples/template/Cargo.toml", "[package]\nname = {{ name }}\n"),
            // The same, put in place of a registry's.
            (
                "native/c/Cargo.toml",
                &package(
                    "c",
                    "0.1.0",
                    "[dependencies]\nwick = \"1.2\"\n[patch.crates-io]\nwick = { path = \"../../wick\" }\n[workspace]\n",
                ),
            ),
            ("plimsoll.toml", &manifest("source = \"core/Cargo.toml\"\ncopies = [\"wick/Cargo.toml\"]")),
        ],
        &["", "fuzz", "examples/a", "native/c"],
    );
    project.expect(&["version", "check"], 0);
    project.expect(&["version", "bump", "--minor"], 0);
    project.expect(&["version", "check"], 0);
    for folder in ["", "fuzz", "examples/a", "native/c"] {
        assert!(locked(&project, folder), "{folder}");
    }
    assert!(
        read(&project, "examples/a/Cargo.toml").contains("version = \"1.2.3\"\n")
            && read(&project, "examples/a/Cargo.toml").contains("\"=1.3.0\"")
    );
    assert!(read(&project, "examples/b/Cargo.toml").contains("/core\", version = \"1.3.0\""));
    // One that was left behind is named, by everything that opens the project.
    project.write("app/fuzz/Cargo.lock", &read(&project, "fuzz/Cargo.lock").replace("1.3.0", "1.2.3"));
    assert!(project.expect(&["version", "check"], 1).contains("fuzz/Cargo.lock"));
}

#[test]
fn a_lock_file_with_a_namesake_of_the_project_alone_is_left_alone() {
    let project = project(
        &[
            ("Cargo.toml", &package("lamp", "1.2.3", "[workspace]\nexclude = [\"other\"]\n")),
            ("other/lamp/Cargo.toml", &package("lamp", "1.2.3", "[workspace]\n")),
            (
                "other/app/Cargo.toml",
                &package("app", "1.2.3", "[dependencies]\nlamp = { path = \"../lamp\", version = \"1.2.3\" }\n[workspace]\n"),
            ),
            ("plimsoll.toml", &manifest("source = \"Cargo.toml\"")),
        ],
        &["", "other/app"],
    );
    let before = (read(&project, "other/app/Cargo.toml"), read(&project, "other/app/Cargo.lock"));
    project.expect(&["version", "bump", "--patch"], 0);
    assert_eq!((read(&project, "other/app/Cargo.toml"), read(&project, "other/app/Cargo.lock")), before);
    assert!(locked(&project, "") && locked(&project, "other/app"));
}

#[test]
fn a_bump_in_the_folder_of_a_member_moves_the_workspace_around_it() {
    let shared = "[workspace]\nmembers = [\"hull\", \"deck\"]\nresolver = \"3\"\n[workspace.dependencies]\nhull = { path = \"hull\", version = \"0.1.0\" }\n";
    let project = project(
        &[
            ("Cargo.toml", shared),
            ("hull/Cargo.toml", &package("hull", "0.1.0", "")),
            ("deck/Cargo.toml", &package("deck", "0.1.0", "[dependencies]\nhull = { workspace = true }\n")),
            ("hull/plimsoll.toml", &manifest("source = \"Cargo.toml\"")),
        ],
        &[""],
    );
    let shown = project.expect(&["--root", "hull", "version"], 0);
    assert!(shown.contains("../Cargo.lock") && shown.contains("../Cargo.toml"), "{shown}");
    project.expect(&["--root", "hull", "version", "bump", "--minor"], 0);
    assert!(locked(&project, ""));
    assert_eq!(read(&project, "Cargo.toml"), shared.replace("0.1.0", "0.2.0"));
    assert!(read(&project, "deck/Cargo.toml").contains("version = \"0.1.0\""));
    project.expect(&["--root", "hull", "version", "check"], 0);
    // Nothing is left behind in either folder.
    for folder in [project.path(), project.path().join("hull")] {
        assert!(!fs::read_dir(folder).unwrap().any(|entry| entry.unwrap().file_name().to_string_lossy().contains("journal")));
    }
}

#[test]
fn lock_files_of_other_ecosystems_above_the_project_move_too() {
    let uv = "[[package]]\nname = \"front\"\nversion = \"1.2.3\"\nsource = { editable = \"front\" }\n";
    let npm = "{\"name\": \"all\", \"packages\": {\"front\": {\"name\": \"@ht/front\", \"version\": \"1.2.3\"}}}\n";
    let project = project(
        &[
            ("uv.lock", uv),
            ("package-lock.json", npm),
            ("front/pyproject.toml", "[project]\nname = \"front\"\nversion = \"1.2.3\"\n"),
            ("front/package.json", "{\"name\": \"@ht/front\", \"version\": \"1.2.3\"}\n"),
            ("front/plimsoll.toml", &manifest("source = \"pyproject.toml\"\ncopies = [\"package.json\"]")),
        ],
        &[],
    );
    project.expect(&["--root", "front", "version", "bump", "--minor"], 0);
    assert_eq!(read(&project, "uv.lock"), uv.replace("1.2.3", "1.3.0"));
    assert_eq!(read(&project, "package-lock.json"), npm.replace("1.2.3", "1.3.0"));
}

const MIX: &str = "defmodule Lamp.MixProject do\n  use Mix.Project\n  @version \"1.2.3\"\n  def project do\n    [app: :lamp, version: @version, \
                   releases: [demo: [version: \"0.9.0\", applications: [runtime_tools: :permanent]]]]\n  end\nend\n";

#[test]
fn the_version_of_a_mix_release_is_not_the_project_s() {
    let project = project(
        &[("VERSION", "1.2.3\n"), ("mix.exs", MIX), ("plimsoll.toml", &manifest("source = \"VERSION\"\ncopies = [\"mix.exs\"]"))],
        &[],
    );
    project.expect(&["version", "check"], 0);
    project.expect(&["version", "set", "1.3.0"], 0);
    assert_eq!(read(&project, "mix.exs"), MIX.replace("1.2.3", "1.3.0"));
    // One that only Elixir can tell.
    project.write("app/mix.exs", &MIX.replace("version: @version", "version: String.trim(File.read!(\"VERSION\"))"));
    let said = project.expect(&["version", "check"], 1);
    assert!(said.contains("which is no literal"), "{said}");
}

const SPEC: &str = "Name: lamp\nVersion: 1.2.3\nRelease: 0.2.rc1%{?dist}\nSummary: x\nLicense: MIT\n%description\nx\n\n%changelog\n\
                    * Thu Jan 01 2026 Somebody Else <else@example.org> - 1.2.3-0.2.rc1\n- First.\n";
const DEBIAN: &str =
    "lamp (1.2.3-1.1) unstable; urgency=critical\n\n  * y\n\n -- Somebody Else <else@example.org>  Thu, 01 Jan 2026 03:04:05 +0000\n";

fn packaged(more: &str) -> Project {
    let version = format!("source = \"VERSION\"\ncopies = [\"lamp.spec\", \"debian/changelog\"]\n{more}");
    project(&[("VERSION", "1.2.3\n"), ("lamp.spec", SPEC), ("debian/changelog", DEBIAN), ("plimsoll.toml", &manifest(&version))], &[])
}

/// Sets a version on a day, as somebody whom git knows by nothing but these variables.
fn set(project: &Project, version: &str, author: Option<&str>) -> (Option<i32>, String) {
    let mut command = project.command(&["version", "set", version]);
    command.env("SOURCE_DATE_EPOCH", "1767323045").env("HOME", project.folder.path()).env("GIT_CONFIG_GLOBAL", "/dev/null");
    for variable in ["XDG_CONFIG_HOME", "GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL"] {
        command.env_remove(variable);
    }
    if let Some(name) = author {
        command.env("GIT_AUTHOR_NAME", name).env("GIT_AUTHOR_EMAIL", "ada@example.org");
    }
    let output = command.output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn packagings_start_again_and_their_entries_are_signed_by_whoever_makes_them() {
    let entries = |signer: &str| {
        let spec = SPEC.replace("Version: 1.2.3", "Version: 1.3.0").replace("Release: 0.2.rc1", "Release: 1");
        let spec = spec.replace("%changelog\n", &format!("%changelog\n* Fri Jan 02 2026 {signer} - 1.3.0-1\n- Update to 1.3.0\n\n"));
        let debian = format!(
            "lamp (1.3.0-1) unstable; urgency=medium\n\n  * New upstream release.\n\n -- {signer}  Fri, 02 Jan 2026 03:04:05 +0000\n\n{DEBIAN}"
        );
        (spec, debian)
    };
    let written = |project: &Project| (read(project, "lamp.spec"), read(project, "debian/changelog"));

    // By what the environment of git says, by git's configuration, and by the manifest.
    let project = packaged("");
    assert_eq!(set(&project, "1.3.0", Some("Ada")).0, Some(0));
    assert_eq!(written(&project), entries("Ada <ada@example.org>"));
    assert_eq!(set(&project, "1.3.0", Some("Ada")).0, Some(0));
    assert_eq!(written(&project), entries("Ada <ada@example.org>"));
    let project = packaged("");
    project.git(&["config", "user.name", "Grace"]);
    project.git(&["config", "user.email", "grace@example.org"]);
    assert_eq!(set(&project, "1.3.0", None).0, Some(0));
    assert_eq!(written(&project), entries("Grace <grace@example.org>"));
    let project = packaged("maintainer = \"The Lamp developers <lamp@example.org>\"");
    assert_eq!(set(&project, "1.3.0", Some("Ada")).0, Some(0));
    assert_eq!(written(&project), entries("The Lamp developers <lamp@example.org>"));

    // Never by who signed the last one.
    let project = packaged("");
    let (code, said) = set(&project, "1.3.0", None);
    assert!(code == Some(2) && said.contains("nobody is known to sign it") && said.contains("maintainer"), "{said}");
    assert_eq!(written(&project), (SPEC.to_owned(), DEBIAN.to_owned()));
    project.write("app/lamp.spec", &SPEC.replace("0.2.rc1%", "%{rel}%"));
    let (code, said) = set(&project, "1.3.0", Some("Ada"));
    assert!(code == Some(1) && said.contains("its Release is `%{rel}%{?dist}`"), "{said}");
    assert_eq!(read(&project, "debian/changelog"), DEBIAN);
}

#[test]
fn a_template_and_a_broken_fixture_are_no_copies() {
    let project = Project::required();
    project.manifest("[version]\nsource = \"Cargo.toml\"\n");
    project.write(
        "app/templates/t/Cargo.toml",
        "[package]\nname = \"t\"\nversion = \"0.1.0\"\n[dependencies]\napp = { path = \"../..\", version = \"{{v}}\" }\n",
    );
    project.write(
        "app/t/x/Cargo.toml",
        "[package]\nname = \"x\"\nversion = \"0.1.0\"\n[dependencies]\napp = { path = \"../..\" }\n[workspace]\n",
    );
    project.write("app/t/x/Cargo.lock", "<<<<<<< ours\n");
    project.commit();
    project.expect(&["version", "check"], 0);
    project.expect(&["version", "bump", "--patch"], 0);
}
