//! One build: the key, the mirror, the invocation, and the programs that came of it.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Instant;

use plimsoll_model::plan::{Builder, Compile};
use plimsoll_model::{Class, Digest, Failure, ProductPlan, TargetPlan};
use plimsoll_store::{ActionRecord, KeyBuilder, Output, Store, WorkFolder};

use super::cargo_config::OuterConfig;
use super::messages::Messages;
use super::place::{Folders, Place};
use super::rustflags::{self, Passing};
use super::{BuildEnvironment, Builders, Toolchain, dep_info, invocation, link_flags};
use crate::environment;
use crate::graph::Stop;
use crate::sources::Sources;
use crate::tools::cores::Cores;
use crate::tools::doctor::free;
use crate::tools::launcher::{Ended, Launch, LaunchError, Launcher, Stream};
use crate::{io_failure, store_failure};

/// Number of the way builds are done; a change of flags or places that changes bytes raises it.
const FORMAT: u32 = 4;

/// With less room than this, in bytes, a failed build may well have failed for lack of it.
const FULL: u64 = 32 << 20;

/// Compiles products.
#[derive(Debug)]
pub struct BuildStage<'a> {
    /// Where outputs go.
    pub store: &'a Store,
    /// Starts programs.
    pub launcher: &'a Launcher,
    /// The budget that cargo draws from.
    pub cores: &'a Cores,
    /// What is compiled.
    pub sources: &'a Sources,
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
    /// plimsoll's own tools.
    pub tools_folder: &'a Path,
    /// What builds for other machines.
    pub builders: &'a Builders,
    /// For fixed paths.
    pub bubblewrap: Option<&'a Path>,
    /// The clock, in seconds since 1970.
    pub now: u64,
}

/// What a build is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Order<'a> {
    /// How it is compiled.
    pub product: &'a ProductPlan,
    /// For which target.
    pub target: &'a TargetPlan,
    /// Programs that artifacts need of it.
    pub binaries: &'a BTreeSet<String>,
    /// Variable → file name and digest of the proven artifact that is embedded.
    pub embedded: &'a BTreeMap<String, (String, Digest)>,
}

/// A compiled product.
#[derive(Debug, Clone)]
pub struct Product {
    /// Program's name → blob.
    pub programs: BTreeMap<String, Output>,
    /// Whether it was remembered.
    pub remembered: bool,
    /// Why it will not be remembered, where it will not.
    pub uncacheable: Option<String>,
    /// How long the build took when it was done, in milliseconds.
    pub milliseconds: u64,
    /// Crates compiled now.
    pub compiled: usize,
}

impl BuildStage<'_> {
    /// The product, from memory or from the compiler. `say` hears the names of crates as they are compiled.
    ///
    /// # Errors
    /// The compiler's own words where it fails; not run, where the project's own command says that it cannot build for the target here.
    pub fn run(&self, order: Order<'_>, say: &mut dyn FnMut(&str)) -> Result<Product, Stop> {
        let key = self.key(order);
        if let Some(record) = self.store.recall(key.key()) {
            return Ok(remembered(record));
        }
        let name = self.work_folder_name(order.product);
        let work = self.store.work_folder(&name).map_err(store_failure)?;
        // Another process may have done it while this one waited for the folder.
        if let Some(record) = self.store.recall(key.key()) {
            return Ok(remembered(record));
        }
        let started = Instant::now();
        if self.store.is_auditing() {
            work.start_over().map_err(store_failure)?;
        }
        work.mirror(&self.sources.files).map_err(store_failure)?;
        let mut scripts = self.sources.files.keys().map(String::as_str).filter(|name| Path::new(name).ends_with("build.rs"));
        work.refresh(&self.sources.epoch.to_string(), &mut scripts).map_err(store_failure)?;
        let place = self.place(&work, order)?;
        let made = match &order.product.compile {
            Compile::Cargo { .. } => self.cargo(order, &place, say)?,
            Compile::Command { command, output } => self.own_command(order, &place, (command, output), say)?,
        };
        let mut programs = BTreeMap::new();
        for (name, path) in &made.programs {
            let hashed = self.store.put_file(path).map_err(store_failure)?;
            programs.insert(name.clone(), Output { digest: hashed.digest(), size: hashed.size() });
        }
        let uncacheable = self.outside_of_the_key(&made, &place);
        let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        if uncacheable.is_none() {
            let record = ActionRecord { outputs: programs.clone(), facts: serde_json::json!({}), finished: self.now, milliseconds };
            self.store.remember(&key, &record).map_err(store_failure)?;
        }
        Ok(Product { programs, remembered: false, uncacheable, milliseconds, compiled: made.compiled })
    }

    /// Everything that the bytes depend on.
    fn key(&self, order: Order<'_>) -> KeyBuilder {
        let tool = self.builders.identity(order.target.builder);
        KeyBuilder::new("build", FORMAT)
            .part("words", &invocation::words(order.product, order.target))
            .part("product", order.product)
            .part("builder", &order.target.builder)
            .part("floor", &order.target.glibc)
            .part("macos", &order.target.macos)
            .part("binaries", order.binaries)
            .part("embedded", order.embedded)
            .part("sources", &self.sources.source.digest)
            .part("project", &self.sources.project)
            .part("epoch", &self.sources.epoch)
            .part("toolchain", &self.toolchain.version)
            .part("tool", &tool)
            .part("environment", &self.environment.keyed)
            .part("outer-config", &[&self.outer.parents, &self.outer.home])
            .part("fixed-paths", &self.bubblewrap.is_some())
    }

    /// One work folder a workspace, toolchain, environment and target. cargo does not see that a build script read a variable that it did
    /// not declare, so other values must not find its old output; and cargo locks a whole target folder, so targets that shared one
    /// would build one after another, each with a core idle while a build script configures something.
    fn work_folder_name(&self, product: &ProductPlan) -> String {
        let bytes = |path: &Path| path.as_os_str().as_encoded_bytes().to_vec();
        let place = (bytes(&self.sources.base), bytes(self.workspace), bytes(&self.toolchain.sysroot));
        // Rustler leaves `nif_init` out of an object that was first compiled as a dependency, and cargo takes a used object again: a library has
        // a folder of its own for each set of features.
        let library = match &product.compile {
            Compile::Cargo { library: Some(library), features, .. } => Some((library, features)),
            Compile::Cargo { .. } | Compile::Command { .. } => None,
        };
        let identity = (place, &self.toolchain.version, &self.environment.keyed, &product.env, &product.target, library);
        let name = Digest::of(&plimsoll_model::canonical_json(&identity)).short();
        // An audit compiles everything again, without taking the everyday folder's speed away.
        if self.store.is_auditing() { format!("{name}-audit") } else { name }
    }

    fn place(&self, work: &WorkFolder, order: Order<'_>) -> Result<Place, Failure> {
        let beside = |name: &str| work.sources().with_file_name(name);
        let make = |path: PathBuf| std::fs::create_dir_all(&path).map(|()| path.clone()).map_err(|error| io_failure(&path, &error));
        let write = |path: PathBuf, text: &str| std::fs::write(&path, text).map_err(|error| io_failure(&path, &error));
        // The name that cargo looks for above the sources, where there are no fixed paths.
        let outer = beside(".cargo");
        let mut outer_config = None;
        if !self.outer.parents.is_empty() {
            write(make(outer.clone())?.join("config.toml"), &self.outer.parents)?;
            outer_config = Some(outer);
        } else if outer.exists() {
            std::fs::remove_dir_all(&outer).map_err(|error| io_failure(&outer, &error))?;
        }
        let mut embedded = None;
        if !order.embedded.is_empty() {
            let folder = make(beside("embedded"))?;
            for (file_name, digest) in order.embedded.values() {
                self.store.materialise(*digest, &folder.join(file_name), 0o755).map_err(store_failure)?;
            }
            embedded = Some(folder);
        }
        let folders = Folders {
            sources: work.sources(),
            target: work.target(),
            cargo_home: self.cargo_home.to_owned(),
            tools: self.tools_folder.to_owned(),
            zig_cache: make(self.store.root().join("zig-cache"))?,
            xwin_cache: make(self.store.root().join("xwin-cache"))?,
            outer_config,
            embedded,
        };
        // A container engine sees the host's paths only.
        let bubblewrap = self.bubblewrap.filter(|_| order.target.builder != Builder::Cross);
        Ok(Place::new(folders, bubblewrap.map(Path::to_owned)))
    }

    fn cargo(&self, order: Order<'_>, place: &Place, say: &mut dyn FnMut(&str)) -> Result<Made, Failure> {
        let manifest = place.seen.sources.join(self.workspace).join("Cargo.toml");
        let working_folder = place.seen.sources.join(&self.sources.project);
        let program = place.inside(&self.builders.program(order.target.builder, &self.toolchain.cargo)?);
        let extra = self.extra_flags(order, place)?;
        let mut arguments: Vec<OsString> = invocation::words(order.product, order.target).into_iter().map(OsString::from).collect();
        arguments.extend(invocation::placing(&manifest, &place.seen.target));
        if let Passing::Config(config) = &extra {
            arguments.extend(["--config".into(), OsString::from(config)]);
        }
        let mut launch = self.launch(place, &working_folder, &program, arguments)?;
        launch = self.with_environment(launch, order, place);
        if let Passing::Variable(name, value) = extra {
            launch = launch.env([(name, value)]);
        }
        let mut messages = Messages::default();
        let mut hear = |stream: Stream, line: &str| {
            if stream == Stream::Output
                && let Some(compiled) = messages.take(line)
            {
                say(&compiled);
            }
        };
        let finished = self.launcher.run(&launch, &mut hear).map_err(|error| launch_failure(&error))?;
        if finished.ended == Ended::Cancelled {
            return Err(crate::interrupted());
        }
        if !finished.succeeded() {
            let failure = cargo_failed(&place.said_on_host(&finished.stderr_text(), &self.sources.base), order);
            return Err(self.or_full(failure));
        }
        let mut made = Made { compiled: messages.compiled, by_cargo: true, ..Made::default() };
        for binary in order.binaries {
            let path = messages.programs.get(binary).or_else(|| messages.libraries.get(binary)).ok_or_else(|| not_reported(binary))?;
            made.programs.insert(binary.clone(), place.on_host(path));
        }
        Ok(made)
    }

    /// A linker on a full disk dies of a bus error, and says nothing of the disk.
    fn or_full(&self, failure: Failure) -> Failure {
        match free(self.store.root()).filter(|free| *free < FULL) {
            None => failure,
            Some(left) => failure.hint(format!(
                "the store's disk is full, or nearly: {} are free; `plimsoll cache trim` frees room, and PLIMSOLL_STORE moves the store",
                crate::report::bytes(left)
            )),
        }
    }

    pub(super) fn launch(&self, place: &Place, working_folder: &Path, program: &Path, arguments: Vec<OsString>) -> Result<Launch, Failure> {
        let mut prefix = place.prefix(working_folder)?.into_iter();
        let launch = match prefix.next() {
            Some(bubblewrap) => Launch::new(PathBuf::from(bubblewrap), Path::new("/")).args(prefix).args([program.as_os_str().to_owned()]),
            None => Launch::new(program, working_folder),
        };
        Ok(Launch { capture_limit: 64 << 20, cores: Some(self.cores.clone()), ..launch.args(arguments) })
    }

    pub(super) fn with_environment(&self, launch: Launch, order: Order<'_>, place: &Place) -> Launch {
        let mut path = OsString::from(self.toolchain.sysroot.join("bin"));
        for folder in [place.seen.tools.join("bin").into_os_string(), environment::search_path()] {
            path.push(":");
            path.push(folder);
        }
        let mut launch = launch.env(self.environment.passed.clone());
        launch = launch.env([
            ("PATH", path),
            ("CARGO", self.toolchain.cargo.clone().into()),
            ("CARGO_HOME", place.seen.cargo_home.clone().into()),
            ("CARGO_TERM_COLOR", "never".into()),
            ("CARGO_TERM_PROGRESS_WHEN", "never".into()),
            ("SOURCE_DATE_EPOCH", self.sources.epoch.to_string().into()),
            ("LC_ALL", "C.UTF-8".into()),
            ("TZ", "UTC".into()),
            ("ZIG_GLOBAL_CACHE_DIR", place.seen.zig_cache.clone().into()),
            ("ZIG_LOCAL_CACHE_DIR", place.seen.zig_cache.clone().into()),
            ("CARGO_ZIGBUILD_CACHE_DIR", place.seen.zig_cache.join("wrappers").into()),
        ]);
        if let Some(zig) = &self.builders.zig {
            launch = launch.env([("CARGO_ZIGBUILD_ZIG_PATH", place.inside(&zig.zig))]);
        }
        if let Some(version) = order.target.macos {
            launch = launch.env([("MACOSX_DEPLOYMENT_TARGET", version.to_string())]);
        }
        if order.target.builder == Builder::Xwin {
            // The licence of Microsoft's SDK is accepted by choosing the builder: the reference of the manifest says so.
            launch = launch.env([("XWIN_ACCEPT_LICENSE", OsString::from("1")), ("XWIN_CACHE_DIR", place.seen.xwin_cache.clone().into())]);
        }
        launch = launch.env(&order.product.env);
        for (name, (file_name, _)) in order.embedded {
            let folder = place.seen.embedded.clone().unwrap_or_default();
            launch = launch.env([(name, folder.join(file_name))]);
        }
        launch
    }

    /// The core's own flags, and those that hide paths where paths cannot be fixed.
    fn extra_flags(&self, order: Order<'_>, place: &Place) -> Result<Passing, Failure> {
        let Compile::Cargo { rustflags, .. } = &order.product.compile else { return Ok(Passing::Nothing) };
        let cpu = order.product.cpu.map(|level| format!("-Ctarget-cpu={level}"));
        let extra = rustflags.iter().cloned().chain(link_flags::of(order.product)).chain(cpu).chain(place.remapping()).collect::<Vec<_>>();
        let inside =
            self.sources.project.ancestors().flat_map(|folder| ["config", "config.toml"].map(|name| folder.join(".cargo").join(name)));
        let own =
            inside.filter_map(|path| self.sources.files.get(path.to_str()?)).filter_map(|file| std::fs::read_to_string(&file.from).ok());
        let files =
            own.chain([self.outer.parents.clone(), self.outer.home.clone()]).filter_map(|text| text.parse().ok()).collect::<Vec<_>>();
        rustflags::pass(&extra, &self.environment.keyed, &order.product.target, &files)
    }

    /// Names a file that the compiler read and that the key does not cover.
    fn outside_of_the_key(&self, made: &Made, place: &Place) -> Option<String> {
        let registry = place.seen.cargo_home.join("registry");
        let git = place.seen.cargo_home.join("git");
        let mut covered = vec![place.seen.sources.as_path(), &place.seen.target, &registry, &git];
        covered.extend(place.seen.embedded.as_deref());
        made.programs.values().filter(|_| made.by_cargo).find_map(|program| {
            let Ok(text) = std::fs::read_to_string(program.with_extension("d")) else {
                return Some(format!("cargo left no list of what {} was compiled from", program.display()));
            };
            let paths = dep_info::paths(&text);
            let outside = dep_info::first_outside(&paths, &covered)?;
            Some(format!("it was compiled from {}, which is no source of the project", outside.display()))
        })
    }
}

/// What a build left on disk.
#[derive(Debug, Default)]
pub(super) struct Made {
    pub(super) programs: BTreeMap<String, PathBuf>,
    pub(super) compiled: usize,
    pub(super) by_cargo: bool,
}

fn remembered(record: ActionRecord) -> Product {
    Product { programs: record.outputs, remembered: true, uncacheable: None, milliseconds: record.milliseconds, compiled: 0 }
}

pub(super) fn launch_failure(error: &LaunchError) -> Failure {
    let class = if matches!(error, LaunchError::NotFound { .. }) { Class::ToolMissing } else { Class::NotProven };
    Failure::from_error(class, "launch", error)
}

fn not_reported(binary: &str) -> Failure {
    Failure::new(Class::NotProven, "no-output", format!("cargo succeeded but reported no program `{binary}`"))
        .hint("see that the package has a binary of this name and that its required features are on")
}

/// cargo's own words, with a hint where it is known what to do.
fn cargo_failed(said: &str, order: Order<'_>) -> Failure {
    let tail = said.lines().rev().take(60).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("\n");
    let failure = Failure::new(Class::NotProven, "build-failed", "cargo build failed").cause("said", tail);
    let lock = said.contains("--locked") && said.contains("Cargo.lock");
    let no_std = said.contains("can't find crate for `std`") || said.contains("target may not be installed");
    if lock {
        failure.hint("run `cargo generate-lockfile` (or `cargo update --workspace`) and commit Cargo.lock")
    } else if no_std {
        failure.hint(format!("run `rustup target add {}`", order.product.target))
    } else {
        failure
    }
}
