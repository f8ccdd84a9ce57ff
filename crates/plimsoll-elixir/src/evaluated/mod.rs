//! What a project's Elixir comes to when Elixir evaluates it: the script that a BEAM runs, and its answer, read. The answer is written in the presence
//! of the project's own code, so it is taken for nothing but words of a stranger.

mod apply;

use std::collections::BTreeMap;

use serde::Deserialize;

/// The script. It is given a nonce and the files of modules, in the folder of the project.
pub const SCRIPT: &str = include_str!("evaluate.exs");

/// Bytes of an answer that are read.
pub const MOST_ANSWER: usize = 1 << 20;

/// What a function that gives the URL is asked for.
const ARCHIVE: &str = "@archive@";

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Evaluated {
    /// Elixir's version.
    pub elixir: String,
    /// mix.exs, if there is one.
    mix: Option<Mix>,
    /// One entry each time that a library's options are given.
    modules: Vec<Module>,
}

/// A value, or what was found in its place.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
enum Told<T> {
    Value(T),
    Other { other: String },
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Mix {
    error: Option<String>,
    app: Option<Told<String>>,
    version: Option<Told<String>>,
    elixir: Option<Told<String>>,
    source_url: Option<Told<String>>,
    apps_path: Option<Told<String>>,
    has_package: bool,
    files: Option<Told<Vec<String>>>,
    links: BTreeMap<String, String>,
    extras: Vec<String>,
    deps: Vec<Dependency>,
    has_precompiler: bool,
    make_url: Option<Told<String>>,
    make_filename: Option<Told<String>>,
    make_nif_versions: Option<Told<Vec<String>>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Dependency {
    app: String,
    requirement: Option<Told<String>>,
    optional: bool,
    only: bool,
    #[serde(default)]
    local: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Module {
    file: String,
    line: usize,
    user: String,
    module: Option<String>,
    error: Option<String>,
    otp_app: Option<Told<String>>,
    #[serde(rename = "crate")]
    crate_name: Option<Told<String>>,
    version: Option<Told<String>>,
    path: Option<Told<String>>,
    targets: Option<Told<Vec<String>>>,
    nif_versions: Option<Told<Vec<String>>>,
    force_build: Option<String>,
    forces_build: bool,
    variants: Option<Told<BTreeMap<String, Vec<String>>>>,
    base_url: Option<Told<String>>,
    url_by: Option<String>,
    url_error: Option<String>,
}

/// Why an answer is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoAnswer {
    /// The script did not come to its end.
    #[error("it ended without an answer")]
    Missing,
    /// Something else stands there.
    #[error("its answer cannot be read: {0}")]
    Unreadable(String),
}

impl Evaluated {
    /// What stands between the last two nonces of what the script printed.
    ///
    /// # Errors
    /// [`NoAnswer`], if that is no answer.
    pub fn answer<'p>(printed: &'p [u8], nonce: &str) -> Result<&'p str, NoAnswer> {
        let printed = &printed[printed.len().saturating_sub(MOST_ANSWER)..];
        let (_, end) = last(printed, nonce.as_bytes()).ok_or(NoAnswer::Missing)?;
        let before = &printed[..end - nonce.len()];
        let (_, start) = last(before, nonce.as_bytes()).ok_or(NoAnswer::Missing)?;
        let text = std::str::from_utf8(&before[start..]).map_err(|error| NoAnswer::Unreadable(error.to_string()))?;
        Self::parse(text).map(|_| text)
    }

    /// Reads an answer.
    ///
    /// # Errors
    /// [`NoAnswer::Unreadable`].
    pub fn parse(answer: &str) -> Result<Self, NoAnswer> {
        serde_json::from_str(answer).map_err(|error| NoAnswer::Unreadable(error.to_string()))
    }
}

/// The last place of `wanted`.
fn last(bytes: &[u8], wanted: &[u8]) -> Option<(usize, usize)> {
    let start = bytes.windows(wanted.len().max(1)).rposition(|window| window == wanted)?;
    Some((start, start + wanted.len()))
}

#[cfg(test)]
mod tests;
