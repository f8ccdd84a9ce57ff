//! What `rustler_precompiled` takes where a module leaves an option out (0.5 to 0.9; `default_targets/0` and `default_nif_versions/0` of its configuration).

/// Targets, sorted.
pub const DEFAULT_TARGETS: [&str; 10] = [
    "aarch64-apple-darwin",
    "aarch64-unknown-linux-gnu",
    "aarch64-unknown-linux-musl",
    "arm-unknown-linux-gnueabihf",
    "riscv64gc-unknown-linux-gnu",
    "x86_64-apple-darwin",
    "x86_64-pc-windows-gnu",
    "x86_64-pc-windows-msvc",
    "x86_64-unknown-linux-gnu",
    "x86_64-unknown-linux-musl",
];

/// NIF versions.
pub const DEFAULT_NIF_VERSIONS: [&str; 1] = ["2.15"];
