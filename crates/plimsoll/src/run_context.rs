//! What one run works with: the store, the launcher, the cores and this machine's tools, handed to each stage in just the part it needs.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use plimsoll_fetch::Network;
use plimsoll_model::{Digest, Failure, Plan, ProductId};
use plimsoll_store::Store;

use crate::assemble::{AssembleStage, StripTool, Stripper};
use crate::build::cargo_config::OuterConfig;
use crate::build::{BuildEnvironment, BuildStage, Toolchain, own_settings};
use crate::foreign::InspectStage;
use crate::gates::GateStage;
use crate::given::GivenStore;
use crate::host_tools::HostTools;
use crate::manifest::Core;
use crate::nodes::Nodes;
use crate::packing::PackStage;
use crate::project::{self, CargoFolder, Loaded};
use crate::prove::ProveStage;
use crate::report::{self, Reporter};
use crate::results::Results;
use crate::sources::{RepositoryView, Sources};
use plimsoll_exec::cores::Cores;
use plimsoll_exec::environment;
use plimsoll_exec::launcher::Launcher;

/// What a run works with.
pub struct RunContext<'a> {
    /// The project.
    pub project: &'a Loaded,
    /// The store.
    pub store: &'a Store,
    /// Starts programs.
    pub launcher: &'a Launcher,
    /// The budget of cores.
    pub cores: &'a Cores,
    /// The machine's tools.
    pub host_tools: HostTools,
    /// What takes debug information out.
    pub strip_tool: Option<StripTool>,
    /// What builds see of the caller's environment.
    pub environment: BuildEnvironment,
    /// What cargo is called with in the project's own folder.
    pub own: BuildFolder,
    /// The same in folders below it, by their paths.
    pub below: BTreeMap<String, BuildFolder>,
    /// What cargo's builds see of the sources.
    pub for_cargo: Sources,
    /// cargo's home.
    pub cargo_home: PathBuf,
    /// The repository that builds are told of; none unless they ask.
    pub repository: Option<RepositoryView>,
    /// Who asks git and will not find what is there, and why.
    pub untold: Option<String>,
    /// Folders that no program may name.
    pub forbidden_paths: Vec<String>,
    /// What given files are fetched over.
    pub network: Network,
    /// Whether the success of gates may be remembered.
    pub remember_gates: bool,
    /// The clock at the start, in seconds since 1970.
    pub now: u64,
}

/// A folder in which cargo is called, and with what.
pub struct BuildFolder {
    /// Relative to the base of the sources.
    pub folder: PathBuf,
    /// Packages for which it is called in another one → that one, relative to the same.
    pub called_in: BTreeMap<String, PathBuf>,
    /// The cargo workspace's folder, relative to the same.
    pub workspace: PathBuf,
    /// What compiles.
    pub toolchain: Toolchain,
    /// cargo's configuration from outside of the sources.
    pub outer: OuterConfig,
    /// Whether its builds ask git.
    pub asks_git: bool,
}

impl BuildFolder {
    fn look(project: &Loaded, folder: &CargoFolder, cargo_home: &Path, launcher: &Launcher) -> Result<Self, Failure> {
        let listed = |path: &Path| path.to_str().is_some_and(|name| project.sources.files.contains_key(name));
        let place = project.root.join(&folder.path);
        let (own, workspace) =
            (project.sources.project.join(&folder.path).components().collect::<PathBuf>(), folder.workspace_in(&project.sources));
        Ok(Self {
            called_in: own_settings::called_in(&folder.cargo.facts, (workspace, &own), &listed),
            folder: own,
            workspace: workspace.to_owned(),
            toolchain: Toolchain::of_builds(&place, &folder.toolchain, launcher)?,
            outer: OuterConfig::read(&project.sources.base, &place, &listed, cargo_home)?,
            asks_git: folder.cargo.asks_git.is_some(),
        })
    }
}

impl<'a> RunContext<'a> {
    /// Looks at the machine.
    ///
    /// # Errors
    /// Where cargo's configuration cannot be read, or the project's own toolchain does not serve.
    pub fn new(project: &'a Loaded, store: &'a Store, launcher: &'a Launcher, cores: &'a Cores) -> Result<Self, Failure> {
        let host_tools = HostTools::look(store, launcher);
        let cargo_home = environment::cargo_home().unwrap_or_default();
        let folder = |folder: &CargoFolder| BuildFolder::look(project, folder, &cargo_home, launcher);
        let own = folder(project.workspaces.own())?;
        let own = BuildFolder { asks_git: own.asks_git || project.command_asks.is_some(), ..own };
        let below = project.workspaces.below().map(|below| Ok((below.path.clone(), folder(below)?)));
        let below = below.collect::<Result<BTreeMap<_, _>, Failure>>()?;
        let forbidden_paths = forbidden_paths(&[&project.sources.base, store.root(), &cargo_home]);
        let strip_tool = StripTool::look(&own.toolchain, &host_tools.toolbox);
        let (repository, untold) = repository(project, host_tools.bubblewrap.is_some(), launcher)?;
        let inputs = project.project.cores.values().flat_map(|core| &core.inputs).map(String::as_str).collect::<Vec<_>>();
        Ok(Self {
            for_cargo: project.sources.without_settings(&inputs),
            project,
            repository,
            untold,
            own,
            below,
            strip_tool,
            store,
            launcher,
            cores,
            host_tools,
            environment: BuildEnvironment::choose(environment::all()),
            cargo_home,
            forbidden_paths,
            network: Network::from_environment(&plimsoll_fetch::Environment::from_process()),
            remember_gates: true,
            now: project::now(),
        })
    }

    /// The stages of a run.
    pub fn nodes<'n>(
        &'n self,
        plan: &'n Plan,
        interrupted: &'n (dyn Fn() -> bool + Sync),
        results: &'n Results,
        reporter: &'n Reporter,
    ) -> Nodes<'n> {
        Nodes {
            plan,
            gates: self.gates(plan.source.digest, self.remember_gates),
            build: self.build(&self.own),
            builds_below: self.below.iter().map(|(path, folder)| (path.as_str(), self.build(folder))).collect(),
            assemble: AssembleStage {
                store: self.store,
                stripper: Stripper { store: self.store, launcher: self.launcher, tool: self.strip_tool.as_ref(), now: self.now },
                forbidden_paths: &self.forbidden_paths,
                now: self.now,
            },
            inspect: InspectStage { store: self.store, forbidden_paths: &self.forbidden_paths, now: self.now },
            pack: PackStage { store: self.store, sources: &self.project.sources, threads: NonZeroU32::MIN, now: self.now },
            prove: self.prove(),
            cores: self.cores,
            interrupted,
            results,
            reporter,
        }
    }

    /// The stage that compiles cores of one folder.
    fn build<'n>(&'n self, folder: &'n BuildFolder) -> BuildStage<'n> {
        BuildStage {
            store: self.store,
            launcher: self.launcher,
            cores: self.cores,
            sources: &self.project.sources,
            for_cargo: &self.for_cargo,
            folder: &folder.folder,
            called_in: &folder.called_in,
            workspace: &folder.workspace,
            toolchain: &folder.toolchain,
            environment: &self.environment,
            outer: &folder.outer,
            cargo_home: &self.cargo_home,
            toolbox: &self.host_tools.toolbox,
            builders: &self.host_tools.builders,
            bubblewrap: self.host_tools.bubblewrap.as_deref(),
            repository: self.repository.as_ref().filter(|_| folder.asks_git),
            given: GivenStore { store: self.store, network: &self.network, project: &self.project.root, launcher: self.launcher },
            now: self.now,
        }
    }

    /// The stage that proves.
    pub fn prove(&self) -> ProveStage<'_> {
        let mut tools = BTreeMap::from([("plimsoll".to_owned(), env!("CARGO_PKG_VERSION").to_owned())]);
        tools.extend(self.own.toolchain.rust.as_ref().map(|rust| ("rustc".to_owned(), rust.short_version())));
        tools.extend(self.host_tools.builders.zig.as_ref().map(|zig| ("zig".to_owned(), zig.identity.clone())));
        ProveStage {
            store: self.store,
            roots: self.host_tools.roots(self.store, self.project.root_sources.clone()),
            launcher: self.launcher,
            host: &self.own.toolchain.host,
            sources: &self.project.sources,
            tools,
            compilers: self.compilers(),
        }
    }

    /// What compiled the products of folders below the project's own, as evidence names it.
    fn compilers(&self) -> BTreeMap<ProductId, String> {
        let Loaded { project, .. } = self.project;
        let folders = project.cores.values().filter_map(|core| Some((core, self.below.get(core.compile.path())?)));
        let named = folders.filter_map(|(core, folder)| Some((core, folder.toolchain.rust.as_ref()?.short_version())));
        let products = |(core, version): (&Core, String)| {
            project.targets.keys().map(move |target| (ProductId::new(&core.name, target), version.clone())).collect::<Vec<_>>()
        };
        named.flat_map(products).collect()
    }

    /// Runs the gates that come after sealing, in order, up to the first that fails.
    pub fn after_gates(&self, plan: &Plan, dist: &Path, reporter: &Reporter) -> Option<Failure> {
        let stage = self.gates(plan.source.digest, false);
        plan.gates.after.iter().find_map(|gate| match stage.after(gate, dist) {
            Ok(time) => {
                reporter.done("passed", format!("gate {}", gate.name), report::duration(time));
                None
            }
            Err(failure) => Some(failure),
        })
    }

    fn gates(&self, sources: Digest, remember: bool) -> GateStage<'_> {
        GateStage {
            store: self.store,
            launcher: self.launcher,
            project: &self.project.root,
            sources,
            toolchain: self.own.toolchain.version(),
            remember,
            now: self.now,
        }
    }
}

/// The repository for a project whose build asks, and the warning where what it asks for is not to be had.
fn repository(project: &Loaded, mounts: bool, launcher: &Launcher) -> Result<(Option<RepositoryView>, Option<String>), Failure> {
    let Some(who) = project.asks_git() else { return Ok((None, None)) };
    let sources = &project.sources;
    let (view, lack) = RepositoryView::look(&project.root, &sources.base, &sources.source, launcher)?;
    let untold = |reason: &str, hint: &str| format!("{who} asks git, and the project {reason}, so it may ship `unknown`: {hint}");
    if view.as_ref().is_some_and(|view| !mounts && !view.is_whole()) {
        let reason = "is a part of its repository, which can be shown to builds at fixed paths only";
        return Ok((None, Some(untold(reason, "`plimsoll doctor` says what bubblewrap needs"))));
    }
    Ok((view, lack.map(|lack| untold(&lack.reason, lack.hint))))
}

/// Folders as the leak gate looks for them; the top folder would be found everywhere.
fn forbidden_paths(folders: &[&Path]) -> Vec<String> {
    // A home directly below the top (`/root`) is a word that programs use for other reasons.
    let home =
        environment::inherited(&["HOME"]).into_iter().map(|(_, value)| PathBuf::from(value)).filter(|home| home.components().count() > 2);
    let folders = folders.iter().map(|path| path.to_path_buf()).chain(home);
    let mut texts =
        folders.filter(|path| path.components().count() > 1).filter_map(|path| path.to_str().map(str::to_owned)).collect::<Vec<_>>();
    texts.sort();
    texts.dedup();
    texts
}
