//! What is read from sound Mach-O files, of both classes and byte orders, and what is said of broken signatures.
#![allow(clippy::unwrap_used, reason = "the functions beside the tests are tests too")]

mod macho_builder;

use macho_builder::{
    ARM64, ARM64E, CODE, DYLIB, I386, LAZY, LOAD, Macho, OBJECT, REEXPORT, SHA1, SHA256, SHA256_TRUNCATED, SHA384, WEAK, X86_64, hash,
    healthy, intel, library, universal, version,
};
use plimsoll_inspect::{
    CodeSignature, ExecStack, Facts, InspectError, LibraryUse, Linkage, MachoFacts, inspect, measured_macos, measured_system,
    system_reasons,
};

fn facts(macho: &Macho) -> Facts {
    inspect(&macho.build()).unwrap()
}

fn own(macho: &Macho) -> MachoFacts {
    facts(macho).macho.unwrap()
}

fn signature(bytes: &[u8]) -> CodeSignature {
    inspect(bytes).unwrap().macho.unwrap().signature.unwrap()
}

fn fault(bytes: &[u8]) -> String {
    signature(bytes).faults.join("; ")
}

#[test]
fn every_class_and_byte_order_tells_the_same() {
    let reference = facts(&healthy());
    assert_eq!((reference.machine.as_str(), reference.class, reference.linkage, reference.pie), ("aarch64", 64, Linkage::Dynamic, true));
    assert_eq!(reference.interpreter.as_deref(), Some("/usr/lib/dyld"));
    assert_eq!(reference.needed, ["/usr/lib/libSystem.B.dylib"]);
    assert_eq!((reference.exec_stack, reference.stripped), (ExecStack::NonExecutable, true));
    assert_eq!(reference.build_id.as_deref(), Some("ab".repeat(16).as_str()));
    for (is_64, is_big) in [(true, true), (false, false), (false, true)] {
        let mut found = facts(&Macho { is_64, is_big, ..healthy() });
        assert_eq!(found.class, if is_64 { 64 } else { 32 });
        (found.class, found.endianness) = (reference.class, reference.endianness);
        // The header is part of what is signed.
        let signature = &mut found.macho.as_mut().unwrap().signature;
        assert!(signature.as_ref().unwrap().faults.is_empty());
        signature.clone_from(&reference.macho.as_ref().unwrap().signature);
        assert_eq!(found, reference, "{is_64} {is_big}");
    }
}

#[test]
fn processors_and_kinds_have_names() {
    let of = |macho: Macho| facts(&macho).machine;
    assert_eq!(of(intel()), "x86_64");
    assert_eq!(of(Macho { cpu: (X86_64.0, 8), ..intel() }), "x86_64h");
    assert_eq!(of(Macho { cpu: ARM64E, ..healthy() }), "arm64e");
    assert_eq!(of(Macho { cpu: I386, is_64: false, ..intel() }), "i686");
    assert_eq!(of(Macho { cpu: (99, 0), ..intel() }), "unknown-99");
    assert_eq!(facts(&library()).linkage, Linkage::SharedObject);
    assert_eq!(facts(&Macho { kind: OBJECT, ..healthy() }).linkage, Linkage::Relocatable);
    assert_eq!(facts(&Macho { loader: None, ..healthy() }).linkage, Linkage::Static);
    assert_eq!(own(&Macho { kind: 77, ..healthy() }).file_type, "unknown-77");
}

#[test]
fn names_versions_and_paths_are_read() {
    let libraries = [(LOAD, "/usr/lib/libSystem.B.dylib"), (WEAK, "@rpath/libweak.dylib"), (REEXPORT, "/a"), (LAZY, "/b")];
    let found = own(&Macho {
        libraries: libraries.map(|(command, name)| (command, name.to_owned())).to_vec(),
        rpaths: vec!["@loader_path/../lib", "/opt/lib"],
        environment: vec!["DYLD_LIBRARY_PATH=/x"],
        ..library()
    });
    let name = found.install_name.unwrap();
    assert_eq!(
        (name.name.as_str(), name.current_version.to_string(), name.compatibility_version.to_string()),
        ("@rpath/libown.dylib", "1.2".to_owned(), "1.0".to_owned())
    );
    assert_eq!(
        found.libraries.iter().map(|library| library.usage).collect::<Vec<_>>(),
        [LibraryUse::Required, LibraryUse::Weak, LibraryUse::Reexported, LibraryUse::Lazy]
    );
    assert_eq!(found.libraries[0].current_version.to_string(), "1359.0");
    assert_eq!(
        (found.rpaths.as_slice(), found.loader_environment.as_slice()),
        (&["@loader_path/../lib".to_owned(), "/opt/lib".to_owned()][..], &["DYLD_LIBRARY_PATH=/x".to_owned()][..])
    );
}

#[test]
fn the_minimum_is_read_from_either_command() {
    let found = facts(&Macho { builds: vec![], version_min: Some((version(10, 13) + 6, version(14, 0))), ..intel() });
    let demand = &found.macho.as_ref().unwrap().platforms[0];
    assert_eq!(
        (demand.platform.as_str(), demand.minimum.to_string(), demand.sdk.to_string()),
        ("macos", "10.13.6".to_owned(), "14.0".to_owned())
    );
    assert_eq!(system_reasons(&found), ["LC_VERSION_MIN_MACOSX, with SDK 14.0"]);
    let found = facts(&Macho { builds: vec![(2, version(14, 0), version(17, 0)), (1, version(11, 0), version(14, 2))], ..library() });
    assert_eq!(measured_system(&found).unwrap().to_string(), "macOS 11.0", "iOS has numbers of its own");
    assert_eq!(measured_macos(&facts(&Macho { builds: vec![], ..healthy() })), None);
}

#[test]
fn exports_and_flat_imports_are_found_wherever_they_stand() {
    let found = facts(&Macho { exports: vec!["_nif_init", "_PyInit_own", "_PyInit_", "_other", "_nif_init2"], ..library() });
    assert_eq!(found.entry_points, ["PyInit_own", "nif_init"]);
    for macho in [
        Macho { imports: vec![("_printf", 1), ("_enif_x", 0xfe), ("_other", 0xff)], ..library() },
        Macho { bound_flat: vec!["_enif_x", "_other"], ..library() },
        Macho { chained_flat: vec!["_other", "_enif_x"], ..library() },
        Macho { chained_flat: vec!["_other", "_enif_x"], is_big: true, is_64: false, ..library() },
    ] {
        let found = facts(&macho);
        assert_eq!(found.host_imports, ["enif_x"]);
        assert_eq!(found.macho.unwrap().flat_imports, ["enif_x", "other"]);
    }
    let flat = own(&Macho { flags: 0, ..library() });
    assert_eq!((flat.two_level, flat.flat_imports.as_slice()), (false, &["printf".to_owned()][..]));
}

#[test]
fn names_are_refused_where_not_all_of_them_could_be_kept() {
    let names = (0..65_537).map(|number| &*format!("_enif_{number}").leak()).collect::<Vec<_>>();
    let kept = own(&Macho { bound_flat: names[1..].to_vec(), ..library() }).flat_imports;
    assert_eq!(kept.len(), 65_536);
    let in_the_table = names.iter().map(|name| (*name, 0xfe)).collect();
    for macho in [
        Macho { bound_flat: names.clone(), ..library() },
        Macho { chained_flat: names.clone(), ..library() },
        Macho { imports: in_the_table, ..library() },
    ] {
        let error = inspect(&macho.build()).unwrap_err();
        assert_eq!(error.to_string(), "more than 65536 symbols that no library is named for");
    }
}

#[test]
fn debug_information_names_its_objects() {
    let found = facts(&Macho { object_files: vec!["/build/a.o"], ..healthy() });
    assert!(found.debug_info);
    assert_eq!(found.macho.unwrap().object_files, ["/build/a.o"]);
}

#[test]
fn a_signature_is_described_and_its_hashes_are_computed() {
    let found = signature(&Macho { requirements: Some(b"r".to_vec()), info_plist: Some(b"<plist/>"), ..healthy() }.build());
    assert_eq!((found.adhoc, found.identifier.as_str(), found.faults.len()), (true, "org.plimsoll.test", 0));
    let directory = &found.directories[0];
    assert_eq!((directory.hash.as_str(), directory.pages_verified, directory.pages, directory.parts_verified), ("sha256", 3, 3, 2));
    assert_eq!((found.cdhash.len(), directory.version.as_str(), directory.page_size), (40, "0x20400", 4096));
    for kind in [SHA1, SHA256, SHA256_TRUNCATED, SHA384] {
        assert_eq!(fault(&Macho { hashes: vec![kind], ..healthy() }.build()), "", "{kind}");
    }
    let two = signature(&Macho { hashes: vec![SHA1, SHA256], ..healthy() }.build());
    assert_eq!((two.directories.len(), two.cdhash == two.directories[1].cdhash, two.faults.len()), (2, true, 0), "the stronger one counts");
    for page_shift in [0, 14] {
        assert_eq!(fault(&Macho { page_shift, ..healthy() }.build()), "");
    }
    let signed = signature(&Macho { signing_flags: 0, certificate: Some(vec![0x30; 64]), ..healthy() }.build());
    assert_eq!(
        (signed.adhoc, signed.faults.len(), signed.unchecked.as_slice()),
        (false, 0, &["the certificate that it is signed with".to_owned()][..])
    );
}

#[test]
fn any_changed_byte_of_code_is_told_by_its_page() {
    let bytes = healthy().build();
    let with = |at: usize| {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        changed
    };
    assert_eq!(fault(&with(CODE + 5)), "the sha256 of the page at 0x1000, of 3, is not that of its bytes");
    assert_eq!(fault(&with(CODE - 1)), "the sha256 of the page at 0x0, of 3, is not that of its bytes");
    let two = Macho { hashes: vec![SHA1, SHA256], ..healthy() }.build();
    let mut changed = two.clone();
    changed[CODE] ^= 1;
    assert_eq!(signature(&changed).faults.len(), 2, "each directory finds it");
    let mut only_second = two;
    let stated = hash(SHA256, &only_second[CODE..CODE + 0x1000]);
    let at = only_second.windows(32).position(|window| window == stated).unwrap();
    only_second[at] ^= 1;
    assert_eq!(fault(&only_second), "the sha256 of the page at 0x1000, of 3, is not that of its bytes");
}

#[test]
fn what_is_not_covered_or_cannot_be_checked_is_a_fault() {
    let bytes = healthy().build();
    let behind = [bytes.clone(), vec![0; 7]].concat();
    assert_eq!(fault(&behind), "7 bytes follow the signature, and nothing covers them");
    let directory = bytes.windows(4).position(|window| window == [0xfa, 0xde, 0x0c, 0x02]).unwrap();
    let with = |at: usize, value: &[u8]| {
        let mut changed = bytes.clone();
        changed[directory + at..directory + at + value.len()].copy_from_slice(value);
        fault(&changed)
    };
    assert!(with(32, &0x1000_u32.to_be_bytes()).starts_with("its hashes cover 0x1000 bytes, and the signature begins at 0x"));
    assert_eq!(with(28, &2_u32.to_be_bytes()), "it has hashes of 2 pages, and there are 3");
    assert_eq!(with(37, &[9]), "it has hashes of the kind 9, which cannot be checked");
    assert_eq!(with(36, &[20]), "its sha256 hashes have 20 bytes, not 32");
    assert_eq!(with(39, &[1]), "its pages have 2^1 bytes, which no kernel takes");
    assert_eq!(with(44, &[1]), "its pages are scattered, which cannot be checked");
    assert_eq!(with(12, &[0, 0, 0, 0]), "it is neither ad hoc nor signed with a certificate");
    assert_eq!(with(16, &u32::MAX.to_be_bytes()), "its hashes of pages lie outside of the directory");
    assert_eq!(with(0, &[0]), "a directory of hashes is cut off, or is none");
    let mut no_list = bytes.clone();
    let from = bytes.windows(4).position(|window| window == [0xfa, 0xde, 0x0c, 0xc0]).unwrap();
    no_list[from] = 0;
    assert_eq!(fault(&no_list), "the signature is no list of blobs, or is cut off");
    let requirements = Macho { requirements: Some(b"needed".to_vec()), ..healthy() }.build();
    let mut changed = requirements.clone();
    let length = changed.len();
    changed[length - 1] ^= 1;
    assert_eq!(fault(&changed), "the sha256 of its requirements is not that of their bytes");
}

#[test]
fn every_slice_of_a_universal_file_is_read() {
    let both = [(X86_64, intel().build()), (ARM64, healthy().build())];
    let found = inspect(&universal(&both)).unwrap();
    assert_eq!((found.machine.as_str(), found.linkage, found.needed.len()), ("universal", Linkage::Dynamic, 1));
    assert_eq!(found.slices.iter().map(|slice| slice.machine.as_str()).collect::<Vec<_>>(), ["x86_64", "aarch64"]);
    assert_eq!(found.slices[1], facts(&healthy()), "a slice is read as a file of its own");
    assert_eq!(measured_macos(&found).unwrap().to_string(), "11.0");
    assert_eq!(system_reasons(&found), ["LC_BUILD_VERSION of its aarch64 slice, with SDK 14.2"]);
    assert_eq!(serde_json::from_str::<Facts>(&serde_json::to_string(&found).unwrap()).unwrap(), found);
    let refused = |bytes: &[u8], words: &str| {
        let error = inspect(bytes).unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    };
    let twice = [(X86_64, intel().build()), (X86_64, intel().build())];
    refused(&universal(&twice), "another slice for the same processor");
    refused(&universal(&[(ARM64, intel().build())]), "another processor than the table says");
    refused(&universal(&[(ARM64, vec![0; 64])]), "magic number");
    let sound = universal(&both);
    let with = |at: usize, word: u32| {
        let mut bytes = sound.clone();
        bytes[at..at + 4].copy_from_slice(&word.to_be_bytes());
        bytes
    };
    refused(&with(36, 0x4000), "overlaps");
    refused(&with(16, 4), "overlaps");
    refused(&with(20, u32::MAX), "cut off");
    refused(&with(24, 31), "alignment");
    assert_eq!(inspect(&with(4, u32::MAX)), Err(InspectError::Unrecognised), "as many as a Java class has versions");
}

#[test]
fn what_is_there_twice_or_points_outside_is_refused() {
    let refused = |macho: &Macho, words: &str| {
        let error = inspect(&macho.build()).unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    };
    refused(
        &Macho { builds: vec![], kind: DYLIB, install_name: Some("@rpath/x"), libraries: vec![(0xd, "@rpath/y".to_owned())], ..healthy() },
        "another of its kind",
    );
    let bytes = healthy().build();
    for length in [31, 40, 200, 0x1000, bytes.len() - 1] {
        assert!(inspect(&bytes[..length]).is_err(), "{length}");
    }
}
