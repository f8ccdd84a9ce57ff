//! The words of one cargo invocation.

use std::ffi::OsString;
use std::path::Path;

use plimsoll_model::plan::{Builder, Compile, Strip};
use plimsoll_model::{ProductPlan, TargetPlan};

/// Words that decide what cargo makes; no path of this machine is among them, so they are part of the key.
pub fn words(product: &ProductPlan, target: &TargetPlan) -> Vec<String> {
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
    for binary in binaries {
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
