//! `plimsoll doctor` and `plimsoll doctor --install`.

mod install;
mod toolchains;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use plimsoll_fetch::Network;
use plimsoll_model::plan::Builder;
use plimsoll_model::{Class, Failure, RootName, Target};
use plimsoll_store::Store;
use serde::Serialize;

use super::{Bench, Common, Ending, Outcome, Trouble, named_targets, paint_output};
use crate::doctor::{Examination, Question, RootQuestion, RuntimeReport, TargetQuestion, examine};
use crate::host_tools::HostTools;
use crate::manifest::{self, Manifest};
use crate::project;
use crate::report::{self, examination, print_json};
use plimsoll_exec::availability::Availability;
use plimsoll_exec::bubblewrap::{Isolation, NoIsolation};
use plimsoll_exec::tool::Tool;
use plimsoll_roots::lock::Lock;
use plimsoll_roots::root_status::Provider;
use plimsoll_roots::{Roots, Runtime, Sources};

#[derive(Debug, clap::Args)]
#[command(after_help = "Ends with 3 if something is missing that the project's targets need, and with 2 if its manifest is wrong.")]
pub(super) struct Arguments {
    /// Install what is missing, after asking: system packages, Rust targets, and plimsoll's own pinned tools.
    #[arg(long)]
    install: bool,
    /// Install without asking.
    #[arg(short = 'y', long, requires = "install")]
    yes: bool,
}

/// Targets that are asked about if the project names none.
const USUAL: [&str; 2] = ["{arch}-unknown-linux-gnu", "{arch}-unknown-linux-musl"];

/// Roots that are asked about if the project names none.
const USUAL_ROOTS: [&str; 4] = ["sandbox", "debian:11", "debian:12", "debian:13"];

pub(super) fn run(arguments: &Arguments, common: &Common) -> Outcome {
    let bench = common.bench()?;
    let wishes = match Wishes::of(&common.root) {
        Ok(wishes) => wishes,
        // What such a project wants is not known, and so neither is what to install.
        Err(trouble) if arguments.install => return Err(trouble),
        Err(trouble) => return beside_usual(&bench, common, trouble),
    };
    let before = wishes.examine(&bench, &common.root);
    whole(&bench)?;
    if !arguments.install {
        print(&before, common)?;
        return Ok(wishes.ending(&before));
    }
    let Some(failures) = wishes.install(&bench, &common.root, &before, arguments.yes)? else {
        return Ok(Ending::Ended(vec![Class::ToolMissing]));
    };
    let after = wishes.examine(&bench, &common.root);
    whole(&bench)?;
    drop(bench.reporter);
    bench.listener.finish();
    print(&after, common)?;
    if failures.is_empty() { Ok(wishes.ending(&after)) } else { Ok(Ending::Failed(failures)) }
}

/// An examination that Ctrl-C cut off misses what is there.
fn whole(bench: &Bench) -> Result<(), Failure> {
    if bench.launcher.is_cancelled() { Err(Failure::interrupted()) } else { Ok(()) }
}

/// The document that `--json` prints if the manifest cannot be read.
#[derive(Debug, Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    examination: &'a Examination,
    failures: [Failure; 1],
}

/// What is usual is examined all the same, and the end says what is wrong with the manifest.
fn beside_usual(bench: &Bench, common: &Common, trouble: Trouble) -> Outcome {
    let examination = Wishes::of_manifest(&Manifest::default()).examine(bench, &common.root);
    whole(bench)?;
    if !common.json {
        print(&examination, common)?;
        return Err(trouble);
    }
    let failure = match trouble {
        Trouble::Manifest(error) => error.failure(),
        Trouble::Failure(failure) => *failure,
    };
    let class = failure.class;
    print_json(&Document { examination: &examination, failures: [failure] })?;
    Ok(Ending::Ended(vec![class]))
}

/// The manifest as it is written; an empty one if there is none.
///
/// # Errors
/// Class usage if it cannot be read, or names what is no target. The rest is checked by the commands that need it: that takes cargo.
fn written(root: &Path) -> Result<Manifest, Trouble> {
    if matches!(root.join(manifest::FILE_NAME).try_exists(), Ok(false)) {
        return Ok(Manifest::default());
    }
    let (path, text) = project::read_manifest(root).map_err(|failure| Failure { class: Class::Usage, ..failure })?;
    let written = manifest::parse(&path, &text).map_err(|error| Trouble::Manifest(Box::new(error)))?;
    let lists = written.artifacts.iter().map(|artifact| &artifact.targets).chain([&written.targets]).flatten();
    for word in lists.flat_map(|list| &list.value) {
        named_targets(&word.value).map_err(|failure| failure.about(path.clone()))?;
    }
    Ok(written)
}

/// What the machine is to be able to do.
#[derive(Default)]
pub(super) struct Wishes {
    targets: Vec<Target>,
    roots: Vec<RootName>,
    /// Targets for which only a real machine counts.
    native: Vec<Target>,
    /// Roots without which the project's targets are not proven; none if there is no project.
    needed_roots: Vec<RootName>,
    /// Whether a project wants all of it: what is only usual may be missing.
    of_project: bool,
    /// What the project says that targets are built by.
    builders: BTreeMap<Target, Builder>,
    /// Where libraries must be loaded by a runtime.
    runtimes: Vec<(Runtime, RootName, Target)>,
    /// Targets for which only such libraries are shipped.
    only_loaded: BTreeMap<Target, Runtime>,
    /// Whether programs are compiled for more than every x86-64 processor has.
    declares_level: bool,
    /// Tools that it needs for what it ships, beside those that compile.
    tools: Vec<Tool>,
    /// Folders of the project in which cargo is called: each chooses a toolchain.
    folders: Vec<String>,
}

impl Wishes {
    /// These targets, and nothing else.
    pub(super) fn of_targets(targets: Vec<Target>) -> Self {
        Self { targets, ..Self::default() }
    }

    /// The project's wishes; the usual ones if there is no manifest.
    ///
    /// # Errors
    /// Class usage if there is one that cannot be read.
    pub(super) fn of(root: &Path) -> Result<Self, Trouble> {
        let written = written(root)?;
        let folders = project::own_path(root).into_iter().chain(written.core_paths()).collect();
        Ok(Self::of_manifest(&written).built_in(folders))
    }

    /// What a manifest wishes; the usual where it names nothing.
    pub(super) fn of_manifest(written: &Manifest) -> Self {
        let (mut targets, mut roots) = (written.wished_targets(), written.wished_roots());
        let native = written.native_targets();
        let fits_any = written.artifacts.iter().any(|artifact| artifact.own.fits_any());
        let of_project = !targets.is_empty() || fits_any;
        let programs = written.program_targets();
        let mut only_loaded = written.loaded_targets();
        only_loaded.retain(|target, _| !programs.contains(target));
        let mut needed_roots = if programs.is_empty() && !fits_any { Vec::new() } else { roots.clone() };
        if needed_roots.is_empty() && (fits_any || programs.iter().any(|target| target.os() == "linux")) {
            needed_roots.extend("sandbox".parse());
        }
        let (runtimes, declares_level) = (written.runtimes(), written.declares_level());
        let builders = written.chosen_builders();
        let mut tools = written.artifacts.iter().flat_map(|artifact| artifact.own.tools()).copied().collect::<Vec<_>>();
        tools.dedup();
        if targets.is_empty() && !fits_any {
            targets = USUAL.iter().filter_map(|target| target.replace("{arch}", std::env::consts::ARCH).parse().ok()).collect();
        }
        if roots.is_empty() {
            roots = USUAL_ROOTS.iter().filter_map(|root| root.parse().ok()).collect();
        }
        Self {
            targets,
            roots,
            native,
            needed_roots,
            of_project,
            builders,
            runtimes,
            only_loaded,
            declares_level,
            tools,
            folders: Vec::new(),
        }
    }

    /// A tool is missing if a target or a root of the project lacks one; what only another machine can do is no tool.
    fn ending(&self, examination: &Examination) -> Ending {
        if self.of_project && examination.lacks(&self.needed_roots, &self.tools) {
            Ending::Ended(vec![Class::ToolMissing])
        } else {
            Ending::Done
        }
    }

    pub(super) fn examine(&self, bench: &Bench, project: &Path) -> Examination {
        let project = project.canonicalize().unwrap_or_else(|_| project.to_owned());
        let mut folders = self.toolchain_folders(&project).into_iter();
        let look = |folder: PathBuf| {
            let machine = HostTools::look(&bench.store, &bench.launcher);
            let toolbox = machine.toolbox.of_project(&folder);
            self.ask(&bench.store, (&project, &folder), &toolbox, machine.isolation.as_ref(), examine)
        };
        let first = look(folders.next().unwrap_or_else(|| project.clone()));
        folders.fold(first, |whole, folder| whole.joined_by(look(folder)))
    }

    fn ask<T>(
        &self,
        store: &Store,
        (project, folder): (&Path, &Path),
        toolbox: &plimsoll_exec::locate::Toolbox,
        isolation: Result<&Isolation, &NoIsolation>,
        then: impl FnOnce(&Question<'_>) -> T,
    ) -> T {
        let root_status = ProjectRoots { project, store, toolbox, isolation };
        let roots = root_status.ask(&self.targets, &self.roots);
        let runtimes = root_status.runtimes(&self.runtimes);
        let question = |target: &Target| {
            let asked = root_status.target_support(target, self.native.contains(target), self.declares_level);
            let prove = match self.only_loaded.get(target) {
                Some(runtime) => by_runtime(target, *runtime, &runtimes),
                None => asked.prove,
            };
            TargetQuestion { builder: self.builders.get(target).copied(), prove, ..asked }
        };
        let targets = self.targets.iter().map(question).collect::<Vec<_>>();
        let os_release = std::fs::read_to_string("/etc/os-release").ok();
        let os_release = os_release.as_deref();
        then(&Question {
            toolbox,
            isolation,
            tools: &self.tools,
            targets: &targets,
            roots: &roots,
            runtimes: &runtimes,
            project: folder,
            store: store.root(),
            os_release,
        })
    }
}

/// What libraries of a target are loaded by, if nothing else is shipped for it: a runtime, and not what would run a program.
fn by_runtime(target: &Target, wanted: Runtime, runtimes: &[RuntimeReport]) -> Availability {
    let own = runtimes.iter().filter(|runtime| runtime.target == *target).collect::<Vec<_>>();
    if own.is_empty() {
        return Availability::Elsewhere { reason: format!("needs {} on {}", wanted.needed(), target.runner()) };
    }
    let missing = own.iter().find(|runtime| matches!(runtime.state, Availability::Missing { .. }));
    let elsewhere = own.iter().all(|runtime| matches!(runtime.state, Availability::Elsewhere { .. })).then(|| own.first()).flatten();
    let names = own.iter().map(|runtime| runtime.root.to_string()).collect::<Vec<_>>().join(", ");
    let ready = Availability::Ready { how: format!("the {wanted} of {names}") };
    missing.or(elsewhere).map_or(ready, |runtime| runtime.state.clone())
}

/// How named roots stand on this machine.
struct ProjectRoots<'a> {
    project: &'a Path,
    store: &'a Store,
    toolbox: &'a plimsoll_exec::locate::Toolbox,
    isolation: Result<&'a Isolation, &'a NoIsolation>,
}

impl ProjectRoots<'_> {
    fn roots(&self) -> Roots<'_> {
        Roots {
            folder: self.store.roots(),
            toolbox: self.toolbox,
            isolation: self.isolation,
            debian_mirror: None,
            sources: self.sources(),
            network: Network::from_environment(&plimsoll_fetch::Environment::from_process()),
            patience: self.store.patience(),
            now: project::now(),
        }
    }

    /// What would run a target's programs; with `native`, no emulator counts, and with `declares_level` they are run on a lesser processor too.
    fn target_support(&self, target: &Target, native: bool, declares_level: bool) -> TargetQuestion {
        let target_support = self.roots().target_support(target);
        let level = || self.roots().level_support(target).filter(|_| declares_level);
        let prove = match (target_support.emulator, target_support.state) {
            (Some(emulator), _) if native => {
                Availability::Elsewhere { reason: format!("needs a real machine: native = true takes no {emulator}") }
            }
            (_, ready @ Availability::Ready { .. }) => level().unwrap_or(ready),
            (_, state) => state,
        };
        TargetQuestion { target: target.clone(), builder: None, emulator: target_support.emulator, prove }
    }

    /// How roots with a runtime stand, asked as a proof would ask.
    fn runtimes(&self, wanted: &[(Runtime, RootName, Target)]) -> Vec<RuntimeReport> {
        let roots = self.roots();
        let report = |(runtime, root, target): &(Runtime, RootName, Target)| RuntimeReport {
            runtime: runtime.name(),
            root: root.clone(),
            target: target.clone(),
            state: roots.runtime_support(*runtime, root, target),
        };
        wanted.iter().map(report).collect()
    }

    fn ask(&self, targets: &[Target], names: &[RootName]) -> Vec<RootQuestion> {
        let roots = self.roots();
        let linux = targets.iter().filter(|target| target.os() == "linux");
        // Of several processors this machine's own is told, where it is among them.
        let target = linux.min_by_key(|target| target.arch() != std::env::consts::ARCH);
        let question = |name: &RootName| {
            let root_status = target.and_then(|target| roots.root_status(name, target));
            let made = root_status.as_ref().is_some_and(|root_status| root_status.digest.is_some());
            let brought = root_status.filter(|root_status| root_status.provider != Provider::Debian && !made);
            let brought = brought.map(|root_status| match (root_status.lacks, root_status.from) {
                (Some(reason), _) => Availability::Elsewhere { reason },
                (None, from) => Availability::Ready { how: format!("brought when it is first needed: {}", from.unwrap_or_default()) },
            });
            RootQuestion { name: name.clone(), made, brought }
        };
        names.iter().map(question).collect()
    }

    /// What the manifest says of roots, as far as it can be read; errors are told at the end, or by the commands that need it.
    fn sources(&self) -> Sources {
        let text = plimsoll_store::plain_file::read_text(&self.project.join(manifest::FILE_NAME)).unwrap_or_default();
        let declared = manifest::parse(manifest::FILE_NAME, &text).map(|written| manifest::root_sources(&written)).unwrap_or_default();
        Sources { project: self.project.to_owned(), declared, lock: Lock::read(self.project).unwrap_or_default() }
    }
}

fn print(examination: &Examination, common: &Common) -> Result<(), Failure> {
    if common.json { print_json(examination) } else { report::print(&examination::render(examination, paint_output())) }
}
