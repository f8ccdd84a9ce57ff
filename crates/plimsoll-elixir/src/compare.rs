//! Holds what the Elixir side says against the manifest: what contradicts is told with both sides and its place, and what cannot be read is told too,
//! since then nothing vouches for it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use plimsoll_model::NifVersion;

use super::checker::Checker;
use super::location::{Location, Read};
use super::mix::MixProject;
use super::module::Precompiled;
use super::project::Teller;

/// What a target is to the project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TargetState {
    /// Wanted, and not proven, or not yet.
    Wanted,
    /// Proven.
    Proven,
    /// Planned, with the reason.
    Planned(String),
    /// Deferred, with the reason.
    Deferred(String),
}

/// What the list of targets is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Against {
    /// Everything wanted: on a laptop, before anything is proven.
    Wanted,
    /// What is proven: at the release.
    Proven,
}

/// What the manifest, the crate and the plan say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The OTP application, where the manifest names it.
    pub otp_app: Option<String>,
    /// The module, where the manifest or a loaded library names it.
    pub module: Option<String>,
    /// The crate's library.
    pub crate_name: String,
    /// The release's version.
    pub version: String,
    /// The release's tag, by which its files are found; none if it is not known.
    pub tag: Option<String>,
    /// The URL of the release's files, where it is known.
    pub base_url: Option<String>,
    /// All targets that the manifest names.
    pub targets: BTreeMap<String, TargetState>,
    /// NIF versions that are built.
    pub nif_versions: BTreeSet<NifVersion>,
    /// Variants that are built, by target.
    pub variants: BTreeMap<String, Vec<String>>,
    /// Files that a package must have, relative to mix.exs, with the reason.
    pub packaged: BTreeMap<String, String>,
}

/// One contradiction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// Where the Elixir side says it, or where it should.
    pub at: Location,
    /// The setting.
    pub setting: &'static str,
    /// What the Elixir side says.
    pub elixir: String,
    /// What the manifest says.
    pub manifest: String,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: `{}` {}, and {}", self.at, self.setting, self.elixir, self.manifest)
    }
}

/// A setting of which nobody could say what it comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// Where it stands.
    pub at: Location,
    /// The setting.
    pub setting: &'static str,
    /// Its beginning, as it is written.
    pub written: String,
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: `{}` is `{}`", self.at, self.setting, self.written)
    }
}

/// Everything that contradicts, in the order of the settings. Empty: the Elixir side says what the manifest says, as far as it was read.
pub fn check(facts: &Facts, module: &Precompiled, mix: &MixProject, against: Against, teller: &Teller) -> Vec<Mismatch> {
    let mut found = Vec::new();
    let mut checker = Checker { at: &module.at, verb: teller.verb(), found: &mut found };
    if let Some(expected) = &facts.module {
        checker.equal("defmodule", &Read::Found { value: module.module.clone(), at: module.at.clone() }, expected, "the library is for");
    }
    let app = facts.otp_app.as_ref().or(mix.app.value());
    if let Some(app) = app {
        checker.equal("otp_app", &module.otp_app, app, "the application is");
    }
    match (&module.crate_name, app) {
        (Read::Absent, Some(app)) => {
            let implied = Read::Found { value: app.clone(), at: module.at.clone() };
            checker.equal("crate", &implied, &facts.crate_name, "the crate's library is");
        }
        (read, _) => checker.equal("crate", read, &facts.crate_name, "the crate's library is"),
    }
    // One that is the project's own is told of there.
    if module.version.value() != mix.version.value() || module.version.value().is_none() {
        checker.equal("version", &module.version, &facts.version, "the release is");
    }
    checker.version_of_mix(mix, &facts.version);
    checker.url(facts, "base_url", &module.base_url, "");
    checker.targets(facts, &module.targets, against);
    checker.nif_versions(facts, "nif_versions", &module.nif_versions, true);
    checker.variants(facts, module);
    checker.files(facts, mix);
    found
}

/// Settings of a module and of its project that were not read, in the order of [`check`].
pub fn unread(module: &Precompiled, mix: &MixProject) -> Vec<Unread> {
    let own = [
        not_literal("otp_app", &module.otp_app),
        not_literal("crate", &module.crate_name),
        not_literal("version", &module.version),
        not_literal("base_url", &module.base_url),
        not_literal("targets", &module.targets),
        not_literal("nif_versions", &module.nif_versions),
        not_literal("variants", &module.variants),
    ];
    own.into_iter().flatten().chain(unread_of_mix(mix)).collect()
}

/// The same of mix.exs alone.
pub fn unread_of_mix(mix: &MixProject) -> Vec<Unread> {
    let make = mix.make.precompiler.as_ref().map(|_| {
        [
            not_literal("make_precompiler_url", &mix.make.url),
            not_literal("make_precompiler_filename", &mix.make.filename),
            not_literal("make_precompiler_nif_versions", &mix.make.nif_versions),
        ]
    });
    let own = [not_literal("version of the project", &mix.version), not_literal("files of the package", &mix.files)];
    own.into_iter().chain(make.into_iter().flatten()).flatten().collect()
}

fn not_literal<T>(setting: &'static str, read: &Read<T>) -> Option<Unread> {
    let Read::NotLiteral { at, written } = read else { return None };
    Some(Unread { at: at.clone(), setting, written: written.clone() })
}
