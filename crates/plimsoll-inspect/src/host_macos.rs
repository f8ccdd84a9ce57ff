//! What every macOS provides, and the oldest one that is promised where a project says nothing.

use plimsoll_model::Target;

use crate::version::DottedVersion;

/// The only program loader.
pub const LOADER: &str = "/usr/lib/dyld";

/// Folders whose libraries come with the system, and which nobody else may write (System Integrity Protection).
pub const LIBRARY_FOLDERS: &[&str] = &["/usr/lib/", "/System/Library/", "/System/iOSSupport/"];

/// Processors whose kernels run no code without a valid signature, ad hoc at least.
pub const SIGNED_MACHINES: &[&str] = &["aarch64", "arm64e"];

/// The first macOS for a processor of Mach-O files, where there was one before it for others: no older one could load them anyway.
pub fn first_release(machine: &str) -> Option<DottedVersion> {
    SIGNED_MACHINES.contains(&machine).then(|| DottedVersion::of(11, &[0]))
}

/// The oldest macOS that loads what rustc builds by default: 11.0 is the first for Apple's own processors
/// (`rustc --print deployment-target`).
pub fn floor(target: &Target) -> DottedVersion {
    match target.arch() {
        "x86_64" | "x86_64h" | "i686" => DottedVersion::of(10, &[12]),
        _ => DottedVersion::of(11, &[0]),
    }
}
