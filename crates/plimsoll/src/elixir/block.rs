//! The lines to paste: `use RustlerPrecompiled` as the manifest has it.

use std::fmt::Write;

use plimsoll_model::{NifVersion, Target};

/// What the lines say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The OTP application.
    pub otp_app: String,
    /// The crate, underscored.
    pub crate_name: String,
    /// The release's URL up to the tag's version: `https://…/releases/download/v`.
    pub url_prefix: String,
    /// The variable that forces a build.
    pub force_build: String,
    /// NIF versions, in any order.
    pub nif_versions: Vec<NifVersion>,
    /// Targets, in any order.
    pub targets: Vec<Target>,
}

/// The lines, indented for a module's body. Nothing in them is left to the library's defaults, which change with it.
pub fn use_block(block: &Block) -> String {
    let Block { otp_app, crate_name, url_prefix, force_build, nif_versions, targets } = block;
    let (mut nif_versions, mut targets) = (nif_versions.clone(), targets.clone());
    nif_versions.sort();
    targets.sort();
    let versions = nif_versions.iter().map(|version| format!("\"{version}\"")).collect::<Vec<_>>().join(", ");
    let mut text = String::from("  version = Mix.Project.config()[:version]\n\n  use RustlerPrecompiled,\n");
    let _ = write!(
        text,
        "    otp_app: :{otp_app},\n    crate: \"{crate_name}\",\n    base_url: \"{url_prefix}#{{version}}\",\n    version: version,\n    \
         force_build: System.get_env(\"{force_build}\") in [\"1\", \"true\"],\n    nif_versions: [{versions}],\n    targets: ~w(\n"
    );
    for target in targets {
        let _ = writeln!(text, "      {target}");
    }
    text.push_str("    )\n");
    text
}
