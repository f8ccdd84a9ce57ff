//! Files that the project's own command leaves, of each kind: what is inspected of them, and how they are told apart from their broken twins.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests start the command, and fail")]

use std::fs;

use project::{Project, TARGET};
use serde_json::Value;

mod project;

/// A project without cargo, at version 0.3.0: a manifest, a Makefile and a source of C.
fn project(manifest: &str, makefile: &str, source: &str) -> Project {
    let project = Project::required();
    for cargo in ["Cargo.toml", "Cargo.lock", "src/main.rs"] {
        fs::remove_file(project.path().join(cargo)).unwrap();
    }
    project.write("app/plimsoll.toml", &format!("version = \"0.3.0\"\n{manifest}"));
    project.write("app/Makefile", makefile);
    project.write("app/tool.c", source);
    project.write("app/.gitignore", "/dist/\n/out/\n");
    project.commit();
    project
}

fn release(project: &Project) -> Value {
    serde_json::from_slice(&fs::read(project.path().join("dist/release.json")).unwrap()).unwrap()
}

/// A file for every machine that make leaves by `recipe`; it must tell that no target was named.
fn table(recipe: &str) -> Project {
    let manifest = "[file.table]\ncommand = \"make table\"\noutput = \"out/*.txt\"\nfilename = \
         \"table.txt\"\nprobe = { script = \"read line <\\\"$PLIMSOLL_ARTIFACT/table.txt\\\"; echo \\\"$line\\\"\", expect = \"made for none\" }\n";
    project(manifest, &format!("table:\n\tmkdir -p out\n{recipe}"), "")
}

const TABLE: &str = "\techo made for $${PLIMSOLL_TARGET-none} >out/any-name.txt\n";

#[test]
fn a_file_for_every_machine_that_make_leaves_is_tried_and_sealed() {
    let project = table(TABLE);
    let said = project.expect(&["rehearse"], 0);
    assert!(said.contains("inspected") && said.contains("table.txt") && said.contains("proven"), "{said}");
    let release = release(&project);
    let artifact = &release["artifacts"][0];
    assert_eq!(release["name"], "table");
    assert_eq!((&artifact["file_name"], &artifact["target"]), (&"table.txt".into(), &Value::Null));
    assert_eq!(fs::read_to_string(project.path().join("dist/table.txt")).unwrap(), "made for none\n");
    project.expect(&["verify"], 0);
    assert!(project.expect(&["rehearse"], 0).contains("unchanged"));
}

/// It is made here, though another machine's target comes first.
#[test]
fn a_file_for_several_targets_that_make_leaves_is_made_on_any_machine() {
    let project = table(TABLE);
    let manifest = fs::read_to_string(project.path().join("plimsoll.toml")).unwrap();
    let targets = format!("[file.table]\ntargets = [\"aarch64-apple-darwin\", \"{TARGET}\"]\n");
    project.write("app/plimsoll.toml", &manifest.replace("[file.table]\n", &targets));
    project.commit();
    project.expect(&["rehearse"], 0);
    let artifact = &release(&project)["artifacts"][0];
    assert_eq!(artifact["targets"], serde_json::json!([TARGET]), "{artifact}");
}

#[test]
fn a_file_for_every_machine_that_is_not_what_it_should_be_is_refused() {
    for (recipe, reason) in [
        ("\techo nothing >out/table.txt\n", "made for none"),
        ("\ttrue\n", "left no `out/*.txt`"),
        ("\tfalse\n", "build command failed"),
        (&format!("{TABLE}\ttouch out/second.txt\n"), "left 2 files"),
    ] {
        let project = table(recipe);
        let said = project.expect(&["rehearse"], 1);
        assert!(said.contains(reason) && !project.path().join("dist").exists(), "{recipe}: {said}");
    }
}

/// A program in an archive, with a library beside it that nobody promised.
const ARCHIVE: &str =
    "dist:\n\tmkdir -p out/tool/bin\n\t$${CC:-cc} -O1 -o out/tool/bin/tool tool.c\n\ttar -czf out/tool.tar.gz -C out tool\n";

fn archive(more: &str) -> Project {
    let manifest = format!(
        "targets = [\"{TARGET}\"]\n[archive.tool]\ncommand = \"make dist\"\noutput = \"out/tool.tar.gz\"\nformat = \"tar.gz\"\n{more}\n"
    );
    project(&manifest, ARCHIVE, "#include <stdio.h>\nint main(void) { puts(\"tool 0.3.0\"); return 0; }\n")
}

#[test]
fn what_breaks_the_floor_in_what_a_command_left_is_told_with_its_path_and_the_symbol() {
    let project = archive(&format!("[target.{TARGET}]\nroots = [\"sandbox\"]\nglibc = \"2.17\"\n"));
    let said = project.expect(&["rehearse"], 1);
    assert!(said.contains("tool/bin/tool: ") && said.contains("GLIBC_2.34 (__libc_start_main from libc.so.6)"), "{said}");
    let manifest = fs::read_to_string(project.path().join("plimsoll.toml")).unwrap();
    project.write("app/plimsoll.toml", &manifest.replace("glibc = \"2.17\"\n", ""));
    project.commit();
    project.expect(&["rehearse"], 0);
}

#[test]
fn what_a_command_leaves_may_declare_its_processor() {
    let project = archive("cpu = \"x86-64-v2\"");
    let plan = serde_json::from_str::<Value>(&project.expect(&["plan", "--json"], 0)).unwrap();
    let plan = plan.get("plan").cloned().unwrap_or(plan);
    assert_eq!(plan["artifacts"][format!("archive.tool/{TARGET}")]["cpu"], "x86-64-v2", "{plan}");
    assert_eq!(plan["trials"][format!("archive.tool/{TARGET}/sandbox")]["cpu"], "x86-64-v2", "{plan}");
    let bare = archive("");
    let bare = serde_json::from_str::<Value>(&bare.expect(&["plan", "--json"], 0)).unwrap();
    let bare = bare.get("plan").cloned().unwrap_or(bare);
    assert_eq!(bare["artifacts"][format!("archive.tool/{TARGET}")]["cpu"], Value::Null);
}

/// A library for the BEAM, as far as gates look at one.
const LIBRARY: &str = "extern void *enif_make_int(void *, int);\nvoid *made(void *env) { return enif_make_int(env, 42); }\n#ifndef \
                       WITHOUT_INIT\nvoid *nif_init(void) { static long entry[16]; return entry; }\n#endif\n";

/// The library's archive is put together by `recipe`, from `out/library.so`.
fn library(flags: &str, recipe: &str) -> Project {
    let manifest = format!(
        "targets = [\"{TARGET}\"]\n[nif.tool]\nmodule = \"Tool.Native\"\nnif-versions = [\"2.15\", \"2.16\"]\ncommand = \"make archive\"\noutput = \
         \"out/*.tar.gz\"\n[target.{TARGET}]\nroots = [\"debian:12\"]\n"
    );
    let makefile = format!(
        "NAME = libtool-v0.3.0-nif-$(PLIMSOLL_NIF_VERSION)-$(PLIMSOLL_TARGET).so\narchive:\n\tmkdir -p out\n\tcc -shared -fPIC {flags} -o \
         out/library.so tool.c\n{recipe}"
    );
    project(&manifest, &makefile, LIBRARY)
}

const NAMED: &str = "\tmv out/library.so out/$(NAME)\n\ttar -czf out/left.tar.gz -C out $(NAME)\n";

#[test]
fn a_library_for_the_beam_that_make_leaves_is_inspected_for_each_nif_version() {
    let project = library("", NAMED);
    let said = project.expect(&["pack"], 0);
    for version in ["2.15", "2.16"] {
        assert!(said.contains(&format!("libtool-v0.3.0-nif-{version}-{TARGET}.so.tar.gz")), "{said}");
    }
    assert!(said.contains("inspected"), "{said}");
}

#[test]
fn a_library_for_the_beam_that_is_not_one_is_refused_with_the_reason() {
    let other = format!("{NAMED}\tcp Makefile out/other\n\ttar -czf out/left.tar.gz -C out $(NAME) other\n");
    for (flags, recipe, reason) in [
        ("-DWITHOUT_INIT", NAMED, "nif_init"),
        ("", "\ttar -czf out/left.tar.gz -C out library.so\n", "holds no library `libtool-v0.3.0-nif-2.15-"),
        ("", other.as_str(), "holds `other` beside"),
        ("", "\tcp out/library.so out/left.tar.gz\n", "gzip"),
        ("-Denif_make_int=enif_frobnicate", NAMED, "enif_frobnicate"),
    ] {
        let said = library(flags, recipe).expect(&["pack"], 1);
        assert!(said.contains(reason), "{flags} {recipe}: {said}");
    }
}
