//! A `dist/` is replaced only if it is what plimsoll sealed there, byte for byte. Anything else is somebody's, and stays.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use plimsoll_model::Digest;

use crate::project::{Project, TARGET};

/// Every file and link below a folder with what it holds.
pub fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_symlink() {
            found.insert(path.clone(), fs::read_link(&path).unwrap().into_os_string().into_encoded_bytes());
        } else if path.is_dir() {
            found.extend(contents(&path));
        } else {
            found.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    found
}

fn sha256(text: &str) -> String {
    Digest::of(text.as_bytes()).to_string()
}

/// Demands that a rehearsal refuses `dist/`, says why, and leaves all of it as it was.
fn refused(project: &Project, why: &str) {
    let dist = project.path().join("dist");
    let before = contents(&dist);
    for command in [&["rehearse"][..], &["release", "--dry-run"]] {
        let said = project.expect(command, 2);
        assert!(said.contains("replaces the whole folder") && said.contains(why), "{why}: {said}");
    }
    assert_eq!(contents(&dist), before);
}

fn with_registry() -> Project {
    let project = Project::required();
    project.scrubbed("[publish.folder]\npath = \"../registry\"\n");
    project
}

#[test]
fn a_folder_with_checksums_of_its_own_is_left_alone() {
    let project = with_registry();
    project.write("app/dist/app-0.2.9.tar.gz", "precious");
    project.write("app/dist/SHA256SUMS", &format!("{}  app-0.2.9.tar.gz\n", sha256("precious")));
    refused(&project, "app-0.2.9.tar.gz");
    // Nor is it plimsoll's for a document that another tool wrote, or a hand.
    for document in ["{}", "[]", "precious", r#"{"artifacts":[{"file_name":"app-0.2.9.tar.gz"}],"evidence":{}}"#] {
        project.write("app/dist/release.json", document);
        refused(&project, "release.json");
    }
}

#[test]
fn what_lies_in_a_folder_of_checksums_only_is_left_alone() {
    let project = with_registry();
    project.write("app/dist/SHA256SUMS", "precious");
    refused(&project, "SHA256SUMS");
    fs::remove_file(project.path().join("dist/SHA256SUMS")).unwrap();
    project.write("app/dist/evidence/notes.json", "precious");
    refused(&project, "evidence/notes.json");
    fs::remove_dir_all(project.path().join("dist")).unwrap();
    fs::create_dir_all(project.path().join("dist/evidence/kept")).unwrap();
    refused(&project, "evidence/kept");
    fs::remove_dir_all(project.path().join("dist")).unwrap();
    fs::create_dir(project.folder.path().join("elsewhere")).unwrap();
    symlink("../elsewhere", project.path().join("dist")).unwrap();
    refused(&project, "is a link");
}

#[test]
fn a_sealed_folder_that_was_changed_by_somebody_is_left_alone() {
    let project = with_registry();
    project.expect(&["rehearse", "-q"], 0);
    let dist = project.path().join("dist");
    let archive = format!("app-{TARGET}.tar.xz");
    let evidence = format!("archive.app-{TARGET}.scrubbed.json");
    let sealed = contents(&dist);
    let whole = || sealed.iter().for_each(|(path, bytes)| fs::write(path, bytes).unwrap());
    for name in [archive.as_str(), "SHA256SUMS", "release.json", &format!("evidence/{evidence}")] {
        fs::write(dist.join(name), "signed by hand").unwrap();
        refused(&project, name);
        whole();
    }
    // Another's file behind the name of a sealed one.
    project.write("elsewhere/file", "precious");
    fs::remove_file(dist.join(&archive)).unwrap();
    symlink("../../elsewhere/file", dist.join(&archive)).unwrap();
    refused(&project, &archive);
    fs::remove_file(dist.join(&archive)).unwrap();
    whole();
    fs::rename(dist.join("evidence"), project.folder.path().join("evidence")).unwrap();
    symlink("../../evidence", dist.join("evidence")).unwrap();
    refused(&project, "evidence");
    fs::remove_file(dist.join("evidence")).unwrap();
    // What is merely gone is sealed again, and so is the folder as it was.
    fs::remove_file(dist.join(&archive)).unwrap();
    project.expect(&["rehearse", "-q"], 0);
    project.expect(&["verify"], 0);
}

/// A document may agree with itself and with every file, and still be typed by hand.
#[test]
fn a_document_that_shows_no_evidence_is_not_plimsolls() {
    let project = with_registry();
    project.expect(&["rehearse", "-q"], 0);
    let dist = project.path().join("dist");
    let mut document: serde_json::Value = serde_json::from_slice(&fs::read(dist.join("release.json")).unwrap()).unwrap();
    fs::remove_dir_all(&dist).unwrap();
    document["evidence"] = serde_json::json!({});
    document["artifacts"][0]["file_name"] = "precious.tar.xz".into();
    document["artifacts"][0]["sha256"] = sha256("precious").into();
    document["id"] = "0".repeat(64).into();
    document["id"] = Digest::of(&plimsoll_model::canonical_json(&document)).to_string().into();
    let text = String::from_utf8(plimsoll_model::document_json(&document)).unwrap();
    project.write("app/dist/precious.tar.xz", "precious");
    project.write("app/dist/release.json", &text);
    project.write("app/dist/SHA256SUMS", &format!("{}  precious.tar.xz\n{}  release.json\n", sha256("precious"), sha256(&text)));
    refused(&project, "nothing shows what it claims");
}

#[test]
fn a_release_of_another_project_is_left_alone() {
    let project = with_registry();
    project.expect(&["rehearse", "-q"], 0);
    let manifest = fs::read_to_string(project.path().join("plimsoll.toml")).unwrap();
    project.write("app/plimsoll.toml", &format!("name = \"other\"\n{manifest}"));
    refused(&project, "app 0.3.0");
}

/// What one machine sealed is sealed for another too, as in CI with a cached folder.
#[test]
fn what_was_sealed_from_another_store_is_replaced() {
    let project = with_registry();
    project.expect(&["rehearse", "-q"], 0);
    project.write("app/src/main.rs", "fn main() { println!(\"app {}!\", env!(\"CARGO_PKG_VERSION\")); }\n");
    let output = project.command(&["rehearse", "-q"]).env("PLIMSOLL_STORE", project.folder.path().join("other")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    project.expect(&["verify"], 0);
}
