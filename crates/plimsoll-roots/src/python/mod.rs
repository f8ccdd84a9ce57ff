//! Roots with a Python: a distribution's own, with what makes virtual environments, for wheels that are installed there.
//!
//! For musl there is none: the root of a musl target is one with glibc's Python and musl's loader beside it. pip installs programs for a platform
//! that it is told, and those are started by their own loader; modules for musl are loaded by nothing here.

pub(crate) mod prepare;
pub mod versions;

use plimsoll_model::{Libc, RootName, Target};

use super::libc::Processor;
use super::recipe::Recipe;
use super::runtime::Runtime;

/// pip in a root with Python: the files of the wheels that `python3 -m venv` installs it from, unpacked and compiled, which `python3 -m venv` does
/// anew for each environment, in seconds. It lies on no search path and counts as installed nowhere. The Python of an environment that was made
/// `--without-pip` installs into it by `bin/python PIP install …`.
pub const PIP: &str = "/usr/lib/plimsoll-pip/pip";

/// What a root with a Python for wheels of `target` is made by.
///
/// # Errors
/// Which roots have one.
pub(super) fn recipe(name: &RootName, target: &Target, processor: &Processor) -> Result<Recipe, String> {
    let is_musl = target.libc() == Some(Libc::Musl);
    let recipe = if is_musl { Recipe::musl_python(name, processor) } else { Recipe::python(name, processor) };
    recipe.ok_or_else(|| format!("no Python is known in the root {name}; those of Debian have one ({})", Recipe::known()))
}

/// Why no Python of a root here loads modules that were compiled for `target`, whichever root it is; none if that can be tried.
pub fn module_gap(target: &Target) -> Option<String> {
    let needs = Runtime::Python.needed();
    match (target.os(), target.libc()) {
        ("linux", Some(Libc::Gnu)) => None,
        ("linux", Some(Libc::Musl)) => Some(format!("needs {needs} for musl on {}", target.arch())),
        ("macos" | "windows", _) => Some(format!("needs {needs} on {}", target.runner())),
        _ => Some(format!("needs {needs} on {target}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(triple: &str) -> Target {
        triple.parse().unwrap()
    }

    #[test]
    fn a_root_for_musl_has_glibc_s_python_and_musl_s_loader() {
        let (name, processor) = ("debian:12".parse().unwrap(), Processor::of("aarch64").unwrap());
        let gnu = recipe(&name, &target("aarch64-unknown-linux-gnu"), processor).unwrap();
        let musl = recipe(&name, &target("aarch64-unknown-linux-musl"), processor).unwrap();
        assert!(gnu.has_python() && !gnu.is_for_musl() && !gnu.packages.contains(&"musl"));
        assert!(musl.has_python() && musl.is_for_musl() && musl.packages.contains(&"libc6"));
        assert!(gnu.folder != musl.folder && gnu.way().is_some());
        let other = recipe(&"alpine:3.20".parse().unwrap(), &target("aarch64-unknown-linux-musl"), processor).unwrap_err();
        assert_eq!(other, "no Python is known in the root alpine:3.20; those of Debian have one (debian:11, debian:12, debian:13)");
    }

    #[test]
    fn modules_are_loaded_where_a_python_of_their_c_library_is() {
        assert_eq!(module_gap(&target("aarch64-unknown-linux-gnu")), None);
        for (triple, gap) in [
            ("x86_64-unknown-linux-musl", "needs Python for musl on x86_64"),
            ("aarch64-apple-darwin", "needs Python on a macOS runner"),
            ("x86_64-pc-windows-gnu", "needs Python on a Windows runner"),
        ] {
            assert_eq!(module_gap(&target(triple)).as_deref(), Some(gap));
        }
    }
}
