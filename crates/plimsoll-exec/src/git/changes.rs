//! Whether files differ from the commit, found out without a filter and without going into submodules by git's own way.
//!
//! A file that goes through a filter is compared as it lies there, which makes it changed unless git has looked at it since it was written
//! (`git status` does). Files of Git LFS are known by what the commit holds in their place: the digest of their content.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use plimsoll_model::{Failure, Hashed};

use super::{ask, closed, repository};
use crate::launcher::Launcher;

/// The filter of Git LFS: <https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md>.
const LFS: &[u8] = b"lfs";

/// A mode of the index that stands for a submodule.
const SUBMODULE: &[u8] = b"160000";

/// The files of the repository at `top` that git knows and that differ from the commit, those among them that a filter has changed.
///
/// # Errors
/// Where git fails.
pub(super) fn named(top: &Path, launcher: &Launcher) -> Result<BTreeSet<String>, Failure> {
    let filters = closed::filters(top, launcher)?;
    let options =
        ["diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", "--no-textconv", "--ignore-submodules=dirty", "HEAD", "--"];
    let words = closed::without(&filters).into_iter().chain(options.map(OsString::from));
    let said = ask(top, words, launcher)?.unwrap_or_default();
    let names = said.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    Ok(names.map(|name| String::from_utf8_lossy(name).into_owned()).collect())
}

/// Whether anything in `places` (pathspecs, relative to `folder`) differs from the commit.
///
/// # Errors
/// Where git fails.
pub(super) fn are_there(folder: &Path, places: &[OsString], launcher: &Launcher) -> Result<bool, Failure> {
    let filters = closed::filters(folder, launcher)?;
    let options = ["status", "--porcelain=2", "-z", "--no-renames", "--untracked-files=normal", "--ignore-submodules=dirty", "--"];
    let words = closed::without(&filters).into_iter().chain(options.map(OsString::from)).chain(places.iter().cloned());
    let Some(status) = ask(folder, words, launcher)? else { return Ok(true) };
    let top = if filters.is_empty() { None } else { repository(folder, launcher)? };
    for entry in status.split(|byte| *byte == 0).filter(|entry| !entry.is_empty() && !entry.starts_with(b"# ")) {
        let same = match (content_only(entry), &top) {
            (Some((blob, path)), Some(top)) => is_stored_elsewhere(top, &blob, &super::path_of(path)?, launcher)?,
            _ => false,
        };
        if !same {
            return Ok(true);
        }
    }
    for submodule in submodules(folder, places, launcher)? {
        if repository(&submodule, launcher)? != submodule.canonicalize().ok() || are_there(&submodule, &[".".into()], launcher)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The blob in the index and the path of an entry whose content alone differs from the index; none of an entry of any other kind.
/// `1 .M N... 100644 100644 100644 HEAD INDEX PATH`: <https://git-scm.com/docs/git-status#_porcelain_format_version_2>.
fn content_only(entry: &[u8]) -> Option<(String, &[u8])> {
    let mut fields = entry.splitn(9, |byte| *byte == b' ');
    let kind = (fields.next()?, fields.next()?);
    let [_submodule, _head, index, tree] = [fields.next()?, fields.next()?, fields.next()?, fields.next()?];
    let [_, blob, path] = [fields.next()?, fields.next()?, fields.next()?];
    (kind == (b"1", b".M") && index == tree).then(|| (String::from_utf8_lossy(blob).into_owned(), path))
}

/// Whether a file is the one whose digest Git LFS keeps in the blob.
fn is_stored_elsewhere(top: &Path, blob: &str, path: &Path, launcher: &Launcher) -> Result<bool, Failure> {
    let asked = [OsStr::new("check-attr"), OsStr::new("-z"), OsStr::new("filter"), OsStr::new("--"), path.as_os_str()];
    let said = ask(top, asked, launcher)?.unwrap_or_default();
    if said.split(|byte| *byte == 0).nth(2) != Some(LFS) {
        return Ok(false);
    }
    let Some(pointer) = ask(top, ["cat-file", "blob", blob], launcher)? else { return Ok(false) };
    let file = top.join(path);
    let is_file = fs::symlink_metadata(&file).is_ok_and(|metadata| metadata.is_file());
    let hashed = || Hashed::read(&mut File::open(&file).ok()?).ok();
    Ok(is_file && hashed().is_some_and(|hashed| pointed(&pointer) == Some((hashed.digest().to_string(), hashed.size()))))
}

/// The SHA-256 and the size in a pointer of Git LFS.
fn pointed(pointer: &[u8]) -> Option<(String, u64)> {
    let text = std::str::from_utf8(pointer).ok()?;
    let mut lines = text.lines();
    lines.next()?.strip_prefix("version https://git-lfs.github.com/spec/")?;
    let value = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' '));
    Some((value("oid")?.strip_prefix("sha256:")?.to_owned(), value("size")?.parse().ok()?))
}

/// Folders of the submodules in `places` that are checked out.
fn submodules(folder: &Path, places: &[OsString], launcher: &Launcher) -> Result<Vec<PathBuf>, Failure> {
    let words = ["ls-files", "-s", "-z", "--"].map(OsString::from).into_iter().chain(places.iter().cloned());
    let listed = ask(folder, words, launcher)?.unwrap_or_default();
    let names = listed.split(|byte| *byte == 0).filter(|entry| entry.starts_with(SUBMODULE));
    let names = names.filter_map(|entry| entry.splitn(2, |byte| *byte == b'\t').nth(1));
    let folders = names.map(|name| Ok(folder.join(super::path_of(name)?))).collect::<Result<Vec<_>, Failure>>()?;
    Ok(folders.into_iter().filter(|folder| fs::symlink_metadata(folder.join(".git")).is_ok()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_change_of_content_may_be_none() {
        let entry = |xy: &str, index: &str, tree: &str| format!("1 {xy} N... 100644 {index} {tree} aaaa bbbb a name");
        let of = |text: &str| content_only(text.as_bytes()).map(|(blob, path)| (blob, path.to_owned()));
        assert_eq!(of(&entry(".M", "100644", "100644")), Some(("bbbb".to_owned(), "a name".into())));
        for other in [entry(".M", "100644", "100755"), entry("M.", "100644", "100644"), entry(".D", "100644", "000000"), "? new".to_owned()]
        {
            assert_eq!(of(&other), None, "{other}");
        }
    }

    #[test]
    fn pointers_are_read_by_their_specification() {
        let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";
        assert_eq!(pointed(pointer), Some(("4d7a".to_owned(), 12_345)));
        for other in [&b"oid sha256:4d7a\nsize 1\n"[..], b"version https://git-lfs.github.com/spec/v1\nsize 1\n", b"\xff", b""] {
            assert_eq!(pointed(other), None);
        }
    }
}
