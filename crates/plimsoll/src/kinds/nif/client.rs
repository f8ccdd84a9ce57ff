//! What a BEAM needs to load a NIF as its users do: the archive, the project's Elixir side, the map of checksums, and the programs that try it.

use plimsoll_model::{ArtifactPlan, Class, Failure, NifPlan, Outcome, Probe, ProbeResult, Start};
use plimsoll_pack::nif::ChecksumMap;
use plimsoll_pack::nif::checksums;
use plimsoll_store::work::SourceFile;

use super::{End, ModuleName, Report, beam_probe, consumer, judge, probe};
use crate::prove::Subject;
use crate::prove::provisions::Provisions;
use crate::sources::Sources;
use plimsoll_roots::signal_name;

/// The project's files that its Elixir side is compiled from.
fn sources<'s>(nif: &'s NifPlan, sources: &'s Sources) -> impl Iterator<Item = (&'s str, &'s SourceFile)> {
    nif.elixir.iter().filter_map(move |name| sources.of_project().find(|(known, _)| known == name))
}

/// Everything that a BEAM is given: the archive, the package and its dependencies, the map of checksums, and the programs that try it.
pub(crate) fn provisions<'s>(subject: Subject<'s>, nif: &'s NifPlan, files: &'s Sources) -> Result<Provisions<'s>, Failure> {
    let mut provisions = Provisions::default();
    let file_name = subject.artifact.file_name.as_str();
    provisions.blob(file_name, subject.digest);
    for (name, file) in sources(nif, files) {
        provisions.source(format!("{}/{name}", beam_probe::PACKAGE), file);
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

/// The probe of a user's day; none where the project has no mix.exs that could be compiled.
pub(crate) fn download(artifact: &ArtifactPlan, nif: &NifPlan, url: &str) -> Result<Option<Probe>, Failure> {
    let Some(own) = artifact.probes.iter().find(|probe| probe.name == beam_probe::OWN_MODULE) else { return Ok(None) };
    let module = nif.module.parse::<ModuleName>().map_err(|error| Failure::from_error(Class::Usage, "module", &error))?;
    let script = beam_probe::download(url, nif, &module, &nif.load);
    Ok(Some(Probe { name: "download".to_owned(), start: Start::Script(script), ..own.clone() }))
}

/// What a BEAM, or the program that asked it, said of a probe that did not pass; none where it said nothing of its own.
pub(crate) fn trouble(result: &ProbeResult) -> Option<Failure> {
    let end = match (result.signal, result.status, &result.outcome) {
        (_, _, Outcome::Failed(reason)) if timed_out(reason).is_some() => End::TimedOut(timed_out(reason).unwrap_or_default()),
        (Some(signal), ..) => End::Signal(signal_name(signal)),
        (None, Some(status), _) => End::Exited(status),
        (None, None, _) => return None,
    };
    let report = Report::read(&result.said);
    // Tests speak for themselves, unless what comes before them failed.
    let silent = report.stages.is_empty() || result.probe == beam_probe::TESTS;
    if silent && report.failed.is_none() {
        return None;
    }
    judge(&report, &end, &result.said).err().map(|trouble| trouble.failure())
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
        assert_eq!(code(ended("exit status 127, expected 0", Some(127), None, "sh: escript: not found\n")), None);
    }
}
