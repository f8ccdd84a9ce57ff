//! Roots out of archives, and out of an engine that is a script: strict about its words, and it starts nothing. Real podman is in the acceptance test `roots-image`.

use std::collections::BTreeMap;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::PathBuf;

use plimsoll_model::{Digest, Target};

use super::super::lock::Lock;
use super::super::named::Sources;
use super::*;
use crate::RootSource;
use plimsoll_exec::bubblewrap::NoIsolation;
use plimsoll_exec::launcher::Launcher;
use plimsoll_exec::locate::{LocateError, Toolbox};
use plimsoll_exec::tool::Tool;

/// What podman says and does, as far as it is used; anything else ends it badly.
const PODMAN: &str = r#"#!/bin/sh
set -eu
echo "$*" >> "$NOTES"
image=registry.example/alpine
case "$*" in
  --version) echo podman version 4.3.1 ;;
  info) [ -z "${DEAD-}" ] ;;
  "manifest inspect $image:3.20") cat "$INDEX" ;;
  "pull --quiet --platform linux/amd64 $image@sha256:$DIGEST") echo 0abc ;;
  "image inspect --format "*" $image@sha256:$DIGEST")
    echo "0abc linux ${ARCHITECTURE-amd64} [\"$image@sha256:${BROUGHT-$DIGEST}\"]" ;;
  "create --pull never --network none 0abc /plimsoll") echo c0ffee ;;
  "export --output "*" c0ffee") cp "$TREE_TAR" "$3" ;;
  "rm c0ffee") ;;
  *) echo "Error: manifest unknown" >&2; exit 125 ;;
esac
"#;

/// The same of docker, which names repositories of its own registry without it, knows an image under two names, lists an image of one platform
/// without an index, and makes no container of another platform unless that is named.
const DOCKER: &str = r#"#!/bin/sh
set -eu
echo "$*" >> "$NOTES"
case "$*" in
  --version) echo Docker version 27.3.1, build ce12230 ;;
  info) ;;
  "manifest inspect docker.io/library/alpine:3.20") echo '{"schemaVersion":2,"layers":[]}' ;;
  "pull --quiet --platform linux/amd64 docker.io/library/alpine:3.20") echo docker.io/library/alpine:3.20 ;;
  "pull --quiet --platform linux/amd64 docker.io/library/alpine@sha256:$DIGEST") echo "docker.io/library/alpine@sha256:$DIGEST" ;;
  "image inspect --format "*" docker.io/library/alpine:3.20" | "image inspect --format "*" docker.io/library/alpine@sha256:$DIGEST")
    echo "sha256:0abc linux amd64 [\"mirror.example/alpine@sha256:$OTHER\",\"alpine@sha256:$DIGEST\"]" ;;
  "create --pull never --network none --platform linux/amd64 sha256:0abc /plimsoll") echo c0ffee ;;
  "export --output "*" c0ffee") cp "$TREE_TAR" "$3" ;;
  "rm c0ffee") ;;
  *) echo "Error: $*" >&2; exit 125 ;;
esac
"#;

struct Fixture {
    folder: tempfile::TempDir,
    env: BTreeMap<&'static str, String>,
    sources: Sources,
}

fn name() -> RootName {
    "alpine:3.20".parse().unwrap()
}

fn machine() -> &'static Processor {
    Processor::of("x86_64").unwrap()
}

/// A file that looks like musl of a machine.
fn loader(elf: u8) -> Vec<u8> {
    let mut bytes = vec![0; 64];
    bytes[..6].copy_from_slice(b"\x7fELF\x02\x01");
    bytes[18] = elf;
    bytes
}

fn tar_of(tree: &Path) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    builder.follow_symlinks(false);
    builder.append_dir_all(".", tree).unwrap();
    builder.into_inner().unwrap()
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for path in ["bin", "tree/lib", "tree/etc", "tree/var/log", "host"] {
            fs::create_dir_all(at(path)).unwrap();
        }
        fs::write(at("tree/lib/ld-musl-x86_64.so.1"), loader(62)).unwrap();
        fs::write(at("tree/etc/hosts"), "10.0.0.7 the-makers-machine").unwrap();
        fs::write(at("tree/.dockerenv"), "").unwrap();
        fs::write(at("tree/var/log/x"), "monday").unwrap();
        let mut place = Self { folder, env: BTreeMap::new(), sources: Sources::default() };
        place.sources.project = place.at("");
        place.env.insert("PATH", format!("{}:/usr/bin:/bin", place.at("bin").display()));
        place
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The tree in a file, declared with its digest, or with another one.
    fn archive(&mut self, place: &str, bytes: &[u8], digest: Digest) {
        fs::write(self.at(place), bytes).unwrap();
        let archive = RootArchive { place: place.to_owned(), sha256: digest };
        self.sources.declared.insert(name(), RootSource::Archive(archive));
    }

    fn engine(&mut self) {
        let path = self.at("bin/podman");
        fs::write(&path, PODMAN).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        fs::write(self.at("tree.tar"), tar_of(&self.at("tree"))).unwrap();
        let digest = Digest::of(b"manifest");
        let other = Digest::of(b"other");
        let listed = |architecture: &str, digest| {
            format!(r#"{{"digest":"sha256:{digest}","platform":{{"os":"linux","architecture":"{architecture}"}}}}"#)
        };
        fs::write(self.at("index"), format!(r#"{{"manifests":[{},{}]}}"#, listed("arm64", other), listed("amd64", digest))).unwrap();
        for (name, file) in [("NOTES", "notes"), ("TREE_TAR", "tree.tar"), ("INDEX", "index")] {
            self.env.insert(name, self.at(file).display().to_string());
        }
        self.env.insert("DIGEST", digest.to_string());
        self.sources.declared.insert(name(), RootSource::Image("registry.example/alpine:3.20".to_owned()));
    }

    fn with<T>(&self, then: impl FnOnce(&Roots<'_>) -> T) -> T {
        let env = self.env.iter().map(|(name, value)| (name.into(), value.into())).collect();
        let toolbox = Toolbox::new(self.at("tools"), self.at("memory.json"), env, Launcher::new().unwrap());
        let none = NoIsolation::Tool(LocateError::Missing { tool: Tool::Bubblewrap });
        then(&Roots { sources: self.sources.clone(), now: 7, ..Roots::offline(self.at("roots"), &toolbox, Err(&none)) })
    }

    fn obtain(&self) -> Result<DistributionRoot, Unavailable> {
        self.with(|roots| obtain(roots, &name(), machine(), &roots.sources.origin(&name(), machine())?, &mut |_| {}))
    }

    fn update(&mut self) -> Result<(), String> {
        let target: Target = "x86_64-unknown-linux-musl".parse().unwrap();
        let mut lock = Lock::default();
        self.with(|roots| roots.update(&mut lock, &name(), &[&target], &mut |_| {}).map(drop).map_err(|error| error.to_string()))?;
        self.sources.lock = lock;
        Ok(())
    }

    fn said(&self) -> String {
        match self.obtain() {
            Err(Unavailable::Failed(reason)) => reason,
            other => panic!("{other:?}"),
        }
    }

    /// Nothing is left of what was refused.
    fn is_clean(&self) -> bool {
        fs::read_dir(self.at("roots")).unwrap().all(|entry| entry.unwrap().path().extension().is_some_and(|end| end == "lock"))
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    // Stored blocks are enough: what is tried here is which decompressor gets it.
    let mut packed = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    for (at, chunk) in bytes.chunks(65_535).enumerate() {
        let last = (at + 1) * 65_535 >= bytes.len();
        packed.push(u8::from(last));
        let length = u16::try_from(chunk.len()).unwrap();
        packed.extend(length.to_le_bytes());
        packed.extend((!length).to_le_bytes());
        packed.extend(chunk);
    }
    let mut crc = !0_u32;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    packed.extend((!crc).to_le_bytes());
    packed.extend(u32::try_from(bytes.len()).unwrap().to_le_bytes());
    packed
}

#[test]
fn an_archive_is_a_root_without_what_names_its_maker() {
    let mut place = Fixture::new();
    let tar = tar_of(&place.at("tree"));
    place.archive("root.tar", &tar, Digest::of(&tar));
    let root = place.obtain().unwrap();
    assert_eq!(root.made_by, format!("archive sha256:{}", Digest::of(&tar)));
    assert_eq!((root.libc.as_deref(), root.made), (Some("musl"), 7));
    assert!(!root.folder.join(".dockerenv").exists() && !root.folder.join("var/log/x").exists());
    assert_eq!(fs::read_to_string(root.folder.join("etc/hosts")).unwrap(), HOSTS);
    assert_eq!(tree::digest(&root.folder).unwrap(), root.digest);
    // It is there now, whatever becomes of the archive.
    fs::remove_file(place.at("root.tar")).unwrap();
    assert_eq!(place.obtain().unwrap(), root);
    let packed = gzip(&tar);
    place.archive("root.tar.gz", &packed, Digest::of(&packed));
    let other = place.obtain().unwrap();
    assert_eq!((other.digest, other.folder != root.folder), (root.digest, true));
}

#[test]
fn an_archive_that_is_not_what_was_declared_is_refused() {
    let mut place = Fixture::new();
    let tar = tar_of(&place.at("tree"));
    place.archive("root.tar", &tar, Digest::of(b"another"));
    let said = place.said();
    assert!(said.contains(&format!("has the sha256 {}, and the manifest wants {}", Digest::of(&tar), Digest::of(b"another"))), "{said}");
    assert!(place.is_clean());
    fs::remove_file(place.at("root.tar")).unwrap();
    assert!(place.said().contains("the archive root.tar cannot be had"));
    let archive = RootArchive { place: "https://a.example/root.tar".to_owned(), sha256: Digest::of(b"x") };
    place.sources.declared.insert(name(), RootSource::Archive(archive));
    assert!(place.said().contains("https://a.example/root.tar is not fetched: offline was asked for"));
    let mut torn = gzip(&tar);
    torn.truncate(torn.len() - 20);
    place.archive("torn.tar.gz", &torn, Digest::of(&torn));
    assert!(place.said().contains("torn.tar.gz: the archive is cut short") && place.is_clean());
    fs::write(place.at("tree/lib/ld-musl-x86_64.so.1"), loader(183)).unwrap();
    let tar = tar_of(&place.at("tree"));
    place.archive("foreign.tar", &tar, Digest::of(&tar));
    assert!(place.said().contains("is it for another processor?") && place.is_clean());
}

#[test]
fn links_of_a_root_do_not_make_stripping_reach_the_host() {
    let mut place = Fixture::new();
    fs::create_dir_all(place.at("host/apt")).unwrap();
    for file in ["host/shadow", "host/hosts", "host/apt/sources.list"] {
        fs::write(place.at(file), "kept").unwrap();
    }
    fs::remove_dir_all(place.at("tree/etc")).unwrap();
    fs::remove_dir_all(place.at("tree/var")).unwrap();
    for name in ["etc", "tmp", "var"] {
        symlink(place.at("host"), place.at("tree").join(name)).unwrap();
    }
    let tar = tar_of(&place.at("tree"));
    place.archive("root.tar", &tar, Digest::of(&tar));
    place.obtain().unwrap();
    assert_eq!(fs::read_to_string(place.at("host/shadow")).unwrap(), "kept");
    assert_eq!(fs::read_to_string(place.at("host/hosts")).unwrap(), "kept");
    assert!(place.at("host/apt/sources.list").exists());
}

#[test]
fn an_image_is_brought_by_the_digest_that_was_locked_and_not_started() {
    let mut place = Fixture::new();
    place.engine();
    let nothing = Err(Unavailable::Elsewhere(
        "plimsoll.lock has no digest of alpine:3.20 for linux/amd64: `plimsoll root update alpine:3.20` writes it".to_owned(),
    ));
    assert_eq!(place.obtain(), nothing);
    place.update().unwrap();
    assert_eq!(place.sources.lock.roots[&name()].platforms, [("linux/amd64".to_owned(), Digest::of(b"manifest"))].into());
    let root = place.obtain().unwrap();
    assert_eq!(root.made_by, format!("podman 4.3.1: registry.example/alpine@sha256:{}", Digest::of(b"manifest")));
    assert!(root.folder.join("lib/ld-musl-x86_64.so.1").is_file() && !root.folder.join(".dockerenv").exists());
    let notes = fs::read_to_string(place.at("notes")).unwrap();
    assert!(notes.contains("rm c0ffee") && !notes.contains("start") && !notes.contains("run "), "{notes}");
    // Once it is there no engine is needed.
    fs::remove_file(place.at("bin/podman")).unwrap();
    assert_eq!(place.obtain().unwrap(), root);
}

#[test]
fn docker_locks_the_digest_of_the_name_that_was_asked_for() {
    let mut place = Fixture::new();
    place.engine();
    // podman would be asked first.
    fs::write(place.at("bin/podman"), "#!/bin/sh\nexit 125\n").unwrap();
    fs::write(place.at("bin/docker"), DOCKER).unwrap();
    fs::set_permissions(place.at("bin/docker"), fs::Permissions::from_mode(0o755)).unwrap();
    place.env.insert("OTHER", Digest::of(b"other").to_string());
    place.sources.declared.insert(name(), RootSource::Image("docker.io/library/alpine:3.20".to_owned()));
    place.update().unwrap();
    assert_eq!(place.sources.lock.roots[&name()].platforms, [("linux/amd64".to_owned(), Digest::of(b"manifest"))].into());
    let root = place.obtain().unwrap();
    assert_eq!(root.made_by, format!("docker 27.3.1: docker.io/library/alpine@sha256:{}", Digest::of(b"manifest")));
    let notes = fs::read_to_string(place.at("notes")).unwrap();
    assert!(notes.contains("rm c0ffee") && !notes.contains("start") && !notes.contains("run "), "{notes}");
}

#[test]
fn an_image_that_is_not_what_was_locked_is_an_error_and_no_gap() {
    let mut place = Fixture::new();
    place.engine();
    place.update().unwrap();
    place.env.insert("BROUGHT", Digest::of(b"evil").to_string());
    assert!(place.said().contains("podman pull: brought another image than registry.example/alpine@sha256:"));
    place.env.remove("BROUGHT");
    place.env.insert("ARCHITECTURE", "arm64".to_owned());
    assert!(place.said().contains("is for linux/arm64, not for linux/amd64"));
    place.env.remove("ARCHITECTURE");
    let gone = Digest::of(b"gone");
    place.sources.lock.roots.get_mut(&name()).unwrap().platforms.insert("linux/amd64".to_owned(), gone);
    assert_eq!(place.said(), "podman pull: Error: manifest unknown");
    assert!(place.is_clean());
    fs::write(place.at("index"), r#"{"manifests":[]}"#).unwrap();
    assert_eq!(place.update().unwrap_err(), "podman manifest inspect: registry.example/alpine:3.20 is not there for linux/amd64");
}

#[test]
fn without_an_engine_the_gap_says_what_would_do() {
    let mut place = Fixture::new();
    place.engine();
    place.update().unwrap();
    let gap = "needs podman or docker for alpine:3.20, or [root.\"alpine:3.20\"] archive";
    place.env.insert("DEAD", "1".to_owned());
    assert_eq!(place.obtain(), Err(Unavailable::Elsewhere(gap.to_owned())));
    place.sources.lock = Lock::default();
    assert_eq!(place.obtain(), Err(Unavailable::Elsewhere(gap.to_owned())));
    assert_eq!(place.update().unwrap_err(), gap);
    let target: Target = "x86_64-unknown-linux-gnu".parse().unwrap();
    assert_eq!(place.with(|roots| roots.root_status(&name(), &target)).unwrap().lacks.as_deref(), Some(gap));
}
