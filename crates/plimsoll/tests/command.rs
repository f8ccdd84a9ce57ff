//! The command as a person uses it, on small real projects, with the machine's own linker and the sandbox.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests start the command, and fail")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use project::{Project, TARGET};

mod project;

#[test]
fn debug_information_is_not_shipped_unless_it_is_asked_for() {
    let Some(project) = Project::new() else { return };
    let cargo = fs::read_to_string(project.path().join("Cargo.toml")).unwrap();
    project.write("app/Cargo.toml", &format!("{cargo}\n[profile.release]\ndebug = 2\n"));
    let target = format!("targets = [\"{TARGET}\"]\n");
    let shipped = |strip: &str| {
        let rest = format!("[archive.app]\nformat = \"tar.gz\"\n[target.{TARGET}]\nbuilder = \"native\"\n");
        project.write("app/plimsoll.toml", &format!("{target}{strip}{rest}"));
        project.expect(&["rehearse"], 0);
        let archive = project.path().join(format!("dist/app-{TARGET}.tar.gz"));
        let unpacked = Command::new("tar").args(["-xOzf"]).arg(archive).arg(format!("app-{TARGET}/app")).output().unwrap().stdout;
        let has = |name: &[u8]| unpacked.windows(name.len()).any(|window| window == name);
        (has(b".debug_info\0"), has(b".symtab\0"))
    };
    assert_eq!(shipped(""), (false, true));
    assert_eq!(shipped("[core.app]\nstrip = \"symbols\"\n"), (false, false));
    assert_eq!(shipped("[core.app]\nstrip = \"none\"\n"), (true, true));
}

#[test]
fn a_rehearsal_seals_and_a_second_one_changes_nothing() {
    let Some(project) = Project::new() else { return };
    let first = project.expect(&["rehearse"], 0);
    assert!(first.contains("proven") && first.contains("fetched"), "{first}");
    let sealed = fs::read(project.path().join("dist/release.json")).unwrap();
    let second = project.expect(&["rehearse"], 0);
    assert!(second.contains("unchanged") && second.matches("remembered").count() == 4, "{second}");
    assert!(second.contains("as rehearsed before") && !second.contains("pack and prove"), "{second}");
    assert!(second.contains("is as before: 1 proven") && first.contains("archive.app  proven"), "{first}\n{second}");
    assert_eq!(fs::read(project.path().join("dist/release.json")).unwrap(), sealed);
    project.expect(&["verify"], 0);
    assert!(project.expect(&["status"], 0).contains("proven"));
    project.expect(&["rehearse", "--audit-actions"], 0);
}

#[test]
fn a_file_is_proven_by_its_probe_and_shipped_as_it_is() {
    let Some(project) = Project::new() else { return };
    project.write("app/install.sh", "#!/bin/sh\necho \"installs app ${1:-nothing}\"\n");
    let install = |expect: &str| {
        project.manifest(&format!(
            "[archive.app]\nprobe.script = \"test -x \\\"$PLIMSOLL_ARTIFACT/app\\\"\"\n[file.install]\npath = \"install.sh\"\nprobe = {{ script = \"sh \\\"$PLIMSOLL_ARTIFACT/install.sh\\\" now\", expect = \"{expect}\" }}\n"
        ));
        project.commit();
    };
    install("installs app later");
    let said = project.expect(&["rehearse"], 1);
    assert!(said.contains("file.install") && said.contains("installs app now"), "{said}");
    install("installs app now");
    let said = project.expect(&["rehearse"], 0);
    assert!(said.contains("install.sh") && said.contains("fetched"), "{said}");
    assert_eq!(fs::read(project.path().join("dist/install.sh")).unwrap(), fs::read(project.path().join("install.sh")).unwrap());
    assert!(project.expect(&["status"], 0).contains("file.install"));
    project.expect(&["verify"], 0);
    assert!(project.expect(&["rehearse"], 0).contains("unchanged"));
}

#[test]
fn files_of_somebody_else_in_dist_are_left_alone() {
    let Some(project) = Project::new() else { return };
    project.expect(&["rehearse", "-q"], 0);
    project.write("app/dist/notes.txt", "precious");
    let said = project.expect(&["rehearse"], 2);
    assert!(said.contains("holds `notes.txt`, which plimsoll did not make"), "{said}");
    assert_eq!(fs::read_to_string(project.path().join("dist/notes.txt")).unwrap(), "precious");
}

/// Every blob is damaged in turn, and what comes next needs it: the same run makes it again.
#[test]
fn a_damaged_blob_is_made_again_in_the_same_run() {
    let Some(project) = Project::new() else { return };
    project.expect(&["rehearse", "-q"], 0);
    for (round, blob) in blobs(&project.store()).into_iter().enumerate() {
        let mut bytes = fs::read(&blob).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::remove_file(&blob).unwrap();
        fs::write(&blob, bytes).unwrap();
        // Another name has the artifact packed again, from blobs that are remembered.
        project.manifest(&format!("[archive.app]\nfilename = \"app-{round}\"\n"));
        fs::remove_dir_all(project.path().join("dist")).unwrap();
        project.expect(&["rehearse", "-q"], 0);
        project.expect(&["verify"], 0);
    }
}

fn blobs(store: &Path) -> Vec<PathBuf> {
    let folders = fs::read_dir(store.join("v1/blobs")).unwrap();
    folders.flat_map(|folder| fs::read_dir(folder.unwrap().path()).unwrap()).map(|blob| blob.unwrap().path()).collect()
}

#[test]
fn what_was_tried_and_failed_is_told_by_status_and_by_the_exit_code() {
    let Some(project) = Project::new() else { return };
    project.write("app/src/main.rs", "fn main() {}\n");
    let said = project.expect(&["rehearse"], 1);
    assert!(said.contains("nothing was proven") && said.contains("did not pass its probes"), "{said}");
    assert!(!project.path().join("dist").exists());
    let status = project.expect(&["status"], 0);
    assert!(status.contains("failed") && !status.contains("not tried"), "{status}");
}

#[test]
fn a_family_of_targets_means_those_that_the_project_wants() {
    let Some(project) = Project::new() else { return };
    project.manifest("[archive.app]\nformat = \"tar.gz\"");
    let packed = project.expect(&["--json", "pack", "--target", "linux-gnu"], 0);
    assert!(packed.contains(&format!("pack/archive.app/{TARGET}")) && !packed.contains("aarch64"), "{packed}");
    assert!(project.expect(&["pack", "--target", "macos"], 2).contains("does not have the target"));
    assert!(project.expect(&["pack", "--target", "mcaos"], 2).contains("did you mean `macos`?"));
    let written = project.expect(&["init", "--print", "--target", "macos"], 0);
    assert!(written.contains("targets = [\"x86_64-apple-darwin\", \"aarch64-apple-darwin\"]"), "{written}");
}

#[test]
fn a_missing_tool_has_its_own_exit_code() {
    let Some(project) = Project::new() else { return };
    project.write("app/plimsoll.toml", &format!("targets = [\"{TARGET}\"]\n"));
    let said = project.expect(&["rehearse"], 3);
    assert!(said.contains("cargo-zigbuild and zig are not installed") && said.contains("plimsoll doctor --install"), "{said}");
}

#[test]
fn other_values_of_a_variable_do_not_find_the_old_build() {
    let Some(project) = Project::new() else { return };
    project.write("app/build.rs", "fn main() { println!(\"cargo::rerun-if-changed=build.rs\"); println!(\"cargo::rustc-env=SEEN={}-{}\", std::env::var(\"MARK\").unwrap(), std::env::var(\"SOURCE_DATE_EPOCH\").unwrap()); }\n");
    project.write("app/src/main.rs", "fn main() { println!(\"app {} {}\", env!(\"CARGO_PKG_VERSION\"), env!(\"SEEN\")); }\n");
    let expecting = |mark: &str, epoch: u64| {
        let core = format!(
            "epoch = {epoch}\n[core.app.env]\nMARK = \"{mark}\"\n[archive.app.probe]\nrun = \"app\"\nexpect = \"{mark}-{epoch}\"\n"
        );
        project.manifest(&core);
        project.expect(&["rehearse", "-q"], 0);
    };
    expecting("one", 1_000_000_000);
    expecting("two", 1_000_000_000);
    expecting("two", 1_100_000_000);
    expecting("one", 1_100_000_000);
}

#[test]
fn the_manifest_of_init_runs_as_it_is_in_a_workspace_with_two_programs() {
    let Some(project) = Project::new() else { return };
    project.write("app/Cargo.toml", "[workspace]\nmembers = [\"alpha\", \"beta\"]\nresolver = \"3\"\n");
    for (name, version) in [("alpha", "0.1.0"), ("beta", "0.5.0")] {
        let package = format!("[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2024\"\n");
        project.write(&format!("app/{name}/Cargo.toml"), &package);
        project.write(&format!("app/{name}/src/main.rs"), "fn main() { println!(\"{}\", env!(\"CARGO_PKG_VERSION\")); }\n");
    }
    fs::remove_file(project.path().join("plimsoll.toml")).unwrap();
    project.cargo(&["generate-lockfile"]);
    project.expect(&["init"], 0);
    let plan = project.expect(&["plan"], 0);
    assert!(plan.contains("alpha") && plan.contains("beta"), "{plan}");
    let said = project.expect(&["init"], 2);
    assert!(said.contains("is there already"), "{said}");
}

#[test]
fn a_release_is_of_a_commit_and_its_versions_never_change() {
    let Some(project) = Project::new() else { return };
    let registry = project.folder.path().join("registry");
    project.manifest(&format!("[publish.folder]\npath = \"{}\"\n", registry.display()));
    let said = project.expect(&["release"], 2);
    assert!(said.contains("uncommitted changes"), "{said}");
    project.commit();
    project.expect(&["release", "--dry-run"], 0);
    assert!(!registry.exists());
    project.expect(&["release"], 0);
    assert!(project.expect(&["release"], 0).contains("was there already"));
    let fetched = project.folder.path().join("fetched");
    let (from, to) = (registry.display().to_string(), fetched.display().to_string());
    project.expect(&["fetch", "app", "--from", &from, "--to", &to], 0);
    let ran = Command::new(fetched.join("app")).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&ran.stdout), "app 0.3.0\n");
    project.write("app/src/main.rs", "fn main() { println!(\"app {}!\", env!(\"CARGO_PKG_VERSION\")); }\n");
    project.commit();
    let said = project.expect(&["release"], 1);
    assert!(said.contains("is published with other bytes"), "{said}");
}

#[test]
fn json_is_one_document_also_when_it_fails() {
    let Some(project) = Project::new() else { return };
    for (arguments, code) in
        [(&["rehearse", "--json"][..], 0), (&["plan", "--json"], 0), (&["status", "--json"], 0), (&["verify", "--json"], 0)]
    {
        let output = project.plimsoll(arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}");
        serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap();
    }
    project.write("app/plimsoll.toml", "target = []\n");
    let output = project.plimsoll(&["plan", "--json"]);
    assert_eq!(output.status.code(), Some(2));
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["failures"][0]["code"], "manifest");
}

#[test]
fn inspect_names_the_symbol_to_blame_and_reads_regular_files_only() {
    let Some(project) = Project::new() else { return };
    let own = env!("CARGO_BIN_EXE_plimsoll");
    let said = project.expect(&["inspect", own, "--floor", "2.2"], 1);
    assert!(said.contains("above 2.2") && said.contains("from libc.so.6"), "{said}");
    let said = project.expect(&["inspect", "/dev/zero"], 1);
    assert!(said.contains("is no regular file"), "{said}");
}

#[test]
fn inspect_audits_packages_by_their_names() {
    let Some(project) = Project::new() else { return };
    project.write("app/htty-0.2.30-py3-none-any.whl", "no zip\n");
    let said = project.expect(&["inspect", "htty-0.2.30-py3-none-any.whl"], 1);
    assert!(said.contains("did not pass the audit") && said.contains("malformed-archive: is no zip file"), "{said}");
    let output = project.plimsoll(&["inspect", "--json", "htty-0.2.30-py3-none-any.whl"]);
    assert_eq!(output.status.code(), Some(1));
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document[0]["package"]["tags"][0], "py3-none-any");
    assert_eq!(document[0]["package"]["findings"][0]["code"], "malformed-archive");
    let said = project.expect(&["inspect", "--floor", "2.28", "htty-0.2.30-py3-none-any.whl"], 2);
    assert!(said.contains("says by its own tags what it is for"), "{said}");
}

#[test]
fn a_link_out_of_the_project_ships_nothing_of_the_machine() {
    let Some(project) = Project::new() else { return };
    std::os::unix::fs::symlink("/etc/passwd", project.path().join("README.md")).unwrap();
    let said = project.expect(&["rehearse"], 2);
    assert!(said.contains("README.md") && said.contains("leads out of the project"), "{said}");
}

#[test]
fn verify_where_nothing_is_sealed_says_so() {
    let Some(project) = Project::new() else { return };
    assert!(project.expect(&["verify"], 1).contains("holds no sealed release"));
    assert!(project.expect(&["verify", "/nowhere"], 1).contains("holds no sealed release"));
    assert!(project.expect(&["plan", "--root", "/nowhere"], 2).contains("cannot be read"));
}
