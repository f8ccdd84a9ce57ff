//! The lines to paste: `use RustlerPrecompiled` as the manifest has it.

use std::collections::BTreeMap;
use std::fmt::Write;

use plimsoll_model::{NifVersion, Target};

/// What the lines say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The OTP application.
    pub otp_app: String,
    /// The crate, underscored.
    pub crate_name: String,
    /// The release's URL, with `#{version}` for the version: `https://…/releases/download/v#{version}`.
    pub url: String,
    /// The variable that forces a build.
    pub force_build: String,
    /// NIF versions, in any order.
    pub nif_versions: Vec<NifVersion>,
    /// Targets, in any order.
    pub targets: Vec<Target>,
    /// Variants, by target.
    pub variants: BTreeMap<Target, Vec<String>>,
}

/// The lines, indented for a module's body. Nothing in them is left to the library's defaults, which change with it.
pub fn use_block(block: &Block) -> String {
    let Block { otp_app, crate_name, url, force_build, nif_versions, targets, variants } = block;
    let (mut nif_versions, mut targets) = (nif_versions.clone(), targets.clone());
    nif_versions.sort();
    targets.sort();
    let versions = nif_versions.iter().map(|version| format!("\"{version}\"")).collect::<Vec<_>>().join(", ");
    let mut text = String::from("  version = Mix.Project.config()[:version]\n\n  use RustlerPrecompiled,\n");
    let _ = write!(
        text,
        "    otp_app: :{otp_app},\n    crate: \"{crate_name}\",\n    base_url: \"{url}\",\n    version: version,\n    \
         force_build: System.get_env(\"{force_build}\") in [\"1\", \"true\"],\n    nif_versions: [{versions}],\n    targets: ~w(\n"
    );
    for target in targets {
        let _ = writeln!(text, "      {target}");
    }
    text.push_str(if variants.is_empty() { "    )\n" } else { "    ),\n" });
    write_variants(&mut text, variants, force_build.trim_end_matches("_BUILD"));
    text
}

/// The first variant whose function is true is taken, else the library itself. Which machine needs which is the project's to say: what stands
/// here takes one by the name in a variable.
fn write_variants(text: &mut String, variants: &BTreeMap<Target, Vec<String>>, prefix: &str) {
    if variants.is_empty() {
        return;
    }
    let entries = variants.iter().map(|(target, names)| {
        let names = names.iter().map(|name| format!("        {name}: fn -> System.get_env(\"{prefix}_VARIANT\") == \"{name}\" end"));
        format!("      \"{target}\" => [\n{}\n      ]", names.collect::<Vec<_>>().join(",\n"))
    });
    let _ = writeln!(text, "    variants: %{{\n{}\n    }}", entries.collect::<Vec<_>>().join(",\n"));
}
