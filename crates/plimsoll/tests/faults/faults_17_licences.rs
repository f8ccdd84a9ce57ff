//! Archives carry the licences of what they hold, or say that they have none.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use serde_json::Value;

use crate::project::{Project, TARGET};

/// What is said of an archive that holds no licence.
const NONE: &str = "archive.app holds no licence";

/// The usual project with its package in a folder below a workspace, and a manifest in each of both.
fn workspace() -> Project {
    let project = Project::required();
    project.write("app/crates/app/Cargo.toml", "[package]\nname = \"app\"\nversion = \"0.3.0\"\nedition = \"2024\"\n");
    project.write("app/Cargo.toml", "[workspace]\nmembers = [\"crates/app\"]\nresolver = \"3\"\n");
    fs::rename(project.path().join("src"), project.path().join("crates/app/src")).unwrap();
    fs::copy(project.path().join("plimsoll.toml"), project.path().join("crates/app/plimsoll.toml")).unwrap();
    project.cargo(&["generate-lockfile"]);
    project
}

/// Path in the project → path in the archive.
fn files(project: &Project, root: &str) -> Vec<String> {
    let output = project.plimsoll(&["plan", "--json", "--root", root]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let plan: Value = serde_json::from_slice(&output.stdout).unwrap();
    let files = plan["artifacts"][format!("archive.app/{TARGET}")]["origin"]["packed"].as_array().cloned().unwrap_or_default();
    let files = files.iter().filter_map(|content| content["project"].as_object()).flatten();
    files.map(|(from, to)| format!("{from} → {}", to.as_str().unwrap())).collect()
}

#[test]
fn notices_and_the_folder_of_licences_are_shipped_and_sources_about_licences_are_not() {
    let project = Project::required();
    for name in ["LICENSE-MIT", "COPYING.LESSER", "NOTICE", "Notice.txt.orig", "COPYRIGHT", "LICENSES/MIT.txt", "LICENSES/tool.py"] {
        project.write(&format!("app/{name}"), name);
    }
    for name in ["license.rs", "copying.py", "NOTICE_template.go", "licensing.md", "docs/LICENSE"] {
        project.write(&format!("app/{name}"), name);
    }
    let expected = ["COPYING.LESSER", "COPYRIGHT", "LICENSE-MIT", "LICENSES/MIT.txt", "NOTICE"];
    assert_eq!(files(&project, "."), expected.map(|name| format!("{name} → {name}")));
}

#[test]
fn a_packages_own_licence_is_shipped_beside_the_workspaces() {
    let project = workspace();
    project.write("app/LICENSE", "of the workspace");
    project.write("app/LICENSE-MIT", "mit");
    project.write("app/crates/app/LICENSE", "of the package");
    project.write("app/crates/app/NOTICE", "notice");
    symlink("../../LICENSE-MIT", project.path().join("crates/app/LICENSE-MIT")).unwrap();
    let top = ["LICENSE → LICENSE", "LICENSE-MIT → LICENSE-MIT", "crates/app/LICENSE → LICENSE-app", "crates/app/NOTICE → NOTICE"];
    assert_eq!(files(&project, "."), top);
    let below = ["../../LICENSE → LICENSE-workspace", "LICENSE → LICENSE", "LICENSE-MIT → LICENSE-MIT", "NOTICE → NOTICE"];
    assert_eq!(files(&project, "crates/app"), below);
    // What the manifest lists is all there is.
    let listed = format!("targets = [\"{TARGET}\"]\n[archive.app]\nfiles = [\"LICENSE\"]\n[target.{TARGET}]\nbuilder = \"native\"\n");
    project.write("app/plimsoll.toml", &listed);
    assert_eq!(files(&project, "."), ["LICENSE → LICENSE"]);
}

#[test]
fn the_workspaces_licence_reaches_the_archive_of_a_project_below_it() {
    let project = workspace();
    project.write("app/LICENSE", "of the workspace\n");
    project.write(
        "app/crates/app/Cargo.toml",
        "[package]\nname = \"app\"\nversion = \"0.3.0\"\nedition = \"2024\"\nlicense-file = \"EULA.txt\"\n",
    );
    project.write("app/crates/app/EULA.txt", "of the package\n");
    project.commit();
    let said = project.expect(&["rehearse", "--root", "crates/app"], 0);
    assert!(!said.contains(NONE), "{said}");
    let dist = project.path().join("crates/app/dist");
    let archive = dist.join(format!("app-{TARGET}.tar.xz"));
    let unpacked = project.folder.path().join("unpacked");
    fs::create_dir(&unpacked).unwrap();
    assert!(Command::new("tar").arg("xf").arg(&archive).current_dir(&unpacked).status().unwrap().success());
    let read = |name: &str| fs::read_to_string(unpacked.join(format!("app-{TARGET}")).join(name)).unwrap();
    assert_eq!((read("LICENSE").as_str(), read("LICENSE-EULA.txt").as_str()), ("of the workspace\n", "of the package\n"));
}

#[test]
fn an_archive_without_a_licence_is_told_of_once_and_fails_nothing() {
    let project = Project::required();
    project.write("app/README.md", "readme");
    project.commit();
    for arguments in [&["plan"][..], &["pack"], &["rehearse"]] {
        let said = project.expect(arguments, 0);
        assert_eq!(said.matches(NONE).count(), 1, "{arguments:?}: {said}");
        assert!(said.contains("`files`"), "what to do: {said}");
    }
    let output = project.plimsoll(&["plan", "--json"]);
    assert!(serde_json::from_slice::<Value>(&output.stdout).is_ok() && output.stderr.is_empty());
    project.write("app/COPYING", "gpl");
    project.commit();
    for arguments in [&["plan"][..], &["pack"]] {
        assert!(!project.expect(arguments, 0).contains(NONE), "{arguments:?}");
    }
    let table = format!("targets = [\"{TARGET}\"]\n[archive.app.files]\n\"README.md\" = \"README\"\n");
    project.write("app/plimsoll.toml", &table);
    assert!(project.expect(&["plan"], 0).contains(NONE), "a list that leaves it out");
    project
        .write("app/plimsoll.toml", &format!("{table}\"README.md\" = \"doc/LICENSE\"\n").replacen("\"README.md\" = \"README\"\n", "", 1));
    assert!(!project.expect(&["plan"], 0).contains(NONE), "a file that becomes one");
}
