//! The tree of an artifact: path → (digest, size, mode) or symbolic link. It holds no contents and reads none.

mod links;
mod naming;
mod path;

use std::collections::{BTreeMap, BTreeSet, btree_map};
use std::fmt::{self, Write as _};
use std::ops::Bound;

use plimsoll_model::Digest;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use links::LinkProblem;
pub use naming::Naming;
pub use path::{InvalidTreePath, MAX_COMPONENT_BYTES, MAX_PATH_BYTES, PathProblem, TreePath, WindowsNameError, WindowsProblem};

/// What a path stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Entry {
    /// A regular file. Fields are in the order of the canonical form: by name.
    File {
        /// SHA-256 of its bytes.
        digest: Digest,
        /// Its permissions.
        mode: Mode,
        /// Its length in bytes.
        size: u64,
    },
    /// A symbolic link.
    Symlink {
        /// Relative to the link's folder; stays within the tree.
        target: String,
    },
}

/// Permissions of a file: there are two, so that a umask cannot change an artifact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// 0644.
    Regular,
    /// 0755.
    Executable,
}

impl Mode {
    /// The permission bits.
    pub const fn bits(self) -> u32 {
        match self {
            Self::Regular => 0o644,
            Self::Executable => 0o755,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Regular => "regular",
            Self::Executable => "executable",
        }
    }
}

/// Files and links by path, sorted by the paths' bytes. Folders are implied by what lies in them.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Tree {
    entries: BTreeMap<TreePath, Entry>,
}

/// Entries that cannot stand in one tree.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// The path is there already.
    #[error("`{0}` is in the tree twice")]
    Duplicate(TreePath),
    /// Something lies below the path, so it is a folder.
    #[error("`{0}` is a file or link, but other entries lie below it")]
    FileIsFolder(TreePath),
    /// A symbolic link that a user must not get.
    #[error("symbolic link `{path}` to `{target}` {problem}")]
    Link {
        /// The link.
        path: TreePath,
        /// Its target, cut and escaped.
        target: String,
        /// What is wrong with it.
        problem: LinkProblem,
    },
    /// Two names that a case-insensitive file system takes for one.
    #[error("`{first}` and `{second}` are one name if case does not count")]
    CaseCollision {
        /// The first by bytes.
        first: String,
        /// The second.
        second: String,
    },
    /// A path that the users' system cannot hold.
    #[error(transparent)]
    Windows(#[from] WindowsNameError),
}

impl Tree {
    /// A tree of nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an entry. That a link's target exists is seen by [`Tree::check_links`], once all is there.
    ///
    /// # Errors
    /// The path is taken, or is a folder's, or lies below a file or link; a link's target is not relative or climbs out.
    pub fn insert(&mut self, path: TreePath, entry: Entry) -> Result<(), TreeError> {
        if self.entries.contains_key(&path) {
            return Err(TreeError::Duplicate(path));
        }
        if self.has_folder(path.as_str()) {
            return Err(TreeError::FileIsFolder(path));
        }
        if let Some((above, _)) = path.folders().find_map(|folder| self.entries.get_key_value(folder)) {
            return Err(TreeError::FileIsFolder(above.clone()));
        }
        if let Entry::Symlink { target } = &entry {
            links::check_target(&path, target).map_err(|problem| link_error(&path, target, problem))?;
        }
        self.entries.insert(path, entry);
        Ok(())
    }

    /// Adds a regular file: what [`Tree::insert`] does, with less to write.
    ///
    /// # Errors
    /// As [`Tree::insert`].
    pub fn insert_file(&mut self, path: TreePath, digest: Digest, size: u64, mode: Mode) -> Result<(), TreeError> {
        self.insert(path, Entry::File { digest, mode, size })
    }

    /// Follows every symbolic link.
    ///
    /// # Errors
    /// The first link, by path, that leads nowhere, out of the tree, or round in a circle.
    pub fn check_links(&self) -> Result<(), TreeError> {
        for (path, entry) in &self.entries {
            if let Entry::Symlink { target } = entry {
                links::resolve(self, path, target).map_err(|problem| link_error(path, target, problem))?;
            }
        }
        Ok(())
    }

    /// Refuses names, folders among them, that differ in case only. For file systems as Windows and macOS have them; asked on request.
    ///
    /// Case is folded by Unicode's lowercase mapping. Normalisation forms (NFC, NFD) are not compared.
    ///
    /// # Errors
    /// The first pair.
    pub fn check_case(&self) -> Result<(), TreeError> {
        let mut seen = BTreeMap::new();
        for name in self.folders().into_iter().chain(self.entries.keys().map(TreePath::as_str)) {
            if let Some(other) = seen.insert(name.to_lowercase(), name) {
                let (first, second) = if other < name { (other, name) } else { (name, other) };
                return Err(TreeError::CaseCollision { first: first.to_owned(), second: second.to_owned() });
            }
        }
        Ok(())
    }

    /// The entry at a path.
    pub fn get(&self, path: &TreePath) -> Option<&Entry> {
        self.entries.get(path)
    }

    /// All entries, sorted by the paths' bytes.
    pub fn iter(&self) -> btree_map::Iter<'_, TreePath, Entry> {
        self.entries.iter()
    }

    /// The implied folders without the root, sorted by bytes.
    pub fn folders(&self) -> BTreeSet<&str> {
        self.entries.keys().flat_map(TreePath::folders).collect()
    }

    /// How many files and links there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Digest of the canonical form: JSON without spaces, keys sorted by bytes, the same text that serialising to compact JSON gives.
    pub fn digest(&self) -> Digest {
        Digest::of(self.canonical().as_bytes())
    }

    /// Written by hand, because it must not be able to fail: a path holds no character but `"` that JSON escapes.
    fn canonical(&self) -> String {
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\\\""));
        let mut text = String::from("{");
        for (index, (path, entry)) in self.entries.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            let path = quoted(path.as_str());
            // Writing to a String cannot fail.
            let _ = match entry {
                Entry::File { digest, mode, size } => {
                    let mode = mode.name();
                    write!(text, "{comma}{path}:{{\"file\":{{\"digest\":\"{digest}\",\"mode\":\"{mode}\",\"size\":{size}}}}}")
                }
                Entry::Symlink { target } => write!(text, "{comma}{path}:{{\"symlink\":{{\"target\":{}}}}}", quoted(target)),
            };
        }
        text.push('}');
        text
    }

    fn has_folder(&self, path: &str) -> bool {
        let below = format!("{path}/");
        self.entries
            .range::<str, _>((Bound::Included(below.as_str()), Bound::Unbounded))
            .next()
            .is_some_and(|(next, _)| next.as_str().starts_with(&below))
    }
}

fn link_error(path: &TreePath, target: &str, problem: LinkProblem) -> TreeError {
    TreeError::Link { path: path.clone(), target: target.escape_debug().take(80).collect(), problem }
}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(&self.entries).finish()
    }
}

impl<'tree> IntoIterator for &'tree Tree {
    type Item = (&'tree TreePath, &'tree Entry);
    type IntoIter = btree_map::Iter<'tree, TreePath, Entry>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Serialize for Tree {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(&self.entries)
    }
}

/// Reads a tree with every check of [`Tree::insert`] and [`Tree::check_links`]; a path named twice is an error.
impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;

        impl<'de> Visitor<'de> for Entries {
            type Value = Tree;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map from path to entry")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Tree, M::Error> {
                let mut tree = Tree::new();
                while let Some((path, entry)) = map.next_entry()? {
                    tree.insert(path, entry).map_err(M::Error::custom)?;
                }
                tree.check_links().map_err(M::Error::custom)?;
                Ok(tree)
            }
        }

        deserializer.deserialize_map(Entries)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn path(text: &str) -> TreePath {
        text.parse().unwrap()
    }

    fn file() -> Entry {
        Entry::File { digest: Digest::of(b""), mode: Mode::Regular, size: 0 }
    }

    fn link(target: &str) -> Entry {
        Entry::Symlink { target: target.to_owned() }
    }

    fn tree(entries: &[(&str, Entry)]) -> Tree {
        let mut tree = Tree::new();
        for (at, entry) in entries {
            tree.insert(path(at), entry.clone()).unwrap();
        }
        tree
    }

    fn problem(result: Result<(), TreeError>) -> Option<LinkProblem> {
        match result {
            Ok(()) => None,
            Err(TreeError::Link { problem, .. }) => Some(problem),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn conflicts_are_refused_in_either_order() {
        let mut base = tree(&[("a/b", file())]);
        assert_eq!(base.insert(path("a/b"), file()), Err(TreeError::Duplicate(path("a/b"))));
        assert_eq!(base.insert(path("a"), file()), Err(TreeError::FileIsFolder(path("a"))));
        assert_eq!(base.insert(path("a/b/c"), file()), Err(TreeError::FileIsFolder(path("a/b"))));
        assert_eq!(base.insert(path("a-"), file()), Ok(()));
        let mut linked = tree(&[("lib", file()), ("l", link("lib"))]);
        assert_eq!(linked.insert(path("l/x"), file()), Err(TreeError::FileIsFolder(path("l"))));
    }

    #[test]
    fn targets_of_links_are_relative_and_stay_within() {
        let attempt = |at: &str, target: &str| problem(Tree::new().insert(path(at), link(target)));
        for target in ["", "/etc/passwd", "a\\b", "a//b", "./a", "a\0", "a/"] {
            assert_eq!(attempt("l", target), Some(LinkProblem::NotRelative), "{target:?}");
        }
        assert_eq!(attempt("l", "../x"), Some(LinkProblem::Climbs));
        assert_eq!(attempt("a/l", "../../x"), Some(LinkProblem::Climbs));
        assert_eq!(attempt("a/l", "../x"), None);
    }

    #[test]
    fn links_are_followed_through_the_tree() {
        let sound = tree(&[("lib/libx.so.1.2", file()), ("lib/libx.so.1", link("libx.so.1.2")), ("libx.so", link("lib/libx.so.1"))]);
        assert_eq!(problem(sound.check_links()), None);
        assert_eq!(problem(tree(&[("l", link("gone"))]).check_links()), Some(LinkProblem::Dangles));
        assert_eq!(problem(tree(&[("f", file()), ("l", link("f/x"))]).check_links()), Some(LinkProblem::Dangles));
        assert_eq!(problem(tree(&[("a", link("b")), ("b", link("a"))]).check_links()), Some(LinkProblem::Loops));
        // By counting it stays inside; followed through the link it does not.
        let through = tree(&[("deep/er/f", file()), ("deep/up", link("..")), ("l", link("deep/up/../f"))]);
        assert_eq!(problem(through.check_links()), Some(LinkProblem::Climbs));
    }

    #[test]
    fn names_that_differ_in_case_only_are_found_on_request() {
        assert!(tree(&[("README", file()), ("readme.md", file())]).check_case().is_ok());
        let error = tree(&[("README", file()), ("readme", file())]).check_case().unwrap_err();
        assert_eq!(error, TreeError::CaseCollision { first: "README".into(), second: "readme".into() });
        assert!(tree(&[("Lib/a", file()), ("lib/b", file())]).check_case().is_err());
        assert!(tree(&[("É", file()), ("é", file())]).check_case().is_err());
    }

    #[test]
    fn the_form_on_paper_is_fixed() {
        let small = tree(&[("bin/x", Entry::File { digest: Digest::of(b"x"), mode: Mode::Executable, size: 1 }), ("y", link("bin/x"))]);
        let digest = Digest::of(b"x");
        let expected = format!(
            r#"{{"bin/x":{{"file":{{"digest":"{digest}","mode":"executable","size":1}}}},"y":{{"symlink":{{"target":"bin/x"}}}}}}"#
        );
        assert_eq!(small.canonical(), expected);
        assert_eq!(small.digest(), Digest::of(expected.as_bytes()));
    }

    #[test]
    fn documents_are_checked_like_insertions() {
        let zero = Digest::of(b"");
        let entry = format!(r#"{{"file":{{"digest":"{zero}","mode":"regular","size":0}}}}"#);
        let read = |text: String| serde_json::from_str::<Tree>(&text).map_err(|error| error.to_string());
        assert!(read(format!(r#"{{"a":{entry}}}"#)).is_ok());
        assert!(read(format!(r#"{{"a":{entry},"a":{entry}}}"#)).unwrap_err().contains("twice"));
        assert!(read(format!(r#"{{"../a":{entry}}}"#)).unwrap_err().contains("`..`"));
        assert!(read(r#"{"a":{"symlink":{"target":"b"}}}"#.to_owned()).unwrap_err().contains("nothing"));
        assert!(read(format!(r#"{{"a":{}}}"#, entry.replace("regular", "setuid"))).is_err());
        assert!(read(format!(r#"{{"a":{}}}"#, entry.replace("\"size\"", "\"owner\":0,\"size\""))).is_err());
    }

    proptest! {
        #[test]
        fn the_canonical_form_is_what_serde_writes(names in prop::collection::btree_set("[a-z\"é .]{1,8}z", 0..12), size in any::<u64>()) {
            let mut tree = Tree::new();
            for (index, name) in names.iter().enumerate() {
                let entry = match index {
                    0 => Entry::File { digest: Digest::of(name.as_bytes()), mode: Mode::Executable, size },
                    _ => link(names.first().unwrap()),
                };
                tree.insert(path(name), entry).unwrap();
            }
            let text = serde_json::to_string(&tree).unwrap();
            prop_assert_eq!(&text, &tree.canonical());
            prop_assert_eq!(serde_json::from_str::<Tree>(&text).unwrap(), tree);
        }
    }
}
