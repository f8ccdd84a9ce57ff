//! How an artifact is tried, if that is not by unpacking it and running its programs: what its root is given, what its users do, and what is
//! said of a failure.

use plimsoll_model::{ArtifactPlan, Failure, KindPlan, Probe, ProbeResult};

use super::nif;
use crate::prove::Subject;
use crate::prove::provisions::Provisions;
use crate::sources::Sources;

/// What is laid out in the root in place of the unpacked artifact; none if it is unpacked.
///
/// # Errors
/// If the plan's words on it are no use.
pub(crate) fn provisions<'s>(subject: Subject<'s>, sources: &'s Sources) -> Result<Option<Provisions<'s>>, Failure> {
    match &subject.artifact.kind {
        KindPlan::Archive { .. } | KindPlan::Static | KindPlan::File => Ok(None),
        KindPlan::Nif { nif } => nif::client::provisions(subject, nif, sources).map(Some),
    }
}

/// How users get it from where it is published.
pub(crate) enum UsersDay {
    /// They fetch and unpack it.
    Fetched,
    /// By a tool of their own, which this probe runs; it downloads.
    ByProbe(Box<Probe>),
    /// Nothing is there that could use it.
    Nobody,
}

/// A user's day, with the artifact published in the folder at `url`, which is asked for only by a tool of the user's own.
///
/// # Errors
/// As [`provisions`], and what `url` fails with.
pub(crate) fn users_day(artifact: &ArtifactPlan, url: impl FnOnce() -> Result<String, Failure>) -> Result<UsersDay, Failure> {
    match &artifact.kind {
        KindPlan::Archive { .. } | KindPlan::Static | KindPlan::File => Ok(UsersDay::Fetched),
        KindPlan::Nif { nif } => {
            Ok(nif::client::download(artifact, nif, &url()?)?.map_or(UsersDay::Nobody, |probe| UsersDay::ByProbe(Box::new(probe))))
        }
    }
}

/// The kind's own words for a probe that did not pass; none if it has none.
pub(crate) fn explain(kind: &KindPlan, result: &ProbeResult) -> Option<Failure> {
    match kind {
        KindPlan::Archive { .. } | KindPlan::Static | KindPlan::File => None,
        KindPlan::Nif { .. } => nif::client::trouble(result),
    }
}
