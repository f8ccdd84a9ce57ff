//! A release of two artifacts, sealed as a rehearsal seals one, without a rehearsal.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use plimsoll_fetch::registry::EVIDENCE_FOLDER;
use plimsoll_model::plan::Source;
use plimsoll_model::{
    ArtifactId, ArtifactPlan, Digest, Evidence, Hashed, Means, Measured, Outcome, Plan, ProbeResult, Proven, Release, RootRecord, Start,
};
use tempfile::TempDir;

use crate::manifest::{BinaryFacts, CargoFacts, PackageFacts, read};
use crate::publish::Edition;

/// Two artifacts, one a target.
const MANIFEST: &str = "targets = [\"aarch64-unknown-linux-musl\", \"riscv64gc-unknown-linux-gnu\"]\n";

/// A release and where it lies.
pub(crate) struct SealedRelease {
    /// The release.
    pub(crate) release: Release,
    folder: TempDir,
}

impl SealedRelease {
    /// The artifacts hold `bytes` and their targets' names; evidence was won `at` a time.
    pub(crate) fn new(bytes: &str, at: u64) -> Self {
        Self::of(&plan(MANIFEST), bytes, at)
    }

    /// Of this plan.
    pub(crate) fn of(plan: &Plan, bytes: &str, at: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let proven = plan.wanted().map(|(id, artifact)| {
            let bytes = format!("{bytes} {id}");
            fs::write(folder.path().join(artifact.file_name.as_str()), &bytes).unwrap();
            let hashed = Hashed::read(&mut bytes.as_bytes()).unwrap();
            let proven = Proven::new(plan, id.clone(), hashed, &[evidence(plan, id, artifact, hashed.digest(), at)]);
            (proven.unwrap_or_else(|error| panic!("{error}")), Measured { linkage: "static".to_owned(), ..Measured::default() })
        });
        let release = Release::seal(plan, proven.collect(), BTreeMap::new(), &BTreeMap::new(), None).unwrap();
        fs::create_dir(folder.path().join(EVIDENCE_FOLDER)).unwrap();
        for (name, bytes) in Edition::sealed(&release, folder.path()).documents() {
            fs::write(folder.path().join(name), bytes).unwrap();
        }
        Self { release, folder }
    }

    /// Where its files lie.
    pub(crate) fn dist(&self) -> &Path {
        self.folder.path()
    }
}

/// The plan of a project with one program.
pub(crate) fn plan(manifest: &str) -> Plan {
    let package = PackageFacts {
        name: "app".to_owned(),
        library: None,
        version: semver::Version::new(1, 2, 3),
        folder: String::new(),
        compiled: Default::default(),
        neighbours: Default::default(),
        binaries: vec![BinaryFacts { name: "app".to_owned(), required_features: Vec::new() }],
        features: Default::default(),
        license: None,
        license_file: None,
        repository: None,
        publishable: true,
        ..PackageFacts::default()
    };
    let facts = CargoFacts { packages: vec![package], ..CargoFacts::default() };
    let project = read("plimsoll.toml", manifest, &facts, &["README.md".to_owned()].into()).unwrap_or_else(|error| panic!("{error}"));
    let source = Source { digest: Digest::of(b"sources"), commit: Some("c0ffee".to_owned()), dirty: false };
    crate::plan::plan(&project, &crate::given::GivenFiles::default(), source, 1_700_000_000).unwrap()
}

/// What the only trial of an artifact came to: all of it passed.
fn evidence(plan: &Plan, id: &ArtifactId, artifact: &ArtifactPlan, bytes: Digest, at: u64) -> Evidence {
    let trial = plan.trials_of(id).next().unwrap().1.clone();
    let results = trial.steps.iter().map(|probe| {
        let Start::Run(words) = &probe.start else { panic!("a script: {probe:?}") };
        ProbeResult {
            probe: probe.name.clone(),
            definition: probe.digest(),
            cpu: None,
            ran: words.clone(),
            outcome: Outcome::Passed,
            status: Some(0),
            signal: None,
            said: probe.expect.output.clone().unwrap_or_default(),
            milliseconds: 3,
        }
    });
    let plain = trial.target.as_ref().filter(|target| target.arch() == "x86_64");
    let plain_not_tried = plain.map(|_| "there is no emulator".to_owned());
    Evidence {
        subjects: BTreeMap::from([(artifact.file_name.clone(), bytes)]),
        required: trial.digest(),
        results: results.collect(),
        root: RootRecord {
            name: trial.root.clone(),
            digest: Some(Digest::of(b"root")),
            libc: None,
            source: None,
            isolation: "bubblewrap 0.11.0".to_owned(),
        },
        trial,
        means: Means::Native,
        plain_not_tried,
        started: at,
        tools: BTreeMap::new(),
    }
}
