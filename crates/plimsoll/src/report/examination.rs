//! What `doctor` found, as a person reads it.

use std::fmt::Write;

use super::{Paint, bytes};
use crate::tools::doctor::{Examination, State};

/// Tools, isolation, targets, roots, room, and what to do.
pub fn render(examination: &Examination, paint: Paint) -> String {
    let mut text = String::new();
    let machine = &examination.machine;
    let host = machine.host.as_ref().map(ToString::to_string).unwrap_or_else(|| format!("{} {}", machine.os, machine.arch));
    let _ = writeln!(text, "{} {}", paint.strong(host), paint.faint(format!("{} cores", machine.cores)));
    let _ = writeln!(text, "{}", paint.label("tools"));
    for tool in &examination.tools {
        let purpose = if matches!(tool.state, State::Ready { .. }) { format!("  {}", tool.purpose) } else { String::new() };
        row(&mut text, tool.tool.name(), &tool.state, &purpose, paint);
    }
    let _ = writeln!(text, "{}", paint.label("isolation"));
    row(&mut text, "bubblewrap", &examination.isolation, "", paint);
    let _ = writeln!(text, "{}", paint.label("targets"));
    for target in &examination.targets {
        row(&mut text, &format!("build {}", target.target), &target.build, "", paint);
        row(&mut text, &format!("prove {}", target.target), &target.prove, "", paint);
    }
    let _ = writeln!(text, "{}", paint.label("roots"));
    for root in &examination.roots {
        row(&mut text, root.root.as_str(), &root.state, "", paint);
    }
    for space in examination.space.iter().filter(|space| space.free < space.wanted) {
        let _ = writeln!(
            text,
            "{} {} has {} free; {} are wanted",
            paint.warning("room"),
            space.folder.display(),
            bytes(space.free),
            bytes(space.wanted)
        );
    }
    remedies(&mut text, examination, paint);
    text
}

fn row(text: &mut String, name: &str, state: &State, more: &str, paint: Paint) {
    let (mark, told) = match state {
        State::Ready { how } => (paint.good("ok  "), how.as_str()),
        State::Missing { what } => (paint.warning("miss"), what.as_str()),
        State::Elsewhere { reason } => (paint.faint("else"), reason.as_str()),
    };
    let _ = writeln!(text, "  {mark} {name:<33} {told}{}", paint.faint(more));
}

fn remedies(text: &mut String, examination: &Examination, paint: Paint) {
    if examination.remedies.is_empty() {
        let _ = writeln!(text, "{}", paint.good("nothing is missing"));
        return;
    }
    let _ = writeln!(text, "{}", paint.label("to complete this machine"));
    for remedy in &examination.remedies {
        let by = if remedy.by_doctor { "" } else { "  (by hand)" };
        let _ = writeln!(text, "  {}{}", remedy.why, paint.faint(by));
        for command in &remedy.commands {
            let _ = writeln!(text, "    {command}");
        }
    }
    if examination.remedies.iter().any(|remedy| remedy.by_doctor) {
        let _ = writeln!(text, "`plimsoll doctor --install` does what is not marked by hand, after asking");
    }
}
