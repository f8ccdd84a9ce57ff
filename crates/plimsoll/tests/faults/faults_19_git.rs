//! A build that asks git is told the truth about the commit, or a person is told that it will not be.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::project::{Project, TARGET};

/// A build script that hands on what git says, line by line.
const ASKING: &str = r#"
use std::process::Command;
fn ask(words: &str) -> String {
    let output = Command::new("git").args(words.split(' ')).output().expect("git is installed");
    let text = String::from_utf8_lossy(&output.stdout).trim().replace('\n', "+");
    if output.status.success() { text } else { format!("unknown: {}", String::from_utf8_lossy(&output.stderr).lines().next().unwrap_or_default()) }
}
fn main() {
    let words = [
        "describe --tags --always --dirty",
        "rev-parse HEAD",
        "rev-parse --short HEAD",
        "log -1 --format=%cd%s --date=short",
        "log -1 --format=%H -- .",
        "rev-list --count HEAD",
        "status --porcelain",
        "rev-parse --show-prefix",
        "rev-parse --abbrev-ref HEAD",
        "config --get remote.origin.url",
    ];
    let mut told = words.iter().map(|words| format!("{words}: {}", ask(words))).collect::<Vec<_>>();
    let folder = ask("rev-parse --absolute-git-dir");
    let head = std::fs::read_to_string(format!("{folder}/HEAD")).unwrap_or_default();
    told.push(format!("HEAD: {}", head.trim()));
    told.push(format!("written: {}", std::fs::write(format!("{folder}/HEAD"), "x").is_ok()));
    println!("cargo::rustc-env=TOLD={}", told.join("|"));
}
"#;

/// What the program of the project's only product was told, by what was asked.
struct Told(Vec<(String, String)>);

impl Told {
    fn read(printed: &str) -> Self {
        let pairs = printed.split('|').map(|pair| pair.split_once(": ").unwrap_or((pair.trim_end_matches(':'), "")));
        Self(pairs.map(|(asked, told)| (asked.to_owned(), told.to_owned())).collect())
    }

    fn of(&self, asked: &str) -> &str {
        &self.0.iter().find(|(known, _)| known == asked).unwrap_or_else(|| panic!("{asked}: {:?}", self.0)).1
    }

    fn describe(&self) -> &str {
        self.of("describe --tags --always --dirty")
    }
}

impl Project {
    /// The same with a build script that asks git, committed.
    fn asking() -> Self {
        let project = Self::required();
        project.write("app/build.rs", ASKING);
        project.write("app/src/main.rs", "fn main() { println!(\"{}\", env!(\"TOLD\")); }\n");
        project.commit();
        project
    }

    /// What the program prints that is built of the project in a folder.
    fn printed_of(&self, root: &Path) -> String {
        self.printed_by(&mut self.command(&["build", "--json", "--root", root.to_str().unwrap()]))
    }

    fn printed_by(&self, command: &mut Command) -> String {
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{said}"));
        assert!(output.status.success(), "{document}: {said}");
        let digest = document["outputs"].as_object().unwrap().values().next().unwrap().as_str().unwrap().to_owned();
        let blob = self.store().join("v1/blobs").join(&digest[..2]).join(&digest);
        let program = self.folder.path().join("program");
        fs::copy(blob, &program).unwrap();
        fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        String::from_utf8(Command::new(&program).output().unwrap().stdout).unwrap().trim().to_owned()
    }

    fn printed(&self) -> String {
        self.printed_of(&self.path())
    }

    fn told(&self) -> Told {
        self.told_of(&self.path())
    }

    fn told_of(&self, root: &Path) -> Told {
        Told::read(&self.printed_of(root))
    }

    fn git_says(&self, folder: &Path, words: &[&str]) -> String {
        let output = Command::new("git").arg("-C").arg(folder).args(words).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}

#[test]
fn a_build_script_is_told_commit_tag_and_changes() {
    let project = Project::asking();
    let at = project.path();
    // What is ignored is no change, although the build gets it; nor is a link, which the build gets as a file.
    project.manifest("[core.app]\ninputs = [\"generated\"]\n");
    project.write("app/.gitignore", "/dist/\n/target/\n/generated/\n");
    project.write("app/generated/table", "1");
    std::os::unix::fs::symlink("src/main.rs", at.join("link")).unwrap();
    project.commit();
    project.git(&["remote", "add", "origin", "https://user:secret@example.org/app"]);
    project.git(&["tag", "-a", "v0.3.0", "-m", "x"]);
    project.git(&["branch", "other"]);
    let told = project.told();
    assert_eq!(told.describe(), "v0.3.0");
    for asked in [
        "rev-parse HEAD",
        "rev-parse --short HEAD",
        "rev-parse --abbrev-ref HEAD",
        "log -1 --format=%cd%s --date=short",
        "rev-list --count HEAD",
    ] {
        assert_eq!(told.of(asked), project.git_says(&at, &asked.split(' ').collect::<Vec<_>>()), "{asked}");
    }
    let head = fs::read_to_string(at.join(".git/HEAD")).unwrap();
    assert_eq!((told.of("status --porcelain"), told.of("HEAD"), told.of("written")), ("", head.trim(), "false"));
    assert_eq!(told.of("config --get remote.origin.url").trim(), "unknown:", "of the configuration nothing is told");
    project.write("app/src/main.rs", "fn main() { println!(\"{}\", env!(\"TOLD\")) }\n");
    let told = project.told();
    assert_eq!((told.describe(), told.of("status --porcelain")), ("v0.3.0-dirty", "M src/main.rs"));
    project.commit();
    let told = project.told();
    let short = project.git_says(&at, &["rev-parse", "--short", "HEAD"]);
    assert_eq!(told.describe(), format!("v0.3.0-1-g{short}"));
    // A tag alone, with nothing else changed; and no branch.
    project.git(&["tag", "v0.3.1"]);
    project.git(&["checkout", "-q", "--detach"]);
    let told = project.told();
    assert_eq!((told.describe(), told.of("HEAD"), told.of("rev-parse --abbrev-ref HEAD")), ("v0.3.1", told.of("rev-parse HEAD"), "HEAD"));
}

#[test]
fn a_part_of_a_repository_is_told_of_it_where_it_lies() {
    let project = Project::asking();
    let top = project.folder.path().to_owned();
    fs::remove_dir_all(project.path().join(".git")).unwrap();
    project.write("rest/large", "x");
    project.write(".gitignore", "/store\n/program\n");
    let git = |words: &[&str]| {
        let identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
        assert!(Command::new("git").arg("-C").arg(&top).args(identity).args(words).status().unwrap().success(), "{words:?}");
    };
    git(&["init", "-q"]);
    git(&["add", "-A"]);
    git(&["commit", "-qm", "first"]);
    let first = project.git_says(&top, &["rev-parse", "HEAD"]);
    project.write("rest/large", "y");
    git(&["commit", "-qam", "second"]);
    git(&["tag", "v9"]);
    let told = project.told();
    assert_eq!((told.describe(), told.of("status --porcelain"), told.of("rev-parse --show-prefix")), ("v9", "", "app/"));
    assert_eq!(told.of("log -1 --format=%H -- ."), first, "the commit that changed the part");
}

#[test]
fn a_repository_beside_another_package_is_found_in_its_own_folder() {
    let project = Project::asking();
    project.write("lib/Cargo.toml", "[package]\nname = \"lib\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
    project.write("lib/src/lib.rs", "");
    project.write(
        "app/Cargo.toml",
        "[package]\nname = \"app\"\nversion = \"0.3.0\"\nedition = \"2024\"\n[dependencies]\nlib = { path = \"../lib\" }\n[workspace]\n",
    );
    project.cargo(&["generate-lockfile"]);
    project.commit();
    project.git(&["tag", "v0.3.0"]);
    let told = project.told();
    assert_eq!((told.describe(), told.of("status --porcelain")), ("v0.3.0", ""));
}

#[test]
fn a_linked_worktree_and_a_submodule_are_repositories_too() {
    let project = Project::asking();
    project.git(&["tag", "v0.3.0"]);
    let other = project.folder.path().join("other");
    project.git(&["worktree", "add", "-q", "--detach", other.to_str().unwrap()]);
    assert!(other.join(".git").is_file());
    assert_eq!(project.told_of(&other).describe(), "v0.3.0");
    let above = project.folder.path().join("above");
    fs::create_dir(&above).unwrap();
    let identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "protocol.file.allow=always"];
    for words in [&["init", "-q"][..], &["submodule", "--quiet", "add", project.path().to_str().unwrap(), "sub"], &["commit", "-qm", "x"]] {
        assert!(Command::new("git").arg("-C").arg(&above).args(identity).args(words).status().unwrap().success(), "{words:?}");
    }
    assert!(above.join("sub/.git").is_file());
    assert_eq!(project.told_of(&above.join("sub")).describe(), "v0.3.0");
}

#[test]
fn without_mounts_a_file_says_where_the_repository_lies() {
    let project = Project::asking();
    project.git(&["tag", "v0.3.0"]);
    let tools = project.folder.path().join("tools");
    fs::create_dir(&tools).unwrap();
    let search = std::env::var_os("PATH").unwrap();
    for name in ["git", "cargo", "rustc", "cc", "sh"] {
        let found = std::env::split_paths(&search).map(|folder| folder.join(name)).find(|path| path.is_file()).unwrap();
        std::os::unix::fs::symlink(found, tools.join(name)).unwrap();
    }
    let told = || Told::read(&project.printed_by(project.command(&["build", "--json"]).env("PATH", &tools)));
    assert_eq!((told().describe(), told().of("status --porcelain")), ("v0.3.0", ""));
    project.write("app/src/main.rs", "fn main() { println!(\"{}\", env!(\"TOLD\")) }\n");
    assert_eq!(told().describe(), "v0.3.0-dirty");
}

#[test]
fn where_there_is_nothing_to_tell_a_person_is_told_of_that() {
    let project = Project::asking();
    let warned = || {
        let output = project.plimsoll(&["build"]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
        said
    };
    assert!(!warned().contains("asks git"));
    // An unpacked archive.
    let git = project.folder.path().join("moved");
    fs::rename(project.path().join(".git"), &git).unwrap();
    let said = warned();
    assert!(said.contains("build.rs of app asks git") && said.contains("in no repository") && said.contains("build in a clone"), "{said}");
    assert!(project.told().describe().starts_with("unknown"));
    // A shallow clone.
    fs::rename(&git, project.path().join(".git")).unwrap();
    project.git(&["tag", "v0.1.0"]);
    project.git(&["commit", "-q", "--allow-empty", "-m", "x"]);
    let shallow = project.folder.path().join("shallow");
    let from = format!("file://{}", project.path().display());
    assert!(Command::new("git").args(["clone", "-q", "--depth", "1", &from]).arg(&shallow).status().unwrap().success());
    fs::rename(project.path(), project.folder.path().join("whole")).unwrap();
    fs::rename(&shallow, project.path()).unwrap();
    let said = warned();
    assert!(said.contains("shallow clone") && said.contains("git fetch --unshallow --tags"), "{said}");
    let commit = project.git_says(&project.path(), &["rev-parse", "--short", "HEAD"]);
    assert_eq!(project.told().describe(), commit);
}

#[test]
fn a_build_that_does_not_ask_is_the_same_at_every_commit() {
    let project = Project::required();
    let digest = || {
        let output = project.command(&["build", "--json"]).env("SOURCE_DATE_EPOCH", "1767323045").output().unwrap();
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(output.status.success(), "{document}");
        document["outputs"].to_string()
    };
    project.write("app/build.rs", "fn main() { assert!(!std::path::Path::new(concat!(\".g\", \"it\")).exists()); }\n");
    project.commit();
    let first = digest();
    project.git(&["commit", "-q", "--allow-empty", "-m", "x"]);
    project.git(&["tag", "v1"]);
    let said =
        String::from_utf8_lossy(&project.command(&["build"]).env("SOURCE_DATE_EPOCH", "1767323045").output().unwrap().stderr).into_owned();
    assert!(said.contains("remembered"), "{said}");
    assert_eq!(digest(), first);
}

#[test]
fn the_version_line_of_a_build_tells_the_commit() {
    let project = Project::required();
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plimsoll-version-line/src");
    for entry in fs::read_dir(sources).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        project.write(&format!("app/line/src/{name}"), &fs::read_to_string(&path).unwrap());
    }
    project.write("app/line/Cargo.toml", "[package]\nname = \"plimsoll-version-line\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
    project.write(
        "app/Cargo.toml",
        "[package]\nname = \"app\"\nversion = \"0.3.0\"\nedition = \"2024\"\n[build-dependencies]\nplimsoll-version-line = { path = \"line\" }\n[workspace]\n",
    );
    project.write("app/build.rs", "fn main() { plimsoll_version_line::emit(); }\n");
    project.write("app/src/main.rs", "fn main() { println!(\"{}\", env!(\"PLIMSOLL_VERSION_LINE\")); }\n");
    project.cargo(&["generate-lockfile"]);
    project.commit();
    let commit = project.git_says(&project.path(), &["log", "-1", "--format=%h %cs", "--abbrev=7"]);
    assert_eq!(project.printed(), format!("0.3.0 ({commit})"));
    project.write("app/README", "new");
    assert_eq!(project.printed(), format!("0.3.0 ({commit}, dirty)"));
}

#[test]
fn the_project_s_own_command_is_told_by_what_it_says_and_by_its_scripts() {
    let project = Project::required();
    project.write(
        "app/tell.sh",
        "mkdir -p out\nprintf '#!/bin/sh\\necho %s\\n' \"$(git describe --tags --dirty 2>&1)\" > out/app\nchmod 755 out/app\n",
    );
    let core = "[core.app]\ncommand = \"sh tell.sh\"\noutput = \"out\"\nbinaries = [\"app\"]\n[archive.app]\ncore = \"app\"\n";
    project.write("app/plimsoll.toml", &format!("targets = [\"{TARGET}\"]\n{core}"));
    project.commit();
    project.git(&["tag", "v5"]);
    assert_eq!(project.printed(), "v5");
}

#[test]
fn a_build_that_asks_unannounced_is_seen() {
    let project = Project::required();
    // By a name that no reader of the script finds.
    project
        .write("app/build.rs", "fn main() { let _ = std::process::Command::new([\"g\", \"it\"].concat()).arg(\"describe\").output(); }\n");
    project.commit();
    for _ in 0..2 {
        let output = project.plimsoll(&["build"]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success() && said.contains("it asked git, and was shown no repository"), "{said}");
    }
    // A script that the build script calls announces it.
    project.write("app/version.sh", "git describe --always --dirty\n");
    project.write(
        "app/build.rs",
        "fn main() { let said = std::process::Command::new(\"sh\").arg(\"version.sh\").output().unwrap().stdout;
        println!(\"cargo::rustc-env=TOLD={}\", String::from_utf8(said).unwrap().trim()); }\n",
    );
    project.write("app/src/main.rs", "fn main() { println!(\"{}\", env!(\"TOLD\")); }\n");
    project.commit();
    assert_eq!(project.printed(), project.git_says(&project.path(), &["describe", "--always"]));
}

#[test]
fn a_build_that_asks_outside_of_a_repository_is_remembered() {
    let project = Project::required();
    std::fs::remove_dir_all(project.path().join(".git")).unwrap();
    project
        .write("app/build.rs", "fn main() { let _ = std::process::Command::new([\"g\", \"it\"].concat()).arg(\"describe\").output(); }\n");
    let build = || String::from_utf8_lossy(&project.plimsoll(&["build"]).stderr).into_owned();
    let (first, second) = (build(), build());
    assert!(!first.contains("it asked git") && second.contains("remembered"), "{first}\n{second}");
}

#[test]
fn a_module_beside_the_build_script_asks_too() {
    let project = Project::required();
    project.write("app/build.rs", "mod git_info;\nfn main() { git_info::tell() }\n");
    let module = "pub fn tell() {\n    let head = std::fs::read_to_string(\".git/HEAD\").unwrap_or_default();\n    \
                  println!(\"cargo::rustc-env=TOLD=HEAD: {}\", head.trim());\n}\n";
    project.write("app/git_info.rs", module);
    project.write("app/src/main.rs", "fn main() { println!(\"{}\", env!(\"TOLD\")); }\n");
    project.commit();
    let printed = project.printed_of(&project.path());
    assert!(printed.trim().len() > "HEAD: ".len(), "{printed}");
}
