//! The digest of a folder: over each entry's path, kind, mode, size and bytes or link target, sorted. Times and owners do not count.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use plimsoll_model::{Digest, Hashed, Hasher};
use plimsoll_store::platform;

/// More than any system has; a loop of mounts ends here.
const MOST_ENTRIES: usize = 4_000_000;

/// An entry that could not be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {}", path.display())]
pub(super) struct TreeError {
    path: PathBuf,
    source: io::Error,
}

/// Digest of what lies under `root`. Links are not followed; devices, sockets and pipes are passed over.
pub(super) fn digest(root: &Path) -> Result<Digest, TreeError> {
    let mut paths = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let failed = |source| TreeError { path: folder.clone(), source };
        for entry in fs::read_dir(&folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            if entry.file_type().map_err(failed)?.is_dir() {
                folders.push(entry.path());
            }
            paths.push(entry.path());
        }
        if paths.len() > MOST_ENTRIES {
            return Err(failed(io::Error::other("too many entries")));
        }
    }
    paths.sort();
    let mut hasher = Hasher::new();
    for path in paths {
        let relative = path.strip_prefix(root).unwrap_or(&path).to_owned();
        add(&mut hasher, &path, &relative).map_err(|source| TreeError { path, source })?;
    }
    Ok(hasher.finish().digest())
}

fn add(hasher: &mut Hasher, path: &Path, relative: &Path) -> io::Result<()> {
    let data = fs::symlink_metadata(path)?;
    let mode = platform::mode(&data);
    let (kind, mode, size, content) = if data.is_dir() {
        ("folder", mode, 0, String::new().into_bytes())
    } else if data.is_symlink() {
        ("link", 0, 0, fs::read_link(path)?.as_os_str().as_encoded_bytes().to_vec())
    } else if data.is_file() {
        let hashed = Hashed::read(&mut File::open(path)?)?;
        ("file", mode, hashed.size(), hashed.digest().to_string().into_bytes())
    } else {
        return Ok(());
    };
    // Lengths first, so that no name can pass for the start of the next field.
    let name = relative.as_os_str().as_encoded_bytes();
    hasher.update(format!("{kind} {mode:o} {size} {} {}\n", name.len(), content.len()).as_bytes());
    hasher.update(name);
    hasher.update(&content);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_an_entry_counts_and_times_do_not() {
        let make = |change: &dyn Fn(&Path)| {
            let folder = tempfile::tempdir().unwrap();
            fs::create_dir(folder.path().join("a")).unwrap();
            fs::write(folder.path().join("a/file"), "text").unwrap();
            platform::set_mode(&folder.path().join("a/file"), 0o644).unwrap();
            std::os::unix::fs::symlink("a", folder.path().join("link")).unwrap();
            change(folder.path());
            digest(folder.path()).unwrap()
        };
        let plain = make(&|_| {});
        assert_eq!(
            plain,
            make(&|root| File::options().append(true).open(root.join("a/file")).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap())
        );
        let changes: [&dyn Fn(&Path); 5] = [
            &|root| fs::write(root.join("a/file"), "test").unwrap(),
            &|root| platform::set_mode(&root.join("a/file"), 0o600).unwrap(),
            &|root| fs::rename(root.join("a/file"), root.join("a/elif")).unwrap(),
            &|root| fs::create_dir(root.join("b")).unwrap(),
            &|root| {
                fs::remove_file(root.join("link")).unwrap();
                std::os::unix::fs::symlink("b", root.join("link")).unwrap();
            },
        ];
        for change in changes {
            assert_ne!(plain, make(change));
        }
    }
}
