//! What is known about one Mach-O image beside what every format has.

use serde::{Deserialize, Serialize};

use crate::version::DottedVersion;

/// Facts from load commands, the symbol table and the code signature of one image. Of a universal file each slice has its own.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MachoFacts {
    /// `cputype` of the header.
    pub cpu_type: u32,
    /// `cpusubtype` of the header, with its capability bits.
    pub cpu_subtype: u32,
    /// `execute`, `dylib`, `bundle`, `object` …; `unknown-N` with the format's number where there is no name.
    pub file_type: String,
    /// What LC_BUILD_VERSION and LC_VERSION_MIN_* say, in document order. A file for several platforms says it for each.
    #[serde(default)]
    pub platforms: Vec<PlatformDemand>,
    /// LC_ID_DYLIB: the name under which programs that link this library will look for it.
    #[serde(default)]
    pub install_name: Option<MachoLibrary>,
    /// Libraries that are loaded with it, in document order.
    #[serde(default)]
    pub libraries: Vec<MachoLibrary>,
    /// LC_RPATH, in document order.
    #[serde(default)]
    pub rpaths: Vec<String>,
    /// LC_DYLD_ENVIRONMENT: variables that the loader sets for itself.
    #[serde(default)]
    pub loader_environment: Vec<String>,
    /// Undefined symbols are looked for in the library that they were linked with (MH_TWOLEVEL), not in all that is loaded.
    #[serde(default)]
    pub two_level: bool,
    /// Undefined symbols that are looked for in all that is loaded, or in the program: sorted, without the leading underscore.
    #[serde(default)]
    pub flat_imports: Vec<String>,
    /// Parts are encrypted (LC_ENCRYPTION_INFO with a method).
    #[serde(default)]
    pub encrypted: bool,
    /// Object files that debug information is in (N_OSO stabs): paths of the machine that linked it. The first hundred.
    #[serde(default)]
    pub object_files: Vec<String>,
    /// The embedded code signature; none where there is none.
    #[serde(default)]
    pub signature: Option<CodeSignature>,
}

/// The oldest release of a platform that may load a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlatformDemand {
    /// `macos`, `ios`, `mac-catalyst` …; `unknown-N` with the format's number where there is no name.
    pub platform: String,
    /// The oldest release that loads it.
    pub minimum: DottedVersion,
    /// The SDK that it was linked with, which decides how newer releases treat it.
    pub sdk: DottedVersion,
    /// Which load command says so.
    pub command: String,
}

/// A library as a load command names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MachoLibrary {
    /// Its install name: a path, or one that begins with `@rpath`, `@loader_path` or `@executable_path`.
    pub name: String,
    /// How it is used.
    pub usage: LibraryUse,
    /// Its version.
    pub current_version: DottedVersion,
    /// The oldest version that does.
    pub compatibility_version: DottedVersion,
}

/// How a library is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LibraryUse {
    /// It must be there (LC_LOAD_DYLIB).
    #[default]
    Required,
    /// It may be missing (LC_LOAD_WEAK_DYLIB).
    Weak,
    /// It must be there, and what it provides counts as provided by this file (LC_REEXPORT_DYLIB).
    Reexported,
    /// It is loaded when it is first used (LC_LAZY_LOAD_DYLIB).
    Lazy,
    /// It must be there, and depends on this file itself (LC_LOAD_UPWARD_DYLIB).
    Upward,
    /// It is the file's own name (LC_ID_DYLIB).
    Own,
}

/// A code signature as the kernel would check it, save the certificates.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CodeSignature {
    /// Signed by nobody: hashes only (CS_ADHOC).
    pub adhoc: bool,
    /// Made by a linker, and replaced by tools that sign (CS_LINKER_SIGNED).
    #[serde(default)]
    pub linker_signed: bool,
    /// Under which name it is signed.
    pub identifier: String,
    /// The team that signed it.
    #[serde(default)]
    pub team: Option<String>,
    /// The digest by which systems know this code: that of the strongest directory, the first 20 bytes, in lower-case hexadecimal.
    pub cdhash: String,
    /// The directories of hashes, in document order.
    pub directories: Vec<CodeDirectory>,
    /// Why it is not valid; empty: every hash in it is that of the bytes which it is about.
    #[serde(default)]
    pub faults: Vec<String>,
    /// What this file alone cannot show: certificates, and hashes of other files.
    #[serde(default)]
    pub unchecked: Vec<String>,
}

/// One list of hashes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CodeDirectory {
    /// Its version, such as 0x20400.
    pub version: String,
    /// `sha1`, `sha256`, `sha256-truncated`, `sha384`; `unknown-N` with the format's number where there is no name.
    pub hash: String,
    /// Bytes of a page; nought means all in one.
    pub page_size: u64,
    /// How many bytes of the image are covered, from its beginning.
    pub code_limit: u64,
    /// Pages whose hash is right.
    pub pages_verified: u32,
    /// Pages that it has hashes of.
    pub pages: u32,
    /// Hashes of other parts that are right: requirements, entitlements, an embedded Info.plist.
    pub parts_verified: u32,
    /// The directory's own digest, its first 20 bytes, in lower-case hexadecimal.
    pub cdhash: String,
}
