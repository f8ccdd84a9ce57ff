//! What every Windows 10 provides, and what some editions or machines lack: libraries by name, which Windows compares without regard to capitals.
//!
//! Not the runtimes of a compiler: `vcruntime140.dll`, `libgcc_s_seh-1.dll`, `libwinpthread-1.dll` and their like are on the machine that has the
//! compiler, and must be linked statically or shipped.

use crate::version::DottedVersion;

/// DLLs of `System32` that programs link, from the import libraries of the Windows SDK ("Windows umbrella libraries": WindowsApp.lib,
/// OneCore.lib) and of the desktop. Not every import library names a DLL of its own name: `synchronization.lib` leads to API sets, and there is
/// no `synchronization.dll`.
pub const LIBRARIES: &[&str] = &[
    "activeds.dll",
    "adsldpc.dll",
    "advapi32.dll",
    "authz.dll",
    "avrt.dll",
    "bcrypt.dll",
    "bcryptprimitives.dll",
    "cabinet.dll",
    "cfgmgr32.dll",
    "combase.dll",
    "comctl32.dll",
    "comdlg32.dll",
    "credui.dll",
    "crypt32.dll",
    "cryptbase.dll",
    "cryptnet.dll",
    "cryptui.dll",
    "d2d1.dll",
    "d3d10.dll",
    "d3d10_1.dll",
    "d3d11.dll",
    "d3d12.dll",
    "d3d9.dll",
    "d3dcompiler_47.dll",
    "dbgeng.dll",
    "dbghelp.dll",
    "dcomp.dll",
    "ddraw.dll",
    "dhcpcsvc.dll",
    "dhcpcsvc6.dll",
    "dinput.dll",
    "dinput8.dll",
    "dnsapi.dll",
    "dsound.dll",
    "dwmapi.dll",
    "dwrite.dll",
    "dxgi.dll",
    "dxva2.dll",
    "esent.dll",
    "fltlib.dll",
    "fwpuclnt.dll",
    "gdi32.dll",
    "gdiplus.dll",
    "glu32.dll",
    "hid.dll",
    "httpapi.dll",
    "imagehlp.dll",
    "imm32.dll",
    "iphlpapi.dll",
    "kernel32.dll",
    "kernelbase.dll",
    "ktmw32.dll",
    "lz32.dll",
    "mlang.dll",
    "mpr.dll",
    "mprapi.dll",
    "msasn1.dll",
    "mscms.dll",
    "mscoree.dll",
    "msi.dll",
    "msimg32.dll",
    "msvcrt.dll",
    "mswsock.dll",
    "ncrypt.dll",
    "netapi32.dll",
    "newdev.dll",
    "normaliz.dll",
    "ntdll.dll",
    "ntdsapi.dll",
    "odbc32.dll",
    "odbccp32.dll",
    "ole32.dll",
    "oleacc.dll",
    "oleaut32.dll",
    "oledlg.dll",
    "opengl32.dll",
    "pdh.dll",
    "powrprof.dll",
    "propsys.dll",
    "psapi.dll",
    "rasapi32.dll",
    "rpcrt4.dll",
    "rstrtmgr.dll",
    "secur32.dll",
    "security.dll",
    "sensapi.dll",
    "setupapi.dll",
    "shcore.dll",
    "shell32.dll",
    "shfolder.dll",
    "shlwapi.dll",
    "sspicli.dll",
    "tapi32.dll",
    "tdh.dll",
    "ucrtbase.dll",
    "uiautomationcore.dll",
    "urlmon.dll",
    "user32.dll",
    "userenv.dll",
    "usp10.dll",
    "uxtheme.dll",
    "version.dll",
    "virtdisk.dll",
    "webservices.dll",
    "websocket.dll",
    "wer.dll",
    "wevtapi.dll",
    "windowscodecs.dll",
    "winhttp.dll",
    "wininet.dll",
    "winmm.dll",
    "winscard.dll",
    "winspool.drv",
    "wintrust.dll",
    "winusb.dll",
    "wlanapi.dll",
    "wldap32.dll",
    "ws2_32.dll",
    "wsock32.dll",
    "wtsapi32.dll",
    "xinput1_4.dll",
    "xinput9_1_0.dll",
    "xmllite.dll",
];

/// DLLs that only some editions have: Media Foundation is missing in those for Europe and Korea (N, KN) until its owner adds the Media Feature
/// Pack (<https://support.microsoft.com/windows/media-feature-pack-for-windows-n-8622b390-4ce6-43c9-9b42-549e5328e407>).
pub const SOME_EDITIONS: &[&str] = &["mf.dll", "mfplat.dll", "mfreadwrite.dll"];

/// DLLs that only drivers bring: Vulkan and OpenCL those of a graphics card, CUDA those of NVIDIA's. No edition of Windows has them of itself.
pub const OF_DRIVERS: &[&str] = &["nvcuda.dll", "opencl.dll", "vulkan-1.dll"];

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
