//! Copies of this machine's programs that the kernel starts by itself where it has all others run by qemu: a rule about this machine's own
//! processor would else take qemu for a program to be emulated by qemu.
//!
//! The mark is the last byte of an ELF file's identification, which is padding: zero in every program, and looked at by no loader (System V ABI,
//! "ELF Identification").

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use plimsoll_model::Digest;
use plimsoll_store::programs;

/// Where the mark stands.
const AT: usize = 15;
const MARK: u8 = 1;

/// A marked copy of a program, kept in `folder` under the digest of what it was made of.
pub(super) fn copy(program: &Path, folder: &Path) -> Result<PathBuf, String> {
    let failed = |path: &Path, error: &std::io::Error| format!("{}: {error}", path.display());
    let mut bytes = fs::read(program).map_err(|error| failed(program, &error))?;
    let name = program.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let place = folder.join(format!("marked-{name}-{}", Digest::of(&bytes).short()));
    if place.is_file() {
        return Ok(place);
    }
    mark(&mut bytes).ok_or_else(|| format!("{} is no program that can be marked", program.display()))?;
    fs::create_dir_all(folder).map_err(|error| failed(folder, &error))?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|error| failed(folder, &error))?;
    file.write_all(&bytes).and_then(|()| programs::persist(file, 0o755, &place)).map_err(|error| failed(&place, &error))?;
    Ok(place)
}

fn mark(bytes: &mut [u8]) -> Option<()> {
    let is_program = bytes.starts_with(b"\x7fELF");
    bytes.get_mut(AT).filter(|byte| is_program && **byte == 0).map(|byte| *byte = MARK)
}

/// The rule by which the kernel has every unmarked program of x86-64 run by `qemu` (binfmt_misc, "Kernel Support for miscellaneous Binary
/// Formats"): `:name:M:offset:magic:mask:interpreter:flags`, with F, which opens the interpreter at once.
pub(super) fn registration(qemu: &Path) -> String {
    // Class, order and version; any system; no mark; a program or a shared object, for x86-64.
    let magic = b"\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x3e\x00";
    let mask = b"\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00\x00\xff\xfe\xff\xff\xff";
    let escaped = |bytes: &[u8]| bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect::<String>();
    format!(":plimsoll:M:0:{}:{}:{}:F", escaped(magic), escaped(mask), qemu.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_programs_are_marked_and_once() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("program");
        let mut bytes = b"\x7fELF\x02\x01\x01".to_vec();
        bytes.resize(64, 0);
        fs::write(&program, &bytes).unwrap();
        let marked = copy(&program, folder.path()).unwrap();
        bytes[AT] = MARK;
        assert_eq!(fs::read(&marked).unwrap(), bytes);
        assert_eq!(copy(&program, folder.path()).unwrap(), marked);
        assert!(copy(&marked, folder.path()).is_err());
        fs::write(&program, "#!/bin/sh\n").unwrap();
        assert!(copy(&program, folder.path()).is_err());
        assert!(registration(Path::new("/q")).ends_with("\\xff\\xfe\\xff\\xff\\xff:/q:F"));
    }
}
