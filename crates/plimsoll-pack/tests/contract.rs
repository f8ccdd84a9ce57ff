//! What every kind with every format promises: the same bytes, and exactly what the tree says in them.

mod fixture;

use std::collections::BTreeMap;

use fixture::{Case, Dribble, ONE, TWO, cases, expected, expected_at, pack_with, read_back};
use plimsoll_model::Digest;
use plimsoll_pack::nif::NifFileName;
use plimsoll_pack::wheel::WheelFileName;
use plimsoll_pack::{Format, Kind, Spec, Tree};

#[test]
fn the_same_bytes_come_twice_and_their_digest_is_told() {
    for case in cases() {
        let (packed, bytes) = case.pack(ONE);
        assert_eq!(case.pack(ONE), (packed.clone(), bytes.clone()), "{}", case.label());
        assert_eq!((packed.hashed.digest(), packed.hashed.size()), (Digest::of(&bytes), bytes.len() as u64), "{}", case.label());
        assert_eq!(packed.file_name, case.spec.file_name().as_str());
    }
}

#[test]
fn threads_do_not_change_the_bytes() {
    for case in cases() {
        assert!(case.pack(ONE).1 == case.pack(TWO).1, "{}", case.label());
    }
}

#[test]
fn the_order_of_insertion_does_not_change_the_bytes() {
    for case in cases() {
        let (_, bytes) = case.pack(ONE);
        let entries: Vec<_> = case.tree.iter().map(|(path, entry)| (path.clone(), entry.clone())).collect();
        for turn in 0..entries.len() {
            let mut shuffled = entries.clone();
            shuffled.rotate_left(turn);
            shuffled.reverse();
            let mut tree = Tree::new();
            shuffled.into_iter().for_each(|(path, entry)| tree.insert(path, entry).unwrap());
            assert_eq!(tree.digest(), case.tree.digest());
            if turn == entries.len() / 2 {
                assert!(pack_with(&case.spec, &tree, &case.blobs, ONE).unwrap().1 == bytes, "{}", case.label());
            }
        }
    }
}

#[test]
fn how_blobs_are_cut_does_not_change_the_bytes() {
    for case in cases() {
        let (_, dribbled) = pack_with(&case.spec, &case.tree, &Dribble(&case.blobs), ONE).unwrap();
        assert!(dribbled == case.pack(ONE).1, "{}", case.label());
    }
}

#[test]
fn the_listing_is_the_contents() {
    for case in cases() {
        let (_, bytes) = case.pack(TWO);
        let listing = case.spec.members(&case.tree);
        let (format, expected) = match &case.spec {
            Spec::Archive(spec) => (spec.format(), expected(spec, &case.tree)),
            Spec::Nif(_) => (Format::TarGz, expected_at(None, &case.tree)),
            // It has no folders, and describes itself: tests/wheel.rs has each of its members.
            Spec::Wheel(_) => {
                let found = read_back(Format::Zip, &bytes);
                assert_eq!(found.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>(), listing);
                let found = found.into_iter().collect::<BTreeMap<_, _>>();
                let of_tree = case.tree.iter().map(|(path, _)| path.to_string());
                let files = expected_at(None, &case.tree);
                of_tree.for_each(|path| assert_eq!(found[&path], files[&path], "{path}"));
                continue;
            }
            Spec::Static(_) | Spec::File(_) => {
                assert_eq!(listing, [case.spec.file_name().as_str()]);
                let only = case.tree.iter().next().unwrap().1.clone();
                assert!(matches!(only, plimsoll_pack::Entry::File { digest, .. } if digest == Digest::of(&bytes)));
                continue;
            }
        };
        let found = read_back(format, &bytes);
        assert_eq!(found.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>(), listing, "{}", case.label());
        assert_eq!(found.into_iter().collect::<BTreeMap<_, _>>(), expected, "{}", case.label());
    }
}

#[test]
fn no_member_is_absolute_or_climbs_and_folders_come_first() {
    for Case { spec, tree, .. } in cases() {
        let mut seen = std::collections::BTreeSet::new();
        let mut names = spec.members(&tree);
        // A wheel has no folders, and its list of files comes last.
        let has_folders = !matches!(spec, Spec::Wheel(_));
        assert!(names.is_sorted() || !has_folders);
        for name in names.drain(..) {
            let inner = name.strip_suffix('/').unwrap_or(&name);
            assert!(inner.parse::<plimsoll_pack::TreePath>().is_ok(), "{name}");
            if let Some((folder, _)) = inner.rsplit_once('/').filter(|_| has_folders) {
                assert!(seen.contains(&format!("{folder}/")), "{name} before its folder");
            }
            assert!(seen.insert(name));
        }
    }
}

#[test]
fn a_tarball_has_one_root_folder_named_like_it_and_a_zip_is_flat() {
    for case in cases() {
        let Spec::Archive(spec) = &case.spec else { continue };
        match spec.root_folder() {
            Some(root) => {
                assert_eq!(format!("{root}{}", spec.format().suffix()), spec.file_name().as_str());
                assert!(spec.members(&case.tree).iter().all(|name| name.starts_with(&format!("{root}/"))));
            }
            None => assert_eq!(spec.format(), Format::Zip),
        }
    }
}

#[test]
fn names_end_as_their_kind_says_and_those_of_nifs_round_trip() {
    for case in cases() {
        let name = case.spec.file_name().as_str();
        let suffix = match &case.spec {
            Spec::Archive(spec) => spec.format().suffix(),
            Spec::Nif(_) => {
                assert_eq!(name.parse::<NifFileName>().unwrap().to_string(), name);
                ".tar.gz"
            }
            Spec::Wheel(_) => {
                assert_eq!(name.parse::<WheelFileName>().unwrap().to_string(), name);
                ".whl"
            }
            Spec::Static(_) | Spec::File(_) => "",
        };
        assert!(name.ends_with(suffix), "{name}");
    }
}

#[test]
fn default_names_have_no_version_so_that_links_to_the_latest_release_stay() {
    for kind in Kind::ALL {
        let has_its_own = matches!(kind, Kind::Nif | Kind::File | Kind::Wheel);
        let expected = if has_its_own { None } else { Some("{name}-{target}") };
        assert_eq!(kind.default_file_stem(), expected, "{kind}");
    }
}

#[test]
fn every_shipped_binary_has_a_probe_and_none_gives_none() {
    // A NIF is no program, and of a file nothing is known.
    for kind in Kind::ALL.iter().filter(|kind| !matches!(kind, Kind::Nif | Kind::File)) {
        let binaries = ["bin/a".to_owned(), "bin/b".to_owned()];
        let probes = plimsoll_pack::default_probes(*kind, &binaries);
        assert_eq!(probes.iter().map(|probe| probe.binary.as_str()).collect::<Vec<_>>(), ["bin/a", "bin/b"]);
        assert!(probes.iter().all(|probe| probe.arguments == ["--version"] && probe.expect_exit == 0));
        assert!(probes.iter().all(|probe| probe.expect_output.as_deref() == Some("{version}")));
        assert!(plimsoll_pack::default_probes(*kind, &[]).is_empty());
    }
}

#[test]
fn headers_of_compressors_say_nothing_of_the_host() {
    for case in cases() {
        let (_, bytes) = case.pack(ONE);
        let format = match &case.spec {
            Spec::Archive(spec) => spec.format(),
            Spec::Nif(_) => Format::TarGz,
            Spec::Wheel(_) => Format::Zip,
            Spec::Static(_) | Spec::File(_) => continue,
        };
        match format {
            // No flags, no time, greatest compression, system unknown.
            Format::TarGz => assert_eq!(bytes[..10], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255]),
            // Stream flags: CRC64.
            Format::TarXz => assert_eq!(bytes[..8], *b"\xfd7zXZ\0\0\x04"),
            // The descriptor's checksum bit.
            Format::TarZst => assert_eq!((&bytes[..4], bytes[4] & 4), (&b"\x28\xb5\x2f\xfd"[..], 4)),
            // First local header: version 2.0, no data descriptor.
            Format::Zip => assert_eq!((&bytes[..4], bytes[6] & 8), (&b"PK\x03\x04"[..], 0)),
        }
    }
}
