//! Artifacts that the project's own command leaves as users get them: each has a core of its own, under the artifact's label.

use std::collections::BTreeMap;

use plimsoll_model::plan::{Compile, Strip};

use super::super::diagnostic::{Diagnostic, Diagnostics};
use super::super::project::Core;
use super::super::written::{ArtifactTable, Written};
use super::command::declared_version;
use super::cores::{Cores, Found};
use super::{Context, cpu, values};

/// The core of a table with a `command`; none if it has none.
pub(crate) fn core(table: &ArtifactTable, context: &Context<'_>, cores: &mut Cores<'_>, out: &mut Diagnostics) -> Option<Found> {
    let label = table.label();
    let (command, output) = match (&table.command, &table.output) {
        (None, None) => {
            no_level(table, out);
            return None;
        }
        (Some(command), Some(output)) => (command, output),
        (Some(command), None) => {
            let message = format!("`{label}` has a `command` and no `output`");
            let missing = Diagnostic::new("no-output", &command.span, message).label("which file does it leave?");
            out.push_absence(missing.hint("add output = \"FILE\", in which `*` stands for any part of a name"));
            return Some(Found::Wrong);
        }
        (None, Some(output)) => {
            let message = format!("`{label}` has an `output` and no `command`");
            out.push_absence(Diagnostic::new("no-command", &output.span, message).label("what makes it?").hint("add command = \"…\""));
            return Some(Found::Wrong);
        }
    };
    if let Some(core) = &table.core {
        let message = format!("`{label}` has a `command`, which leaves the file whole, and a `core`");
        let both = Diagnostic::new("foreign-core", &core.span, message).context(&command.span, "the command");
        out.push(both.hint("take one of the two out"));
        return Some(Found::Wrong);
    }
    let sound = values::filled(command, "command", "nothing to run", out);
    let (output, level) = (values::path(output, out), cpu::read(table.cpu.as_ref(), out));
    let programs = || table.own.programs().unwrap_or_else(|| vec![table.name.value.clone()]);
    let given = context.version.clone().or_else(|| cores.given_version());
    let version = given.or_else(|| declared_version(context.manifest, &table.name, out));
    let name = values::name(&Written { value: label, span: table.name.span.clone() }, "a core", out);
    let made = (|| {
        Some(Core {
            variant_of: None,
            only_for: Some(table.name.value.parse().ok()?),
            name: name?,
            version: version?,
            compile: Compile::File { command: command.value.clone(), output: output.filter(|_| sound)?, for_any: table.own.fits_any() },
            binaries: if table.own.ships_programs() { programs() } else { Vec::new() },
            features_known: Vec::new(),
            cpu: level,
            strip: Strip::None,
            env: BTreeMap::new(),
            inputs: Vec::new(),
            system: Vec::new(),
            embed: BTreeMap::new(),
        })
    })();
    let Some(core) = made else { return Some(Found::Wrong) };
    let name = core.name.clone();
    if cores.get(&name).is_some() {
        let message = format!("a core is called `{name}` too");
        let clash = Diagnostic::new("named-twice", &table.name.span, message).label("it has a core of its own, of that name");
        out.push(clash.hint("give the [core.*] table another name"));
        return Some(Found::Wrong);
    }
    cores.add_variant(core);
    Some(Found::Core(name))
}

/// A level is of what a command leaves; a core has its own.
fn no_level(table: &ArtifactTable, out: &mut Diagnostics) {
    if let Some(cpu) = &table.cpu {
        let message = format!("`cpu` of `{}` is of what a `command` leaves, and it has none", table.label());
        let alone = Diagnostic::new("cpu-without-command", &cpu.span, message).label("nothing is compiled by it");
        out.push(alone.hint("a core is compiled for a processor by `cpu` in its [core.NAME]"));
    }
}
