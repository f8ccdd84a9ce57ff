//! The load line: targets × artifacts, each proven or with the reason why not. Here it is data; its forms for readers are below.

mod markdown;
mod page;
mod table;

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::release::Won;
use plimsoll_model::{
    ArtifactId, CpuLevel, FileName, GapKind, Measured, Name, Plan, ReleaseDocument, ReleasedArtifact, Target, TrialId, Want, visible,
};
use serde::Serialize;

use super::proofs::{PLAIN_NOT_TRIED, won};
use super::{Paint, Text, bytes};

/// The table as data: `status --json` prints it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LoadLine {
    /// The release's name.
    pub name: Name,
    /// The release's version.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub version: semver::Version,
    /// What a reader should know about the whole: that sources changed since, for one.
    pub notes: Vec<String>,
    /// One entry an artifact, sorted by target and name.
    pub cells: Vec<Cell>,
}

/// One artifact for one target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Cell {
    /// The artifact.
    pub artifact: ArtifactId,
    /// The target; none for what fits every machine.
    pub target: Option<Target>,
    /// What is known of it.
    #[serde(flatten)]
    pub state: State,
}

/// Proven, or why not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum State {
    /// All required evidence is there.
    Proven(Claim),
    /// Not proven, and known why: the words are those of `release.json`.
    Gap(GapKind),
    /// Wanted, and not tried since the sources were changed.
    NotTried,
}

/// What may be said of a proven artifact, in the words of `release.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Claim {
    /// The file.
    pub file_name: FileName,
    /// Its size in bytes.
    pub size: u64,
    /// The level of x86-64 that it needs, where one was declared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu: Option<CpuLevel>,
    /// Its floor, and what else was measured on its bytes.
    pub measured: Measured,
    /// Each root that it was proven in, and what ran it there.
    pub proven: Vec<Won>,
    /// The targets of a file that fits several.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub targets: BTreeSet<Target>,
    /// Trials for some of those that only another machine can run, with the reasons.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub gaps: BTreeMap<TrialId, String>,
}

/// How a state is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tone {
    /// It may be claimed.
    Good,
    /// Something is left to do.
    Open,
    /// It was tried, and did not hold.
    Bad,
}

/// What is said of a release that is of no commit.
pub fn uncommitted(document: &ReleaseDocument) -> Option<String> {
    let what = if document.source.commit.is_some() { "with uncommitted changes" } else { "of no commit" };
    document.source.dirty.then(|| format!("sealed {what}: nobody else can build the same"))
}

impl LoadLine {
    /// The load line of a sealed release.
    pub fn of_release(document: &ReleaseDocument, mut notes: Vec<String>) -> Self {
        notes.extend(uncommitted(document));
        let proven = document.artifacts.iter().map(Cell::proven);
        let gaps = document.gaps.iter().map(|gap| Cell::new(gap.artifact.clone(), State::Gap(gap.kind.clone())));
        Self::new(document.name.clone(), document.version.clone(), notes, proven.chain(gaps).collect())
    }

    /// The load line of a plan of which nothing is sealed: `gaps` tell of what was tried.
    pub fn of_plan(plan: &Plan, gaps: &BTreeMap<ArtifactId, GapKind>, notes: Vec<String>) -> Self {
        let cells = plan.artifacts.iter().map(|(id, artifact)| Cell::not_sealed(id, &artifact.want, gaps));
        Self::new(plan.name.clone(), plan.version.clone(), notes, cells.collect())
    }

    /// A load line with its cells in order.
    pub fn new(name: Name, version: semver::Version, mut notes: Vec<String>, mut cells: Vec<Cell>) -> Self {
        cells.sort_by(|a, b| (&a.target, &a.artifact).cmp(&(&b.target, &b.artifact)));
        let claims = cells.iter().filter_map(|cell| if let State::Proven(claim) = &cell.state { Some(claim) } else { None });
        let claims = claims.collect::<Vec<_>>();
        let open = claims.iter().flat_map(|claim| &claim.gaps).map(|(trial, reason)| format!("not run: {trial}: {reason}"));
        notes.extend(open.collect::<BTreeSet<_>>());
        let reasons = claims.into_iter().flat_map(Claim::plain_reasons).collect::<BTreeSet<_>>();
        notes.extend(reasons.into_iter().map(|reason| format!("{PLAIN_NOT_TRIED}: {reason}")));
        Self { name, version, notes, cells }
    }

    /// For a terminal of `width` columns; without a width, for a file or another program, a cell is a line whatever its length.
    pub fn render(&self, paint: Paint, width: Option<usize>) -> Text {
        table::render(self, paint, width)
    }

    /// In one line, for who has seen the whole before and to whom nothing is new: how many are in which state.
    pub fn brief(&self, paint: Paint) -> Text {
        let mut counts = Vec::<(&str, usize)>::new();
        for cell in table::proven_first(self) {
            match counts.iter_mut().find(|(word, _)| *word == cell.state.word()) {
                Some((_, count)) => *count += 1,
                None => counts.push((cell.state.word(), 1)),
            }
        }
        let counts = counts.iter().map(|(word, count)| format!("{count} {word}")).collect::<Vec<_>>().join(", ");
        let mut text = Text::new(paint);
        text.strong(&self.name)
            .put(" ")
            .strong(&self.version)
            .put(format!(" is as before: {counts}"))
            .faint("  `plimsoll status` shows each");
        text.end();
        for note in &self.notes {
            text.warning(visible::folded(note)).end();
        }
        text
    }

    /// As a table for a README.
    pub fn markdown(&self) -> String {
        markdown::render(self)
    }

    /// As a page that needs nothing beside itself.
    pub fn html(&self) -> String {
        page::render(self)
    }
}

impl Cell {
    /// A cell with its target, which the id tells.
    pub fn new(artifact: ArtifactId, state: State) -> Self {
        Self { target: artifact.target().cloned(), artifact, state }
    }

    /// The claim that a sealed release makes.
    pub fn proven(artifact: &ReleasedArtifact) -> Self {
        let claim = Claim {
            file_name: artifact.file_name.clone(),
            size: artifact.size,
            cpu: artifact.cpu,
            measured: artifact.measured.clone(),
            proven: artifact.proven.clone(),
            targets: artifact.targets.clone(),
            gaps: artifact.gaps.clone(),
        };
        Self::new(artifact.id.clone(), State::Proven(claim))
    }

    /// What is known of an artifact that no sealed release tells of.
    pub fn not_sealed(id: &ArtifactId, want: &Want, tried: &BTreeMap<ArtifactId, GapKind>) -> Self {
        let state = match (want, tried.get(id)) {
            (Want::Planned(reason), _) => State::Gap(GapKind::Planned(reason.clone())),
            (Want::Deferred(reason), _) => State::Gap(GapKind::Deferred(reason.clone())),
            (Want::Wanted, Some(gap)) => State::Gap(gap.clone()),
            (Want::Wanted, None) => State::NotTried,
        };
        Self::new(id.clone(), state)
    }

    fn target_text(&self) -> String {
        let is_for_several = matches!(&self.state, State::Proven(claim) if !claim.targets.is_empty());
        let none = if is_for_several { "several" } else { "any" };
        self.target.as_ref().map_or_else(|| none.to_owned(), ToString::to_string)
    }
}

impl State {
    const fn tone(&self) -> Tone {
        match self {
            Self::Proven(_) => Tone::Good,
            Self::Gap(GapKind::Failed(_)) => Tone::Bad,
            Self::Gap(GapKind::Elsewhere(_) | GapKind::Planned(_) | GapKind::Deferred(_)) | Self::NotTried => Tone::Open,
        }
    }

    const fn word(&self) -> &'static str {
        match self {
            Self::Proven(_) => "proven",
            Self::Gap(kind) => kind.word(),
            Self::NotTried => "not tried",
        }
    }

    /// How, the floor and the size; or why not, in one line and as it is seen: its width is measured before it is printed.
    fn told(&self) -> String {
        let told = match self {
            Self::Proven(claim) => {
                let plain = claim.plain().map(|plain| format!(", {plain}")).unwrap_or_default();
                let floor = Some(claim.floor()).filter(|floor| !floor.is_empty()).map(|floor| format!(", {floor}")).unwrap_or_default();
                format!("{}{floor}, {}{plain}", claim.how(), bytes(claim.size))
            }
            Self::Gap(kind) => kind.reason().to_owned(),
            Self::NotTried => "wanted; `plimsoll rehearse` tries it".to_owned(),
        };
        visible::folded(&told)
    }
}

impl Claim {
    /// `sandbox (native)`: where, and by what.
    fn how(&self) -> String {
        won(&self.proven)
    }

    /// That it was not tried on a plain processor as well, where no level was declared; with the roots, where it was in others.
    fn plain(&self) -> Option<String> {
        let not_tried = self.proven.iter().filter(|won| won.plain_not_tried.is_some());
        let roots = not_tried.map(|won| won.root.as_str()).collect::<Vec<_>>();
        match roots.len() {
            0 => None,
            all if all == self.proven.len() => Some(PLAIN_NOT_TRIED.to_owned()),
            _ => Some(format!("{PLAIN_NOT_TRIED} in {}", roots.join(" + "))),
        }
    }

    /// Why it was not, root for root.
    fn plain_reasons(&self) -> impl Iterator<Item = &str> {
        self.proven.iter().filter_map(|won| won.plain_not_tried.as_deref())
    }

    /// The oldest system that loads it, or how it is linked, where it needs none; and the level of the processor, where one was declared.
    fn floor(&self) -> String {
        let measured = &self.measured;
        let glibc = measured.glibc.map(|glibc| format!("glibc {glibc}"));
        let system = glibc.or_else(|| measured.system.clone()).unwrap_or_else(|| measured.linkage.clone());
        self.cpu.map_or_else(|| system.clone(), |level| format!("{system}, {level}"))
    }
}

#[cfg(test)]
mod tests;
