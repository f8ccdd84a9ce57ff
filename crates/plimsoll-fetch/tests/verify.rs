//! Verification finds what is wrong, and names the file.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::fs;
use std::path::Path;

use common::{World, network, publish, usual};
use plimsoll_fetch::{Problem, Report, Source, verify};
use plimsoll_harbor::{Effect, Faults, Harbor};
use plimsoll_model::{Digest, Means, ReleaseDocument, canonical_json};

fn check(folder: &Path) -> Report {
    verify(&Source::Folder(folder.to_owned()), &network()).unwrap()
}

fn files(folder: &Path) -> Vec<String> {
    let mut files = World::listing(folder);
    files.retain(|file| file != "evidence");
    files.extend(World::listing(&folder.join("evidence")).into_iter().map(|file| format!("evidence/{file}")));
    files
}

#[test]
fn a_sealed_release_is_sound_in_a_folder_and_over_http() {
    let world = World::new();
    let report = check(&world.release());
    assert!(report.is_sound(), "{:?}", report.findings);
    let mut sound = report.sound.clone();
    sound.sort();
    let mut expected = files(&world.release());
    expected.sort();
    assert_eq!((sound, expected.len()), (expected.clone(), 6));
    let release = report.release.unwrap();
    assert_eq!((release.version.to_string().as_str(), release.artifacts.len()), ("1.2.3", 2));

    let harbor = Harbor::serve_folder(&world.release(), Faults::none()).unwrap();
    let report = verify(&harbor.url().parse().unwrap(), &network()).unwrap();
    assert!(report.is_sound() && report.sound.len() == 6, "{:?}", report.findings);
}

/// Every byte of every file, with two bits of it: nothing else is blamed.
#[test]
fn one_flipped_byte_anywhere_is_found_and_named() {
    let world = World::new();
    let folder = world.release();
    let mut flips = 0;
    for file in files(&folder) {
        let sound = fs::read(folder.join(&file)).unwrap();
        for at in 0..sound.len() {
            let mut flipped = sound.clone();
            flipped[at] ^= if at % 2 == 0 { 0x01 } else { 0x2a };
            fs::write(folder.join(&file), &flipped).unwrap();
            let report = check(&folder);
            let blamed = report.findings.iter().map(|finding| finding.file.as_str()).collect::<Vec<_>>();
            assert!(!blamed.is_empty(), "byte {at} of {file} ({:?} to {:?}) was not found", sound[at], flipped[at]);
            assert!(blamed.iter().all(|blamed| *blamed == file), "byte {at} of {file}: blamed {:?}", report.findings);
            flips += 1;
        }
        fs::write(folder.join(&file), &sound).unwrap();
    }
    assert!(flips > 3000 && check(&folder).is_sound());
}

/// White space does not count for the document's own id, so it needs the checksum file to be found.
#[test]
fn changed_white_space_is_the_documents_fault() {
    let world = World::new();
    let path = world.release().join("release.json");
    let text = fs::read_to_string(&path).unwrap();
    for changed in [text.replacen("\n  ", "\n\t ", 1), text.trim_end().to_owned(), format!("{text}\n"), text.replacen(": ", " :", 1)] {
        fs::write(&path, changed).unwrap();
        let report = check(&world.release());
        assert_eq!(report.findings.len(), 1);
        assert!(report.findings[0].to_string().starts_with("release.json was changed: the release says sha256"), "{}", report.findings[0]);
    }
}

#[test]
fn a_changed_checksum_line_is_told_from_a_changed_document() {
    let world = World::new();
    let sums = world.release().join("SHA256SUMS");
    let sound = fs::read_to_string(&sums).unwrap();
    let last = sound.lines().position(|line| line.ends_with("release.json")).unwrap();
    for (changed, line) in [
        (sound.replacen(&sound[..64], &"0".repeat(64), 1), 1),
        (sound.lines().filter(|line| !line.ends_with("musl")).map(|line| format!("{line}\n")).collect(), 3),
        (format!("{sound}{}  more\n", "0".repeat(64)), 4),
        (sound.replace('\n', "\r\n"), 1),
        (String::new(), 1),
    ] {
        fs::write(&sums, &changed).unwrap();
        let report = check(&world.release());
        let [finding] = report.findings.as_slice() else { panic!("{:?}", report.findings) };
        assert_eq!(finding.file, "SHA256SUMS");
        assert!(matches!(&finding.problem, Problem::SumsLine { line: at, .. } if *at == line), "{finding}");
    }
    let mut lines = sound.lines().map(str::to_owned).collect::<Vec<_>>();
    lines[last] = format!("{}  release.json", "0".repeat(64));
    fs::write(&sums, lines.join("\n") + "\n").unwrap();
    let report = check(&world.release());
    assert_eq!(report.findings[0].file, "SHA256SUMS");
    assert!(report.findings[0].to_string().contains(&format!("line {} says `0000", last + 1)));
}

#[test]
fn missing_extra_and_resized_files_are_named() {
    let world = World::new();
    let folder = world.release();
    fs::remove_file(folder.join("tool-x86_64-unknown-linux-musl")).unwrap();
    fs::write(folder.join("plan.json"), "{}").unwrap();
    fs::write(folder.join("evidence/other.json"), "{}").unwrap();
    let gnu = folder.join("tool-x86_64-unknown-linux-gnu.tar.xz");
    let mut longer = fs::read(&gnu).unwrap();
    longer.push(0);
    fs::write(&gnu, longer).unwrap();
    let said = check(&folder).findings.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(said.len(), 4, "{said:?}");
    for (start, end) in [
        ("tool-x86_64-unknown-linux-gnu.tar.xz is ", " bytes long, and the release says"),
        ("tool-x86_64-unknown-linux-musl is missing", ""),
        ("evidence/other.json is no part of the release", ""),
        ("plan.json is no part of the release", ""),
    ] {
        assert!(said.iter().any(|line| line.starts_with(start) && line.contains(end)), "{start}: {said:?}");
    }
    assert!(!check(&world.registry()).is_sound(), "a folder without a release is none");
}

/// Changes the document, and makes id and checksum file fit again, as a forger would.
fn forge(folder: &Path, change: impl FnOnce(&mut ReleaseDocument)) {
    let mut document = ReleaseDocument::parse(&fs::read(folder.join("release.json")).unwrap()).unwrap();
    change(&mut document);
    document.id = Digest::from_bytes([0; 32]);
    document.id = Digest::of(&canonical_json(&document));
    let bytes = document.to_bytes();
    fs::write(folder.join("SHA256SUMS"), document.checksums(Digest::of(&bytes))).unwrap();
    fs::write(folder.join("release.json"), bytes).unwrap();
}

#[test]
fn claims_need_statements_that_passed() {
    let forged = |change: &dyn Fn(&Path, &mut ReleaseDocument)| {
        let world = World::new();
        forge(&world.release(), |document| change(&world.release(), document));
        let report = check(&world.release());
        assert!(!report.is_sound());
        report.findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    let other_root = forged(&|_, document| document.artifacts[0].proven[0].root = "debian:12".parse().unwrap());
    assert!(
        other_root.contains(
            "release.json claims that archive.tool/x86_64-unknown-linux-gnu is proven, and that is not shown: the statement of trial \
             archive.tool/x86_64-unknown-linux-gnu/sandbox has another root"
        ),
        "{other_root}"
    );
    let unproven = forged(&|_, document| document.artifacts[0].proven.clear());
    assert!(unproven.contains("which was not proven anywhere"), "{unproven}");
    let inspected = forged(&|_, document| document.artifacts[0].proven[0].means = Means::Inspected);
    assert!(inspected.contains("which was not proven anywhere"), "{inspected}");
    let level = forged(&|_, document| document.artifacts[0].cpu = Some(plimsoll_model::CpuLevel::V3));
    assert!(level.contains("/sandbox has another level of the processor"), "{level}");
    let not_tried = forged(&|_, document| document.artifacts[0].proven[0].plain_not_tried = Some("no qemu".to_owned()));
    assert!(not_tried.contains("/sandbox has another word on a plain processor"), "{not_tried}");
    let no_statement = forged(&|folder, document| {
        let (file, _) = document.evidence.pop_first().unwrap();
        fs::remove_file(folder.join("evidence").join(file.as_str())).unwrap();
    });
    assert!(no_statement.contains("there is no statement of trial archive.tool/"), "{no_statement}");
    let unclaimed = forged(&|folder, document| {
        let (file, digest) = document.evidence.iter().next().map(|(file, digest)| (file.clone(), *digest)).unwrap();
        fs::copy(folder.join("evidence").join(file.as_str()), folder.join("evidence/again.json")).unwrap();
        document.evidence.insert("again.json".parse().unwrap(), digest);
    });
    assert_eq!(unclaimed, "evidence/again.json is a statement of which the release makes no claim");
    let older = forged(&|_, document| document.artifacts.iter_mut().for_each(|artifact| artifact.required.clear()));
    assert!(older.contains("an older plimsoll sealed it; rehearse it again"), "{older}");
    let same_name = forged(&|_, document| document.artifacts[1].file_name = document.artifacts[0].file_name.clone());
    assert!(same_name.contains("which is that of another file of the release"), "{same_name}");
    for (from, to, expected) in [
        ("\"outcome\": \"passed\"", "\"outcome\": \"failed\", \"reason\": \"x\"", "the statement's subjects and its record disagree"),
        ("\"PASSED\"", "\"FAILED\"", "the statement's subjects and its record disagree"),
        ("test-result/v0.1", "test-result/v0.2", "not a test-result statement"),
        ("archive.tool/", "archive.loot/", "is about archive.loot/x86_64-unknown-linux-gnu"),
    ] {
        let said = forged(&|folder, document| {
            let (file, digest) = document.evidence.iter_mut().next().unwrap();
            let path = folder.join("evidence").join(file.as_str());
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.contains(from));
            let text = text.replace(from, to);
            *digest = Digest::of(text.as_bytes());
            fs::write(path, text).unwrap();
        });
        assert!(said.contains(expected) && said.starts_with("evidence/"), "{said}");
    }
    // The statement is about bytes that the release does not hold.
    let other_bytes = forged(&|folder, document| {
        fs::write(folder.join(document.artifacts[1].file_name.as_str()), b"evil program").unwrap();
        document.artifacts[1].sha256 = Digest::of(b"evil program");
    });
    assert!(other_bytes.contains("is about tool-x86_64-unknown-linux-musl, which the release does not hold in this form"), "{other_bytes}");
}

#[test]
fn over_http_the_file_is_named_and_a_broken_network_is_no_finding() {
    let world = World::new();
    for file in files(&world.release()) {
        let faults = Faults::none().always(&format!("/{file}"), Effect::Flip(5));
        let harbor = Harbor::serve_folder(&world.release(), faults).unwrap();
        let report = verify(&harbor.url().parse().unwrap(), &network()).unwrap();
        assert!(!report.findings.is_empty() && report.findings.iter().all(|finding| finding.file == file), "{:?}", report.findings);
    }
    let harbor = Harbor::serve_folder(&world.release(), Faults::none().always("*.tar.xz", Effect::Status(503))).unwrap();
    assert!(verify(&harbor.url().parse().unwrap(), &network()).is_err_and(|error| error.is_network()));
    let harbor = Harbor::serve_folder(&world.release(), Faults::none().always("*.tar.xz", Effect::Status(404))).unwrap();
    let report = verify(&harbor.url().parse().unwrap(), &network()).unwrap();
    assert_eq!(report.findings[0].problem, Problem::Missing);
}

#[test]
fn reports_become_json() {
    let world = World::new();
    fs::write(world.release().join("extra"), "").unwrap();
    publish(&world.registry(), "1.2.4", &usual());
    let json = serde_json::to_value(check(&world.release())).unwrap();
    assert_eq!(json["findings"][0], serde_json::json!({ "file": "extra", "what": "is no part of the release" }));
    assert!(json["release"]["plan"].is_string());
}
