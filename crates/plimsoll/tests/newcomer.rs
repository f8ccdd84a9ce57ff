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

