//! What a change does to a text, as lines that people know from git.

use similar::TextDiff;

/// Lines around a change.
const CONTEXT: usize = 1;

/// A unified diff of one file.
pub fn unified(path: &str, old: &str, new: &str) -> String {
    TextDiff::from_lines(old, new).unified_diff().context_radius(CONTEXT).header(&format!("a/{path}"), &format!("b/{path}")).to_string()
}
