//! The platform tag of a wheel with programs: what the floor of its target promises, and no more.

use plimsoll_model::{GlibcVersion, Libc, Target};
use plimsoll_pack::wheel::{SystemFloor, TagSet, platform_tags};

use crate::manifest::check::builder::CoreKinds;
use crate::manifest::check::details;
use crate::manifest::diagnostic::{Diagnostic, Diagnostics};
use crate::manifest::{Core, Manifest, Written};

/// The platform tags of programs for a target. That they ask for no more is a gate's business. `usual` is the oldest glibc if nothing says which.
pub(super) fn of(
    target: &Target,
    (manifest, usual): (&Manifest, Option<GlibcVersion>),
    core: &Core,
    name: &Written<String>,
    out: &mut Diagnostics,
) -> Option<TagSet> {
    let kinds = CoreKinds { cargo: core.library().is_some() || !is_command(core), command: is_command(core) };
    let floors = details::floors(target, manifest, kinds);
    let floor = match (target.os(), target.libc()) {
        ("linux", Some(Libc::Gnu)) => match floors.glibc.or(usual) {
            Some(version) => SystemFloor::Glibc(version),
            None => {
                let message = format!("the oldest glibc for {target} is not known before it is built, and the wheel's name says it");
                let unknown = Diagnostic::new("wheel-floor", &name.span, message).label("which manylinux is it?");
                out.push_absence(unknown.hint(format!("add glibc = \"2.28\" to [target.{target}]: what asks for more is refused then")));
                return None;
            }
        },
        ("macos", _) => floors.macos.map_or(SystemFloor::None, SystemFloor::Macos),
        _ => SystemFloor::None,
    };
    match platform_tags(target, floor) {
        Ok(platform) => Some(platform),
        Err(error) => {
            out.push(Diagnostic::new("no-platform-tag", &name.span, error.to_string()).label("no index takes it"));
            None
        }
    }
}

const fn is_command(core: &Core) -> bool {
    use plimsoll_model::plan::Compile;
    matches!(core.compile, Compile::Command { .. } | Compile::File { .. } | Compile::Files { .. })
}
