//! Hostile archives behind a release whose every checksum is right: `fetch` must refuse the members themselves and leave nothing behind.

use std::fs;
use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use plimsoll_model::{Digest, canonical_json, document_json};
use serde_json::{Value, json};
use tar::{EntryType, Header};

use super::rehearsal::Rehearsal;
use super::testbed::{self, Said, Testbed};
use super::{Checks, Trouble, project};

/// A member of an archive: its raw name, what it is, and where a link leads.
struct Member {
    name: String,
    kind: EntryType,
    link: String,
}

impl Member {
    fn file(name: &str) -> Self {
        Self { name: name.to_owned(), kind: EntryType::Regular, link: String::new() }
    }

    fn link(name: &str, kind: EntryType, to: &str) -> Self {
        Self { name: name.to_owned(), kind, link: to.to_owned() }
    }
}

pub fn run(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let project = project::native_example(testbed, "project")?;
    let sealed = Rehearsal::kept(testbed, &project)?.tried()?;
    let file = sealed.artifacts().into_keys().next().ok_or_else(|| Trouble::Broken(sealed.all()))?;
    let root = file.trim_end_matches(".tar.gz").to_owned();
    let outside = testbed.folder("outside")?;
    let good = vec![Member::file(&format!("{root}/fathom"))];
    let hostile = [
        ("a member that climbs", "climbs", vec![Member::file(&format!("{root}/../../escaped"))]),
        ("a member that begins by climbing", "climbs", vec![Member::file("../escaped")]),
        ("an absolute member", "absolute", vec![Member::file(&format!("{}/escaped", outside.display()))]),
        (
            "a link out of the folder, and a file through it",
            "link",
            vec![
                Member::link(&format!("{root}/door"), EntryType::Symlink, &outside.to_string_lossy()),
                Member::file(&format!("{root}/door/escaped")),
            ],
        ),
        (
            "a link out of the folder that is placed, and not of the archive",
            "only folder",
            vec![Member::link(&format!("{root}/up"), EntryType::Symlink, "../escaped")],
        ),
        ("a hard link out of the folder", "link", vec![Member::link(&format!("{root}/twin"), EntryType::Link, "/etc/passwd")]),
        ("a device", "device", vec![Member::link(&format!("{root}/null"), EntryType::Char, "")]),
        ("the same member twice", "twice", vec![Member::file(&format!("{root}/fathom"))]),
    ];
    let honest = registry(testbed, &project, "honest", &file, &archive(&good)?)?;
    let fetched = fetch(testbed, &honest, "honest")?;
    checks.that("an archive made here is fetched where it is sound", fetched.well(), || fetched.all());
    for (number, (name, word, members)) in hostile.into_iter().enumerate() {
        let label = format!("hostile-{number}");
        let members = good.iter().map(|member| Member::file(&member.name)).chain(members).collect::<Vec<_>>();
        let registry = registry(testbed, &project, &label, &file, &archive(&members)?)?;
        let said = fetch(testbed, &registry, &label)?;
        println!("          {}", said.stderr.lines().find(|line| line.starts_with("error:")).unwrap_or_default());
        // 1 or 4: the bytes are bad, and it is a registry that gave them.
        let refused = matches!(said.code, Some(1 | 4)) && !said.stderr.contains("panicked");
        checks.that(&format!("{name}: refused, and says why"), refused && said.stderr.contains(word), || said.all());
        let escaped = project::files(testbed.path("landing").as_path()).unwrap_or_default();
        let escaped = escaped.into_iter().filter(|path| path.ends_with("escaped")).chain(project::files(&outside)?).collect::<Vec<_>>();
        checks.that(&format!("{name}: nothing outside"), escaped.is_empty(), || format!("{escaped:?}"));
        let left = fs::read_dir(testbed.path("landing").join(&label)).map_or(0, Iterator::count);
        checks.that(&format!("{name}: nothing left"), left == 0, || format!("{left} entries"));
    }
    Ok(())
}

fn fetch(testbed: &Testbed, registry: &Path, label: &str) -> Result<Said, Trouble> {
    let landing = testbed.folder("landing")?.join(label);
    let mut command = testbed.plimsoll(&testbed.store);
    testbed::run(command.args(["fetch", "fathom", "--from"]).arg(registry).arg("--to").arg(&landing))
}

/// A gzipped tar with exactly these members; names are written as they are.
fn archive(members: &[Member]) -> Result<Vec<u8>, Trouble> {
    let mut bytes = Vec::new();
    let mut encoder = GzEncoder::new(&mut bytes, Compression::fast());
    let mut write = |block: &[u8]| encoder.write_all(block).map_err(Trouble::io(Path::new("archive")));
    for member in members {
        let content: &[u8] = if member.kind == EntryType::Regular { b"#!/bin/sh\necho escaped\n" } else { b"" };
        let mut header = Header::new_ustar();
        header.as_old_mut().name[..member.name.len()].copy_from_slice(member.name.as_bytes());
        header.as_old_mut().linkname[..member.link.len()].copy_from_slice(member.link.as_bytes());
        header.set_entry_type(member.kind);
        header.set_mode(0o755);
        header.set_size(content.len() as u64);
        header.set_mtime(0);
        header.set_cksum();
        write(header.as_bytes())?;
        write(content)?;
        write(&vec![0; content.len().next_multiple_of(512) - content.len()])?;
    }
    write(&[0; 1024])?;
    encoder.finish().map_err(Trouble::io(Path::new("archive")))?;
    Ok(bytes)
}

/// A folder registry with the project's release, in which `file` is replaced and everything else says so.
fn registry(testbed: &Testbed, project: &Path, label: &str, file: &str, bytes: &[u8]) -> Result<std::path::PathBuf, Trouble> {
    let registry = testbed.folder(label)?;
    let home = registry.join("fathom");
    let dist = project.join("dist");
    let document = read_json(&dist.join("release.json"))?;
    let version = document["version"].as_str().unwrap_or_default().to_owned();
    let place = home.join(&version);
    project::copy_tree(&dist, &place)?;
    fs::write(place.join(file), bytes).map_err(Trouble::io(&place))?;
    forge(&place, document, file, bytes)?;
    let index = json!({ "schema": 1, "name": "fathom", "versions": [version] });
    fs::write(home.join("index.json"), document_json(&index)).map_err(Trouble::io(&home))?;
    Ok(registry)
}

/// Makes every document of a release agree with the new bytes of `file`.
fn forge(place: &Path, document: Value, file: &str, bytes: &[u8]) -> Result<(), Trouble> {
    let (new, size) = (Digest::of(bytes).to_string(), bytes.len());
    let old = document["artifacts"][0]["sha256"].as_str().unwrap_or_default().to_owned();
    let mut document: Value =
        serde_json::from_str(&document.to_string().replace(&old, &new)).map_err(|error| Trouble::Broken(error.to_string()))?;
    document["artifacts"][0]["size"] = json!(size);
    for (name, digest) in document["evidence"].as_object_mut().into_iter().flatten() {
        let path = place.join("evidence").join(name);
        let text = fs::read_to_string(&path).map_err(Trouble::io(&path))?.replace(&old, &new);
        *digest = json!(Digest::of(text.as_bytes()).to_string());
        fs::write(&path, text).map_err(Trouble::io(&path))?;
    }
    document["id"] = json!("0".repeat(64));
    document["id"] = json!(Digest::of(&canonical_json(&document)).to_string());
    let release = document_json(&document);
    let sums = format!("{new}  {file}\n{}  release.json\n", Digest::of(&release));
    fs::write(place.join("release.json"), release).map_err(Trouble::io(place))?;
    fs::write(place.join("SHA256SUMS"), sums).map_err(Trouble::io(place))
}

fn read_json(path: &Path) -> Result<Value, Trouble> {
    let bytes = fs::read(path).map_err(Trouble::io(path))?;
    serde_json::from_slice(&bytes).map_err(|error| Trouble::Broken(format!("{}: {error}", path.display())))
}
