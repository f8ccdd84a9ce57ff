//! Files that a proof puts beside a root's own: the artifact, what its users have around it, and the programs that try it.
//!
//! One value is both laid out and named in the proof's key, so that no file can be given to a root whose change would recall an old success.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use plimsoll_model::{Class, Digest, Failure};
use plimsoll_store::work::SourceFile;
use plimsoll_store::{Store, platform, programs};
use tempfile::TempDir;

use super::installed::FOLDER;

/// Where a file's bytes come from.
enum Content<'a> {
    /// A blob of the store.
    Blob(Digest),
    /// A file of the project.
    Source(&'a SourceFile),
    /// Text that is made here.
    Text(String),
}

/// Files by their path below the folder that the root sees.
#[derive(Default)]
pub(crate) struct Provisions<'a> {
    files: BTreeMap<String, Content<'a>>,
}

impl<'a> Provisions<'a> {
    pub(crate) fn blob(&mut self, path: impl Into<String>, digest: Digest) {
        self.files.insert(path.into(), Content::Blob(digest));
    }

    pub(crate) fn source(&mut self, path: impl Into<String>, file: &'a SourceFile) {
        self.files.insert(path.into(), Content::Source(file));
    }

    pub(crate) fn text(&mut self, path: impl Into<String>, text: impl Into<String>) {
        self.files.insert(path.into(), Content::Text(text.into()));
    }

    /// What the key of a proof knows the files by: bytes, and whether they may be executed.
    pub(crate) fn identity(&self) -> BTreeMap<&str, (Digest, bool)> {
        let known = |content: &Content<'_>| match content {
            Content::Blob(digest) => (*digest, false),
            Content::Source(file) => (file.digest, file.executable),
            Content::Text(text) => (Digest::of(text.as_bytes()), false),
        };
        self.files.iter().map(|(path, content)| (path.as_str(), known(content))).collect()
    }

    /// Puts every file below a folder that is there.
    ///
    /// # Errors
    /// Where one cannot be written, or is no longer what it was.
    pub(crate) fn lay_into(&self, store: &Store, folder: &Path) -> Result<(), Failure> {
        for (path, content) in &self.files {
            let to = folder.join(path);
            match content {
                Content::Blob(digest) => {
                    make_parent(&to)?;
                    store.materialise(*digest, &to, 0o644).map_err(Failure::from)?;
                }
                Content::Source(file) => copy(file, &to)?,
                Content::Text(text) => write(&to, text.as_bytes())?,
            }
        }
        Ok(())
    }

    /// Puts every file below a temporary folder.
    ///
    /// # Errors
    /// Where one cannot be written, or is no longer what it was.
    pub(crate) fn lay_out(&self, store: &Store) -> Result<TempDir, Failure> {
        let folder = store.temporary_folder().map_err(Failure::from)?;
        // A root sees it even if there is nothing in it.
        make_parent(&folder.path().join(FOLDER).join("any"))?;
        self.lay_into(store, &folder.path().join(FOLDER))?;
        Ok(folder)
    }
}

/// The bytes that the key names, or none.
fn copy(file: &SourceFile, to: &Path) -> Result<(), Failure> {
    let bytes = fs::read(&file.from).map_err(|error| Failure::io(&file.from, &error))?;
    if Digest::of(&bytes) != file.digest {
        let changed = Failure::new(Class::NotProven, "source-changed", "changed while the project was worked on");
        return Err(changed.about(file.from.display().to_string()).hint("run the command again"));
    }
    if file.executable {
        make_parent(to)?;
        return programs::write(to, &bytes).map_err(|error| Failure::io(to, &error));
    }
    write(to, &bytes)?;
    platform::set_mode(to, 0o644).map_err(|error| Failure::io(to, &error))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    make_parent(path)?;
    fs::write(path, bytes).map_err(|error| Failure::io(path, &error))
}

fn make_parent(path: &Path) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(|error| Failure::io(folder, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every file below a folder by its path, as a key should know it.
    fn found(folder: &Path, below: &Path, into: &mut BTreeMap<String, (Digest, bool)>) {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                found(&path, below, into);
                continue;
            }
            let executable = platform::mode(&path.metadata().unwrap()) & 0o111 != 0;
            let name = path.strip_prefix(below).unwrap().to_str().unwrap().to_owned();
            into.insert(name, (Digest::of(&fs::read(path).unwrap()), executable));
        }
    }

    #[test]
    fn what_is_laid_out_is_what_the_key_knows() {
        let place = tempfile::tempdir().unwrap();
        let store = Store::open(&place.path().join("store")).unwrap();
        let from = place.path().join("run.sh");
        fs::write(&from, "exit 0\n").unwrap();
        let file = SourceFile { digest: Digest::of(b"exit 0\n"), from: from.clone(), executable: true };
        let mut provisions = Provisions::default();
        provisions.blob("a.tar.gz", store.put_bytes(b"archive").unwrap().digest());
        provisions.source("package/run.sh", &file);
        provisions.text("programs/try.exs", "1 = 1\n");
        let laid = provisions.lay_out(&store).unwrap();
        let below = laid.path().join(FOLDER);
        let mut all = BTreeMap::new();
        found(&below, &below, &mut all);
        assert_eq!(all.iter().map(|(name, known)| (name.as_str(), *known)).collect::<BTreeMap<_, _>>(), provisions.identity());
        assert_eq!(all.len(), 3);

        fs::write(&from, "exit 1\n").unwrap();
        assert_eq!(provisions.lay_out(&store).unwrap_err().code, "source-changed");
    }
}
