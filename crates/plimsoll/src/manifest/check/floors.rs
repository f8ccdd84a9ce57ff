//! The oldest system that a target's artifacts must do on.

use plimsoll_model::plan::Builder;
use plimsoll_model::{GlibcVersion, Libc, MacosVersion, Target};

use super::super::diagnostic::{Diagnostic, Diagnostics};
use super::super::written::TargetTable;

/// The first glibc with riscv64 in it: <https://sourceware.org/glibc/wiki/Release/2.27>.
const RISCV64: GlibcVersion = GlibcVersion::new(2, 27);

/// The glibc floor of a gnu target.
pub(crate) fn glibc(target: &Target, table: &TargetTable, builder: Builder, out: &mut Diagnostics) -> Option<GlibcVersion> {
    let is_gnu = target.libc() == Some(Libc::Gnu);
    let Some(written) = &table.glibc else {
        return (is_gnu && builder == Builder::Zig).then_some(GlibcVersion::new(2, 28));
    };
    if !is_gnu {
        let message = format!("a glibc floor for {target}, which does not use glibc");
        let gnu = target.as_str().replace("-musl", "-gnu");
        let hint = match target.libc() {
            Some(_) if Target::KNOWN.contains(&gnu.as_str()) => format!("take it out, or move it to [target.{gnu}]"),
            _ => "take it out".to_owned(),
        };
        out.push(Diagnostic::new("floor-without-glibc", &written.span, message).label("means nothing here").hint(hint));
        return None;
    }
    match written.value.parse::<GlibcVersion>() {
        Ok(version) if target.arch() == "riscv64gc" && version < RISCV64 => {
            let message = format!("there is no glibc {version} for {target}");
            out.push(Diagnostic::new("bad-version", &written.span, message).label("too old").hint(format!("\"{RISCV64}\" or later")));
            None
        }
        Ok(version) if version.major == 2 => Some(version),
        _ => {
            let message = format!("`{}` is not a glibc version", written.value.chars().take(40).collect::<String>());
            out.push(Diagnostic::new("bad-version", &written.span, message).label("not a version of glibc").hint("such as \"2.28\""));
            None
        }
    }
}

/// The oldest macOS of a macOS target; by default rustc's own minimum:
/// <https://doc.rust-lang.org/rustc/platform-support/apple-darwin.html#os-version>.
pub(crate) fn macos(target: &Target, table: &TargetTable, out: &mut Diagnostics) -> Option<MacosVersion> {
    let usual = match (target.os(), target.arch()) {
        ("macos", "aarch64") => Some(MacosVersion::new(11, 0)),
        ("macos", _) => Some(MacosVersion::new(10, 12)),
        _ => None,
    };
    let Some(written) = &table.macos else {
        return usual;
    };
    let Some(usual) = usual else {
        let message = format!("a version of macOS for {target}, which is another system");
        out.push(Diagnostic::new("floor-without-macos", &written.span, message).label("means nothing here").hint("take it out"));
        return None;
    };
    match written.value.parse::<MacosVersion>() {
        Ok(version) if version >= usual => Some(version),
        Ok(version) => {
            let message = format!("rustc makes no programs for macOS {version} on {target}");
            out.push(Diagnostic::new("bad-version", &written.span, message).label("too old").hint(format!("\"{usual}\" or later")));
            None
        }
        Err(_) => {
            let message = format!("`{}` is not a version of macOS", written.value.chars().take(40).collect::<String>());
            out.push(Diagnostic::new("bad-version", &written.span, message).label("not a version of macOS").hint("such as \"11.0\""));
            None
        }
    }
}
