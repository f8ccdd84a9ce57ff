//! As much of Markdown as tells headings from what only looks like one. <https://spec.commonmark.org/0.31.2/>

use std::ops::Range;

/// An ATX heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Heading {
    pub level: usize,
    /// Its text, without marks.
    pub text: String,
    /// Its line, with its end.
    pub line: Range<usize>,
}

/// A line that is text, and neither code nor comment.
struct Line<'t> {
    text: &'t str,
    span: Range<usize>,
}

/// All headings outside of code fences and comments.
pub(super) fn headings(text: &str) -> Vec<Heading> {
    let lines = prose(text).into_iter();
    lines.filter_map(|line| heading(line.text).map(|(level, text)| Heading { level, text: text.to_owned(), line: line.span })).collect()
}

fn heading(line: &str) -> Option<(usize, &str)> {
    let bare = line.trim_start_matches(' ');
    if line.len() - bare.len() > 3 {
        return None;
    }
    let level = bare.bytes().take_while(|byte| *byte == b'#').count();
    let rest = &bare[level..];
    let sound = (1..=6).contains(&level) && (rest.trim().is_empty() || rest.starts_with([' ', '\t']));
    let text = rest.trim();
    let closed = text.trim_end_matches('#');
    let text = if closed.is_empty() || closed.ends_with([' ', '\t']) { closed.trim_end() } else { text };
    sound.then_some((level, text))
}

/// The fence that a line opens: its character, how often, and how far the line is set in.
fn fence(line: &str) -> Option<(char, usize, usize)> {
    let bare = line.trim_start_matches([' ', '\t']);
    // A fence in a list item stands behind its mark.
    let bare = bare.strip_prefix("- ").or_else(|| bare.strip_prefix("* ")).map_or(bare, str::trim_start);
    let mark = bare.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
    let count = bare.chars().take_while(|character| *character == mark).count();
    let info = &bare[count..];
    (count >= 3 && !(mark == '`' && info.contains('`'))).then(|| (mark, count, line.len() - bare.len()))
}

fn closes(line: &str, (mark, count, _): (char, usize, usize)) -> bool {
    let bare = line.trim();
    bare.chars().all(|character| character == mark) && bare.chars().count() >= count
}

/// The lines that are neither code in fences nor comments.
fn prose(text: &str) -> Vec<Line<'_>> {
    let (mut lines, mut at) = (Vec::new(), 0);
    for line in text.split_inclusive('\n') {
        lines.push(Line { text: line, span: at..at + line.len() });
        at += line.len();
    }
    let (mut kept, mut index) = (Vec::new(), 0);
    while let Some(line) = lines.get(index) {
        if let Some(open) = fence(line.text) {
            let end = lines[index + 1..].iter().position(|line| closes(line.text, open));
            match end {
                Some(length) => {
                    index += length + 2;
                    continue;
                }
                // Not closed: code to the end, unless it is set in so far that it is code already.
                None if open.2 <= 3 => break,
                None => {}
            }
        } else if line.text.trim_start().starts_with("<!--") {
            let closing = lines[index..].iter().position(|line| line.text.contains("-->"));
            // A comment that is not closed comments out nothing.
            if let Some(length) = closing {
                index += length + 1;
                continue;
            }
        }
        kept.push(Line { text: line.text, span: line.span.clone() });
        index += 1;
    }
    kept
}

/// Whether there is nothing to read: only headings, comments and white space.
pub(super) fn is_blank(text: &str) -> bool {
    let has_code = text.split_inclusive('\n').any(|line| fence(line).is_some());
    !has_code && prose(text).iter().all(|line| line.text.trim().is_empty() || heading(line.text).is_some() || is_definition(line.text))
}

/// The label that a line defines a link for.
pub(super) fn defined(line: &str) -> Option<String> {
    let bare = line.trim_start_matches(' ');
    let inner = bare.strip_prefix('[').filter(|_| line.len() - bare.len() <= 3)?;
    let (label, rest) = inner.split_once("]:")?;
    (!label.trim().is_empty() && !label.contains(['[', ']']) && !label.starts_with('^') && !rest.trim().is_empty()).then(|| folded(label))
}

/// Whether a line defines a link.
pub(super) fn is_definition(line: &str) -> bool {
    defined(line).is_some()
}

/// Labels are the same whatever their case and white space.
fn folded(label: &str) -> String {
    label.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Lines with definitions, in their order.
pub(super) fn definitions(text: &str) -> Vec<(String, Range<usize>)> {
    prose(text).into_iter().filter_map(|line| Some((defined(line.text)?, line.span))).collect()
}

/// Labels in brackets in the text, code left out.
pub(super) fn used(text: &str) -> Vec<String> {
    let mut labels = Vec::new();
    for line in prose(text) {
        for (at, _) in line.text.match_indices('[') {
            let label = line.text[at + 1..].split_once(']').map(|(label, _)| folded(label));
            labels.extend(label.filter(|label| !label.is_empty()));
        }
    }
    labels
}
