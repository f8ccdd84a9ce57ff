//! Which paths are a repository's own. Nothing of ours is ever written there: what lies in a `.git` says which programs git starts.

use std::path::Path;

/// Whether a path leads through a folder (or to a file) that git keeps a repository in. In any case of letters: file systems differ in
/// whether they tell them apart.
pub fn lies_in_git(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str().eq_ignore_ascii_case(".git"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_s_own_folder_is_known_anywhere_in_a_path() {
        for path in [".git", ".git/config", "vendored/.GIT/hooks/post-checkout"] {
            assert!(lies_in_git(Path::new(path)), "{path}");
        }
        for path in ["", "git/config", ".gitignore", "a.git/b", ".github/workflows"] {
            assert!(!lies_in_git(Path::new(path)), "{path}");
        }
    }
}
