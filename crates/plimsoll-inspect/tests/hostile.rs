//! Bytes that mean harm: nothing panics, whatever is changed, cut or made up.
#![allow(clippy::unwrap_used, reason = "the functions beside the tests are tests too")]

mod elf_builder;
mod macho_builder;
mod pe_builder;

use elf_builder::{Count, Elf, healthy};
use macho_builder::Macho;
use pe_builder::Pe;
use plimsoll_inspect::{ExpectedLinkage, Policy, inspect, judge_bytes, measured_system, recognise, system_reasons};
use plimsoll_model::GlibcVersion;
use proptest::prelude::*;
use std::sync::LazyLock;

fn read(bytes: &[u8]) {
    let policy = Policy {
        forbidden_paths: vec!["/home/ann".into(), "/w".into()],
        ..Policy::for_target(&"x86_64-unknown-linux-gnu".parse().unwrap(), ExpectedLinkage::Any, Some(GlibcVersion::new(2, 28)))
    };
    let _ = recognise(bytes);
    for triple in ["aarch64-apple-darwin", "x86_64-apple-darwin", "x86_64-pc-windows-gnu"] {
        let policy = Policy::for_target(&triple.parse().unwrap(), ExpectedLinkage::Any, None);
        if let Ok((facts, _)) = judge_bytes(bytes, &policy) {
            let _ = (measured_system(&facts), system_reasons(&facts));
        }
    }
    if let Err(error) = judge_bytes(bytes, &policy) {
        assert!(!error.to_string().is_empty());
    }
}

fn samples() -> &'static [Vec<u8>] {
    static SAMPLES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
        let counts = [Count::Hash, Count::EmptyGnuHashAndRelocations, Count::Section];
        let layouts = [(true, false), (true, true), (false, false), (false, true)];
        let variants = counts.into_iter().flat_map(|count| layouts.map(|(is_64, is_big)| (count, is_64, is_big)));
        let elf = variants.map(|(count, is_64, is_big)| Elf { is_64, is_big, count, runpath: Some("/x:$ORIGIN"), ..healthy() }.build());
        elf.chain(foreign()).collect()
    });
    &SAMPLES
}

/// Mach-O and PE files with something of everything.
fn foreign() -> Vec<Vec<u8>> {
    let rich = Macho {
        exports: vec!["_nif_init", "_PyInit_own"],
        bound_flat: vec!["_enif_x"],
        chained_flat: vec!["_other"],
        object_files: vec!["/build/a.o"],
        info_plist: Some(b"<plist/>"),
        hashes: vec![macho_builder::SHA1, macho_builder::SHA256],
        requirements: Some(b"r".to_vec()),
        certificate: Some(vec![0x30; 32]),
        ..macho_builder::library()
    };
    let universal = macho_builder::universal(&[
        (macho_builder::X86_64, macho_builder::intel().build()),
        (macho_builder::ARM64, macho_builder::healthy().build()),
    ]);
    let delayed = vec![("USER32.dll", vec!["MessageBoxA", "#7"])];
    let exports = vec![("nif_init", None), ("there", Some("other.function"))];
    let pe = Pe { delayed, exports, checksum: true, signature: 64, overlay: vec![1, 2, 3], ..pe_builder::library() };
    vec![
        rich.build(),
        Macho { is_64: false, is_big: true, ..rich }.build(),
        universal,
        pe.build(),
        Pe { is_64: false, machine: pe_builder::I386, ..pe }.build(),
    ]
}

/// This very program, where it is an ELF file.
fn own() -> Option<&'static [u8]> {
    static OWN: LazyLock<Option<Vec<u8>>> = LazyLock::new(|| {
        let bytes = std::env::current_exe().and_then(std::fs::read).ok()?;
        plimsoll_inspect::is_elf(&bytes).then_some(bytes)
    });
    OWN.as_deref()
}

#[test]
fn every_truncation_of_a_built_file_is_survived() {
    let bytes = healthy().build();
    for length in 0..bytes.len() {
        read(&bytes[..length]);
    }
}

#[test]
fn every_byte_of_a_built_file_may_be_set_to_extremes() {
    for sample in samples() {
        let mut bytes = sample.clone();
        // Code and padding mean nothing to a reader, and there is much of both.
        for at in (0..sample.len()).filter(|at| *at < 0x800 || sample[*at] != 0xd5 && (sample[*at] != 0 || at % 16 == 0)) {
            for value in [0, 0x7f, 0xff] {
                bytes[at] = value;
                let _ = inspect(&bytes);
            }
            bytes[at] = sample[at];
        }
    }
}

#[test]
fn a_file_at_an_odd_address_reads_the_same() {
    let bytes = healthy().build();
    let mut shifted = vec![0];
    shifted.extend(&bytes);
    assert_eq!(inspect(&shifted[1..]), inspect(&bytes));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..2048), magic in 0..6usize) {
        let magic: &[u8] = [&b""[..], b"\x7fELF\x02\x01\x01", b"\x7fELF\x01\x02\x01", b"MZ", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe\0\0\0\x02"][magic];
        let mut bytes = bytes;
        let length = magic.len().min(bytes.len());
        bytes[..length].copy_from_slice(&magic[..length]);
        read(&bytes);
    }

    #[test]
    fn changed_and_cut_files_are_survived(
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..24),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = which.get(samples()).clone();
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        read(&bytes);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 24, ..ProptestConfig::default() })]

    /// A linker puts headers, dynamic symbols, strings and version needs first; section headers and the dynamic table come last.
    #[test]
    fn a_real_program_may_be_changed_and_cut(
        changes in prop::collection::vec((0..32 * 1024usize, any::<u8>()), 1..24),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let Some(own) = own() else { return Ok(()) };
        let mut bytes = own.to_vec();
        for (at, value) in changes {
            // A few of them where every byte matters.
            let at = if value % 3 == 0 { at % 1024 } else { at };
            let at = at % bytes.len();
            bytes[at] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let _ = inspect(&bytes);
    }
}
