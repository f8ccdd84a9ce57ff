//! The audit of a Python package as a person reads it.

use plimsoll_inspect::{Audit, Facts, PackageBinary};

use super::{Paint, Text, bytes};

/// Programs and libraries that are shown.
const SHOWN: usize = 12;

/// What it is, which tags it has and could have, and what is in it. Findings are told as failures.
pub fn render(file: &str, audit: &Audit, paint: Paint) -> Text {
    let mut text = Text::new(paint);
    text.strong(file).end();
    let project = match (&audit.name, &audit.version) {
        (Some(name), Some(version)) => format!(" of {name} {version}"),
        _ => String::new(),
    };
    let files = if audit.files == 1 { "file" } else { "files" };
    line(&mut text, "is", &format!("{}{project}, {} {files}, {} unpacked", audit.form.as_str(), audit.files, bytes(audit.unpacked)));
    for (index, tag) in audit.tags.iter().enumerate() {
        line(&mut text, if index == 0 { "tagged" } else { "" }, tag);
    }
    for (index, lowest) in audit.lowest_tags.iter().enumerate() {
        line(&mut text, if index == 0 { "honest" } else { "" }, &lowest.tag);
        if let Some(because) = &lowest.because {
            line(&mut text, "because", because);
        }
    }
    for (index, binary) in audit.binaries.iter().take(SHOWN).enumerate() {
        line(&mut text, if index == 0 { "holds" } else { "" }, &described(binary));
    }
    if audit.binaries.len() > SHOWN {
        line(&mut text, "", &format!("and {} more", audit.binaries.len() - SHOWN));
    }
    let faults = match audit.findings.len() {
        0 => "none".to_owned(),
        count => count.to_string(),
    };
    line(&mut text, "faults", &faults);
    text
}

fn line(text: &mut Text, label: &str, value: &str) {
    text.put("  ").label(format!("{label:<9}")).put(" ").put(value).end();
}

fn described(binary: &PackageBinary) -> String {
    let machine = |facts: &Facts| facts.machine.clone();
    let machines = binary.facts.images().iter().map(machine).collect::<Vec<_>>().join(" and ");
    format!("{} ({} {machines}, {})", binary.path, binary.facts.format.as_str(), binary.facts.images()[0].linkage)
}
