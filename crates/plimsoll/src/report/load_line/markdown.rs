//! The load line as a table of GitHub Flavored Markdown: a row a target, a column an artifact.

use std::collections::BTreeMap;
use std::fmt::Write;

use plimsoll_model::visible;

use super::LoadLine;

/// The table, and below it the notes.
pub(super) fn render(line: &LoadLine) -> String {
    let labels = line.cells.iter().map(|cell| cell.artifact.label()).collect::<std::collections::BTreeSet<_>>();
    let mut rows: BTreeMap<_, BTreeMap<&str, String>> = BTreeMap::new();
    for cell in &line.cells {
        let text = format!("{}: {}", cell.state.word(), escaped(&cell.state.told()));
        rows.entry((&cell.target, cell.target_text()))
            .or_insert_with(|| BTreeMap::from([("", cell.target_text())]))
            .insert(cell.artifact.label(), text);
    }
    let mut text = format!("| {} {} |", escaped(line.name.as_str()), escaped(&line.version.to_string()));
    for label in &labels {
        let _ = write!(text, " `{label}` |");
    }
    let _ = writeln!(text, "\n|---|{}", "---|".repeat(labels.len()));
    for cells in rows.values() {
        let told = |label: &str| cells.get(label).map_or("", String::as_str);
        let _ = write!(text, "| `{}` |", told(""));
        for label in &labels {
            let _ = write!(text, " {} |", told(label));
        }
        text.push('\n');
    }
    for note in &line.notes {
        let _ = writeln!(text, "\n{}", escaped(note));
    }
    text
}

/// Text that is no markup wherever it stands in a line: every sign that could begin some is escaped, and lines are joined.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in visible::folded(text).chars() {
        match character {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '!' | '#' | '$' => safe.extend(['\\', character]),
            _ => safe.push(character),
        }
    }
    safe
}
