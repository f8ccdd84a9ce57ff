//! How what steps write into a root is kept from the root: a layer over it, or a copy of it. What can be had is tried, best first.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::step::{no_bubblewrap, owner};
use super::{Session, copy};
use crate::emulator::{Emulator, commands};
use crate::enter::{INSTALLED, Layout};
use crate::{Root, Unavailable, libc};
use plimsoll_exec::namespaces::{self, Namespaces, Overlay};
use plimsoll_store::platform;

/// What steps can write besides their scratch folder.
#[derive(Debug)]
pub(super) enum Writable {
    /// Nothing.
    WorkingFolder,
    /// A layer over the root.
    Overlay {
        /// With what every step sees.
        plain: Overlay,
        /// The same with a shell, for steps that need one, if the root has none of its own.
        with_shell: Result<Overlay, String>,
    },
    /// A copy of the root whose files share their blocks with it.
    Copy {
        folder: PathBuf,
        /// Relative to it: what other folders and files are bound over.
        covered: Vec<PathBuf>,
    },
}

impl Writable {
    /// What this machine can do for a session that has nothing writable yet.
    pub(super) fn over(session: &Session<'_>) -> Result<Self, Unavailable> {
        let is_wine = matches!(session.exec_env.emulator, Some(Emulator::Wine(_)));
        let root = &session.exec_env.root;
        if is_wine || matches!(root, Root::Scrubbed) {
            return Ok(Self::WorkingFolder);
        }
        let cannot = |error: io::Error| Unavailable::Failed(format!("cannot make a session's folders: {error}"));
        let no_layer = match Self::overlay_over(session, root).map_err(cannot)? {
            Ok(overlay) => return Ok(overlay),
            Err(reason) => reason,
        };
        let Root::Distribution(distribution) = root else {
            return Err(Unavailable::Failed(format!("no layer can be laid over a root here: {no_layer}")));
        };
        let isolation = session.isolation.ok_or_else(no_bubblewrap)?;
        let folder = session.folder.path().join("copy");
        let covered = covered(session);
        let copied = copy::by_reflink(&distribution.folder, &folder)
            .and_then(|()| make_places(session, &folder))
            .and_then(|()| if owner(isolation, &session.start).is_some() { isolation.give(&folder) } else { Ok(()) });
        match copied {
            Ok(()) => Ok(Self::Copy { folder, covered }),
            Err(error) => Err(Unavailable::Failed(format!(
                "no layer can be laid over a root here: {no_layer}; and its files cannot be copied without taking their space: {error}"
            ))),
        }
    }

    /// The outer error is of our own folders, the inner one tells why this machine mounts no overlay.
    fn overlay_over(session: &Session<'_>, root: &Root) -> io::Result<Result<Self, String>> {
        let Some(isolation) = session.isolation else { return Ok(Err(no_bubblewrap().to_string())) };
        let folder = session.folder.path();
        let places = folder.join("places");
        fs::create_dir(&places)?;
        make_places(session, &places)?;
        let (base, shell) = match root {
            Root::Distribution(root) => (root.folder.clone(), Ok(None)),
            Root::Sandbox(root) => {
                let (base, shell) = (folder.join("sandbox"), folder.join("shell"));
                root.lay_out(&base)?;
                (base, root.lay_out_shell(&shell)?.map(|()| Some(shell)))
            }
            Root::Scrubbed => return Ok(Err("the root is this machine itself".to_owned())),
        };
        let overlay = Overlay::make(folder, owner(isolation, &session.start))?.covered(covered(session));
        let plain = overlay.clone().over(vec![places.clone(), base.clone()]);
        let with_shell = shell.map(|shell| overlay.over([Some(places), shell, Some(base)].into_iter().flatten().collect()));
        let refused = |reason: String| Ok(Err(reason));
        let attempt = match Namespaces::default().with_overlay(&plain).attempt(session.launcher) {
            Ok(attempt) => attempt,
            Err(error) => return refused(error.to_string()),
        };
        match session.launcher.output(&attempt) {
            Ok(finished) if finished.succeeded() => Ok(Ok(Self::Overlay { plain, with_shell })),
            Ok(finished) => {
                refused(namespaces::refusal(&finished).unwrap_or_else(|| finished.stderr_text().trim().chars().take(400).collect()))
            }
            Err(error) => refused(error.to_string()),
        }
    }

    /// What bubblewrap is told of the root.
    pub(super) fn layout(&self, root: &Root, needs_shell: bool) -> Result<Layout, Unavailable> {
        let failed = Unavailable::Failed;
        match (self, root) {
            (Self::Overlay { plain, with_shell }, _) => {
                if needs_shell && let Err(reason) = with_shell {
                    return Err(failed(reason.clone()));
                }
                Ok(Layout::of_writable(&plain.merged()))
            }
            (Self::Copy { folder, covered }, _) => {
                // A step may have put a link there, by which the next one would be bound over something of this machine.
                let moved = covered.iter().find(|place| !is_itself(folder, place));
                moved.map_or_else(
                    || Ok(Layout::of_writable(folder)),
                    |place| Err(failed(format!("an earlier step moved /{}", place.display()))),
                )
            }
            (Self::WorkingFolder, Root::Sandbox(root)) => {
                let shell = needs_shell.then(|| root.shell.as_ref().map_err(|reason| failed(reason.clone()))).transpose()?;
                Ok(Layout::of_sandbox(root, shell.map(PathBuf::as_path)))
            }
            (Self::WorkingFolder, Root::Distribution(root)) => {
                Layout::of_distribution(root).map_err(|error| failed(format!("cannot read {}: {error}", root.folder.display())))
            }
            (Self::WorkingFolder, Root::Scrubbed) => Err(failed("the root is this machine itself".to_owned())),
        }
    }

    /// What is mounted before bubblewrap.
    pub(super) const fn overlay(&self, needs_shell: bool) -> Option<&Overlay> {
        match self {
            Self::Overlay { with_shell: Ok(with_shell), .. } if needs_shell => Some(with_shell),
            Self::Overlay { plain, .. } => Some(plain),
            Self::WorkingFolder | Self::Copy { .. } => None,
        }
    }

    /// Where this machine sees what steps wrote into the root.
    pub(super) fn written(&self) -> Option<PathBuf> {
        match self {
            Self::Overlay { plain, .. } => Some(plain.upper()),
            Self::Copy { folder, .. } => Some(folder.clone()),
            Self::WorkingFolder => None,
        }
    }
}

/// What bubblewrap binds other folders and files over, relative to the root.
fn covered(session: &Session<'_>) -> Vec<PathBuf> {
    places(session).into_iter().map(|(place, _)| place).collect()
}

/// The same, and whether each is a folder.
fn places(session: &Session<'_>) -> Vec<(PathBuf, bool)> {
    let folders = ["/dev", "/proc", "/tmp", INSTALLED].into_iter().map(|path| (PathBuf::from(path), true));
    let commands = session.start.shell.iter().map(|_| (PathBuf::from(commands::INSIDE), true));
    let binds = session.start.binds.iter().map(|(host, inside)| (inside.clone(), host.is_dir()));
    let relative = |(path, is_folder): (PathBuf, bool)| (path.strip_prefix("/").unwrap_or(&path).to_owned(), is_folder);
    folders.chain(commands).chain(binds).map(relative).collect()
}

/// As systems have them, whatever this user's umask is.
fn make_folder(path: &Path, below: &Path) -> io::Result<()> {
    let missing = path.ancestors().take_while(|folder| *folder != below && !folder.exists()).collect::<Vec<_>>();
    missing.into_iter().rev().try_for_each(|folder| {
        fs::create_dir(folder)?;
        platform::set_mode(folder, 0o755)
    })
}

/// Makes them, so that what lies in the layer is only what steps wrote.
fn make_places(session: &Session<'_>, below: &Path) -> io::Result<()> {
    for (place, is_folder) in places(session) {
        let path = below.join(place);
        if is_folder {
            make_folder(&path, below)?;
        } else {
            make_folder(path.parent().unwrap_or(below), below)?;
            fs::File::create(&path)?;
        }
    }
    Ok(())
}

/// Whether a place is there, and no part of its path is a link.
fn is_itself(folder: &Path, place: &Path) -> bool {
    place.to_str().and_then(|text| libc::inside(folder, text)).is_some_and(|found| found == folder.join(place))
}
