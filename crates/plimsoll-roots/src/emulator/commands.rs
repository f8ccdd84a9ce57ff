//! Commands by which a script starts emulated programs: the kernel would not know them, so each has a small script of its name before it in
//! PATH that starts it under the emulator.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use plimsoll_store::{platform, programs};

use super::Start;

/// The folder, as the root sees it.
pub(crate) const INSIDE: &str = "/plimsoll/emulated";

/// More programs than any folder of a system has.
const MOST: usize = 20_000;

/// Writes one command for every program in `folders`, pairs of where a folder lies on the host and where the root sees it; of two programs of
/// one name the first counts, as in PATH.
pub(crate) fn write(into: &Path, start: &Start, folders: &[(PathBuf, PathBuf)]) -> io::Result<()> {
    let Some(shell) = &start.shell else { return Ok(()) };
    let before = start.words.iter().map(|word| quoted(&word.to_string_lossy())).collect::<Vec<_>>().join(" ");
    fs::create_dir_all(into)?;
    for (host, inside) in folders {
        let Ok(entries) = fs::read_dir(host) else { continue };
        for entry in entries.take(MOST).flatten() {
            let Some(name) = entry.file_name().to_str().map(str::to_owned) else { continue };
            if !is_program(&entry.path(), &name) {
                continue;
            }
            let program = quoted(&inside.join(&name).to_string_lossy());
            let text = format!("#!{}\nexec {before} {program} \"$@\"\n", shell.display());
            // Users type the name without the suffix.
            let names = [Some(name.as_str()), name.strip_suffix(".exe")];
            for name in names.into_iter().flatten() {
                let path = into.join(name);
                if !path.exists() {
                    programs::write(&path, text.as_bytes())?;
                }
            }
        }
    }
    Ok(())
}

/// Whether something in a folder of programs is one. A link that leads nowhere may lead to one within the root.
fn is_program(path: &Path, name: &str) -> bool {
    match fs::metadata(path) {
        Ok(data) => data.is_file() && (platform::mode(&data) & 0o111 != 0 || name.ends_with(".exe")),
        Err(_) => fs::symlink_metadata(path).is_ok_and(|data| data.is_symlink()),
    }
}

/// A word as a shell reads it.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_starts_the_program_under_the_emulator() {
        let folder = tempfile::tempdir().unwrap();
        let programs = folder.path().join("it's here");
        fs::create_dir(&programs).unwrap();
        for (name, mode) in [("tool.exe", 0o644), ("notes.txt", 0o644), ("run", 0o755)] {
            fs::write(programs.join(name), "").unwrap();
            platform::set_mode(&programs.join(name), mode).unwrap();
        }
        let into = folder.path().join("commands");
        let start =
            Start { words: vec!["/usr/bin/env".into(), "printf".into(), "%s|".into()], shell: Some("/bin/sh".into()), ..Start::default() };
        write(&into, &start, &[(programs, "/opt/it's here".into())]).unwrap();
        let mut names = fs::read_dir(&into).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect::<Vec<_>>();
        names.sort();
        assert_eq!(names, ["run", "tool", "tool.exe"]);
        let text = fs::read_to_string(into.join("tool")).unwrap();
        assert_eq!(text, "#!/bin/sh\nexec '/usr/bin/env' 'printf' '%s|' '/opt/it'\\''s here/tool.exe' \"$@\"\n");
    }
}
