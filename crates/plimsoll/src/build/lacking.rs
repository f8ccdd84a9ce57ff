//! What a failed build lacked of the machine, as far as its words tell: a program or a header, with the Debian package that has it.

use std::sync::LazyLock;

use plimsoll_model::{Class, Failure};
use regex::Regex;

/// What is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Lacking {
    /// A program, or the library that bindgen loads.
    Tool(String),
    /// A package, as pkg-config knows it.
    Package(String),
    /// A header of C.
    Header(String),
}

/// Programs that builds ask for, and the packages that have them.
const TOOLS: &[(&str, &str)] = &[
    ("aarch64-linux-gnu-gcc", "gcc-aarch64-linux-gnu"),
    ("aclocal", "automake"),
    ("ar", "binutils"),
    ("arm-linux-gnueabihf-gcc", "gcc-arm-linux-gnueabihf"),
    ("as", "binutils"),
    ("autoconf", "autoconf"),
    ("automake", "automake"),
    ("autoreconf", "autoconf"),
    ("bash", "bash"),
    ("bison", "bison"),
    ("c++", "g++"),
    ("capnp", "capnproto"),
    ("cc", "gcc"),
    ("clang", "clang"),
    ("clang++", "clang"),
    ("cmake", "cmake"),
    ("curl", "curl"),
    ("flatc", "flatbuffers-compiler"),
    ("flex", "flex"),
    ("g++", "g++"),
    ("gcc", "gcc"),
    ("git", "git"),
    ("gmake", "make"),
    ("go", "golang-go"),
    ("gperf", "gperf"),
    ("ld", "binutils"),
    ("ld.lld", "lld"),
    ("libclang", "libclang-dev"),
    ("libtoolize", "libtool"),
    ("lld", "lld"),
    ("llvm-config", "llvm-dev"),
    ("m4", "m4"),
    ("make", "make"),
    ("meson", "meson"),
    ("musl-gcc", "musl-tools"),
    ("nasm", "nasm"),
    ("ninja", "ninja-build"),
    ("node", "nodejs"),
    ("npm", "npm"),
    ("patch", "patch"),
    ("perl", "perl"),
    ("pkg-config", "pkg-config"),
    ("protoc", "protobuf-compiler"),
    ("python", "python3"),
    ("python3", "python3"),
    ("unzip", "unzip"),
    ("wget", "wget"),
    ("x86_64-linux-musl-gcc", "musl-tools"),
    ("x86_64-w64-mingw32-gcc", "gcc-mingw-w64-x86-64"),
    ("xxd", "xxd"),
    ("yasm", "yasm"),
];

/// Names that pkg-config knows, and the packages that have them.
const PACKAGES: &[(&str, &str)] = &[
    ("alsa", "libasound2-dev"),
    ("dbus-1", "libdbus-1-dev"),
    ("fontconfig", "libfontconfig-dev"),
    ("freetype2", "libfreetype-dev"),
    ("glib-2.0", "libglib2.0-dev"),
    ("gtk+-3.0", "libgtk-3-dev"),
    ("libcurl", "libcurl4-openssl-dev"),
    ("liblzma", "liblzma-dev"),
    ("libpq", "libpq-dev"),
    ("libsystemd", "libsystemd-dev"),
    ("libudev", "libudev-dev"),
    ("libusb-1.0", "libusb-1.0-0-dev"),
    ("libzstd", "libzstd-dev"),
    ("openssl", "libssl-dev"),
    ("sqlite3", "libsqlite3-dev"),
    ("wayland-client", "libwayland-dev"),
    ("x11", "libx11-dev"),
    ("xkbcommon", "libxkbcommon-dev"),
    ("zlib", "zlib1g-dev"),
];

/// Beginnings of headers' names, and the packages that have them.
const HEADERS: &[(&str, &str)] = &[
    ("alsa/", "libasound2-dev"),
    ("archive.h", "libarchive-dev"),
    ("bzlib.h", "libbz2-dev"),
    ("curl/", "libcurl4-openssl-dev"),
    ("dbus/", "libdbus-1-dev"),
    ("erl_nif.h", "erlang-dev"),
    ("fontconfig/", "libfontconfig-dev"),
    ("ft2build.h", "libfreetype-dev"),
    ("fuse.h", "libfuse-dev"),
    ("git2.h", "libgit2-dev"),
    ("gtk/", "libgtk-3-dev"),
    ("jni.h", "default-jdk-headless"),
    ("krb5.h", "libkrb5-dev"),
    ("libpq-fe.h", "libpq-dev"),
    ("libudev.h", "libudev-dev"),
    ("libusb.h", "libusb-1.0-0-dev"),
    ("linux/", "linux-libc-dev"),
    ("lzma.h", "liblzma-dev"),
    ("mysql.h", "default-libmysqlclient-dev"),
    ("openssl/", "libssl-dev"),
    ("pcap.h", "libpcap-dev"),
    ("pcre2.h", "libpcre2-dev"),
    ("Python.h", "python3-dev"),
    ("readline/", "libreadline-dev"),
    ("security/pam", "libpam0g-dev"),
    ("sodium.h", "libsodium-dev"),
    ("sqlite3.h", "libsqlite3-dev"),
    ("stdio.h", "libc6-dev"),
    ("stdlib.h", "libc6-dev"),
    ("systemd/", "libsystemd-dev"),
    ("wayland-", "libwayland-dev"),
    ("X11/", "libx11-dev"),
    ("xcb/", "libxcb1-dev"),
    ("xkbcommon/", "libxkbcommon-dev"),
    ("zlib.h", "zlib1g-dev"),
    ("zstd.h", "libzstd-dev"),
];

/// Which program words are about.
enum Named {
    /// The one that is captured.
    Any,
    /// The one that is captured, if it is one of [`TOOLS`]: anything may say of anything that it is not found.
    Known,
    /// This one.
    This(&'static str),
}

/// How crates that call a program, shells and build systems say that it is not there.
const WORDS: &[(&str, Named)] = &[
    (r"[Ii]s `([\w.+-]+)` (?:not )?installed\?", Named::Any),
    (r#"[Ff]ailed to find tool(?: "|\. Is `)([^"`]+)"#, Named::Any),
    (r"linker `([^`]+)` not found", Named::Any),
    (r"Could not find `protoc`", Named::This("protoc")),
    (r"Unable to find libclang", Named::This("libclang")),
    (r"Command '([\w.+-]+)' not found", Named::Any),
    (r"[Mm]issing dependency: nasm|NASM command not found", Named::This("nasm")),
    (r"No CMAKE_C_COMPILER could be found", Named::This("cc")),
    (r"No CMAKE_CXX_COMPILER could be found", Named::This("c++")),
    (r#"build program corresponding to "Ninja""#, Named::This("ninja")),
    (r#"build program corresponding to "Unix Makefiles""#, Named::This("make")),
    (r"(?m)(?:^|[\s:])([\w.+-]+): (?:command )?not found$", Named::Known),
    (r"(?m)^\s*g?make(?:\[\d+\])?: ([\w.+-]+): No such file or directory", Named::Known),
    (r"env: ['‘]([\w.+-]+)['’]: No such file", Named::Known),
];

static TOOL: LazyLock<Vec<(Regex, &Named)>> =
    LazyLock::new(|| WORDS.iter().filter_map(|(words, named)| Some((Regex::new(words).ok()?, named))).collect());

/// What the crate `pkg-config` says, and what stands in for the program.
static PACKAGE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?:The system library `|plimsoll keeps the packages of this machine out of this build: )(?P<name>[\w.+-]+)").ok()
});

static HEADER: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"fatal error: '?(?P<name>[\w./+-]+\.(?:h|hh|hpp))'?(?: file not found|: No such file or directory)").ok());

/// The first of it in the words of a build. `has` says whether a program can be found.
pub(super) fn find(said: &str, has: &dyn Fn(&str) -> bool) -> Option<Lacking> {
    let tools = TOOL.iter().flat_map(|(words, named)| words.captures_iter(said).map(move |found| (found, named)));
    let tools = tools.filter_map(|(found, named)| {
        let captured = || found.get(1).map(|name| name.as_str());
        let name = match named {
            Named::Any => captured()?,
            Named::Known => captured().filter(|name| package_of(name).is_some())?,
            Named::This(name) => name,
        };
        Some(name.rsplit('/').next().unwrap_or(name).to_owned())
    });
    let first = |pattern: &LazyLock<Option<Regex>>| Some(pattern.as_ref()?.captures(said)?.name("name")?.as_str().to_owned());
    let mut missing = tools.filter(|name| !name.is_empty() && !has(name)).map(Lacking::Tool);
    missing.next().or_else(|| first(&PACKAGE).map(Lacking::Package)).or_else(|| first(&HEADER).map(Lacking::Header))
}

fn package_of(tool: &str) -> Option<&'static str> {
    TOOLS.iter().find(|(name, _)| *name == tool).map(|(_, package)| *package)
}

impl Lacking {
    /// The failure; `keeps_host_out` says that the headers of the machine's packages are not seen.
    pub(super) fn failure(&self, keeps_host_out: bool) -> Failure {
        match self {
            Self::Tool(name) => {
                let failure =
                    Failure::new(Class::ToolMissing, "build-tool-missing", format!("the build needs `{name}`, which is not installed"));
                failure.hint(match package_of(name) {
                    Some(package) => format!("in Debian and its like: apt-get install {package}"),
                    None => format!("install what has `{name}`, or say in `core.NAME.env` what stands in for it"),
                })
            }
            Self::Package(name) if keeps_host_out => {
                let message = format!("the build asks for the package `{name}` of this machine, which is kept out of it");
                Failure::new(Class::NotProven, "package-kept-out", message).hint(format!(
                    "turn on the feature of the crate that builds its own copy (`bundled`, `vendored`, `static`), or declare system = [\"{name}\"] in the core's \
                     table"
                ))
            }
            Self::Package(name) => {
                let message = format!("the build needs the package `{name}`, as pkg-config calls it, which is not installed");
                let failure = Failure::new(Class::ToolMissing, "package-missing", message);
                failure.hint(match PACKAGES.iter().find(|(known, _)| known == name) {
                    Some((_, package)) => format!("in Debian and its like: apt-get install {package}"),
                    None => format!("in Debian and its like: `apt-file search {name}.pc` tells what to install"),
                })
            }
            Self::Header(name) => {
                let package = HEADERS.iter().find(|(beginning, _)| name.starts_with(beginning)).map(|(_, package)| *package);
                let has = package.map(|package| format!(", which the Debian package {package} has")).unwrap_or_default();
                // A header of the project itself may be missing as well.
                let class = if package.is_some() && !keeps_host_out { Class::ToolMissing } else { Class::NotProven };
                let failure = Failure::new(class, "header-missing", format!("the build finds no header `{name}`{has}"));
                failure.hint(match package {
                    _ if keeps_host_out => {
                        "zig sees no headers of this machine's packages: turn on the feature of the crate that builds its own copy (`bundled`, `vendored`, \
                         `static`), or set builder = \"native\" for the target"
                            .to_owned()
                    }
                    Some(package) => format!("apt-get install {package}"),
                    None => "if it is a package's: `apt-file search` tells which; if it is the project's own: see that git tracks it".to_owned(),
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_build_scripts_do_not_find_is_named_with_its_package() {
        for (said, name, package) in [
            ("  failed to execute command: No such file or directory (os error 2)\n  is `cmake` not installed?\n", "cmake", "cmake"),
            ("error occurred in cc-rs: failed to find tool \"c++\": No such file or directory (os error 2)", "c++", "g++"),
            ("Internal error occurred: Failed to find tool. Is `musl-gcc` installed? (see", "musl-gcc", "musl-tools"),
            ("error: linker `cc` not found\n  |\n", "cc", "gcc"),
            ("Error: Custom { kind: NotFound, error: \"Could not find `protoc`. If `protoc` is installed\"", "protoc", "protobuf-compiler"),
            ("Unable to find libclang: \"couldn't find any valid shared libraries matching: ['libclang.so']", "libclang", "libclang-dev"),
            ("Command 'perl' not found. Is perl installed?", "perl", "perl"),
            ("/bin/sh: 1: nasm: not found\n", "nasm", "nasm"),
            ("make: protoc: No such file or directory\nmake: *** [Makefile:2: out] Error 127", "protoc", "protobuf-compiler"),
            ("/usr/bin/env: 'python3': No such file or directory", "python3", "python3"),
            ("CMake was unable to find a build program corresponding to \"Unix Makefiles\".", "make", "make"),
            ("No CMAKE_CXX_COMPILER could be found.", "c++", "g++"),
            ("build.sh: line 3: meson: command not found\n", "meson", "meson"),
        ] {
            let found = find(said, &|_| false);
            assert_eq!(found, Some(Lacking::Tool(name.to_owned())), "{said}");
            let failure = found.unwrap().failure(true);
            assert_eq!(failure.message, format!("the build needs `{name}`, which is not installed"));
            assert_eq!(
                (failure.hint, failure.class),
                (Some(format!("in Debian and its like: apt-get install {package}")), Class::ToolMissing)
            );
        }
    }

    #[test]
    fn headers_are_told_with_what_to_do_by_the_compiler_that_did_not_find_them() {
        let find = |said: &str| find(said, &|_| false).unwrap();
        let native = find("src/a.c:1:10: fatal error: zlib.h: No such file or directory\n").failure(false);
        assert_eq!(native.message, "the build finds no header `zlib.h`, which the Debian package zlib1g-dev has");
        assert_eq!((native.hint.as_deref(), native.class), (Some("apt-get install zlib1g-dev"), Class::ToolMissing));
        let zig = find("src/a.c:1:10: fatal error: 'openssl/ssl.h' file not found\n").failure(true);
        assert!(zig.hint.unwrap().contains("`vendored`"), "{}", zig.message);
        assert_eq!(find("a.c:1:10: fatal error: 'mine.h' file not found").failure(false).class, Class::NotProven);
    }

    #[test]
    fn a_package_is_missing_or_kept_out_and_each_has_its_cure() {
        let said = "pkg-config exited with status code 1\nThe system library `openssl` required by crate `openssl-sys` was not found.\n";
        let found = find(said, &|_| false).unwrap();
        assert_eq!(
            (found.failure(false).hint.as_deref(), found.failure(false).class),
            (Some("in Debian and its like: apt-get install libssl-dev"), Class::ToolMissing)
        );
        let kept = found.failure(true);
        assert_eq!((kept.code.as_str(), kept.class), ("package-kept-out", Class::NotProven));
        assert!(kept.hint.unwrap().contains("system = [\"openssl\"]"));
    }

    #[test]
    fn other_words_and_tools_that_are_there_are_not_taken_for_it() {
        for said in ["error: feature: not found", "error[E0433]: failed to resolve", "module `x` not found", "checking for yasm... no"] {
            assert_eq!(find(said, &|_| false), None, "{said}");
        }
        assert_eq!(find("error: linker `cc` not found", &|name| name == "cc"), None);
    }
}
