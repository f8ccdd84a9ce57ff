//! The load line as an HTML page: one file, no script, nothing fetched from elsewhere.

use std::fmt::Write;

use super::load_line::{CellState, LoadLine};

const STYLE: &str = "\
:root{color-scheme:light dark;--line:#8884;--good:#1a7f37;--gap:#9a6700;--bad:#cf222e}
@media(prefers-color-scheme:dark){:root{--good:#3fb950;--gap:#d29922;--bad:#f85149}}
body{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:3rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.5rem .75rem;border-bottom:1px solid var(--line);vertical-align:top}
th{font-weight:600}code{font:.9em ui-monospace,monospace}.state{font-weight:600;white-space:nowrap}
.proven{color:var(--good)}.gap{color:var(--gap)}.failed{color:var(--bad)}.note{color:var(--gap)}
td:first-child{white-space:nowrap}td:last-child{overflow-wrap:anywhere}
@media(max-width:40rem){body{margin:1rem auto}thead{display:none}tr{display:block;padding:.5rem 0;border-bottom:1px solid var(--line)}\
td{display:block;border:0;padding:.1rem 0}}";

/// The page.
pub(super) fn render(line: &LoadLine) -> String {
    let title = format!("{} {}", escape(&line.name), escape(&line.version));
    let mut text = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title}</title><style>{STYLE}</style></head>\n<body><h1>{title}</h1>\n"
    );
    for note in &line.notes {
        let _ = writeln!(text, "<p class=\"note\">{}</p>", escape(note));
    }
    text.push_str("<table><thead><tr><th>Target</th><th>Artifact</th><th>State</th><th>How</th></tr></thead><tbody>\n");
    for cell in &line.cells {
        let class = match &cell.state {
            CellState::Proven { .. } => "proven",
            CellState::Gap { kind: "failed", .. } => "failed",
            CellState::Gap { .. } => "gap",
        };
        let _ = writeln!(
            text,
            "<tr><td><code>{}</code></td><td>{}</td><td class=\"state {class}\">{}</td><td>{}</td></tr>",
            escape(&cell.target_text()),
            escape(cell.artifact.label()),
            escape(cell.word()),
            escape(&cell.told())
        );
    }
    text.push_str("</tbody></table>\n</body></html>\n");
    text
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::load_line::Cell;

    #[test]
    fn reasons_from_a_manifest_cannot_write_markup() {
        let cell = Cell::untold("archive.x/x86_64-unknown-linux-gnu".parse().unwrap(), "planned", "<script>alert(1)</script>");
        let page = render(&LoadLine::new("x".to_owned(), "1.0.0".to_owned(), Vec::new(), vec![cell]));
        assert!(page.contains("&lt;script&gt;") && !page.contains("<script"));
    }
}
