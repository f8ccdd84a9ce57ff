//! A release can be repeated: what is published is compared by its artifacts and by what its evidence claims, is checked, and is made whole
//! or named as damaged, never told as there if it is not.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use super::faults_03_dist::contents;
use crate::project::{Project, TARGET};

const PUBLISH: &str = "[publish.folder]\npath = \"../registry\"\n";

/// A project that is released into a folder beside it.
fn released() -> Project {
    let project = Project::required();
    project.scrubbed(PUBLISH);
    project.commit();
    project.expect(&["release", "-q"], 0);
    project
}

fn registry(project: &Project) -> PathBuf {
    project.folder.path().join("registry")
}

/// Released from a store that knows nothing, as on another machine.
fn elsewhere(project: &Project, arguments: &[&str], code: i32) -> String {
    let store = project.folder.path().join("other");
    let output = project.command(arguments).env("PLIMSOLL_STORE", store).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
    said
}

fn verified(project: &Project) {
    project.expect(&["verify", "../registry/app/0.3.0"], 0);
    let to = project.folder.path().join("fetched").display().to_string();
    project.expect(&["fetch", "app", "--from", "../registry", "--to", &to], 0);
}

#[test]
fn a_release_can_be_repeated_from_any_store() {
    let project = released();
    let published = contents(&registry(&project));
    let sealed = contents(&project.path().join("dist"));
    assert!(project.expect(&["release"], 0).contains("was there already"));
    assert!(elsewhere(&project, &["release", "--dry-run"], 0).contains("there already"));
    assert!(elsewhere(&project, &["release"], 0).contains("was there already"));
    assert_eq!(contents(&registry(&project)), published);
    // The published documents are those of `dist/` too.
    assert_eq!(contents(&project.path().join("dist")), sealed);
}

#[test]
fn what_a_published_release_lost_is_put_back() {
    let project = released();
    let (home, place) = (registry(&project).join("app"), registry(&project).join("app/0.3.0"));
    let published = contents(&home);
    let archive = format!("app-{TARGET}.tar.xz");
    let losses = [home.join("index.json"), place.join(&archive), place.join("SHA256SUMS")];
    for lost in &losses {
        fs::remove_file(lost).unwrap();
        let would = project.expect(&["release", "--dry-run"], 0);
        assert!(!lost.exists(), "{would}");
        let said = project.expect(&["release"], 0);
        let name = lost.file_name().unwrap().to_str().unwrap();
        assert!(said.contains(name) && would.contains(name), "{said}{would}");
        assert_eq!(contents(&home), published);
    }
    // All at once, and from another store.
    losses.iter().for_each(|lost| fs::remove_file(lost).unwrap());
    elsewhere(&project, &["release"], 0);
    assert_eq!(contents(&home), published);
    fs::write(home.join("index.json"), "{").unwrap();
    project.expect(&["release", "-q"], 0);
    assert_eq!(contents(&home), published);
    verified(&project);
}

#[test]
fn what_cannot_be_put_back_is_named() {
    let project = released();
    let place = registry(&project).join("app/0.3.0");
    let evidence = format!("evidence/archive.app-{TARGET}-scrubbed.json");
    let archive = format!("app-{TARGET}.tar.xz");
    let published = contents(&place);
    let spoilt = [(archive.as_str(), false), (evidence.as_str(), false), ("SHA256SUMS", false), ("release.json", false)];
    for (name, lost) in spoilt.into_iter().chain([(evidence.as_str(), true), ("release.json", true)]) {
        if lost {
            fs::remove_file(place.join(name)).unwrap();
        } else {
            fs::write(place.join(name), "other").unwrap();
        }
        let harmed = contents(&place);
        let said = elsewhere(&project, &["release"], 1);
        assert!(said.contains(name) && !said.contains("was there already"), "{name}: {said}");
        assert_eq!(contents(&place), harmed, "{name}");
        published.iter().for_each(|(path, bytes)| fs::write(path, bytes).unwrap());
    }
    fs::write(place.join(&archive), "other").unwrap();
    assert!(elsewhere(&project, &["release", "--dry-run"], 1).contains(&archive));
}

#[test]
fn other_bytes_and_other_claims_are_another_release() {
    let project = released();
    let published = contents(&registry(&project));
    let manifest = fs::read_to_string(project.path().join("plimsoll.toml")).unwrap();
    project.write("app/plimsoll.toml", &manifest.replace("\"scrubbed\"", "\"scrubbed\", \"sandbox\""));
    project.git(&["commit", "-q", "-a", "--amend", "-m", "x"]);
    let said = project.command(&["release"]).env("SOURCE_DATE_EPOCH", epoch(&project)).output().unwrap();
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    assert!(said.contains("other claims") && said.contains("sandbox"), "{said}");
    project.write("app/src/main.rs", "fn main() { println!(\"app {}!\", env!(\"CARGO_PKG_VERSION\")); }\n");
    project.commit();
    let said = project.expect(&["release"], 1);
    assert!(said.contains("is published with other bytes") && said.contains(&format!("app-{TARGET}.tar.xz")), "{said}");
    assert_eq!(contents(&registry(&project)), published);
}

/// The time that the published files carry.
fn epoch(project: &Project) -> String {
    let document = fs::read(registry(project).join("app/0.3.0/release.json")).unwrap();
    serde_json::from_slice::<serde_json::Value>(&document).unwrap()["epoch"].to_string()
}

#[test]
fn a_registry_lies_outside_of_the_project() {
    let project = Project::required();
    fs::create_dir_all(project.path().join("dist")).unwrap();
    let link = project.folder.path().join("link");
    std::os::unix::fs::symlink(project.path(), &link).unwrap();
    // A release called `app` would be published into the project's own folder.
    let around = project.folder.path().display().to_string();
    let absolute = project.path().join("pub").display().to_string();
    let linked = link.join("pub").display().to_string();
    for path in ["dist", "dist/releases", "pub", ".", "x/../pub", "../app/pub", "..", "../..", "../link", &around, &absolute, &linked] {
        project.scrubbed(&format!("[publish.folder]\npath = \"{path}\"\n"));
        project.commit();
        let said = project.expect(&["release"], 2);
        assert!(said.contains("publish.folder.path"), "{path}: {said}");
        let left = contents(&project.path());
        let is_released = |path: &Path| path.ends_with("index.json") || path.ends_with("release.json");
        assert!(!left.keys().any(|path| is_released(path)), "{path}: {left:?}");
    }
}

/// The paths at and below a folder, with what is in files.
fn traces(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = contents(folder).into_iter().collect::<Vec<_>>();
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            found.push((entry.clone(), Vec::new()));
            found.extend(traces(&entry));
        }
    }
    found
}

#[test]
fn a_dry_run_tells_every_write_and_leaves_no_trace() {
    let project = Project::required();
    project.scrubbed(PUBLISH);
    project.commit();
    let archive = format!("app-{TARGET}.tar.xz");
    let deed = |said: &str, name: &str| {
        let line = said.lines().find(|line| line.starts_with("  ") && line.contains(&format!(" {name}"))).unwrap_or_default();
        line.split(name).next().unwrap_or_default().trim().to_owned()
    };
    let said = project.expect(&["release", "--dry-run"], 0);
    let order = [archive.as_str(), "evidence/", "SHA256SUMS", "release.json", "app 0.3.0", "index.json"];
    let deeds = ["would write", "would write", "would write", "would write", "would reveal", "would list in"];
    assert_eq!(order.map(|name| deed(&said, name)), deeds, "{said}");
    let block = said.split("\nfolder  ").nth(1).unwrap();
    assert!(order.map(|name| block.find(name).unwrap()).is_sorted(), "{said}");
    assert!(!registry(&project).exists() && !project.store().join("ledger").exists(), "{said}");
    project.expect(&["release", "-q"], 0);
    let place = registry(&project).join("app/0.3.0");
    fs::remove_file(place.join(&archive)).unwrap();
    let before = (traces(&registry(&project)), traces(&project.store().join("ledger")));
    let said = project.expect(&["release", "--dry-run"], 0);
    assert_eq!(order.map(|name| deed(&said, name))[..2], ["would put back", "there already"], "{said}");
    fs::write(place.join("SHA256SUMS"), "other").unwrap();
    let said = project.expect(&["release", "--dry-run"], 1);
    assert_eq!(deed(&said, "SHA256SUMS"), "refused", "{said}");
    fs::write(place.join("SHA256SUMS"), before.0.iter().find(|(path, _)| path.ends_with("SHA256SUMS")).unwrap().1.as_slice()).unwrap();
    assert_eq!((traces(&registry(&project)), traces(&project.store().join("ledger"))), before);
}

#[test]
fn the_ledger_tells_what_earlier_runs_wrote_and_nothing_depends_on_it() {
    let project = released();
    let ledger = project.store().join("ledger");
    let lines = || contents(&ledger).into_values().map(|bytes| String::from_utf8(bytes).unwrap().lines().count()).collect::<Vec<_>>();
    assert_eq!(lines(), [6]);
    let said = project.expect(&["release"], 0);
    assert!(said.contains("6 writes by earlier runs") && said.contains("was there already"), "{said}");
    assert_eq!(lines(), [6]);
    // What is lost is put back, whatever the ledger says, and that is told too.
    fs::remove_file(registry(&project).join("app/0.3.0").join(format!("app-{TARGET}.tar.xz"))).unwrap();
    project.expect(&["release"], 0);
    assert_eq!(lines(), [7]);
    fs::remove_dir_all(&ledger).unwrap();
    assert!(project.expect(&["release"], 0).contains("was there already"));
    // A folder that cannot be made is told of and stops nothing.
    fs::write(&ledger, "").unwrap();
    fs::remove_file(registry(&project).join("app/index.json")).unwrap();
    assert!(project.expect(&["release"], 0).contains("is not in the ledger"));
    verified(&project);
}

/// Killed as soon as so many files are in the draft, at whatever moment that finds it.
#[test]
fn a_publication_that_is_killed_shows_nothing_or_all_and_is_continued() {
    let project = Project::required();
    project.scrubbed(PUBLISH);
    project.commit();
    let home = registry(&project).join("app");
    let (draft, place) = (home.join(".draft-0.3.0"), home.join("0.3.0"));
    for files in 0..4 {
        let mut child =
            project.command(&["release", "-q"]).stdin(Stdio::null()).stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        let is_there = || draft.exists() && contents_or_none(&draft) >= files;
        while child.try_wait().unwrap().is_none() && !is_there() && !place.exists() {
            std::thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        if place.exists() {
            project.expect(&["verify", "../registry/app/0.3.0"], 0);
        }
        project.expect(&["release", "-q"], 0);
        verified(&project);
        let names = fs::read_dir(&home).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names = names.collect::<Vec<_>>();
        names.sort();
        assert_eq!(names, [".lock", "0.3.0", "index.json"], "{files}");
        fs::remove_dir_all(registry(&project)).unwrap();
        fs::remove_dir_all(project.folder.path().join("fetched")).unwrap();
    }
}

/// Files in a folder that somebody may just be moving away.
fn contents_or_none(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.map(|path| if path.is_dir() { contents_or_none(&path) } else { 1 }).sum()
}
