//! What a folder holds while it is published into, and what may lie there before.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use plimsoll_model::Failure;
use plimsoll_store::Patience;
use tempfile::TempDir;

use super::cut::{Tear, files_below};
use super::sealed::SealedRelease;
use super::{publish, publish_well};
use crate::publish::{
    Act, Channel, ChannelAccount, Deed, Edition, FolderChannel, Publication, Published, Source, Witness, Write, WriteAccount, WriteError,
};

const VERSION: &str = "1.2.3";

impl Tear for FolderChannel<'_> {
    /// As a machine leaves it that lost its power: the name is there, and half of the bytes.
    fn tear(&self, write: &Write) {
        let Act::Put(bytes) = &write.act else { return };
        let bytes = match &bytes.source {
            Source::File(path) => fs::read(path).unwrap(),
            Source::Memory(bytes) => bytes.clone(),
        };
        let home = Path::new(&self.place()).join("app");
        let unfinished = home.join(".staging-Ab12Cd");
        let draft = home.join(format!(".draft-{VERSION}"));
        let folder = if home.join(VERSION).exists() { return } else { draft };
        let path = folder.join(&write.name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
        fs::write(unfinished, "half").unwrap();
    }
}

struct Releases {
    folder: TempDir,
    patience: Patience,
}

impl Releases {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), patience: Patience::default() }
    }

    fn home(&self) -> PathBuf {
        self.folder.path().join("releases/app")
    }

    fn channel(&self) -> FolderChannel<'_> {
        let version = semver::Version::parse(VERSION).unwrap();
        FolderChannel::new(&self.folder.path().join("releases"), &"app".parse().unwrap(), &version, &self.patience)
    }

    /// Publishes `writes` of them and is told to stop then.
    fn stopped_after(&self, sealed: &SealedRelease, writes: usize) -> Published {
        let channel = self.channel();
        let publication = Publication::prepare(&sealed.release, sealed.dist(), &[&channel]).unwrap();
        let done = AtomicUsize::new(0);
        let stop = || done.load(Ordering::Relaxed) == writes;
        let mut count = |_: &ChannelAccount, _: &WriteAccount, _: &str| {
            done.fetch_add(1, Ordering::Relaxed);
        };
        publication.run(&mut Witness { stop: &stop, record: &mut count })
    }
}

#[test]
fn a_draft_is_continued_and_nothing_is_seen_before_it_is_whole() {
    let sealed = SealedRelease::new("bytes", 1);
    let total = sealed_files(&sealed) + 2;
    for writes in 0..total {
        let releases = Releases::new();
        let stopped = releases.stopped_after(&sealed, writes);
        assert_eq!(stopped.failure, Some(Failure::interrupted()), "{writes}");
        assert_eq!(stopped.accounts[0].named(Deed::is_done).len(), writes);
        assert_eq!(releases.home().join(VERSION).exists(), writes == total - 1, "{writes}");
        assert_eq!(publish_well(&sealed, &[&releases.channel()]), total - writes);
        assert!(!releases.home().join(format!(".draft-{VERSION}")).exists());
    }
}

/// Evidence that is won anew tells of another time; artifacts of the draft are kept.
#[test]
fn documents_of_another_run_in_a_draft_are_written_anew() {
    let (first, second) = (SealedRelease::new("bytes", 1), SealedRelease::new("bytes", 2));
    let (releases, reference) = (Releases::new(), Releases::new());
    releases.stopped_after(&first, sealed_files(&first));
    assert_eq!(publish_well(&second, &[&releases.channel()]), sealed_files(&second));
    publish_well(&second, &[&reference.channel()]);
    assert_eq!(files_below(&releases.home()), files_below(&reference.home()));
    // What is public stays, and is what is published from then on.
    let third = SealedRelease::new("bytes", 3);
    let channel = releases.channel();
    let publication = Publication::prepare(&third.release, third.dist(), &[&channel]).unwrap();
    assert_eq!(publication.edition().documents(), Edition::sealed(&second.release, second.dist()).documents());
    let published = publication.run(&mut Witness { stop: &|| false, record: &mut |_, _, _| panic!("nothing is written") });
    assert!(published.failure.is_none() && published.adopted.is_some());
}

#[test]
fn what_is_none_of_the_release_goes_out_of_a_draft_and_links_in_it_are_not_followed() {
    let sealed = SealedRelease::new("bytes", 1);
    let (releases, reference) = (Releases::new(), Releases::new());
    publish_well(&sealed, &[&reference.channel()]);
    let (draft, elsewhere) = (releases.home().join(format!(".draft-{VERSION}")), releases.folder.path().join("elsewhere"));
    for folder in [draft.join("more"), draft.join("release.json"), elsewhere.clone()] {
        fs::create_dir_all(folder).unwrap();
    }
    fs::write(elsewhere.join("precious"), "precious").unwrap();
    fs::write(draft.join("secret.txt"), "secret").unwrap();
    symlink(&elsewhere, draft.join("evidence")).unwrap();
    symlink(elsewhere.join("precious"), draft.join("SHA256SUMS")).unwrap();
    for left in [".draft-1.2.2", ".staging-Ab12Cd"] {
        symlink(&elsewhere, releases.home().join(left)).unwrap();
    }
    publish_well(&sealed, &[&releases.channel()]);
    assert_eq!(files_below(&releases.home()), files_below(&reference.home()));
    assert_eq!(files_below(&elsewhere).len(), 1);
    assert_eq!(fs::read(elsewhere.join("precious")).unwrap(), b"precious");
    // The draft itself is somebody's folder.
    let releases = Releases::new();
    fs::create_dir_all(releases.home()).unwrap();
    symlink(&elsewhere, releases.home().join(format!(".draft-{VERSION}"))).unwrap();
    publish_well(&sealed, &[&releases.channel()]);
    assert_eq!((files_below(&releases.home()), files_below(&elsewhere).len()), (files_below(&reference.home()), 1));
}

#[test]
fn what_is_public_is_not_put_back_behind_a_link() {
    let sealed = SealedRelease::new("bytes", 1);
    let releases = Releases::new();
    publish_well(&sealed, &[&releases.channel()]);
    let evidence = releases.home().join(VERSION).join("evidence");
    let elsewhere = releases.folder.path().join("elsewhere");
    fs::rename(&evidence, &elsewhere).unwrap();
    symlink(&elsewhere, &evidence).unwrap();
    fs::remove_file(fs::read_dir(&elsewhere).unwrap().next().unwrap().unwrap().path()).unwrap();
    let left = files_below(&elsewhere);
    let channel = releases.channel();
    let publication = Publication::prepare(&sealed.release, sealed.dist(), &[&channel]).unwrap();
    assert_eq!(publication.refusals()[0].code, "published-damaged");
    assert_eq!(files_below(&elsewhere), left);
}

/// As many as publish at once, one is first; the others find its release, whatever their documents say.
#[test]
fn those_who_publish_at_once_take_turns() {
    let releases = Releases::new();
    let written = AtomicUsize::new(0);
    let place = releases.folder.path().join("releases");
    std::thread::scope(|scope| {
        for at in 0..6 {
            let (releases, written) = (&place, &written);
            scope.spawn(move || {
                let (sealed, patience) = (SealedRelease::new("bytes", at), Patience::default());
                let channel = FolderChannel::new(releases, &"app".parse().unwrap(), &semver::Version::new(1, 2, 3), &patience);
                written.fetch_add(publish_well(&sealed, &[&channel]), Ordering::Relaxed);
            });
        }
    });
    assert_eq!(written.into_inner(), sealed_files(&SealedRelease::new("bytes", 1)) + 2);
}

/// Of those who publish other bytes at once, one does, and the others are told; nothing of theirs is mixed in.
#[test]
fn those_who_publish_other_bytes_at_once_are_refused_but_for_one() {
    let releases = Releases::new();
    let place = releases.folder.path().join("releases");
    let won = std::thread::scope(|scope| {
        let threads = [0, 1, 2, 3].map(|at| {
            let place = &place;
            scope.spawn(move || {
                let (sealed, patience) = (SealedRelease::new(&format!("bytes {at}"), at), Patience::default());
                let channel = FolderChannel::new(place, &"app".parse().unwrap(), &semver::Version::new(1, 2, 3), &patience);
                let failure =
                    publish(&sealed, &[&channel]).map_or_else(|failures| failures.into_iter().next(), |published| published.failure);
                assert!(failure.as_ref().is_none_or(|failure| failure.code == "version-taken"), "{failure:?}");
                failure.is_none().then_some(at)
            })
        });
        threads.into_iter().filter_map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(won.len(), 1, "{won:?}");
    let sealed = SealedRelease::new(&format!("bytes {}", won[0]), won[0]);
    assert_eq!(publish_well(&sealed, &[&releases.channel()]), 0);
}

/// As on a file system whose locks hold nobody back: nobody's turn is taken.
#[test]
fn what_is_public_is_never_replaced_even_without_a_lock() {
    let [ours, theirs] = ["ours", "theirs"].map(|bytes| SealedRelease::new(bytes, 1));
    let releases = Releases::new();
    publish_well(&ours, &[&releases.channel()]);
    let public = releases.home().join(VERSION);
    let channel = releases.channel();
    let put = |sealed: &SealedRelease| {
        let writes = channel.writes(&Edition::sealed(&sealed.release, sealed.dist()));
        channel.perform(&writes[0]).map(|_| fs::read(&writes[0].to).unwrap())
    };
    // Two find that a file is lost, and both put back what they hold to be right.
    let lost = public.join(&channel.writes(&Edition::sealed(&ours.release, ours.dist()))[0].name);
    for _ in 0..20 {
        fs::remove_file(&lost).unwrap();
        let start = std::sync::Barrier::new(2);
        let done = std::thread::scope(|scope| {
            let threads = [&ours, &theirs].map(|sealed| {
                let (start, put) = (&start, &put);
                scope.spawn(move || {
                    start.wait();
                    put(sealed)
                })
            });
            threads.map(|thread| thread.join().unwrap())
        });
        let refused = done.iter().filter_map(|done| done.as_ref().err()).collect::<Vec<_>>();
        assert!(matches!(&refused[..], [WriteError::Unknown(failure)] if failure.code == "published-meanwhile"), "{done:?}");
        let kept = done.iter().find_map(|done| done.as_ref().ok()).unwrap();
        assert_eq!(fs::read(&lost).unwrap(), *kept);
    }
    // A draft does not become public over what is.
    let draft = releases.home().join(format!(".draft-{VERSION}"));
    fs::create_dir(&draft).unwrap();
    fs::write(draft.join("theirs"), "").unwrap();
    let before = files_below(&public);
    let revealed = channel.reveal(&Edition::sealed(&theirs.release, theirs.dist()));
    assert!(matches!(&revealed, Err(WriteError::NotDone(failure)) if failure.code == "published-meanwhile"), "{revealed:?}");
    assert_eq!(files_below(&public), before);
}

#[test]
fn looking_leaves_no_trace() {
    let sealed = SealedRelease::new("bytes", 1);
    let releases = Releases::new();
    let channel = releases.channel();
    let publication = Publication::prepare(&sealed.release, sealed.dist(), &[&channel]).unwrap();
    assert!(publication.outlook()[0].writes.iter().all(|write| write.outcome == Deed::WouldWrite));
    assert_eq!(files_below(releases.folder.path()).len(), 0);
    releases.stopped_after(&sealed, 2);
    fs::write(releases.home().join(".staging-Ab12Cd"), "half").unwrap();
    let before = files_below(releases.folder.path());
    let publication = Publication::prepare(&sealed.release, sealed.dist(), &[&channel]).unwrap();
    assert_eq!(publication.outlook()[0].named(|deed| deed == Deed::ThereAlready).len(), 2);
    assert_eq!(files_below(releases.folder.path()), before);
}

fn sealed_files(sealed: &SealedRelease) -> usize {
    Edition::sealed(&sealed.release, sealed.dist()).files().len()
}
