//! Names of Mach-O libraries: its own, those that it loads, and where they are searched.

use super::finding::{Code, Finding, STATICALLY};
use crate::facts::{Facts, LibraryUse, MachoFacts};
use crate::policy::Policy;

/// What dyld replaces at the beginning of a name: by folders of the file or of the program, or by each search path in turn.
const RELATIVE: [&str; 2] = ["@loader_path", "@executable_path"];
const SEARCHED: &str = "@rpath";

/// Own name, libraries and search paths.
pub(super) fn judge(facts: &Facts, own: &MachoFacts, policy: &Policy, findings: &mut Vec<Finding>) {
    own_name(own, findings);
    libraries(own, policy, findings);
    search_paths(own, findings);
    let is_program = own.file_type == "execute";
    let searched = facts.needed.iter().find(|name| is_below(name, SEARCHED));
    if let Some(name) = searched.filter(|_| is_program && own.rpaths.is_empty()) {
        findings.push(Finding::new(
            Code::MissingLibrary,
            format!("needs {name}, and has no search path (LC_RPATH)"),
            "link it with `-rpath @executable_path`, or a folder below",
        ));
    }
}

fn own_name(own: &MachoFacts, findings: &mut Vec<Finding>) {
    let is_library = own.file_type == "dylib";
    let (message, hint) = match &own.install_name {
        None if is_library => (
            "is a library without an install name (LC_ID_DYLIB), which no loader takes".to_owned(),
            "link it with `-install_name @rpath/NAME.dylib`",
        ),
        Some(name) if is_library && (is_below(&name.name, SEARCHED) || is_relative(&name.name)) => return,
        Some(name) if is_library => (
            format!("has the install name {}, where programs that link it will look for it", name.name),
            "link it with `-install_name @rpath/NAME.dylib`, or set it with `install_name_tool -id` and sign it anew",
        ),
        Some(name) => (format!("has the install name {}, and is no library", name.name), "link it without `-install_name`"),
        None => return,
    };
    findings.push(Finding::new(Code::AbsoluteInstallName, message, hint));
}

fn libraries(own: &MachoFacts, policy: &Policy, findings: &mut Vec<Finding>) {
    for library in &own.libraries {
        let name = &library.name;
        let file = name.rsplit('/').next().unwrap_or(name);
        let is_bundled = policy.bundled.iter().any(|bundled| bundled == file || bundled == name);
        let is_placed = is_below(name, SEARCHED) || is_relative(name);
        let leads_out = name.split('/').any(|part| part == "..") && !is_placed;
        let is_system = policy.allowed_library_prefixes.iter().any(|prefix| name.starts_with(prefix.as_str())) && !leads_out;
        if is_system || (is_placed && is_bundled) {
            continue;
        }
        let may_miss = if library.usage == LibraryUse::Weak { " (weakly)" } else { "" };
        let message = if is_placed {
            format!("needs {name}{may_miss}, which neither macOS nor the artifact provides")
        } else {
            format!("needs {name}{may_miss} by its path, and macOS has only /usr/lib and /System/Library")
        };
        findings.push(Finding::new(Code::MissingLibrary, message, STATICALLY));
    }
}

fn search_paths(own: &MachoFacts, findings: &mut Vec<Finding>) {
    for path in own.rpaths.iter().filter(|path| !is_relative(path)) {
        findings.push(Finding::new(
            Code::AbsoluteSearchPath,
            format!("searches libraries in {path} (LC_RPATH), which users need not have and others may write"),
            "set it to `@loader_path` or a folder below, or remove it with `install_name_tool -delete_rpath` and sign it anew",
        ));
    }
    for variable in &own.loader_environment {
        findings.push(Finding::new(
            Code::AbsoluteSearchPath,
            format!("changes where the loader searches: {variable} (LC_DYLD_ENVIRONMENT)"),
            "drop `-dyld_env` from the linker's flags",
        ));
    }
}

fn is_relative(name: &str) -> bool {
    RELATIVE.iter().any(|prefix| name == *prefix || is_below(name, prefix))
}

fn is_below(name: &str, prefix: &str) -> bool {
    name.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/'))
}
