//! The system's package manager: which one it is, and the command lines that install packages with it.
//!
//! Makes command lines only; the caller asks the user and runs them.

use serde::Serialize;

use super::tool::PackageNames;

/// A package manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PackageManager {
    /// Debian, Ubuntu.
    Apt,
    /// Fedora and its kin.
    Dnf,
    /// Alpine.
    Apk,
    /// Arch.
    Pacman,
}

/// Seconds that apt waits for another process that installs packages. Of the lock of its lists it waits for nobody: see
/// [`super::install::run_system_command`].
const LOCK_TIMEOUT: &str = "DPkg::Lock::Timeout=300";

/// `ID` and `ID_LIKE` of os-release(5) → manager.
const SYSTEMS: [(&str, PackageManager); 9] = [
    ("debian", PackageManager::Apt),
    ("ubuntu", PackageManager::Apt),
    ("fedora", PackageManager::Dnf),
    ("rhel", PackageManager::Dnf),
    ("centos", PackageManager::Dnf),
    ("alpine", PackageManager::Apk),
    ("arch", PackageManager::Pacman),
    ("archlinux", PackageManager::Pacman),
    ("manjaro", PackageManager::Pacman),
];

impl PackageManager {
    /// From the text of `/etc/os-release`: its own name first, then those that it says it is like.
    pub fn of_system(os_release: &str) -> Option<Self> {
        let value = |key: &str| {
            let line = os_release.lines().find_map(|line| line.trim().strip_prefix(key)?.strip_prefix('='));
            line.unwrap_or_default().trim_matches(['"', '\'']).to_owned()
        };
        let names = format!("{} {}", value("ID"), value("ID_LIKE"));
        names.split_whitespace().find_map(|name| SYSTEMS.iter().find(|(system, _)| *system == name).map(|(_, manager)| *manager))
    }

    /// Its names for a package.
    pub const fn choose(self, names: &PackageNames) -> &'static [&'static str] {
        match self {
            Self::Apt => names.debian,
            Self::Dnf => names.fedora,
            Self::Apk => names.alpine,
            Self::Pacman => names.arch,
        }
    }

    /// The commands that install `packages`, in order; with `sudo` unless `privileged`.
    pub fn commands(self, packages: &[&str], privileged: bool) -> Vec<Vec<String>> {
        let (before, install): (&[&[&str]], &[&str]) = match self {
            Self::Apt => (
                &[&["apt-get", "-o", LOCK_TIMEOUT, "update"]],
                &["apt-get", "-o", LOCK_TIMEOUT, "install", "-y", "--no-install-recommends"],
            ),
            Self::Dnf => (&[], &["dnf", "install", "-y"]),
            Self::Apk => (&[], &["apk", "add"]),
            Self::Pacman => (&[], &["pacman", "-S", "--noconfirm", "--needed"]),
        };
        let sudo: &[&str] = if privileged { &[] } else { &["sudo"] };
        let line = |words: &[&str], packages: &[&str]| [sudo, words, packages].concat().into_iter().map(str::to_owned).collect();
        let before = before.iter().map(|words| line(words, &[]));
        before.chain([line(install, packages)]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systems_are_told_by_their_own_word_or_their_kin() {
        let of = PackageManager::of_system;
        assert_eq!(of("NAME=x\nID=debian\n"), Some(PackageManager::Apt));
        assert_eq!(of("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n"), Some(PackageManager::Dnf));
        assert_eq!(of("ID=linuxmint\nID_LIKE='ubuntu debian'\n"), Some(PackageManager::Apt));
        assert_eq!((of("ID=nixos\n"), of("")), (None, None));
    }

    #[test]
    fn command_lines_are_what_one_would_type() {
        let lines = |privileged| {
            let commands = PackageManager::Apt.commands(&["bubblewrap", "git"], privileged);
            commands.iter().map(|words| words.join(" ")).collect::<Vec<_>>()
        };
        let install = "apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends bubblewrap git";
        assert_eq!(lines(true), ["apt-get -o DPkg::Lock::Timeout=300 update", install]);
        assert_eq!(lines(false)[1], format!("sudo {install}"));
    }
}
