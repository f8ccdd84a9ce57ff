//! Linkage, program loader, libraries and search paths: will the loader that users have find what the file needs?

use plimsoll_model::Libc;

use super::climb::leads_out;
use super::finding::{Code, Finding, STATICALLY};
use crate::facts::{Facts, Linkage};
use crate::format::Format;
use crate::policy::{ExpectedLinkage, Policy};

pub(super) fn judge(facts: &Facts, policy: &Policy, findings: &mut Vec<Finding>) {
    if policy.linkage == ExpectedLinkage::StaticOnly && !facts.linkage.is_static() {
        // What it needs is part of this fault, not one more each.
        findings.push(not_static(facts));
        return;
    }
    if facts.linkage.is_static() && policy.linkage == ExpectedLinkage::Dynamic {
        findings.push(Finding::new(
            Code::NotDynamic,
            format!("is {}, where the dynamic loader is expected to load it", describe(facts.linkage)),
            "look for `-static` or `+crt-static` in the flags",
        ));
    }
    if !facts.linkage.is_static() && !facts.linkage.is_dynamic() {
        findings.push(Finding::new(
            Code::NotLoadable,
            format!("is {}: neither an executable nor a library", describe(facts.linkage)),
            "take the file that the linker made",
        ));
    }
    if facts.linkage.is_dynamic() && facts.format != Format::Pe {
        interpreter(facts, policy, findings);
    }
    if facts.linkage.is_dynamic() && facts.format == Format::Elf {
        libraries(facts, policy, findings);
        search_paths(facts, policy, findings);
    }
}

fn not_static(facts: &Facts) -> Finding {
    let mut reasons = Vec::new();
    if let Some(interpreter) = &facts.interpreter {
        reasons.push(format!("is loaded by {interpreter}"));
    }
    if !facts.needed.is_empty() {
        reasons.push(format!("needs {}", shortened(&facts.needed)));
    }
    let reasons = if reasons.is_empty() { String::new() } else { format!(": it {}", reasons.join(" and ")) };
    Finding::new(
        Code::NotStatic,
        format!("is promised static and is {}{reasons}", describe(facts.linkage)),
        "build for a musl target, with `-C target-feature=+crt-static`, and link no library dynamically",
    )
}

fn interpreter(facts: &Facts, policy: &Policy, findings: &mut Vec<Finding>) {
    let target = &policy.target;
    let expected = match policy.interpreters.as_slice() {
        [] => "none is known".to_owned(),
        known => format!("it is {}", known.join(" or ")),
    };
    let message = match &facts.interpreter {
        Some(interpreter) if policy.interpreters.contains(interpreter) => return,
        Some(interpreter) => format!("is loaded by {interpreter}; for {target} {expected}"),
        None if facts.linkage == Linkage::Dynamic => format!("is a dynamic executable that names no loader; for {target} {expected}"),
        None => return,
    };
    let hint = match facts.format {
        Format::Elf => "link it with the target's own C library, or set the loader with `patchelf --set-interpreter`",
        Format::MachO | Format::Pe => "link it as a program for macOS, with its own linker or zig's",
    };
    findings.push(Finding::new(Code::UnexpectedInterpreter, message, hint));
}

fn libraries(facts: &Facts, policy: &Policy, findings: &mut Vec<Finding>) {
    for library in &facts.needed {
        if policy.allowed_libraries.contains(library) || policy.bundled.contains(library) {
            continue;
        }
        let (message, hint) = if library.contains('/') {
            let message = format!("needs {library} by its path, which is a path of the machine that built it");
            (message, STATICALLY.to_owned())
        } else if let Some(libc) = foreign_libc(library, policy.target.libc()) {
            let message = format!("needs {library}, which is {libc}'s, and {} has another C library", policy.target);
            (message, format!("link it for {}: an object or a library of another target came in", policy.target))
        } else if policy.target.libc() == Some(Libc::Musl) && library.starts_with("libgcc_s.so") {
            let message = format!("needs {library}, which stock Alpine does not have");
            (
                message,
                "link the compiler's unwinder statically: with zig, or with a `libgcc_s.so` for the linker that says `INPUT(-lgcc_eh)`"
                    .to_owned(),
            )
        } else {
            let message = format!("needs {library}, which neither the host nor the artifact provides");
            (message, STATICALLY.to_owned())
        };
        findings.push(Finding::new(Code::MissingLibrary, message, hint));
    }
}

fn search_paths(facts: &Facts, policy: &Policy, findings: &mut Vec<Finding>) {
    for (name, entries) in [("RPATH", &facts.rpath), ("RUNPATH", &facts.runpath)] {
        for entry in entries {
            let fault = match behind_origin(entry) {
                Some(path) => leads_out(path, policy),
                None => Some("users need not have and others may write".to_owned()),
            };
            let Some(fault) = fault else { continue };
            let what = if entry.is_empty() { "an empty entry, which is the working folder" } else { entry.as_str() };
            findings.push(Finding::new(
                Code::AbsoluteSearchPath,
                format!("searches libraries in {what} ({name}), which {fault}"),
                "set it to `$ORIGIN` or a folder below, or remove it with `patchelf --remove-rpath`",
            ));
        }
    }
}

/// What follows `$ORIGIN` or `${ORIGIN}` where it is whole or has a slash behind it.
fn behind_origin(entry: &str) -> Option<&str> {
    let rest = entry.strip_prefix("$ORIGIN").or_else(|| entry.strip_prefix("${ORIGIN}"));
    rest.filter(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The C library that a name belongs to, where it is not the target's.
fn foreign_libc(library: &str, own: Option<Libc>) -> Option<&'static str> {
    let is_musl = library.starts_with("libc.musl-") || library.starts_with("ld-musl-") || library == "libc.so";
    let is_glibc = library == "libc.so.6" || library.starts_with("ld-linux");
    match own {
        Some(Libc::Gnu) if is_musl => Some("musl"),
        Some(Libc::Musl) if is_glibc => Some("glibc"),
        _ => None,
    }
}

fn describe(linkage: Linkage) -> &'static str {
    match linkage {
        Linkage::Dynamic => "a dynamic executable",
        Linkage::Static => "a static executable",
        Linkage::StaticPie => "a static-pie executable",
        Linkage::SharedObject => "a shared object",
        Linkage::Relocatable => "an object file",
        Linkage::Core => "a core dump",
        Linkage::DebugOnly => "a separate file of debug information",
        Linkage::Unknown => "of an unknown kind",
    }
}

fn shortened(names: &[String]) -> String {
    let shown = names.iter().take(4).map(String::as_str).collect::<Vec<_>>().join(", ");
    if names.len() > 4 { format!("{shown} and {} more", names.len() - 4) } else { shown }
}
