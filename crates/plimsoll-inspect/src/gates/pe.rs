//! PE files: libraries, subsystem, minimum, protections and what the linker wrote down.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::{Code, Finding, STATICALLY};
use crate::dll_names::{completed, is_api_set, is_path};
use crate::facts::{Checksum, Facts, PeFacts, Subsystem};
use crate::floor;
use crate::host_windows::{COMPILER_RUNTIMES, OF_DRIVERS};
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
    let forwarded = forwarded.collect::<BTreeSet<_>>();
    // Whether a library is loaded only when it is first used. A forward is followed when the function is looked for, which may be at once.
    let mut delayed = BTreeMap::new();
    let imported = own.imports.iter().map(|import| (completed(&import.library), import.delayed));
    for (name, is_delayed) in imported.chain(forwarded.iter().map(|library| (completed(library), false))) {
        delayed.entry(name).and_modify(|always| *always &= is_delayed).or_insert(is_delayed);
    }
    let mut seen = BTreeSet::new();
    for library in facts.needed.iter().chain(&forwarded) {
        let name = completed(library);
        if seen.contains(&name) {
            continue;
        }
        let fault = missing(&name, delayed.get(&name).copied().unwrap_or(false), policy);
        findings.extend(fault.map(|(fault, hint)| Finding::new(Code::MissingLibrary, format!("needs {library}{fault}"), hint)));
        seen.insert(name);
    }
}

/// Why users may not have a library, and what to do about it.
fn missing(name: &str, is_delayed: bool, policy: &Policy) -> Option<(&'static str, &'static str)> {
    // Whatever a path begins with, it is not looked for by its name.
    if is_path(name) {
        return Some((" by its path", STATICALLY));
    }
    let is_in = |libraries: &[String], prefixes: &[String]| {
        libraries.iter().any(|known| known.eq_ignore_ascii_case(name)) || prefixes.iter().any(|prefix| is_api_set(name, prefix))
    };
    if is_in(&policy.allowed_libraries, &policy.allowed_library_prefixes) || is_in(&policy.bundled, &[]) {
        return None;
    }
    if is_in(&policy.libraries_of_some_editions, &policy.prefixes_of_some_editions) {
        let fault = if OF_DRIVERS.contains(&name) {
            " when it is loaded, and only some drivers bring it"
        } else {
            " when it is loaded, and some editions of Windows do not have it"
        };
        return (!is_delayed)
            .then_some((fault, "load it when it is first used (`/DELAYLOAD`, `LoadLibrary`), and do without if it is missing"));
    }
    let stem = name.strip_suffix(".dll").unwrap_or(name);
    if COMPILER_RUNTIMES.iter().any(|prefix| stem.starts_with(prefix)) {
        let fault = ", a compiler's runtime that Windows does not come with";
        return Some((fault, "link it statically: `-C target-feature=+crt-static`, `-static-libgcc`"));
    }
    Some((", which neither Windows nor the artifact provides", STATICALLY))
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
    let Some(limit) = &policy.windows_floor else { return };
    let is_shipped = |library: &str| policy.bundled.iter().any(|bundled| bundled.eq_ignore_ascii_case(&completed(library)));
    let reasons = floor::windows_reasons(own).into_iter().filter(|reason| reason.version.compare_padded(limit).is_gt());
    let above = reasons.filter(|reason| reason.library.as_deref().is_none_or(|library| !is_shipped(library))).collect::<Vec<_>>();
    let Some((highest, others)) = above.split_first() else { return };
    let hint = match highest.library {
        None => {
            let subsystem = if own.subsystem == Subsystem::Gui { "WINDOWS" } else { "CONSOLE" };
            // Headers have no room for a build.
            let part = |index: usize| limit.parts().get(index).copied().unwrap_or(0);
            format!("link it with `/SUBSYSTEM:{subsystem},{}.{}` or `--major-subsystem-version`", part(0), part(1))
        }
        Some(_) => "look it up while the program runs (`GetProcAddress`), and do without if it is missing".to_owned(),
    };
    let others = others.iter().take(8).map(|reason| format!("{} ({})", reason.version, reason.demand)).collect::<Vec<_>>().join(", ");
    let others = if others.is_empty() { String::new() } else { format!("; also above the floor: {others}") };
    let message = format!("needs Windows {} ({}), above the floor {limit}", highest.version, highest.demand);
    findings.push(Finding::new(Code::FloorTooHigh, message, format!("{hint}{others}")));
}
