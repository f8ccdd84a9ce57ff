//! The tables of `plimsoll.lock` that are about given files: `[prebuilt.NAME]` and `[test.NAME]` by the place of each file, `[[wheelhouse]]`, and
//! `[previous]`.

use std::collections::BTreeMap;
use std::path::Path;

use super::wheelhouse::{self, Wheelhouse, WheelhouseKey};
use plimsoll_model::{ArtifactId, Digest, FileName};
use plimsoll_roots::lock::{self, LockError};
use toml_edit::{DocumentMut, Item, Table, TableLike, value};

/// Place → digest.
type Places = BTreeMap<String, Digest>;

/// What is locked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GivenLock {
    /// By the name of the prebuilt file.
    pub prebuilt: BTreeMap<String, Places>,
    /// By the name of the test.
    pub tests: BTreeMap<String, Places>,
    /// Packages that others publish.
    pub wheelhouses: BTreeMap<WheelhouseKey, Wheelhouse>,
    /// The release before this one; none until it was asked for.
    pub previous: Option<LockedRelease>,
}

/// The release before this one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LockedRelease {
    /// Its version; none if there is no earlier one.
    pub version: Option<semver::Version>,
    /// Those of its artifacts that tests ask for.
    pub artifacts: BTreeMap<ArtifactId, LockedArtifact>,
}

/// One of its artifacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedArtifact {
    /// Its file.
    pub file_name: FileName,
    /// Its container.
    pub format: Option<String>,
    /// Its bytes.
    pub sha256: Digest,
}

impl GivenLock {
    /// What a project has locked.
    ///
    /// # Errors
    /// [`LockError`].
    pub fn read(project: &Path) -> Result<Self, LockError> {
        let Some(document) = lock::read_document(project)? else { return Ok(Self::default()) };
        let previous = document.get("previous").map(|item| release(table("previous", item)?)).transpose()?;
        Ok(Self {
            prebuilt: by_name(&document, "prebuilt")?,
            tests: by_name(&document, "test")?,
            wheelhouses: wheelhouse::locked::read(&document)?,
            previous,
        })
    }

    /// Writes it into the project's file, beside what else is there; gives whether that changed it.
    ///
    /// # Errors
    /// [`LockError`]; the file is as it was then.
    pub fn write(&self, project: &Path) -> Result<bool, LockError> {
        lock::edit(project, |document| {
            put(document, "prebuilt", named(&self.prebuilt));
            put(document, "test", named(&self.tests));
            wheelhouse::locked::write(document, &self.wheelhouses);
            put(document, "previous", self.previous.as_ref().map(of_release));
        })
    }
}

fn put(document: &mut DocumentMut, key: &str, table: Option<Table>) {
    match table {
        Some(table) => document[key] = Item::Table(table),
        None => {
            document.remove(key);
        }
    }
}

fn named(places: &BTreeMap<String, Places>) -> Option<Table> {
    let mut tables = Table::new();
    tables.set_implicit(true);
    for (name, places) in places.iter().filter(|(_, places)| !places.is_empty()) {
        let mut table = Table::new();
        for (place, digest) in places {
            table[place] = value(format!("sha256:{digest}"));
        }
        tables.insert(name, Item::Table(table));
    }
    (!tables.is_empty()).then_some(tables)
}

fn of_release(release: &LockedRelease) -> Table {
    let mut table = Table::new();
    // No version stands for no release, which was looked for.
    table["version"] = value(release.version.as_ref().map(ToString::to_string).unwrap_or_default());
    let mut artifacts = Table::new();
    artifacts.set_implicit(true);
    for (id, artifact) in &release.artifacts {
        let mut one = Table::new();
        one["name"] = value(artifact.file_name.as_str());
        if let Some(format) = &artifact.format {
            one["format"] = value(format);
        }
        one["sha256"] = value(format!("sha256:{}", artifact.sha256));
        artifacts.insert(id.as_str(), Item::Table(one));
    }
    if !artifacts.is_empty() {
        table.insert("artifact", Item::Table(artifacts));
    }
    table
}

fn broken(what: String) -> LockError {
    LockError::Broken(what)
}

fn table<'d>(key: &str, item: &'d Item) -> Result<&'d dyn TableLike, LockError> {
    item.as_table_like().ok_or_else(|| broken(format!("`{key}` is no table")))
}

fn by_name(document: &DocumentMut, key: &str) -> Result<BTreeMap<String, Places>, LockError> {
    let Some(item) = document.get(key) else { return Ok(BTreeMap::new()) };
    let mut names = BTreeMap::new();
    for (name, item) in table(key, item)?.iter() {
        let label = format!("{key}.{name}");
        let places = table(&label, item)?.iter();
        let read = places.map(|(place, item)| Ok((place.to_owned(), lock::digest(&format!("{label}.\"{place}\""), item)?)));
        names.insert(name.to_owned(), read.collect::<Result<_, LockError>>()?);
    }
    Ok(names)
}

fn release(read: &dyn TableLike) -> Result<LockedRelease, LockError> {
    let version = read.get("version").and_then(Item::as_str).ok_or_else(|| broken("`previous.version` is no string".to_owned()))?;
    let version = Some(version).filter(|version| !version.is_empty()).map(str::parse).transpose();
    let version = version.map_err(|error| broken(format!("`previous.version`: {error}")))?;
    let mut artifacts = BTreeMap::new();
    if let Some(item) = read.get("artifact") {
        for (id, item) in table("previous.artifact", item)?.iter() {
            let label = format!("previous.artifact.\"{id}\"");
            let entry = table(&label, item)?;
            let id = id.parse::<ArtifactId>().map_err(|error| broken(format!("`{label}`: {error}")))?;
            let file = entry.get("name").and_then(Item::as_str).and_then(|name| name.parse().ok());
            let digest = entry.get("sha256").ok_or_else(|| broken(format!("`{label}` has no `sha256`")))?;
            let artifact = LockedArtifact {
                file_name: file.ok_or_else(|| broken(format!("`{label}.name` is no file name")))?,
                format: entry.get("format").and_then(Item::as_str).map(str::to_owned),
                sha256: lock::digest(&format!("{label}.sha256"), digest)?,
            };
            artifacts.insert(id, artifact);
        }
    }
    Ok(LockedRelease { version, artifacts })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locked() -> GivenLock {
        let places =
            BTreeMap::from([("https://a.example/x-1.tar.gz".to_owned(), Digest::of(b"x")), ("vendor/y".to_owned(), Digest::of(b"y"))]);
        let artifact = |format: Option<&str>| LockedArtifact {
            file_name: "a-linux.tar.xz".parse().unwrap(),
            format: format.map(str::to_owned),
            sha256: Digest::of(b"old"),
        };
        let artifacts = [("archive.a/x86_64-unknown-linux-gnu", Some("tar.xz")), ("file.b", None)];
        let artifacts = artifacts.into_iter().map(|(id, format)| (id.parse().unwrap(), artifact(format))).collect();
        GivenLock {
            prebuilt: BTreeMap::from([("mozjs".to_owned(), places.clone())]),
            tests: BTreeMap::from([("smoke".to_owned(), places)]),
            wheelhouses: BTreeMap::from([(
                WheelhouseKey {
                    requirements: ["pytest>=8".to_owned(), "b; python_version < \"3.11\"".to_owned()].into(),
                    python: "3.9".to_owned(),
                    platform: "manylinux_2_31_x86_64".to_owned(),
                },
                BTreeMap::from([("pytest-8.4.2-py3-none-any.whl".parse().unwrap(), Digest::of(b"p"))]),
            )]),
            previous: Some(LockedRelease { version: Some("1.2.3-rc.1".parse().unwrap()), artifacts }),
        }
    }

    #[test]
    fn what_was_written_is_read_and_stands_beside_the_roots() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(GivenLock::read(folder.path()).unwrap(), GivenLock::default());
        std::fs::write(folder.path().join(lock::FILE_NAME), "format = 1\n\n[root.\"alpine:3.20\"]\nimage = \"i\" # by hand\n").unwrap();
        assert!(locked().write(folder.path()).unwrap());
        assert!(!locked().write(folder.path()).unwrap());
        assert_eq!(GivenLock::read(folder.path()).unwrap(), locked());
        let text = std::fs::read_to_string(folder.path().join(lock::FILE_NAME)).unwrap();
        assert!(text.starts_with("format = 1\n\n[root.\"alpine:3.20\"]\nimage = \"i\" # by hand\n"), "{text}");
        assert!(text.contains("\"https://a.example/x-1.tar.gz\" = \"sha256:"), "{text}");
        // Roots that are written leave it alone.
        let roots = lock::Lock::read(folder.path()).unwrap();
        roots.write(folder.path()).unwrap();
        assert_eq!(GivenLock::read(folder.path()).unwrap(), locked());
        let nothing = GivenLock { previous: Some(LockedRelease::default()), ..GivenLock::default() };
        nothing.write(folder.path()).unwrap();
        assert_eq!(GivenLock::read(folder.path()).unwrap(), nothing);
    }

    #[test]
    fn a_file_that_nobody_wrote_is_refused() {
        let cases = [
            ("prebuilt = 1\n", "`prebuilt` is no table"),
            ("[prebuilt]\nx = 1\n", "`prebuilt.x` is no table"),
            ("[prebuilt.x]\n\"a/b\" = \"latest\"\n", "`prebuilt.x.\"a/b\"` is not `sha256:`"),
            ("[wheelhouse]\n", "`wheelhouse` is no array"),
            ("[[wheelhouse]]\n", "without `requirements`"),
            ("[[wheelhouse]]\nrequirements = [1]\n", "no strings"),
            ("[[wheelhouse]]\nrequirements = []\npython = \"3.9\"\nplatform = \"x\"\nfiles.\"../a.whl\" = \"\"\n", "names a file"),
            ("[[wheelhouse]]\nrequirements = []\npython = \"3.9\"\nplatform = \"x\"\nfiles.\"a.whl\" = \"1\"\n", "is not `sha256:`"),
            ("[previous]\n", "`previous.version`"),
            ("[previous]\nversion = \"one\"\n", "`previous.version`"),
            ("[previous]\nversion = \"1.0.0\"\n[previous.artifact.\"..\"]\n", "previous.artifact"),
            ("[previous]\nversion = \"1.0.0\"\n[previous.artifact.\"file.a\"]\nname = \"../x\"\nsha256 = \"\"\n", "is no file name"),
        ];
        for (text, expected) in cases {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join(lock::FILE_NAME), format!("format = 1\n{text}")).unwrap();
            let said = GivenLock::read(folder.path()).unwrap_err().to_string();
            assert!(said.contains(expected), "{said}");
        }
    }
}
