//! The first quarter of an hour with a real project: what `init` makes of workspaces as they are, and what commands say before and after.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests start the command, and fail")]

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use project::{Project, TARGET};

mod project;

/// This machine's programs without some of them.
fn without(project: &Project, names: &[&str]) -> PathBuf {
    let folder = project.folder.path().join("bin");
    fs::create_dir_all(&folder).unwrap();
    let mut taken = names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    for path in std::env::split_paths(&std::env::var_os("PATH").unwrap()) {
        for program in fs::read_dir(path).into_iter().flatten().flatten() {
            if taken.insert(program.file_name().to_string_lossy().into_owned()) {
                symlink(program.path(), folder.join(program.file_name())).unwrap();
            }
        }
    }
    folder
}

impl Project {
    fn without(&self, names: &[&str], arguments: &[&str], code: i32) -> String {
        let output = self.command(arguments).env("PATH", without(self, names)).output().unwrap();
        fs::remove_dir_all(self.folder.path().join("bin")).unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        said
    }

    /// A workspace in place of the project, with these files; the manifest that `init` would write.
    fn init_of(&self, files: &[(&str, &str)]) -> String {
        fs::remove_dir_all(self.path()).unwrap();
        for (name, text) in files {
            self.write(&format!("app/{name}"), text);
        }
        self.git(&["init", "-q"]);
        let said = self.plimsoll(&["init", "--print", "--target", TARGET]);
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        let text = String::from_utf8(said.stdout).unwrap();
        // What it writes is a plan, with nothing to be added by hand.
        self.write("app/plimsoll.toml", &text);
        self.cargo(&["generate-lockfile"]);
        self.expect(&["plan"], 0);
        text
    }
}

fn package(name: &str, rest: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"1.0.0\"\nedition = \"2021\"\n{rest}")
}

const MAIN: &str = "fn main() {}\n";

#[test]
fn a_missing_tool_is_told_before_anything_is_built() {
    let Some(project) = Project::new() else { return };
    for command in ["prove", "rehearse"] {
        let said = project.without(&["bwrap"], &[command], 3);
        assert!(said.contains("nothing was started") && said.contains("bwrap") && said.contains("plimsoll doctor --install"), "{said}");
        assert!(!said.contains("built ") && !project.store().join("v1/work").join("x").exists(), "{said}");
    }
    assert!(!project.path().join("dist").exists());
    // A build needs none of it.
    assert!(project.without(&["bwrap"], &["build"], 0).contains("built"));
    let said = project.without(&["cc"], &["build"], 3);
    assert!(said.contains("nothing can be built here yet") && said.contains("cc is missing"), "{said}");
    project.manifest("[archive.app]\n");
    let manifest = fs::read_to_string(project.path().join("plimsoll.toml")).unwrap();
    project.write("app/plimsoll.toml", &manifest.replace("builder = \"native\"\n", ""));
    let said = project.without(&["zig", "cargo-zigbuild"], &["build"], 3);
    assert!(said.contains("nothing can be built here yet") && said.contains("zig"), "{said}");
}

#[test]
fn all_that_a_root_lacks_is_told_at_once() {
    let Some(project) = Project::new() else { return };
    let manifest = fs::read_to_string(project.path().join("plimsoll.toml")).unwrap();
    project.write("app/plimsoll.toml", &format!("{manifest}roots = [\"debian:12\"]\n"));
    let said = project.without(&["bwrap", "mmdebstrap", "debootstrap"], &["rehearse"], 3);
    assert!(said.contains("bwrap") && said.contains("mmdebstrap is missing, which makes the root debian:12"), "{said}");
}

#[test]
fn a_plan_foretells_who_will_want_apples_sdk() {
    let Some(project) = Project::new() else { return };
    project.write("app/plimsoll.toml", "targets = [\"aarch64-apple-darwin\"]\n[archive.app]\n");
    let lock = |crates: &str| {
        let text = format!("version = 4\n\n[[package]]\nname = \"app\"\nversion = \"1.0.0\"\ndependencies = [\n \"clock\",\n]\n{crates}");
        project.write("app/Cargo.lock", &text);
        project.expect(&["plan"], 0)
    };
    let foreign = |name: &str, rest: &str| format!("\n[[package]]\nname = \"{name}\"\nversion = \"0.8.7\"\n{rest}");
    let said = lock(&(foreign("clock", "dependencies = [\n \"security-framework-sys\",\n]\n") + &foreign("security-framework-sys", "")));
    assert!(said.contains("may be a gap here: by Cargo.lock it needs Apple's SDK (Security): name one in SDKROOT"), "{said}");
    let said = lock(&(foreign("clock", "") + &foreign("security-framework-sys", "")));
    assert!(!said.contains("Apple's SDK"), "nothing of it is reached from app: {said}");
}

#[test]
fn init_says_what_to_install_first_and_writes_nothing_of_this_machine() {
    let Some(project) = Project::new() else { return };
    fs::remove_file(project.path().join("plimsoll.toml")).unwrap();
    let said = project.without(&["zig", "cargo-zigbuild", "bwrap"], &["init"], 0);
    assert!(
        said.contains("first: this is missing here:")
            && said.contains("zig and cargo-zigbuild, or builder = \"native\": for x86_64-unknown-linux-gnu"),
        "{said}"
    );
    assert!(said.contains("next: `plimsoll doctor --install`, then `plimsoll rehearse`"), "{said}");
    let written = fs::read_to_string(project.path().join("plimsoll.toml")).unwrap();
    for word in ["builder", "scrubbed", "zig", "needs bwrap", "doctor"] {
        assert!(!written.contains(word), "{word}: {written}");
    }
    // Nobody is there to be asked, and nothing is installed unasked.
    fs::remove_file(project.path().join("plimsoll.toml")).unwrap();
    let said = project.without(&["zig", "cargo-zigbuild"], &["init", "--install"], 2);
    assert!(said.contains("there is no terminal to ask on"), "{said}");
}

#[test]
fn helpers_tasks_and_internal_programs_are_not_shipped() {
    let Some(project) = Project::new() else { return };
    let text = project.init_of(&[
        ("Cargo.toml", "[workspace]\nmembers = [\"crates/*\", \"xtask\"]\nresolver = \"2\"\n"),
        ("crates/tool/Cargo.toml", &package("tool", "[features]\nfakes = []\n[[bin]]\nname = \"fake-editor\"\npath = \"src/fake.rs\"\nrequired-features = [\"fakes\"]\n[[bin]]\nname = \"tool\"\npath = \"src/main.rs\"\n")),
        ("crates/tool/src/main.rs", MAIN),
        ("crates/tool/src/fake.rs", MAIN),
        ("crates/versions/Cargo.toml", &package("action-versions", "publish = false\n")),
        ("crates/versions/src/main.rs", MAIN),
        ("crates/tasks/Cargo.toml", &package("repo-tasks", "")),
        ("crates/tasks/src/main.rs", MAIN),
        ("xtask/Cargo.toml", &package("xtask", "")),
        ("xtask/src/main.rs", MAIN),
        (".cargo/config.toml", "[alias]\nxtask = \"run --quiet --package repo-tasks --\"\n"),
    ]);
    assert!(text.contains("\n[archive.tool]\n") && text.matches("\n[archive.").count() == 1, "{text}");
    assert!(!text.contains("name =") && text.contains("# Left out: ") && text.contains("action-versions (publish = false)"), "{text}");
    let packed = project.expect(&["plan"], 0);
    assert!(packed.contains("tool 1.0.0") && !packed.contains("fake-editor") && !packed.contains("xtask"), "{packed}");
}

#[test]
fn an_application_that_is_published_nowhere_is_shipped_with_the_features_that_it_requires() {
    let Some(project) = Project::new() else { return };
    let text = project.init_of(&[
        ("Cargo.toml", "[workspace]\nmembers = [\"app\", \"lib\"]\nresolver = \"2\"\n"),
        (
            "app/Cargo.toml",
            &package(
                "desk",
                "publish = false\n[features]\ncli = []\n[[bin]]\nname = \"desk\"\npath = \"src/main.rs\"\nrequired-features = [\"cli\"]\n",
            ),
        ),
        ("app/src/main.rs", MAIN),
        ("lib/Cargo.toml", &package("lib", "publish = false\n")),
        ("lib/src/lib.rs", ""),
    ]);
    assert!(text.contains("[core.desk]\nfeatures = [\"cli\"]\n") && !text.contains("archive"), "{text}");
}

#[test]
fn programs_of_one_workspace_are_released_together_under_the_name_of_its_package_or_repository() {
    let Some(project) = Project::new() else { return };
    let repository = "repository = \"https://example.org/tools/harness.git\"\n";
    let text = project.init_of(&[
        ("Cargo.toml", "[workspace]\nmembers = [\"a\", \"b\"]\nresolver = \"2\"\n"),
        ("a/Cargo.toml", &package("alpha", repository)),
        ("a/src/main.rs", MAIN),
        ("b/Cargo.toml", &package("beta", repository)),
        ("b/src/main.rs", MAIN),
    ]);
    assert!(text.contains("[archive.alpha]\n") && text.contains("[archive.beta]\n") && !text.contains("name ="), "{text}");
    assert!(project.expect(&["plan"], 0).contains("harness 1.0.0"));
}

const DIST: &str = "cargo-dist-version = \"0.28.0\"\nci = \"github\"\ninstallers = [\"shell\", \"homebrew\"]\ntap = \"x/homebrew-tap\"\n\
    targets = [\"x86_64-unknown-linux-gnu\", \"aarch64-apple-darwin\", \"s390x-unknown-linux-gnu\"]\nunix-archive = \".tar.gz\"\n\
    include = [\"doc/tool.1\", \"completions/\"]\nfeatures = [\"extra\"]\nmin-glibc-version.\"*\" = \"2.17\"\n";

#[test]
fn what_cargo_dist_was_told_is_kept() {
    let Some(project) = Project::new() else { return };
    let cargo = package("tool", "[features]\nextra = []\n");
    let rest = [("src/main.rs", MAIN), ("README.md", "x"), ("LICENSE", "x"), ("doc/tool.1", "x")];
    let by_table = format!("{cargo}[workspace]\n[workspace.metadata.dist]\n{DIST}");
    let by_file = format!("{cargo}[workspace]\n");
    let file = format!("[workspace]\nmembers = [\"cargo:.\"]\n[dist]\n{DIST}");
    for files in [vec![("Cargo.toml", by_table.as_str())], vec![("Cargo.toml", by_file.as_str()), ("dist-workspace.toml", file.as_str())]] {
        let text = project.init_of(&[files, rest.to_vec()].concat());
        for part in [
            "features = [\"extra\"]",
            "format = { unix = \"tar.gz\" }",
            "glibc = \"2.17\"",
            "\"doc/tool.1\" = \"tool.1\"",
            "\"README.md\" = \"README.md\"",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let left = text.lines().find(|line| line.starts_with("# Not taken over from")).unwrap();
        for part in
            ["installers (shell, homebrew)", "the target s390x-unknown-linux-gnu", "the file completions of archives", "the Homebrew tap"]
        {
            assert!(left.contains(part), "{part}: {left}");
        }
        assert!(!left.contains("ci"), "{left}");
    }
    // The targets are those and no others, if none is asked for.
    let said = String::from_utf8(project.plimsoll(&["init", "--print"]).stdout).unwrap();
    assert!(
        said.contains("targets = [\"x86_64-unknown-linux-gnu\"]") && said.contains("aarch64-apple-darwin = \"needs a macOS runner\""),
        "{said}"
    );
    assert!(!said.contains("musl"), "{said}");
}

#[test]
fn what_goreleaser_was_told_is_kept() {
    let Some(project) = Project::new() else { return };
    let yaml = "version: 2\nproject_name: tool\nbefore:\n  hooks:\n    - cargo fetch\nbuilds:\n  - id: main\n    builder: rust\n    binary: tool\n    \
        flags: [--release, --features=extra]\n    targets:\n      - x86_64-unknown-linux-gnu.2.17\n      - aarch64-apple-darwin\narchives:\n  - formats: [tar.gz]\n    \
        name_template: >-\n      {{ .ProjectName }}-{{ .Version }}-{{ .Os }}-{{ if eq .Arch \"amd64\" }}x86_64{{ else if eq .Arch \"arm64\" }}aarch64{{ end }}\n    \
        format_overrides:\n      - goos: windows\n        formats: [zip]\n    files: [README*, doc/tool.1]\nnfpms:\n  - formats: [deb]\nbrews:\n  - name: tool\n";
    let text = project.init_of(&[
        ("Cargo.toml", &format!("{}[workspace]\n", package("tool", "[features]\nextra = []\n"))),
        ("src/main.rs", MAIN),
        ("README.md", "x"),
        ("doc/tool.1", "x"),
        (".goreleaser.yaml", yaml),
    ]);
    for part in [
        "filename = \"{name}-{version}-{goos}-{arch}\"",
        "format = { unix = \"tar.gz\" }",
        "glibc = \"2.17\"",
        "features = [\"extra\"]",
        "\"doc/tool.1\"",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(text.contains("Homebrew") && text.contains("deb, rpm and apk packages") && text.contains("before.hooks"), "{text}");
    assert!(project.expect(&["plan"], 0).contains("tool-1.0.0-linux-x86_64.tar.gz"));
}

#[test]
fn a_member_has_the_manifest_of_its_workspace() {
    let Some(project) = Project::new() else { return };
    project.write("app/Cargo.toml", &format!("{}[workspace]\nmembers = [\"crates/*\"]\n", package("app", "")));
    project.write("app/crates/part/Cargo.toml", &package("part", ""));
    project.write("app/crates/part/src/lib.rs", "");
    project.manifest("");
    project.cargo(&["generate-lockfile"]);
    let member = project.path().join("crates/part/src");
    let plan = project.command(&["plan"]).current_dir(&member).output().unwrap();
    assert!(plan.status.success() && String::from_utf8_lossy(&plan.stdout).contains("app 1.0.0"), "{plan:?}");
    let init = project.command(&["init"]).current_dir(&member).output().unwrap();
    let said = String::from_utf8_lossy(&init.stderr).into_owned();
    assert!(init.status.code() == Some(2) && said.contains("it is that of this folder too"), "{said}");
    assert!(!member.join("plimsoll.toml").exists() && !member.parent().unwrap().join("plimsoll.toml").exists());
}

#[test]
fn the_version_of_a_plain_project_is_shown_and_bumped_with_its_lock() {
    let Some(project) = Project::new() else { return };
    assert!(project.expect(&["version"], 0).contains("0.3.0"));
    project.expect(&["version", "check"], 0);
    let said = project.expect(&["version", "bump", "--minor"], 0);
    assert!(said.contains("Cargo.toml") && said.contains("Cargo.lock"), "{said}");
    for file in ["Cargo.toml", "Cargo.lock"] {
        assert!(fs::read_to_string(project.path().join(file)).unwrap().contains("version = \"0.4.0\""), "{file}");
    }
    // Without a manifest as well, and of a workspace that gives it.
    fs::remove_file(project.path().join("plimsoll.toml")).unwrap();
    project.write("app/Cargo.toml", "[package]\nname = \"app\"\nversion.workspace = true\nedition = \"2024\"\n\n[workspace]\n[workspace.package]\nversion = \"0.4.0\"\n");
    project.expect(&["version", "set", "1.0.0"], 0);
    assert!(fs::read_to_string(project.path().join("Cargo.toml")).unwrap().contains("[workspace.package]\nversion = \"1.0.0\""));
    project.cargo(&["metadata", "--locked", "--format-version", "1"]);
}

#[test]
fn a_lock_that_is_not_up_to_date_is_noticed_by_plan_with_what_changes_least() {
    let Some(project) = Project::new() else { return };
    assert!(!project.expect(&["plan"], 0).contains("Cargo.lock"));
    let cargo = fs::read_to_string(project.path().join("Cargo.toml")).unwrap();
    project.write("app/Cargo.toml", &cargo.replace("0.3.0", "0.3.1"));
    let said = project.expect(&["plan"], 0);
    assert!(said.contains("it has app 0.3.0, and the package is 0.3.1") && said.contains("`cargo update --workspace`"), "{said}");
    project.cargo(&["update", "--workspace"]);
    assert!(!project.expect(&["plan"], 0).contains("Cargo.lock"));
}

#[test]
fn a_release_is_sealed_where_it_is_wanted_and_fetched_from_there() {
    let Some(project) = Project::new() else { return };
    let out = project.folder.path().join("out");
    let (dist, to) = (out.display().to_string(), project.folder.path().join("fetched").display().to_string());
    project.expect(&["rehearse", "--dist", &dist], 0);
    assert!(out.join("release.json").is_file() && !project.path().join("dist").exists());
    project.expect(&["verify", "--dist", &dist], 0);
    assert!(project.expect(&["status", "--dist", &dist], 0).contains("proven"));
    assert!(project.expect(&["status"], 0).contains("nothing is sealed"));
    project.expect(&["fetch", "app", "--from", &dist, "--to", &to], 0);
    assert!(
        project
            .expect(&["fetch", "app", "--from", &dist, "--to", &to, "--version", "9.0.0"], 1)
            .contains("app has no version 9.0.0; it has 0.3.0")
    );
    assert!(project.expect(&["fetch", "other", "--from", &dist, "--to", &to], 4).contains("is the release app 0.3.0, not other"));
    let said = project.expect(&["rehearse", "--dist", "out"], 2);
    assert!(said.contains("lies in the project"), "{said}");
    project.expect(&["rehearse", "-q"], 0);
    project.expect(&["fetch", "app", "--from", "dist", "--to", &to], 0);
    assert!(project.expect(&["cache"], 0).lines().last().unwrap().trim_start().starts_with("all "));
}

#[test]
fn a_rehearsal_of_no_commit_says_so_and_marks_what_it_seals() {
    let Some(project) = Project::new() else { return };
    let sealed = || fs::read_to_string(project.path().join("dist/release.json")).unwrap().replace(' ', "");
    assert!(!project.expect(&["rehearse"], 0).contains("dirty") && sealed().contains("\"dirty\":false"));
    fs::remove_dir_all(project.path().join(".git")).unwrap();
    let said = project.expect(&["rehearse"], 0);
    assert!(said.contains("the project is not in git") && said.contains("marked as dirty"), "{said}");
    assert!(sealed().contains("\"dirty\":true"));
    assert!(project.expect(&["status"], 0).contains("sealed of no commit"));
    project.git(&["init", "-q"]);
    assert!(project.expect(&["plan"], 0).contains("the project has no commit yet"));
    // Outputs of cargo that git tracks are told.
    project.write("app/.gitignore", "/dist/\n");
    project.write("app/target/debug/app", "x");
    let said = project.expect(&["plan"], 0);
    assert!(said.contains("target/ is among the sources") && said.contains("`git rm -r --cached target`"), "{said}");
}

#[test]
fn probes_say_the_way_out_and_may_have_a_terminal() {
    let Some(project) = Project::new() else { return };
    project.write("app/src/main.rs", "fn main() { std::process::exit(2) }\n");
    project.commit();
    let said = project.expect(&["rehearse"], 1);
    assert!(
        said.contains("nothing") && said.contains("under [archive.app] `probe = { run = \"app --help\" }`") && said.contains("binaries = "),
        "{said}"
    );
    let source = "use std::io::IsTerminal as _;\nfn main() {\n    if !(std::io::stdin().is_terminal() && std::io::stdout().is_terminal()) {\n        eprintln!(\"stdin is not a terminal\");\n        std::process::exit(1);\n    }\n    println!(\"{} in {}\", std::env::args().count(), std::env::var(\"TERM\").unwrap());\n}\n";
    project.write("app/src/main.rs", source);
    project.manifest("[archive.app]\nprobe = { run = \"app\" }\n");
    let said = project.expect(&["rehearse"], 1);
    assert!(said.contains("tty = true") && said.contains("`probe = { run = \"app\", tty = true }`"), "{said}");
    for root in ["scrubbed", "sandbox"] {
        project.manifest("[archive.app]\nprobe = { run = \"app\", tty = true, expect = \"1 in xterm-256color\" }\n");
        let manifest = fs::read_to_string(project.path().join("plimsoll.toml")).unwrap();
        project.write("app/plimsoll.toml", &format!("{manifest}roots = [\"{root}\"]\n"));
        project.expect(&["rehearse"], 0);
    }
    project.manifest("[archive.app]\nprobe = { run = \"app\", tty = true, until = \"1 in\", timeout = 5 }\n");
    project.expect(&["rehearse"], 0);
}

#[test]
fn a_dry_run_refuses_what_the_release_refuses_and_a_rehearsal_takes_targets() {
    let Some(project) = Project::new() else { return };
    project.manifest("[publish.folder]\npath = \"../registry\"\n[version]\nsource = \"Cargo.toml\"\n");
    let said = project.expect(&["release", "--dry-run"], 2);
    assert!(said.contains("would write") && said.contains("there are uncommitted changes") && said.contains("no tag `v0.3.0`"), "{said}");
    project.commit();
    assert!(project.expect(&["release", "--dry-run"], 1).contains("no tag `v0.3.0`"));
    project.git(&["tag", "v0.3.0"]);
    project.expect(&["release", "--dry-run"], 0);
    let manifest = fs::read_to_string(project.path().join("plimsoll.toml")).unwrap();
    project.write("app/plimsoll.toml", &manifest.replace(&format!("[\"{TARGET}\"]"), &format!("[\"{TARGET}\", \"aarch64-apple-darwin\"]")));
    let said = project.expect(&["rehearse", "--target", TARGET], 0);
    assert!(said.contains("left out of this rehearsal") && !said.contains("building app for aarch64"), "{said}");
    assert!(project.expect(&["rehearse", "--target", "x86_64-unknown-linux-musl"], 2).contains("does not have the target"));
}
