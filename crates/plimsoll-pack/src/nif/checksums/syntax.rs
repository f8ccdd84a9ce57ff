//! Reads a checksum map: `%{ "name" => "sha256:…", … }`, with comments and nothing else.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use plimsoll_model::Digest;

use super::MOST_BYTES;
use super::error::{ChecksumSyntax, Expected};
use super::scan::Scan;
use crate::shown::shown;

/// Entries with their digests and lines.
pub(super) type Lines = BTreeMap<String, (Digest, u32)>;

pub(super) fn parse(text: &str) -> Result<Lines, ChecksumSyntax> {
    if text.len() > MOST_BYTES {
        return Err(ChecksumSyntax::Long { bytes: text.len() });
    }
    let mut scan = Scan::new(text.strip_prefix('\u{feff}').unwrap_or(text));
    scan.skip();
    if !scan.take("%{") {
        return Err(scan.wrong(Expected::Opening));
    }
    let mut lines = Lines::new();
    loop {
        scan.skip();
        if scan.take("}") {
            break;
        }
        entry(&mut scan, &mut lines)?;
        scan.skip();
        if !scan.take(",") && scan.peek() != Some('}') {
            return Err(scan.wrong(Expected::Comma));
        }
    }
    scan.skip();
    if scan.peek().is_some() { Err(scan.wrong(Expected::End)) } else { Ok(lines) }
}

fn entry(scan: &mut Scan<'_>, lines: &mut Lines) -> Result<(), ChecksumSyntax> {
    let line = scan.line;
    let file_name = scan.string()?;
    scan.skip();
    if !scan.take("=>") {
        return Err(scan.wrong(Expected::Arrow));
    }
    scan.skip();
    let value_line = scan.line;
    let value = scan.string()?;
    let digest = value.strip_prefix("sha256:").and_then(|hex| hex.parse().ok());
    let digest = digest.ok_or_else(|| ChecksumSyntax::Value { line: value_line, file_name: shown(&file_name), value: shown(&value) })?;
    match lines.entry(file_name) {
        Entry::Occupied(taken) => Err(ChecksumSyntax::Twice { line, file_name: shown(taken.key()), first: taken.get().1 }),
        Entry::Vacant(free) => {
            free.insert((digest, line));
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb";

    fn message(text: &str) -> String {
        parse(&text.replace("HEX", HEX)).unwrap_err().to_string()
    }

    #[test]
    fn comments_spaces_and_escapes_are_read() {
        let text = format!("# made by hand\n%{{\"a\\x2e\\u0062\" =>\n \"sha256:{HEX}\" # one\n}}\n\n");
        assert_eq!(parse(&text).unwrap(), Lines::from([("a.b".to_owned(), (Digest::of(b"a"), 2))]));
        assert!(parse("%{}").unwrap().is_empty());
    }

    #[test]
    fn whatever_is_no_plain_map_says_where() {
        for (text, expected) in [
            ("", "line 1, column 1: expected `%{`, found the end of the file"),
            ("[]", "line 1, column 1: expected `%{`, found `[]`"),
            ("%{\n  a: 1}", "line 2, column 3: expected a string in double quotes, found `a: 1}`"),
            ("%{\"a\" -> \"b\"}", "line 1, column 7: expected `=>`, found `-> \\\"b\\\"}`"),
            ("%{\"a\" => \"sha256:HEX\" \"b\"}", "line 1, column 84: expected `,` or `}`, found `\\\"b\\\"}`"),
            ("%{\"a\" => \"sha256:HEX\"", "line 1, column 83: expected `,` or `}`, found the end of the file"),
            ("%{} |> IO.inspect()", "line 1, column 5: expected the end of the file after the map, found `|> IO.inspec`"),
            ("%{\"a", "line 1, column 5: expected the closing `\"` of the string, found the end of the file"),
            ("%{\"a\\q\" => 1}", "line 1, column 6: expected an escape sequence of a plain string, found `q\\\" => 1}`"),
            ("%{\"#{System.halt()}\" => 1}", "line 1, column 4: `#{` in a string runs code; a checksum map holds plain strings only"),
            (
                "%{\n\"a\" => \"sha256:12\"}",
                "line 2: the checksum of `a` is `sha256:12`, not `sha256:` and 64 lowercase hexadecimal characters",
            ),
            (
                "%{\"a\" => \"sha512:HEX\"}",
                &format!("line 1: the checksum of `a` is `sha512:{HEX}`, not `sha256:` and 64 lowercase hexadecimal characters"),
            ),
            ("%{\"a\" => \"sha256:HEX\",\n\"a\" => \"sha256:HEX\"}", "line 2: `a` stands on line 1 already"),
        ] {
            assert_eq!(message(text), expected, "{text}");
        }
        let long = format!("%{{}}{}", " ".repeat(MOST_BYTES));
        assert!(matches!(parse(&long), Err(ChecksumSyntax::Long { .. })));
    }
}
