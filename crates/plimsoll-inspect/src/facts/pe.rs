//! What is known about one PE file beside what every format has.

use serde::{Deserialize, Serialize};

use crate::version::DottedVersion;

/// Facts from headers, imports, exports and directories.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PeFacts {
    /// `Machine` of the file header.
    pub machine: u16,
    /// Which system it is for.
    pub subsystem: Subsystem,
    /// The oldest Windows that loads it by what its linker wrote down, as its kernel is numbered: 6.0 is Vista, 10.0 is Windows 10. What it
    /// imports may need a newer one.
    pub subsystem_version: DottedVersion,
    /// `OperatingSystemVersion` of the header, which no loader looks at.
    pub os_version: DottedVersion,
    /// A DLL, by its header.
    pub dll: bool,
    /// What it imports, by library, in document order.
    #[serde(default)]
    pub imports: Vec<PeImport>,
    /// Names that it exports, sorted; the first 8192.
    #[serde(default)]
    pub exports: Vec<String>,
    /// Exports that are found in another library: `library.name`, sorted.
    #[serde(default)]
    pub forwards: Vec<String>,
    /// The name under which it exports.
    #[serde(default)]
    pub export_name: Option<String>,
    /// C runtimes that it imports: `ucrt`, `msvcrt`, `vcruntime140` …, sorted.
    #[serde(default)]
    pub c_runtimes: Vec<String>,
    /// Loaded at any address: DYNAMIC_BASE, and relocations that make it true.
    pub aslr: bool,
    /// Loaded anywhere in 64 bits (HIGH_ENTROPY_VA).
    pub high_entropy: bool,
    /// Data is never executed (NX_COMPAT).
    pub nx: bool,
    /// Indirect calls are checked (GUARD_CF).
    pub guard_cf: bool,
    /// What the header's checksum is worth.
    pub checksum: Checksum,
    /// The file of debug information, as the linker wrote it down.
    #[serde(default)]
    pub pdb: Option<String>,
    /// Bytes of Authenticode signatures, which are not checked; none where there are none.
    #[serde(default)]
    pub signature_size: Option<u32>,
    /// Bytes behind all that the headers tell of.
    #[serde(default)]
    pub overlay: u64,
}

/// What a program runs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Subsystem {
    /// A console, which is opened where there is none.
    Console,
    /// Windows of its own; nobody sees what it prints.
    Gui,
    /// The kernel: drivers, and programs that run before the system does.
    Native,
    /// Firmware.
    Efi,
    /// None of these.
    #[serde(other)]
    Other,
}

impl Subsystem {
    /// As people write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Console => "console",
            Self::Gui => "GUI",
            Self::Native => "native",
            Self::Efi => "EFI",
            Self::Other => "another",
        }
    }
}

/// What is imported of one library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PeImport {
    /// The library, as it is written; Windows does not tell capitals from small letters.
    pub library: String,
    /// Loaded when it is first used.
    #[serde(default)]
    pub delayed: bool,
    /// Names, in document order, `#N` for those that are imported by number; the first 2048, and behind them those that say how old a Windows
    /// may be.
    #[serde(default)]
    pub symbols: Vec<String>,
    /// How many there are.
    #[serde(default)]
    pub symbol_count: u32,
}

/// The header's checksum, which Windows checks of drivers only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Checksum {
    /// Nought: the linker wrote none.
    Absent,
    /// That of the file's bytes.
    Valid,
    /// Not that of the file's bytes: they were changed after it was linked.
    Wrong,
}
