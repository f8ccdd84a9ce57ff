//! What builds for a target: the usual way, or the one that `builder` names.

use plimsoll_model::Target;
use plimsoll_model::plan::Builder;

use super::super::diagnostic::{Diagnostic, Diagnostics};
use super::super::nearest::suggestion;
use super::super::written::TargetTable;

/// What kinds of cores are built for a target.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct CoreKinds {
    /// One that cargo builds.
    pub(crate) cargo: bool,
    /// One with a command of its own.
    pub(crate) command: bool,
}

const BUILDERS: [(&str, Builder); 5] =
    [("zig", Builder::Zig), ("native", Builder::Native), ("xwin", Builder::Xwin), ("cross", Builder::Cross), ("command", Builder::Command)];

/// The builder of that name.
pub(crate) fn named(name: &str) -> Option<Builder> {
    BUILDERS.iter().find(|(known, _)| *known == name).map(|(_, builder)| *builder)
}

/// The builder of a target.
pub(crate) fn choose(target: &Target, table: &TargetTable, kinds: CoreKinds, out: &mut Diagnostics) -> Builder {
    let only_commands = kinds.command && !kinds.cargo;
    let usual = match Builder::zig_links(target) {
        _ if only_commands => Builder::Command,
        true => Builder::Zig,
        false => Builder::Native,
    };
    let Some(written) = &table.builder else {
        return usual;
    };
    let Some(builder) = named(&written.value) else {
        let message = format!("there is no builder `{}`", written.value.chars().take(80).collect::<String>());
        let hint = suggestion(&written.value, "builders", BUILDERS.map(|(name, _)| name));
        out.push(Diagnostic::new("unknown-builder", &written.span, message).label("unknown builder").maybe_hint(hint));
        return usual;
    };
    let problem = match builder {
        Builder::Command if kinds.cargo => "a core for this target is built by cargo, and has no `command`",
        Builder::Command => return Builder::Command,
        _ if only_commands => "every core for this target has a `command` of its own",
        Builder::Zig if !Builder::zig_links(target) => "the builder `zig` is for Linux, macOS and x86_64-pc-windows-gnu",
        Builder::Xwin if !target.as_str().ends_with("-windows-msvc") => "the builder `xwin` is for windows-msvc targets",
        Builder::Cross if target.os() == "macos" => "the builder `cross` has no image for macOS",
        Builder::Zig | Builder::Native | Builder::Xwin | Builder::Cross => return builder,
    };
    let message = format!("the builder `{}` does not do for {target}", written.value);
    out.push(Diagnostic::new("bad-builder", &written.span, message).label(problem));
    usual
}
