//! The gate of NIFs: a library that trips each rule and it alone, and a healthy one that trips none.
#![allow(clippy::unwrap_used, reason = "the functions beside the tests are tests too")]

mod elf_builder;

use elf_builder::{AARCH64, Elf, exported, healthy, imported, library};
use plimsoll_inspect::{Code, Finding, Policy, judge_nif_bytes};
use plimsoll_model::{GlibcVersion, NifVersion};

const GNU: &str = "x86_64-unknown-linux-gnu";
const MUSL: &str = "x86_64-unknown-linux-musl";
const V2_15: NifVersion = NifVersion::new(2, 15);

/// A NIF as Rustler makes it, for 2.15.
fn nif() -> Elf {
    let mut elf = Elf { soname: None, ..library() };
    let names = ["enif_alloc_env", "enif_make_badarg", "enif_term_type"];
    elf.symbols.extend(names.map(|name| imported(name, None)));
    elf.symbols.extend([exported("nif_init"), exported("counter_nif_init")]);
    elf
}

/// The same for musl.
fn musl() -> Elf {
    let symbols = nif().symbols.into_iter().filter(|symbol| symbol.version.is_none()).collect();
    Elf { needed: vec!["libc.so".to_owned()], versions: vec![], symbols, ..nif() }
}

fn findings(elf: &Elf, triple: &str, version: NifVersion) -> Vec<Finding> {
    let floor = triple.ends_with("gnu").then_some(GlibcVersion::new(2, 28));
    judge_nif_bytes(&elf.build(), &Policy::for_nif(&triple.parse().unwrap(), floor), version).unwrap().1
}

fn only(elf: &Elf, triple: &str) -> Finding {
    let mut found = findings(elf, triple, V2_15);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

fn without(elf: Elf, name: &str) -> Elf {
    Elf { symbols: elf.symbols.into_iter().filter(|symbol| symbol.name != name).collect(), ..elf }
}

#[test]
fn a_healthy_nif_passes_for_its_version_and_above() {
    for (elf, triple) in [(nif(), GNU), (musl(), MUSL)] {
        assert_eq!(findings(&elf, triple, V2_15), []);
        assert_eq!(findings(&elf, triple, NifVersion::new(2, 18)), []);
    }
}

#[test]
fn a_library_without_the_way_in_is_refused() {
    let finding = only(&without(nif(), "nif_init"), GNU);
    assert_eq!((finding.code, finding.message.as_str()), (Code::NoNifInit, "exports no `nif_init`, so the BEAM finds no way in"));
    // Rustler's other name for it does not count.
    assert!(nif().symbols.iter().any(|symbol| symbol.name == "counter_nif_init"));
}

#[test]
fn a_nif_that_asks_for_more_than_its_name_says_is_refused() {
    let mut elf = nif();
    elf.symbols.extend(["enif_set_option", "enif_make_new_atom"].map(|name| imported(name, None)));
    let finding = only(&elf, GNU);
    assert_eq!(finding.code, Code::NifVersion);
    assert_eq!(
        finding.message,
        "calls enif_make_new_atom, enif_set_option, which the BEAM has since NIF 2.17 (OTP 26), and is shipped for 2.15"
    );
    assert!(finding.hint.contains("feature for NIF 2.15"), "{}", finding.hint);
    assert_eq!(findings(&elf, GNU, NifVersion::new(2, 17)), []);
}

#[test]
fn functions_that_no_beam_has_are_refused() {
    let mut elf = nif();
    elf.symbols.push(imported("enif_make_everything", None));
    let finding = only(&elf, GNU);
    assert_eq!((finding.code, finding.message.as_str()), (Code::UnknownNifFunction, "calls enif_make_everything, which no BEAM has"));
}

#[test]
fn an_executable_is_no_nif() {
    let elf = Elf { symbols: nif().symbols, ..healthy() };
    assert_eq!(only(&elf, GNU).code, Code::NotLoadable);
}

#[test]
fn libraries_come_from_the_host_only() {
    let elf = Elf { needed: vec!["libc.so.6".into(), "libsqlite3.so.0".into()], ..nif() };
    let finding = only(&elf, GNU);
    assert_eq!(
        (finding.code, finding.message.as_str()),
        (Code::MissingLibrary, "needs libsqlite3.so.0, which neither the host nor the artifact provides")
    );
    let finding = only(&Elf { needed: vec!["libgcc_s.so.1".into(), "libc.so".into()], ..musl() }, MUSL);
    assert_eq!((finding.code, finding.message.as_str()), (Code::MissingLibrary, "needs libgcc_s.so.1, which stock Alpine does not have"));
    let elf = Elf { needed: vec!["libgcc_s.so.1".into(), "libc.so.6".into()], ..nif() };
    assert_eq!(findings(&elf, GNU, V2_15), []);
}

#[test]
fn a_library_of_another_machine_is_the_only_finding() {
    let elf = Elf { machine: AARCH64, ..without(nif(), "nif_init") };
    assert_eq!(only(&elf, GNU).message, "is for aarch64, not for x86_64");
}
