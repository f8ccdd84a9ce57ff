//! `VERSION`: the version and nothing else but white space around it.

use super::super::dialect::Dialect;
use super::super::place::Place;

pub(super) fn places(text: &str) -> Result<Vec<Place>, String> {
    let bare = text.trim_start_matches('\u{feff}').trim_start();
    let start = text.len() - bare.len();
    let length = bare.trim_end().len();
    Ok(vec![Place::whole("the file", Dialect::Semver, text, start..start + length)])
}
