//! `plimsoll version`: one version in every file that holds it.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use plimsoll_model::{Class, Failure};
use semver::Version;

use super::{Common, Ending, Outcome, Trouble, launcher, paint, paint_output, patience};
use crate::manifest::{self, Manifest};
use crate::project;
use crate::report::versions::{Changed, Places, Written};
use crate::report::{self, Text, print_json, versions};
use plimsoll_exec::git;
use plimsoll_exec::launcher::Launcher;
use plimsoll_version::changelog::Changelog;
use plimsoll_version::journal::{Journal, Turn};
use plimsoll_version::{Binding, Bump, BumpError, Change, FileChange, Level, Stamp, Survey, VersionSpec, guard, line};

#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Option<Action>,
}

const HELP: &str = "\
Without a subcommand: every place, and whether it agrees with the source. The files are named by `[version]` in plimsoll.toml; without it they
are the Cargo.toml of what is shipped, or of its workspace, and Cargo.lock.
A change is made in all files or in none; one that was stopped half-way is undone by the next run.";

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Fail on the first place that does not agree; of a tagged commit, also if tag or changelog do not.
    Check(Check),
    /// Write a version into every file; without one, the source's into every copy.
    Set(Set),
    /// Write the next version into every file.
    Bump(BumpArguments),
    /// Print a release's notes, cut from the changelog.
    Notes(Notes),
    /// Print the line that programs tell their version by, such as `1.2.3 (abcdef1 2026-01-02)`.
    Line(Line),
}

#[derive(Debug, clap::Args)]
struct Check {
    /// Hold this tag against the version, as a workflow that a tag started does.
    #[arg(long, value_name = "TAG")]
    tag: Option<String>,
    /// Require the tag and the changelog's section, as `plimsoll release` does.
    #[arg(long)]
    release: bool,
}

/// How a change is made.
#[derive(Debug, clap::Args)]
struct Manner {
    /// Show what would change, and write nothing.
    #[arg(long)]
    plan: bool,
    /// Make the changelog's Unreleased section that of the version.
    #[arg(long)]
    changelog: bool,
}

#[derive(Debug, clap::Args)]
struct Set {
    /// The version, as SemVer has it: 1.2.0 or 1.2.0-rc.1.
    version: Option<Version>,
    /// Go back to an older version.
    #[arg(long)]
    allow_downgrade: bool,
    #[command(flatten)]
    manner: Manner,
}

#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("level").args(["patch", "minor", "major", "release"]))]
#[command(group = clap::ArgGroup::new("what").args(["patch", "minor", "major", "release", "pre"]).multiple(true).required(true))]
struct BumpArguments {
    /// 1.2.3 → 1.2.4
    #[arg(long)]
    patch: bool,
    /// 1.2.3 → 1.3.0
    #[arg(long)]
    minor: bool,
    /// 1.2.3 → 2.0.0
    #[arg(long)]
    major: bool,
    /// 1.3.0-rc.2 → 1.3.0
    #[arg(long, conflicts_with = "pre")]
    release: bool,
    /// With a level the first pre-release of this name, as in 1.3.0-rc.1; alone the next one.
    #[arg(long, value_name = "WORD")]
    pre: Option<String>,
    #[command(flatten)]
    manner: Manner,
}

#[derive(Debug, clap::Args)]
struct Notes {
    /// Of which version; the source's unless said otherwise.
    version: Option<Version>,
}

#[derive(Debug, clap::Args)]
struct Line {
    /// Write it into the files that `version.line` names.
    #[arg(long)]
    write: bool,
}

/// The project as far as its version goes.
struct Desk {
    root: PathBuf,
    /// Where files are replaced: the project, or the workspace around it.
    base: PathBuf,
    spec: VersionSpec,
    launcher: Launcher,
}

pub(super) fn run(arguments: &Arguments, common: &Common) -> Outcome {
    let root = project::folder(&common.root)?;
    let base = plimsoll_version::base(&root);
    let journal = Journal::of(&base, &super::store_folder()?);
    let launcher = launcher()?;
    let patience = patience(&launcher);
    // Held to the end by what writes; everything else only mends what was stopped.
    let turn = match &arguments.action {
        Some(Action::Set(set)) if !set.manner.plan => Some(Turn::take(&journal, &patience)?),
        Some(Action::Bump(bump)) if !bump.manner.plan => Some(Turn::take(&journal, &patience)?),
        _ => None,
    };
    let recovered = turn.as_ref().map_or_else(|| journal.recover(&patience), Turn::recover)?;
    if let Some(files) = recovered.filter(|_| !common.quiet) {
        let note = format!("a version change was stopped half-way; {} put back", report::count(files.len(), "file"));
        report::print_error(Text::new(paint(std::io::stderr().is_terminal())).warning(note).end());
    }
    let desk = Desk { spec: spec(&root, &launcher)?, launcher, root, base };
    match &arguments.action {
        None => desk.show(common),
        Some(Action::Check(check)) => desk.check(check, common),
        Some(Action::Set(set)) => desk.set(set, turn.as_ref(), common),
        Some(Action::Bump(bump)) => desk.bump(bump, turn.as_ref(), common),
        Some(Action::Notes(notes)) => desk.notes(notes, common),
        Some(Action::Line(line)) => desk.line(line, common),
    }
}

/// `[version]` of the manifest; for a project without it, or without a manifest, what its cargo packages say.
fn spec(root: &Path, launcher: &Launcher) -> Result<VersionSpec, Trouble> {
    let is_silent = matches!(root.join(manifest::FILE_NAME).try_exists(), Ok(false)) && project::own_path(root).is_some();
    if is_silent {
        return Ok(project::version_spec(root, &Manifest::default(), launcher)?);
    }
    let (path, text) = project::read_manifest(root)?;
    let wrong = |error| Trouble::Manifest(Box::new(error));
    let written = manifest::parse(&path, &text).map_err(wrong)?;
    match manifest::version_spec(&path, &text, &written).map_err(wrong)? {
        Some(spec) => Ok(spec),
        None => Ok(project::version_spec(root, &written, launcher).map_err(|failure| failure.about(path))?),
    }
}

fn refused(error: &BumpError) -> Failure {
    Failure::new(Class::Usage, "version", error.to_string()).hint(error.hint())
}

impl Desk {
    fn survey(&self) -> Result<Survey, Failure> {
        Survey::read(&self.root, &self.spec, &self.launcher)
    }

    fn show(&self, common: &Common) -> Outcome {
        let survey = self.survey()?;
        let binding = Binding::look(&self.root, &self.spec, &survey.names(), &survey.version, &self.launcher)?;
        let places = Places::of(&survey, binding);
        if common.json {
            print_json(&places)?;
        } else {
            report::print(&versions::render(&places, paint_output()))?;
        }
        Ok(Ending::Done)
    }

    fn check(&self, check: &Check, common: &Common) -> Outcome {
        let survey = self.survey()?;
        survey.agreement()?;
        let binding = Binding::look(&self.root, &self.spec, &survey.names(), &survey.version, &self.launcher)?;
        let is_release = check.release || check.tag.is_some() || !binding.tags.is_empty();
        match &check.tag {
            Some(tag) => binding.named(tag)?,
            None if check.release => binding.tagged()?,
            None => binding.tags_agree()?,
        }
        if is_release {
            binding.headed()?;
        }
        let places = Places::of(&survey, binding);
        if common.json {
            print_json(&places)?;
        } else if !common.quiet {
            report::print(&versions::agreed(&places, is_release, paint_output()))?;
        }
        Ok(Ending::Done)
    }

    fn set(&self, set: &Set, turn: Option<&Turn>, common: &Common) -> Outcome {
        let survey = self.survey()?;
        let next = set.version.clone().unwrap_or_else(|| survey.version.clone());
        if !set.allow_downgrade {
            guard(&survey.version, &next).map_err(|error| refused(&error))?;
        }
        self.change(&survey, &next, &set.manner, turn, common)
    }

    fn bump(&self, arguments: &BumpArguments, turn: Option<&Turn>, common: &Common) -> Outcome {
        let survey = self.survey()?;
        // What disagrees may be a pattern that found something else: that is for a person to look at.
        survey.agreement()?;
        let levels = [(arguments.patch, Level::Patch), (arguments.minor, Level::Minor), (arguments.major, Level::Major)];
        let level = levels.into_iter().find(|(asked, _)| *asked).map(|(_, level)| level);
        let bump = match (level, &arguments.pre) {
            (Some(level), word) => Bump::Level(level, word.clone()),
            (None, Some(word)) => Bump::Pre(word.clone()),
            (None, None) => Bump::Release,
        };
        let next = bump.after(&survey.version).map_err(|error| refused(&error))?;
        self.change(&survey, &next, &arguments.manner, turn, common)
    }

    fn change(&self, survey: &Survey, next: &Version, manner: &Manner, turn: Option<&Turn>, common: &Common) -> Outcome {
        let now = project::epoch()?.unwrap_or_else(project::now);
        let signer = match &self.spec.maintainer {
            Some(maintainer) => Some(maintainer.clone()),
            None => git::author(&self.root, &self.launcher)?,
        };
        let mut change = Change::plan(survey, next, &Stamp { now, signer })?;
        if manner.changelog {
            change.files.push(self.release_changelog(survey, next, now)?);
        }
        if let Some(turn) = turn {
            let files = change.files.iter().map(|file| file.in_base(&self.root, &self.base)).collect::<Vec<_>>();
            turn.replace(&files)?;
        }
        let changed = Changed::of(&change, turn.is_some());
        if common.json {
            print_json(&changed)?;
        } else if turn.is_none() || !common.quiet {
            report::print(&versions::changed(&changed, paint_output()))?;
        }
        Ok(Ending::Done)
    }

    /// The changelog with its Unreleased section made that of the version.
    fn release_changelog(&self, survey: &Survey, next: &Version, now: u64) -> Result<FileChange, Failure> {
        let file = self.changelog()?;
        let old = plimsoll_version::text(&self.root, file)?;
        let date = plimsoll_version::date(now);
        let new = Changelog::parse(&old, &self.spec.names(&survey.names())).release(next, &date, &self.spec.tag);
        let new = new.map_err(|error| {
            let failure = Failure::new(Class::NotProven, "changelog", error.to_string()).about(file.to_owned());
            failure.hint("nothing was changed; write what is new below a heading `## [Unreleased]`")
        })?;
        Ok(FileChange { path: file.to_owned(), old, new, places: 0 })
    }

    fn changelog(&self) -> Result<&str, Failure> {
        self.spec.changelog.as_deref().ok_or_else(|| {
            Failure::new(Class::Usage, "no-changelog", "`[version]` names no changelog").hint("add changelog = \"CHANGELOG.md\"")
        })
    }

    fn notes(&self, notes: &Notes, common: &Common) -> Outcome {
        let file = self.changelog()?;
        // An older release's notes are there whatever became of the files since.
        let (version, names) = match (&notes.version, self.survey()) {
            (Some(version), survey) => (version.clone(), survey.map(|survey| survey.names()).unwrap_or_default()),
            (None, survey) => survey.map(|survey| (survey.version.clone(), survey.names()))?,
        };
        let text = plimsoll_version::text(&self.root, file)?;
        let notes = Changelog::parse(&text, &self.spec.names(&names)).notes(&version);
        let notes = notes.map_err(|error| Failure::new(Class::NotProven, "changelog", error.to_string()).about(file.to_owned()))?;
        if common.json {
            print_json(&serde_json::json!({ "version": version, "notes": notes }))?;
        } else {
            report::print(&Text::document(&notes))?;
        }
        Ok(Ending::Done)
    }

    fn line(&self, arguments: &Line, common: &Common) -> Outcome {
        let survey = self.survey()?;
        let commit = git::commit(&self.root, &self.launcher)?;
        let text = line::line(&survey.version, commit.as_ref());
        if arguments.write && self.spec.line.is_empty() {
            let none = Failure::new(Class::Usage, "no-line-files", "`[version]` names no files for the line");
            return Err(none.hint("add line = [\"app/_version.py\"], or a path such as lib/app/version.ex or version-line.txt").into());
        }
        let written = if arguments.write {
            line::write(&self.root, &self.spec.line, &survey.version, commit.as_ref(), &self.launcher)?
        } else {
            Vec::new()
        };
        if common.json {
            print_json(&Written { line: text, written })?;
        } else {
            report::print(Text::new(paint_output()).put(&text).end())?;
            for file in written.iter().filter(|_| !common.quiet) {
                report::note(format!("wrote {file}"));
            }
            for file in &self.spec.line {
                if arguments.write && git::is_git_s(&self.root, &file.path, &self.launcher)? {
                    report::note(format!("note: add {} to .gitignore; it names the commit, and cannot be a part of it", file.path));
                }
            }
        }
        Ok(Ending::Done)
    }
}
