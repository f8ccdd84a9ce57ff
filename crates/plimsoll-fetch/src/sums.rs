//! Whether `release.json` and `SHA256SUMS` tell the same, and which of the two is to blame if not.

use plimsoll_model::{Digest, ReleaseDocument, document_json};

use crate::registry::{RELEASE_FILE, SUMS_FILE};
use crate::verify::{Finding, Problem};

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
    let demanded = demanded.split('\n').map(str::as_bytes).collect::<Vec<_>>();
    let found = sums.split(|byte| *byte == b'\n').collect::<Vec<_>>();
    let differs = |at: &usize| demanded.get(*at) != found.get(*at);
    let different = (0..demanded.len().max(found.len())).filter(differs).collect::<Vec<_>>();
    let says = |line: &[u8]| {
        String::from_utf8_lossy(line)
            .split_once("  ")
            .and_then(|(digest, name)| Some((digest.parse::<Digest>().ok()?, name == RELEASE_FILE)))
    };
    if let [line] = different.as_slice()
        && let Some((says, true)) = found.get(*line).and_then(|line| says(line))
        && !is_as_written(release)
    {
        // The id covers what the document says, not its white space: that was changed, and the checksum file is sound.
        return Err(Finding::new(RELEASE_FILE, Problem::Digest { says, is }));
    }
    let line = different.first().copied().unwrap_or_default();
    let text = |lines: &[&[u8]]| lines.get(line).map_or_else(String::new, |line| String::from_utf8_lossy(line).chars().take(200).collect());
    Err(Finding::new(SUMS_FILE, Problem::SumsLine { line: line + 1, says: text(&found), demanded: text(&demanded) }))
}

/// Whether the bytes are those that the writer of such a document makes.
fn is_as_written(release: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Value>(release).is_ok_and(|value| document_json(&value) == release)
}
