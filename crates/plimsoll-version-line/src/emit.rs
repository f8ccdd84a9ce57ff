//! Telling cargo. The only place of this crate that prints: to cargo, which reads a build script's output.
//! <https://doc.rust-lang.org/cargo/reference/build-scripts.html>

use std::path::PathBuf;

use crate::VersionLine;

/// Gives the package's code the variable `PLIMSOLL_VERSION_LINE`, and has the build script run again whenever it may change.
///
/// # Panics
/// Where the line cannot be told, as build scripts do: a wrong version must not be built in.
#[allow(clippy::print_stdout, clippy::panic, reason = "cargo reads this, and shows the panic of a build script")]
pub fn emit() {
    let folder = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
    let version = std::env::var("CARGO_PKG_VERSION").unwrap_or_default();
    let epoch = std::env::var("SOURCE_DATE_EPOCH").ok();
    let line = match VersionLine::read(&folder, &version, epoch.as_deref()) {
        Ok(line) => line,
        Err(error) => panic!("the version's line cannot be told: {error}"),
    };
    println!("cargo::rustc-env=PLIMSOLL_VERSION_LINE={}", line.text);
    println!("cargo::rerun-if-env-changed=SOURCE_DATE_EPOCH");
    for path in line.watched {
        // A name with a line end would be taken for two.
        if let Some(path) = path.to_str().filter(|path| !path.contains(['\n', '\r'])) {
            println!("cargo::rerun-if-changed={path}");
        }
    }
}

/// As [`emit`], for builds whose commit does not matter: the line is `1.2.3 (WORD)`, and the build script is not run again.
#[allow(clippy::print_stdout, reason = "cargo reads this")]
pub fn emit_unknown(word: &str) {
    let version = std::env::var("CARGO_PKG_VERSION").unwrap_or_default();
    println!("cargo::rustc-env=PLIMSOLL_VERSION_LINE={version} ({word})");
    println!("cargo::rerun-if-changed=build.rs");
}
