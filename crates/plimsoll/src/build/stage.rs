//! One build: the key, the mirror, the invocation, and the programs that came of it.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::Instant;

use plimsoll_model::plan::{Builder, Compile};
use plimsoll_model::{Class, Digest, Failure, GivenFrom, Name, ProductPlan, TargetPlan};
use plimsoll_store::{ActionRecord, KeyBuilder, Output, Store, WorkFolder};

use super::cargo::outside_of_the_key;
use super::cargo_config::OuterConfig;
use super::crate_roots::{is_build_script, is_crate_root};
use super::cross::Image;
use super::paths::{BuildPaths, Folders};
use super::repository::{ASKED, WATCH};
use super::shared_folder::library_of;
use super::xwin::{self, Sdk};
use super::{BuildEnvironment, Builders, Toolchain, generated, invocation};
use crate::doctor::free;
use crate::given::GivenStore;
use crate::graph::Stop;
use crate::left::Left;
use crate::sources::{RepositoryView, Sources};
use plimsoll_exec::cores::Cores;
use plimsoll_exec::environment;
use plimsoll_exec::launcher::{Launch, LaunchError, Launcher};
use plimsoll_exec::locate::Toolbox;

/// Number of the way builds are done; a change of flags or places that changes bytes raises it.
const FORMAT: u32 = 6;

/// With less room than this, in bytes, a failed build may well have failed for lack of it.
const FULL: u64 = 32 << 20;

/// Compiles products of the cores in one folder.
#[derive(Clone, Copy)]
pub struct BuildStage<'a> {
    /// Where outputs go.
    pub store: &'a Store,
    /// Starts programs.
    pub launcher: &'a Launcher,
    /// The budget that cargo draws from.
    pub cores: &'a Cores,
    /// What is compiled.
    pub sources: &'a Sources,
    /// The folder in which cargo is called, relative to the sources' base.
    pub folder: &'a Path,
    /// The cargo workspace's folder relative to the sources' base.
    pub workspace: &'a Path,
    /// What compiles.
    pub toolchain: &'a Toolchain,
    /// What the build may see of the caller's environment.
    pub environment: &'a BuildEnvironment,
    /// cargo's configuration from outside of the project.
    pub outer: &'a OuterConfig,
    /// cargo's home.
    pub cargo_home: &'a Path,
    /// plimsoll's own tools, and the caller's.
    pub toolbox: &'a Toolbox,
    /// What builds for other machines.
    pub builders: &'a Builders,
    /// For fixed paths.
    pub bubblewrap: Option<&'a Path>,
    /// The repository that a build is told of; none unless it asks.
    pub repository: Option<&'a RepositoryView>,
    /// Where files of somebody else come from.
    pub given: GivenStore<'a>,
    /// The clock, in seconds since 1970.
    pub now: u64,
}

/// What a build is asked for.
#[derive(Debug, Clone, Copy)]
pub struct BuildRequest<'a> {
    /// How it is compiled.
    pub product: &'a ProductPlan,
    /// For which target.
    pub target: &'a TargetPlan,
    /// Programs that artifacts need of it.
    pub binaries: &'a BTreeSet<String>,
    /// Variable → file name and digest of the proven artifact that is embedded.
    pub embedded: &'a BTreeMap<String, (String, Digest)>,
    /// Where the files of somebody else that it is given come from, by digest.
    pub given: &'a BTreeMap<Digest, GivenFrom>,
}

/// A compiled product.
#[derive(Debug, Clone)]
pub struct Product {
    /// Program's name → blob.
    pub programs: BTreeMap<String, Output>,
    /// Generator → files that it asked for.
    pub left: BTreeMap<Name, BTreeMap<String, Output>>,
    /// Whether it was remembered.
    pub remembered: bool,
    /// Why it will not be remembered, where it will not.
    pub uncacheable: Option<String>,
    /// How long the build took when it was done, in milliseconds.
    pub milliseconds: u64,
    /// Crates compiled now.
    pub compiled: usize,
}

/// What a builder works with beside its program, brought before anything is keyed.
#[derive(Debug)]
pub(super) enum Supply {
    /// Nothing.
    None,
    /// cargo-xwin's.
    Sdk(Sdk),
    /// That of `cross`.
    Image(Image),
}

impl Supply {
    /// What the bytes depend on.
    fn identity(&self) -> String {
        match self {
            Self::None => String::new(),
            Self::Sdk(sdk) => sdk.digest.to_string(),
            Self::Image(image) => image.pinned.clone().unwrap_or_default(),
        }
    }

    /// Why what was built is not remembered.
    const fn doubt(&self) -> Option<&'static str> {
        match self {
            Self::Image(image) => image.doubt,
            Self::None | Self::Sdk(_) => None,
        }
    }
}

impl BuildStage<'_> {
    /// The product, from memory or from the compiler. `say` hears the names of crates as they are compiled.
    ///
    /// # Errors
    /// The compiler's own words where it fails; not run, where the project's own command says that it cannot build for the target here, and
    /// where an SDK or an image cannot be had.
    pub fn run(&self, request: BuildRequest<'_>, say: &mut dyn FnMut(&str)) -> Result<Product, Stop> {
        let supply = match request.target.builder {
            Builder::Xwin => Supply::Sdk(self.sdk(request, say)?),
            Builder::Cross => Supply::Image(self.image(request, say)?),
            Builder::Zig | Builder::Native | Builder::Command => Supply::None,
        };
        let key = self.key(request, &supply);
        if let Some(record) = self.store.recall(key.key()) {
            return Ok(remembered(record));
        }
        let name = self.work_folder_name(request, &supply);
        let work = self.store.work_folder(&name).map_err(Failure::from)?;
        // Another process may have done it while this one waited for the folder.
        if let Some(record) = self.store.recall(key.key()) {
            return Ok(remembered(record));
        }
        let started = Instant::now();
        // What is left there may have been compiled in another image, which cargo does not see.
        if self.store.is_auditing() || supply.doubt().is_some() {
            work.start_over().map_err(Failure::from)?;
        }
        self.mirror(&work, request)?;
        let place = self.place(&work, request, &supply)?;
        self.make_repository(&place)?;
        self.watch(&place)?;
        let made = match &request.product.compile {
            Compile::Cargo { .. } => self.cargo(request, &place, &supply, say)?,
            Compile::Command { command, output } => self.own_command(request, &place, (command, output), say)?,
            Compile::Files { command } => self.own_files(request, &place, command, say)?,
            Compile::File { command, output, .. } => self.own_file(request, &place, (command, output), say)?,
        };
        let mut programs = BTreeMap::new();
        for (name, path) in &made.programs {
            let hashed = self.store.put_file(path).map_err(Failure::from)?;
            programs.insert(name.clone(), Output { digest: hashed.digest(), size: hashed.size() });
        }
        let left = generated::kept(self.store, &made.left)?;
        let uncacheable =
            supply.doubt().map(str::to_owned).or_else(|| outside_of_the_key(&made, &place)).or_else(|| Self::has_asked(&place));
        let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        if uncacheable.is_none() {
            let record = generated::record(&programs, &left, (self.now, milliseconds));
            self.store.remember(&key, &record).map_err(Failure::from)?;
        }
        Ok(Product { programs, left, remembered: false, uncacheable, milliseconds, compiled: made.compiled })
    }

    /// Brings the mirror up to date. Build scripts get a fresh time where what they may read besides files has changed.
    fn mirror(&self, work: &WorkFolder, request: BuildRequest<'_>) -> Result<(), Failure> {
        match self.pointer(work, request.target.builder)? {
            None => work.mirror(&self.sources.files),
            Some(pointer) => {
                let mut files = self.sources.files.clone();
                files.extend([pointer]);
                work.mirror(&files)
            }
        }
        .map_err(Failure::from)?;
        let asked = work.sources().with_file_name(WATCH).join(ASKED);
        let named = |wanted: fn(&Path) -> bool| self.sources.files.keys().map(String::as_str).filter(move |name| wanted(Path::new(name)));
        if asked.exists() {
            // Whether it still asks is seen only if it runs.
            std::fs::remove_file(&asked).map_err(|error| Failure::io(&asked, &error))?;
            let stamp = format!("{} {}", std::process::id(), self.now);
            work.refresh("stamp-asked", &stamp, &mut named(is_crate_root)).map_err(Failure::from)?;
        }
        let Some(view) = self.repository else {
            return work.refresh("stamp", &self.sources.epoch.to_string(), &mut named(is_build_script)).map_err(Failure::from);
        };
        // A macro may have asked as well, and its answer lies in whatever crate it was called in.
        let stamp = format!("{} {}", self.sources.epoch, view.identity());
        work.refresh("stamp", &stamp, &mut named(is_crate_root)).map_err(Failure::from)?;
        // In a repository cargo watches what the index has, and that is not every input.
        work.refresh("stamp-sources", &self.sources.source.digest.to_string(), &mut named(is_build_script)).map_err(Failure::from)
    }

    /// Everything that the bytes depend on.
    fn key(&self, request: BuildRequest<'_>, supply: &Supply) -> KeyBuilder {
        let tool = self.builders.identity(request.target.builder);
        let key = KeyBuilder::new("build", FORMAT)
            .part("words", &invocation::words(request.product, request.target, request.binaries))
            .part("product", request.product)
            .part("builder", &request.target.builder)
            .part("floor", &request.target.glibc)
            .part("macos", &request.target.macos)
            .part("binaries", request.binaries)
            .part("embedded", request.embedded)
            .part("sources", &self.sources.source.digest)
            .part("project", &self.sources.project)
            .part("epoch", &self.sources.epoch)
            .part("toolchain", &self.toolchain.version())
            .part("tool", &tool)
            .part("supply", &supply.identity())
            .part("environment", &self.environment.keyed)
            .part("outer-config", &[&self.outer.parents, &self.outer.home])
            .part("fixed-paths", &self.bubblewrap.is_some());
        match self.repository {
            None => key,
            Some(view) => key.part("repository", &view.identity()),
        }
    }

    /// One work folder a workspace, toolchain, environment and target. cargo does not see that a build script read a variable that it did
    /// not declare, so other values must not find its old output; and cargo locks a whole target folder, so targets that shared one
    /// would build one after another, each with a core idle while a build script configures something.
    fn work_folder_name(&self, request: BuildRequest<'_>, supply: &Supply) -> String {
        let product = request.product;
        let bytes = |path: &Path| path.as_os_str().as_encoded_bytes().to_vec();
        let sysroot = self.toolchain.rust.as_ref().map_or(Path::new(""), |rust| &rust.sysroot);
        let place = (bytes(&self.sources.base), bytes(self.workspace), bytes(sysroot));
        let identity =
            (place, self.toolchain.version(), &self.environment.keyed, &product.env, &product.target, library_of(&product.compile));
        let builder = request.target.builder;
        // Nor does it see that a container or an SDK is another one: it would link objects that were compiled with the last.
        let beside =
            matches!(builder, Builder::Cross | Builder::Xwin).then(|| (builder, self.builders.identity(builder), supply.identity()));
        // Another folder of one workspace may have a configuration of its own.
        let path = Some(product.compile.path()).filter(|path| !path.is_empty());
        let digest = match (beside, path) {
            (None, None) => Digest::of(&plimsoll_model::canonical_json(&identity)),
            (Some(beside), None) => Digest::of(&plimsoll_model::canonical_json(&(identity, beside))),
            (beside, Some(path)) => Digest::of(&plimsoll_model::canonical_json(&(identity, beside, path))),
        };
        let name = digest.short();
        // An audit compiles everything again, without taking the everyday folder's speed away.
        if self.store.is_auditing() { format!("{name}-audit") } else { name }
    }

    fn place(&self, work: &WorkFolder, request: BuildRequest<'_>, supply: &Supply) -> Result<BuildPaths, Failure> {
        let beside = |name: &str| work.sources().with_file_name(name);
        let make = |path: PathBuf| std::fs::create_dir_all(&path).map(|()| path.clone()).map_err(|error| Failure::io(&path, &error));
        let write = |path: PathBuf, text: &str| std::fs::write(&path, text).map_err(|error| Failure::io(&path, &error));
        // The name that cargo looks for above the sources, where there are no fixed paths.
        let outer = beside(".cargo");
        let mut outer_config = None;
        if !self.outer.parents.is_empty() {
            write(make(outer.clone())?.join("config.toml"), &self.outer.parents)?;
            outer_config = Some(outer);
        } else if outer.exists() {
            std::fs::remove_dir_all(&outer).map_err(|error| Failure::io(&outer, &error))?;
        }
        let mut embedded = None;
        if !(request.embedded.is_empty() && request.product.prebuilt.is_empty()) {
            let folder = make(beside("embedded"))?;
            for (file_name, digest) in request.embedded.values() {
                self.store.materialise(*digest, &folder.join(file_name), 0o755).map_err(Failure::from)?;
            }
            super::prebuilt::lay_out(&self.given, request, &folder)?;
            embedded = Some(folder);
        }
        let folders = Folders {
            sources: work.sources(),
            target: work.target(),
            cargo_home: self.cargo_home.to_owned(),
            tools: self.toolbox.private().to_owned(),
            zig_cache: make(self.store.root().join("zig-cache"))?,
            xwin_cache: if let Supply::Sdk(sdk) = supply { Some(sdk.folder.clone()) } else { None },
            outer_config,
            embedded,
            repository: self.repository_place(work, request.target.builder),
            watch: self.watch_folder(work, request.target.builder).map(make).transpose()?,
        };
        // A container engine sees the host's paths only.
        if request.target.builder == Builder::Cross {
            return Ok(BuildPaths::in_container(folders, self.workspace));
        }
        Ok(BuildPaths::new(folders, self.bubblewrap.map(Path::to_owned)))
    }

    /// A linker on a full disk dies of a bus error, and says nothing of the disk.
    pub(super) fn or_full(&self, failure: Failure) -> Failure {
        match free(self.store.root()).filter(|free| *free < FULL) {
            None => failure,
            Some(left) => failure.hint(format!(
                "the store's disk is full, or nearly: {} are free; `plimsoll cache trim` frees room, and PLIMSOLL_STORE moves the store",
                crate::report::bytes(left)
            )),
        }
    }

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

    pub(super) fn with_environment(&self, launch: Launch, request: BuildRequest<'_>, place: &BuildPaths) -> Launch {
        let at = place.at_start();
        let rust = self.toolchain.rust.as_ref();
        let watch = at.watch.clone().map(PathBuf::into_os_string);
        let own = [watch, rust.map(|rust| rust.sysroot.join("bin").into_os_string()), Some(at.tools.join("bin").into_os_string())];
        let path = own.into_iter().flatten().chain([environment::search_path()]).collect::<Vec<_>>().join(OsStr::new(":"));
        let mut launch = launch.env(self.environment.passed.clone());
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

/// What a build left on disk.
#[derive(Debug, Default)]
pub(super) struct Made {
    pub(super) programs: BTreeMap<String, PathBuf>,
    pub(super) compiled: usize,
    pub(super) by_cargo: bool,
    /// Generator → files that it asked for.
    pub(super) left: Left,
}

fn remembered(record: ActionRecord) -> Product {
    let milliseconds = record.milliseconds;
    let (programs, left) = generated::recalled(record);
    Product { programs, left, remembered: true, uncacheable: None, milliseconds, compiled: 0 }
}

pub(super) fn launch_failure(error: &LaunchError) -> Failure {
    let class = if matches!(error, LaunchError::NotFound { .. }) { Class::ToolMissing } else { Class::NotProven };
    error.failure(class, "launch")
}
