//! The load line as an HTML page: one file, no script, nothing fetched from elsewhere.

use std::fmt::Write;

use plimsoll_model::visible;

use super::{Cell, LoadLine, State, Tone};
use crate::report::bytes;

const STYLE: &str = "\
:root{color-scheme:light dark;--line:#8884;--good:#1a7f37;--open:#9a6700;--bad:#cf222e;--faint:#656d76}
@media(prefers-color-scheme:dark){:root{--good:#3fb950;--open:#d29922;--bad:#f85149;--faint:#8b949e}}
body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:3rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.5rem .75rem;border-bottom:1px solid var(--line);vertical-align:top}
th{font-weight:600}code{font:.9em ui-monospace,monospace}.state{font-weight:600;white-space:nowrap}
.good{color:var(--good)}.open,.note{color:var(--open)}.bad{color:var(--bad)}.legend{color:var(--faint);font-size:.9em}
.target,.floor,.size{white-space:nowrap}.why{overflow-wrap:anywhere}
@media(max-width:48rem){body{margin:1rem auto}thead{display:none}table,tbody{display:block}
tr{display:flow-root;padding:.75rem 0;border-bottom:1px solid var(--line)}td{display:block;border:0;padding:.1rem 0;white-space:normal}
.artifact,.state{display:inline}.how,.floor,.size{display:inline}
.how::before{content:\"\\a\";white-space:pre}.artifact::after,.how::after,.floor::after{content:\" ·\";color:var(--faint)}}";

const LEGEND: &str = "Proven: built, inspected and run in each root that is named. In brackets stands what ran it: <em>native</em> is a machine \
    of the artifact’s own kind, anything else an emulator with its version.";

/// The page. Between cells stands a space, where a phone may break the line.
pub(super) fn render(line: &LoadLine) -> String {
    let title = format!("{} {}", escaped(line.name.as_str()), escaped(&line.version.to_string()));
    let mut text = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <title>{title}</title><style>{STYLE}</style></head>\n<body><h1>{title}</h1>\n"
    );
    for note in &line.notes {
        let _ = writeln!(text, "<p class=\"note\">{}</p>", escaped(note));
    }
    text.push_str(
        "<table><thead><tr><th>Target</th><th>Artifact</th><th>State</th><th>How, or why not</th><th>Floor</th><th>Size</th></tr></thead><tbody>\n",
    );
    line.cells.iter().for_each(|cell| row(&mut text, cell));
    let _ = writeln!(text, "</tbody></table>\n<p class=\"legend\">{LEGEND}</p>\n</body></html>");
    text
}

fn row(text: &mut String, cell: &Cell) {
    let class = match cell.state.tone() {
        Tone::Good => "good",
        Tone::Open => "open",
        Tone::Bad => "bad",
    };
    let _ = write!(
        text,
        "<tr><td class=\"target\"><code>{}</code></td> <td class=\"artifact\">{}</td> <td class=\"state {class}\">{}</td> ",
        escaped(&cell.target_text()),
        escaped(cell.artifact.label()),
        cell.state.word()
    );
    let _ = match &cell.state {
        State::Proven(claim) => writeln!(
            text,
            "<td class=\"how\">{}{}</td> <td class=\"floor\">{}</td> <td class=\"size\">{}</td></tr>",
            escaped(&claim.how()),
            claim.plain().map(|plain| format!(", {}", escaped(&plain))).unwrap_or_default(),
            escaped(&claim.floor()),
            bytes(claim.size)
        ),
        State::Gap(_) | State::NotTried => writeln!(text, "<td class=\"why\" colspan=\"3\">{}</td></tr>", escaped(&cell.state.told())),
    };
}

fn escaped(text: &str) -> String {
    visible::folded(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
