//! Making, with a mmdebstrap that packs a folder; real roots are made by hand or in acceptance tests.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;

use super::*;
use plimsoll_exec::bubblewrap::NoIsolation;
use plimsoll_exec::launcher::Launcher;
use plimsoll_exec::locate::{LocateError, Toolbox};

/// `mmdebstrap --setup-hook=… --variant=minbase SUITE OUT.tar [MIRROR]`.
const MMDEBSTRAP: &str = r#"#!/bin/sh
[ "$1" = --version ] && { echo mmdebstrap 1.3.5; exit; }
case $1 in --setup-hook=*updates*security*) shift ;; *) echo "E: no hook" >&2; exit 2 ;; esac
[ "$1" = --variant=minbase ] || { echo "E: unexpected $1" >&2; exit 2; }
echo "$2 ${4-}" >> "$NOTES"
[ -z "${FAILS-}" ] || { echo "I: downloading" >&2; echo "E: apt-get update failed" >&2; exit 25; }
exec tar -C "$TREE" -cf "$3" .
"#;

struct Maker {
    folder: tempfile::TempDir,
    toolbox: Toolbox,
}

impl Maker {
    fn new(fails: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["bin", "tree/usr/lib/x86_64-linux-gnu", "tree/usr/lib/aarch64-linux-gnu", "tree/var/log", "tree/etc/apt", "tree/dev"] {
            fs::create_dir_all(at(name)).unwrap();
        }
        fs::write(at("bin/mmdebstrap"), MMDEBSTRAP).unwrap();
        fs::set_permissions(at("bin/mmdebstrap"), fs::Permissions::from_mode(0o755)).unwrap();
        for multiarch in ["x86_64-linux-gnu", "aarch64-linux-gnu"] {
            let libc = at("tree/usr/lib").join(multiarch).join("libc.so.6");
            fs::write(libc, "GNU C Library (Debian) stable release version 2.36.").unwrap();
        }
        fs::write(at("tree/usr/passwd"), "x").unwrap();
        fs::set_permissions(at("tree/usr/passwd"), fs::Permissions::from_mode(0o4755)).unwrap();
        std::os::unix::fs::symlink("usr/lib", at("tree/lib")).unwrap();
        let env = [
            ("PATH", format!("{}:/usr/bin:/bin", at("bin").display())),
            ("NOTES", at("notes").display().to_string()),
            ("TREE", at("tree").display().to_string()),
        ];
        let mut env = env.into_iter().map(|(name, value)| (name.into(), value.into())).collect::<BTreeMap<_, _>>();
        if fails {
            env.insert("FAILS".into(), "1".into());
        }
        let toolbox = Toolbox::new(at("tools"), at("memory.json"), env, Launcher::new().unwrap());
        Self { folder, toolbox }
    }

    fn open(&self, name: &str, mirror: Option<&str>) -> Result<DistributionRoot, Unavailable> {
        // Making needs no bubblewrap.
        let none = NoIsolation::Tool(LocateError::Missing { tool: Tool::Bubblewrap });
        let roots = Roots {
            debian_mirror: mirror.map(str::to_owned),
            now: 7,
            ..Roots::offline(self.folder.path().join("roots"), &self.toolbox, Err(&none))
        };
        open(&roots, &name.parse().unwrap(), &mut |_| {})
    }

    fn notes(&self) -> String {
        fs::read_to_string(self.folder.path().join("notes")).unwrap_or_default()
    }
}

#[test]
fn a_root_is_made_once_without_what_changes_from_day_to_day() {
    let maker = Maker::new(false);
    let tree = maker.folder.path().join("tree");
    let facts = [("var/log/made.log", "monday"), ("etc/machine-id", "1"), ("etc/apt/sources.list", "deb mirror"), ("dev/x", "")];
    for (name, text) in facts {
        fs::write(tree.join(name), text).unwrap();
    }
    let [root, same] = std::thread::scope(|scope| {
        let both = [0, 1].map(|_| scope.spawn(|| maker.open("debian:12", None).unwrap()));
        both.map(|thread| thread.join().unwrap())
    });
    assert_eq!(root, same);
    assert_eq!(maker.notes(), "bookworm \n");
    assert_eq!((root.libc.as_deref(), root.made_by.as_str(), root.made), (Some("glibc 2.36"), "mmdebstrap 1.3.5", 7));
    assert!(facts.iter().all(|(name, _)| !root.folder.join(name).exists()) && root.folder.join("lib").is_symlink());
    assert_eq!(fs::metadata(root.folder.join("usr/passwd")).unwrap().permissions().mode() & 0o7777, 0o755);
    let other = Maker::new(false);
    assert_eq!(other.open("debian:12", Some("mirror:/debian")).unwrap().digest, root.digest);
    assert_eq!(other.notes(), "bookworm mirror:/debian\n");
}

#[test]
fn half_a_root_is_made_anew() {
    let maker = Maker::new(false);
    let incoming = maker.folder.path().join("roots").join(format!("debian-11-{}.incoming/root/usr", std::env::consts::ARCH));
    fs::create_dir_all(&incoming).unwrap();
    fs::write(incoming.join("left-over"), "").unwrap();
    let root = maker.open("debian:11", None).unwrap();
    assert!(!root.folder.join("usr/left-over").exists());
    assert_eq!(super::tree::digest(&root.folder).unwrap(), root.digest);
}

#[test]
fn what_every_provider_said_is_the_reason() {
    let maker = Maker::new(true);
    let Err(Unavailable::Failed(reason)) = maker.open("debian:12", None) else { panic!("made, or no failure") };
    assert!(reason.contains("mmdebstrap 1.3.5 failed: apt-get update failed"), "{reason}");
    assert!(!maker.folder.path().join("roots").join(format!("debian-12-{}", std::env::consts::ARCH)).exists());
}
