//! What to do about a tree that a kind cannot take.

use plimsoll_pack::{PackError, TreeError};

/// What a person is told to do; none if nothing is known.
pub(crate) fn pack_hint(error: &PackError) -> Option<&'static str> {
    Some(match error {
        PackError::Tree(TreeError::Windows(_)) => {
            "rename it where it comes from; what is listed in `files` can be given another path in the archive"
        }
        PackError::Tree(TreeError::CaseCollision { .. }) => {
            "rename one of them where it comes from; what is listed in `files` can be given another path in the archive"
        }
        PackError::Tree(TreeError::Link { .. }) => "ship what the link leads to, or leave the link out",
        PackError::SymlinkInZip { .. } => "format = \"tar.xz\" keeps links; for Windows, ship the file itself in place of the link",
        PackError::NotOneFile { .. } => "an [archive.NAME] in place of [static.NAME] ships several files",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use plimsoll_pack::{ArchiveSpec, Format, MemoryBlobs, MemoryScratch, Mode, OneFileSpec, Spec};

    use std::num::NonZeroU32;

    use plimsoll_pack::{Entry, Tree, pack};

    use super::*;

    fn refused(spec: &Spec, files: &[&str], link: Option<&str>) -> PackError {
        let (mut tree, mut blobs) = (Tree::new(), MemoryBlobs::new());
        for path in files {
            let hashed = blobs.insert(path.as_bytes());
            tree.insert_file(path.parse().unwrap(), hashed.digest(), hashed.size(), Mode::Regular).unwrap();
        }
        if let Some(target) = link {
            tree.insert("link".parse().unwrap(), Entry::Symlink { target: target.to_owned() }).unwrap();
        }
        pack(spec, &tree, &blobs, &MemoryScratch, NonZeroU32::MIN, &mut Vec::new()).unwrap_err()
    }

    #[test]
    fn a_tree_that_a_kind_cannot_take_is_told_with_what_to_do() {
        let zip = ArchiveSpec::new("a.zip".parse().unwrap(), "x86_64-pc-windows-gnu".parse().unwrap(), Format::Zip, 0).unwrap();
        let (zip, bare) = (Spec::Archive(zip), Spec::Static(OneFileSpec::new("a".parse().unwrap())));
        for (error, word) in [
            (refused(&zip, &["aux.h"], None), "rename"),
            (refused(&zip, &["a", "A"], None), "rename"),
            (refused(&zip, &["a"], Some("a")), "tar.xz"),
            (refused(&zip, &["a"], Some("b")), "link"),
            (refused(&bare, &["a", "b"], None), "[archive.NAME]"),
        ] {
            assert!(pack_hint(&error).is_some_and(|hint| hint.contains(word)), "{error}");
        }
        assert_eq!(pack_hint(&refused(&zip, &[], None)), None);
    }
}
