//! What an archive holds, in the order in which it holds it. The listing and the packing read the same map, so they cannot differ.

use std::collections::BTreeMap;

use plimsoll_model::Digest;

use crate::tree::{Entry, Mode, Tree, TreePath};

/// One member of an archive.
pub(super) enum Member<'tree> {
    /// A folder, 0755; its name ends in `/`.
    Folder,
    /// A file.
    File { path: &'tree TreePath, digest: Digest, size: u64, mode: Mode },
    /// A symbolic link.
    Symlink { path: &'tree TreePath, target: &'tree str },
}

/// Names of all members, in their order.
pub(crate) fn listing(tree: &Tree, root: Option<&str>) -> Vec<String> {
    members(tree, root).into_keys().collect()
}

/// Members by name, sorted by bytes. A folder's name ends in `/`, so it comes right before what lies in it.
pub(super) fn members<'tree>(tree: &'tree Tree, root: Option<&str>) -> BTreeMap<String, Member<'tree>> {
    let prefix = root.map(|root| format!("{root}/")).unwrap_or_default();
    let mut members = BTreeMap::new();
    if root.is_some() {
        members.insert(prefix.clone(), Member::Folder);
    }
    for folder in tree.folders() {
        members.insert(format!("{prefix}{folder}/"), Member::Folder);
    }
    for (path, entry) in tree {
        let member = match entry {
            &Entry::File { digest, size, mode } => Member::File { path, digest, size, mode },
            Entry::Symlink { target } => Member::Symlink { path, target },
        };
        members.insert(format!("{prefix}{path}"), member);
    }
    members
}
