//! `plimsoll lock update`: everything that `plimsoll.lock` holds, asked for anew.

use std::collections::BTreeMap;

use clap::ValueEnum;
use plimsoll_fetch::Network;
use plimsoll_model::{Failure, RootName};
use serde::Serialize;

use super::root::{self, Updated};
use super::{Bench, Common, Ending, Outcome, paint_output};
use crate::given::{Changed, GivenPart, GivenStore, Update};
use crate::project::{self, Loaded};
use crate::report::{self, Style, Text, print_json};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Fetch what the project is given by others, and write the digests that it has now into plimsoll.lock.
    Update {
        /// Only this; all of it if nothing is named.
        #[arg(value_name = "WHAT")]
        parts: Vec<Part>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Digests of the images that roots are made of.
    Roots,
    /// Files of `[prebuilt.NAME]`.
    Prebuilt,
    /// Files of `test.NAME.given`, and packages that tests, or artifacts that are tried, require.
    Tests,
    /// The release before this one, for tests with `previous`.
    Previous,
}

pub(super) fn run(arguments: &Arguments, common: &Common) -> Outcome {
    let Action::Update { parts } = &arguments.action;
    let bench = common.bench()?;
    let project = Loaded::open(&common.root, &bench.store, &bench.launcher, project::epoch()?)?;
    let is_meant = |part| parts.is_empty() || parts.contains(&part);
    let changes = given(&bench, &project, &is_meant)?;
    let changed = changes.1;
    let roots = if is_meant(Part::Roots) { Some(root::update(&bench, &project, &[])?) } else { None };
    drop(bench.reporter);
    bench.listener.finish();
    tell(&changes.0, roots.as_ref(), changed || roots.as_ref().is_some_and(|roots| roots.changed), common)?;
    Ok(Ending::Done)
}

/// Asks for what is given, and writes it if all of it could be had.
fn given(bench: &Bench, project: &Loaded, is_meant: &dyn Fn(Part) -> bool) -> Result<(Vec<Changed>, bool), Failure> {
    let network = Network::from_environment(&plimsoll_fetch::Environment::from_process());
    let store = GivenStore { store: &bench.store, network: &network, project: &project.root, launcher: &bench.launcher };
    let plan = project.plan_of_nothing_given()?;
    let update = Update { project: &project.project, plan: &plan, given: store };
    let mut lock = project.given_lock.clone();
    let mut changes = Vec::new();
    let given = [(Part::Prebuilt, GivenPart::Prebuilt), (Part::Tests, GivenPart::Tests), (Part::Previous, GivenPart::Previous)];
    for (_, part) in given.into_iter().filter(|(part, _)| is_meant(*part)) {
        changes.extend(update.run(part, &mut lock, &mut |place| bench.reporter.done("asking", format!("for {place}"), ""))?);
    }
    let changed = lock.write(&project.root).map_err(|error| root::unwritten(&error))?;
    Ok((changes, changed))
}

fn tell(changes: &[Changed], roots: Option<&Updated>, changed: bool, common: &Common) -> Result<(), Failure> {
    if common.json {
        #[derive(Serialize)]
        struct Document<'a> {
            changed: bool,
            roots: BTreeMap<&'a RootName, BTreeMap<&'a str, String>>,
            files: &'a [Changed],
        }
        let roots = roots.map(|roots| root::digests(&roots.lock)).unwrap_or_default();
        return print_json(&Document { changed, roots, files: changes });
    }
    let mut text = Text::new(paint_output());
    for change in changes {
        let (style, mark) = match (change.before, change.now) {
            (Some(before), Some(now)) if before == now => (Style::Faint, "same"),
            (Some(_), Some(_)) => (Style::Warning, "changed"),
            (None, Some(_)) => (Style::Good, "new"),
            (Some(_), None) => (Style::Faint, "gone"),
            (None, None) => (Style::Faint, "nothing"),
        };
        text.styled(style, format!("{mark:<8}")).strong(format!(" {}", change.what)).put(format!("  {}", change.place)).end();
        if let Some(before) = change.before.filter(|before| change.now != Some(*before)) {
            text.put(format!("         was sha256:{before}")).end();
        }
        if let Some(now) = change.now {
            text.put(format!("         is  sha256:{now}")).end();
        }
    }
    if let Some(roots) = roots {
        root::lines(&roots.images, &mut text);
    }
    root::ending(changed, &mut text);
    report::print(&text)
}
