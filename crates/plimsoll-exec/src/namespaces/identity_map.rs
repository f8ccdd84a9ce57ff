//! Folders that are seen as another user's, for programs that are that user: a mount on which the numbers of owners are others
//! (mount_setattr(2), "ID-mapped mounts"; Linux 5.12, and 5.19 for what lies under an overlay). The files stay as they are.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::process::{Command, Stdio};

use super::hold;

/// A user namespace that says how numbers are changed; nothing runs in it.
pub(super) struct UserNamespace {
    file: File,
}

impl UserNamespace {
    /// What belongs to a user and a group becomes `owner`'s, and nobody else has anything.
    pub(super) fn of(files: (u32, u32), owner: u32) -> Result<Self, String> {
        Self::made(files, owner).map_err(|error| format!("map files to another user: {error}"))
    }

    /// A user namespace exists only with a process in it, or a file that leads to it: the process is there for a moment.
    #[expect(clippy::disallowed_methods, reason = "it lives as long as this call, within a process that plimsoll started")]
    fn made((user, group): (u32, u32), owner: u32) -> io::Result<Self> {
        let mut command = Command::new("/proc/self/exe");
        let mut child = command.arg(hold::USER).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut mapped = || {
            let mut ready = [0];
            child.stdout.as_mut().map_or(Ok(()), |stdout| stdout.read_exact(&mut ready))?;
            let of_child = format!("/proc/{}", child.id());
            fs::write(format!("{of_child}/uid_map"), format!("{user} {owner} 1"))?;
            fs::write(format!("{of_child}/gid_map"), format!("{group} {owner} 1"))?;
            File::open(format!("{of_child}/ns/user"))
        };
        let file = mapped();
        drop(child.stdin.take());
        child.wait()?;
        Ok(Self { file: file? })
    }

    /// Has a mount that is nowhere yet show its files as the owner's.
    pub(super) fn give(&self, mount: &OwnedFd) -> Result<(), String> {
        let attributes = libc::mount_attr {
            attr_set: libc::MOUNT_ATTR_IDMAP,
            attr_clr: 0,
            propagation: 0,
            userns_fd: u64::try_from(self.file.as_raw_fd()).map_err(|error| error.to_string())?,
        };
        #[expect(unsafe_code, reason = "rustix does not know this call yet")]
        // SAFETY: both descriptors are open, and the kernel only reads the attributes, whose size it is told.
        let refused = unsafe {
            libc::syscall(
                libc::SYS_mount_setattr,
                mount.as_raw_fd(),
                c"".as_ptr(),
                libc::AT_EMPTY_PATH,
                std::ptr::from_ref(&attributes),
                size_of::<libc::mount_attr>(),
            )
        };
        if refused == 0 {
            return Ok(());
        }
        Err(format!("show files as another user's: {}", io::Error::last_os_error()))
    }
}
