//! Names of Mach-O libraries: its own, those that it loads, and where they are searched.

use super::climb::leads_out;
use super::finding::{Code, Finding, STATICALLY};
use crate::facts::{LibraryUse, MachoFacts, MachoLibrary};
use crate::policy::Policy;

/// What dyld replaces at the beginning of a name: by folders of the file or of the program, or by each search path in turn.
const RELATIVE: [&str; 2] = ["@loader_path", "@executable_path"];
const SEARCHED: &str = "@rpath";

/// Own name, libraries and search paths.
pub(super) fn judge(own: &MachoFacts, policy: &Policy, findings: &mut Vec<Finding>) {
    own_name(own, findings);
    for library in &own.libraries {
        findings.extend(misplaced(library, own, policy));
    }
    search_paths(own, policy, findings);
}

fn own_name(own: &MachoFacts, findings: &mut Vec<Finding>) {
    let is_library = own.file_type == "dylib";
    let (message, hint) = match &own.install_name {
        None if is_library => (
            "is a library without an install name (LC_ID_DYLIB), which no loader takes".to_owned(),
            "link it with `-install_name @rpath/NAME.dylib`",
        ),
        Some(name) if is_library && is_placed(&name.name) => return,
        Some(name) if is_library => (
            format!("has the install name {}, where programs that link it will look for it", name.name),
            "link it with `-install_name @rpath/NAME.dylib`, or set it with `install_name_tool -id` and sign it anew",
        ),
        Some(name) => (format!("has the install name {}, and is no library", name.name), "link it without `-install_name`"),
        None => return,
    };
    findings.push(Finding::new(Code::AbsoluteInstallName, message, hint));
}

/// A library that users need not have, or that the loader would look for out of the artifact.
fn misplaced(library: &MachoLibrary, own: &MachoFacts, policy: &Policy) -> Option<Finding> {
    let name = &library.name;
    let file = name.rsplit('/').next().unwrap_or(name);
    let is_bundled = policy.bundled.iter().any(|bundled| bundled == file || bundled == name);
    let may_miss = if library.usage == LibraryUse::Weak { " (weakly)" } else { "" };
    if is_placed(name) && is_bundled {
        let (fault, hint) = place(name, own, policy)?;
        return Some(Finding::new(Code::MissingLibrary, format!("needs {name}{may_miss}, {fault}"), hint));
    }
    let is_system = policy.allowed_library_prefixes.iter().any(|prefix| name.starts_with(prefix.as_str()));
    if is_system && !name.split('/').any(|part| part == "..") {
        return None;
    }
    let message = if is_placed(name) {
        format!("needs {name}{may_miss}, which neither macOS nor the artifact provides")
    } else {
        format!("needs {name}{may_miss} by its path, and macOS has only /usr/lib and /System/Library")
    };
    Some(Finding::new(Code::MissingLibrary, message, STATICALLY))
}

/// What is wrong with the place of a library that is shipped, and what to do about it.
fn place(name: &str, own: &MachoFacts, policy: &Policy) -> Option<(String, &'static str)> {
    let Some(searched) = below(name, SEARCHED) else {
        let fault = leads_out(behind_folder(name)?, policy)?;
        let hint = "set it to a place in the artifact with `install_name_tool -change`, and sign it anew";
        return Some((format!("which {fault}"), hint));
    };
    if own.rpaths.is_empty() {
        // A library without a search path of its own is found by those of its program, if that happens to have the right one.
        let hint = "link it with `-rpath @loader_path`, or a folder below";
        return Some(("and has no search path (LC_RPATH)".to_owned(), hint));
    }
    // A search path that leads out by itself has a finding of its own.
    let paths = own.rpaths.iter().filter_map(|path| behind_folder(path)).filter(|path| leads_out(path, policy).is_none());
    let fault = paths.into_iter().find_map(|path| leads_out(&format!("{path}/{searched}"), policy))?;
    Some((format!("which {fault}"), "name it without `..` behind `@rpath`, and sign it anew"))
}

fn search_paths(own: &MachoFacts, policy: &Policy, findings: &mut Vec<Finding>) {
    for path in &own.rpaths {
        let fault = match behind_folder(path) {
            Some(rest) => leads_out(rest, policy),
            None => Some("users need not have and others may write".to_owned()),
        };
        findings.extend(fault.map(|fault| {
            Finding::new(
                Code::AbsoluteSearchPath,
                format!("searches libraries in {path} (LC_RPATH), which {fault}"),
                "set it to `@loader_path` or a folder below, or remove it with `install_name_tool -delete_rpath` and sign it anew",
            )
        }));
    }
    for variable in &own.loader_environment {
        findings.push(Finding::new(
            Code::AbsoluteSearchPath,
            format!("changes where the loader searches: {variable} (LC_DYLD_ENVIRONMENT)"),
            "drop `-dyld_env` from the linker's flags",
        ));
    }
}

/// Whether dyld finds it by a folder of the file or of the program, or by search paths.
fn is_placed(name: &str) -> bool {
    below(name, SEARCHED).is_some() || behind_folder(name).is_some()
}

/// What follows the folder of the file or of the program.
fn behind_folder(name: &str) -> Option<&str> {
    RELATIVE.iter().find_map(|prefix| if name == *prefix { Some("") } else { below(name, prefix) })
}

/// What follows a prefix and a slash, the slash included.
fn below<'name>(name: &'name str, prefix: &str) -> Option<&'name str> {
    name.strip_prefix(prefix).filter(|rest| rest.starts_with('/'))
}
