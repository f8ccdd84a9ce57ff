//! Every file of a wheel unpacked once: measured, and what the audit looks into kept.

use std::collections::BTreeMap;

use ring::digest::Context;

use super::record::{self, Measured, Rows};
use crate::error::InspectError;
use crate::facts::Facts;
use crate::format::{PREFIX_LENGTH, recognise};
use crate::inspect::inspect;
use crate::python::{Findings, PackageBinary, PackageCode, url_safe};
use crate::zip::{Entry, Zip};

/// Longest text of `.dist-info` that is kept, in bytes.
const LONGEST_TEXT: u64 = 16 << 20;

/// What is known after one pass.
#[derive(Default)]
pub(super) struct Contents {
    pub measured: BTreeMap<String, Measured>,
    /// Texts of `.dist-info`, by their name in it.
    pub texts: BTreeMap<String, Vec<u8>>,
    pub binaries: Vec<PackageBinary>,
}

/// One file, in full or not at all.
pub(super) fn read_one(zip: &Zip<'_>, entry: &Entry) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    (entry.size <= LONGEST_TEXT).then(|| zip.contents(entry, &mut |piece| bytes.extend_from_slice(piece)))?.ok()?;
    Some(bytes)
}

/// Texts of `.dist-info` that the audit reads; anything else there is a file like all others.
fn is_read(name: &str) -> bool {
    ["METADATA", "WHEEL", "RECORD", "entry_points.txt"].contains(&name) || name.starts_with("sboms/")
}

impl Contents {
    /// `dist_info` is the folder's name with a slash; `rows` say by which algorithm a file is to be measured.
    pub fn read(zip: &Zip<'_>, dist_info: Option<&str>, rows: &Rows, findings: &mut Findings) -> Self {
        let mut contents = Self::default();
        for entry in zip.entries.iter().filter(|entry| !entry.is_folder()) {
            contents.add(zip, entry, dist_info, rows, findings);
        }
        contents
    }

    fn add(&mut self, zip: &Zip<'_>, entry: &Entry, dist_info: Option<&str>, rows: &Rows, findings: &mut Findings) {
        let text = dist_info.and_then(|folder| entry.name.strip_prefix(folder)).filter(|name| is_read(name) && entry.size <= LONGEST_TEXT);
        let mut digest = Context::new(record::algorithm(rows.get(&entry.name)));
        let (mut size, mut kept) = (0_u64, Some(Vec::new()));
        let read = zip.contents(entry, &mut |piece| {
            digest.update(piece);
            size += piece.len() as u64;
            if let Some(bytes) = &mut kept {
                bytes.extend_from_slice(piece);
                let is_told = bytes.len() >= PREFIX_LENGTH;
                if text.is_none() && is_told && recognise(&bytes[..PREFIX_LENGTH]).is_none() {
                    kept = None;
                }
            }
        });
        if let Err(reason) = read {
            findings.tell_of(&entry.name, PackageCode::WrongContent, reason, "pack it anew from the file as it was built");
            return;
        }
        self.measured.insert(entry.name.clone(), Measured { digest: url_safe(digest.finish().as_ref()), size });
        match (text, kept) {
            (Some(name), Some(bytes)) => {
                self.texts.insert(name.to_owned(), bytes);
            }
            (None, Some(bytes)) => self.binary(&entry.name, &bytes, findings),
            (_, None) => {}
        }
    }

    fn binary(&mut self, path: &str, bytes: &[u8], findings: &mut Findings) {
        match inspect(bytes) {
            Ok(facts) => self.binaries.push(PackageBinary { path: path.to_owned(), facts }),
            Err(InspectError::Unrecognised) => {}
            Err(error) => {
                let hint = "take the file that the linker made; nothing can be said of the rest of it";
                findings.tell_of(path, PackageCode::UnreadableBinary, format!("cannot be read: {error}"), hint);
            }
        }
    }

    /// Facts of all of them, as they are looked at.
    pub fn facts(&self) -> impl Iterator<Item = (&str, &Facts)> {
        self.binaries.iter().map(|binary| (binary.path.as_str(), &binary.facts))
    }
}
