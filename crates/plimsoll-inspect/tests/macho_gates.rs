//! Each gate for macOS: a file that trips it and it alone, and a healthy one that trips none.
#![allow(clippy::unwrap_used, reason = "the functions beside the tests are tests too")]

mod macho_builder;

use macho_builder::{
    ARM64, ARM64E, BUNDLE, CODE, I386, LOAD, Macho, OBJECT, PIE, STACK_EXECUTION, TWO_LEVEL, WEAK, X86_64, healthy, intel, library,
    universal, version,
};
use plimsoll_inspect::{Code, ExpectedLinkage, Finding, Policy, judge_bytes};

fn policy_for(triple: &str) -> Policy {
    Policy::for_target(&triple.parse().unwrap(), ExpectedLinkage::Any, None)
}

fn arm() -> Policy {
    policy_for("aarch64-apple-darwin")
}

fn findings(bytes: &[u8], policy: &Policy) -> Vec<Finding> {
    judge_bytes(bytes, policy).unwrap().1
}

/// The one finding; anything else fails the test.
fn only(macho: &Macho, policy: &Policy) -> Finding {
    let mut findings = findings(&macho.build(), policy);
    assert_eq!(findings.len(), 1, "{findings:?}");
    findings.remove(0)
}

fn is(macho: &Macho, code: Code, message: &str) {
    let finding = only(macho, &arm());
    assert_eq!((finding.code, finding.message.as_str()), (code, message));
    assert!(!finding.hint.is_empty());
}

#[test]
fn healthy_files_pass() {
    for macho in [healthy(), library(), Macho { rpaths: vec!["@loader_path", "@executable_path/../lib"], ..healthy() }] {
        assert_eq!(findings(&macho.build(), &arm()), []);
    }
    assert_eq!(findings(&intel().build(), &policy_for("x86_64-apple-darwin")), [], "no signature is needed there");
    assert_eq!(findings(&universal(&[(X86_64, intel().build()), (ARM64, healthy().build())]), &arm()), []);
}

#[test]
fn another_processor_or_platform() {
    is(&intel(), Code::WrongMachine, "is for x86_64, not for aarch64");
    is(&Macho { cpu: ARM64E, ..healthy() }, Code::WrongMachine, "is for arm64e, not for aarch64");
    is(&Macho { builds: vec![(2, version(11, 0), version(14, 0))], ..healthy() }, Code::WrongPlatform, "is built for ios, not for macOS");
    is(&Macho { builds: vec![], ..healthy() }, Code::WrongPlatform, "names neither a platform nor a minimum (no LC_BUILD_VERSION)");
    is(&Macho { kind: OBJECT, ..healthy() }, Code::NotLoadable, "is an object file: neither an executable nor a library");
    let others = universal(&[(X86_64, intel().build()), (I386, Macho { cpu: I386, is_64: false, ..intel() }.build())]);
    let found = findings(&others, &arm());
    assert_eq!((found.len(), found[0].message.as_str()), (1, "holds slices for x86_64, i686, and none for aarch64"));
}

#[test]
fn a_minimum_above_the_floor() {
    let macho = Macho { builds: vec![(1, version(15, 0), version(15, 0))], ..healthy() };
    is(&macho, Code::FloorTooHigh, "needs macOS 15.0 (LC_BUILD_VERSION), above the floor 11.0");
    let policy = arm().with_macos_floor(Some("15".parse().unwrap()));
    assert_eq!(findings(&macho.build(), &policy), []);
    let old_and_new = [(1, version(11, 0), version(15, 0)), (1, version(15, 0), version(15, 0))];
    for builds in [old_and_new.to_vec(), old_and_new.into_iter().rev().collect()] {
        is(&Macho { builds, ..healthy() }, Code::FloorTooHigh, "needs macOS 15.0 (LC_BUILD_VERSION), above the floor 11.0");
    }
    let in_either_command = Macho { version_min: Some((version(12, 0), version(14, 0))), ..healthy() };
    is(&in_either_command, Code::FloorTooHigh, "needs macOS 12.0 (LC_VERSION_MIN_MACOSX), above the floor 11.0");
    let intel = Macho { builds: vec![], version_min: Some((version(10, 13), version(14, 0))), ..intel() };
    let finding = only(&intel, &policy_for("x86_64-apple-darwin"));
    assert_eq!(finding.message, "needs macOS 10.13 (LC_VERSION_MIN_MACOSX), above the floor 10.12");
    assert!(finding.hint.contains("MACOSX_DEPLOYMENT_TARGET=10.12"));
}

#[test]
fn an_install_name_of_the_machine_that_built_it() {
    let finding = only(&Macho { install_name: Some("/build/target/deps/libown.dylib"), ..library() }, &arm());
    assert_eq!(finding.code, Code::AbsoluteInstallName);
    assert_eq!(finding.message, "has the install name /build/target/deps/libown.dylib, where programs that link it will look for it");
    for name in ["libown.dylib", "target/libown.dylib", "@rpathological/x", "/usr/local/lib/libown.dylib"] {
        assert_eq!(only(&Macho { install_name: Some(name), ..library() }, &arm()).code, Code::AbsoluteInstallName, "{name}");
    }
    let message = "is a library without an install name (LC_ID_DYLIB), which no loader takes";
    is(&Macho { install_name: None, ..library() }, Code::AbsoluteInstallName, message);
    assert_eq!(only(&Macho { install_name: Some("@rpath/x"), ..healthy() }, &arm()).code, Code::AbsoluteInstallName);
}

#[test]
fn libraries_of_the_system_and_bundled_ones_only() {
    let with = |command: u32, name: &str| Macho { libraries: vec![(command, name.to_owned())], ..healthy() };
    let needs = |name: &str| {
        let finding = only(&with(LOAD, name), &arm());
        assert_eq!(finding.code, Code::MissingLibrary, "{name}");
        finding.message
    };
    assert_eq!(needs("@rpath/libonnx.dylib"), "needs @rpath/libonnx.dylib, which neither macOS nor the artifact provides");
    assert!(needs("/opt/homebrew/lib/libz.dylib").contains("by its path"));
    assert!(needs("/usr/lib/../../opt/libz.dylib").contains("by its path"));
    assert!(needs("libz.dylib").contains("by its path"));
    assert!(only(&with(WEAK, "/usr/local/lib/libz.dylib"), &arm()).message.contains("(weakly)"));
    assert_eq!(findings(&with(LOAD, "/System/Library/Frameworks/Metal.framework/Versions/A/Metal").build(), &arm()), []);
    let policy = Policy { bundled: vec!["libonnx.dylib".into()], ..arm() };
    for name in ["@rpath/libonnx.dylib", "@loader_path/../lib/libonnx.dylib"] {
        assert_eq!(findings(&with(LOAD, name).build(), &policy), []);
    }
    assert_eq!(only(&with(LOAD, "/opt/libonnx.dylib"), &policy).code, Code::MissingLibrary, "bundled, and not looked for there");
    let finding = only(&Macho { rpaths: vec![], ..with(LOAD, "@rpath/libonnx.dylib") }, &policy);
    assert_eq!(finding.message, "needs @rpath/libonnx.dylib, and has no search path (LC_RPATH)");
    let library = Macho { rpaths: vec![], libraries: vec![(LOAD, "@rpath/libonnx.dylib".to_owned())], ..library() };
    for kind in [library.kind, BUNDLE] {
        let install_name = library.install_name.filter(|_| kind != BUNDLE);
        let finding = only(&Macho { kind, install_name, ..library.clone() }, &policy);
        assert!(finding.message.ends_with("has no search path (LC_RPATH)"), "{}", finding.message);
    }
}

#[test]
fn a_bundled_library_lies_in_the_artifact() {
    let policy = Policy { bundled: vec!["libz.dylib".into()], ..arm() };
    let with = |name: &str, path: &'static str| Macho { libraries: vec![(LOAD, name.to_owned())], rpaths: vec![path], ..healthy() };
    for (name, path, up) in [
        ("@loader_path/../../../opt/libz.dylib", "@loader_path", 3),
        ("@executable_path/a/../../../libz.dylib", "@loader_path", 2),
        ("@rpath/../../libz.dylib", "@loader_path", 2),
        ("@rpath/../libz.dylib", "@loader_path/..", 2),
    ] {
        let finding = only(&with(name, path), &policy);
        let message = format!("needs {name}, which leads {up} folders up, where the artifact has 1 above the file");
        assert_eq!((finding.code, finding.message), (Code::MissingLibrary, message));
    }
    for (name, path) in [
        ("@rpath/../libz.dylib", "@loader_path"),
        ("@rpath/libz.dylib", "@loader_path/.."),
        ("@loader_path/../lib/libz.dylib", "@loader_path"),
    ] {
        assert_eq!(findings(&with(name, path).build(), &policy), [], "{name} {path}");
    }
}

#[test]
fn search_paths_begin_at_the_file_or_the_program() {
    for path in ["/opt/lib", "lib", "@loader_pathological", "@rpath/x", ""] {
        let finding = only(&Macho { rpaths: vec![path], ..healthy() }, &arm());
        assert_eq!(finding.code, Code::AbsoluteSearchPath, "{path}");
    }
    for path in ["@loader_path/../../../../tmp", "@executable_path/lib/../../.."] {
        let finding = only(&Macho { rpaths: vec![path], ..healthy() }, &arm());
        assert_eq!(finding.code, Code::AbsoluteSearchPath, "{path}");
        assert!(finding.message.contains("folders up, where the artifact has 1 above the file"), "{}", finding.message);
    }
    let one_up = Macho { rpaths: vec!["@loader_path/../lib"], ..healthy() };
    assert_eq!(only(&one_up, &Policy { folders_above: 0, ..arm() }).code, Code::AbsoluteSearchPath);
    let finding = only(&Macho { environment: vec!["DYLD_LIBRARY_PATH=/x"], ..healthy() }, &arm());
    assert_eq!(finding.message, "changes where the loader searches: DYLD_LIBRARY_PATH=/x (LC_DYLD_ENVIRONMENT)");
}

#[test]
fn a_signature_where_one_is_needed_and_a_valid_one_everywhere() {
    is(&Macho { hashes: vec![], ..healthy() }, Code::Unsigned, "has no code signature, and macOS on aarch64 runs nothing without one");
    let message = "has a code signature that is not valid: the sha256 of the page at 0x1000, of 3, is not that of its bytes";
    for (macho, policy) in [(healthy(), arm()), (Macho { hashes: vec![2], ..intel() }, policy_for("x86_64-apple-darwin"))] {
        let mut bytes = macho.build();
        bytes[CODE + 9] ^= 0x40;
        let found = findings(&bytes, &policy);
        assert_eq!((found.len(), found[0].code, found[0].message.as_str()), (1, Code::InvalidSignature, message));
    }
    let mut fat = universal(&[(X86_64, intel().build()), (ARM64, healthy().build())]);
    assert_eq!(findings(&fat, &policy_for("x86_64-apple-darwin")), [], "no other macOS than 11.0 loads the other slice");
    let slice = fat.windows(4).rposition(|window| window == [0xcf, 0xfa, 0xed, 0xfe]).unwrap();
    fat[slice + CODE] ^= 1;
    let found = findings(&fat, &policy_for("x86_64-apple-darwin"));
    assert_eq!((found.len(), found[0].code), (1, Code::InvalidSignature));
    assert!(found[0].message.starts_with("in its aarch64 slice: has a code signature that is not valid"), "{}", found[0].message);
}

#[test]
fn memory_lookup_and_encryption() {
    is(&Macho { protection: 7, ..healthy() }, Code::WritableExecutable, "loads a segment that can be written and executed at once");
    is(
        &Macho { flags: PIE | TWO_LEVEL | STACK_EXECUTION, ..healthy() },
        Code::ExecStack,
        "asks for an executable stack (MH_ALLOW_STACK_EXECUTION)",
    );
    is(&Macho { flags: TWO_LEVEL, ..healthy() }, Code::FixedAddress, "is always loaded at the same address (no MH_PIE)");
    is(&Macho { encryption: 1, ..healthy() }, Code::Encrypted, "is encrypted (LC_ENCRYPTION_INFO), so that nothing is known of its code");
    is(&Macho { flags: PIE, ..healthy() }, Code::UnexpectedImport, "looks up every symbol in all that is loaded (no MH_TWOLEVEL)");
    let flat = Macho { bound_flat: vec!["_sqlite3_open"], ..library() };
    is(&flat, Code::UnexpectedImport, "needs symbols of whatever loads it (sqlite3_open), and names no library that has it");
    let nif = Macho { bound_flat: vec!["_enif_make_int"], ..library() };
    is(&nif, Code::UnexpectedImport, "needs a host's symbols (enif_make_int), and is not loaded by a program that has it");
    assert_eq!(findings(&nif.build(), &Policy { allowed_imports: vec!["enif_".into()], ..arm() }), []);
    is(
        &Macho { loader: Some("/opt/dyld"), ..healthy() },
        Code::UnexpectedInterpreter,
        "is loaded by /opt/dyld; for aarch64-apple-darwin it is /usr/lib/dyld",
    );
}

#[test]
fn paths_of_the_machine_that_built_it() {
    let macho = Macho { object_files: vec!["/build/a.o", "/build/b.o"], ..healthy() };
    is(&macho, Code::LeakedPath, "names object files of the machine that linked it (N_OSO): /build/a.o and 1 more");
    let macho = Macho { extra: b"\0/Users/ann/.cargo/registry/src/x-1.0/lib.rs\0".to_vec(), ..healthy() };
    assert!(only(&macho, &arm()).message.contains("somebody's toolchain"));
    let macho = Macho { extra: b"\0/work/x/src/main.rs\0".to_vec(), ..healthy() };
    assert_eq!(only(&macho, &Policy { forbidden_paths: vec!["/work/x".into()], ..arm() }).code, Code::LeakedPath);
}
