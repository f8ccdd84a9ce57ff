//! What `doctor` found, as a person reads it.

use super::{Paint, Style, Text, bytes};
use crate::doctor::Examination;
use plimsoll_exec::availability::Availability;

/// Tools, isolation, targets, roots, room, and what to do.
pub fn render(examination: &Examination, paint: Paint) -> Text {
    let mut text = Text::new(paint);
    let machine = &examination.machine;
    let host = machine.host.as_ref().map(ToString::to_string).unwrap_or_else(|| format!("{} {}", machine.os, machine.arch));
    text.strong(host).put(" ").faint(format!("{} cores", machine.cores)).end();
    text.label("tools").end();
    for tool in &examination.tools {
        let purpose = if matches!(tool.state, Availability::Ready { .. }) { format!("  {}", tool.purpose) } else { String::new() };
        row(&mut text, tool.tool.name(), &tool.state, &purpose);
    }
    text.label("isolation").end();
    row(&mut text, "bubblewrap", &examination.isolation, "");
    text.label("targets").end();
    for target in &examination.targets {
        row(&mut text, &format!("build {}", target.target), &target.build, "");
        row(&mut text, &format!("prove {}", target.target), &target.prove, "");
    }
    text.label("roots").end();
    for root in &examination.roots {
        row(&mut text, root.root.as_str(), &root.state, "");
    }
    for runtime in &examination.runtimes {
        row(&mut text, &format!("{} of {} for {}", runtime.runtime, runtime.root, runtime.target), &runtime.state, "");
    }
    for space in examination.space.iter().filter(|space| space.is_short()) {
        text.warning("room").put(format!(" {} has {} free", space.folder.display(), bytes(space.free)));
        text.put(format!("; {} are wanted", bytes(space.wanted))).end();
    }
    remedies(&mut text, examination);
    text
}

fn row(text: &mut Text, name: &str, state: &Availability, more: &str) {
    let (style, mark, told) = match state {
        Availability::Ready { how } => (Style::Good, "ok  ", how),
        Availability::Missing { what } => (Style::Warning, "miss", what),
        Availability::Elsewhere { reason } => (Style::Faint, "else", reason),
    };
    text.put("  ").styled(style, mark).put(format!(" {name:<33} {told}")).faint(more).end();
}

fn remedies(text: &mut Text, examination: &Examination) {
    if examination.remedies.is_empty() {
        text.good("nothing is missing").end();
        return;
    }
    text.label("to complete this machine").end();
    for remedy in &examination.remedies {
        let by = if remedy.by_doctor { "" } else { "  (by hand)" };
        text.put("  ").put(&remedy.why).faint(by).end();
        for command in &remedy.commands {
            text.put("    ").put(command).end();
        }
    }
    if examination.remedies.iter().any(|remedy| remedy.by_doctor) {
        text.put("`plimsoll doctor --install` does what is not marked by hand, after asking").end();
    }
}
