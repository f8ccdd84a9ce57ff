//! What LLD links and zig's linker does not: chained fixups, libraries that are loaded when they are first used, forwards, files for another
//! platform of Apple's, without a signature, and with the places of objects.
//!
//! Libraries to link with are written here, since nothing of Apple's or Microsoft's is at hand.

use std::path::{Path, PathBuf};
use std::process::Command;

use test_needs::Need;

use super::built::Files;
use super::llvm;
use crate::Trouble;
use crate::project::write;
use crate::testbed::{expect_well, run};

/// Pointers to functions in data, so that fixups are of both kinds.
const LIBRARY: &str = "extern int outside(void);\nextern int elsewhere(void);\nint PyInit_own(void) { return 1; }\n\
    int (*table[])(void) = { PyInit_own, outside, elsewhere };\nint nif_init(void) { return outside(); }\n";
const SYSTEM: &str = "--- !tapi-tbd\ntbd-version: 4\ntargets: [ arm64-macos, arm64-ios ]\ninstall-name: '/usr/lib/libSystem.B.dylib'\n\
    current-version: 1351\nexports:\n  - targets: [ arm64-macos, arm64-ios ]\n    symbols: [ _puts, dyld_stub_binder ]\n...\n";
const IOS: &str = "int puts(const char *);\nint main(void) { return puts(\"fathom\"); }\n";
/// The helper is the compiler's library's in a real program; here nothing is ever loaded.
const DELAYED: &str = "__declspec(dllimport) int first(void);\n__declspec(dllimport) int second(void);\n\
    __declspec(dllimport) void ExitProcess(unsigned);\n__declspec(dllexport) int nif_init(void) { return first() & second(); }\n\
    int entry(void) { ExitProcess(first()); return 0; }\nvoid *__delayLoadHelper2(void *d, void *p) { return 0; }\n";
/// Import libraries, by the DLL and its functions.
const IMPORTED: [(&str, &[&str]); 4] =
    [("other", &["first", "second"]), ("mfplat", &["first", "second"]), ("USER32", &["first", "second"]), ("KERNEL32", &["ExitProcess"])];

/// Links them beside the others, and adds those whose facts are compared.
pub fn link(files: &mut Files) -> Result<(), Trouble> {
    let (mac, windows) = (llvm("ld64.lld")?, llvm("lld-link")?);
    knows(&mac, "fixup_chains")?;
    let folder = files.folder.clone();
    for (name, text) in [("chained.c", LIBRARY), ("libSystem.tbd", SYSTEM), ("ios.c", IOS), ("delayed.c", DELAYED)] {
        write(&folder.join(name), text)?;
    }
    for (source, target) in [
        ("program.c", "aarch64-macos.11.0"),
        ("chained.c", "aarch64-macos.11.0"),
        ("ios.c", "aarch64-ios.14.0"),
        ("delayed.c", "x86_64-windows-gnu"),
    ] {
        files.zig.compile(&folder, source, target)?;
    }
    let macos = ["macos", "11.0", "14.0"];
    let link_mac = |name: &str, platform: &[&str], words: &[&str]| -> Result<PathBuf, Trouble> {
        let mut command = Command::new(&mac);
        command.current_dir(&folder).args(["-arch", "arm64", "-platform_version"]).args(platform);
        expect_well(command.args(words).args(["libSystem.tbd", "-o", name]))?;
        Ok(folder.join(name))
    };
    files.macho.push(link_mac("chained", &macos, &["-S", "-fixup_chains", "program.o"])?);
    let words = ["-S", "-fixup_chains", "-dylib", "-install_name", "@rpath/x", "-undefined", "dynamic_lookup", "chained.o"];
    files.macho.push(link_mac("libchained.dylib", &macos, &words)?);
    files.macho.push(link_mac("unsigned", &macos, &["-S", "-no_adhoc_codesign", "program.o"])?);
    files.macho.push(link_mac("ios", &["ios", "14.0", "17.0"], &["-S", "-adhoc_codesign", "ios.o"])?);
    files.macho.push(link_mac("with-objects", &macos, &["program.o"])?);
    import_libraries(&folder)?;
    let link_windows = |name: &str, words: &[&str]| -> Result<PathBuf, Trouble> {
        let mut command = Command::new(&windows);
        command.current_dir(&folder).args(["/nodefaultlib", "/entry:entry", "/subsystem:console", "delayed.o", "KERNEL32.lib"]);
        expect_well(command.args(words).arg(format!("/out:{name}")))?;
        Ok(folder.join(name))
    };
    files.pe.push(link_windows("delayed.exe", &["other.lib", "/delayload:other.dll"])?);
    files.pe.push(link_windows("editions.exe", &["mfplat.lib", "/delayload:mfplat.dll"])?);
    files.pe.push(link_windows("one-edition.exe", &["mfplat.lib"])?);
    files.pe.push(link_windows("forwards.dll", &["/dll", "USER32.lib", "/export:there=elsewhere.f", "/export:here=KERNEL32.ExitProcess"])?);
    Ok(())
}

fn import_libraries(folder: &Path) -> Result<(), Trouble> {
    let tool = llvm("llvm-dlltool")?;
    for (library, functions) in IMPORTED {
        write(&folder.join(format!("{library}.def")), &format!("LIBRARY {library}.dll\nEXPORTS\n{}\n", functions.join("\n")))?;
        let files = [format!("{library}.def"), format!("{library}.lib")];
        expect_well(Command::new(&tool).current_dir(folder).args(["-m", "i386:x86-64", "-d", &files[0], "-l", &files[1]]))?;
    }
    Ok(())
}

/// LLVM before 16 neither writes chained fixups nor prints them.
pub fn knows(tool: &Path, option: &str) -> Result<(), Trouble> {
    let said = run(Command::new(tool).arg("--help"))?;
    if said.all().contains(option) {
        return Ok(());
    }
    Err(Trouble::Lacking(Need::Llvm, format!("{} knows nothing of {option}: LLVM 16 or later is needed", tool.display())))
}
