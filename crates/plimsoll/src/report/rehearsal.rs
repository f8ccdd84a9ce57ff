//! What a rehearsal came to, as a script and as a person reads it.

use std::collections::BTreeMap;

use plimsoll_model::{ArtifactId, Failure, GapKind, Plan, ReleaseDocument};
use serde::Serialize;

use super::load_line::LoadLine;
use super::publication::PublicationDocument;
use super::{Paint, Text};
use crate::harbor::FetchedBack;
use crate::pipeline::Rehearsal;

/// The document that `rehearse --json` and `release --json` print.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RehearsalDocument {
    /// Every artifact of the plan, proven or with the reason why not.
    pub load_line: LoadLine,
    /// The sealed release; none where nothing was proven.
    pub release: Option<ReleaseDocument>,
    /// What was fetched back from the harbor and run.
    pub fetched_back: Vec<FetchedBack>,
    /// What failed.
    pub failures: Vec<Failure>,
    /// Artifact → what it needs elsewhere.
    pub elsewhere: BTreeMap<ArtifactId, String>,
    /// What was published, or would be; of `release` alone, and none where it did not come so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publication: Option<PublicationDocument>,
}

impl RehearsalDocument {
    /// Of a rehearsal of `plan`, and all that failed in it or after it.
    pub fn new(plan: &Plan, rehearsal: &Rehearsal, failures: &[Failure]) -> Self {
        Self {
            load_line: load_line(plan, rehearsal),
            release: rehearsal.sealed.as_ref().map(|sealed| sealed.release.document().clone()),
            fetched_back: rehearsal.fetched_back.clone(),
            failures: failures.to_vec(),
            elsewhere: rehearsal.elsewhere(),
            publication: None,
        }
    }
}

/// The load line, for a terminal of `width` columns; in one line if the release was sealed just so before.
pub fn render(plan: &Plan, rehearsal: &Rehearsal, paint: Paint, width: Option<usize>) -> Text {
    let line = load_line(plan, rehearsal);
    let is_as_before = rehearsal.failures.is_empty() && rehearsal.sealed.as_ref().is_some_and(|sealed| sealed.unchanged);
    if is_as_before { line.brief(paint) } else { line.render(paint, width) }
}

/// The sealed release's; of what was not sealed, the plan's with what was found out, and the reason why a rehearsal that proved nothing is no
/// success.
fn load_line(plan: &Plan, rehearsal: &Rehearsal) -> LoadLine {
    if let Some(sealed) = &rehearsal.sealed {
        return LoadLine::of_release(sealed.release.document(), Vec::new());
    }
    let elsewhere = rehearsal.gaps.values().all(|gap| matches!(gap, GapKind::Elsewhere(_)));
    let note = match (rehearsal.gaps.is_empty(), elsewhere) {
        (true, _) => "nothing is wanted, so nothing was proven and nothing sealed",
        (false, true) => "nothing can be proven on this machine, so nothing was sealed",
        (false, false) => "nothing was proven, so nothing was sealed",
    };
    LoadLine::of_plan(plan, &rehearsal.gaps, vec![note.to_owned()])
}
