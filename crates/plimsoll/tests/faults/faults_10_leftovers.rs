//! What killed runs leave is swept by the next one; what only looks like it is not.

use std::fs;
use std::os::unix::fs::symlink;

use crate::project::Project;

#[test]
fn a_folder_with_a_name_like_that_of_a_staging_folder_is_left_alone() {
    let project = Project::required();
    project.scrubbed("");
    project.write("app/.plimsoll-dist-precious/notes.txt", "precious");
    project.write("app/.plimsoll-dist-abc123.old/notes.txt", "precious");
    project.write("elsewhere/notes.txt", "precious");
    symlink("../elsewhere", project.path().join(".plimsoll-dist-xyz789")).unwrap();
    project.commit();
    project.expect(&["rehearse", "-q"], 0);
    for path in ["app/.plimsoll-dist-precious/notes.txt", "app/.plimsoll-dist-abc123.old/notes.txt", "elsewhere/notes.txt"] {
        assert_eq!(fs::read_to_string(project.folder.path().join(path)).unwrap(), "precious");
    }
}

/// A release that was put aside by a run with another store is put back if there is no other, also if this run seals none.
#[test]
fn a_release_that_was_put_aside_is_not_lost() {
    let project = Project::required();
    project.scrubbed("");
    project.expect(&["rehearse", "-q"], 0);
    let (dist, aside) = (project.path().join("dist"), project.path().join(".plimsoll-dist-Ab12Cd.old"));
    fs::rename(&dist, &aside).unwrap();
    project.write("app/src/main.rs", "fn main() {");
    project.expect(&["rehearse", "-q"], 1);
    assert!(!aside.exists());
    project.expect(&["verify"], 0);
}

#[test]
fn what_a_killed_publication_left_is_swept_by_the_next() {
    let project = Project::required();
    project.scrubbed("[publish.folder]\npath = \"../registry\"\n");
    project.commit();
    for left in [".staging-Ab12Cd/release.json", ".staging-Ef34Gh"] {
        project.write(&format!("registry/app/{left}"), "half");
    }
    project.write("registry/app/notes.txt", "precious");
    project.expect(&["release", "-q"], 0);
    let names = fs::read_dir(project.folder.path().join("registry/app")).unwrap();
    let mut names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect::<Vec<_>>();
    names.sort();
    assert_eq!(names, [".lock", "0.3.0", "index.json", "notes.txt"]);
}
