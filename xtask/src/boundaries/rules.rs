//! The rules, each a function from a source to what breaks it. Their reasons stand in DESIGN and in ARCHITECTURE.md.

use super::scan::{Kind, Mention, Source};

/// A place where a rule is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// Stable name of the rule.
    pub rule: &'static str,
    /// Where: path, and line if it is about one.
    pub place: String,
    /// What is wrong and what to do.
    pub message: String,
}

/// Crates that see values only.
const PURE_CRATES: [&str; 4] =
    ["crates/plimsoll-model/src/", "crates/plimsoll-inspect/src/", "crates/plimsoll-pack/src/", "crates/plimsoll-elixir/src/"];

/// What a pure crate may not name: file system, processes, network, environment, clock, the terminal.
const EFFECTS: &[&[&str]] = &[
    &["std", "fs"],
    &["std", "process"],
    &["std", "net"],
    &["std", "env"],
    &["std", "os"],
    &["time", "SystemTime"],
    &["time", "Instant"],
    &["io", "stdin"],
    &["io", "stdout"],
    &["io", "stderr"],
];

/// Methods of `Path` that look at the disk, by names that nothing else has.
const LOOKING_METHODS: &[&str] = &["canonicalize", "read_dir", "read_link", "symlink_metadata", "try_exists"];

const EXEC: &str = "crates/plimsoll-exec/src/";
/// Takes text that was cleaned, and JSON.
const OUTPUT: &str = "crates/plimsoll/src/report/output.rs";
/// Draw on the terminal by a library, and clean what they give to it.
const BARS: [&str; 2] = ["crates/plimsoll/src/report/download.rs", "crates/plimsoll/src/report/terminal.rs"];
/// Linked into the build scripts of others, where there is neither a launcher nor a reporter: it asks git, and tells cargo.
const BUILD_SCRIPT_GIT: &str = "crates/plimsoll-version-line/src/git.rs";
const BUILD_SCRIPT_EMIT: &str = "crates/plimsoll-version-line/src/emit.rs";
const MAIN: &str = "crates/plimsoll/src/main.rs";
const COMMAND_CRATE: &str = "crates/plimsoll/src/";

/// Rooms of the pipeline in their order; the last two put the others in order and are imported by none of them.
const STAGES: [&str; 10] = ["manifest", "plan", "build", "assemble", "packing", "prove", "seal", "publish", "pipeline", "cli"];

const PRINTING: [&str; 5] = ["print", "println", "eprint", "eprintln", "dbg"];

/// Names that say nothing about their subject.
const EMPTY_NAMES: [&str; 10] = ["util", "utils", "helper", "helpers", "common", "manager", "misc", "shared", "stuff", "core_utils"];

/// All rules that look at one source.
pub fn of_source(source: &Source) -> Vec<Breach> {
    let mut found = Vec::new();
    pure(source, &mut found);
    programs(source, &mut found);
    printing(source, &mut found);
    exits(source, &mut found);
    stages(source, &mut found);
    found.extend(names(&source.path));
    introduction(source, &mut found);
    markers(source, &mut found);
    found
}

/// Number of rules: what [`of_source`] holds a file against, and those of `kinds`, `layers` and `lengths`.
pub const COUNT: usize = 11;

fn breach(rule: &'static str, source: &Source, line: usize, message: String) -> Breach {
    Breach { rule, place: format!("{}:{line}", source.path), message }
}

/// Whether the segments hold `pattern` side by side; a glob at the end stands for the rest of a pattern.
fn holds(mention: &Mention, pattern: &[&str]) -> bool {
    let segments = mention.segments.iter().map(String::as_str).collect::<Vec<_>>();
    let whole = segments.windows(pattern.len()).any(|window| window == pattern);
    let glob = match (segments.split_last(), pattern.split_last()) {
        (Some((&"*", named)), Some((_, front))) => !front.is_empty() && named.ends_with(front),
        _ => false,
    };
    mention.kind == Kind::Path && (whole || glob)
}

fn pure(source: &Source, found: &mut Vec<Breach>) {
    if !PURE_CRATES.iter().any(|pure| source.path.starts_with(pure)) {
        return;
    }
    for mention in &source.mentions {
        let effect = EFFECTS.iter().find(|pattern| holds(mention, pattern)).map(|pattern| pattern.join("::"));
        let method = LOOKING_METHODS
            .iter()
            .find(|name| mention.kind == Kind::Method && mention.segments == [**name])
            .map(|name| format!(".{name}()"));
        if let Some(named) = effect.or(method) {
            let message = format!("names {named}; this crate sees values only, so the caller must bring what it needs");
            found.push(breach("pure", source, mention.line, message));
        }
    }
}

fn programs(source: &Source, found: &mut Vec<Breach>) {
    if source.path.starts_with(EXEC) || source.path == BUILD_SCRIPT_GIT {
        return;
    }
    for mention in
        source.mentions.iter().filter(|mention| holds(mention, &["process", "Command"]) || holds(mention, &["process", "CommandExt"]))
    {
        found.push(breach("programs", source, mention.line, format!("starts a program; only {EXEC} may")));
    }
}

fn printing(source: &Source, found: &mut Vec<Breach>) {
    if source.path == OUTPUT || source.path == BUILD_SCRIPT_EMIT {
        return;
    }
    for mention in &source.mentions {
        let called = mention.kind == Kind::Macro && PRINTING.contains(&mention.segments[0].as_str());
        let stream = ["stdout", "stderr", "Stdout", "Stderr"].iter().any(|name| holds(mention, &["io", name]));
        let draws = mention.segments[0] == "indicatif" && !BARS.contains(&source.path.as_str());
        if called || stream || draws {
            let message = format!("prints; only {OUTPUT} may, which takes cleaned text; everything else reports events");
            found.push(breach("printing", source, mention.line, message));
        }
    }
}

fn exits(source: &Source, found: &mut Vec<Breach>) {
    if source.path == MAIN {
        return;
    }
    for mention in &source.mentions {
        if ["exit", "abort", "ExitCode"].iter().any(|name| holds(mention, &["process", name])) {
            found.push(breach("exits", source, mention.line, format!("decides how the process ends; only {MAIN} may")));
        }
    }
}

/// The module that a file of the command's crate is: `plan/graph.rs` → `plan`, `graph`.
fn module_of(path: &str) -> Option<Vec<String>> {
    let inner = path.strip_prefix(COMMAND_CRATE)?.strip_suffix(".rs")?;
    let mut parts = inner.split('/').map(str::to_owned).collect::<Vec<_>>();
    if matches!(parts.last().map(String::as_str), Some("mod" | "lib" | "main")) {
        parts.pop();
    }
    Some(parts)
}

/// The room of the crate that a path leads to, where it leads to one.
fn room<'m>(mention: &'m Mention, file: &'m [String]) -> Option<&'m str> {
    let mut here = file.iter().chain(&mention.inside).map(String::as_str).collect::<Vec<_>>();
    let mut segments = mention.segments.iter().map(String::as_str).peekable();
    match segments.peek().copied()? {
        "crate" => {
            here.clear();
            segments.next();
        }
        "super" => {
            while segments.next_if_eq(&"super").is_some() {
                here.pop();
            }
        }
        _ => return None,
    }
    if here.is_empty() { segments.next() } else { here.first().copied() }
}

fn stages(source: &Source, found: &mut Vec<Breach>) {
    let Some(module) = module_of(&source.path) else { return };
    let rank = |name: &str| STAGES.iter().position(|stage| *stage == name);
    let Some(own) = module.first().and_then(|name| rank(name)) else { return };
    for mention in source.mentions.iter().filter(|mention| mention.kind == Kind::Path) {
        if let Some(other) = room(mention, &module).and_then(rank).filter(|other| *other > own) {
            let message = format!("the stage `{}` imports the later `{}`", STAGES[own], STAGES[other]);
            found.push(breach("stages", source, mention.line, message));
        }
    }
}

/// Names of files and folders that say nothing.
pub fn names(path: &str) -> Vec<Breach> {
    let empty = |part: &&str| {
        let stem = part.strip_suffix(".rs").unwrap_or(part);
        EMPTY_NAMES.contains(&stem) || ["_utils", "_helpers", "_helper", "_manager", "_common"].iter().any(|end| stem.ends_with(end))
    };
    let found = path.split('/').find(empty);
    found
        .map(|part| Breach {
            rule: "names",
            place: path.to_owned(),
            message: format!("`{part}` names no subject; use the field's own word"),
        })
        .into_iter()
        .collect()
}

fn introduction(source: &Source, found: &mut Vec<Breach>) {
    if !source.introduced {
        found.push(breach("introduction", source, 1, "the file does not begin by saying what it is for (`//! …`)".to_owned()));
    }
}

fn markers(source: &Source, found: &mut Vec<Breach>) {
    // Put together here, so that this file does not name itself.
    let marks = [concat!("FIX", "ME"), concat!("XX", "X"), concat!("#[ig", "nore"), concat!("to", "do!("), concat!("unimple", "mented!(")];
    for (index, line) in source.text.lines().enumerate() {
        if let Some(mark) = marks.iter().find(|mark| line.contains(**mark)) {
            found.push(breach("markers", source, index + 1, format!("`{mark}`: finish it, or write an issue")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(path: &str, text: &str) -> Vec<&'static str> {
        let text = format!("//! M.\n{text}\n");
        of_source(&Source::parse(path, &text).unwrap()).into_iter().map(|breach| breach.rule).collect()
    }

    #[test]
    fn pure_crates_name_no_effect() {
        let path = "crates/plimsoll-pack/src/tree.rs";
        for text in [
            "use std::fs;",
            "use std::{io, fs::File};",
            "fn f() { std::env::var(\"A\"); }",
            "use std::time::SystemTime;",
            "use std::time::*;",
            "fn f() { assert!(std::net::lookup()); }",
            "fn f(p: &Path) { p.canonicalize(); }",
            "use std::process::Stdio;",
        ] {
            assert_eq!(broken(path, text), ["pure"], "{text}");
        }
        assert!(broken(path, "use std::time::Duration; use std::io::Write; use std::path::Path;").is_empty());
        assert!(broken("crates/plimsoll-store/src/blobs.rs", "use std::fs;").is_empty());
        assert!(broken(path, "#[cfg(test)] mod tests { use std::fs; }").is_empty());
    }

    #[test]
    fn programs_start_in_tools_only() {
        let text = "fn f() { std::process::Command::new(\"sh\"); }";
        assert_eq!(broken("crates/plimsoll/src/build/stage.rs", text), ["programs"]);
        assert_eq!(broken("crates/plimsoll-store/src/work.rs", "use std::process::{self, Command};"), ["programs"]);
        assert!(broken("crates/plimsoll-exec/src/launcher.rs", text).is_empty());
        assert_eq!(broken("crates/plimsoll-version-line/src/lib.rs", text), ["programs"]);
        assert!(broken("crates/plimsoll-version-line/src/git.rs", text).is_empty());
        assert!(broken("crates/plimsoll/src/cli/mod.rs", "use clap::Command;").is_empty());
    }

    #[test]
    fn printing_is_reports_business() {
        let path = "crates/plimsoll/src/prove/mod.rs";
        for text in [
            "fn f() { println!(\"x\"); }",
            "fn f() { std::io::stderr(); }",
            "use std::io::{self, stdout};",
            "fn f() { assert!(eprintln!()); }",
            "use indicatif::ProgressBar;",
        ] {
            assert_eq!(broken(path, text), ["printing"], "{text}");
        }
        assert!(broken("crates/plimsoll/src/report/output.rs", "fn f() { std::io::stdout(); }").is_empty());
        assert_eq!(broken("crates/plimsoll/src/report/failures.rs", "fn f() { std::io::stdout(); }"), ["printing"]);
        assert!(broken("crates/plimsoll/src/report/terminal.rs", "use indicatif::ProgressBar;").is_empty());
        assert_eq!(broken("crates/plimsoll-version-line/src/lib.rs", "fn f() { println!(\"x\"); }"), ["printing"]);
        assert!(broken("crates/plimsoll-version-line/src/emit.rs", "fn f() { println!(\"x\"); }").is_empty());
        assert!(broken(path, "fn f() { write!(out, \"x\"); std::io::stderr().is_terminal(); }").is_empty());
    }

    #[test]
    fn only_main_ends_the_process() {
        for text in ["fn f() { std::process::exit(1) }", "use std::process::ExitCode;", "use std::process; fn f() { process::abort() }"] {
            assert_eq!(broken("crates/plimsoll/src/cli/mod.rs", text), ["exits"], "{text}");
        }
        assert!(broken("crates/plimsoll/src/main.rs", "use std::process::ExitCode;").is_empty());
    }

    #[test]
    fn a_stage_imports_no_later_one() {
        for (path, text) in [
            ("plan/mod.rs", "use crate::build::BuildStage;"),
            ("build/stage.rs", "use super::super::seal::Sealed;"),
            ("packing.rs", "use super::prove;"),
            ("prove/mod.rs", "fn f() { crate::pipeline::run(); }"),
            ("manifest/check/mod.rs", "mod inner { use super::super::super::super::plan; }"),
            ("seal/folder.rs", "use crate::{io_failure, publish::Published};"),
        ] {
            assert_eq!(broken(&format!("crates/plimsoll/src/{path}"), text), ["stages"], "{path}: {text}");
        }
        for (path, text) in [
            ("seal/mod.rs", "use crate::plan::Graph; use super::build; use crate::tools::Launcher;"),
            ("build/stage.rs", "use super::messages::Messages; use crate::sources::Sources;"),
            ("pipeline.rs", "use crate::{build, seal};"),
        ] {
            assert!(broken(&format!("crates/plimsoll/src/{path}"), text).is_empty(), "{path}: {text}");
        }
    }

    #[test]
    fn names_say_what_a_file_is_about() {
        for path in ["crates/plimsoll/src/utils.rs", "crates/plimsoll/src/common/mod.rs", "crates/plimsoll/src/tool_manager.rs"] {
            assert_eq!(names(path).len(), 1, "{path}");
        }
        assert!(names("crates/plimsoll-store/src/stat_memory.rs").is_empty());
    }

    #[test]
    fn files_say_what_they_are_for_and_are_finished() {
        let source = Source::parse("crates/plimsoll/src/x.rs", "fn f() {}").unwrap();
        assert_eq!(of_source(&source).iter().map(|breach| breach.rule).collect::<Vec<_>>(), ["introduction"]);
        assert_eq!(broken("crates/plimsoll/src/x.rs", concat!("// FIX", "ME later")), ["markers"]);
        assert_eq!(broken("crates/plimsoll/src/x.rs", concat!("#[cfg(test)] mod tests { #[test] #[ig", "nore] fn f() {} }")), ["markers"]);
    }
}
