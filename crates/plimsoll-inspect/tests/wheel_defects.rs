//! Wheels with the defects that usual tools let pass, each caught with a message of its own, and binaries against the tag.
#![allow(clippy::unwrap_used, reason = "the functions beside the tests are tests too")]

mod elf_builder;
mod macho_builder;
mod pe_builder;
mod wheel_builder;

use elf_builder::{AARCH64, Elf, MUSL_LOADER, Symbol, healthy, imported, library, static_pie};
use macho_builder::Macho;
use pe_builder::Pe;
use plimsoll_inspect::{Audit, PackageCode, audit};
use wheel_builder::{File, Wheel, file, pure, record, with, zip};

fn audited(wheel: &Wheel) -> Audit {
    audit(&wheel.file_name(), &wheel.build()).unwrap()
}

/// The only finding, as it is told.
fn only(wheel: &Wheel, code: PackageCode) -> String {
    let findings = audited(wheel).findings;
    let told = findings.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(told.len(), 1, "{told:#?}");
    assert_eq!(findings[0].code, code);
    assert!(!findings[0].hint.is_empty());
    told[0].clone()
}

fn sound(wheel: &Wheel) -> Audit {
    let audit = audited(wheel);
    assert!(audit.findings.is_empty(), "{:#?}", audit.findings);
    audit
}

fn demanding(version: &'static str, symbol: &str) -> Elf {
    Elf {
        versions: vec![("libc.so.6", vec![("GLIBC_2.2.5".to_owned(), false), (version.to_owned(), false)])],
        symbols: vec![imported(symbol, Some(version)), imported("write", Some("GLIBC_2.2.5"))],
        ..library()
    }
}

const DEMO: &str = "htty/_core.abi3.so";

fn lowest(audit: &Audit) -> Vec<(&str, Option<&str>)> {
    audit.lowest_tags.iter().map(|lowest| (lowest.tag.as_str(), lowest.because.as_deref())).collect()
}

#[test]
fn package_data_that_needs_more_than_the_tag_promises() {
    let wheel = with("manylinux_2_17_x86_64.manylinux2014_x86_64", "htty/data/helper", demanding("GLIBC_2.34", "pthread_create").build());
    let told = audited(&wheel).findings;
    assert_eq!(told.len(), 2, "once for each tag");
    assert_eq!(
        told[0].to_string(),
        "htty/data/helper needs GLIBC_2.34 (pthread_create from libc.so.6), above manylinux_2_17_x86_64: the highest honest tag is \
         manylinux_2_34_x86_64"
    );
    let honest = sound(&Wheel { platform: "manylinux_2_34_x86_64", ..wheel });
    assert_eq!(lowest(&honest), [("manylinux_2_34_x86_64", Some("htty/data/helper needs GLIBC_2.34 (pthread_create from libc.so.6)"))]);
}

#[test]
fn a_name_with_a_comma_stands_in_quotation_marks() {
    let mut wheel = pure();
    wheel.files.push(file("htty/a,b.txt", "text"));
    sound(&wheel);
    let broken = record(&wheel.all()[..wheel.all().len() - 1], "htty-0.2.30.dist-info/RECORD").replace('"', "");
    let findings = audited(&Wheel { record: Some(broken), ..wheel }).findings;
    assert_eq!(findings[0].code, PackageCode::RecordSyntax);
    assert!(findings[0].message.starts_with("has 4 columns in row 4 (htty/a,b.txt,sha256="), "{}", findings[0].message);
    assert_eq!(findings[1].to_string(), "htty/a,b.txt is in the wheel, and not in RECORD");
}

#[test]
fn a_command_without_its_executable_bit() {
    let mut wheel = with("manylinux_2_28_x86_64", "htty-0.2.30.data/scripts/ht", healthy().build());
    sound(&wheel);
    wheel.files.last_mut().unwrap().mode = 0o100_644;
    assert_eq!(
        only(&wheel, PackageCode::NotExecutable),
        "htty-0.2.30.data/scripts/ht is a command without its executable bit (mode 0644): once installed it cannot be started"
    );
}

#[test]
fn a_bill_of_materials_that_differs_with_each_build() {
    let mut wheel = pure();
    let bill = "{\"serialNumber\": \"urn:uuid:7c16bec8-3481-49c8-b752-7fd8e9ee962f\", \"timestamp\": \"2026-11-19T12:24:25Z\"}";
    wheel.files.push(file("htty-0.2.30.dist-info/sboms/htty.cyclonedx.json", bill));
    assert_eq!(
        only(&wheel, PackageCode::UnreproducibleSbom),
        "htty-0.2.30.dist-info/sboms/htty.cyclonedx.json has the random number 7c16bec8-3481-49c8-b752-7fd8e9ee962f, made at \
         2026-11-19T12:24:25Z: no two builds of the wheel are equal"
    );
    wheel.files.last_mut().unwrap().bytes = b"{\"bom-ref\": \"path+file:///home/ann/htty#0.2.30\"}".to_vec();
    assert_eq!(
        only(&wheel, PackageCode::LocalPath),
        "htty-0.2.30.dist-info/sboms/htty.cyclonedx.json names /home/ann/htty of the machine that built it"
    );
}

#[test]
fn a_library_for_another_processor() {
    let wheel = with("manylinux_2_28_aarch64", "z3/lib/libz3.so", library().build());
    assert_eq!(
        only(&wheel, PackageCode::WrongMachine),
        "z3/lib/libz3.so is for x86_64, in a wheel that is tagged manylinux_2_28_aarch64: code for aarch64 is missing"
    );
    let right = Elf { machine: AARCH64, interpreter: None, ..library() };
    sound(&with("manylinux_2_28_aarch64", "z3/lib/libz3.so", right.build()));
    let accelerator = Elf { machine: 190, ..library() };
    sound(&with("manylinux_2_28_x86_64", "a/kernel.cubin", accelerator.build()));
}

#[test]
fn a_weak_symbol_counts_since_the_table_of_versions_does() {
    let weak = Symbol { weak: true, ..imported("pidfd_spawnp", Some("GLIBC_2.39")) };
    let elf = Elf {
        versions: vec![("libc.so.6", vec![("GLIBC_2.2.5".to_owned(), false), ("GLIBC_2.39".to_owned(), false)])],
        symbols: vec![weak, imported("write", Some("GLIBC_2.2.5"))],
        ..library()
    };
    assert_eq!(
        only(&with("manylinux_2_28_x86_64", DEMO, elf.build()), PackageCode::TagTooLow),
        "htty/_core.abi3.so needs GLIBC_2.39 (pidfd_spawnp from libc.so.6), above manylinux_2_28_x86_64: the highest honest tag is \
         manylinux_2_39_x86_64"
    );
}

#[test]
fn a_symbol_without_a_version_that_old_systems_lack() {
    let elf = Elf { symbols: vec![imported("__isoc23_strtoll", None), imported("write", Some("GLIBC_2.2.5"))], ..library() };
    assert_eq!(
        only(&with("manylinux_2_28_x86_64", DEMO, elf.build()), PackageCode::UnversionedSymbol),
        "htty/_core.abi3.so uses __isoc23_strtoll without a version (__isoc23_strtoll), which glibc has since 2.38 only: nothing tells the \
         loader so, and on an older system of manylinux_2_28_x86_64 it fails when it is called"
    );
    let new = sound(&with("manylinux_2_38_x86_64", DEMO, elf.build()));
    assert_eq!(new.lowest_tags[0].tag, "manylinux_2_38_x86_64");
}

#[test]
fn versions_of_the_compilers_libraries_have_ceilings_too() {
    let elf = Elf {
        needed: vec!["libstdc++.so.6".to_owned(), "libc.so.6".to_owned()],
        versions: vec![
            ("libc.so.6", vec![("GLIBC_2.2.5".to_owned(), false)]),
            ("libstdc++.so.6", vec![("GLIBCXX_3.4.29".to_owned(), false), ("CXXABI_1.3".to_owned(), false)]),
        ],
        symbols: vec![imported("_ZSt1", Some("GLIBCXX_3.4.29"))],
        ..library()
    };
    assert_eq!(
        only(&with("manylinux_2_31_x86_64", DEMO, elf.build()), PackageCode::TagTooLow),
        "htty/_core.abi3.so needs GLIBCXX_3.4.29 (_ZSt1 from libstdc++.so.6), above manylinux_2_31_x86_64: the highest honest tag is \
         manylinux_2_34_x86_64"
    );
    let mut own = with("manylinux_2_17_x86_64", DEMO, elf.build());
    let bundled = Elf { soname: Some("libstdc++.so.6"), needed: vec!["libc.so.6".to_owned()], ..demanding("GLIBC_2.14", "memcpy") };
    own.files.push(file("htty.libs/libstdc++-1234.so.6", bundled.build()));
    assert_eq!(lowest(&sound(&own))[0].0, "manylinux_2_14_x86_64");
}

#[test]
fn aarch64_of_2_17_may_use_what_came_with_2_18() {
    let elf = Elf { machine: AARCH64, ..demanding("GLIBC_2.18", "__cxa_thread_atexit_impl") };
    assert_eq!(lowest(&sound(&with("manylinux2014_aarch64", DEMO, elf.build())))[0].0, "manylinux_2_17_aarch64");
    let intel = demanding("GLIBC_2.18", "__cxa_thread_atexit_impl");
    only(&with("manylinux_2_17_x86_64", DEMO, intel.build()), PackageCode::TagTooLow);
}

#[test]
fn libraries_must_be_the_systems_or_the_wheels() {
    let elf = Elf { needed: vec!["libssl.so.3".to_owned(), "libc.so.6".to_owned()], ..library() };
    let mut wheel = with("manylinux_2_28_x86_64", DEMO, elf.build());
    assert_eq!(
        only(&wheel, PackageCode::ExternalLibrary),
        "htty/_core.abi3.so needs libssl.so.3, which neither systems of manylinux_2_28_x86_64 nor the wheel have"
    );
    assert_eq!(lowest(&audited(&wheel)), [("linux_x86_64", Some("htty/_core.abi3.so needs libssl.so.3"))]);
    wheel.files.push(file("htty.libs/libssl.so.3", Elf { soname: Some("libssl.so.3"), ..library() }.build()));
    sound(&wheel);
}

#[test]
fn musl_and_glibc_are_told_apart() {
    let musl = Elf {
        needed: vec!["libc.musl-x86_64.so.1".to_owned()],
        versions: Vec::new(),
        symbols: vec![imported("write", None)],
        interpreter: Some(MUSL_LOADER),
        ..healthy()
    };
    let wheel = with("musllinux_1_2_x86_64", "htty-0.2.30.data/scripts/ht", musl.build());
    assert_eq!(lowest(&sound(&wheel))[0].0, "musllinux_1_1_x86_64");
    assert_eq!(
        only(&Wheel { platform: "manylinux_2_28_x86_64", ..wheel }, PackageCode::WrongSystem),
        "htty-0.2.30.data/scripts/ht needs musl (/lib/ld-musl-x86_64.so.1), and manylinux_2_28_x86_64 promises glibc"
    );
    assert_eq!(
        only(&with("musllinux_1_2_x86_64", DEMO, library().build()), PackageCode::WrongSystem),
        "htty/_core.abi3.so needs glibc, by GLIBC_2.28 (fcntl64 from libc.so.6), and musllinux_1_2_x86_64 promises musl"
    );
    let gcc =
        Elf { needed: vec!["libc.so".to_owned(), "libgcc_s.so.1".to_owned()], versions: Vec::new(), symbols: Vec::new(), ..library() };
    assert_eq!(
        only(&with("musllinux_1_2_x86_64", DEMO, gcc.build()), PackageCode::ExternalLibrary),
        "htty/_core.abi3.so needs libgcc_s.so.1, which neither systems of musllinux_1_2_x86_64 nor the wheel have"
    );
    let compiler = Elf { soname: Some("libgcc_s-12.so.1"), needed: vec!["libc.so".to_owned()], ..gcc.clone() };
    let bundled = Elf {
        needed: vec!["libgcc_s-12.so.1".to_owned(), "libc.so".to_owned()],
        versions: vec![("libgcc_s-12.so.1", vec![("GLIBC_2.0".to_owned(), false)])],
        symbols: vec![imported("__register_frame", Some("GLIBC_2.0"))],
        relr: true,
        ..library()
    };
    let mut wheel = with("musllinux_1_2_x86_64", DEMO, bundled.build());
    wheel.files.push(file("htty.libs/libgcc_s-12.so.1", compiler.build()));
    assert_eq!(
        lowest(&sound(&wheel)),
        [("musllinux_1_2_x86_64", Some("htty/_core.abi3.so needs musl 1.2.4, since it has DT_RELR relocations"))]
    );
    let both = with("manylinux_2_17_x86_64.musllinux_1_1_x86_64", "htty-0.2.30.data/scripts/ht", static_pie().build());
    assert_eq!(lowest(&sound(&both)), [("manylinux_2_5_x86_64", None), ("musllinux_1_1_x86_64", None)]);
}

#[test]
fn a_program_names_the_loader_of_the_tags_systems() {
    let elf = Elf { interpreter: Some("/nix/store/x-glibc/lib/ld-linux-x86-64.so.2"), ..healthy() };
    assert_eq!(
        only(&with("manylinux_2_28_x86_64", "htty-0.2.30.data/scripts/ht", elf.build()), PackageCode::ProgramLoader),
        "htty-0.2.30.data/scripts/ht is loaded by /nix/store/x-glibc/lib/ld-linux-x86-64.so.2, and systems of manylinux_2_28_x86_64 have \
         /lib64/ld-linux-x86-64.so.2"
    );
}

#[test]
fn macos_has_a_minimum_for_each_processor() {
    let arm = macho_builder::library().build();
    let wheel = with("macosx_11_0_arm64", DEMO, arm.clone());
    assert_eq!(lowest(&sound(&wheel))[0].0, "macosx_11_0_arm64");
    let newer = Macho { builds: vec![(1, macho_builder::version(13, 3), macho_builder::version(14, 0))], ..macho_builder::library() };
    assert_eq!(
        only(&with("macosx_11_0_arm64", DEMO, newer.build()), PackageCode::TagTooLow),
        "htty/_core.abi3.so needs macOS 13.3 (LC_BUILD_VERSION), above macosx_11_0_arm64"
    );
    assert_eq!(
        only(&with("macosx_11_0_universal2", DEMO, arm), PackageCode::WrongMachine),
        "htty/_core.abi3.so is for aarch64, in a wheel that is tagged macosx_11_0_universal2: code for x86_64 is missing"
    );
    let both = macho_builder::universal(&[
        (macho_builder::X86_64, macho_builder::intel().build()),
        (macho_builder::ARM64, macho_builder::library().build()),
    ]);
    let both = sound(&with("macosx_10_12_universal2", DEMO, both));
    assert_eq!(both.lowest_tags.len(), 2);
}

#[test]
fn windows_loads_libraries_of_its_own_processor_alone() {
    let dll = pe_builder::library().build();
    let wheel = with("win_amd64", "htty/_core.pyd", dll);
    assert_eq!(lowest(&sound(&wheel))[0].0, "win_amd64");
    assert_eq!(
        only(&Wheel { platform: "win_arm64", ..wheel.clone() }, PackageCode::WrongMachine),
        "htty/_core.pyd is for x86_64, in a wheel that is tagged win_arm64: code for aarch64 is missing"
    );
    let mut helped = Wheel { platform: "win_amd64", ..wheel.clone() };
    helped.files.push(file("htty/attach_x86.dll", Pe { is_64: false, machine: pe_builder::I386, ..pe_builder::library() }.build()));
    sound(&helped);
    assert_eq!(
        only(&Wheel { platform: "manylinux_2_28_x86_64", ..wheel }, PackageCode::WrongSystem),
        "htty/_core.pyd is PE, which no system of manylinux_2_28_x86_64 loads"
    );
}

#[test]
fn a_wheel_for_any_system_holds_no_program() {
    let wheel = Wheel { platform: "any", is_pure: true, ..with("any", "htty/ht", healthy().build()) };
    assert_eq!(only(&wheel, PackageCode::BinaryInPureWheel), "htty/ht is ELF for x86_64, in a wheel that is tagged for any system");
    let launcher = Wheel { is_pure: true, ..with("any", "distlib/t64.exe", pe_builder::healthy().build()) };
    sound(&launcher);
    let module = Wheel { is_pure: true, ..with("manylinux_2_28_x86_64", DEMO, library().build()) };
    assert_eq!(
        only(&module, PackageCode::BinaryInPureWheel),
        "htty/_core.abi3.so is an extension module, and WHEEL says `Root-Is-Purelib: true`"
    );
}

#[test]
fn a_file_that_is_cut_off_is_told() {
    let bytes = library().build();
    let wheel = with("manylinux_2_28_x86_64", DEMO, bytes[..bytes.len() / 2].to_vec());
    assert!(only(&wheel, PackageCode::UnreadableBinary).starts_with("htty/_core.abi3.so cannot be read: "));
}

fn stable(symbols: &[&str], python: &'static str) -> Wheel {
    let own = symbols.iter().map(|symbol| imported(symbol, None));
    let elf = Elf { symbols: own.chain([imported("write", Some("GLIBC_2.2.5"))]).collect(), ..library() };
    Wheel { python, abi: "abi3", ..with("manylinux_2_28_x86_64", DEMO, elf.build()) }
}

#[test]
fn the_stable_abi_is_kept() {
    sound(&stable(&["PyLong_FromLong", "PyType_FromSpec", "_Py_Dealloc"], "cp39"));
    assert_eq!(
        only(&stable(&["PyLong_FromLong", "_PyLong_AsByteArray"], "cp39"), PackageCode::NotStableAbi),
        "htty/_core.abi3.so imports _PyLong_AsByteArray, which is in no stable ABI"
    );
    assert_eq!(
        only(&stable(&["PyObject_GetBuffer", "PyObject_Vectorcall"], "cp39"), PackageCode::NewerPython),
        "htty/_core.abi3.so imports PyObject_Vectorcall, which is in the stable ABI since 3.12, and the wheel is for 3.9"
    );
    sound(&stable(&["PyObject_GetBuffer", "PyObject_Vectorcall"], "cp312"));
    assert_eq!(
        only(&stable(&[], "py3"), PackageCode::FileName),
        "is tagged py3 for the stable ABI, and no Python as cp39 says from which one on"
    );
}

#[test]
fn a_windows_module_for_the_stable_abi_is_linked_with_python3_dll() {
    let importing = |library, symbol| Pe { imports: vec![(library, vec![symbol])], ..pe_builder::library() };
    let wheel = |pe: Pe| Wheel { python: "cp39", abi: "abi3", ..with("win_amd64", "htty/_core.pyd", pe.build()) };
    sound(&wheel(importing("python3.dll", "PyLong_FromLong")));
    assert_eq!(
        only(&wheel(importing("python311.dll", "PyLong_FromLong")), PackageCode::NotStableAbi),
        "htty/_core.pyd is linked with python311.dll, which one Python alone has"
    );
}

#[test]
fn a_module_is_named_for_the_python_of_the_tag() {
    let path = "htty/_core.cpython-311-x86_64-linux-gnu.so";
    let wheel = Wheel { python: "cp311", abi: "cp311", ..with("manylinux_2_28_x86_64", path, library().build()) };
    sound(&wheel);
    assert_eq!(
        only(&Wheel { python: "cp312", abi: "cp312", ..wheel }, PackageCode::WrongPython),
        "htty/_core.cpython-311-x86_64-linux-gnu.so is a module that cp311 alone finds, in a wheel that is tagged cp312-cp312"
    );
}

#[test]
fn an_audit_names_what_is_in_it_and_travels_as_json() {
    let audit = sound(&with("manylinux_2_28_x86_64", DEMO, library().build()));
    assert_eq!((audit.name.as_deref(), audit.version.as_deref(), audit.files), (Some("htty"), Some("0.2.30"), 7));
    assert_eq!(audit.tags, ["py3-none-manylinux_2_28_x86_64"]);
    assert_eq!(audit.binaries[0].path, DEMO);
    let text = serde_json::to_string(&audit).unwrap();
    assert_eq!(serde_json::from_str::<Audit>(&text).unwrap(), audit);
    let files = [File { method: 0, ..file("a", "b") }];
    assert!(plimsoll_inspect::audit("a.zip", &zip(&files, false)).is_none());
}
