//! What every error becomes at the edge of a node: one shape for the terminal, for JSON and for exit codes.

use std::path::Path;
use std::{fmt, io};

use serde::{Deserialize, Serialize};

/// The class of a failure decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Something was built, packed, inspected or run, and did not hold: exit code 1.
    NotProven,
    /// The command line or the manifest is wrong: exit code 2.
    Usage,
    /// A program that is needed is not installed: exit code 3.
    ToolMissing,
    /// A registry or the network did not answer as it must: exit code 4.
    Network,
    /// Ctrl-C or a termination signal: exit code 130.
    Interrupted,
}

impl Class {
    /// The documented exit code.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::NotProven => 1,
            Self::Usage => 2,
            Self::ToolMissing => 3,
            Self::Network => 4,
            Self::Interrupted => 130,
        }
    }

    /// The class that decides when several failures met: 130, 2, 3, 4, 1.
    pub fn deciding(classes: impl IntoIterator<Item = Self>) -> Option<Self> {
        classes.into_iter().min_by_key(|class| match class {
            Self::Interrupted => 0,
            Self::Usage => 1,
            Self::ToolMissing => 2,
            Self::Network => 3,
            Self::NotProven => 4,
        })
    }
}

/// One labelled line below a failure: `root: debian:12 (glibc 2.36)`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Cause {
    /// What the line tells: `root`, `ran`, `said`, `because` …
    pub label: String,
    /// The text; may hold several lines.
    pub text: String,
}

/// A failure that a person sees: what, where, why, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Failure {
    /// Stable kebab-case code, for scripts.
    pub code: String,
    /// What failed: an artifact, a product, a file. Empty when the message names it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub subject: String,
    /// One lowercase sentence without a full stop.
    pub message: String,
    /// Details, outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<Cause>,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// What the exit code follows from.
    pub class: Class,
}

impl Failure {
    /// A failure of `class` with a stable `code`.
    pub fn new(class: Class, code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), subject: String::new(), message: message.into(), causes: Vec::new(), hint: None, class }
    }

    /// Ctrl-C or a termination signal.
    pub fn interrupted() -> Self {
        Self::new(Class::Interrupted, "interrupted", "stopped by a signal; run the command again to go on where it stopped")
    }

    /// A failure of the file system, with the path that it is about.
    pub fn io(path: &Path, error: &io::Error) -> Self {
        let failure = Self::new(Class::NotProven, "io", error.to_string()).about(path.display().to_string());
        if error.kind() == io::ErrorKind::StorageFull { failure.hint("the disk is full") } else { failure }
    }

    /// A failure from an error value; its sources become `because` lines.
    pub fn from_error(class: Class, code: &str, error: &dyn std::error::Error) -> Self {
        let mut failure = Self::new(class, code, error.to_string());
        let mut source = error.source();
        while let Some(cause) = source {
            let text = cause.to_string();
            // An error that passes on the words of its source would say them twice.
            if !failure.message.contains(&text) {
                failure = failure.cause("because", text);
            }
            source = cause.source();
        }
        failure
    }

    /// Names what failed.
    #[must_use]
    pub fn about(mut self, subject: impl Into<String>) -> Self {
        self.subject = subject.into();
        self
    }

    /// Adds a labelled line.
    #[must_use]
    pub fn cause(mut self, label: &str, text: impl Into<String>) -> Self {
        self.causes.push(Cause { label: label.to_owned(), text: text.into() });
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.subject.is_empty() {
            write!(f, "{}: ", self.subject)?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interruption_decides_before_usage_before_tools_before_network() {
        use Class::*;
        assert_eq!(Class::deciding([NotProven, Network, ToolMissing, Usage, Interrupted]), Some(Interrupted));
        assert_eq!(Class::deciding([NotProven, Network, ToolMissing]), Some(ToolMissing));
        assert_eq!(Class::deciding([NotProven, Network]), Some(Network));
        assert_eq!(Class::deciding([]), None);
    }
}
