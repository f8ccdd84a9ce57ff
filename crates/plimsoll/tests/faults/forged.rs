//! Releases that nobody made: a registry in a folder whose every checksum is right, and in it whatever a hostile publisher would put there.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output};

use plimsoll_model::{Digest, canonical_json, document_json};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::project::TARGET;

/// A registry with the release `tool 1.0.0`, and a place to fetch to.
pub struct Forged {
    pub folder: TempDir,
}

/// A member of a tar.
#[derive(Clone)]
pub enum Member<'a> {
    File(&'a str, u32, &'a [u8]),
    Folder(&'a str),
    Symlink(&'a str, &'a str),
    HardLink(&'a str, &'a str),
    /// A header of this type before the next member, and its contents.
    Extension(u8, Vec<u8>),
}

impl Forged {
    /// The release's only artifact is an archive with these members, and declares the program `tool`.
    pub fn archive(members: &[Member<'_>]) -> Self {
        Self::packed(&xz(&tar(members)))
    }

    /// The same, of bytes that are no sound archive at all, perhaps.
    pub fn packed(archive: &[u8]) -> Self {
        Self::document(archive, |_| {})
    }

    /// The same, with a document that was changed before it got its id.
    pub fn document(archive: &[u8], change: impl FnOnce(&mut Value)) -> Self {
        let forged = Self::of(document(archive, change));
        fs::write(forged.release().join(FILE), archive).unwrap();
        forged
    }

    /// A release without files, of a document as it stands.
    pub fn of(document: Value) -> Self {
        let lines = document["artifacts"].as_array().into_iter().flatten().map(|artifact| {
            let text = |key: &str| artifact[key].as_str().unwrap_or_default().to_owned();
            format!("{}  {}\n", text("sha256"), text("file_name"))
        });
        Self::written(&document_json(&document), &lines.collect::<String>())
    }

    /// The same of bytes, and the lines of its artifacts for `SHA256SUMS`.
    fn written(release: &[u8], lines: &str) -> Self {
        let forged = Self { folder: tempfile::tempdir().unwrap() };
        fs::create_dir_all(forged.release()).unwrap();
        // Sorted by name.
        let sums = format!("{}  release.json\n{lines}", Digest::of(release));
        forged.write("tool/1.0.0/release.json", release);
        forged.write("tool/1.0.0/SHA256SUMS", sums.as_bytes());
        forged.write("tool/index.json", &document_json(&json!({ "schema": 1, "name": "tool", "versions": ["1.0.0"] })));
        forged
    }

    /// A sound release whose document has, at the place of a JSON pointer, the member `key` with the JSON text `flood`. Nothing but the text is
    /// made of it, so that a large one costs this test little.
    pub fn flooded(pointer: &str, key: &str, flood: &str) -> Self {
        let archive = xz(&tar(&[Member::File("root/tool", 0o755, b"x")]));
        let document = document(&archive, |document| document.pointer_mut(pointer).unwrap()[key] = json!(MARK));
        let text = |id: &str| {
            let document = Value::Object(document.as_object().unwrap().clone().into_iter().chain([("id".to_owned(), json!(id))]).collect());
            String::from_utf8(canonical_json(&document)).unwrap().replacen(&format!("\"{MARK}\""), flood, 1)
        };
        let id = Digest::of(text(&Digest::from_bytes([0; 32]).to_string()).as_bytes());
        let forged = Self::written(text(&id.to_string()).as_bytes(), &format!("{}  {FILE}\n", Digest::of(&archive)));
        fs::write(forged.release().join(FILE), archive).unwrap();
        forged
    }

    pub fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.registry().join(name), bytes).unwrap();
    }

    pub fn registry(&self) -> PathBuf {
        self.folder.path().join("registry")
    }

    pub fn release(&self) -> PathBuf {
        self.registry().join("tool/1.0.0")
    }

    /// Where it is fetched to.
    pub fn to(&self) -> PathBuf {
        self.folder.path().join("landing/tool")
    }

    /// `plimsoll fetch tool`, still to be run.
    pub fn command(&self) -> Command {
        self.started_by(Command::new(env!("CARGO_BIN_EXE_plimsoll")))
    }

    /// The same with no more memory than so many MiB of addresses.
    pub fn command_within(&self, mebibytes: u32) -> Command {
        self.started_by(within(mebibytes))
    }

    fn started_by(&self, mut command: Command) -> Command {
        command.args(["fetch", "tool", "--target", TARGET, "--from"]).arg(self.registry()).arg("--to").arg(self.to());
        command.env("PLIMSOLL_FETCH_CACHE", self.folder.path().join("cache")).env("NO_COLOR", "1").env_remove("CARGO_NET_OFFLINE");
        command
    }

    /// Fetches, demands the exit code, and gives back what was said.
    #[track_caller]
    pub fn fetch(&self, code: i32) -> String {
        said(&self.command().output().unwrap(), code)
    }

    /// A refused fetch leaves neither a destination nor work in progress.
    #[track_caller]
    pub fn refused(&self, expected: &str) {
        let said = self.fetch(4);
        assert!(said.contains(expected), "said `{said}`, expected `{expected}`");
        let left = fs::read_dir(self.to().parent().unwrap()).map_or(0, Iterator::count);
        assert_eq!(left, 0, "{said}");
    }
}

/// The command with no more memory than so many MiB of addresses.
pub fn within(mebibytes: u32) -> Command {
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", &format!("ulimit -v {} && exec \"$0\" \"$@\"", mebibytes << 10), env!("CARGO_BIN_EXE_plimsoll")]);
    shell
}

/// Both outputs of a command that must end with this code.
#[track_caller]
pub fn said(output: &Output, code: i32) -> String {
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{said}");
    said
}

/// What a flood is put in place of.
const MARK: &str = "flood";

/// The archive's file.
const FILE: &str = "tool.tar.xz";

/// `release.json` of an archive.
pub fn document(archive: &[u8], change: impl FnOnce(&mut Value)) -> Value {
    let nothing = Digest::from_bytes([0; 32]).to_string();
    let trial = format!("archive.tool/{TARGET}/sandbox");
    let artifact = json!({
        "id": format!("archive.tool/{TARGET}"), "kind": "archive", "name": "tool", "target": TARGET, "file_name": FILE,
        "sha256": Digest::of(archive).to_string(), "size": archive.len(), "format": "tar.xz", "binaries": ["tool"],
        "measured": { "linkage": "static-pie" }, "required": { trial.as_str(): nothing },
        "proven": [{ "trial": trial, "root": "sandbox", "how": "native" }],
    });
    let mut document = json!({
        "schema": 2, "id": nothing, "name": "tool", "version": "1.0.0", "source": { "digest": nothing, "dirty": false }, "plan": nothing,
        "epoch": 0, "artifacts": [artifact], "gaps": [], "evidence": {},
    });
    change(&mut document);
    document["id"] = json!(Digest::of(&canonical_json(&document)).to_string());
    document
}

pub fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 1);
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// The names go into the headers as they are: a library would refuse some of them.
pub fn tar(members: &[Member<'_>]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for member in members {
        let (kind, name, mode, link, contents) = match member {
            Member::File(name, mode, contents) => (b'0', *name, *mode, "", *contents),
            Member::Folder(name) => (b'5', *name, 0o755, "", &b""[..]),
            Member::Symlink(name, target) => (b'2', *name, 0o777, *target, &b""[..]),
            Member::HardLink(name, target) => (b'1', *name, 0o755, *target, &b""[..]),
            Member::Extension(kind, contents) => (*kind, "extension", 0o644, "", contents.as_slice()),
        };
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(tar::EntryType::new(kind));
        header.set_mode(mode);
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.as_old_mut().linkname[..link.len()].copy_from_slice(link.as_bytes());
        header.set_size(contents.len() as u64);
        header.set_cksum();
        builder.append(&header, contents).unwrap();
    }
    builder.into_inner().unwrap()
}
