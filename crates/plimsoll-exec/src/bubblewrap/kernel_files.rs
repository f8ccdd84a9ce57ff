//! The kernel's files as a root has them: a `/proc` of its own in which nothing of the machine can be changed, and what tells of others is not seen.
//!
//! To the kernel, root stays root in a user namespace of its own: `/proc/sys` and files like it look at that number and at no capability. So they
//! are made read-only or covered, as container engines do (OCI runtime specification, `readonlyPaths` and `maskedPaths`), and not only those that
//! such a list names: every file that its owner alone may read, or may write at all. `/sys` is not there.

use plimsoll_store::platform;
use std::ffi::OsString;
use std::fs;
use std::path::Path;

/// Folders that are empty in a root.
const EMPTIED: [&str; 3] = ["acpi", "asound", "scsi"];
/// Files that everybody may read, and that tell of others on the machine.
const HIDDEN: [&str; 6] = ["interrupts", "key-users", "keys", "latency_stats", "sched_debug", "timer_stats"];

/// How an entry of `/proc` is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    AsItIs,
    ReadOnly,
    Empty,
    /// As a device that cannot be opened.
    Covered,
}

/// Words that give a root its `/proc`, from what this machine has below `host`, its own.
pub(super) fn words(host: &Path) -> Vec<OsString> {
    let mut words = ["--proc", "/proc"].map(OsString::from).to_vec();
    let mut entries = fs::read_dir(host).into_iter().flatten().flatten().collect::<Vec<_>>();
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let Ok(data) = entry.metadata() else { continue };
        let name = entry.file_name();
        let inside = Path::new("/proc").join(&name).into_os_string();
        // Links lead to what belongs to the process that looks.
        let seen = if data.is_symlink() { Seen::AsItIs } else { seen(&name.to_string_lossy(), data.is_dir(), platform::mode(&data)) };
        match seen {
            Seen::AsItIs => {}
            Seen::ReadOnly => words.extend(["--ro-bind".into(), entry.path().into_os_string(), inside]),
            Seen::Empty => words.extend(["--tmpfs".into(), inside.clone(), "--remount-ro".into(), inside]),
            // bubblewrap binds it without devices, so opening it is refused.
            Seen::Covered => words.extend(["--ro-bind".into(), "/dev/null".into(), inside]),
        }
    }
    words
}

fn seen(name: &str, is_folder: bool, mode: u32) -> Seen {
    let is_process = name.bytes().all(|byte| byte.is_ascii_digit());
    match is_folder {
        true if is_process => Seen::AsItIs,
        true if EMPTIED.contains(&name) => Seen::Empty,
        true => Seen::ReadOnly,
        false if HIDDEN.contains(&name) || mode & 0o222 != 0 || mode & 0o004 == 0 => Seen::Covered,
        false => Seen::AsItIs,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_the_machine_is_read_only_or_covered() {
        for (name, is_folder, mode, wanted) in [
            ("1", true, 0o555, Seen::AsItIs),
            ("sys", true, 0o555, Seen::ReadOnly),
            ("irq", true, 0o555, Seen::ReadOnly),
            ("new-in-linux-9", true, 0o555, Seen::ReadOnly),
            ("scsi", true, 0o555, Seen::Empty),
            ("sysrq-trigger", false, 0o200, Seen::Covered),
            ("kcore", false, 0o400, Seen::Covered),
            ("mtrr", false, 0o644, Seen::Covered),
            ("keys", false, 0o444, Seen::Covered),
            ("cpuinfo", false, 0o444, Seen::AsItIs),
            ("meminfo", false, 0o444, Seen::AsItIs),
        ] {
            assert_eq!(seen(name, is_folder, mode), wanted, "{name}");
        }
    }

    #[test]
    fn only_what_is_there_is_covered() {
        let host = tempfile::tempdir().unwrap();
        fs::create_dir(host.path().join("sys")).unwrap();
        fs::create_dir(host.path().join("77")).unwrap();
        std::os::unix::fs::symlink("77/net", host.path().join("net")).unwrap();
        let words = words(host.path());
        let sys = host.path().join("sys").into_os_string();
        assert_eq!(words, ["--proc".into(), "/proc".into(), "--ro-bind".into(), sys, OsString::from("/proc/sys")]);
    }
}
