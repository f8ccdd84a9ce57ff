//! Whether what goes to an index can be uploaded, asked before anything is built for it.

use std::collections::BTreeSet;

use plimsoll_exec::tool::Tool;
use plimsoll_model::plan::Work;
use plimsoll_model::{Class, Failure, NodeId, Plan};

use super::some_of;
use crate::kinds;
use crate::run_context::RunContext;

/// Looks for what uploads, if the selected nodes make anything for an index.
///
/// # Errors
/// Class tool-missing if it is not here: a rehearsal publishes too.
pub fn can_upload(context: &RunContext<'_>, plan: &Plan, selected: &BTreeSet<NodeId>) -> Result<(), Failure> {
    let made = selected.iter().filter_map(|id| match &plan.nodes.get(id)?.work {
        Work::Pack { artifact } | Work::Inspect { artifact } => plan.artifacts.get_key_value(artifact),
        _ => None,
    });
    let for_index = made.filter(|(_, artifact)| kinds::indexed(&artifact.kind.name(), &artifact.file_name).is_some());
    let names = for_index.map(|(id, _)| id.as_str()).collect::<Vec<_>>();
    match context.host_tools.toolbox.locate(Tool::Uv) {
        Err(error) if !names.is_empty() => {
            let failure = Failure::new(Class::ToolMissing, "tool-missing", "nothing can be published here yet, so nothing was started");
            let failure = failure.cause("missing", format!("{error} (for {})", some_of(&names)));
            Err(failure.hint("`plimsoll doctor --install` installs it, after asking"))
        }
        _ => Ok(()),
    }
}
