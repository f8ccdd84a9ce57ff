//! A channel in memory, strict where services are: it takes nothing twice, and nothing that it was not to be told.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use plimsoll_fetch::registry::RELEASE_FILE;
use plimsoll_model::{Class, Digest, Failure, Release};

use super::cut::Tear;
use super::publish_well;
use super::sealed::SealedRelease;
use crate::publish::published::FoundDocument;
use crate::publish::{Act, Channel, Documents, Edition, Receipt, Source, Turn, Write, WriteError, WriteState};

/// A registry in memory: with drafts as GitHub has them, or without as PyPI.
#[derive(Default)]
pub struct MemoryChannel {
    has_drafts: bool,
    /// File → bytes, public or of the draft.
    pub files: RefCell<BTreeMap<String, Vec<u8>>>,
    /// Whether users see it.
    pub is_public: Cell<bool>,
    /// Whether the version is in the list.
    pub is_listed: Cell<bool>,
    /// Names that were published and deleted.
    pub burned: RefCell<Vec<String>>,
    /// Is published by another process when this one has looked for documents and not yet at files.
    pub overtaken_by: RefCell<Option<SealedRelease>>,
    /// Requests that wrote.
    pub written: Cell<usize>,
}

impl MemoryChannel {
    /// An empty one with drafts.
    pub fn with_drafts() -> Self {
        Self { has_drafts: true, ..Self::default() }
    }

    /// An empty one in which each file is public at once, and stays.
    pub fn without_drafts() -> Self {
        Self { is_public: Cell::new(true), ..Self::default() }
    }

    fn read(&self, source: &Source) -> Vec<u8> {
        match source {
            Source::File(path) => std::fs::read(path).unwrap(),
            Source::Memory(bytes) => bytes.clone(),
        }
    }

    fn count(&self) {
        self.written.set(self.written.get() + 1);
    }
}

impl Channel for MemoryChannel {
    fn name(&self) -> &'static str {
        if self.has_drafts { "memory" } else { "memory-without-drafts" }
    }

    fn place(&self) -> String {
        format!("memory://{}", self.name())
    }

    fn can_be_undone(&self) -> bool {
        self.has_drafts
    }

    fn preflight(&self, release: &Release) -> Result<Option<Documents>, Failure> {
        let files = self.files.borrow();
        let document = files.get(RELEASE_FILE).filter(|_| self.is_public.get());
        let mut read = |name: &str| Ok(files.get(name).cloned().map_or(FoundDocument::Missing, FoundDocument::Read));
        document.map(|bytes| Documents::matching(&self.place(), release, bytes.clone(), &mut read)).transpose()
    }

    fn writes(&self, edition: &Edition) -> Vec<Write> {
        let files = edition.files().into_iter();
        let puts = files.map(|file| Write { to: format!("{}/{}", self.place(), file.name), name: file.name, act: Act::Put(file.bytes) });
        let version = |act| Write { name: edition.version().to_string(), to: self.place(), act };
        puts.chain(self.has_drafts.then(|| version(Act::Reveal))).chain([version(Act::List)]).collect()
    }

    fn state(&self, write: &Write) -> Result<WriteState, Failure> {
        if let Some(other) = self.overtaken_by.take() {
            publish_well(&other, &[self]);
        }
        let is = |done: bool| if done { WriteState::Same } else { WriteState::Absent };
        let Act::Put(bytes) = &write.act else {
            return Ok(is(if write.act == Act::Reveal { self.is_public.get() } else { self.is_listed.get() }));
        };
        if self.burned.borrow().contains(&write.name) {
            return Ok(WriteState::Burned("was deleted there".to_owned()));
        }
        Ok(match self.files.borrow().get(&write.name) {
            None => WriteState::Absent,
            Some(there) if Digest::of(there) == bytes.digest => WriteState::Same,
            Some(_) if self.is_public.get() => WriteState::Other("is another file".to_owned()),
            Some(_) => WriteState::Partial,
        })
    }

    fn begin(&self, _edition: &Edition) -> Result<Turn, Failure> {
        Ok(Turn::unlocked())
    }

    fn perform(&self, write: &Write) -> Result<Receipt, WriteError> {
        self.count();
        match &write.act {
            Act::Put(bytes) => {
                let state = self.state(write)?;
                assert!(matches!(state, WriteState::Absent | WriteState::Partial), "{}: {state:?}", write.name);
                self.files.borrow_mut().insert(write.name.clone(), self.read(&bytes.source));
            }
            Act::List => {
                assert!(self.is_public.get() && !self.is_listed.replace(true), "listed before it was public, or twice");
            }
            Act::Reveal => panic!("the draft is revealed otherwise"),
        }
        Ok(Receipt { place: write.to.clone() })
    }

    fn reveal(&self, edition: &Edition) -> Result<Receipt, WriteError> {
        self.count();
        let there = self.files.borrow().iter().map(|(name, bytes)| (name.clone(), Digest::of(bytes))).collect::<BTreeMap<_, _>>();
        let wanted = edition.files().into_iter().map(|file| (file.name, file.bytes.digest)).collect();
        assert_eq!(there, wanted, "incomplete");
        assert!(self.has_drafts && !self.is_public.replace(true), "revealed twice");
        Ok(Receipt { place: self.place() })
    }
}

impl Tear for MemoryChannel {
    /// A channel without drafts takes a file whole or not at all.
    fn tear(&self, write: &Write) {
        if let (Act::Put(bytes), true) = (&write.act, self.has_drafts) {
            let mut bytes = self.read(&bytes.source);
            bytes.truncate(bytes.len() / 2);
            self.files.borrow_mut().insert(write.name.clone(), bytes);
        }
    }
}

/// No answer came.
pub fn no_answer() -> Failure {
    Failure::new(Class::Network, "no-answer", "the connection was closed before an answer came")
}
