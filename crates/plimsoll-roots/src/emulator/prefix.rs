//! Prefixes of wine: what a Windows machine has on its disk. One is made and kept; each probe gets a copy of what is small in it, and sees
//! the rest, some hundred megabytes of wine's own libraries, read-only.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use plimsoll_store::platform;

use super::wine::{PREFIX, WINE, environment};
use crate::distribution::DistributionRoot;
use crate::enter::{HOME, Layout};
use crate::{Roots, Unavailable};

/// wine writes some hundred megabytes.
const PATIENCE: Duration = Duration::from_secs(600);

/// What is not copied for each probe.
const SHARED: &str = "drive_c/windows";

/// The kept prefix of a wine, made now where it is not there yet.
pub(super) fn kept(roots: &Roots<'_>, system: &DistributionRoot, on_line: &mut dyn FnMut(&str)) -> Result<PathBuf, Unavailable> {
    let place = roots.folder.join(format!("prefix-{}", system.digest.short()));
    if place.join(SHARED).is_dir() {
        return Ok(place);
    }
    on_line("making a prefix for wine, once");
    let failed = |reason: String| Unavailable::Failed(format!("wine could not make a prefix: {reason}"));
    let cannot = |error: io::Error| failed(error.to_string());
    let scratch = tempfile::Builder::new().prefix("incoming-prefix-").tempdir_in(&roots.folder).map_err(cannot)?;
    let made = scratch.path().join("prefix");
    for folder in [&made, &scratch.path().join(HOME)] {
        fs::create_dir(folder).map_err(cannot)?;
    }
    let isolation = roots.isolation()?;
    let mut layout = Layout::of_distribution(system).map_err(cannot)?;
    layout.scratch(scratch.path());
    let mut env = environment();
    env.extend([("HOME", format!("/tmp/{HOME}")), ("LANG", "C.UTF-8".to_owned()), ("PATH", "/usr/bin:/bin".to_owned())]);
    let env = env.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Vec<_>>();
    layout.set_env(env.iter().map(|(name, value)| (name, value)));
    let sources = layout.sources();
    let mut words: Vec<OsString> = isolation.unsharing();
    words.extend(layout.words());
    // The server writes the registry when it ends.
    let script = format!("{WINE} wineboot --init && /usr/lib/wine/wineserver64 -w");
    words.extend(["--", "/bin/sh", "-eu", "-c", &script].map(OsString::from));
    isolation.give(scratch.path()).map_err(cannot)?;
    let launch = isolation.enter(words, &sources).deadline(PATIENCE);
    let finished = roots.toolbox.launcher().output(&launch).map_err(|error| failed(error.to_string()))?;
    if !finished.succeeded() || !made.join(SHARED).is_dir() {
        return Err(failed(finished.stderr_text().trim().to_owned()));
    }
    match fs::rename(&made, &place) {
        // Another process was faster.
        Err(_) if place.join(SHARED).is_dir() => Ok(place),
        renamed => renamed.map(|()| place).map_err(cannot),
    }
}

/// A prefix for one probe in its scratch folder; gives back what must be seen read-only in it: host → root.
pub(crate) fn fresh(kept: &Path, scratch: &Path) -> io::Result<(PathBuf, PathBuf)> {
    let name = PREFIX.rsplit('/').next().unwrap_or_default();
    copy(kept, &scratch.join(name), &kept.join(SHARED))?;
    Ok((kept.join(SHARED), Path::new(PREFIX).join(SHARED)))
}

/// Copies a tree; of `left_out` only the folder itself.
fn copy(from: &Path, to: &Path, left_out: &Path) -> io::Result<()> {
    fs::create_dir(to)?;
    if from == left_out {
        return Ok(());
    }
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let place = to.join(entry.file_name());
        let kind = entry.file_type()?;
        if kind.is_symlink() {
            platform::symlink(&fs::read_link(entry.path())?, &place)?;
        } else if kind.is_dir() {
            copy(&entry.path(), &place, left_out)?;
        } else if kind.is_file() {
            fs::copy(entry.path(), place)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fresh_prefix_has_all_but_what_is_shared() {
        let folder = tempfile::tempdir().unwrap();
        let kept = folder.path().join("kept");
        fs::create_dir_all(kept.join("drive_c/windows/system32")).unwrap();
        fs::create_dir_all(kept.join("dosdevices")).unwrap();
        fs::write(kept.join("system.reg"), "registry").unwrap();
        std::os::unix::fs::symlink("../drive_c", kept.join("dosdevices/c:")).unwrap();
        let scratch = folder.path().join("scratch");
        fs::create_dir(&scratch).unwrap();
        let (host, inside) = fresh(&kept, &scratch).unwrap();
        assert_eq!((host, inside), (kept.join("drive_c/windows"), PathBuf::from("/tmp/prefix/drive_c/windows")));
        let made = scratch.join("prefix");
        assert_eq!(fs::read_to_string(made.join("system.reg")).unwrap(), "registry");
        assert!(made.join("dosdevices/c:").is_symlink() && made.join("drive_c/windows").is_dir());
        assert!(!made.join("drive_c/windows/system32").exists());
    }
}
