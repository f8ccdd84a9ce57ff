//! The words of one cargo invocation.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;

use plimsoll_model::plan::{Builder, Compile, Strip};
use plimsoll_model::{ProductPlan, TargetPlan};

/// Words that decide what cargo makes; no path of this machine is among them, so they are part of the key. `wanted` are the programs that artifacts
/// ship: the core's others are not compiled.
pub fn words(product: &ProductPlan, target: &TargetPlan, wanted: &BTreeSet<String>) -> Vec<String> {
    let Compile::Cargo { package, binaries, library, features, default_features, profile, .. } = &product.compile else {
        return Vec::new();
    };
    let verb = match target.builder {
        Builder::Zig => "zigbuild",
        Builder::Native | Builder::Xwin | Builder::Cross | Builder::Command => "build",
    };
    let triple = match (target.builder, target.glibc) {
        (Builder::Zig, Some(floor)) => format!("{}.{floor}", product.target),
        _ => product.target.to_string(),
    };
    let mut words = [verb, "--locked", "--profile", profile, "--target", &triple, "--package", package].map(str::to_owned).to_vec();
    for binary in binaries.iter().filter(|binary| wanted.contains(*binary)) {
        words.extend(["--bin".to_owned(), binary.clone()]);
    }
    if library.is_some() {
        words.push("--lib".to_owned());
    }
    // Programs are stripped when they are assembled. For Windows zig's linker would write a PDB beside a program with debug information, and its
    // number, which differs from one build to the next, into the program.
    let at_link = if product.target.os() == "windows" && product.strip != Strip::None { "debuginfo" } else { "none" };
    words.extend(["--config".to_owned(), format!("profile.{profile}.strip=\"{at_link}\"")]);
    if !default_features {
        words.push("--no-default-features".to_owned());
    }
    if !features.is_empty() {
        words.extend(["--features".to_owned(), features.join(",")]);
    }
    words
}

/// The rest of the words: where things are and how cargo reports.
pub fn placing(manifest: &Path, target_folder: &Path) -> Vec<OsString> {
    let mut words: Vec<OsString> = vec!["--message-format".into(), "json-render-diagnostics".into(), "--manifest-path".into()];
    words.extend([manifest.into(), "--target-dir".into(), target_folder.into()]);
    words
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use plimsoll_model::plan::Want;

    use super::*;

    #[test]
    fn a_program_that_no_artifact_ships_is_not_compiled() {
        let compile = Compile::Cargo {
            path: String::new(),
            package: "x".to_owned(),
            binaries: ["main", "internal"].map(str::to_owned).into(),
            library: None,
            features: Vec::new(),
            default_features: true,
            profile: "release".to_owned(),
            rustflags: Vec::new(),
        };
        let (core, triple) = ("x".parse().unwrap(), "x86_64-unknown-linux-musl".parse().unwrap());
        let (env, embed) = (BTreeMap::new(), BTreeMap::new());
        let product = ProductPlan {
            core,
            variant: None,
            target: triple,
            compile,
            strip: Strip::None,
            cpu: None,
            env,
            inputs: Vec::new(),
            system: Vec::new(),
            embed,
            prebuilt: BTreeMap::new(),
            leaves: BTreeMap::new(),
        };
        let target = TargetPlan { want: Want::Wanted, glibc: None, macos: None, builder: Builder::Zig, roots: Vec::new(), native: false };
        let words = words(&product, &target, &BTreeSet::from(["main".to_owned()])).join(" ");
        assert!(words.contains("--bin main") && !words.contains("internal"), "{words}");
    }
}
