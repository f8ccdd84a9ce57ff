//! What of a failed build's words a person is shown: cargo's errors and the first lines of a compiler. The words whole are kept in a file.
//!
//! A link that fails prints the command line of the linker, which may be longer than all else together.

use std::path::{Path, PathBuf};

use plimsoll_model::Failure;

use super::paths::BuildPaths;

/// The file beside the mirror.
const LOG: &str = "build.log";

/// A longer line than this, in characters, is shown by its beginning.
const WIDTH: usize = 400;

/// Lines that are shown from the beginning, and of the end if there are more.
const FIRST: usize = 28;
const LAST: usize = 12;

/// What cargo does while all is well, each in a column that ends at the twelfth character.
const PROGRESS: [&str; 16] = [
    "Compiling",
    "Downloading",
    "Downloaded",
    "Updating",
    "Locking",
    "Adding",
    "Blocking",
    "Finished",
    "Fresh",
    "Building",
    "Checking",
    "Running",
    "Dirty",
    "Unpacking",
    "Fetching",
    "Installing",
];

/// The lines that say what went wrong.
pub(super) fn excerpt(said: &str) -> String {
    let mut kept = Vec::new();
    let (mut in_warning, mut in_output) = (false, false);
    for line in said.lines() {
        let words = line.trim();
        let is_error = words.contains("error:") || words.contains("error[");
        if line.starts_with("error") {
            (in_warning, in_output) = (false, false);
        } else if line.starts_with("warning") {
            in_warning = true;
        }
        match words {
            "--- stdout" => in_output = true,
            "--- stderr" => in_output = false,
            _ if (in_warning || in_output) && !is_error => {}
            _ if is_progress(line) || is_command_line(words) || words.starts_with("cargo:") && !is_error => {}
            _ => kept.push(shortened(line)),
        }
    }
    // Nothing says that it is an error: then the last words have to do.
    if !kept.iter().any(|line| line.contains("error")) {
        kept = said.lines().filter(|line| !is_command_line(line.trim())).map(shortened).collect();
        kept.drain(..kept.len().saturating_sub(FIRST + LAST));
    }
    kept.dedup_by(|line, before| line.trim().is_empty() && before.trim().is_empty());
    let more = kept.len().saturating_sub(FIRST + LAST);
    if more > 0 {
        kept.splice(FIRST..FIRST + more, [format!("[… {more} lines …]")]);
    }
    kept.join("\n").trim_matches('\n').to_owned()
}

fn is_progress(line: &str) -> bool {
    line.starts_with(' ')
        && line.split_whitespace().next().is_some_and(|word| PROGRESS.contains(&word) && line.find(word) == Some(12 - word.len()))
}

/// A linker's or a compiler's words in quotes, as rustc and `cc` print them.
fn is_command_line(words: &str) -> bool {
    let words = words.trim_start_matches("= ").trim_start_matches("note:").trim_start();
    let quoted = words.matches("\" \"").count();
    quoted > 3 && (words.starts_with(['"', '[']) || words.starts_with("LC_ALL=") || words.starts_with("env ") || words.contains("PATH="))
}

fn shortened(line: &str) -> String {
    let length = line.chars().count();
    if length <= WIDTH {
        return line.trim_end().to_owned();
    }
    let begin = line.chars().take(WIDTH).collect::<String>();
    format!("{begin} [… {} characters]", length - WIDTH)
}

/// Keeps what a build said whole; says where. That it cannot be kept is no reason to say less of why the build failed.
pub(super) fn keep(said: &str, place: &BuildPaths) -> Option<PathBuf> {
    let path = place.on_host(&place.seen.target).with_file_name(LOG);
    std::fs::write(&path, said).ok().map(|()| path)
}

/// A failure with what is shown of the words, and where all of them are.
pub(super) fn with_words(failure: Failure, said: &str, log: Option<&Path>) -> Failure {
    let shown = excerpt(said);
    let failure = failure.cause("said", shown.clone());
    match log.filter(|_| shown.trim() != said.trim()) {
        Some(log) => failure.cause("log", log.display().to_string()),
        None => failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_link_is_shown_without_its_command_line() {
        let words = "\"/store/zigcc-x.sh\" \"-m64\" \"/tmp/symbols.o\" \"-lz\" \"-o\" \"/t/app\" ".repeat(200);
        let said = format!(
            "   Compiling libc v0.2.0\nwarning: unused variable\n --> src/main.rs:1:1\n\nerror: linking with `/store/zigcc-x.sh` failed: exit status: 1\n  |\n  = \
             note:  {words}\n  = note: some arguments are omitted\n  = note: error: unable to find dynamic system library 'z'\n\nerror: could not compile `app`\n"
        );
        let shown = excerpt(&said);
        assert_eq!(
            shown,
            "error: linking with `/store/zigcc-x.sh` failed: exit status: 1\n  |\n  = note: some arguments are omitted\n  = note: error: unable to find dynamic \
             system library 'z'\n\nerror: could not compile `app`"
        );
    }

    #[test]
    fn of_a_build_script_its_errors_are_shown_and_not_what_it_tells_cargo() {
        let said = "   Compiling speaks v0.1.0\nwarning: speaks@0.1.0: src/a.c:1:10: fatal error: 'x.h' file not found\nwarning: speaks@0.1.0: a note\nerror: failed \
                    to run custom build command for `speaks v0.1.0`\n\nCaused by:\n  process didn't exit successfully\n  --- stdout\n  OPT_LEVEL = Some(3)\n  \
                    cargo:rerun-if-env-changed=CC\n\n  --- stderr\n  error occurred in cc-rs\n";
        assert_eq!(
            excerpt(said),
            "warning: speaks@0.1.0: src/a.c:1:10: fatal error: 'x.h' file not found\nerror: failed to run custom build command for `speaks v0.1.0`\n\nCaused \
             by:\n  process didn't exit successfully\n  error occurred in cc-rs"
        );
    }

    #[test]
    fn long_words_are_bounded_and_words_without_an_error_end_them() {
        let many = (0..200).map(|n| format!("error: {n}")).collect::<Vec<_>>().join("\n");
        let shown = excerpt(&many);
        assert_eq!((shown.lines().count(), shown.lines().last()), (FIRST + LAST + 1, Some("error: 199")));
        assert!(excerpt(&format!("error: {}", "ä".repeat(5000))).len() < 1000);
        assert_eq!(excerpt("make: nothing to be done\ncc: cannot open x"), "make: nothing to be done\ncc: cannot open x");
        assert_eq!(excerpt(""), "");
    }
}
