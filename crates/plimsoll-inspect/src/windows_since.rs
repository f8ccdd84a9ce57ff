//! Since which Windows there is a library or a function of it, for what programs import.
//!
//! The subsystem version in a header is the linker's word (binutils and LLD write 6.0 or less, whatever is imported), and what is imported is
//! what the loader looks for. The table is not complete, so that what is found by it is a lower bound: what is not in it is taken to be as old as
//! the header says, and may be newer.
//!
//! Sources: "Minimum supported client" of each function's page below <https://learn.microsoft.com/windows/win32/api/>; builds of Windows 10 by
//! <https://learn.microsoft.com/windows/release-health/release-information>. For a whole library, that of the functions which it came with.

use crate::dll_names::{completed, is_api_set};
use crate::facts::{PeFacts, PeImport};
use crate::host_windows::API_SETS;
use crate::version::DottedVersion;

/// A Windows as its kernel is numbered, with the build where a release of the same number did not have it yet.
type Number = (u32, u32, u32);

const VISTA: Number = (6, 0, 0);
const SEVEN: Number = (6, 1, 0);
const EIGHT: Number = (6, 2, 0);
const EIGHT_ONE: Number = (6, 3, 0);
const TEN: Number = (10, 0, 0);
const TEN_1511: Number = (10, 0, 10586);
const TEN_1607: Number = (10, 0, 14393);
const TEN_1703: Number = (10, 0, 15063);
const TEN_1809: Number = (10, 0, 17763);
/// Windows 11 goes on counting builds of 10.0.
const ELEVEN: Number = (10, 0, 22000);
const ELEVEN_22H2: Number = (10, 0, 22621);
const ELEVEN_24H2: Number = (10, 0, 26100);

/// Libraries, whatever is imported of them; API sets by the beginnings of their names, which end with a dash.
const LIBRARIES: &[(&str, Number)] = &[
    // API sets came with Windows 7.
    ("api-ms-win-", SEVEN),
    ("api-ms-win-core-ioring-", ELEVEN),
    ("api-ms-win-core-path-l1-1-", EIGHT),
    ("api-ms-win-core-synch-l1-2-", EIGHT),
    ("api-ms-win-core-winrt-", EIGHT),
    // The Universal C Runtime is a part of Windows 10, and of older ones by an update (KB2999226) or an installer only:
    // <https://learn.microsoft.com/cpp/windows/universal-crt-deployment>.
    ("api-ms-win-crt-", TEN),
    ("bcrypt.dll", VISTA),
    ("combase.dll", EIGHT),
    ("d3d12.dll", TEN),
    ("dwrite.dll", SEVEN),
    ("kernelbase.dll", SEVEN),
    ("shcore.dll", EIGHT),
    ("ucrtbase.dll", TEN),
    ("xinput1_4.dll", EIGHT),
];

/// Functions, with the library that has them. Those of kernel32 are in kernelbase and in API sets too.
const FUNCTIONS: &[(&str, Number, &[&str])] = &[
    (
        "kernel32.dll",
        VISTA,
        &[
            "AcquireSRWLockExclusive",
            "AcquireSRWLockShared",
            "CreateSymbolicLinkW",
            "GetFinalPathNameByHandleW",
            "GetTickCount64",
            "InitOnceBeginInitialize",
            "InitOnceExecuteOnce",
            "SleepConditionVariableCS",
            "SleepConditionVariableSRW",
        ],
    ),
    ("kernel32.dll", SEVEN, &["CreateRemoteThreadEx", "GetActiveProcessorCount", "TryAcquireSRWLockExclusive", "TryAcquireSRWLockShared"]),
    (
        "kernel32.dll",
        EIGHT,
        &[
            "CreateFile2",
            "GetCurrentThreadStackLimits",
            "GetOverlappedResultEx",
            "GetProcessMitigationPolicy",
            "GetSystemTimePreciseAsFileTime",
            "PrefetchVirtualMemory",
            "SetProcessMitigationPolicy",
            // Of kernelbase and API sets alone.
            "WaitOnAddress",
            "WakeByAddressAll",
            "WakeByAddressSingle",
        ],
    ),
    ("kernel32.dll", EIGHT_ONE, &["DiscardVirtualMemory"]),
    ("shcore.dll", EIGHT_ONE, &["GetDpiForMonitor", "GetProcessDpiAwareness", "SetProcessDpiAwareness"]),
    ("bcryptprimitives.dll", TEN, &["ProcessPrng"]),
    ("kernel32.dll", TEN_1511, &["IsWow64Process2"]),
    ("kernel32.dll", TEN_1607, &["GetThreadDescription", "SetThreadDescription"]),
    (
        "user32.dll",
        TEN_1607,
        &[
            "AdjustWindowRectExForDpi",
            "EnableNonClientDpiScaling",
            "GetDpiForSystem",
            "GetDpiForWindow",
            "GetSystemMetricsForDpi",
            "SetThreadDpiAwarenessContext",
            "SystemParametersInfoForDpi",
        ],
    ),
    ("user32.dll", TEN_1703, &["SetProcessDpiAwarenessContext"]),
    ("kernel32.dll", TEN_1809, &["ClosePseudoConsole", "CreatePseudoConsole", "ResizePseudoConsole"]),
    (
        "kernel32.dll",
        ELEVEN,
        &[
            "GetMachineTypeAttributes",
            // Those of ioringapi.h are in kernelbase and API sets alone.
            "BuildIoRingCancelRequest",
            "BuildIoRingReadFile",
            "BuildIoRingRegisterBuffers",
            "BuildIoRingRegisterFileHandles",
            "CloseIoRing",
            "CreateIoRing",
            "GetIoRingInfo",
            "IsIoRingOpSupported",
            "PopIoRingCompletion",
            "QueryIoRingCapabilities",
            "SetIoRingCompletionEvent",
            "SubmitIoRing",
        ],
    ),
    ("kernel32.dll", ELEVEN_22H2, &["BuildIoRingFlushFile", "BuildIoRingWriteFile"]),
    ("kernel32.dll", ELEVEN_24H2, &["ReleasePseudoConsole"]),
];

/// Names that are told in one reason.
const SHOWN: usize = 3;

/// What an import demands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WindowsDemand {
    /// The first Windows that has it.
    pub version: DottedVersion,
    /// The library, as it is written.
    pub library: String,
    /// The functions of it that came with that Windows; none: the whole library did.
    pub functions: Vec<String>,
}

impl WindowsDemand {
    /// `ProcessPrng from bcryptprimitives.dll`: three functions at most.
    pub(crate) fn describe(&self) -> String {
        let shown = self.functions.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
        match self.functions.len() {
            0 => self.library.clone(),
            count if count > SHOWN => format!("{shown} and {} more from {}", count - SHOWN, self.library),
            _ => format!("{shown} from {}", self.library),
        }
    }
}

/// What is loaded with a file, by the Windows that it came with, the newest first. Imports that are loaded when they are first used keep nobody
/// from loading the file.
pub(crate) fn demands(own: &PeFacts) -> Vec<WindowsDemand> {
    let mut found = own.imports.iter().filter(|import| !import.delayed).flat_map(of_library).collect::<Vec<_>>();
    found.sort_by(|a, b| b.version.compare_padded(&a.version));
    found
}

/// One demand for each Windows that has brought something of it.
fn of_library(import: &PeImport) -> Vec<WindowsDemand> {
    let library = completed(&import.library);
    let mut found = Vec::<WindowsDemand>::new();
    let functions = import.symbols.iter().filter_map(|symbol| Some((function_since(&library, symbol)?, Some(symbol))));
    for (number, function) in functions.chain(library_since(&library).map(|number| (number, None))) {
        let version = version(number);
        let at = found.iter().position(|known| known.version == version).unwrap_or_else(|| {
            found.push(WindowsDemand { version, library: import.library.clone(), functions: Vec::new() });
            found.len() - 1
        });
        let known = &mut found[at].functions;
        known.extend(function.filter(|function| !known.contains(function)).cloned());
    }
    found
}

/// Whether a function of a library, by its completed name, sets a floor.
pub(crate) fn is_known(library: &str, symbol: &str) -> bool {
    function_since(library, symbol).is_some()
}

fn library_since(library: &str) -> Option<Number> {
    let is_it = |known: &str| if known.ends_with('-') { is_system_set(library) && library.starts_with(known) } else { library == known };
    // The longest beginning says most.
    LIBRARIES.iter().filter(|(known, _)| is_it(known)).max_by_key(|(known, _)| known.len()).map(|(_, number)| *number)
}

fn function_since(library: &str, symbol: &str) -> Option<Number> {
    let has = |home: &str| library == home || (home == "kernel32.dll" && (library == "kernelbase.dll" || is_system_set(library)));
    FUNCTIONS.iter().find(|(home, _, symbols)| has(home) && symbols.contains(&symbol)).map(|(_, number, _)| *number)
}

fn version((major, minor, build): Number) -> DottedVersion {
    if build == 0 { DottedVersion::of(major, &[minor]) } else { DottedVersion::of(major, &[minor, build]) }
}

fn is_system_set(library: &str) -> bool {
    API_SETS.iter().any(|prefix| is_api_set(library, prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(imports: &[(&str, bool, &[&str])]) -> Vec<String> {
        let imports = imports
            .iter()
            .map(|(library, delayed, symbols)| serde_json::json!({ "library": library, "delayed": delayed, "symbols": symbols }));
        let facts = serde_json::json!({
            "machine": 0, "subsystem": "console", "subsystem_version": "6.0", "os_version": "6.0", "dll": false, "aslr": true,
            "high_entropy": true, "nx": true, "guard_cf": false, "checksum": "absent", "imports": imports.collect::<Vec<_>>(),
        });
        demands(&serde_json::from_value(facts).unwrap()).iter().map(|demand| format!("{} {}", demand.version, demand.describe())).collect()
    }

    #[test]
    fn functions_and_libraries_have_a_first_windows() {
        assert_eq!(told(&[("bcryptprimitives.dll", false, &["ProcessPrng"])]), ["10.0 ProcessPrng from bcryptprimitives.dll"]);
        assert_eq!(told(&[("bcryptprimitives", false, &["ProcessPrng"])]), ["10.0 ProcessPrng from bcryptprimitives"]);
        assert_eq!(
            told(&[("KERNEL32.dll", false, &["ExitProcess", "SetThreadDescription"])]),
            ["10.0.14393 SetThreadDescription from KERNEL32.dll"]
        );
        assert_eq!(told(&[("api-ms-win-crt-heap-l1-1-0.dll", false, &["free"])]), ["10.0 api-ms-win-crt-heap-l1-1-0.dll"]);
        assert_eq!(told(&[("api-ms-win-core-file-l1-1-0.dll", false, &[])]), ["6.1 api-ms-win-core-file-l1-1-0.dll"]);
        assert_eq!(told(&[("api-ms-win-core-ioring-l1-1-0.dll", false, &[])]), ["10.0.22000 api-ms-win-core-ioring-l1-1-0.dll"]);
        let sets = told(&[("api-ms-win-core-synch-l1-2-0.dll", false, &["WaitOnAddress", "WakeByAddressAll"])]);
        assert_eq!(sets, ["6.2 WaitOnAddress, WakeByAddressAll from api-ms-win-core-synch-l1-2-0.dll"]);
        let many = ["CreateFile2", "WaitOnAddress", "WakeByAddressAll", "WakeByAddressSingle"];
        assert_eq!(
            told(&[("kernelbase.dll", false, &many)])[0],
            "6.2 CreateFile2, WaitOnAddress, WakeByAddressAll and 1 more from kernelbase.dll"
        );
    }

    #[test]
    fn the_newest_comes_first_and_what_is_loaded_later_does_not_count() {
        let imports: [(&str, bool, &[&str]); 3] =
            [("kernel32.dll", false, &["CreateFile2"]), ("user32.dll", true, &["GetDpiForWindow"]), ("d3d12.dll", false, &[])];
        assert_eq!(told(&imports), ["10.0 d3d12.dll", "6.2 CreateFile2 from kernel32.dll"]);
    }

    #[test]
    fn a_function_of_that_name_in_another_library_is_another() {
        assert!(
            told(&[("own.dll", false, &["ProcessPrng", "SetThreadDescription"]), ("api-ms-win-evil.dll", false, &["CreateFile2"])])
                .is_empty()
        );
    }
}
