//! What a program that loads a library has said, and how it ended.
//!
//! Its lines begin with a mark, so that what a library prints is not taken for them. A library that prints the mark itself deceives its own
//! project only: it runs with all the rights of the program that loads it, and nothing that program prints could be kept from it.

use serde::Deserialize;

use super::entry::NifEntry;

/// What each line of the programs' own begins with.
pub const MARK: &str = "plimsoll-nif: ";

/// Lines that are read; none of the programs says as much.
const MOST_LINES: usize = 4096;

/// How a program ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// By itself, with this status.
    Exited(i32),
    /// By the signal of this name: `SIGABRT`.
    Signal(String),
    /// It was stopped after so many seconds.
    TimedOut(u64),
}

/// What a program has said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// The steps that it began, in order.
    pub stages: Vec<String>,
    /// The library's entry; of the host only.
    pub entry: Option<NifEntry>,
    /// The module that was loaded, and its functions as `name/arity`; of a BEAM only.
    pub loaded: Option<Loaded>,
    /// The project's own calls that held.
    pub called: Vec<String>,
    /// Other facts, such as the file that a consumer downloaded, by name.
    pub facts: Vec<(String, String)>,
    /// Why it failed: its code, and what was said.
    pub failed: Option<(String, String)>,
    /// Whether it came to its end and said so.
    pub passed: bool,
}

/// A module with its native functions.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Loaded {
    /// The module's atom.
    pub module: String,
    /// `name/arity`, sorted.
    pub functions: Vec<String>,
}

/// One line.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
struct Line {
    stage: Option<String>,
    entry: Option<NifEntry>,
    loaded: Option<Loaded>,
    called: Option<String>,
    fact: Option<String>,
    value: Option<String>,
    failed: Option<String>,
    said: Option<String>,
    passed: Option<bool>,
}

impl Report {
    /// Reads standard output. Lines of others, and lines that cannot be read, are passed over: what then is missing is missed by the judge.
    pub fn read(stdout: &str) -> Self {
        let mut report = Self::default();
        let lines = stdout.lines().filter_map(|line| line.split_once(MARK)).take(MOST_LINES);
        for line in lines.filter_map(|(_, json)| serde_json::from_str::<Line>(json).ok()) {
            report.stages.extend(line.stage);
            report.called.extend(line.called);
            report.facts.extend(line.fact.zip(line.value));
            report.loaded = line.loaded.or(report.loaded);
            report.passed |= line.passed == Some(true);
            if let Some(mut entry) = line.entry {
                entry.functions.sort();
                report.entry = Some(entry);
            }
            if let Some(code) = line.failed {
                report.failed = Some((code, line.said.unwrap_or_default()));
            }
        }
        report
    }

    /// The last step that was begun.
    pub fn stage(&self) -> &str {
        self.stages.last().map_or("start", String::as_str)
    }

    /// A fact by its name.
    pub fn fact(&self, name: &str) -> Option<&str> {
        self.facts.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn marked_lines_are_read_and_others_passed_over() {
        let text = "hello\nplimsoll-nif: {\"stage\":\"open\"}\nplimsoll-nif: {\"stage\":\nplimsoll-nif: {\"entry\":{\"major\":2,\"minor\":15,\
                    \"module\":\"Elixir.A\",\"variant\":\"beam.vanilla\",\"functions\":[{\"name\":\"b\",\"arity\":1,\"flags\":0},\
                    {\"name\":\"a\",\"arity\":2,\"flags\":1}]}}\nno newline before plimsoll-nif: {\"passed\":true}\n";
        let report = Report::read(text);
        assert!(report.passed && report.failed.is_none() && report.stage() == "open");
        let entry = report.entry.unwrap();
        assert_eq!((entry.version().to_string().as_str(), entry.functions[0].name.as_str(), entry.functions[1].arity), ("2.15", "a", 1));
        let report = Report::read("plimsoll-nif: {\"fact\":\"file\",\"value\":\"x\"}\nplimsoll-nif: {\"failed\":\"load\",\"said\":\"no\"}");
        assert_eq!(report.failed, Some(("load".to_owned(), "no".to_owned())));
        assert_eq!((report.fact("file"), report.fact("other"), report.stage()), (Some("x"), None, "start"));
    }

    proptest! {
        #[test]
        fn no_output_is_too_strange(text in "(plimsoll-nif: )?[{}\":a-z0-9\\[\\], \n]{0,80}") {
            let report = Report::read(&text);
            prop_assert!(report.stages.len() <= text.len());
        }
    }
}
