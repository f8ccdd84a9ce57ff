//! Everything of a release, checked again: bytes against digests, statements against artifacts, claims against statements.
//!
//! All findings are collected, each with the file to blame. Nothing is repaired, and nothing of a release is executed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Seek;
use std::path::Path;

use plimsoll_model::{Digest, Evidence, FileName, Hasher, Means, ReleaseDocument, ReleasedArtifact, Statement};
use serde::Serialize;

use crate::finding::{Finding, Problem};
use crate::registry::{EVIDENCE_FOLDER, RELEASE_FILE, SUMS_FILE, evidence_path};
use crate::source::{Network, OpenError, Source};
use crate::sums::{compare, parse_release};

/// What a verification came to.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The release, if its document is sound; with the id of its plan and everything else that it says.
    pub release: Option<ReleaseDocument>,
    /// Digest of `release.json`.
    pub release_sha256: Option<Digest>,
    /// Files whose bytes are those of the release.
    pub sound: Vec<String>,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty() && self.release.is_some()
    }

    fn found(&mut self, file: impl Into<String>, problem: Problem) {
        self.findings.push(Finding::new(file, problem));
    }
}

/// Checks the release whose files lie in `source`. In a folder, files that do not belong to it are found too.
///
/// What was measured on the artifacts is taken as it is told: [`verify_each`] is for who can measure it again.
///
/// # Errors
/// [`OpenError`] where the network, not the release, is at fault.
pub fn verify(source: &Source, network: &Network) -> Result<Report, OpenError> {
    verify_with(source, network, None)
}

/// As [`verify`], and each artifact whose bytes are those of the release goes through `look`, in a file that is open at its start.
///
/// # Errors
/// As [`verify`].
pub fn verify_each(source: &Source, network: &Network, look: &mut Look<'_>) -> Result<Report, OpenError> {
    verify_with(source, network, Some(look))
}

/// What is wrong with an artifact beyond its digest.
pub type Look<'a> = dyn FnMut(&ReleasedArtifact, File) -> Vec<Finding> + 'a;

fn verify_with(source: &Source, network: &Network, look: Option<&mut Look<'_>>) -> Result<Report, OpenError> {
    let mut report = Report { release: None, release_sha256: None, sound: Vec::new(), findings: Vec::new() };
    let release = document(source, RELEASE_FILE, network, &mut report)?;
    let sums = document(source, SUMS_FILE, network, &mut report)?;
    let Some(release) = release else { return Ok(report) };
    report.release_sha256 = Some(Digest::of(&release));
    let parsed = match parse_release(&release) {
        Ok(parsed) => parsed,
        Err(finding) => {
            report.findings.push(finding);
            return Ok(report);
        }
    };
    if let Some(sums) = sums {
        match compare(&parsed, &release, &sums) {
            Ok(()) => report.sound.extend([RELEASE_FILE.to_owned(), SUMS_FILE.to_owned()]),
            Err(finding) => report.findings.push(finding),
        }
    }
    check_artifacts(source, &parsed, network, look, &mut report)?;
    check_evidence(source, &parsed, network, &mut report)?;
    if let Source::Folder(folder) = source {
        check_extra(folder, &parsed, Digest::of(&release), &mut report);
    }
    report.release = Some(parsed);
    Ok(report)
}

/// A document's bytes; what stands in the way becomes a finding, unless it is the network.
fn document(source: &Source, path: &str, network: &Network, report: &mut Report) -> Result<Option<Vec<u8>>, OpenError> {
    match source.read(path, network) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) => note(path, error, report).map(|()| None),
    }
}

fn note(path: &str, error: OpenError, report: &mut Report) -> Result<(), OpenError> {
    match error {
        error if error.is_network() => return Err(error),
        OpenError::NotFound { .. } => report.found(path, Problem::Missing),
        error => report.found(path, Problem::Unreadable(error.to_string())),
    }
    Ok(())
}

fn check_artifacts(
    source: &Source,
    release: &ReleaseDocument,
    network: &Network,
    mut look: Option<&mut Look<'_>>,
    report: &mut Report,
) -> Result<(), OpenError> {
    for artifact in &release.artifacts {
        let file = artifact.file_name.as_str();
        if artifact.proven.iter().all(|won| won.means == Means::Inspected) {
            report.found(RELEASE_FILE, Problem::Unproven(artifact.id.clone()));
        }
        let streamed = match &mut look {
            None => stream(source, artifact, network, &mut std::io::sink(), &mut |_, _| {}),
            Some(look) => kept(source, artifact, network).map(|kept| report.findings.extend(look(artifact, kept))),
        };
        match streamed {
            Ok(()) => report.sound.push(file.to_owned()),
            Err(StreamError::Wrong(problem)) => report.found(file, problem),
            Err(StreamError::Open(error)) => note(file, error, report)?,
            Err(StreamError::Sink(error)) => report.found(file, Problem::Unreadable(error.to_string())),
        }
    }
    Ok(())
}

/// An artifact's bytes in a file without a name, once they are known to be those of the release.
fn kept(source: &Source, artifact: &ReleasedArtifact, network: &Network) -> Result<File, StreamError> {
    let mut file = tempfile::tempfile().map_err(StreamError::Sink)?;
    stream(source, artifact, network, &mut file, &mut |_, _| {})?;
    file.rewind().map_err(StreamError::Sink)?;
    Ok(file)
}

/// Why an artifact's bytes did not go through.
#[derive(Debug)]
pub(crate) enum StreamError {
    /// They cannot be had.
    Open(OpenError),
    /// They are not those of the release.
    Wrong(Problem),
    /// They cannot be put down.
    Sink(std::io::Error),
}

/// Passes an artifact's bytes into `sink`, hashing on the way; not one more than the release says. `progress` gets bytes so far, and in all.
///
/// The sink has bytes that nobody vouches for until this returns `Ok`.
pub(crate) fn stream(
    source: &Source,
    artifact: &ReleasedArtifact,
    network: &Network,
    sink: &mut dyn std::io::Write,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(), StreamError> {
    let path = artifact.file_name.as_str();
    let mut opened = source.open(path, network).map_err(StreamError::Open)?;
    let says = artifact.size;
    if let Some(is) = opened.length.filter(|length| *length != says) {
        return Err(StreamError::Wrong(Problem::Size { says, is, at_least: false }));
    }
    let mut hasher = Hasher::new();
    let mut buffer = vec![0; 128 * 1024];
    let mut so_far = 0_u64;
    loop {
        let read = match opened.reader.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(StreamError::Open(source.broken(path, error))),
        };
        so_far += read as u64;
        if so_far > says {
            return Err(StreamError::Wrong(Problem::Size { says, is: says, at_least: true }));
        }
        hasher.update(&buffer[..read]);
        sink.write_all(&buffer[..read]).map_err(StreamError::Sink)?;
        progress(so_far, says);
    }
    let is = hasher.finish();
    if is.size() != says {
        return Err(StreamError::Wrong(Problem::Size { says, is: is.size(), at_least: false }));
    }
    if is.digest() != artifact.sha256 {
        return Err(StreamError::Wrong(Problem::Digest { says: artifact.sha256, is: is.digest() }));
    }
    Ok(())
}

fn check_evidence(source: &Source, release: &ReleaseDocument, network: &Network, report: &mut Report) -> Result<(), OpenError> {
    let files = release.artifacts.iter().map(|artifact| (&artifact.file_name, artifact.sha256)).collect::<BTreeMap<_, _>>();
    let older = release.is_older();
    if older {
        report.found(RELEASE_FILE, Problem::Older);
    }
    let before = report.findings.len();
    let mut all = BTreeMap::new();
    // What nobody claims is not even read.
    let unclaimed = if older { BTreeSet::new() } else { release.unclaimed().collect() };
    for (file, says) in &release.evidence {
        let path = evidence_path(file);
        if unclaimed.contains(file) {
            report.found(path, Problem::Unclaimed);
            continue;
        }
        let Some(bytes) = document(source, &path, network, report)? else { continue };
        let is = Digest::of(&bytes);
        if is != *says {
            report.found(path, Problem::Digest { says: *says, is });
            continue;
        }
        match if older { Ok(None) } else { evidence(&bytes, release, &files).map(Some) } {
            Ok(evidence) => {
                all.extend(evidence.map(|evidence| (file.clone(), evidence)));
                report.sound.push(path);
            }
            Err(problem) => report.found(path, problem),
        }
    }
    // A claim whose statement is spoilt would be a second finding about the same file.
    if report.findings.len() == before && !older {
        check_claims(release, &all, report);
    }
    Ok(())
}

fn evidence(bytes: &[u8], release: &ReleaseDocument, files: &BTreeMap<&FileName, Digest>) -> Result<Evidence, Problem> {
    let evidence = Statement::read(bytes).map_err(|error| Problem::Statement(error.to_string()))?;
    for id in evidence.trial.subjects.keys() {
        let artifact = release.artifacts.iter().find(|artifact| artifact.id == *id);
        let is_named = artifact.is_some_and(|artifact| evidence.subjects.contains_key(&artifact.file_name));
        if !is_named {
            return Err(Problem::Subject(id.to_string()));
        }
    }
    match evidence.subjects.iter().find(|(file, digest)| files.get(*file) != Some(*digest)) {
        Some((file, _)) => Err(Problem::Subject(file.to_string())),
        None => Ok(evidence),
    }
}

fn check_claims(release: &ReleaseDocument, all: &BTreeMap<FileName, Evidence>, report: &mut Report) {
    for artifact in &release.artifacts {
        if let Err(why) = artifact.is_shown_by(all) {
            report.found(RELEASE_FILE, Problem::Claim { artifact: artifact.id.clone(), why });
        }
    }
}

/// Names what lies in the folder and is no part of the release. Folders are not entered.
fn check_extra(folder: &Path, release: &ReleaseDocument, digest: Digest, report: &mut Report) {
    let mut known = release.files(digest).into_iter().map(|file| file.path).collect::<BTreeSet<_>>();
    let evidence = folder.join(EVIDENCE_FOLDER);
    if evidence.is_dir() {
        extra_in(&evidence, &format!("{EVIDENCE_FOLDER}/"), &known, report);
        known.insert(EVIDENCE_FOLDER.to_owned());
    }
    extra_in(folder, "", &known, report);
}

/// `known` are paths in the release; those of this folder start with `prefix`.
fn extra_in(folder: &Path, prefix: &str, known: &BTreeSet<String>, report: &mut Report) {
    let listed =
        fs::read_dir(folder).and_then(|entries| entries.map(|entry| Ok(entry?.file_name())).collect::<std::io::Result<BTreeSet<_>>>());
    match listed {
        Err(error) => report.found(prefix, Problem::Unreadable(format!("{}: {error}", folder.display()))),
        Ok(names) => {
            for name in names {
                let is_known = name.to_str().is_some_and(|name| known.contains(&format!("{prefix}{name}")));
                if !is_known {
                    report.found(format!("{prefix}{}", name.to_string_lossy()), Problem::Extra);
                }
            }
        }
    }
}
