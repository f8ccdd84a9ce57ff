//! `rust-toolchain.toml` as far as it matters to whom a program belongs: a toolchain by its name is one that the user installed; one by its
//! path is a folder of programs that the project chose, and rustup would start them.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use toml::Table;

/// The names of the file, the one that rustup prefers first.
const NAMES: [&str; 2] = ["rust-toolchain", "rust-toolchain.toml"];

/// Bytes beyond which a file is not read.
const GREATEST: u64 = 64 << 10;

/// The nearest toolchain file from `folder` upwards, if what it says is not just the name of a toolchain.
pub fn naming_a_folder(folder: &Path) -> Option<PathBuf> {
    let here =
        |folder: &Path| NAMES.map(|name| folder.join(name)).into_iter().filter(|path| path.symlink_metadata().is_ok()).collect::<Vec<_>>();
    // A relative path has not all that is above it.
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let nearest = folder.ancestors().map(here).find(|files| !files.is_empty())?;
    nearest.into_iter().find(|path| !names_an_installed_one(path))
}

/// Where to start rustup's `rustc` and `cargo` for what only reads the project in `folder`: there, unless another folder's programs would be
/// taken; then where no project lies, for the user's own choice.
pub fn harmless_folder(folder: &Path) -> &Path {
    if naming_a_folder(folder).is_some() { Path::new("/") } else { folder }
}

/// Whether the file says a name and nothing else. What cannot be read may be read by rustup.
fn names_an_installed_one(path: &Path) -> bool {
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(GREATEST).read_to_string(&mut text));
    if !read.is_ok_and(|length| (length as u64) < GREATEST) {
        return false;
    }
    let is_name = |name: &str| !name.is_empty() && !name.contains(['/', '\\']);
    match text.parse::<Table>() {
        Ok(table) => {
            let toolchain = table.get("toolchain").and_then(|value| value.as_table());
            let channel = toolchain.and_then(|toolchain| toolchain.get("channel"));
            let named = channel.is_none_or(|channel| channel.as_str().is_some_and(is_name));
            toolchain.is_some_and(|toolchain| !toolchain.contains_key("path")) && named
        }
        // The old form: a line with the name.
        Err(_) => text.trim().lines().count() == 1 && is_name(text.trim()) && !text.contains('='),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn harmless(name: &str, text: &str) -> bool {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(name), text).unwrap();
        let inner = folder.path().join("a/b");
        std::fs::create_dir_all(&inner).unwrap();
        harmless_folder(&inner) == inner
    }

    #[test]
    fn a_toolchain_by_name_is_the_user_s_and_one_by_path_is_not() {
        for (name, text) in [
            ("rust-toolchain.toml", "[toolchain]\nchannel = \"1.95.0\"\ncomponents = [\"clippy\"]\n"),
            ("rust-toolchain.toml", "[toolchain]\ntargets = [\"x86_64-unknown-linux-musl\"]\n"),
            ("rust-toolchain", "stable\n"),
            ("rust-toolchain", "[toolchain]\nchannel = \"nightly-2026-01-01\"\n"),
            ("other.toml", "[toolchain]\npath = \"/x\"\n"),
        ] {
            assert!(harmless(name, text), "{name}: {text}");
        }
        for (name, text) in [
            ("rust-toolchain.toml", "[toolchain]\npath = \"/x\"\n"),
            ("rust-toolchain.toml", "toolchain = { path = \"x\" }"),
            ("rust-toolchain.toml", "[toolchain]\nchannel = \"stable\"\npath = \"/x\"\n"),
            ("rust-toolchain.toml", "[toolchain]\nchannel = \"/x\"\n"),
            ("rust-toolchain.toml", "[toolchain]\npath = \"/x\"\nthis is no TOML\n"),
            ("rust-toolchain", "/x\n"),
            ("rust-toolchain", "[toolchain]\npath = \"/x\"\n"),
        ] {
            assert!(!harmless(name, text), "{name}: {text}");
        }
    }

    #[test]
    fn the_nearest_file_decides_and_neither_form_hides_the_other() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        std::fs::create_dir(folder.path().join("a")).unwrap();
        write("rust-toolchain", "stable");
        write("rust-toolchain.toml", "[toolchain]\npath = \"/x\"\n");
        assert_eq!(naming_a_folder(&folder.path().join("a")), Some(folder.path().join("rust-toolchain.toml")));
        write("a/rust-toolchain", "stable");
        assert_eq!(naming_a_folder(&folder.path().join("a")), None);
        std::os::unix::fs::symlink("/dev/zero", folder.path().join("a/rust-toolchain.toml")).unwrap();
        assert!(naming_a_folder(&folder.path().join("a")).is_some());
    }
}
