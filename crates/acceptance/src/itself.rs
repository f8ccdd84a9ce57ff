//! plimsoll's own release: what the manifest at the root of this repository plans.

use serde_json::Value;

use super::testbed::{self, Testbed};
use super::{Checks, Trouble};

/// The seven usual targets.
const TARGETS: [&str; 7] = [
    "aarch64-apple-darwin",
    "aarch64-unknown-linux-gnu",
    "aarch64-unknown-linux-musl",
    "x86_64-apple-darwin",
    "x86_64-pc-windows-gnu",
    "x86_64-unknown-linux-gnu",
    "x86_64-unknown-linux-musl",
];

pub fn run(testbed: &Testbed, checks: &mut Checks) -> Result<(), Trouble> {
    let mut plan = testbed.plimsoll(&testbed.store);
    let said = testbed::run(plan.args(["plan", "--json", "--root"]).arg(&testbed.root))?;
    let plan = serde_json::from_str(&said.stdout).unwrap_or(Value::Null);
    checks.that("it is planned", said.well(), || said.all());
    let of = |key: &str| plan[key].as_object().into_iter().flatten().map(|(id, _)| id.clone()).collect::<Vec<_>>();
    let (artifacts, products) = (of("artifacts"), of("products"));
    let wanted = TARGETS.map(|target| format!("archive.plimsoll/{target}"));
    checks.that("as one archive for each of the seven usual targets", artifacts == wanted, || format!("{artifacts:?}"));
    let built = TARGETS.map(|target| format!("plimsoll/{target}"));
    checks.that("and nothing else of the workspace is built", products == built, || format!("{products:?}"));
    Ok(())
}
