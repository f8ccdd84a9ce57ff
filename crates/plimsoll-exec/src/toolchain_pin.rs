//! Which Rust toolchain a project pins, read as rustup would read it. Nothing is started: a file may name a folder of programs, and rustup's
//! launchers would run them for whoever only looks.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use toml::Table;

/// The names of the file, the one that rustup prefers first.
const NAMES: [&str; 2] = ["rust-toolchain", "rust-toolchain.toml"];
/// Bytes beyond which a file is none of these.
const LARGEST: u64 = 64 * 1024;

/// What the nearest file, from a folder upwards, says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pin {
    /// Nothing of which toolchain.
    Free,
    /// A toolchain by its name, which its users have installed.
    Named {
        /// `nightly-2026-01-01`.
        channel: String,
        /// The file.
        file: PathBuf,
    },
    /// A folder of programs, or what only rustup could make something of.
    Folder {
        /// The file.
        file: PathBuf,
    },
}

impl Pin {
    /// For the project in `folder`.
    pub fn of(folder: &Path) -> Self {
        let here = |folder: &Path| {
            let files = NAMES.map(|name| folder.join(name)).into_iter().filter(|path| path.symlink_metadata().is_ok());
            files.collect::<Vec<_>>()
        };
        let Some(files) = folder.ancestors().map(here).find(|files| !files.is_empty()) else { return Self::Free };
        let mut pins = files.into_iter().map(Self::read).collect::<Vec<_>>();
        // Neither hides a folder that the other names.
        let decides = pins.iter().position(|pin| matches!(pin, Self::Folder { .. })).unwrap_or_default();
        pins.swap_remove(decides)
    }

    fn read(file: PathBuf) -> Self {
        // Opening a fifo would wait for ever.
        if !std::fs::metadata(&file).is_ok_and(|metadata| metadata.is_file()) {
            return Self::Folder { file };
        }
        let mut text = String::new();
        let read = File::open(&file).and_then(|opened| opened.take(LARGEST).read_to_string(&mut text));
        if !read.is_ok_and(|length| (length as u64) < LARGEST) {
            return Self::Folder { file };
        }
        let Ok(table) = text.parse::<Table>() else {
            // The old form: a line with the name.
            let name = text.trim().to_owned();
            return if is_name(&name) { Self::Named { channel: name, file } } else { Self::Folder { file } };
        };
        let Some(toolchain) = table.get("toolchain").and_then(toml::Value::as_table) else { return Self::Folder { file } };
        match (toolchain.get("path"), toolchain.get("channel").map(toml::Value::as_str)) {
            (None, None) => Self::Free,
            (None, Some(Some(channel))) if is_name(channel) => Self::Named { channel: channel.to_owned(), file },
            _ => Self::Folder { file },
        }
    }
}

/// The file that names a folder of programs, or what only rustup could make something of, as the toolchain of the project in `folder`.
pub fn naming_a_folder(folder: &Path) -> Option<PathBuf> {
    if let Pin::Folder { file } = Pin::of(folder) { Some(file) } else { None }
}

/// Where to start rustup's `rustc` and `cargo` for what only reads the project in `folder`: there, unless another folder's programs would be
/// taken; then where no project lies, for the user's own choice.
pub fn harmless_folder(folder: &Path) -> &Path {
    if naming_a_folder(folder).is_some() { Path::new("/") } else { folder }
}

/// Whether it is a name that may be written into a command line.
fn is_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    text.len() <= 128 && text.bytes().all(plain) && text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pin(files: &[(&str, &str)]) -> Pin {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        std::fs::create_dir_all(folder.path().join("a/b")).unwrap();
        match Pin::of(&folder.path().join("a/b")) {
            Pin::Named { channel, file } => Pin::Named { channel, file: file.strip_prefix(folder.path()).unwrap().to_owned() },
            Pin::Folder { file } => Pin::Folder { file: file.strip_prefix(folder.path()).unwrap().to_owned() },
            Pin::Free => Pin::Free,
        }
    }

    #[test]
    fn the_nearest_file_decides() {
        let named = |channel: &str, file: &str| Pin::Named { channel: channel.to_owned(), file: file.into() };
        assert_eq!(pin(&[]), Pin::Free);
        assert_eq!(pin(&[("rust-toolchain.toml", "[toolchain]\nchannel = \"nightly\"\n")]), named("nightly", "rust-toolchain.toml"));
        assert_eq!(pin(&[("rust-toolchain.toml", "[toolchain]\ncomponents = [\"clippy\"]\n")]), Pin::Free);
        assert_eq!(pin(&[("rust-toolchain", "1.90.0\n"), ("a/rust-toolchain", "stable")]), named("stable", "a/rust-toolchain"));
        let both = [("a/rust-toolchain", "1.90.0\n"), ("a/rust-toolchain.toml", "[toolchain]\nchannel = \"stable\"\n")];
        assert_eq!(pin(&both), named("1.90.0", "a/rust-toolchain"));
    }

    #[test]
    fn a_folder_of_programs_is_told_as_that_and_so_is_what_is_no_name() {
        for (name, text) in [
            ("rust-toolchain.toml", "[toolchain]\npath = \"/x\"\n"),
            ("rust-toolchain.toml", "toolchain = { channel = \"stable\", path = \"x\" }"),
            ("rust-toolchain.toml", "[toolchain]\nchannel = \"/x\"\n"),
            ("rust-toolchain.toml", "[toolchain]\nchannel = \"--force\"\n"),
            ("rust-toolchain.toml", "[toolchain]\nchannel = 1\n"),
            ("rust-toolchain", "/x\n"),
            ("rust-toolchain", "[toolchain]\npath = \"/x\"\nthis is no TOML\n"),
            ("rust-toolchain", ""),
        ] {
            assert_eq!(pin(&[(name, text)]), Pin::Folder { file: name.into() }, "{name}: {text}");
        }
        let both = [("rust-toolchain", "stable"), ("rust-toolchain.toml", "[toolchain]\npath = \"/x\"\n")];
        assert_eq!(pin(&both), Pin::Folder { file: "rust-toolchain.toml".into() });
    }

    #[test]
    fn what_never_ends_is_not_read_to_its_end() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(harmless_folder(folder.path()), folder.path());
        std::os::unix::fs::symlink("/dev/zero", folder.path().join("rust-toolchain.toml")).unwrap();
        assert_eq!(naming_a_folder(folder.path()), Some(folder.path().join("rust-toolchain.toml")));
        assert_eq!(harmless_folder(folder.path()), Path::new("/"));
    }
}
