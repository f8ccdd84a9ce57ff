//! Projects to work on: copies of the example, fixtures, and small ones written here.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::Trouble;
use super::testbed::Testbed;

/// Copies a folder, outputs left out, with fresh times.
pub fn copy_tree(from: &Path, to: &Path) -> Result<(), Trouble> {
    fs::create_dir_all(to).map_err(Trouble::io(to))?;
    for entry in fs::read_dir(from).map_err(Trouble::io(from))? {
        let entry = entry.map_err(Trouble::io(from))?;
        let (source, destination) = (entry.path(), to.join(entry.file_name()));
        if ["target", "dist", ".git", ".cargo-ok", ".cargo-checksum.json"].iter().any(|name| entry.file_name() == *name) {
            continue;
        }
        if source.is_dir() {
            copy_tree(&source, &destination)?;
        } else {
            let bytes = fs::read(&source).map_err(Trouble::io(&source))?;
            fs::write(&destination, bytes).map_err(Trouble::io(&destination))?;
            let mode = if source.metadata().map_err(Trouble::io(&source))?.permissions().mode() & 0o100 == 0 { 0o644 } else { 0o755 };
            fs::set_permissions(&destination, fs::Permissions::from_mode(mode)).map_err(Trouble::io(&destination))?;
        }
    }
    Ok(())
}

/// A copy of the example.
pub fn example(testbed: &Testbed, name: &str) -> Result<PathBuf, Trouble> {
    let to = testbed.path(name);
    copy_tree(&testbed.root.join("examples/fathom"), &to)?;
    Ok(to)
}

/// A copy of the example that needs nothing but this machine's own compiler and linker, for tests about something else.
pub fn native_example(testbed: &Testbed, name: &str) -> Result<PathBuf, Trouble> {
    let to = example(testbed, name)?;
    write(&to.join("plimsoll.toml"), &native_manifest())?;
    Ok(to)
}

fn native_manifest() -> String {
    let target = host();
    format!(
        "targets = [\"{target}\"]\nepoch = 1700000000\n\n[target.{target}]\nbuilder = \"native\"\n\n[archive.fathom]\nformat = \"tar.gz\"\n"
    )
}

/// A copy of the fixture `name`.
pub fn fixture(testbed: &Testbed, name: &str) -> Result<PathBuf, Trouble> {
    let to = testbed.path(&name.replace('/', "-"));
    copy_tree(&testbed.root.join("fixtures").join(name), &to)?;
    Ok(to)
}

/// The gnu target of this machine.
pub fn host() -> String {
    format!("{}-unknown-linux-gnu", std::env::consts::ARCH)
}

/// Writes a file.
pub fn write(path: &Path, text: &str) -> Result<(), Trouble> {
    fs::write(path, text).map_err(Trouble::io(path))
}

/// Replaces text in a file; where the text is not there, the test would show nothing.
pub fn replace(path: &Path, from: &str, to: &str) -> Result<(), Trouble> {
    let text = fs::read_to_string(path).map_err(Trouble::io(path))?;
    if !text.contains(from) {
        return Err(Trouble::Broken(format!("{}: does not hold `{from}`", path.display())));
    }
    write(path, &text.replace(from, to))
}

/// Every file below `folder`, sorted.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>, Trouble> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(Trouble::io(folder))? {
        let path = entry.map_err(Trouble::io(folder))?.path();
        if path.is_dir() && !path.is_symlink() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Flips the lowest bit of the byte at `offset`.
pub fn flip(path: &Path, offset: usize) -> Result<(), Trouble> {
    let mut bytes = fs::read(path).map_err(Trouble::io(path))?;
    let byte = bytes.get_mut(offset).ok_or_else(|| Trouble::Broken(format!("{}: has no byte {offset}", path.display())))?;
    *byte ^= 1;
    let read_only = path.metadata().map_err(Trouble::io(path))?.permissions();
    fs::set_permissions(path, fs::Permissions::from_mode(0o644)).map_err(Trouble::io(path))?;
    fs::write(path, bytes).map_err(Trouble::io(path))?;
    fs::set_permissions(path, read_only).map_err(Trouble::io(path))
}
