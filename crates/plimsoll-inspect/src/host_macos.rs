//! What every macOS provides, and the oldest one that is promised where a project says nothing.

use plimsoll_model::Target;

use crate::version::DottedVersion;

/// The only program loader.
pub const LOADER: &str = "/usr/lib/dyld";

/// Folders whose libraries come with the system, and which nobody else may write (System Integrity Protection).
pub const LIBRARY_FOLDERS: &[&str] = &["/usr/lib/", "/System/Library/", "/System/iOSSupport/"];

/// Processors whose kernels run no code without a valid signature, ad hoc at least.
pub const SIGNED_MACHINES: &[&str] = &["aarch64", "arm64e"];

/// The oldest macOS that loads what rustc builds by default: 11.0 is the first for Apple's own processors
/// (`rustc --print deployment-target`).
pub fn floor(target: &Target) -> DottedVersion {
    match target.arch() {
        "x86_64" | "x86_64h" | "i686" => DottedVersion::of(10, &[12]),
        _ => DottedVersion::of(11, &[0]),
    }
}
