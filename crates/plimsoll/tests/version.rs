//! `plimsoll version` as a person uses it, on small projects without cargo.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests start the command, and fail")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output};

use tempfile::TempDir;

struct Project {
    folder: TempDir,
    store: TempDir,
}

const MANIFEST: &str = r#"
[version]
source = "mix.exs"
copies = ["pyproject.toml", "debian/changelog", { file = "README.md", pattern = 'ht (\S+)', count = 2 }]
changelog = "CHANGELOG.md"
line = ["ht/_version.py"]
"#;

const FILES: &[(&str, &str)] = &[
    ("plimsoll.toml", MANIFEST),
    ("mix.exs", "defmodule Ht.MixProject do\n  @version \"1.2.3\"\n  def project, do: [version: @version]\nend\n"),
    ("pyproject.toml", "[project]\nname = \"ht\"\nversion = \"1.2.3\"\n"),
    ("debian/changelog", "ht (1.2.3-1) UNRELEASED; urgency=low\n\n  * x\n\n -- A B <a@example.org>  Thu, 01 Jan 2026 03:04:05 +0000\n"),
    ("README.md", "ht 1.2.3\nht 1.2.3\n"),
    ("CHANGELOG.md", "# Changelog\n\n## [Unreleased]\n\n- More.\n\n## [1.2.3] - 2026-01-01\n\n- First.\n"),
    ("ht/__init__.py", ""),
    (".gitignore", "/ht/_version.py\n"),
];

impl Project {
    fn new() -> Self {
        let project = Self { folder: tempfile::tempdir().unwrap(), store: tempfile::tempdir().unwrap() };
        for (name, text) in FILES {
            project.write(name, text);
        }
        project
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap()
    }

    fn git(&self, arguments: &[&str]) {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=t", "-c", "user.email=t@example.org"]).args(arguments).current_dir(self.folder.path());
        assert!(git.output().unwrap().status.success(), "git {arguments:?}");
    }

    fn commit(&self) {
        if !self.folder.path().join(".git").exists() {
            self.git(&["init", "-q"]);
        }
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", "x"]);
    }

    fn version(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_plimsoll"))
            .arg("version")
            .args(arguments)
            .arg("--root")
            .arg(self.folder.path())
            .env("NO_COLOR", "1")
            .env("SOURCE_DATE_EPOCH", "1767323045")
            .env("PLIMSOLL_STORE", self.store.path())
            .output()
            .unwrap()
    }

    fn well(&self, arguments: &[&str]) -> String {
        let output = self.version(arguments);
        assert!(output.status.success(), "{}", text(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Exit status 1, and what was printed; no file of the project is another than before.
    fn refused(&self, status: i32, arguments: &[&str]) -> String {
        let before = self.everything();
        let output = self.version(arguments);
        assert_eq!(output.status.code(), Some(status), "{}", text(&output));
        assert_eq!(self.everything(), before, "{}", text(&output));
        String::from_utf8(output.stderr).unwrap()
    }

    fn everything(&self) -> Vec<(String, String)> {
        let mut names = FILES.iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>();
        let listed = fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
        names.extend(listed.filter(|name| name.starts_with(".plimsoll")));
        names.into_iter().map(|name| (name.clone(), fs::read_to_string(self.folder.path().join(name)).unwrap_or_default())).collect()
    }
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn places_are_shown_changed_together_and_shown_again() {
    let project = Project::new();
    let shown = project.well(&[]);
    assert!(shown.contains("5 places agree"), "{shown}");
    let planned = project.well(&["bump", "--minor", "--pre", "rc", "--changelog", "--plan"]);
    insta::assert_snapshot!(planned);
    assert!(project.read("mix.exs").contains("1.2.3"));
    project.well(&["bump", "--minor", "--pre", "rc", "--changelog"]);
    assert!(project.read("mix.exs").contains("@version \"1.3.0-rc.1\""));
    assert!(project.read("pyproject.toml").contains("version = \"1.3.0rc1\""));
    assert!(project.read("debian/changelog").starts_with("ht (1.3.0~rc1-1) UNRELEASED"));
    assert_eq!(project.read("README.md"), "ht 1.3.0-rc.1\nht 1.3.0-rc.1\n");
    assert!(project.well(&["check"]).contains("1.3.0-rc.1 everywhere"));
    assert_eq!(project.well(&["notes"]), "- More.\n");
    project.well(&["bump", "--release"]);
    assert_eq!(project.read("README.md"), "ht 1.3.0\nht 1.3.0\n");
    assert!(project.well(&["set", "1.3.0"]).contains("says it already"));
    let document = serde_json::from_str::<serde_json::Value>(&project.well(&["--json"])).unwrap();
    assert_eq!((document["version"].as_str(), document["places"].as_array().map(Vec::len)), (Some("1.3.0"), Some(5)));
}

#[test]
fn a_copy_that_was_forgotten_is_shown_and_carried() {
    let project = Project::new();
    project.write("mix.exs", &project.read("mix.exs").replace("1.2.3", "1.3.0"));
    insta::assert_snapshot!(project.well(&[]));
    insta::assert_snapshot!(project.refused(1, &["check"]));
    assert!(project.refused(1, &["bump", "--patch"]).contains("version set"));
    project.well(&["set"]);
    assert!(project.well(&["check"]).contains("1.3.0 everywhere"));
}

#[test]
fn what_cannot_be_done_changes_nothing_and_says_why() {
    let project = Project::new();
    let mut said = Vec::new();
    let mut tell = |title: &str, text: String| said.push(format!("### {title}\n{text}"));
    tell("a downgrade", project.refused(2, &["set", "1.2.2"]));
    tell("a dialect that cannot say it", project.refused(1, &["set", "1.3.0-dev.1"]));
    tell("a release of a release", project.refused(2, &["bump", "--release"]));
    tell("an unknown tag", project.refused(1, &["check", "--tag", "v1.2.4"]));
    project.write("README.md", "ht 1.2.3\n");
    tell("a pattern that matches too seldom", project.refused(1, &["bump", "--patch"]));
    project.write("README.md", "ht 1.2.3\nht 1.2.3 ht 1.2.3\n");
    tell("a pattern that matches too often", project.refused(1, &["set", "1.2.4"]));
    project.write("README.md", "ht 1.2.3\nht 1.2.3\n");
    project.write("plimsoll.toml", &MANIFEST.replace("(\\S+)", "(\\d+\\.\\d+\\.\\d+)"));
    tell("a pattern that would see a part of the new version only", project.refused(1, &["bump", "--patch", "--pre", "rc"]));
    project.write("plimsoll.toml", MANIFEST);
    project.write("mix.exs", "defmodule Ht.MixProject do\n  @version \"\"\nend\n");
    tell("an empty answer", project.refused(1, &["check"]));
    project.write("mix.exs", "defmodule Ht.MixProject do\n  def project, do: [version: version()]\nend\n");
    tell("no answer", project.refused(1, &[]));
    project.write("mix.exs", FILES[1].1);
    project.write("CHANGELOG.md", "## [Unreleased]\n\n## [1.2.3]\n- x\n");
    tell("nothing to release", project.refused(1, &["bump", "--patch", "--changelog"]));
    let file = project.folder.path().join("pyproject.toml");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o444)).unwrap();
    tell("a read-only file", project.refused(1, &["bump", "--patch"]));
    fs::remove_file(&file).unwrap();
    tell("a file that is gone", project.refused(1, &["bump", "--patch"]));
    project.write("plimsoll.toml", "targets = [\"linux-gnu\"]\n");
    tell("no table", project.refused(2, &[]));
    insta::assert_snapshot!(said.join("\n"));
    project.write("pyproject.toml", FILES[2].1);
    project.write("plimsoll.toml", MANIFEST);
    assert!(project.well(&["set", "1.2.2", "--allow-downgrade"]).contains("1.2.3 → 1.2.2"));
}

#[test]
fn tag_and_changelog_bind_a_release_and_nothing_before() {
    let project = Project::new();
    project.commit();
    project.well(&["check"]);
    assert!(project.refused(1, &["check", "--release"]).contains("the commit has no tag `v1.2.3`"));
    project.git(&["tag", "v1.2.3"]);
    project.git(&["tag", "other"]);
    assert!(project.well(&["check", "--release"]).contains("tag v1.2.3, changelog"));
    assert!(project.well(&["check", "--tag", "v1.2.3"]).contains("everywhere"));
    project.well(&["set", "1.2.4"]);
    project.commit();
    project.well(&["check"]);
    project.git(&["tag", "v1.2.5"]);
    assert!(project.refused(1, &["check"]).contains("the tag is `v1.2.5`, and of this version it is `v1.2.4`"));
    project.git(&["tag", "-d", "v1.2.5"]);
    project.git(&["tag", "v1.2.4"]);
    assert!(project.refused(1, &["check"]).contains("CHANGELOG.md: has no section for 1.2.4"));
}

#[test]
fn the_line_is_written_for_python_too() {
    let project = Project::new();
    assert_eq!(project.well(&["line"]), "1.2.3\n");
    project.commit();
    let line = project.well(&["line", "--write"]);
    assert!(line.starts_with("1.2.3 (") && line.len() == "1.2.3 (abcdef1 2026-01-02)\n".len(), "{line}");
    assert!(project.read("ht/_version.py").contains(&format!("line = \"{}\"", line.trim())));
    // It is ignored, so that writing it made nothing dirty; a change does.
    assert_eq!(project.well(&["line"]), line);
    project.write("README.md", "ht 1.2.3\nht 1.2.3 \n");
    assert!(project.well(&["line"]).ends_with(", dirty)\n"));
}

#[test]
fn a_line_that_git_would_take_is_told_of() {
    let project = Project::new();
    fs::remove_file(project.folder.path().join(".gitignore")).unwrap();
    project.commit();
    let output = project.version(&["line", "--write"]);
    assert!(text(&output).contains("add ht/_version.py to .gitignore"), "{}", text(&output));
}

#[test]
fn lock_files_beside_manifests_move_with_them_and_only_in_their_own_entries() {
    let project = Project::new();
    project.write(
        "plimsoll.toml",
        "[version]\nsource = \"VERSION\"\ncopies = [\"py/core/pyproject.toml\", \"py/front/pyproject.toml\", \"js/package.json\", \"js/core/package.json\"]\n",
    );
    project.write("VERSION", "1.2.3\n");
    project.write("py/core/pyproject.toml", "[project]\nname = \"Ht_Core\"\ndynamic = []\nversion = \"1.2.3\"\n");
    project.write(
        "py/front/pyproject.toml",
        "[project]\nname = \"front\"\nversion = \"1.2.3\"\ndependencies = [\"ht-core==1.2.3\", \"rich==1.2.3\"]\n",
    );
    let lock = "[[package]]\nname = \"ht-core\"\nversion = \"1.2.3\"\nsource = { editable = \"core\" }\n\n[[package]]\nname = \"rich\"\nversion = \"1.2.3\"\n\
                source = { registry = \"https://example.org\" }\n";
    project.write("py/uv.lock", lock);
    project.write(
        "js/package.json",
        "{\"name\": \"ht\", \"version\": \"1.2.3\", \"dependencies\": {\"@ht/core\": \"1.2.3\", \"x\": \"1.2.3\"}}\n",
    );
    project.write("js/core/package.json", "{\"name\": \"@ht/core\", \"version\": \"1.2.3\"}\n");
    let packages = "{\"name\": \"ht\", \"version\": \"1.2.3\", \"packages\": {\"core\": {\"name\": \"@ht/core\", \"version\": \"1.2.3\"}, \
                    \"node_modules/x\": {\"version\": \"1.2.3\"}}}\n";
    project.write("js/package-lock.json", packages);
    // A lock file of something else moves nothing.
    project.write("uv.lock", "[[package]]\nname = \"other\"\nversion = \"1.2.3\"\nsource = { virtual = \".\" }\n");
    insta::assert_snapshot!(project.well(&[]));
    project.well(&["bump", "--major", "--pre", "beta"]);
    assert_eq!(project.read("py/uv.lock"), lock.replacen("1.2.3", "2.0.0b1", 1));
    assert_eq!(project.read("js/package-lock.json"), packages.replacen("1.2.3", "2.0.0-beta.1", 2));
    assert!(project.read("js/package.json").contains("{\"@ht/core\": \"2.0.0-beta.1\", \"x\": \"1.2.3\"}"));
    assert!(project.read("py/front/pyproject.toml").contains("[\"ht-core==2.0.0b1\", \"rich==1.2.3\"]"));
}

#[test]
fn both_makers_of_the_line_agree() {
    let project = Project::new();
    project.write("Cargo.toml", "[package]\nname = \"x\"\nversion = \"1.2.3\"\n");
    project.commit();
    let read = || plimsoll_version_line::VersionLine::read(project.folder.path(), "1.2.3", None).unwrap().text;
    assert_eq!(format!("{}\n", read()), project.well(&["line"]));
    project.write("new", "x");
    assert_eq!(format!("{}\n", read()), project.well(&["line"]));
}

#[test]
fn a_change_that_was_stopped_is_undone_by_the_next_run() {
    let project = Project::new();
    project.well(&["set", "1.2.4"]);
    // As if killed between two renames: the first file is new, the journal is there.
    let root = project.folder.path().canonicalize().unwrap();
    let digest = |text: &str| plimsoll_model::Digest::of(text.as_bytes()).to_string();
    let journals = project.store.path().join("version-journals");
    let folder = journals.join(digest(root.to_str().unwrap()));
    fs::create_dir_all(folder.join("old")).unwrap();
    let (new, old) = (project.read("mix.exs"), FILES[1].1);
    fs::write(folder.join("old/0"), old).unwrap();
    project.write(".plimsoll-version-7-0/1", "staged");
    let files = serde_json::json!([{ "path": "mix.exs", "old": digest(old), "new": digest(&new), "mode": 0o644 }]);
    let inode = std::os::unix::fs::MetadataExt::ino(&root.metadata().unwrap());
    let record = serde_json::json!({ "form": 2, "root": inode, "staging": ".plimsoll-version-7-0", "files": files });
    fs::write(folder.join("journal.json"), record.to_string()).unwrap();
    let output = project.version(&[]);
    assert!(text(&output).contains("a version change was stopped half-way; 1 file put back"), "{}", text(&output));
    assert_eq!(project.read("mix.exs"), old);
    assert!(!folder.exists() && !root.join(".plimsoll-version-7-0").exists());
}
