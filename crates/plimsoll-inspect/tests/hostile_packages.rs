//! Packages that mean harm: nothing panics, and nothing takes long, whatever is changed, cut or made up.
#![allow(clippy::unwrap_used, reason = "the functions beside the tests are tests too")]

mod elf_builder;
mod wheel_builder;

use std::io::Write as _;
use std::sync::LazyLock;

use plimsoll_inspect::{SdistName, WheelName, audit};
use proptest::prelude::*;
use wheel_builder::{File, file, pure, with, zip};

fn read(bytes: &[u8]) {
    for name in ["htty-0.2.30-py3-none-any.whl", "htty-0.2.30-cp39-abi3-manylinux_2_17_x86_64.whl", "htty-0.2.30.tar.gz"] {
        for finding in audit(name, bytes).unwrap().findings {
            assert!(!finding.message.is_empty() && !finding.hint.is_empty());
            assert!(!finding.to_string().contains('\0'), "{finding}");
        }
    }
}

fn samples() -> &'static [Vec<u8>] {
    static SAMPLES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
        let stored = |files: Vec<File>| files.into_iter().map(|file| File { method: 0, ..file }).collect::<Vec<_>>();
        let native = with("manylinux_2_17_x86_64", "htty/_core.abi3.so", elf_builder::library().build());
        let mut tar = vec![0; 3072];
        tar[..9].copy_from_slice(b"htty-0.2/");
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
        gzip.write_all(&tar).unwrap();
        vec![
            zip(&pure().all(), false),
            zip(&stored(pure().all()), true),
            zip(&stored(native.all()), false),
            zip(&[File { flags: 8, comment: "c", gap: 3, ..file("a", "b") }], true),
            gzip.finish().unwrap(),
        ]
    });
    &SAMPLES
}

/// Values at which sums overflow or signs turn.
fn edge() -> impl Strategy<Value = u32> {
    prop_oneof![Just(0), Just(1), Just(u32::MAX), Just(u32::MAX - 1), Just(1 << 31), any::<u32>()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn changed_bytes_are_told_and_never_panic(
        sample in 0..5usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        words in prop::collection::vec((any::<prop::sample::Index>(), edge()), 0..3),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = samples()[sample].clone();
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        for (at, value) in words {
            let at = at.index(bytes.len() - 4);
            bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        read(&bytes);
    }

    #[test]
    fn any_tables_are_read(metadata in ".{0,200}", record in "[ab,\"\\n\\r\\\\=é]{0,80}", points in "[\\[\\]a=:.\\n #]{0,80}") {
        let mut wheel = pure();
        wheel.metadata = metadata.clone();
        wheel.record = Some(record.clone());
        wheel.description = Some(metadata);
        wheel.files[2].bytes = points.into_bytes();
        wheel.files.push(file("htty-0.2.30.dist-info/sboms/a", format!("urn:uuid:{record}file:///{record}")));
        read(&wheel.build());
    }

    #[test]
    fn names_print_as_they_were_read(name in "[a-z0-9_.+!-]{0,24}", rest in "(-[a-z0-9_.]{0,12}){0,6}") {
        let wheel = format!("{name}{rest}.whl");
        if let Ok(read) = WheelName::parse(&wheel) {
            prop_assert_eq!(read.to_string(), wheel);
        }
        let sdist = format!("{name}.tar.gz");
        if let Ok(read) = SdistName::parse(&sdist) {
            prop_assert_eq!(read.to_string(), sdist);
            prop_assert!(read.normal().is_none_or(|normal| SdistName::parse(&normal).unwrap().normal().is_none()));
        }
    }
}
