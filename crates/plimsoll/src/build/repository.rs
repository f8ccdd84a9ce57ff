//! The repository that a build sees: made by us, with HEAD at the commit, the tags that describe it, and nothing of the configuration.
//!
//! It lies beside the mirror, and is seen read-only where git looks for it. Objects are borrowed from the project's own repository. A file is
//! rewritten only if its content is another: build scripts have cargo watch `.git/HEAD`. That what the mirror has not got (links, what is
//! ignored, the rest of a larger repository) does not look like a change is the index's business.

use std::fs;
use std::path::{Path, PathBuf};

use plimsoll_model::plan::Builder;
use plimsoll_model::{Class, Digest, Failure};
use plimsoll_store::work::SourceFile;
use plimsoll_store::{WorkFolder, platform};

use super::paths::{BuildPaths, RepositoryPlace};
use super::stage::{BuildStage, launch_failure};
use crate::sources::{RepositoryView, Seen};
use plimsoll_exec::environment;
use plimsoll_exec::launcher::Ended;
use plimsoll_exec::tool::Tool;

/// Makes the index of all files of the commit, and lists those that the mirror has otherwise, or not at all.
const INDEX: &str = "git read-tree HEAD\ngit update-index -q --refresh || :\ngit diff-files --name-only -z\n";

/// Marks the listed ones as left out of the working tree.
const SAME: &str = "git update-index -z --skip-worktree --stdin < \"$GIT_INDEX_FILE.same\"";

/// The file by which a watching `git` says that it was asked.
pub(super) const ASKED: &str = "asked";

/// Commands of git that tell nothing of the repository.
const NOT_ASKING: &str = "submodule | clone | fetch | init | apply | config | lfs | version | --version | help | --help | ''";

/// The folder that both lie in, beside the mirror.
pub(super) const WATCH: &str = "watch";

/// The name of the repository's folder beside the mirror.
const FOLDER: &str = "git";

impl BuildStage<'_> {
    /// Where the repository lies and is seen, for a build that is told of one. A container sees none of the project's objects, and without
    /// mounts a part of a repository cannot be put into its place.
    pub(super) fn repository_place(&self, work: &WorkFolder, builder: Builder) -> Option<RepositoryPlace> {
        let view = self.repository.filter(|view| builder != Builder::Cross && (self.bubblewrap.is_some() || view.is_whole()))?;
        let inside = view.top.strip_prefix(&self.sources.base).unwrap_or(Path::new("")).to_owned();
        let beside = |name: &str| work.sources().with_file_name(name);
        Some(RepositoryPlace { folder: beside(FOLDER), inside, prefix: view.seen.prefix.clone(), rest: beside("git-rest") })
    }

    /// Where nothing can be mounted, a file in the mirror says where the repository lies: its name there, and the file.
    pub(super) fn pointer(&self, work: &WorkFolder, builder: Builder) -> Result<Option<(String, SourceFile)>, Failure> {
        let place = self.repository_place(work, builder).filter(|_| self.bubblewrap.is_none());
        let Some(RepositoryPlace { folder, inside, .. }) = place else { return Ok(None) };
        let text = format!("gitdir: {}\n", folder.display());
        let from = folder.with_file_name("gitfile");
        write(&from, text.as_bytes())?;
        let name = inside.join(".git").to_string_lossy().into_owned();
        Ok(Some((name, SourceFile { from, digest: Digest::of(text.as_bytes()), executable: false })))
    }

    /// The folder with a `git` that leaves word when it is asked among the sources; none if a repository is shown, if there is no git, and outside
    /// of a repository, of which no git anywhere would tell more. What asks by a library is not seen.
    pub(super) fn watch_folder(&self, work: &WorkFolder, builder: Builder) -> Option<PathBuf> {
        let is_kept_from_it = self.sources.source.commit.is_some() && self.repository_place(work, builder).is_none();
        let is_watched = is_kept_from_it && builder != Builder::Cross;
        (is_watched && self.toolbox.path(Tool::Git).is_some()).then(|| work.sources().with_file_name(WATCH))
    }

    /// Puts the watching `git` into its folder.
    pub(super) fn watch(&self, place: &BuildPaths) -> Result<(), Failure> {
        let (Some(folder), Some(git)) = (place.watch(), self.toolbox.path(Tool::Git)) else { return Ok(()) };
        let (sources, asked) = (place.at_start().sources.display(), place.inside(&folder.join(ASKED)));
        let text = format!(
            "#!/bin/sh\ncase ${{1-}} in\n    {NOT_ASKING}) ;;\n    *) case $(pwd -P)/ in '{sources}'/*) : > '{}' ;; esac ;;\nesac\nexec '{}' \"$@\"\n",
            asked.display(),
            place.inside(&git).display()
        );
        let path = folder.join("git");
        write(&path, text.as_bytes())?;
        platform::set_mode(&path, 0o755).map_err(|error| Failure::io(&path, &error))
    }

    /// Why a product is not remembered whose build asked git and was shown nothing.
    pub(super) fn has_asked(place: &BuildPaths) -> Option<String> {
        let asked = place.watch()?.join(ASKED).exists();
        asked.then(|| "it asked git, and was shown no repository because nothing in its scripts says so; it may say `unknown`".to_owned())
    }

    /// Makes the repository, or brings it up to date.
    pub(super) fn make_repository(&self, place: &BuildPaths) -> Result<(), Failure> {
        let (Some(view), Some(at)) = (self.repository, place.repository()) else { return Ok(()) };
        let folder = &at.folder;
        let own = ["objects/info", "objects/pack", "refs/heads", "refs/tags", "info"].map(|name| folder.join(name));
        for path in own.into_iter().chain([at.rest.join(".git"), at.rest.join(&at.prefix)]) {
            fs::create_dir_all(&path).map_err(|error| Failure::io(&path, &error))?;
        }
        let seen = &view.seen;
        let objects = format!("{}\n", view.objects.display());
        let hidden = if seen.changed.is_some() { "" } else { "*\n" };
        let texts = [
            ("config", config(view)),
            ("objects/info/alternates", objects),
            ("packed-refs", seen.tags.clone()),
            ("info/exclude", hidden.to_owned()),
            ("HEAD", format!("{}\n", seen.branch.as_ref().map_or_else(|| seen.commit.clone(), |branch| format!("ref: {branch}")))),
        ];
        branch(folder, seen)?;
        for (name, text) in texts {
            write(&folder.join(name), text.as_bytes())?;
        }
        let shallow = folder.join("shallow");
        if seen.shallow.is_empty() {
            remove(&shallow)?
        } else {
            write(&shallow, seen.shallow.as_bytes())?
        }
        self.index(view, place, folder)
    }

    /// Writes the index by git itself, where the build will see the files. What differs from the commit in the mirror alone is no change: links
    /// are files there, and what is no source is missing.
    fn index(&self, view: &RepositoryView, place: &BuildPaths, folder: &Path) -> Result<(), Failure> {
        let (made, same) = (folder.with_file_name("git-index"), folder.with_file_name("git-index.same"));
        remove(&made)?;
        let tree = place.tree_of_repository();
        let run = |script: &str| -> Result<Vec<u8>, Failure> {
            let arguments = ["-eu", "-c", script].map(Into::into).to_vec();
            let launch = self.launch(place, Path::new("/"), Path::new("/bin/sh"), arguments)?.env(environment::inherited(&["PATH"]));
            let launch = launch.env([("GIT_DIR", folder), ("GIT_WORK_TREE", tree.as_path()), ("GIT_INDEX_FILE", made.as_path())]);
            // No configuration but that which was just made: a filter of the user's would run for files that are as they are.
            let user = [("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_CONFIG_GLOBAL", "/dev/null"), ("HOME", "/nonexistent"), ("LC_ALL", "C")];
            let finished = self.launcher.output(&launch.env(user)).map_err(|error| launch_failure(&error))?;
            if finished.ended == Ended::Cancelled {
                return Err(Failure::interrupted());
            }
            if finished.succeeded() && !finished.truncated {
                return Ok(finished.stdout);
            }
            let failure = Failure::new(Class::NotProven, "git-view", "the build cannot be shown the repository that it asks");
            let failure = failure.cause("said", finished.stderr_text().trim());
            Err(failure.hint("a whole clone, made without --filter, has all that is needed"))
        };
        let differing = run(INDEX)?;
        let changed = |name: &[u8]| view.seen.changed.as_ref().is_some_and(|changed| changed.contains(&*String::from_utf8_lossy(name)));
        let unchanged = differing.split_inclusive(|byte| *byte == 0).filter(|name| !changed(name.strip_suffix(b"\0").unwrap_or(name)));
        write(&same, &unchanged.flatten().copied().collect::<Vec<_>>())?;
        run(SAME)?;
        let bytes = fs::read(&made).map_err(|error| Failure::io(&made, &error))?;
        write(&folder.join("index"), &bytes)?;
        remove(&made)?;
        remove(&same)
    }
}

/// Leaves the one branch that HEAD is on, in a file of its own, which build scripts watch and read.
fn branch(folder: &Path, seen: &Seen) -> Result<(), Failure> {
    let path = seen.branch.as_ref().map(|branch| folder.join(branch));
    let text = format!("{}\n", seen.commit);
    if path.as_ref().is_some_and(|path| fs::read(path).is_ok_and(|known| known == text.as_bytes())) {
        return Ok(());
    }
    let branches = folder.join("refs/heads");
    fs::remove_dir_all(&branches).map_err(|error| Failure::io(&branches, &error))?;
    let parent = path.as_deref().and_then(Path::parent).unwrap_or(&branches);
    fs::create_dir_all(parent).map_err(|error| Failure::io(parent, &error))?;
    path.map_or(Ok(()), |path| write(&path, text.as_bytes()))
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
    fs::write(&draft, bytes).and_then(|()| fs::rename(&draft, path)).map_err(|error| Failure::io(path, &error))
}

fn remove(path: &Path) -> Result<(), Failure> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Failure::io(path, &error)),
        _ => Ok(()),
    }
}
