//! Rules for single values: names, paths, variables, lists without repetition.

use std::collections::BTreeMap;
use std::path::Path;

use plimsoll_model::Name;

use super::super::diagnostic::{Diagnostic, Diagnostics};
use super::super::written::{Strings, Written};
use plimsoll_exec::git::lies_in_git;

/// Longest name of an artifact, core or gate: names are joined to ids and file names, which have limits of their own.
const LONGEST_NAME: usize = 64;

/// A name that becomes a part of ids and file names; `what` is for the message: `an artifact`.
pub(crate) fn name(written: &Written<String>, what: &str, out: &mut Diagnostics) -> Option<Name> {
    let shown = written.value.chars().take(80).collect::<String>();
    let message = match written.value.parse::<Name>() {
        Ok(name) if name.as_str().len() <= LONGEST_NAME => return Some(name),
        Ok(_) => format!("`{shown}` is longer than {LONGEST_NAME} characters"),
        Err(_) => format!("`{shown}` cannot be the name of {what}"),
    };
    let rule = "names have letters, digits, `.`, `_`, `-` and `+`, and start with a letter or digit";
    out.push(Diagnostic::new("bad-name", &written.span, message).label("not a valid name").hint(rule));
    None
}

/// A name that becomes a part of file names, where release pages change a `+`.
pub(crate) fn artifact_name(written: &Written<String>, out: &mut Diagnostics) -> Option<Name> {
    let name = name(written, "an artifact", out)?;
    if name.is_artifact() {
        return Some(name);
    }
    let plain = name.as_str().replace("++", "pp").replace('+', "-");
    let message = format!("`{name}` cannot be the name of an artifact: release pages change the `+` in names of files");
    out.push(Diagnostic::new("bad-name", &written.span, message).label("not a name of files").hint(format!("such as `{plain}`")));
    None
}

/// A path below the project: parts joined by `/`, none of them empty, `.` or `..`. A `/` at the end is taken off.
pub(crate) fn path(written: &Written<String>, out: &mut Diagnostics) -> Option<String> {
    let text = written.value.strip_suffix('/').unwrap_or(&written.value);
    let text = text.strip_prefix("./").unwrap_or(text);
    let problem = if text.is_empty() {
        "is empty"
    } else if text.starts_with('/') {
        "is absolute"
    } else if text.split('/').any(|part| part == "..") {
        "climbs out of the project"
    } else if text.split('/').any(|part| part.is_empty() || part == ".") {
        "has an empty part"
    } else if text.contains(['\\', ':']) || text.chars().any(char::is_control) {
        "has a character that not every system can have in a path"
    } else {
        return Some(text.to_owned());
    };
    let message = format!("the path `{}` {problem}", written.value.escape_default().take(120).collect::<String>());
    out.push(Diagnostic::new("bad-path", &written.span, message).label("not a path in the project").hint("paths are relative, with `/`"));
    None
}

/// A path below the project of a file that is written: none that only git writes.
pub(crate) fn written_path(written: &Written<String>, out: &mut Diagnostics) -> Option<String> {
    let path = path(written, out)?;
    if !lies_in_git(Path::new(&path)) {
        return Some(path);
    }
    let message = format!("the path `{}` lies in a repository's own folder", written.value.escape_default().take(120).collect::<String>());
    out.push(Diagnostic::new("bad-path", &written.span, message).label("git alone writes there").hint("name a file of the project"));
    None
}

/// The values of a list in which nothing may be named twice.
pub(crate) fn distinct(strings: &Strings, what: &str, out: &mut Diagnostics) -> Vec<String> {
    let mut seen = BTreeMap::<&str, &Written<String>>::new();
    for item in &strings.value {
        if let Some(earlier) = seen.get(item.value.as_str()) {
            let twice = Diagnostic::new("named-twice", &item.span, format!("the {what} `{}` is named twice", item.value));
            out.push(twice.context(&earlier.span, "first named here"));
        } else {
            seen.insert(&item.value, item);
        }
    }
    seen.into_keys().map(str::to_owned).collect()
}

/// Environment variables.
pub(crate) fn environment(entries: &[(Written<String>, Written<String>)], out: &mut Diagnostics) -> BTreeMap<String, String> {
    let sound = entries.iter().filter(|(variable, value)| is_variable(variable, out) & has_no_nul(value, out));
    sound.map(|(variable, value)| (variable.value.clone(), value.value.clone())).collect()
}

/// Whether `written` can name an environment variable.
pub(crate) fn is_variable(written: &Written<String>, out: &mut Diagnostics) -> bool {
    let text = written.value.as_str();
    let sound = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && !text.bytes().next().is_none_or(|b| b.is_ascii_digit());
    if !sound {
        let shown = text.chars().take(80).collect::<String>();
        let message = format!("`{shown}` is not the name of an environment variable");
        out.push(Diagnostic::new("bad-variable", &written.span, message).hint("letters, digits and `_`, not starting with a digit"));
    }
    sound
}

/// No system passes a NUL to a program.
pub(crate) fn has_no_nul(written: &Written<String>, out: &mut Diagnostics) -> bool {
    let sound = !written.value.contains('\0');
    if !sound {
        out.push(Diagnostic::new("bad-text", &written.span, "a NUL character cannot be passed to a program"));
    }
    sound
}

/// Text in which something must stand.
pub(crate) fn filled(written: &Written<String>, key: &str, why: &str, out: &mut Diagnostics) -> bool {
    let sound = !written.value.trim().is_empty();
    if !sound {
        out.push(Diagnostic::new("empty", &written.span, format!("`{key}` is empty")).label(why));
    }
    sound & has_no_nul(written, out)
}
