//! The ledger: what was written for a release, when and where, as a record for people. It lies beside the store, a file a release, a line of JSON a
//! write, and is only added to.
//!
//! Never the truth: whether something is to be written is asked of the channel. A lost ledger, a torn line and a machine without one change
//! nothing but what can be told.

use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use plimsoll_model::{Digest, Failure};
use plimsoll_store::durable;
use serde::{Deserialize, Serialize};

use super::account::{Deed, WriteAccount};
use super::write::ActWord;

/// The folder of ledgers.
const FOLDER: &str = "ledger";

/// The ledger of one release.
#[derive(Debug, Clone)]
pub struct Ledger {
    path: PathBuf,
}

/// One line: a write that was tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LedgerEntry {
    /// Seconds since 1970.
    pub time: u64,
    /// As the manifest names the channel: `folder`.
    pub channel: String,
    /// Where the channel is.
    pub place: String,
    /// What the write does.
    pub act: ActWord,
    /// What: the name of a file of the release, or what the act is about.
    pub write: String,
    /// Where the thing was put, as the channel said; where it should go if that failed.
    pub to: String,
    /// Digest of the bytes; none where it is no file of the release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Digest>,
    /// What came of it.
    pub outcome: Deed,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

impl LedgerEntry {
    /// Of a write that was tried at `time`, and what it put lies at `to`.
    pub fn new(time: u64, (channel, place): (&str, &str), write: &WriteAccount, to: &str) -> Self {
        Self {
            time,
            channel: channel.to_owned(),
            place: place.to_owned(),
            act: write.act,
            write: write.name.clone(),
            to: to.to_owned(),
            sha256: write.sha256,
            outcome: write.outcome,
            why: write.why.clone(),
        }
    }
}

impl Ledger {
    /// The ledger of the release with this id; `beside` is the folder that the store was opened below. Nothing is made.
    pub fn of(beside: &Path, release: Digest) -> Self {
        Self { path: beside.join(FOLDER).join(format!("{release}.jsonl")) }
    }

    /// Where it lies, or would.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What earlier runs wrote, in order. Lines that cannot be read, such as one that was cut off, are passed over.
    pub fn entries(&self) -> Vec<LedgerEntry> {
        let bytes = fs::read(&self.path).unwrap_or_default();
        bytes.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect()
    }

    /// Adds an entry.
    ///
    /// # Errors
    /// If the file system refuses. What was published stays published.
    pub fn append(&self, entry: &LedgerEntry) -> Result<(), Failure> {
        self.add(entry).map_err(|error| Failure::io(&self.path, &error))
    }

    fn add(&self, entry: &LedgerEntry) -> io::Result<()> {
        self.path.parent().map_or(Ok(()), fs::create_dir_all)?;
        let mut file = OpenOptions::new().create(true).read(true).append(true).open(&self.path)?;
        let mut line = Vec::new();
        // A line that was cut off must not swallow this one.
        let mut last = [b'\n'];
        let is_new = file.metadata()?.len() == 0;
        if !is_new {
            file.seek(SeekFrom::End(-1))?;
            file.read_exact(&mut last)?;
        }
        if last != *b"\n" {
            line.push(b'\n');
        }
        serde_json::to_writer(&mut line, entry)?;
        line.push(b'\n');
        // In one piece, so that lines of two processes do not mix.
        file.write_all(&line)?;
        file.sync_data()?;
        if is_new { self.path.parent().map_or(Ok(()), durable::sync_folder) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(time: u64) -> LedgerEntry {
        LedgerEntry {
            time,
            channel: "folder".to_owned(),
            place: "/releases".to_owned(),
            act: ActWord::Put,
            write: "app.tar.xz".to_owned(),
            to: "/releases/app/1.0.0/app.tar.xz".to_owned(),
            sha256: Some(Digest::of(b"app")),
            outcome: Deed::Written,
            why: None,
        }
    }

    #[test]
    fn a_line_that_was_cut_off_costs_itself_only() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::of(folder.path(), Digest::of(b"release"));
        assert_eq!((ledger.entries(), folder.path().join("ledger").exists()), (Vec::new(), false));
        ledger.append(&entry(1)).unwrap();
        ledger.append(&entry(2)).unwrap();
        let whole = fs::read(ledger.path()).unwrap();
        for cut in whole.len() / 2 + 1..whole.len() - 1 {
            fs::write(ledger.path(), &whole[..cut]).unwrap();
            assert_eq!(ledger.entries(), [entry(1)], "{cut}");
            ledger.append(&entry(3)).unwrap();
            assert_eq!(ledger.entries(), [entry(1), entry(3)], "{cut}");
        }
        // Of a later plimsoll.
        let mut later = serde_json::to_value(entry(4)).unwrap();
        later["new"] = true.into();
        fs::write(ledger.path(), format!("{later}\n\u{0}\n")).unwrap();
        assert_eq!(ledger.entries(), [entry(4)]);
    }

    #[test]
    fn a_line_reads_well() {
        let line = serde_json::to_string(&LedgerEntry { sha256: None, why: Some("no answer".to_owned()), ..entry(5) }).unwrap();
        insta::assert_snapshot!(line, @r#"{"time":5,"channel":"folder","place":"/releases","act":"put","write":"app.tar.xz","to":"/releases/app/1.0.0/app.tar.xz","outcome":"written","why":"no answer"}"#);
    }
}
