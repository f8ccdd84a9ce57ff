//! What is read from sound PE files of both classes, and what is said of broken ones.
#![allow(clippy::unwrap_used, reason = "the functions beside the tests are tests too")]

mod pe_builder;

use pe_builder::{ARM64, DLL, DYNAMIC_BASE, EXECUTABLE, GUARD_CF, GUI, HEADER, I386, NATIVE, NX, Pe, RELOCS_STRIPPED, healthy, library};
use plimsoll_inspect::{Checksum, Facts, InspectError, Linkage, PeFacts, Subsystem, inspect, measured_system, system_reasons};

fn facts(pe: &Pe) -> Facts {
    inspect(&pe.build()).unwrap()
}

fn own(pe: &Pe) -> PeFacts {
    facts(pe).pe.unwrap()
}

#[test]
fn both_classes_tell_the_same() {
    let reference = facts(&healthy());
    assert_eq!((reference.machine.as_str(), reference.class, reference.linkage, reference.pie), ("x86_64", 64, Linkage::Dynamic, true));
    assert_eq!(reference.needed, ["KERNEL32.dll", "api-ms-win-crt-heap-l1-1-0.dll"]);
    let mut found = facts(&Pe { is_64: false, ..healthy() });
    assert_eq!(found.class, 32);
    found.class = 64;
    assert_eq!(found, reference);
    assert_eq!(facts(&Pe { machine: I386, is_64: false, ..healthy() }).machine, "i686");
    assert_eq!(facts(&Pe { machine: ARM64, ..healthy() }).machine, "aarch64");
    assert_eq!(facts(&Pe { machine: 7, ..healthy() }).machine, "unknown-7");
    assert_eq!(facts(&library()).linkage, Linkage::SharedObject);
    assert_eq!(facts(&Pe { characteristics: 0x20, ..healthy() }).linkage, Linkage::Unknown);
}

#[test]
fn imports_are_read_by_library_delayed_ones_too() {
    let found = own(&Pe { delayed: vec![("USER32.dll", vec!["MessageBoxA"])], ..healthy() });
    assert_eq!(found.imports[0].symbols, ["ExitProcess", "#7"]);
    assert_eq!((found.imports[0].delayed, found.imports[0].symbol_count), (false, 2));
    let delayed = found.imports.last().unwrap();
    assert_eq!(
        (delayed.library.as_str(), delayed.delayed, delayed.symbols.as_slice()),
        ("USER32.dll", true, &["MessageBoxA".to_owned()][..])
    );
    assert_eq!(found.c_runtimes, ["ucrt"]);
    let many = vec!["f"; 5000];
    let found = own(&Pe { imports: vec![("a.dll", many)], ..healthy() });
    assert_eq!((found.imports[0].symbols.len(), found.imports[0].symbol_count), (2048, 5000));
    assert!(own(&Pe { imports: vec![], ..healthy() }).imports.is_empty());
}

#[test]
fn exports_entry_points_and_forwards() {
    let found = facts(&Pe { exports: vec![("nif_init", None), ("PyInit_own", None), ("there", Some("other.function"))], ..library() });
    assert_eq!(found.entry_points, ["PyInit_own", "nif_init"]);
    let own = found.pe.unwrap();
    assert_eq!(
        (own.exports.len(), own.forwards.as_slice(), own.export_name.as_deref()),
        (3, &["other.function".to_owned()][..], Some("own.dll"))
    );
    assert!(own.dll);
}

#[test]
fn protections_and_subsystems_follow_from_flags() {
    let found = own(&healthy());
    assert!(found.aslr && found.nx && found.high_entropy && !found.guard_cf);
    let found = own(&Pe { flags: GUARD_CF, ..healthy() });
    assert!(!found.aslr && !found.nx && !found.high_entropy && found.guard_cf);
    assert!(!own(&Pe { characteristics: EXECUTABLE | RELOCS_STRIPPED, ..healthy() }).aslr, "nothing to relocate it with");
    assert_eq!(own(&Pe { subsystem: GUI, ..healthy() }).subsystem, Subsystem::Gui);
    assert_eq!(own(&Pe { subsystem: NATIVE, ..healthy() }).subsystem, Subsystem::Native);
    assert_eq!(own(&Pe { subsystem: 10, ..healthy() }).subsystem, Subsystem::Efi);
    assert_eq!(own(&Pe { subsystem: 99, ..healthy() }).subsystem, Subsystem::Other);
    assert_eq!(facts(&Pe { code_flags: 0xe000_0020, ..healthy() }).writable_executable_segments, 1);
    let _ = (DLL, DYNAMIC_BASE, NX);
}

#[test]
fn the_floor_is_the_highest_of_the_header_and_the_imports() {
    type Import = (&'static str, &'static str);
    let floor = |subsystem_version, imports: &[Import], delayed: &[Import]| {
        let of = |imports: &[Import]| imports.iter().map(|(library, symbol)| (*library, vec![*symbol])).collect();
        let found = facts(&Pe { subsystem_version, imports: of(imports), delayed: of(delayed), ..healthy() });
        (measured_system(&found).unwrap().to_string(), system_reasons(&found).join("; "))
    };
    let is = |found: (String, String), version: &str, reason: &str| assert_eq!(found, (version.to_owned(), reason.to_owned()));
    let header = "the subsystem's version in its header";
    let old = ("KERNEL32.dll", "ExitProcess");
    is(floor((6, 2), &[old], &[]), "Windows 6.2", header);
    let prng = ("bcryptprimitives.dll", "ProcessPrng");
    is(floor((6, 0), &[old, prng], &[]), "Windows 10.0", "ProcessPrng from bcryptprimitives.dll");
    is(floor((10, 0), &[prng], &[]), "Windows 10.0", &format!("{header}; ProcessPrng from bcryptprimitives.dll"));
    is(floor((11, 0), &[prng], &[]), "Windows 11.0", header);
    is(floor((6, 0), &[old], &[prng]), "Windows 6.0", header);
    is(floor((6, 0), &[("kernel32", "SetThreadDescription")], &[]), "Windows 10.0.14393", "SetThreadDescription from kernel32");
}

#[test]
fn no_number_of_imports_hides_what_sets_a_floor() {
    let mut many = vec!["f"; 5000];
    many.extend(["SetThreadDescription"; 3]);
    let found = facts(&Pe { imports: vec![("KERNEL32.dll", many)], ..healthy() });
    assert_eq!(measured_system(&found).unwrap().to_string(), "Windows 10.0.14393");
    let import = &found.pe.unwrap().imports[0];
    assert_eq!((import.symbols.len(), import.symbol_count), (2049, 5003));
}

#[test]
fn every_forward_is_kept() {
    let exports = (0..9000).map(|number| (&*format!("f{number}").leak(), Some(&*format!("library{number}.f").leak()))).collect();
    assert_eq!(own(&Pe { exports, ..library() }).forwards.len(), 9000);
}

#[test]
fn checksum_signature_overlay_and_debug_record() {
    let found = own(&healthy());
    assert_eq!(
        (found.checksum, found.signature_size, found.overlay, found.pdb.as_deref()),
        (Checksum::Absent, None, 0, Some("program.pdb"))
    );
    for overlay in [vec![], vec![1, 2, 3]] {
        let found = own(&Pe { checksum: true, signature: 64, overlay: overlay.clone(), ..healthy() });
        assert_eq!((found.checksum, found.signature_size, found.overlay), (Checksum::Valid, Some(64), overlay.len() as u64));
    }
    let mut bytes = Pe { checksum: true, ..healthy() }.build();
    bytes[0x410] ^= 1;
    assert_eq!(inspect(&bytes).unwrap().pe.unwrap().checksum, Checksum::Wrong);
    assert_eq!(facts(&healthy()).build_id.unwrap(), format!("{}01000000", "cd".repeat(16)));
}

#[test]
fn headers_and_tables_that_lead_out_of_the_file_are_refused() {
    let bytes = healthy().build();
    for length in [70, HEADER + 30, HEADER + 200, 0x3ff, 0x500] {
        let error = inspect(&bytes[..length]).unwrap_err();
        assert!(matches!(error, InspectError::Truncated { .. } | InspectError::Unrecognised), "{length}: {error}");
    }
    let with = |at: usize, value: &[u8]| {
        let mut changed = bytes.clone();
        changed[HEADER + at..HEADER + at + value.len()].copy_from_slice(value);
        inspect(&changed).unwrap_err().to_string()
    };
    assert!(with(24, &[7, 7]).contains("neither PE32 nor PE32+"));
    // The import directory is the second of the optional header's.
    assert!(with(24 + 112 + 8, &0x7fff_0000_u32.to_le_bytes()).contains("import table"));
    assert!(with(24 + 112 + 8, &0x2001_u32.to_le_bytes()).contains("import table"));
    assert!(with(24 + 112, &0x7fff_0000_u32.to_le_bytes()).contains("export table"));
    assert!(with(24 + 112 + 32, &[0xff; 8]).contains("table of signatures"));
    assert!(with(6, &[0xff, 0xff]).contains("section"));
}
