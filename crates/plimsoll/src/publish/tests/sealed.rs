//! A release of two artifacts, sealed as a rehearsal seals one, without a rehearsal.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use plimsoll_fetch::registry::EVIDENCE_FOLDER;
use plimsoll_model::plan::Source;
use plimsoll_model::{
    ArtifactId, ArtifactPlan, Digest, Evidence, FileName, Hashed, Means, Measured, Outcome, Plan, ProbeResult, Proven, Release, RootRecord,
    Start, Trial,
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
        Self::holding(plan, &|id, _| format!("{bytes} {id}").into_bytes(), at)
    }

    /// Of this plan, with these bytes of each artifact.
    pub(crate) fn holding(plan: &Plan, bytes: &dyn Fn(&ArtifactId, &ArtifactPlan) -> Vec<u8>, at: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut hashed = BTreeMap::new();
        for (id, artifact) in plan.wanted() {
            let bytes = bytes(id, artifact);
            fs::write(folder.path().join(artifact.file_name.as_str()), &bytes).unwrap();
            hashed.insert(artifact.file_name.clone(), (id, Hashed::read(&mut bytes.as_slice()).unwrap()));
        }
        let digest = |file: &FileName| hashed[file].1.digest();
        let proven = hashed.values().map(|(id, hashed)| {
            let evidence = plan.trials_of(id).map(|(_, trial)| evidence(trial, &digest, at)).collect::<Vec<_>>();
            let proven = Proven::new(plan, (*id).clone(), *hashed, &evidence);
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
    plan_with(manifest, crate::kinds::Facts::default())
}

/// The same, with what kinds know of it.
pub(crate) fn plan_with(manifest: &str, of_kinds: crate::kinds::Facts) -> Plan {
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
    let facts = CargoFacts { packages: vec![package], of_kinds, ..CargoFacts::default() };
    let project = read("plimsoll.toml", manifest, &facts, &["README.md".to_owned()].into()).unwrap_or_else(|error| panic!("{error}"));
    let source = Source { digest: Digest::of(b"sources"), commit: Some("c0ffee".to_owned()), dirty: false };
    crate::plan::plan(&project, &crate::given::GivenFiles::default(), source, 1_700_000_000).unwrap()
}

/// What a trial came to: all of it passed.
fn evidence(trial: &Trial, digest: &dyn Fn(&FileName) -> Digest, at: u64) -> Evidence {
    let results = trial.steps.iter().map(|probe| ProbeResult {
        probe: probe.name.clone(),
        definition: probe.digest(),
        cpu: None,
        ran: match &probe.start {
            Start::Run(words) => words.clone(),
            Start::Script(_) | Start::Client { .. } => vec!["sh".to_owned()],
        },
        outcome: Outcome::Passed,
        status: Some(0),
        signal: None,
        said: probe.expect.output.clone().unwrap_or_default(),
        milliseconds: 3,
    });
    let plain = trial.target.as_ref().filter(|target| target.arch() == "x86_64");
    let plain_not_tried = plain.map(|_| "there is no emulator".to_owned());
    let subjects = trial.subjects.values().map(|subject| (subject.file_name.clone(), digest(&subject.file_name)));
    Evidence {
        subjects: subjects.collect(),
        required: trial.digest(),
        results: results.collect(),
        root: RootRecord {
            name: trial.root.clone(),
            digest: Some(Digest::of(b"root")),
            libc: None,
            source: None,
            isolation: "bubblewrap 0.11.0".to_owned(),
        },
        trial: trial.clone(),
        means: Means::Native,
        plain_not_tried,
        started: at,
        tools: BTreeMap::new(),
    }
}
