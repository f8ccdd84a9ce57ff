//! Which products are built in one work folder, as far as a plan tells.

use plimsoll_model::plan::Compile;
use plimsoll_model::{Digest, ProductPlan};

/// Rustler leaves `nif_init` out of an object that was first compiled as a dependency, and cargo takes a used object again: a library has a folder
/// of its own for each set of features.
pub(super) const fn library_of(compile: &Compile) -> Option<(&String, &Vec<String>)> {
    match compile {
        Compile::Cargo { library: Some(library), features, .. } => Some((library, features)),
        Compile::Cargo { .. } | Compile::Command { .. } | Compile::File { .. } | Compile::Files { .. } => None,
    }
}

/// What products of one plan have in common that are built in one work folder, as far as the plan tells: two of other values never share one.
pub fn shared_folder(product: &ProductPlan) -> String {
    let shared = (product.compile.path(), &product.env, &product.target, library_of(&product.compile), &product.system);
    Digest::of(&plimsoll_model::canonical_json(&shared)).to_string()
}
