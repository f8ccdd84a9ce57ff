//! The kind `wheel`: what pip and uv install, of programs that were built and inspected, or of Python alone.

mod audit;
mod check;
pub(crate) mod client;
pub(crate) mod init;
pub(crate) mod keys;
mod package;
pub(crate) mod project;
mod script;

use std::error::Error;

use plimsoll_model::python::normalised_name;
use plimsoll_model::{ArtifactPlan, FileName, Plan, WheelPlan};
use plimsoll_pack::Spec;
use plimsoll_pack::wheel::{Description, WheelFileName, WheelSpec};

use super::{Indexed, KindTable};
use crate::manifest::decode;
use crate::manifest::diagnostic::Diagnostics;
use crate::manifest::reader;
use crate::manifest::{ArtifactTable, Probes, Strings, Written};

pub(crate) use audit::audited;
pub(crate) use check::steps::together as steps_together;
pub(crate) use check::{check, roots_together, runtimes};
pub(crate) use package::package;

/// What only `[wheel.NAME]` has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// `project`.
    pub project: Option<Written<String>>,
    /// `binaries`.
    pub binaries: Option<Strings>,
    /// `modules`.
    pub modules: Option<Strings>,
    /// `pythons`.
    pub pythons: Option<Strings>,
    /// `pure`.
    pub pure: Option<Written<bool>>,
    /// `probe`.
    pub probe: Option<Probes>,
}

impl Table {
    /// Whether it is one wheel for every machine.
    pub(crate) fn is_pure(&self) -> bool {
        self.pure.as_ref().is_some_and(|pure| pure.value)
    }
}

/// Reads one table.
pub(crate) fn decode(name: Written<String>, mut table: reader::Table<'_, '_>, out: &mut Diagnostics) -> ArtifactTable {
    let own = Table {
        project: table.string("project", out),
        binaries: table.strings("binaries", out),
        modules: table.strings("modules", out),
        pythons: table.strings("pythons", out),
        pure: table.boolean("pure", out),
        probe: decode::probes_of(&mut table, out),
    };
    let mut read = decode::artifact(name, &mut table, KindTable::Wheel(own), out);
    decode::foreign_of(&mut read, &mut table, out);
    table.finish(out);
    read
}

/// Where a program of that file name lies in a wheel.
pub(crate) fn program_path(wheel: &WheelPlan, file: &str) -> String {
    format!("{}-{}.data/scripts/{file}", normalised_name(&wheel.distribution, '_'), wheel.version)
}

/// How an index sees a file of that name; none if it is no name of a wheel.
pub(crate) fn indexed(file: &FileName) -> Option<Indexed> {
    let name = file.as_str().parse::<WheelFileName>().ok()?;
    let project = normalised_name(&name.distribution.to_string(), '-');
    Some(Indexed { project, version: name.version.to_string(), turn: 0 })
}

/// How it is packed.
///
/// # Errors
/// If the plan does not say what it says of its project, or names it otherwise than that.
pub(crate) fn spec(plan: &Plan, artifact: &ArtifactPlan, wheel: &WheelPlan) -> Result<Spec, Box<dyn Error>> {
    let target = artifact.fits.one().cloned().ok_or("a wheel with programs is for one target")?;
    let description = Description::of_plan(wheel)?.ok_or("the plan does not say what the wheel says of its project")?;
    Ok(Spec::Wheel(Box::new(WheelSpec::new(artifact.file_name.clone(), description, target, plan.epoch)?)))
}
