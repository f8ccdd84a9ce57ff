//! cargo's configuration files outside of the project, carried into the build's fixed path.
//!
//! cargo reads `.cargo/config.toml` from the working folder upwards and from its home. In the build's namespace the project lies at a fixed
//! path, so the files that are no sources (the mirror has those already) are merged, nearer ones first, into one that lies above that path.
//! The precedence stays cargo's own: <https://doc.rust-lang.org/cargo/reference/config.html>. One difference is left: a file that git
//! ignores comes after all that are sources, even where it is nearer than one of them.

use std::path::{Path, PathBuf};

use plimsoll_model::{Class, Failure};
use toml::{Table, Value};

use plimsoll_store::plain_file;

/// The configuration that applies to a project from outside of it.
#[derive(Debug, Clone, Default)]
pub struct OuterConfig {
    /// Merged text of the parents' files; empty where there are none.
    pub parents: String,
    /// Text of the file in cargo's home, which the build sees where it is.
    pub home: String,
}

impl OuterConfig {
    /// Reads the files from `project` upwards that the sources do not hold, and the one in `cargo_home`.
    ///
    /// The sources lie below `base`; `listed` says whether a path relative to it is one of them.
    ///
    /// # Errors
    /// Where a file cannot be read or is no TOML.
    pub fn read(base: &Path, project: &Path, listed: &dyn Fn(&Path) -> bool, cargo_home: &Path) -> Result<Self, Failure> {
        let home = config_in(cargo_home);
        let mut merged = Table::new();
        for folder in project.ancestors() {
            let Some(path) = config_in(&folder.join(".cargo")).filter(|path| Some(path) != home.as_ref()) else { continue };
            if path.strip_prefix(base).is_ok_and(listed) {
                continue;
            }
            let text = read(&path)?;
            let mut table = text.parse::<Table>().map_err(|error| {
                Failure::new(Class::Usage, "cargo-config", "cargo's configuration is no valid TOML")
                    .about(path.display().to_string())
                    .cause("because", error.message())
            })?;
            anchor(&mut table, folder);
            merge(&mut merged, table);
        }
        let parents = if merged.is_empty() { String::new() } else { merged.to_string() };
        Ok(Self { parents, home: home.map_or(Ok(String::new()), |path| read(&path))? })
    }
}

fn read(path: &Path) -> Result<String, Failure> {
    plain_file::read_text(path).map_err(|error| Failure::from_error(Class::Usage, "cargo-config", &error).about(path.display().to_string()))
}

/// `config` (the old name, which cargo prefers) or `config.toml` in a `.cargo` folder.
fn config_in(folder: &Path) -> Option<PathBuf> {
    ["config", "config.toml"].into_iter().map(|name| folder.join(name)).find(|path| path.is_file())
}

/// Adds a farther file: values that are there stay, tables are merged, and arrays are joined with the nearer items last, as cargo does.
fn merge(nearer: &mut Table, farther: Table) {
    for (key, value) in farther {
        match (nearer.get_mut(&key), value) {
            (None, value) => {
                nearer.insert(key, value);
            }
            (Some(Value::Table(nearer)), Value::Table(farther)) => merge(nearer, farther),
            (Some(Value::Array(nearer)), Value::Array(mut farther)) => {
                farther.append(nearer);
                *nearer = farther;
            }
            _ => {}
        }
    }
}

/// Makes the paths absolute that cargo resolves against the parent of the configuration file's folder, because the file moves.
///
/// See <https://doc.rust-lang.org/cargo/reference/config.html#config-relative-paths>.
fn anchor(config: &mut Table, parent: &Path) {
    if let Some(Value::Array(paths)) = config.get_mut("paths") {
        paths.iter_mut().for_each(|path| anchor_path(path, parent));
    }
    each_table(config, "build", &mut |build| {
        for key in ["rustc", "rustc-wrapper", "rustc-workspace-wrapper", "rustdoc"] {
            anchor_program(build.get_mut(key), parent);
        }
    });
    for target in tables_in(config, "target") {
        anchor_program(target.get_mut("linker"), parent);
        anchor_runner(target.get_mut("runner"), parent);
    }
    for variable in tables_in(config, "env") {
        if variable.get("relative").and_then(Value::as_bool) == Some(true)
            && let Some(value) = variable.get_mut("value")
        {
            anchor_path(value, parent);
            variable.remove("relative");
        }
    }
    for source in tables_in(config, "source") {
        for key in ["directory", "local-registry"] {
            if let Some(path) = source.get_mut(key) {
                anchor_path(path, parent);
            }
        }
    }
    each_table(config, "http", &mut |http| {
        if let Some(path) = http.get_mut("cainfo") {
            anchor_path(path, parent);
        }
    });
}

fn each_table(config: &mut Table, key: &str, change: &mut dyn FnMut(&mut Table)) {
    if let Some(table) = config.get_mut(key).and_then(Value::as_table_mut) {
        change(table);
    }
}

/// The tables below a table of names: `[target.NAME]`.
fn tables_in<'a>(config: &'a mut Table, key: &str) -> impl Iterator<Item = &'a mut Table> {
    let names = config.get_mut(key).and_then(Value::as_table_mut);
    names.into_iter().flat_map(|names| names.iter_mut().filter_map(|(_, value)| value.as_table_mut()))
}

fn anchor_path(value: &mut Value, parent: &Path) {
    if let Value::String(text) = value {
        *text = parent.join(&*text).to_string_lossy().into_owned();
    }
}

/// A program without a slash is looked for in `PATH`.
fn anchor_program(value: Option<&mut Value>, parent: &Path) {
    if let Some(value) = value.filter(|value| value.as_str().is_some_and(|text| text.contains('/'))) {
        anchor_path(value, parent);
    }
}

/// A runner is a program with arguments: a list, or one string with blanks between, so that a path with a blank needs the list.
fn anchor_runner(value: Option<&mut Value>, parent: &Path) {
    let Some(runner) = value else { return };
    if let Value::String(text) = runner {
        let mut words = text.split_whitespace().map(|word| Value::String(word.to_owned())).collect::<Vec<_>>();
        if words.first().and_then(Value::as_str).is_none_or(|program| !program.contains('/') || program.starts_with('/')) {
            return;
        }
        anchor_program(words.first_mut(), parent);
        *runner = Value::Array(words);
    } else if let Value::Array(words) = runner {
        anchor_program(words.first_mut(), parent);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn nearer_values_win_and_arrays_are_joined() {
        let mut nearer: Table = "[build]\nrustflags = [\"-Cb\"]\njobs = 2".parse().unwrap();
        merge(&mut nearer, "[build]\nrustflags = [\"-Ca\"]\njobs = 9\n[net]\nretry = 3".parse().unwrap());
        assert_eq!(
            nearer["build"]["rustflags"].as_array().unwrap().iter().map(|flag| flag.as_str().unwrap()).collect::<Vec<_>>(),
            ["-Ca", "-Cb"]
        );
        assert_eq!(nearer["build"]["jobs"].as_integer(), Some(2));
        assert_eq!(nearer["net"]["retry"].as_integer(), Some(3));
    }

    #[test]
    fn the_files_of_all_parents_count_and_the_home_is_kept_apart() {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().join("a/b/project");
        fs::create_dir_all(&base).unwrap();
        for (place, text) in [("a/.cargo", "[build]\njobs = 1"), ("a/b/.cargo", "[build]\njobs = 2"), ("home", "[net]\nretry = 1")] {
            fs::create_dir_all(folder.path().join(place)).unwrap();
            fs::write(folder.path().join(place).join("config.toml"), text).unwrap();
        }
        let config = OuterConfig::read(&base, &base, &|_| false, &folder.path().join("home")).unwrap();
        assert_eq!(config.parents.parse::<Table>().unwrap()["build"]["jobs"].as_integer(), Some(2));
        assert_eq!(config.home, "[net]\nretry = 1");
    }

    #[test]
    fn files_that_are_no_sources_count_wherever_they_lie() {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().join("base");
        let project = base.join("inner/project");
        for (place, text) in [
            ("", "[env]\nBASE = \"base\""),
            ("inner", "[env]\nLISTED = \"listed\""),
            ("inner/project", "[env]\nIGNORED = \"ignored\"\nBASE = \"nearer\""),
        ] {
            fs::create_dir_all(base.join(place).join(".cargo")).unwrap();
            fs::write(base.join(place).join(".cargo/config.toml"), text).unwrap();
        }
        let listed = |path: &Path| path == Path::new("inner/.cargo/config.toml");
        let config = OuterConfig::read(&base, &project, &listed, Path::new("/nowhere")).unwrap();
        let env = config.parents.parse::<Table>().unwrap()["env"].as_table().unwrap().clone();
        assert_eq!((env["IGNORED"].as_str(), env["BASE"].as_str(), env.get("LISTED")), (Some("ignored"), Some("nearer"), None));
    }

    #[test]
    fn relative_paths_keep_their_meaning() {
        let text = r#"
            paths = ["lib"]
            [build]
            rustc-wrapper = "tools/wrap"
            rustc = "rustc-by-name"
            [target.x86_64-unknown-linux-gnu]
            linker = "tools/ld"
            runner = "tools/run --fast"
            [target.'cfg(unix)']
            linker = "lld"
            runner = ["qemu", "a/b"]
            [env]
            DATA = { value = "data", relative = true }
            WORD = { value = "a/b" }
            [source.vendored]
            directory = "vendor"
            "#;
        let mut config: Table = text.parse().unwrap();
        anchor(&mut config, Path::new("/a b"));
        let expected = r#"
            paths = ["/a b/lib"]
            [build]
            rustc-wrapper = "/a b/tools/wrap"
            rustc = "rustc-by-name"
            [target.x86_64-unknown-linux-gnu]
            linker = "/a b/tools/ld"
            runner = ["/a b/tools/run", "--fast"]
            [target.'cfg(unix)']
            linker = "lld"
            runner = ["qemu", "a/b"]
            [env]
            DATA = { value = "/a b/data" }
            WORD = { value = "a/b" }
            [source.vendored]
            directory = "/a b/vendor"
            "#;
        assert_eq!(config, expected.parse::<Table>().unwrap());
    }
}
