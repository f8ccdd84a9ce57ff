//! Names of processors, kinds and platforms for Mach-O's numbers.
//!
//! A processor's name is the one of triples: variants that another processor of the family cannot run have their own.

use object::macho::{self, CpuSubtype, CpuType, FileType, Platform};

/// Bits of a subtype that tell of capabilities, not of the processor (CPU_SUBTYPE_MASK of `mach/machine.h`).
pub(super) const CAPABILITIES: u32 = 0xff00_0000;

/// `x86_64`, `aarch64` …; `unknown-N` where triples have none that is known here.
pub(super) fn name(cpu_type: CpuType, cpu_subtype: CpuSubtype) -> String {
    let subtype = CpuSubtype(cpu_subtype.0 & !CAPABILITIES);
    let name = match cpu_type {
        macho::CPU_TYPE_X86_64 if subtype == macho::CPU_SUBTYPE_X86_64_H.into() => "x86_64h",
        macho::CPU_TYPE_X86_64 => "x86_64",
        macho::CPU_TYPE_X86 => "i686",
        macho::CPU_TYPE_ARM64 if subtype == macho::CPU_SUBTYPE_ARM64E.into() => "arm64e",
        macho::CPU_TYPE_ARM64 => "aarch64",
        macho::CPU_TYPE_ARM64_32 => "arm64_32",
        macho::CPU_TYPE_ARM => "arm",
        macho::CPU_TYPE_POWERPC => "powerpc",
        macho::CPU_TYPE_POWERPC64 => "powerpc64",
        other => return format!("unknown-{}", other.0),
    };
    name.to_owned()
}

/// `execute`, `dylib` …; `unknown-N` for a number without a name.
pub(super) fn file_type(kind: FileType) -> String {
    let name = match kind {
        macho::MH_OBJECT => "object",
        macho::MH_EXECUTE => "execute",
        macho::MH_FVMLIB => "fvmlib",
        macho::MH_CORE => "core",
        macho::MH_PRELOAD => "preload",
        macho::MH_DYLIB => "dylib",
        macho::MH_DYLINKER => "dylinker",
        macho::MH_BUNDLE => "bundle",
        macho::MH_DYLIB_STUB => "dylib-stub",
        macho::MH_DSYM => "dsym",
        macho::MH_KEXT_BUNDLE => "kext",
        macho::MH_FILESET => "fileset",
        other => return format!("unknown-{}", other.0),
    };
    name.to_owned()
}

/// `macos`, `ios` …; `unknown-N` for a number without a name.
pub(super) fn platform(platform: Platform) -> String {
    let name = match platform {
        macho::PLATFORM_MACOS => "macos",
        macho::PLATFORM_IOS => "ios",
        macho::PLATFORM_TVOS => "tvos",
        macho::PLATFORM_WATCHOS => "watchos",
        macho::PLATFORM_BRIDGEOS => "bridgeos",
        macho::PLATFORM_MACCATALYST => "mac-catalyst",
        macho::PLATFORM_IOSSIMULATOR => "ios-simulator",
        macho::PLATFORM_TVOSSIMULATOR => "tvos-simulator",
        macho::PLATFORM_WATCHOSSIMULATOR => "watchos-simulator",
        macho::PLATFORM_DRIVERKIT => "driverkit",
        macho::PLATFORM_VISIONOS => "visionos",
        macho::PLATFORM_VISIONOSSIMULATOR => "visionos-simulator",
        other => return format!("unknown-{}", other.0),
    };
    name.to_owned()
}
