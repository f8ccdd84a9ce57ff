//! A plan as a person reads it.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::plan::{Builder, Compile, GeneratedBy, Origin};
use plimsoll_model::{ArtifactPlan, Plan, Target, Trial, Want};

use super::{Paint, Text};
use crate::kinds;
use crate::manifest::is_licence;

/// The plan in lines: targets, products, artifacts with their probes, and what is not wanted with the reason.
pub fn render(plan: &Plan, paint: Paint) -> Text {
    let mut text = heading(plan, paint);
    text.end();
    builds(&mut text, plan);
    generators(&mut text, plan);
    text.label("pack and prove").end();
    for (id, artifact) in plan.wanted() {
        text.put(format!("  {}  ", artifact.file_name)).faint(id).end();
        if let Origin::Foreign(foreign) = &artifact.origin {
            text.put("    ").faint(format!("left by the command of {}", foreign.product)).end();
        }
        steps(&mut text, plan.trials_of(id).filter(|(trial, _)| trial.is_of(id)).map(|(_, trial)| trial));
    }
    for (id, trial) in plan.trials.iter().filter(|(id, trial)| !trial.subjects.keys().any(|artifact| id.is_of(artifact))) {
        let files = trial.subjects.values().map(|subject| subject.file_name.as_str()).collect::<Vec<_>>().join(", ");
        let how = if trial.subjects.len() > 1 { "together: " } else { "" };
        text.put(format!("  {id}  ")).faint(format!("{how}{files}")).end();
        given(&mut text, trial, plan);
        steps(&mut text, [trial]);
    }
    not_yet(&mut text, plan);
    for (name, gates) in [("gates before", &plan.gates.before), ("gates after", &plan.gates.after)] {
        if !gates.is_empty() {
            text.label(name).end();
        }
        for gate in gates {
            text.put(format!("  {}  ", gate.name)).faint(&gate.command).end();
        }
    }
    for warning in warnings(plan) {
        text.warning("warning").put(": ").put(warning).end();
    }
    text.faint(format!("plan {}", plan.id().short())).end();
    text
}

/// A plan that was rehearsed last, and that a person has seen then.
pub fn known(plan: &Plan, paint: Paint) -> Text {
    let mut text = heading(plan, paint);
    text.faint(format!("  plan {}, as rehearsed before: `plimsoll plan` shows it", plan.id().short())).end();
    text
}

fn heading(plan: &Plan, paint: Paint) -> Text {
    let state = match (&plan.source.commit, plan.source.dirty) {
        (None, _) => " (of no commit)",
        (Some(_), true) => " (uncommitted changes)",
        (Some(_), false) => "",
    };
    let commit = plan.source.commit.as_ref().map(|commit| format!(" at {}", &commit[..commit.len().min(10)])).unwrap_or_default();
    let mut text = Text::new(paint);
    text.strong(&plan.name).put(" ").strong(&plan.version).put(commit).put(state);
    text
}

/// What a person should know of a plan that can be carried out: archives that do not say what users may do with them.
pub fn warnings(plan: &Plan) -> Vec<String> {
    let archives = plan.wanted().filter(|(_, artifact)| kinds::should_hold_licence(&artifact.kind) && is_packed(artifact));
    let silent = archives.filter(|(_, artifact)| !artifact.files().any(|(from, to)| is_licence(from) || is_licence(to)));
    let labels = silent.map(|(id, _)| id.label()).collect::<BTreeSet<_>>();
    let told = |label: &str| {
        format!(
            "{label} holds no licence, so its users are not told what they may do with it: put LICENSE, COPYING or LICENSES/ beside Cargo.toml or \
             at the top of the workspace, or name one in `files`"
        )
    };
    labels.into_iter().map(told).collect()
}

/// Whether we know what it holds.
const fn is_packed(artifact: &ArtifactPlan) -> bool {
    matches!(artifact.origin, Origin::Packed(_))
}

/// Of a command of several lines the last, which is what the others lead to.
fn in_a_line(command: &str) -> String {
    let mut lines = command.lines().map(str::trim).filter(|line| !line.is_empty());
    match (lines.next(), lines.next_back()) {
        (Some(_), Some(last)) => format!("… {last}"),
        (Some(only), None) => only.to_owned(),
        (None, _) => String::new(),
    }
}

/// What gets compiled, and how.
fn builds(text: &mut Text, plan: &Plan) {
    text.label("build").end();
    for (id, product) in &plan.products {
        let how = match &product.compile {
            Compile::Cargo { path, library: Some(library), profile, .. } => format!("{}, {profile}: library {library}", cargo(path)),
            Compile::Cargo { path, binaries, profile, .. } => format!("{}, {profile}: {}", cargo(path), binaries.join(", ")),
            Compile::Command { command, .. } | Compile::File { command, .. } | Compile::Files { command } => in_a_line(command),
        };
        let target = plan.targets.get(&product.target).filter(|_| !product.compile.is_for_any());
        let builder = target.map(|target| match (target.builder, target.glibc) {
            (Builder::Zig, Some(floor)) => format!("zig, glibc {floor}"),
            (Builder::Zig, None) => "zig".to_owned(),
            (Builder::Native, _) => "native".to_owned(),
            (Builder::Xwin, _) => "xwin".to_owned(),
            (Builder::Cross, _) => "cross".to_owned(),
            (Builder::Command, _) => "own command".to_owned(),
        });
        text.put(format!("  {id}  "))
            .faint(format!("{how} ({})", builder.unwrap_or_else(|| "own command, for every machine".to_owned())))
            .end();
        for (variable, file) in &product.prebuilt {
            let place = plan.given.get(&file.sha256).map(|from| from.place.as_str()).unwrap_or_default();
            text.put(format!("    {variable} is prebuilt.{} ", file.name)).faint(place).end();
        }
    }
}

/// Who makes which files while the release is made.
fn generators(text: &mut Text, plan: &Plan) {
    if !plan.generators.is_empty() {
        text.label("generate").end();
    }
    for (name, generator) in &plan.generators {
        let how = match &generator.by {
            GeneratedBy::Program { payload, run, root } => format!("{} ({payload} in {root})", run.join(" ")),
            GeneratedBy::Build(product) => format!("the build of {product}"),
        };
        text.put(format!("  {name}  ")).put(&generator.output).put("  ").faint(how).end();
    }
}

/// What a trial is given besides, with where it comes from.
fn given(text: &mut Text, trial: &Trial, plan: &Plan) {
    let place = |digest| plan.given.get(digest).map(|from| from.place.as_str()).unwrap_or_default();
    for (file, digest) in &trial.given.files {
        text.put(format!("    given {file} ")).faint(place(digest)).end();
    }
    for (id, file) in trial.given.previous.iter().flatten() {
        text.put(format!("    over the previous {id} ")).faint(place(&file.sha256)).end();
    }
}

/// The steps of trials that differ in their root alone, each with all roots.
fn steps<'t>(text: &mut Text, trials: impl IntoIterator<Item = &'t Trial>) {
    let trials = trials.into_iter().collect::<Vec<_>>();
    let Some(first) = trials.first() else { return };
    let places = places(&trials);
    for step in &first.steps {
        let command = step.command_line();
        // Of a long script its name says more than its first line.
        let told = if command.lines().count() > 1 { step.name.as_str() } else { command.as_str() };
        text.put(format!("    {told} ")).faint(format!("in {places}")).end();
    }
}

/// Where trials take place: roots, and for which targets if there are several, said once of those that have the same roots.
fn places(trials: &[&Trial]) -> String {
    let mut roots_of = BTreeMap::<Option<&Target>, Vec<String>>::new();
    for trial in trials {
        roots_of.entry(trial.target.as_ref()).or_default().push(trial.root.to_string());
    }
    let mut targets_of = BTreeMap::<Vec<String>, Vec<&str>>::new();
    for (target, roots) in &roots_of {
        targets_of.entry(roots.clone()).or_default().extend(target.map(Target::as_str));
    }
    let is_one = roots_of.len() == 1;
    let told = |(roots, targets): (&Vec<String>, &Vec<&str>)| {
        let roots = roots.join(", ");
        if is_one { roots } else { format!("{roots} ({})", targets.join(", ")) }
    };
    targets_of.iter().map(told).collect::<Vec<_>>().join("; ")
}

fn not_yet(text: &mut Text, plan: &Plan) {
    let others = plan.artifacts.iter().filter_map(|(id, artifact)| match &artifact.want {
        Want::Wanted => None,
        Want::Planned(reason) => Some((id, "planned", reason)),
        Want::Deferred(reason) => Some((id, "deferred", reason)),
    });
    for (at, (id, want, reason)) in others.enumerate() {
        if at == 0 {
            text.label("not yet").end();
        }
        text.put(format!("  {id}  ")).faint(format!("{want}: {reason}")).end();
    }
}

/// Where cargo is called.
fn cargo(path: &str) -> String {
    if path.is_empty() { "cargo".to_owned() } else { format!("cargo in {path}") }
}
