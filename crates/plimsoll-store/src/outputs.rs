//! What plimsoll writes into a project's folder. Outputs are no sources.

use std::path::Path;

/// The folder that a release is sealed into.
pub const RELEASE_FOLDER: &str = "dist";

/// Names of folders in which a release is made ready, beside its place, start with this.
pub const LEFTOVER_PREFIX: &str = ".plimsoll-dist-";

/// Whether a file of `project` is an output.
pub fn is_output(project: &Path, path: &Path) -> bool {
    path.strip_prefix(project).is_ok_and(starts_in_output)
}

/// The same of a path in the project that starts with a name.
pub fn starts_in_output(inside: &Path) -> bool {
    let first = inside.components().next().map(|first| first.as_os_str().to_string_lossy()).unwrap_or_default();
    first == RELEASE_FOLDER || first.starts_with(LEFTOVER_PREFIX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_lies_at_the_top_of_the_project_is_an_output() {
        let project = Path::new("/p");
        for path in ["/p/dist", "/p/dist/a", "/p/.plimsoll-dist-x/a"] {
            assert!(is_output(project, Path::new(path)), "{path}");
        }
        for path in ["/p", "/p/src/dist", "/p/distribution", "/dist/a", "dist"] {
            assert!(!is_output(project, Path::new(path)), "{path}");
        }
    }
}
