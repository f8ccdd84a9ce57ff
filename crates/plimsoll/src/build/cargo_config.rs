//! cargo's configuration files outside of the project, carried into the build's fixed path.
//!
//! cargo reads `.cargo/config.toml` from the working folder upwards and from its home. In the build's namespace the project lies at a fixed
//! path, so the files of its real parents are merged, nearer ones first, into one that lies above that path. The precedence stays cargo's
//! own: <https://doc.rust-lang.org/cargo/reference/config.html>.

use std::fs;
use std::path::{Path, PathBuf};

use plimsoll_model::{Class, Failure};
use toml::{Table, Value};

/// The configuration that applies to a project from outside of it.
#[derive(Debug, Clone, Default)]
pub struct OuterConfig {
    /// Merged text of the parents' files; empty where there are none.
    pub parents: String,
    /// Text of the file in cargo's home, which the build sees where it is.
    pub home: String,
}

impl OuterConfig {
    /// Reads the files above `base`, and the one in `cargo_home`.
    ///
    /// # Errors
    /// Where a file is no TOML.
    pub fn read(base: &Path, cargo_home: &Path) -> Result<Self, Failure> {
        let home = config_in(cargo_home);
        let mut merged = Table::new();
        for folder in base.ancestors().skip(1) {
            let Some(path) = config_in(&folder.join(".cargo")).filter(|path| Some(path) != home.as_ref()) else { continue };
            let text = read(&path)?;
            let table = text.parse::<Table>().map_err(|error| {
                Failure::new(Class::Usage, "cargo-config", "cargo's configuration is no valid TOML")
                    .about(path.display().to_string())
                    .cause("because", error.message())
            })?;
            merge(&mut merged, table);
        }
        let parents = if merged.is_empty() { String::new() } else { merged.to_string() };
        Ok(Self { parents, home: home.map_or(Ok(String::new()), |path| read(&path))? })
    }
}

fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| Failure::from_error(Class::Usage, "cargo-config", &error).about(path.display().to_string()))
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

#[cfg(test)]
mod tests {
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
        let config = OuterConfig::read(&base, &folder.path().join("home")).unwrap();
        assert_eq!(config.parents.parse::<Table>().unwrap()["build"]["jobs"].as_integer(), Some(2));
        assert_eq!(config.home, "[net]\nretry = 1");
    }
}
