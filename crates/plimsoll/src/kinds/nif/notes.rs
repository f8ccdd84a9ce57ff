//! What a person should know of a package for the BEAM that can be planned all the same: who told it, what users would miss, what a reviewer would say.

use std::collections::BTreeSet;

use plimsoll_elixir::{DEFAULT_TARGETS, ElixirProject, MixDependency, MixProject, Teller, is_packaged, unread};
use plimsoll_model::plan::Compile;
use plimsoll_model::{KindPlan, NifScheme, Plan, Want};
use plimsoll_store::plain_file;

use super::check::{forced_build, unfit_for};
use super::dependencies;
use crate::project::Loaded;

/// What a forced build has come of an archive.
const COMPILED: &str = "rustler_precompiled has its users compile, and downloads nothing; a BEAM loads the archives here, but the package is not \
                        compiled with them";

/// All of them; none of a project without a library for the BEAM.
pub(crate) fn notes(project: &Loaded, plan: &Plan) -> Vec<String> {
    let plans = plan.artifacts.values().filter_map(|artifact| match &artifact.kind {
        KindPlan::Nif { nif } => Some(nif),
        _ => None,
    });
    let plans = plans.collect::<Vec<_>>();
    let (elixir, Some(mix), false) = (&project.facts.elixir, &project.facts.elixir.mix, plans.is_empty()) else { return Vec::new() };
    let mut notes = told_by(elixir);
    notes.extend(unfit_roots(plan));
    let precompiled = plans.iter().filter(|nif| nif.scheme == NifScheme::RustlerPrecompiled);
    let modules = precompiled.map(|nif| nif.module.as_str()).collect::<BTreeSet<_>>();
    for module in modules {
        notes.extend(of_module(module, elixir, mix, plan));
    }
    notes.extend(mix.deps.as_ref().and_then(|deps| of_rustler(deps, project)));
    notes.extend(mix.deps.as_ref().and_then(|deps| dependencies::unfetched(deps, &project.sources)));
    notes.extend(left_out_pages(mix));
    notes.extend(outside(project));
    notes
}

/// Where the text had to do.
fn told_by(elixir: &ElixirProject) -> Vec<String> {
    match &elixir.teller {
        Teller::Text => Vec::new(),
        Teller::TextFor { reason, cure } => vec![format!("mix.exs and the modules were read as text: {reason} ({cure})")],
        Teller::Elixir(version) => {
            let told =
                |(place, why): &(String, String)| format!("{place}: read as text, since Elixir {version} could not evaluate it: {why}");
            elixir.not_evaluated.iter().map(told).collect()
        }
    }
}

/// Roots that are required and whose Elixir mix would not take: what they should show stays a gap.
fn unfit_roots(plan: &Plan) -> BTreeSet<String> {
    let mut notes = BTreeSet::new();
    for trial in plan.trials.values() {
        let nifs = trial.subjects.keys().filter_map(|id| plan.artifacts.get(id)).filter_map(|artifact| match &artifact.kind {
            KindPlan::Nif { nif } => Some(nif),
            _ => None,
        });
        notes.extend(nifs.filter_map(|nif| unfit_for(nif, &trial.root)).map(|reason| format!("{reason}: nothing is proven there")));
    }
    notes
}

fn of_module(name: &str, elixir: &ElixirProject, mix: &MixProject, plan: &Plan) -> Vec<String> {
    let Some(module) = elixir.module(name) else {
        return vec![format!(
            "{name} does not say `use RustlerPrecompiled`, so nobody would download the archives: put {{:rustler_precompiled, \"~> 0.8\"}} among \
             `deps`, make :rustler optional, and put the lines of `plimsoll nif module` in place of `use Rustler`"
        )];
    };
    let forced = forced_build::always(&plan.version, module);
    let mut notes = forced.map(|why| format!("{why}: {COMPILED}")).into_iter().collect::<Vec<_>>();
    if let Some(url) = unread(module, mix).iter().find(|unread| unread.setting == "base_url") {
        notes.push(format!(
            "{url}, which could not be read, so it is held against nothing: say it as `base-url` in the [nif.NAME] of {name}"
        ));
    }
    let defaults = DEFAULT_TARGETS.map(str::to_owned).to_vec();
    let listed = module.targets.value().unwrap_or(&defaults);
    let is_put_off = |target: &&String| {
        let of_it = plan.artifacts.values().filter(|artifact| {
            let is_own = matches!(&artifact.kind, KindPlan::Nif { nif } if nif.module == name);
            is_own && artifact.fits.one().is_some_and(|fits| fits.as_str() == target.as_str())
        });
        of_it.clone().next().is_some() && of_it.into_iter().all(|artifact| artifact.want != Want::Wanted)
    };
    let put_off = listed.iter().filter(is_put_off).map(String::as_str).collect::<Vec<_>>();
    if !put_off.is_empty() {
        let whose =
            if module.targets.value().is_some() { format!("`targets` of {name}") } else { "the library's own list of targets".to_owned() };
        notes.push(format!(
            "{whose} promises {} to users, and plimsoll.toml puts it off: `plimsoll release` refuses it; `plimsoll nif module` prints the lines \
             without",
            put_off.join(", ")
        ));
    }
    notes
}

/// What is wrong with `:rustler` among the dependencies.
fn of_rustler(deps: &[MixDependency], project: &Loaded) -> Option<String> {
    let rustler = deps.iter().find(|dep| dep.app == "rustler")?;
    if !rustler.is_optional && !rustler.is_partial && deps.iter().any(|dep| dep.app == "rustler_precompiled") {
        return Some("mix.exs: :rustler is no `optional: true`, so users who download the library fetch Rustler as well".to_owned());
    }
    let requirement = rustler.requirement.as_ref()?;
    let (asked, locked) = (least(requirement)?, locked_rustler(project)?);
    let older = (locked.major, locked.minor) < asked;
    older.then(|| {
        format!("the crate has rustler {locked}, and mix.exs asks for {{:rustler, \"{requirement}\"}}: a forced build would mix the two")
    })
}

/// Major and minor of what a requirement of one part asks for at least.
fn least(requirement: &str) -> Option<(u64, u64)> {
    let number = requirement.trim().trim_start_matches(['~', '>', '=', ' ']);
    let mut parts = number.split(['.', '-', ' ']).map(str::parse::<u64>);
    Some((parts.next()?.ok()?, parts.next()?.ok()?))
}

/// The version in the lock of the first library's workspace.
fn locked_rustler(project: &Loaded) -> Option<semver::Version> {
    let core = project.project.cores.values().find(|core| core.library().is_some())?;
    let facts = &project.workspaces.of(&core.compile).cargo.facts;
    let path = if facts.root.is_empty() { "Cargo.lock".to_owned() } else { format!("{}/Cargo.lock", facts.root) };
    let lock = plain_file::read_text(&project.sources.at(&path)?.from).ok()?.parse::<toml::Table>().ok()?;
    let mut packages = lock.get("package")?.as_array()?.iter();
    let rustler = packages.find(|package| package.get("name").and_then(toml::Value::as_str) == Some("rustler"))?;
    rustler.get("version")?.as_str()?.parse().ok()
}

/// Pages of the documentation that a package has not.
fn left_out_pages(mix: &MixProject) -> Option<String> {
    let files = mix.files.value()?;
    let left_out = mix.extras.iter().filter(|path| !is_packaged(path, Some(files))).map(String::as_str).collect::<Vec<_>>();
    let named = left_out.iter().take(8).copied().collect::<Vec<_>>().join(", ");
    (!left_out.is_empty()).then(|| format!("mix.exs: `extras:` of `docs:` names {named}, and `files:` of the package leaves it out"))
}

/// Sources that no package of this project can have.
fn outside(project: &Loaded) -> Option<String> {
    let mut outside = BTreeSet::new();
    for core in project.project.cores.values().filter(|core| core.library().is_some()) {
        let facts = &project.workspaces.of(&core.compile).cargo.facts;
        let Compile::Cargo { package, .. } = &core.compile else { continue };
        outside.extend(facts.package(package).map(|package| forced_build::outside(facts, package)).unwrap_or_default());
        outside.extend(facts.root.starts_with("..").then(|| facts.root.clone()));
    }
    let folders = outside.into_iter().collect::<Vec<_>>().join(", ");
    (!folders.is_empty())
        .then(|| format!("the crate needs {folders}, which no package of this folder can hold: users cannot force a build"))
}

#[cfg(test)]
mod tests;
