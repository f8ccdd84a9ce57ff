//! `cargo metadata` for what only looks at a project.

use std::path::Path;

use super::launcher::Launch;
use super::toolchain_pin::harmless_folder;
use crate::environment;

/// Bytes of an answer: large workspaces have megabytes.
const GREATEST: usize = 256 << 20;

/// A call of `cargo` about the package or workspace in `folder`. Without dependencies: to resolve them cargo asks rustc for its version,
/// through the `rustc-wrapper` that the project's `.cargo/config.toml` names.
pub fn of(cargo: &Path, folder: &Path) -> Launch {
    let start = harmless_folder(folder);
    let launch = Launch::new(cargo, start).args(["metadata", "--format-version", "1", "--no-deps", "--offline"]);
    let launch = launch.env(environment::inherited(&["PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN"]));
    let elsewhere = (start != folder).then(|| ["--manifest-path".into(), folder.join("Cargo.toml").into_os_string()]);
    Launch { capture_limit: GREATEST, ..launch.args(elsewhere.into_iter().flatten()) }
}
