//! Which targets are wanted, planned or deferred, by the project and by each artifact.

use std::collections::BTreeMap;
use std::ops::Range;

use plimsoll_model::{Target, Want};

use super::super::diagnostic::{Diagnostic, Diagnostics};
use super::super::nearest::suggestion;
use super::super::written::{ArtifactTable, Manifest, Reasons, Strings, Written};

/// What is wanted of targets, by the project or by one artifact.
#[derive(Debug, Default)]
pub(crate) struct Wishes {
    /// Each target with the place where it is named.
    pub(crate) by_target: BTreeMap<Target, (Want, Range<usize>)>,
    /// Whether there is a list of `targets`.
    pub(crate) listed: bool,
    /// Whether something in it is no target: what is missing may be just that.
    pub(crate) incomplete: bool,
}

/// What the project wants.
pub(crate) fn project_wishes(manifest: &Manifest, out: &mut Diagnostics) -> Wishes {
    let mut wishes = wishes(manifest.targets.as_ref(), &manifest.planned, &manifest.deferred, out);
    let own_lists = manifest.artifacts.iter().any(|artifact| artifact.targets.is_some());
    let for_targets = manifest.artifacts.is_empty() || manifest.artifacts.iter().any(|artifact| !artifact.own.fits_any());
    if !wishes.listed && !own_lists && for_targets {
        let missing = Diagnostic::new("no-targets", &(0..0), "no targets are named").label("nothing would be shipped");
        out.push_absence(missing.hint("add targets = [\"linux-gnu\"], or the triples that you mean"));
        wishes.incomplete = true;
    }
    wishes
}

fn wishes(targets: Option<&Strings>, planned: &Reasons, deferred: &Reasons, out: &mut Diagnostics) -> Wishes {
    let mut wishes = Wishes { listed: targets.is_some(), ..Wishes::default() };
    if let Some(list) = targets.filter(|list| list.value.is_empty()) {
        let hint = "name at least one, or mark them as planned with a reason";
        out.push(Diagnostic::new("no-targets", &list.span, "the list of targets is empty").label("nothing would be shipped").hint(hint));
        wishes.incomplete = true;
    }
    for written in targets.into_iter().flat_map(|list| &list.value) {
        for target in resolve(written, &mut wishes, out) {
            add(&mut wishes, target, Want::Wanted, &written.span, out);
        }
    }
    let reasons = planned.iter().map(|entry| (entry, true)).chain(deferred.iter().map(|entry| (entry, false)));
    for ((written, reason), is_planned) in reasons {
        if reason.value.trim().is_empty() {
            let message = format!("`{}` is {} without a reason", written.value, if is_planned { "planned" } else { "deferred" });
            let hint = "say in a few words what is missing; users see it beside the gap";
            out.push(Diagnostic::new("no-reason", &reason.span, message).label("empty").hint(hint));
        }
        for target in resolve(written, &mut wishes, out) {
            let text = reason.value.trim().to_owned();
            let want = if is_planned { Want::Planned(text) } else { Want::Deferred(text) };
            add(&mut wishes, target, want, &written.span, out);
        }
    }
    wishes
}

/// The targets that a triple or a family stands for.
fn resolve(written: &Written<String>, wishes: &mut Wishes, out: &mut Diagnostics) -> Vec<Target> {
    Target::named(&written.value).unwrap_or_else(|| {
        out.push(unknown_target(written, true));
        wishes.incomplete = true;
        Vec::new()
    })
}

/// The targets that a list names, each with the place; what is no target is told.
pub(crate) fn listed<'l>(list: &'l Strings, out: &mut Diagnostics) -> Vec<(Target, &'l Written<String>)> {
    let mut wishes = Wishes::default();
    let found = list.value.iter().map(|written| resolve(written, &mut wishes, out).into_iter().map(move |target| (target, written)));
    found.flatten().collect()
}

/// Says that `written` is no target.
pub(crate) fn unknown_target(written: &Written<String>, families: bool) -> Diagnostic {
    let words = Target::words().filter(|word| families || Target::KNOWN.contains(word));
    let shown = written.value.chars().take(80).collect::<String>();
    Diagnostic::new("unknown-target", &written.span, format!("there is no target `{shown}`"))
        .label("unknown target")
        .maybe_hint(suggestion(&written.value, "targets", words))
}

fn add(wishes: &mut Wishes, target: Target, want: Want, span: &Range<usize>, out: &mut Diagnostics) {
    let Some((earlier, earlier_span)) = wishes.by_target.get(&target) else {
        wishes.by_target.insert(target, (want, span.clone()));
        return;
    };
    let (code, message) = match (earlier, &want) {
        (Want::Wanted, Want::Wanted) => ("duplicate-target", format!("the target {target} is named twice")),
        (Want::Wanted, Want::Planned(_)) => ("target-wanted-and-planned", format!("{target} is both wanted and planned")),
        (Want::Wanted, Want::Deferred(_)) => ("target-wanted-and-planned", format!("{target} is both wanted and deferred")),
        _ => ("duplicate-target", format!("{target} is planned or deferred twice")),
    };
    let hint = (code == "target-wanted-and-planned")
        .then(|| "take it out of one of the two; of a family, name the triple that is meant".to_owned());
    out.push(Diagnostic::new(code, span, message).context(earlier_span, "first named here").maybe_hint(hint));
}

/// What is wanted of `artifact`: its own list, or else the project's, less what it plans or defers itself.
pub(crate) fn artifact_wishes(artifact: &ArtifactTable, project: &Wishes, out: &mut Diagnostics) -> BTreeMap<Target, Want> {
    let own = wishes(artifact.targets.as_ref(), &artifact.planned, &artifact.deferred, out);
    let label = artifact.label();
    if own.listed {
        for (target, (_, span)) in own.by_target.iter().filter(|(_, (want, _))| *want == Want::Wanted) {
            if project.listed && !project.incomplete {
                within_project(&label, target, span, project, out);
            }
        }
        return own.by_target.into_iter().map(|(target, (want, _))| (target, want)).collect();
    }
    if !project.listed && !project.incomplete {
        let missing = Diagnostic::new("no-targets", &artifact.name.span, format!("`{label}` has no targets, and neither has the project"));
        out.push_absence(missing.label("nothing would be shipped").hint("give it `targets`, or give the project `targets` at the top"));
    }
    let mut wanted = project.by_target.iter().map(|(target, (want, _))| (target.clone(), want.clone())).collect::<BTreeMap<_, _>>();
    wanted.extend(own.by_target.into_iter().map(|(target, (want, _))| (target, want)));
    wanted
}

/// Words on what the project has instead.
pub(crate) fn project_targets<'t>(targets: impl Iterator<Item = &'t Target>) -> String {
    format!("the project's targets: {}", targets.map(Target::as_str).collect::<Vec<_>>().join(", "))
}

fn within_project(label: &str, target: &Target, span: &Range<usize>, project: &Wishes, out: &mut Diagnostics) {
    let (message, hint, context) = match project.by_target.get(target) {
        Some((Want::Wanted, _)) => return,
        Some((_, place)) => {
            (format!("`{label}` wants {target}, which the project does not want yet"), None, Some((place, "planned or deferred here")))
        }
        None => {
            let wanted = project.by_target.iter().filter(|(_, (want, _))| *want == Want::Wanted).map(|(target, _)| target);
            (format!("`{label}` wants {target}, which the project does not have"), Some(project_targets(wanted)), None)
        }
    };
    let mut diagnostic = Diagnostic::new("target-not-in-project", span, message).label("not a target of the project").maybe_hint(hint);
    if let Some((place, words)) = context {
        diagnostic = diagnostic.context(place, words);
    }
    out.push(diagnostic);
}
