//! What rustc links programs for this machine by: `cc`, unless cargo is told of another.

use std::collections::BTreeMap;

use plimsoll_model::{ProductPlan, Target};
use toml::{Table, Value};

use crate::build::{own_settings, target_variable};
use crate::run_context::{BuildFolder, RunContext};
use plimsoll_exec::tool::Tool;

/// What is missing if there is no `cc` and nothing else is named; none if there is something, whether it serves or not.
pub(super) fn missing(context: &RunContext<'_>, folder: &BuildFolder, product: &ProductPlan) -> Option<String> {
    let target = &product.target;
    // Microsoft's linker is found by rustc itself.
    if target.os() == "windows" || context.host_tools.toolbox.locate(Tool::Cc).is_ok() {
        return None;
    }
    let called_in = own_settings::folder_of(&product.compile, &folder.called_in, &folder.folder);
    let files = own_settings::in_force(called_in, &context.project.sources, &folder.outer);
    let is_named = is_named(target, &context.environment.keyed, &files);
    (!is_named).then(|| "cc is missing, by which programs for this machine are linked".to_owned())
}

/// Whether cargo is told of a linker for a target, by a variable or a configuration file, with a key of its own or one of `cfg(…)`.
fn is_named(target: &Target, variables: &BTreeMap<String, String>, files: &[Table]) -> bool {
    let variable = target_variable(target, "LINKER");
    let targets = files.iter().filter_map(|file| file.get("target").and_then(Value::as_table)).flatten();
    variables.contains_key(&variable)
        || targets.filter(|(key, _)| *key == target.as_str() || key.starts_with("cfg(")).any(|(_, value)| value.get("linker").is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_linker_than_cc_is_known_by_a_variable_or_a_file_of_cargos() {
        let target = "x86_64-unknown-linux-gnu".parse().unwrap();
        let variables = |name: &str| BTreeMap::from([(name.to_owned(), "clang".to_owned())]);
        let file = |text: &str| [text.parse::<Table>().unwrap()];
        assert!(is_named(&target, &variables("CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER"), &[]));
        assert!(is_named(&target, &BTreeMap::new(), &file("[target.x86_64-unknown-linux-gnu]\nlinker = \"clang\"\n")));
        assert!(is_named(&target, &BTreeMap::new(), &file("[target.'cfg(unix)']\nlinker = \"clang\"\n")));
        assert!(!is_named(&target, &variables("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER"), &[]));
        assert!(!is_named(
            &target,
            &BTreeMap::new(),
            &file("[target.aarch64-unknown-linux-gnu]\nlinker = \"x\"\n[target.x86_64-unknown-linux-gnu]\nrunner = \"x\"\n")
        ));
    }
}
