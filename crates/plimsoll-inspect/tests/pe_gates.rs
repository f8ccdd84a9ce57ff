//! Each gate for Windows: a file that trips it and it alone, and a healthy one that trips none.
#![allow(clippy::unwrap_used, reason = "the functions beside the tests are tests too")]

mod pe_builder;

use pe_builder::{ARM64, EXECUTABLE, GUI, HIGH_ENTROPY, I386, NATIVE, NX, Pe, RELOCS_STRIPPED, healthy, library};
use plimsoll_inspect::{Code, ExpectedLinkage, Finding, Policy, Subsystem, judge_bytes};

fn windows() -> Policy {
    Policy::for_target(&"x86_64-pc-windows-gnu".parse().unwrap(), ExpectedLinkage::Any, None)
}

fn findings(pe: &Pe, policy: &Policy) -> Vec<Finding> {
    judge_bytes(&pe.build(), policy).unwrap().1
}

/// The one finding; anything else fails the test.
fn only(pe: &Pe, policy: &Policy) -> Finding {
    let mut findings = findings(pe, policy);
    assert_eq!(findings.len(), 1, "{findings:?}");
    findings.remove(0)
}

fn is(pe: &Pe, code: Code, message: &str) {
    let finding = only(pe, &windows());
    assert_eq!((finding.code, finding.message.as_str()), (code, message));
    assert!(!finding.hint.is_empty());
}

#[test]
fn healthy_files_pass() {
    for pe in [healthy(), library(), Pe { checksum: true, signature: 64, ..healthy() }, Pe { subsystem: GUI, ..healthy() }] {
        assert_eq!(findings(&pe, &windows()), []);
    }
}

#[test]
fn another_machine_class_or_kind() {
    is(&Pe { machine: ARM64, ..healthy() }, Code::WrongMachine, "is for aarch64, not for x86_64");
    is(&Pe { machine: I386, is_64: false, ..healthy() }, Code::WrongMachine, "is for i686, not for x86_64");
    is(&Pe { is_64: false, ..healthy() }, Code::WrongClass, "has 32 bits, not 64");
    is(&Pe { characteristics: 0x20, ..healthy() }, Code::NotLoadable, "is of an unknown kind: neither an executable nor a library");
}

#[test]
fn libraries_of_windows_and_bundled_ones_only() {
    let with = |library: &'static str| Pe { imports: vec![("kernel32.DLL", vec!["f"]), (library, vec!["g"])], ..healthy() };
    for library in ["libgcc_s_seh-1.dll", "libwinpthread-1.dll", "VCRUNTIME140.dll", "MSVCP140.dll", "libstdc++-6.dll"] {
        let finding = only(&with(library), &windows());
        assert_eq!(finding.code, Code::MissingLibrary);
        assert_eq!(finding.message, format!("needs {library}, a compiler's runtime that Windows does not come with"));
        assert_eq!(findings(&with(library), &Policy { bundled: vec![library.to_uppercase()], ..windows() }), []);
    }
    is(&with("onnxruntime"), Code::MissingLibrary, "needs onnxruntime, which neither Windows nor the artifact provides");
    is(&with("onnxruntime.dll"), Code::MissingLibrary, "needs onnxruntime.dll, which neither Windows nor the artifact provides");
    is(&with("C:\\build\\x.dll"), Code::MissingLibrary, "needs C:\\build\\x.dll by its path");
    for library in ["WS2_32.dll", "api-ms-win-core-synch-l1-2-0.dll", "bcryptprimitives.dll", "UCRTBASE.DLL"] {
        assert_eq!(findings(&with(library), &windows()), [], "{library}");
    }
    for library in ["KERNEL32", "user32", "api-ms-win-core-file-l1-1-0"] {
        assert_eq!(findings(&with(library), &windows()), [], "Windows completes {library}");
    }
    for library in ["api-ms-win-evil", "api-ms-win-evil.dll", "ext-ms-evil.dll", "synchronization.dll", "kernel32.", "kernel32.exe"] {
        let message = format!("needs {library}, which neither Windows nor the artifact provides");
        is(&with(library), Code::MissingLibrary, &message);
    }
    for library in ["api-ms-win-x\\..\\..\\evil.dll", "api-ms-win-x/../evil-l1-1-0.dll", "..\\kernel32", "c:kernel32.dll"] {
        let finding = only(&with(library), &Policy { bundled: vec![library.to_owned()], ..windows() });
        assert_eq!((finding.code, finding.message), (Code::MissingLibrary, format!("needs {library} by its path")));
    }
    let delayed = Pe { delayed: vec![("libcrypto-3-x64.dll", vec!["f"])], ..healthy() };
    assert_eq!(only(&delayed, &windows()).code, Code::MissingLibrary, "it is needed later");
    let forwarded = Pe { exports: vec![("f", Some("elsewhere.f"))], ..library() };
    is(&forwarded, Code::MissingLibrary, "needs elsewhere.dll, which neither Windows nor the artifact provides");
}

#[test]
fn what_some_editions_lack_is_loaded_when_it_is_first_used() {
    for library in ["MFPlat.DLL", "mf", "ext-ms-win-ntuser-window-l1-1-0.dll"] {
        let eager = Pe { imports: vec![(library, vec!["f"])], ..healthy() };
        let message = format!("needs {library} when it is loaded, and some editions of Windows do not have it");
        is(&eager, Code::MissingLibrary, &message);
        let delayed = Pe { delayed: vec![(library, vec!["f"])], ..healthy() };
        assert_eq!(findings(&delayed, &windows()), [], "{library}");
        let both = Pe { delayed: vec![(library, vec!["g"])], ..eager };
        is(&both, Code::MissingLibrary, &message);
    }
    let forwarded = Pe { exports: vec![("f", Some("mfplat.f"))], ..library() };
    assert_eq!(only(&forwarded, &windows()).code, Code::MissingLibrary);
}

#[test]
fn what_comes_with_a_driver_is_loaded_when_it_is_first_used() {
    for library in ["vulkan-1.dll", "nvcuda", "OpenCL.dll"] {
        let eager = Pe { imports: vec![(library, vec!["f"])], ..healthy() };
        let message = format!("needs {library} when it is loaded, and only some drivers bring it");
        is(&eager, Code::MissingLibrary, &message);
        let delayed = Pe { delayed: vec![(library, vec!["f"])], ..healthy() };
        assert_eq!(findings(&delayed, &windows()), [], "{library}");
        is(&Pe { delayed: vec![(library, vec!["g"])], ..eager }, Code::MissingLibrary, &message);
    }
}

/// A forward may be followed at once, whatever is imported later.
#[test]
fn a_forward_is_not_delayed() {
    let pe = Pe { exports: vec![("f", Some("mfplat.f"))], delayed: vec![("mfplat.dll", vec!["g"])], ..library() };
    assert_eq!(only(&pe, &windows()).code, Code::MissingLibrary);
}

/// As many forwards and libraries as a file may have: they take no time that grows with their product, and are not told one by one.
#[test]
fn many_faults_of_one_kind_are_counted() {
    const FORWARDS: usize = 60_000;
    const LIBRARIES: usize = 4000;
    let text = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
    let exports = (0..FORWARDS).map(|index| (text(format!("f{index}")), Some(text(format!("forward{index}.f"))))).collect();
    let imports = (0..LIBRARIES).map(|index| (text(format!("import{index}.dll")), vec!["f"])).collect();
    let bytes = Pe { exports, imports, ..library() }.build();
    let from = std::time::Instant::now();
    let found = judge_bytes(&bytes, &windows()).unwrap().1;
    assert!(from.elapsed().as_secs() < 20, "{:?}", from.elapsed());
    assert!(found.len() < 100 && found.iter().all(|finding| finding.code == Code::MissingLibrary), "{}", found.len());
    let more = FORWARDS + LIBRARIES - (found.len() - 1);
    assert_eq!(found.last().unwrap().message, format!("has still more faults of this kind (missing-library): {more}"));
}

#[test]
fn subsystem_and_minimum() {
    is(&Pe { subsystem: NATIVE, ..healthy() }, Code::WrongSubsystem, "runs in the native subsystem, and should in console or GUI");
    let console = Policy { subsystems: vec![Subsystem::Console], ..windows() };
    let finding = only(&Pe { subsystem: GUI, ..healthy() }, &console);
    assert_eq!((finding.code, finding.message.as_str()), (Code::WrongSubsystem, "runs in the GUI subsystem, and should in console"));
    let message = "needs Windows 10.1 (the subsystem's version in its header), above the floor 10.0.19045";
    let pe = Pe { subsystem_version: (10, 1), ..healthy() };
    is(&pe, Code::FloorTooHigh, message);
    // Linkers take two numbers and no build.
    let hint = |pe: &Pe| only(pe, &windows()).hint;
    assert_eq!(hint(&pe), "link it with `/SUBSYSTEM:CONSOLE,10.0` or `--major-subsystem-version`");
    assert_eq!(hint(&Pe { subsystem: GUI, ..pe }), "link it with `/SUBSYSTEM:WINDOWS,10.0` or `--major-subsystem-version`");
}

#[test]
fn imports_that_an_older_windows_does_not_have() {
    let seven = Policy { windows_floor: Some("6.1".parse().unwrap()), ..windows() };
    let imports = vec![("bcryptprimitives.dll", vec!["ProcessPrng"]), ("kernel32.dll", vec!["CreateFile2"])];
    let pe = Pe { imports, ..healthy() };
    let finding = only(&pe, &seven);
    assert_eq!(finding.code, Code::FloorTooHigh);
    assert_eq!(finding.message, "needs Windows 10.0 (ProcessPrng from bcryptprimitives.dll), above the floor 6.1");
    assert!(finding.hint.contains("GetProcAddress") && finding.hint.ends_with("6.2 (CreateFile2 from kernel32.dll)"), "{}", finding.hint);
    assert_eq!(findings(&pe, &windows()), []);
    let shipped = Pe { imports: vec![("ucrtbase.dll", vec!["malloc"])], ..healthy() };
    assert_eq!(only(&shipped, &seven).code, Code::FloorTooHigh);
    assert_eq!(findings(&shipped, &Policy { bundled: vec!["ucrtbase.dll".to_owned()], ..seven }), []);
}

/// The floor that every project has: nothing that came with Windows 11 is on the last Windows 10.
#[test]
fn imports_that_only_windows_11_has() {
    let with = |library: &'static str, symbol: &'static str| Pe { imports: vec![(library, vec![symbol])], ..healthy() };
    for (library, symbol, build) in [
        ("api-ms-win-core-ioring-l1-1-0.dll", "CreateIoRing", 22000),
        ("KERNELBASE.dll", "SubmitIoRing", 22000),
        ("KERNEL32.dll", "GetMachineTypeAttributes", 22000),
        ("KERNEL32.dll", "BuildIoRingWriteFile", 22621),
        ("KERNEL32.dll", "ReleasePseudoConsole", 26100),
    ] {
        let message = format!("needs Windows 10.0.{build} ({symbol} from {library}), above the floor 10.0.19045");
        is(&with(library, symbol), Code::FloorTooHigh, &message);
        let delayed = Pe { delayed: vec![(library, vec![symbol])], ..healthy() };
        assert_eq!(findings(&delayed, &windows()), [], "{symbol}");
    }
}

#[test]
fn protections() {
    let fixed = "is always loaded at the same address (no DYNAMIC_BASE, or no relocations)";
    is(&Pe { flags: HIGH_ENTROPY | NX, ..healthy() }, Code::FixedAddress, fixed);
    is(&Pe { characteristics: EXECUTABLE | RELOCS_STRIPPED, ..healthy() }, Code::FixedAddress, fixed);
    is(&Pe { flags: healthy().flags & !NX, ..healthy() }, Code::ExecutableData, "lets data be executed (no NX_COMPAT)");
    is(&Pe { code_flags: 0xe000_0020, ..healthy() }, Code::WritableExecutable, "loads a section that can be written and executed at once");
}

#[test]
fn checksum_and_paths() {
    let mut bytes = Pe { checksum: true, ..healthy() }.build();
    bytes[0x410] ^= 1;
    let found = judge_bytes(&bytes, &windows()).unwrap().1;
    assert_eq!((found.len(), found[0].code), (1, Code::WrongChecksum));
    let message = "names its debug information by a path of the machine that linked it: C:\\build\\x.pdb";
    is(&Pe { pdb: Some("C:\\build\\x.pdb"), ..healthy() }, Code::LeakedPath, message);
    is(&Pe { pdb: Some("/build/x.pdb"), ..healthy() }, Code::LeakedPath, &message.replace("C:\\build\\", "/build/"));
    let pe = Pe { extra: b"\0C:\\Users\\ann\\.cargo\\registry\\src\\x-1.0\\lib.rs\0".to_vec(), ..healthy() };
    assert!(only(&pe, &windows()).message.contains("somebody's toolchain: :\\Users\\ann\\.cargo\\registry\\src\\x-1.0\\lib.rs at 0x602"));
}
