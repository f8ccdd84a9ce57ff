//! The BEAM as a client: how a NIF gets to its users, and what loads it there. From the store it lies in the cache of downloads; from the harbor the
//! package downloads it by itself.

use std::collections::BTreeMap;

use plimsoll_model::{ArtifactPlan, Class, Digest, Failure, KindPlan, NifPlan, Outcome, Probe, ProbeResult, RootName, Start, Trial};
use plimsoll_pack::nif::ChecksumMap;
use plimsoll_pack::nif::checksums;
use plimsoll_roots::{Runtime, signal_name};

use super::beam_probe::{From, Way};
use super::check::unfit_for;
use super::consumer::choice::Choice;
use super::{End, ModuleName, Report, Trouble, beam_probe, compile_error, consumer, dependencies, judge, library_words, package, probe};
use crate::prove::client::{InstallClient, InstallContext, Installer, Supply};
use crate::prove::provisions::Provisions;
use crate::prove::{Installed, Subject, Trying};
use crate::sources::Sources;

/// Loads by a BEAM.
#[derive(Debug)]
pub(crate) struct Beam;

impl InstallClient for Beam {
    fn runtime(&self) -> Option<Runtime> {
        Some(Runtime::Beam)
    }

    fn unfit(&self, root: &RootName, artifact: &ArtifactPlan) -> Option<String> {
        let KindPlan::Nif { nif } = &artifact.kind else { return None };
        unfit_for(nif, root)
    }

    fn identity(&self, trying: Trying<'_>, context: InstallContext<'_>) -> Result<BTreeMap<String, (Digest, bool)>, Failure> {
        let mut provisions = provisions(library(trying)?, context.sources)?;
        archive(&mut provisions, library(trying)?.0);
        Ok(provisions.identity().into_iter().map(|(path, known)| (path.to_owned(), known)).collect())
    }

    fn install(&self, trying: Trying<'_>, context: InstallContext<'_>, supply: Supply<'_>) -> Result<Installed, Failure> {
        let mut provisions = provisions(library(trying)?, context.sources)?;
        match supply {
            Supply::Store => archive(&mut provisions, library(trying)?.0),
            // Nothing of the store's can be taken for what was downloaded.
            Supply::Harbor { .. } => {}
        }
        Ok(Installed::laid_out(provisions.lay_out(context.store)?))
    }

    fn installer(&self, trying: Trying<'_>, context: InstallContext<'_>, supply: Supply<'_>) -> Result<Option<Installer>, Failure> {
        let compiles = |step: &Probe| matches!(&step.start, Start::Client { name, .. } if name != beam_probe::SYNTHETIC);
        if !trying.trial.steps.iter().any(compiles) {
            return Ok(None);
        }
        let scheme = library(trying)?.1.scheme;
        Ok(Some(choice(trying, context, supply)?.installer(scheme)))
    }

    fn step(&self, trying: Trying<'_>, step: &Probe, context: InstallContext<'_>, supply: Supply<'_>) -> Result<Probe, Failure> {
        let Start::Client { name, arguments } = &step.start else { return Ok(step.clone()) };
        let (subject, nif) = library(trying)?;
        let module = nif.module.parse::<ModuleName>().map_err(|error| Failure::from_error(Class::Usage, "module", &error))?;
        let url = match supply {
            Supply::Store => None,
            Supply::Harbor { at, .. } => Some(at.files.to_string()),
        };
        let way = Way {
            file_name: subject.artifact.file_name.as_str(),
            nif,
            from: url.as_deref().map_or(From::Cache, From::Harbor),
            by_library: choice(trying, context, supply)?.is_library(),
        };
        let script = match name.as_str() {
            beam_probe::SYNTHETIC => way.synthetic(&module, arguments),
            beam_probe::OWN_MODULE => way.own_module(&module, arguments),
            beam_probe::TESTS => way.tests(&arguments.join(" ")),
            _ => return Err(Failure::new(Class::NotProven, "plan", format!("a BEAM knows no step `{name}`"))),
        };
        Ok(Probe { start: Start::Script(script), ..step.clone() })
    }

    fn day<'t>(&self, trial: &'t Trial) -> Option<&'t Probe> {
        trial.steps.iter().find(|step| step.name == beam_probe::OWN_MODULE)
    }

    fn fetches(&self) -> bool {
        true
    }

    fn lacking(&self, result: &ProbeResult) -> Option<String> {
        lacking(result)
    }

    fn explain(&self, result: &ProbeResult) -> Option<Failure> {
        trouble(result)
    }
}

/// The library that is tried. A BEAM loads one at a time.
fn library(trying: Trying<'_>) -> Result<(Subject<'_>, &NifPlan), Failure> {
    match trying.subjects {
        [subject] => match &subject.artifact.kind {
            KindPlan::Nif { nif } => Ok((*subject, nif)),
            KindPlan::Archive { .. } | KindPlan::Static | KindPlan::File | KindPlan::Wheel { .. } => Err(not_one(trying)),
        },
        _ => Err(not_one(trying)),
    }
}

fn not_one(trying: Trying<'_>) -> Failure {
    Failure::new(Class::NotProven, "plan", "a BEAM tries one library at a time").about(trying.id.to_string())
}

/// What compiles the package in a trial.
fn choice(trying: Trying<'_>, context: InstallContext<'_>, supply: Supply<'_>) -> Result<Choice, Failure> {
    let downloads = matches!(supply, Supply::Harbor { .. });
    Choice::of(library(trying)?.1, trying.trial.target.as_ref(), downloads, context.sources)
}

/// The archive as it was packed.
fn archive(provisions: &mut Provisions<'_>, subject: Subject<'_>) {
    provisions.blob(subject.artifact.file_name.as_str(), subject.digest);
}

/// Everything that a BEAM is given beside the archive: the package and its dependencies, the map of checksums, and the programs that try it.
fn provisions<'s>((subject, nif): (Subject<'s>, &'s NifPlan), files: &'s Sources) -> Result<Provisions<'s>, Failure> {
    let mut provisions = Provisions::default();
    let file_name = subject.artifact.file_name.as_str();
    for (name, file, is_packed) in package::files(nif, files) {
        let folder = if is_packed { beam_probe::PACKAGE } else { beam_probe::UNPACKED };
        provisions.source(format!("{folder}/{name}"), file);
    }
    // What the project's tests were given by mix, by digest: names relative to its folder of dependencies.
    for (name, file) in &files.dependencies {
        provisions.source(format!("{}/{name}", beam_probe::DEPENDENCIES), file);
    }
    for (name, text) in consumer::PROGRAMS.into_iter().chain([(probe::FILE, probe::SOURCE)]) {
        provisions.text(format!("{}/{name}", beam_probe::PROGRAMS), text);
    }
    let module = nif.module.parse::<ModuleName>().map_err(|error| Failure::from_error(Class::Usage, "module", &error))?;
    let mut map = ChecksumMap::new();
    map.insert(file_name, subject.digest);
    provisions.text(checksums::file(nif.scheme, module.as_str()), map.to_string());
    Ok(provisions)
}

/// What the root has not, as it was told: a plugin of rebar3, which would have to be fetched, or OTP's own crypto.
fn lacking(result: &ProbeResult) -> Option<String> {
    if !matches!(result.outcome, Outcome::Failed(_)) {
        return None;
    }
    if let Some(plugin) = library_words::plugin(&result.said) {
        return Some(format!("a dependency is compiled by a plugin of rebar3, and nothing is fetched in a clean root: {plugin}"));
    }
    let report = Report::read(&result.said);
    let lacks = report.fact("lacks")?;
    Some(format!("a BEAM for musl has a stand-in for OTP's :crypto here, which has no {lacks}"))
}

/// What a BEAM, or the program that asked it, said of a probe that did not pass; none where it said nothing of its own.
fn trouble(result: &ProbeResult) -> Option<Failure> {
    let end = match (result.signal, result.status, &result.outcome) {
        (_, _, Outcome::Failed(reason)) if timed_out(reason).is_some() => End::TimedOut(timed_out(reason).unwrap_or_default()),
        (Some(signal), ..) => End::Signal(signal_name(signal)),
        (None, Some(status), _) => End::Exited(status),
        (None, None, _) => return None,
    };
    let mut report = Report::read(&result.said);
    if report.failed.is_none() && result.outcome != Outcome::Passed {
        report.failed = library_words::failed(&result.said).map(|(code, said)| (code.to_owned(), said));
    }
    // Tests speak for themselves, unless what comes before them failed.
    let silent = report.stages.is_empty() || result.probe == beam_probe::TESTS;
    if silent && report.failed.is_none() && compile_error::told(&result.said).is_none() {
        return None;
    }
    judge(&report, &end, &result.said).err().map(|trouble| match trouble {
        Trouble::NotCompiled(_) => dependencies::explained(&report, trouble.failure()),
        other => other.failure(),
    })
}

/// The seconds of a run that was stopped, as its outcome tells them.
fn timed_out(reason: &str) -> Option<u64> {
    reason.strip_prefix("did not end within ")?.split(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(outcome: &str, status: Option<i32>, signal: Option<i32>, said: &str) -> ProbeResult {
        ProbeResult {
            cpu: None,
            probe: "load".to_owned(),
            definition: plimsoll_model::Digest::of(b""),
            ran: Vec::new(),
            outcome: Outcome::Failed(outcome.to_owned()),
            status,
            signal,
            said: said.to_owned(),
            milliseconds: 1,
        }
    }

    #[test]
    fn what_a_root_has_not_is_told_and_only_if_a_step_failed() {
        let lacks = "plimsoll-nif: {\"fact\":\"lacks\",\"value\":\"mac/4, which A.Token.sign/2 calls\"}\n";
        let reason = lacking(&ended("exit status 2, expected 0", Some(2), None, lacks)).unwrap();
        assert_eq!(reason, "a BEAM for musl has a stand-in for OTP's :crypto here, which has no mac/4, which A.Token.sign/2 calls");
        let passed = ProbeResult { outcome: Outcome::Passed, ..ended("", Some(0), None, lacks) };
        assert_eq!(lacking(&passed), None);
        assert_eq!(lacking(&ended("exit status 2, expected 0", Some(2), None, "")), None);
    }

    #[test]
    fn what_a_beam_said_comes_through_with_the_time_and_the_signal() {
        let stage = "plimsoll-nif: {\"stage\":\"load\"}\n";
        let code = |result: ProbeResult| trouble(&result).map(|failure| (failure.code.to_string(), failure.message));
        let (hung, message) = code(ended("did not end within 20 s: x", None, Some(9), stage)).unwrap();
        assert_eq!(hung, "nif-hung");
        assert!(message.contains("within 20 s"), "{message}");
        let (crashed, message) = code(ended("ended by SIGABRT", None, Some(6), stage)).unwrap();
        assert_eq!(crashed, "nif-crashed");
        assert!(message.contains("SIGABRT"), "{message}");
        let panic = "plimsoll-nif: {\"failed\":\"load\",\"said\":\"no\"}\nthread 'x' panicked at src/lib.rs:1:1:\nno counters today\n";
        assert_eq!(code(ended("exit status 1, expected 0", Some(1), None, panic)).unwrap().0, "nif-panicked");
        let tests = ProbeResult { probe: beam_probe::TESTS.to_owned(), ..ended("exit status 2, expected 0", Some(2), None, stage) };
        assert_eq!(code(tests), None);
        let uncompiled = "== Compilation error in file lib/a.ex ==\n** (CompileError) lib/a.ex:2: undefined function g/1\n";
        assert_eq!(code(ended("exit status 1, expected 0", Some(1), None, uncompiled)).unwrap().0, "nif-not-compiled");
        // What was not fetched has nothing to do with a crash.
        let absent = "plimsoll-nif: {\"fact\":\"dependency-absent\",\"value\":\"jason\"}\n";
        let hints = |said: &str, status, signal| trouble(&ended("ended", status, signal, said)).unwrap().hint.unwrap_or_default();
        assert!(hints(&format!("{absent}{uncompiled}"), Some(1), None).contains("mix deps.get"));
        assert!(!hints(&format!("{absent}{stage}"), None, Some(6)).contains("mix deps.get"));
        assert_eq!(code(ended("exit status 127, expected 0", Some(127), None, "sh: escript: not found\n")), None);
    }
}
