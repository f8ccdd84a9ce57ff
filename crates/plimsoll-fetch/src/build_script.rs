//! For `build.rs`: a released artifact to embed or link, or the word to build it from source.

use std::path::PathBuf;

use plimsoll_model::{Digest, Name, Target, visible};
use semver::Version;

use crate::choose::Fit;
use crate::environment::{Environment, Offline};
use crate::fetch::{FetchError, Fetched, Request, Wish, fetch};
use crate::source::{InvalidSource, Network, Patience, Source};
use crate::unpack::Limits;

/// What a build script wants, and the variables by which whoever builds can have it otherwise.
///
/// With the prefix `STAGE0`:
///
/// | variable | effect |
/// |---|---|
/// | `STAGE0_PATH` | this file or folder is used, whatever it is; it must exist |
/// | `STAGE0_FROM_SOURCE=1` | nothing is fetched |
/// | `STAGE0_MIRROR` | another registry: a path or URL; digests are checked all the same |
/// | `CARGO_NET_OFFLINE=true`, `DOCS_RS` | the network is not used; a registry in a folder is |
/// | `PLIMSOLL_FETCH_CACHE` | where downloads are kept |
///
/// What is missing is for the caller to build; what is there and wrong stops the build. With [`BuildScript::release_sha256`] the crate pins the
/// release's digest, and neither the registry nor the way to it need be trusted.
///
/// ```
/// use plimsoll_fetch::{BuildScript, BuildScriptError, Environment, Found};
///
/// # fn build_from_source() {}
/// let script = BuildScript::new("STAGE0", "helper".parse()?, "1.4.0".parse()?, "https://downloads.example/releases")
///     .target("x86_64-unknown-linux-musl".parse()?);
/// let environment = Environment::from_process();
/// # let environment = Environment::from_variables([("OUT_DIR", "out"), ("CARGO_NET_OFFLINE", "true")]);
/// for line in script.cargo_lines() {
///     println!("{line}");
/// }
/// match script.find(&environment) {
///     Ok(Found::Given(path)) => println!("cargo:rustc-env=STAGE0={}", path.display()),
///     Ok(Found::Fetched(fetched)) => println!("cargo:rustc-env=STAGE0={}", fetched.programs[0].display()),
///     Err(BuildScriptError::Missing(why)) => {
///         println!("cargo:warning=building the helper from source: {why}");
///         build_from_source();
///     }
///     Err(error) => return Err(error.into()),
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct BuildScript {
    prefix: String,
    name: Name,
    version: Version,
    registry: String,
    artifact: Option<Name>,
    target: Option<Target>,
    release_sha256: Option<Digest>,
    patience: Patience,
}

/// What there is to use.
#[derive(Debug, Clone)]
pub enum Found {
    /// What whoever builds has named. Nothing was checked about it.
    Given(PathBuf),
    /// A verified artifact, unpacked below `OUT_DIR`.
    Fetched(Box<Fetched>),
}

/// Why there is no artifact to use, so that the source build is due. Displayed in one line, whatever a registry said: cargo takes each line that
/// a build script prints for an instruction.
#[derive(Debug, thiserror::Error)]
pub enum Missing {
    /// It was asked for.
    #[error("{0} is set")]
    Forced(String),
    /// The network must not be used.
    #[error("nothing is fetched: {0}")]
    Offline(Offline),
    /// There is none, or it cannot be reached.
    #[error("{}", visible::line(&.0.to_string()))]
    NotFound(Box<FetchError>),
}

/// Why there is nothing to use. Displayed in one line, as [`Missing`] is.
#[derive(Debug, thiserror::Error)]
pub enum BuildScriptError {
    /// Build from source.
    #[error(transparent)]
    Missing(Missing),
    /// The file that whoever builds has named does not exist: a slip that a source build would hide.
    #[error("{variable} names {}, which does not exist", path.display())]
    NoSuchPath {
        /// The variable.
        variable: String,
        /// Its value.
        path: PathBuf,
    },
    /// A variable that is needed is not set, or means nothing.
    #[error("{variable}: {why}")]
    Variable {
        /// Which.
        variable: String,
        /// What is wrong with it.
        why: String,
    },
    /// The registry is not named as one can be.
    #[error(transparent)]
    Registry(#[from] InvalidSource),
    /// It is there and wrong, or could not be put in place. Not a reason to build something else quietly.
    #[error("{}", visible::line(&.0.to_string()))]
    Fetch(Box<FetchError>),
}

impl BuildScript {
    /// `prefix` begins the names of the variables; `registry` is a path or URL.
    pub fn new(prefix: &str, name: Name, version: Version, registry: &str) -> Self {
        Self {
            prefix: prefix.to_owned(),
            name,
            version,
            registry: registry.to_owned(),
            artifact: None,
            target: None,
            release_sha256: None,
            patience: Patience::default(),
        }
    }

    /// The artifact's name, if not the release's own.
    #[must_use]
    pub fn artifact(mut self, name: Name) -> Self {
        self.artifact = Some(name);
        self
    }

    /// The target, if not the one that cargo builds for.
    #[must_use]
    pub fn target(mut self, target: Target) -> Self {
        self.target = Some(target);
        self
    }

    /// Pins the digest of the release's `release.json`, and through it that of every artifact.
    #[must_use]
    pub fn release_sha256(mut self, digest: Digest) -> Self {
        self.release_sha256 = Some(digest);
        self
    }

    /// How long and how often downloads are tried.
    #[must_use]
    pub fn patience(mut self, patience: Patience) -> Self {
        self.patience = patience;
        self
    }

    /// Lines for cargo, to be printed: run the script again when one of the variables changes.
    pub fn cargo_lines(&self) -> Vec<String> {
        let own = ["PATH", "FROM_SOURCE", "MIRROR"].map(|name| self.variable(name));
        own.into_iter().map(|variable| format!("cargo:rerun-if-env-changed={variable}")).collect()
    }

    /// Looks at the variables, then in the registry.
    ///
    /// # Errors
    /// [`BuildScriptError::Missing`] where the source build is due; anything else should end the build.
    pub fn find(&self, environment: &Environment) -> Result<Found, BuildScriptError> {
        let variable = self.variable("PATH");
        if let Some(path) = environment.variable(&variable).map(PathBuf::from) {
            return if path.exists() { Ok(Found::Given(path)) } else { Err(BuildScriptError::NoSuchPath { variable, path }) };
        }
        let variable = self.variable("FROM_SOURCE");
        if environment.is_on(&variable) {
            return Err(BuildScriptError::Missing(Missing::Forced(variable)));
        }
        let mirror = environment.text(&self.variable("MIRROR"));
        let source = mirror.unwrap_or(&self.registry).parse::<Source>()?;
        let offline = environment.offline();
        if let (Source::Http(_), Some(reason)) = (&source, offline) {
            return Err(BuildScriptError::Missing(Missing::Offline(reason)));
        }
        let out = environment.variable("OUT_DIR").map(PathBuf::from).ok_or_else(|| not_set("OUT_DIR"))?;
        let request = Request {
            source,
            name: self.name.clone(),
            version: Wish::Exact(self.version.clone()),
            release_sha256: self.release_sha256,
            artifact: self.artifact.clone(),
            kind: None,
            fit: Fit::Target(self.wanted_target(environment)?),
            to: out.join("plimsoll").join(self.artifact.as_ref().unwrap_or(&self.name).as_str()),
            cache: environment.cache_folder(),
            limits: Limits::default(),
        };
        match fetch(&request, &Network::new(offline, self.patience), &mut |_, _| {}) {
            Ok(fetched) => Ok(Found::Fetched(Box::new(fetched))),
            Err(error) if error.is_missing() => Err(BuildScriptError::Missing(Missing::NotFound(Box::new(error)))),
            Err(error) => Err(BuildScriptError::Fetch(Box::new(error))),
        }
    }

    fn wanted_target(&self, environment: &Environment) -> Result<Target, BuildScriptError> {
        match &self.target {
            Some(target) => Ok(target.clone()),
            None => {
                let text = environment.text("TARGET").ok_or_else(|| not_set("TARGET"))?;
                text.parse().map_err(|error| BuildScriptError::Variable { variable: "TARGET".to_owned(), why: format!("{error}") })
            }
        }
    }

    fn variable(&self, name: &str) -> String {
        format!("{}_{name}", self.prefix)
    }
}

fn not_set(variable: &str) -> BuildScriptError {
    BuildScriptError::Variable { variable: variable.to_owned(), why: "is not set, as cargo sets it for build scripts".to_owned() }
}
