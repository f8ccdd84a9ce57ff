//! Starting bubblewrap as a user who owns nothing, where plimsoll itself is root: what then breaks out of a root has no rights of root's.
//!
//! Such a user cannot get at the store, which lies in root's home. So a first bubblewrap, as root, shows just what the root is made of at its own
//! place, below folders that let everybody through; `setpriv` then changes the user for good.

use plimsoll_store::platform;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The number that systems give to `nobody`.
pub(super) const NOBODY: u32 = 65534;

/// Words that start `program` as nobody with all of `sources` within reach, up to and without its own.
pub(super) fn words(setpriv: &Path, program: &Path, sources: &[PathBuf]) -> Vec<OsString> {
    let seen = sources.iter().map(PathBuf::as_path).chain([program]);
    let hidden = seen.filter_map(|source| Some((blocked(source)?, source.to_owned()))).collect::<BTreeSet<_>>();
    let covers = hidden.iter().map(|(cover, _)| cover.clone()).collect::<BTreeSet<_>>();
    let between = |(cover, source): &(PathBuf, PathBuf)| {
        let above = source.ancestors().skip(1).take_while(|folder| *folder != cover);
        above.map(Path::to_owned).collect::<Vec<_>>()
    };
    let folders = hidden.iter().flat_map(between).collect::<BTreeSet<_>>();
    let mut words = ["--dev-bind", "/", "/"].map(OsString::from).to_vec();
    words.extend(covers.into_iter().flat_map(|cover| ["--tmpfs".into(), cover.into_os_string()]));
    words.extend(folders.into_iter().flat_map(|folder| ["--dir".into(), folder.into_os_string()]));
    let shown = hidden.into_iter().map(|(_, source)| source).collect::<BTreeSet<_>>();
    words.extend(shown.into_iter().flat_map(|source| ["--bind".into(), source.clone().into_os_string(), source.into_os_string()]));
    words.extend(["--die-with-parent".into(), "--".into(), setpriv.to_owned().into_os_string()]);
    words.extend([format!("--reuid={NOBODY}"), format!("--regid={NOBODY}"), "--clear-groups".to_owned()].map(OsString::from));
    words.push(program.to_owned().into_os_string());
    words
}

/// The outermost folder above a path that does not let everybody through.
fn blocked(path: &Path) -> Option<PathBuf> {
    let above = path.ancestors().skip(1).collect::<Vec<_>>();
    let closed = |folder: &&&Path| fs::metadata(folder).is_ok_and(|data| platform::mode(&data) & 0o001 == 0);
    above.iter().rev().find(closed).map(|folder| folder.to_path_buf())
}

/// Makes a folder and everything in it nobody's, and readable for all, whatever the umask was: one probe may be nobody's, and the next one under
/// an emulator root's. The folder itself is last, and tells that it was done.
///
/// # Errors
/// Where the file system refuses.
pub(super) fn give(folder: &Path) -> io::Result<()> {
    if platform::owner(&fs::metadata(folder)?) == Some(NOBODY) {
        return Ok(());
    }
    give_all(folder)
}

fn give_all(path: &Path) -> io::Result<()> {
    let data = fs::symlink_metadata(path)?;
    let mode = platform::mode(&data);
    if data.is_dir() {
        for entry in fs::read_dir(path)? {
            give_all(&entry?.path())?;
        }
        platform::set_mode(path, mode | 0o055)?;
    } else if data.is_file() {
        platform::set_mode(path, mode | 0o044)?;
    }
    platform::give_to(path, NOBODY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_in_a_closed_folder_is_shown_at_its_own_place() {
        let folder = tempfile::tempdir().unwrap();
        let set = |path: &Path, mode| platform::set_mode(path, mode).unwrap();
        let closed = folder.path().join("home");
        let source = closed.join("cache/store/root");
        fs::create_dir_all(&source).unwrap();
        set(folder.path(), 0o755);
        set(&closed, 0o700);
        assert_eq!(blocked(&source), Some(closed.clone()));
        let words = words(Path::new("/usr/bin/setpriv"), Path::new("/usr/bin/bwrap"), std::slice::from_ref(&source));
        let text = words.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ");
        let (home, cache, root) = (closed.display(), closed.join("cache").display().to_string(), source.display());
        let wanted = format!(
            "--dev-bind / / --tmpfs {home} --dir {cache} --dir {cache}/store --bind {root} {root} --die-with-parent -- \
             /usr/bin/setpriv --reuid=65534 --regid=65534 --clear-groups /usr/bin/bwrap"
        );
        assert_eq!(text, wanted);
        set(&closed, 0o711);
        assert_eq!(blocked(&source), None);
    }
}
