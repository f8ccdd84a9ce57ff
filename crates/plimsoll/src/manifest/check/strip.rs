//! What is taken out of a core's programs: `strip`, or what its cargo profile says.

use plimsoll_model::plan::Strip;

use super::super::diagnostic::{Diagnostic, Diagnostics};
use super::super::facts::CargoFacts;
use super::super::nearest::suggestion;
use super::super::written::{CoreTable, Written};

const WORDS: [(&str, Strip); 3] = [("none", Strip::None), ("debug", Strip::Debug), ("symbols", Strip::Symbols)];

/// For a core that cargo builds.
pub(crate) fn of_cargo(table: &CoreTable, profile: Option<&str>, facts: &CargoFacts, out: &mut Diagnostics) -> Strip {
    let usual = usual(profile.unwrap_or("release"), facts);
    table.strip.as_ref().map_or(usual, |written| read(written, usual, out))
}

/// For a core of a command, whose output is left as it is unless the manifest says otherwise.
pub(crate) fn of_command(table: &CoreTable, out: &mut Diagnostics) -> Strip {
    table.strip.as_ref().map_or(Strip::None, |written| read(written, Strip::None, out))
}

/// Without a word in the manifest: users are not sent debug information, and not sent what the profile takes out.
pub(crate) fn usual(profile: &str, facts: &CargoFacts) -> Strip {
    facts.strip_of(profile).max(Strip::Debug)
}

fn read(written: &Written<String>, usual: Strip, out: &mut Diagnostics) -> Strip {
    if let Some((_, strip)) = WORDS.iter().find(|(word, _)| *word == written.value) {
        return *strip;
    }
    let shown = written.value.chars().take(80).collect::<String>();
    let unknown = Diagnostic::new("bad-strip", &written.span, format!("`strip` cannot be `{shown}`"));
    out.push(unknown.label("not a level").maybe_hint(suggestion(&written.value, "levels", WORDS.map(|(word, _)| word))));
    usual
}
