//! A pseudo-terminal for programs that do not start without a terminal. It controls nobody: a child's group stays its own.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::process::Command;

use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

/// Columns and rows, as the smallest terminals have that programs are made for.
const SIZE: Winsize = Winsize { ws_col: 80, ws_row: 24, ws_xpixel: 0, ws_ypixel: 0 };

/// Both ends of one.
pub(super) struct Terminal {
    ours: OwnedFd,
    theirs: OwnedFd,
}

impl Terminal {
    pub(super) fn open() -> io::Result<Self> {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        grantpt(&ours)?;
        unlockpt(&ours)?;
        let name = ptsname(&ours, Vec::new())?;
        let theirs = rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty())?;
        tcsetwinsize(&theirs, SIZE)?;
        Ok(Self { ours, theirs })
    }

    /// Makes it the three streams of a program that is not started yet.
    pub(super) fn give(&self, command: &mut Command) -> io::Result<()> {
        command.stdin(self.theirs.try_clone()?).stdout(self.theirs.try_clone()?).stderr(self.theirs.try_clone()?);
        Ok(())
    }

    /// Our end; theirs is closed, so that ours ends with the last who has it.
    pub(super) fn into_ours(self) -> File {
        self.ours.into()
    }
}
