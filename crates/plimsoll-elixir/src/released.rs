//! At a release: what the Elixir side promises to users is held against what is proven, no longer against what is wanted.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::{ArtifactId, KindPlan, NifPlan, NifScheme, Plan, Want};

use super::compare::{Against, Facts, Mismatch, TargetState, check};
use super::project::ElixirProject;

/// A plan, and which of its artifacts are proven.
#[derive(Debug, Clone, Copy)]
pub struct Released<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// Artifacts of the sealed release.
    pub proven: &'a BTreeSet<ArtifactId>,
    /// The release's tag, if it is known.
    pub tag: Option<&'a str>,
}

/// Everything that the modules of the Elixir side promise and the release does not hold, or the other way round. A target is proven when each
/// of its files is: one a NIF version and variant.
pub fn contradicting(released: Released<'_>, elixir: &ElixirProject) -> Vec<Mismatch> {
    let Some(mix) = &elixir.mix else { return Vec::new() };
    let found = released
        .facts()
        .into_iter()
        .filter_map(|(module, facts)| Some(check(&facts, elixir.module(&module)?, mix, Against::Proven, &elixir.teller)));
    found.flatten().collect()
}

impl Released<'_> {
    /// What the release has, by module.
    fn facts(self) -> BTreeMap<String, Facts> {
        let mut modules = BTreeMap::<String, Facts>::new();
        for (id, artifact) in &self.plan.artifacts {
            let KindPlan::Nif { nif } = &artifact.kind else { continue };
            if nif.scheme != NifScheme::RustlerPrecompiled {
                continue;
            }
            let facts = modules.entry(nif.module.clone()).or_insert_with(|| self.empty(nif));
            facts.nif_versions.insert(nif.version);
            let Some(target) = artifact.fits.one().map(ToString::to_string) else { continue };
            let state = match &artifact.want {
                Want::Wanted if self.proven.contains(id) => TargetState::Proven,
                Want::Wanted => TargetState::Wanted,
                Want::Planned(reason) => TargetState::Planned(reason.clone()),
                Want::Deferred(reason) => TargetState::Deferred(reason.clone()),
            };
            if let (Some(variant), Want::Wanted) = (&nif.variant, &artifact.want) {
                let names = facts.variants.entry(target.clone()).or_default();
                if !names.contains(variant) {
                    names.push(variant.clone());
                }
            }
            let known = facts.targets.entry(target).or_insert_with(|| state.clone());
            // One file that is missing is enough.
            if *known == TargetState::Proven {
                *known = state;
            }
        }
        modules
    }

    fn empty(self, nif: &NifPlan) -> Facts {
        Facts {
            otp_app: Some(nif.app.clone()),
            module: Some(nif.module.clone()),
            crate_name: nif.crate_name.clone(),
            version: self.plan.version.to_string(),
            tag: self.tag.map(str::to_owned),
            base_url: None,
            targets: BTreeMap::new(),
            nif_versions: BTreeSet::new(),
            variants: BTreeMap::new(),
            // Seen to before anything was built.
            packaged: BTreeMap::new(),
        }
    }
}
