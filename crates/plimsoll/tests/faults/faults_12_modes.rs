//! What others are to read has the modes of published files, whatever the umask, and whatever stood there before.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::project::{Project, TARGET};

/// The command under a umask that gives nothing to others.
fn private(project: &Project, arguments: &[&str]) -> Output {
    let plain = project.command(arguments);
    let mut command = Command::new("sh");
    command.args(["-c", "umask 077; exec \"$@\"", "sh"]).arg(plain.get_program()).args(plain.get_args()).current_dir(project.path());
    for (name, value) in plain.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.output().unwrap()
}

fn private_well(project: &Project, arguments: &[&str]) {
    let output = private(project, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

/// Paths at and below `folder` whose mode is not that of published files.
fn closed(folder: &Path) -> Vec<(PathBuf, u32)> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(path) = waiting.pop() {
        let wanted = if path.is_dir() { 0o755 } else { 0o644 };
        if path.is_dir() {
            waiting.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        }
        let mode = mode(&path);
        if mode != wanted {
            found.push((path, mode));
        }
    }
    found
}

#[test]
fn a_private_umask_seals_and_publishes_for_all() {
    let project = Project::required();
    project.scrubbed("[publish.folder]\npath = \"../srv/registry\"\n");
    project.commit();
    private_well(&project, &["release", "-q"]);
    assert_eq!(closed(&project.path().join("dist")), []);
    assert_eq!(closed(&project.folder.path().join("srv")), []);
    let to = project.folder.path().join("fetched");
    private_well(&project, &["fetch", "app", "--from", "../srv/registry", "--to", &to.display().to_string()]);
    assert_eq!(mode(&to.join("app")), 0o755);
    fs::remove_file(to.join("app")).unwrap();
    assert_eq!(closed(&to), []);
}

/// A file in `dist/` may have another name elsewhere, which is its owner's: neither its mode nor its bytes are touched.
#[test]
fn modes_are_set_and_other_names_of_a_file_are_left_alone() {
    let project = Project::required();
    project.scrubbed("");
    project.expect(&["rehearse", "-q"], 0);
    let dist = project.path().join("dist");
    let archive = dist.join(format!("app-{TARGET}.tar.xz"));
    let kept = project.folder.path().join("kept.tar.xz");
    fs::hard_link(&archive, &kept).unwrap();
    for (path, mode) in [(&archive, 0o600), (&dist.join("release.json"), 0o640), (&dist.join("evidence"), 0o700), (&dist, 0o700)] {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
    project.expect(&["rehearse", "-q"], 0);
    assert_eq!(closed(&dist), []);
    assert_eq!((mode(&kept), fs::metadata(&kept).unwrap().nlink()), (0o600, 1));
}
