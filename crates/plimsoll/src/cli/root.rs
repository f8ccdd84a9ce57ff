//! `plimsoll root` and `plimsoll root update`.

use std::collections::BTreeMap;

use plimsoll_model::{Class, Failure, RootName, Target, Want};
use serde::Serialize;

use super::{Bench, Common, Ending, Outcome, paint_output};
use crate::host_tools::HostTools;
use crate::manifest::{Project, suggestion};
use crate::project::{self, Loaded};
use crate::report::{self, Text, print_json, root_statuses};
use plimsoll_roots::lock::{self, Lock, LockError, LockedImage};
use plimsoll_roots::root_status::NotLocked;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Ask for the digests that images have now, for every platform that is wanted, and write them into plimsoll.lock.
    Update {
        /// Roots, such as alpine:3.20; all that are images when none is named.
        #[arg(value_name = "NAME")]
        names: Vec<String>,
    },
}

pub(super) fn run(arguments: &Arguments, common: &Common) -> Outcome {
    let bench = common.bench()?;
    let project = Loaded::open_at_rest(&common.root, &bench.store, &bench.launcher, project::epoch()?)?;
    let Some(Action::Update { names }) = &arguments.action else {
        let host_tools = HostTools::look(&bench.store, &bench.launcher);
        let roots = host_tools.roots(&bench.store, project.root_sources.clone());
        let here = here();
        let required = required(&project.project, here.as_ref());
        let all = required.iter().flat_map(|(name, targets)| targets.iter().filter_map(|target| roots.root_status(name, target)));
        let mut all = all.collect::<Vec<_>>();
        // gnu and musl targets of one processor share a root.
        all.dedup();
        drop(bench.reporter);
        bench.listener.finish();
        if common.json {
            print_json(&all)?;
        } else {
            report::print(&root_statuses::render(&all, paint_output()))?;
        }
        return Ok(Ending::Done);
    };
    let updated = update(&bench, &project, names)?;
    drop(bench.reporter);
    bench.listener.finish();
    tell(&updated, common)?;
    Ok(Ending::Done)
}

/// What came of asking for digests.
pub(super) struct Updated {
    /// All that is locked now.
    pub(super) lock: Lock,
    /// What was asked for.
    pub(super) images: BTreeMap<RootName, LockedImage>,
    /// Whether the file was written.
    pub(super) changed: bool,
}

/// Roots are Linux ones, whatever machine this is.
fn here() -> Option<Target> {
    format!("{}-unknown-linux-gnu", std::env::consts::ARCH).parse().ok()
}

/// Asks for the digests that images have now, and writes them; all that are required if none is named.
pub(super) fn update(bench: &Bench, project: &Loaded, names: &[String]) -> Result<Updated, Failure> {
    let host_tools = HostTools::look(&bench.store, &bench.launcher);
    let roots = host_tools.roots(&bench.store, project.root_sources.clone());
    let here = here();
    let required = required(&project.project, here.as_ref());
    let chosen = choose(names, &required)?;
    let mut lock = project.root_sources.lock.clone();
    if names.is_empty() {
        // What no target requires any more is no longer locked.
        lock.roots.retain(|name, _| required.contains_key(name));
    }
    let mut updated = BTreeMap::new();
    for (name, targets) in chosen {
        bench.reporter.done("asking", format!("for the digest of {name}"), "");
        let found = roots.update(&mut lock, name, targets, &mut |_| {}).map_err(|error| not_locked(name, &error))?;
        match found {
            Some(image) => {
                updated.insert(name.clone(), image);
            }
            None if names.is_empty() => {}
            None => bench.reporter.done("nothing", format!("to lock for {name}, which is no image"), ""),
        }
    }
    let changed = lock.write(&project.root).map_err(|error| unwritten(&error))?;
    Ok(Updated { lock, images: updated, changed })
}

/// Named roots → wanted targets that require them; what fits any machine is tried on this one.
fn required<'p>(project: &'p Project, here: Option<&'p Target>) -> BTreeMap<RootName, Vec<&'p Target>> {
    let mut required = BTreeMap::<RootName, Vec<&Target>>::new();
    for (target, plan) in project.targets.iter().filter(|(_, plan)| plan.want == Want::Wanted) {
        for root in plan.roots.iter().filter(|root| root.as_str().contains(':')) {
            required.entry(root.clone()).or_default().push(target);
        }
    }
    let shipments = project.artifacts.iter().flat_map(|artifact| artifact.wanted());
    for (target, shipment) in shipments {
        for root in shipment.roots.iter().flatten().filter(|root| root.as_str().contains(':')) {
            let targets = required.entry(root.clone()).or_default();
            if let Some(target) = target.or(here).filter(|target| !targets.contains(target)) {
                targets.push(target);
            }
        }
    }
    for test in &project.tests {
        let named = test.roots.iter().flat_map(|(target, roots)| roots.iter().map(move |root| (target, root)));
        for (target, root) in named.filter(|(_, root)| root.as_str().contains(':')) {
            let targets = required.entry(root.clone()).or_default();
            targets.extend(target.as_ref().or(here));
            targets.sort();
            targets.dedup();
        }
    }
    required
}

fn choose<'r, 't>(
    names: &[String],
    required: &'r BTreeMap<RootName, Vec<&'t Target>>,
) -> Result<Vec<(&'r RootName, &'r Vec<&'t Target>)>, Failure> {
    if names.is_empty() {
        return Ok(required.iter().collect());
    }
    let known = |name: &String| required.iter().find(|(root, _)| root.as_str() == name);
    let unknown = |name: &String| {
        let failure = Failure::new(Class::Usage, "unknown-root", format!("no wanted target requires the root `{name}`"));
        let hint = suggestion(name, "required", required.keys().map(RootName::as_str));
        failure.hint(hint.unwrap_or_else(|| "name it in `roots` of a target".to_owned()))
    };
    names.iter().map(|name| known(name).ok_or_else(|| unknown(name))).collect()
}

fn not_locked(name: &RootName, error: &NotLocked) -> Failure {
    let (class, hint) = match error {
        NotLocked::NoEngine(_) => (Class::ToolMissing, "install podman, or start docker"),
        NotLocked::Engine(_) => (Class::Network, "see whether the engine pulls the image by hand, with the login that it needs"),
    };
    Failure::from_error(class, "root-digest", error).about(name.to_string()).hint(hint)
}

pub(super) fn unwritten(error: &LockError) -> Failure {
    Failure::from_error(Class::Usage, "lock", error)
}

/// Root → platform → digest, as JSON has it.
pub(super) fn digests(lock: &Lock) -> BTreeMap<&RootName, BTreeMap<&str, String>> {
    let roots = lock.roots.iter().map(|(name, image)| {
        let platforms = image.platforms.iter().map(|(platform, digest)| (platform.as_str(), format!("sha256:{digest}"))).collect();
        (name, platforms)
    });
    roots.collect()
}

/// A line for each digest that was asked for.
pub(super) fn lines(images: &BTreeMap<RootName, LockedImage>, text: &mut Text) {
    for (name, image) in images {
        for (platform, digest) in &image.platforms {
            text.put(format!("{name}  {platform}  sha256:{digest}")).end();
        }
    }
}

/// Says whether the file was written.
pub(super) fn ending(changed: bool, text: &mut Text) {
    let file = lock::FILE_NAME;
    text.put(if changed { format!("wrote {file}; commit it") } else { format!("{file} is up to date") }).end();
}

fn tell(updated: &Updated, common: &Common) -> Result<(), Failure> {
    if common.json {
        #[derive(Serialize)]
        struct Document<'a> {
            changed: bool,
            roots: BTreeMap<&'a RootName, BTreeMap<&'a str, String>>,
        }
        return print_json(&Document { changed: updated.changed, roots: digests(&updated.lock) });
    }
    let mut text = Text::new(paint_output());
    lines(&updated.images, &mut text);
    ending(updated.changed, &mut text);
    report::print(&text)
}
