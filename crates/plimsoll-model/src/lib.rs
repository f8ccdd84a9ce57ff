//! The nouns of a release and the rule that nothing is claimed before it is proven.
//!
//! Pure: no file system, process, network, clock or environment. Time and bytes come in as values. Documents are read tolerantly:
//! what a newer writer added is passed over, not refused.

pub mod calendar;
pub mod claims;
pub mod digest;
pub mod evidence;
pub mod failure;
pub mod floor;
pub mod given;
pub mod json;
pub mod kind;
pub mod names;
pub mod plan;
pub mod probe;
pub mod proven;
pub mod python;
pub mod release;
pub mod target;
pub mod trial;
pub mod unique_keys;
pub mod visible;
mod written;

pub use digest::{Digest, Hashed, Hasher, HashingWriter};
pub use evidence::{Evidence, Means, Outcome, ProbeResult, RootRecord, Statement};
pub use failure::{Cause, Class, Failure};
pub use floor::{CpuLevel, GlibcVersion, MacosVersion};
pub use given::{Given, GivenFrom, PrebuiltFile, PreviousFile};
pub use kind::KindPlan;
pub use kind::nif::{InvalidNifVersion, NifPlan, NifScheme, NifVersion};
pub use kind::wheel::{WheelPlan, WheelText};
pub use names::{ArtifactId, FileName, KindName, Name, NodeId, PayloadId, ProductId, RootName, TrialId};
pub use plan::{ArtifactPlan, Fits, PayloadPlan, Plan, ProductPlan, TargetPlan, Want};
pub use probe::{Expectation, Probe, Start};
pub use proven::{NotProven, Proven};
pub use release::{Gap, GapKind, Measured, Release, ReleaseDocument, ReleasedArtifact};
pub use target::{Libc, Target};
pub use trial::{Client, NotShown, Trial, TrialSubject};

use serde::Serialize;

/// JSON without white space and with sorted maps: what identities are computed over.
pub fn canonical_json<T: Serialize>(value: &T) -> Vec<u8> {
    let mut value = to_value(value);
    value.sort_all_objects();
    value.to_string().into_bytes()
}

/// JSON as documents hold it: indented, with a final newline.
pub fn document_json<T: Serialize>(value: &T) -> Vec<u8> {
    let mut text = format!("{:#}", to_value(value));
    text.push('\n');
    text.into_bytes()
}

#[expect(
    clippy::expect_used,
    reason = "the values of this crate have string keys and finite numbers; an identity of nothing would be worse"
)]
fn to_value<T: Serialize>(value: &T) -> serde_json::Value {
    serde_json::to_value(value).expect("documents of this crate are representable as JSON")
}
