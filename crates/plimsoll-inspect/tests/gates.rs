//! Each gate: a file that trips it and it alone, and a healthy one that trips none.
#![allow(clippy::unwrap_used, reason = "the functions beside the tests are tests too")]

mod elf_builder;

use elf_builder::{AARCH64, EXEC, Elf, MUSL_LOADER, READ, RUN, WRITE, healthy, imported, library, static_pie};
use plimsoll_inspect::{Code, ExpectedLinkage, Finding, Policy, inspect, judge, judge_bytes};
use plimsoll_model::GlibcVersion;

fn policy_for(triple: &str, linkage: ExpectedLinkage) -> Policy {
    let floor = triple.ends_with("gnu").then_some(GlibcVersion::new(2, 28));
    Policy::for_target(&triple.parse().unwrap(), linkage, floor)
}

fn gnu() -> Policy {
    policy_for("x86_64-unknown-linux-gnu", ExpectedLinkage::Any)
}

fn musl() -> Elf {
    Elf { interpreter: Some(MUSL_LOADER), needed: vec!["libc.so".to_owned()], versions: vec![], symbols: vec![], ..healthy() }
}

fn musl_policy(linkage: ExpectedLinkage) -> Policy {
    policy_for("x86_64-unknown-linux-musl", linkage)
}

/// The one finding; anything else fails the test.
fn only(elf: &Elf, policy: &Policy) -> Finding {
    let mut findings = judge_bytes(&elf.build(), policy).unwrap().1;
    assert_eq!(findings.len(), 1, "{findings:?}");
    findings.remove(0)
}

fn only_code(elf: &Elf, policy: &Policy) -> Code {
    only(elf, policy).code
}

fn codes(elf: &Elf, policy: &Policy) -> Vec<Code> {
    judge_bytes(&elf.build(), policy).unwrap().1.into_iter().map(|finding| finding.code).collect()
}

#[test]
fn healthy_files_pass() {
    for elf in [healthy(), library(), Elf { kind: EXEC, ..healthy() }] {
        assert_eq!(codes(&elf, &gnu()), []);
        assert_eq!(codes(&elf, &policy_for("x86_64-unknown-linux-gnu", ExpectedLinkage::Dynamic)), []);
    }
    assert_eq!(codes(&static_pie(), &musl_policy(ExpectedLinkage::StaticOnly)), []);
    assert_eq!(codes(&musl(), &musl_policy(ExpectedLinkage::Any)), []);
}

#[test]
fn another_machine_class_or_format_is_the_only_finding() {
    let finding = only(&Elf { machine: AARCH64, needed: vec!["libfoo.so".into()], ..healthy() }, &gnu());
    assert_eq!((finding.code, finding.message.as_str()), (Code::WrongMachine, "is for aarch64, not for x86_64"));
    let finding = only(&Elf { is_64: false, ..healthy() }, &gnu());
    assert_eq!((finding.code, finding.message.as_str()), (Code::WrongClass, "has 32 bits, not 64"));
    let finding = only(&healthy(), &policy_for("x86_64-pc-windows-msvc", ExpectedLinkage::Any));
    assert_eq!((finding.code, finding.message.as_str()), (Code::WrongFormat, "is ELF, and x86_64-pc-windows-msvc loads PE"));
    assert_eq!(only_code(&Elf { is_big: true, machine: AARCH64, ..healthy() }, &gnu()), Code::WrongMachine);
}

#[test]
fn static_that_is_not() {
    let finding = only(&healthy(), &musl_policy(ExpectedLinkage::StaticOnly));
    assert_eq!(finding.code, Code::NotStatic);
    assert_eq!(
        finding.message,
        "is promised static and is a dynamic executable: it is loaded by /lib64/ld-linux-x86-64.so.2 and needs libm.so.6, libc.so.6"
    );
    assert_eq!(
        only_code(&Elf { interpreter: None, needed: vec![], ..library() }, &musl_policy(ExpectedLinkage::StaticOnly)),
        Code::NotStatic
    );
}

#[test]
fn dynamic_that_is_static_and_files_that_nothing_loads() {
    let dynamic = policy_for("x86_64-unknown-linux-gnu", ExpectedLinkage::Dynamic);
    assert_eq!(only_code(&static_pie(), &dynamic), Code::NotDynamic);
    assert_eq!(only_code(&Elf { kind: 1, ..healthy() }, &gnu()), Code::NotLoadable);
}

#[test]
fn a_loader_of_the_other_libc_or_of_a_build_machine_is_refused() {
    assert_eq!(only_code(&Elf { needed: vec![], versions: vec![], symbols: vec![], ..musl() }, &gnu()), Code::UnexpectedInterpreter);
    let finding = only(&Elf { needed: vec![], ..healthy() }, &musl_policy(ExpectedLinkage::Any));
    assert_eq!(finding.code, Code::UnexpectedInterpreter);
    assert!(finding.message.contains("/lib64/ld-linux-x86-64.so.2") && finding.message.contains(MUSL_LOADER), "{}", finding.message);
    assert_eq!(
        only_code(&Elf { interpreter: Some("/nix/store/x/ld-linux-x86-64.so.2"), ..healthy() }, &gnu()),
        Code::UnexpectedInterpreter
    );
    assert_eq!(only_code(&Elf { interpreter: None, ..healthy() }, &gnu()), Code::UnexpectedInterpreter);
}

#[test]
fn a_library_that_nobody_provides_is_missing() {
    let elf = Elf { needed: vec!["libc.so.6".into(), "libonnxruntime.so.1".into()], ..healthy() };
    let finding = only(&elf, &gnu());
    assert_eq!(finding.message, "needs libonnxruntime.so.1, which neither the host nor the artifact provides");
    assert_eq!(
        (finding.code, finding.hint.starts_with("link it statically") && !finding.hint.contains("bundle")),
        (Code::MissingLibrary, true)
    );
    assert_eq!(codes(&elf, &Policy { bundled: vec!["libonnxruntime.so.1".into()], ..gnu() }), []);
    let finding = only(&Elf { needed: vec!["/build/libx.so".into()], ..healthy() }, &gnu());
    assert!(finding.message.contains("by its path"), "{}", finding.message);
    let finding = only(&Elf { needed: vec!["libc.musl-x86_64.so.1".into()], ..healthy() }, &gnu());
    assert!(finding.message.contains("musl's"), "{}", finding.message);
    let finding = only(&Elf { needed: vec!["libc.so.6".into()], ..musl() }, &musl_policy(ExpectedLinkage::Any));
    assert!(finding.message.contains("glibc's"), "{}", finding.message);
    assert_eq!(
        only_code(&Elf { needed: vec!["libgcc_s.so.1".into()], ..musl() }, &musl_policy(ExpectedLinkage::Any)),
        Code::MissingLibrary
    );
}

#[test]
fn a_floor_that_is_too_high_names_version_symbol_and_library() {
    let mut elf = healthy();
    elf.versions[0].1.extend([("GLIBC_2.34".to_owned(), false), ("GLIBC_2.36".to_owned(), false)]);
    elf.symbols.extend([imported("arc4random", Some("GLIBC_2.36")), imported("pthread_create", Some("GLIBC_2.34"))]);
    let finding = only(&elf, &gnu());
    assert_eq!(finding.code, Code::FloorTooHigh);
    assert_eq!(finding.message, "needs GLIBC_2.36 (arc4random from libc.so.6), above the floor 2.28");
    assert!(finding.hint.starts_with("set glibc = \"2.36\" or lower the demand: "), "{}", finding.hint);
    assert!(finding.hint.ends_with("also above the floor: GLIBC_2.34 (pthread_create from libc.so.6)"), "{}", finding.hint);
    assert_eq!(codes(&elf, &Policy { glibc_floor: Some(GlibcVersion::new(2, 36)), ..gnu() }), []);
    assert_eq!(codes(&elf, &Policy { glibc_floor: None, ..gnu() }), [], "measured, not judged");
}

#[test]
fn floors_hold_for_weak_symbols_markers_and_libstdcxx() {
    let with = |name: &str, weak| {
        let mut elf = healthy();
        elf.versions[0].1.push((name.to_owned(), weak));
        elf
    };
    assert_eq!(only_code(&with("GLIBC_2.39", true), &gnu()), Code::FloorTooHigh);
    let message = only(&with("GLIBC_ABI_DT_RELR", false), &gnu()).message;
    assert_eq!(message, "needs GLIBC_ABI_DT_RELR (from libc.so.6), above the floor 2.28");
    assert_eq!(only_code(&with("GLIBC_ABI_OF_TOMORROW", false), &gnu()), Code::FloorTooHigh);
    assert_eq!(only_code(&Elf { relr: true, ..healthy() }, &gnu()), Code::FloorTooHigh);
    let mut cxx = healthy();
    cxx.versions.push(("libstdc++.so.6", vec![("GLIBCXX_3.4.24".to_owned(), false)]));
    assert_eq!(codes(&cxx, &gnu()), []);
    cxx.versions[1].1.push(("GLIBCXX_3.4.30".to_owned(), false));
    let finding = only(&cxx, &gnu());
    assert!(finding.message.starts_with("needs GLIBCXX_3.4.30 (from libstdc++.so.6), above GLIBCXX_3.4.24"), "{}", finding.message);
    assert_eq!(codes(&cxx, &Policy { bundled: vec!["libstdc++.so.6".into()], ..gnu() }), []);
}

#[test]
fn unversioned_private_and_host_symbols() {
    let with = |symbol: &str| {
        let mut elf = healthy();
        elf.symbols.push(imported(symbol, None));
        elf
    };
    let finding = only(&with("__isoc23_strtoll"), &gnu());
    assert_eq!(finding.message, "uses __isoc23_strtoll without a version, which glibc has since 2.38 only, above the floor 2.28");
    assert_eq!(finding.code, Code::UnversionedSymbol);
    assert_eq!(codes(&with("__isoc23_strtoll"), &Policy { glibc_floor: Some(GlibcVersion::new(2, 38)), ..gnu() }), []);
    let musl_with = Elf { versions: vec![], ..with("__isoc23_strtoll") };
    let musl_with = Elf {
        interpreter: Some(MUSL_LOADER),
        needed: vec!["libc.so".into()],
        symbols: vec![imported("__isoc23_sscanf", None)],
        ..musl_with
    };
    assert_eq!(only_code(&musl_with, &musl_policy(ExpectedLinkage::Any)), Code::UnversionedSymbol);
    let mut private = healthy();
    private.versions[0].1.push(("GLIBC_PRIVATE".to_owned(), false));
    assert_eq!(only_code(&private, &gnu()), Code::PrivateSymbol);
    assert_eq!(only_code(&with("enif_make_atom"), &gnu()), Code::UnexpectedImport);
    assert_eq!(codes(&with("enif_make_atom"), &Policy { allowed_imports: vec!["enif_".into()], ..gnu() }), []);
    let python = Elf { needed: vec!["libpython3.11.so.1.0".into()], ..with("Py_Initialize") };
    assert_eq!(codes(&python, &Policy { bundled: vec!["libpython3.11.so.1.0".into()], ..gnu() }), []);
}

#[test]
fn search_paths_begin_at_the_file_itself() {
    for path in ["/usr/lib", "lib", "$ORIGIN/../lib:/opt/x", "$ORIGINAL", "$ORIGIN:"] {
        assert_eq!(only_code(&Elf { runpath: Some(path), ..healthy() }, &gnu()), Code::AbsoluteSearchPath, "{path}");
        assert_eq!(only_code(&Elf { rpath: Some(path), ..library() }, &gnu()), Code::AbsoluteSearchPath, "{path}");
    }
    assert_eq!(codes(&Elf { runpath: Some("$ORIGIN:${ORIGIN}/../lib"), ..healthy() }, &gnu()), []);
    let climbing = |path: &'static str| Elf { runpath: Some(path), ..healthy() };
    let finding = only(&climbing("$ORIGIN/../../../tmp"), &gnu());
    let message = "searches libraries in $ORIGIN/../../../tmp (RUNPATH), which leads 3 folders up, where the artifact has 1 above the file";
    assert_eq!((finding.code, finding.message.as_str()), (Code::AbsoluteSearchPath, message));
    let at_the_top = Policy { folders_above: 0, ..gnu() };
    let finding = only(&climbing("$ORIGIN/../lib"), &at_the_top);
    assert!(finding.message.ends_with("which leads 1 folder up, where the artifact has none above the file"), "{}", finding.message);
    assert_eq!(codes(&climbing("$ORIGIN/lib/.."), &at_the_top), []);
    assert_eq!(codes(&climbing("$ORIGIN/../../../lib"), &Policy { folders_above: 3, ..gnu() }), []);
}

#[test]
fn stack_segments_and_relocations() {
    assert_eq!(only_code(&Elf { stack: Some(READ | WRITE | RUN), ..healthy() }, &gnu()), Code::ExecStack);
    assert_eq!(only_code(&Elf { stack: None, ..library() }, &gnu()), Code::ExecStack);
    assert_eq!(codes(&Elf { stack: None, ..musl() }, &musl_policy(ExpectedLinkage::Any)), [], "musl never makes its stack executable");
    assert_eq!(only_code(&Elf { segment_flags: READ | WRITE | RUN, ..healthy() }, &gnu()), Code::WritableExecutable);
    assert_eq!(only_code(&Elf { segment_flags: READ | WRITE | RUN, ..static_pie() }, &gnu()), Code::WritableExecutable);
    assert_eq!(only_code(&Elf { textrel: true, ..healthy() }, &gnu()), Code::TextRelocations);
    assert_eq!(only_code(&Elf { flags: 4 | 8, ..healthy() }, &gnu()), Code::TextRelocations);
}

#[test]
fn leaked_paths_name_folder_and_offset() {
    let elf = Elf { extra: b"\0/home/ann/work/src/main.rs\0".to_vec(), ..healthy() };
    assert_eq!(codes(&elf, &gnu()), [], "somebody's home may be an example in a help text");
    let policy = Policy { forbidden_paths: vec!["/home/ann/work".into()], ..gnu() };
    let finding = only(&elf, &policy);
    assert_eq!(finding.code, Code::LeakedPath);
    assert!(
        finding.message.starts_with("contains a path of the machine that built it: /home/ann/work/src/main.rs at 0x"),
        "{}",
        finding.message
    );
    let elf = Elf { extra: b"\0/home/bob/.cargo/registry/src/x-1.0/lib.rs\0".to_vec(), ..healthy() };
    let finding = only(&elf, &gnu());
    assert!(finding.message.contains("somebody's toolchain"), "{}", finding.message);
    assert_eq!(codes(&elf, &Policy { allow_generic_leaks: true, ..gnu() }), []);
    assert_eq!(only_code(&elf, &Policy { forbidden_paths: vec!["/home/bob".into()], ..gnu() }), Code::LeakedPath, "reported once");
    assert!(judge(&inspect(&elf.build()).unwrap(), &policy).is_empty(), "facts alone know of no leak");
}

#[test]
fn a_policy_survives_json() {
    let policy = Policy { forbidden_paths: vec!["/w".into()], ..gnu() };
    let json = serde_json::to_string(&policy).unwrap();
    assert_eq!(serde_json::from_str::<Policy>(&json).unwrap(), policy);
}
