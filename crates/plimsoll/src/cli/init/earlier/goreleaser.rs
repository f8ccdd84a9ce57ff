//! What GoReleaser was told of Rust programs: `.goreleaser.yaml` (<https://goreleaser.com/customization/builds/rust/>).

use std::path::Path;

use plimsoll_model::{GlibcVersion, Target};
use serde_json::Value;

use super::go_template::{Given, translated};
use super::{Earlier, Shipping, container, shown, strings, targets, text, yaml};
use crate::manifest::CargoFacts;

/// Where it looks, in its order.
const FILES: [&str; 6] =
    [".config/goreleaser.yml", ".config/goreleaser.yaml", ".goreleaser.yml", ".goreleaser.yaml", "goreleaser.yml", "goreleaser.yaml"];

/// What it builds for if a build names no targets.
const USUAL_TARGETS: [&str; 5] =
    ["x86_64-unknown-linux-gnu", "x86_64-apple-darwin", "x86_64-pc-windows-gnu", "aarch64-unknown-linux-gnu", "aarch64-apple-darwin"];

/// What its archives are called if nothing else is said.
const USUAL_NAME: &str = "{{ .ProjectName }}_{{ .Version }}_{{ .Os }}_{{ .Arch }}{{ with .Arm }}v{{ . }}{{ end }}";

/// Keys for which nothing is here, and what a person calls them.
const LEFT: [(&str, &str); 30] = [
    ("aurs", "AUR packages"),
    ("aur_sources", "AUR packages"),
    ("blobs", "uploads to buckets"),
    ("brews", "Homebrew"),
    ("homebrew_casks", "Homebrew"),
    ("homebrew_formulas", "Homebrew"),
    ("cargo_publish", "publishing to crates.io"),
    ("chocolateys", "Chocolatey"),
    ("dmg", "disk images"),
    ("docker_manifests", "container images"),
    ("docker_signs", "signatures"),
    ("dockers", "container images"),
    ("dockers_v2", "container images"),
    ("krews", "krew"),
    ("makeselfs", "installers"),
    ("msi", "installers for Windows"),
    ("nfpms", "deb, rpm and apk packages"),
    ("nix", "Nix packages"),
    ("notarize", "notarization"),
    ("npms", "npm"),
    ("publishers", "publishers of its own"),
    ("release", "the release page"),
    ("sboms", "SBOMs"),
    ("scoops", "Scoop"),
    ("signs", "signatures"),
    ("snapcrafts", "snaps"),
    ("source", "the source tarball"),
    ("universal_binaries", "universal programs for macOS"),
    ("upx", "compressed programs"),
    ("winget", "winget"),
];

/// What is said; none if GoReleaser is not used.
pub(super) fn read(root: &Path, facts: &CargoFacts) -> Option<Earlier> {
    let (file, text) = FILES.iter().find_map(|file| Some((*file, text(root, file)?)))?;
    let mut earlier = Earlier { file: file.to_owned(), ..Earlier::default() };
    match yaml::parse(&text) {
        Ok(whole) if whole.is_object() => of_file(&whole, facts, &mut earlier),
        Ok(_) => earlier.left.push("all of it: it is no table".to_owned()),
        Err(why) => earlier.left.push(format!("all of it: it cannot be read ({})", shown(&why))),
    }
    Some(earlier)
}

fn of_file(whole: &Value, facts: &CargoFacts, earlier: &mut Earlier) {
    let is_rust = |build: &&Value| build.get("builder").and_then(Value::as_str) == Some("rust");
    let all = list(whole, "builds");
    let builds = all.iter().copied().filter(is_rust).collect::<Vec<_>>();
    if builds.len() < all.len() || all.is_empty() {
        earlier.left.push("builds without `builder: rust`".to_owned());
    }
    if builds.is_empty() {
        return;
    }
    earlier.name =
        whole.get("project_name").and_then(Value::as_str).filter(|name| name.parse::<plimsoll_model::Name>().is_ok()).map(str::to_owned);
    let mut packages = Vec::new();
    for build in &builds {
        if let Some(package) = of_build(build, whole, facts, earlier) {
            packages.push(package);
        }
    }
    earlier.packages = Some(packages).filter(|packages| !packages.is_empty());
    for (key, name) in LEFT {
        if whole.get(key).is_some_and(|value| !value.is_null()) {
            earlier.left.push(name.to_owned());
        }
    }
    if whole.pointer("/before/hooks").is_some_and(|hooks| !strings(hooks).is_empty()) {
        earlier.left.push("commands before the build (`before.hooks`)".to_owned());
    }
    if let Some(name) = whole.pointer("/checksum/name_template").and_then(Value::as_str) {
        earlier.left.push(format!("checksums as {}: they are SHA256SUMS here", shown(name)));
    }
}

/// One build, with the archives that take it; gives back its package.
fn of_build(build: &Value, whole: &Value, facts: &CargoFacts, earlier: &mut Earlier) -> Option<String> {
    let word = |key: &str| build.get(key).and_then(Value::as_str);
    let words = build.get("targets").map(strings).filter(|words| !words.is_empty());
    let mut triples = Vec::new();
    for word in words.unwrap_or_else(|| USUAL_TARGETS.to_vec()) {
        // cargo-zigbuild takes the oldest glibc behind the target.
        let (triple, floor) = word
            .find("-gnu")
            .and_then(|at| Some((at, word[at..].find('.')?)))
            .map_or((word, None), |(at, dot)| (&word[..at + dot], Some(&word[at + dot + 1..])));
        if let Some(floor) = floor.filter(|floor| floor.parse::<GlibcVersion>().is_ok()) {
            earlier.glibc.insert(triple.to_owned(), floor.to_owned());
        }
        triples.push(triple);
    }
    let named = targets(triples, &mut earlier.left);
    earlier.targets.extend(named.iter().filter(|target| !earlier.targets.contains(target)).cloned().collect::<Vec<_>>());
    for (key, name) in [("env", "the environment of builds"), ("hooks", "hooks of builds"), ("tool", "the tool of builds")] {
        if build.get(key).is_some_and(|value| !value.is_null()) {
            earlier.left.push(name.to_owned());
        }
    }
    let mut shipping = Shipping { ship: Some(true), ..Shipping::default() };
    let mut package = None;
    flags(&build.get("flags").map(strings).unwrap_or_default(), &mut shipping, &mut package);
    let project = earlier
        .name
        .clone()
        .or_else(|| facts.packages.iter().find(|package| package.folder.is_empty()).map(|package| package.name.clone()));
    let binary = word("binary").map(|binary| binary.rsplit('/').next().unwrap_or(binary).to_owned()).or_else(|| project.clone());
    let has = |binary: &String| facts.with_binaries().find(|package| package.binaries.iter().any(|own| own.name == *binary));
    let known = binary.as_ref().and_then(has).map(|package| package.name.clone());
    let package = package.filter(|name| facts.package(name).is_some()).or(known).or_else(|| {
        let mut only = facts.with_binaries();
        only.next().filter(|_| only.next().is_none()).map(|package| package.name.clone())
    });
    let Some(package) = package else {
        earlier.left.push(format!("the build of {}, which no package has", shown(binary.as_deref().unwrap_or("a program"))));
        return None;
    };
    if let Some(binary) =
        binary.filter(|binary| facts.package(&package).is_some_and(|package| package.binaries.iter().any(|own| own.name == *binary)))
    {
        let binaries = earlier.of.get(&package).and_then(|known| known.binaries.clone()).unwrap_or_default();
        shipping.binaries = Some(binaries.into_iter().chain([binary]).collect());
    }
    let given = project.unwrap_or_else(|| package.clone());
    of_archive(archive_of(word("id"), whole), &shipping.binaries.clone().unwrap_or_default(), &given, &named, &mut shipping, earlier);
    earlier.of.insert(package.clone(), shipping);
    Some(package)
}

/// The features, the profile and the package that cargo is called with.
fn flags(words: &[&str], shipping: &mut Shipping, package: &mut Option<String>) {
    let mut words = words.iter().flat_map(|word| word.split_whitespace()).peekable();
    while let Some(word) = words.next() {
        let (flag, value) = word.split_once('=').map_or((word, None), |(flag, value)| (flag, Some(value.to_owned())));
        let mut value = || value.clone().or_else(|| words.next_if(|next| !next.starts_with('-')).map(str::to_owned));
        match flag {
            "--all-features" => shipping.all_features = true,
            "--no-default-features" => shipping.default_features = Some(false),
            "-F" | "--features" => {
                let value = value().unwrap_or_default();
                shipping.features.extend(value.split(',').filter(|feature| !feature.is_empty()).map(str::to_owned));
            }
            "--profile" => shipping.profile = value().filter(|profile| profile != "release"),
            "-p" | "--package" => *package = value(),
            _ => {}
        }
    }
}

/// The archives that take a build: those that name it, or the first that names none.
fn archive_of<'v>(id: Option<&str>, whole: &'v Value) -> Option<&'v Value> {
    let archives = list(whole, "archives");
    let names = |archive: &Value| {
        let ids = archive.get("ids").or_else(|| archive.get("builds"));
        ids.map(strings).unwrap_or_default().into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let named = archives.iter().find(|archive| id.is_some_and(|id| names(archive).iter().any(|own| own == id)));
    named.or_else(|| archives.iter().find(|archive| names(archive).is_empty())).copied()
}

fn of_archive(
    archive: Option<&Value>,
    binaries: &[String],
    project: &str,
    targets: &[Target],
    shipping: &mut Shipping,
    earlier: &mut Earlier,
) {
    let nothing = Value::Null;
    let archive = archive.unwrap_or(&nothing);
    let format = |table: &Value| {
        let words = table.get("formats").or_else(|| table.get("format")).map(strings).unwrap_or_default();
        words.first().map(|word| (*word).to_owned())
    };
    let left = &mut earlier.left;
    let overridden =
        list(archive, "format_overrides").into_iter().find(|entry| entry.get("goos").and_then(Value::as_str) == Some("windows"));
    let unix = format(archive).unwrap_or_else(|| "tar.gz".to_owned());
    let windows = overridden.and_then(format).unwrap_or_else(|| unix.clone());
    shipping.unix = container(&unix, left);
    shipping.windows = container(&windows, left);
    let template = archive.get("name_template").and_then(Value::as_str).unwrap_or(USUAL_NAME);
    let binary = binaries.first().map_or(project, String::as_str);
    shipping.file_name = translated(template, &Given { project, binary }, targets);
    if shipping.file_name.is_none() {
        left.push(format!("the names of archives ({}), which `filename` cannot say", shown(template)));
    }
    if archive.get("wrap_in_directory").is_none_or(|wrap| *wrap == Value::Bool(false)) {
        left.push("files at the top of archives: here they lie in a folder".to_owned());
    }
    for entry in list(archive, "files") {
        let source = entry.as_str().or_else(|| entry.get("src").and_then(Value::as_str)).unwrap_or_default().trim_start_matches("./");
        if source.contains(['*', '{', '[', '?']) {
            let is_usual = ["license", "licence", "readme", "changelog", "copying", "unlicense", "notice", "none"];
            if !is_usual.iter().any(|word| source.to_lowercase().starts_with(word)) {
                left.push(format!("the files {} of archives", shown(source)));
            }
            continue;
        }
        let destination = entry.get("dst").and_then(Value::as_str).unwrap_or(source);
        shipping.files.push((source.trim_end_matches('/').to_owned(), destination.trim_end_matches('/').to_owned()));
    }
}

/// The entries of a list; what is no list has none.
fn list<'v>(value: &'v Value, key: &str) -> Vec<&'v Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten().collect()
}
