//! What is known about one binary file, as data that travels in JSON.
//!
//! Only facts: whether they are good is for [`crate::gates`] to say. Fields that a newer writer added are ignored when read, and
//! those that an older one did not know take their defaults.

mod macho;
mod pe;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::format::Format;
use crate::version::DottedVersion;
pub use macho::{CodeDirectory, CodeSignature, LibraryUse, MachoFacts, MachoLibrary, PlatformDemand};
pub use pe::{Checksum, PeFacts, PeImport, Subsystem};

/// Everything that [`crate::inspect()`] reads from a file. Names come from the file: not UTF-8 means replaced, too long means cut.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Facts {
    /// The container format.
    pub format: Format,
    /// 32 or 64; for ELF this is EI_CLASS, not the width of the processor; for PE it is that of the optional header (PE32, PE32+).
    pub class: u8,
    /// Byte order of the file's own structures.
    pub endianness: Endianness,
    /// The processor as triples name it: `x86_64`, `aarch64`, `arm`, `i686`, `riscv64`, `powerpc64le`; `universal` for a Mach-O of several,
    /// of which [`Facts::slices`] tell;
    /// `unknown-N` with the format's number where there is no name.
    pub machine: String,
    /// How the file is loaded.
    #[serde(default)]
    pub linkage: Linkage,
    /// The program loader: PT_INTERP of ELF, LC_LOAD_DYLINKER of Mach-O.
    #[serde(default)]
    pub interpreter: Option<String>,
    /// ELF: DT_SONAME.
    #[serde(default)]
    pub soname: Option<String>,
    /// Libraries that are loaded with it, in document order: DT_NEEDED of ELF (there it is search order), install names of Mach-O, imported
    /// DLLs of PE, those included that may be missing or are loaded later. Of a universal file: those of any slice.
    #[serde(default)]
    pub needed: Vec<String>,
    /// The highest version demanded of each prefix (`GLIBC`, `GLIBCXX`, `CXXABI`, `GCC` …), from the version need table.
    #[serde(default)]
    pub floors: BTreeMap<String, FloorDemand>,
    /// Every entry of the version need table, in document order: also those below the highest, and those that are no number
    /// (`GLIBC_PRIVATE`, `GLIBC_ABI_DT_RELR`).
    #[serde(default)]
    pub demands: Vec<VersionDemand>,
    /// Undefined `__isoc23_*` symbols without a version, sorted. They exist since glibc 2.38, and nothing in the version need table says so.
    #[serde(default)]
    pub unversioned_new_symbols: Vec<String>,
    /// DT_RPATH, split at colons; an empty item means the working folder.
    #[serde(default)]
    pub rpath: Vec<String>,
    /// DT_RUNPATH, split at colons; an empty item means the working folder.
    #[serde(default)]
    pub runpath: Vec<String>,
    /// What PT_GNU_STACK of ELF, or MH_ALLOW_STACK_EXECUTION of Mach-O, says.
    #[serde(default)]
    pub exec_stack: ExecStack,
    /// Number of loaded segments that are writable and executable at once.
    #[serde(default)]
    pub writable_executable_segments: u32,
    /// Whether relocated data becomes read-only.
    #[serde(default)]
    pub relro: Relro,
    /// All symbols are bound at load time (DF_BIND_NOW, DF_1_NOW or DT_BIND_NOW).
    #[serde(default)]
    pub bind_now: bool,
    /// Relocations write into read-only segments (DT_TEXTREL or DF_TEXTREL).
    #[serde(default)]
    pub textrel: bool,
    /// An executable that is loaded at any address.
    #[serde(default)]
    pub pie: bool,
    /// Has DT_RELR relocations, which glibc understands since 2.36 and musl since 1.2.4.
    #[serde(default)]
    pub relr: bool,
    /// Has no symbol table beside the dynamic one.
    #[serde(default)]
    pub stripped: bool,
    /// Has DWARF sections.
    #[serde(default)]
    pub debug_info: bool,
    /// In lower-case hexadecimal: NT_GNU_BUILD_ID of ELF, LC_UUID of Mach-O, GUID and age of PE's debug information.
    #[serde(default)]
    pub build_id: Option<String>,
    /// Exported entry points that a host program calls: `nif_init`, `PyInit_*`, sorted; without Mach-O's leading underscore.
    #[serde(default)]
    pub entry_points: Vec<String>,
    /// Undefined symbols that a host program provides: `enif_*`, `Py*`, `_Py*`, sorted; without Mach-O's leading underscore, and there only
    /// those that are not linked with a library. None of PE, where every import names its library.
    #[serde(default)]
    pub host_imports: Vec<String>,
    /// What only Mach-O files have; none for a universal file itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub macho: Option<MachoFacts>,
    /// What only PE files have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pe: Option<PeFacts>,
    /// The images of a universal Mach-O file, in document order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slices: Vec<Facts>,
}

impl Facts {
    /// Facts of a file of which only this is known.
    pub(crate) fn new(format: Format, class: u8, endianness: Endianness, machine: String) -> Self {
        Self {
            format,
            class,
            endianness,
            machine,
            linkage: Linkage::default(),
            interpreter: None,
            soname: None,
            needed: Vec::new(),
            floors: BTreeMap::new(),
            demands: Vec::new(),
            unversioned_new_symbols: Vec::new(),
            rpath: Vec::new(),
            runpath: Vec::new(),
            exec_stack: ExecStack::default(),
            writable_executable_segments: 0,
            relro: Relro::default(),
            bind_now: false,
            textrel: false,
            pie: false,
            relr: false,
            stripped: false,
            debug_info: false,
            build_id: None,
            entry_points: Vec::new(),
            host_imports: Vec::new(),
            macho: None,
            pe: None,
            slices: Vec::new(),
        }
    }

    /// The images that a loader may take: the slices of a universal file, or the file itself.
    pub fn images(&self) -> &[Facts] {
        if self.slices.is_empty() { std::slice::from_ref(self) } else { &self.slices }
    }
}

/// Order of the bytes of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Endianness {
    /// Least significant byte first.
    Little,
    /// Most significant byte first.
    Big,
}

/// How a file is loaded. For ELF decided from e_type, PT_INTERP, PT_DYNAMIC, DT_NEEDED and DF_1_PIE together, since none alone tells:
/// a shared object without needed libraries is not static-pie, and libc.so.6 has an interpreter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Linkage {
    /// An executable that needs a loader or libraries.
    Dynamic,
    /// An executable at a fixed address that needs neither.
    Static,
    /// An executable that relocates itself and needs neither.
    StaticPie,
    /// A library, loaded by something else.
    SharedObject,
    /// An object file or kernel module.
    Relocatable,
    /// A core dump.
    Core,
    /// The debug information of another file (objcopy --only-keep-debug): its code and its tables are not in it.
    DebugOnly,
    /// Not known, or a kind that a newer writer knows.
    #[default]
    #[serde(other)]
    Unknown,
}

impl fmt::Display for Linkage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dynamic => "dynamic",
            Self::Static => "static",
            Self::StaticPie => "static-pie",
            Self::SharedObject => "shared object",
            Self::Relocatable => "relocatable",
            Self::Core => "core dump",
            Self::DebugOnly => "debug information only",
            Self::Unknown => "of unknown linkage",
        })
    }
}

impl Linkage {
    /// An executable that runs without a loader and without libraries.
    pub fn is_static(self) -> bool {
        matches!(self, Self::Static | Self::StaticPie)
    }

    /// Handled by the dynamic loader.
    pub fn is_dynamic(self) -> bool {
        matches!(self, Self::Dynamic | Self::SharedObject)
    }
}

/// What PT_GNU_STACK (or, in an object file, `.note.GNU-stack`) says about the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ExecStack {
    /// Nothing: the loader takes the processor's default, which may be executable. glibc 2.41 refuses to load such a library.
    Missing,
    /// An executable stack is asked for.
    Executable,
    /// The stack is data.
    NonExecutable,
    /// Not read: not an ELF file, or one without anything to load.
    #[default]
    #[serde(other)]
    Unknown,
}

/// Whether data that is only written by relocation becomes read-only after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Relro {
    /// No PT_GNU_RELRO.
    #[default]
    None,
    /// PT_GNU_RELRO, but functions are bound lazily, so their table stays writable.
    Partial,
    /// PT_GNU_RELRO, and nothing is bound after loading.
    Full,
}

/// The highest version that a file demands of one prefix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FloorDemand {
    /// The number: 2.36 of `GLIBC_2.36`.
    pub version: DottedVersion,
    /// The first dozen symbols that ask for it, sorted, weak ones included. Empty where the table demands a version that no symbol
    /// uses: the loader refuses all the same.
    #[serde(default)]
    pub symbols: Vec<String>,
    /// The library that must provide it: `libc.so.6`.
    pub library: String,
}

/// One entry of the version need table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VersionDemand {
    /// The version's whole name: `GLIBC_2.36`.
    pub name: String,
    /// The library that must provide it.
    pub library: String,
    /// VER_FLG_WEAK: the loader only warns where the version is missing. Says nothing about the symbols, and counts all the same.
    #[serde(default)]
    pub weak: bool,
    /// The first dozen symbols that ask for it, sorted.
    #[serde(default)]
    pub symbols: Vec<String>,
    /// How many symbols ask for it.
    #[serde(default)]
    pub symbol_count: u32,
}
