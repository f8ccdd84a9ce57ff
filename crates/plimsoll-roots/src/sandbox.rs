//! The `sandbox` root: empty but for a listed loader and libc family of this host, keyed by their bytes.
//!
//! The listed files are copied once into a folder named by their digest, so that an upgrade of the host in mid-work changes nothing. Never the
//! host's `/usr`: a program that needs any other library fails here, as it would with a user who does not have it. A shell is there only for
//! probes that need one, and only if it runs with the listed libraries alone.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use plimsoll_model::{Digest, Hasher};
use plimsoll_store::{platform, programs};

use super::Unavailable;
use super::enter::Layout;
use super::libc::{FAMILY, Offered, Processor};
use plimsoll_exec::bubblewrap::Isolation;
use plimsoll_exec::launcher::{Launch, Launcher};

/// Small files that programs expect; no names of the host.
const SETTINGS: [(&str, &str); 4] = [
    ("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/tmp/home:/bin/sh\n"),
    ("/etc/group", "root:x:0:\nnogroup:x:65534:\n"),
    ("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n"),
    ("/etc/hosts", "127.0.0.1 localhost\n::1 localhost\n"),
];
/// Links that merge folders on many systems; made as the host has them.
const LINKS: [&str; 4] = ["/bin", "/lib", "/lib64", "/usr/lib64"];
/// Shells of the host, in the order in which they are tried.
const SHELLS: [&str; 3] = ["/bin/sh", "/bin/dash", "/bin/busybox"];
/// Larger files are not what they are called.
const LARGEST: u64 = 64 * 1024 * 1024;

/// The sandbox of this host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SandboxRoot {
    /// Digest over the path in the root and the bytes of each file, the shell's too, and over each link.
    pub digest: Digest,
    /// The C libraries in it.
    pub offered: Offered,
    /// The copied files: path in the root → path on the host.
    pub(super) files: BTreeMap<PathBuf, PathBuf>,
    /// Path in the root → link target.
    pub(super) links: BTreeMap<PathBuf, PathBuf>,
    /// The shell's copy; or why there is none.
    pub(super) shell: Result<PathBuf, String>,
}

/// What the host offers: path in the root → bytes.
struct Listed {
    files: BTreeMap<PathBuf, Vec<u8>>,
    links: BTreeMap<PathBuf, PathBuf>,
    shells: Vec<Vec<u8>>,
}

/// Copies the host's listed files below `folder`, or finds them there.
pub(super) fn open(folder: &Path, isolation: &Isolation, launcher: &Launcher) -> Result<SandboxRoot, Unavailable> {
    let machine = Processor::this().ok_or_else(|| Unavailable::Elsewhere("no list of loaders for this processor".to_owned()))?;
    let listed = list(machine, Path::new("/"))?;
    let (mut root, mut digests) = copy(folder, &listed, machine)?;
    for bytes in listed.shells {
        let shell = keep(&folder.join("sandbox"), &bytes).map_err(|error| failed(folder, &error))?;
        root.shell = try_shell(&root, shell, isolation, launcher);
        if root.shell.is_ok() {
            digests.push((PathBuf::from("/bin/sh"), Digest::of(&bytes)));
            break;
        }
    }
    root.digest = combined(&digests, &root.links);
    Ok(root)
}

/// The same for another processor, out of a folder with its libraries. No shell of that processor could start anything under an emulator.
pub(super) fn open_foreign(folder: &Path, libraries: &Path, machine: &Processor) -> Result<SandboxRoot, Unavailable> {
    let (mut root, digests) = copy(folder, &list(machine, libraries)?, machine)?;
    root.digest = combined(&digests, &root.links);
    Ok(root)
}

impl SandboxRoot {
    /// Its files as a folder, without the shell: names of the kept copies, which must not be written.
    pub(super) fn lay_out(&self, into: &Path) -> io::Result<()> {
        fs::create_dir_all(into)?;
        for (path, target) in &self.links {
            let place = inside(into, path);
            fs::create_dir_all(place.parent().unwrap_or(into))?;
            platform::symlink(target, &place)?;
        }
        self.files.iter().try_for_each(|(path, file)| put(file, &inside(into, path)))
    }

    /// The shell alone, as a folder; or why there is none.
    pub(super) fn lay_out_shell(&self, into: &Path) -> io::Result<Result<(), String>> {
        let shell = match &self.shell {
            Ok(shell) => shell,
            Err(reason) => return Ok(Err(reason.clone())),
        };
        put(shell, &inside(into, &self.bin().join("sh"))).map(Ok)
    }

    /// The folder that `/bin` is, or leads to.
    pub(super) fn bin(&self) -> PathBuf {
        let bin = Path::new("/bin");
        self.links.get(bin).map_or_else(|| bin.to_owned(), |target| Path::new("/").join(target))
    }
}

/// A second name for a kept copy, or a copy of it if that cannot be.
fn put(kept: &Path, place: &Path) -> io::Result<()> {
    fs::create_dir_all(place.parent().unwrap_or(place))?;
    fs::hard_link(kept, place).or_else(|_| fs::copy(kept, place).map(drop))
}

fn failed(folder: &Path, error: &io::Error) -> Unavailable {
    Unavailable::Failed(format!("cannot write {}: {error}", folder.join("sandbox").display()))
}

fn copy(folder: &Path, listed: &Listed, machine: &Processor) -> Result<(SandboxRoot, Vec<(PathBuf, Digest)>), Unavailable> {
    let offered = Offered::among(&listed.files, machine);
    let mut digests = Vec::new();
    let store = folder.join("sandbox");
    let mut files = BTreeMap::new();
    for (path, bytes) in &listed.files {
        digests.push((path.clone(), Digest::of(bytes)));
        files.insert(path.clone(), keep(&store, bytes).map_err(|error| failed(folder, &error))?);
    }
    let no_shell = Err("there is no shell for this processor".to_owned());
    Ok((SandboxRoot { digest: Digest::of(b""), offered, files, links: listed.links.clone(), shell: no_shell }, digests))
}

/// What a system has below `base`: `/` for this host.
fn list(machine: &Processor, base: &Path) -> Result<Listed, Unavailable> {
    let mut files = BTreeMap::new();
    for loader in [machine.loader, machine.musl] {
        if let Some(bytes) = read_own(machine, base, Path::new(loader)) {
            files.insert(resolved(base, Path::new(loader)), bytes);
        }
    }
    if files.is_empty() {
        return Err(Unavailable::Failed(format!("there is neither {} nor {}", machine.loader, machine.musl)));
    }
    let folders = machine.library_folders();
    for name in FAMILY {
        let found =
            folders.iter().map(|folder| Path::new(folder).join(name)).find_map(|path| Some((read_own(machine, base, &path)?, path)));
        if let Some((bytes, path)) = found {
            files.insert(resolved(base, &path), bytes);
        }
    }
    for (path, text) in SETTINGS {
        files.insert(path.into(), text.as_bytes().to_vec());
    }
    let plain = |target: &Path| target.is_relative() && !target.starts_with("..");
    let link = |path: &&str| Some((PathBuf::from(path), fs::read_link(inside(base, Path::new(path))).ok().filter(|target| plain(target))?));
    let shells = SHELLS.iter().filter_map(|shell| read_own(machine, base, Path::new(shell))).collect();
    Ok(Listed { files, links: LINKS.iter().filter_map(link).collect(), shells })
}

/// The bytes, if they are a program or library for this machine.
fn read_own(machine: &Processor, base: &Path, path: &Path) -> Option<Vec<u8>> {
    let path = inside(base, path).canonicalize().ok()?;
    // A link that leads out of a root would bring a file of the host.
    if !path.starts_with(base.canonicalize().ok()?) {
        return None;
    }
    let data = fs::metadata(&path).ok().filter(|data| data.is_file() && data.len() <= LARGEST);
    data.and_then(|_| fs::read(path).ok()).filter(|bytes| machine.is_own(bytes))
}

/// The path with its folder's links followed: `/lib64/x` is `/usr/lib64/x` on a merged system. The file's own name stays.
fn resolved(base: &Path, path: &Path) -> PathBuf {
    let resolve = || {
        let folder = inside(base, path.parent()?).canonicalize().ok()?;
        let folder = Path::new("/").join(folder.strip_prefix(base.canonicalize().ok()?).ok()?);
        Some(folder.join(path.file_name()?))
    };
    resolve().unwrap_or_else(|| path.to_owned())
}

/// Where a path of a system lies that is below `base`.
fn inside(base: &Path, path: &Path) -> PathBuf {
    base.join(path.strip_prefix("/").unwrap_or(path))
}

/// A file named by its digest, checked each time: it is small, and a flipped bit in a loader is found nowhere else.
fn keep(store: &Path, bytes: &[u8]) -> io::Result<PathBuf> {
    use std::io::Write as _;
    let path = store.join(Digest::of(bytes).to_string());
    if fs::read(&path).is_ok_and(|kept| kept == bytes) {
        return Ok(path);
    }
    fs::create_dir_all(store)?;
    let mut temporary = tempfile::NamedTempFile::new_in(store)?;
    temporary.write_all(bytes)?;
    programs::persist(temporary, 0o555, &path)?;
    Ok(path)
}

fn try_shell(root: &SandboxRoot, shell: PathBuf, isolation: &Isolation, launcher: &Launcher) -> Result<PathBuf, String> {
    let mut words = isolation.unsharing();
    words.extend(Layout::of_sandbox(root, Some(&shell)).words());
    words.extend(["--", "/bin/sh", "-c", ":"].map(Into::into));
    let launch = Launch::new(&isolation.program, "/").args(words).deadline(Duration::from_secs(30));
    let said = match launcher.output(&launch) {
        Ok(finished) if finished.succeeded() => return Ok(shell),
        Ok(finished) => finished.stderr_text(),
        Err(error) => error.to_string(),
    };
    Err(format!("the host's shell does not run with the listed libraries alone: {}", said.trim()))
}

fn combined(digests: &[(PathBuf, Digest)], links: &BTreeMap<PathBuf, PathBuf>) -> Digest {
    let mut hasher = Hasher::new();
    for (path, digest) in digests {
        hasher.update(format!("{digest} {}\n", path.display()).as_bytes());
    }
    for (path, target) in links {
        hasher.update(format!("link {} {}\n", target.display(), path.display()).as_bytes());
    }
    hasher.finish().digest()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_copy_is_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = keep(folder.path(), b"loader").unwrap();
        fs::remove_file(&path).unwrap();
        fs::write(&path, "loades").unwrap();
        assert_eq!(fs::read(keep(folder.path(), b"loader").unwrap()).unwrap(), b"loader");
    }

    #[test]
    fn only_listed_names_are_taken_from_this_host() {
        let Some(listed) = Processor::this().and_then(|machine| list(machine, Path::new("/")).ok()) else {
            test_needs::not_run(None, "no known loader on this machine");
            return;
        };
        let machine = Processor::this().unwrap();
        let loaders = [machine.loader, machine.musl].map(|path| Path::new(path).file_name().unwrap());
        for path in listed.files.keys() {
            let name = path.file_name().unwrap();
            let known = loaders.contains(&name) || FAMILY.iter().any(|listed| name == *listed) || path.starts_with("/etc");
            assert!(known, "{}", path.display());
        }
    }
}
