//! Whether bubblewrap is here, and whether this machine lets it do its work.
//!
//! Tried, not guessed: containers and hardened kernels refuse namespaces in many ways.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::fixed_path::FixedPath;
use super::launcher::{Launch, LaunchError, Launcher};
use super::locate::{LocateError, Toolbox};
use super::tool::Tool;

const PATIENCE: Duration = Duration::from_secs(30);

/// Settings of Linux that forbid namespaces, with the value that does.
const SETTINGS: [(&str, &str); 3] =
    [("user/max_user_namespaces", "0"), ("kernel/unprivileged_userns_clone", "0"), ("kernel/apparmor_restrict_unprivileged_userns", "1")];

/// A bubblewrap that works here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Isolation {
    /// The program.
    pub program: PathBuf,
    /// Its version.
    pub version: String,
    /// Whether programs inside can be given another user's number.
    pub own_user: bool,
}

/// Why nothing can be isolated here.
#[derive(Debug, thiserror::Error)]
pub enum NoIsolation {
    /// bubblewrap is missing or too old.
    #[error(transparent)]
    Tool(#[from] LocateError),
    /// bubblewrap is there, but refused by the system.
    #[error("bubblewrap may not make namespaces here: {said}{}", setting.as_ref().map(|setting| format!(" ({setting})")).unwrap_or_default())]
    Forbidden {
        /// Its own words.
        said: String,
        /// The setting that explains it, where one does.
        setting: Option<String>,
    },
    /// It could not be started.
    #[error(transparent)]
    Launch(#[from] LaunchError),
}

impl Isolation {
    /// Finds bubblewrap and tries it: with another user's number, else without.
    ///
    /// # Errors
    /// [`NoIsolation`].
    pub fn examine(toolbox: &Toolbox) -> Result<Self, NoIsolation> {
        let located = toolbox.locate(Tool::Bubblewrap)?;
        let mut isolation = Self { program: located.path, version: located.version, own_user: true };
        let mut said = String::new();
        for own_user in [true, false] {
            isolation.own_user = own_user;
            let mut args = isolation.unsharing();
            args.extend(["--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "--"].map(OsString::from));
            args.extend([isolation.program.clone().into(), "--version".into()]);
            let launch = Launch { env: BTreeMap::new(), ..Launch::new(&isolation.program, "/") }.args(args).deadline(PATIENCE);
            let finished = toolbox.launcher().output(&launch)?;
            if finished.succeeded() {
                return Ok(isolation);
            }
            said = finished.stderr_text().trim().chars().take(400).collect();
        }
        Err(NoIsolation::Forbidden { said, setting: forbidding(Path::new("/proc/sys")) })
    }

    /// The options that every clean root shares: all namespaces new, no environment, no terminal, ended together with plimsoll.
    pub fn unsharing(&self) -> Vec<OsString> {
        let mut words = vec!["--unshare-all", "--die-with-parent", "--new-session", "--clearenv", "--hostname", "plimsoll"];
        if self.own_user {
            // The number that systems give to `nobody`.
            words.extend(["--unshare-user", "--uid", "65534", "--gid", "65534"]);
        }
        words.into_iter().map(OsString::from).collect()
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

fn forbidding(settings: &Path) -> Option<String> {
    let forbids = |(name, value): &&(&str, &str)| std::fs::read_to_string(settings.join(name)).is_ok_and(|text| text.trim() == *value);
    SETTINGS.iter().find(forbids).map(|(name, value)| format!("{} = {value}", name.replace('/', ".")))
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
        assert_eq!(forbidding(folder.path()).as_deref(), Some("user.max_user_namespaces = 0"));
    }
}
