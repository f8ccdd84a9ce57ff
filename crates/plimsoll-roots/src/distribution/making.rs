//! Making a root's files: run the tool, unpack without privileges, take out what differs from one making to the next.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::super::Roots;
use super::super::recipe::Recipe;
use plimsoll_exec::launcher::{Launch, LaunchError};
use plimsoll_exec::locate::Located;
use plimsoll_exec::tool::Tool;

/// Longer than any mirror that is worth waiting for.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(3600);

/// Folders that are emptied: host facts, caches, logs.
const EMPTIED: [&str; 12] = [
    "dev",
    "proc",
    "run",
    "sys",
    "tmp",
    "opt",
    "etc/apt/sources.list.d",
    "var/cache",
    "var/lib/apt/lists",
    "var/log",
    "var/tmp",
    "var/lib/systemd",
];
/// Files that are removed: what names the maker's machine, its mirror or the day.
const REMOVED: [&str; 17] = [
    "etc/.pwd.lock",
    "etc/apt/sources.list",
    "etc/group-",
    "etc/gshadow",
    "etc/gshadow-",
    "etc/hostname",
    "etc/machine-id",
    "etc/passwd-",
    "etc/resolv.conf",
    "etc/shadow",
    "etc/shadow-",
    "var/lib/apt/extended_states",
    "var/lib/dbus/machine-id",
    "var/lib/dpkg/diversions-old",
    "var/lib/dpkg/lock",
    "var/lib/dpkg/lock-frontend",
    "var/lib/dpkg/status-old",
];

/// Why no root was made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MakingError {
    /// The file system refused.
    #[error("cannot write {}", path.display())]
    Io { path: PathBuf, source: io::Error },
    /// The tool ended badly.
    #[error("{tool} failed: {said}")]
    Tool { tool: String, said: String },
    /// The tool could not be started.
    #[error(transparent)]
    Launch(#[from] LaunchError),
}

/// Fills `files` with a minimal system of a Debian suite, or with what is in some of its packages.
pub(super) fn make(
    roots: &Roots<'_>,
    located: &Located,
    recipe: &Recipe,
    files: &Path,
    on_line: &mut dyn FnMut(&str),
) -> Result<(), MakingError> {
    fs::create_dir_all(files).map_err(io_at(files))?;
    let archive = files.with_extension("tar");
    let output = if located.tool == Tool::Mmdebstrap { &archive } else { files };
    let mut launch = Launch::new(&located.path, "/").deadline(PATIENCE);
    if located.tool == Tool::Mmdebstrap {
        // Before other hooks, which read the list of sources.
        launch = launch.args([released_only()]);
    }
    if recipe.is_unpacked_only() {
        launch = launch.args(["--variant=extract".to_owned(), format!("--include={}", recipe.packages.join(","))]);
        launch = launch.args(recipe.architecture.map(|name| format!("--architectures={name}")));
        launch = launch.args(recipe.source.into_iter().flat_map(with_source));
    } else {
        launch = launch.args(["--variant=minbase"]);
    }
    launch = launch.args([std::ffi::OsStr::new(recipe.suite), output.as_os_str()]).args(roots.debian_mirror.as_deref());
    launch.env = roots.toolbox.env().clone();
    // Users of Debian do not have the folder of chroot in PATH.
    let path = launch.env.remove(std::ffi::OsStr::new("PATH")).unwrap_or_default().to_string_lossy().into_owned();
    launch = launch.env([("PATH", format!("{path}:/usr/sbin:/sbin")), ("LC_ALL", "C".to_owned())]);
    let mut last = Vec::new();
    let finished = roots.toolbox.launcher().run(&launch, &mut |_, line| {
        on_line(line);
        if line.starts_with("E:") || line.starts_with("W:") {
            last.push(line.to_owned());
            last.truncate(20);
        }
    })?;
    if !finished.succeeded() {
        if last.is_empty() {
            last.extend(finished.stderr_text().lines().rev().take(3).map(str::to_owned));
        }
        return Err(MakingError::Tool { tool: located.label(), said: first_cause(&last) });
    }
    if located.tool == Tool::Mmdebstrap {
        unpack(&archive, files)?;
        fs::remove_file(&archive).map_err(io_at(&archive))?;
    }
    Ok(())
}

/// Has apt take packages of the suite as it was released, point releases included, and none of its updates: so does debootstrap, so two machines have
/// the same root more often, and a mirror whose updates lag for one processor does (mmdebstrap(1), "HOOKS").
fn released_only() -> String {
    r#"--setup-hook=list="$1"/etc/apt/sources.list; if [ -f "$list" ]; then sed -i "/ [a-z]*-\(updates\|security\) /d" "$list"; fi"#
        .to_owned()
}

/// Has apt bring a package's upstream source as well, checked against the same signatures (mmdebstrap(1), "HOOKS").
fn with_source(package: &str) -> [String; 2] {
    let lists = r#"sed -n "s/^deb /deb-src /p" "$1"/etc/apt/sources.list >"$1"/etc/apt/sources.list.d/source.list"#;
    let fetch = r#"mkdir -p "$1"/usr/src && cd "$1"/usr/src && APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get source --quiet"#;
    [format!("--setup-hook={lists}"), format!("--extract-hook={fetch} --download-only --tar-only {package}")]
}

/// The first error of apt's, which those after it follow from; all lines where none is an error.
fn first_cause(lines: &[String]) -> String {
    let first = lines.iter().find_map(|line| line.strip_prefix("E: "));
    let Some(first) = first else { return lines.join(" / ") };
    first.split(" [IP: ").next().unwrap_or(first).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Folders, files and links only, owned by whoever unpacks: no device, no set-user-id bit.
fn unpack(archive: &Path, files: &Path) -> Result<(), MakingError> {
    let mut reader = tar::Archive::new(File::open(archive).map_err(io_at(archive))?);
    for entry in reader.entries().map_err(io_at(archive))? {
        let mut entry = entry.map_err(io_at(archive))?;
        let kind = entry.header().entry_type();
        if kind.is_dir() || kind.is_file() || kind.is_symlink() || kind.is_hard_link() {
            entry.unpack_in(files).map_err(io_at(files))?;
        }
    }
    Ok(())
}

/// Takes out what would give two makings of the same packages two digests. Links are not followed: a root that somebody else made could
/// lead into the host by them.
pub(crate) fn strip(files: &Path) -> Result<(), MakingError> {
    for name in EMPTIED {
        let Some(folder) = own_folder(files, Path::new(name)) else { continue };
        for entry in fs::read_dir(&folder).map_err(io_at(&folder))? {
            let path = entry.map_err(io_at(&folder))?.path();
            remove(&path)?;
        }
    }
    REMOVED.iter().try_for_each(|name| remove_own(files, name))
}

/// Removes what is there of a name below `files`, where no link is on the way.
pub(crate) fn remove_own(files: &Path, name: &str) -> Result<(), MakingError> {
    let (path, nothing) = (Path::new(name), Path::new(""));
    let folder = own_folder(files, path.parent().unwrap_or(nothing));
    folder.zip(path.file_name()).map_or(Ok(()), |(folder, name)| remove(&folder.join(name)))
}

/// A folder below `files`, none of whose parts is a link.
fn own_folder(files: &Path, name: &Path) -> Option<PathBuf> {
    let mut folder = files.to_owned();
    for part in name.components() {
        folder.push(part);
        if !fs::symlink_metadata(&folder).is_ok_and(|data| data.is_dir()) {
            return None;
        }
    }
    Some(folder)
}

/// Removes a file, link or folder, if it is there.
pub(crate) fn remove(path: &Path) -> Result<(), MakingError> {
    let removed = match fs::symlink_metadata(path) {
        Ok(data) if data.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(io_at(path)(error)),
        _ => Ok(()),
    }
}

/// Puts `incoming` in the place of what an older format left there.
pub(crate) fn replace(incoming: &Path, place: &Path) -> io::Result<()> {
    match fs::remove_dir_all(place) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::rename(incoming, place)
}

fn io_at(path: &Path) -> impl FnOnce(io::Error) -> MakingError {
    move |source| MakingError::Io { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_apt_says_the_first_error_is_told() {
        let said = [
            "W: Unable to read x",
            "E: Failed to fetch http://m/Packages.xz  File has unexpected size. Mirror sync in progress? [IP: 203.0.113.80 80]",
            "E: mmdebstrap failed to run",
        ];
        let told = first_cause(&said.map(str::to_owned));
        assert_eq!(told, "Failed to fetch http://m/Packages.xz File has unexpected size. Mirror sync in progress?");
        assert_eq!(first_cause(&["W: a".to_owned(), "W: b".to_owned()]), "W: a / W: b");
    }
}
