//! What this machine can build and prove, and for each missing thing the exact command that installs it.
//!
//! Looks and reports as data; it prints nothing and changes nothing. Remedies are carried out by [`heal`], with the caller's consent.

mod building;
mod findings;

use std::path::Path;

use plimsoll_model::plan::Builder;
use plimsoll_model::{RootName, Target};

use self::building::{Rust, buildable};
use crate::report;
use plimsoll_exec::availability::Availability;

pub use self::findings::{Action, Examination, MachineReport, Remedy, RootReport, RuntimeReport, Space, TargetReport, ToolReport};
use plimsoll_exec::bubblewrap::{Isolation, NoIsolation};
use plimsoll_exec::install::{InstallError, add_rust_target, install_pinned, run_system_command};
use plimsoll_exec::locate::{LocateError, Toolbox};
use plimsoll_exec::pins;
use plimsoll_exec::system::PackageManager;
use plimsoll_exec::tool::{Source, Tool, dotted};
use plimsoll_exec::toolchain_pin::Pin;
use plimsoll_store::platform;

/// Bytes that a store with one project's target folders wants.
const STORE_WANTS: u64 = 5 * 1024 * 1024 * 1024;
/// Bytes that a distribution's root wants while it is made.
const ROOT_WANTS: u64 = 1024 * 1024 * 1024;

/// What is asked about.
pub struct Question<'a> {
    /// Finds the tools.
    pub toolbox: &'a Toolbox,
    /// bubblewrap, as it was tried.
    pub isolation: Result<&'a Isolation, &'a NoIsolation>,
    /// Tools that the project needs for what it ships, beside those that compile.
    pub tools: &'a [Tool],
    /// Targets of the project, or the usual ones.
    pub targets: &'a [TargetQuestion],
    /// Roots of the project, or the usual ones.
    pub roots: &'a [RootQuestion],
    /// How the roots stand that hold what the project's libraries are loaded by.
    pub runtimes: &'a [RuntimeReport],
    /// The project's folder: it chooses the toolchain.
    pub project: &'a Path,
    /// The store's folder.
    pub store: &'a Path,
    /// Text of `/etc/os-release`, where there is one.
    pub os_release: Option<&'a str>,
}

/// A target that is asked about.
#[derive(Debug, Clone)]
pub struct TargetQuestion {
    /// Which.
    pub target: Target,
    /// What the project says that it is built by; none where the usual is.
    pub builder: Option<Builder>,
    /// What emulates it here, where something does.
    pub emulator: Option<&'static str>,
    /// Whether what was built can be loaded here, and by what.
    pub prove: Availability,
}

/// A root that is asked about.
#[derive(Debug, Clone)]
pub struct RootQuestion {
    /// Which.
    pub name: RootName,
    /// Whether it is there already.
    pub made: bool,
    /// How it stands, for a root that comes as an image or archive and is not there.
    pub brought: Option<Availability>,
}

/// Looks at everything.
pub fn examine(question: &Question<'_>) -> Examination {
    let is_linux = !matches!(question.isolation, Err(NoIsolation::OtherSystem));
    let concerned = Tool::ALL.into_iter().filter(|tool| concerns(*tool, question) && (is_linux || !tool.makes_roots()));
    let tools = concerned.map(|tool| report(question.toolbox, tool)).collect::<Vec<_>>();
    let rust = Rust::ask(question);
    let machine = MachineReport {
        os: std::env::consts::OS.to_owned(),
        arch: std::env::consts::ARCH.to_owned(),
        host: rust.host.clone(),
        cores: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        package_manager: question.os_release.and_then(PackageManager::of_system),
    };
    let isolation = match question.isolation {
        Ok(isolation) => Availability::Ready { how: isolation.label() },
        Err(NoIsolation::Tool(error)) => Availability::Missing { what: error.to_string() },
        Err(error) => Availability::Elsewhere { reason: format!("{error}; only `scrubbed` serves, if the manifest asks for no more") },
    };
    let ready = |tool: Tool| tools.iter().any(|report| report.tool == tool && matches!(report.state, Availability::Ready { .. }));
    let targets = question.targets.iter().map(|asked| TargetReport {
        target: asked.target.clone(),
        build: buildable(asked, question.toolbox, &rust, &ready),
        emulator: asked.emulator,
        prove: asked.prove.clone(),
    });
    let targets = targets.collect::<Vec<_>>();
    let roots = question.roots.iter();
    let roots = roots.map(|root| RootReport { root: root.name.clone(), state: available(root, &isolation, is_linux, &ready) });
    let roots = roots.collect::<Vec<_>>();
    let space = [(question.store, STORE_WANTS), (question.toolbox.private(), ROOT_WANTS)];
    let space = space.into_iter().filter_map(|(folder, wanted)| Some(Space { folder: folder.to_owned(), free: free(folder)?, wanted }));
    let space = space.collect::<Vec<_>>();
    let libraries = without_library(question.targets, &targets, &rust);
    let mut proofs = targets.iter().map(|target| &target.prove).chain(question.runtimes.iter().map(|runtime| &runtime.state));
    let only_mmdebstrap = proofs.any(|state| matches!(state, Availability::Missing { what } if what.starts_with("mmdebstrap")));
    let wanting = Wanting { libraries: &libraries, only_mmdebstrap, pin: question.toolbox.pin() };
    let mut remedies = remedies(&tools, &wanting, machine.package_manager);
    remedies.extend(question.isolation.err().into_iter().flat_map(NoIsolation::advice).map(|(why, commands)| Remedy {
        why,
        commands,
        by_doctor: false,
        action: Action::Manual,
    }));
    remedies.extend(space.iter().filter(|space| space.is_short()).map(more_room));
    Examination { isolation, space, remedies, machine, tools, targets, roots, runtimes: question.runtimes.to_vec() }
}

/// Carries out one remedy; the caller has the user's consent.
///
/// # Errors
/// [`InstallError`].
pub fn heal(question: &Question<'_>, remedy: &Remedy, on_line: &mut dyn FnMut(&str)) -> Result<(), InstallError> {
    match &remedy.action {
        Action::System { lines } => lines.iter().try_for_each(|words| run_system_command(question.toolbox, words, on_line)),
        Action::Pinned { package } => match pins::find(package) {
            Some(pin) => install_pinned(question.toolbox, pin, on_line).map(drop),
            None => Ok(()),
        },
        Action::RustTarget { target } => add_rust_target(question.toolbox, target, question.project, on_line),
        Action::Manual => Ok(()),
    }
}

/// Whether anything that is wanted could need it. `cross` is a choice of the manifest, and then its absence is told.
fn concerns(tool: Tool, question: &Question<'_>) -> bool {
    let targets = question.targets;
    match tool {
        Tool::Uv | Tool::Maturin => question.tools.contains(&tool),
        Tool::CargoXwin => {
            targets.iter().any(|asked| asked.target.as_str().ends_with("-windows-msvc")) && std::env::consts::OS != "windows"
        }
        Tool::Cross => targets.iter().any(|asked| asked.builder == Some(Builder::Cross)),
        Tool::Cargo | Tool::Rustc | Tool::Rustup | Tool::CargoZigbuild => targets.iter().any(by_cargo),
        _ => true,
    }
}

fn report(toolbox: &Toolbox, tool: Tool) -> ToolReport {
    let (state, path, private) = match toolbox.locate(tool) {
        Ok(located) => {
            (Availability::Ready { how: located.version + &of_toolchain(tool, toolbox.pin()) }, Some(located.path), located.private)
        }
        Err(error) => {
            let path = match &error {
                LocateError::TooOld { path, .. } | LocateError::Mute { path, .. } => Some(path.clone()),
                LocateError::Missing { .. } | LocateError::Toolchain { .. } | LocateError::Launch(_) => None,
            };
            (Availability::Missing { what: error.to_string() }, path, false)
        }
    };
    let facts = tool.facts();
    ToolReport { tool, purpose: facts.purpose.to_owned(), minimum: dotted(facts.minimum), state, path, private }
}

/// Whose version it is, where the project has its say.
fn of_toolchain(tool: Tool, pin: &Pin) -> String {
    let name = |file: &Path| file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    match (tool, pin) {
        (Tool::Cargo | Tool::Rustc, Pin::Named { channel, file }) => format!(" (toolchain {channel}, as {} has it)", name(file)),
        (Tool::Cargo | Tool::Rustc, Pin::Folder { file }) => format!(" (not the one that {} brings, which is not asked)", name(file)),
        _ => String::new(),
    }
}

fn available(root: &RootQuestion, isolation: &Availability, is_linux: bool, ready: &dyn Fn(Tool) -> bool) -> Availability {
    match (root.name.as_str(), isolation) {
        ("scrubbed", _) => Availability::Ready { how: "environment only".to_owned() },
        (_, Availability::Missing { .. }) => isolation.clone(),
        (_, Availability::Elsewhere { .. }) if !is_linux => Availability::Elsewhere { reason: NoIsolation::OtherSystem.to_string() },
        (_, Availability::Elsewhere { .. }) => {
            Availability::Elsewhere { reason: "needs a bubblewrap that may make namespaces: see isolation".to_owned() }
        }
        ("sandbox", Availability::Ready { how }) => Availability::Ready { how: how.clone() },
        (_, Availability::Ready { .. }) if root.made => Availability::Ready { how: "made before".to_owned() },
        (_, Availability::Ready { .. }) => {
            match (&root.brought, [Tool::Mmdebstrap, Tool::Debootstrap].into_iter().find(|tool| ready(*tool))) {
                (Some(brought), _) => brought.clone(),
                (None, Some(tool)) => Availability::Ready { how: format!("{tool} makes it when it is first needed") },
                (None, None) => Availability::Missing { what: "mmdebstrap or debootstrap".to_owned() },
            }
        }
    }
}

/// Whether a target is built by cargo: a command of the project's own may not be Rust at all.
fn by_cargo(asked: &TargetQuestion) -> bool {
    asked.builder != Some(Builder::Command)
}

/// Targets whose standard library would have to be added.
fn without_library(asked: &[TargetQuestion], targets: &[TargetReport], rust: &Rust) -> Vec<Target> {
    let pairs = asked.iter().zip(targets).filter(|(asked, _)| by_cargo(asked)).map(|(_, report)| report);
    let wanting = pairs.filter(|report| !matches!(report.build, Availability::Elsewhere { .. }) && !rust.has(&report.target));
    wanting.map(|report| report.target.clone()).collect()
}

/// What is wanted beside tools.
struct Wanting<'a> {
    /// Targets whose standard library is to be added.
    libraries: &'a [Target],
    /// Whether something is brought by mmdebstrap alone: what is unpacked, and not set up.
    only_mmdebstrap: bool,
    /// The toolchain that the project pins.
    pin: &'a Pin,
}

fn remedies(tools: &[ToolReport], wanting: &Wanting<'_>, manager: Option<PackageManager>) -> Vec<Remedy> {
    let Wanting { libraries, only_mmdebstrap, pin } = *wanting;
    let lacking =
        tools.iter().filter(|report| !matches!(report.state, Availability::Ready { .. })).map(|report| report.tool).collect::<Vec<_>>();
    let nothing_makes_roots = lacking.contains(&Tool::Mmdebstrap) && lacking.contains(&Tool::Debootstrap);
    let debian_roots = !(only_mmdebstrap || nothing_makes_roots);
    // Rust of the system's own packages serves as well, until a further target is wanted.
    let rustup_idle = !lacking.contains(&Tool::Rustc) && !lacking.contains(&Tool::Cargo) && libraries.is_empty();
    let (mut remedies, mut packages, mut for_what) = (Vec::new(), Vec::new(), Vec::new());
    let mut pinned = Vec::new();
    for tool in &lacking {
        // One maker of Debian roots is enough; the better one is proposed.
        if (*tool == Tool::Mmdebstrap && debian_roots) || *tool == Tool::Debootstrap || (*tool == Tool::Rustup && rustup_idle) {
            continue;
        }
        match tool.facts().source {
            Source::Rust => {
                let remedy = match pin {
                    Pin::Named { channel, .. } if !lacking.contains(&Tool::Rustup) => {
                        manual(&format!("the toolchain {channel}"), &format!("rustup toolchain install {channel}"))
                    }
                    _ => manual("Rust", "install Rust with rustup (rustup.rs)"),
                };
                if remedies.is_empty() {
                    remedies.push(remedy);
                }
            }
            Source::Cargo(name) => {
                remedies.push(manual(&format!("{tool} {}", tool.facts().purpose), &format!("cargo install {name} --locked")))
            }
            Source::Pinned(package) => pinned.push(Remedy {
                why: format!("{tool} {}", tool.facts().purpose),
                commands: vec!["plimsoll doctor --install".to_owned()],
                by_doctor: true,
                action: Action::Pinned { package: package.to_owned() },
            }),
            Source::System(names) => {
                packages.extend(manager.map(|manager| manager.choose(&names)).unwrap_or_default());
                for_what.push(format!("{tool} {}", tool.facts().purpose));
                if manager.is_none_or(|manager| manager.choose(&names).is_empty()) {
                    remedies
                        .push(manual(&format!("{tool} {}", tool.facts().purpose), &format!("install {tool} by the means of this system")));
                }
            }
        }
    }
    if let (Some(manager), false) = (manager, packages.is_empty()) {
        let lines = manager.commands(&packages, platform::is_administrator());
        let commands = lines.iter().map(|words| words.join(" ")).collect();
        remedies.push(Remedy { why: for_what.join("; "), commands, by_doctor: true, action: Action::System { lines } });
    }
    remedies.extend(pinned);
    remedies.extend(libraries.iter().map(|target| Remedy {
        why: format!("the standard library for {target}"),
        commands: vec![format!("rustup target add {target}")],
        by_doctor: !lacking.contains(&Tool::Rustup),
        action: Action::RustTarget { target: target.clone() },
    }));
    remedies
}

fn manual(why: &str, how: &str) -> Remedy {
    Remedy { why: why.to_owned(), commands: vec![how.to_owned()], by_doctor: false, action: Action::Manual }
}

fn more_room(space: &Space) -> Remedy {
    let why = format!("room in {}: {} of {} are free", space.folder.display(), report::bytes(space.free), report::bytes(space.wanted));
    manual(&why, "plimsoll cache trim, or another disk: PLIMSOLL_STORE names the store's folder")
}

/// Bytes that this user may still write at a folder, or at the nearest one above it that exists.
pub fn free(folder: &Path) -> Option<u64> {
    folder.ancestors().find_map(platform::free_space)
}

#[cfg(test)]
mod tests;
