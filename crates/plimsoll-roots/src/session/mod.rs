//! Sessions: the writable place in which the steps of a trial follow each other.
//!
//! A step sees what the steps before it wrote: in all of the root if that is a folder of files (`sandbox`, a named distribution), else in its working
//! folder, its home and its folder for temporary files only (`scrubbed`, wine). The root itself stays as it is, and two sessions over one root know
//! nothing of each other. What a step started ends with it. Nothing here decides what the steps are, or judges more than one of them.

mod copy;
mod folder;
mod program;
mod refusal;
mod removal;
mod said;
mod step;
mod working_folder;
mod writable;

use std::path::{Path, PathBuf};

use plimsoll_model::{Probe, ProbeResult};

use self::folder::Folder;
use self::writable::Writable;
use super::emulator::{self, Emulator, prefix};
use super::{ExecEnv, Unavailable};
use plimsoll_exec::bubblewrap::Isolation;
use plimsoll_exec::launcher::Launcher;

/// An installed artifact, as a step finds it.
#[derive(Debug, Clone, Copy)]
pub struct Placement<'a> {
    /// The folder into which it was installed as a user would; its path should hold a space, for the sake of `scrubbed`.
    pub installed: &'a Path,
    /// Folders with programs, relative to `installed`; they come first in PATH.
    pub programs: &'a [PathBuf],
    /// A folder with what the trial is given besides: [`GIVEN_FILES`], [`WHEELHOUSE`] and [`PREVIOUS`].
    pub given: Option<&'a Path>,
}

/// Folder of what is given, with files that the trial needs and users do not get.
pub const GIVEN_FILES: &str = "files";
/// Folder of what is given, with packages that others publish.
pub const WHEELHOUSE: &str = "wheelhouse";
/// Folder of what is given, with artifacts of the previous release, each in a folder of its name.
pub const PREVIOUS: &str = "previous";

/// What is kept from one step to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// The working folder, the home and the folder for temporary files; under wine its prefix too, which lies there.
    WorkingFolder,
    /// Whatever was written anywhere in the root.
    Root,
}

/// Who a step is in the root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StepUser {
    /// Somebody who is nobody in particular, and owns all files.
    Nobody,
    /// Who takes itself for root.
    PackageManager,
}

/// A writable place over a root, removed when it is dropped.
#[derive(Debug)]
pub struct Session<'a> {
    exec_env: &'a ExecEnv,
    isolation: Option<&'a Isolation>,
    launcher: &'a Launcher,
    start: emulator::Start,
    folder: Folder,
    writable: Writable,
    /// The step that took the working folder away.
    lost_by: Option<String>,
}

impl<'a> Session<'a> {
    /// Begins one. Its files lie in a new folder below `folder`, which should be on the file system of the store.
    ///
    /// # Errors
    /// [`Unavailable`], if this machine has no way to keep what is written into such a root; never a session that keeps less.
    pub fn begin(
        exec_env: &'a ExecEnv,
        isolation: Option<&'a Isolation>,
        launcher: &'a Launcher,
        folder: &Path,
    ) -> Result<Self, Unavailable> {
        let mut session = Self::read_only(exec_env, isolation, launcher, folder)?;
        session.writable = Writable::over(&session)?;
        Ok(session)
    }

    /// One that only keeps the working folder, whatever the root: nothing can be written anywhere else.
    ///
    /// # Errors
    /// [`Unavailable`], if its folder cannot be made.
    pub fn read_only(
        exec_env: &'a ExecEnv,
        isolation: Option<&'a Isolation>,
        launcher: &'a Launcher,
        folder: &Path,
    ) -> Result<Self, Unavailable> {
        let folder = Folder::new(folder).map_err(|error| Unavailable::Failed(format!("cannot make a scratch folder: {error}")))?;
        let mut start = exec_env.emulator.as_ref().map(Emulator::start).unwrap_or_default();
        if let Some(Emulator::Wine(wine)) = &exec_env.emulator {
            let shown = prefix::fresh(&wine.prefix, &folder.scratch());
            start.binds.push(shown.map_err(|error| Unavailable::Failed(format!("cannot copy a prefix of wine: {error}")))?);
        }
        Ok(Self { exec_env, isolation, launcher, start, folder, writable: Writable::WorkingFolder, lost_by: None })
    }

    /// What is kept from step to step.
    pub const fn kept(&self) -> Kept {
        match self.writable {
            Writable::WorkingFolder => Kept::WorkingFolder,
            Writable::Overlay { .. } | Writable::Copy { .. } => Kept::Root,
        }
    }

    /// Runs a probe as the next step. An error of the machine, a missing bubblewrap, or an emulator that is too old to be believed is
    /// [`NotRun`](plimsoll_model::Outcome::NotRun).
    pub fn step(&mut self, placement: Placement<'_>, probe: &Probe) -> ProbeResult {
        self.run(StepUser::Nobody, placement, probe)
    }

    fn run(&mut self, user: StepUser, placement: Placement<'_>, probe: &Probe) -> ProbeResult {
        if let Some(by) = &self.lost_by {
            return working_folder::taken_away(probe, by);
        }
        let result = step::run(self, user, placement, probe);
        if !working_folder::is_there(&self.scratch()) {
            self.lost_by = Some(probe.name.clone());
        }
        result
    }

    /// The same for a package manager, which asks to be root: it has root's number and no right of root's, and is told that what it does to owners
    /// succeeded. All files belong to root as it sees them, whatever it was told. Not run if the root is not kept.
    pub fn step_as_package_manager(&mut self, placement: Placement<'_>, probe: &Probe) -> ProbeResult {
        match self.kept() {
            Kept::Root => self.run(StepUser::PackageManager, placement, probe),
            Kept::WorkingFolder => step::not_run(probe, "a package manager needs a root that can be written".to_owned()),
        }
    }

    /// The folder of this machine in which steps work; what they wrote is there until the session ends.
    pub fn work_folder(&self) -> PathBuf {
        self.scratch().join(crate::enter::WORK)
    }

    /// `/tmp` of the steps, with their working folder and their home.
    fn scratch(&self) -> PathBuf {
        self.folder.scratch()
    }

    /// The commands of scripts under an emulator, which steps can only read.
    fn commands(&self) -> PathBuf {
        self.folder.path().join("commands")
    }
}

/// Runs a probe by itself, in a session of one step in which nothing but the working folder can be written. `folder` is an existing one, for what
/// it writes.
pub fn run_in(
    exec_env: &ExecEnv,
    isolation: Option<&Isolation>,
    launcher: &Launcher,
    folder: &Path,
    placement: Placement<'_>,
    probe: &Probe,
) -> ProbeResult {
    match Session::read_only(exec_env, isolation, launcher, folder) {
        Ok(mut session) => session.step(placement, probe),
        Err(reason) => step::not_run(probe, reason.to_string()),
    }
}

#[cfg(test)]
mod tests;
