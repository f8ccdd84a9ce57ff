//! Bringing what is given: from the store, or, the first time, from where it is kept. Other bytes than the locked ones are never used.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use plimsoll_fetch::{FilePlace, Network, OpenError, Opened};
use plimsoll_model::{Class, Digest, Failure, GivenFrom, Hashed};
use plimsoll_store::Store;

use plimsoll_exec::launcher::{Interruptible, Launcher};

/// Bytes of a given file: a whole SDK is smaller.
const LONGEST: u64 = 8 << 30;

/// Where given files are kept once they were brought.
#[derive(Clone, Copy)]
pub struct GivenStore<'a> {
    /// The store.
    pub store: &'a Store,
    /// What they are fetched over.
    pub network: &'a Network,
    /// What paths are relative to.
    pub project: &'a Path,
    /// Whether everything is to end.
    pub launcher: &'a Launcher,
}

impl GivenStore<'_> {
    /// Puts the file with this digest at `destination`; if the store does not have it, it is fetched from where `given` says.
    ///
    /// # Errors
    /// If it cannot be had, or is not those bytes; class network for both.
    pub fn put(&self, digest: Digest, given: &BTreeMap<Digest, GivenFrom>, destination: &Path, mode: u32) -> Result<(), Failure> {
        match self.store.materialise(digest, destination, mode) {
            Ok(_) => return Ok(()),
            Err(error) if error.is_lost_blob() => {}
            Err(error) => return Err(error.into()),
        }
        let unknown = || Failure::new(Class::NotProven, "plan", "the plan does not say where it comes from").about(digest.to_string());
        let from = given.get(&digest).ok_or_else(unknown)?;
        let fetched = if from.of_index { self.fetch_of_index(&from.what, &from.place)? } else { self.fetch(&from.what, &from.place)? };
        if fetched.digest() != digest {
            return Err(changed(from, digest, fetched.digest()));
        }
        self.store.materialise(digest, destination, mode).map_err(Failure::from)?;
        Ok(())
    }

    /// Fetches a file into the store, whatever its bytes are.
    ///
    /// # Errors
    /// Class network if it cannot be had.
    pub(super) fn fetch(&self, what: &str, place: &str) -> Result<Hashed, Failure> {
        let reader = self.open(what, place)?.reader;
        let mut reader = Interruptible::new(reader.take(LONGEST + 1), self.launcher);
        let origin = Path::new(place);
        let hashed = self.store.put(&mut reader, origin).map_err(|error| {
            if self.launcher.is_cancelled() { Failure::interrupted() } else { unavailable(what, place, &error.to_string()) }
        })?;
        if hashed.size() > LONGEST {
            return Err(unavailable(what, place, &format!("it is longer than {LONGEST} bytes")));
        }
        Ok(hashed)
    }

    fn open(&self, what: &str, place: &str) -> Result<Opened, Failure> {
        let at = place.parse::<FilePlace>().map_err(|error| unavailable(what, place, &error.to_string()))?;
        at.open(self.project, self.network).map_err(|error| {
            let failure = unavailable(what, place, &error.to_string());
            match (error, at) {
                (OpenError::NotFound { .. }, FilePlace::Http(..)) => {
                    failure.hint("see whether the URL is right, or the file was taken away")
                }
                (_, FilePlace::Http(..)) => failure.hint("once it was fetched, the store has it and no network is needed"),
                (_, FilePlace::Path(_)) => failure,
            }
        })
    }
}

fn unavailable(what: &str, place: &str, why: &str) -> Failure {
    Failure::new(Class::Network, "given-unavailable", format!("{what} cannot be had from {place}: {why}"))
}

/// Other bytes than those that are locked.
fn changed(from: &GivenFrom, locked: Digest, found: Digest) -> Failure {
    let failure = Failure::new(Class::Network, "given-changed", format!("{} is not the file that plimsoll.lock names", from.what));
    let place = if from.of_index { "the index that pip of this machine asks" } else { &from.place };
    let failure = failure.cause("from", place).cause("locked", format!("sha256:{locked}")).cause("found", format!("sha256:{found}"));
    failure.hint("find out who changed it; if the new file is meant, `plimsoll lock update` locks it")
}
