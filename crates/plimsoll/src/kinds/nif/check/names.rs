//! Names that are made of a library's: of files, of artifacts, of cores. Each is held against its rules before anything is made of it.

use plimsoll_model::{FileName, Name, NifVersion, Target, Want};

use super::Library;
use super::variants::Variation;
use crate::manifest::diagnostic::{Diagnostic, Diagnostics};
use crate::manifest::written::Written;

/// The targets for which a library, or a variant of it, is made.
pub(super) fn targets<'l>(library: &'l Library, variation: Option<&Variation>) -> impl Iterator<Item = (&'l Target, &'l Want)> {
    library.wants.iter().filter(move |(target, _)| variation.is_none_or(|of| of.targets.contains(target)))
}

/// The artifact of a NIF version and variant.
pub(super) fn artifact(library: &Library, version: NifVersion, variation: Option<&Variation>) -> String {
    let suffix = variation.map(|variation| format!("--{}", variation.name)).unwrap_or_default();
    format!("{}-nif-{version}{suffix}", library.name)
}

/// Which way of compiling the core it is: another library of the same core may have a variant of that name, with settings of its own.
pub(super) fn variant(library: &Library, version: NifVersion, variation: Option<&Variation>) -> String {
    let whose = if library.name == library.core.name { String::new() } else { format!("+{}", library.name) };
    let suffix = variation.map(|variation| format!("{whose}+{}", variation.name)).unwrap_or_default();
    format!("nif-{version}{suffix}")
}

/// The core as it is compiled for it.
pub(super) fn core(library: &Library, version: NifVersion, variation: Option<&Variation>) -> String {
    format!("{}+{}", library.core.name, variant(library, version, variation))
}

/// Whether every name can be one; the first that cannot is told of the library, or of each of its variants where the library's own can.
pub(super) fn are_sound(library: &Library, written: &Written<String>, out: &mut Diagnostics) -> bool {
    if let Some(fault) = fault(library, None, written) {
        out.push(fault);
        return false;
    }
    let faults = library.variations.iter().filter_map(|variation| fault(library, Some(variation), written)).collect::<Vec<_>>();
    let sound = faults.is_empty();
    faults.into_iter().for_each(|fault| out.push(fault));
    sound
}

fn fault(library: &Library, variation: Option<&Variation>, written: &Written<String>) -> Option<Diagnostic> {
    let span = variation.map_or(&written.span, |variation| &variation.place);
    library.versions.iter().find_map(|version| {
        let mut files = targets(library, variation).map(|(target, _)| library.packaging.names(library, *version, target, variation).0);
        if let Some(strange) = files.find(|name| name.parse::<FileName>().is_err()) {
            let bad = Diagnostic::new("bad-file-name", span, format!("`{}` cannot be a file name", shown(&strange)));
            return Some(bad.label("not a file name").hint(plain_file_name(library, variation)));
        }
        let mut names = [artifact(library, *version, variation), core(library, *version, variation)].into_iter();
        let strange = names.find(|name| name.parse::<Name>().is_err())?;
        let message = format!("`{}`, which is made of the names of core, library and variant, is too long for a name", shown(&strange));
        let hint = variation.map_or("give the core or the library a shorter name", |_| "give the variant a shorter name");
        Some(Diagnostic::new("bad-name", span, message).label("makes it too long").hint(hint))
    })
}

/// Users ask for the very name; under another one, which a release page chose, they find nothing.
fn plain_file_name(library: &Library, variation: Option<&Variation>) -> &'static str {
    if variation.is_some() {
        // The library's own are sound, and a variant's name has no strange character.
        "file names have at most 255 characters: give the variant a shorter name"
    } else if library.core.version.build.is_empty() {
        "letters, digits, `.`, `_` and `-`, starting with a letter or digit, at most 255: others are changed by release pages"
    } else {
        "release pages change the `+` of build metadata, and users would ask for a file that is not there: take it out of the version"
    }
}

fn shown(name: &str) -> String {
    name.chars().take(160).collect()
}
