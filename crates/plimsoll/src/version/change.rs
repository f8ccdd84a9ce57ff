//! A new version in every file: made in memory, and read again before anything is written.

use plimsoll_model::{Class, Failure};
use semver::Version;

use super::diff;
use super::format::cargo_lock_is_sorted;
use super::place::apply;
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
    /// What has to change for every place to say `to`; `now` is in seconds since 1970, for places that keep dates.
    ///
    /// # Errors
    /// Where a place cannot say it, or a file, read again, does not have the same places saying it.
    pub fn plan(survey: &Survey, to: &Version, now: u64) -> Result<Self, Failure> {
        let mut files = Vec::new();
        for file in &survey.files {
            files.extend(change(survey, file, to, now)?);
        }
        Ok(Self { from: survey.version.clone(), to: to.clone(), files })
    }
}

fn change(survey: &Survey, file: &Surveyed, to: &Version, now: u64) -> Result<Option<FileChange>, Failure> {
    let refused = |message: String| Failure::new(Class::NotProven, "version-change", message).about(file.path.clone());
    let (mut edits, mut places) = (Vec::new(), 0);
    for place in &file.places {
        let made = place.edits(to, now).map_err(|reason| {
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
    let again = survey.read_again(file, &new)?;
    if again.len() != file.places.len() {
        let message = format!("the version stood in {} places, and after the change in {}", file.places.len(), again.len());
        return Err(refused(message).hint("nothing was changed; the pattern matches other text too, or text that changes"));
    }
    if let Some(place) = again.iter().find(|place| !place.agrees(to)) {
        return Err(refused(format!("after the change {} is `{}` and not {to}", place.what, place.text)).hint("nothing was changed"));
    }
    let sorted = |text: &str| cargo_lock_is_sorted(text).map_err(refused);
    if file.is_cargo_lock() && sorted(&file.text)? && !sorted(&new)? {
        let message = "the new version changes the order of its packages, and cargo would not take it as it is".to_owned();
        return Err(refused(message).hint("nothing was changed; a package of another registry has the same name"));
    }
    Ok(Some(FileChange { path: file.path.clone(), old: file.text.clone(), new, places }))
}
