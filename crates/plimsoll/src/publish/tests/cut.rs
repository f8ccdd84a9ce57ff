//! Each channel, cut off at each of its requests: the next run comes to the same end as one in peace, and the one after that writes nothing.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::fs;
use std::path::Path;

use plimsoll_model::{Failure, Release};
use plimsoll_store::Patience;

use super::memory::{MemoryChannel, no_answer};
use super::sealed::SealedRelease;
use super::{publish, publish_well};
use crate::publish::{Channel, Documents, Edition, FolderChannel, Receipt, Turn, Write, WriteError, WriteState};

/// When a request is cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// It was not done.
    Before,
    /// A write was begun.
    Amid,
    /// It was done, and the answer was lost.
    After,
}

/// What a channel holds of a write that was begun.
pub trait Tear {
    /// Begins a write and does not end it.
    fn tear(&self, write: &Write);
}

/// A channel that fails at one of its requests, and at all that follow if it is cut off for good.
struct CutAt<'a, C> {
    channel: &'a C,
    at: usize,
    moment: Moment,
    for_good: bool,
    asked: Cell<usize>,
    /// Which of the requests were to write.
    writes: RefCell<Vec<usize>>,
}

impl<'a, C: Channel + Tear> CutAt<'a, C> {
    fn new(channel: &'a C, at: usize, moment: Moment, for_good: bool) -> Self {
        Self { channel, at, moment, for_good, asked: Cell::new(0), writes: RefCell::default() }
    }

    fn request<T, E>(&self, failed: impl Fn(Failure) -> E, tear: impl Fn(), request: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let now = self.asked.replace(self.asked.get() + 1);
        if now < self.at || now > self.at && !self.for_good {
            return request();
        }
        match self.moment {
            _ if now > self.at => {}
            Moment::Before => {}
            Moment::Amid => tear(),
            Moment::After => drop(request()?),
        }
        Err(failed(no_answer()))
    }

    fn write<T>(&self, tear: impl Fn(), request: impl FnOnce() -> Result<T, WriteError>) -> Result<T, WriteError> {
        self.writes.borrow_mut().push(self.asked.get());
        self.request(WriteError::Unknown, tear, request)
    }

    fn read<T>(&self, request: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
        self.request(|failure| failure, || {}, request)
    }
}

impl<C: Channel + Tear> Channel for CutAt<'_, C> {
    fn name(&self) -> &'static str {
        self.channel.name()
    }

    fn place(&self) -> String {
        self.channel.place()
    }

    fn can_be_undone(&self) -> bool {
        self.channel.can_be_undone()
    }

    fn preflight(&self, release: &Release) -> Result<Option<Documents>, Failure> {
        self.read(|| self.channel.preflight(release))
    }

    fn writes(&self, edition: &Edition) -> Vec<Write> {
        self.channel.writes(edition)
    }

    fn state(&self, write: &Write) -> Result<WriteState, Failure> {
        self.read(|| self.channel.state(write))
    }

    fn begin(&self, edition: &Edition) -> Result<Turn, Failure> {
        self.read(|| self.channel.begin(edition))
    }

    fn perform(&self, write: &Write) -> Result<Receipt, WriteError> {
        self.write(|| self.channel.tear(write), || self.channel.perform(write))
    }

    fn reveal(&self, edition: &Edition) -> Result<Receipt, WriteError> {
        self.write(|| {}, || self.channel.reveal(edition))
    }
}

/// Which cuts are tried.
pub struct Cuts {
    /// What is published.
    pub sealed: SealedRelease,
    /// At which moments, and whether for good.
    pub moments: Vec<(Moment, bool)>,
}

impl Cuts {
    /// All of them.
    fn all() -> Self {
        let moments = [Moment::Before, Moment::Amid, Moment::After].into_iter().flat_map(|moment| [(moment, false), (moment, true)]);
        Self { sealed: SealedRelease::new("bytes", 1), moments: moments.collect() }
    }
}

/// Cuts a channel of the sort that `make` gives at each request. `end` is all that it holds, and `seen` what users see of it, if that may only be
/// nothing or all.
pub fn cut_everywhere<C: Channel + Tear, E: PartialEq + Debug>(
    cuts: &Cuts,
    make: impl Fn() -> C,
    end: impl Fn(&C) -> E,
    seen: impl Fn(&C) -> BTreeMap<String, Option<Vec<u8>>>,
) {
    let sealed = &cuts.sealed;
    let peaceful = make();
    let counting = CutAt::new(&peaceful, usize::MAX, Moment::Before, false);
    let writes = publish_well(sealed, &[&counting]);
    let (wanted, all) = (end(&peaceful), seen(&peaceful));
    let requests = counting.asked.get();
    assert!(writes > 2 && requests > 2 * writes, "{writes} writes in {requests} requests");
    for at in 0..requests {
        for (moment, for_good) in cuts.moments.iter().copied() {
            let what = format!("request {at} of {requests}, {moment:?}, for good: {for_good}");
            let channel = make();
            let cut = CutAt::new(&channel, at, moment, for_good);
            let failed = match publish(sealed, &[&cut]) {
                Ok(published) => published.failure.is_some(),
                Err(failures) => !failures.is_empty(),
            };
            // If the answer to a write alone was lost, the channel is asked, and the run goes on.
            let goes_on = moment == Moment::After && !for_good && cut.writes.borrow().contains(&at);
            assert_eq!(failed, !goes_on, "{what}");
            let seen_now = seen(&channel);
            assert!(seen_now.is_empty() || seen_now == all, "{what}: {:?}", seen_now.keys());
            publish_well(sealed, &[&channel]);
            assert_eq!(end(&channel), wanted, "{what}");
            let third = CutAt::new(&channel, usize::MAX, Moment::Before, false);
            assert_eq!((publish_well(sealed, &[&third]), third.writes.take()), (0, Vec::new()), "{what}");
            assert_eq!(end(&channel), wanted, "{what}");
        }
    }
}

#[test]
fn a_channel_with_drafts_converges_wherever_it_is_cut() {
    let end = |channel: &MemoryChannel| (channel.files.borrow().clone(), channel.is_public.get(), channel.is_listed.get());
    let seen = |channel: &MemoryChannel| {
        let files = channel.files.borrow().clone();
        files.into_iter().filter(|_| channel.is_public.get()).map(|(name, bytes)| (name, Some(bytes))).collect()
    };
    cut_everywhere(&Cuts::all(), MemoryChannel::with_drafts, end, seen);
}

#[test]
fn a_channel_without_drafts_converges_wherever_it_is_cut() {
    let end = |channel: &MemoryChannel| (channel.files.borrow().clone(), channel.is_listed.get());
    cut_everywhere(&Cuts::all(), MemoryChannel::without_drafts, end, |_| BTreeMap::new());
}

#[test]
fn a_folder_converges_wherever_it_is_cut() {
    let patience = Patience::default();
    let folders = RefCell::new(Vec::new());
    let (name, version) = ("app".parse().unwrap(), semver::Version::new(1, 2, 3));
    let make = || {
        let folder = tempfile::tempdir().unwrap();
        let channel = FolderChannel::new(&folder.path().join("releases"), &name, &version, &patience);
        folders.borrow_mut().push(folder);
        channel
    };
    let below = |channel: &FolderChannel<'_>, folder: &str| files_below(&Path::new(&channel.place()).join(folder));
    cut_everywhere(&Cuts::all(), make, |channel| below(channel, ""), |channel| below(channel, "app/1.2.3"));
}

/// Every file and folder below one, with the bytes of files.
pub fn files_below(folder: &Path) -> BTreeMap<String, Option<Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(next) = waiting.pop() {
        for entry in fs::read_dir(&next).into_iter().flatten() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder).unwrap().display().to_string();
            let is_folder = fs::symlink_metadata(&path).unwrap().is_dir();
            found.insert(name, (!is_folder).then(|| fs::read(&path).unwrap_or_default()));
            if is_folder {
                waiting.push(path);
            }
        }
    }
    found
}
