//! What every kind promises, of wheels: the same bytes, exactly what the tree says in them, and what installers and indexes ask for.

#![allow(clippy::unwrap_used, reason = "clippy takes functions that tests call for no tests")]

mod fixture;

use std::io::{self, Cursor, Read};

use fixture::{Dribble, EPOCH, ONE, add, link, noise};
use plimsoll_model::{Digest, GlibcVersion, MacosVersion};
use plimsoll_pack::wheel::{CargoPackage, Description, Project, ProjectFiles, SystemFloor, WheelFileName, WheelSpec};
use plimsoll_pack::{BlobError, Blobs, Kind, MemoryBlobs, MemoryScratch, Mode, PackError, Packed, Spec, Tree};

/// The bytes of the wheel below. If they change, raise `FORMAT_NUMBER`, and write both down here.
const GOLDEN: (u32, &str) = (1, "29b2ce53bb2fd515cf1e84778057b6669b78a8e59ab447f5bb2c99cde5fdcc90");

const PYPROJECT: &str = r#"
[project]
name = "Htty-Core"
version = "1.2.0rc1"
description = "A terminal, without one"
readme = "README.md"
requires-python = ">=3.8"
license = "MIT OR Apache-2.0"
license-files = ["LICENSE*"]
authors = [{ name = "J. Doe", email = "j@example.org" }, { name = "Nobody" }]
keywords = ["terminal", "test"]
classifiers = ["Programming Language :: Rust"]
dependencies = ["typing-extensions>=4 ; python_version < '3.11'"]

[project.optional-dependencies]
test = ["pytest"]

[project.urls]
Source = "https://example.org/git"

[project.scripts]
htty-py = "htty_core:main"
"#;

const README: &[u8] = "# Htty\r\n\r\nA terminal — without one.".as_bytes();

fn spec() -> WheelSpec {
    spec_of(PYPROJECT, "x86_64-unknown-linux-gnu", SystemFloor::Glibc(GlibcVersion::new(2, 17)))
}

fn spec_of(pyproject: &str, target: &str, floor: SystemFloor) -> WheelSpec {
    let project = Project::read(pyproject, &CargoPackage::default()).unwrap();
    let files = ["LICENSE-MIT", "README.md"].map(|path| path.parse().unwrap());
    let files = ProjectFiles { readme: Some(README), licenses: project.licenses_among(&files).unwrap() };
    let target = target.parse().unwrap();
    let name = WheelFileName::of_programs(&project, &target, floor).unwrap().to_string().parse().unwrap();
    WheelSpec::new(name, Description::new(&project, files).unwrap(), target, EPOCH).unwrap()
}

fn sound(spec: &WheelSpec) -> (Tree, MemoryBlobs) {
    let (mut tree, mut blobs) = (Tree::new(), MemoryBlobs::new());
    add(&mut tree, &mut blobs, &spec.program_path("ht"), &noise(100_000), Mode::Executable);
    add(&mut tree, &mut blobs, "htty_core/__init__.py", b"def main():\n    print('from python')\n", Mode::Regular);
    add(&mut tree, &mut blobs, "htty_core/a,b.txt", b"comma", Mode::Regular);
    add(&mut tree, &mut blobs, "htty_core/say \"x\".txt", b"", Mode::Regular);
    add(&mut tree, &mut blobs, &spec.license_path(&"LICENSE-MIT".parse().unwrap()), b"Do as you like.\n", Mode::Regular);
    (tree, blobs)
}

fn pack(spec: &WheelSpec, tree: &Tree, blobs: &dyn Blobs) -> Result<(Packed, Vec<u8>), PackError> {
    let mut out = Vec::new();
    let packed = plimsoll_pack::pack(&Spec::Wheel(Box::new(spec.clone())), tree, blobs, &MemoryScratch, ONE, &mut out)?;
    Ok((packed, out))
}

/// The text of a member.
fn member(bytes: &[u8], name: &str) -> String {
    let mut text = String::new();
    zip::ZipArchive::new(Cursor::new(bytes)).unwrap().by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

#[test]
fn bytes_change_only_together_with_the_format_number() {
    let spec = spec();
    let (tree, blobs) = sound(&spec);
    let (packed, bytes) = pack(&spec, &tree, &blobs).unwrap();
    assert_eq!((packed.hashed.digest(), packed.hashed.size()), (Digest::of(&bytes), bytes.len() as u64));
    assert_eq!(packed.file_name, spec.file_name().as_str());
    let found = packed.hashed.digest().to_string();
    assert_eq!((Kind::Wheel.format_number(), found.as_str()), GOLDEN, "bytes have changed: raise FORMAT_NUMBER");
}

#[test]
fn neither_order_nor_pieces_change_the_bytes() {
    let spec = spec();
    let (tree, blobs) = sound(&spec);
    let (_, bytes) = pack(&spec, &tree, &blobs).unwrap();
    let mut reversed = Tree::new();
    let entries = tree.iter().map(|(path, entry)| (path.clone(), entry.clone())).collect::<Vec<_>>();
    entries.into_iter().rev().for_each(|(path, entry)| reversed.insert(path, entry).unwrap());
    assert!(pack(&spec, &reversed, &Dribble(&blobs)).unwrap().1 == bytes);
}

#[test]
fn the_listing_is_the_contents_and_the_record_says_the_same() {
    let spec = spec();
    let (tree, blobs) = sound(&spec);
    let (_, bytes) = pack(&spec, &tree, &blobs).unwrap();
    let found = fixture::zip::read(&bytes);
    let names = found.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>();
    let expected = [
        "htty_core-1.2.0rc1.data/scripts/ht",
        "htty_core/__init__.py",
        "htty_core/a,b.txt",
        "htty_core/say \"x\".txt",
        "htty_core-1.2.0rc1.dist-info/METADATA",
        "htty_core-1.2.0rc1.dist-info/WHEEL",
        "htty_core-1.2.0rc1.dist-info/entry_points.txt",
        "htty_core-1.2.0rc1.dist-info/licenses/LICENSE-MIT",
        "htty_core-1.2.0rc1.dist-info/RECORD",
    ];
    assert_eq!(names, expected);
    assert_eq!(spec.members(&tree), expected);
    let modes = found.iter().map(|(_, found)| found.mode).collect::<Vec<_>>();
    assert!(modes[0] == 0o755 && modes[1..].iter().all(|mode| *mode == 0o644));
    let record = member(&bytes, expected[8]);
    let lines = record.lines().collect::<Vec<_>>();
    assert_eq!(lines.len(), expected.len());
    assert!(lines[2].starts_with("\"htty_core/a,b.txt\",sha256=") && lines[2].ends_with(",5"), "{}", lines[2]);
    assert!(lines[3].starts_with("\"htty_core/say \"\"x\"\".txt\",sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0"), "{}", lines[3]);
    assert_eq!(lines[8], "htty_core-1.2.0rc1.dist-info/RECORD,,");
}

#[test]
fn metadata_is_byte_exact() {
    let spec = spec();
    assert_eq!(spec.file_name().as_str(), "htty_core-1.2.0rc1-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl");
    let (tree, blobs) = sound(&spec);
    let (_, bytes) = pack(&spec, &tree, &blobs).unwrap();
    let metadata = r#"Metadata-Version: 2.4
Name: Htty-Core
Version: 1.2.0rc1
Summary: A terminal, without one
Description-Content-Type: text/markdown
Keywords: terminal,test
Author: Nobody
Author-email: "J. Doe" <j@example.org>
License-Expression: MIT OR Apache-2.0
License-File: LICENSE-MIT
Classifier: Programming Language :: Rust
Requires-Dist: typing-extensions>=4; python_version < "3.11"
Requires-Python: >=3.8
Project-URL: Source, https://example.org/git
Provides-Extra: test
Requires-Dist: pytest; extra == "test"

# Htty

A terminal — without one.
"#;
    assert_eq!(member(&bytes, "htty_core-1.2.0rc1.dist-info/METADATA"), metadata);
    let wheel = "Wheel-Version: 1.0\nGenerator: plimsoll\nRoot-Is-Purelib: false\nTag: py3-none-manylinux2014_x86_64\nTag: py3-none-manylinux_2_17_x86_64\n";
    assert_eq!(member(&bytes, "htty_core-1.2.0rc1.dist-info/WHEEL"), wheel);
    assert_eq!(member(&bytes, "htty_core-1.2.0rc1.dist-info/entry_points.txt"), "[console_scripts]\nhtty-py = htty_core:main\n");
}

#[test]
fn a_project_that_says_little_has_little_metadata() {
    let text = "[project]\nname = \"a\"\nversion = \"1\"\nlicense = { text = \"Own\\nterms\\n\" }";
    let spec = spec_of(text, "aarch64-apple-darwin", SystemFloor::Macos(MacosVersion::new(11, 0)));
    assert_eq!(spec.file_name().as_str(), "a-1-py3-none-macosx_11_0_arm64.whl");
    let (mut tree, mut blobs) = (Tree::new(), MemoryBlobs::new());
    add(&mut tree, &mut blobs, &spec.program_path("a"), b"x", Mode::Executable);
    add(&mut tree, &mut blobs, "a-1.dist-info/licenses/LICENSE-MIT", b"x", Mode::Regular);
    let (_, bytes) = pack(&spec, &tree, &blobs).unwrap();
    let expected = "Metadata-Version: 2.4\nName: a\nVersion: 1\nLicense: Own\n        terms\nLicense-File: LICENSE-MIT\n";
    assert_eq!(member(&bytes, "a-1.dist-info/METADATA"), expected);
    assert!(!spec.members(&tree).iter().any(|name| name.ends_with("entry_points.txt")));
}

#[test]
fn what_fits_every_system_has_its_modules_among_those_for_every_system() {
    let project = Project::read("[project]\nname = \"a\"\nversion = \"1\"", &CargoPackage::default()).unwrap();
    let description = Description::new(&project, ProjectFiles::default()).unwrap();
    let name = "a-1-py3-none-any.whl".parse().unwrap();
    let spec = WheelSpec::new(name, description, "x86_64-unknown-linux-gnu".parse().unwrap(), EPOCH).unwrap();
    let (mut tree, mut blobs) = (Tree::new(), MemoryBlobs::new());
    add(&mut tree, &mut blobs, "a.py", b"x", Mode::Regular);
    let (_, bytes) = pack(&spec, &tree, &blobs).unwrap();
    let expected = "Wheel-Version: 1.0\nGenerator: plimsoll\nRoot-Is-Purelib: true\nTag: py3-none-any\n";
    assert_eq!(member(&bytes, "a-1.dist-info/WHEEL"), expected);
}

/// No data descriptor, no extra field, nothing but stored and deflated, no comment, nothing behind the end: what PyPI refuses.
#[test]
fn the_zip_is_as_indexes_ask() {
    let spec = spec();
    let (tree, blobs) = sound(&spec);
    let (_, bytes) = pack(&spec, &tree, &blobs).unwrap();
    let word = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
    let long = |at: usize| usize::from(word(at)) | usize::from(word(at + 2)) << 16;
    let end = bytes.len() - 22;
    assert_eq!((&bytes[end..end + 4], word(end + 20)), (&b"PK\x05\x06"[..], 0));
    let mut at = long(end + 16);
    for _ in 0..word(end + 10) {
        assert_eq!(&bytes[at..at + 4], b"PK\x01\x02");
        // Flags: at most UTF-8 names; method; extra field; comment.
        assert_eq!((word(at + 8) & !0x800, [0, 8].contains(&word(at + 10)), word(at + 30), word(at + 32)), (0, true, 0, 0));
        let local = long(at + 42);
        assert_eq!((&bytes[local..local + 4], word(local + 6) & !0x800, word(local + 28)), (&b"PK\x03\x04"[..], 0, 0));
        at += 46 + usize::from(word(at + 28));
    }
    assert_eq!(at, end);
}

fn refused(paths: &[(&str, Mode)]) -> String {
    let spec = spec();
    let (mut tree, mut blobs) = sound(&spec);
    paths.iter().for_each(|(path, mode)| add(&mut tree, &mut blobs, path, b"x", *mode));
    pack(&spec, &tree, &blobs).unwrap_err().to_string().split_once(": ").unwrap().1.to_owned()
}

#[test]
fn what_installers_get_wrong_is_refused() {
    let scripts = "htty_core-1.2.0rc1.data/scripts";
    let two = "and the command `htty-py` of `project.scripts` would be one file: give one of them another name";
    assert_eq!(refused(&[(&format!("{scripts}/htty-py"), Mode::Executable)]), format!("the program `htty-py` {two}"));
    assert_eq!(refused(&[(&format!("{scripts}/HTTY-PY.exe"), Mode::Executable)]), format!("the program `HTTY-PY.exe` {two}"));
    assert_eq!(
        refused(&[(&format!("{scripts}/other"), Mode::Regular)]),
        format!("`{scripts}/other` is a program without the permission to be executed")
    );
    for path in ["htty_core-1.2.0rc1.dist-info/METADATA", "htty_core-1.2.0rc1.dist-info/RECORD", "htty_core-1.2.0rc1.dist-info/licenses/x"]
    {
        let expected = format!("`{path}` lies where the wheel's own metadata does, and is no licence that `project.license-files` names");
        assert_eq!(refused(&[(path, Mode::Regular)]), expected);
    }
    for path in ["htty_core-1.2.0rc1.data/data/x", "htty_core-1.2.0rc1.data/scripts/a/b", "htty_core-1.2.0rc1.data/x"] {
        assert_eq!(
            refused(&[(path, Mode::Executable)]),
            format!("`{path}` lies in the wheel's data folder, which takes programs in `{scripts}` only")
        );
    }
    for path in ["other-1.dist-info/METADATA", "Htty_Core-1.2.0rc1.data/scripts/x", "x.egg-info"] {
        assert_eq!(refused(&[(path, Mode::Executable)]), format!("`{path}` lies in the metadata or data folder of another distribution"));
    }
    let spec = spec();
    let (mut tree, mut blobs) = (Tree::new(), MemoryBlobs::new());
    assert!(matches!(pack(&spec, &tree, &blobs), Err(PackError::Empty { .. })));
    add(&mut tree, &mut blobs, &spec.program_path("ht"), b"x", Mode::Executable);
    let missing = pack(&spec, &tree, &blobs).unwrap_err().to_string();
    let path = "htty_core-1.2.0rc1.dist-info/licenses/LICENSE-MIT";
    assert!(missing.ends_with(&format!("the licence `{path}` is named in the metadata and not in the tree")), "{missing}");
    add(&mut tree, &mut blobs, path, b"x", Mode::Regular);
    link(&mut tree, "htty_core.py", &spec.program_path("ht"));
    assert!(matches!(pack(&spec, &tree, &blobs), Err(PackError::SymlinkInZip { .. })));
}

#[test]
fn names_that_the_users_system_cannot_hold_are_refused_only_there() {
    let text = "[project]\nname = \"a\"\nversion = \"1\"\nlicense-files = []";
    let packed = |target: &str, floor| {
        let spec = spec_of(text, target, floor);
        let (mut tree, mut blobs) = (Tree::new(), MemoryBlobs::new());
        add(&mut tree, &mut blobs, "a/aux.py", b"x", Mode::Regular);
        pack(&spec, &tree, &blobs)
    };
    assert!(matches!(packed("x86_64-pc-windows-msvc", SystemFloor::None), Err(PackError::Tree(_))));
    assert!(packed("x86_64-unknown-linux-musl", SystemFloor::None).is_ok());
}

#[test]
fn a_readme_that_is_absent_or_no_text_is_told() {
    let project = Project::read(PYPROJECT, &CargoPackage::default()).unwrap();
    let attempt = |readme| Description::new(&project, ProjectFiles { readme, licenses: vec![] }).unwrap_err().to_string();
    assert_eq!(attempt(None), "`project.readme`: `README.md` is not among the project's files");
    assert_eq!(attempt(Some(&b"\xff"[..])), "`project.readme`: `README.md` is not UTF-8");
}

#[test]
fn a_name_of_another_project_and_a_time_that_zip_cannot_hold_make_no_spec() {
    let project = Project::read("[project]\nname = \"A.b\"\nversion = \"1.0\"", &CargoPackage::default()).unwrap();
    let description = Description::new(&project, ProjectFiles::default()).unwrap();
    let attempt = |name: &str, epoch| {
        let spec = WheelSpec::new(name.parse().unwrap(), description.clone(), "x86_64-pc-windows-msvc".parse().unwrap(), epoch);
        spec.map(|_| ()).map_err(|error| error.to_string())
    };
    assert_eq!(attempt("a_b-1.0-py3-none-win_amd64.whl", 0), Ok(()));
    assert!(attempt("a_b-1.0-py3-none-win_amd64.whl", plimsoll_pack::LAST_EPOCH + 1).unwrap_err().contains("2107"));
    assert!(attempt("a_b-1.0.zip", 0).unwrap_err().starts_with("`a_b-1.0.zip` is not named like a wheel"));
    for name in ["a_c-1.0-py3-none-win_amd64.whl", "a_b-1.0.1-py3-none-win_amd64.whl"] {
        assert_eq!(attempt(name, 0).unwrap_err(), format!("{name}: its metadata is that of another distribution or version"));
    }
}

struct Flipped<'blobs>(&'blobs MemoryBlobs, Digest);

impl Blobs for Flipped<'_> {
    fn open(&self, digest: Digest) -> io::Result<Box<dyn Read + '_>> {
        let mut bytes = Vec::new();
        self.0.open(digest)?.read_to_end(&mut bytes)?;
        bytes.iter_mut().take(usize::from(digest == self.1)).for_each(|byte| *byte ^= 1);
        Ok(Box::new(Cursor::new(bytes)))
    }
}

#[test]
fn contents_that_differ_from_the_tree_are_refused() {
    let spec = spec();
    let (tree, blobs) = sound(&spec);
    for (path, entry) in &tree {
        let plimsoll_pack::Entry::File { digest, size, .. } = entry else { continue };
        let result = pack(&spec, &tree, &Flipped(&blobs, *digest));
        match result {
            Err(PackError::Blob(BlobError::Digest { path: at, .. })) => assert_eq!(&at, path),
            other => assert!(*size == 0 && other.is_ok(), "{path}"),
        }
    }
    assert!(matches!(pack(&spec, &tree, &MemoryBlobs::new()), Err(PackError::Blob(BlobError::Read { .. }))));
}
