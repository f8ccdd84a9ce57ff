//! The load line: targets × artifacts, each proven or with the reason why not.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use plimsoll_model::{ArtifactId, GapKind, GlibcVersion, ReleaseDocument, Target};
use serde::Serialize;

use super::proofs::means;
use super::{Paint, bytes};

/// The table as data: `status --json` prints it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LoadLine {
    /// The release's name.
    pub name: String,
    /// The release's version.
    pub version: String,
    /// What a reader should know about the whole: that sources changed since, for one.
    pub notes: Vec<String>,
    /// One entry an artifact, sorted by target and name.
    pub cells: Vec<Cell>,
}

/// One artifact for one target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cell {
    /// The artifact.
    pub artifact: ArtifactId,
    /// The target; none for what fits every machine.
    pub target: Option<Target>,
    /// What is known of it.
    #[serde(flatten)]
    pub state: CellState,
}

/// Proven, or why not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum CellState {
    /// All required evidence is there.
    Proven {
        /// The file.
        file_name: String,
        /// How: `native` or `emulated by qemu-aarch64 8.2`, and where.
        how: Vec<String>,
        /// Oldest glibc that loads it.
        floor: Option<GlibcVersion>,
        /// Oldest system of another kind that loads it.
        #[serde(skip_serializing_if = "Option::is_none")]
        system: Option<String>,
        /// `dynamic`, `static`, `static-pie`.
        linkage: String,
        /// Size in bytes.
        size: u64,
    },
    /// Not proven.
    Gap {
        /// `elsewhere`, `planned`, `deferred`, `failed`, `not tried`.
        kind: &'static str,
        /// Why.
        reason: String,
    },
}

impl LoadLine {
    /// The load line of a sealed release.
    pub fn of_release(document: &ReleaseDocument, notes: Vec<String>) -> Self {
        let proven = document.artifacts.iter().map(|artifact| Cell {
            artifact: artifact.id.clone(),
            target: artifact.target.clone(),
            state: CellState::Proven {
                file_name: artifact.file_name.to_string(),
                how: artifact.proven.iter().map(how).collect(),
                floor: artifact.measured.glibc,
                system: artifact.measured.system.clone(),
                linkage: artifact.measured.linkage.clone(),
                size: artifact.size,
            },
        });
        let gaps = document.gaps.iter().map(|gap| Cell::gap(gap.artifact.clone(), &gap.kind));
        Self::new(document.name.to_string(), document.version.to_string(), notes, proven.chain(gaps).collect())
    }

    /// A load line with its cells in order.
    pub fn new(name: String, version: String, notes: Vec<String>, mut cells: Vec<Cell>) -> Self {
        cells.sort_by(|a, b| (&a.target, &a.artifact).cmp(&(&b.target, &b.artifact)));
        Self { name, version, notes, cells }
    }

    /// For a terminal.
    pub fn render(&self, paint: Paint) -> String {
        let mut text = format!("{} {}\n", paint.strong(&self.name), paint.strong(&self.version));
        let widths = self.widths();
        for cell in &self.cells {
            let target = cell.target_text();
            let label = cell.artifact.label();
            let (mark, told) = match &cell.state {
                CellState::Proven { .. } => (paint.good("proven"), cell.told()),
                CellState::Gap { kind: "failed", .. } => (paint.bad("failed"), cell.told()),
                CellState::Gap { kind, .. } => (paint.warning(kind), cell.told()),
            };
            let pad = " ".repeat(9_usize.saturating_sub(cell.word().len()));
            let _ = writeln!(text, "  {target:<0$}  {label:<1$}  {mark}{pad}  {told}", widths.0, widths.1);
        }
        for note in &self.notes {
            let _ = writeln!(text, "{}", paint.warning(note));
        }
        text
    }

    /// As a table for a README.
    pub fn markdown(&self) -> String {
        let labels = self.cells.iter().map(|cell| cell.artifact.label().to_owned()).collect::<BTreeSet<_>>();
        let mut rows: BTreeMap<String, BTreeMap<&str, String>> = BTreeMap::new();
        for cell in &self.cells {
            let text = format!("{}: {}", cell.word(), cell.told()).replace('|', "\\|").replace('\n', " ");
            rows.entry(cell.target_text()).or_default().insert(cell.artifact.label(), text);
        }
        let mut text =
            format!("| target | {} |\n|---|{}\n", labels.iter().cloned().collect::<Vec<_>>().join(" | "), "---|".repeat(labels.len()));
        for (target, cells) in rows {
            let cells = labels.iter().map(|label| cells.get(label.as_str()).map_or("", String::as_str)).collect::<Vec<_>>();
            let _ = writeln!(text, "| {target} | {} |", cells.join(" | "));
        }
        text
    }

    /// As a page that needs nothing beside itself.
    pub fn html(&self) -> String {
        super::page::render(self)
    }

    fn widths(&self) -> (usize, usize) {
        let longest = |lengths: Vec<usize>| lengths.into_iter().max().unwrap_or_default();
        let targets = self.cells.iter().map(|cell| cell.target_text().len()).collect();
        let labels = self.cells.iter().map(|cell| cell.artifact.label().len()).collect();
        (longest(targets), longest(labels))
    }
}

impl Cell {
    /// A cell that is not proven.
    pub fn gap(artifact: ArtifactId, kind: &GapKind) -> Self {
        let (kind, reason) = match kind {
            GapKind::Elsewhere(reason) => ("elsewhere", reason),
            GapKind::Planned(reason) => ("planned", reason),
            GapKind::Deferred(reason) => ("deferred", reason),
            GapKind::Failed(reason) => ("failed", reason),
        };
        Self::untold(artifact, kind, reason)
    }

    /// A cell of any other kind.
    pub fn untold(artifact: ArtifactId, kind: &'static str, reason: &str) -> Self {
        let target = artifact.as_str().split_once('/').and_then(|(_, target)| target.parse().ok());
        Self { artifact, target, state: CellState::Gap { kind, reason: reason.to_owned() } }
    }

    pub(super) fn target_text(&self) -> String {
        self.target.as_ref().map_or_else(|| "any".to_owned(), ToString::to_string)
    }

    pub(super) fn word(&self) -> &'static str {
        match &self.state {
            CellState::Proven { .. } => "proven",
            CellState::Gap { kind, .. } => kind,
        }
    }

    pub(super) fn told(&self) -> String {
        match &self.state {
            CellState::Gap { reason, .. } => reason.clone(),
            CellState::Proven { how, floor, system, linkage, size, .. } => {
                let floor = floor.map(|floor| format!("glibc {floor}")).or_else(|| system.clone()).unwrap_or_else(|| linkage.clone());
                format!("{}, {floor}, {}", how.join(" + "), bytes(*size))
            }
        }
    }
}

/// `sandbox`, `sandbox (qemu-aarch64 10.0)`, `debian:12 (musl)`: of a system by name its C library is told where it is not the usual one.
fn how(won: &plimsoll_model::release::Won) -> String {
    let named = won.root.as_str().contains(':');
    let musl = won.libc.iter().any(|libc| named && libc.starts_with("musl")).then(|| "musl".to_owned());
    let told = musl.into_iter().chain(means(&won.means)).collect::<Vec<_>>().join(", ");
    if told.is_empty() { won.root.to_string() } else { format!("{} ({told})", won.root) }
}
