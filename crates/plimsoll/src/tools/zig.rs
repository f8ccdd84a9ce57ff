//! What cargo-zigbuild is told by its environment: which zig, and where both keep what they compile once.
//!
//! Starts nothing.

use std::ffi::OsString;
use std::path::Path;

/// Variables for a `cargo-zigbuild zigbuild` call. `cache` should outlive builds: the first C library costs a minute, later ones nothing.
pub fn variables(zig: &Path, cache: &Path) -> [(&'static str, OsString); 4] {
    [
        ("CARGO_ZIGBUILD_ZIG_PATH", zig.into()),
        // It adds a folder of its own name.
        ("CARGO_ZIGBUILD_CACHE_DIR", cache.into()),
        ("ZIG_GLOBAL_CACHE_DIR", cache.join("zig").into()),
        // Compiled objects are the same for all projects; a local cache would lie in the sources.
        ("ZIG_LOCAL_CACHE_DIR", cache.join("zig").into()),
    ]
}
