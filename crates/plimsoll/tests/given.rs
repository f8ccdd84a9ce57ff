//! What a project is given by others: locked by digest, brought once, and used from the store afterwards; a changed byte stops the run.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests start the command, and fail")]

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::sync::Arc;

use plimsoll_harbor::{Folder, Harbor, ServeOptions};
use project::{Project, TARGET};

mod project;

/// A server of the files below a folder, until it is dropped.
fn served(folder: &Path) -> Harbor {
    fs::create_dir_all(folder).unwrap();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    Harbor::serve(Arc::new(Folder::open(folder).unwrap()), ServeOptions { listeners: vec![listener], ..ServeOptions::default() }).unwrap()
}

/// A program that tells what a prebuilt file of the target says.
fn with_prebuilt(url: &str) -> Project {
    let project = Project::required();
    project.manifest(&format!(
        "[prebuilt.words]\nurl = \"{url}\"\nenv = \"APP_WORDS\"\n[archive.app]\n[[archive.app.probe]]\nrun = \"app\"\nexpect = \"sesame\"\n"
    ));
    project.write(
        "app/src/main.rs",
        "fn main() { println!(\"app {} {}\", env!(\"CARGO_PKG_VERSION\"), include_str!(env!(\"APP_WORDS\"))); }\n",
    );
    project.commit();
    project
}

fn with_store(project: &Project, store: &str, arguments: &[&str], code: i32) -> String {
    let output = project.command(arguments).env("PLIMSOLL_STORE", project.folder.path().join(store)).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
    said
}

#[test]
fn a_prebuilt_file_is_locked_then_used_from_the_store_and_no_other_bytes_are() {
    let place = tempfile::tempdir().unwrap();
    let file = format!("words-{TARGET}.txt");
    fs::write(place.path().join(&file), "sesame").unwrap();
    let harbor = served(place.path());
    let project = with_prebuilt(&format!("{}/words-{{target}}.txt", harbor.url()));
    // Nothing is built with what nobody locked.
    let said = project.expect(&["plan"], 2);
    assert!(said.contains("plimsoll lock update prebuilt") && said.contains(&file), "{said}");
    let said = project.expect(&["lock", "update", "prebuilt"], 0);
    assert!(said.contains("new") && said.contains("prebuilt.words") && said.contains("commit it"), "{said}");
    assert!(project.expect(&["lock", "update"], 0).contains("up to date"));
    project.commit();
    project.expect(&["prove"], 0);
    // Another byte, another machine: it is named, with both digests.
    fs::write(place.path().join(&file), "sesamE").unwrap();
    let said = with_store(&project, "another", &["prove"], 4);
    assert!(said.contains(&format!("prebuilt.words for {TARGET}")) && said.contains("locked") && said.contains("found"), "{said}");
    // This machine has the right ones, and asks nobody: the server is gone, and something else is built with them.
    drop(harbor);
    let manifest = fs::read_to_string(project.path().join("plimsoll.toml")).unwrap();
    project.write("app/plimsoll.toml", &manifest.replace("expect = \"sesame\"", "expect = \"open\""));
    project.write(
        "app/src/main.rs",
        &fs::read_to_string(project.path().join("src/main.rs")).unwrap().replace("\"app {} {}\"", "\"app {} open {}\""),
    );
    project.commit();
    project.expect(&["prove"], 0);
    let said = with_store(&project, "third", &["prove"], 4);
    assert!(said.contains("cannot be had"), "{said}");
    let said = project.expect(&["lock", "update", "prebuilt"], 4);
    assert!(said.contains("prebuilt.words"), "{said}");
}

#[test]
fn a_prebuilt_file_that_is_meant_to_change_is_locked_anew_and_told_as_changed() {
    let project = with_prebuilt("../words.txt");
    project.write("words.txt", "sesame");
    project.expect(&["lock", "update"], 0);
    let before = fs::read_to_string(project.path().join("plimsoll.lock")).unwrap();
    project.write("words.txt", "sesame 2");
    let said = project.expect(&["lock", "update", "prebuilt"], 0);
    assert!(said.contains("changed") && said.contains("was sha256:"), "{said}");
    assert_ne!(before, fs::read_to_string(project.path().join("plimsoll.lock")).unwrap());
    project.commit();
    project.expect(&["prove"], 0);
    // What the manifest no longer names is no longer locked.
    project.write("other.txt", "sesame 3");
    let manifest = fs::read_to_string(project.path().join("plimsoll.toml")).unwrap().replace("../words.txt", "../other.txt");
    project.write("app/plimsoll.toml", &manifest);
    assert!(project.expect(&["plan"], 2).contains("../other.txt"));
    let said = project.expect(&["lock", "update", "prebuilt"], 0);
    assert!(said.contains("gone") && said.contains("../words.txt"), "{said}");
    assert!(!fs::read_to_string(project.path().join("plimsoll.lock")).unwrap().contains("words.txt"));
}

/// A program that installs itself and is to keep settings through an upgrade; `keeps` is whether it does. Its test installs the old release, upgrades, and removes.
fn with_upgrade(version: &str, keeps: bool) -> Project {
    let project = Project::required();
    upgrade(&project, version, keeps);
    project
}

fn upgrade(project: &Project, version: &str, keeps: bool) {
    project.write("app/Cargo.toml", &format!("[package]\nname = \"app\"\nversion = \"{version}\"\nedition = \"2024\"\n\n[workspace]\n"));
    project.cargo(&["generate-lockfile"]);
    let settings = if keeps { "if !settings.exists() { write(settings, \"mine\") }" } else { "write(settings, \"new\");" };
    project.write(
        "app/src/main.rs",
        &format!(
            "use std::{{env, fs, path::Path}};\nfn main() {{\n    let (place, settings) = (Path::new(\"/opt/app\"), Path::new(\"/opt/app/settings\"));\n    let \
             write = |path: &Path, text: &str| fs::write(path, format!(\"{{text}}\\n\")).unwrap();\n    match env::args().nth(1).as_deref() {{\n        \
             Some(\"install\") => {{\n            fs::create_dir_all(place).unwrap();\n            write(&place.join(\"version\"), env!(\"CARGO_PKG_VERSION\"));\n            \
             {settings}\n        }}\n        Some(\"remove\") => fs::remove_dir_all(place).unwrap(),\n        _ => println!(\"app {{}}\", \
             env!(\"CARGO_PKG_VERSION\")),\n    }}\n}}\n"
        ),
    );
    project.write("settings", "mine\n");
    project.manifest(&format!(
        r#"[archive.app]
[previous]
from = "../releases"
[publish.folder]
path = "../releases"
[test.upgrade]
install = ["archive.app"]
previous = true
given.settings = "../settings"
[[test.upgrade.probe]]
name = "old"
script = """
if [ -e "$PLIMSOLL_PREVIOUS/app" ]; then
    "$PLIMSOLL_PREVIOUS/app/app" install
    read is </opt/app/version; test "$is" = 0.3.0
    read old </opt/app/settings; read wanted <"$PLIMSOLL_GIVEN/settings"; test "$old" = "$wanted"
fi
"""
[[test.upgrade.probe]]
name = "new"
script = """
app install
read is </opt/app/version; read kept </opt/app/settings; test "$is $kept" = "{version} mine"
"""
[[test.upgrade.probe]]
name = "removed"
script = """
app remove
test ! -e /opt/app
"""
"#
    ));
    project.commit();
}

#[test]
fn an_upgrade_is_tried_over_the_release_before_and_a_broken_one_is_not_released() {
    let project = with_upgrade("0.3.0", true);
    let said = project.expect(&["plan"], 2);
    assert!(said.contains("plimsoll lock update"), "{said}");
    let said = project.expect(&["lock", "update"], 0);
    assert!(said.contains("no release"), "{said}");
    project.commit();
    project.git(&["tag", "v0.3.0"]);
    project.expect(&["release"], 0);
    upgrade(&project, "0.4.0", true);
    let said = project.expect(&["lock", "update", "previous"], 0);
    assert!(said.contains("release 0.3.0") && said.contains("archive.app"), "{said}");
    project.commit();
    let said = project.expect(&["rehearse"], 0);
    assert!(said.contains("test.upgrade"), "{said}");
    upgrade(&project, "0.5.0", false);
    let said = project.expect(&["rehearse"], 1);
    assert!(said.contains("test.upgrade") && said.contains("the script `new`"), "{said}");
    // What is locked as the release before is told if it is not before this one.
    upgrade(&project, "0.2.0", true);
    let said = project.expect(&["plan"], 2);
    assert!(said.contains("0.3.0") && said.contains("lock update previous"), "{said}");
    project.expect(&["lock", "update", "previous"], 0);
    project.expect(&["plan"], 0);
}
