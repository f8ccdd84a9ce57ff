//! The store's promises: whole files or none, damage is found, memory is only of complete results.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use plimsoll_model::Digest;
use plimsoll_store::trim::Trim;
use plimsoll_store::work::SourceFile;
use plimsoll_store::{ActionRecord, KeyBuilder, Mirrored, Output, Patience, StatMemory, Store, StoreError};

fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    (folder, store)
}

fn blob_path(store: &Store, digest: Digest) -> PathBuf {
    let hex = digest.to_string();
    store.root().join("blobs").join(&hex[..2]).join(hex)
}

fn flip(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    bytes[0] ^= 1;
    fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_flipped_bit_is_found_named_and_removed() {
    let (folder, store) = store();
    let hashed = store.put_bytes(b"contents").unwrap();
    flip(&blob_path(&store, hashed.digest()));
    let destination = folder.path().join("out");
    let error = store.materialise(hashed.digest(), &destination, 0o644).unwrap_err();
    assert!(matches!(error, StoreError::Damaged { digest } if digest == hashed.digest()), "{error}");
    assert!(!destination.exists() && !store.has(hashed.digest(), hashed.size()));
    assert!(matches!(store.check(hashed.digest()), Err(StoreError::Missing { .. })));
}

#[test]
fn an_abandoned_blob_leaves_nothing() {
    let (_folder, store) = store();
    let mut writer = store.blob_writer().unwrap();
    writer.write_all(b"half").unwrap();
    drop(writer);
    assert_eq!(store.usage().blobs.files, 0);
    assert_eq!(fs::read_dir(store.root().join("temporary")).unwrap().count(), 0);
}

#[test]
fn materialised_files_have_the_bytes_and_the_mode() {
    let (folder, store) = store();
    let hashed = store.put_bytes(b"program").unwrap();
    let destination = folder.path().join("program");
    assert_eq!(store.materialise(hashed.digest(), &destination, 0o755).unwrap(), hashed);
    assert_eq!(fs::read(&destination).unwrap(), b"program");
    assert_eq!(fs::metadata(&destination).unwrap().permissions().mode() & 0o777, 0o755);
}

fn remembered(store: &Store) -> (KeyBuilder, Output) {
    let hashed = store.put_bytes(b"output").unwrap();
    let output = Output { digest: hashed.digest(), size: hashed.size() };
    let key = KeyBuilder::new("test", 1).part("input", &"a");
    let outputs = BTreeMap::from([("out".to_owned(), output.clone())]);
    let record = ActionRecord { outputs, facts: serde_json::json!({"floor": "2.28"}), finished: 7, milliseconds: 3 };
    store.remember(&key, &record).unwrap();
    assert_eq!(store.recall(key.key()), Some(record));
    (key, output)
}

#[test]
fn a_record_without_its_outputs_is_a_miss() {
    let (_folder, store) = store();
    let (key, output) = remembered(&store);
    fs::remove_file(blob_path(&store, output.digest)).unwrap();
    assert_eq!(store.recall(key.key()), None);
}

#[test]
fn a_record_with_any_flipped_digit_is_a_miss() {
    let (_folder, store) = store();
    let (key, _) = remembered(&store);
    let hex = key.key().to_string();
    let path = store.root().join("actions").join(&hex[..2]).join(format!("{hex}.json"));
    let sound = fs::read_to_string(&path).unwrap();
    for (from, to) in [("2.28", "2.29"), ("\"finished\": 7", "\"finished\": 8"), ("\"size\": 6", "\"size\": 5")] {
        assert!(sound.contains(from));
        fs::write(&path, sound.replace(from, to)).unwrap();
        assert_eq!(store.recall(key.key()), None, "{from}");
    }
    fs::write(&path, &sound[..sound.len() / 2]).unwrap();
    assert_eq!(store.recall(key.key()), None);
}

#[test]
fn an_audit_recalls_nothing_and_finds_other_bytes() {
    let (folder, store) = store();
    let (key, output) = remembered(&store);
    let store = Store::open(folder.path()).unwrap().auditing(true);
    assert_eq!(store.recall(key.key()), None);
    let record = |output: Output| ActionRecord {
        outputs: BTreeMap::from([("out".to_owned(), output)]),
        facts: serde_json::json!({}),
        finished: 9,
        milliseconds: 1,
    };
    store.remember(&key, &record(output.clone())).unwrap();
    let other = store.put_bytes(b"other!").unwrap();
    let error = store.remember(&key, &record(Output { digest: other.digest(), size: other.size() })).unwrap_err();
    assert!(
        matches!(error, StoreError::NotTheSame { before, now, .. } if before == Some(output.digest) && now == Some(other.digest())),
        "{error}"
    );
}

#[test]
fn keys_differ_in_every_part() {
    let key = |kind, format, name, value: &str| KeyBuilder::new(kind, format).part(name, &value).key();
    let all = [key("a", 1, "x", "1"), key("b", 1, "x", "1"), key("a", 2, "x", "1"), key("a", 1, "y", "1"), key("a", 1, "x", "2")];
    let distinct = all.iter().collect::<std::collections::BTreeSet<_>>();
    assert_eq!(distinct.len(), all.len());
    assert_eq!(key("a", 1, "x", "1"), all[0]);
}

fn source(folder: &Path, name: &str, text: &str) -> (String, SourceFile) {
    let from = folder.join(name);
    fs::create_dir_all(from.parent().unwrap()).unwrap();
    fs::write(&from, text).unwrap();
    (name.to_owned(), SourceFile { from, digest: Digest::of(text.as_bytes()), executable: false })
}

#[test]
fn new_content_with_an_older_time_is_mirrored_with_a_fresh_one() {
    let (folder, store) = store();
    let project = folder.path().join("project");
    let work = store.work_folder("w").unwrap();
    let mut listing = BTreeMap::from([source(&project, "src/main.rs", "old"), source(&project, "src/lib.rs", "lib")]);
    assert_eq!(work.mirror(&listing).unwrap(), Mirrored { written: 2, removed: 0 });
    let mirrored = work.sources().join("src/main.rs");
    let unchanged = work.sources().join("src/lib.rs");
    let before = fs::metadata(&mirrored).unwrap().modified().unwrap();
    let lib_before = fs::metadata(&unchanged).unwrap().modified().unwrap();
    std::thread::sleep(Duration::from_millis(20));

    let (name, changed) = source(&project, "src/main.rs", "new");
    fs::File::options().write(true).open(&changed.from).unwrap().set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1)).unwrap();
    listing.insert(name, changed);
    assert_eq!(work.mirror(&listing).unwrap(), Mirrored { written: 1, removed: 0 });
    assert_eq!(fs::read_to_string(&mirrored).unwrap(), "new");
    assert!(fs::metadata(&mirrored).unwrap().modified().unwrap() > before);
    assert_eq!(fs::metadata(&unchanged).unwrap().modified().unwrap(), lib_before);
}

#[test]
fn the_same_content_with_a_newer_time_is_left_alone() {
    let (folder, store) = store();
    let project = folder.path().join("project");
    let work = store.work_folder("w").unwrap();
    let listing = BTreeMap::from([source(&project, "a.rs", "same")]);
    work.mirror(&listing).unwrap();
    let before = fs::metadata(work.sources().join("a.rs")).unwrap().modified().unwrap();
    std::thread::sleep(Duration::from_millis(20));
    let again = BTreeMap::from([source(&project, "a.rs", "same")]);
    assert_eq!(work.mirror(&again).unwrap(), Mirrored::default());
    assert_eq!(fs::metadata(work.sources().join("a.rs")).unwrap().modified().unwrap(), before);
}

#[test]
fn what_a_build_left_or_changed_in_the_mirror_is_put_right() {
    let (folder, store) = store();
    let project = folder.path().join("project");
    let work = store.work_folder("w").unwrap();
    let listing = BTreeMap::from([source(&project, "src/a.rs", "a")]);
    work.mirror(&listing).unwrap();
    let mirror = work.sources();
    fs::write(mirror.join("src/generated.rs"), "x").unwrap();
    fs::create_dir_all(mirror.join("left/over")).unwrap();
    fs::write(mirror.join("src/a.rs"), "changed by a build script").unwrap();
    let done = work.mirror(&listing).unwrap();
    assert_eq!(done, Mirrored { written: 1, removed: 2 });
    assert_eq!(fs::read_to_string(mirror.join("src/a.rs")).unwrap(), "a");
    assert!(!mirror.join("src/generated.rs").exists() && !mirror.join("left").exists());
}

#[test]
fn a_file_may_become_a_folder_and_a_folder_a_file() {
    let (folder, store) = store();
    let work = store.work_folder("w").unwrap();
    let first = BTreeMap::from([source(&folder.path().join("one"), "a", "file"), source(&folder.path().join("one"), "b/c", "inner")]);
    work.mirror(&first).unwrap();
    let second = BTreeMap::from([source(&folder.path().join("two"), "a/x", "inner"), source(&folder.path().join("two"), "b", "file")]);
    work.mirror(&second).unwrap();
    assert_eq!(fs::read_to_string(work.sources().join("a/x")).unwrap(), "inner");
    assert_eq!(fs::read_to_string(work.sources().join("b")).unwrap(), "file");
}

#[test]
fn paths_that_climb_are_refused() {
    let (folder, store) = store();
    let work = store.work_folder("w").unwrap();
    let (_, file) = source(folder.path(), "x", "x");
    for name in ["../x", "/x", "", "a/../../x"] {
        let listing = BTreeMap::from([(name.to_owned(), file.clone())]);
        assert!(matches!(work.mirror(&listing), Err(StoreError::Climbs(_))), "{name}");
    }
}

#[test]
fn a_file_that_changed_after_it_was_listed_is_not_built_and_the_cure_is_told() {
    let (folder, store) = store();
    let work = store.work_folder("w").unwrap();
    let (name, file) = source(folder.path(), "app.log", "listed");
    let listing = BTreeMap::from([(name, file.clone())]);
    let told = || {
        let failure = plimsoll_model::Failure::from(work.mirror(&listing).unwrap_err());
        assert_eq!(failure.message, format!("{} changed while the build was being prepared", file.from.display()));
        assert!(failure.hint.unwrap().contains("add it to .gitignore"));
    };
    fs::write(&file.from, "changed").unwrap();
    told();
    fs::remove_file(&file.from).unwrap();
    told();
}

#[test]
fn stat_memory_sees_new_content_under_an_old_time() {
    let (folder, store) = store();
    let path = folder.path().join("file");
    fs::write(&path, "one").unwrap();
    let time = fs::metadata(&path).unwrap().modified().unwrap();
    let later = |store: &Store| {
        let mut memory = StatMemory::load(store, "m");
        let digest = memory.digest(&path, &fs::metadata(&path).unwrap(), i64::MAX).unwrap();
        memory.save(store).unwrap();
        digest
    };
    assert_eq!(later(&store), Digest::of(b"one"));
    assert_eq!(later(&store), Digest::of(b"one"));
    std::thread::sleep(Duration::from_millis(20));
    fs::write(&path, "two").unwrap();
    fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
    assert_eq!(later(&store), Digest::of(b"two"));
}

#[test]
fn trim_keeps_what_was_used_lately_and_what_it_needs() {
    let (folder, store) = store();
    let (key, output) = remembered(&store);
    let loose = store.put_bytes(b"nobody's").unwrap();
    drop(store);
    let month = Duration::from_secs(30 * 86_400);
    let trim =
        |now| Trim { unused_for: month, work: false, roots: false, tools: false }.run(folder.path(), now, &Patience::default()).unwrap();
    trim(SystemTime::now());
    let store = Store::open(folder.path()).unwrap();
    assert!(store.recall(key.key()).is_some() && store.has(loose.digest(), loose.size()));
    drop(store);
    assert!(trim(SystemTime::now() + month * 2) > 0);
    let store = Store::open(folder.path()).unwrap();
    assert!(store.recall(key.key()).is_none() && !store.has(output.digest, output.size) && !store.has(loose.digest(), loose.size()));
}

#[test]
fn two_holders_of_a_work_folder_wait_for_each_other() {
    let (folder, store) = store();
    let first = store.work_folder("w").unwrap();
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        let other = folder.path().to_owned();
        scope.spawn(move || {
            let store = Store::open(&other).unwrap();
            let _second = store.work_folder("w").unwrap();
            sender.send(()).unwrap();
        });
        assert!(receiver.recv_timeout(Duration::from_millis(200)).is_err());
        drop(first);
        receiver.recv_timeout(Duration::from_secs(30)).unwrap();
    });
}

#[test]
fn a_store_that_cannot_be_written_says_where() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let error = Store::open(&file).unwrap_err();
    assert!(error.to_string().contains("file"), "{error}");
}
