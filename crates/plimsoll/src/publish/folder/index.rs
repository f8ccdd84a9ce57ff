//! `index.json`: the versions of a name. Made anew from what is in the folder whenever it is written, so that a run that was killed in between is
//! healed. Writes nothing itself.

use std::fs;
use std::io;
use std::path::Path;

use plimsoll_fetch::registry::{RELEASE_FILE, RegistryIndex};
use plimsoll_model::{Failure, Name};
use semver::Version;

/// Its name.
pub(super) const INDEX: &str = "index.json";

/// The index that names all versions in `home`, and `newest`.
pub(super) fn of(home: &Path, name: &Name, newest: &Version) -> Result<Vec<u8>, Failure> {
    let mut index = RegistryIndex::new(name.clone());
    index.add(newest.clone());
    let entries = match fs::read_dir(home) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(index.to_bytes()),
        entries => entries.map_err(|error| Failure::io(home, &error))?,
    };
    for entry in entries.flatten() {
        let complete = entry.path().join(RELEASE_FILE).is_file();
        let version = entry.file_name().to_str().and_then(|name| name.parse::<Version>().ok());
        version.filter(|_| complete).into_iter().for_each(|version| index.add(version));
    }
    Ok(index.to_bytes())
}
