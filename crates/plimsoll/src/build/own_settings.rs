//! cargo's configuration beside a crate: cargo reads `.cargo/config.toml` in the folder in which it is called and in those above, and not in that of the
//! package. Users who build a library themselves have cargo called in the crate's folder, as Rustler does, so plimsoll does too.
//!
//! What of a configuration cannot hold, since plimsoll decides it for every build, is told.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use plimsoll_exec::launcher::Launch;
use plimsoll_model::plan::{Builder, Compile};
use plimsoll_model::{ProductPlan, Target};
use plimsoll_store::plain_file;
use toml::{Table, Value};

use super::cargo_config::OuterConfig;
use super::stage::BuildStage;
use crate::manifest::CargoFacts;
use crate::sources::Sources;

/// The names of a configuration file below a folder; cargo prefers the older.
pub const NAMES: [&str; 2] = [".cargo/config", ".cargo/config.toml"];

/// Packages with a library that have a configuration of their own below `folder`, in which cargo is called for all others → their folder. All relative
/// to the base of the sources; `listed` says whether a path is one of them.
pub fn called_in(facts: &CargoFacts, (workspace, folder): (&Path, &Path), listed: &dyn Fn(&Path) -> bool) -> BTreeMap<String, PathBuf> {
    let has_own = |own: &Path| {
        let mut between = own.ancestors().take_while(|above| *above != folder);
        own.starts_with(folder) && between.any(|above| NAMES.iter().any(|name| listed(&above.join(name))))
    };
    let libraries = facts.with_libraries().map(|package| (package.name.clone(), workspace.join(&package.folder).components().collect()));
    libraries.filter(|(_, own): &(String, PathBuf)| has_own(own)).collect()
}

/// What of a configuration does not hold, as a sentence each; `path` is its path in the project, and `holds_path` says whether a path that it names is
/// among the sources.
pub fn told<'t>(
    (path, settings): (&str, &Table),
    targets: impl IntoIterator<Item = (&'t Target, Builder)>,
    holds_path: &dyn Fn(&str) -> bool,
) -> Vec<String> {
    let at = |keys: &[&str]| keys.iter().try_fold(settings, |table, key| table.get(*key)?.as_table());
    let build = at(&["build"]);
    let says = |key: &str| build.is_some_and(|build| build.contains_key(key));
    let mut told = Vec::new();
    for key in ["target-dir", "build-dir"].into_iter().filter(|key| says(key)) {
        told.push(format!("{path}: `build.{key}` does not hold: each build has a target folder of its own in the store"));
    }
    if says("target") {
        told.push(format!("{path}: `build.target` does not hold: each build is for a target of plimsoll.toml"));
    }
    for (target, _) in targets.into_iter().filter(|(_, builder)| *builder == Builder::Zig) {
        let names_linker = at(&["target", target.as_str()]).is_some_and(|table| table.contains_key("linker"));
        if names_linker {
            told.push(format!("{path}: `linker` of {target} does not hold, since zig links it; `builder = \"native\"` there has it hold"));
        }
    }
    let sources = at(&["source"]).into_iter().flatten();
    for (name, source) in sources.filter_map(|(name, value)| Some((name, value.as_table()?))) {
        let folder = ["directory", "local-registry"].iter().find_map(|key| source.get(*key)).and_then(Value::as_str);
        if let Some(folder) = folder.filter(|folder| !holds_path(folder)) {
            told.push(format!(
                "{path}: `source.{name}` leads to {folder}, which is no source of the project: commit it, or name it in `inputs`"
            ));
        }
    }
    told
}

/// The folder in which cargo is called for what is compiled so: one of `called_in`, or `folder` as for all others.
pub fn folder_of<'f>(compile: &Compile, called_in: &'f BTreeMap<String, PathBuf>, folder: &'f Path) -> &'f Path {
    match compile {
        Compile::Cargo { package, library: Some(_), .. } => called_in.get(package).map_or(folder, PathBuf::as_path),
        Compile::Cargo { .. } | Compile::Command { .. } | Compile::File { .. } | Compile::Files { .. } => folder,
    }
}

/// The configuration in force if cargo is called in `folder`, nearest first: that of the sources, then what comes from outside of them.
pub fn in_force(folder: &Path, sources: &Sources, outer: &OuterConfig) -> Vec<Table> {
    let inside = folder.ancestors().flat_map(|folder| NAMES.map(|name| folder.join(name)));
    let own = inside.filter_map(|path| sources.files.get(path.to_str()?)).filter_map(|file| plain_file::read_text(&file.from).ok());
    own.chain([outer.parents.clone(), outer.home.clone()]).filter_map(|text| text.parse().ok()).collect()
}

/// Kept out of a build folder that a configuration names: it would hold what another build left.
pub(super) fn in_own_folder(launch: Launch, settings: &[Table], target: &Path) -> Launch {
    let names = |file: &Table| file.get("build").is_some_and(|build| build.get("build-dir").is_some());
    if settings.iter().any(names) { launch.env([("CARGO_BUILD_BUILD_DIR", target)]) } else { launch }
}

impl BuildStage<'_> {
    /// The folder in which cargo is called for a product.
    pub(super) fn called_in(&self, product: &ProductPlan) -> &Path {
        folder_of(&product.compile, self.called_in, self.folder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::PackageFacts;

    #[test]
    fn cargo_is_called_where_a_library_has_settings_of_its_own() {
        let package = |name: &str, library: bool| PackageFacts {
            name: name.to_owned(),
            folder: format!("native/{name}"),
            library: library.then(|| name.to_owned()),
            ..PackageFacts::default()
        };
        let facts = CargoFacts { packages: vec![package("a", true), package("b", true), package("tool", false)], ..CargoFacts::default() };
        let listed = |path: &Path| ["app/native/a/.cargo/config.toml", "app/native/tool/.cargo/config"].map(Path::new).contains(&path);
        let found = called_in(&facts, (Path::new("app"), Path::new("app")), &listed);
        assert_eq!(found, BTreeMap::from([("a".to_owned(), PathBuf::from("app/native/a"))]));
        // That of a folder in which cargo is called anyway counts without this.
        let listed = |path: &Path| path == Path::new("app/.cargo/config.toml");
        assert_eq!(called_in(&facts, (Path::new("app"), Path::new("app")), &listed), BTreeMap::new());
        let alone = CargoFacts { packages: vec![PackageFacts { folder: String::new(), ..package("a", true) }], ..CargoFacts::default() };
        let listed = |path: &Path| path == Path::new("native/a/.cargo/config.toml");
        assert_eq!(called_in(&alone, (Path::new("native/a"), Path::new("native/a")), &listed), BTreeMap::new());
    }

    #[test]
    fn what_cannot_hold_is_told() {
        let settings = r#"
            [build]
            target-dir = "../target"
            target = "x86_64-unknown-linux-musl"
            rustflags = ["-Cforce-frame-pointers=yes"]
            [profile.release]
            lto = true
            [target.x86_64-unknown-linux-gnu]
            linker = "clang"
            [target.aarch64-unknown-linux-gnu]
            linker = "aarch64-linux-gnu-gcc"
            [source.crates-io]
            replace-with = "vendored"
            [source.vendored]
            directory = "vendor"
            [source.elsewhere]
            directory = "/srv/crates"
            "#;
        let settings = settings.parse::<Table>().unwrap();
        let (gnu, arm) = ("x86_64-unknown-linux-gnu".parse().unwrap(), "aarch64-unknown-linux-gnu".parse().unwrap());
        let told = told((".cargo/config.toml", &settings), [(&gnu, Builder::Native), (&arm, Builder::Zig)], &|path| path == "vendor");
        insta::assert_snapshot!(told.join("\n"), @r#"
        .cargo/config.toml: `build.target-dir` does not hold: each build has a target folder of its own in the store
        .cargo/config.toml: `build.target` does not hold: each build is for a target of plimsoll.toml
        .cargo/config.toml: `linker` of aarch64-unknown-linux-gnu does not hold, since zig links it; `builder = "native"` there has it hold
        .cargo/config.toml: `source.elsewhere` leads to /srv/crates, which is no source of the project: commit it, or name it in `inputs`
        "#);
        assert_eq!(
            super::told((".cargo/config.toml", &"[env]\nA = \"b\"".parse().unwrap()), [(&arm, Builder::Zig)], &|_| false),
            Vec::<String>::new()
        );
    }
}
