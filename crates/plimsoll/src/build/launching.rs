//! Programs of a build: where they are started, and what they see of the environment.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use plimsoll_model::Failure;

use super::paths::BuildPaths;
use super::stage::{BuildRequest, BuildStage};
use super::{BuildEnvironment, xwin};
use plimsoll_exec::environment;
use plimsoll_exec::launcher::Launch;

impl BuildStage<'_> {
    /// What the build sees of the caller's environment.
    pub(super) fn environment_of(&self, request: BuildRequest<'_>) -> BuildEnvironment {
        self.environment.of_build(&request.product.target, request.target.builder, &self.toolchain.host)
    }

    /// A program in the build's place.
    pub(super) fn launch(
        &self,
        place: &BuildPaths,
        working_folder: &Path,
        program: &Path,
        arguments: Vec<OsString>,
    ) -> Result<Launch, Failure> {
        let mut prefix = place.prefix(working_folder)?.into_iter();
        let launch = match prefix.next() {
            Some(bubblewrap) => Launch::new(PathBuf::from(bubblewrap), Path::new("/")).args(prefix).args([program.as_os_str().to_owned()]),
            None => Launch::new(program, working_folder),
        };
        Ok(Launch { capture_limit: 64 << 20, cores: Some(self.cores.clone()), ..launch.args(arguments) })
    }

    /// With the environment of the build.
    pub(super) fn with_environment(&self, launch: Launch, request: BuildRequest<'_>, place: &BuildPaths) -> Launch {
        let at = place.at_start();
        let rust = self.toolchain.rust.as_ref();
        let [watch, packages] = [&at.watch, &at.packages].map(|folder| folder.clone().map(PathBuf::into_os_string));
        let own =
            [watch, packages, rust.map(|rust| rust.sysroot.join("bin").into_os_string()), Some(at.tools.join("bin").into_os_string())];
        let path = own.into_iter().flatten().chain([environment::search_path()]).collect::<Vec<_>>().join(OsStr::new(":"));
        let mut launch = launch.env(self.environment_of(request).passed);
        launch = launch.env([
            ("PATH", path),
            ("CARGO_HOME", at.cargo_home.clone().into()),
            ("CARGO_TERM_COLOR", "never".into()),
            ("CARGO_TERM_PROGRESS_WHEN", "never".into()),
            ("SOURCE_DATE_EPOCH", self.sources.epoch.to_string().into()),
            ("LC_ALL", "C.UTF-8".into()),
            ("TZ", "UTC".into()),
            // Above the mirror lies no repository of the project.
            ("GIT_CEILING_DIRECTORIES", place.above_sources().into()),
            ("ZIG_GLOBAL_CACHE_DIR", at.zig_cache.clone().into()),
            ("ZIG_LOCAL_CACHE_DIR", at.zig_cache.clone().into()),
            ("CARGO_ZIGBUILD_CACHE_DIR", at.zig_cache.join("wrappers").into()),
        ]);
        launch = launch.env(rust.map(|rust| ("CARGO", &rust.cargo)));
        if let Some(zig) = &self.builders.zig {
            launch = launch.env([("CARGO_ZIGBUILD_ZIG_PATH", place.inside(&zig.zig))]);
        }
        if let Some(version) = request.target.macos {
            launch = launch.env([("MACOSX_DEPLOYMENT_TARGET", version.to_string())]);
        }
        if let Some(cache) = &at.xwin_cache {
            launch = launch.env(xwin::licence(cache)).env([("XWIN_ARCH", request.product.target.processor())]);
        }
        launch = launch.env(&request.product.env);
        for (name, (file_name, _)) in request.embedded {
            let folder = place.seen.embedded.clone().unwrap_or_default();
            launch = launch.env([(name, folder.join(file_name))]);
        }
        launch.env(super::prebuilt::variables(request.product, place))
    }
}
