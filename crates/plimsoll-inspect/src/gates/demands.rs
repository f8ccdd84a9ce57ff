//! Versions and symbols: do the libraries of the oldest promised host have what the file asks of them?

use plimsoll_model::{GlibcVersion, Libc};

use super::finding::{Code, Finding};
use crate::distributions::is_above;
use crate::facts::Facts;
use crate::floor::{self, FloorReason, ISOC23_SINCE};
use crate::format::Format;
use crate::policy::Policy;

pub(super) fn judge(facts: &Facts, policy: &Policy, findings: &mut Vec<Finding>) {
    if let Some(floor) = policy.glibc_floor {
        glibc_floor(facts, policy, floor, findings);
    }
    ceilings(facts, policy, findings);
    unversioned(facts, policy, findings);
    private(facts, policy, findings);
    imports(facts, policy, findings);
}

/// One finding for the highest demand; the others above the floor are in the hint, since all of them must go.
fn glibc_floor(facts: &Facts, policy: &Policy, floor: GlibcVersion, findings: &mut Vec<Finding>) {
    let is_host = |reason: &&FloorReason| !policy.bundled.contains(&reason.library);
    // A symbol without a version has a finding of its own.
    let is_versioned = |reason: &&FloorReason| !reason.demand.starts_with("__");
    let reasons = floor::floor_reasons(facts);
    let above = reasons.iter().filter(|reason| reason.version > floor).filter(is_host).filter(is_versioned).collect::<Vec<_>>();
    if let Some((highest, others)) = above.split_first() {
        let others = others.iter().take(8).map(|reason| reason.describe()).collect::<Vec<_>>().join(", ");
        let others = if others.is_empty() { String::new() } else { format!("; also above the floor: {others}") };
        findings.push(Finding::new(
            Code::FloorTooHigh,
            format!("needs {}, above the floor {floor}", highest.describe()),
            format!("set glibc = \"{}\" or lower the demand: build against an older glibc (builder = \"zig\"){others}", highest.version),
        ));
    }
    for demand in facts.demands.iter().filter(|demand| floor::is_unknown_marker(demand) && !policy.bundled.contains(&demand.library)) {
        let described = floor::describe_demand(demand);
        findings.push(Finding::new(
            Code::FloorTooHigh,
            format!("needs {described}, a marker of a newer glibc than plimsoll knows, above the floor {floor}"),
            "lower the demand: build against an older glibc (builder = \"zig\"), or with an older linker",
        ));
    }
}

fn ceilings(facts: &Facts, policy: &Policy, findings: &mut Vec<Finding>) {
    for (prefix, ceiling) in &policy.ceilings {
        let Some(demand) = facts.floors.get(prefix) else { continue };
        if !is_above(&demand.version, ceiling) || policy.bundled.contains(&demand.library) {
            continue;
        }
        let name = format!("{prefix}_{}", demand.version);
        let count = facts.demands.iter().find(|entry| entry.name == name && entry.library == demand.library);
        let count = count.map_or(demand.symbols.len(), |entry| entry.symbol_count as usize);
        let described = floor::describe(&name, &demand.symbols, count, &demand.library);
        findings.push(Finding::new(
            Code::FloorTooHigh,
            format!("needs {described}, above {prefix}_{ceiling}, the newest that hosts at the floor have"),
            format!("link {} statically, or build with an older compiler's library", demand.library),
        ));
    }
}

/// musl has no such symbol at any version; glibc has it since 2.38.
fn unversioned(facts: &Facts, policy: &Policy, findings: &mut Vec<Finding>) {
    let Some(first) = facts.unversioned_new_symbols.first() else { return };
    let more = match facts.unversioned_new_symbols.len() - 1 {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let lacking = match (policy.target.libc(), policy.glibc_floor) {
        (Some(Libc::Gnu), Some(floor)) if floor < ISOC23_SINCE => format!("glibc has since {ISOC23_SINCE} only, above the floor {floor}"),
        (Some(Libc::Gnu), _) => return,
        _ => "the target's C library does not have".to_owned(),
    };
    findings.push(Finding::new(
        Code::UnversionedSymbol,
        format!("uses {first}{more} without a version, which {lacking}"),
        "an object compiled against newer headers came in: compile it against the headers of the floor, or for C17",
    ));
}

fn private(facts: &Facts, policy: &Policy, findings: &mut Vec<Finding>) {
    for demand in facts.demands.iter().filter(|demand| demand.name == "GLIBC_PRIVATE" && !policy.bundled.contains(&demand.library)) {
        let described = floor::describe_demand(demand);
        findings.push(Finding::new(
            Code::PrivateSymbol,
            format!("needs {described}, which only fits the very glibc that it was linked with"),
            "link the public interface; a library of the build machine's own glibc is no part of an artifact",
        ));
    }
}

fn imports(facts: &Facts, policy: &Policy, findings: &mut Vec<Finding>) {
    // A program that embeds Python gets these from a library that it needs, which is judged as a library.
    let embeds_python = facts.format == Format::Elf && facts.needed.iter().any(|library| library.starts_with("libpython"));
    let is_provided = |symbol: &str| embeds_python && (symbol.starts_with("Py") || symbol.starts_with("_Py"));
    let is_allowed = |symbol: &str| policy.allowed_imports.iter().any(|prefix| symbol.starts_with(prefix.as_str()));
    let others = facts.host_imports.iter().filter(|symbol| !is_provided(symbol) && !is_allowed(symbol)).cloned().collect::<Vec<_>>();
    if !others.is_empty() {
        findings.push(Finding::new(
            Code::UnexpectedImport,
            format!("needs {}, and is not loaded by a program that has it", floor::describe("a host's symbols", &others, others.len(), "")),
            "only a NIF may import `enif_*`, and only a Python extension `Py*`: check which library this is",
        ));
    }
}
