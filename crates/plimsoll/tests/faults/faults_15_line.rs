//! Files of the version's line, and tags of other versions.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use crate::project::Project;

impl Project {
    fn with_line(file: &str) -> Self {
        let project = Self::required();
        project.manifest(&format!("[version]\nsource = \"Cargo.toml\"\nline = [{file}]\n"));
        project
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap()
    }
}

#[test]
fn a_file_that_git_tracks_is_never_replaced_by_the_line() {
    let project = Project::with_line("\"LICENSE.txt\"");
    project.write("app/LICENSE.txt", "my text\n");
    project.commit();
    for arguments in [["status"].as_slice(), &["plan"], &["version", "line", "--write"]] {
        let said = project.expect(arguments, 2);
        assert!(said.contains("LICENSE.txt") && said.contains("was not written by plimsoll"), "{said}");
        assert_eq!(project.text("LICENSE.txt"), "my text\n");
    }
    // One that was written here before, and then committed.
    let project = Project::with_line("\"version-line.txt\"");
    project.expect(&["version", "line", "--write"], 0);
    project.commit();
    let said = project.expect(&["status"], 2);
    assert!(said.contains("is tracked by git") && said.contains("git rm --cached version-line.txt"), "{said}");
    // Taking it away does not make it anybody else's.
    fs::remove_file(project.path().join("version-line.txt")).unwrap();
    assert!(project.expect(&["status"], 2).contains("is tracked by git"));
    assert!(!project.path().join("version-line.txt").exists());
    project.git(&["rm", "-q", "--cached", "version-line.txt"]);
    project.write("app/.gitignore", "/dist/\n/target/\n/version-line.txt\n");
    project.commit();
    project.expect(&["status"], 0);
    assert!(project.text("version-line.txt").starts_with("0.3.0 ("));
}

#[test]
fn a_file_of_somebody_else_stops_the_line_before_anything_is_written() {
    let project = Project::with_line("\"version-line.txt\", \"app/_version.py\", \"notes.txt\"");
    project.write("app/.gitignore", "/dist/\n/target/\n/version-line.txt\n/app/\n/notes.txt\n");
    project.write("app/app/_version.py", "__version__ = \"0.3.0\"\n");
    project.commit();
    let said = project.expect(&["status"], 2);
    assert!(said.contains("app/_version.py") && said.contains("was not written by plimsoll"), "{said}");
    assert!(!project.path().join("version-line.txt").exists(), "{said}");
    fs::remove_file(project.path().join("app/_version.py")).unwrap();
    // Notes that begin as a line does.
    project.write("app/notes.txt", "0.3.0 (see the changelog)\n");
    assert!(project.expect(&["status"], 2).contains("notes.txt"));
    assert!(!project.path().join("app/_version.py").exists());
    fs::remove_file(project.path().join("notes.txt")).unwrap();
    fs::create_dir(project.path().join("notes.txt")).unwrap();
    assert!(project.expect(&["status"], 2).contains("notes.txt"));
    fs::remove_dir(project.path().join("notes.txt")).unwrap();
    symlink("../elsewhere.txt", project.path().join("notes.txt")).unwrap();
    assert!(project.expect(&["status"], 2).contains("is a link"));
    fs::remove_file(project.path().join("notes.txt")).unwrap();
    project.expect(&["status"], 0);
    // What was written here is written again.
    project.write("app/src/more.rs", "");
    project.commit();
    project.expect(&["status"], 0);
    assert_eq!(project.text("version-line.txt"), project.text("notes.txt"));
}

#[test]
fn the_line_never_lies_in_a_folder_of_git_or_of_a_release() {
    for (file, told) in [
        (".git/description.txt", "a repository's own folder"),
        ("a/.Git/hooks/x.py", "a repository's own folder"),
        ("dist/version-line.txt", "which every release replaces"),
    ] {
        let project = Project::with_line(&format!("\"{file}\""));
        fs::create_dir_all(project.path().join(file).parent().unwrap()).unwrap();
        let said = project.expect(&["status"], 2);
        assert!(said.contains(told), "{said}");
        assert!(!project.path().join(file).exists());
    }
    // Nor behind a link to one.
    let project = Project::with_line("\"link/line.txt\"");
    symlink(".git", project.path().join("link")).unwrap();
    assert!(project.expect(&["status"], 2).contains("a repository's own folder"));
    assert!(!project.path().join(".git/line.txt").exists());
}

#[test]
fn a_tag_of_another_version_stops_a_release_of_a_project_without_a_version_table() {
    let project = Project::required();
    let registry = project.folder.path().join("registry");
    project.manifest(&format!("[publish.folder]\npath = {:?}\n", registry.display().to_string()));
    project.commit();
    for tag in ["v0.2.0", "0.2.0", "app-v0.2.0", "app/0.2.0"] {
        project.git(&["tag", tag]);
        for arguments in [["release"].as_slice(), &["release", "--dry-run"]] {
            let said = project.expect(arguments, 1);
            assert!(said.contains(&format!("the tag is `{tag}`, and of this version it is")), "{said}");
        }
        project.git(&["tag", "-d", tag]);
    }
    assert!(!registry.exists());
    // Tags that are none of a version, or another package's, and one more beside the right one.
    for tag in ["latest", "other-v0.2.0", "v0.2", "v0.3.0", "v0.2.0"] {
        project.git(&["tag", "-a", "-m", "x", tag]);
    }
    project.expect(&["release"], 0);
    assert!(registry.exists());
}

#[test]
fn init_says_where_the_version_stands() {
    let init = |project: &Project| {
        fs::remove_file(project.path().join("plimsoll.toml")).unwrap();
        project.expect(&["init", "--target", crate::project::TARGET], 0);
        project.text("plimsoll.toml")
    };
    let project = Project::required();
    assert!(init(&project).contains("\n[version]\nsource = \"Cargo.toml\"\n"));
    assert!(project.expect(&["version"], 0).contains("Cargo.lock"));
    project.expect(&["plan"], 0);

    // Packages that take it from their workspace.
    let project = Project::required();
    project.write("app/Cargo.toml", "[workspace]\nmembers = [\"a\", \"b\"]\nresolver = \"3\"\n[workspace.package]\nversion = \"0.4.0\"\n");
    for name in ["a", "b"] {
        project.write(
            &format!("app/{name}/Cargo.toml"),
            &format!("[package]\nname = \"{name}\"\nversion.workspace = true\nedition = \"2024\"\n"),
        );
        project.write(&format!("app/{name}/src/main.rs"), "fn main() {}\n");
    }
    project.cargo(&["generate-lockfile"]);
    assert!(init(&project).contains("\n[version]\nsource = \"Cargo.toml\"\n"));
    // Each with a number of its own, today the same.
    for name in ["a", "b"] {
        project
            .write(&format!("app/{name}/Cargo.toml"), &format!("[package]\nname = \"{name}\"\nversion = \"0.4.0\"\nedition = \"2024\"\n"));
    }
    assert!(init(&project).contains("\n[version]\nsource = \"a/Cargo.toml\"\ncopies = [\"b/Cargo.toml\"]\n"));
    project.expect(&["version", "check"], 0);
    // And no longer the same: there is no one version.
    project.write("app/b/Cargo.toml", "[package]\nname = \"b\"\nversion = \"0.5.0\"\nedition = \"2024\"\n");
    assert!(!init(&project).contains("[version]"));
}

#[test]
fn a_member_of_a_workspace_above_has_no_source_in_its_own_folder() {
    let project = Project::required();
    project.write("Cargo.toml", "[workspace]\nmembers = [\"app\"]\nresolver = \"3\"\n[workspace.package]\nversion = \"0.4.0\"\n");
    project.write("app/Cargo.toml", "[package]\nname = \"app\"\nversion.workspace = true\nedition = \"2024\"\n");
    fs::remove_file(project.path().join("Cargo.lock")).unwrap();
    let said = Command::new("cargo").args(["generate-lockfile", "--offline"]).current_dir(project.path()).output().unwrap();
    assert!(said.status.success(), "{said:?}");
    fs::remove_file(project.path().join("plimsoll.toml")).unwrap();
    project.expect(&["init", "--target", crate::project::TARGET], 0);
    assert!(!project.text("plimsoll.toml").contains("[version]"));
    project.expect(&["plan"], 0);
}
