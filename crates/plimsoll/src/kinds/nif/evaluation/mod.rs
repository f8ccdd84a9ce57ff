//! Has Elixir evaluate what Elixir alone can know of a package: only ever in a clean root without network, within bounds of time and output, and
//! recalled by the digest of everything that it could read. What cannot be evaluated is read from the text.

mod sources;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use plimsoll_elixir::{ElixirProject, Evaluated, MOST_ANSWER, SCRIPT, Teller};
use plimsoll_exec::bubblewrap::Isolation;
use plimsoll_exec::launcher::{Ended, Finished};
use plimsoll_exec::locate::Toolbox;
use plimsoll_model::{Digest, Failure, Target};
use plimsoll_roots::{Evaluation, Evaluator};
use plimsoll_store::{ActionRecord, KeyBuilder};

use crate::host_tools::{self, HostTools};
use crate::kinds::Inquiry;
use crate::project::now;
use crate::report;
use crate::sources::Sources;
use sources::Seen;

/// Number of the way in which answers are come by.
const FORMAT: u32 = 1;
/// How long it may take; real packages take one second.
const PATIENCE: Duration = Duration::from_secs(20);
/// Files whose modules are asked for; no real package has a tenth of it.
const MOST_FILES: usize = 200;
/// Characters of an error that are told.
const MOST_SAID: usize = 400;

/// Why there is no answer.
enum NoAnswer {
    /// For this reason, with what to do about it.
    Told { reason: String, cure: String },
    /// The user stopped it, or the store failed.
    Failed(Failure),
}

impl From<Failure> for NoAnswer {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// The package as Elixir evaluates it; as its text was `read`, with the reason, if that cannot be.
///
/// # Errors
/// If the user stops it, or the store fails.
pub(super) fn evaluated(read: ElixirProject, sources: &Sources, inquiry: Inquiry<'_>) -> Result<ElixirProject, Failure> {
    if sources.at("mix.exs").is_none() {
        return Ok(read);
    }
    let question = Question { seen: Seen::of(sources), files: module_files(sources)?, inquiry, sources };
    match question.answer(&read) {
        Ok(evaluated) => Ok(read.evaluated(&evaluated)),
        Err(NoAnswer::Told { reason, cure }) => Ok(ElixirProject { teller: Teller::TextFor { reason, cure }, ..read }),
        Err(NoAnswer::Failed(failure)) => Err(failure),
    }
}

/// Files of modules that may give a library's options.
fn module_files(sources: &Sources) -> Result<Vec<String>, Failure> {
    let mut files = Vec::new();
    for (name, text) in super::elixir_texts(sources)? {
        if name.ends_with(".ex") && (text.contains("RustlerPrecompiled") || text.contains("use Rustler")) {
            files.push(name.to_owned());
        }
    }
    files.truncate(MOST_FILES);
    Ok(files)
}

struct Question<'a> {
    seen: Seen,
    files: Vec<String>,
    inquiry: Inquiry<'a>,
    sources: &'a Sources,
}

impl Question<'_> {
    fn answer(&self, read: &ElixirProject) -> Result<Evaluated, NoAnswer> {
        let toolbox = host_tools::toolbox(self.inquiry.store, self.inquiry.launcher);
        let evaluator = self.evaluator(read, &toolbox)?;
        let key = self.key(&evaluator);
        let recalled = self.inquiry.store.recall(key.key());
        let answer = recalled.and_then(|record| Evaluated::parse(record.facts.get("answer")?.as_str()?).ok());
        if let Some(answer) = answer {
            return Ok(answer);
        }
        if !self.inquiry.evaluates {
            let reason = "it was not evaluated by Elixir since it was changed, and this command runs nothing of the project's".to_owned();
            return Err(NoAnswer::Told { reason, cure: "`plimsoll plan` evaluates it".to_owned() });
        }
        let isolation = Isolation::examine(&toolbox).map_err(|error| NoAnswer::Told {
            reason: format!("Elixir is only asked in a clean root, and there is none: {error}"),
            cure: "`plimsoll doctor` says what it takes".to_owned(),
        })?;
        self.ask(&evaluator, &isolation, &key)
    }

    /// A BEAM with an Elixir that the package asks for, if there is one; else any, which may do.
    fn evaluator(&self, read: &ElixirProject, toolbox: &Toolbox) -> Result<Evaluator, NoAnswer> {
        let requirement = read.requirement();
        let fits = |version: &str| requirement.as_ref().is_none_or(|asked| version.parse().is_ok_and(|version| asked.is_met_by(&version)));
        let roots = self.inquiry.store.roots();
        let find = |fits: &dyn Fn(&str) -> bool| Evaluator::find(toolbox, &roots, &host(), fits);
        if let Some(found) = find(&fits) {
            return Ok(found);
        }
        let other = find(&|_| true);
        // A minute's work is done only if something is to be known by it.
        if !(self.inquiry.evaluates && read.has_unread()) {
            return other.ok_or_else(|| no_beam("there is no Elixir on this machine"));
        }
        match (self.made(&fits), other) {
            (Err(NoAnswer::Told { .. }), Some(other)) => Ok(other),
            (Err(NoAnswer::Told { .. }), None) => self.made(&|_| true),
            (made, _) => made,
        }
    }

    /// The BEAM of a root that is made now.
    fn made(&self, fits: &dyn Fn(&str) -> bool) -> Result<Evaluator, NoAnswer> {
        let Inquiry { store, launcher, .. } = self.inquiry;
        let name = Evaluator::root(fits).ok_or_else(|| no_beam("no root has the Elixir that mix.exs asks for"))?;
        let tools = HostTools::look(store, launcher);
        let sources = plimsoll_roots::Sources::default();
        report::note(format!("making the root {name} with Elixir, to evaluate mix.exs: once, about a minute"));
        let made = tools.roots(store, sources).make_evaluator(&name, &host(), &mut |_| {});
        if launcher.is_cancelled() {
            return Err(Failure::interrupted().into());
        }
        made.map_err(|reason| no_beam(&format!("there is no Elixir on this machine, and no root with one could be made: {reason}")))
    }

    fn key(&self, evaluator: &Evaluator) -> KeyBuilder {
        KeyBuilder::new("elixir", FORMAT)
            .part("script", &Digest::of(SCRIPT.as_bytes()))
            .part("seen", &self.seen.digest())
            .part("project", &self.sources.project)
            .part("modules", &self.files)
            .part("beam", &evaluator.identity())
    }

    fn ask(&self, evaluator: &Evaluator, isolation: &Isolation, key: &KeyBuilder) -> Result<Evaluated, NoAnswer> {
        let Inquiry { store, launcher, .. } = self.inquiry;
        let began = std::time::Instant::now();
        let place = Digest::of(self.sources.base.join(&self.sources.project).as_os_str().as_encoded_bytes());
        let work = store.work_folder(&format!("elixir-{}", place.short())).map_err(Failure::from)?;
        let own = OwnFiles::write().map_err(|error| Failure::io(Path::new("the temporary folder"), &error))?;
        work.mirror(&self.seen.listing(&own.empty)).map_err(Failure::from)?;
        isolation.give(own.folder.path()).map_err(|error| Failure::io(own.folder.path(), &error))?;
        let nonce = own.nonce();
        let arguments = std::iter::once(nonce.clone()).chain(self.files.iter().cloned()).collect::<Vec<_>>();
        let evaluation = Evaluation {
            sources: &work.sources(),
            project: &self.sources.project,
            script: &own.script,
            arguments: &arguments,
            patience: PATIENCE,
            most: MOST_ANSWER,
        };
        let finished = evaluator.run(evaluation, isolation, launcher).map_err(|error| not_evaluated(error.to_string()))?;
        if finished.ended == Ended::Cancelled {
            return Err(Failure::interrupted().into());
        }
        let answer = Evaluated::answer(&finished.stdout, &nonce).map_err(|error| not_evaluated(why(&finished, &error)))?;
        let evaluated = Evaluated::parse(answer).map_err(|error| not_evaluated(error.to_string()))?;
        let milliseconds = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let facts = serde_json::json!({ "answer": answer });
        let record = ActionRecord { outputs: BTreeMap::new(), facts, finished: now(), milliseconds };
        store.remember(key, &record).map_err(Failure::from)?;
        Ok(evaluated)
    }
}

/// What the script needs besides the sources.
struct OwnFiles {
    folder: tempfile::TempDir,
    script: PathBuf,
    /// Stands for sources whose content is not shown.
    empty: PathBuf,
}

impl OwnFiles {
    fn write() -> std::io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("plimsoll-elixir-").tempdir()?;
        let (script, empty) = (folder.path().join("evaluate.exs"), folder.path().join("empty"));
        std::fs::File::create(&script)?.write_all(SCRIPT.as_bytes())?;
        std::fs::File::create(&empty)?;
        Ok(Self { folder, script, empty })
    }

    /// What nothing else prints by chance: the folder's name has random letters.
    fn nonce(&self) -> String {
        format!("<{}>", self.folder.path().file_name().unwrap_or_default().to_string_lossy())
    }
}

/// Why it ended without an answer.
fn why(finished: &Finished, error: &plimsoll_elixir::NoAnswer) -> String {
    let said = finished.stderr_text();
    let lines = said.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("warning:"));
    let told = lines.collect::<Vec<_>>().join(" ");
    let told = told.chars().take(MOST_SAID).collect::<String>();
    match (finished.ended, finished.status, finished.signal) {
        (Ended::TimedOut, ..) => format!("it did not end within {} s", PATIENCE.as_secs()),
        (_, Some(0), _) => error.to_string(),
        (_, Some(status), _) => format!("it ended with {status}: {told}"),
        (_, None, signal) => format!("it was ended by signal {}", signal.unwrap_or_default()),
    }
}

fn not_evaluated(why: String) -> NoAnswer {
    let reason = format!("Elixir could not evaluate it: {why}");
    NoAnswer::Told { reason, cure: "write literals, or say it in plimsoll.toml".to_owned() }
}

fn no_beam(reason: &str) -> NoAnswer {
    let cure = "install Erlang and Elixir (Debian: erlang-base and elixir), write literals, or say it in plimsoll.toml";
    NoAnswer::Told { reason: reason.to_owned(), cure: cure.to_owned() }
}

/// This machine, whatever is built.
fn host() -> Target {
    let text = format!("{}-unknown-{}-gnu", std::env::consts::ARCH, std::env::consts::OS);
    text.parse().unwrap_or_else(|_| unreachable!("this machine's processor is a word"))
}
