//! Makes the table of units from `units.tsv`, so that a wrong line breaks the build and not a voyage.

use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=units.tsv");
    let text = fs::read_to_string("units.tsv").expect("units.tsv lies beside Cargo.toml");
    let mut table = String::from("pub const UNITS: &[Unit] = &[\n");
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [name, others, kind, size] = fields[..] else { panic!("units.tsv: four fields are wanted: {line}") };
        let kind = match kind {
            "length" => "Length",
            "speed" => "Speed",
            _ => panic!("units.tsv: neither length nor speed: {line}"),
        };
        let size: f64 = size.parse().expect("the size is a number");
        let others: Vec<&str> = others.split(',').collect();
        writeln!(table, "    Unit {{ name: {name:?}, others: &{others:?}, kind: Kind::{kind}, size: {size:?} }},")
            .expect("a string takes everything");
    }
    table.push_str("];\n");
    let folder = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&folder).join("units.rs"), table).expect("OUT_DIR can be written");
}
