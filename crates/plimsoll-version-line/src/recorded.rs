//! What was written down for builds without git.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::{LineError, RECORDED};

/// Folders above the package in which the line is looked for; the one with the lock file is the last.
const ABOVE: usize = 8;

/// The recorded line and its file.
pub(crate) fn line(folder: &Path, version: &str) -> Result<Option<(PathBuf, String)>, LineError> {
    for above in folder.ancestors().take(ABOVE) {
        let path = above.join(RECORDED);
        if let Some(text) = read(&path)? {
            let line = text.trim().to_owned();
            let own = line == version || line.strip_prefix(version).is_some_and(|rest| rest.starts_with(" ("));
            if !own || line.contains(['\n', '\r']) {
                let line = line.lines().next().unwrap_or_default().chars().take(80).collect();
                return Err(LineError::OtherVersion { path, line, version: version.to_owned() });
            }
            return Ok(Some((path, line)));
        }
        if above.join("Cargo.lock").is_file() {
            break;
        }
    }
    Ok(None)
}

/// The commit that cargo wrote into a crate when it was published, shortened, and the file.
///
/// The file is cargo's, `{"git":{"sha1":"…"}}`: the one place in it where forty hexadecimal digits stand is the commit.
pub(crate) fn published(folder: &Path) -> Result<Option<(PathBuf, String)>, LineError> {
    let path = folder.join(".cargo_vcs_info.json");
    let Some(text) = read(&path)? else { return Ok(None) };
    let quoted = text.split_once("\"sha1\"").and_then(|(_, rest)| rest.split('"').nth(1));
    let commit = quoted.filter(|id| id.len() >= 40 && id.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let dirty = text.contains("\"dirty\": true") || text.contains("\"dirty\":true");
    Ok(commit.map(|id| (path, format!("{}{}", &id[..7], if dirty { ", dirty" } else { "" }))))
}

fn read(path: &Path) -> Result<Option<String>, LineError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(source) => Err(LineError::Io { path: path.to_owned(), source }),
    }
}
