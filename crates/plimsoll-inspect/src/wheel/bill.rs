//! Bills of materials in `.dist-info/sboms`: what in them differs with each build, and so makes the wheel differ.

use std::collections::BTreeSet;

use crate::python::{Findings, PackageCode, printable};

/// What stands before the number of a CycloneDX document.
const UUID: &str = "urn:uuid:";

/// Local files as cargo and others name them.
const FILE: &str = "file:///";

/// Where plimsoll builds: the same on every machine, and so none of anybody's.
const FIXED: &str = "/plimsoll/";

pub(super) fn judge(bytes: &[u8], place: &str, findings: &mut Findings) {
    let text = String::from_utf8_lossy(bytes);
    if let Some(uuid) = text.match_indices(UUID).find_map(|(at, _)| random(&text[at + UUID.len()..])) {
        let time = timestamp(&text).map(|time| format!(", made at {}", printable(time))).unwrap_or_default();
        let message = format!("has the random number {uuid}{time}: no two builds of the wheel are equal");
        let hint = "build with SOURCE_DATE_EPOCH set, or leave the bill of materials out (maturin: `sbom = false`)";
        findings.tell_of(place, PackageCode::UnreproducibleSbom, message, hint);
    }
    let paths = text.match_indices(FILE).map(|(at, _)| path(&text[at + FILE.len() - 1..])).filter(|path| path.len() > 1);
    let paths = paths.filter(|path| !path.starts_with(FIXED)).collect::<BTreeSet<_>>();
    if let Some(first) = paths.first() {
        let others = match paths.len() - 1 {
            0 => String::new(),
            1 => " and another path".to_owned(),
            others => format!(" and {others} other paths"),
        };
        let message = format!("names {}{others} of the machine that built it", printable(first));
        let hint = "make it from a build at a fixed path, or leave it out";
        findings.tell_of(place, PackageCode::LocalPath, message, hint);
    }
}

/// A UUID of version 4, all of which is random; others are made from a name, and are the same again.
fn random(text: &str) -> Option<&str> {
    let uuid = text.get(..36)?;
    let is_uuid = uuid.char_indices().all(|(index, c)| if [8, 13, 18, 23].contains(&index) { c == '-' } else { c.is_ascii_hexdigit() });
    (is_uuid && uuid.as_bytes()[14] == b'4').then_some(uuid)
}

fn timestamp(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("\"timestamp\"")?;
    let (_, rest) = rest.split_once('"')?;
    rest.split_once('"').map(|(time, _)| time).filter(|time| time.len() < 40)
}

/// Longest path that is read, in bytes: a text that has nothing else would be read over and over.
const LONGEST: usize = 4096;

fn path(text: &str) -> &str {
    let text = &text[..text.floor_char_boundary(LONGEST)];
    let end = text.find(|c: char| matches!(c, '"' | '#' | '?' | ')' | '\\') || c.is_whitespace()).unwrap_or(text.len());
    let path = &text[..end];
    // Drives stand behind the slash.
    if path.as_bytes().get(2) == Some(&b':') { &path[1..] } else { path }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let mut findings = Findings::default();
        judge(text.as_bytes(), "sbom", &mut findings);
        findings.finish().into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn random_numbers_and_local_paths_are_told() {
        let text = "{\"serialNumber\": \"urn:uuid:7c16bec8-3481-49c8-b752-7fd8e9ee962f\", \"timestamp\": \"2026-11-19T12:24:25Z\", \
                    \"a\": \"path+file:///home/ann/htty#0.2\", \"b\": \"path+file:///home/ann/x\"}";
        assert_eq!(
            told(text),
            [
                "has the random number 7c16bec8-3481-49c8-b752-7fd8e9ee962f, made at 2026-11-19T12:24:25Z: no two builds of the wheel are equal",
                "names /home/ann/htty and another path of the machine that built it",
            ]
        );
    }

    #[test]
    fn numbers_made_of_a_name_and_relative_paths_are_fine() {
        assert_eq!(told("urn:uuid:7c16bec8-3481-59c8-b752-7fd8e9ee962f download_url=file://. urn:uuid:é"), [""; 0]);
        assert_eq!(told("\"path+file:///plimsoll/src/core#0.2\""), [""; 0]);
    }
}
