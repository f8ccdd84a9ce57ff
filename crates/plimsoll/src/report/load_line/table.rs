//! The load line for a terminal: a cell a line where there is room, and otherwise below its target.

use std::fmt::Write;

use unicode_width::UnicodeWidthStr;

use super::{Cell, LoadLine, Tone};
use crate::report::{Paint, visible};

/// Columns between two columns of the table.
const GUTTER: usize = 2;
/// Columns of a state: `elsewhere`, `not tried`.
const STATE: usize = 9;
/// A reason is not squeezed into fewer columns than this.
const READABLE: usize = 40;

/// Where the parts of a cell stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Target, artifact, state and reason side by side.
    Beside,
    /// The target above.
    Below,
    /// The target above, and the reason beneath.
    Beneath,
}

/// The form that fits, with what it needs to be drawn.
struct Layout {
    form: Form,
    targets: usize,
    labels: usize,
    width: usize,
}

/// The line for a terminal of `width` columns; without a width, nothing is broken.
pub(super) fn render(line: &LoadLine, paint: Paint, width: Option<usize>) -> String {
    let mut text = format!("{} {}\n", paint.strong(&line.name), paint.strong(&line.version));
    let layout = Layout::of(line, width.unwrap_or(usize::MAX));
    let mut above = None;
    for cell in &line.cells {
        if layout.form != Form::Beside && above != Some(&cell.target) {
            let _ = writeln!(text, "{}{}", " ".repeat(GUTTER), cell.target_text());
            above = Some(&cell.target);
        }
        layout.cell(&mut text, cell, paint);
    }
    for note in &line.notes {
        for part in wrapped(&visible(note), layout.width) {
            let _ = writeln!(text, "{}", paint.warning(part));
        }
    }
    text
}

impl Layout {
    fn of(line: &LoadLine, width: usize) -> Self {
        let widest = |widths: &mut dyn Iterator<Item = usize>| widths.max().unwrap_or_default();
        let targets = widest(&mut line.cells.iter().map(|cell| cell.target_text().width()));
        let labels = widest(&mut line.cells.iter().map(|cell| cell.artifact.label().width()));
        let told = widest(&mut line.cells.iter().map(|cell| cell.state.told().width()));
        let fits = |form: &Form| Self { form: *form, targets, labels, width }.indent() + told.min(READABLE) <= width;
        let form = [Form::Beside, Form::Below].into_iter().find(fits).unwrap_or(Form::Beneath);
        Self { form, targets, labels, width }
    }

    /// Columns before the reason.
    fn indent(&self) -> usize {
        match self.form {
            Form::Beside => GUTTER + self.targets + GUTTER + self.labels + GUTTER + STATE + GUTTER,
            Form::Below => GUTTER + GUTTER + self.labels + GUTTER + STATE + GUTTER,
            Form::Beneath => GUTTER + GUTTER + GUTTER,
        }
    }

    fn cell(&self, text: &mut String, cell: &Cell, paint: Paint) {
        let (target, label) = (cell.target_text(), cell.artifact.label());
        let word = cell.state.word();
        let mark = match cell.state.tone() {
            Tone::Good => paint.good(word),
            Tone::Open => paint.warning(word),
            Tone::Bad => paint.bad(word),
        };
        let (gap, targets, labels) = (" ".repeat(GUTTER), self.targets, self.labels);
        let head = match self.form {
            Form::Beside => format!("{gap}{target:<targets$}{gap}{label:<labels$}{gap}{mark}"),
            Form::Below | Form::Beneath => format!("{gap}{gap}{label:<labels$}{gap}{mark}"),
        };
        text.push_str(&head);
        let indent = self.indent();
        for (at, part) in wrapped(&cell.state.told(), self.width.saturating_sub(indent)).into_iter().enumerate() {
            match (at, self.form) {
                (0, Form::Beside | Form::Below) => {
                    let pad = " ".repeat(STATE.saturating_sub(word.width()) + GUTTER);
                    let _ = write!(text, "{pad}{part}");
                }
                _ => {
                    let _ = write!(text, "\n{}{part}", " ".repeat(indent));
                }
            }
        }
        text.push('\n');
    }
}

/// Lines of no more than `width` columns; a longer word has a line of its own.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.width() + 1 + word.width() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
