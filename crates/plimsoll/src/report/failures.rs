//! Failures as a person reads them.

use std::fmt::Write;

use plimsoll_model::{Class, Failure};

use super::{Paint, visible};

/// `error: subject: message`, labelled lines, and the hint.
pub fn render(failure: &Failure, paint: Paint) -> String {
    let mut text = String::new();
    let head = if failure.class == Class::Interrupted { "interrupted" } else { "error" };
    let _ = writeln!(text, "{}{} {}", paint.bad(head), paint.strong(":"), paint.strong(failure));
    for cause in failure.causes.iter().filter(|cause| !cause.text.trim().is_empty()) {
        line(&mut text, &cause.label, &cause.text, paint);
    }
    if let Some(hint) = &failure.hint {
        line(&mut text, "hint", hint, paint);
    }
    text
}

/// A labelled line; further lines of the text are set below the first.
fn line(text: &mut String, label: &str, content: &str, paint: Paint) {
    let mut lines = content.trim_end().lines().map(visible);
    let _ = writeln!(text, "  {} {}", paint.label(format!("{label}:")), lines.next().unwrap_or_default());
    for rest in lines {
        let _ = writeln!(text, "    {rest}");
    }
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
