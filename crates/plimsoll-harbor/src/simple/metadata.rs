//! The METADATA of a wheel, which installers ask for instead of the wheel (PEP 658), and what an index must know of it.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use plimsoll_model::Digest;
use zip::ZipArchive;

/// Longest METADATA that is read, in bytes.
const LONGEST: u64 = 8 << 20;

/// The METADATA of a wheel.
#[derive(Debug, Clone)]
pub(super) struct CoreMetadata {
    pub bytes: Arc<[u8]>,
    pub sha256: Digest,
}

impl CoreMetadata {
    /// That of the wheel at `path`, in the `.dist-info` that its file name tells; none if it cannot be read.
    pub(super) fn of_wheel(path: &Path, stem: &str) -> Option<Self> {
        let mut archive = ZipArchive::new(File::open(path).ok()?).ok()?;
        let member = archive.by_name(&format!("{stem}.dist-info/METADATA")).ok()?;
        let mut bytes = Vec::new();
        member.take(LONGEST + 1).read_to_end(&mut bytes).ok()?;
        let is_whole = bytes.len() as u64 <= LONGEST;
        is_whole.then(|| Self { sha256: Digest::of(&bytes), bytes: bytes.into() })
    }

    /// The header `Requires-Python`, if it is there and on one line.
    pub(super) fn requires_python(&self) -> Option<String> {
        let text = std::str::from_utf8(&self.bytes).ok()?;
        let mut headers = text.lines().take_while(|line| !line.is_empty()).filter_map(|line| line.split_once(':'));
        let (_, value) = headers.find(|(name, _)| name.eq_ignore_ascii_case("requires-python"))?;
        Some(value.trim().to_owned()).filter(|value| !value.is_empty())
    }
}
