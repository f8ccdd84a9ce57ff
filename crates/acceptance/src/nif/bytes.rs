//! The example's library in a store of its own: its bytes are known.

use crate::testbed::Testbed;
use crate::{Checks, Trouble, golden, project};

pub fn run(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let folder = testbed.path("nif-counter");
    project::copy_tree(&testbed.root.join("examples/nif-counter"), &folder)?;
    let store = testbed.private_store("store", true)?;
    let packed = golden::packed(testbed, &store, &folder, &["x86_64-unknown-linux-gnu", "aarch64-apple-darwin"])?;
    checks.that("a library for each target is packed", packed.len() == 2, || format!("{packed:#?}"));
    golden::compare(checks, "nif-bytes", &packed)
}
