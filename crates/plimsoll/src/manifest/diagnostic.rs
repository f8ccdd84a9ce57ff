//! What is wrong with a manifest, and where: collected, sorted, rendered with the lines concerned. Must not decide what is wrong.

use std::fmt;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use plimsoll_model::{Class, Failure, visible};

/// More than a person reads at once; a hostile file has no use of our memory.
const MAX_DIAGNOSTICS: usize = 50;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable, kebab-case: `unknown-key`.
    pub code: &'static str,
    /// One lowercase sentence without a full stop.
    pub message: String,
    /// Where, in bytes of the text; empty at 0 for what is missing from the file as a whole.
    pub span: Range<usize>,
    /// A few words below the place; may be empty.
    pub label: String,
    /// A second place that has to do with it, with its words.
    pub context: Option<(Range<usize>, String)>,
    /// What to do.
    pub hint: Option<String>,
}

impl Diagnostic {
    /// A diagnostic without label, second place and hint.
    pub fn new(code: &'static str, span: &Range<usize>, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), span: span.clone(), label: String::new(), context: None, hint: None }
    }

    /// Words below the place.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// A second place.
    #[must_use]
    pub fn context(mut self, span: &Range<usize>, label: impl Into<String>) -> Self {
        self.context = Some((span.clone(), label.into()));
        self
    }

    /// What to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// What to do, where something is known.
    #[must_use]
    pub fn maybe_hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint.or(self.hint);
        self
    }
}

/// The diagnostics of one reading.
#[derive(Debug, Default)]
pub(crate) struct Diagnostics {
    list: Vec<Diagnostic>,
    omitted: usize,
    misread: bool,
}

impl Diagnostics {
    /// Adds one.
    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        if self.list.len() < MAX_DIAGNOSTICS {
            self.list.push(diagnostic);
        } else {
            self.omitted += 1;
        }
    }

    /// Adds one about something that is not there; left out when a part of the file could not be read, where it may well have been.
    pub(crate) fn push_absence(&mut self, diagnostic: Diagnostic) {
        if !self.misread {
            self.push(diagnostic);
        }
    }

    /// From here on, what could not be read so far makes absences doubtful.
    pub(crate) fn reading_is_over(&mut self) {
        self.misread = !self.is_empty();
    }

    /// How many there are so far.
    pub(crate) fn count(&self) -> usize {
        self.list.len() + self.omitted
    }

    /// Whether more would only be counted: finding out what to suggest is then a waste.
    pub(crate) fn is_full(&self) -> bool {
        self.list.len() >= MAX_DIAGNOSTICS
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The error, its diagnostics in the order of the text.
    pub(crate) fn into_error(mut self, path: &str, text: &str) -> ManifestError {
        if self.list.is_empty() {
            self.push(Diagnostic::new("unclear", &(0..0), "the manifest could not be checked"));
        }
        self.list.sort_by(|a, b| (a.span.start, a.span.end, a.code, &a.message).cmp(&(b.span.start, b.span.end, b.code, &b.message)));
        self.list.dedup();
        ManifestError { path: path.to_owned(), text: text.to_owned(), diagnostics: self.list, omitted: self.omitted }
    }
}

/// Everything that is wrong with a manifest. Displayed plain, as [`ManifestError::render`] gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestError {
    path: String,
    text: String,
    diagnostics: Vec<Diagnostic>,
    omitted: usize,
}

impl ManifestError {
    /// What is wrong, in the order of the text; never empty.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// Line and column of a place, from 1; the column counts characters.
    pub fn line_and_column(&self, offset: usize) -> (usize, usize) {
        let before = &self.text[..boundary(&self.text, offset)];
        let line = before.rsplit('\n').next().unwrap_or_default();
        (before.matches('\n').count() + 1, line.chars().count() + 1)
    }

    /// All of it with the lines concerned, for a terminal that shows colours or for one that does not. Text of others holds no escape
    /// sequence in it; what else is not seen, in the lines of the file, is left to whoever prints it.
    pub fn render(&self, coloured: bool) -> String {
        let renderer = if coloured { Renderer::styled() } else { Renderer::plain() };
        let mut text = self.diagnostics.iter().map(|diagnostic| self.render_one(diagnostic, &renderer)).collect::<Vec<_>>().join("\n\n");
        if self.omitted > 0 {
            text.push_str(&format!("\n\nand {} more errors", self.omitted));
        }
        text
    }

    /// The library cleans the source and the title, though not of all that is not seen, and leaves the rest to its caller.
    fn render_one(&self, diagnostic: &Diagnostic, renderer: &Renderer) -> String {
        let label = Some(visible::line(&diagnostic.label)).filter(|label| !label.is_empty());
        let (path, title) = (visible::line(&self.path), visible::line(&diagnostic.message));
        let mut snippet = Snippet::source(&self.text).path(&path);
        snippet = snippet.annotation(AnnotationKind::Primary.span(within(&self.text, &diagnostic.span)).label(label));
        if let Some((span, label)) = &diagnostic.context {
            snippet = snippet.annotation(AnnotationKind::Context.span(within(&self.text, span)).label(visible::line(label)));
        }
        let mut group = Level::ERROR.primary_title(&title).id(diagnostic.code).element(snippet);
        if let Some(hint) = &diagnostic.hint {
            group = group.element(Level::HELP.with_name("hint").message(visible::lines(hint).collect::<Vec<_>>().join("\n")));
        }
        renderer.render(&[group])
    }

    /// The one shape of failures: class usage, code `manifest`; one line each, with its place.
    pub fn failure(&self) -> Failure {
        let message = match self.diagnostics.len() + self.omitted {
            1 => "the manifest has an error".to_owned(),
            count => format!("the manifest has {count} errors"),
        };
        let mut failure = Failure::new(Class::Usage, "manifest", message).about(&self.path);
        for diagnostic in &self.diagnostics {
            let (line, column) = self.line_and_column(diagnostic.span.start);
            let hint = diagnostic.hint.as_ref().map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
            failure = failure.cause(&format!("{line}:{column}"), format!("{} [{}]{hint}", diagnostic.message, diagnostic.code));
        }
        failure
    }
}

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for ManifestError {}

impl From<ManifestError> for Failure {
    fn from(error: ManifestError) -> Self {
        error.failure()
    }
}

/// The nearest place at or before `offset` where a character starts.
fn boundary(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// `span` within `text` and between characters.
fn within(text: &str, span: &Range<usize>) -> Range<usize> {
    let start = boundary(text, span.start);
    start..boundary(text, span.end).max(start)
}
