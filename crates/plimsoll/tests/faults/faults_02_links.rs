//! Fetched archives: what links point at is judged in the folder that is placed, and what a release declares must be in it.

use std::fs;

use crate::forged::{Forged, Member};

const PROGRAM: Member<'static> = Member::File("root/bin/tool", 0o755, b"#!/bin/sh\n");

#[test]
fn a_link_out_of_the_placed_folder_is_refused() {
    for (name, target) in [
        ("root/up", "../x"),
        ("root/up", ".."),
        ("root/up", "./.././x"),
        ("root/up", "../root/bin/tool"),
        ("root/bin/up", "../../x"),
        ("root/up", "bin/../../x"),
        ("root/up", "../.plimsoll-fetch-x"),
    ] {
        Forged::archive(&[PROGRAM, Member::Symlink(name, target)]).refused("leaves the archive's only folder");
    }
    // It is the same whether the root folder is named or only implied, and however the names are given.
    Forged::archive(&[Member::Folder("root/"), PROGRAM, Member::Symlink("root/up", "../x")]).refused("leaves the archive's only folder");
    let long = |kind, text: &str| Member::Extension(kind, format!("{text}\0").into_bytes());
    Forged::archive(&[PROGRAM, long(b'K', "../x"), Member::Symlink("root/up", "y")]).refused("leaves the archive's only folder");
    Forged::archive(&[PROGRAM, long(b'L', "root/up"), Member::Symlink("up", "../x")]).refused("leaves the archive's only folder");
    // No folder is taken away from an archive with more at its top, and what is outside of it is outside.
    Forged::archive(&[PROGRAM, Member::Symlink("up", "../x")]).refused("leaves the archive");
}

#[test]
fn a_link_through_a_link_is_refused() {
    let second = |first: (&'static str, &'static str), second: (&'static str, &'static str)| {
        Forged::archive(&[PROGRAM, Member::Symlink(first.0, first.1), Member::Symlink(second.0, second.1)])
    };
    second(("root/a", "bin"), ("root/b", "a/../../x")).refused("goes through another symbolic link");
    second(("root/bin/a", ".."), ("root/b", "bin/a/../x")).refused("goes through another symbolic link");
    second(("root/b", "bin/a/tool"), ("root/bin/a", ".")).refused("goes through another symbolic link");
    // Where the file system folds case, this is the link `a`.
    second(("root/bin/a", ".."), ("root/b", "bin/A/../x")).refused("out of what is no folder");
}

#[test]
fn links_that_stay_are_placed() {
    let forged = Forged::archive(&[
        PROGRAM,
        Member::Symlink("root/tool", "bin/tool"),
        Member::Symlink("root/bin/all", ".."),
        Member::Symlink("root/here", "."),
        Member::Symlink("root/nothing", "none"),
        Member::HardLink("root/same", "root/bin/tool"),
    ]);
    let said = forged.fetch(0);
    assert_eq!(fs::read(forged.to().join("tool")).unwrap(), b"#!/bin/sh\n");
    assert_eq!(fs::canonicalize(forged.to().join("bin/all")).unwrap(), fs::canonicalize(forged.to()).unwrap());
    assert!(said.contains("landing/tool/bin/tool") && said.contains("landing/tool/tool"), "{said}");
}

#[test]
fn an_archive_without_its_program_is_refused_and_what_was_there_stays() {
    let read_me = Member::File("root/README.md", 0o644, b"read me");
    Forged::archive(&[read_me]).refused("lacks the program `tool`");
    Forged::archive(&[]).refused("lacks the program `tool`");
    Forged::archive(&[Member::Folder("root/tool/"), Member::File("root/tool/x", 0o755, b"x")]).refused("lacks the program `tool`");
    Forged::archive(&[Member::File("root/tool", 0o644, b"x"), PROGRAM2]).refused("root/tool is not executable");
    Forged::archive(&[Member::Symlink("root/tool", "none"), PROGRAM2]).refused("is a link that leads to no file");
    Forged::archive(&[Member::Symlink("root/tool", "tool"), PROGRAM2]).refused("is a link that leads to no file");
    Forged::archive(&[Member::Symlink("root/tool", "bin"), PROGRAM, PROGRAM2]).fetch(0);
    Forged::archive(&[Member::Symlink("root/tool", "."), PROGRAM2]).refused("is no file");
    // What there was before is what there is after.
    let forged = Forged::archive(&[PROGRAM]);
    forged.fetch(0);
    let hostile = Forged::archive(&[PROGRAM2]);
    fs::remove_dir_all(forged.registry()).unwrap();
    fs::rename(hostile.registry(), forged.registry()).unwrap();
    assert!(forged.fetch(4).contains("lacks the program `tool`"));
    assert!(forged.to().join("bin/tool").is_file());
}

/// Beside the root folder, so that paths are told whole.
const PROGRAM2: Member<'static> = Member::File("other", 0o755, b"x");

#[test]
fn a_program_is_one_where_users_look_for_it() {
    let empty = Member::File("root/tool", 0o755, b"");
    let of_windows = Member::File("root/tool.exe", 0o755, b"x");
    Forged::archive(&[empty, Member::File("root/README.md", 0o644, b"x")]).refused("tool is empty");
    Forged::archive(&[of_windows, Member::File("root/README.md", 0o644, b"x")]).refused("lacks the program `tool`");
}
