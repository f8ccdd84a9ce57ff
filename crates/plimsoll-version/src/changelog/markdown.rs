//! A text as CommonMark has it, as far as sections go: headings of every form, what defines and uses links, and what there is to read. Every
//! part is a span of the text. <https://spec.commonmark.org/0.31.2/>

use std::ops::Range;

use pulldown_cmark::{Event, LinkType, Parser, Tag, TagEnd};

/// A heading that stands in no list and no quotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Heading {
    pub level: usize,
    /// What is read there: no marks, no addresses.
    pub text: String,
    /// Its lines, with their ends; two where it is underlined.
    pub line: Range<usize>,
}

/// A text that was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Document {
    pub headings: Vec<Heading>,
    /// Labels with the lines that define links for them, in their order.
    pub definitions: Vec<(String, Range<usize>)>,
    /// Where labels are used.
    references: Vec<(usize, String)>,
    /// Lines across the page.
    rules: Vec<Range<usize>>,
    /// Where something stands that a reader sees, headings left out.
    content: Vec<usize>,
}

impl Document {
    pub(super) fn parse(text: &str) -> Self {
        let start = front_matter(text);
        let mut events = Parser::new(&text[start..]).into_offset_iter();
        let mut document = Self::default();
        let defined = events.reference_definitions().iter();
        document.definitions = defined.map(|(label, link)| (folded(label), whole_lines(text, moved(&link.span, start)))).collect();
        document.definitions.sort_by_key(|(_, span)| span.start);
        let (mut depth, mut pictures, mut open) = (0_usize, 0_usize, None::<Heading>);
        for (event, span) in events.by_ref() {
            let span = moved(&span, start);
            document.note(text, &event, &span, open.is_some());
            match &event {
                Event::Start(Tag::Heading { level, .. }) if depth == 0 => {
                    open = Some(Heading { level: *level as usize, text: String::new(), line: whole_lines(text, span) });
                }
                Event::End(TagEnd::Heading(_)) => document.headings.extend(open.take()),
                Event::Start(Tag::Image { .. }) => pictures += 1,
                Event::End(TagEnd::Image) => pictures = pictures.saturating_sub(1),
                Event::Rule if depth == 0 => document.rules.push(whole_lines(text, span)),
                Event::Text(words) | Event::Code(words) if pictures == 0 => {
                    open.iter_mut().for_each(|heading| heading.text.push_str(words));
                }
                Event::SoftBreak | Event::HardBreak => open.iter_mut().for_each(|heading| heading.text.push(' ')),
                _ => {}
            }
            match event {
                Event::Start(_) => depth += 1,
                Event::End(_) => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        document
    }

    /// Takes down what is used, and what is read.
    fn note(&mut self, text: &str, event: &Event<'_>, span: &Range<usize>, in_heading: bool) {
        let is_read = match event {
            Event::Text(words) => !in_heading && !words.trim().is_empty(),
            Event::Code(_) => !in_heading,
            Event::Html(html) | Event::InlineHtml(html) => !in_heading && !is_unseen(html),
            Event::Start(Tag::CodeBlock(_)) => true,
            Event::Start(Tag::HtmlBlock) => false,
            Event::Start(Tag::Link { link_type, id, .. } | Tag::Image { link_type, id, .. }) => {
                if matches!(link_type, LinkType::Reference | LinkType::Collapsed | LinkType::Shortcut) {
                    self.references.push((span.start, folded(id)));
                }
                !in_heading && text.get(span.clone()).is_some_and(|source| source.starts_with('!'))
            }
            _ => false,
        };
        if is_read {
            self.content.push(span.start);
        }
    }

    /// Whether there is nothing to read in a part: only headings, comments, anchors, rules and white space.
    pub(super) fn is_blank(&self, part: &Range<usize>) -> bool {
        !self.content.iter().any(|at| part.contains(at))
    }

    /// Whether nothing of it is read.
    pub(super) fn is_empty(&self) -> bool {
        self.content.is_empty()
    }

    /// Labels of links that a part uses.
    pub(super) fn used(&self, part: &Range<usize>) -> impl Iterator<Item = &str> {
        self.references.iter().filter(|(at, _)| part.contains(at)).map(|(_, label)| label.as_str())
    }

    /// The end of a part without what stands there for the sake of what follows: definitions, anchors, rules and blank lines.
    pub(super) fn end(&self, text: &str, part: Range<usize>) -> usize {
        let furniture = |at: usize| self.rules.iter().chain(self.definitions.iter().map(|(_, span)| span)).any(|span| span.contains(&at));
        let mut end = part.end;
        for line in text[part].split_inclusive('\n').rev() {
            if !line.trim().is_empty() && !furniture(end - line.len()) && !is_anchor(line) {
                break;
            }
            end -= line.len();
        }
        end
    }
}

/// Where a heading's anchors begin, which stand on lines of their own before it.
pub(super) fn with_anchors(text: &str, heading: usize) -> usize {
    let (mut start, mut at) = (heading, heading);
    for line in text[..heading].split_inclusive('\n').rev() {
        at -= line.len();
        if is_anchor(line) {
            start = at;
        } else if !line.trim().is_empty() {
            break;
        }
    }
    start
}

/// A line that holds nothing but `<a name="1.2.3"></a>`, or a part of that.
fn is_anchor(line: &str) -> bool {
    let mut rest = line.trim();
    if rest.is_empty() {
        return false;
    }
    while !rest.is_empty() {
        let opened = rest.strip_prefix("<a ").and_then(|inside| inside.split_once('>')).filter(|(tag, _)| {
            let tag = tag.trim_start().to_ascii_lowercase();
            ["name", "id"].iter().any(|word| tag.strip_prefix(word).is_some_and(|value| value.trim_start().starts_with('=')))
        });
        let after = opened.map(|(_, after)| after).or_else(|| rest.strip_prefix("</a>"));
        let Some(after) = after else { return false };
        rest = after.trim_start();
    }
    true
}

/// Whether a piece of HTML shows nothing: a comment, or an anchor.
fn is_unseen(html: &str) -> bool {
    let mut rest = html.trim();
    while let Some(inside) = rest.strip_prefix("<!--") {
        rest = inside.split_once("-->").map_or("", |(_, after)| after.trim_start());
    }
    // A comment may reach over several pieces.
    rest.is_empty() || rest.starts_with("<a ") || rest.starts_with("</a") || !rest.contains('<') && rest.ends_with("-->")
}

/// The length of the settings that some generators of pages keep before the text.
fn front_matter(text: &str) -> usize {
    let bare = text.strip_prefix('\u{feff}').unwrap_or(text);
    let start = text.len() - bare.len();
    let fence = bare.lines().next().map(str::trim_end).filter(|line| matches!(*line, "---" | "+++"));
    let mut at = start;
    for (number, line) in bare.split_inclusive('\n').enumerate() {
        at += line.len();
        let closes = number > 0 && fence.is_some_and(|fence| line.trim_end() == fence);
        if fence.is_none() || (number == 1 && line.trim().is_empty()) {
            break;
        }
        if closes {
            return at;
        }
    }
    start
}

fn moved(span: &Range<usize>, by: usize) -> Range<usize> {
    span.start + by..span.end + by
}

/// The lines that a span lies in, with the end of the last.
fn whole_lines(text: &str, span: Range<usize>) -> Range<usize> {
    let start = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
    let last = span.start + text[span.clone()].trim_end().len();
    start..text[last..].find('\n').map_or(text.len(), |at| last + at + 1)
}

/// Labels are the same whatever their case and white space.
fn folded(label: &str) -> String {
    label.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}
