//! The C compiler that a build command of the project's own is given for another target than this machine's: zig, under the names that
//! Makefiles and configure scripts ask for.

use std::ffi::OsString;
use std::path::Path;

use plimsoll_model::plan::Builder;
use plimsoll_model::{GlibcVersion, Target, TargetPlan};

/// A target as `zig cc -target` names it, with the oldest glibc or macOS where one is asked for; none where zig does not link for it.
///
/// From <https://ziglang.org/documentation/master/#Targets>: processor, system, ABI; a version stands behind the part that it is of.
pub fn zig_target(target: &Target, glibc: Option<GlibcVersion>, macos: Option<String>) -> Option<String> {
    if !Builder::zig_links(target) {
        return None;
    }
    let arch = match target.arch() {
        "riscv64gc" => "riscv64",
        "armv7" => "arm",
        "i686" => "x86",
        arch => arch,
    };
    Some(match target.os() {
        "macos" => format!("{arch}-macos{}-none", macos.map(|version| format!(".{version}")).unwrap_or_default()),
        "windows" => format!("{arch}-windows-gnu"),
        _ => {
            let floor = glibc.map(|floor| format!(".{floor}")).unwrap_or_default();
            format!("{arch}-linux-{}{floor}", target.as_str().split('-').nth(3)?)
        }
    })
}

/// `CC` and the like for a target. zig is called by its name, because build systems split these words at spaces, and a path may hold one: its
/// folder belongs into `PATH`. As with other compilers, undefined behaviour is not trapped unless that is asked for.
pub fn variables(target: &Target, plan: &TargetPlan, zig: &Path) -> Option<Vec<(&'static str, OsString)>> {
    let name = zig.file_name()?.to_str()?;
    let words = zig_target(target, plan.glibc, plan.macos.map(|version| version.to_string()))?;
    let compile = |language: &str| OsString::from(format!("{name} {language} -target {words} -fno-sanitize=undefined"));
    let tool = |tool: &str| OsString::from(format!("{name} {tool}"));
    Some(vec![("CC", compile("cc")), ("CXX", compile("c++")), ("AR", tool("ar")), ("RANLIB", tool("ranlib"))])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zig_is_told_targets_in_its_own_words() {
        for (triple, expected) in [
            ("x86_64-unknown-linux-gnu", Some("x86_64-linux-gnu.2.17")),
            ("riscv64gc-unknown-linux-gnu", Some("riscv64-linux-gnu.2.17")),
            ("armv7-unknown-linux-gnueabihf", Some("arm-linux-gnueabihf.2.17")),
            ("x86_64-pc-windows-gnu", Some("x86_64-windows-gnu")),
            ("aarch64-apple-darwin", Some("aarch64-macos.11.0-none")),
            ("x86_64-pc-windows-msvc", None),
        ] {
            let words = zig_target(&triple.parse().unwrap(), Some(GlibcVersion::new(2, 17)), Some("11.0".to_owned()));
            assert_eq!(words.as_deref(), expected, "{triple}");
        }
        assert_eq!(zig_target(&"aarch64-unknown-linux-musl".parse().unwrap(), None, None).as_deref(), Some("aarch64-linux-musl"));
    }
}
