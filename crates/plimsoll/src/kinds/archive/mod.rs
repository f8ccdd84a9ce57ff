//! The kind `archive`: programs of one core with the project's files, in a tarball or zip.

mod check;
pub(crate) mod keys;

use std::error::Error;

use plimsoll_model::{ArtifactPlan, Plan};
use plimsoll_pack::{ArchiveSpec, Format, Spec};
use toml::de::DeValue;

use crate::manifest::decode;
use crate::manifest::diagnostic::Diagnostics;
use crate::manifest::reader;
use crate::manifest::{ArtifactTable, Files, Probes, Strings, Written};

use super::KindTable;

pub(crate) use check::check;

/// What only `[archive.NAME]` has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// `binaries`.
    pub binaries: Option<Strings>,
    /// `files`.
    pub files: Option<Written<Files>>,
    /// `format`.
    pub format: Option<Written<Formats>>,
    /// `filename`.
    pub filename: Option<Written<String>>,
    /// `probe`.
    pub probe: Option<Probes>,
}

/// One container for all systems, or one for each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Formats {
    /// `format = "…"`.
    All(Written<String>),
    /// `format.SYSTEM = "…"`.
    Each(Vec<(Written<String>, Written<String>)>),
}

fn formats(place: &str, value: &reader::Value<'_>, out: &mut Diagnostics) -> Option<Written<Formats>> {
    let read = match value.get_ref() {
        DeValue::String(_) => Formats::All(reader::string(place, value, out)?),
        DeValue::Table(_) => Formats::Each(reader::string_table(place, value, out)),
        _ => {
            reader::wrong_type(place, "a string or a table of strings", value, out);
            return None;
        }
    };
    Some(Written { value: read, span: value.span() })
}

/// Reads one table.
pub(crate) fn decode(name: Written<String>, mut table: reader::Table<'_, '_>, out: &mut Diagnostics) -> ArtifactTable {
    let own = Table {
        filename: table.string("filename", out),
        probe: decode::probes_of(&mut table, out),
        binaries: table.strings("binaries", out),
        files: decode::files_of(&mut table, out),
        format: table.take("format").and_then(|value| formats(&table.place("format"), value, out)),
    };
    let mut read = decode::artifact(name, &mut table, KindTable::Archive(own), out);
    decode::foreign_with_level_of(&mut read, &mut table, out);
    table.finish(out);
    read
}

/// How it is packed.
///
/// # Errors
/// If it has no target, or a container that there is not.
pub(crate) fn spec(plan: &Plan, artifact: &ArtifactPlan, format: &str) -> Result<Spec, Box<dyn Error>> {
    let target = artifact.fits.one().cloned().ok_or("this kind of artifact needs a target")?;
    Ok(Spec::Archive(ArchiveSpec::new(artifact.file_name.clone(), target, format.parse::<Format>()?, plan.epoch)?))
}
