//! What is done with a root's files after its packages were unpacked, because of what it is for.

use std::path::Path;

use super::super::libc::{self, Processor};
use super::super::recipe::{CERTIFICATES, Recipe};
use super::super::{Roots, Unavailable, beam, python};
use super::certificates;

/// What finishes a root, with what it takes: looked for before anything is fetched.
pub(super) enum Finish {
    /// What was unpacked is all.
    Nothing,
    /// Its BEAM is linked to musl.
    MuslBeam(beam::musl::Tools),
    /// Its Python is made ready.
    Python(python::prepare::Starter),
}

impl Finish {
    /// Of a recipe.
    pub(super) fn gather(roots: &Roots<'_>, recipe: &Recipe, on_line: &mut dyn FnMut(&str)) -> Result<Self, Unavailable> {
        Ok(if recipe.source.is_some() {
            Self::MuslBeam(beam::musl::Tools::gather(roots, on_line)?)
        } else if recipe.has_python() {
            Self::Python(python::prepare::Starter::gather(roots, recipe, on_line)?)
        } else {
            Self::Nothing
        })
    }

    /// Finishes what `label` has unpacked: the C library of what will be tried there, and what made it.
    pub(super) fn run(
        &self,
        roots: &Roots<'_>,
        recipe: &Recipe,
        label: String,
        files: &Path,
        on_line: &mut dyn FnMut(&str),
    ) -> Result<(Option<String>, String), Unavailable> {
        if recipe.packages.contains(&CERTIFICATES) {
            certificates::gather(files).map_err(|error| Unavailable::Failed(format!("cannot gather the certificates: {error}")))?;
        }
        let processor = recipe.architecture.map_or_else(Processor::this, Processor::of_debian);
        let made_by = match (self, processor) {
            (Self::MuslBeam(tools), Some(processor)) => {
                let built = beam::musl::relink(roots, tools, processor, files, on_line)?;
                format!("{label}, its BEAM linked to musl by {built}")
            }
            (Self::Python(starter), _) => {
                python::prepare::prepare(roots, starter, files, on_line)?;
                label
            }
            (Self::Nothing | Self::MuslBeam(_), _) => label,
        };
        let of_root = if recipe.is_for_musl() { libc::musl_of_root } else { libc::of_root };
        Ok((processor.and_then(|processor| of_root(files, processor)), made_by))
    }
}
