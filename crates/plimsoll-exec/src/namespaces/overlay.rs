//! A writable layer over read-only folders, as a value: where its files lie, and what it is mounted over.
//!
//! Only makes and names folders. What is mounted there is seen in the namespace of the program alone; on the machine `merged` stays empty.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// Names below the overlay's own folder. Mounting is told these names from within that folder, because the list of folders that the kernel takes
/// parts at colons and commas.
pub(super) const UPPER: &str = "upper";
pub(super) const WORK: &str = "work";
pub(super) const MERGED: &str = "merged";

/// An overlay that is mounted anew for each program; what one program wrote, the next one sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlay {
    pub(super) folder: PathBuf,
    /// The user that owns all files, as programs see them; none if that is who started plimsoll.
    pub(super) owner: Option<u32>,
    /// The uppermost first.
    pub(super) lowers: Vec<PathBuf>,
    /// Folders and files of `merged` that will be covered by others, which must not be behind links by then.
    pub(super) covered: Vec<PathBuf>,
}

impl Overlay {
    /// Makes the folders of an overlay below an empty `folder`. `owner` is who its programs are to this machine, if they are not of plimsoll's own user.
    ///
    /// # Errors
    /// If the file system refuses.
    pub fn make(folder: &Path, owner: Option<u32>) -> io::Result<Self> {
        for name in [UPPER, WORK, MERGED] {
            let path = folder.join(name);
            fs::create_dir(&path)?;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
            // The top of what is seen is that of the upper layer.
            if let Some(owner) = owner {
                std::os::unix::fs::lchown(&path, Some(owner), Some(owner))?;
            }
        }
        Ok(Self { folder: folder.to_owned(), owner, lowers: Vec::new(), covered: Vec::new() })
    }

    /// Over these folders, of which the first is uppermost. All files of one belong to whom the folder itself belongs to, who is plimsoll's own user unless programs
    /// are another one.
    #[must_use]
    pub fn over(self, lowers: Vec<PathBuf>) -> Self {
        Self { lowers, ..self }
    }

    /// With places, relative to the top, that are covered by other folders and files later: if one is missing or behind a link, nothing is started.
    #[must_use]
    pub fn covered(self, covered: Vec<PathBuf>) -> Self {
        Self { covered, ..self }
    }

    /// Where programs see all layers as one.
    pub fn merged(&self) -> PathBuf {
        self.folder.join(MERGED)
    }

    /// What was written so far, as the machine sees it: only files of programs that are not to be trusted.
    pub fn upper(&self) -> PathBuf {
        self.folder.join(UPPER)
    }
}
