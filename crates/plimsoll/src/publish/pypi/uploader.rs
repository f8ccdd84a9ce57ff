//! The program that uploads: the real `uv publish`, one file a call, with a token that stands in its environment alone.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use plimsoll_exec::environment::NETWORK_VARIABLES;
use plimsoll_exec::launcher::{Ended, Finished, Launch, Launcher};
use plimsoll_exec::locate::Toolbox;
use plimsoll_exec::tool::Tool;
use plimsoll_fetch::Source;
use plimsoll_model::{Class, Failure};

use crate::publish::secret::Secret;
use crate::publish::write::WriteError;

/// Time for one file, its repetitions by uv included.
const PATIENCE: Duration = Duration::from_secs(1800);
/// Time for a question.
const ANSWER: Duration = Duration::from_secs(60);
/// Lines of its words that are told.
const LINES: usize = 12;

/// Variables that uv is started with, beside those of the network.
const PASSED: [&str; 6] = ["PATH", "HOME", "USER", "TMPDIR", "PYENV_ROOT", "PYENV_VERSION"];

/// Variables by which uv finds out that a service vouches for it (trusted publishing): GitHub's, and GitLab's.
pub const TRUST_VARIABLES: &[&str] = &[
    "GITHUB_ACTIONS",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "ACTIONS_ID_TOKEN_REQUEST_URL",
    "GITLAB_CI",
    "PYPI_ID_TOKEN",
    "TESTPYPI_ID_TOKEN",
];

/// Who vouches for an upload.
#[derive(Debug, Clone)]
pub enum Trust {
    /// A token.
    Token(Secret),
    /// The service that runs this, by these variables; uv asks it itself.
    Service(Vec<(OsString, OsString)>),
    /// Nobody: nothing can be uploaded.
    Nobody,
}

/// `uv publish`.
#[derive(Debug)]
pub struct Uploader {
    launcher: Launcher,
    program: PathBuf,
    version: String,
    env: BTreeMap<OsString, OsString>,
    trust: Trust,
}

impl Uploader {
    /// The uv of a toolbox.
    ///
    /// # Errors
    /// Class tool-missing if there is none.
    pub fn find(toolbox: &Toolbox, trust: Trust) -> Result<Self, Failure> {
        let located = toolbox.locate(Tool::Uv).map_err(|error| {
            let hint = "`plimsoll doctor --install` installs it, after asking";
            Failure::from_error(Class::ToolMissing, "tool-missing", &error).hint(hint)
        })?;
        let is_passed = |name: &OsString| name.to_str().is_some_and(|name| PASSED.contains(&name) || NETWORK_VARIABLES.contains(&name));
        let env = toolbox.env().iter().filter(|(name, _)| is_passed(name)).map(|(name, value)| (name.clone(), value.clone())).collect();
        Ok(Self { launcher: toolbox.launcher().clone(), version: located.label(), program: located.path, env, trust })
    }

    /// With further variables.
    #[must_use]
    pub fn env(mut self, variables: impl IntoIterator<Item = (impl Into<OsString>, impl Into<OsString>)>) -> Self {
        self.env.extend(variables.into_iter().map(|(name, value)| (name.into(), value.into())));
        self
    }

    /// For an index of this machine, which no proxy can reach.
    #[must_use]
    pub fn on_this_machine(mut self) -> Self {
        self.env.retain(|name, _| !name.to_str().is_some_and(|name| NETWORK_VARIABLES.contains(&name)));
        self
    }

    /// `uv 0.13.9`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Whether somebody vouches for uploads.
    pub const fn is_trusted(&self) -> bool {
        !matches!(self.trust, Trust::Nobody)
    }

    /// Uploads a file. `upload` is where to, if that is not uv's own default; `index` has what is there already.
    ///
    /// # Errors
    /// Not done if uv could not be started; unknown otherwise, because its answer may have been lost.
    pub(super) fn upload(&self, file: &Path, upload: Option<&str>, index: &Source) -> Result<(), WriteError> {
        let words = ["publish", "--no-config", "--no-cache", "--no-progress", "--color", "never", "--keyring-provider", "disabled"];
        let launch = self.launch().args(words);
        let launch = match &self.trust {
            Trust::Token(token) => launch.args(["--trusted-publishing", "never"]).env([("UV_PUBLISH_TOKEN", token.expose())]),
            Trust::Service(variables) => launch.args(["--trusted-publishing", "automatic"]).env(variables.iter().cloned()),
            Trust::Nobody => launch.args(["--trusted-publishing", "never"]),
        };
        let launch = launch.args(upload.into_iter().flat_map(|upload| ["--publish-url", upload]));
        let launch = launch.args(["--check-url".to_owned(), format!("{index}/")]).args([file]).deadline(PATIENCE);
        let finished = self.launcher.output(&launch).map_err(|error| error.failure(Class::ToolMissing, "launch"))?;
        match finished.ended {
            Ended::Cancelled => Err(WriteError::Unknown(Failure::interrupted())),
            _ if finished.succeeded() => Ok(()),
            _ => Err(WriteError::Unknown(self.refused(&finished))),
        }
    }

    /// The index that uv takes for the usual one: it writes its address down if it is asked to lock nothing.
    ///
    /// # Errors
    /// If it does not say one.
    pub fn usual_index(&self) -> Result<Source, Failure> {
        let words = ["pip", "compile", "--no-config", "--no-cache", "--offline", "--quiet", "--no-header", "--emit-index-url", "-"];
        let finished = self
            .launcher
            .output(&self.launch().args(words).deadline(ANSWER))
            .map_err(|error| error.failure(Class::ToolMissing, "launch"))?;
        let said = finished.stdout_text();
        let index = said.lines().find_map(|line| line.trim().strip_prefix("--index-url ")?.parse().ok());
        index.ok_or_else(|| {
            let failure = Failure::new(Class::ToolMissing, "uv", format!("{} does not say which index is the usual one", self.version));
            failure.cause("said", said + &finished.stderr_text()).hint("name the index: `repository` of `[publish.pypi]`")
        })
    }

    fn launch(&self) -> Launch {
        Launch { env: self.env.clone(), ..Launch::new(&self.program, "/") }
    }

    fn refused(&self, finished: &Finished) -> Failure {
        let said = finished.stderr_text();
        let said = if let Trust::Token(token) = &self.trust { token.hidden_in(&said) } else { said };
        let lines = said.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect::<Vec<_>>();
        let last = lines[lines.len().saturating_sub(LINES)..].join("\n");
        let message = match finished.ended {
            Ended::TimedOut => format!("{} did not end in time", self.version),
            _ => format!("{} could not upload it", self.version),
        };
        Failure::new(Class::Network, "upload-failed", message).cause("said", last)
    }
}
