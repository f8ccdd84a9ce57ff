//! Floors that name a distribution look at every library that it fixes.

use std::fs;
use std::process::Command;

use crate::elf_builder::{Elf, MUSL_LOADER, healthy, imported, static_pie};
use crate::forged::said;

/// A program that asks libstdc++ and libgcc_s for these versions, each by a symbol of its own, and glibc for 2.28 at most.
fn program(demands: &[(&'static str, &'static str, &'static str)]) -> Elf {
    let mut elf = healthy();
    for (library, version, symbol) in demands {
        elf.needed.push((*library).to_owned());
        match elf.versions.iter_mut().find(|(known, _)| known == library) {
            Some((_, versions)) => versions.push(((*version).to_owned(), false)),
            None => elf.versions.push((library, vec![((*version).to_owned(), false)])),
        }
        elf.symbols.push(imported(symbol, Some(version)));
    }
    elf
}

/// What `inspect --floor` says of a file, which must be this exit code.
#[track_caller]
fn inspect(elf: &Elf, floor: &str, code: i32) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("program");
    fs::write(&file, elf.build()).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
    said(&command.args(["inspect", "--floor", floor]).arg(file).env("NO_COLOR", "1").output().unwrap(), code)
}

const CXX: &str = "libstdc++.so.6";
const GCC: &str = "libgcc_s.so.1";

#[test]
fn a_distribution_stands_for_its_libstdcxx_and_libgcc() {
    let cases = [
        ("rhel:9", (CXX, "GLIBCXX_3.4.30", "_ZSt21__glibcxx_assert_failPKciS0_S0_"), "above GLIBCXX_3.4.29 of rhel:9"),
        ("rhel:9", (CXX, "CXXABI_1.3.14", "_ZTIDF16b"), "above CXXABI_1.3.13 of rhel:9"),
        ("rhel:9", (GCC, "GCC_12.0.0", "__extendhfsf2"), "above GCC_11 of rhel:9"),
        ("rhel:8", (CXX, "GLIBCXX_3.4.26", "_ZNSt10filesystem6removeERKNS_7__cxx114pathE"), "above GLIBCXX_3.4.25 of rhel:8"),
        ("rocky:9.4", (CXX, "GLIBCXX_3.4.30", "_Zx"), "of rhel:9"),
        ("debian:12", (GCC, "GCC_13.0.0", "__truncsfbf2"), "above GCC_12 of debian:12"),
        ("ubuntu:22.04", (CXX, "GLIBCXX_3.4.31", "_Zx"), "above GLIBCXX_3.4.30 of ubuntu:22.04"),
        ("amazonlinux:2023", (CXX, "GLIBCXX_3.4.30", "_Zx"), "of amazonlinux:2023"),
        ("manylinux_2_28", (CXX, "GLIBCXX_3.4.25", "_Zx"), "above GLIBCXX_3.4.24 of manylinux_2_28"),
    ];
    for (floor, demand, expected) in cases {
        let (library, version, symbol) = demand;
        let said = inspect(&program(&[demand]), floor, 1);
        let blamed = format!("{version} ({symbol} from {library})");
        assert!(said.contains(expected) && said.contains(&blamed), "{said}");
    }
}

#[test]
fn what_a_distribution_has_passes() {
    let newest = |cxx, abi, gcc| program(&[(CXX, cxx, "_Za"), (CXX, abi, "_Zb"), (GCC, gcc, "__c")]);
    inspect(&newest("GLIBCXX_3.4.25", "CXXABI_1.3.11", "GCC_7.0.0"), "rhel:8", 0);
    inspect(&newest("GLIBCXX_3.4.29", "CXXABI_1.3.13", "GCC_11.0"), "rhel:9", 0);
    inspect(&newest("GLIBCXX_3.4.33", "CXXABI_1.3.15", "GCC_14.0.0"), "rhel:10", 0);
    inspect(&newest("GLIBCXX_3.4.33", "CXXABI_1.3.15", "GCC_14.0.0"), "ubuntu:24.04", 0);
    for floor in ["rhel:10", "ubuntu:20.04", "ubuntu:26.04", "fedora:43", "amazonlinux:2023", "debian:13", "centos:8", "2.28"] {
        inspect(&healthy(), floor, 0);
    }
    // A version of glibc alone says nothing of other libraries.
    inspect(&newest("GLIBCXX_3.4.33", "CXXABI_1.3.15", "GCC_14.0.0"), "2.28", 0);
}

#[test]
fn everything_that_is_lacking_is_told() {
    let elf = program(&[(CXX, "GLIBCXX_3.4.30", "_Za"), (CXX, "GLIBCXX_3.4.32", "_Zb"), (GCC, "GCC_12.0.0", "__c")]);
    let said = inspect(&elf, "ubuntu:18.04", 1);
    for expected in [
        "needs glibc 2.28, above 2.27 of ubuntu:18.04",
        "GLIBC_2.28 (fcntl64 from libc.so.6)",
        "needs GLIBCXX_3.4.32, above GLIBCXX_3.4.25 of ubuntu:18.04",
        "GLIBCXX_3.4.30 (_Za from libstdc++.so.6)",
        "GCC_12.0.0 (__c from libgcc_s.so.1)",
    ] {
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn alpine_is_known_by_its_musl() {
    let said = inspect(&healthy(), "alpine:3.20", 1);
    assert!(said.contains("needs glibc 2.28, and alpine:3.20 has musl 1.2.5") && said.contains("ld-linux-x86-64.so.2"), "{said}");
    let musl = Elf {
        interpreter: Some(MUSL_LOADER),
        needed: vec!["libc.musl-x86_64.so.1".to_owned()],
        versions: Vec::new(),
        symbols: vec![imported("write", None)],
        ..healthy()
    };
    inspect(&musl, "alpine:3.15", 0);
    let relr = Elf { relr: true, ..musl.clone() };
    inspect(&relr, "alpine:3.18", 0);
    assert!(inspect(&relr, "alpine:3.17", 1).contains("needs musl 1.2.4, above 1.2.3 of alpine:3.17"));
    assert!(inspect(&musl, "rhel:9", 1).contains("needs musl, and rhel:9 has glibc 2.34"));
    for floor in ["alpine:3.15", "rhel:8"] {
        inspect(&static_pie(), floor, 0);
    }
}

#[test]
fn an_unknown_release_is_told_the_known_ones() {
    let said = inspect(&healthy(), "rhel:11", 2);
    assert!(said.contains("known are rhel:7, rhel:8, rhel:9, rhel:10"), "{said}");
    assert!(inspect(&healthy(), "ubunut:22.04", 2).contains("did you mean `ubuntu:22.04`?"));
}

#[test]
fn the_gates_of_a_target_look_at_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("program");
    fs::write(&file, program(&[(GCC, "GCC_12.0.0", "__extendhfsf2")]).build()).unwrap();
    for (floor, code) in [("2.34", 1), ("rhel:9", 1), ("2.35", 0), ("debian:12", 0)] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
        command.args(["inspect", "--target", crate::project::TARGET, "--floor", floor]).arg(&file).env("NO_COLOR", "1");
        let said = said(&command.output().unwrap(), code);
        assert_eq!(said.contains("GCC_12.0.0 (__extendhfsf2 from libgcc_s.so.1), above GCC_11"), code == 1, "{said}");
    }
}
