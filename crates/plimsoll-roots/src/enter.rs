//! How a root is laid out for bubblewrap: an empty, read-only tmpfs, what the root has, the artifact, and a scratch folder as `/tmp`.
//!
//! Makes argument lists only.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::distribution::DistributionRoot;
use super::sandbox::SandboxRoot;
use plimsoll_exec::bubblewrap::Isolation;

/// Where the artifact lies in a root. A space, because users have them.
pub(super) const INSTALLED: &str = "/opt/plimsoll probe";
/// Where what a trial is given besides lies in a root.
pub(super) const GIVEN: &str = "/opt/plimsoll given";
/// The working folder, below the scratch folder that is `/tmp` in a root.
pub(super) const WORK: &str = "work folder";
/// The home folder, below the scratch folder. Empty and writable: programs that find no home at all fail for that alone.
pub(super) const HOME: &str = "home";

/// Entries of a distribution that are not carried over: made anew, or the place of something else.
const REPLACED: [&str; 5] = ["dev", "opt", "proc", "sys", "tmp"];

/// Words for bubblewrap, in order, and what they show of the host.
pub(super) struct Layout {
    words: Vec<OsString>,
    sources: Vec<PathBuf>,
    is_writable: bool,
}

impl Layout {
    pub(super) fn of_sandbox(root: &SandboxRoot, shell: Option<&Path>) -> Self {
        let mut layout = Self::empty();
        for (path, target) in &root.links {
            layout.add("--symlink", &[target.as_os_str(), path.as_os_str()]);
        }
        for (path, file) in &root.files {
            layout.add("--ro-bind", &[file.as_os_str(), path.as_os_str()]);
        }
        if let Some(shell) = shell {
            // Bubblewrap makes no file behind links.
            layout.add("--ro-bind", &[shell.as_os_str(), root.bin().join("sh").as_os_str()]);
        }
        layout
    }

    pub(super) fn of_distribution(root: &DistributionRoot) -> io::Result<Self> {
        let mut layout = Self::empty();
        let mut entries = fs::read_dir(&root.folder)?.collect::<Result<Vec<_>, _>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let inside = Path::new("/").join(entry.file_name());
            if REPLACED.iter().any(|name| entry.file_name() == *name) {
                continue;
            }
            if entry.file_type()?.is_symlink() {
                layout.add("--symlink", &[fs::read_link(entry.path())?.as_os_str(), inside.as_os_str()]);
            } else {
                layout.add("--ro-bind", &[entry.path().as_os_str(), inside.as_os_str()]);
            }
        }
        Ok(layout)
    }

    /// A folder that is all of the root, and can be written.
    pub(super) fn of_writable(folder: &Path) -> Self {
        let mut layout = Self { words: Vec::new(), sources: Vec::new(), is_writable: true };
        layout.add("--bind", &[folder.as_os_str(), OsStr::new("/")]);
        layout.with_kernel_files()
    }

    /// A link of the root.
    pub(super) fn link(&mut self, target: &Path, path: &Path) {
        self.add("--symlink", &[target.as_os_str(), path.as_os_str()]);
    }

    /// A root without any file.
    pub(super) fn empty() -> Self {
        let mut layout = Self { words: Vec::new(), sources: Vec::new(), is_writable: false };
        layout.add("--tmpfs", &[OsStr::new("/")]);
        layout.with_kernel_files()
    }

    fn with_kernel_files(mut self) -> Self {
        self.words.extend(Isolation::kernel_files());
        self.add("--dev", &[OsStr::new("/dev")]);
        self
    }

    /// Further files of the host, read-only: host → root.
    pub(super) fn show(&mut self, files: &[(PathBuf, PathBuf)]) {
        for (host, inside) in files {
            self.add("--ro-bind", &[host.as_os_str(), inside.as_os_str()]);
        }
    }

    /// The artifact, read-only, and the scratch folder as `/tmp`.
    pub(super) fn place(&mut self, installed: &Path, scratch: &Path) {
        self.add("--ro-bind", &[installed.as_os_str(), OsStr::new(INSTALLED)]);
        self.scratch(scratch);
        self.add("--chdir", &[Path::new("/tmp").join(WORK).as_os_str()]);
    }

    /// A folder of the host that is `/tmp`, and can be written.
    pub(super) fn scratch(&mut self, folder: &Path) {
        self.add("--bind", &[folder.as_os_str(), OsStr::new("/tmp")]);
    }

    /// A folder for temporary files that is gone with the root.
    pub(super) fn temporary(&mut self) {
        self.add("--tmpfs", &[OsStr::new("/tmp")]);
    }

    pub(super) fn set_env<'a>(&mut self, variables: impl IntoIterator<Item = (&'a String, &'a String)>) {
        for (name, value) in variables {
            self.add("--setenv", &[OsStr::new(name), OsStr::new(value)]);
        }
    }

    /// Files and folders of the host that are seen.
    pub(super) fn sources(&self) -> Vec<PathBuf> {
        self.sources.clone()
    }

    /// All words; unless it is a writable folder, the root itself is read-only.
    pub(super) fn words(mut self) -> Vec<OsString> {
        if !self.is_writable {
            self.add("--remount-ro", &[OsStr::new("/")]);
        }
        self.words
    }

    fn add(&mut self, option: &str, operands: &[&OsStr]) {
        if option.ends_with("bind") {
            self.sources.extend(operands.first().map(PathBuf::from));
        }
        self.words.push(option.into());
        self.words.extend(operands.iter().map(|word| OsString::from(*word)));
    }
}
