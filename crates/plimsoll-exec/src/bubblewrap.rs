//! Whether bubblewrap is here, and whether this machine lets it do its work.
//!
//! Tried, not guessed: containers and hardened kernels refuse namespaces in many ways.

mod kernel_files;
mod nobody;

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::fixed_path::FixedPath;
use super::launcher::{Launch, LaunchError, Launcher};
use super::locate::{LocateError, Toolbox};
use super::tool::Tool;

const PATIENCE: Duration = Duration::from_secs(30);

/// A setting of Linux that forbids namespaces to users who are not root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// As sysctl(8) names it.
    pub name: &'static str,
    /// The value that forbids.
    pub forbids: &'static str,
    /// The value that allows.
    pub allows: &'static str,
}

const SETTINGS: [Setting; 3] = [
    Setting { name: "user.max_user_namespaces", forbids: "0", allows: "15000" },
    Setting { name: "kernel.unprivileged_userns_clone", forbids: "0", allows: "1" },
    Setting { name: APPARMOR, forbids: "1", allows: "0" },
];
/// Ubuntu's, from 23.10 on: only programs with a profile that says so may make user namespaces.
const APPARMOR: &str = "kernel.apparmor_restrict_unprivileged_userns";

/// A bubblewrap that works here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Isolation {
    /// The program.
    pub program: PathBuf,
    /// Its version.
    pub version: String,
    /// Whether programs inside can be given another user's number.
    pub own_user: bool,
    /// Whether they can be kept from making user namespaces of their own, in which they would have every right.
    pub closed: bool,
    /// What starts bubblewrap as a user who owns nothing, where plimsoll is root and such a user may make namespaces.
    setpriv: Option<PathBuf>,
}

/// What is tried, best first: another user's number, and no further user namespaces.
const WAYS: [(bool, bool); 3] = [(true, true), (true, false), (false, false)];

/// Why nothing can be isolated here.
#[derive(Debug, thiserror::Error)]
pub enum NoIsolation {
    /// Only Linux has namespaces.
    #[error("needs Linux")]
    OtherSystem,
    /// bubblewrap is missing or too old.
    #[error(transparent)]
    Tool(#[from] LocateError),
    /// bubblewrap is there, but refused by the system.
    #[error("bubblewrap may not make namespaces here: {said}{}", setting.map(|setting| format!(" ({} = {})", setting.name, setting.forbids)).unwrap_or_default())]
    Forbidden {
        /// Its own words.
        said: String,
        /// The setting that explains it, where one does.
        setting: Option<Setting>,
        /// The bubblewrap that was tried.
        program: PathBuf,
    },
    /// It could not be started.
    #[error(transparent)]
    Launch(#[from] LaunchError),
}

impl Isolation {
    /// Finds bubblewrap and tries it: with everything that it can keep out, else with less.
    ///
    /// # Errors
    /// [`NoIsolation`].
    pub fn examine(toolbox: &Toolbox) -> Result<Self, NoIsolation> {
        // Whatever is called `bwrap` there, and nobody shall be told to install it.
        if std::env::consts::OS != "linux" {
            return Err(NoIsolation::OtherSystem);
        }
        let located = toolbox.locate(Tool::Bubblewrap)?;
        let mut isolation = Self { program: located.path, version: located.version, own_user: true, closed: true, setpriv: None };
        let mut said = String::new();
        for (own_user, closed) in WAYS {
            (isolation.own_user, isolation.closed) = (own_user, closed);
            let finished = toolbox.launcher().output(&isolation.attempt())?;
            if finished.succeeded() {
                if own_user && is_root() {
                    isolation.setpriv = toolbox.program("setpriv");
                    if !toolbox.launcher().output(&isolation.attempt()).is_ok_and(|finished| finished.succeeded()) {
                        isolation.setpriv = None;
                    }
                }
                return Ok(isolation);
            }
            said = finished.stderr_text().trim().chars().take(400).collect();
        }
        Err(NoIsolation::Forbidden { said, setting: forbidding(Path::new("/proc/sys")), program: isolation.program })
    }

    fn attempt(&self) -> Launch {
        let mut words = self.unsharing();
        words.extend(["--ro-bind", "/", "/", "--dev", "/dev"].map(OsString::from));
        words.extend(Self::kernel_files());
        words.extend(["--".into(), self.program.clone().into_os_string(), "--version".into()]);
        self.enter(words, &[]).deadline(PATIENCE)
    }

    /// The options that every clean root shares: all namespaces new, no rights, no environment, no terminal, ended together with plimsoll.
    pub fn unsharing(&self) -> Vec<OsString> {
        let mut words = self.without_user();
        if self.own_user {
            // The number that systems give to `nobody`.
            words.extend(["--unshare-user", "--uid", "65534", "--gid", "65534"]);
        }
        words.into_iter().map(OsString::from).collect()
    }

    /// The same for a program that asks to be root: it has that number in its namespace, and as few rights.
    pub fn unsharing_as_root(&self) -> Vec<OsString> {
        let mut words = self.without_user();
        words.extend(["--unshare-user", "--uid", "0", "--gid", "0"]);
        words.into_iter().map(OsString::from).collect()
    }

    fn without_user(&self) -> Vec<&'static str> {
        let mut words = vec!["--unshare-all", "--die-with-parent", "--new-session", "--clearenv", "--hostname", "plimsoll"];
        if self.closed {
            words.push("--disable-userns");
        }
        if is_root() {
            // Of root's rights bubblewrap leaves all unless it is told otherwise.
            words.extend(["--cap-drop", "ALL"]);
        }
        words
    }

    /// The options by which a root has a `/proc` that changes nothing.
    pub fn kernel_files() -> Vec<OsString> {
        kernel_files::words(Path::new("/proc"))
    }

    /// bubblewrap with these words, which show the host's `sources`; as a user who owns nothing where that can be.
    pub fn enter(&self, words: Vec<OsString>, sources: &[PathBuf]) -> Launch {
        let launch = Launch::new(&self.program, "/");
        match &self.setpriv {
            Some(setpriv) => launch.args(nobody::words(setpriv, &self.program, sources)).args(words),
            None => launch.args(words),
        }
    }

    /// Who programs that are started by [`Isolation::enter`] are to this machine, if not plimsoll's own user.
    pub const fn other_user(&self) -> Option<u32> {
        if self.setpriv.is_some() { Some(nobody::NOBODY) } else { None }
    }

    /// Lets a root that is entered by [`Isolation::enter`] have a folder of ours: it may be another user who looks at it.
    ///
    /// # Errors
    /// Where the file system refuses.
    pub fn give(&self, folder: &Path) -> io::Result<()> {
        if self.setpriv.is_some() { nobody::give(folder) } else { Ok(()) }
    }

    /// `bubblewrap 0.8.0`, as evidence says it.
    pub fn label(&self) -> String {
        format!("bubblewrap {}", self.version)
    }

    /// Whether a [`FixedPath`] can be entered here; what refuses it is told.
    ///
    /// # Errors
    /// bubblewrap's own words.
    pub fn try_fixed_path(&self, launcher: &Launcher) -> Result<(), String> {
        let fixed = FixedPath { binds: Vec::new(), working_folder: "/".into() };
        let mut words = fixed.prefix(&self.program).map_err(|error| error.to_string())?.into_iter().skip(1).collect::<Vec<_>>();
        words.extend([self.program.clone().into(), "--version".into()]);
        let launch = Launch::new(&self.program, "/").args(words).deadline(PATIENCE);
        match launcher.output(&launch) {
            Ok(finished) if finished.succeeded() => Ok(()),
            Ok(finished) => Err(finished.stderr_text().trim().chars().take(400).collect()),
            Err(error) => Err(error.to_string()),
        }
    }
}

impl NoIsolation {
    /// What would let bubblewrap do its work: each way as what it is, and the commands for whoever administrates the machine. None where it is
    /// bubblewrap that is missing.
    pub fn advice(&self) -> Vec<(String, Vec<String>)> {
        let Self::Forbidden { setting, program, .. } = self else { return Vec::new() };
        let mut ways = Vec::new();
        if let Some(Setting { name: APPARMOR, .. }) = setting {
            let profile = format!(
                "printf 'abi <abi/4.0>,\\ninclude <tunables/global>\\nprofile bwrap {} flags=(unconfined) {{\\n  userns,\\n}}\\n' | sudo tee /etc/apparmor.d/bwrap",
                program.display()
            );
            ways.push((
                "a profile of AppArmor by which bubblewrap may make namespaces".to_owned(),
                vec![profile, "sudo apparmor_parser -r /etc/apparmor.d/bwrap".to_owned()],
            ));
        }
        if let Some(Setting { name, allows, .. }) = setting {
            let keep = format!("echo '{name} = {allows}' | sudo tee /etc/sysctl.d/60-namespaces.conf");
            let why = format!("or {name}, which lets every program make namespaces");
            let why = if ways.is_empty() { why.replacen("or ", "", 1) } else { why };
            ways.push((why, vec![format!("sudo sysctl -w {name}={allows}"), keep]));
        }
        let or = if ways.is_empty() { "" } else { "or " };
        ways.push((
            format!("{or}bubblewrap with the set-user-id bit, which needs no user namespace"),
            vec![format!("sudo chmod u+s {}", program.display())],
        ));
        ways.push((
            "or plimsoll as root, or in a container that was started with the right to make namespaces".to_owned(),
            vec!["sudo -E plimsoll …".to_owned()],
        ));
        ways
    }
}

fn is_root() -> bool {
    plimsoll_store::platform::is_administrator()
}

fn forbidding(settings: &Path) -> Option<Setting> {
    let value = |setting: &Setting| std::fs::read_to_string(settings.join(setting.name.replace('.', "/"))).ok();
    SETTINGS.into_iter().find(|setting| value(setting).is_some_and(|text| text.trim() == setting.forbids))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forbidding_setting_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("user")).unwrap();
        assert_eq!(forbidding(folder.path()), None);
        std::fs::write(folder.path().join("user/max_user_namespaces"), "0\n").unwrap();
        assert_eq!(forbidding(folder.path()).map(|setting| setting.name), Some("user.max_user_namespaces"));
    }

    #[test]
    fn each_setting_has_its_own_advice() {
        let advice = |setting| {
            let forbidden = NoIsolation::Forbidden { said: "no".to_owned(), setting, program: "/usr/bin/bwrap".into() };
            forbidden.advice().into_iter().flat_map(|(why, commands)| [vec![why], commands].concat()).collect::<Vec<_>>().join("\n")
        };
        for setting in SETTINGS {
            let text = advice(Some(setting));
            assert!(text.contains(&format!("sudo sysctl -w {}={}", setting.name, setting.allows)), "{text}");
            assert!(text.contains("sudo chmod u+s /usr/bin/bwrap"), "{text}");
            assert_eq!(text.contains("/etc/apparmor.d/bwrap"), setting.name == APPARMOR);
        }
        assert!(!advice(None).contains("sysctl") && advice(None).contains("chmod u+s"));
    }
}
