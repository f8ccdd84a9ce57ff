//! Evidence in a few words.

use plimsoll_model::{Evidence, Means};

use super::count;

/// `sandbox (glibc 2.41), qemu-aarch64 10.0, 3 probes`: where, how, and how much. `required` is the number of probes that the plan requires; the
/// others are the same on another processor.
pub fn proof(evidence: &Evidence, required: usize) -> String {
    let root = &evidence.root;
    let libc = root.libc.as_ref().map(|libc| format!(" ({libc})")).unwrap_or_default();
    let means = means(&evidence.means).map(|means| format!(", {means}")).unwrap_or_default();
    let further = if evidence.results.len() > required { ", also on a plain processor" } else { "" };
    format!("{}{libc}{means}, {}{further}", root.name, count(required, "probe"))
}

/// What ran it, where that was no machine of its own kind.
pub fn means(means: &Means) -> Option<String> {
    match means {
        Means::Native => None,
        Means::Inspected => Some("inspected only".to_owned()),
        Means::Emulated { emulator, version } => Some(format!("{emulator} {version}")),
    }
}
