//! Where a build sees its files: at fixed paths in a mount namespace, so that the bytes do not depend on where the project lies.
//!
//! Remapping path prefixes alone is not enough: `env!("CARGO_MANIFEST_DIR")` is a string of the program, not a debug path. Where there is no
//! bubblewrap, remapping is what is left, and the gate against leaked paths decides.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use plimsoll_model::{Class, Failure};

use crate::tools::fixed_path::{Bind, FixedPath};

/// The folders of a build on the host.
#[derive(Debug)]
pub struct Folders {
    /// The mirror of the sources.
    pub sources: PathBuf,
    /// cargo's target folder.
    pub target: PathBuf,
    /// cargo's home.
    pub cargo_home: PathBuf,
    /// plimsoll's own tools.
    pub tools: PathBuf,
    /// zig's cache.
    pub zig_cache: PathBuf,
    /// cargo-xwin's cache.
    pub xwin_cache: PathBuf,
    /// A `.cargo` folder with the merged configuration of the project's parents.
    pub outer_config: Option<PathBuf>,
    /// Files that the build is given to embed.
    pub embedded: Option<PathBuf>,
}

/// How the build sees them.
#[derive(Debug)]
pub struct Place {
    fixed: FixedPath,
    bubblewrap: Option<PathBuf>,
    /// The same folders as the build sees them.
    pub seen: Folders,
    on_host: Folders,
}

impl Place {
    /// A place at fixed paths, or, without bubblewrap, the folders as they are.
    pub fn new(on_host: Folders, bubblewrap: Option<PathBuf>) -> Self {
        let mut fixed = FixedPath::default();
        if bubblewrap.is_some() {
            let named = [
                (Some(&on_host.sources), "src"),
                (Some(&on_host.target), "target"),
                (Some(&on_host.cargo_home), "cargo"),
                (Some(&on_host.tools), "tools"),
                (Some(&on_host.zig_cache), "zig-cache"),
                (Some(&on_host.xwin_cache), "xwin-cache"),
                (on_host.outer_config.as_ref(), ".cargo"),
                (on_host.embedded.as_ref(), "embedded"),
            ];
            let binds = named.into_iter().filter_map(|(host, name)| Some((host?, name))).filter(|(host, _)| host.exists());
            fixed.binds = binds.map(|(host, name)| Bind { host: host.clone(), inside: Path::new("/plimsoll").join(name) }).collect();
        }
        let inside = |path: &PathBuf| fixed.inside(path);
        let seen = Folders {
            sources: inside(&on_host.sources),
            target: inside(&on_host.target),
            cargo_home: inside(&on_host.cargo_home),
            tools: inside(&on_host.tools),
            zig_cache: inside(&on_host.zig_cache),
            xwin_cache: inside(&on_host.xwin_cache),
            outer_config: on_host.outer_config.as_ref().map(inside),
            embedded: on_host.embedded.as_ref().map(inside),
        };
        Self { fixed, bubblewrap, seen, on_host }
    }

    /// The program and leading arguments that put a command into the place, and the working folder to start it from.
    ///
    /// # Errors
    /// Where the host's top folder cannot be listed.
    pub fn prefix(&self, working_folder: &Path) -> Result<Vec<OsString>, Failure> {
        let Some(bubblewrap) = &self.bubblewrap else { return Ok(Vec::new()) };
        let fixed = FixedPath { working_folder: working_folder.to_owned(), ..self.fixed.clone() };
        fixed.prefix(bubblewrap).map_err(|error| Failure::from_error(Class::NotProven, "namespace", &error))
    }

    /// Where a path that the build printed lies on the host.
    pub fn on_host(&self, seen: &Path) -> PathBuf {
        self.fixed.outside(seen)
    }

    /// What a build printed, with the mirror's paths as those of the project that a person knows.
    pub fn said_on_host(&self, said: &str, base: &Path) -> String {
        let seen = self.seen.sources.display().to_string();
        let known = base.display();
        said.replace(&format!("{seen}/"), &format!("{known}/")).replace(&format!("{seen})"), &format!("{known})"))
    }

    /// Where a host path is seen.
    pub fn inside(&self, host: &Path) -> PathBuf {
        self.fixed.inside(host)
    }

    /// Whether the paths are the same on every machine.
    pub fn is_fixed(&self) -> bool {
        self.bubblewrap.is_some()
    }

    /// Flags that hide the host's paths where they cannot be fixed.
    pub fn remapping(&self) -> Vec<String> {
        if self.is_fixed() {
            return Vec::new();
        }
        let pairs = [(&self.on_host.sources, "src"), (&self.on_host.target, "target"), (&self.on_host.cargo_home, "cargo")];
        pairs.iter().map(|(path, name)| format!("--remap-path-prefix={}=/plimsoll/{name}", path.display())).collect()
    }
}
