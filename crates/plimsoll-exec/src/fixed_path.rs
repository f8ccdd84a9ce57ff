//! A mount namespace in which the whole host is seen as it is, and chosen folders are seen under `/plimsoll` as well.
//!
//! Compilers write the path of the source into what they make. Built at `/plimsoll/src`, the bytes do not depend on where the project lies.
//! This is no clean root: everything on the host stays readable and writable. Makes argument lists only; the launcher starts programs.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Component, Path, PathBuf};

/// The only top-level folder that is added to the host's own.
pub const INSIDE: &str = "/plimsoll";

/// A host folder, and where it is seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bind {
    /// Existing folder or file on the host.
    pub host: PathBuf,
    /// Absolute path under [`INSIDE`].
    pub inside: PathBuf,
    /// Whether nothing can be written to it there.
    pub read_only: bool,
}

/// What is added to the view of the host, and where the program starts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FixedPath {
    /// Folders to add, writable as they are on the host unless they say otherwise; outer ones before what lies within them.
    pub binds: Vec<Bind>,
    /// Working folder, as seen inside.
    pub working_folder: PathBuf,
}

/// Why no argument list could be made.
#[derive(Debug, thiserror::Error)]
pub enum FixedPathError {
    /// A bind that would cover a part of the host, or climbs.
    #[error("{} is not a path under {INSIDE}", path.display())]
    Outside {
        /// The path as it was given.
        path: PathBuf,
    },
    /// The host's top folder cannot be listed.
    #[error("cannot list {}", path.display())]
    List {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl FixedPath {
    /// The words to put in front of a command: `bwrap … --`.
    ///
    /// The root is an empty tmpfs with every top-level entry of the host bound at its own place, so that nothing is written to the host's `/`.
    /// Processes get a PID namespace of their own: when the thread that started bubblewrap ends, be it by `kill -9`, the kernel ends them all.
    ///
    /// # Errors
    /// [`FixedPathError`].
    pub fn prefix(&self, bubblewrap: &Path) -> Result<Vec<OsString>, FixedPathError> {
        let mut words: Vec<OsString> = vec![bubblewrap.into(), "--tmpfs".into(), "/".into()];
        for entry in top_level(Path::new("/"))? {
            entry.append(&mut words);
        }
        for bind in &self.binds {
            under_inside(&bind.inside)?;
            let option = if bind.read_only { "--ro-bind" } else { "--bind" };
            words.extend([option.into(), bind.host.clone().into(), bind.inside.clone().into()]);
        }
        words.extend(["--unshare-pid", "--die-with-parent", "--chdir"].map(OsString::from));
        words.push(self.working_folder.clone().into());
        words.push("--".into());
        Ok(words)
    }

    /// Where a host path is seen inside: below the longest bind that holds it, else at its own place.
    pub fn inside(&self, host: &Path) -> PathBuf {
        let holding = self.binds.iter().filter_map(|bind| Some((bind, host.strip_prefix(&bind.host).ok()?)));
        match holding.max_by_key(|(bind, _)| bind.host.components().count()) {
            Some((bind, rest)) if rest.as_os_str().is_empty() => bind.inside.clone(),
            Some((bind, rest)) => bind.inside.join(rest),
            None => host.to_owned(),
        }
    }

    /// Where a path that a program inside printed lies on the host; the reverse of [`FixedPath::inside`].
    pub fn outside(&self, inside: &Path) -> PathBuf {
        let holding = self.binds.iter().filter_map(|bind| Some((bind, inside.strip_prefix(&bind.inside).ok()?)));
        match holding.max_by_key(|(bind, _)| bind.inside.components().count()) {
            Some((bind, rest)) if rest.as_os_str().is_empty() => bind.host.clone(),
            Some((bind, rest)) => bind.host.join(rest),
            None => inside.to_owned(),
        }
    }
}

/// A top-level entry of the host and how it is carried over.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Entry {
    /// `/bin` → `usr/bin` and the like, made anew.
    Link { path: PathBuf, to: PathBuf },
    /// Mounted anew for the PID namespace.
    Proc,
    /// Bound with its devices.
    Devices,
    /// Bound as it is; may vanish in between.
    Bound(PathBuf),
}

impl Entry {
    fn append(&self, words: &mut Vec<OsString>) {
        let mut add = |option: &str, operands: &[&OsStr]| {
            words.push(option.into());
            words.extend(operands.iter().map(|word| OsString::from(*word)));
        };
        match self {
            Self::Link { path, to } => add("--symlink", &[to.as_os_str(), path.as_os_str()]),
            Self::Proc => add("--proc", &[OsStr::new("/proc")]),
            Self::Devices => add("--dev-bind", &[OsStr::new("/dev"), OsStr::new("/dev")]),
            Self::Bound(path) => add("--bind-try", &[path.as_os_str(), path.as_os_str()]),
        }
    }
}

fn top_level(root: &Path) -> Result<Vec<Entry>, FixedPathError> {
    let failed = |source| FixedPathError::List { path: root.to_owned(), source };
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(root).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let path = entry.path();
        match entry.file_name().to_str() {
            Some("plimsoll") => continue,
            Some("proc") => entries.push(Entry::Proc),
            Some("dev") => entries.push(Entry::Devices),
            _ => match std::fs::read_link(&path) {
                Ok(to) => entries.push(Entry::Link { path, to }),
                Err(_) => entries.push(Entry::Bound(path)),
            },
        }
    }
    entries.sort();
    Ok(entries)
}

fn under_inside(path: &Path) -> Result<(), FixedPathError> {
    let plain = path.components().skip(1).all(|part| matches!(part, Component::Normal(_)));
    if plain && path != Path::new(INSIDE) && path.starts_with(INSIDE) {
        Ok(())
    } else {
        Err(FixedPathError::Outside { path: path.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::super::cores::Cores;
    use super::super::launcher::{Launch, Launcher};
    use super::*;

    fn bind(host: &str, inside: &str) -> Bind {
        Bind { host: host.into(), inside: inside.into(), read_only: false }
    }

    #[test]
    fn paths_translate_both_ways() {
        let fixed = FixedPath {
            binds: vec![bind("/home/a/project", "/plimsoll/src"), bind("/home/a/project/target", "/plimsoll/target")],
            working_folder: "/plimsoll/src".into(),
        };
        for (host, inside) in [
            ("/home/a/project/src/main.rs", "/plimsoll/src/src/main.rs"),
            ("/home/a/project", "/plimsoll/src"),
            ("/home/a/project/target/debug/x", "/plimsoll/target/debug/x"),
            ("/home/a/project2", "/home/a/project2"),
        ] {
            assert_eq!(fixed.inside(Path::new(host)), Path::new(inside));
            assert_eq!(fixed.outside(Path::new(inside)), Path::new(host));
        }
    }

    #[test]
    fn nothing_of_the_host_can_be_covered() {
        for inside in ["/", "/usr", "/plimsoll", "/plimsoll/../usr", "plimsoll/x", "/plimsollx/y"] {
            let fixed = FixedPath { binds: vec![bind("/tmp", inside)], working_folder: "/".into() };
            assert!(matches!(fixed.prefix(Path::new("bwrap")), Err(FixedPathError::Outside { .. })), "{inside}");
        }
    }

    #[test]
    fn the_prefix_ends_where_the_command_begins() {
        let fixed = FixedPath { binds: vec![bind("/tmp", "/plimsoll/src")], working_folder: "/plimsoll/src".into() };
        let words = fixed.prefix(Path::new("bwrap")).unwrap();
        assert_eq!((words[0].to_str(), words.last().unwrap().to_str()), (Some("bwrap"), Some("--")));
        assert!(!words.iter().any(|word| word == "/plimsoll"));
    }

    /// bubblewrap, where it works on this machine.
    fn bubblewrap() -> Option<PathBuf> {
        let program = PathBuf::from("/usr/bin/bwrap");
        let launch = Launch::new(&program, "/").args(["--dev-bind", "/", "/", "--unshare-pid", "--proc", "/proc", "--", "/bin/true"]);
        let works = Launcher::new().unwrap().output(&launch).is_ok_and(|finished| finished.succeeded());
        if !works {
            test_needs::not_run(Some(test_needs::Need::Bubblewrap), "it does not work here");
        }
        works.then_some(program)
    }

    fn inside(bubblewrap: &Path, host: &Path, command: &[&str]) -> Launch {
        let fixed = FixedPath { binds: vec![bind(host.to_str().unwrap(), "/plimsoll/src")], working_folder: "/plimsoll/src".into() };
        let words = fixed.prefix(bubblewrap).unwrap();
        Launch::new(&words[0], "/").args(&words[1..]).args(command).env([("PATH", "/usr/bin:/bin")])
    }

    #[test]
    fn the_folder_is_seen_and_written_there_and_the_host_stays() {
        let Some(bubblewrap) = bubblewrap() else { return };
        let folder = tempfile::tempdir().unwrap();
        let script = "pwd; echo new > file; ls -d /usr/bin /plimsoll/*; [ $$ -lt 100 ]";
        let finished = Launcher::new().unwrap().output(&inside(&bubblewrap, folder.path(), &["sh", "-c", script])).unwrap();
        assert!(finished.succeeded(), "{}", finished.stderr_text());
        assert_eq!(finished.stdout_text(), "/plimsoll/src\n/plimsoll/src\n/usr/bin\n");
        assert_eq!(std::fs::read_to_string(folder.path().join("file")).unwrap(), "new\n");
    }

    #[test]
    fn the_budget_of_cores_passes_through() {
        let Some(bubblewrap) = bubblewrap() else { return };
        if !test_needs::met(&[test_needs::Need::Make]) {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("Makefile"), "all: a b c d\na b c d:\n\t@echo start; sleep 0.2; echo end\n").unwrap();
        let cores = Cores::new(2.try_into().unwrap()).unwrap();
        let core = cores.acquire(&|| false).unwrap();
        let launch = Launch { cores: Some(cores.clone()), ..inside(&bubblewrap, folder.path(), &["make"]) };
        let (mut running, mut most) = (0, 0);
        let mut count = |_, line: &str| {
            running += if line == "start" { 1 } else { -1 };
            most = most.max(running);
        };
        let finished = Launcher::new().unwrap().run(&launch, &mut count).unwrap();
        assert!(finished.succeeded() && finished.stderr.is_empty(), "{}", finished.stderr_text());
        assert_eq!(most, 2);
        drop(core);
        assert_eq!(cores.try_acquire_up_to(9).len(), 2);
    }

    /// Stands for a `kill -9` of plimsoll: the process that started bubblewrap is a shell here, and it is that one which is killed.
    #[test]
    fn when_the_starter_is_killed_everything_inside_ends() {
        let Some(bubblewrap) = bubblewrap() else { return };
        let folder = tempfile::tempdir().unwrap();
        // The duration is this run's own, so that the process can be told from others.
        let sleep = format!("sleep {}", 500_000 + std::process::id());
        let up = folder.path().join("up");
        let script = format!("setsid {sleep} & : > up; {sleep}");
        let launch = inside(&bubblewrap, folder.path(), &["sh", "-c", &script]);
        // In a session of its own, so that the launcher's signal to the group cannot be what ends it.
        let starter = "setsid \"$@\" & until [ -e \"$0\" ]; do sleep 0.05; done; kill -9 $$";
        let words = std::iter::once(launch.program.clone().into_os_string()).chain(launch.args);
        let launch = Launch::new("/bin/sh", "/").args(["-c", starter]).args([up]).args(words).env([("PATH", "/usr/bin:/bin")]);
        let finished = Launcher::new().unwrap().output(&launch).unwrap();
        assert_eq!(finished.signal, Some(9));
        let is_left = || {
            let processes = std::fs::read_dir("/proc").unwrap().flatten();
            let wanted = sleep.replace(' ', "\0") + "\0";
            processes.filter_map(|process| std::fs::read(process.path().join("cmdline")).ok()).any(|line| line == wanted.as_bytes())
        };
        let gone = (0..500).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(10));
            !is_left()
        });
        assert!(gone, "a child is left");
    }
}
