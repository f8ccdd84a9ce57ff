//! What every Windows 10 provides, and what some editions lack: libraries by name, which Windows compares without regard to capitals.
//!
//! Not the runtimes of a compiler: `vcruntime140.dll`, `libgcc_s_seh-1.dll`, `libwinpthread-1.dll` and their like are on the machine that has the
//! compiler, and must be linked statically or shipped.

use crate::version::DottedVersion;

/// DLLs of `System32` that programs link, from the import libraries of the Windows SDK ("Windows umbrella libraries": WindowsApp.lib,
/// OneCore.lib) and of the desktop. Not every import library names a DLL of its own name: `synchronization.lib` leads to API sets, and there is
/// no `synchronization.dll`.
pub const LIBRARIES: &[&str] = &[
    "advapi32.dll",
    "avrt.dll",
    "bcrypt.dll",
    "bcryptprimitives.dll",
    "cabinet.dll",
    "cfgmgr32.dll",
    "comctl32.dll",
    "comdlg32.dll",
    "combase.dll",
    "credui.dll",
    "crypt32.dll",
    "cryptbase.dll",
    "cryptnet.dll",
    "cryptui.dll",
    "d2d1.dll",
    "d3d11.dll",
    "d3d12.dll",
    "d3dcompiler_47.dll",
    "dbghelp.dll",
    "dnsapi.dll",
    "dwmapi.dll",
    "dwrite.dll",
    "dxgi.dll",
    "dxva2.dll",
    "fwpuclnt.dll",
    "gdi32.dll",
    "gdiplus.dll",
    "hid.dll",
    "httpapi.dll",
    "imagehlp.dll",
    "imm32.dll",
    "iphlpapi.dll",
    "kernel32.dll",
    "kernelbase.dll",
    "ktmw32.dll",
    "mpr.dll",
    "msimg32.dll",
    "mscoree.dll",
    "msvcrt.dll",
    "mswsock.dll",
    "ncrypt.dll",
    "netapi32.dll",
    "normaliz.dll",
    "ntdll.dll",
    "odbc32.dll",
    "ole32.dll",
    "oleacc.dll",
    "oleaut32.dll",
    "opengl32.dll",
    "pdh.dll",
    "powrprof.dll",
    "propsys.dll",
    "psapi.dll",
    "rpcrt4.dll",
    "rstrtmgr.dll",
    "secur32.dll",
    "setupapi.dll",
    "shcore.dll",
    "shell32.dll",
    "shlwapi.dll",
    "sspicli.dll",
    "tdh.dll",
    "ucrtbase.dll",
    "uiautomationcore.dll",
    "urlmon.dll",
    "user32.dll",
    "userenv.dll",
    "usp10.dll",
    "uxtheme.dll",
    "version.dll",
    "wer.dll",
    "wevtapi.dll",
    "winhttp.dll",
    "wininet.dll",
    "winmm.dll",
    "winscard.dll",
    "winspool.drv",
    "wintrust.dll",
    "winusb.dll",
    "wldap32.dll",
    "ws2_32.dll",
    "wtsapi32.dll",
    "xinput1_4.dll",
];

/// DLLs that only some editions have: Media Foundation is missing in those for Europe and Korea (N, KN) until its owner adds the Media Feature
/// Pack (<https://support.microsoft.com/windows/media-feature-pack-for-windows-n-8622b390-4ce6-43c9-9b42-549e5328e407>).
pub const SOME_EDITIONS: &[&str] = &["mf.dll", "mfplat.dll", "mfreadwrite.dll"];

/// Beginnings of the names of API sets, which are no files: the loader maps them to libraries of the system.
/// `api-` ones every Windows has (<https://learn.microsoft.com/windows/win32/apiindex/windows-apisets>).
pub const API_SETS: &[&str] = &["api-ms-win-"];

/// Beginnings of the names of API sets that need not be on every edition (the same page).
pub const API_SETS_OF_SOME_EDITIONS: &[&str] = &["ext-ms-win-"];

/// Runtimes of compilers that are told from other libraries to say what to do, by the beginnings of their names.
pub const COMPILER_RUNTIMES: &[&str] = &[
    "libgcc_s",
    "libwinpthread",
    "libstdc++",
    "libc++",
    "libunwind",
    "libssp",
    "libgomp",
    "vcruntime",
    "msvcp",
    "msvcr",
    "vcomp",
    "concrt",
];

/// The last Windows 10 (22H2). Which earlier one does too is measured; no project can name one, and rustc's programs run on none before the
/// first: <https://doc.rust-lang.org/rustc/platform-support/windows-msvc.html>.
pub fn floor() -> DottedVersion {
    DottedVersion::of(10, &[0, 19045])
}
