//! Finding tools: in plimsoll's private folder first, then in PATH; and asking them for their versions.
//!
//! Installs nothing.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use plimsoll_model::{Digest, Hashed};
use plimsoll_store::platform::{self, is_program};

use super::launcher::{Launch, LaunchError, Launcher};
use super::pins;
use super::remembered::{self, Remembered};
use super::tool::{Source, Tool, at_least, dotted, version_in};
use super::toolchain_pin::Pin;

/// A tool that does not say its version within this time is not one.
const PATIENCE: Duration = Duration::from_secs(60);

/// The rustup whose launchers can be told to install nothing.
const ASKS_FIRST: &[u32] = &[1, 28];

/// A tool that is there and not too old.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// Which.
    pub tool: Tool,
    /// The file to start.
    pub path: PathBuf,
    /// As it says; dotted numbers.
    pub version: String,
    /// Whether it is the pinned one in the private folder.
    pub private: bool,
}

impl Located {
    /// `bubblewrap 0.8.0`: for evidence.
    pub fn label(&self) -> String {
        let name = if self.tool == Tool::Bubblewrap { "bubblewrap" } else { self.tool.name() };
        format!("{name} {}", self.version)
    }
}

/// Why a tool cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LocateError {
    /// Neither in the private folder nor in PATH.
    #[error("{tool} is not installed ({})", tool.facts().purpose)]
    Missing {
        /// Which.
        tool: Tool,
    },
    /// There, but too old.
    #[error("{tool} {found} at {} is too old; {} or later is needed", path.display(), dotted(tool.facts().minimum))]
    TooOld {
        /// Which.
        tool: Tool,
        /// Its version.
        found: String,
        /// The file.
        path: PathBuf,
    },
    /// There, but it does not say what version it is.
    #[error("{} does not say its version: {said}", path.display())]
    Mute {
        /// Which.
        tool: Tool,
        /// The file.
        path: PathBuf,
        /// What it said instead.
        said: String,
    },
    /// It is one of Rust's, and the toolchain that the project pins does not answer.
    #[error("the toolchain {channel}, which {} names, does not answer: {said}", file.display())]
    Toolchain {
        /// The toolchain.
        channel: String,
        /// The file that pins it.
        file: PathBuf,
        /// What rustup said.
        said: String,
    },
    /// It could not be started.
    #[error(transparent)]
    Launch(#[from] LaunchError),
}

/// Where tools are looked for, and what is remembered of them.
pub struct Toolbox {
    private: PathBuf,
    search: Vec<PathBuf>,
    env: BTreeMap<OsString, OsString>,
    remembered: Remembered,
    launcher: Launcher,
    project: PathBuf,
    pin: Pin,
}

impl Toolbox {
    /// `private` is plimsoll's own tools folder, `memory` the JSON file of what is remembered, `env` the user's environment: its PATH is
    /// searched, and tools are asked with it.
    pub fn new(private: PathBuf, memory: PathBuf, env: BTreeMap<OsString, OsString>, launcher: Launcher) -> Self {
        let search = env.get(&OsString::from("PATH")).map(|path| std::env::split_paths(path).filter(|folder| folder.is_absolute()));
        let search = search.into_iter().flatten().collect();
        let remembered = Remembered::open(memory);
        Self { private, search, env, remembered, launcher, project: PathBuf::from("/"), pin: Pin::Free }
    }

    /// The same, asking Rust's own tools as they are in the folder of a project: rustup's launchers choose a toolchain by that.
    #[must_use]
    pub fn of_project(self, folder: &Path) -> Self {
        let folder = folder.canonicalize().unwrap_or_else(|_| PathBuf::from("/"));
        Self { pin: Pin::of(&folder), project: folder, ..self }
    }

    /// The toolchain that the project pins.
    pub const fn pin(&self) -> &Pin {
        &self.pin
    }

    /// One of Rust's own tools, to be asked something: in the project's folder, unless that names a folder of programs. rustup is told to install
    /// nothing for a question.
    pub fn rust(&self, program: &Path) -> Launch {
        let folder = if matches!(self.pin, Pin::Folder { .. }) { Path::new("/") } else { &self.project };
        let launch = Launch { env: self.env.clone(), ..Launch::new(program, folder) };
        launch.env([("RUSTUP_AUTO_INSTALL", "0")]).deadline(PATIENCE)
    }

    /// The private tools folder.
    pub fn private(&self) -> &Path {
        &self.private
    }

    /// The environment in which tools are asked.
    pub const fn env(&self) -> &BTreeMap<OsString, OsString> {
        &self.env
    }

    /// What starts the tools.
    pub const fn launcher(&self) -> &Launcher {
        &self.launcher
    }

    /// The file, without asking it anything.
    pub fn path(&self, tool: Tool) -> Option<PathBuf> {
        self.private_path(tool).or_else(|| self.program(tool.facts().program))
    }

    /// Any program by name, in PATH.
    pub fn program(&self, name: &str) -> Option<PathBuf> {
        let names = platform::program_names(name);
        self.search.iter().flat_map(|folder| names.iter().map(|name| folder.join(name))).find(|path| is_program(path))
    }

    /// The file and its version.
    ///
    /// # Errors
    /// [`LocateError`].
    pub fn locate(&self, tool: Tool) -> Result<Located, LocateError> {
        let (path, private) = match self.private_path(tool) {
            Some(path) => (path, true),
            None => (self.program(tool.facts().program).ok_or(LocateError::Missing { tool })?, false),
        };
        let version = self.version(tool, &path)?;
        if at_least(&version, tool.facts().minimum) {
            Ok(Located { tool, path, version, private })
        } else {
            Err(LocateError::TooOld { tool, found: version, path })
        }
    }

    /// Digest of a tool's bytes, remembered by stat: part of an action's key.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub fn digest(&self, path: &Path) -> io::Result<Digest> {
        if let Some(digest) = self.remembered.digest(path) {
            return Ok(digest);
        }
        let stat = remembered::stamp(path)?;
        let digest = Hashed::read(&mut File::open(path)?)?.digest();
        self.remembered.keep_digest(path, stat, digest);
        Ok(digest)
    }

    fn private_path(&self, tool: Tool) -> Option<PathBuf> {
        match tool.facts().source {
            Source::Pinned(package) => Some(pins::find(package)?.program_in(&self.private)).filter(|path| is_program(path)),
            _ => None,
        }
    }

    fn version(&self, tool: Tool, path: &Path) -> Result<String, LocateError> {
        let facts = tool.facts();
        if facts.steady
            && let Some(version) = self.remembered.version(path)
        {
            return Ok(version);
        }
        let of_toolchain = matches!(tool, Tool::Cargo | Tool::Rustc);
        if of_toolchain {
            self.toolchain_is_there()?;
        }
        let stat = remembered::stamp(path);
        // What is no part of a toolchain has nothing to learn from a project's folder, and python would find modules there.
        let elsewhere = || Launch { env: self.env.clone(), ..Launch::new(path, "/") }.deadline(PATIENCE);
        let launch = if of_toolchain { self.rust(path) } else { elsewhere() };
        let finished = self.launcher.output(&launch.args(facts.version_args))?;
        let said = if finished.stdout.is_empty() { finished.stderr_text() } else { finished.stdout_text() };
        // A launcher of pyenv or a shell's "not found" may print a number too.
        let version = version_in(&said).filter(|_| finished.succeeded());
        let version = version.ok_or_else(|| {
            let said = said.lines().next().unwrap_or_default().chars().take(200).collect();
            match &self.pin {
                Pin::Named { channel, file } if of_toolchain => {
                    LocateError::Toolchain { channel: channel.clone(), file: file.clone(), said }
                }
                _ => LocateError::Mute { tool, path: path.to_owned(), said },
            }
        })?;
        if let (true, Ok(stat)) = (facts.steady, stat) {
            self.remembered.keep_version(path, stat, &version);
        }
        Ok(version)
    }
}

impl Toolbox {
    /// A rustup before 1.28 takes every question to its launchers for a wish to install what is pinned; then its list is asked first.
    fn toolchain_is_there(&self) -> Result<(), LocateError> {
        let Pin::Named { channel, file } = &self.pin else { return Ok(()) };
        let chosen_by_hand = self.env.contains_key(&OsString::from("RUSTUP_TOOLCHAIN"));
        let Some(rustup) = self.locate(Tool::Rustup).ok().filter(|rustup| !chosen_by_hand && !at_least(&rustup.version, ASKS_FIRST)) else {
            return Ok(());
        };
        let launch = Launch { env: self.env.clone(), ..Launch::new(&rustup.path, "/") }.args(["toolchain", "list"]).deadline(PATIENCE);
        let listed = self.launcher.output(&launch)?.stdout_text();
        let is_it = |line: &str| {
            let name = line.split_whitespace().next().unwrap_or_default();
            name.strip_prefix(channel.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(&format!("-{}", std::env::consts::ARCH)))
        };
        if listed.lines().any(is_it) {
            return Ok(());
        }
        let said = format!("rustup {} does not list it", rustup.version);
        Err(LocateError::Toolchain { channel: channel.clone(), file: file.clone(), said })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Box {
        folder: tempfile::TempDir,
        toolbox: Toolbox,
    }

    fn toolbox() -> Box {
        let folder = tempfile::tempdir().unwrap();
        let env = BTreeMap::from([("PATH".into(), format!("relative:{}:/usr/bin:/bin", folder.path().display()).into())]);
        let toolbox = Toolbox::new(folder.path().join("tools"), folder.path().join("memory.json"), env, Launcher::new().unwrap());
        Box { folder, toolbox }
    }

    fn write(path: &Path, script: &str) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, format!("#!/bin/sh\n{script}\n")).unwrap();
        platform::set_mode(path, 0o755).unwrap();
    }

    #[test]
    fn the_private_one_comes_first_and_the_old_one_is_refused() {
        let Box { folder, toolbox } = toolbox();
        write(&folder.path().join("patchelf"), "echo patchelf 0.14.3");
        assert!(matches!(toolbox.locate(Tool::Patchelf), Err(LocateError::TooOld { found, .. }) if found == "0.14.3"));
        write(&pins::find("patchelf").unwrap().program_in(toolbox.private()), "echo patchelf 0.19.3");
        let located = toolbox.locate(Tool::Patchelf).unwrap();
        assert_eq!((located.private, located.label().as_str()), (true, "patchelf 0.19.3"));
    }

    #[test]
    fn versions_are_asked_once_a_file() {
        let Box { folder, toolbox } = toolbox();
        let program = folder.path().join("mmdebstrap");
        let count = folder.path().join("count");
        write(&program, &format!("echo x >> {}; echo mmdebstrap 1.3.5", count.display()));
        for _ in 0..3 {
            assert_eq!(toolbox.locate(Tool::Mmdebstrap).unwrap().version, "1.3.5");
        }
        assert_eq!(std::fs::read_to_string(&count).unwrap(), "x\n");
        write(&program, "echo mmdebstrap 1.4.00");
        assert_eq!(toolbox.locate(Tool::Mmdebstrap).unwrap().version, "1.4.00");
        assert_eq!(toolbox.digest(&program).unwrap(), Digest::of(b"#!/bin/sh\necho mmdebstrap 1.4.00\n"));
    }

    #[test]
    fn a_launcher_without_its_program_is_not_the_program() {
        let Box { folder, toolbox } = toolbox();
        write(&folder.path().join("rustup"), "echo no version 1.95.0 is installed >&2; exit 1");
        assert!(matches!(toolbox.locate(Tool::Rustup), Err(LocateError::Mute { .. })));
        assert!(matches!(toolbox.locate(Tool::Zig), Err(LocateError::Missing { .. })) || toolbox.program("zig").is_some());
    }
}
