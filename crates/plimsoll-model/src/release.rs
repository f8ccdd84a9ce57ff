//! The release: the sealed set of Proven artifacts, and `release.json`, the document that tells of it.

mod files;
mod sealing;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::claims::Contradiction;
use crate::digest::Digest;
use crate::evidence::Means;
use crate::floor::{CpuLevel, GlibcVersion};
use crate::json::{bounded_list, canonical_with};
use crate::names::{ArtifactId, FileName, KindName, Name, RootName, TrialId};
use crate::plan::Source;
use crate::target::Target;

pub use files::{EVIDENCE_FOLDER, RELEASE_FILE, ReleaseFile, ReleasePart, SUMS_FILE, evidence_path};
pub use sealing::NotARelease;

/// Number of the form of `release.json`. Documents of schema 1 are read, but their claims cannot be held against their statements, whose trials
/// named no artifacts.
pub const RELEASE_SCHEMA: u32 = 2;

/// More artifacts or gaps than any release has, and more evidence. Readers go through them for each other.
const MOST_ENTRIES: usize = 10_000;

/// More than any artifact has of programs, libraries that it needs, and roots.
const MOST_PARTS: usize = 1000;

/// Facts about an artifact's programs, measured on the shipped bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Measured {
    /// Oldest glibc that satisfies every program; none for static ones and for musl.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub glibc: Option<GlibcVersion>,
    /// Oldest system that satisfies every program, where that is no matter of a C library: `macOS 11.0`, `Windows 10.0`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// `dynamic`, `static`, `static-pie`; of the most demanding program.
    pub linkage: String,
    /// Host libraries that are needed.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "bounded_list::<_, _, MOST_PARTS>")]
    pub needed: Vec<String>,
}

/// How and where a claim was won.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Won {
    /// The trial; none in what an older plimsoll sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trial: Option<TrialId>,
    /// The root.
    pub root: RootName,
    /// The root's C library.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub libc: Option<String>,
    /// Native or emulated.
    #[serde(flatten)]
    pub means: Means,
    /// Why it was not tried on a plain x86-64 processor as well, where no level was declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plain_not_tried: Option<String>,
}

/// One artifact of `release.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReleasedArtifact {
    /// Id.
    pub id: ArtifactId,
    /// Kind.
    pub kind: KindName,
    /// Name.
    pub name: Name,
    /// Target; none for what fits several or any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// The targets that one which fits several was shown to work on; empty for others.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub targets: BTreeSet<Target>,
    /// The file.
    pub file_name: FileName,
    /// Its digest.
    pub sha256: Digest,
    /// Its size in bytes.
    pub size: u64,
    /// Container format: `tar.xz`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Programs inside.
    #[serde(default, deserialize_with = "bounded_list::<_, _, MOST_PARTS>")]
    pub binaries: Vec<String>,
    /// The level of x86-64 that it needs, as declared, and proven on a processor that has no more; none where none was declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu: Option<CpuLevel>,
    /// Measured facts.
    pub measured: Measured,
    /// What had to be shown before it could be claimed: each trial, with its digest, which evidence repeats.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub required: BTreeMap<TrialId, Digest>,
    /// Trials for further targets of one that fits several, which only another machine can run, with the reasons: gaps of the claim.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub gaps: BTreeMap<TrialId, String>,
    /// What was proven, where.
    #[serde(deserialize_with = "bounded_list::<_, _, MOST_PARTS>")]
    pub proven: Vec<Won>,
}

/// A wanted, planned or deferred artifact that the release does not hold, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Gap {
    /// Which.
    pub artifact: ArtifactId,
    /// What is missing.
    #[serde(flatten)]
    pub kind: GapKind,
}

/// Why something is not proven.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", tag = "gap", content = "reason")]
pub enum GapKind {
    /// Only another machine can prove it.
    Elsewhere(String),
    /// Not yet to be shipped.
    Planned(String),
    /// Put off.
    Deferred(String),
    /// Tried here, and it did not hold.
    Failed(String),
}

impl GapKind {
    /// As documents name it: `elsewhere`.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Elsewhere(_) => "elsewhere",
            Self::Planned(_) => "planned",
            Self::Deferred(_) => "deferred",
            Self::Failed(_) => "failed",
        }
    }

    /// Why, as a person gave it or a tool said it.
    pub fn reason(&self) -> &str {
        match self {
            Self::Elsewhere(reason) | Self::Planned(reason) | Self::Deferred(reason) | Self::Failed(reason) => reason,
        }
    }
}

/// The document `release.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ReleaseDocument {
    /// [`RELEASE_SCHEMA`].
    pub schema: u32,
    /// Digest of this document's canonical JSON with this field set to 64 zeros; tells a changed document from a changed checksum file.
    pub id: Digest,
    /// Name.
    pub name: Name,
    /// Version.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub version: semver::Version,
    /// Sources.
    pub source: Source,
    /// Id of the plan.
    pub plan: Digest,
    /// Seconds since 1970 that every packed file carries.
    pub epoch: u64,
    /// How to build from source, for machines that no artifact fits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_source: Option<String>,
    /// The artifacts, sorted by id.
    #[serde(deserialize_with = "bounded_list::<_, _, MOST_ENTRIES>")]
    pub artifacts: Vec<ReleasedArtifact>,
    /// What was wanted, planned or deferred and is not here.
    #[serde(deserialize_with = "bounded_list::<_, _, MOST_ENTRIES>")]
    pub gaps: Vec<Gap>,
    /// File below `evidence/` → its digest.
    pub evidence: BTreeMap<FileName, Digest>,
}

/// Why bytes are not a release document that can be relied on.
#[derive(Debug, thiserror::Error)]
pub enum InvalidRelease {
    /// Not JSON, or fields missing or of the wrong form.
    #[error("not a release document: {0}")]
    Form(#[from] serde_json::Error),
    /// JSON, but no object.
    #[error("not a release document: it is no JSON object")]
    NotAnObject,
    /// More evidence than any release has.
    #[error("not a release document: it names {0} files of evidence, and at most {MOST_ENTRIES} are read")]
    Evidence(usize),
    /// Written by a newer plimsoll.
    #[error("release document of schema {0}, and this version reads up to {RELEASE_SCHEMA}")]
    Newer(u64),
    /// Its parts do not fit each other.
    #[error("{0}")]
    Contradiction(#[from] Contradiction),
    /// The contents are not those that the id was made of.
    #[error("its contents were changed: its id is {says}, its contents demand {is}")]
    Changed {
        /// The id in the document.
        says: Digest,
        /// The id of its contents.
        is: Digest,
    },
}

/// A sealed release. Holds only [`Proven`](crate::Proven) artifacts, and is what publishing takes.
#[derive(Debug, Clone)]
pub struct Release {
    document: ReleaseDocument,
    statements: BTreeMap<FileName, Vec<u8>>,
}

impl Release {
    /// The document.
    pub fn document(&self) -> &ReleaseDocument {
        &self.document
    }

    /// Evidence files: name below `evidence/` → bytes.
    pub fn statements(&self) -> &BTreeMap<FileName, Vec<u8>> {
        &self.statements
    }
}

impl ReleaseDocument {
    /// Reads `release.json`, and says whether its id is that of its contents.
    ///
    /// The id is computed over the JSON as it stands, fields that this version does not know included. They are read over and never kept. Whether
    /// claims are shown by evidence is another question: [`ReleasedArtifact::is_shown_by`].
    ///
    /// # Errors
    /// Where the bytes are not such a document, of a greater schema number, or in contradiction with themselves.
    pub fn parse(bytes: &[u8]) -> Result<Self, InvalidRelease> {
        #[derive(Deserialize)]
        struct Head {
            schema: Option<u64>,
        }
        crate::unique_keys::demand(bytes)?;
        let canonical = canonical_with(bytes, "id", &nothing().to_string())?;
        if !canonical.starts_with(b"{") {
            return Err(InvalidRelease::NotAnObject);
        }
        let demanded = Digest::of(&canonical);
        drop(canonical);
        let schema = serde_json::from_slice::<Head>(bytes)?.schema.unwrap_or_default();
        if schema > u64::from(RELEASE_SCHEMA) {
            return Err(InvalidRelease::Newer(schema));
        }
        let document: Self = serde_json::from_slice(bytes)?;
        if document.evidence.len() > MOST_ENTRIES {
            return Err(InvalidRelease::Evidence(document.evidence.len()));
        }
        if document.id != demanded {
            return Err(InvalidRelease::Changed { says: document.id, is: demanded });
        }
        document.is_consistent()?;
        Ok(document)
    }

    /// The id that the rest of the document demands.
    fn computed_id(&self) -> Digest {
        Digest::of(&crate::canonical_json(&Self { id: nothing(), ..self.clone() }))
    }

    /// The bytes of `release.json`.
    pub fn to_bytes(&self) -> Vec<u8> {
        crate::document_json(self)
    }

    /// The bytes of `SHA256SUMS`: every artifact, then `release.json` as `release_digest`; sorted by name, in the form of coreutils.
    pub fn checksums(&self, release_digest: Digest) -> String {
        let mut lines = self.artifacts.iter().map(|artifact| (artifact.file_name.as_str(), artifact.sha256)).collect::<Vec<_>>();
        lines.push((RELEASE_FILE, release_digest));
        lines.sort();
        lines.into_iter().map(|(name, digest)| format!("{digest}  {name}\n")).collect()
    }
}

/// What stands for the id while it is computed.
const fn nothing() -> Digest {
    Digest::from_bytes([0; 32])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_told_in_the_words_of_documents() {
        for gap in [GapKind::Elsewhere, GapKind::Planned, GapKind::Deferred, GapKind::Failed] {
            let gap = gap("why".to_owned());
            let written = serde_json::to_value(&gap).unwrap();
            assert_eq!((written["gap"].as_str(), written["reason"].as_str()), (Some(gap.word()), Some(gap.reason())));
        }
    }
}
