//! A filter of system calls for package managers, which give files owners and themselves users that a namespace of one user does not have: such a call
//! is answered with success, and nothing is done (seccomp(2), bpf(4)).
//!
//! It keeps nobody from anything, and gives nobody any right. bubblewrap puts it on the program alone, after its own work; it reads the filter from
//! a descriptor that this process leaves open for it.

use std::os::fd::IntoRawFd as _;

use rustix::fs::{MemfdFlags, SeekFrom, memfd_create, seek};
use rustix::io::{FdFlags, fcntl_dupfd_cloexec, fcntl_setfd, write};

use super::FILTER;

/// The kernel's number of this processor, `AUDIT_ARCH_*` of linux/audit.h: numbers of calls are others on each.
const PROCESSOR: Option<u32> = if cfg!(target_arch = "x86_64") {
    Some(0xc000_003e)
} else if cfg!(target_arch = "aarch64") {
    Some(0xc000_00b7)
} else {
    None
};

const ANSWERED: &[libc::c_long] = &[
    #[cfg(target_arch = "x86_64")]
    libc::SYS_chown,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_lchown,
    libc::SYS_fchown,
    libc::SYS_fchownat,
    libc::SYS_setuid,
    libc::SYS_setgid,
    libc::SYS_setreuid,
    libc::SYS_setregid,
    libc::SYS_setresuid,
    libc::SYS_setresgid,
    libc::SYS_setfsuid,
    libc::SYS_setfsgid,
    libc::SYS_setgroups,
    libc::SYS_capset,
];

/// Instructions of linux/bpf_common.h: load a word of `struct seccomp_data`, jump if it is equal, return.
const LOAD: u16 = 0x20;
const JUMP_IF_EQUAL: u16 = 0x15;
const RETURN: u16 = 0x06;
/// Where `struct seccomp_data` has the call's number and the processor.
const CALL: u32 = 0;
const PROCESSOR_AT: u32 = 4;
/// `SECCOMP_RET_ALLOW`, and `SECCOMP_RET_ERRNO` with the error 0.
const ALLOW: u32 = 0x7fff_0000;
const SUCCEED: u32 = 0x0005_0000;

/// Leaves the filter open for the program that this process becomes.
pub(super) fn leave_open() -> Result<(), String> {
    let bytes = program().ok_or("no filter for package managers is known for this processor")?;
    let put = || -> rustix::io::Result<()> {
        let file = memfd_create("filter", MemfdFlags::CLOEXEC)?;
        write(&file, &bytes)?;
        seek(&file, SeekFrom::Start(0))?;
        let left = fcntl_dupfd_cloexec(&file, FILTER)?;
        fcntl_setfd(&left, FdFlags::empty())?;
        // The lowest one that is free from there on; nothing else is open in this process.
        if left.into_raw_fd() == FILTER { Ok(()) } else { Err(rustix::io::Errno::MFILE) }
    };
    put().map_err(super::enter::failed("make a filter of system calls"))
}

fn program() -> Option<Vec<u8>> {
    let calls = ANSWERED.iter().map(|call| u32::try_from(*call).ok()).collect::<Option<Vec<_>>>()?;
    let mut bytes = Vec::new();
    // A jump is told how many instructions it leaves out if the word is equal.
    let mut add = |code: u16, over: u8, value: u32| {
        bytes.extend(code.to_ne_bytes());
        bytes.extend([over, 0]);
        bytes.extend(value.to_ne_bytes());
    };
    add(LOAD, 0, PROCESSOR_AT);
    add(JUMP_IF_EQUAL, 1, PROCESSOR?);
    add(RETURN, 0, ALLOW);
    add(LOAD, 0, CALL);
    for (number, call) in calls.iter().enumerate() {
        add(JUMP_IF_EQUAL, u8::try_from(calls.len() - number).ok()?, *call);
    }
    add(RETURN, 0, ALLOW);
    add(RETURN, 0, SUCCEED);
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the filter answers for a call, as the kernel would work it out.
    fn answer(processor: u32, call: u32) -> u32 {
        let bytes = program().unwrap();
        let (mut at, mut word) = (0, 0);
        loop {
            let instruction = &bytes[at * 8..at * 8 + 8];
            let value = u32::from_ne_bytes(instruction[4..].try_into().unwrap());
            at += 1;
            match u16::from_ne_bytes(instruction[..2].try_into().unwrap()) {
                LOAD => word = if value == CALL { call } else { processor },
                JUMP_IF_EQUAL if word == value => at += usize::from(instruction[2]),
                JUMP_IF_EQUAL => {}
                _ => return value,
            }
        }
    }

    #[test]
    fn only_what_changes_owners_and_users_is_answered() {
        let Some(processor) = PROCESSOR else {
            test_needs::not_run(None, "no filter is known for this processor");
            return;
        };
        for call in ANSWERED {
            let call = u32::try_from(*call).unwrap();
            assert_eq!((answer(processor, call), answer(processor + 1, call)), (SUCCEED, ALLOW), "{call}");
        }
        for call in [libc::SYS_openat, libc::SYS_execve, libc::SYS_geteuid, libc::SYS_fchmodat] {
            assert_eq!(answer(processor, u32::try_from(call).unwrap()), ALLOW, "{call}");
        }
    }
}
