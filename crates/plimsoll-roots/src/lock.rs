//! `plimsoll.lock`: the digests of images that roots are made of, one a platform, committed with the project so that every machine has the same.
//!
//! Only the tables `root.*` are read and written here; others take the file as a [`DocumentMut`] and do so with theirs. What nobody knows is left as
//! it is.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use plimsoll_model::{Digest, RootName};
use toml_edit::{DocumentMut, Item, Table, value};

use plimsoll_store::{durable, plain_file, platform};

/// The file's name, beside the manifest.
pub const FILE_NAME: &str = "plimsoll.lock";
/// The format that this version writes; a later one is refused.
const FORMAT: i64 = 1;
/// Real ones have a hundredth of it.
const MAX_SIZE: u64 = 1 << 20;
const HEAD: &str = "# Digests of what this project uses from elsewhere. Written by `plimsoll lock update`; commit it.\n";

/// What is locked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lock {
    /// By root.
    pub roots: BTreeMap<RootName, LockedImage>,
}

/// One image.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LockedImage {
    /// The name that was asked for: `docker.io/library/alpine:3.20`.
    pub image: String,
    /// Platform (`linux/amd64`) → digest of its manifest.
    pub platforms: BTreeMap<String, Digest>,
}

/// A lock file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// It cannot be read or written.
    #[error("{}", path.display())]
    Io {
        /// Where it lies.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is not what `plimsoll lock update` writes.
    #[error("{FILE_NAME}: {0}")]
    Broken(String),
}

impl Lock {
    /// The lock of a project; an empty one where there is none.
    ///
    /// # Errors
    /// [`LockError`].
    pub fn read(project: &Path) -> Result<Self, LockError> {
        read_document(project)?.map_or_else(|| Ok(Self::default()), |document| Self::of(&document))
    }

    /// Writes what is locked into the project's file; gives whether that changed it.
    ///
    /// # Errors
    /// [`LockError`].
    pub fn write(&self, project: &Path) -> Result<bool, LockError> {
        edit(project, |document| self.put(document))
    }

    fn put(&self, document: &mut DocumentMut) {
        let mut roots = Table::new();
        roots.set_implicit(true);
        for (name, locked) in &self.roots {
            let mut table = Table::new();
            table["image"] = value(&locked.image);
            for (platform, digest) in &locked.platforms {
                table[platform] = value(format!("sha256:{digest}"));
            }
            roots.insert(name.as_str(), Item::Table(table));
        }
        document["root"] = Item::Table(roots);
    }

    fn of(document: &DocumentMut) -> Result<Self, LockError> {
        let broken = |what: String| LockError::Broken(what);
        let mut roots = BTreeMap::new();
        let Some(item) = document.get("root") else { return Ok(Self::default()) };
        let table = item.as_table_like().ok_or_else(|| broken("`root` is no table".to_owned()))?;
        for (name, item) in table.iter() {
            let root = name.parse::<RootName>().map_err(|error| broken(format!("`root.{name}`: {error}")))?;
            let entry = item.as_table_like().ok_or_else(|| broken(format!("`root.\"{name}\"` is no table")))?;
            let mut locked = LockedImage::default();
            for (key, item) in entry.iter() {
                if key == "image" {
                    let text = item.as_str().ok_or_else(|| broken(format!("`root.\"{name}\".{key}` is no string")))?;
                    text.clone_into(&mut locked.image);
                    continue;
                }
                locked.platforms.insert(key.to_owned(), digest(&format!("root.\"{name}\".\"{key}\""), item)?);
            }
            roots.insert(root, locked);
        }
        Ok(Self { roots })
    }
}

/// Changes a project's file, which is made if there is none; gives whether that changed it.
///
/// # Errors
/// [`LockError`]; the file is as it was then.
pub fn edit(project: &Path, change: impl FnOnce(&mut DocumentMut)) -> Result<bool, LockError> {
    let path = project.join(FILE_NAME);
    let at = |source| LockError::Io { path: path.clone(), source };
    let before = read_document(project)?;
    let old = before.as_ref().map(ToString::to_string);
    let mut document = match before {
        Some(document) => document,
        None => format!("{HEAD}format = {FORMAT}\n").parse::<DocumentMut>().map_err(|error| LockError::Broken(error.to_string()))?,
    };
    change(&mut document);
    let text = document.to_string();
    if old.as_ref() == Some(&text) {
        return Ok(false);
    }
    let mut file = tempfile::NamedTempFile::new_in(project).map_err(at)?;
    io::Write::write_all(&mut file, text.as_bytes()).map_err(at)?;
    // As git checks files out.
    platform::set_mode_of_open(file.as_file(), 0o644).map_err(at)?;
    durable::replace(file, &path).map_err(at)?;
    Ok(true)
}

/// A digest as the file has it.
///
/// # Errors
/// [`LockError::Broken`], with the `key` that has another text.
pub fn digest(key: &str, item: &Item) -> Result<Digest, LockError> {
    let digest = item.as_str().and_then(|text| text.strip_prefix("sha256:")).and_then(|hex| hex.parse().ok());
    digest.ok_or_else(|| LockError::Broken(format!("`{key}` is not `sha256:` and 64 hexadecimal digits")))
}

/// A project's file; none if it has none.
///
/// # Errors
/// [`LockError`], also for a file of another format.
pub fn read_document(project: &Path) -> Result<Option<DocumentMut>, LockError> {
    let path = project.join(FILE_NAME);
    let at = |source| LockError::Io { path: path.clone(), source };
    match fs::metadata(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(at(error)),
        Ok(data) if data.len() > MAX_SIZE => return Err(LockError::Broken(format!("is longer than {MAX_SIZE} bytes"))),
        Ok(_) => {}
    }
    let text = plain_file::read_text(&path).map_err(at)?;
    let document = text.parse::<DocumentMut>().map_err(|error| LockError::Broken(error.to_string().trim_end().to_owned()))?;
    match document.get("format").and_then(Item::as_integer) {
        Some(FORMAT) => Ok(Some(document)),
        Some(other) => Err(LockError::Broken(format!("has the format {other}; this version of plimsoll reads {FORMAT}"))),
        None => Err(LockError::Broken("has no `format`".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock() -> Lock {
        let platforms = BTreeMap::from([("linux/arm64".to_owned(), Digest::of(b"a")), ("linux/amd64".to_owned(), Digest::of(b"b"))]);
        let image = |name: &str| LockedImage { image: format!("docker.io/library/{name}"), platforms: platforms.clone() };
        let roots = ["ubuntu:22.04", "alpine:3.20"].map(|name| (name.parse().unwrap(), image(name)));
        Lock { roots: roots.into() }
    }

    #[test]
    fn what_was_written_is_read_and_written_again_byte_by_byte() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Lock::read(folder.path()).unwrap(), Lock::default());
        assert!(lock().write(folder.path()).unwrap());
        let text = fs::read_to_string(folder.path().join(FILE_NAME)).unwrap();
        let expected = format!(
            "{HEAD}format = 1\n\n[root.\"alpine:3.20\"]\nimage = \"docker.io/library/alpine:3.20\"\n\"linux/amd64\" = \"sha256:{b}\"\n\
             \"linux/arm64\" = \"sha256:{a}\"\n\n[root.\"ubuntu:22.04\"]\nimage = \"docker.io/library/ubuntu:22.04\"\n\
             \"linux/amd64\" = \"sha256:{b}\"\n\"linux/arm64\" = \"sha256:{a}\"\n",
            a = Digest::of(b"a"),
            b = Digest::of(b"b"),
        );
        assert_eq!(text, expected);
        assert_eq!(Lock::read(folder.path()).unwrap(), lock());
        assert!(!lock().write(folder.path()).unwrap());
    }

    #[test]
    fn what_others_keep_in_the_file_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);
        fs::write(&path, "format = 1\n\n[prebuilt.onnx]\nsha256 = \"x\" # by hand\n").unwrap();
        lock().write(folder.path()).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains("[prebuilt.onnx]\nsha256 = \"x\" # by hand\n"), "{text}");
        assert_eq!(Lock::read(folder.path()).unwrap(), lock());
        let fewer = Lock { roots: lock().roots.into_iter().take(1).collect() };
        fewer.write(folder.path()).unwrap();
        assert_eq!(Lock::read(folder.path()).unwrap(), fewer);
    }

    #[test]
    fn a_file_that_nobody_wrote_is_refused() {
        let cases = [
            ("", "has no `format`"),
            ("format = 2\n", "has the format 2"),
            ("format = ", "TOML parse error"),
            ("format = 1\nroot = 1\n", "`root` is no table"),
            ("format = 1\n[root.host]\n", "host"),
            ("format = 1\n[root.\"alpine:3\"]\n\"linux/amd64\" = \"latest\"\n", "is not `sha256:`"),
            ("format = 1\n[root.\"alpine:3\"]\nimage = 3\n", "is no string"),
        ];
        for (text, expected) in cases {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join(FILE_NAME), text).unwrap();
            let said = Lock::read(folder.path()).unwrap_err().to_string();
            assert!(said.contains(expected), "{said}");
        }
    }
}
