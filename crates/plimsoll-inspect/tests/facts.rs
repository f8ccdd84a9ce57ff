//! What is read from sound ELF files, of both classes and byte orders, and from the test program itself.
#![allow(clippy::unwrap_used, reason = "the functions beside the tests are tests too")]

mod elf_builder;

use elf_builder::{AARCH64, Count, DF_1_PIE, EXEC, Elf, READ, RUN, WRITE, exported, healthy, imported, library, static_pie};
use plimsoll_inspect::{ExecStack, Facts, InspectError, Linkage, Relro, inspect, measured_floor};
use plimsoll_model::GlibcVersion;

fn facts(elf: &Elf) -> Facts {
    inspect(&elf.build()).unwrap()
}

#[test]
fn every_class_and_byte_order_and_way_to_count_symbols_tells_the_same() {
    let reference = facts(&healthy());
    assert_eq!(reference.needed, ["libm.so.6", "libc.so.6"]);
    assert_eq!(reference.floors["GLIBC"].version.to_string(), "2.28");
    assert_eq!(reference.floors["GLIBC"].symbols, ["fcntl64"]);
    assert_eq!(reference.floors["GLIBC"].library, "libc.so.6");
    assert_eq!(reference.build_id.as_deref(), Some("ab".repeat(20).as_str()));
    for (is_64, is_big) in [(true, false), (true, true), (false, false), (false, true)] {
        for count in [Count::Hash, Count::EmptyGnuHashAndRelocations, Count::Section] {
            let mut found = facts(&Elf { is_64, is_big, count, ..healthy() });
            assert_eq!((found.class, found.endianness == reference.endianness), (if is_64 { 64 } else { 32 }, !is_big));
            (found.class, found.endianness) = (reference.class, reference.endianness);
            assert_eq!(found, reference, "{is_64} {is_big} {count:?}");
        }
    }
}

#[test]
fn linkage_is_decided_from_all_signs_together() {
    let of = |elf: Elf| facts(&elf).linkage;
    assert_eq!(of(healthy()), Linkage::Dynamic);
    assert_eq!(of(library()), Linkage::SharedObject);
    assert_eq!(of(Elf { needed: vec![], ..library() }), Linkage::SharedObject, "a library without NEEDED is not static-pie");
    assert_eq!(of(static_pie()), Linkage::StaticPie);
    assert_eq!(of(Elf { kind: EXEC, interpreter: None, has_dynamic: false, ..healthy() }), Linkage::Static);
    assert_eq!(of(Elf { kind: EXEC, ..healthy() }), Linkage::Dynamic);
    assert_eq!(of(Elf { needed: vec![], ..healthy() }), Linkage::Dynamic, "a loader is needed all the same");
    assert_eq!(of(Elf { interpreter: None, ..healthy() }), Linkage::Dynamic, "a PIE that names no loader is not static");
    assert_eq!(of(Elf { flags_1: 0, ..healthy() }), Linkage::Dynamic, "old linkers set no DF_1_PIE");
    assert_eq!(of(Elf { flags_1: 0, soname: Some("libc.so.6"), ..healthy() }), Linkage::SharedObject, "as libc itself");
    assert_eq!(of(Elf { kind: 1, ..healthy() }), Linkage::Relocatable);
    assert_eq!(of(Elf { kind: 4, ..healthy() }), Linkage::Core);
    assert!(facts(&static_pie()).pie && !facts(&library()).pie && !facts(&Elf { kind: EXEC, ..healthy() }).pie);
}

#[test]
fn weak_symbols_and_unused_versions_set_the_floor() {
    let mut weak = healthy();
    weak.versions[0].1.push(("GLIBC_2.39".to_owned(), true));
    weak.symbols.push(elf_builder::Symbol { weak: true, ..imported("pidfd_spawnp", Some("GLIBC_2.39")) });
    let found = facts(&weak);
    assert_eq!(found.floors["GLIBC"].symbols, ["pidfd_spawnp"]);
    assert_eq!(measured_floor(&found), Some(GlibcVersion::new(2, 39)));
    let mut unused = healthy();
    unused.versions.push(("libm.so.6", vec![("GLIBC_2.35".to_owned(), false)]));
    let found = facts(&unused);
    assert_eq!((found.floors["GLIBC"].library.as_str(), found.floors["GLIBC"].symbols.len()), ("libm.so.6", 0));
    assert_eq!(measured_floor(&found), Some(GlibcVersion::new(2, 35)));
}

#[test]
fn each_prefix_has_its_floor_and_names_without_numbers_are_kept_aside() {
    let mut elf = healthy();
    let names = ["GLIBCXX_3.4.9", "GLIBCXX_3.4.29", "GLIBC_PRIVATE", "GLIBC_ABI_DT_RELR", "OPENSSL_1_1_1d"];
    elf.versions.push(("libmixed.so.1", names.map(|name| (name.to_owned(), false)).to_vec()));
    let found = facts(&elf);
    assert_eq!(found.floors.keys().collect::<Vec<_>>(), ["GLIBC", "GLIBCXX"]);
    assert_eq!(found.floors["GLIBCXX"].version.to_string(), "3.4.29");
    assert_eq!(found.demands.len(), 2 + names.len());
    assert_eq!(measured_floor(&found), Some(GlibcVersion::new(2, 36)), "DT_RELR");
}

#[test]
fn the_first_dozen_symbols_are_named_and_all_are_counted() {
    let mut elf = healthy();
    elf.symbols.extend((0..40).rev().map(|n| imported(&format!("s{n:02}"), Some("GLIBC_2.28"))));
    let found = facts(&elf);
    let symbols = &found.floors["GLIBC"].symbols;
    assert_eq!((symbols.len(), symbols[0].as_str(), symbols[11].as_str()), (12, "fcntl64", "s10"));
    assert_eq!(found.demands[1].symbol_count, 41);
}

#[test]
fn symbols_of_interest_are_listed() {
    let mut elf = library();
    elf.symbols.extend([exported("nif_init"), exported("PyInit_core"), exported("other"), exported("enif_own")]);
    elf.symbols.extend([imported("enif_make_atom", None), imported("_Py_Dealloc", None), imported("nif_init2", None)]);
    elf.symbols.extend([imported("__isoc23_strtol", None), imported("__isoc23_sscanf", Some("GLIBC_2.28"))]);
    let found = facts(&elf);
    assert_eq!(found.entry_points, ["PyInit_core", "nif_init"]);
    assert_eq!(found.host_imports, ["_Py_Dealloc", "enif_make_atom"]);
    assert_eq!(found.unversioned_new_symbols, ["__isoc23_strtol"]);
    assert_eq!(measured_floor(&found), Some(GlibcVersion::new(2, 38)));
}

#[test]
fn protections_are_read() {
    let found = facts(&healthy());
    assert_eq!((found.exec_stack, found.relro, found.bind_now), (ExecStack::NonExecutable, Relro::Full, true));
    assert_eq!((found.writable_executable_segments, found.textrel, found.relr), (0, false, false));
    let found = facts(&Elf {
        stack: Some(READ | WRITE | RUN),
        flags: 4,
        flags_1: DF_1_PIE,
        segment_flags: READ | WRITE | RUN,
        relr: true,
        ..healthy()
    });
    assert_eq!((found.exec_stack, found.relro, found.bind_now), (ExecStack::Executable, Relro::Partial, false));
    assert_eq!((found.writable_executable_segments, found.textrel, found.relr), (1, true, true));
    assert_eq!(facts(&Elf { stack: None, relro: false, ..healthy() }).exec_stack, ExecStack::Missing);
    assert_eq!(facts(&Elf { relro: false, ..healthy() }).relro, Relro::None);
    assert!(facts(&Elf { textrel: true, ..healthy() }).textrel);
}

#[test]
fn search_paths_are_split_and_names_read() {
    let found = facts(&Elf { rpath: Some("/a:$ORIGIN"), runpath: Some("b::"), machine: AARCH64, ..library() });
    assert_eq!((found.rpath, found.runpath), (vec!["/a".into(), "$ORIGIN".into()], vec!["b".into(), String::new(), String::new()]));
    assert_eq!((found.soname.as_deref(), found.machine.as_str()), (Some("libown.so.1"), "aarch64"));
    assert!(facts(&Elf { rpath: Some(""), ..library() }).rpath.is_empty());
}

#[test]
fn a_file_that_is_cut_off_or_garbage_says_where() {
    let bytes = healthy().build();
    assert_eq!(inspect(b"#!/bin/sh"), Err(InspectError::Unrecognised));
    let message = |bytes: &[u8]| inspect(bytes).unwrap_err().to_string();
    assert_eq!(message(&bytes[..40]), "the ELF header at offset 0x0 is cut off: the file has 40 bytes");
    assert_eq!(message(&bytes[..100]), "the program header table at offset 0x40 is cut off: the file has 100 bytes");
    let cut = bytes.len() - 1;
    assert_eq!(message(&bytes[..cut]), format!("the loaded segment at offset 0x0 is cut off: the file has {cut} bytes"));
    let mut odd = bytes.clone();
    odd[54] = 55;
    assert!(message(&odd).contains("program header table at offset 0x40 is malformed"), "{}", message(&odd));
    let mut class = bytes;
    class[4] = 7;
    assert!(message(&class).contains("neither 32 nor 64"));
}

#[test]
fn tables_without_measure_are_refused() {
    let mut elf = healthy();
    elf.versions = (0..5000).map(|_| ("libc.so.6", vec![("GLIBC_2.2.5".to_owned(), false)])).collect();
    assert!(matches!(inspect(&elf.build()), Err(InspectError::TooMany { limit: 4096, .. })));
    let elf = Elf { needed: (0..5000).map(|n| format!("lib{n}.so")).collect(), ..healthy() };
    assert!(matches!(inspect(&elf.build()), Err(InspectError::TooMany { .. })));
    let elf = Elf { needed: vec!["x".repeat(5000)], ..healthy() };
    assert!(matches!(inspect(&elf.build()), Err(InspectError::Malformed { what: "dynamic table", .. })));
}

#[test]
fn json_survives_the_round_trip_and_fields_of_another_version() {
    let found = facts(&healthy());
    let mut json = serde_json::to_value(&found).unwrap();
    assert_eq!(json["exec_stack"], "non_executable");
    assert_eq!(json["floors"]["GLIBC"]["version"], "2.28");
    json["new_field"] = 1.into();
    json["linkage"] = "of_tomorrow".into();
    json.as_object_mut().unwrap().remove("relro");
    let read: Facts = serde_json::from_value(json).unwrap();
    assert_eq!(read, Facts { linkage: Linkage::Unknown, relro: Relro::None, ..found });
}

/// The test program is an ELF file only where the tests run on such a system.
#[cfg(target_os = "linux")]
#[test]
fn the_program_itself_is_read_the_same_without_section_headers() {
    let mut bytes = std::fs::read(std::env::current_exe().unwrap()).unwrap();
    let whole = inspect(&bytes).unwrap();
    assert!(matches!(whole.linkage, Linkage::Dynamic | Linkage::Static | Linkage::StaticPie));
    if whole.class == 64 {
        bytes[40..48].fill(0);
        bytes[60..64].fill(0);
        let stripped = inspect(&bytes).unwrap();
        assert!(stripped.stripped && !whole.stripped);
        assert_eq!(stripped.demands, whole.demands);
        assert_eq!(stripped.needed, whole.needed);
    }
}
