//! A small sealed release, in the form of a folder registry.

#![allow(dead_code, clippy::unwrap_used, reason = "each test uses its part of this, and fails where it cannot go on")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use plimsoll_fetch::registry::{EVIDENCE_FOLDER, RELEASE_FILE, RegistryIndex, SUMS_FILE};
use plimsoll_fetch::unpack::Limits;
use plimsoll_fetch::{Fit, Network, Patience, Request, Source, Wish};
use plimsoll_model::evidence::{Means, Outcome, ProbeResult, RootRecord};
use plimsoll_model::plan::{Builder, Compile, Content, Gates, Holds, Origin, PLAN_SCHEMA, ProductPlan, Source as Sources};
use plimsoll_model::{
    ArtifactId, ArtifactPlan, Client, Digest, Evidence, Expectation, Fits, GlibcVersion, Hashed, KindPlan, Measured, PayloadId,
    PayloadPlan, Plan, Probe, Proven, Release, Start, Target, TargetPlan, Trial, TrialId, TrialSubject, Want,
};

pub const GNU: &str = "x86_64-unknown-linux-gnu";
pub const MUSL: &str = "x86_64-unknown-linux-musl";

/// One artifact to be released.
pub struct Part {
    pub kind: &'static str,
    pub target: &'static str,
    pub file_name: &'static str,
    pub format: Option<&'static str>,
    pub measured: Measured,
    pub bytes: Vec<u8>,
}

/// `tool-{target}/bin/tool` and a document, in tar.xz.
pub fn archive(target: &str, program: &[u8]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (path, mode, contents) in [("bin/tool", 0o755, program), ("README.md", 0o644, b"read me")] {
        let mut header = tar::Header::new_ustar();
        header.set_size(contents.len() as u64);
        header.set_mode(mode);
        tar.append_data(&mut header, format!("tool-{target}/{path}"), contents).unwrap();
    }
    xz(&tar.into_inner().unwrap())
}

pub fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 1);
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// The usual two: glibc 2.28 in an archive, and a static binary.
pub fn usual() -> Vec<Part> {
    vec![
        Part {
            kind: "archive",
            target: GNU,
            file_name: "tool-x86_64-unknown-linux-gnu.tar.xz",
            format: Some("tar.xz"),
            measured: Measured {
                system: None,
                glibc: Some(GlibcVersion::new(2, 28)),
                linkage: "dynamic".to_owned(),
                needed: vec!["libc.so.6".to_owned()],
            },
            bytes: archive(GNU, b"gnu program"),
        },
        Part {
            kind: "static",
            target: MUSL,
            file_name: "tool-x86_64-unknown-linux-musl",
            format: None,
            measured: Measured { glibc: None, system: None, linkage: "static-pie".to_owned(), needed: Vec::new() },
            bytes: b"musl program".to_vec(),
        },
    ]
}

fn probe() -> Probe {
    Probe {
        name: "version".to_owned(),
        start: Start::Run(vec!["tool".to_owned(), "--version".to_owned()]),
        env: BTreeMap::new(),
        setup: None,
        tty: false,
        until: None,
        timeout: 10,
        expect: Expectation { status: 0, output: Some("tool".to_owned()) },
    }
}

fn plan(version: &str, parts: &[Part]) -> Plan {
    let mut plan = Plan {
        schema: PLAN_SCHEMA,
        name: "tool".parse().unwrap(),
        version: version.parse().unwrap(),
        source: Sources { digest: Digest::of(version.as_bytes()), commit: None, dirty: false },
        epoch: 1_700_000_000,
        targets: BTreeMap::new(),
        products: BTreeMap::new(),
        payloads: BTreeMap::new(),
        artifacts: BTreeMap::new(),
        trials: BTreeMap::new(),
        given: BTreeMap::new(),
        generators: BTreeMap::new(),
        gates: Gates::default(),
        nodes: BTreeMap::new(),
    };
    for part in parts {
        let target: Target = part.target.parse().unwrap();
        let product = format!("tool/{target}").parse::<plimsoll_model::ProductId>().unwrap();
        let roots = vec!["sandbox".parse().unwrap()];
        let target_plan = TargetPlan { want: Want::Wanted, glibc: None, macos: None, builder: Builder::Native, roots, native: true };
        plan.targets.insert(target.clone(), target_plan);
        let compile = Compile::Command { command: "make".to_owned(), output: "out".to_owned() };
        let product_plan = ProductPlan {
            variant: None,
            strip: plimsoll_model::plan::Strip::None,
            cpu: None,
            core: "tool".parse().unwrap(),
            target: target.clone(),
            compile,
            env: BTreeMap::new(),
            embed: BTreeMap::new(),
            inputs: Vec::new(),
            prebuilt: BTreeMap::new(),
            leaves: BTreeMap::new(),
            system: Vec::new(),
        };
        plan.products.insert(product.clone(), product_plan);
        let payload = PayloadPlan {
            target: target.clone(),
            products: BTreeMap::from([(product, BTreeSet::from(["tool".to_owned()]))]),
            holds: Holds::Programs,
        };
        plan.payloads.insert(PayloadId::new(&id(part), &target), payload);
        plan.trials.insert(TrialId::new(id(part).as_str(), None, &"sandbox".parse().unwrap()), trial(part));
        let artifact = ArtifactPlan {
            cpu: None,
            kind: part.format.map_or(KindPlan::Static, |format| KindPlan::Archive { format: format.to_owned() }),
            name: "tool".parse().unwrap(),
            fits: Fits::One(target.clone()),
            want: Want::Wanted,
            file_name: part.file_name.parse().unwrap(),
            origin: Origin::Packed(vec![Content::Payload(PayloadId::new(&id(part), &target))]),
        };
        plan.artifacts.insert(id(part), artifact);
    }
    plan
}

fn id(part: &Part) -> ArtifactId {
    format!("{}.tool/{}", part.kind, part.target).parse().unwrap()
}

fn trial(part: &Part) -> Trial {
    let subject = TrialSubject { file_name: part.file_name.parse().unwrap(), binaries: vec!["tool".to_owned()] };
    Trial {
        subjects: BTreeMap::from([(id(part), subject)]),
        client: Client::Unpack,
        root: "sandbox".parse().unwrap(),
        target: part.target.parse().ok(),
        native: true,
        cpu: None,
        given: plimsoll_model::Given::default(),
        steps: vec![probe()],
    }
}

fn evidence(part: &Part, hashed: Hashed) -> Evidence {
    let trial = trial(part);
    Evidence {
        required: trial.digest(),
        trial,
        subjects: BTreeMap::from([(part.file_name.parse().unwrap(), hashed.digest())]),
        root: RootRecord {
            name: "sandbox".parse().unwrap(),
            digest: Some(Digest::of(b"root")),
            libc: Some("glibc 2.36".to_owned()),
            source: None,
            isolation: "bubblewrap 0.8.0".to_owned(),
        },
        means: Means::Native,
        results: vec![ProbeResult {
            probe: "version".to_owned(),
            definition: probe().digest(),
            cpu: None,
            ran: vec!["tool".to_owned(), "--version".to_owned()],
            outcome: Outcome::Passed,
            status: Some(0),
            signal: None,
            said: "tool 1.0.0".to_owned(),
            milliseconds: 3,
        }],
        plain_not_tried: Some("there is no qemu".to_owned()),
        started: 1_700_000_000,
        tools: BTreeMap::new(),
    }
}

pub fn seal(version: &str, parts: &[Part]) -> Release {
    let plan = plan(version, parts);
    let proven = parts.iter().map(|part| {
        let hashed = Hashed::read(&mut part.bytes.as_slice()).unwrap();
        (Proven::new(&plan, id(part), hashed, &[evidence(part, hashed)]).unwrap(), part.measured.clone())
    });
    Release::seal(&plan, proven.collect(), BTreeMap::new(), &BTreeMap::new(), Some("cargo install tool".to_owned())).unwrap()
}

/// Writes the files of a release into a folder of the registry, and adds it to the index. Gives the folder.
pub fn publish(registry: &Path, version: &str, parts: &[Part]) -> PathBuf {
    let release = seal(version, parts);
    let folder = registry.join("tool").join(version);
    std::fs::create_dir_all(folder.join(EVIDENCE_FOLDER)).unwrap();
    let document = release.document().to_bytes();
    std::fs::write(folder.join(RELEASE_FILE), &document).unwrap();
    std::fs::write(folder.join(SUMS_FILE), release.document().checksums(Digest::of(&document))).unwrap();
    for (name, bytes) in release.statements() {
        std::fs::write(folder.join(EVIDENCE_FOLDER).join(name.as_str()), bytes).unwrap();
    }
    for part in parts {
        std::fs::write(folder.join(part.file_name), &part.bytes).unwrap();
    }
    let path = registry.join("tool/index.json");
    let name = "tool".parse().unwrap();
    let mut index =
        std::fs::read(&path).map_or_else(|_| RegistryIndex::new("tool".parse().unwrap()), |b| RegistryIndex::parse(&b, &name).unwrap());
    index.add(version.parse().unwrap());
    std::fs::write(&path, index.to_bytes()).unwrap();
    folder
}

/// A network that gives up soon.
pub fn network() -> Network {
    Network::new(None, impatient())
}

pub fn impatient() -> Patience {
    Patience { attempts: 3, pause: Duration::from_millis(1), ..Patience::default() }
}

pub fn machine(glibc: Option<(u16, u16)>) -> Fit {
    Fit::Machine(plimsoll_fetch::Machine {
        arch: "x86_64".to_owned(),
        os: "linux".to_owned(),
        glibc: glibc.map(|(major, minor)| GlibcVersion::new(major, minor)),
        musl_loader: false,
        cpu: None,
    })
}

/// A registry with the usual release, a cache and a place to fetch to.
pub struct World {
    pub folder: tempfile::TempDir,
}

impl World {
    pub fn new() -> Self {
        let world = Self { folder: tempfile::tempdir().unwrap() };
        publish(&world.registry(), "1.2.3", &usual());
        world
    }

    pub fn registry(&self) -> PathBuf {
        self.folder.path().join("registry")
    }

    pub fn release(&self) -> PathBuf {
        self.registry().join("tool/1.2.3")
    }

    pub fn cache(&self) -> PathBuf {
        self.folder.path().join("cache")
    }

    pub fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    pub fn request(&self, source: &str) -> Request {
        Request {
            source: source.parse::<Source>().unwrap(),
            name: "tool".parse().unwrap(),
            version: Wish::Latest { pre_releases: false },
            release_sha256: None,
            artifact: None,
            kind: None,
            fit: machine(Some((2, 36))),
            to: self.work().join("tool"),
            cache: Some(self.cache()),
            limits: Limits::default(),
        }
    }

    /// Puts another document into the release, with the id and the checksums that it demands: a registry may say anything.
    pub fn write_release(&self, mut document: serde_json::Value) {
        document["id"] = "0".repeat(64).into();
        document["id"] = Digest::of(&plimsoll_model::canonical_json(&document)).to_string().into();
        let bytes = plimsoll_model::document_json(&document);
        let read = plimsoll_model::ReleaseDocument::parse(&bytes).unwrap();
        std::fs::write(self.release().join(RELEASE_FILE), &bytes).unwrap();
        std::fs::write(self.release().join(SUMS_FILE), read.checksums(Digest::of(&bytes))).unwrap();
    }

    /// Everything below a folder, names only.
    pub fn listing(folder: &Path) -> Vec<String> {
        let mut names = std::fs::read_dir(folder)
            .map(|entries| entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect::<Vec<_>>())
            .unwrap_or_default();
        names.sort();
        names
    }
}
