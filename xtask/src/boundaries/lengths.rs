//! Long files and functions: allowed where `xtask/long.toml` gives a reason, and an entry that is no longer needed is a breach too.

use std::collections::{BTreeMap, BTreeSet};

use super::rules::Breach;
use super::scan::Source;

/// Lines of a file.
const FILE: usize = 400;
/// Lines of a function.
const FUNCTION: usize = 60;

/// The list with the reasons, from the root of the workspace.
pub const LIST: &str = "xtask/long.toml";

/// `path` or `path::function` → reason.
pub type Reasons = BTreeMap<String, String>;

/// Reads the list.
///
/// # Errors
/// Where it is not a TOML table of strings.
pub fn reasons(text: &str) -> Result<Reasons, String> {
    toml::from_str(text).map_err(|error| format!("{LIST}: {error}"))
}

/// Everything that is long without a reason, and reasons without a cause.
pub fn check(sources: &[Source], reasons: &Reasons) -> Vec<Breach> {
    let mut long = BTreeMap::new();
    for source in sources {
        if source.lines() > FILE {
            long.insert(source.path.clone(), format!("{} lines, and over {FILE} want a reason", source.lines()));
        }
        for function in source.functions.iter().filter(|function| function.lines > FUNCTION) {
            let message = format!("line {}: {} lines, and over {FUNCTION} want a reason", function.line, function.lines);
            long.insert(format!("{}::{}", source.path, function.name), message);
        }
    }
    let reasoned = reasons.iter().filter(|(_, reason)| !reason.trim().is_empty()).map(|(place, _)| place).collect::<BTreeSet<_>>();
    let unreasoned = long.iter().filter(|(place, _)| !reasoned.contains(place));
    let too_long = unreasoned.map(|(place, message)| Breach {
        rule: "lengths",
        place: place.clone(),
        message: format!("{message}: split it by subject, or say why in {LIST}"),
    });
    let stale = reasons.keys().filter(|place| !long.contains_key(*place)).map(|place| Breach {
        rule: "lengths",
        place: LIST.to_owned(),
        message: format!("`{place}` is not long any more: take the entry out"),
    });
    too_long.chain(stale).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_things_want_a_reason_and_reasons_want_a_long_thing() {
        let function = format!("fn f() {{\n{}}}\n", "    g();\n".repeat(FUNCTION));
        let text = format!("//! M.\n{function}{}", "// x\n".repeat(FILE));
        let sources = [Source::parse("a.rs", &text).unwrap(), Source::parse("b.rs", "//! M.\n").unwrap()];
        let places =
            |reasons: &str| check(&sources, &super::reasons(reasons).unwrap()).into_iter().map(|breach| breach.place).collect::<Vec<_>>();
        assert_eq!(places(""), ["a.rs", "a.rs::f"]);
        assert_eq!(places("\"a.rs\" = \"one table\""), ["a.rs::f"]);
        assert_eq!(places("\"a.rs\" = \" \""), ["a.rs", "a.rs::f"]);
        assert_eq!(places("\"a.rs\" = \"t\"\n\"a.rs::f\" = \"t\"\n\"b.rs\" = \"t\""), [LIST]);
    }
}
