//! What binds a release and nothing before it: the tag of its commit, and its heading in the changelog.

use std::path::Path;

use plimsoll_model::{Class, Failure};
use semver::Version;
use serde::Serialize;

use super::changelog::Changelog;
use super::spec::VersionSpec;
use super::survey;
use super::tag::TagForm;
use plimsoll_exec::git;
use plimsoll_exec::launcher::Launcher;

/// What tag and changelog say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Binding {
    /// The tag that a release of the version has.
    pub tag: String,
    /// Tags of the commit that are of the project's form.
    pub tags: Vec<String>,
    /// The changelog, where there is one.
    pub heading: Option<Heading>,
}

/// The version's section in the changelog.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Heading {
    /// The changelog's path, relative to the project.
    pub file: String,
    /// What is wrong with the section; none where it is there and filled.
    pub problem: Option<String>,
}

impl Binding {
    /// Looks at both; `names` are those of the project and its packages, which headings may have.
    ///
    /// # Errors
    /// Where git or the changelog cannot be read.
    pub fn look(root: &Path, spec: &VersionSpec, names: &[String], version: &Version, launcher: &Launcher) -> Result<Self, Failure> {
        let tags = git::tags(root, launcher)?.into_iter().filter(|tag| spec.tag.version(tag).is_some()).collect();
        let heading = match &spec.changelog {
            None => None,
            Some(file) => {
                let text = survey::read(root, file)?;
                let problem = Changelog::parse(&text, &spec.names(names)).notes(version).err().map(|error| error.to_string());
                Some(Heading { file: file.clone(), problem })
            }
        };
        Ok(Self { tag: spec.tag.tag(version), tags, heading })
    }

    /// Whether `tag` is the version's.
    ///
    /// # Errors
    /// Where it is not.
    pub fn named(&self, tag: &str) -> Result<(), Failure> {
        if tag == self.tag {
            return Ok(());
        }
        Err(Failure::new(Class::NotProven, "tag-differs", format!("the tag is `{tag}`, and of this version it is `{}`", self.tag))
            .hint("tag the commit whose files say that version, or set `version.tag` to the form of your tags"))
    }

    /// Whether the commit's tags, if there are any of the project's form, are the version's.
    ///
    /// # Errors
    /// The first that is not.
    pub fn tags_agree(&self) -> Result<(), Failure> {
        if self.tags.contains(&self.tag) {
            return Ok(());
        }
        self.tags.first().map_or(Ok(()), |tag| self.named(tag))
    }

    /// Whether the commit has the version's tag.
    ///
    /// # Errors
    /// Where it has none, or another version's.
    pub fn tagged(&self) -> Result<(), Failure> {
        self.tags_agree()?;
        if !self.tags.is_empty() {
            return Ok(());
        }
        Err(Failure::new(Class::NotProven, "no-tag", format!("the commit has no tag `{}`", self.tag))
            .hint(format!("`git tag {}`, or `plimsoll release --dry-run` to try without one", self.tag)))
    }

    /// Whether the changelog has a section of the version with something in it.
    ///
    /// # Errors
    /// Where it has none, or an empty one.
    pub fn headed(&self) -> Result<(), Failure> {
        match &self.heading {
            Some(Heading { file, problem: Some(problem) }) => {
                let failure = Failure::new(Class::NotProven, "changelog", problem.clone()).about(file.clone());
                Err(failure.hint("`plimsoll version set --changelog` makes the section of the Unreleased one"))
            }
            _ => Ok(()),
        }
    }
}

/// Refuses a release whose commit has no tag of the version, or whose changelog has no notes for it; without `tagged` a missing tag is
/// let pass, but not another version's.
///
/// # Errors
/// The first thing that is wrong.
pub fn bind(
    root: &Path,
    spec: &VersionSpec,
    names: &[String],
    version: &Version,
    tagged: bool,
    launcher: &Launcher,
) -> Result<(), Failure> {
    let binding = Binding::look(root, spec, names, version, launcher)?;
    if tagged { binding.tagged() } else { binding.tags_agree() }?;
    binding.headed()
}

/// Refuses a release from a commit whose tags are those of other versions, for a project that does not say which form its tags have: the usual
/// ones are looked at. `names` are those of the project and its packages.
///
/// # Errors
/// The first tag of another version, where none is of this one.
pub fn bind_usual(root: &Path, names: &[String], version: &Version, launcher: &Launcher) -> Result<(), Failure> {
    let (forms, tags) = (TagForm::usual(names.iter().map(String::as_str)), git::tags(root, launcher)?);
    let read = |tag: &String| forms.iter().find_map(|form| Some((tag.clone(), form, form.version(tag)?)));
    let read = tags.iter().filter_map(read).collect::<Vec<_>>();
    if read.iter().any(|(.., tagged)| tagged == version) {
        return Ok(());
    }
    let Some((tag, form, _)) = read.into_iter().next() else { return Ok(()) };
    Err(Failure::new(Class::NotProven, "tag-differs", format!("the tag is `{tag}`, and of this version it is `{}`", form.tag(version)))
        .hint("tag the commit whose files say that version; if the tag is none of a release, `[version]` says which form your tags have"))
}
