//! The command line: one file a subcommand. Turns arguments into calls, and results into what is printed; decides nothing else.

mod cache;
mod completions;
mod doctor;
mod fetch;
mod init;
mod inspect;
mod lock;
mod plan;
mod rehearse;
mod release;
mod root;
mod stages;
mod status;
mod verify;
mod version;

use std::io::IsTerminal;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand};
use plimsoll_model::{Class, Failure, Target, visible};
use plimsoll_store::outputs::RELEASE_FOLDER;
use plimsoll_store::{Patience, Store};
use serde::Serialize;

use crate::kinds;
use crate::manifest::{self, ManifestError};
use crate::project::{self, Loaded, OpenError};
use crate::report::{self, Listener, Paint, Reporter, Text, print_json};
use plimsoll_exec::cores::Cores;
use plimsoll_exec::environment;
use plimsoll_exec::interrupt;
use plimsoll_exec::launcher::{Launcher, keeper};

/// Native code from source to proven, sealed and published artifacts.
#[derive(Debug, Parser)]
#[command(name = "plimsoll", version = env!("PLIMSOLL_VERSION_LINE"), max_term_width = 100, arg_required_else_help = true, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    common: Common,
}

const EXIT_CODES: &str = "\
Exit codes: 0 done; 1 not proven, or failed; 2 usage or manifest; 3 a tool is missing; 4 network or registry; 130 interrupted.
What only another machine can do is listed and fails nothing, unless it is all there is or --strict is given: then the code is 1.
The store lies in the user's cache folder; PLIMSOLL_STORE moves it. Colours: NO_COLOR turns them off, CLICOLOR_FORCE=1 on.";

/// Options of every subcommand.
#[derive(Debug, Clone, Args)]
pub(crate) struct Common {
    /// The project's folder; unless it is given, this one, or the nearest above it in the same repository or workspace that has a plimsoll.toml.
    #[arg(long = "root", global = true, value_name = "DIR")]
    named_root: Option<PathBuf>,
    /// The project's folder, as it was found.
    #[arg(skip)]
    pub(crate) root: PathBuf,
    /// The folder that releases are sealed into and read from, instead of the project's dist/.
    #[arg(long = "dist", global = true, value_name = "DIR")]
    pub(crate) named_dist: Option<PathBuf>,
    /// Print one JSON document on standard output, and nothing else there.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Cores to use; all of them unless said otherwise.
    #[arg(short, long, global = true, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// Do everything again that is remembered, and fail if it gives other bytes.
    #[arg(long, global = true)]
    audit_actions: bool,
    /// Tell nothing while working; failures are still printed.
    #[arg(short, long, global = true)]
    quiet: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a plimsoll.toml that runs, from what the project and this machine have.
    Init(init::Arguments),
    /// Show what is wanted, what is required of it, and in which order.
    Plan(plan::Arguments),
    /// Build, up to the products.
    Build(stages::Arguments),
    /// Build, inspect and pack, up to the artifacts.
    Pack(stages::Arguments),
    /// Build, pack and prove: every artifact installed and run in its clean roots.
    Prove(stages::Arguments),
    /// The whole release on this machine: built, proven, sealed, published to a local registry, fetched from there and run again.
    Rehearse(rehearse::Arguments),
    /// The whole release, published to the registries that the manifest names; refuses any gap.
    Release(release::Arguments),
    /// Print the load line: targets × artifacts, proven or the gap.
    Status(status::Arguments),
    /// Print the facts of any binary, with the symbol to blame for its floor.
    Inspect(inspect::Arguments),
    /// Check every byte of a sealed release, in a folder or behind a URL.
    Verify(verify::Arguments),
    /// Fetch the artifact that fits this machine from a registry: verified, unpacked, put in place.
    Fetch(fetch::Arguments),
    /// Show the version in every file that holds it; check, set and bump it.
    Version(version::Arguments),
    /// Show where each required root comes from; write the digests of images into plimsoll.lock.
    Root(root::Arguments),
    /// Fetch what the project is given by others, and lock its digests: prebuilt files, files of tests, the previous release, images.
    Lock(lock::Arguments),
    /// Say what this machine can build and prove, and how to get what is missing.
    Doctor(doctor::Arguments),
    /// Show the store, or make it smaller.
    Cache(cache::Arguments),
    #[command(flatten)]
    OfKind(kinds::Command),
    /// Print completions for a shell.
    Completions(completions::Arguments),
}

/// Which part of the plan.
#[derive(Debug, Clone, Default, Args)]
struct Selection {
    /// Only this target, or what the project wants of a family such as `macos`; may be given several times.
    #[arg(long = "target", value_name = "TARGET")]
    targets: Vec<String>,
    /// Only this artifact, as KIND.NAME; may be given several times.
    #[arg(long, value_name = "KIND.NAME")]
    only: Vec<String>,
}

/// The targets that a word on the command line stands for: one, or a family's.
fn named_targets(word: &str) -> Result<Vec<Target>, Failure> {
    Target::named(word).ok_or_else(|| {
        let shown = word.chars().take(80).collect::<String>();
        let failure = Failure::new(Class::Usage, "unknown-target", format!("there is no target `{shown}`"));
        match manifest::suggestion(word, "targets", Target::words()) {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    })
}

/// How a command ended.
pub(crate) enum Ending {
    /// It did what it was for.
    Done,
    /// What failed; printed by the caller of the command.
    Failed(Vec<Failure>),
    /// The result was printed with its failures, of these classes; none: something is not proven.
    Ended(Vec<Class>),
}

/// Why a command did not come to its end.
pub(crate) enum Trouble {
    Manifest(Box<ManifestError>),
    Failure(Box<Failure>),
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Failure(Box::new(failure))
    }
}

impl From<OpenError> for Trouble {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Manifest(error) => Self::Manifest(error),
            OpenError::Other(failure) => Self::Failure(failure),
        }
    }
}

pub(crate) type Outcome = Result<Ending, Trouble>;

/// Runs the command line of this process; gives back the exit code.
pub fn run() -> u8 {
    let mut cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    cli.common.root = cli.common.named_root.clone().unwrap_or_else(|| project::nearest(Path::new(".")));
    let paint = paint(std::io::stderr().is_terminal());
    match dispatch(&cli) {
        Ok(Ending::Done) => 0,
        Ok(Ending::Ended(classes)) => Class::deciding(classes).unwrap_or(Class::NotProven).exit_code(),
        Ok(Ending::Failed(failures)) => end(&failures, &cli.common, paint),
        Err(Trouble::Failure(failure)) => end(&[*failure], &cli.common, paint),
        Err(Trouble::Manifest(error)) if cli.common.json => end(&[error.failure()], &cli.common, paint),
        Err(Trouble::Manifest(error)) => {
            report::print_error(Text::drawn(&error.render(paint.is_coloured())).end());
            Class::Usage.exit_code()
        }
    }
}

/// clap's own words: help goes to standard output, mistakes to standard error.
fn usage(error: &clap::Error) -> u8 {
    let on_terminal = if error.use_stderr() { std::io::stderr().is_terminal() } else { std::io::stdout().is_terminal() };
    // clap repeats arguments as they are, and whoever made them may be a program: it is asked again of what is seen of them.
    let seen = std::env::args_os().map(|argument| visible::line(&argument.to_string_lossy()));
    let text = match Cli::try_parse_from(seen) {
        Err(error) if paint(on_terminal).is_coloured() => Text::drawn(&error.render().ansi().to_string()),
        Err(error) => Text::document(&error.to_string()),
        Ok(_) => Text::document(&error.to_string()),
    };
    if error.use_stderr() {
        report::print_error(&text);
        Class::Usage.exit_code()
    } else {
        match report::print(&text) {
            Ok(()) => 0,
            Err(failure) => unprinted(&failure),
        }
    }
}

fn end(failures: &[Failure], common: &Common, paint: Paint) -> u8 {
    if common.json {
        #[derive(Serialize)]
        struct Document<'a> {
            failures: &'a [Failure],
        }
        if let Err(failure) = print_json(&Document { failures }) {
            return unprinted(&failure);
        }
    } else {
        report::print_failures(failures, paint);
    }
    Class::deciding(failures.iter().map(|failure| failure.class)).unwrap_or(Class::NotProven).exit_code()
}

/// What standard output does not take is told on standard error, whatever was asked for.
fn unprinted(failure: &Failure) -> u8 {
    report::print_failures(std::slice::from_ref(failure), paint(std::io::stderr().is_terminal()));
    failure.class.exit_code()
}

fn dispatch(cli: &Cli) -> Outcome {
    let common = &cli.common;
    match &cli.command {
        Command::Init(arguments) => init::run(arguments, common),
        Command::Plan(arguments) => plan::run(arguments, common),
        Command::Build(arguments) => stages::run(arguments, common, plimsoll_model::plan::Stage::Build),
        Command::Pack(arguments) => stages::run(arguments, common, plimsoll_model::plan::Stage::Pack),
        Command::Prove(arguments) => stages::run(arguments, common, plimsoll_model::plan::Stage::Prove),
        Command::Rehearse(arguments) => rehearse::run(arguments, common),
        Command::Release(arguments) => release::run(arguments, common),
        Command::Status(arguments) => status::run(arguments, common),
        Command::Inspect(arguments) => inspect::run(arguments, common),
        Command::Verify(arguments) => verify::run(arguments, common),
        Command::Fetch(arguments) => fetch::run(arguments, common),
        Command::Version(arguments) => version::run(arguments, common),
        Command::Root(arguments) => root::run(arguments, common),
        Command::Lock(arguments) => lock::run(arguments, common),
        Command::Doctor(arguments) => doctor::run(arguments, common),
        Command::Cache(arguments) => cache::run(arguments, common),
        Command::OfKind(command) => kinds::run(command, common),
        Command::Completions(arguments) => completions::run(arguments),
    }
}

/// What a command that does work has in hand.
pub(crate) struct Bench {
    pub(crate) store: Store,
    pub(crate) launcher: Launcher,
    cores: Cores,
    pub(crate) reporter: Reporter,
    pub(crate) listener: Listener,
}

impl Common {
    /// The project, with the folder for sealed artifacts that was named.
    pub(crate) fn open(&self, bench: &Bench) -> Result<Loaded, Trouble> {
        let project = Loaded::open(&self.root, &bench.store, &bench.launcher, project::epoch()?)?;
        Ok(project.sealing_into(self.named_dist.as_deref())?)
    }

    /// The same without running anything of the project's.
    pub(crate) fn open_at_rest(&self, bench: &Bench) -> Result<Loaded, Trouble> {
        let project = Loaded::open_at_rest(&self.root, &bench.store, &bench.launcher, project::epoch()?)?;
        Ok(project.sealing_into(self.named_dist.as_deref())?)
    }

    /// The folder for sealed artifacts.
    fn dist(&self) -> PathBuf {
        self.named_dist.clone().unwrap_or_else(|| self.root.join(RELEASE_FOLDER))
    }

    /// Opens the store, starts the launcher and listens; Ctrl-C reaches everything from here on.
    pub(crate) fn bench(&self) -> Result<Bench, Failure> {
        let launcher = launcher()?;
        let folder = store_folder()?;
        let jobs = self.jobs.or_else(|| std::thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN);
        let cores = Cores::new(jobs).map_err(|error| Failure::from_error(Class::NotProven, "cores", &error))?;
        let (reporter, listener) = report::listen(report::manner(self.json, self.quiet), paint(std::io::stderr().is_terminal()));
        let store = Store::open_with(&folder, patience(&launcher)).map_err(Failure::from)?.auditing(self.audit_actions);
        Ok(Bench { store, launcher, cores, reporter, listener })
    }
}

/// Waiting for another plimsoll is told of, and Ctrl-C ends it.
fn patience(launcher: &Launcher) -> Patience {
    let handle = launcher.clone();
    let waits = || report::note("waiting for another plimsoll that uses the same store or project");
    Patience { stop: Box::new(move || handle.is_cancelled()), waits: Box::new(waits) }
}

/// A launcher that Ctrl-C and termination signals stop; a second signal does not wait for the grace.
fn launcher() -> Result<Launcher, Failure> {
    let launcher = Launcher::new().map_err(|error| Failure::from_error(Class::NotProven, "launcher", &error))?.kept_by(keeper::program());
    let handle = launcher.clone();
    interrupt::on_request(move || handle.cancel()).map_err(|error| Failure::from_error(Class::NotProven, "signals", &error))?;
    Ok(launcher)
}

fn store_folder() -> Result<PathBuf, Failure> {
    environment::store_folder().ok_or_else(|| {
        Failure::new(Class::Usage, "no-store", "there is no home folder to keep the store in").hint("set PLIMSOLL_STORE to a folder")
    })
}

fn paint(terminal: bool) -> Paint {
    // A console of Windows shows colours when it is told to, and elsewhere there is nothing to tell.
    let terminal = terminal && anstyle_query::windows::enable_ansi_colors().unwrap_or(true);
    Paint::choose(terminal, environment::text("NO_COLOR").as_deref(), environment::text("CLICOLOR_FORCE").as_deref())
}

/// Colours for standard output.
pub(crate) fn paint_output() -> Paint {
    paint(std::io::stdout().is_terminal())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
