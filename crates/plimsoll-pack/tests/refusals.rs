//! Trees, blobs and writers that must give an error of their own, and never an artifact.

mod fixture;

use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};
use std::num::NonZeroU32;

use fixture::{ELIXIR_MAKE, ONE, PRECOMPILED, TWO, add, archive, bare, cases, link, nif, pack_with};
use plimsoll_model::Digest;
use plimsoll_pack::tree::LinkProblem;
use plimsoll_pack::{
    ArchiveSpec, BlobError, Blobs, Format, LAST_EPOCH, MemoryBlobs, MemoryScratch, Mode, NifSpec, PackError, Scratch, ScratchFile,
    SpecError, Tree, TreeError, pack,
};

const LINUX: &str = "x86_64-unknown-linux-gnu";
const MAC: &str = "aarch64-apple-darwin";
const WINDOWS: &str = "x86_64-pc-windows-msvc";

fn tree(paths: &[&str]) -> (Tree, MemoryBlobs) {
    let (mut tree, mut blobs) = (Tree::new(), MemoryBlobs::new());
    paths.iter().for_each(|path| add(&mut tree, &mut blobs, path, path.as_bytes(), Mode::Regular));
    (tree, blobs)
}

#[test]
fn an_empty_tree_is_no_artifact() {
    for case in cases() {
        let error = pack_with(&case.spec, &Tree::new(), &case.blobs, ONE).unwrap_err();
        assert!(matches!(error, PackError::Empty { .. }), "{}: {error}", case.label());
    }
}

#[test]
fn a_dangling_link_is_refused_by_every_kind() {
    for mut case in cases() {
        link(&mut case.tree, "dangling", "nowhere");
        let error = pack_with(&case.spec, &case.tree, &case.blobs, ONE).unwrap_err();
        assert!(matches!(error, PackError::Tree(TreeError::Link { problem: LinkProblem::Dangles, .. })), "{}: {error}", case.label());
    }
}

#[test]
fn a_bare_binary_is_one_regular_file() {
    let (mut two, blobs) = tree(&["a", "b"]);
    let error = pack_with(&bare(LINUX), &two, &blobs, ONE).unwrap_err();
    assert!(matches!(error, PackError::NotOneFile { files: 2, links: 0, .. }), "{error}");
    link(&mut two, "c", "a");
    let error = pack_with(&bare(LINUX), &two, &blobs, ONE).unwrap_err();
    assert!(matches!(error, PackError::NotOneFile { files: 2, links: 1, .. }), "{error}");
}

#[test]
fn a_nif_is_the_one_file_that_the_consumer_looks_for() {
    let member = PRECOMPILED.strip_suffix(".tar.gz").unwrap();
    assert!(pack_with(&nif(PRECOMPILED), &tree(&[member]).0, &tree(&[member]).1, ONE).is_ok());
    for (paths, shown) in [
        (vec!["libtool.so"], "`libtool.so`".to_owned()),
        (vec![&*format!("priv/{member}")], format!("`priv/{member}`")),
        (vec![member, "README"], format!("`README`, `{member}`")),
        (vec!["a", "b", "c", "d", "e", "f"], "`a`, `b`, `c`, `d` and 2 more".to_owned()),
    ] {
        let (tree, blobs) = tree(&paths);
        let error = pack_with(&nif(PRECOMPILED), &tree, &blobs, ONE).unwrap_err();
        assert_eq!(error.to_string(), format!("{PRECOMPILED}: must hold the one file `{member}` at its root, but the tree has {shown}"));
    }
    let (tree, blobs) = tree(&["tool.so", "data/table"]);
    assert!(pack_with(&nif(ELIXIR_MAKE), &tree, &blobs, ONE).is_ok());
}

#[test]
fn names_that_no_consumer_of_nifs_asks_for_make_no_spec() {
    let spec = |name: &str, epoch| NifSpec::new(name.parse().unwrap(), epoch);
    assert!(matches!(spec("libtool.so.tar.gz", 0), Err(SpecError::Nif(_))));
    assert!(matches!(spec(PRECOMPILED, LAST_EPOCH + 1), Err(SpecError::Epoch { .. })));
}

#[test]
fn a_zip_takes_no_links() {
    let (mut tree, blobs) = tree(&["a"]);
    link(&mut tree, "b", "a");
    let error = pack_with(&archive(LINUX, Format::Zip), &tree, &blobs, ONE).unwrap_err();
    assert!(matches!(error, PackError::SymlinkInZip { ref path, .. } if path.as_str() == "b"), "{error}");
}

#[test]
fn what_the_users_file_system_cannot_hold_is_refused_only_there() {
    let (device, blobs) = tree(&["lib/aux.rs"]);
    assert!(matches!(pack_with(&archive(WINDOWS, Format::TarGz), &device, &blobs, ONE), Err(PackError::Tree(TreeError::Windows(_)))));
    assert!(matches!(pack_with(&archive(LINUX, Format::Zip), &device, &blobs, ONE), Err(PackError::Tree(TreeError::Windows(_)))));
    assert!(pack_with(&archive(LINUX, Format::TarGz), &device, &blobs, ONE).is_ok());
    let (cases, blobs) = tree(&["README", "readme"]);
    for (target, format) in [(WINDOWS, Format::Zip), (MAC, Format::TarXz), (LINUX, Format::Zip)] {
        let error = pack_with(&archive(target, format), &cases, &blobs, ONE).unwrap_err();
        assert!(matches!(error, PackError::Tree(TreeError::CaseCollision { .. })), "{target}: {error}");
    }
    assert!(pack_with(&archive(LINUX, Format::TarGz), &cases, &blobs, ONE).is_ok());
}

/// Changes the bytes of one blob on their way.
struct Tampered<'blobs> {
    blobs: &'blobs MemoryBlobs,
    digest: Digest,
    change: fn(&mut Vec<u8>),
}

impl Blobs for Tampered<'_> {
    fn open(&self, digest: Digest) -> io::Result<Box<dyn Read + '_>> {
        let mut bytes = Vec::new();
        self.blobs.open(digest)?.read_to_end(&mut bytes)?;
        if digest == self.digest {
            (self.change)(&mut bytes);
        }
        Ok(Box::new(Cursor::new(bytes)))
    }
}

#[test]
fn contents_that_differ_from_the_tree_are_refused_and_leave_no_whole_archive() {
    for case in cases() {
        let (_, whole) = case.pack(ONE);
        for (path, entry) in &case.tree {
            let &plimsoll_pack::Entry::File { digest, size, .. } = entry else { continue };
            let flip: fn(&mut Vec<u8>) = |bytes| bytes.iter_mut().take(1).for_each(|byte| *byte ^= 1);
            let cut: fn(&mut Vec<u8>) = |bytes| bytes.truncate(bytes.len() - 1);
            let grow: fn(&mut Vec<u8>) = |bytes| bytes.push(0);
            for (change, sized, least) in [(flip, false, 1), (cut, true, 1), (grow, true, 0)] {
                // Nothing can be flipped in or cut from a file of no bytes.
                if size < least {
                    continue;
                }
                let mut out = Vec::new();
                let blobs = Tampered { blobs: &case.blobs, digest, change };
                let error = pack(&case.spec, &case.tree, &blobs, &MemoryScratch, ONE, &mut out).unwrap_err();
                match error {
                    PackError::Blob(BlobError::Size { path: ref at, .. }) if sized => assert_eq!(at, path),
                    PackError::Blob(BlobError::Digest { path: ref at, .. }) if !sized => assert_eq!(at, path),
                    other => panic!("{} {path}: {other}", case.label()),
                }
                // What has no container is as long as it is; of an archive, the end is missing.
                assert!(out.len() < whole.len() || ["static", "file"].contains(&case.label().as_str()), "{} {path}", case.label());
            }
        }
    }
}

#[test]
fn a_missing_blob_names_the_path() {
    for case in cases() {
        let error = pack_with(&case.spec, &case.tree, &MemoryBlobs::new(), ONE).unwrap_err();
        let first = case.tree.iter().find(|(_, entry)| matches!(entry, plimsoll_pack::Entry::File { .. })).unwrap().0;
        assert!(matches!(&error, PackError::Blob(BlobError::Read { path, .. }) if path == first), "{}: {error}", case.label());
    }
}

/// Takes so many bytes, then is full.
struct Full {
    inner: Cursor<Vec<u8>>,
    room: usize,
}

impl Full {
    fn new(room: usize) -> Self {
        Self { inner: Cursor::new(Vec::new()), room }
    }
}

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = bytes.len().min(self.room);
        if room == 0 && !bytes.is_empty() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.room -= room;
        self.inner.write(&bytes[..room])
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.room == 0 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }
}

impl Read for Full {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buffer)
    }
}

impl Seek for Full {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

struct FullScratch(usize);

impl Scratch for FullScratch {
    fn file(&self) -> io::Result<Box<dyn ScratchFile>> {
        if self.0 == 0 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(Box::new(Full::new(self.0))) }
    }
}

fn full(error: &PackError) -> bool {
    matches!(error, PackError::Write { source, .. } | PackError::Scratch { source, .. } if source.kind() == io::ErrorKind::StorageFull)
}

#[test]
fn a_full_disk_is_an_error_wherever_it_strikes() {
    for case in cases() {
        let (_, whole) = case.pack(ONE);
        let steps = (0..whole.len()).step_by(whole.len() / 7).chain([1, 2, whole.len() - 1, whole.len()]);
        for room in steps {
            for threads in [ONE, TWO] {
                let mut out = Full::new(room);
                let error = pack(&case.spec, &case.tree, &case.blobs, &MemoryScratch, threads, &mut out).unwrap_err();
                assert!(matches!(error, PackError::Write { .. }) && full(&error), "{} at {room}: {error:?}", case.label());
                assert_eq!(out.inner.get_ref().as_slice(), &whole[..room]);
            }
        }
    }
}

#[test]
fn full_scratch_space_is_an_error_wherever_it_strikes() {
    let case = cases().into_iter().find(|case| case.label() == "archive zip").unwrap();
    let (_, whole) = case.pack(ONE);
    for room in (0..whole.len()).step_by(whole.len() / 29).chain([whole.len() - 1]) {
        let error = pack(&case.spec, &case.tree, &case.blobs, &FullScratch(room), ONE, &mut Vec::new()).unwrap_err();
        assert!(matches!(error, PackError::Scratch { .. }) && full(&error), "at {room}: {error:?}");
    }
}

#[test]
fn absurd_numbers_of_threads_are_bounded() {
    for case in cases() {
        assert!(case.pack(NonZeroU32::MAX).1 == case.pack(ONE).1, "{}", case.label());
    }
}

#[test]
fn a_name_of_another_format_and_a_time_that_zip_cannot_hold_make_no_spec() {
    let spec = |name: &str, format, epoch| ArchiveSpec::new(name.parse().unwrap(), LINUX.parse().unwrap(), format, epoch);
    assert!(spec("tool.tar.xz", Format::TarXz, LAST_EPOCH).is_ok());
    assert!(matches!(spec("tool.tar.xz", Format::TarXz, LAST_EPOCH + 1), Err(SpecError::Epoch { .. })));
    for name in ["tool.tar.gz", "tool.txz", "tool", "tool.zip"] {
        assert!(matches!(spec(name, Format::TarXz, 0), Err(SpecError::Suffix { suffix: ".tar.xz", .. })), "{name}");
    }
}
