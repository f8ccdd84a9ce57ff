//! The machine's packages, as pkg-config tells of them: kept out of builds by another compiler than the machine's own, but for those that a core
//! declares. Crates that bring the source of what they need build it then.

use std::fs;
use std::path::{Path, PathBuf};

use plimsoll_model::plan::Builder;
use plimsoll_model::{Class, Failure};
use plimsoll_store::{WorkFolder, platform};

use super::environment::keeps_host_out;
use super::paths::BuildPaths;
use super::stage::{BuildRequest, BuildStage, launch_failure};
use plimsoll_exec::launcher::{Ended, Launch};

/// What answers in pkg-config's place.
const SCRIPT: &str = include_str!("pkg-config.sh");

/// The names under which it is asked.
const NAMES: [&str; 2] = ["pkg-config", "pkgconf"];

/// The folder beside the mirror.
const FOLDER: &str = "packages";

/// What is told of a package, and what a build depends on.
const QUESTIONS: [&str; 4] = ["--modversion", "--cflags", "--libs", "--static"];

impl BuildStage<'_> {
    /// Whether the build must not find this machine's packages.
    pub(super) fn keeps_host_out(&self, request: BuildRequest<'_>) -> bool {
        keeps_host_out(&request.product.target, request.target.builder, &self.toolchain.host)
    }

    /// The folder with what answers for pkg-config; none for a build that may ask the machine's own.
    pub(super) fn packages_folder(&self, work: &WorkFolder, request: BuildRequest<'_>) -> Option<PathBuf> {
        self.keeps_host_out(request).then(|| work.sources().with_file_name(FOLDER))
    }

    /// Puts it there.
    pub(super) fn keep_packages_out(&self, request: BuildRequest<'_>, place: &BuildPaths) -> Result<(), Failure> {
        let Some(folder) = place.packages() else { return Ok(()) };
        let real = self.pkg_config().map(|path| path.display().to_string()).filter(|path| !path.contains('\''));
        let text = SCRIPT.replace("@REAL@", real.as_deref().unwrap_or_default()).replace("@DECLARED@", &self.declared(request).join(" "));
        for path in NAMES.map(|name| folder.join(name)) {
            let write = || {
                fs::write(&path, &text)?;
                platform::set_mode(&path, 0o755)
            };
            write().map_err(|error| Failure::io(&path, &error))?;
        }
        Ok(())
    }

    /// What is said of each declared package: a build is remembered by it.
    ///
    /// # Errors
    /// Class tool-missing if the machine does not have one.
    pub(super) fn identity_of_packages(&self, request: BuildRequest<'_>) -> Result<Vec<String>, Failure> {
        self.declared(request).iter().map(|name| self.ask_package(request, name)).collect()
    }

    fn ask_package(&self, request: BuildRequest<'_>, name: &str) -> Result<String, Failure> {
        let Some(program) = self.pkg_config() else {
            let missing =
                Failure::new(Class::ToolMissing, "pkg-config-missing", "`system` names packages, and pkg-config is not installed");
            return Err(missing.hint("install the Debian package pkg-config"));
        };
        let seen = self.environment_of(request).passed;
        let launch = Launch { env: seen, ..Launch::new(program, Path::new("/")) }.env(self.toolbox.env().clone()).env(&request.product.env);
        let finished = self.launcher.output(&launch.args(QUESTIONS).args([name])).map_err(|error| launch_failure(&error))?;
        if finished.ended == Ended::Cancelled {
            return Err(Failure::interrupted());
        }
        if finished.succeeded() {
            return Ok(finished.stdout_text());
        }
        let missing =
            Failure::new(Class::ToolMissing, "package-missing", format!("this machine has no package `{name}`, which `system` names"));
        Err(missing
            .cause("said", finished.stderr_text().trim())
            .hint("install what brings its .pc file: in Debian a package that ends in -dev"))
    }

    /// The declared packages that the build may find: those of this machine are of no use to another kind.
    fn declared<'r>(&self, request: BuildRequest<'r>) -> &'r [String] {
        let (target, host) = (&request.product.target, &self.toolchain.host);
        let is_alike = target.arch() == host.arch() && target.os() == host.os() && request.target.builder != Builder::Cross;
        if is_alike { &request.product.system } else { &[] }
    }

    fn pkg_config(&self) -> Option<PathBuf> {
        NAMES.iter().find_map(|name| self.toolbox.program(name))
    }
}
