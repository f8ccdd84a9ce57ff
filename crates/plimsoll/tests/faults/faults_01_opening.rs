//! What only looks at a project starts nothing that the project names, and writes nothing below `.git`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use plimsoll_model::Digest;

use super::project::Project;

/// Commands that look, each with how it may end: that they end as they do is not the point here.
const LOOKING: &[&[&str]] = &[
    &["plan"],
    &["plan", "--json"],
    &["status"],
    &["status", "--html", "../page.html"],
    &["inspect", "src/main.rs"],
    &["verify", "dist"],
    &["fetch", "app", "--from", "http://127.0.0.1:9", "--to", "../fetched"],
    &["version"],
    &["version", "check"],
    &["version", "line", "--write"],
    &["version", "bump", "--patch", "--plan"],
    &["version", "set"],
    &["root"],
    &["nif", "module"],
    &["init", "--print"],
];

/// A project in which whatever could start a program names one that leaves a file behind.
struct Hostile {
    project: Project,
    /// Where the programs leave their files.
    ran: PathBuf,
}

impl Hostile {
    fn new() -> Self {
        let project = Project::required();
        let ran = project.folder.path().join("ran");
        fs::create_dir(&ran).unwrap();
        project.manifest("[version]\nsource = \"Cargo.toml\"\nchangelog = \"CHANGELOG.md\"\nline = [\"version-line.txt\"]\n");
        project.write("app/CHANGELOG.md", "# Changelog\n\n## [Unreleased]\n\n- New.\n");
        project.write("app/.gitignore", "/dist/\n/target/\n/version-line.txt\n");
        Self { project, ran }
    }

    /// A command line that leaves a file of this name.
    fn touching(&self, name: &str) -> String {
        format!("touch {}", self.ran.join(name).display())
    }

    /// A program of the project that leaves a file of this name.
    fn program(&self, path: &str, name: &str) {
        self.project.write(path, &format!("#!/bin/sh\n{}\nexit 1\n", self.touching(name)));
        fs::set_permissions(self.project.folder.path().join(path), fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Programs of git's configuration in `folder`, for everything that it may have one for.
    fn configure_git(&self, folder: &Path, mark: &str) {
        let git = |key: &str, value: &str| {
            let status = Command::new("git").arg("-C").arg(folder).args(["config", key, value]).status().unwrap();
            assert!(status.success(), "{key}");
        };
        let program = |name: &str| self.touching(&format!("{mark}-{name}"));
        for filter in ["e", "o.d D", "lfs"] {
            for way in ["clean", "smudge", "process"] {
                git(&format!("filter.{filter}.{way}"), &format!("{}; cat", program(&format!("filter-{way}"))));
            }
            git(&format!("filter.{filter}.required"), "true");
        }
        let doors = ["core.fsmonitor", "core.pager", "pager.status", "pager.config", "core.sshCommand", "core.askPass", "core.editor"];
        let more = ["diff.external", "diff.e.textconv", "diff.e.command", "merge.e.driver", "gpg.program", "credential.helper"];
        for key in doors.into_iter().chain(more) {
            git(key, &program(key));
        }
        for alias in ["status", "log", "ls-files", "config", "rev-parse"] {
            git(&format!("alias.{alias}"), &format!("!{}", program("alias")));
        }
        for (key, value) in [("log.showSignature", "true"), ("status.submoduleSummary", "true"), ("submodule.recurse", "true")] {
            git(key, value);
        }
        let hooks = folder.join("hooks-of-the-project");
        for hook in ["post-index-change", "fsmonitor-watchman", "reference-transaction", "post-checkout", "pre-commit"] {
            let path = hooks.join(hook).strip_prefix(self.project.folder.path()).unwrap().display().to_string();
            self.program(&path, &format!("{mark}-hook"));
        }
        git("core.hooksPath", &hooks.display().to_string());
        // A file that another one includes is as much the repository's.
        let included = folder.join("included");
        fs::write(&included, format!("[filter \"included\"]\n\tclean = \"{}; cat\"\n", program("included"))).unwrap();
        git("include.path", &included.display().to_string());
    }

    /// Runs the command with a search path that begins with the working folder, and demands that nothing was started.
    fn looks(&self, arguments: &[&str]) -> Output {
        self.looks_from("", arguments)
    }

    /// The same in a folder of the project.
    fn looks_from(&self, folder: &str, arguments: &[&str]) -> Output {
        let path = format!(":.:{}:", std::env::var("PATH").unwrap());
        let mut command = self.project.command(arguments);
        command.current_dir(self.project.path().join(folder)).env("PATH", path).env_remove("RUSTUP_TOOLCHAIN");
        let output = command.output().unwrap();
        let started = fs::read_dir(&self.ran).unwrap().map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(started.is_empty(), "{arguments:?} started {started:?}: {said}");
        output
    }
}

#[test]
fn no_door_of_a_hostile_tree_starts_a_program() {
    let hostile = Hostile::new();
    let project = &hostile.project;
    let at = project.path();
    project.write("app/.gitattributes", "*.rs filter=e diff=e merge=e\n*.toml filter=lfs\n*.md filter=included\nodd filter=\"o.d D\"\n");
    project.write("app/odd", "x");
    // A submodule, whose configuration is another one.
    project.write("library/lib.rs", "");
    project.write("library/.gitattributes", "* filter=e\n");
    let library = project.folder.path().join("library");
    for words in [&["init", "-q"][..], &["add", "-A"], &["-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-qm", "x"]] {
        assert!(Command::new("git").current_dir(&library).args(words).status().unwrap().success());
    }
    project.git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", library.to_str().unwrap(), "sub"]);
    for (name, mark) in [("app/w", "wrapper"), ("app/git", "git"), ("app/cargo", "cargo"), ("app/rustc", "rustc"), ("app/bwrap", "bwrap")] {
        hostile.program(name, mark);
    }
    for program in ["rustc", "cargo", "rustdoc"] {
        hostile.program(&format!("app/toolchain/bin/{program}"), "toolchain");
    }
    project.write("app/toolchain/lib/keep", "");
    let wrapper = at.join("w").display().to_string();
    project.write(
        "app/.cargo/config.toml",
        &format!(
            "[build]\nrustc = \"{wrapper}\"\nrustc-wrapper = \"{wrapper}\"\nrustc-workspace-wrapper = \"{wrapper}\"\n\
             [alias]\nmetadata = [\"run\"]\n[registry]\nglobal-credential-providers = [\"cargo:token-from-stdout {wrapper}\"]\n\
             [target.x86_64-unknown-linux-gnu]\nlinker = \"{wrapper}\"\nrunner = \"{wrapper}\"\n"
        ),
    );
    project.write("app/build.rs", &format!("fn main() {{ std::fs::write({:?}, \"\").unwrap(); }}\n", hostile.ran.join("build.rs")));
    project.commit();
    project.write("app/rust-toolchain.toml", &format!("[toolchain]\npath = \"{}\"\n", at.join("toolchain").display()));
    hostile.configure_git(&at, "top");
    hostile.configure_git(&at.join("sub"), "sub");
    for name in ["app/src/main.rs", "app/odd", "app/sub/lib.rs"] {
        let path = project.folder.path().join(name);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text).unwrap();
    }
    for arguments in LOOKING {
        hostile.looks(arguments);
    }
    hostile.looks_from("src", &["doctor"]);
    hostile.looks_from("src", &["plan", "--root", ".."]);
    // It was looked at, and not only refused.
    assert!(hostile.looks(&["plan"]).status.success());
    assert!(hostile.looks(&["status"]).status.success());
    assert!(hostile.looks(&["version"]).status.success());
    // The old form of the file too.
    fs::remove_file(at.join("rust-toolchain.toml")).unwrap();
    project.write("app/rust-toolchain", &format!("{}\n", at.join("toolchain").display()));
    for arguments in [&["plan"][..], &["version"]] {
        hostile.looks(arguments);
    }
}

#[test]
fn a_journal_in_the_tree_is_a_folder_like_any_other() {
    let hostile = Hostile::new();
    let project = &hostile.project;
    let config = project.path().join(".git/config");
    let known = fs::read(&config).unwrap();
    let evil = format!("{}[filter \"e\"]\n\tclean = \"{}; cat\"\n", String::from_utf8_lossy(&known), hostile.touching("filter"));
    project.write("app/.plimsoll-version-journal/old/0", &evil);
    project.write("app/.plimsoll-version-journal/old/1", "evil");
    project.write("app/.gitattributes", "* filter=e\n");
    let text = project.path().join("README");
    fs::write(&text, "known").unwrap();
    let files = serde_json::json!([
        { "path": ".git/config", "mode": 0o644, "old": Digest::of(evil.as_bytes()), "new": Digest::of(&known) },
        { "path": "README", "mode": 0o755, "old": Digest::of(b"evil"), "new": Digest::of(b"known") },
    ]);
    for form in [1, 2] {
        let record = serde_json::json!({ "form": form, "root": 0, "staging": ".plimsoll-version-1", "files": files });
        project.write("app/.plimsoll-version-journal/journal.json", &record.to_string());
        project.commit();
        for arguments in
            [&["status"][..], &["plan"], &["version"], &["version", "set", "0.3.1"], &["version", "set", "0.3.0", "--allow-downgrade"]]
        {
            let output = hostile.looks(arguments);
            assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
            assert_eq!(fs::read(&config).unwrap(), known, "{arguments:?} wrote into .git");
            assert_eq!(fs::read(&text).unwrap(), b"known", "{arguments:?} undid what the tree says");
        }
    }
    assert!(project.path().join(".plimsoll-version-journal/journal.json").exists());
}

#[test]
fn nothing_of_a_version_is_read_or_written_below_git() {
    let project = Project::required();
    let config = project.path().join(".git/config");
    let known = fs::read(&config).unwrap();
    for table in [
        "source = \"Cargo.toml\"\ncopies = [{ file = \".git/config\", pattern = 'version = (.*)' }]",
        "source = \"Cargo.toml\"\nline = [\".git/line.txt\"]",
        "source = \"Cargo.toml\"\nline = [\".GIT/line.txt\"]",
        "source = \"Cargo.toml\"\nchangelog = \".git/config\"",
        "source = { file = \".git/description\", pattern = 'x(.*)' }",
    ] {
        project.manifest(&format!("[version]\n{table}\n"));
        for arguments in [&["plan"][..], &["version"], &["version", "line", "--write"]] {
            let said = project.expect(arguments, 2);
            assert!(said.contains("a repository's own folder"), "{table}: {said}");
        }
    }
    // By a link that is no source.
    std::os::unix::fs::symlink(".git", project.path().join("door")).unwrap();
    project.write("app/.gitignore", "/dist/\n/target/\n/door\n");
    project.manifest(
        "[version]\nsource = \"Cargo.toml\"\ncopies = [{ file = \"door/config\", pattern = 'repositoryformatversion = (.*)' }]\n",
    );
    assert!(project.expect(&["version"], 1).contains("a repository's own folder"));
    project.manifest("[version]\nsource = \"Cargo.toml\"\nline = [\"door/line.txt\"]\n");
    assert!(project.expect(&["version", "line", "--write"], 2).contains("a repository's own folder"));
    project.manifest("[publish.folder]\npath = \".git/registry\"\n");
    assert!(project.expect(&["plan"], 2).contains("a repository's own folder"));
    assert_eq!(fs::read(&config).unwrap(), known);
    assert!(!project.path().join(".git/line.txt").exists());
}

#[test]
fn a_link_into_git_is_no_source() {
    let project = Project::required();
    for (link, target) in [("settings", ".git/config"), ("door", ".git"), ("hooks", ".git/hooks")] {
        std::os::unix::fs::symlink(target, project.path().join(link)).unwrap();
        let said = project.expect(&["plan"], 2);
        assert!(said.contains(link) && said.contains("a repository's own folder"), "{said}");
        fs::remove_file(project.path().join(link)).unwrap();
    }
}

#[test]
fn a_new_manifest_takes_the_place_of_a_link_and_not_of_what_is_behind_it() {
    let project = Project::required();
    let config = project.path().join(".git/config");
    let known = fs::read(&config).unwrap();
    fs::remove_file(project.path().join("plimsoll.toml")).unwrap();
    std::os::unix::fs::symlink(".git/config", project.path().join("plimsoll.toml")).unwrap();
    project.expect(&["init"], 2);
    project.expect(&["init", "--force"], 0);
    assert_eq!(fs::read(&config).unwrap(), known);
    assert!(fs::read_to_string(project.path().join("plimsoll.toml")).unwrap().contains("targets = "));
}

fn is_dirty(project: &Project) -> bool {
    let plan: serde_json::Value = serde_json::from_slice(&project.plimsoll(&["plan", "--json"]).stdout).unwrap();
    plan.pointer("/source/dirty").and_then(serde_json::Value::as_bool).unwrap()
}

#[test]
fn files_of_git_lfs_are_known_without_its_filter() {
    let project = Project::required();
    let content = "a large file\n";
    let pointer = |content: &str| {
        format!("version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize {}\n", Digest::of(content.as_bytes()), content.len())
    };
    project.write("app/.gitattributes", "*.bin filter=lfs -text\n");
    project.write("app/large.bin", &pointer(content));
    project.commit();
    // As git-lfs leaves it, and its filter is not here.
    project.git(&["config", "filter.lfs.clean", "git-lfs clean -- %f"]);
    project.git(&["config", "filter.lfs.process", "git-lfs filter-process"]);
    project.git(&["config", "filter.lfs.required", "true"]);
    project.write("app/large.bin", content);
    assert!(!is_dirty(&project));
    project.write("app/large.bin", "another file\n");
    assert!(is_dirty(&project));
    project.write("app/large.bin", content);
    fs::set_permissions(project.path().join("large.bin"), fs::Permissions::from_mode(0o755)).unwrap();
    assert!(is_dirty(&project), "a mode is no content");
    fs::set_permissions(project.path().join("large.bin"), fs::Permissions::from_mode(0o644)).unwrap();
    // What stands for a digest counts only if LFS is what the path is for.
    project.write("app/.gitattributes", "*.bin filter=other -text\n");
    project.git(&["config", "filter.other.clean", "cat"]);
    project.git(&["commit", "-qm", "x", "--", ".gitattributes"]);
    assert!(is_dirty(&project));
}

#[test]
fn submodules_are_looked_at_one_by_one() {
    let project = Project::required();
    let library = project.folder.path().join("library");
    project.write("library/lib.rs", "one\n");
    let in_library = |words: &[&str]| {
        let identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
        assert!(Command::new("git").current_dir(&library).args(identity).args(words).status().unwrap().success());
    };
    in_library(&["init", "-q"]);
    in_library(&["add", "-A"]);
    in_library(&["commit", "-qm", "x"]);
    project.git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", library.to_str().unwrap(), "sub"]);
    project.commit();
    assert!(!is_dirty(&project));
    project.write("app/sub/lib.rs", "two\n");
    assert!(is_dirty(&project));
    project.write("app/sub/lib.rs", "one\n");
    assert!(!is_dirty(&project));
    project.write("app/sub/new.rs", "");
    assert!(is_dirty(&project));
    fs::remove_file(project.path().join("sub/new.rs")).unwrap();
    assert!(!is_dirty(&project));
    // Another commit than the one that is recorded.
    let sub = project.path().join("sub");
    let identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
    assert!(
        Command::new("git").current_dir(&sub).args(identity).args(["commit", "-q", "--allow-empty", "-m", "y"]).status().unwrap().success()
    );
    assert!(is_dirty(&project));
}
