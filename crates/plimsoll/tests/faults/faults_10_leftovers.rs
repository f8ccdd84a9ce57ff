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
