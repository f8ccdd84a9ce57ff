//! The two outputs of the process. The only file that writes to them, and it takes nothing but [`Text`], and JSON.

use std::fmt::Write as _;
use std::io::{IsTerminal, Write};

use plimsoll_model::{Class, Failure, visible};
use serde::Serialize;

use super::{Manner, Paint, Text, failures};

/// The manner that fits where standard error goes.
pub fn manner(json: bool, quiet: bool) -> Manner {
    match (json || quiet, std::io::stderr().is_terminal()) {
        (true, _) => Manner::Silent,
        (false, true) => Manner::Terminal,
        (false, false) => Manner::Lines,
    }
}

/// Prints a result on standard output. A closed pipe is no error: the reader has seen enough.
///
/// # Errors
/// Where standard output takes no more for another reason, such as a full disk: a result that is cut off must not pass for one.
pub fn print(text: &Text) -> Result<(), Failure> {
    to_output(text.as_str())
}

/// Prints a document for scripts. Characters that are not seen, or steer a terminal, are escaped as JSON allows: the document is the same.
///
/// # Errors
/// As [`print`].
pub fn print_json<T: Serialize>(document: &T) -> Result<(), Failure> {
    to_output(&escaped(&String::from_utf8_lossy(&plimsoll_model::document_json(document))))
}

/// Prints a line or more on standard error.
pub fn print_error(text: &Text) {
    let mut out = std::io::stderr().lock();
    let _ = out.write_all(text.as_str().as_bytes()).and_then(|()| out.flush());
}

/// Prints one line on standard error.
pub fn note(line: impl std::fmt::Display) {
    print_error(Text::new(Paint::PLAIN).put(line).end());
}

/// Prints failures, the way a person reads them.
pub fn print_failures(failures: &[Failure], paint: Paint) {
    for failure in failures {
        print_error(&failures::render(failure, paint));
    }
}

/// Columns of the terminal that standard output goes to; none where it goes elsewhere.
pub fn columns() -> Option<usize> {
    let out = std::io::stdout();
    let (width, _) = terminal_size::terminal_size_of(&out).filter(|_| out.is_terminal())?;
    Some(usize::from(width.0)).filter(|columns| *columns > 0)
}

fn to_output(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Failure::new(Class::NotProven, "output", error.to_string())
            .about("standard output")
            .hint("what was printed is cut off: free room where it goes, or write it elsewhere, and run the command again")),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// JSON with `\u…` for every character that is not seen. Such characters stand in strings only; line ends between values stay.
fn escaped(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for character in json.chars() {
        if character == '\n' || !visible::is_unseen(character) {
            safe.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            let _ = write!(safe, "\\u{unit:04x}");
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_stays_what_it_was_and_is_seen() {
        let document = serde_json::json!({ "a\u{202e}": ["\u{9b}2J\u{7f}\u{1b}\n\t\"", "\u{200b}\u{e0041}ä👍"] });
        let text = String::from_utf8(plimsoll_model::document_json(&document)).unwrap();
        let safe = escaped(&text);
        assert!(safe.chars().all(|character| character == '\n' || !visible::is_unseen(character)), "{safe}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).unwrap(), document);
    }
}
