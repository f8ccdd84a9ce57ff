//! Files that are made while the release is: by the program itself, by its build script, by the project's own command.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests start the command, and fail")]

use std::fs;
use std::process::Command;

use project::{Project, TARGET};

mod project;

/// A program that prints its completions, writes its pages, and has a build script that makes a table.
const MAIN: &str = r#"use std::{env, fs};
fn main() {
    let words = env::args().skip(1).collect::<Vec<_>>();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["--completions", shell] => println!("completions for {shell}"),
        ["pages", folder] => {
            fs::create_dir_all(folder).unwrap();
            for name in ["app.1", "app-sub.1"] {
                fs::write(format!("{folder}/{name}"), format!(".TH {name}\n")).unwrap();
            }
        }
        ["fail"] => { eprintln!("no completions today"); std::process::exit(3) }
        ["nothing"] => {}
        _ => println!("app {}", env!("CARGO_PKG_VERSION")),
    }
}
"#;

const BUILD: &str = r#"fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let out = std::env::var("OUT_DIR").unwrap();
    std::fs::write(format!("{out}/app.fish"), "complete app\n").unwrap();
}
"#;

const GENERATORS: &str = r#"[generate.zsh]
run = "app --completions zsh"
output = "_app"
[generate.pages]
run = ["app", "pages", "it's here/man"]
output = "it's here/man/*.1"
[generate.fish]
build-script = "app"
output = "app.fish"
[generate.notes]
command = "mkdir -p out; echo \"notes of $(cat notes.txt)\" >out/NOTES"
output = "out/NOTES"
"#;

fn project(more: &str) -> Project {
    let project = Project::required();
    project.write("app/src/main.rs", MAIN);
    project.write("app/build.rs", BUILD);
    project.write("app/notes.txt", "one\n");
    project.manifest(&format!("{more}{GENERATORS}"));
    project.commit();
    project
}

/// The files of the archive, with their contents.
fn packed(project: &Project) -> Vec<(String, String)> {
    let folder = tempfile::tempdir().unwrap();
    let archive = project.path().join(format!("dist/app-{TARGET}.tar.xz"));
    let status = Command::new("tar").arg("-xf").arg(&archive).current_dir(folder.path()).status().unwrap();
    assert!(status.success());
    let listed = Command::new("tar").arg("-tf").arg(&archive).output().unwrap();
    let names = String::from_utf8(listed.stdout).unwrap();
    let files = names.lines().filter(|name| !name.ends_with('/'));
    files
        .map(|name| {
            let short = name.split_once('/').map_or(name, |(_, rest)| rest).to_owned();
            (short, String::from_utf8_lossy(&fs::read(folder.path().join(name)).unwrap()).into_owned())
        })
        .collect()
}

#[test]
fn what_is_generated_is_in_the_archive_where_users_look_and_is_remembered() {
    let project = project("[archive.app]\n");
    let said = project.expect(&["rehearse"], 0);
    assert!(said.contains("generated  zsh"), "{said}");
    let files = packed(&project);
    let has = |name: &str, text: &str| files.iter().any(|(file, content)| file == name && content == text);
    assert!(has("completions/_app", "completions for zsh\n"), "{files:?}");
    assert!(has("man/man1/app.1", ".TH app.1\n") && has("man/man1/app-sub.1", ".TH app-sub.1\n"), "{files:?}");
    assert!(has("completions/app.fish", "complete app\n"), "{files:?}");
    assert!(has("NOTES", "notes of one\n"), "{files:?}");
    assert!(project.expect(&["rehearse"], 0).contains("unchanged"));
    let plan = project.expect(&["plan"], 0);
    assert!(plan.contains("zsh") && plan.contains("app --completions zsh"), "{plan}");
    // What it is made of has changed, so it is made anew.
    project.write("app/notes.txt", "two\n");
    project.commit();
    project.expect(&["rehearse"], 0);
    assert!(packed(&project).iter().any(|(file, content)| file == "NOTES" && content == "notes of two\n"));
}

#[test]
fn declared_files_take_what_they_name_and_put_it_where_they_say() {
    let project = project(
        "[archive.app]\n[archive.app.files]\n\"notes.txt\" = \"notes.txt\"\n\"generate.zsh\" = \"complete/_app.zsh\"\n\"generate.pages\" = \"doc\"\n",
    );
    project.expect(&["rehearse"], 0);
    let names = packed(&project).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    assert_eq!(names, ["app", "complete/_app.zsh", "doc/app-sub.1", "doc/app.1", "notes.txt"]);
}

#[test]
fn a_program_that_makes_nothing_is_told_with_what_it_said() {
    let project = project("[archive.app]\n");
    let sound = fs::read_to_string(project.path().join("plimsoll.toml")).unwrap();
    let refused = |from: &str, to: &str, code: i32| {
        assert!(sound.contains(from), "{from}");
        project.write("app/plimsoll.toml", &sound.replace(from, to));
        project.commit();
        project.expect(&["pack"], code)
    };
    let said = refused("app --completions zsh", "app fail", 1);
    assert!(said.contains("generate.zsh") && said.contains("no completions today") && said.contains("exit status 3"), "{said}");
    let said = refused("app --completions zsh", "app nothing", 1);
    assert!(said.contains("nothing was left that `_app` means"), "{said}");
    let said = refused("output = \"app.fish\"", "output = \"app.elv\"", 1);
    assert!(said.contains("`app.elv`"), "{said}");
    let said = refused("output = \"out/NOTES\"", "output = \"out/NOTE\"", 1);
    assert!(said.contains("`out/NOTE`"), "{said}");
    let said = refused("app --completions zsh", "apq --completions zsh", 2);
    assert!(said.contains("did you mean `app`?"), "{said}");
}
