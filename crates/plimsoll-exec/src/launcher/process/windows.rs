//! Jobs. What is in a job ends when its last handle is closed, so also when plimsoll itself is killed.
//!
//! A child is put into its job just after it was started: what it starts in that moment is not in it. There is no way by std to have it wait.

#![expect(unsafe_code, reason = "Windows' own calls")]

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::io;
use std::mem::size_of;
use std::os::windows::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::windows::io::{AsHandle as _, AsRawHandle as _, FromRawHandle as _, OwnedHandle};
use std::os::windows::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus};
use std::ptr;

use windows_sys::Win32::System::Console::{CTRL_BREAK_EVENT, GenerateConsoleCtrlEvent};
use windows_sys::Win32::System::JobObjects::{
    AssignProcessToJobObject, CreateJobObjectW, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE, JOBOBJECT_EXTENDED_LIMIT_INFORMATION,
    JobObjectExtendedLimitInformation, SetInformationJobObject, TerminateJobObject,
};
use windows_sys::Win32::System::Threading::{CREATE_NEW_PROCESS_GROUP, INFINITE, TerminateProcess, WaitForSingleObject};

use super::Stop;

/// What a program ends with that is made to end: as shells say it of KILL.
const KILLED: u32 = 137;
/// Without it a program does not find the libraries of the system.
const SYSTEM: &str = "SystemRoot";

/// A process in a job of its own.
#[derive(Debug)]
pub(in crate::launcher) struct Process {
    number: u32,
    process: OwnedHandle,
    /// None of a process that had ended before it could be put into one.
    job: Option<OwnedHandle>,
}

impl Process {
    /// Of a child that was started [`alone`].
    ///
    /// # Errors
    /// Where the system has no job to give.
    pub(in crate::launcher) fn of(child: &Child) -> io::Result<Self> {
        let process = child.as_handle().try_clone_to_owned()?;
        let job = job()?;
        // SAFETY: both handles are open as long as this function runs.
        let assigned = unsafe { AssignProcessToJobObject(job.as_raw_handle(), process.as_raw_handle()) } != 0;
        Ok(Self { number: child.id(), process, job: assigned.then_some(job) })
    }

    /// Tells the whole job. That it has ended already is no error; what has no console hears of nothing, until it is killed.
    pub(in crate::launcher) fn stop(&self, how: Stop) {
        // SAFETY: the handles are open as long as `self` is there.
        unsafe {
            match (how, &self.job) {
                (Stop::Ask, _) => GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, self.number),
                (Stop::Kill, Some(job)) => TerminateJobObject(job.as_raw_handle(), KILLED),
                (Stop::Kill, None) => TerminateProcess(self.process.as_raw_handle(), KILLED),
            }
        };
    }

    /// Waits until the process has ended.
    pub(in crate::launcher) fn await_exit(&self) {
        // SAFETY: the handle is open as long as `self` is there.
        unsafe { WaitForSingleObject(self.process.as_raw_handle(), INFINITE) };
    }
}

fn job() -> io::Result<OwnedHandle> {
    // SAFETY: no attributes and no name are allowed; the handle that comes back is nobody else's.
    let job = unsafe {
        let job = CreateJobObjectW(ptr::null(), ptr::null());
        if job.is_null() {
            return Err(io::Error::last_os_error());
        }
        OwnedHandle::from_raw_handle(job)
    };
    let mut limits = JOBOBJECT_EXTENDED_LIMIT_INFORMATION::default();
    limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
    let size = u32::try_from(size_of::<JOBOBJECT_EXTENDED_LIMIT_INFORMATION>()).unwrap_or_default();
    // SAFETY: what is pointed to has that size, and is read during the call only.
    let set = unsafe { SetInformationJobObject(job.as_raw_handle(), JobObjectExtendedLimitInformation, (&raw const limits).cast(), size) };
    if set == 0 { Err(io::Error::last_os_error()) } else { Ok(job) }
}

/// Has the child hear of no Ctrl-C but ours, and find the system, whatever else it is given.
pub(in crate::launcher) fn alone(command: &mut Command) {
    command.creation_flags(CREATE_NEW_PROCESS_GROUP);
    let is_given = command.get_envs().any(|(name, _)| name.eq_ignore_ascii_case(SYSTEM));
    if let (false, [(_, system)]) = (is_given, crate::environment::inherited(&[SYSTEM]).as_slice()) {
        command.env(OsStr::new(SYSTEM), system);
    }
}

/// There are no signals.
pub(in crate::launcher) const fn signal(_status: ExitStatus) -> Option<i32> {
    None
}

/// How std writes a path whose links it has followed: before the letter of a drive.
const VERBATIM: &[u8; 4] = br"\\?\";

/// A word as other programs read it: compilers and linkers know no `\\?\C:\folder`, but `C:\folder`.
pub(in crate::launcher) fn spelled(word: &OsStr) -> Cow<'_, OsStr> {
    let units = word.encode_wide().collect::<Vec<_>>();
    let is = |unit: u16, byte: u8| unit == u16::from(byte);
    let is_verbatim = |rest: &[u16]| {
        rest.len() > 5
            && rest.iter().zip(VERBATIM).all(|(unit, byte)| is(*unit, *byte))
            && u8::try_from(rest[4]).is_ok_and(|letter| letter.is_ascii_alphabetic())
            && is(rest[5], b':')
    };
    let mut plain = Vec::with_capacity(units.len());
    let mut at = 0;
    while at < units.len() {
        if is_verbatim(&units[at..]) {
            at += VERBATIM.len();
        }
        plain.push(units[at]);
        at += 1;
    }
    if plain.len() == units.len() { Cow::Borrowed(word) } else { Cow::Owned(OsString::from_wide(&plain)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_spelled_as_other_programs_read_them() {
        let of = |word: &str| spelled(OsStr::new(word)).into_owned().into_string().unwrap();
        assert_eq!(of(r"--target-dir=\\?\C:\a;\\?\D:\b"), r"--target-dir=C:\a;D:\b");
        assert_eq!(of(r"\\?\UNC\server\share"), r"\\?\UNC\server\share");
        assert_eq!(of(r"\\?\C"), r"\\?\C");
    }
}
