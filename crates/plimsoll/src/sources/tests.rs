//! Sources of small projects, with real repositories where there is a git.

use std::fs;
use std::os::unix::fs::symlink;

use super::test_project::TestProject;
use super::*;
use plimsoll_exec::environment;
use plimsoll_exec::launcher::Launch;

impl TestProject {
    fn link(&self, name: &str, target: impl AsRef<Path>) {
        let path = self.at(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(target, path).unwrap();
    }

    /// Runs git in a folder; false where there is none.
    fn git(&self, folder: &str, arguments: &[&str]) -> bool {
        let identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"];
        let launch = Launch::new("git", self.at(folder)).args(identity).args(arguments.iter().copied());
        let home = [("HOME", self.store.path().as_os_str())];
        match self.launcher.output(&launch.env(environment::inherited(&["PATH"])).env(home)) {
            Ok(finished) => {
                assert!(finished.succeeded(), "{}", finished.stderr_text());
                true
            }
            Err(_) => {
                test_needs::not_run(Some(test_needs::Need::Git), "git is not installed");
                false
            }
        }
    }

    /// Makes a repository of a folder, with everything in it committed.
    fn commit(&self, folder: &str) -> bool {
        self.git(folder, &["init", "-q"]) && self.git(folder, &["add", "-A"]) && self.git(folder, &["commit", "-q", "-m", "all"])
    }

    fn read(&self, project: &str, others: &[&str], inputs: &[&str]) -> Result<Sources, Failure> {
        let project = self.at(project);
        let others = others.iter().map(|name| self.at(name)).collect();
        let inputs = inputs.iter().map(|name| self.at(name)).collect();
        let query = SourceQuery {
            project: &project,
            others: &others,
            inputs: &inputs,
            dependencies: &Fetched::default(),
            derived: &[],
            epoch: None,
            now: 2_000_000_000,
        };
        Sources::read(&query, &Store::open(self.store.path()).unwrap(), &self.launcher)
    }
}

fn names(sources: &Sources) -> Vec<&str> {
    sources.files.keys().map(String::as_str).collect()
}

#[test]
fn the_base_holds_path_dependencies_beside_the_project() {
    let others = BTreeSet::from([PathBuf::from("/a/b/lib"), PathBuf::from("/a/b/app/inner")]);
    assert_eq!(common_folder(Path::new("/a/b/app"), &others), Path::new("/a/b"));
    assert_eq!(common_folder(Path::new("/a/b/app"), &BTreeSet::new()), Path::new("/a/b/app"));
}

#[test]
fn no_repository_and_no_commit_yet_are_no_failures() {
    let place = TestProject::new();
    place.write("app/main.rs", "");
    let sources = place.read("app", &[], &[]).unwrap();
    assert_eq!((sources.source.commit, sources.epoch), (None, OLDEST_EPOCH));
    if place.git("app", &["init", "-q"]) {
        let sources = place.read("app", &[], &[]).unwrap();
        assert_eq!((names(&sources), sources.source.commit.as_ref()), (vec!["main.rs"], None));
    }
}

#[test]
fn a_repository_that_git_cannot_read_is_a_failure() {
    let place = TestProject::new();
    place.write("app/main.rs", "");
    if place.commit("app") {
        assert!(place.read("app", &[], &[]).unwrap().source.commit.is_some());
        fs::write(place.at("app/.git/config"), "[core\n").unwrap();
        let failure = place.read("app", &[], &[]).unwrap_err();
        assert_eq!(failure.code, "git");
        let said = failure.causes.iter().find(|cause| cause.label == "said").unwrap();
        assert!(said.text.contains("bad config"), "{said:?}");
    }
}

#[test]
fn a_repository_of_another_user_is_a_failure_that_says_how_to_trust_it() {
    let place = TestProject::new();
    place.write("app/main.rs", "");
    if !place.commit("app") {
        return;
    }
    let stranger = |path: PathBuf| std::os::unix::fs::chown(path, Some(65_534), None).is_ok();
    // Only root can give a folder away.
    if stranger(place.at("app")) && stranger(place.at("app/.git")) {
        let failure = place.read("app", &[], &[]).unwrap_err();
        let command = format!("git config --global --add safe.directory {}", place.at("app").display());
        assert!(failure.hint.as_deref().is_some_and(|hint| hint.contains(&command)), "{failure:?}");
    }
}

#[test]
fn a_repository_starts_no_program_of_its_configuration() {
    let place = TestProject::new();
    place.write("app/main.rs", "");
    if place.commit("app") {
        let started = place.at("started");
        place.git("app", &["config", "core.fsmonitor", &format!("touch {}; false", started.display())]);
        assert!(!place.read("app", &[], &[]).unwrap().source.dirty);
        assert!(!started.exists());
    }
}

#[test]
fn a_change_in_another_folder_of_the_repository_makes_it_dirty() {
    let place = TestProject::new();
    place.write("app/main.rs", "");
    place.write("[lib]/lib.rs", "");
    place.write("unused/notes", "");
    place.write("elsewhere/lib.rs", "");
    place.write(".gitignore", "elsewhere\n");
    if !place.commit("") || !place.commit("elsewhere") {
        return;
    }
    let dirty = || place.read("app", &["[lib]", "elsewhere"], &[]).unwrap().source.dirty;
    assert!(!dirty());
    place.write("unused/notes", "changed");
    assert!(!dirty(), "what no build reads does not count");
    place.write("[lib]/lib.rs", "changed");
    assert!(dirty());
}

#[test]
fn untracked_files_make_it_dirty_whatever_the_configuration_hides() {
    let place = TestProject::new();
    place.write("app/main.rs", "");
    if place.commit("app") {
        place.git("app", &["config", "status.showUntrackedFiles", "no"]);
        assert!(!place.read("app", &[], &[]).unwrap().source.dirty);
        place.write("app/new.rs", "");
        assert!(place.read("app", &[], &[]).unwrap().source.dirty);
    }
}

#[test]
fn a_link_to_a_folder_brings_the_files_behind_it() {
    let place = TestProject::new();
    place.write("app/data/a/one", "1");
    place.write("app/data/two", "2");
    place.link("app/assets", "data");
    place.link("app/data/again", "a");
    let wanted = ["assets/a/one", "assets/again/one", "assets/two", "data/a/one", "data/again/one", "data/two"];
    assert_eq!(names(&place.read("app", &[], &[]).unwrap()), wanted);
    if place.commit("app") {
        let sources = place.read("app", &[], &[]).unwrap();
        assert_eq!(names(&sources), wanted);
        assert_eq!(sources.files["assets/two"].digest, sources.files["data/two"].digest);
    }
}

#[test]
fn a_link_that_leads_out_or_to_itself_is_refused_by_name_and_a_dangling_one_is_not() {
    let place = TestProject::new();
    place.write("app/main.rs", "");
    place.write("shared/one", "1");
    place.link("app/nowhere", "missing");
    place.link("app/itself", "itself");
    assert_eq!(names(&place.read("app", &[], &[]).unwrap()), ["main.rs"]);
    place.link("app/shared", "../shared");
    let failure = place.read("app", &[], &[]).unwrap_err();
    assert_eq!((failure.code.as_str(), failure.subject.as_str()), ("source-link", place.at("app/shared").to_str().unwrap()));
    assert_eq!(names(&place.read("app", &["shared"], &["app/shared"]).unwrap()), ["app/main.rs", "app/shared/one", "shared/one"]);
    fs::remove_file(place.at("app/shared")).unwrap();
    place.link("app/inner/up", "..");
    let failure = place.read("app", &[], &[]).unwrap_err();
    assert_eq!((failure.code.as_str(), failure.subject.as_str()), ("source-link", place.at("app/inner/up").to_str().unwrap()));
}

#[test]
fn links_to_outputs_are_no_sources() {
    let place = TestProject::new();
    place.write("app/main.rs", "");
    place.write("app/dist/packed", "");
    place.write("elsewhere/CACHEDIR.TAG", "");
    place.link("app/latest", "dist");
    place.link("app/target", "../elsewhere");
    assert_eq!(names(&place.read("app", &[], &[]).unwrap()), ["main.rs"]);
}

#[test]
fn two_folders_that_link_to_each_other_are_refused() {
    let place = TestProject::new();
    place.link("app/a/to-b", "../b");
    place.link("app/b/to-a", "../a");
    assert_eq!(place.read("app", &[], &[]).unwrap_err().code, "source-link");
}

#[test]
fn declared_inputs_are_sources_though_git_ignores_them() {
    let place = TestProject::new();
    place.write("app/main.rs", "");
    place.write("app/.gitignore", "generated\n*.bin\n");
    place.write("app/generated/deep/table.rs", "1");
    place.write("app/generated/.gitignore", "*\n");
    place.write("app/blob.bin", "1");
    place.write("app/other.bin", "1");
    place.git("app", &["init", "-q"]);
    let read = || place.read("app", &[], &["app/generated", "app/blob.bin"]).unwrap();
    let first = read();
    assert_eq!(names(&first), [".gitignore", "blob.bin", "generated/.gitignore", "generated/deep/table.rs", "main.rs"]);
    place.write("app/generated/deep/table.rs", "22");
    assert_ne!(first.source.digest, read().source.digest);
}
