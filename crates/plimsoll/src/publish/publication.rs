//! The order of publishing, the same for every channel: look at all of them before the first write on any, then channel by channel and write by write
//! ask for the state, write on Absent and Partial only, and ask again if an answer was lost. So a run that was cut off anywhere is continued by the
//! next, and one more writes nothing.
//!
//! Knows no service, and remembers nothing from one run to the next.

use std::path::Path;

use plimsoll_model::{Class, Failure, Release};

use super::account::{ChannelAccount, Deed, WriteAccount};
use super::channel::Channel;
use super::edition::Edition;
use super::published::{Documents, damaged};
use super::write::{Act, Write, WriteError, WriteState};

/// A release before its channels, all of which have been looked at.
pub struct Publication<'a> {
    release: &'a Release,
    dist: &'a Path,
    /// Documents that are public somewhere already, and so will be everywhere.
    public: Option<Documents>,
    prospects: Vec<Prospect<'a>>,
}

/// A channel, and what it holds of what it is to hold.
struct Prospect<'a> {
    channel: &'a dyn Channel,
    edition: Edition,
    writes: Vec<(Write, WriteState)>,
}

/// How one write ended.
enum Settled {
    /// There was nothing to do.
    There,
    /// It was written, and lies there now.
    Done(Deed, String),
    /// It was not, and nothing after it will be.
    Stopped(Deed, Failure),
}

/// How publishing ended.
#[derive(Debug)]
pub struct Published {
    /// What was done, channel by channel; what was not come to is as it was before.
    pub accounts: Vec<ChannelAccount>,
    /// What stopped it. Running it again goes on where it stopped.
    pub failure: Option<Failure>,
    /// What is published now, if its documents are those of an earlier run.
    pub adopted: Option<Edition>,
}

/// What a run has to do with besides the channels.
pub struct Witness<'a> {
    /// Whether to stop before the next write.
    pub stop: &'a dyn Fn() -> bool,
    /// Hears of each write that was tried: channel, write, and where the thing lies now.
    pub record: &'a mut dyn FnMut(&ChannelAccount, &WriteAccount, &str),
}

impl<'a> Publication<'a> {
    /// Looks at all channels; reads only. The artifacts of `release` lie in `dist`.
    ///
    /// # Errors
    /// Everything that stands in the way on any of them, but for single files that were changed or burned: [`Publication::refusals`].
    pub fn prepare(release: &'a Release, dist: &'a Path, channels: &[&'a dyn Channel]) -> Result<Self, Vec<Failure>> {
        let mut channels = channels.to_vec();
        channels.sort_by_key(|channel| !channel.can_be_undone());
        let (mut found, mut failures) = (Vec::new(), Vec::new());
        for channel in channels {
            match channel.preflight(release) {
                Ok(documents) => found.push((channel, documents)),
                Err(failure) => failures.push(failure),
            }
        }
        let mut public = found.iter().find_map(|(_, documents)| documents.clone());
        let mut prospects = Vec::new();
        for (channel, documents) in found {
            match Prospect::look(channel, release, dist, documents, &mut public) {
                Ok(prospect) => prospects.push(prospect),
                Err(failure) => failures.push(failure),
            }
        }
        if failures.is_empty() { Ok(Self { release, dist, public, prospects }) } else { Err(failures) }
    }

    /// What is published, as far as is known before.
    pub fn edition(&self) -> Edition {
        edition(self.release, self.dist, self.public.clone())
    }

    /// Every write in its order, and what would be done about it.
    pub fn outlook(&self) -> Vec<ChannelAccount> {
        self.prospects.iter().map(Prospect::account).collect()
    }

    /// What cannot be written because something else is public there, or nothing can be any more. While there is any, nothing is written.
    pub fn refusals(&self) -> Vec<Failure> {
        self.prospects.iter().filter_map(Prospect::refusal).collect()
    }

    /// Writes what is missing. If there are refusals, nothing.
    pub fn run(mut self, witness: &mut Witness<'_>) -> Published {
        let mut published = Published { accounts: self.outlook(), failure: None, adopted: None };
        if let Some(failure) = self.refusals().into_iter().next() {
            published.failure = Some(failure);
            return published;
        }
        for (prospect, account) in std::mem::take(&mut self.prospects).into_iter().zip(&mut published.accounts) {
            // Nobody's turn is taken if nothing is to be done.
            if account.is_complete() {
                continue;
            }
            if let Err(failure) = self.publish(prospect, account, witness) {
                published.failure = Some(failure);
                break;
            }
        }
        published.adopted = self.public.is_some().then(|| self.edition());
        published
    }

    /// Brings one channel to its end.
    fn publish(&mut self, prospect: Prospect<'_>, account: &mut ChannelAccount, witness: &mut Witness<'_>) -> Result<(), Failure> {
        let Prospect { channel, edition: before, .. } = prospect;
        let _turn = channel.begin(&before)?;
        // Whoever had the turn before may have published this very release.
        let documents = channel.preflight(self.release)?;
        let prospect = Prospect::look(channel, self.release, self.dist, documents, &mut self.public)?;
        *account = prospect.account();
        if let Some(failure) = prospect.refusal() {
            return Err(failure);
        }
        for (at, (write, _)) in prospect.writes.iter().enumerate() {
            if (witness.stop)() {
                return Err(Failure::interrupted());
            }
            let entry = &mut account.writes[at];
            let (outcome, to, failure) = match prospect.settle(write, account.was_public) {
                Settled::There => continue,
                Settled::Done(outcome, place) => (outcome, place, None),
                Settled::Stopped(outcome, failure) => (outcome, write.to.clone(), Some(failure)),
            };
            entry.outcome = outcome;
            entry.why = failure.as_ref().map(ToString::to_string);
            let entry = entry.clone();
            (witness.record)(account, &entry, &to);
            if let Some(failure) = failure {
                return Err(told(failure, write, channel));
            }
        }
        Ok(())
    }
}

fn edition(release: &Release, dist: &Path, documents: Option<Documents>) -> Edition {
    documents.map_or_else(|| Edition::sealed(release, dist), |documents| Edition::published(documents, dist))
}

impl<'a> Prospect<'a> {
    /// Looks at everything in a channel in which a preflight found `documents`. What is public there, and nowhere else yet, becomes `public`.
    fn look(
        channel: &'a dyn Channel,
        release: &Release,
        dist: &Path,
        documents: Option<Documents>,
        public: &mut Option<Documents>,
    ) -> Result<Self, Failure> {
        let mut documents = documents;
        let mut prospect = Self::of(channel, edition(release, dist, documents.clone().or_else(|| public.clone())))?;
        // Another process may have made this very release public after the preflight, with documents of its own.
        if documents.is_none() && prospect.refusal().is_some() {
            documents = channel.preflight(release)?;
            if let Some(documents) = &documents {
                prospect = Self::of(channel, Edition::published(documents.clone(), dist))?;
            }
        }
        *public = public.take().or(documents);
        Ok(prospect)
    }

    fn of(channel: &'a dyn Channel, edition: Edition) -> Result<Self, Failure> {
        let mut writes = Vec::new();
        for write in channel.writes(&edition) {
            let state = channel.state(&write).map_err(|failure| told(failure, &write, channel))?;
            writes.push((write, state));
        }
        Ok(Self { channel, edition, writes })
    }

    /// Whether users see the version. In a channel without drafts they see each file at once.
    fn is_public(&self) -> bool {
        self.writes.iter().any(|(write, state)| write.act == Act::Reveal && *state == WriteState::Same)
    }

    fn account(&self) -> ChannelAccount {
        let was_public = self.is_public();
        ChannelAccount {
            channel: self.channel.name().to_owned(),
            place: self.channel.place(),
            was_public,
            writes: self.writes.iter().map(|(write, state)| WriteAccount::of(write, state, was_public)).collect(),
        }
    }

    fn refusal(&self) -> Option<Failure> {
        self.refusal_among(self.writes.iter().map(|(write, state)| (write, state)))
    }

    /// One failure for all writes that are refused.
    fn refusal_among<'w>(&self, writes: impl Iterator<Item = (&'w Write, &'w WriteState)>) -> Option<Failure> {
        let reveal = self.writes.iter().find(|(write, _)| write.act == Act::Reveal);
        let place = reveal.map_or_else(|| self.channel.place(), |(write, _)| write.to.clone());
        let (mut burned, mut other) = (Vec::new(), Vec::new());
        for (write, state) in writes {
            match state {
                WriteState::Burned(why) => burned.push((write.name.clone(), why.clone())),
                WriteState::Other(what) => other.push((write.name.clone(), what.clone())),
                WriteState::Absent | WriteState::Partial | WriteState::Same => {}
            }
        }
        if burned.is_empty() {
            let stays = "what is published there stays: give the release a new version";
            let undone = |failure: Failure| if self.channel.can_be_undone() { failure } else { failure.hint(stays) };
            return (!other.is_empty()).then(|| undone(damaged(&place, other)));
        }
        let failure = Failure::new(Class::NotProven, "version-burned", "this version can never be published there");
        let failure = burned.into_iter().fold(failure, |failure, (name, why)| failure.cause("but", format!("{name} {why}")));
        Some(failure.about(place).hint("give the release a new version"))
    }

    /// Brings one write from whatever it is to Same.
    fn settle(&self, write: &Write, is_public: bool) -> Settled {
        let state = match self.channel.state(write) {
            Ok(state) => state,
            Err(failure) => return Settled::Stopped(Deed::Failed, failure),
        };
        if let Some(failure) = self.refusal_among([(write, &state)].into_iter()) {
            return Settled::Stopped(Deed::Refused, failure);
        }
        if state == WriteState::Same {
            return Settled::There;
        }
        let done = match write.act {
            Act::Reveal => self.channel.reveal(&self.edition),
            Act::Put(_) | Act::List => self.channel.perform(write),
        };
        match done {
            Ok(receipt) => Settled::Done(if is_public { Deed::PutBack } else { Deed::Written }, receipt.place),
            Err(WriteError::NotDone(failure)) => Settled::Stopped(Deed::Failed, failure),
            Err(WriteError::Unknown(failure)) => match self.channel.state(write) {
                Ok(WriteState::Same) => Settled::Done(Deed::Confirmed, write.to.clone()),
                _ => Settled::Stopped(Deed::Failed, failure),
            },
        }
    }
}

/// A failure with what was at hand when it came, and what to do if nobody said.
fn told(failure: Failure, write: &Write, channel: &dyn Channel) -> Failure {
    if failure.class == Class::Interrupted {
        return failure;
    }
    let doing = match write.act {
        Act::Put(_) => "writing",
        Act::Reveal => "making public",
        Act::List => "listing the version in",
    };
    let failure = failure.cause("while", format!("{doing} {}", write.to)).cause("channel", channel.name());
    let again = "run the command again: it goes on where it stopped, and what is there already is not written again";
    if failure.hint.is_none() { failure.hint(again) } else { failure }
}
