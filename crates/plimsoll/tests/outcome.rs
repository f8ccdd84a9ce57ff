//! How a run ends and what it prints: the forms of the load line, exit codes, and outputs that take nothing.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests start the command, and fail")]

use std::fs::{self, File};
use std::process::Stdio;

use project::{Project, TARGET};
use serde_json::Value;

mod project;
mod schema;

/// A target that no Linux machine can prove.
const ELSEWHERE: &str = "aarch64-apple-darwin";

/// `targets` are wanted, each built by the machine's own means, with `more` above the tables.
fn manifest(project: &Project, targets: &[&str], more: &str) {
    let mut text = format!("targets = {targets:?}\n{more}\n");
    targets.iter().for_each(|target| text.push_str(&format!("[target.{target}]\nbuilder = \"native\"\n")));
    project.write("app/plimsoll.toml", &text);
}

/// What the command prints as JSON, which must be as its schema says.
fn document(project: &Project, name: &str, arguments: &[&str], code: i32) -> Value {
    let output = project.plimsoll(arguments);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    let document = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(schema::violations(name, &document), Vec::<String>::new(), "{arguments:?}");
    document
}

#[test]
fn documents_are_as_their_schemas_say() {
    let Some(project) = Project::new() else { return };
    manifest(&project, &[TARGET, ELSEWHERE], "");
    document(&project, "plan", &["plan", "--json"], 0);
    let before = document(&project, "status", &["status", "--json"], 0);
    assert_eq!((&before["cells"][0]["state"], &before["cells"][1]["state"]), (&"not-tried".into(), &"not-tried".into()));
    let rehearsed = document(&project, "rehearse", &["rehearse", "--json"], 0);
    assert_eq!(rehearsed["elsewhere"][format!("archive.app/{ELSEWHERE}")], "needs a macOS runner");
    let after = document(&project, "status", &["status", "--json"], 0);
    assert_eq!(after, rehearsed["load_line"]);
    assert_eq!((&after["cells"][0]["gap"], &after["cells"][0]["reason"]), (&"elsewhere".into(), &"needs a macOS runner".into()));
    let proven = &after["cells"][1]["proven"][0];
    assert_eq!((&proven["root"], &proven["how"]), (&"sandbox".into(), &"native".into()));
    let read = |path: &std::path::Path| serde_json::from_slice::<Value>(&fs::read(path).unwrap()).unwrap();
    let dist = project.path().join("dist");
    assert_eq!(schema::violations("release", &read(&dist.join("release.json"))), Vec::<String>::new());
    for statement in fs::read_dir(dist.join("evidence")).unwrap() {
        assert_eq!(schema::violations("evidence", &read(&statement.unwrap().path())), Vec::<String>::new());
    }
    project.write("app/src/main.rs", "fn main() {}\n");
    let failed = document(&project, "rehearse", &["rehearse", "--json"], 1);
    assert_eq!((&failed["release"], &failed["load_line"]["cells"][1]["gap"]), (&Value::Null, &"failed".into()));
}

#[test]
fn a_release_says_every_write_as_its_schema_says() {
    let Some(project) = Project::new() else { return };
    project.manifest("[publish.folder]\npath = \"../registry\"\n");
    project.commit();
    let outcomes = |document: &Value| {
        let writes = document["publication"]["channels"][0]["writes"].as_array().unwrap().iter();
        let mut outcomes = writes.map(|write| write["outcome"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        outcomes.dedup();
        outcomes
    };
    let dry = document(&project, "rehearse", &["release", "--dry-run", "--json"], 0);
    assert_eq!((&dry["publication"]["dry_run"], outcomes(&dry)), (&true.into(), vec!["would-write".to_owned()]));
    let first = document(&project, "rehearse", &["release", "--json"], 0);
    assert_eq!((outcomes(&first), &first["publication"]["earlier"]), (vec!["written".to_owned()], &Value::Array(Vec::new())));
    let again = document(&project, "rehearse", &["release", "--json"], 0);
    assert_eq!(outcomes(&again), ["there-already"]);
    let writes = first["publication"]["channels"][0]["writes"].as_array().unwrap();
    assert_eq!(again["publication"]["earlier"].as_array().map(Vec::len), Some(writes.len()));
    let ledger = fs::read_to_string(again["publication"]["ledger"].as_str().unwrap()).unwrap();
    assert_eq!(ledger.lines().count(), writes.len());
}

#[test]
fn the_load_line_is_written_as_markdown_and_as_a_page() {
    let Some(project) = Project::new() else { return };
    project.expect(&["rehearse", "-q"], 0);
    let markdown = project.expect(&["status", "--markdown"], 0);
    let start = format!("| app 0.3.0 | `archive.app` |\n|---|---|\n| `{TARGET}` | proven: sandbox (native), glibc 2.");
    assert!(markdown.starts_with(&start), "{markdown}");
    // These tests lend no emulator, and only x86_64 has a plain processor.
    assert_eq!(markdown.contains("not tried on a plain processor"), TARGET.starts_with("x86_64"), "{markdown}");
    let page = project.folder.path().join("page.html");
    let said = project.expect(&["status", "--html", page.to_str().unwrap()], 0);
    assert!(said.contains("sandbox (native)") && !said.contains("counts as a source"), "{said}");
    let page = fs::read_to_string(page).unwrap();
    let row = "<td class=\"how\">sandbox (native), not tried on a plain processor</td>";
    assert!(page.contains(row) && page.ends_with("</html>\n"), "{page}");
}

#[test]
fn a_page_that_becomes_a_source_is_told_of_and_none_is_put_among_sealed_files() {
    let Some(project) = Project::new() else { return };
    project.expect(&["rehearse", "-q"], 0);
    let said = project.expect(&["status", "--html", "dist/page.html"], 2);
    assert!(said.contains("lies in dist/") && !project.path().join("dist/page.html").exists(), "{said}");
    let said = project.expect(&["status", "--html", "page.html"], 0);
    assert!(said.contains("note: page.html counts as a source from now on"), "{said}");
    assert!(project.expect(&["status"], 0).contains("the sources or the manifest changed"));
    fs::remove_file(project.path().join("page.html")).unwrap();
    fs::create_dir(project.path().join("target")).unwrap();
    let said = project.expect(&["status", "--html", "target/page.html"], 0);
    assert!(!said.contains("counts as a source"), "{said}");
    assert!(!project.expect(&["status"], 0).contains("changed"));
}

#[test]
fn what_only_another_machine_can_do_is_listed_and_fails_under_strict_alone() {
    let Some(project) = Project::new() else { return };
    manifest(&project, &[TARGET, ELSEWHERE], "");
    for command in ["build", "pack", "prove"] {
        let said = project.expect(&[command], 0);
        assert!(said.contains("not run here; see above"), "{command}: {said}");
        project.expect(&[command, "--strict"], 1);
        project.expect(&[command, "--strict", "--json"], 1);
        project.expect(&[command, "--strict", "--target", TARGET], 0);
        let said = project.expect(&[command, "--target", ELSEWHERE], 1);
        assert!(said.contains("nothing was done"), "{command}: {said}");
    }
    let said = project.expect(&["rehearse"], 0);
    assert!(said.contains("elsewhere  needs a macOS runner") && said.contains("proven     sandbox (native)"), "{said}");
    project.expect(&["rehearse", "--strict", "-q"], 1);
    project.expect(&["rehearse", "--strict", "--json"], 1);
}

#[test]
fn a_run_that_can_prove_nothing_here_is_no_success_and_prints_the_load_line() {
    let Some(project) = Project::new() else { return };
    let planned = "[planned]\nx86_64-apple-darwin = \"after the first Mac\"\n[deferred]\nx86_64-pc-windows-msvc = \"nobody asked\"\n";
    manifest(&project, &[ELSEWHERE], planned);
    let output = project.plimsoll(&["rehearse", "-q"]);
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!(String::from_utf8(output.stdout).unwrap(), @r"
    app 0.3.0
      aarch64-apple-darwin    archive.app  elsewhere  needs a macOS runner
      x86_64-apple-darwin     archive.app  planned    after the first Mac
      x86_64-pc-windows-msvc  archive.app  deferred   nobody asked
    nothing can be proven on this machine, so nothing was sealed
    ");
    let printed = document(&project, "rehearse", &["rehearse", "--json"], 1);
    assert_eq!(printed["load_line"]["cells"].as_array().map(Vec::len), Some(3));
}

#[test]
fn where_every_artifact_is_planned_or_deferred_that_is_said() {
    let Some(project) = Project::new() else { return };
    for table in ["planned", "deferred"] {
        project.manifest(&format!("[archive.app.{table}]\n{TARGET} = \"after the first user\"\n"));
        for (command, done) in [("build", "built"), ("pack", "packed"), ("prove", "proven")] {
            let said = project.expect(&[command, "-q"], 1);
            assert!(said.contains(&format!("error: nothing is wanted, so nothing was {done}")), "{command}: {said}");
            assert!(said.contains("hint: `plimsoll plan` lists"), "{command}: {said}");
            let printed = serde_json::from_slice::<Value>(&project.plimsoll(&[command, "--json"]).stdout).unwrap();
            assert_eq!(printed["failures"][0]["code"], "nothing-wanted", "{command}: {printed}");
        }
        let said = project.expect(&["rehearse", "-q"], 1);
        assert!(said.contains(&format!("{table} ")) && said.contains("nothing is wanted, so nothing was proven"), "{said}");
    }
}

#[test]
fn an_output_that_takes_nothing_is_an_error_and_a_closed_pipe_is_none() {
    let Some(project) = Project::new() else { return };
    for arguments in [&["status", "--json"][..], &["status"], &["plan"], &["plan", "--json"], &["--help"], &["completions", "bash"]] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = project.command(arguments).stdout(full).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(said.contains("error: standard output: No space left on device"), "{arguments:?}: {said}");
        assert!(said.contains("free room where it goes, or write it elsewhere"), "{arguments:?}: {said}");
        let mut child = project.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]), "{arguments:?}");
    }
}

#[test]
fn doctor_ends_with_3_where_a_project_lacks_a_tool() {
    let Some(project) = Project::new() else { return };
    let empty = project.folder.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let bare = |root: &std::path::Path| {
        let mut command = project.command(&["doctor", "--root", root.to_str().unwrap()]);
        let output =
            ["PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME"].iter().fold(&mut command, |command, name| command.env(name, &empty)).output();
        let output = output.unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, said) = bare(&project.path());
    assert!(code == Some(3) && said.contains("install Rust"), "{code:?} {said}");
    // Without a project nothing is needed.
    let (code, said) = bare(&empty);
    assert!(code == Some(0) && said.contains("install Rust"), "{code:?} {said}");
    let said = project.expect(&["doctor"], 0);
    assert!(said.contains(&format!("build {TARGET}")), "{said}");
}
