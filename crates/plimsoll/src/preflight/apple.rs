//! Builds that will want Apple's SDK, foretold from lock files before anything is built. Only the build itself knows which features are on.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_model::Plan;
use plimsoll_model::plan::{Builder, Compile};
use plimsoll_store::plain_file;

use super::some_of;
use crate::build::apple;
use crate::build::environment::SDKROOT;
use crate::project::{Loaded, locked};

/// What is told of products for macOS that link frameworks, if this machine has no SDK of Apple's.
pub fn foretold(project: &Loaded, plan: &Plan) -> Vec<String> {
    let has_sdk = std::env::var_os(SDKROOT).is_some_and(|name| !name.is_empty());
    if has_sdk || project.workspaces.own().toolchain.host.os() == "macos" {
        return Vec::new();
    }
    let mut wanting = BTreeMap::<BTreeSet<String>, Vec<&str>>::new();
    for (id, product) in &plan.products {
        let by_zig = plan.targets.get(&product.target).is_some_and(|target| target.builder == Builder::Zig);
        let Compile::Cargo { package, .. } = &product.compile else { continue };
        if product.target.os() != "macos" || !by_zig || product.env.contains_key(SDKROOT) {
            continue;
        }
        let workspace = project.workspaces.of(&product.compile).cargo.workspace.as_ref();
        let text = workspace.and_then(|workspace| plain_file::read_text(&workspace.join("Cargo.lock")).ok());
        let frameworks = text.map(|text| apple::of_crates(&locked::reached(&text, package))).unwrap_or_default();
        if !frameworks.is_empty() {
            wanting.entry(frameworks).or_default().push(id.as_str());
        }
    }
    let told = |(frameworks, products): (BTreeSet<String>, Vec<&str>)| {
        format!("{} may be a gap here: by Cargo.lock it {}", some_of(&products), apple::needs(&frameworks))
    };
    wanting.into_iter().map(told).collect()
}
