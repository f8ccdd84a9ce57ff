//! plimsoll's own tools that a project's command calls by their names: they come first in its PATH, and the key knows their versions.

use plimsoll_exec::launcher::Launch;
use plimsoll_exec::tool::Tool;

use super::paths::BuildPaths;
use super::stage::{BuildRequest, BuildStage};
use plimsoll_model::plan::Compile;

/// Tools that commands call for what they make, and that this machine may have as plimsoll's own alone.
const CALLED: [Tool; 2] = [Tool::Uv, Tool::Maturin];

/// Those that a command names.
pub fn called_by(command: &str) -> impl Iterator<Item = Tool> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    CALLED.into_iter().filter(move |tool| command.split(|c: char| !is_part(c)).any(|word| word == tool.facts().program))
}

/// With what a tool calls itself.
fn with_companions(tool: Tool) -> impl Iterator<Item = Tool> {
    [tool].into_iter().chain((tool == Tool::Maturin).then_some(Tool::Zig))
}

/// Those that a product's own command names.
pub fn called_for(compile: &Compile) -> Vec<Tool> {
    match compile {
        Compile::Cargo { .. } => Vec::new(),
        Compile::Command { command, .. } | Compile::Files { command } | Compile::File { command, .. } => called_by(command).collect(),
    }
}

impl BuildStage<'_> {
    /// With the tools that a command names, as far as they are plimsoll's own: others are found by the caller's PATH.
    pub(super) fn with_called(&self, launch: Launch, command: &str, place: &BuildPaths) -> Launch {
        let called = called_by(command).flat_map(with_companions);
        let own = called.filter_map(|tool| self.toolbox.locate(tool).ok()).filter(|located| located.private);
        own.fold(launch, |launch, located| match place.inside(&located.path).parent() {
            Some(folder) => launch.first_in_path(folder),
            None => launch,
        })
    }

    /// What the key says of them.
    pub(super) fn identity_of_called(&self, request: BuildRequest<'_>) -> Vec<String> {
        let called = called_for(&request.product.compile).into_iter().flat_map(with_companions);
        let located = called.filter_map(|tool| self.toolbox.locate(tool).ok());
        located.map(|located| located.label()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_is_called_by_its_name_as_a_word() {
        let calls = |command: &str| called_by(command).count() == 1;
        assert!(calls("'uv' 'build' '--wheel'") && calls("set -x; uv build") && calls("A=1 uv build"));
        assert!(!calls("uvx ruff") && !calls("./uv build") && !calls("my-uv build") && !calls("make"));
    }
}
