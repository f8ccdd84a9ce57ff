//! What a run of tests came to, by the JUnit report that nextest writes. A test that could not run has ended well all the same, and told why in a
//! folder: it counts as neither passed nor failed.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use roxmltree::{Document, Node};

/// Names each test in a line of its own.
const EACH: &str = "--each";

/// One test of a report.
#[derive(Debug, Clone, PartialEq)]
struct Case {
    /// The program that it is in.
    binary: String,
    name: String,
    seconds: f64,
    failed: bool,
    /// Why it did not run.
    not_run: Option<String>,
}

/// Prints what a report comes to, and `PASSED FAILED` last.
pub fn print(lane: &str, report: &Path, not_run: &Path) -> ExitCode {
    let summed = read(report).and_then(|text| cases(&text)).and_then(|cases| left_out(cases, &reasons(not_run)?));
    match summed {
        Ok(cases) => {
            summary(lane, &cases).iter().for_each(|line| println!("{line}"));
            ExitCode::SUCCESS
        }
        Err(message) => failure(&message),
    }
}

/// Prints the tests that took longest.
pub fn print_slowest(count: &str, reports: &[&str]) -> ExitCode {
    let all = reports.iter().map(|path| read(Path::new(path)).and_then(|text| cases(&text))).collect::<Result<Vec<_>, _>>();
    match (count.parse(), all) {
        (Ok(count), Ok(cases)) => {
            slowest(cases.concat(), count).iter().for_each(|line| println!("{line}"));
            ExitCode::SUCCESS
        }
        (Err(_), _) => failure(&format!("`{count}` is no number of tests")),
        (_, Err(message)) => failure(&message),
    }
}

fn failure(message: &str) -> ExitCode {
    eprintln!("error: {message}");
    ExitCode::FAILURE
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// The tests of a report.
fn cases(text: &str) -> Result<Vec<Case>, String> {
    let document = Document::parse(text).map_err(|error| format!("the report is no XML: {error}"))?;
    let is = |name: &'static str| move |node: &Node<'_, '_>| node.has_tag_name(name);
    let mut found = Vec::new();
    for suite in document.descendants().filter(is("testsuite")) {
        for case in suite.children().filter(is("testcase")) {
            let text = |name: &str| case.attribute(name).ok_or_else(|| format!("a test of the report has no {name}"));
            let has = |name: &'static str| case.children().any(|child| child.has_tag_name(name));
            found.push(Case {
                binary: suite.attribute("name").unwrap_or_default().to_owned(),
                name: text("name")?.to_owned(),
                seconds: text("time")?.parse().map_err(|error| format!("the time of a test: {error}"))?,
                failed: has("failure") || has("error"),
                not_run: has("skipped").then(|| "skipped".to_owned()),
            });
        }
    }
    Ok(found)
}

/// What tests told in the folder, by the name of the file; nothing if no test made it.
fn reasons(folder: &Path) -> Result<BTreeMap<String, String>, String> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(format!("{}: {error}", folder.display())),
    };
    let mut found = BTreeMap::new();
    for entry in entries {
        let entry = entry.map_err(|error| format!("{}: {error}", folder.display()))?;
        found.insert(entry.file_name().to_string_lossy().into_owned(), read(&entry.path())?.trim().to_owned());
    }
    Ok(found)
}

/// The tests, with the reasons of those that did not run. A reason of a test that the report does not have would be lost, and is an error.
fn left_out(mut cases: Vec<Case>, reasons: &BTreeMap<String, String>) -> Result<Vec<Case>, String> {
    for (file, reason) in reasons {
        let told = |case: &&mut Case| [case.name.clone(), case.title()].iter().any(|name| test_needs::file_name(name) == *file);
        let case = cases.iter_mut().find(told).ok_or_else(|| format!("`{file}` did not run ({reason}), and no report has it"))?;
        case.not_run = Some(reason.clone());
    }
    Ok(cases)
}

impl Case {
    fn title(&self) -> String {
        format!("{} {}", self.binary, self.name)
    }

    /// What became of it; a test that failed has failed, whatever it told before.
    fn end(&self) -> String {
        match (&self.not_run, self.failed) {
            (_, true) => "failed".to_owned(),
            (Some(reason), false) => format!("not run: {reason}"),
            (None, false) => "passed".to_owned(),
        }
    }
}

fn summary(lane: &str, cases: &[Case]) -> Vec<String> {
    let failed = cases.iter().filter(|case| case.failed).count();
    let passed = cases.iter().filter(|case| !case.failed && case.not_run.is_none()).count();
    let mut lines = Vec::new();
    if lane == EACH {
        for case in cases {
            let time = if case.not_run.is_some() && !case.failed { String::new() } else { format!(" ({:.1} s)", case.seconds) };
            lines.push(format!("test {}: {}{time}", case.name, case.end()));
        }
    } else {
        let bad = if failed == 0 { String::new() } else { format!(", failed {failed}") };
        lines.push(format!("lane {lane}: passed {passed}{bad}"));
        for case in cases.iter().filter(|case| case.failed || case.not_run.is_some()) {
            lines.push(format!("  {}: {}", case.title(), case.end()));
        }
    }
    lines.push(format!("{passed} {failed}"));
    lines
}

fn slowest(mut cases: Vec<Case>, count: usize) -> Vec<String> {
    cases.sort_by(|one, other| other.seconds.total_cmp(&one.seconds));
    cases.iter().take(count).map(|case| format!("{:8.1} s  {}", case.seconds, case.title())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="nextest-run" tests="4" failures="1" errors="0" uuid="u" timestamp="t" time="9.0">
    <testsuite name="plimsoll::command" tests="3" disabled="0" errors="0" failures="1">
        <testcase name="a::sound" classname="plimsoll::command" timestamp="t" time="1.500"/>
        <testcase name="bad" classname="plimsoll::command" timestamp="t" time="0.250">
            <failure type="test failure with exit code 101">x</failure>
            <system-out>&lt;said&gt;</system-out>
        </testcase>
        <testcase name="elsewhere" classname="plimsoll::command" timestamp="t" time="0.010"/>
    </testsuite>
    <testsuite name="acceptance::acceptance" tests="1" disabled="0" errors="0" failures="0">
        <testcase name="gates" classname="acceptance::acceptance" timestamp="t" time="20.04"/>
    </testsuite>
</testsuites>"#;

    fn told(files: &[(&str, &str)]) -> BTreeMap<String, String> {
        files.iter().map(|(file, reason)| ((*file).to_owned(), (*reason).to_owned())).collect()
    }

    #[test]
    fn what_did_not_run_is_neither_passed_nor_failed() {
        let cases = left_out(cases(REPORT).unwrap(), &told(&[("plimsoll::command elsewhere", "bubblewrap: no")])).unwrap();
        assert_eq!(
            summary("unit", &cases),
            [
                "lane unit: passed 2, failed 1",
                "  plimsoll::command bad: failed",
                "  plimsoll::command elsewhere: not run: bubblewrap: no",
                "2 1"
            ]
        );
        let told = told(&[("gates", "the mirror does not answer"), ("bad", "x")]);
        let each = summary(EACH, &left_out(self::cases(REPORT).unwrap(), &told).unwrap());
        assert_eq!(each[0], "test a::sound: passed (1.5 s)");
        assert_eq!(each[1], "test bad: failed (0.2 s)");
        assert_eq!(each[3..], ["test gates: not run: the mirror does not answer", "2 1"]);
    }

    #[test]
    fn a_reason_that_belongs_to_no_test_is_told() {
        let error = left_out(cases(REPORT).unwrap(), &told(&[("gone", "r")])).unwrap_err();
        assert_eq!(error, "`gone` did not run (r), and no report has it");
        assert!(cases("no report").is_err());
        assert_eq!(reasons(Path::new("/nonexistent/folder")), Ok(BTreeMap::new()));
    }

    #[test]
    fn the_slowest_come_first() {
        let lines = slowest(cases(REPORT).unwrap(), 2);
        assert_eq!(lines, ["    20.0 s  acceptance::acceptance gates", "     1.5 s  plimsoll::command a::sound"]);
    }
}
