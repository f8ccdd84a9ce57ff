//! The new folder, and what has been put into it so far: the one place that writes members.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::error::{LinkProblem, NameProblem, UnpackError, shown};
use super::links::Link;
use super::program;
use crate::platform;

/// What stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Member {
    /// Made for what lies in it; the archive may still name it once.
    ImpliedFolder,
    Folder,
    File,
    Symlink,
}

/// Folders that no member names, beyond two for each member: a file of a few bytes must not make a hundred folders.
const SPARE_FOLDERS: usize = 2000;

/// A folder being filled.
pub(super) struct NewTree {
    root: PathBuf,
    limit: usize,
    /// Headers and implied folders so far.
    count: usize,
    /// Implied folders so far.
    implied: usize,
    members: HashMap<String, Member>,
    /// Links to be made at the end.
    links: Vec<Link>,
    paths: Vec<PathBuf>,
}

/// What lies in a new folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unpacked {
    /// Files and links as paths below the folder, in the archive's order.
    pub files: Vec<PathBuf>,
    /// The only entry at the top, if that is a folder: what users have placed, without it above. Every link stays in it.
    pub root: Option<PathBuf>,
}

impl NewTree {
    /// Makes the folder, which must not exist.
    pub(super) fn create(root: &Path, limit: usize) -> Result<Self, UnpackError> {
        fs::create_dir(root).map_err(|source| UnpackError::Io { path: root.to_owned(), source })?;
        set_mode(root, true)?;
        Ok(Self { root: root.to_owned(), limit, count: 0, implied: 0, members: HashMap::new(), links: Vec::new(), paths: Vec::new() })
    }

    /// Counts a header, or an implied folder.
    pub(super) fn count(&mut self) -> Result<(), UnpackError> {
        self.count += 1;
        if self.count > self.limit { Err(UnpackError::TooMany { limit: self.limit }) } else { Ok(()) }
    }

    /// A folder; the root itself may be named too.
    pub(super) fn folder(&mut self, path: &str) -> Result<(), UnpackError> {
        if path.is_empty() {
            return Ok(());
        }
        if self.members.get(path) == Some(&Member::ImpliedFolder) {
            self.members.insert(path.to_owned(), Member::Folder);
            return Ok(());
        }
        self.claim(path, Member::Folder)?;
        self.make_folder(path)
    }

    /// A file with all that `contents` gives; says how many bytes that was.
    pub(super) fn file(&mut self, path: &str, executable: bool, contents: &mut dyn Read) -> Result<u64, UnpackError> {
        self.claim(path, Member::File)?;
        let place = self.root.join(path);
        let broken = |source| UnpackError::Io { path: place.clone(), source };
        let mut file = OpenOptions::new().write(true).create_new(true).open(&place).map_err(|error| at_new(path, &place, error))?;
        let size = copy(contents, &mut file, broken)?;
        set_mode(&place, executable)?;
        if executable {
            program::close(file, &place);
        }
        self.paths.push(PathBuf::from(path));
        Ok(size)
    }

    /// A symbolic link, made when everything else is there.
    pub(super) fn symlink(&mut self, path: &str, target: &[u8]) -> Result<(), UnpackError> {
        let link = Link { path: path.to_owned(), target: target.to_owned() };
        link.check_text()?;
        self.claim(path, Member::Symlink)?;
        self.links.push(link);
        self.paths.push(PathBuf::from(path));
        Ok(())
    }

    /// A second name of a file that is already there. `target` is a path from the root.
    pub(super) fn hard_link(&mut self, path: &str, target: &[u8]) -> Result<(), UnpackError> {
        let refused = |problem| UnpackError::Link { path: path.to_owned(), target: shown(target), problem };
        let from = super::path::member_path(target).map_err(|error| match error {
            UnpackError::Name { problem: NameProblem::Absolute, .. } => refused(LinkProblem::Absolute),
            UnpackError::Name { problem: NameProblem::Climbs, .. } => refused(LinkProblem::Leaves),
            _ => refused(LinkProblem::NotPlain),
        })?;
        if ancestors(&from).any(|folder| self.members.get(folder) == Some(&Member::Symlink)) {
            return Err(refused(LinkProblem::ThroughLink));
        }
        if self.members.get(&from) != Some(&Member::File) {
            return Err(refused(LinkProblem::NoFile));
        }
        self.claim(path, Member::File)?;
        let place = self.root.join(path);
        fs::hard_link(self.root.join(from), &place).map_err(|error| at_new(path, &place, error))?;
        self.paths.push(PathBuf::from(path));
        Ok(())
    }

    /// Makes the links, now that it is known what is placed and what they could lead through.
    pub(super) fn finish(self) -> Result<Unpacked, UnpackError> {
        let root = self.root_folder().map(str::to_owned);
        for link in &self.links {
            link.check(root.as_deref().unwrap_or_default(), |path| self.members.get(path))?;
        }
        for link in &self.links {
            let place = self.root.join(&link.path);
            platform::symlink(&link.target, &place).map_err(|error| at_new(&link.path, &place, error))?;
        }
        Ok(Unpacked { files: self.paths, root: root.map(PathBuf::from) })
    }

    /// The only entry at the top, if that is a folder.
    fn root_folder(&self) -> Option<&str> {
        let mut tops = self.members.iter().filter(|(path, _)| !path.contains('/'));
        let (Some((path, Member::Folder | Member::ImpliedFolder)), None) = (tops.next(), tops.next()) else { return None };
        Some(path)
    }

    /// Takes a path for a new member, and makes the folders above it.
    fn claim(&mut self, path: &str, member: Member) -> Result<(), UnpackError> {
        let refused = |problem| UnpackError::name(path.as_bytes(), problem);
        if path.is_empty() {
            return Err(refused(NameProblem::Empty));
        }
        // Above a folder there are only folders, so the way up ends at the first one.
        let mut missing = Vec::new();
        for folder in ancestors(path) {
            match self.members.get(folder) {
                Some(Member::Folder | Member::ImpliedFolder) => break,
                Some(Member::File) => return Err(refused(NameProblem::BelowFile)),
                Some(Member::Symlink) => return Err(refused(NameProblem::ThroughLink)),
                None => missing.push(folder),
            }
        }
        if self.members.contains_key(path) {
            return Err(refused(NameProblem::Twice));
        }
        for folder in missing.into_iter().rev() {
            self.count()?;
            self.implied += 1;
            let most = SPARE_FOLDERS + 2 * (self.count - self.implied);
            if self.implied > most {
                return Err(UnpackError::TooMany { limit: most });
            }
            self.make_folder(folder)?;
            self.members.insert(folder.to_owned(), Member::ImpliedFolder);
        }
        self.members.insert(path.to_owned(), member);
        Ok(())
    }

    fn make_folder(&self, path: &str) -> Result<(), UnpackError> {
        let place = self.root.join(path);
        fs::create_dir(&place).map_err(|error| at_new(path, &place, error))?;
        set_mode(&place, true)
    }
}

/// The folders above a path, innermost first, without the root.
fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    path.rmatch_indices('/').map(|(at, _)| &path[..at])
}

/// Something is there although no member of that name was: the file system folds case, and the archive has names that differ by it alone.
fn at_new(path: &str, place: &Path, source: io::Error) -> UnpackError {
    match source.kind() {
        io::ErrorKind::AlreadyExists => UnpackError::name(path.as_bytes(), NameProblem::Twice),
        _ => UnpackError::Io { path: place.to_owned(), source },
    }
}

fn copy(from: &mut dyn Read, to: &mut File, broken: impl Fn(io::Error) -> UnpackError) -> Result<u64, UnpackError> {
    let mut buffer = vec![0; 64 * 1024];
    let mut size = 0;
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return Ok(size),
            Ok(read) => {
                to.write_all(&buffer[..read]).map_err(&broken)?;
                size += read as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(UnpackError::from_read(error)),
        }
    }
}

fn set_mode(place: &Path, executable: bool) -> Result<(), UnpackError> {
    platform::set_mode(place, executable).map_err(|source| UnpackError::Io { path: place.to_owned(), source })
}
