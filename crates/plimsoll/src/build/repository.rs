//! The repository that a build sees: made by us, with the commit as its HEAD, the tags that describe it, and nothing of the configuration.
//!
//! It lies beside the mirror, and is seen read-only where git looks for it. Objects are borrowed from the project's own repository. A file is
//! rewritten only if its content is another: build scripts have cargo watch `.git/HEAD`. That what the mirror has not got (links, what is
//! ignored, the rest of a larger repository) does not look like a change is the index's business.

use std::fs;
use std::path::{Path, PathBuf};

use plimsoll_model::{Class, Digest, Failure};
use plimsoll_store::WorkFolder;
use plimsoll_store::work::SourceFile;

use super::place::{Place, RepositoryPlace};
use super::stage::{BuildStage, launch_failure};
use crate::environment;
use crate::io_failure;
use crate::sources::RepositoryView;
use crate::tools::launcher::Ended;

/// Makes the index: every file of the commit as the mirror has it. In a tree without changes whatever looks like one is none.
const INDEX: &str = r#"git read-tree HEAD
git update-index -q --refresh || :
if [ "$1" = clean ]; then
    git diff-files --name-only -z > "$GIT_INDEX_FILE.same"
    git update-index -z --skip-worktree --stdin < "$GIT_INDEX_FILE.same"
fi
"#;

/// The name of the repository's folder beside the mirror.
const FOLDER: &str = "git";

impl BuildStage<'_> {
    /// Where the repository lies and is seen, for a build that is told of one.
    pub(super) fn repository_place(&self, work: &WorkFolder) -> Option<RepositoryPlace> {
        let view = self.repository?;
        let inside = view.top.strip_prefix(&self.sources.base).unwrap_or(Path::new("")).to_owned();
        let folder = work.sources().with_file_name(FOLDER);
        Some(RepositoryPlace { folder, inside, prefix: view.seen.prefix.clone() })
    }

    /// Where nothing can be mounted, a file in the mirror says where the repository lies: its name there, and the file.
    pub(super) fn pointer(&self, work: &WorkFolder) -> Result<Option<(String, SourceFile)>, Failure> {
        let Some(place) = self.repository_place(work).filter(|place| self.bubblewrap.is_none() && place.prefix.as_os_str().is_empty()) else {
            return Ok(None);
        };
        let text = format!("gitdir: {}\n", place.folder.display());
        let from = place.folder.with_file_name("gitfile");
        write(&from, text.as_bytes())?;
        let name = place.inside.join(".git").to_string_lossy().into_owned();
        Ok(Some((name, SourceFile { from, digest: Digest::of(text.as_bytes()), executable: false })))
    }

    /// Makes the repository, or brings it up to date.
    pub(super) fn make_repository(&self, place: &Place) -> Result<(), Failure> {
        let (Some(view), Some(at)) = (self.repository, place.repository()) else { return Ok(()) };
        let folder = &at.folder;
        for name in ["objects/info", "objects/pack", "refs/heads", "refs/tags", "info"] {
            let path = folder.join(name);
            fs::create_dir_all(&path).map_err(|error| io_failure(&path, &error))?;
        }
        let seen = &view.seen;
        let objects = format!("{}\n", view.objects.display());
        let hidden = if seen.dirty { "" } else { "*\n" };
        let texts = [
            ("config", config(view)),
            ("objects/info/alternates", objects),
            ("packed-refs", seen.tags.clone()),
            ("info/exclude", hidden.to_owned()),
            ("HEAD", format!("{}\n", seen.commit)),
        ];
        for (name, text) in texts {
            write(&folder.join(name), text.as_bytes())?;
        }
        let shallow = folder.join("shallow");
        if seen.shallow.is_empty() { remove(&shallow)? } else { write(&shallow, seen.shallow.as_bytes())? }
        self.index(view, place, folder)
    }

    /// Writes the index by git itself, where the build will see the files.
    fn index(&self, view: &RepositoryView, place: &Place, folder: &Path) -> Result<(), Failure> {
        let made = folder.with_file_name("git-index");
        remove(&made)?;
        let tree = place.tree_of_repository();
        let word = if view.seen.dirty { "dirty" } else { "clean" };
        let arguments = ["-eu", "-c", INDEX, "sh", word].map(Into::into).to_vec();
        let launch = self.launch(place, Path::new("/"), Path::new("/bin/sh"), arguments)?;
        let launch = launch.env(environment::inherited(&["PATH"])).env([("GIT_DIR", folder), ("GIT_WORK_TREE", &tree), ("GIT_INDEX_FILE", &made)]);
        // No configuration but that which was just made: a filter of the user's would run for files that are as they are.
        let launch = launch.env([("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_CONFIG_GLOBAL", "/dev/null"), ("HOME", "/nonexistent"), ("LC_ALL", "C")]);
        let finished = self.launcher.output(&launch).map_err(|error| launch_failure(&error))?;
        if finished.ended == Ended::Cancelled {
            return Err(crate::interrupted());
        }
        if !finished.succeeded() {
            let failure = Failure::new(Class::NotProven, "git-view", "the build cannot be shown the repository that it asks");
            return Err(failure.cause("said", finished.stderr_text().trim()));
        }
        let bytes = fs::read(&made).map_err(|error| io_failure(&made, &error))?;
        write(&folder.join("index"), &bytes)?;
        remove(&made)?;
        remove(&folder.with_file_name("git-index.same"))
    }
}

/// Settings that the user may have otherwise, as they are where nobody set them.
fn config(view: &RepositoryView) -> String {
    let is_sha256 = view.seen.commit.len() == 64;
    let version = u8::from(is_sha256);
    let mut text = format!(
        "[core]\n\trepositoryformatversion = {version}\n\tfilemode = true\n\tbare = false\n\tlogallrefupdates = false\n\tabbrev = {}\n\
         \tautocrlf = false\n\tfsmonitor = false\n\texcludesFile = /dev/null\n\tattributesFile = /dev/null\n\
         [log]\n\tshowSignature = false\n\tdate = default\n[status]\n\tshowUntrackedFiles = normal\n[gc]\n\tauto = 0\n",
        view.seen.short
    );
    if is_sha256 {
        text.push_str("[extensions]\n\tobjectformat = sha256\n");
    }
    text
}

/// Writes a file unless it has the content, by a rename.
fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    if fs::read(path).is_ok_and(|known| known == bytes) {
        return Ok(());
    }
    let draft = PathBuf::from(format!("{}.draft", path.display()));
    fs::write(&draft, bytes).and_then(|()| fs::rename(&draft, path)).map_err(|error| io_failure(path, &error))
}

fn remove(path: &Path) -> Result<(), Failure> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(io_failure(path, &error)),
        _ => Ok(()),
    }
}
