//! The index of packages that this machine's clients are told to ask: uv resolves, for a Python and a platform that this machine need not have, and pip
//! brings the files. Which index that is, is said by their own configuration and variables alone.

use std::fs::{self, File};
use std::path::Path;
use std::time::Duration;

use plimsoll_exec::environment;
use plimsoll_exec::launcher::{Finished, Launch, LaunchError};
use plimsoll_model::{Class, Failure, FileName, Hashed};

use super::WheelhouseKey;
use crate::given::GivenStore;
use crate::kinds;

/// What one call may take.
const PATIENCE: Duration = Duration::from_secs(20 * 60);
/// The newest glibc that uv knows the tag of.
const NEWEST_OF_UV: u16 = 40;
/// More files than any wheelhouse has.
const MOST_FILES: usize = 1000;

impl GivenStore<'_> {
    /// The releases that meet what is asked for: `pytest==8.4.2`.
    ///
    /// # Errors
    /// Class network if the index cannot be asked or nothing meets it; tool missing without uv.
    pub(in crate::given) fn resolved(&self, key: &WheelhouseKey) -> Result<Vec<String>, Failure> {
        let (glibc, processor) = key.parts().map_err(|platform| unavailable(key, &format!("`{platform}` is no platform")))?;
        let folder = self.store.temporary_folder().map_err(Failure::from)?;
        let asked = folder.path().join("requirements.in");
        let lines = key.requirements.iter().map(|requirement| format!("{requirement}\n")).collect::<String>();
        fs::write(&asked, lines).map_err(|error| Failure::io(&asked, &error))?;
        let platform = format!("{processor}-manylinux_2_{}", glibc.min(NEWEST_OF_UV));
        let words = ["pip", "compile", "--quiet", "--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"];
        let words = words.into_iter().chain(["--only-binary", ":all:", "--python-version", &key.python, "--python-platform", &platform]);
        let finished = self.uv(Launch::new("uv", self.project).args(words).args([&asked]))?;
        if !finished.succeeded() {
            return Err(unavailable(key, &last_words(&finished)));
        }
        let text = finished.stdout_text();
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', '-']));
        let pins = lines.map(|line| if is_pin(line) { Ok(line.to_owned()) } else { Err(unavailable(key, &format!("uv says `{line}`"))) });
        pins.collect()
    }

    /// Brings the files of releases into the store.
    ///
    /// # Errors
    /// As [`GivenStore::resolved`]; or if a file is called as no file of ours can be.
    pub(in crate::given) fn downloaded(&self, key: &WheelhouseKey, pins: &[String]) -> Result<Vec<(FileName, Hashed)>, Failure> {
        let (glibc, processor) = key.parts().map_err(|platform| unavailable(key, &format!("`{platform}` is no platform")))?;
        let mut words = vec!["--python-version".to_owned(), key.python.clone(), "--implementation".to_owned(), "cp".to_owned()];
        words.extend(["--abi".to_owned(), format!("cp{}", key.python.replace('.', ""))]);
        words.extend(platforms(glibc, processor).into_iter().flat_map(|tag| ["--platform".to_owned(), tag]));
        self.download(&words, pins).map_err(|why| why.told(|why| unavailable(key, why)))
    }

    /// Brings one file into the store, whatever its bytes are.
    ///
    /// # Errors
    /// As [`GivenStore::resolved`].
    pub(in crate::given) fn fetch_of_index(&self, what: &str, file: &str) -> Result<Hashed, Failure> {
        let not_there = |why: &str| {
            let failure = Failure::new(Class::Network, "given-unavailable", format!("{what} cannot be had from the index: {why}"));
            failure.hint(
                "once it was fetched, the store has it and no network is needed; `plimsoll lock update tests` asks for what there is now",
            )
        };
        let package = file.parse().ok().and_then(|file| kinds::package(&file)).ok_or_else(|| not_there("it is no wheel"))?;
        let found = self.download(&package.tags, &[package.release]);
        let found = found.map_err(|why| why.told(not_there))?;
        let others = || found.iter().map(|(other, _)| other.as_str()).collect::<Vec<_>>().join(", ");
        let own = found.iter().find(|(other, _)| other.as_str() == file).map(|(_, hashed)| *hashed);
        own.ok_or_else(|| not_there(&format!("pip was given {} in its place", others())))
    }

    fn download(&self, words: &[String], pins: &[String]) -> Result<Vec<(FileName, Hashed)>, NotHad> {
        let folder = self.store.temporary_folder().map_err(Failure::from)?;
        let into = folder.path().join("wheels");
        fs::create_dir(&into).map_err(|error| Failure::io(&into, &error))?;
        let launch =
            Launch::new("uv", folder.path()).args(["tool", "run", "--quiet", "pip", "download", "--quiet", "--no-input", "--no-deps"]);
        let launch = launch.args(["--ignore-requires-python", "--only-binary", ":all:", "--dest"]).args([&into]).args(words).args(pins);
        let finished = self.uv(launch)?;
        if !finished.succeeded() {
            return Err(NotHad::Said(last_words(&finished)));
        }
        self.taken(&into)
    }

    /// Takes what was downloaded into the store.
    fn taken(&self, folder: &Path) -> Result<Vec<(FileName, Hashed)>, NotHad> {
        let mut files = Vec::new();
        for entry in fs::read_dir(folder).map_err(|error| Failure::io(folder, &error))? {
            let entry = entry.map_err(|error| Failure::io(folder, &error))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let file = name.parse::<FileName>().map_err(|error| NotHad::Said(error.to_string()))?;
            if !name.ends_with(".whl") || files.len() == MOST_FILES || !entry.file_type().is_ok_and(|kind| kind.is_file()) {
                return Err(NotHad::Said(format!("pip left `{file}`, which is no wheel, or one too many")));
            }
            let path = entry.path();
            let mut reader = File::open(&path).map_err(|error| Failure::io(&path, &error))?;
            files.push((file, self.store.put(&mut reader, &path).map_err(Failure::from)?));
        }
        Ok(files)
    }

    fn uv(&self, launch: Launch) -> Result<Finished, Failure> {
        let launch = launch.env(environment::all()).deadline(PATIENCE).kept();
        let finished = self.launcher.output(&launch);
        if self.launcher.is_cancelled() {
            return Err(Failure::interrupted());
        }
        finished.map_err(|error| match error {
            LaunchError::Start { .. } => {
                let missing = Failure::new(Class::ToolMissing, "no-uv", "uv is not installed, which asks the index of packages");
                missing.hint("install uv; once everything is in the store it is not needed")
            }
            error => Failure::from_error(Class::Network, "given-unavailable", &error),
        })
    }
}

/// Why a file was not had.
enum NotHad {
    /// pip's words.
    Said(String),
    /// What has nothing to do with the index.
    Failed(Box<Failure>),
}

impl NotHad {
    fn told(self, told: impl FnOnce(&str) -> Failure) -> Failure {
        match self {
            Self::Said(words) => told(&words),
            Self::Failed(failure) => *failure,
        }
    }
}

impl From<Failure> for NotHad {
    fn from(failure: Failure) -> Self {
        Self::Failed(Box::new(failure))
    }
}

fn unavailable(key: &WheelhouseKey, why: &str) -> Failure {
    Failure::new(Class::Network, "given-unavailable", format!("{} cannot be had from the index: {why}", key.told()))
}

/// The end of what a tool complains of.
fn last_words(finished: &Finished) -> String {
    const SHOWN: usize = 600;
    let text = finished.stderr_text();
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ");
    let skipped = lines.chars().count().saturating_sub(SHOWN);
    lines.chars().skip(skipped).collect()
}

/// `name==version`, and nothing else that pip could take for an option or a place.
fn is_pin(line: &str) -> bool {
    let sound = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "._-+![],".contains(c));
    line.split_once("==").is_some_and(|(name, version)| sound(name) && sound(version) && !name.starts_with('-'))
}

/// Platform tags that a root takes, the newest first: PEP 600, and what stood before it.
fn platforms(glibc: u16, processor: &str) -> Vec<String> {
    let earlier = |minor| match minor {
        17 => Some("manylinux2014"),
        12 => Some("manylinux2010"),
        5 => Some("manylinux1"),
        _ => None,
    };
    let tags = (5..=glibc).rev().flat_map(|minor| {
        let tag = format!("manylinux_2_{minor}_{processor}");
        [Some(tag), earlier(minor).map(|name| format!("{name}_{processor}"))].into_iter().flatten()
    });
    tags.chain([format!("linux_{processor}")]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_root_takes_is_listed_from_the_newest() {
        let tags = platforms(31, "x86_64");
        assert_eq!(tags.first().map(String::as_str), Some("manylinux_2_31_x86_64"));
        assert!(
            ["manylinux_2_17_x86_64", "manylinux2014_x86_64", "manylinux1_x86_64", "linux_x86_64"]
                .iter()
                .all(|tag| tags.iter().any(|own| own == tag))
        );
    }

    #[test]
    fn what_uv_says_is_taken_only_if_it_is_a_release() {
        assert!(is_pin("typing-extensions==4.16.0") && is_pin("uvicorn[standard]==0.30") && is_pin("torch==2.1+cpu"));
        for other in ["a @ https://x.example/a.whl", "--index-url=https==x", "a>=1", "a==1; python_version<'3'", "-r x==1"] {
            assert!(!is_pin(other), "{other}");
        }
    }
}
