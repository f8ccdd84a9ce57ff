//! Where symbolic links of a tree lead: inside it, to something that is there. Nothing is followed on a disk.

use std::collections::VecDeque;

use super::path::MAX_PATH_BYTES;
use super::{Entry, Tree, TreePath};

/// How many links one path may pass through; Linux's limit (`path_resolution(7)`).
const MAX_HOPS: usize = 40;

/// What is wrong with a symbolic link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkProblem {
    /// The target is no relative path: empty, absolute, with a backslash, a control character, an empty or `.` component, or too long.
    #[error("is not a plain relative path")]
    NotRelative,
    /// The target leaves the tree.
    #[error("climbs out of the tree")]
    Climbs,
    /// Nothing is there.
    #[error("leads to nothing in the tree")]
    Dangles,
    /// Links lead to one another.
    #[error("never ends: links lead to one another")]
    Loops,
}

/// Checks the text of a target on its own: relative, and not above the root by counting.
pub(super) fn check_target(path: &TreePath, target: &str) -> Result<(), LinkProblem> {
    let unsound = target.is_empty()
        || target.len() > MAX_PATH_BYTES
        || target.starts_with('/')
        || target.contains('\\')
        || target.contains(char::is_control);
    if unsound || target.split('/').any(|component| matches!(component, "" | ".")) {
        return Err(LinkProblem::NotRelative);
    }
    let mut depth = path.folders().count();
    for component in target.split('/') {
        depth = match component {
            ".." => depth.checked_sub(1).ok_or(LinkProblem::Climbs)?,
            _ => depth + 1,
        };
    }
    Ok(())
}

/// Follows a link through the whole tree, through further links, as a system would.
pub(super) fn resolve(tree: &Tree, path: &TreePath, target: &str) -> Result<(), LinkProblem> {
    let mut place: Vec<&str> = path.components().collect();
    place.pop();
    let mut ahead: VecDeque<&str> = target.split('/').collect();
    let mut hops = 0;
    while let Some(component) = ahead.pop_front() {
        if component == ".." {
            place.pop().ok_or(LinkProblem::Climbs)?;
            continue;
        }
        place.push(component);
        let here = place.join("/");
        match tree.entries.get(here.as_str()) {
            Some(Entry::Symlink { target }) => {
                hops += 1;
                if hops > MAX_HOPS {
                    return Err(LinkProblem::Loops);
                }
                place.pop();
                for component in target.split('/').rev() {
                    ahead.push_front(component);
                }
            }
            Some(Entry::File { .. }) if ahead.is_empty() => {}
            Some(Entry::File { .. }) => return Err(LinkProblem::Dangles),
            None if tree.has_folder(&here) => {}
            None => return Err(LinkProblem::Dangles),
        }
    }
    Ok(())
}
