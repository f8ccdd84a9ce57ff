//! A plan as a person reads it.

use std::fmt::Write;

use plimsoll_model::plan::{Builder, Compile};
use plimsoll_model::{Plan, Want};

use super::Paint;

/// The plan in lines: targets, products, artifacts with their probes, and what is not wanted with the reason.
pub fn render(plan: &Plan, paint: Paint) -> String {
    let mut text = String::new();
    let state = if plan.source.dirty { " (uncommitted changes)" } else { "" };
    let commit = plan.source.commit.as_ref().map(|commit| format!(" at {}", &commit[..commit.len().min(10)])).unwrap_or_default();
    let _ = writeln!(text, "{} {}{}{}", paint.strong(&plan.name), paint.strong(&plan.version), commit, state);
    section(&mut text, "build", paint);
    for (id, product) in &plan.products {
        let how = match &product.compile {
            Compile::Cargo { library: Some(library), profile, .. } => format!("cargo, {profile}: library {library}"),
            Compile::Cargo { binaries, profile, .. } => format!("cargo, {profile}: {}", binaries.join(", ")),
            Compile::Command { command, .. } => command.clone(),
        };
        let builder = plan.targets.get(&product.target).map(|target| match (target.builder, target.glibc) {
            (Builder::Zig, Some(floor)) => format!("zig, glibc {floor}"),
            (Builder::Zig, None) => "zig".to_owned(),
            (Builder::Native, _) => "native".to_owned(),
            (Builder::Xwin, _) => "xwin".to_owned(),
            (Builder::Cross, _) => "cross".to_owned(),
            (Builder::Command, _) => "own command".to_owned(),
        });
        let _ = writeln!(text, "  {id}  {}", paint.faint(format!("{how} ({})", builder.unwrap_or_default())));
    }
    section(&mut text, "pack and prove", paint);
    for (id, artifact) in plan.wanted() {
        let roots = artifact.roots.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let _ = writeln!(text, "  {}  {}", artifact.file_name, paint.faint(id));
        for probe in &artifact.probes {
            let command = probe.command_line();
            // Of a long script its name says more than its first line.
            let told = if command.lines().count() > 1 { probe.name.as_str() } else { command.as_str() };
            let _ = writeln!(text, "    {told} {}", paint.faint(format!("in {roots}")));
        }
    }
    let others = plan.artifacts.iter().filter_map(|(id, artifact)| match &artifact.want {
        Want::Wanted => None,
        Want::Planned(reason) => Some((id, "planned", reason)),
        Want::Deferred(reason) => Some((id, "deferred", reason)),
    });
    for (at, (id, want, reason)) in others.enumerate() {
        if at == 0 {
            section(&mut text, "not yet", paint);
        }
        let _ = writeln!(text, "  {id}  {}", paint.faint(format!("{want}: {reason}")));
    }
    for (name, gates) in [("gates before", &plan.gates.before), ("gates after", &plan.gates.after)] {
        if !gates.is_empty() {
            section(&mut text, name, paint);
        }
        for gate in gates {
            let _ = writeln!(text, "  {}  {}", gate.name, paint.faint(&gate.command));
        }
    }
    let _ = writeln!(text, "{}", paint.faint(format!("plan {}", plan.id().short())));
    text
}

fn section(text: &mut String, name: &str, paint: Paint) {
    let _ = writeln!(text, "{}", paint.label(name));
}
