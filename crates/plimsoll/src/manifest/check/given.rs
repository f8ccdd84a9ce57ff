//! What somebody else made: `[prebuilt.NAME]` for builds, `test.NAME.given` for tests; and the release before this one.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_fetch::{FilePlace, Source};
use plimsoll_model::{FileName, Name, Target};
use semver::Version;

use super::super::diagnostic::{Diagnostic, Diagnostics};
use super::super::nearest::suggestion;
use super::super::project::{Core, Prebuilt};
use super::super::template::Values;
use super::super::written::{Manifest, PrebuiltTable, TestTable, Written};
use super::{Artifacts, file_names, targets, values};

/// What a prebuilt file is held against.
pub(crate) struct Builds<'b> {
    /// Artifacts that are sound.
    pub(crate) artifacts: &'b Artifacts,
    /// Cores that are built.
    pub(crate) cores: &'b BTreeMap<Name, Core>,
    /// The version of the release.
    pub(crate) version: &'b Version,
}

/// The files of somebody else that builds are given.
pub(crate) fn prebuilt(manifest: &Manifest, builds: &Builds<'_>, out: &mut Diagnostics) -> Vec<Prebuilt> {
    let mut variables = BTreeMap::<&str, &Written<String>>::new();
    let mut found = Vec::new();
    for (name, table) in &manifest.prebuilt {
        let env = variable(name, table, &mut variables, manifest, out);
        if let (Some(prebuilt), Some(env)) = (one(name, table, builds, out), env) {
            found.push(Prebuilt { env, ..prebuilt });
        }
    }
    found
}

/// The variable that tells its path; no two files share one.
fn variable<'m>(
    name: &Written<String>,
    table: &'m PrebuiltTable,
    taken: &mut BTreeMap<&'m str, &'m Written<String>>,
    manifest: &'m Manifest,
    out: &mut Diagnostics,
) -> Option<String> {
    let Some(env) = &table.env else {
        let missing = Diagnostic::new("no-env", &name.span, format!("no build would find `prebuilt.{}`", name.value));
        out.push_absence(missing.label("`env` is missing").hint("add env = \"VARIABLE\": builds find the file's path there"));
        return None;
    };
    if !values::is_variable(env, out) {
        return None;
    }
    let of_cores = manifest.core.iter().flat_map(|(_, core)| core.env.iter().chain(&core.embed));
    let clash = taken.get(env.value.as_str()).copied().or_else(|| of_cores.map(|(key, _)| key).find(|key| key.value == env.value));
    if let Some(clash) = clash {
        let message = format!("the variable `{}` is set twice", env.value);
        out.push(Diagnostic::new("named-twice", &env.span, message).context(&clash.span, "the other one"));
        return None;
    }
    taken.insert(&env.value, env);
    Some(env.value.clone())
}

/// One file, without its variable.
fn one(written: &Written<String>, table: &PrebuiltTable, builds: &Builds<'_>, out: &mut Diagnostics) -> Option<Prebuilt> {
    let name = values::name(written, "a prebuilt file", out);
    let Some(url) = &table.url else {
        let missing = Diagnostic::new("no-url", &written.span, format!("`prebuilt.{}` comes from nowhere", written.value));
        out.push_absence(missing.label("`url` is missing").hint("add url = \"https://…\", in which {target} is filled in"));
        return None;
    };
    let template = file_names::template(url, out);
    let cores = cores(table, builds, out);
    let listed = table.targets.as_ref().map(|list| targets::listed(list, out));
    let (name, template, cores) = (name?, template?, cores?);
    let built = built_for(&cores, builds.artifacts);
    if let Some((target, place)) = listed.iter().flatten().find(|(target, _)| !built.contains(target)) {
        let message = format!("nothing that takes `prebuilt.{name}` is built for {target}");
        out.push(Diagnostic::new("target-not-built", &place.span, message).label("of no use"));
        return None;
    }
    let chosen = listed.map(|list| list.into_iter().map(|(target, _)| target).collect::<BTreeSet<_>>()).unwrap_or(built);
    let mut places = BTreeMap::new();
    for target in chosen {
        let text = template.fill(Values { name: &name, version: builds.version, target: Some(&target) });
        if !is_place(url, &text, out) {
            return None;
        }
        places.insert(target, text);
    }
    Some(Prebuilt { name, env: String::new(), cores, places })
}

/// The cores whose builds are given it.
fn cores(table: &PrebuiltTable, builds: &Builds<'_>, out: &mut Diagnostics) -> Option<BTreeSet<Name>> {
    let all = || builds.cores.values().map(|core| core.name.clone());
    let Some(list) = &table.cores else { return Some(all().collect()) };
    let mut chosen = BTreeSet::new();
    let mut sound = true;
    for written in &list.value {
        let before = chosen.len();
        chosen.extend(builds.cores.values().filter(|core| core.declared().as_str() == written.value).map(|core| core.name.clone()));
        if chosen.len() == before && builds.artifacts.complete {
            sound = false;
            let shown = written.value.chars().take(80).collect::<String>();
            let hint = suggestion(&written.value, "cores", builds.cores.values().map(|core| core.declared().as_str()));
            out.push(Diagnostic::new("unknown-core", &written.span, format!("no core `{shown}` is built")).maybe_hint(hint));
        }
    }
    sound.then_some(chosen)
}

/// Targets that any of the cores is built for.
fn built_for(cores: &BTreeSet<Name>, artifacts: &Artifacts) -> BTreeSet<Target> {
    let made = artifacts.list.iter().filter(|artifact| artifact.core.as_ref().is_some_and(|core| cores.contains(core)));
    made.flat_map(|artifact| artifact.wanted().filter_map(|(target, _)| target.cloned())).collect()
}

/// The files that a test is given, and whether it asks for the previous release.
pub(crate) fn of_test(table: &TestTable, manifest: &Manifest, out: &mut Diagnostics) -> (BTreeMap<FileName, String>, bool) {
    let mut given = BTreeMap::new();
    for (name, place) in &table.given {
        let file = name.value.parse::<FileName>();
        if file.is_err() {
            let shown = name.value.chars().take(80).collect::<String>();
            let bad = Diagnostic::new("bad-file-name", &name.span, format!("`{shown}` cannot be a file name")).label("not a file name");
            out.push(bad.hint("letters, digits, `.`, `_` and `-`"));
        }
        if let (Ok(file), true) = (file, is_place(place, &place.value, out)) {
            given.insert(file, place.value.clone());
        }
    }
    let previous = table.previous.as_ref().filter(|previous| previous.value);
    if let Some(previous) = previous.filter(|_| manifest.previous_from.is_none() && manifest.publish_folder.is_none()) {
        let nowhere = Diagnostic::new("no-previous", &previous.span, "nothing says where earlier releases are").label("from where?");
        out.push(nowhere.hint("add [previous] from = \"FOLDER or URL\""));
    }
    (given, previous.is_some())
}

/// Where earlier releases are.
pub(crate) fn previous(manifest: &Manifest, out: &mut Diagnostics) -> Option<String> {
    let Some(from) = &manifest.previous_from else { return manifest.publish_folder.as_ref().map(|folder| folder.value.clone()) };
    let text = &from.value;
    let sound =
        if text.contains("://") { matches!(text.parse(), Ok(Source::Http(_))) } else { !text.trim().is_empty() && !text.contains('\0') };
    if !sound {
        let bad = Diagnostic::new("bad-registry", &from.span, "`previous.from` is neither a folder nor an http or https URL");
        out.push(bad.label("no place of releases").hint("no credentials, query or fragment"));
    }
    sound.then(|| text.clone())
}

/// Whether `text`, as filled in, is where a file can lie; its last part becomes the file's name.
fn is_place(written: &Written<String>, text: &str, out: &mut Diagnostics) -> bool {
    let name = text.rsplit('/').next().unwrap_or_default();
    let sound = name.parse::<FileName>().is_ok() && text.parse::<FilePlace>().is_ok();
    if !sound {
        let shown = text.chars().take(160).collect::<String>();
        let message = format!("`{shown}` is neither a path nor an http or https URL of a file");
        let bad = Diagnostic::new("bad-url", &written.span, message).label("no place of a file");
        out.push(bad.hint("no credentials, query or fragment, and a plain file name at its end"));
    }
    sound
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_files_behind_urls_or_paths() {
        let written = |text: &str| Written { value: text.to_owned(), span: 0..0 };
        let sound = |text: &str| is_place(&written(text), text, &mut Diagnostics::default());
        for text in ["https://a.example/x/lib.tar.gz", "http://127.0.0.1:80/a", "vendor/a.zip", "../a.bin", "/srv/a.bin"] {
            assert!(sound(text), "{text}");
        }
        for text in [
            "https://a.example/",
            "https://a.example",
            "ftp://a.example/x",
            "https://u:p@a.example/x",
            "https://a.example/x?y=1",
            "",
            "a/",
            "a/..",
        ] {
            assert!(!sound(text), "{text}");
        }
    }
}
