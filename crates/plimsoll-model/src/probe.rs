//! Probes: what must run, and what it must say. Data only; running them is the business of the prove stage.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::json::bounded_list;

/// More words than any command has.
pub(crate) const MOST_WORDS: usize = 10_000;

/// What a probe starts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Start {
    /// A shipped program and its arguments; the first word is looked for among the artifact's own files.
    Run(#[serde(deserialize_with = "bounded_list::<_, _, MOST_WORDS>")] Vec<String>),
    /// A script for the root's `/bin/sh -eu`, started with the artifact's programs first in PATH.
    Script(String),
    /// What the client of the trial knows how to do, by name: how it does so is no part of a plan.
    Client {
        /// What: `load`.
        name: String,
        /// With what, in the client's own order.
        #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "bounded_list::<_, _, MOST_WORDS>")]
        arguments: Vec<String>,
    },
}

/// What a run must show to count as passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Expectation {
    /// Exit status.
    pub status: i32,
    /// Text that standard output or standard error must contain; templates are already filled in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
}

/// One probe of an artifact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Probe {
    /// Unique within the artifact.
    pub name: String,
    /// What is started.
    pub start: Start,
    /// Environment on top of the root's bare one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// A script that prepares the working folder first, in the same place; must exit 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub setup: Option<String>,
    /// For programs that do not end by themselves: the text whose appearance in the output is success; the program is then stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Whether it is run on a terminal: a pseudo-terminal of 80 by 24, whose output counts as standard output.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tty: bool,
    /// Seconds until the probe counts as failed.
    pub timeout: u32,
    /// What must be seen; the status is not looked at when `until` is given.
    pub expect: Expectation,
}

impl Probe {
    /// Identity of the probe's definition: evidence is good only for the probe that was run.
    pub fn digest(&self) -> Digest {
        Digest::of(&crate::canonical_json(self))
    }

    /// The command as a person would type it.
    pub fn command_line(&self) -> String {
        match &self.start {
            Start::Run(words) => words.join(" "),
            Start::Script(script) => script.trim().to_owned(),
            Start::Client { name, arguments } if arguments.is_empty() => name.clone(),
            Start::Client { name, arguments } => format!("{name}: {}", arguments.join("; ")),
        }
    }
}
