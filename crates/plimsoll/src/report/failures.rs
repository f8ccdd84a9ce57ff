//! Failures as a person reads them.

use plimsoll_model::{Class, Failure};

use super::{Paint, Style, Text};

/// Columns by which further lines of a text are set in.
const FURTHER: usize = 4;

/// `error: subject: message`, labelled lines, and the hint.
pub fn render(failure: &Failure, paint: Paint) -> Text {
    let mut text = Text::new(paint);
    let head = if failure.class == Class::Interrupted { "interrupted" } else { "error" };
    text.bad(head).strong(":").put(" ");
    if !failure.subject.is_empty() {
        text.strong(format!("{}: ", failure.subject));
    }
    text.lines(Style::Strong, FURTHER, &failure.message);
    for cause in failure.causes.iter().filter(|cause| !cause.text.trim().is_empty()) {
        line(&mut text, &cause.label, &cause.text);
    }
    if let Some(hint) = &failure.hint {
        line(&mut text, "hint", hint);
    }
    text
}

/// A labelled line; further lines of the text are set below the first.
fn line(text: &mut Text, label: &str, content: &str) {
    text.put("  ").label(format!("{label}:")).put(" ").lines(Style::Plain, FURTHER, content);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_reads_as_in_the_design() {
        let failure = Failure::new(Class::NotProven, "probe-failed", "did not run")
            .about("archive.rg for x86_64-unknown-linux-gnu")
            .cause("root", "debian:11 (glibc 2.31)")
            .cause("said", "version `GLIBC_2.36' not found\nsecond\u{1b}[2J line")
            .hint("set glibc = \"2.31\" or lower for the target");
        insta::assert_snapshot!(render(&failure, Paint::PLAIN), @r#"
        error: archive.rg for x86_64-unknown-linux-gnu: did not run
          root: debian:11 (glibc 2.31)
          said: version `GLIBC_2.36' not found
            second�[2J line
          hint: set glibc = "2.31" or lower for the target
        "#);
    }
}
