//! One build: the key, the mirror, the invocation, and the programs that came of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Instant;

use plimsoll_model::plan::{Builder, Compile};
use plimsoll_model::{Class, Digest, Failure, GivenFrom, Name, ProductPlan, TargetPlan};
use plimsoll_store::{ActionRecord, Output, Store, WorkFolder};

use super::apple::AppleSdk;
use super::cargo::outside_of_the_key;
use super::cargo_config::OuterConfig;
use super::crate_roots::{is_build_script, is_crate_root};
use super::cross::Image;
use super::paths::{BuildPaths, Folders};
use super::reads::Reads;
use super::repository::{ASKED, WATCH};
use super::xwin::Sdk;
use super::{BuildEnvironment, Builders, Toolchain, generated};
use crate::doctor::free;
use crate::given::GivenStore;
use crate::graph::Stop;
use crate::left::Left;
use crate::sources::{RepositoryView, Sources};
use plimsoll_exec::cores::Cores;
use plimsoll_exec::launcher::{LaunchError, Launcher};
use plimsoll_exec::locate::Toolbox;

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
    /// What cargo's builds see of it.
    pub for_cargo: &'a Sources,
    /// The folder in which cargo is called, relative to the sources' base.
    pub folder: &'a Path,
    /// Packages for which it is called in another folder, so that their own configuration holds.
    pub called_in: &'a BTreeMap<String, PathBuf>,
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
    /// Apple's, for zig.
    Apple(AppleSdk),
}

impl Supply {
    /// What the bytes depend on.
    pub(super) fn identity(&self) -> String {
        match self {
            Self::None => String::new(),
            Self::Sdk(sdk) => sdk.digest.to_string(),
            Self::Image(image) => image.pinned.clone().unwrap_or_default(),
            Self::Apple(sdk) => sdk.digest.to_string(),
        }
    }

    /// Why what was built is not remembered.
    const fn doubt(&self) -> Option<&'static str> {
        match self {
            Self::Image(image) => image.doubt,
            Self::None | Self::Sdk(_) | Self::Apple(_) => None,
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
            Builder::Zig => self.apple_sdk(request)?.map_or(Supply::None, Supply::Apple),
            Builder::Native | Builder::Command => Supply::None,
        };
        let packages = self.identity_of_packages(request)?;
        let rest = self.key(request, &supply, &packages);
        let key = rest.clone().part("sources", &self.sources_of(request).source.digest);
        let recall = || {
            let by_cargo = matches!(request.product.compile, Compile::Cargo { .. });
            self.store.recall(key.key()).or_else(|| self.recall_by_reads(&rest, request).filter(|_| by_cargo))
        };
        if let Some(record) = recall() {
            return Ok(remembered(record));
        }
        let name = self.work_folder_name(request, &supply, &packages);
        let work = self.store.work_folder(&name).map_err(Failure::from)?;
        // Another process may have done it while this one waited for the folder.
        if let Some(record) = recall() {
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
        self.keep_packages_out(request, &place)?;
        if matches!(supply, Supply::None) {
            self.without_frameworks(request, &place)?;
        }
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
            if let Some(reads) = &made.reads {
                self.remember_by_reads((&rest, request), reads, &record).map_err(Failure::from)?;
            }
        }
        Ok(Product { programs, left, remembered: false, uncacheable, milliseconds, compiled: made.compiled })
    }

    /// The files that a build sees. In a repository a file that is missing would be a change to some.
    pub(super) const fn sources_of(&self, request: BuildRequest<'_>) -> &Sources {
        match request.product.compile {
            Compile::Cargo { .. } if self.repository.is_none() => self.for_cargo,
            Compile::Cargo { .. } | Compile::Command { .. } | Compile::File { .. } | Compile::Files { .. } => self.sources,
        }
    }

    /// Brings the mirror up to date. Build scripts get a fresh time where what they may read besides files has changed.
    fn mirror(&self, work: &WorkFolder, request: BuildRequest<'_>) -> Result<(), Failure> {
        let sources = self.sources_of(request);
        match self.pointer(work, request.target.builder)? {
            None => work.mirror(&sources.files),
            Some(pointer) => {
                let mut files = sources.files.clone();
                files.extend([pointer]);
                work.mirror(&files)
            }
        }
        .map_err(Failure::from)?;
        let asked = work.sources().with_file_name(WATCH).join(ASKED);
        let named = |wanted: fn(&Path) -> bool| sources.files.keys().map(String::as_str).filter(move |name| wanted(Path::new(name)));
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
        work.refresh("stamp-sources", &sources.source.digest.to_string(), &mut named(is_build_script)).map_err(Failure::from)
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
            packages: self.packages_folder(work, request).map(make).transpose()?,
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
}

/// What a build left on disk.
#[derive(Debug, Default)]
pub(super) struct Made {
    pub(super) programs: BTreeMap<String, PathBuf>,
    pub(super) compiled: usize,
    pub(super) by_cargo: bool,
    /// Generator → files that it asked for.
    pub(super) left: Left,
    /// What a build of cargo's told of its reading, if it told all.
    pub(super) reads: Option<Reads>,
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
