//! `plimsoll status`: the load line.
//!
//! Reads what was sealed; proves nothing. What changed since is said.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use plimsoll_model::{ArtifactId, Class, Failure, GapKind, Plan, ReleasedArtifact, Want};
use plimsoll_store::Store;

use super::{Common, Ending, Outcome, paint_output};
use crate::project::Loaded;
use crate::report::load_line::{self, Cell, LoadLine, State};
use crate::report::{self, Text, print_json};
use crate::seal::{self, Found};
use crate::shown;
use crate::sources;
use plimsoll_exec::launcher::Launcher;

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
    let project = common.open_at_rest(&bench)?;
    let plan = project.plan()?;
    let tried = crate::last::gaps(&bench.store, &project.root, &plan).unwrap_or_default();
    let line = load_line(&plan, &project.dist(), &tried, &bench.store)?;
    if let Some(path) = &arguments.html {
        write_page(path, &line, &project, &bench.launcher)?;
    }
    if common.json {
        print_json(&line)?;
    } else if arguments.markdown {
        report::print(&Text::document(&line.markdown()))?;
    } else {
        report::print(&line.render(paint_output(), report::columns()))?;
    }
    Ok(Ending::Done)
}

/// Writes the page. Where it becomes a source of the project, what was sealed is no longer of the sources: that is said, and what to do.
fn write_page(path: &Path, line: &LoadLine, project: &Loaded, launcher: &Launcher) -> Result<(), Failure> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if folder.canonicalize().is_ok_and(|folder| folder.starts_with(project.dist())) {
        return Err(Failure::new(Class::Usage, "page-in-dist", "lies in dist/, where only sealed files may be")
            .about(path.display().to_string())
            .hint("name a file in another folder"));
    }
    fs::write(path, line.html()).map_err(|error| Failure::io(path, &error))?;
    if sources::holds(&project.root, path, launcher)? {
        report::note(format!(
            "note: {} counts as a source from now on, so that what is sealed is of other sources: write it outside of the project, or have \
             .gitignore name it",
            path.display()
        ));
    }
    Ok(())
}

/// Whether a released artifact, of this very plan as its document says, is the one that the plan describes, proven by the plan's trials.
fn is_as_planned(released: &ReleasedArtifact, plan: &Plan) -> bool {
    let required = plan.trials_of(&released.id).filter(|(id, _)| !released.gaps.contains_key(*id));
    let required = required.map(|(id, trial)| (id.clone(), trial.digest())).collect::<BTreeMap<_, _>>();
    let planned = plan.artifacts.get(&released.id);
    planned.is_some_and(|planned| planned.file_name == released.file_name && planned.kind.container() == released.format.as_deref())
        && required == released.required
}

/// The plan's artifacts with what the sealed release says of them, as far as its files still show it.
fn load_line(plan: &Plan, dist: &Path, tried: &BTreeMap<ArtifactId, GapKind>, store: &Store) -> Result<LoadLine, Failure> {
    let document = match seal::read(dist)? {
        Found::Sealed(document) => document,
        Found::Nothing => {
            let note = "nothing is sealed: `plimsoll rehearse` seals what it proves";
            return Ok(LoadLine::of_plan(plan, tried, vec![note.to_owned()]));
        }
        Found::Damaged { file, error } => {
            let note = format!("{}: {error}; delete the folder and run `plimsoll rehearse`, which seals anew", file.display());
            return Ok(LoadLine::of_plan(plan, tried, vec![note]));
        }
    };
    let mut notes = Vec::new();
    if document.name != plan.name {
        notes.push(format!("sealed was {}, and this is {}: run `plimsoll rehearse`", document.name, plan.name));
    } else if document.version != plan.version {
        notes.push(format!("sealed was {}, the sources are at {}: run `plimsoll rehearse`", document.version, plan.version));
    } else if document.plan != plan.id() {
        notes.push("the sources or the manifest changed since this was sealed: run `plimsoll rehearse`".to_owned());
    }
    notes.extend(load_line::uncommitted(&document));
    if document.is_older() {
        notes.push("an older plimsoll sealed this, without what its claims could be held against: run `plimsoll rehearse`".to_owned());
    }
    let sealed = LoadLine::of_release(&document, Vec::new());
    let mut known = sealed.cells.into_iter().map(|cell| (cell.artifact.clone(), cell)).collect::<BTreeMap<_, _>>();
    let mut faults = shown::not_shown(dist, &document, store);
    if document.plan == plan.id() {
        let others = document.artifacts.iter().filter(|released| !is_as_planned(released, plan));
        faults.extend(others.map(|released| (released.id.clone(), "it was not proven by what the plan requires".to_owned())));
    }
    for (artifact, fault) in faults {
        known.insert(artifact.clone(), Cell::new(artifact, State::Gap(GapKind::Failed(fault))));
    }
    let cells = plan.artifacts.iter().map(|(id, artifact)| match known.remove(id) {
        Some(cell) if artifact.want == Want::Wanted || !matches!(cell.state, State::Proven(_)) => cell,
        _ => Cell::not_sealed(id, &artifact.want, tried),
    });
    let cells = cells.collect();
    Ok(LoadLine::new(plan.name.clone(), plan.version.clone(), notes, cells))
}
