//! Whether `release.json` and `SHA256SUMS` tell the same, and which of the two is to blame if not.

use plimsoll_model::json::{self, Layout};
use plimsoll_model::{Digest, ReleaseDocument};

use crate::finding::{Finding, Problem};
use crate::registry::{RELEASE_FILE, SUMS_FILE};

/// The document, if its own id holds; what is wrong with it otherwise.
pub(crate) fn parse_release(bytes: &[u8]) -> Result<ReleaseDocument, Finding> {
    ReleaseDocument::parse(bytes).map_err(|error| Finding::new(RELEASE_FILE, Problem::Document(error.to_string())))
}

/// The checksum file must be, byte for byte, the one that the document demands.
pub(crate) fn compare(document: &ReleaseDocument, release: &[u8], sums: &[u8]) -> Result<(), Finding> {
    let is = Digest::of(release);
    let demanded = document.checksums(is);
    if demanded.as_bytes() == sums {
        return Ok(());
    }
    let mut lines = Lines { demanded: demanded.as_bytes().split(is_newline), found: sums.split(is_newline), number: 0 };
    let Some(first) = lines.next_different() else {
        // As many lines and all alike is what equal bytes have.
        return Ok(());
    };
    let text = |line: Option<&[u8]>| String::from_utf8_lossy(line.unwrap_or_default()).chars().take(200).collect::<String>();
    let found = text(first.found);
    let says = found.split_once("  ").and_then(|(digest, name)| Some((digest.parse::<Digest>().ok()?, name == RELEASE_FILE)));
    if let Some((says, true)) = says
        && lines.next_different().is_none()
        && !is_as_written(release)
    {
        // The id covers what the document says, not its white space: that was changed, and the checksum file is sound.
        return Err(Finding::new(RELEASE_FILE, Problem::Digest { says, is }));
    }
    Err(Finding::new(SUMS_FILE, Problem::SumsLine { line: first.number, says: found, demanded: text(first.demanded) }))
}

/// Two texts line by line; nothing is kept of them, however many lines there are.
struct Lines<D, F> {
    demanded: D,
    found: F,
    /// Lines so far.
    number: usize,
}

struct Different<'t> {
    number: usize,
    demanded: Option<&'t [u8]>,
    found: Option<&'t [u8]>,
}

impl<'t, D: Iterator<Item = &'t [u8]>, F: Iterator<Item = &'t [u8]>> Lines<D, F> {
    fn next_different(&mut self) -> Option<Different<'t>> {
        loop {
            let (demanded, found) = (self.demanded.next(), self.found.next());
            self.number += 1;
            match (demanded, found) {
                (None, None) => return None,
                (demanded, found) if demanded == found => {}
                (demanded, found) => return Some(Different { number: self.number, demanded, found }),
            }
        }
    }
}

const fn is_newline(byte: &u8) -> bool {
    *byte == b'\n'
}

/// Whether the bytes are those that the writer of such a document makes.
fn is_as_written(release: &[u8]) -> bool {
    let written = json::sorted(release, Layout::Indented).ok();
    written.is_some_and(|written| release.strip_suffix(b"\n") == Some(written.as_slice()))
}
