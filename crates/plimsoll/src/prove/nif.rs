//! What a BEAM needs to load a NIF as its users do: the archive, the project's Elixir side, the map of checksums, and the programs that try it.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use plimsoll_model::plan::NifPlan;
use plimsoll_model::{ArtifactPlan, Class, Digest, Failure, Outcome, Probe, ProbeResult, Start};
use plimsoll_pack::nif::ChecksumMap;
use plimsoll_pack::nif::checksums;
use plimsoll_store::work::SourceFile;
use plimsoll_store::{Store, programs};
use tempfile::TempDir;

use super::Subject;
use super::installed::FOLDER;
use crate::nif::{End, ModuleName, Report, beam_probe, consumer, judge, probe};
use crate::roots::signal_name;
use crate::sources::Sources;
use crate::{io_failure, store_failure};

/// The project's files that its Elixir side is compiled from.
pub(super) fn sources<'s>(artifact: &'s ArtifactPlan, sources: &'s Sources) -> impl Iterator<Item = (&'s str, &'s SourceFile)> {
    let wanted = artifact.nif.iter().flat_map(|nif| &nif.elixir);
    wanted.filter_map(move |name| sources.of_project().find(|(known, _)| known == name))
}

/// What the project's tests were given by mix, by digest: names relative to its folder of dependencies.
pub(super) fn dependencies<'s>(artifact: &ArtifactPlan, sources: &'s Sources) -> impl Iterator<Item = (&'s str, &'s SourceFile)> {
    let files = artifact.nif.iter().flat_map(|_| &sources.dependencies);
    files.map(|(name, file)| (name.as_str(), file))
}

/// What the key of a proof knows files by.
pub(super) fn identities<'s>(files: impl Iterator<Item = (&'s str, &'s SourceFile)>) -> BTreeMap<&'s str, (Digest, bool)> {
    files.map(|(name, file)| (name, (file.digest, file.executable))).collect()
}

/// Lays everything out below a temporary folder.
pub(super) fn lay_out(store: &Store, subject: Subject<'_>, nif: &NifPlan, files: &Sources) -> Result<TempDir, Failure> {
    let folder = store.temporary_folder().map_err(store_failure)?;
    let here = folder.path().join(FOLDER);
    let package = here.join(beam_probe::PACKAGE);
    fs::create_dir_all(&package).map_err(|error| io_failure(&package, &error))?;
    let file_name = subject.artifact.file_name.as_str();
    store.materialise(subject.digest, &here.join(file_name), 0o644).map_err(store_failure)?;
    for (name, file) in sources(subject.artifact, files) {
        copy(file, &package.join(name))?;
    }
    for (name, file) in dependencies(subject.artifact, files) {
        copy(file, &here.join(beam_probe::DEPENDENCIES).join(name))?;
    }
    let programs = here.join(beam_probe::PROGRAMS);
    for (name, text) in consumer::PROGRAMS.into_iter().chain([(probe::FILE, probe::SOURCE)]) {
        write(&programs.join(name), text.as_bytes())?;
    }
    let module = nif.module.parse::<ModuleName>().map_err(|error| Failure::from_error(Class::Usage, "module", &error))?;
    let mut map = ChecksumMap::new();
    map.insert(file_name, subject.digest);
    write(&here.join(checksums::file(nif.scheme, module.as_str())), map.to_string().as_bytes())?;
    Ok(folder)
}

/// The probe of a user's day; none where the project has no mix.exs that could be compiled.
pub(super) fn download(artifact: &ArtifactPlan, nif: &NifPlan, url: &str) -> Result<Option<Probe>, Failure> {
    let Some(own) = artifact.probes.iter().find(|probe| probe.name == beam_probe::OWN_MODULE) else { return Ok(None) };
    let module = nif.module.parse::<ModuleName>().map_err(|error| Failure::from_error(Class::Usage, "module", &error))?;
    let script = beam_probe::download(url, nif, &module, &nif.load);
    Ok(Some(Probe { name: "download".to_owned(), start: Start::Script(script), ..own.clone() }))
}

/// What a BEAM, or the program that asked it, said of a probe that did not pass; none where it said nothing of its own.
pub(super) fn trouble(result: &ProbeResult) -> Option<Failure> {
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

/// The bytes that the key names, or none.
fn copy(file: &SourceFile, to: &Path) -> Result<(), Failure> {
    let bytes = fs::read(&file.from).map_err(|error| io_failure(&file.from, &error))?;
    if Digest::of(&bytes) != file.digest {
        let changed = Failure::new(Class::NotProven, "source-changed", "changed while the project was worked on");
        return Err(changed.about(file.from.display().to_string()).hint("run the command again"));
    }
    write(to, &bytes)?;
    if file.executable {
        // Anew: whoever writes a program sees to it that it can be started.
        return programs::write(to, &bytes).map_err(|error| io_failure(to, &error));
    }
    fs::set_permissions(to, fs::Permissions::from_mode(0o644)).map_err(|error| io_failure(to, &error))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(|error| io_failure(folder, &error))?;
    fs::write(path, bytes).map_err(|error| io_failure(path, &error))
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
