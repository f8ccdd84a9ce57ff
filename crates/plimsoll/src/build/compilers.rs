//! The C compiler that a build command of the project's own is given for another target than this machine's: zig, under the names that
//! Makefiles and configure scripts ask for.

use std::ffi::OsString;
use std::path::Path;

use plimsoll_model::{Target, TargetPlan};

use plimsoll_exec::zig;

/// `CC` and the like for a target. zig is called by its name, because build systems split these words at spaces, and a path may hold one: its
/// folder belongs into `PATH`. As with other compilers, undefined behaviour is not trapped unless that is asked for.
pub fn variables(target: &Target, plan: &TargetPlan, program: &Path) -> Option<Vec<(&'static str, OsString)>> {
    let name = program.file_name()?.to_str()?;
    let words = zig::target(target, plan.glibc, plan.macos.map(|version| version.to_string()))?;
    let compile = |language: &str| OsString::from(format!("{name} {language} -target {words} -fno-sanitize=undefined"));
    let tool = |tool: &str| OsString::from(format!("{name} {tool}"));
    Some(vec![("CC", compile("cc")), ("CXX", compile("c++")), ("AR", tool("ar")), ("RANLIB", tool("ranlib"))])
}
