//! A new version in every file: made in memory, and read again before anything is written.

use std::path::Path;

use plimsoll_model::{Class, Failure};
use semver::Version;

use super::diff;
use super::format::{cargo_lock_alike, cargo_lock_in_order};
use super::packages::in_base;
use super::place::{Stamp, apply};
use super::survey::{Survey, Surveyed};

/// A file as it was, and as it will be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// Relative to the project, with `/`.
    pub path: String,
    /// As it was.
    pub old: String,
    /// As it will be.
    pub new: String,
    /// How many places change.
    pub places: usize,
}

impl FileChange {
    /// The same change by the name that the file has in `base`, which holds the project at `root`.
    pub fn in_base(&self, root: &Path, base: &Path) -> Self {
        Self { path: in_base(root, base, &self.path), ..self.clone() }
    }

    /// The change as a unified diff.
    pub fn diff(&self) -> String {
        diff::unified(&self.path, &self.old, &self.new)
    }
}

/// Everything that changes for a new version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// From the source's version.
    pub from: Version,
    /// To this one.
    pub to: Version,
    /// Files that change; those that say the version already are left out.
    pub files: Vec<FileChange>,
}

impl Change {
    /// What has to change for every place to say `to`; places that keep dates and names take them from `stamp`.
    ///
    /// # Errors
    /// Where a place cannot say it, or a file, read again, does not have the same places saying it.
    pub fn plan(survey: &Survey, to: &Version, stamp: &Stamp) -> Result<Self, Failure> {
        let mut files = Vec::new();
        for file in &survey.files {
            files.extend(change(survey, file, to, stamp)?);
        }
        Ok(Self { from: survey.version.clone(), to: to.clone(), files })
    }
}

fn change(survey: &Survey, file: &Surveyed, to: &Version, stamp: &Stamp) -> Result<Option<FileChange>, Failure> {
    let refused = |message: String| Failure::new(Class::NotProven, "version-change", message).about(file.path.clone());
    let (mut edits, mut places) = (Vec::new(), 0);
    for place in &file.places {
        if stamp.signer.is_none() && place.is_signed(to) {
            let unsigned = Failure::new(Class::Usage, "no-signer", "its new entry has a name under it, and nobody is known to sign it");
            let hint = "add `maintainer = \"Name <address>\"` to [version], or set git's user.name and user.email";
            return Err(unsigned.about(file.path.clone()).hint(hint));
        }
        let made = place.edits(to, stamp).map_err(|reason| {
            let failure = Failure::new(Class::NotProven, "unsayable", format!("{}: {reason}", place.what));
            failure
                .about(format!("{}:{}", file.path, file.line(place)))
                .hint("nothing was changed; choose a version that every copy can say")
        })?;
        places += usize::from(!made.is_empty());
        edits.extend(made);
    }
    if edits.is_empty() {
        return Ok(None);
    }
    let new = apply(&file.text, &edits).ok_or_else(|| refused("two of its patterns lay claim to the same text".to_owned()))?;
    let new = if file.is_cargo_lock() { locked(&file.text, new).map_err(refused)? } else { new };
    let again = survey.read_again(file, &new)?;
    if again.len() != file.places.len() {
        let message = format!("the version stood in {} places, and after the change in {}", file.places.len(), again.len());
        return Err(refused(message).hint("nothing was changed; the pattern matches other text too, or text that changes"));
    }
    if let Some(place) = again.iter().find(|place| !place.agrees(to)) {
        return Err(refused(format!("after the change {} is `{}` and not {to}", place.what, place.text)).hint("nothing was changed"));
    }
    Ok(Some(FileChange { path: file.path.clone(), old: file.text.clone(), new, places }))
}

/// A lock file with a new version, as cargo itself would write it; the old one shows whether it was written so.
fn locked(old: &str, new: String) -> Result<String, String> {
    if cargo_lock_alike(old)? != cargo_lock_alike(&new)? {
        return Err("another package has the name and the version, and cargo would write the file otherwise".to_owned());
    }
    if cargo_lock_in_order(old)? == old { cargo_lock_in_order(&new) } else { Ok(new) }
}
