//! Alpine's `APKBUILD`: `pkgver`, and `pkgrel`, which starts again at 0. <https://wiki.alpinelinux.org/wiki/APKBUILD_Reference>

use std::ops::Range;

use super::super::dialect::Dialect;
use super::super::place::{Place, Revision};

pub(super) fn places(text: &str) -> Result<Vec<Place>, String> {
    let (mut versions, mut revision, mut at) = (Vec::new(), Revision::Kept, 0);
    for line in text.split_inclusive('\n') {
        let moved = |span: Range<usize>| span.start + at..span.end + at;
        versions.extend(assigned(line, "pkgver=").map(moved));
        if let Some(span) = assigned(line, "pkgrel=").map(moved) {
            revision = Revision::Again { span, first: "0".to_owned() };
        }
        at += line.len();
    }
    Ok(versions.into_iter().map(|span| Place::packaged("pkgver", Dialect::Apk, text, span, revision.clone(), None)).collect())
}

/// The value of an assignment at the start of a line, without quotes and comment.
fn assigned(line: &str, name: &str) -> Option<Range<usize>> {
    let value = line.strip_prefix(name)?;
    let bare = value.trim_start_matches(['"', '\'']);
    let start = line.len() - bare.len();
    let length = bare.find(|character: char| character.is_whitespace() || "\"'#;".contains(character)).unwrap_or(bare.len());
    Some(start..start + length)
}
