//! Targets in zig's own words.
//!
//! Nothing here looks at the machine.

use plimsoll_model::plan::Builder;
use plimsoll_model::{GlibcVersion, Target};

/// A target as `zig cc -target` names it, with the oldest glibc or macOS where one is asked for; none where zig does not link for it.
///
/// From <https://ziglang.org/documentation/master/#Targets>: processor, system, ABI; a version stands behind the part that it is of.
pub fn target(target: &Target, glibc: Option<GlibcVersion>, macos: Option<String>) -> Option<String> {
    if !Builder::zig_links(target) {
        return None;
    }
    let arch = target.processor();
    Some(match target.os() {
        "macos" => format!("{arch}-macos{}-none", macos.map(|version| format!(".{version}")).unwrap_or_default()),
        "windows" => format!("{arch}-windows-gnu"),
        _ => {
            let floor = glibc.map(|floor| format!(".{floor}")).unwrap_or_default();
            format!("{}{floor}", linux(arch, target.as_str().split('-').nth(3)?))
        }
    })
}

/// A Linux of a processor, with a C library.
pub fn linux(processor: &str, abi: &str) -> String {
    format!("{processor}-linux-{abi}")
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
            let words = target(&triple.parse().unwrap(), Some(GlibcVersion::new(2, 17)), Some("11.0".to_owned()));
            assert_eq!(words.as_deref(), expected, "{triple}");
        }
        assert_eq!(target(&"aarch64-unknown-linux-musl".parse().unwrap(), None, None).as_deref(), Some("aarch64-linux-musl"));
    }
}
