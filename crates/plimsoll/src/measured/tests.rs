//! What is said of a program and of a library, held against the bytes of this machine's own loader.

use std::io::{Seek as _, Write as _};

use plimsoll_model::release::Won;
use plimsoll_model::{ArtifactId, Digest, Means};

use super::*;

const TARGET: &str = "x86_64-unknown-linux-gnu";
const LOADER: &str = "/lib64/ld-linux-x86-64.so.2";

fn artifact(kind: &str, binary: &str, measured: Measured) -> ReleasedArtifact {
    let target = TARGET.parse().unwrap();
    let (kind, name) = (kind.parse().unwrap(), "a".parse().unwrap());
    ReleasedArtifact {
        id: ArtifactId::new(&kind, &name, Some(&target)),
        kind,
        name,
        target: Some(target),
        file_name: "a.file".parse().unwrap(),
        sha256: Digest::of(b""),
        size: 0,
        format: None,
        binaries: vec![binary.to_owned()],
        cpu: None,
        measured,
        required: [].into(),
        gaps: Default::default(),
        targets: Default::default(),
        proven: vec![Won { trial: None, root: "sandbox".parse().unwrap(), libc: None, means: Means::Native, plain_not_tried: None }],
    }
}

fn file(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.rewind().unwrap();
    file
}

/// A gzipped tarball whose deflate blocks are stored (RFC 1952, RFC 1951).
fn tarball(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_ustar();
    header.set_size(bytes.len() as u64);
    header.set_mode(0o644);
    builder.append_data(&mut header, name, bytes).unwrap();
    let tar = builder.into_inner().unwrap();
    let mut packed = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    let blocks = tar.chunks(0xffff).collect::<Vec<_>>();
    for (at, block) in blocks.iter().enumerate() {
        let length = u16::try_from(block.len()).unwrap();
        packed.push(u8::from(at + 1 == blocks.len()));
        packed.extend(length.to_le_bytes());
        packed.extend((!length).to_le_bytes());
        packed.extend(*block);
    }
    let crc = !tar.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
    });
    packed.extend(crc.to_le_bytes());
    packed.extend(u32::try_from(tar.len()).unwrap().to_le_bytes());
    packed
}

#[test]
fn what_is_said_must_be_what_the_bytes_are() {
    let Ok(bytes) = fs::read(LOADER) else {
        test_needs::not_run(Some(test_needs::Need::X86_64Linux), &format!("there is no {LOADER}"));
        return;
    };
    let truth = assemble::measured([&inspect(&bytes).unwrap()]);
    let packed = tarball("liba.so", &bytes);
    for (kind, bytes) in [("static", bytes.as_slice()), ("nif", packed.as_slice())] {
        let said =
            |measured: Measured| findings(&artifact(kind, "a", measured), file(bytes)).iter().map(ToString::to_string).collect::<String>();
        assert_eq!(said(truth.clone()), "", "{kind}");
        let false_floor = said(Measured { glibc: Some(plimsoll_model::GlibcVersion::new(2, 99)), ..truth.clone() });
        assert!(false_floor.starts_with("release.json says of ") && false_floor.contains("glibc 2.99"), "{false_floor}");
        let false_library = said(Measured { needed: vec!["libz.so.1".to_owned()], ..truth.clone() });
        assert!(false_library.contains("needs libz.so.1"), "{false_library}");
        let other = ReleasedArtifact { target: Some("aarch64-unknown-linux-gnu".parse().unwrap()), ..artifact(kind, "a", truth.clone()) };
        let other = findings(&other, file(bytes)).iter().map(ToString::to_string).collect::<String>();
        assert!(other.contains("is for x86_64, not for aarch64"), "{other}");
    }
    let empty = findings(&artifact("nif", "a", truth), file(&tarball("README", b"no library")));
    assert!(empty[0].to_string().contains("it holds no library"));
}

#[test]
fn what_was_measured_once_is_not_measured_again_and_a_fault_always_is() {
    let Ok(bytes) = fs::read(LOADER) else {
        test_needs::not_run(Some(test_needs::Need::X86_64Linux), &format!("there is no {LOADER}"));
        return;
    };
    let place = tempfile::tempdir().unwrap();
    let store = Store::open(place.path()).unwrap();
    let truth = artifact("static", "a", assemble::measured([&inspect(&bytes).unwrap()]));
    assert!(remembered(&store, 0, &truth, || Ok(file(&bytes))).is_empty());
    assert!(remembered(&store, 0, &truth, || Err(io::Error::other("not opened again"))).is_empty());
    let lie = ReleasedArtifact { measured: Measured { linkage: "static-pie-and-more".to_owned(), ..truth.measured.clone() }, ..truth };
    for _ in 0..2 {
        assert_eq!(remembered(&store, 0, &lie, || Ok(file(&bytes))).len(), 1);
    }
}
