//! Links in an sdist, which must stay in it (PEP 721).

use std::collections::BTreeSet;

use super::members::{Member, Sort};
use crate::python::{Findings, PackageCode, printable};
use crate::zip::is_absolute;

pub(super) fn judge(members: &[Member], findings: &mut Findings) {
    let names = members.iter().map(|member| member.name.trim_end_matches('/')).collect::<BTreeSet<_>>();
    for member in members {
        let fault = match &member.sort {
            Sort::Symlink(target) => match inside(&member.name, target) {
                None => Some(format!("is a link to {}, out of the sdist", printable(target))),
                Some(path) if !names.contains(path.as_str()) && !is_folder(&names, &path) => {
                    Some(format!("is a link to {}, which is not in the sdist", printable(target)))
                }
                Some(_) => None,
            },
            Sort::Hardlink(target) if !names.contains(target.trim_end_matches('/')) => {
                Some(format!("is a hard link to {}, which is not in the sdist", printable(target)))
            }
            _ => None,
        };
        if let Some(message) = fault {
            findings.tell_of(&member.name, PackageCode::SymbolicLink, message, "pack the file that it leads to");
        }
    }
}

/// Folders need not have members of their own.
fn is_folder(names: &BTreeSet<&str>, path: &str) -> bool {
    let below = format!("{path}/");
    names.range(below.as_str()..).next().is_some_and(|name| name.starts_with(&below))
}

/// Where a link leads, if that is below the top folder.
fn inside(name: &str, target: &str) -> Option<String> {
    if is_absolute(target) {
        return None;
    }
    let mut parts = name.split('/').filter(|part| !part.is_empty()).collect::<Vec<_>>();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            _ => parts.push(part),
        }
        if parts.is_empty() {
            return None;
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_may_lead_within_the_top_folder() {
        assert_eq!(inside("a-1/x/link", "../y").as_deref(), Some("a-1/y"));
        assert_eq!(inside("a-1/link", "./x/../y").as_deref(), Some("a-1/y"));
        for (name, target) in [("a-1/link", "../y"), ("a-1/x/link", "../../a-1/y"), ("a-1/link", "/etc/passwd"), ("a-1/link", "C:\\x")] {
            assert_eq!(inside(name, target), None, "{target}");
        }
    }
}
