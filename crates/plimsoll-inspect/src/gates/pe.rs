//! PE files: libraries, subsystem, minimum, protections and what the linker wrote down.

use super::finding::{Code, Finding, STATICALLY};
use crate::facts::{Checksum, Facts, PeFacts};
use crate::host_windows::COMPILER_RUNTIMES;
use crate::policy::Policy;

/// Of a file that Windows loads.
pub(super) fn judge(facts: &Facts, policy: &Policy, findings: &mut Vec<Finding>) {
    let Some(own) = &facts.pe else { return };
    libraries(facts, own, policy, findings);
    system(own, policy, findings);
    if !own.aslr {
        let hint = "drop `/DYNAMICBASE:NO`, `/FIXED` or `--disable-dynamicbase` from the linker's flags";
        findings.push(Finding::new(Code::FixedAddress, "is always loaded at the same address (no DYNAMIC_BASE, or no relocations)", hint));
    }
    if !own.nx {
        let hint = "drop `/NXCOMPAT:NO` or `--disable-nxcompat` from the linker's flags";
        findings.push(Finding::new(Code::ExecutableData, "lets data be executed (no NX_COMPAT)", hint));
    }
    if own.checksum == Checksum::Wrong {
        let hint =
            "it was changed after it was linked, or is damaged: take the linker's file, or let the tool that changes it write the sum anew";
        findings.push(Finding::new(Code::WrongChecksum, "has a checksum that is not that of its bytes", hint));
    }
    if let Some(path) = own.pdb.as_ref().filter(|path| path.contains(['/', '\\'])) {
        findings.push(Finding::new(
            Code::LeakedPath,
            format!("names its debug information by a path of the machine that linked it: {path}"),
            "link it with `/PDBALTPATH:%_PDB%`, or with `-s`",
        ));
    }
}

fn libraries(facts: &Facts, own: &PeFacts, policy: &Policy, findings: &mut Vec<Finding>) {
    let forwarded = own.forwards.iter().filter_map(|forward| forward.rsplit_once('.')).map(|(library, _)| format!("{library}.dll"));
    let mut seen = Vec::new();
    for library in facts.needed.iter().cloned().chain(forwarded) {
        let name = library.to_ascii_lowercase();
        let is_same = |known: &String| known.eq_ignore_ascii_case(&name);
        let is_system = policy.allowed_libraries.iter().any(is_same)
            || policy.allowed_library_prefixes.iter().any(|prefix| name.starts_with(prefix.as_str()) && name.ends_with(".dll"));
        if is_system || policy.bundled.iter().any(is_same) || seen.contains(&name) {
            continue;
        }
        let stem = name.strip_suffix(".dll").unwrap_or(&name);
        let is_runtime = COMPILER_RUNTIMES.iter().any(|prefix| stem.starts_with(prefix));
        let (message, hint) = match (is_runtime, name.contains(['/', '\\', ':'])) {
            (_, true) => (format!("needs {library} by its path"), STATICALLY),
            (true, _) => (
                format!("needs {library}, a compiler's runtime that Windows does not come with"),
                "link it statically: `-C target-feature=+crt-static`, `-static-libgcc`",
            ),
            (false, _) => (format!("needs {library}, which neither Windows nor the artifact provides"), STATICALLY),
        };
        findings.push(Finding::new(Code::MissingLibrary, message, hint));
        seen.push(name);
    }
}

fn system(own: &PeFacts, policy: &Policy, findings: &mut Vec<Finding>) {
    if !policy.subsystems.contains(&own.subsystem) {
        let wanted = policy.subsystems.iter().map(|subsystem| subsystem.as_str()).collect::<Vec<_>>().join(" or ");
        findings.push(Finding::new(
            Code::WrongSubsystem,
            format!("runs in the {} subsystem, and should in {wanted}", own.subsystem.as_str()),
            "see `#![windows_subsystem = …]`, and `/SUBSYSTEM` or `-mwindows` in the linker's flags",
        ));
    }
    if let Some(limit) = &policy.windows_floor
        && own.subsystem_version.compare_padded(limit).is_gt()
    {
        let message = format!("needs Windows {} (subsystem version), above the floor {limit}", own.subsystem_version);
        findings.push(Finding::new(
            Code::FloorTooHigh,
            message,
            format!("link it with `/SUBSYSTEM:CONSOLE,{limit}` or `--major-subsystem-version`"),
        ));
    }
}
