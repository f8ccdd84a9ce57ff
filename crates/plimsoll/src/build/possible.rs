//! Whether this machine can build for a target, and if not, what could.

use plimsoll_model::plan::Builder;
use plimsoll_model::{Class, Failure, Target};

use super::{Builders, Toolchain};
use crate::graph::Stop;

/// Whether `builder` can build for `target` here.
///
/// # Errors
/// A gap where only another machine could; a failure where something is not installed here.
pub fn possible(target: &Target, builder: Builder, toolchain: &Toolchain, builders: &Builders) -> Result<(), Stop> {
    let host = &toolchain.host;
    match builder {
        Builder::Native | Builder::Command if target.os() != host.os() => {
            return Err(Stop::NotRun(format!("needs a {} runner", system(target))));
        }
        Builder::Native | Builder::Command if target.arch() != host.arch() => {
            return Err(Stop::NotRun(format!("needs {} on {}", system(target), target.arch())));
        }
        Builder::Cross => {
            if let Err(why) = &builders.cross {
                return Err(Stop::NotRun(format!("needs a machine with containers: {why}")));
            }
            // `cross` brings the standard library itself.
            return Ok(());
        }
        Builder::Zig | Builder::Native | Builder::Xwin | Builder::Command => {}
    }
    if builder != Builder::Command && !toolchain.has(target) {
        let failure = Failure::new(Class::ToolMissing, "no-std", format!("the standard library for {target} is not installed"));
        return Err(failure.about(target.to_string()).hint(format!("rustup target add {target}, or `plimsoll doctor --install`")).into());
    }
    Ok(())
}

fn system(target: &Target) -> &str {
    match target.os() {
        "macos" => "macOS",
        "windows" => "Windows",
        "linux" => "Linux",
        other => other,
    }
}
