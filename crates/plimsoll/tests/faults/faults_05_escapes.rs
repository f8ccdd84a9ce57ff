//! Text of others reaches the terminal without control characters.

use std::fs;
use std::os::unix::ffi::OsStringExt as _;
use std::process::Command;

use plimsoll_model::{Digest, ReleaseDocument, canonical_json, document_json, visible};
use serde_json::{Value, json};

use crate::project::{Project, TARGET};

/// Clears the screen, sets the title, goes back, turns the text, hides, ends the line and claims something.
const HOSTILE: &str = "x\u{1b}[2J\u{1b}]0;t\u{7}\r\u{8}\u{9b}2J\u{85}\u{7f}\u{202e}\u{2066}\u{200e}\u{61c}\u{200b}\u{feff}\u{2028}\n\u{1b}[1;32mverified\u{1b}[0m everything";

/// The same as TOML writes it.
fn toml() -> String {
    HOSTILE.chars().map(|c| format!("\\U{:08X}", c as u32)).collect()
}

/// Runs the command without and with colours: whatever it ends with, nothing of others steers the terminal, and nothing of others begins a line.
fn harmless(command: &mut Command) -> String {
    let mut told = String::new();
    for coloured in [true, false] {
        if coloured {
            command.env_remove("NO_COLOR").env("CLICOLOR_FORCE", "1");
        } else {
            command.env_remove("CLICOLOR_FORCE").env("NO_COLOR", "1");
        }
        let output = command.output().unwrap();
        told = format!("{}{}", String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        let plain = if coloured { without_colours(&told) } else { told.clone() };
        let steering = plain.chars().find(|c| !matches!(c, '\n' | '\t') && visible::is_unseen(*c));
        assert_eq!(steering, None, "{command:?}: {told:?}");
        assert!(!plain.lines().any(|line| line.starts_with("verified everything")), "{command:?}: {told}");
        assert!(!told.contains("\u{1b}[1;32mverified\u{1b}[0m everything"), "{command:?}: colours of others: {told:?}");
    }
    told
}

/// Without the sequences that colour.
fn without_colours(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().unwrap().to_owned();
    for part in parts {
        let end = part.find(|c: char| !c.is_ascii_digit() && c != ';').unwrap_or(part.len());
        match part[end..].strip_prefix('m') {
            Some(rest) => plain.push_str(rest),
            None => plain.push_str(&format!("\u{1b}[{part}")),
        }
    }
    plain
}

/// Puts another document into `dist/`, with the id and the checksums that it demands.
fn seal(project: &Project, mut document: Value) {
    document["id"] = "0".repeat(64).into();
    document["id"] = Digest::of(&canonical_json(&document)).to_string().into();
    let bytes = document_json(&document);
    let sums = ReleaseDocument::parse(&bytes).unwrap().checksums(Digest::of(&bytes));
    fs::write(project.path().join("dist/release.json"), bytes).unwrap();
    fs::write(project.path().join("dist/SHA256SUMS"), sums).unwrap();
}

#[test]
fn a_sealed_release_says_nothing_to_the_terminal() {
    let project = Project::required();
    project.expect(&["rehearse"], 0);
    let dist = project.path().join("dist");
    let mut document: Value = serde_json::from_slice(&fs::read(dist.join("release.json")).unwrap()).unwrap();
    document["from_source"] = HOSTILE.into();
    let artifact = &mut document["artifacts"][0];
    artifact["measured"]["needed"] = json!([HOSTILE]);
    artifact["measured"]["linkage"] = HOSTILE.into();
    artifact["measured"]["system"] = HOSTILE.into();
    artifact["measured"].as_object_mut().unwrap().remove("glibc");
    artifact["proven"][0]["libc"] = format!("musl {HOSTILE}").into();
    artifact["proven"][0]["plain_not_tried"] = HOSTILE.into();
    artifact["proven"][0]["how"] = "emulated".into();
    artifact["proven"][0]["emulator"] = HOSTILE.into();
    artifact["proven"][0]["version"] = HOSTILE.into();
    document["gaps"] = json!([{ "artifact": "archive.app/aarch64-apple-darwin", "gap": "failed", "reason": HOSTILE }]);
    seal(&project, document.clone());
    for arguments in [&["status"][..], &["status", "--markdown"], &["status", "--json"], &["status", "--html", "../page.html"], &["verify"]]
    {
        harmless(&mut project.command(arguments));
    }
    let json = project.expect(&["verify", "--json"], 1);
    assert!(json.contains("\\u202e") && json.contains("\\u007f"), "the document loses nothing: {json}");
    let page = fs::read_to_string(project.folder.path().join("page.html")).unwrap();
    assert!(!page.chars().any(|c| c != '\n' && visible::is_unseen(c)), "{page}");

    // What no machine can use is told with its format, and with the way from source.
    document["artifacts"][0]["format"] = HOSTILE.into();
    seal(&project, document);
    let registry = project.folder.path().join("registry/app");
    fs::create_dir_all(&registry).unwrap();
    fs::write(registry.join("index.json"), "{ \"schema\": 1, \"name\": \"app\", \"versions\": [\"0.3.0\"] }").unwrap();
    fs::rename(&dist, registry.join("0.3.0")).unwrap();
    let told = harmless(&mut project.command(&["fetch", "app", "--from", "../registry"]));
    assert!(told.contains("build it from source") && told.contains("verified"), "{told}");
    fs::write(registry.join("index.json"), format!("{{ \"schema\": 1, \"name\": {}, \"versions\": [] }}", json!(HOSTILE))).unwrap();
    harmless(&mut project.command(&["fetch", "app", "--from", "../registry"]));
}

#[test]
fn names_and_checksums_beside_a_release_say_nothing_to_the_terminal() {
    let project = Project::required();
    project.expect(&["rehearse"], 0);
    let dist = project.path().join("dist");
    let sums = fs::read_to_string(dist.join("SHA256SUMS")).unwrap();
    fs::write(dist.join(HOSTILE), "x").unwrap();
    let told = harmless(&mut project.command(&["verify"]));
    assert!(told.contains("is no part of the release"), "{told}");
    harmless(&mut project.command(&["verify", "--json"]));
    fs::write(dist.join("SHA256SUMS"), sums.replacen("app-", &format!("{HOSTILE}-"), 1)).unwrap();
    let told = harmless(&mut project.command(&["verify"]));
    assert!(told.contains("SHA256SUMS"), "{told}");
    // Errors of the parsers repeat what they read.
    fs::write(dist.join("release.json"), json!({ "schema": HOSTILE, HOSTILE: 1 }).to_string()).unwrap();
    for arguments in [&["verify"][..], &["status"], &["status", "--json"]] {
        harmless(&mut project.command(arguments));
    }
}

#[test]
fn a_library_that_a_binary_asks_for_says_nothing_to_the_terminal() {
    let project = Project::required();
    let mut bytes = fs::read("/bin/true").unwrap();
    let name = b"libc.so.6";
    let at = bytes.windows(name.len()).position(|window| window == name).expect("/bin/true is linked to libc.so.6");
    bytes[at..at + name.len()].copy_from_slice(b"\x1b[2J\xe2\x80\xae\n\x9b");
    let program = project.folder.path().join("true\u{1b}[2J\u{202e}\n");
    fs::write(&program, bytes).unwrap();
    let program = program.to_str().unwrap();
    let told = harmless(&mut project.command(&["inspect", program]));
    assert!(told.contains("[2J"), "{told}");
    harmless(&mut project.command(&["inspect", program, "--json"]));
    harmless(&mut project.command(&["inspect", program, "--floor", "2.2"]));
    harmless(&mut project.command(&["inspect", program, "--target", TARGET]));
    harmless(&mut project.command(&["inspect", &format!("/nowhere/{HOSTILE}")]));
}

#[test]
fn a_manifest_says_nothing_to_the_terminal() {
    let project = Project::required();
    let hostile = toml();
    project.manifest(&format!("planned.aarch64-apple-darwin = \"{hostile}\"\ngates.before = [[\"lint\", \"true '{hostile}'\"]]\n"));
    project.commit();
    for arguments in [&["plan"][..], &["plan", "--json"], &["status"], &["status", "--markdown"], &["status", "--json"], &["doctor"]] {
        harmless(&mut project.command(arguments));
    }
    let gates = format!("gates.before = [[\"lint\", \"cat '{hostile}'\"]]\n");
    project.manifest(&gates);
    project.commit();
    let told = harmless(&mut project.command(&["rehearse"]));
    assert!(told.contains("lint"), "{told}");
}

#[test]
fn a_manifest_that_is_wrong_says_nothing_to_the_terminal() {
    let project = Project::required();
    let hostile = toml();
    let raw = HOSTILE.replace(['\n', '\r'], "");
    for text in [
        format!("targets = [\"{hostile}\"]\n"),
        format!("targets = [\"{TARGET}\"]\n\"{hostile}\" = 1\n"),
        format!("targets = [\"{TARGET}\"] # {raw}\nzebra = 1 # {raw}\n"),
        format!("targets = \"{raw}\n"),
        format!("targets = [\"{TARGET}\"]\nroots = [\"{hostile}\"]\n[archive.app]\ncore = \"{hostile}\"\nfiles = [\"{hostile}\"]\n"),
    ] {
        project.write("app/plimsoll.toml", &text);
        let told = harmless(&mut project.command(&["plan"]));
        assert!(told.contains("error"), "{told}");
        harmless(&mut project.command(&["plan", "--json"]));
        harmless(&mut project.command(&["doctor"]));
    }
}

#[test]
fn arguments_say_nothing_to_the_terminal() {
    let project = Project::required();
    for arguments in [
        &[HOSTILE][..],
        &["plan", HOSTILE],
        &["plan", "--target", HOSTILE],
        &["build", "--target", HOSTILE],
        &["build", "--only", HOSTILE],
        &["fetch", HOSTILE, "--from", "x"],
        &["fetch", "app", "--from", HOSTILE],
        &["fetch", "app", "--from", "https://\u{1b}[2J\u{202e}"],
        &["fetch", "app", "--version", HOSTILE, "--from", "x"],
        &["inspect", "--floor", HOSTILE, "x"],
        &["verify", HOSTILE],
        &["version", "set", HOSTILE],
        &["plan", "--root", HOSTILE],
        &["root", "update", HOSTILE],
        &["-j", HOSTILE, "plan"],
    ] {
        harmless(&mut project.command(arguments));
    }
    let mut command = project.command(&["plan"]);
    harmless(command.arg(std::ffi::OsString::from_vec(b"\xff\x9b\x1b[2J\nverified everything".to_vec())));
    harmless(project.command(&["fetch", "--help"]).env("PLIMSOLL_REGISTRY", HOSTILE));
}

#[test]
fn what_a_program_or_a_compiler_says_says_nothing_to_the_terminal() {
    let project = Project::required();
    let printed = HOSTILE.escape_unicode();
    project
        .write("app/src/main.rs", &format!("fn main() {{ println!(\"{printed}\"); eprintln!(\"{printed}\"); std::process::exit(1) }}\n"));
    project.commit();
    let told = harmless(&mut project.command(&["rehearse"]));
    assert!(told.contains("said"), "{told}");
    project.write("app/src/main.rs", &format!("fn main() {{ compile_error!(\"{printed}\") }}\n"));
    project.commit();
    harmless(&mut project.command(&["rehearse"]));
    harmless(&mut project.command(&["status"]));
}

#[test]
fn a_changelog_and_its_version_say_nothing_to_the_terminal() {
    let project = Project::required();
    project.manifest("[version]\nsource = \"Cargo.toml\"\ncopies = [\"VERSION\"]\nchangelog = \"CHANGELOG.md\"\n");
    let raw = HOSTILE.replace(['\n', '\u{200b}', '\u{200e}', '\u{61c}', '\u{feff}'], "");
    project.write("app/VERSION", "0.3.0\n");
    project.write("app/CHANGELOG.md", &format!("# Changelog\n\n## [Unreleased]\n\n- {raw}\n\n## [0.3.0]\n\n- {raw}, می\u{200c}خواهم\n"));
    let notes = project.expect(&["version", "notes"], 0);
    assert!(notes.contains("می\u{200c}خواهم"), "joiners belong to the text: {notes}");
    assert!(!notes.chars().any(|c| c != '\n' && visible::is_steering(c)), "{notes:?}");
    for arguments in [&["version"][..], &["version", "bump", "--minor", "--changelog", "--plan"], &["version", "notes", "--json"]] {
        harmless(&mut project.command(arguments));
    }
    project.write("app/VERSION", &format!("{raw}\n"));
    harmless(&mut project.command(&["version"]));
    harmless(&mut project.command(&["version", "check"]));
}
