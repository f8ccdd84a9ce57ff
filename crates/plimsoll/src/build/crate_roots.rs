//! Where crates begin, by the names of files.

use std::path::Path;

/// Whether it is a build script.
pub(super) fn is_build_script(name: &Path) -> bool {
    name.ends_with("build.rs")
}

/// Whether a crate may begin in the file, a build script among them.
pub(super) fn is_crate_root(name: &Path) -> bool {
    let is_rust = name.extension().is_some_and(|suffix| suffix == "rs");
    is_build_script(name)
        || ["main.rs", "lib.rs"].iter().any(|root| name.ends_with(root))
        || (is_rust && name.parent().is_some_and(|folder| folder.ends_with("bin")))
}
