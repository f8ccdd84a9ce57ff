//! Which packages a cargo workspace has, as cargo itself says; no dependency is resolved.

use std::path::Path;

use plimsoll_model::{Class, Failure};

use super::path::relative;
use plimsoll_exec::launcher::{Ended, LaunchError, Launcher};
use plimsoll_exec::metadata;

/// A workspace below the project, or around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    /// Its folder relative to the project, with `/` at the end unless it is the project itself.
    pub folder: String,
    /// Its packages: name, and the path of the manifest relative to the project. Those outside of the base are left out.
    pub members: Vec<(String, String)>,
}

impl Workspace {
    /// The path of its own manifest.
    pub fn manifest(&self) -> String {
        format!("{}Cargo.toml", self.folder)
    }

    /// The path of its lock file.
    pub fn lock(&self) -> String {
        format!("{}Cargo.lock", self.folder)
    }

    /// The paths of its own manifest and of those of its packages.
    pub fn manifests(&self) -> Vec<String> {
        let mut paths = vec![self.manifest()];
        paths.extend(self.members.iter().map(|(_, path)| path.clone()).filter(|path| *path != self.manifest()));
        paths
    }

    /// Asks cargo about the workspace of the package or workspace in `folder`, which lies in `root`, which lies in `base`; all are canonical.
    ///
    /// # Errors
    /// cargo's own words; class tool-missing where there is no cargo.
    pub fn ask(root: &Path, base: &Path, folder: &Path, launcher: &Launcher) -> Result<Option<Self>, Failure> {
        let finished = match launcher.output(&metadata::of(Path::new("cargo"), folder)) {
            Ok(finished) if finished.ended == Ended::Cancelled => return Err(Failure::interrupted()),
            Ok(finished) => finished,
            Err(LaunchError::Cancelled) => return Err(Failure::interrupted()),
            Err(error) => return Err(Failure::from_error(Class::ToolMissing, "cargo", &error)),
        };
        if !finished.succeeded() {
            let failure = Failure::new(Class::Usage, "cargo-metadata", "cargo cannot read the package").about(folder.display().to_string());
            return Err(failure.cause("said", finished.stderr_text()));
        }
        let metadata = serde_json::from_slice::<cargo_metadata::Metadata>(&finished.stdout)
            .map_err(|error| Failure::from_error(Class::NotProven, "cargo-metadata", &error))?;
        let relative = |path: &Path| path.canonicalize().ok().filter(|path| path.starts_with(base)).and_then(|path| relative(root, &path));
        let Some(top) = relative(metadata.workspace_root.as_std_path()) else { return Ok(None) };
        let members = metadata.packages.iter().filter(|package| metadata.workspace_members.contains(&package.id));
        let mut members = members
            .filter_map(|package| Some((package.name.to_string(), relative(package.manifest_path.as_std_path())?)))
            .collect::<Vec<_>>();
        members.sort();
        let folder = if top.is_empty() { top } else { format!("{top}/") };
        Ok(Some(Self { folder, members }))
    }
}
