//! The load line for a terminal: a cell a line where there is room, and otherwise below its target.

use plimsoll_model::{Target, visible};
use unicode_width::UnicodeWidthStr;

use super::{Cell, LoadLine, Tone};
use crate::report::{Paint, Style, Text};

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
pub(super) fn render(line: &LoadLine, paint: Paint, width: Option<usize>) -> Text {
    let mut text = Text::new(paint);
    text.strong(&line.name).put(" ").strong(&line.version).end();
    let layout = Layout::of(line, width.unwrap_or(usize::MAX));
    let mut above = None;
    for cell in proven_first(line) {
        if layout.form != Form::Beside && above != Some(&cell.target) {
            text.put(" ".repeat(GUTTER)).put(cell.target_text()).end();
            above = Some(&cell.target);
        }
        layout.cell(&mut text, cell);
    }
    for note in &line.notes {
        for part in wrapped(&visible::folded(note), layout.width) {
            text.warning(part).end();
        }
    }
    text
}

/// Targets of which something is proven come first; those of one target stay together.
pub(super) fn proven_first(line: &LoadLine) -> Vec<&Cell> {
    let is_proven = |target: &Option<Target>| line.cells.iter().any(|cell| cell.target == *target && cell.state.tone() == Tone::Good);
    let mut cells = line.cells.iter().collect::<Vec<_>>();
    cells.sort_by_key(|cell| !is_proven(&cell.target));
    cells
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

    fn cell(&self, text: &mut Text, cell: &Cell) {
        let (target, label) = (cell.target_text(), cell.artifact.label());
        let word = cell.state.word();
        let style = match cell.state.tone() {
            Tone::Good => Style::Good,
            Tone::Open => Style::Warning,
            Tone::Bad => Style::Bad,
        };
        let (gap, targets, labels) = (" ".repeat(GUTTER), self.targets, self.labels);
        let head = match self.form {
            Form::Beside => format!("{gap}{target:<targets$}{gap}{label:<labels$}{gap}"),
            Form::Below | Form::Beneath => format!("{gap}{gap}{label:<labels$}{gap}"),
        };
        text.put(head).styled(style, word);
        let indent = self.indent();
        for (at, part) in wrapped(&cell.state.told(), self.width.saturating_sub(indent)).into_iter().enumerate() {
            match (at, self.form) {
                (0, Form::Beside | Form::Below) => text.put(" ".repeat(STATE.saturating_sub(word.width()) + GUTTER)).put(part),
                _ => text.end().put(" ".repeat(indent)).put(part),
            };
        }
        text.end();
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
