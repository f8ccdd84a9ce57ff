//! The registries that the manifest names, and who vouches for what is uploaded.

use std::path::PathBuf;

use plimsoll_exec::environment;
use plimsoll_exec::locate::Toolbox;
use plimsoll_fetch::Network;
use plimsoll_model::{Class, Failure, Name};

use crate::manifest::PypiPlace;
use crate::project::Loaded;
use crate::publish::pypi::{TRUST_VARIABLES, untrusted};
use crate::publish::{self, Repository, Secret, Trust, Uploader};

/// The variable that holds the token of a Python index, as uv names it.
const TOKEN: &str = "UV_PUBLISH_TOKEN";
/// One of these is there if a service can vouch.
const VOUCHES: [&str; 3] = ["ACTIONS_ID_TOKEN_REQUEST_URL", "PYPI_ID_TOKEN", "TESTPYPI_ID_TOKEN"];

/// Where a release goes.
pub(super) struct Places {
    /// A folder.
    pub(super) folder: Option<PathBuf>,
    /// A Python index, by what uploads to it.
    pub(super) index: Option<Index>,
}

/// A Python index.
pub(super) struct Index {
    pub(super) repository: Repository,
    pub(super) uploader: Uploader,
    pub(super) network: Network,
}

impl Places {
    /// Those of the manifest.
    ///
    /// # Errors
    /// Class usage if there is none, or the folder cannot be one; class tool-missing if nothing here uploads.
    pub(super) fn of(project: &Loaded, name: &Name, toolbox: &Toolbox) -> Result<Self, Failure> {
        let named = &project.project.publish;
        if named.folder.is_none() && named.pypi.is_none() {
            return Err(nowhere());
        }
        let folder = named.folder.as_deref().map(|folder| publish::registry(&project.root, folder, name)).transpose()?;
        let index = named.pypi.as_ref().map(|place| Index::of(place, toolbox)).transpose()?;
        Ok(Self { folder, index })
    }

    /// What keeps this run from writing there, if anything is known.
    pub(super) fn refusal(&self) -> Option<Failure> {
        self.index.as_ref().filter(|index| !index.uploader.is_trusted()).map(|_| untrusted())
    }
}

impl Index {
    fn of(place: &PypiPlace, toolbox: &Toolbox) -> Result<Self, Failure> {
        let uploader = Uploader::find(toolbox, trust())?;
        let repository = match place {
            PypiPlace::Usual => Repository::usual(&uploader)?,
            PypiPlace::Own { upload, index } => {
                let index = index.parse().map_err(|error| Failure::from_error(Class::Usage, "bad-url", &error))?;
                Repository::new(upload, index)
            }
        };
        let network = Network::from_environment(&plimsoll_fetch::Environment::from_process());
        Ok(Self { repository, uploader, network })
    }
}

fn trust() -> Trust {
    match environment::text(TOKEN).and_then(Secret::new) {
        Some(token) => Trust::Token(token),
        None if environment::inherited(&VOUCHES).is_empty() => Trust::Nobody,
        None => Trust::Service(environment::inherited(TRUST_VARIABLES)),
    }
}

fn nowhere() -> Failure {
    Failure::new(Class::Usage, "no-registry", "the manifest names no registry to publish to")
        .hint("add `[publish.folder]` with `path = \"…\"`, or rehearse with `plimsoll rehearse`")
}
