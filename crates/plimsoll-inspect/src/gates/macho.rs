//! Platform, minimum, signature and lookup of Mach-O images: does the oldest promised macOS run the file as it is?

use super::finding::{Code, Finding};
use super::macho_libraries;
use crate::facts::{Facts, MachoFacts};
use crate::floor;
use crate::host_macos;
use crate::policy::Policy;

/// Faults of a signature, or symbols, that are named in a finding.
const SHOWN: usize = 3;

/// The platform of macOS, as facts name it.
const MACOS: &str = "macos";

/// Of one image; a universal file is judged slice by slice.
pub(super) fn judge(facts: &Facts, policy: &Policy, findings: &mut Vec<Finding>) {
    let Some(own) = &facts.macho else { return };
    if !facts.linkage.is_dynamic() && !facts.linkage.is_static() {
        return;
    }
    platform(facts, own, policy, findings);
    macho_libraries::judge(own, policy, findings);
    lookup(facts, own, policy, findings);
    signature(facts, own, policy, findings);
    if facts.macho.as_ref().is_some_and(|own| own.file_type == "execute") && !facts.pie {
        let hint = "drop `-no_pie` and `-C relocation-model=static` from the linker's and the compiler's flags";
        findings.push(Finding::new(Code::FixedAddress, "is always loaded at the same address (no MH_PIE)", hint));
    }
    if own.encrypted {
        let hint = "take the file that the linker made, not one from the App Store";
        findings.push(Finding::new(Code::Encrypted, "is encrypted (LC_ENCRYPTION_INFO), so that nothing is known of its code", hint));
    }
    object_files(own, findings);
}

fn platform(facts: &Facts, own: &MachoFacts, policy: &Policy, findings: &mut Vec<Finding>) {
    // Nothing keeps a file from saying it twice, and which of them a loader takes is its own affair.
    let demands = own.platforms.iter().filter(|demand| demand.platform == MACOS);
    let Some(demand) = demands.max_by(|a, b| a.minimum.compare_padded(&b.minimum)) else {
        let named = own.platforms.iter().map(|demand| demand.platform.as_str()).collect::<Vec<_>>();
        let message = match named.as_slice() {
            [] => "names neither a platform nor a minimum (no LC_BUILD_VERSION)".to_owned(),
            named => format!("is built for {}, not for macOS", named.join(" and ")),
        };
        let hint = format!("build it for {}, with a linker that writes the platform down", policy.target);
        findings.push(Finding::new(Code::WrongPlatform, message, hint));
        return;
    };
    // The slice of a universal file that is for another processor than the target has that processor's first macOS for a floor.
    let first = host_macos::first_release(&facts.machine)
        .filter(|first| policy.macos_floor.as_ref().is_some_and(|floor| first.compare_padded(floor).is_gt()));
    if let Some(limit) = first.as_ref().or(policy.macos_floor.as_ref())
        && demand.minimum.compare_padded(limit).is_gt()
    {
        let message = format!("needs macOS {} ({}), above the floor {limit}", demand.minimum, demand.command);
        let hint = format!("set MACOSX_DEPLOYMENT_TARGET={limit} when it is built, or macos = \"{}\" for the target", demand.minimum);
        findings.push(Finding::new(Code::FloorTooHigh, message, hint));
    }
}

/// Undefined symbols that no library was named for are found at load time or not at all.
fn lookup(facts: &Facts, own: &MachoFacts, policy: &Policy, findings: &mut Vec<Finding>) {
    if !own.two_level {
        let hint = "drop `-flat_namespace` from the linker's flags";
        findings.push(Finding::new(Code::UnexpectedImport, "looks up every symbol in all that is loaded (no MH_TWOLEVEL)", hint));
        return;
    }
    let is_allowed = |symbol: &&String| policy.allowed_imports.iter().any(|prefix| symbol.starts_with(prefix.as_str()));
    // Those of a known host program have a finding of their own.
    let others =
        own.flat_imports.iter().filter(|symbol| !facts.host_imports.contains(symbol) && !is_allowed(symbol)).cloned().collect::<Vec<_>>();
    if !others.is_empty() {
        findings.push(Finding::new(
            Code::UnexpectedImport,
            format!(
                "needs {}, and names no library that has it",
                floor::describe("symbols of whatever loads it", &others, others.len(), "")
            ),
            "link the library that has it; `-undefined dynamic_lookup` is for symbols of a program that loads plugins only",
        ));
    }
}

fn signature(facts: &Facts, own: &MachoFacts, policy: &Policy, findings: &mut Vec<Finding>) {
    let Some(signature) = &own.signature else {
        if policy.signed_machines.contains(&facts.machine) {
            let message = format!("has no code signature, and macOS on {} runs nothing without one", facts.machine);
            let hint = "sign it ad hoc (`codesign -s -`, `rcodesign sign`) as the last step, after every edit and strip";
            findings.push(Finding::new(Code::Unsigned, message, hint));
        }
        return;
    };
    if signature.faults.is_empty() {
        return;
    }
    let shown = signature.faults.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join("; ");
    let more = signature.faults.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    findings.push(Finding::new(
        Code::InvalidSignature,
        format!("has a code signature that is not valid: {shown}{more}"),
        "it was changed after it was signed: sign it anew as the last step (`codesign -f -s -`, `rcodesign sign`)",
    ));
}

fn object_files(own: &MachoFacts, findings: &mut Vec<Finding>) {
    if let Some(first) = own.object_files.iter().find(|path| path.starts_with('/')) {
        let more = own.object_files.len() - 1;
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        findings.push(Finding::new(
            Code::LeakedPath,
            format!("names object files of the machine that linked it (N_OSO): {first}{more}"),
            "take its debug information out: `strip = true` in the profile, or `strip -S` before it is signed",
        ));
    }
}
