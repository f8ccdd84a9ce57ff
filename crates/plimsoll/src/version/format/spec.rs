//! RPM spec files: the `Version` tag of the preamble. <https://rpm-software-management.github.io/rpm/manual/spec.html>

use std::ops::Range;

use super::super::dialect::Dialect;
use super::super::place::Place;

/// What ends the preamble of the main package.
const SECTIONS: [&str; 12] = [
    "%description",
    "%package",
    "%prep",
    "%build",
    "%install",
    "%check",
    "%files",
    "%changelog",
    "%pre",
    "%post",
    "%generate_buildrequires",
    "%conf",
];

pub(super) fn places(text: &str) -> Result<Vec<Place>, String> {
    let mut places = Vec::new();
    let mut revision = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if SECTIONS.iter().any(|section| line.split_whitespace().next() == Some(section)) {
            break;
        }
        if let Some(span) = tag(line, "version").map(|span| span.start + at..span.end + at) {
            if text[span.clone()].contains('%') {
                return Err(format!("its Version is the macro `{}`; name the line that defines it by a pattern", &text[span]));
            }
            places.push(span);
        } else if let Some(span) = tag(line, "release") {
            let digits = line[span.clone()].bytes().take_while(u8::is_ascii_digit).count();
            revision = (digits > 0).then_some((span.start + at..span.start + at + digits, "1"));
        }
        at += line.len();
    }
    Ok(places.into_iter().map(|span| Place::packaged("Version", Dialect::Rpm, text, span, revision.clone())).collect())
}

/// The value of `Name: value`, whatever the name's case.
fn tag(line: &str, name: &str) -> Option<Range<usize>> {
    let (key, value) = line.split_once(':')?;
    if !key.trim().eq_ignore_ascii_case(name) {
        return None;
    }
    let bare = value.trim_start();
    let start = line.len() - bare.len();
    Some(start..start + bare.trim_end().len())
}
