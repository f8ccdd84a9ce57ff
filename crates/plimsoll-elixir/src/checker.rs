//! Holds one setting after the other against what is wanted. What was not read is passed over: [`unread`](super::compare::unread) tells of it.

use std::collections::{BTreeMap, BTreeSet};

use super::compare::{Against, Facts, Mismatch, TargetState};
use super::defaults::{DEFAULT_NIF_VERSIONS, DEFAULT_TARGETS};
use super::files::is_packaged;
use super::location::{Location, Read};
use super::mix::MixProject;
use super::module::Precompiled;

/// In a URL of a release's files, before its tag.
const RELEASES: &str = "/releases/download/";
/// What is missing is named one by one up to this many, and counted beyond.
const MOST_NAMED: usize = 8;

pub(super) struct Checker<'a> {
    /// Where what is not there should be.
    pub(super) at: &'a Location,
    /// How what was found is told: it `says`, or `evaluates to`.
    pub(super) verb: &'static str,
    pub(super) found: &'a mut Vec<Mismatch>,
}

impl Checker<'_> {
    pub(super) fn add(&mut self, at: &Location, setting: &'static str, elixir: impl Into<String>, manifest: impl Into<String>) {
        self.found.push(Mismatch { at: at.clone(), setting, elixir: elixir.into(), manifest: manifest.into() });
    }

    /// What is not there, or is no such setting. Gives back what was read.
    pub(super) fn readable<'r, T>(&mut self, setting: &'static str, read: &'r Read<T>, needed: &str) -> Option<(&'r T, &'r Location)> {
        match read {
            Read::Found { value, at } => return Some((value, at)),
            Read::Absent => {
                let at = self.at;
                self.add(at, setting, "is not there", needed);
            }
            Read::Unfit { at, found } => self.add(at, setting, format!("evaluates to `{found}`"), needed),
            Read::NotLiteral { .. } => {}
        }
        None
    }

    pub(super) fn equal(&mut self, setting: &'static str, read: &Read<String>, expected: &str, who: &str) {
        let needed = format!("{who} `{expected}`");
        if let Some((value, at)) = self.readable(setting, read, &needed)
            && value != expected
        {
            self.add(at, setting, format!("{} `{value}`", self.verb), needed);
        }
    }

    pub(super) fn version_of_mix(&mut self, mix: &MixProject, expected: &str) {
        let needed = format!("the release is `{expected}`");
        match &mix.version {
            Read::Absent => self.add(&mix.at, "version of the project", "is not there", needed),
            read => self.equal("version of the project", read, expected, "the release is"),
        }
    }

    /// The URL itself where it is known; else that what leads to a release's files leads to those of its tag, with `rest` behind it.
    pub(super) fn url(&mut self, facts: &Facts, setting: &'static str, read: &Read<String>, rest: &str) {
        let needed = match (&facts.base_url, &facts.tag) {
            (Some(url), _) => format!("the release is at `{url}`"),
            (None, Some(tag)) => format!("the release's tag is `{tag}`"),
            (None, None) => format!("the release is `{}`", facts.version),
        };
        let Some((value, at)) = self.readable(setting, read, &needed) else { return };
        let plain = value.trim_end_matches('/');
        let is_of_release = format!("{plain}/").contains(RELEASES);
        let fits = match (&facts.base_url, &facts.tag) {
            (Some(url), _) => plain == url.trim_end_matches('/'),
            (None, Some(tag)) => {
                let ends = |tag: &str| plain.ends_with(&format!("/{tag}{rest}"));
                ends(tag) || ends(&tag.replace('/', "%2F")) || (!is_of_release && !names_another(plain, &facts.version))
            }
            // Whatever the form of its tag, the version is in it.
            (None, None) if is_of_release => plain.contains(&facts.version),
            (None, None) => !names_another(plain, &facts.version),
        };
        if !fits {
            self.add(at, setting, format!("{} `{value}`", self.verb), needed);
        }
    }

    pub(super) fn targets(&mut self, facts: &Facts, read: &Read<Vec<String>>, against: Against) {
        let defaults = DEFAULT_TARGETS.map(str::to_owned).to_vec();
        let (listed, at, has) = match read {
            Read::Absent => (&defaults, self.at.clone(), "is not there, and the library's own list has"),
            read => match self.readable("targets", read, "plimsoll.toml names its targets") {
                Some((listed, at)) => (listed, at.clone(), "lists"),
                None => return,
            },
        };
        let listed_once = listed.iter().collect::<BTreeSet<_>>();
        if listed_once.len() != listed.len() {
            self.add(&at, "targets", "names a target twice", "each is built once");
        }
        let mut promised = BTreeMap::<Promise<'_>, Vec<&str>>::new();
        for target in &listed_once {
            let promise = match facts.targets.get(target.as_str()) {
                Some(TargetState::Proven) => continue,
                // That users of a target which is only planned would find no file yet is told of a release.
                Some(_) if against == Against::Wanted => continue,
                Some(TargetState::Wanted) => Promise::Unproven,
                Some(TargetState::Planned(reason)) => Promise::Planned(reason),
                Some(TargetState::Deferred(reason)) => Promise::Deferred(reason),
                None => Promise::Unnamed,
            };
            promised.entry(promise).or_default().push(target);
        }
        for (promise, targets) in promised {
            self.add(&at, "targets", format!("{has} {}", some_of(&targets)), promise.told(targets.len() > 1));
        }
        let lacks = |wanted: TargetState| {
            let absent = facts.targets.iter().filter(|(target, state)| **state == wanted && !listed_once.contains(target));
            absent.map(|(target, _)| target.as_str()).collect::<Vec<_>>()
        };
        for (state, one, several) in [
            (TargetState::Proven, "it is proven", "they are proven"),
            (TargetState::Wanted, "plimsoll.toml wants it", "plimsoll.toml wants them"),
        ] {
            let lacking = lacks(state);
            if !lacking.is_empty() {
                let lacks = if matches!(read, Read::Absent) { "is not there, and the library's own list lacks" } else { "lacks" };
                self.add(&at, "targets", format!("{lacks} {}", some_of(&lacking)), if lacking.len() > 1 { several } else { one });
            }
        }
    }

    /// With `defaults`, what is not there is as the library has it.
    pub(super) fn nif_versions(&mut self, facts: &Facts, setting: &'static str, read: &Read<Vec<String>>, defaults: bool) {
        let built = facts.nif_versions.iter().map(ToString::to_string).collect::<Vec<_>>();
        let needed = format!("{} is built", built.join(", "));
        let usual = DEFAULT_NIF_VERSIONS.map(str::to_owned).to_vec();
        let (listed, at, absent) = match read {
            Read::Absent if defaults => (&usual, self.at.clone(), "is not there, and the library's own list "),
            read => match self.readable(setting, read, &needed) {
                Some((listed, at)) => (listed, at.clone(), ""),
                None => return,
            },
        };
        let has = if absent.is_empty() { "lists" } else { "has" };
        for version in listed.iter().filter(|version| !built.contains(version)) {
            self.add(&at, setting, format!("{absent}{has} {version}"), needed.clone());
        }
        for version in built.iter().filter(|version| !listed.contains(version)) {
            self.add(&at, setting, format!("{absent}lacks {version}"), format!("{version} is built"));
        }
    }

    pub(super) fn variants(&mut self, facts: &Facts, module: &Precompiled) {
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
            // Of a target that is not shipped no variant is either.
            if !matches!(facts.targets.get(target), Some(TargetState::Planned(_) | TargetState::Deferred(_))) {
                self.add(&at, "variants", format!("lists {name} for {target}"), "plimsoll.toml has no such variant");
            }
        }
        for (target, name) in built.difference(&listed) {
            self.add(&at, "variants", format!("lacks {name} for {target}"), "plimsoll.toml has it");
        }
    }

    /// One error for one reason, whatever the number of files.
    pub(super) fn files(&mut self, facts: &Facts, mix: &MixProject) {
        let (files, at) = match &mix.files {
            Read::Found { value, at } => (Some(value.as_slice()), at),
            Read::Absent => (None, mix.package.as_ref().unwrap_or(&mix.at)),
            read => {
                self.readable("files of the package", read, "the package must have the library's sources");
                return;
            }
        };
        let mut lacking = BTreeMap::<&str, Vec<&str>>::new();
        for (path, reason) in facts.packaged.iter().filter(|(path, _)| !is_packaged(path, files)) {
            lacking.entry(reason).or_default().push(path);
        }
        for (reason, paths) in lacking {
            let reason = if paths.len() == 1 { reason.to_owned() } else { reason.replace("needs it", "needs them") };
            self.add(at, "files of the package", format!("leave out {}", some_of(&paths)), reason);
        }
    }
}

/// What stands behind a target that is listed.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Promise<'f> {
    Unnamed,
    Unproven,
    Planned(&'f str),
    Deferred(&'f str),
}

impl Promise<'_> {
    fn told(&self, several: bool) -> String {
        let (it, is) = if several { ("them", "they are") } else { ("it", "it is") };
        match self {
            Self::Unnamed => format!("plimsoll.toml does not name {it}"),
            Self::Unproven => format!("{is} not proven"),
            Self::Planned(reason) => format!("plimsoll.toml has {it} as planned: {reason}"),
            Self::Deferred(reason) => format!("plimsoll.toml has {it} as deferred: {reason}"),
        }
    }
}

/// Whether a URL that need not name a version has another one than this in its path.
fn names_another(url: &str, version: &str) -> bool {
    let path = url.split_once("://").map_or(url, |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path));
    let is_version = |part: &str| {
        let number = part.trim_start_matches(|character: char| !character.is_ascii_digit());
        let numbers = number.split(['.', '-', '+']).take(3).collect::<Vec<_>>();
        numbers.len() == 3 && numbers.iter().all(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
    };
    !path.contains(version) && path.split('/').any(is_version)
}

/// Their names; of many, the first and how many more there are.
fn some_of(names: &[&str]) -> String {
    let named = names.iter().take(MOST_NAMED).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(MOST_NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}
