//! Stopped after every step, in the middle of every write, and again while undoing: always all files or none.

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;

struct Project {
    folder: TempDir,
    store: TempDir,
    changes: Vec<FileChange>,
}

/// Files in several folders, with modes of their own; the last one lies behind a link.
fn project(count: usize) -> Project {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let mut changes = Vec::new();
    for number in 0..count {
        let path = format!("part{}/file{number}", number % 3);
        fs::create_dir_all(root.join(&path).parent().unwrap()).unwrap();
        let (old, new) = (format!("old {number}\n"), format!("new {number}, longer\n"));
        fs::write(root.join(&path), &old).unwrap();
        platform::set_mode(&root.join(&path), if number % 2 == 0 { 0o755 } else { 0o640 }).unwrap();
        changes.push(FileChange { path, old, new, places: 1 });
    }
    std::os::unix::fs::symlink("part0/file0", root.join("link")).unwrap();
    changes[0].path = "link".to_owned();
    Project { folder, store: tempfile::tempdir().unwrap(), changes }
}

impl Project {
    fn root(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap()
    }

    fn journal(&self) -> Journal {
        Journal::of(&self.root(), self.store.path())
    }

    fn turn(&self) -> Turn {
        Turn::take(&self.journal(), &Patience::default()).unwrap()
    }

    fn recover(&self) -> Result<Option<Vec<String>>, Failure> {
        self.journal().recover(&Patience::default())
    }

    fn replacing(&self) -> Vec<Operation> {
        replacing(&self.journal(), &self.changes).unwrap()
    }

    fn is_clear(&self) -> bool {
        let mut names = fs::read_dir(self.root()).unwrap().map(|entry| entry.unwrap().file_name());
        !self.journal().folder.exists() && !names.any(|name| name.to_string_lossy().starts_with(STAGING))
    }

    /// Which files are new; every file is old or new, with its mode, and nothing else lies around.
    fn new_files(&self) -> usize {
        let root = self.root();
        let mut count = 0;
        for (number, change) in self.changes.iter().enumerate() {
            let text = fs::read_to_string(root.join(&change.path)).unwrap();
            assert!(text == change.old || text == change.new, "{text:?}");
            count += usize::from(text == change.new);
            let mode = platform::mode(&fs::metadata(root.join(&change.path)).unwrap()) & 0o777;
            assert_eq!(mode, if number % 2 == 0 { 0o755 } else { 0o640 });
        }
        assert!(root.join("link").is_symlink());
        count
    }

    fn is_whole(&self) {
        let count = self.new_files();
        assert!(count == 0 || count == self.changes.len(), "{count} of {} files are new", self.changes.len());
        assert!(self.is_clear());
    }
}

/// Does the first `steps`, and of the next one, where it writes, a part.
fn stop_after(operations: &[Operation], steps: usize, torn: usize) {
    run(&operations[..steps]).unwrap();
    match operations.get(steps) {
        Some(Operation::Write { path, bytes, .. }) if torn > 0 => fs::write(path, &bytes[..bytes.len() * torn / 100]).unwrap(),
        // Half a folder.
        Some(Operation::RemoveFolder(path)) if torn > 0 => {
            let first = fs::read_dir(path).unwrap().next().map(|entry| entry.unwrap().path());
            match first {
                Some(path) if path.is_dir() => fs::remove_dir_all(path).unwrap(),
                Some(path) => fs::remove_file(path).unwrap(),
                None => {}
            }
        }
        _ => {}
    }
}

#[test]
fn a_change_that_is_not_stopped_replaces_everything_and_leaves_nothing_behind() {
    let project = project(5);
    let turn = project.turn();
    turn.replace(&project.changes).unwrap();
    assert_eq!(project.new_files(), 5);
    project.is_whole();
    assert_eq!(turn.recover().unwrap(), None);
}

#[test]
fn stopped_after_any_step_the_next_run_finds_all_files_or_none() {
    let mut seen = [0; 2];
    let sample = project(4);
    let total = sample.replacing().len();
    for steps in 0..=total {
        for torn in [0, 50] {
            let project = project(4);
            let operations = project.replacing();
            stop_after(&operations, steps, torn);
            let half = project.new_files();
            seen[0] += usize::from(half > 0 && half < 4);
            let restored = project.recover().unwrap();
            project.is_whole();
            // Undone as long as the journal was there.
            let undone = restored.is_some();
            assert_eq!(restored.map_or(0, |files| files.len()), if undone { half } else { 0 });
            seen[1] += usize::from(undone && half > 0);
        }
    }
    assert!(seen[0] >= 6 && seen[1] > seen[0], "{seen:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn stopped_while_undoing_too(count in 1usize..7, steps in 0usize..60, torn in 0usize..100, again in 0usize..30, tear in 0usize..100) {
        let project = project(count);
        let operations = project.replacing();
        stop_after(&operations, steps.min(operations.len()), torn);
        for _ in 0..2 {
            if let Some(record) = Record::read(&project.journal().folder.join(RECORD)).unwrap() {
                let (undo, _) = undoing(&project.journal(), &record).unwrap();
                stop_after(&undo, again.min(undo.len()), tear);
            }
            project.new_files();
        }
        project.recover().unwrap();
        project.is_whole();
        // And the command that is started again does its work.
        if project.new_files() == 0 {
            project.turn().replace(&project.changes).unwrap();
            prop_assert_eq!(project.new_files(), count);
        }
        project.is_whole();
    }
}

#[test]
fn a_step_that_fails_half_way_changes_nothing() {
    let project = project(4);
    let mut operations = project.replacing();
    let third = operations.iter().position(|operation| matches!(operation, Operation::Rename { to, .. } if to.ends_with("file2"))).unwrap();
    let Operation::Rename { from, .. } = operations[third].clone() else { panic!() };
    operations.insert(third, Operation::Remove(from));
    let failure = run(&operations).unwrap_err();
    assert!(failure.subject.ends_with("file2"), "{failure}");
    assert_eq!(project.new_files(), 2);
    assert_eq!(project.recover().unwrap().unwrap(), ["part0/file0", "part1/file1"]);
    assert_eq!(project.new_files(), 0);
    project.is_whole();
}

#[test]
fn a_read_only_file_is_refused_before_anything_changes() {
    let project = project(4);
    let last = project.root().join(&project.changes[3].path);
    platform::set_mode(&last, 0o444).unwrap();
    let failure = project.turn().replace(&project.changes).unwrap_err();
    assert_eq!((failure.to_string().as_str(), failure.hint.is_some()), ("part0/file3: is read-only", true));
    platform::set_mode(&last, 0o640).unwrap();
    assert_eq!(project.new_files(), 0);
    project.is_whole();
}

#[test]
fn a_file_that_somebody_changed_since_is_not_overwritten() {
    let project = project(3);
    let root = project.root();
    let operations = project.replacing();
    let renames = operations.iter().rposition(|operation| matches!(operation, Operation::Rename { .. })).unwrap();
    run(&operations[..renames]).unwrap();
    fs::write(root.join(&project.changes[1].path), "mine").unwrap();
    let failure = project.recover().unwrap_err();
    assert!(failure.subject.ends_with("file1") && failure.hint.unwrap().contains("/old/1"));
    assert_eq!(fs::read_to_string(root.join(&project.changes[1].path)).unwrap(), "mine");
    assert!(project.journal().folder.join(RECORD).exists());
    // Put back, and the rest follows.
    fs::copy(project.journal().folder.join("old/1"), root.join(&project.changes[1].path)).unwrap();
    assert!(project.recover().unwrap().is_some());
    assert_eq!(project.new_files(), 0);
    project.is_whole();
}

#[test]
fn another_program_s_edit_between_reading_and_writing_is_seen() {
    let project = project(2);
    fs::write(project.root().join(&project.changes[1].path), "mine").unwrap();
    let failure = project.turn().replace(&project.changes).unwrap_err();
    assert!(failure.message.contains("just now"), "{failure}");
    assert!(project.is_clear());
}

#[test]
fn a_journal_of_another_form_is_kept() {
    let project = project(1);
    let folder = project.journal().folder;
    for text in [
        "{\"form\":3,\"files\":[]}",
        "",
        "{\"form\":2,\"root\":1,\"staging\":\".plimsoll-version-1\",\"files\":[{\"path\":\"../x\",\"old\":\"0\",\"new\":\"0\",\"mode\":1}]}",
    ] {
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(RECORD), text).unwrap();
        assert!(project.recover().unwrap_err().message.contains("no journal"), "{text}");
        assert!(folder.join(RECORD).exists());
    }
}

#[test]
fn one_waits_for_the_other() {
    let project = project(2);
    let turn = project.turn();
    let journal = project.journal();
    let waiting = std::thread::spawn(move || Turn::take(&journal, &Patience::default()).map(drop));
    std::thread::sleep(std::time::Duration::from_millis(100));
    assert!(!waiting.is_finished());
    drop(turn);
    waiting.join().unwrap().unwrap();
}

#[test]
fn a_record_writes_nothing_outside_of_the_project_and_nothing_below_git() {
    let project = project(1);
    let (root, elsewhere) = (project.root(), tempfile::tempdir().unwrap());
    fs::write(elsewhere.path().join("profile"), "known").unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), root.join("door")).unwrap();
    fs::create_dir(root.join(".git")).unwrap();
    fs::write(root.join(".git/config"), "known").unwrap();
    let folder = project.journal().folder;
    for (path, staging) in [("door/profile", ".plimsoll-version-1"), (".git/config", ".plimsoll-version-1"), (".GIT/x", ""), ("link", "..")]
    {
        fs::create_dir_all(folder.join("old")).unwrap();
        fs::write(folder.join("old/0"), "evil").unwrap();
        let entry = Entry { path: path.into(), old: Digest::of(b"evil"), new: Digest::of(b"known"), mode: 0o644 };
        let record = Record::new(identity(&root).unwrap(), staging.to_owned(), vec![entry]);
        fs::write(folder.join(RECORD), record.bytes()).unwrap();
        assert!(project.recover().is_err(), "{path}");
    }
    assert_eq!(fs::read_to_string(elsewhere.path().join("profile")).unwrap(), "known");
    assert_eq!(fs::read_to_string(root.join(".git/config")).unwrap(), "known");
}

#[test]
fn a_journal_of_a_folder_that_is_gone_says_nothing_of_the_one_at_its_path() {
    let project = project(3);
    let operations = project.replacing();
    let renames = operations.iter().rposition(|operation| matches!(operation, Operation::Rename { .. })).unwrap();
    run(&operations[..renames]).unwrap();
    let record = Record::read(&project.journal().folder.join(RECORD)).unwrap().unwrap();
    let other = Record::new(identity(&project.root()).unwrap() + 1, record.staging.clone(), record.files);
    fs::write(project.journal().folder.join(RECORD), other.bytes()).unwrap();
    assert_eq!(project.recover().unwrap(), None);
    assert!(!project.journal().folder.exists());
    assert_eq!(project.new_files(), 2);
}

#[test]
fn a_folder_that_was_there_is_neither_used_nor_removed() {
    let project = project(2);
    let taken = project.root().join(staging(&project.root()));
    fs::create_dir(&taken).unwrap();
    fs::write(taken.join("0"), "mine").unwrap();
    project.turn().replace(&project.changes).unwrap();
    assert_eq!(project.new_files(), 2);
    assert_eq!(fs::read_to_string(taken.join("0")).unwrap(), "mine");
}
