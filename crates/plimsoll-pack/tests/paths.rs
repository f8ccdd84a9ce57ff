//! Paths of every length and alphabet come back from the readers as they went in.

#![allow(clippy::unwrap_used, reason = "clippy takes functions that tests call for no tests")]

mod fixture;

use fixture::{ONE, archive, expected, pack_with, read_back};
use plimsoll_pack::{Entry, Format, MemoryBlobs, Mode, Spec, Tree, TreePath};
use proptest::prelude::*;

fn round_trip(tree: &Tree, blobs: &MemoryBlobs) {
    for format in [Format::TarGz, Format::Zip] {
        let links = tree.iter().any(|(_, entry)| matches!(entry, Entry::Symlink { .. }));
        if format == Format::Zip && links {
            continue;
        }
        let spec = archive("x86_64-unknown-linux-gnu", format);
        let (_, bytes) = pack_with(&spec, tree, blobs, ONE).unwrap();
        let Spec::Archive(spec) = &spec else { panic!("an archive") };
        let found = read_back(format, &bytes);
        assert_eq!(found.into_iter().collect::<std::collections::BTreeMap<_, _>>(), expected(spec, tree));
    }
}

#[test]
fn paths_around_every_limit_of_a_header() {
    // The root folder and its slash take 30 bytes of the name.
    for first in [1, 60, 69, 70, 71, 100, 124, 125, 126, 155, 200, 255] {
        for last in [1, 99, 100, 101, 155, 156, 255] {
            let (mut tree, mut blobs) = (Tree::new(), MemoryBlobs::new());
            let path = format!("{}/{}", "f".repeat(first), "n".repeat(last));
            fixture::add(&mut tree, &mut blobs, &path, b"x", Mode::Regular);
            round_trip(&tree, &blobs);
            let alone = "é".repeat(last / 2).to_owned() + "x";
            fixture::add(&mut tree, &mut blobs, &alone, b"y", Mode::Executable);
            fixture::link(&mut tree, "a-link", &path);
            round_trip(&tree, &blobs);
        }
    }
}

fn component() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-z]{1,12}",
        1 => "[a-zé猫._ -]{1,70}x",
        1 => "[a-z]{90,255}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_tree_comes_back(paths in prop::collection::vec(prop::collection::vec(component(), 1..6), 1..12)) {
        let (mut tree, mut blobs) = (Tree::new(), MemoryBlobs::new());
        for parts in &paths {
            let Ok(path) = parts.join("/").parse::<TreePath>() else { continue };
            let hashed = blobs.insert(path.as_str().as_bytes());
            // Conflicts are refused, and that is all right here.
            let _ = tree.insert_file(path, hashed.digest(), hashed.size(), Mode::Regular);
        }
        prop_assume!(!tree.is_empty() && tree.check_case().is_ok());
        prop_assume!(tree.iter().all(|(path, _)| path.check_windows().is_ok()));
        round_trip(&tree, &blobs);
    }
}
