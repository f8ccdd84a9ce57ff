//! Generated files: written, or held against what is committed.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

/// A generated file: path from the root of the workspace, and what it must hold.
pub type Page = (String, String);

/// What to do with pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Bring the files up to date.
    Write,
    /// Fail where a file differs.
    Check,
}

/// Writes or checks `pages`, and says what was found.
pub fn settle(root: &Path, pages: &[Page], mode: Mode) -> ExitCode {
    let mut bad = 0;
    for (name, wanted) in pages {
        let path = root.join(name);
        let found = fs::read_to_string(&path).ok();
        if found.as_deref() == Some(wanted) {
            continue;
        }
        if mode == Mode::Check {
            let what = if found.is_some() { "differs from what the sources give" } else { "is missing" };
            eprintln!("{name}: {what}; run `cargo xtask {}`", if name.ends_with(".json") { "schemas" } else { "reference" });
            bad += 1;
        } else if let Err(error) = write(&path, wanted) {
            eprintln!("{name}: {error}");
            bad += 1;
        } else {
            println!("{name}: written");
        }
    }
    println!("{} pages, {bad} bad", pages.len());
    if bad == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_or_missing_page_fails_the_check_and_writing_mends_it() {
        let folder = tempfile::tempdir().unwrap();
        let pages = vec![("docs/a.md".to_owned(), "text\n".to_owned())];
        let passes = |mode| format!("{:?}", settle(folder.path(), &pages, mode)) == format!("{:?}", ExitCode::SUCCESS);
        assert!(!passes(Mode::Check));
        assert!(passes(Mode::Write) && passes(Mode::Check));
        fs::write(folder.path().join("docs/a.md"), "other\n").unwrap();
        assert!(!passes(Mode::Check));
    }
}
