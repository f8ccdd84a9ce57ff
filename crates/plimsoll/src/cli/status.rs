//! `plimsoll status`: the load line.
//!
//! Reads what was sealed; proves nothing. What changed since is said.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use plimsoll_model::{ArtifactId, Failure, GapKind, Hashed, Plan, ReleaseDocument, Want};

use super::{Common, Ending, Outcome, paint_output, print_json};
use crate::io_failure;
use crate::report;
use crate::report::load_line::{Cell, CellState, LoadLine};
use crate::session::{self, OpenProject};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Print a Markdown table, for a README.
    #[arg(long, conflicts_with = "json")]
    markdown: bool,
    /// Write an HTML page to this file.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments, common: &Common) -> Outcome {
    let bench = common.bench()?;
    let project = OpenProject::open(&common.root, &bench.store, &bench.launcher, session::epoch()?)?;
    let plan = project.plan();
    let tried = crate::last::gaps(&bench.store, &project.root, &plan);
    let line = load_line(&plan, &project.dist(), &tried)?;
    if let Some(path) = &arguments.html {
        fs::write(path, line.html()).map_err(|error| io_failure(path, &error))?;
    }
    if common.json {
        print_json(&line);
    } else if arguments.markdown {
        report::print(&line.markdown());
    } else {
        report::print(&line.render(paint_output()));
    }
    Ok(Ending::Done)
}

/// The plan's artifacts with what the sealed release says of them, as far as its files are still what was sealed.
fn load_line(plan: &Plan, dist: &Path, tried: &BTreeMap<ArtifactId, GapKind>) -> Result<LoadLine, Failure> {
    let (name, version) = (plan.name.to_string(), plan.version.to_string());
    let document = match sealed(dist)? {
        Ok(document) => document,
        Err(note) => {
            let cells = plan.artifacts.keys().map(|id| not_sealed(plan, id, tried)).collect();
            return Ok(LoadLine::new(name, version, vec![note], cells));
        }
    };
    let mut notes = Vec::new();
    if document.version != plan.version {
        notes.push(format!("sealed was {}, the sources are at {}: run `plimsoll rehearse`", document.version, plan.version));
    } else if document.plan != plan.id() {
        notes.push("the sources or the manifest changed since this was sealed: run `plimsoll rehearse`".to_owned());
    }
    let sealed = LoadLine::of_release(&document, Vec::new());
    let mut known = sealed.cells.into_iter().map(|cell| (cell.artifact.clone(), cell)).collect::<BTreeMap<_, _>>();
    for artifact in &document.artifacts {
        let path = dist.join(artifact.file_name.as_str());
        let hashed = fs::File::open(&path).and_then(|mut file| Hashed::read(&mut file));
        if !hashed.is_ok_and(|hashed| hashed.digest() == artifact.sha256) {
            known.insert(
                artifact.id.clone(),
                Cell::untold(artifact.id.clone(), "failed", "the file in dist/ is not the one that was sealed"),
            );
        }
    }
    let cells = plan.artifacts.keys().map(|id| match known.remove(id) {
        Some(cell) if matches!(plan.artifacts[id].want, Want::Wanted) || !matches!(cell.state, CellState::Proven { .. }) => cell,
        _ => not_sealed(plan, id, tried),
    });
    let cells = cells.collect();
    Ok(LoadLine::new(name, version, notes, cells))
}

/// The sealed document, or what to say where there is none that can be relied on.
fn sealed(dist: &Path) -> Result<Result<ReleaseDocument, String>, Failure> {
    let path = dist.join("release.json");
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(Err("nothing is sealed: `plimsoll rehearse` seals what it proves".to_owned()));
        }
        Err(error) => return Err(io_failure(&path, &error)),
    };
    let parsed = ReleaseDocument::parse(&bytes);
    Ok(parsed.map_err(|error| format!("{}: {error}; `plimsoll rehearse` seals anew", path.display())))
}

fn not_sealed(plan: &Plan, id: &ArtifactId, tried: &BTreeMap<ArtifactId, GapKind>) -> Cell {
    match plan.artifacts.get(id).map(|artifact| &artifact.want) {
        Some(Want::Planned(reason)) => Cell::untold(id.clone(), "planned", reason),
        Some(Want::Deferred(reason)) => Cell::untold(id.clone(), "deferred", reason),
        _ if tried.contains_key(id) => Cell::gap(id.clone(), &tried[id]),
        _ => Cell::untold(id.clone(), "not tried", "wanted; `plimsoll rehearse` tries it"),
    }
}
