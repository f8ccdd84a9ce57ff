//! Files to look at: small C programs and libraries, linked by zig for macOS and Windows.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::llvm;
use crate::Trouble;
use crate::project::write;
use crate::testbed::{self, Testbed, expect_well};

const PROGRAM: &str = "#include <stdio.h>\nint main(void) { puts(\"fathom\"); return 0; }\n";
const LIBRARY: &str = "#ifdef _WIN32\n#define API __declspec(dllexport)\n#else\n#define API\n#endif\n\
    extern int outside(void);\nAPI int PyInit_own(void) { return 1; }\n#ifdef OUTSIDE\nAPI int nif_init(void) { return outside(); }\n#else\n\
    API int nif_init(void) { return 42; }\n#endif\n";

/// What was linked.
pub struct Files {
    pub folder: PathBuf,
    pub zig: Zig,
    pub macho: Vec<PathBuf>,
    pub pe: Vec<PathBuf>,
}

/// zig, with a cache that is kept.
pub struct Zig {
    program: PathBuf,
    cache: PathBuf,
}

/// Programs and libraries for both systems; a universal one of two programs.
pub fn link(testbed: &Testbed) -> Result<Files, Trouble> {
    let folder = testbed.folder("formats")?;
    let zig = Zig { program: zig(testbed)?, cache: testbed.store.with_file_name("formats-zig-cache") };
    write(&folder.join("program.c"), PROGRAM)?;
    write(&folder.join("library.c"), LIBRARY)?;
    let mac = [
        ("arm", "aarch64-macos.11.0", "program.c", &[][..]),
        ("intel", "x86_64-macos.10.12", "program.c", &[]),
        ("intel-rpath", "x86_64-macos.10.12", "program.c", &["-Wl,-rpath,@loader_path/../lib"]),
        ("libarm.dylib", "aarch64-macos.11.0", "library.c", &["-shared", "-install_name", "@rpath/libarm.dylib"]),
        (
            "libflat.dylib",
            "aarch64-macos.12.3",
            "library.c",
            &["-shared", "-DOUTSIDE", "-undefined", "dynamic_lookup", "-install_name", "@rpath/x"],
        ),
    ];
    let mut macho = Vec::new();
    for (name, target, source, words) in mac {
        macho.push(zig.link(&folder, name, target, source, words)?);
    }
    let universal = folder.join("universal");
    expect_well(Command::new(llvm("llvm-lipo")?).arg("-create").args([&macho[0], &macho[1]]).arg("-output").arg(&universal))?;
    macho.push(universal);
    let windows = [
        ("program.exe", "x86_64-windows-gnu", "program.c", &[][..]),
        ("window.exe", "x86_64-windows-gnu", "program.c", &["-Wl,--subsystem,windows"]),
        ("library.dll", "x86_64-windows-gnu", "library.c", &["-shared"]),
        ("arm.exe", "aarch64-windows-gnu", "program.c", &[]),
    ];
    let mut pe = Vec::new();
    for (name, target, source, words) in windows {
        pe.push(zig.link(&folder, name, target, source, words)?);
    }
    Ok(Files { folder, zig, macho, pe })
}

impl Zig {
    /// An object file of one source, beside it.
    pub fn compile(&self, folder: &Path, source: &str, target: &str) -> Result<(), Trouble> {
        let mut command = Command::new(&self.program);
        // Debug builds check arithmetic by calls into a library that is not linked.
        command.current_dir(folder).args(["cc", "-O1", "-c", "-target", target, source, "-o"]).arg(source.replace(".c", ".o"));
        command.env("ZIG_GLOBAL_CACHE_DIR", &self.cache).env("ZIG_LOCAL_CACHE_DIR", self.cache.join("local"));
        expect_well(&mut command)?;
        Ok(())
    }

    /// A stripped file of one source.
    pub fn link(&self, folder: &Path, name: &str, target: &str, source: &str, words: &[&str]) -> Result<PathBuf, Trouble> {
        let mut command = Command::new(&self.program);
        command.current_dir(folder).args(["cc", "-s", "-target", target, source, "-o", name]).args(words);
        command.env("ZIG_GLOBAL_CACHE_DIR", &self.cache).env("ZIG_LOCAL_CACHE_DIR", self.cache.join("local"));
        expect_well(&mut command)?;
        Ok(folder.join(name))
    }
}

/// The one that `plimsoll doctor --install` put into the kept store, or the system's.
fn zig(testbed: &Testbed) -> Result<PathBuf, Trouble> {
    let mut folders = vec![(testbed.store.join("v1/tools"), 0)];
    while let Some((folder, depth)) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.ends_with("ziglang/zig") && path.is_file() {
                return Ok(path);
            }
            if path.is_dir() && depth < 5 {
                folders.push((path, depth + 1));
            }
        }
    }
    testbed::program("zig")
}
