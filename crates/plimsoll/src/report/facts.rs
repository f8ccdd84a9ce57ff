//! The facts of a binary as a person reads them.

use std::fmt::Write;

use plimsoll_inspect::{Facts, floor_reasons};
use plimsoll_model::GlibcVersion;
use serde::Serialize;

use super::Paint;
/// What is known of one file.
#[derive(Debug, Serialize)]
pub struct Inspected {
    /// As it was named.
    pub file: String,
    /// Its facts; none where it could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facts: Option<Facts>,
    /// The oldest glibc that loads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub floor: Option<GlibcVersion>,
    /// Why it could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// One block a file: what it is, what it needs, and which symbols set its floor.
pub fn render(inspected: &Inspected, paint: Paint) -> String {
    let mut text = format!("{}\n", paint.strong(&inspected.file));
    let Some(facts) = &inspected.facts else { return text };
    let mut line = |label: &str, value: String| {
        if !value.is_empty() {
            let _ = writeln!(text, "  {} {value}", paint.label(format!("{label:<9}")));
        }
    };
    line("is", format!("{} {} {}-bit, {}", facts.format.as_str(), facts.machine, facts.class, facts.linkage));
    line("loader", facts.interpreter.clone().unwrap_or_default());
    line("soname", facts.soname.clone().unwrap_or_default());
    line("needs", facts.needed.join(", "));
    line("floor", inspected.floor.map(|floor| format!("glibc {floor}")).unwrap_or_default());
    for reason in floor_reasons(facts).iter().filter(|reason| Some(reason.version) == inspected.floor) {
        line("because", reason.describe());
    }
    for (prefix, demand) in facts.floors.iter().filter(|(prefix, _)| *prefix != "GLIBC") {
        line("also", format!("{prefix} {} from {}", demand.version, demand.library));
    }
    line("rpath", facts.rpath.join(":"));
    line("runpath", facts.runpath.join(":"));
    let flags = [
        (facts.pie, "pie"),
        (facts.bind_now, "bind-now"),
        (facts.stripped, "stripped"),
        (facts.debug_info, "debug info"),
        (facts.textrel, "text relocations"),
        (facts.writable_executable_segments > 0, "writable and executable segments"),
    ];
    line("has", flags.iter().filter(|(is, _)| *is).map(|(_, name)| *name).collect::<Vec<_>>().join(", "));
    line("exports", facts.entry_points.join(", "));
    text
}
