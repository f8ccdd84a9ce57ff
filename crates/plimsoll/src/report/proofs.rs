//! Evidence in a few words.

use plimsoll_model::release::Won;
use plimsoll_model::{CpuLevel, Evidence, Means};

use super::count;

/// Of what may ask for more than its users' processors have.
pub(super) const PLAIN_NOT_TRIED: &str = "not tried on a plain processor";

/// `sandbox (glibc 2.41), qemu-aarch64 10.0, 3 probes`: where, how, and how much.
pub fn proof(evidence: &Evidence) -> String {
    let root = &evidence.root;
    let libc = root.libc.as_ref().map(|libc| format!(" ({libc})")).unwrap_or_default();
    let means = match &evidence.means {
        Means::Native => String::new(),
        other => format!(", {}", means(other)),
    };
    let probes = evidence.results.iter().filter(|result| result.cpu.is_none()).count();
    let further = match evidence.results.iter().find_map(|result| result.cpu) {
        Some(CpuLevel::V1) => ", also on a plain processor".to_owned(),
        Some(level) => format!(", also on a plain {level} processor"),
        None if evidence.plain_not_tried.is_some() => format!(", {PLAIN_NOT_TRIED}"),
        None => String::new(),
    };
    format!("{}{libc}{means}, {}{further}", root.name, count(probes, "probe"))
}

/// `sandbox (native)`, `debian:12 + debian:13 (native)`, `debian:12 (musl, qemu-aarch64 10.0)`: roots, and behind those that were won alike
/// by what. Of a system by name its C library is told where it is not the usual one.
pub fn won(won: &[Won]) -> String {
    let mut told: Vec<(Vec<&str>, String)> = Vec::new();
    for one in won {
        let named = one.root.as_str().contains(':');
        let musl = if named && one.libc.iter().any(|libc| libc.starts_with("musl")) { "musl, " } else { "" };
        let by = format!("{musl}{}", means(&one.means));
        match told.last_mut() {
            // A root that several trials ran in is told once.
            Some((roots, same)) if *same == by && roots.contains(&one.root.as_str()) => {}
            Some((roots, same)) if *same == by => roots.push(one.root.as_str()),
            _ => told.push((vec![one.root.as_str()], by)),
        }
    }
    told.iter().map(|(roots, by)| format!("{} ({by})", roots.join(" + "))).collect::<Vec<_>>().join(" + ")
}

/// What ran it.
fn means(means: &Means) -> String {
    match means {
        Means::Native => "native".to_owned(),
        Means::Inspected => "inspected only".to_owned(),
        Means::Emulated { emulator, version } => format!("{emulator} {version}"),
    }
}
