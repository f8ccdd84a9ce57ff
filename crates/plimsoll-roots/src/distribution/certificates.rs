//! The file of the authorities that a system trusts, in the place where programs look for it. Debian gathers it when its package is set up, which
//! nothing is in a root that is unpacked only.

use std::fs;
use std::io;
use std::path::Path;

/// What the package brings.
const BROUGHT: &str = "usr/share/ca-certificates/mozilla";
/// Where all of them are looked for in one file.
const GATHERED: &str = "etc/ssl/certs/ca-certificates.crt";

/// Gathers what the package in `files` has brought, in the order of names.
pub(super) fn gather(files: &Path) -> io::Result<()> {
    let mut paths = fs::read_dir(files.join(BROUGHT))?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.retain(|path| path.extension().is_some_and(|suffix| suffix == "crt"));
    paths.sort();
    let mut all = String::new();
    for path in paths {
        all.push_str(fs::read_to_string(&path)?.trim_end());
        all.push('\n');
    }
    let place = files.join(GATHERED);
    fs::create_dir_all(place.parent().unwrap_or(files))?;
    fs::write(place, all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_are_gathered_in_the_order_of_their_names() {
        let folder = tempfile::tempdir().unwrap();
        let brought = folder.path().join(BROUGHT);
        fs::create_dir_all(&brought).unwrap();
        for (name, text) in [("b.crt", "b"), ("a.crt", "a\n"), ("README", "no certificate")] {
            fs::write(brought.join(name), text).unwrap();
        }
        gather(folder.path()).unwrap();
        assert_eq!(fs::read_to_string(folder.path().join(GATHERED)).unwrap(), "a\nb\n");
        assert!(gather(&folder.path().join("nowhere")).is_err());
    }
}
