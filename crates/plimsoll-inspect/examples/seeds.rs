//! Writes small Mach-O and PE files and wheels, with something of everything, into the folder that is given: seeds for fuzzing.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "a tool for tests, made of their builders")]

#[path = "../tests/macho_builder/mod.rs"]
mod macho_builder;
#[path = "../tests/pe_builder/mod.rs"]
mod pe_builder;
#[path = "../tests/wheel_builder/mod.rs"]
mod wheel_builder;

use std::path::Path;

use macho_builder::Macho;
use pe_builder::Pe;

fn main() {
    let folder = std::env::args_os().nth(1).expect("a folder");
    let rich = Macho {
        exports: vec!["_nif_init", "_PyInit_own"],
        bound_flat: vec!["_enif_x"],
        chained_flat: vec!["_other"],
        object_files: vec!["/build/a.o"],
        hashes: vec![macho_builder::SHA1, macho_builder::SHA256],
        requirements: Some(b"r".to_vec()),
        ..macho_builder::library()
    };
    let slices = [(macho_builder::X86_64, macho_builder::intel().build()), (macho_builder::ARM64, macho_builder::healthy().build())];
    let pe = Pe {
        delayed: vec![("USER32.dll", vec!["MessageBoxA", "#7"])],
        exports: vec![("nif_init", None), ("there", Some("other.function"))],
        checksum: true,
        signature: 64,
        ..pe_builder::library()
    };
    let files = [
        ("library.dylib", rich.build()),
        ("big.dylib", Macho { is_64: false, is_big: true, ..rich }.build()),
        ("universal", macho_builder::universal(&slices)),
        ("program.exe", pe_builder::healthy().build()),
        ("library.dll", pe.build()),
        ("module.whl", wheel_builder::with("win_amd64", "htty/_core.pyd", pe_builder::library().build()).build()),
        ("pure.whl", wheel_builder::zip(&wheel_builder::pure().all(), true)),
        ("library32.dll", Pe { is_64: false, machine: pe_builder::I386, ..pe }.build()),
    ];
    for (name, bytes) in files {
        std::fs::write(Path::new(&folder).join(name), bytes).expect("a folder that can be written");
    }
}
