//! Files with one fault each, linked so or changed afterwards: each refused with its own message, and with no other.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::built::Files;
use crate::testbed::{self, Testbed};
use crate::{Checks, Trouble};

const ARM: &str = "aarch64-apple-darwin";
const INTEL: &str = "x86_64-apple-darwin";
const WINDOWS: &str = "x86_64-pc-windows-gnu";

/// A file that zig links with a fault.
struct Linked {
    name: &'static str,
    target: &'static str,
    source: &'static str,
    words: &'static [&'static str],
    gates: &'static str,
    code: &'static str,
    says: &'static str,
}

const LINKED: &[Linked] = &[
    Linked {
        name: "too-new",
        target: "aarch64-macos.15.0",
        source: "program.c",
        words: &[],
        gates: ARM,
        code: "floor-too-high",
        says: "needs macOS 15.0 (LC_BUILD_VERSION), above the floor 11.0",
    },
    Linked {
        name: "libabsolute.dylib",
        target: "aarch64-macos.11.0",
        source: "library.c",
        words: &["-shared", "-install_name", "/build/libabsolute.dylib"],
        gates: ARM,
        code: "absolute-install-name",
        says: "has the install name /build/libabsolute.dylib",
    },
    Linked {
        name: "absolute-rpath",
        target: "aarch64-macos.11.0",
        source: "program.c",
        words: &["-Wl,-rpath,/opt/lib"],
        gates: ARM,
        code: "absolute-search-path",
        says: "searches libraries in /opt/lib (LC_RPATH)",
    },
    Linked {
        name: "climbing-rpath",
        target: "aarch64-macos.11.0",
        source: "program.c",
        words: &["-Wl,-rpath,@loader_path/../../../../tmp"],
        gates: ARM,
        code: "absolute-search-path",
        says: "searches libraries in @loader_path/../../../../tmp (LC_RPATH), which leads 4 folders up",
    },
    Linked {
        name: "foreign-library",
        target: "aarch64-macos.11.0",
        source: "program.c",
        words: &["libarm.dylib", "-Wl,-rpath,@loader_path"],
        gates: ARM,
        code: "missing-library",
        says: "needs @rpath/libarm.dylib, which neither macOS nor the artifact provides",
    },
    Linked {
        name: "libflat2.dylib",
        target: "aarch64-macos.11.0",
        source: "library.c",
        words: &["-shared", "-DOUTSIDE", "-undefined", "dynamic_lookup", "-install_name", "@rpath/x"],
        gates: ARM,
        code: "unexpected-import",
        says: "needs symbols of whatever loads it (outside)",
    },
];

/// A sound file, and the change that breaks it.
struct Changed {
    from: &'static str,
    name: &'static str,
    change: fn(&mut Vec<u8>) -> Option<()>,
    gates: &'static str,
    code: &'static str,
    says: &'static str,
}

const fn changed(
    from: &'static str,
    name: &'static str,
    change: fn(&mut Vec<u8>) -> Option<()>,
    gates: &'static str,
    code: &'static str,
    says: &'static str,
) -> Changed {
    Changed { from, name, change, gates, code, says }
}

const CHANGED: &[Changed] = &[
    changed("arm", "as-it-is", |_| Some(()), INTEL, "wrong-machine", "is for aarch64, not for x86_64"),
    changed("arm", "flipped", |bytes| flip(bytes, 0x4000), ARM, "invalid-signature", "is not that of its bytes"),
    changed("arm", "longer", extend, ARM, "invalid-signature", "16 bytes follow the signature"),
    changed(
        "universal",
        "flipped-slice",
        |bytes| flip_last_slice(bytes),
        INTEL,
        "invalid-signature",
        "in its aarch64 slice: has a code signature",
    ),
    changed(
        "intel",
        "writable-code",
        |bytes| put(bytes, &[5, 0, 0, 0, 5, 0, 0, 0], &[7, 0, 0, 0, 7]),
        INTEL,
        "writable-executable",
        "loads a segment",
    ),
    changed("intel", "fixed-address", |bytes| clear(bytes, 26, 0x20), INTEL, "fixed-address", "no MH_PIE"),
    changed("intel", "executable-stack", |bytes| set(bytes, 26, 2), INTEL, "exec-stack", "MH_ALLOW_STACK_EXECUTION"),
    changed("intel", "other-library", |bytes| put(bytes, b"/usr/lib/libSystem", b"/opt"), INTEL, "missing-library", "by its path"),
    changed("program.exe", "wrong-machine.exe", |_| Some(()), "aarch64-pc-windows-msvc", "wrong-machine", "is for x86_64, not for aarch64"),
    changed(
        "program.exe",
        "native.exe",
        |bytes| write_pe(bytes, 24 + 68, &[1]),
        WINDOWS,
        "wrong-subsystem",
        "runs in the native subsystem",
    ),
    changed("program.exe", "no-aslr.exe", |bytes| clear_pe(bytes, 24 + 70, 0x40), WINDOWS, "fixed-address", "no DYNAMIC_BASE"),
    changed("program.exe", "no-nx.exe", |bytes| clear_pe(bytes, 24 + 71, 1), WINDOWS, "executable-data", "no NX_COMPAT"),
    changed("program.exe", "checksum.exe", |bytes| write_pe(bytes, 24 + 64, &[1]), WINDOWS, "wrong-checksum", "not that of its bytes"),
    changed("program.exe", "too-new.exe", |bytes| write_pe(bytes, 24 + 48, &[11]), WINDOWS, "floor-too-high", "needs Windows 11.0"),
    changed(
        "program.exe",
        "runtime.exe",
        |bytes| put(bytes, b"api-ms-win-crt-heap-l1-1-0.dll", b"libgcc_s_seh-1.dll\0"),
        WINDOWS,
        "missing-library",
        "needs libgcc_s_seh-1.dll, a compiler's runtime",
    ),
    changed(
        "program.exe",
        "no-api-set.exe",
        |bytes| put(bytes, b"api-ms-win-crt-heap-l1-1-0.dll", b"api-ms-win-evil.dll\0"),
        WINDOWS,
        "missing-library",
        "needs api-ms-win-evil.dll, which neither Windows nor the artifact provides",
    ),
    changed(
        "program.exe",
        "by-path.exe",
        |bytes| put(bytes, b"api-ms-win-crt-heap-l1-1-0.dll", b"api-ms-win-x\\..\\..\\evil.dll\0"),
        WINDOWS,
        "missing-library",
        "evil.dll by its path",
    ),
    changed(
        "program.exe",
        "foreign.exe",
        |bytes| put(bytes, b"KERNEL32.dll", b"FOREIGN1.dll"),
        WINDOWS,
        "missing-library",
        "needs FOREIGN1.dll, which",
    ),
    changed("program.exe", "writable-code.exe", |bytes| writable_section(bytes), WINDOWS, "writable-executable", "loads a section"),
    changed(
        "program.exe",
        "leaked.exe",
        |bytes| put(bytes, b"This program cannot be run in DOS", b"/root/.cargo/registry/src/x/y.rs\0"),
        WINDOWS,
        "leaked-path",
        "/root/.cargo/registry/src/x/y.rs",
    ),
];

/// Files that LLD linked with a fault, and what their gates say of it.
const OF_LLD: &[(&str, &str, &str, &str)] = &[
    ("unsigned", ARM, "unsigned", "has no code signature, and macOS on aarch64 runs nothing without one"),
    ("with-objects", ARM, "leaked-path", "names object files of the machine that linked it (N_OSO): "),
    ("ios", ARM, "wrong-platform", "is built for ios, not for macOS"),
    ("libchained.dylib", ARM, "unexpected-import", "needs symbols of whatever loads it (elsewhere, outside)"),
    ("delayed.exe", WINDOWS, "missing-library", "needs other.dll, which neither Windows nor the artifact provides"),
    ("one-edition.exe", WINDOWS, "missing-library", "needs mfplat.dll when it is loaded, and some editions of Windows do not have it"),
    ("forwards.dll", WINDOWS, "missing-library", "needs elsewhere.dll, which neither Windows nor the artifact provides"),
];

pub fn run(testbed: &Testbed, files: &Files, checks: &mut Checks) -> Result<(), Trouble> {
    for (name, gates) in [
        ("arm", ARM),
        ("chained", ARM),
        ("libarm.dylib", ARM),
        ("universal", ARM),
        ("universal", INTEL),
        ("intel", INTEL),
        ("intel-rpath", INTEL),
    ] {
        sound(testbed, &files.folder.join(name), gates, checks)?;
    }
    for name in ["program.exe", "window.exe", "library.dll", "editions.exe"] {
        sound(testbed, &files.folder.join(name), WINDOWS, checks)?;
    }
    sound(testbed, &files.folder.join("arm.exe"), "aarch64-pc-windows-msvc", checks)?;
    for (name, gates, code, says) in OF_LLD {
        refused(testbed, &files.folder.join(name), gates, code, says, checks)?;
    }
    too_old(testbed, &files.folder.join("program.exe"), checks)?;
    for linked in LINKED {
        let file = files.zig.link(&files.folder, linked.name, linked.target, linked.source, linked.words)?;
        refused(testbed, &file, linked.gates, linked.code, linked.says, checks)?;
    }
    for changed in CHANGED {
        let from = files.folder.join(changed.from);
        let mut bytes = fs::read(&from).map_err(Trouble::io(&from))?;
        (changed.change)(&mut bytes).ok_or_else(|| Trouble::Broken(format!("{}: {} has no such place", changed.name, changed.from)))?;
        let to = files.folder.join(format!("broken-{}", changed.name));
        fs::write(&to, bytes).map_err(Trouble::io(&to))?;
        refused(testbed, &to, changed.gates, changed.code, changed.says, checks)?;
    }
    Ok(())
}

fn sound(testbed: &Testbed, file: &Path, gates: &str, checks: &mut Checks) -> Result<(), Trouble> {
    let said = testbed::run(testbed.plimsoll(&testbed.store).args(["inspect", "--target", gates]).arg(file))?;
    checks.that(&format!("{}: passes the gates of {gates}", name(file)), said.well(), || said.all());
    Ok(())
}

/// The linker writes an older Windows into the header than has what is imported.
fn too_old(testbed: &Testbed, file: &Path, checks: &mut Checks) -> Result<(), Trouble> {
    let said = testbed::run(testbed.plimsoll(&testbed.store).args(["inspect", "--floor", "windows:6.1"]).arg(file))?;
    let told = said.stderr.contains("needs Windows 10.0, above 6.1") && said.stderr.contains("api-ms-win-crt-");
    checks.that(&format!("{}: needs the Windows that has its C runtime", name(file)), said.code == Some(1) && told, || said.all());
    Ok(())
}

/// Refused for this fault alone, in JSON and in words.
fn refused(testbed: &Testbed, file: &Path, gates: &str, code: &str, says: &str, checks: &mut Checks) -> Result<(), Trouble> {
    let words = ["inspect", "--target", gates];
    let json = testbed::run(testbed.plimsoll(&testbed.store).arg("--json").args(words).arg(file))?;
    let document = serde_json::from_str::<Value>(&json.stdout).unwrap_or_default();
    let findings = document[0]["findings"].as_array().cloned().unwrap_or_default();
    let is_it =
        findings.len() == 1 && findings[0]["code"] == code && findings[0]["message"].as_str().is_some_and(|message| message.contains(says));
    checks.that(&format!("{}: refused with {code} alone", name(file)), json.code == Some(1) && is_it, || json.all());
    let told = testbed::run(testbed.plimsoll(&testbed.store).args(words).arg(file))?;
    let line = told.stderr.lines().find(|line| line.trim().starts_with(&format!("{code}: "))).unwrap_or_default().trim().to_owned();
    checks.that(&format!("{}: told in words", name(file)), told.code == Some(1) && line.contains(says), || told.all());
    println!("          {line}");
    Ok(())
}

fn name(file: &Path) -> String {
    file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn flip(bytes: &mut [u8], at: usize) -> Option<()> {
    *bytes.get_mut(at)? ^= 1;
    Some(())
}

fn extend(bytes: &mut Vec<u8>) -> Option<()> {
    bytes.extend([0; 16]);
    Some(())
}

fn set(bytes: &mut [u8], at: usize, bits: u8) -> Option<()> {
    *bytes.get_mut(at)? |= bits;
    Some(())
}

fn clear(bytes: &mut [u8], at: usize, bits: u8) -> Option<()> {
    *bytes.get_mut(at)? &= !bits;
    Some(())
}

/// Writes over the first place that holds `from`; what is left of it stays.
fn put(bytes: &mut [u8], from: &[u8], to: &[u8]) -> Option<()> {
    let at = bytes.windows(from.len()).position(|window| window == from)?;
    bytes.get_mut(at..at + to.len())?.copy_from_slice(to);
    Some(())
}

/// The last page before the end of the last slice is the signature's; this is a byte of its code.
fn flip_last_slice(bytes: &mut [u8]) -> Option<()> {
    let at = bytes.windows(4).rposition(|window| window == [0xcf, 0xfa, 0xed, 0xfe])?;
    flip(bytes, at + 0x4000)
}

fn pe_header(bytes: &[u8]) -> Option<usize> {
    Some(u32::from_le_bytes(bytes.get(60..64)?.try_into().ok()?) as usize)
}

fn write_pe(bytes: &mut [u8], at: usize, to: &[u8]) -> Option<()> {
    let at = pe_header(bytes)? + at;
    bytes.get_mut(at..at + to.len())?.copy_from_slice(to);
    Some(())
}

fn clear_pe(bytes: &mut [u8], at: usize, bits: u8) -> Option<()> {
    let at = pe_header(bytes)? + at;
    clear(bytes, at, bits)
}

/// The highest bit of the flags of the section of code.
fn writable_section(bytes: &mut [u8]) -> Option<()> {
    let at = bytes.windows(8).position(|window| window == b".text\0\0\0")?;
    set(bytes, at + 39, 0x80)
}
