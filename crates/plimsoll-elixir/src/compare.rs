//! Holds what the Elixir side says against the manifest: what contradicts is told with both sides and its place, and what cannot be read is told too,
//! since then nothing vouches for it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use plimsoll_model::NifVersion;

use super::files::is_packaged;
use super::location::{Location, Read};
use super::mix::MixProject;
use super::module::Precompiled;

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

/// Everything that contradicts, in the order of the settings. Empty: the Elixir side says what the manifest says.
pub fn check(facts: &Facts, module: &Precompiled, mix: &MixProject, against: Against) -> Vec<Mismatch> {
    let mut found = Vec::new();
    let mut checker = Checker { at: &module.at, found: &mut found };
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
    checker.equal("version", &module.version, &facts.version, "the release is");
    checker.version_of_mix(mix, &facts.version);
    checker.url(facts, &module.base_url);
    checker.targets(facts, &module.targets, against);
    checker.nif_versions(facts, "nif_versions", &module.nif_versions);
    checker.variants(facts, module);
    checker.files(facts, mix);
    found
}

/// Holds one setting after the other against what is wanted.
pub(super) struct Checker<'a> {
    /// Where what is not there should be.
    pub(super) at: &'a Location,
    pub(super) found: &'a mut Vec<Mismatch>,
}

impl Checker<'_> {
    pub(super) fn add(&mut self, at: &Location, setting: &'static str, elixir: impl Into<String>, manifest: impl Into<String>) {
        self.found.push(Mismatch { at: at.clone(), setting, elixir: elixir.into(), manifest: manifest.into() });
    }

    /// What is not there or cannot be read. Gives back what was.
    pub(super) fn readable<'r, T>(&mut self, setting: &'static str, read: &'r Read<T>, needed: &str) -> Option<(&'r T, &'r Location)> {
        match read {
            Read::Found { value, at } => Some((value, at)),
            Read::Absent => {
                let at = self.at;
                self.add(at, setting, "is not there", needed);
                None
            }
            Read::NotLiteral { at, written } => {
                self.add(
                    at,
                    setting,
                    format!("is `{written}`, which only Elixir can evaluate"),
                    format!("{needed}; write it as a literal"),
                );
                None
            }
        }
    }

    pub(super) fn equal(&mut self, setting: &'static str, read: &Read<String>, expected: &str, who: &str) {
        let expected = format!("{who} `{expected}`");
        if let Some((value, at)) = self.readable(setting, read, &expected)
            && format!("{who} `{value}`") != expected
        {
            self.add(at, setting, format!("says `{value}`"), expected);
        }
    }

    pub(super) fn version_of_mix(&mut self, mix: &MixProject, expected: &str) {
        match &mix.version {
            Read::Found { value, .. } if value == expected => {}
            Read::Found { value, at } => {
                self.add(at, "version of the project", format!("says `{value}`"), format!("the release is `{expected}`"))
            }
            Read::Absent => self.add(&mix.at, "version of the project", "is not there", format!("the release is `{expected}`")),
            Read::NotLiteral { at, written } => self.add(
                at,
                "version of the project",
                format!("is `{written}`, which only Elixir can evaluate"),
                format!("the release is `{expected}`; write it as a literal or as an attribute"),
            ),
        }
    }

    /// The URL itself where it is known; its end in any case: a tag is `v` and the version.
    fn url(&mut self, facts: &Facts, read: &Read<String>) {
        let tag = format!("v{}", facts.version);
        let needed = facts.base_url.as_ref().map_or(format!("the release's tag is `{tag}`"), |url| format!("the release is at `{url}`"));
        let Some((value, at)) = self.readable("base_url", read, &needed) else { return };
        let plain = value.trim_end_matches('/');
        let fits = match &facts.base_url {
            Some(url) => plain == url.trim_end_matches('/'),
            None => plain.ends_with(&format!("/{tag}")),
        };
        if !fits {
            self.add(at, "base_url", format!("says `{value}`"), needed);
        }
    }

    fn targets(&mut self, facts: &Facts, read: &Read<Vec<String>>, against: Against) {
        let needed = "plimsoll.toml names its targets, and the library's own list changes with its version";
        let Some((listed, at)) = self.readable("targets", read, needed) else { return };
        let listed_once = listed.iter().collect::<BTreeSet<_>>();
        if listed_once.len() != listed.len() {
            self.add(at, "targets", "names a target twice", "each is built once");
        }
        for target in &listed_once {
            let manifest = match facts.targets.get(target.as_str()) {
                Some(TargetState::Proven) => continue,
                Some(TargetState::Wanted) if against == Against::Wanted => continue,
                Some(TargetState::Wanted) => "it is not proven".to_owned(),
                Some(TargetState::Planned(reason)) => format!("plimsoll.toml has it as planned: {reason}"),
                Some(TargetState::Deferred(reason)) => format!("plimsoll.toml has it as deferred: {reason}"),
                None => "plimsoll.toml does not name it".to_owned(),
            };
            self.add(at, "targets", format!("lists {target}"), manifest);
        }
        for (target, state) in &facts.targets {
            let manifest = match state {
                TargetState::Proven => "it is proven",
                TargetState::Wanted => "plimsoll.toml wants it",
                TargetState::Planned(_) | TargetState::Deferred(_) => continue,
            };
            if !listed_once.contains(target) {
                self.add(at, "targets", format!("lacks {target}"), manifest);
            }
        }
    }

    pub(super) fn nif_versions(&mut self, facts: &Facts, setting: &'static str, read: &Read<Vec<String>>) {
        let built = facts.nif_versions.iter().map(ToString::to_string).collect::<Vec<_>>();
        let needed = format!("{} is built", built.join(", "));
        let Some((listed, at)) = self.readable(setting, read, &needed) else { return };
        for version in listed.iter().filter(|version| !built.contains(version)) {
            self.add(at, setting, format!("lists {version}"), needed.clone());
        }
        for version in built.iter().filter(|version| !listed.contains(version)) {
            self.add(at, setting, format!("lacks {version}"), format!("{version} is built"));
        }
    }

    fn variants(&mut self, facts: &Facts, module: &Precompiled) {
        let nothing = BTreeMap::new();
        let (listed, at) = match &module.variants {
            Read::Absent => (&nothing, module.at.clone()),
            read => match self.readable("variants", read, "plimsoll.toml names its variants") {
                Some((listed, at)) => (listed, at.clone()),
                None => return,
            },
        };
        let pairs = |map: &BTreeMap<String, Vec<String>>| {
            let pairs = map.iter().flat_map(|(target, names)| names.iter().map(move |name| (target.clone(), name.clone())));
            pairs.collect::<BTreeSet<_>>()
        };
        let (listed, built) = (pairs(listed), pairs(&facts.variants));
        for (target, name) in listed.difference(&built) {
            self.add(&at, "variants", format!("lists {name} for {target}"), "plimsoll.toml has no such variant");
        }
        for (target, name) in built.difference(&listed) {
            self.add(&at, "variants", format!("lacks {name} for {target}"), "plimsoll.toml has it");
        }
    }

    pub(super) fn files(&mut self, facts: &Facts, mix: &MixProject) {
        let (files, at) = match &mix.files {
            Read::Found { value, at } => (Some(value.as_slice()), at),
            Read::Absent => (None, mix.package.as_ref().unwrap_or(&mix.at)),
            Read::NotLiteral { at, written } => {
                let said = format!("is `{written}`, which only Elixir can evaluate");
                return self.add(at, "files of the package", said, "the package must have the library's sources; write it as a literal");
            }
        };
        for (path, reason) in facts.packaged.iter().filter(|(path, _)| !is_packaged(path, files)) {
            self.add(at, "files of the package", format!("leave out {path}"), reason.clone());
        }
    }
}
