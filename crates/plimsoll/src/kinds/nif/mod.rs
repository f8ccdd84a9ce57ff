//! Native libraries for the BEAM: the programs that load them, as sources, and what those programs say, read.
//!
//! Besides those, what the manifest and the project say of such a library: [`table`], [`check`], [`command`], [`init`].
//!
//! Nothing here starts one: which root, machine and time limit, and the starting itself, are the prover's. All programs here speak one language,
//! read in [`report`] and judged in [`trouble`]:
//!
//! - [`host`]: a C program that prints a library's entry without a BEAM; the certain reading of the NIF version, on any target that runs here.
//! - [`probe`]: `beam/nif_probe.escript`, by which a BEAM unpacks and loads an archive: as a module made from the entry (the weaker record), or as
//!   the project's own compiled module.
//! - [`consumer`]: Elixir that takes a package's first steps as `rustler_precompiled` documents them, over the network or with a source build.

pub mod beam_probe;
pub(crate) mod check;
pub(crate) mod client;
pub(crate) mod command;
mod compile_error;
pub mod consumer;
mod dependencies;
pub mod entry;
pub(crate) mod evaluation;
pub mod host;
pub(crate) mod init;
pub(crate) mod keys;
mod library_words;
pub mod module_name;
pub(crate) mod notes;
mod package;
pub mod probe;
pub mod report;
pub mod table;
pub mod trouble;

use std::error::Error;
use std::path::Path;

use plimsoll_model::{ArtifactPlan, Failure, NifPlan, Plan};
use plimsoll_pack::{NifSpec, Spec};
use plimsoll_store::plain_file;

use crate::kinds::Inquiry;
use crate::sources::{Fetched, Sources};
use consumer::choice;
use plimsoll_elixir::ElixirProject;
use plimsoll_exec::environment;

pub(crate) use check::{check, runtimes};

pub use entry::{NifEntry, NifFunction};
pub use module_name::{InvalidModuleName, ModuleName};
pub use probe::{LoadAs, Probe};
pub use report::{End, Report};
pub(crate) use table::{Table, decode};
pub use trouble::{Trouble, judge};

/// How it is packed. The name says it all: version, NIF version, target and variant.
///
/// # Errors
/// If it is named otherwise than its users ask for.
pub(crate) fn spec(plan: &Plan, artifact: &ArtifactPlan) -> Result<Spec, Box<dyn Error>> {
    Ok(Spec::Nif(NifSpec::new(artifact.file_name.clone(), plan.epoch)?))
}

/// The key that says which processor it is compiled for.
pub(crate) fn cpu_key(nif: &NifPlan, of_core: String) -> String {
    match (&nif.library, &nif.variant) {
        (Some(library), Some(variant)) => format!("nif.{library}.variant.{variant}.cpu"),
        _ => of_core,
    }
}

/// What mix fetched for the project, if a lock file says what that is; and the library of users' own that the environment names.
///
/// # Errors
/// Class usage if what it names holds no such library.
pub(crate) fn mix_dependencies(root: &Path) -> Result<Fetched, Failure> {
    let folder = root.join("deps").canonicalize().ok().filter(|folder| folder.is_dir() && root.join("mix.lock").is_file());
    let named = environment::path(choice::VARIABLE).map(|path| choice::named(&path)).transpose()?;
    Ok(Fetched { folder, named: named.into_iter().collect() })
}

/// What the project's Elixir sources say of its native library: evaluated if that can be, else read.
///
/// # Errors
/// If one cannot be read, or the user stops it.
pub(crate) fn read_elixir(sources: &Sources, inquiry: Inquiry<'_>) -> Result<ElixirProject, Failure> {
    let texts = elixir_texts(sources)?;
    let read = ElixirProject::read(texts.iter().map(|(name, text)| (*name, text.as_str())));
    evaluation::evaluated(read, sources, inquiry)
}

/// mix.exs and the modules, with their paths in the project.
fn elixir_texts(sources: &Sources) -> Result<Vec<(&str, String)>, Failure> {
    let mut texts = Vec::new();
    for (name, file) in sources.of_project().filter(|(name, _)| *name == "mix.exs" || name.ends_with(".ex")) {
        let bytes = plain_file::read(&file.from).map_err(|error| Failure::io(&file.from, &error))?;
        texts.push((name, String::from_utf8_lossy(&bytes).into_owned()));
    }
    Ok(texts)
}
