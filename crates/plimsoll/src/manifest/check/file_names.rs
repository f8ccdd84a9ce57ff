//! Names of the files that users get, as the manifest has them: a template with the suffix of the kind behind it.

use std::ops::Range;

use plimsoll_model::FileName;
use plimsoll_pack::{Format, Kind, TreePath};

use super::super::diagnostic::{Diagnostic, Diagnostics};
use super::super::nearest::suggestion;
use super::super::template::{InvalidTemplate, Template, Values, placeholder_names};
use super::super::written::Written;

/// Names that a release itself takes in its folder.
const TAKEN_FILE_NAMES: [&str; 4] = ["evidence", "plan.json", "release.json", "sha256sums"];

/// A file name as it is chosen.
pub(crate) struct Named<'w> {
    /// `filename`.
    pub(crate) written: Option<&'w Written<String>>,
    /// Where an error is told if that is not written.
    pub(crate) place: &'w Range<usize>,
    /// What is said besides if a suffix is written, which the kind adds itself.
    pub(crate) hint: &'static str,
}

impl Named<'_> {
    /// The template without its suffix; that of the kind if none is written.
    pub(crate) fn template(&self, kind: Kind, out: &mut Diagnostics) -> Option<Template> {
        let Some(written) = self.written else { return Template::parse(kind.default_file_stem()?).ok() };
        let suffix = Format::ALL.iter().map(|format| format.suffix()).chain([".exe"]).find(|suffix| written.value.ends_with(suffix));
        if let Some(suffix) = suffix {
            let message = format!("`filename` ends in `{suffix}`, which is added by itself");
            let hint = format!("write it without `{suffix}`{}", self.hint);
            out.push(Diagnostic::new("file-name-suffix", &written.span, message).label("the suffix would stand there twice").hint(hint));
            return None;
        }
        template(written, out)
    }

    /// The name for one target.
    pub(crate) fn file_name(&self, template: &Template, values: Values<'_>, suffix: &str, out: &mut Diagnostics) -> Option<FileName> {
        let span = self.written.map_or(self.place, |written| &written.span);
        if values.target.is_none() && template.depends_on_target() {
            let any = Diagnostic::new("no-target", span, "`filename` says a target, and the file is one for every machine");
            out.push(
                any.label("for which one?").hint("take what differs between targets out: {target}, {arch}, {os}, {goarch} and {goos}"),
            );
            return None;
        }
        let text = template.fill(values) + suffix;
        let shown = text.chars().take(160).collect::<String>();
        let Ok(name) = text.parse::<FileName>() else {
            let bad = Diagnostic::new("bad-file-name", span, format!("`{shown}` cannot be a file name")).label("not a file name");
            let hint = plain_file_name(template, values);
            // A file of the project has a name already.
            out.push(bad.hint(if values.target.is_none() { format!("set `filename`: {hint}") } else { hint.to_owned() }));
            return None;
        };
        // What fits any machine is for Windows as well.
        let windows = values.target.is_none_or(|target| target.os() == "windows");
        let on_windows = text.parse::<TreePath>().map(|path| path.check_windows());
        if let (Ok(Err(error)), true) = (&on_windows, windows) {
            let whose = values.target.map_or("any machine", |target| target.as_str());
            let bad = Diagnostic::new("windows-name", span, format!("`{shown}` cannot be a file on Windows: it {}", error.problem));
            let example = if values.target.is_some() { "{name}-{target}" } else { "{name}-file" };
            out.push(bad.label(format!("is for {whose}")).hint(format!("choose another `filename`, such as \"{example}\"")));
            return None;
        }
        if TAKEN_FILE_NAMES.contains(&text.to_ascii_lowercase().as_str()) {
            out.push(Diagnostic::new("taken-file-name", span, format!("`{shown}` is a file of the release itself")).label("taken"));
            return None;
        }
        Some(name)
    }
}

/// A template, or the diagnostic that says why it is none.
pub(crate) fn template(written: &Written<String>, out: &mut Diagnostics) -> Option<Template> {
    match Template::parse(&written.value) {
        Ok(template) => Some(template),
        Err(error) => {
            let hint = match &error {
                InvalidTemplate::Unknown(word) if word.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-')) => {
                    suggestion(word, "placeholders", placeholder_names())
                }
                _ => None,
            };
            let hint = hint.unwrap_or_else(|| "braces that are meant as they are: `{{` and `}}`".to_owned());
            out.push(Diagnostic::new("bad-placeholder", &written.span, error.to_string()).label("in this text").hint(hint));
            None
        }
    }
}

/// What to do about a file name that release pages would change.
fn plain_file_name(template: &Template, values: Values<'_>) -> &'static str {
    let of_release = semver::Version::new(values.version.major, values.version.minor, values.version.patch);
    let without = template.fill(Values { version: &of_release, ..values });
    if without.contains('+') || !template.fill(values).contains('+') {
        "letters, digits, `.`, `_` and `-`, starting with a letter or digit, at most 255: others are changed by release pages"
    } else {
        "release pages change the `+` of build metadata: take it out of the version, or {version} out of `filename`"
    }
}
