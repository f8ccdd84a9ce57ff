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
        Builder::Native if target.os() != host.os() => {
            return Err(Stop::NotRun(format!("needs {}", target.runner())));
        }
        Builder::Native if target.arch() != host.arch() => {
            return Err(Stop::NotRun(format!("needs {} on {}", target.system(), target.arch())));
        }
        Builder::Cross => {
            if let Err(why) = &builders.cross {
                return Err(Stop::NotRun(format!("needs a machine with containers: {why}")));
            }
        }
        // It knows itself what it can build for, and says so.
        Builder::Command => return Ok(()),
        Builder::Zig | Builder::Native | Builder::Xwin => {}
    }
    if !toolchain.has(target) {
        let failure = Failure::new(Class::ToolMissing, "no-std", format!("the standard library for {target} is not installed"));
        return Err(failure.about(target.to_string()).hint(format!("rustup target add {target}, or `plimsoll doctor --install`")).into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::builders::NoCross;

    #[test]
    fn a_machine_of_another_kind_is_needed_by_its_own_linker_alone() {
        let host: Target = "x86_64-unknown-linux-gnu".parse().unwrap();
        let toolchain = Toolchain { host, rust: None };
        let builders = Builders { zig: None, xwin: None, cross: Err(NoCross::Missing), linker: String::new() };
        let ask = |triple: &str, builder| possible(&triple.parse().unwrap(), builder, &toolchain, &builders);
        assert!(matches!(ask("aarch64-unknown-linux-gnu", Builder::Native), Err(Stop::NotRun(why)) if why == "needs Linux on aarch64"));
        assert!(matches!(ask("aarch64-apple-darwin", Builder::Native), Err(Stop::NotRun(why)) if why == "needs a macOS runner"));
        for triple in ["aarch64-unknown-linux-gnu", "aarch64-apple-darwin", "x86_64-pc-windows-msvc"] {
            assert!(ask(triple, Builder::Command).is_ok(), "{triple}");
        }
        let Err(Stop::Failed(failure)) = ask("aarch64-unknown-linux-gnu", Builder::Zig) else { panic!("built without a library") };
        let said = (failure.code.as_str(), failure.hint.as_deref().unwrap_or_default());
        assert_eq!(said, ("no-std", "rustup target add aarch64-unknown-linux-gnu, or `plimsoll doctor --install`"));
    }
}
