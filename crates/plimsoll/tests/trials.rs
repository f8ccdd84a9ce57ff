//! What a plan of schema 2 can say that one artifact in one root could not: several targets, artifacts that are tried together, files that the
//! project's own command leaves. Each beside a twin that is broken.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests start the command, and fail")]

use std::fs;

use project::{Project, TARGET};
use serde_json::Value;

mod project;

const OTHER: &str = "aarch64-apple-darwin";

fn project(manifest: &str) -> Project {
    let project = Project::required();
    project.write("app/plimsoll.toml", manifest);
    project
}

fn released(project: &Project) -> Vec<Value> {
    let text = fs::read(project.path().join("dist/release.json")).unwrap();
    serde_json::from_slice::<Value>(&text).unwrap()["artifacts"].as_array().unwrap().clone()
}

fn names(project: &Project) -> Vec<String> {
    released(project).iter().map(|artifact| artifact["file_name"].as_str().unwrap().to_owned()).collect()
}

/// The manifest of a program and a script that fits two targets, of which this machine has one.
fn with_script(expect: &str) -> String {
    format!(
        "targets = [\"{TARGET}\", \"{OTHER}\"]\n[archive.app]\ntargets = [\"{TARGET}\"]\n[file.run]\npath = \"run.sh\"\ntargets = [\"{TARGET}\", \
         \"{OTHER}\"]\nprobe = {{ script = \"sh \\\"$PLIMSOLL_ARTIFACT/run.sh\\\"\", expect = \"{expect}\" }}\n[target.{TARGET}]\nbuilder = \
         \"native\"\n"
    )
}

#[test]
fn one_file_for_several_targets_is_released_with_what_could_not_be_tried_as_a_gap_of_its_claim() {
    let project = project(&with_script("runs"));
    project.write("app/run.sh", "echo runs\n");
    project.commit();
    let said = project.expect(&["rehearse"], 0);
    assert!(said.contains("run.sh"), "{said}");
    let script = released(&project).into_iter().find(|artifact| artifact["id"] == "file.run").unwrap();
    assert_eq!(script["targets"], serde_json::json!([TARGET]));
    assert!(script["required"][format!("file.run/{TARGET}/sandbox")].is_string(), "{script}");
    assert!(script["gaps"][format!("file.run/{OTHER}/scrubbed")].is_string(), "{script}");
    project.expect(&["verify"], 0);
    let status = project.expect(&["status"], 0);
    assert!(status.contains("file.run") && status.contains("proven"), "{status}");
    assert!(project.expect(&["rehearse"], 0).contains("unchanged"));
    assert!(status.contains(&format!("not run: file.run/{OTHER}/scrubbed")), "{status}");
    project.expect(&["rehearse", "--strict"], 1);
}

#[test]
fn one_file_for_several_targets_that_fails_for_one_is_not_released() {
    let project = project(&with_script("flies"));
    project.write("app/run.sh", "echo runs\n");
    project.commit();
    let said = project.expect(&["rehearse"], 1);
    assert!(said.contains("did not say `flies`") || said.contains("flies"), "{said}");
    assert_eq!(names(&project), [format!("app-{TARGET}.tar.xz")]);
}

/// A program and its table of names, which are of use together only.
fn together(names: &str, more: &str) -> Project {
    let project = project(&format!(
        "targets = [\"{TARGET}\"]\n[archive.app]\n[file.names]\npath = \"names.txt\"\nprobe.script = \"test -s \\\"$PLIMSOLL_ARTIFACT/names.txt\\\"\"\n\
         [test.both]\ninstall = [\"archive.app\", \"file.names\"]\n[[test.both.probe]]\nname = \"greets\"\nscript = \"read name <\\\"$PLIMSOLL_ARTIFACT/names/names.txt\\\"; app \
         \\\"$name\\\"\"\nexpect = \"app {{version}}\"\n{more}\n[target.{TARGET}]\nbuilder = \"native\"\n"
    ));
    project.write(
        "app/src/main.rs",
        "fn main() {\n    let bad = std::env::args().any(|word| word == \"bad\");\n    println!(\"app {}\", \
         env!(\"CARGO_PKG_VERSION\"));\n    std::process::exit(i32::from(bad));\n}\n",
    );
    project.write("app/names.txt", names);
    project.commit();
    project
}

#[test]
fn two_artifacts_that_pass_together_name_one_statement() {
    let project = together("good\n", "");
    let plan = project.expect(&["plan"], 0);
    assert!(plan.contains("test.both/") && plan.contains("together: "), "{plan}");
    let said = project.expect(&["rehearse"], 0);
    assert!(said.contains("test.both"), "{said}");
    let trial = format!("test.both/{TARGET}/sandbox");
    for artifact in released(&project) {
        assert!(artifact["required"][&trial].is_string(), "{artifact}");
    }
    assert!(project.path().join(format!("dist/evidence/test.both-{TARGET}-sandbox.json")).is_file());
    project.expect(&["verify"], 0);
    assert!(project.expect(&["rehearse"], 0).contains("unchanged"));
    // One of them alone brings the other, which its trial names.
    let nodes = project.expect(&["prove", "--only", "file.names", "--json"], 0);
    assert!(nodes.contains(&format!("prove/{trial}")) && nodes.contains("pack/archive.app"), "{nodes}");
}

#[test]
fn what_only_another_machine_can_try_together_holds_nothing_back_here() {
    let project = together("good\n", "");
    let manifest = fs::read_to_string(project.path().join("plimsoll.toml")).unwrap();
    let targets = format!("targets = [\"{TARGET}\"]");
    let manifest = manifest.replace(&targets, &targets.replace(']', &format!(", \"{OTHER}\"]")));
    project.write("app/plimsoll.toml", &format!("{manifest}[target.{OTHER}]\nbuilder = \"native\"\n"));
    project.commit();
    project.expect(&["rehearse"], 0);
    assert_eq!(names(&project), [format!("app-{TARGET}.tar.xz"), "names.txt".to_owned()]);
    let table = released(&project).remove(1);
    assert!(
        table["gaps"][format!("test.both/{OTHER}/scrubbed")].is_string() && table["required"]["file.names/sandbox"].is_string(),
        "{table}"
    );
    project.expect(&["verify"], 0);
    project.expect(&["rehearse", "--strict"], 1);
}

#[test]
fn artifacts_that_fail_together_are_not_released_though_each_passes_alone() {
    let project = together("bad\n", "");
    let said = project.expect(&["rehearse"], 1);
    assert!(said.contains(&format!("failed     test.both/{TARGET}/sandbox: did not pass its probes")), "{said}");
    assert!(!project.path().join("dist").exists());
}

#[test]
fn what_is_wrong_with_a_test_is_told_where_it_stands() {
    let project = together("good\n", "");
    let sound = fs::read_to_string(project.path().join("plimsoll.toml")).unwrap();
    let refused = |from: &str, to: &str| {
        assert!(sound.contains(from), "{from}");
        project.write("app/plimsoll.toml", &sound.replace(from, to));
        project.expect(&["plan"], 2)
    };
    let install = "install = [\"archive.app\", \"file.names\"]";
    let unknown = refused(install, "install = [\"archive.app\", \"file.name\"]");
    assert!(unknown.contains("there is no artifact `file.name`") && unknown.contains("did you mean `file.names`?"), "{unknown}");
    let nothing = refused(install, "install = []");
    assert!(nothing.contains("`test.both` installs nothing"), "{nothing}");
    let twice = refused(install, "install = [\"archive.app\", \"archive.app\"]");
    assert!(twice.contains("`archive.app` is installed twice"), "{twice}");
    let same = refused(install, "install = [\"archive.app\", \"static.app\"]");
    assert!(same.contains("there is no artifact `static.app`"), "{same}");
    let key = refused(install, "instal = [\"archive.app\"]");
    assert!(key.contains("instal"), "{key}");
}

/// An archive that a Makefile makes: `recipe` puts together what is packed.
fn by_make(recipe: &str) -> Project {
    let project = project(&format!(
        "targets = [\"{TARGET}\"]\nname = \"tool\"\nversion = \"0.3.0\"\n[archive.tool]\ncommand = \"make dist\"\noutput = \"out/*.tar.gz\"\nformat = \
         \"tar.gz\"\n[target.{TARGET}]\nroots = [\"sandbox\"]\n"
    ));
    for cargo in ["Cargo.toml", "Cargo.lock", "src/main.rs"] {
        fs::remove_file(project.path().join(cargo)).unwrap();
    }
    project.write("app/tool.c", "#include <stdio.h>\nint main(void) { puts(\"tool 0.3.0\"); return 0; }\n");
    project.write("app/Makefile", &format!("dist: tool.c\n\tmkdir -p out/tool/bin\n{recipe}"));
    project.write("app/.gitignore", "/dist/\n/out/\n");
    project.commit();
    project
}

const SOUND: &str = "\t$${CC:-cc} -O1 -o out/tool/bin/tool tool.c\n\ttar -czf out/tool-anything.tar.gz -C out tool\n";

#[test]
fn an_archive_that_make_leaves_is_inspected_tried_and_sealed() {
    let project = by_make(SOUND);
    let built = project.expect(&["build", "--json"], 0);
    assert!(built.contains(&format!("\"build/archive.tool/{TARGET}\": \"done\"")), "{built}");
    let said = project.expect(&["rehearse"], 0);
    assert!(said.contains("inspected") && said.contains("proven"), "{said}");
    let artifact = released(&project).remove(0);
    assert_eq!(artifact["file_name"], format!("tool-{TARGET}.tar.gz"));
    assert!(artifact["measured"]["glibc"].is_string(), "{artifact}");
    project.expect(&["verify"], 0);
    let again = project.expect(&["rehearse"], 0);
    assert!(again.contains("unchanged") && !again.contains("inspected  tool-x86_64-unknown-linux-gnu.tar.gz  4 kB\n"), "{again}");
}

#[test]
fn what_make_leaves_and_is_not_what_it_is_to_be_is_refused_with_the_reason() {
    for (recipe, reason) in [
        ("\ttrue\n", "left no `out/*.tar.gz`"),
        ("\techo no archive >out/tool.tar.gz\n", "not"),
        ("\ttar -czf out/tool.tar.gz Makefile\n", "holds no program `tool`"),
        ("\techo '#!/bin/sh' >out/tool/bin/tool\n\ttar -czf out/tool.tar.gz -C out tool\n", "tool"),
        ("\tln -s ../Makefile out/tool.tar.gz\n", "links are not followed"),
        (&format!("{SOUND}\ttar -czf out/second.tar.gz -C out tool\n"), "left 2 files that `out/*.tar.gz` means"),
    ] {
        let project = by_make(recipe);
        let said = project.expect(&["rehearse"], 1);
        assert!(said.contains(reason) && !said.contains("proven "), "{recipe}: {said}");
        assert!(!project.path().join("dist").exists(), "{recipe}");
    }
}

#[test]
fn a_command_does_not_leave_its_file_in_a_sources_place() {
    let project = by_make(SOUND);
    let manifest = fs::read_to_string(project.path().join("plimsoll.toml")).unwrap();
    project.write("app/plimsoll.toml", &manifest.replace("out/*.tar.gz", "*.tar.gz"));
    project.write("app/vendor.tar.gz", "unpacked by make");
    project.commit();
    let said = project.expect(&["rehearse"], 2);
    assert!(said.contains("`*.tar.gz` means `vendor.tar.gz`, a source file of the project"), "{said}");
}

#[test]
fn a_static_program_that_make_leaves_must_be_static() {
    for (flags, code) in [("-static", 0), ("-O1", 1)] {
        let project = by_make(&format!("\t$${{CC:-cc}} {flags} -o out/tool/bin/tool tool.c\n"));
        project.write(
            "app/plimsoll.toml",
            &format!(
                "targets = [\"{TARGET}\"]\nname = \"tool\"\nversion = \"0.3.0\"\n[static.tool]\ncommand = \"make dist\"\noutput = \
                 \"out/tool/bin/tool\"\n"
            ),
        );
        project.commit();
        let said = project.expect(&["rehearse"], code);
        assert!(said.contains(if code == 0 { "proven" } else { "static" }), "{flags}: {said}");
    }
}

#[test]
fn a_trial_that_needs_what_it_tries_is_refused_by_the_plan() {
    let project = Project::required();
    project.write("app/helper/Cargo.toml", "[package]\nname = \"helper\"\nversion = \"0.3.0\"\nedition = \"2024\"\n");
    project.write("app/helper/src/main.rs", "fn main() { println!(\"helper 0.3.0\"); }\n");
    let cargo = fs::read_to_string(project.path().join("Cargo.toml")).unwrap();
    project.write("app/Cargo.toml", &cargo.replace("[workspace]", "[workspace]\nmembers = [\"helper\"]"));
    project.cargo(&["generate-lockfile"]);
    let manifest = format!(
        "targets = [\"{TARGET}\"]\nname = \"app\"\n[archive.app]\n[archive.helper]\n[core.app.embed]\nHELPER = \"archive.helper\"\n[test.both]\ninstall = \
         [\"archive.app\", \"archive.helper\"]\nprobe.script = \"app; helper\"\n[target.{TARGET}]\nbuilder = \"native\"\n"
    );
    project.write("app/plimsoll.toml", &manifest);
    project.commit();
    let said = project.expect(&["plan"], 2);
    assert!(said.contains(&format!("`test.both/{TARGET}/sandbox`")) && said.contains("needed before"), "{said}");
    project.write("app/plimsoll.toml", &manifest.replace("[\"archive.app\", \"archive.helper\"]", "[\"archive.app\"]"));
    project.expect(&["plan"], 0);
}

/// A program that installs itself, upgrades and removes what it installed, tried step by step in one session.
fn installer(remove: &str) -> Project {
    let steps = [
        ("install", "app install 1"),
        ("installed", "read is </usr/lib/app/version; test \\\"$is\\\" = 1; test -e /etc/app.conf"),
        ("upgrade", "echo mine >/etc/app.conf; app install 2"),
        ("upgraded", "read is </usr/lib/app/version; read kept </etc/app.conf; test \\\"$is $kept\\\" = '2 mine'"),
        ("remove", "app remove"),
        ("removed", "test ! -e /usr/lib/app; test ! -e /etc/app.conf"),
    ];
    let steps = steps.map(|(name, script)| format!("[[archive.app.probe]]\nname = \"{name}\"\nscript = \"{script}\"\n"));
    let project = project(&format!("targets = [\"{TARGET}\"]\n{}[target.{TARGET}]\nbuilder = \"native\"\n", steps.concat()));
    project.write(
        "app/src/main.rs",
        &format!(
            r#"use std::fs;

fn main() -> std::io::Result<()> {{
    let words = std::env::args().collect::<Vec<_>>();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[1..] {{
        ["install", version] => {{
            fs::create_dir_all("/usr/lib/app")?;
            fs::write("/usr/lib/app/version", format!("{{version}}\n"))?;
            if !fs::exists("/etc/app.conf")? {{
                fs::create_dir_all("/etc")?;
                fs::write("/etc/app.conf", "new\n")?;
            }}
        }}
        ["remove"] => {{
            {remove}
        }}
        _ => println!("app {{}}", env!("CARGO_PKG_VERSION")),
    }}
    Ok(())
}}
"#
        ),
    );
    project.commit();
    project
}

const WHOLE: &str = "fs::remove_file(\"/etc/app.conf\")?;\n            fs::remove_dir_all(\"/usr/lib/app\")?;";

#[test]
fn what_is_installed_upgraded_and_removed_is_tried_in_one_session_that_leaves_nothing() {
    let project = installer(WHOLE);
    let said = project.expect(&["rehearse"], 0);
    assert!(said.contains("sandbox (glibc") && said.contains("7 probes"), "{said}");
    assert!(!std::path::Path::new("/usr/lib/app").exists() && !std::path::Path::new("/etc/app.conf").exists());
    project.expect(&["verify"], 0);
    // The root is as it was: from another store of results the same steps pass again.
    project.expect(&["rehearse", "--audit-actions"], 0);
}

#[test]
fn what_removal_leaves_is_found_by_the_step_after_it() {
    let project = installer("fs::remove_dir_all(\"/usr/lib/app\")?;");
    let said = project.expect(&["rehearse"], 1);
    assert!(said.contains("test ! -e /etc/app.conf") && !said.contains("proven "), "{said}");
}
