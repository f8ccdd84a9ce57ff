//! What a project asks for: other wheels of the release, and packages of others.

use std::collections::BTreeSet;

use plimsoll_model::python::normalised_name;
use plimsoll_model::{Name, Target, Want};
use plimsoll_pack::Kind;
use plimsoll_pack::wheel::Project;

use crate::manifest::ArtifactTable;
use crate::manifest::check::Context;
use crate::manifest::check::targets::artifact_wishes;
use crate::manifest::diagnostic::Diagnostics;

/// What one project requires.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Required {
    /// Other wheels of the release.
    pub(super) needs: BTreeSet<(Kind, Name)>,
    /// The targets that it is for because of them; empty if that are all.
    pub(super) only: BTreeSet<Target>,
    /// What no wheel of the release meets.
    pub(super) of_others: Vec<String>,
}

/// What a project requires.
pub(super) fn of(project: &Project, table: &ArtifactTable, context: &Context<'_>, out: &mut Diagnostics) -> Required {
    let (mut required, mut only) = (Required::default(), None::<BTreeSet<Target>>);
    for requirement in &project.dependencies {
        let asked = requirement.name().normalized();
        let is_it = |other: &&ArtifactTable| other.own.kind() == Kind::Wheel && normalised_name(&other.name.value, '-') == asked;
        let Some(other) = context.manifest.artifacts.iter().find(is_it) else {
            required.of_others.push(requirement.to_string());
            continue;
        };
        // An extra of its own, which says nothing of others.
        if other.name.value == table.name.value {
            continue;
        }
        required.needs.extend(other.name.value.parse().ok().map(|name| (Kind::Wheel, name)));
        if !other.own.fits_any() {
            let wishes = artifact_wishes(other, context.project, out).into_iter();
            let wanted = wishes.filter(|(_, want)| *want == Want::Wanted).map(|(target, _)| target).collect::<BTreeSet<_>>();
            only = Some(match only {
                Some(before) => before.intersection(&wanted).cloned().collect(),
                None => wanted,
            });
        }
    }
    required.only = only.unwrap_or_default();
    required
}
