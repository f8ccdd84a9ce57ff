//! Hostile archives, each refused by its own name; sound ones, unpacked whole.

use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::*;

/// A tar header made byte by byte: no library would write most of these.
struct Raw {
    name: Vec<u8>,
    kind: u8,
    size: u64,
    mode: u32,
    link: Vec<u8>,
    gnu: bool,
}

fn raw(name: impl AsRef<[u8]>, kind: u8, size: u64) -> Raw {
    Raw { name: name.as_ref().to_vec(), kind, size, mode: 0o644, link: Vec::new(), gnu: false }
}

impl Raw {
    fn bytes(&self) -> Vec<u8> {
        let mut block = vec![0; 512];
        block[..self.name.len()].copy_from_slice(&self.name);
        block[100..108].copy_from_slice(format!("{:07o}\0", self.mode).as_bytes());
        block[124..136].copy_from_slice(format!("{:011o}\0", self.size).as_bytes());
        block[136..148].copy_from_slice(b"00000000000\0");
        block[156] = self.kind;
        block[157..157 + self.link.len()].copy_from_slice(&self.link);
        block[257..265].copy_from_slice(if self.gnu { b"ustar  \0" } else { b"ustar\x0000" });
        summed(block)
    }
}

fn summed(mut block: Vec<u8>) -> Vec<u8> {
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

fn padded(contents: &[u8]) -> Vec<u8> {
    let mut bytes = contents.to_vec();
    bytes.resize(contents.len().next_multiple_of(512), 0);
    bytes
}

fn file(name: impl AsRef<[u8]>, contents: &[u8]) -> Vec<u8> {
    [raw(name, b'0', contents.len() as u64).bytes(), padded(contents)].concat()
}

fn extension(kind: u8, contents: &[u8]) -> Vec<u8> {
    [raw("././@LongLink", kind, contents.len() as u64).bytes(), padded(contents)].concat()
}

/// A pax record with its true length in front.
fn record(key: &str, value: &str) -> Vec<u8> {
    let rest = key.len() + value.len() + 3;
    let length = (rest..).find(|length| length - rest == length.to_string().len()).unwrap();
    format!("{length} {key}={value}\n").into_bytes()
}

fn link(name: &str, kind: u8, target: impl AsRef<[u8]>) -> Vec<u8> {
    Raw { link: target.as_ref().to_vec(), ..raw(name, kind, 0) }.bytes()
}

fn folder(name: &str) -> Vec<u8> {
    raw(name, b'5', 0).bytes()
}

const END: [u8; 1024] = [0; 1024];

fn tar(parts: &[Vec<u8>]) -> Vec<u8> {
    [parts.concat(), END.to_vec()].concat()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 1);
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zst(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.include_checksum(true).unwrap();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A folder to unpack into, with a file beside it that must not change.
struct Fixture(tempfile::TempDir);

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("sentinel"), "safe").unwrap();
        Self(folder)
    }

    fn out(&self) -> PathBuf {
        self.0.path().join("out")
    }

    fn unpack(&self, bytes: &[u8], format: &Format, limits: &Limits) -> Result<Vec<PathBuf>, UnpackError> {
        let result = unpack(Cursor::new(bytes), format, &self.out(), limits).map(|unpacked| unpacked.files);
        assert_eq!(fs::read_to_string(self.0.path().join("sentinel")).unwrap(), "safe");
        let beside = fs::read_dir(self.0.path()).unwrap().count();
        assert_eq!(beside, if result.is_ok() { 2 } else { 1 }, "nothing else may be left: {result:?}");
        result
    }
}

fn refusal(bytes: &[u8], format: &Format) -> String {
    Fixture::new().unpack(bytes, format, &Limits::default()).unwrap_err().to_string()
}

#[track_caller]
fn refused(parts: &[Vec<u8>], expected: &str) {
    let said = refusal(&gzip(&tar(parts)), &Format::TarGz);
    assert!(said.contains(expected), "said `{said}`, expected `{expected}`");
}

#[test]
fn a_sound_tar_is_unpacked_from_every_compression() {
    let long = format!("{}/{}", "d".repeat(120), "n".repeat(120));
    let script = Raw { mode: 0o4755, ..raw("root/bin/tool", b'0', 5) };
    let parts = [
        folder("root/"),
        [script.bytes(), padded(b"#!/sh")].concat(),
        file("./root/read me", b"hello"),
        folder("root/bin/"),
        link("root/lib.so", b'2', "lib.so.1"),
        link("root/lib.so.1", b'2', "bin/../bin/tool"),
        link("root/same", b'1', "root/read me"),
        extension(b'L', format!("{long}\0").as_bytes()),
        file("d", b"long"),
        extension(b'g', &record("comment", "abcd")),
        extension(b'x', &[record("path", "root/päthé!"), record("mtime", "1.25")].concat()),
        file("root/cut", b""),
    ];
    let tar = [parts.concat(), vec![0; 10240]].concat();
    for (format, bytes) in [(Format::TarGz, gzip(&tar)), (Format::TarXz, xz(&tar)), (Format::TarZst, zst(&tar))] {
        let place = Fixture::new();
        let paths = place.unpack(&bytes, &format, &Limits::default()).unwrap();
        let expected = ["root/bin/tool", "root/read me", "root/lib.so", "root/lib.so.1", "root/same", &long, "root/päthé!"];
        assert_eq!(paths, expected.map(PathBuf::from));
        assert_eq!(fs::read(place.out().join("root/lib.so")).unwrap(), b"#!/sh");
        assert_eq!(fs::read(place.out().join("root/same")).unwrap(), b"hello");
        assert_eq!(fs::read(place.out().join(&long)).unwrap(), b"long");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &str| fs::metadata(place.out().join(path)).unwrap().permissions().mode() & 0o7777;
            assert_eq!((mode("root/bin/tool"), mode("root/read me"), mode("root")), (0o755, 0o644, 0o755));
        }
    }
}

#[test]
fn names_that_trick_are_refused() {
    refused(&[file("../sentinel", b"x")], "climbs with `..`");
    refused(&[file("a/../../sentinel", b"x")], "climbs with `..`");
    refused(&[folder("../")], "climbs with `..`");
    refused(&[file("/tmp/x", b"x")], "is absolute");
    refused(&[folder("/")], "is absolute");
    refused(&[file("C:/x", b"x")], "drive letter");
    refused(&[file("a\\..\\b", b"x")], "backslash");
    refused(&[file("a\x1b[2Jb", b"x")], "control character");
    refused(&[file(b"a\xff", b"x")], "not UTF-8");
    refused(&[file("", b"x")], "has no name");
    refused(&[file("./", b"x")], "empty component");
    refused(&[file("a//b", b"x")], "empty component");
    refused(&[file("a", b"x"), file("a", b"y")], "`a` appears twice");
    refused(&[file("a", b"x"), file("./a", b"y")], "appears twice");
    refused(&[folder("a/"), folder("a/")], "appears twice");
    refused(&[file("a", b"x"), folder("a/")], "appears twice");
    refused(&[file("a", b"x"), file("a/b", b"y")], "lies below a file");
    refused(&[extension(b'L', &[b'a'; 2000]), file("a", b"x")], "is too long");
    refused(&[extension(b'L', b"a\0b\0"), file("a", b"x")], "control character");
}

#[test]
fn links_that_trick_are_refused() {
    refused(&[link("l", b'2', "/etc")], "is absolute");
    refused(&[link("l", b'2', "../..")], "leaves the archive");
    refused(&[folder("a/"), link("a/l", b'2', "../../sentinel")], "leaves the archive");
    refused(&[link("l", b'2', "")], "plain relative path");
    refused(&[link("l", b'2', "..\\..")], "plain relative path");
    refused(&[link("l", b'2', "a"), file("l/x", b"x")], "written through a symbolic link");
    refused(&[link("l", b'2', "."), link("l/m", b'2', "x")], "written through a symbolic link");
    refused(&[link("l", b'2', "a"), file("l", b"x")], "appears twice");
    // By text alone `l/../x` stays inside; by the links it does not.
    refused(&[link("up", b'2', "d/e"), link("l", b'2', "up/../../x"), folder("d/"), folder("d/e/")], "leaves the archive");
    refused(&[link("up", b'2', "d/e"), link("l", b'2', "up/../x"), folder("d/"), folder("d/e/")], "goes through another symbolic link");
    refused(&[link("h", b'1', "/etc/passwd")], "is absolute");
    refused(&[link("h", b'1', "../sentinel")], "leaves the archive");
    refused(&[link("h", b'1', "none")], "no file of that name came before");
    refused(&[folder("d/"), link("h", b'1', "d")], "no file of that name came before");
    refused(&[link("l", b'2', "x"), link("h", b'1', "l")], "no file of that name came before");
    refused(&[link("l", b'2', "x"), link("h", b'1', "l/y")], "goes through another symbolic link");
    refused(&[extension(b'K', &[b'a'; 4097]), link("l", b'2', "x")], "4096 are allowed");
}

#[test]
fn links_are_judged_in_the_folder_that_is_placed() {
    refused(&[folder("root/"), link("root/up", b'2', "../x")], "leaves the archive's only folder");
    refused(&[link("root/up", b'2', "..")], "leaves the archive's only folder");
    refused(&[file("root/a", b"x"), link("root/d/up", b'2', "../../root/a")], "leaves the archive's only folder");
    refused(
        &[folder("root/"), extension(b'x', &record("linkpath", "../x")), link("root/up", b'2', "y")],
        "leaves the archive's only folder",
    );
    // With something beside it the folder stays, and a link may lead there.
    let place = Fixture::new();
    let bytes = gzip(&tar(&[file("beside", b"x"), link("root/up", b'2', "../beside")]));
    assert_eq!(place.unpack(&bytes, &Format::TarGz, &Limits::default()).unwrap().len(), 2);
    // On a file system that folds case `UP` is the link to the root, and its `..` is outside.
    let parts = [link("root/a/b/up", b'2', "../.."), link("root/l", b'2', "a/b/UP/../x")];
    refused(&parts, "climbs with `..` out of what is no folder");
}

#[test]
fn the_only_folder_at_the_top_is_told() {
    let root = |parts: &[Vec<u8>]| {
        let folder = tempfile::tempdir().unwrap();
        unpack(Cursor::new(gzip(&tar(parts))), &Format::TarGz, &folder.path().join("out"), &Limits::default()).unwrap().root
    };
    assert_eq!(root(&[file("a/b/c", b"x")]), Some(PathBuf::from("a")));
    assert_eq!(root(&[folder("a/")]), Some(PathBuf::from("a")));
    assert_eq!(root(&[file("a/b", b"x"), file("c", b"x")]), None);
    assert_eq!(root(&[file("a", b"x")]), None);
    assert_eq!(root(&[link("a", b'2', "b")]), None);
    assert_eq!(root(&[]), None);
}

#[test]
fn members_that_are_no_files_are_refused() {
    for (kind, what) in [(b'3', "character device"), (b'4', "block device"), (b'6', "fifo"), (b'S', "sparse"), (b'M', "volume")] {
        refused(&[raw("x", kind, 0).bytes()], what);
    }
    refused(&[raw("x", b'Z', 0).bytes()], "unknown type 0x5a");
    refused(&[raw("x", b'7', 0).bytes()], "unknown type 0x37");
    refused(&[[raw("x", b'2', 512).bytes(), vec![0; 512]].concat()], "something that is no file has contents");
}

#[test]
fn headers_that_make_readers_disagree_are_refused() {
    let inner = file("hidden", b"x");
    // CVE-2025-62518: one reader skips 0 bytes and finds `hidden`, another takes it for contents.
    refused(&[extension(b'x', &record("size", "1024")), raw("a", b'0', 0).bytes(), inner], "1024 bytes and the tar header says 0");
    refused(&[extension(b'x', &record("size", "")), file("a", b"")], "malformed");
    refused(&[extension(b'x', &record("size", "-1")), file("a", b"")], "malformed");
    refused(&[extension(b'g', &record("path", "b")), file("a", b"")], "global header sets `path`");
    refused(&[extension(b'g', &record("size", "77")), file("a", b"")], "global header sets `size`");
    refused(&[extension(b'g', &record("linkpath", "b")), file("a", b"")], "global header sets `linkpath`");
    refused(&[extension(b'x', &[record("path", "b"), record("path", "c")].concat()), file("a", b"")], "gives `path` twice");
    refused(&[extension(b'x', &record("GNU.sparse.major", "1")), file("a", b"")], "sparse file");
    refused(&[extension(b'x', &record("path", "../b")), file("a", b"")], "climbs");
    refused(&[extension(b'x', &record("path", "b")), extension(b'x', &record("path", "c")), file("a", b"")], "contradicts");
    refused(&[extension(b'L', b"b\0"), extension(b'L', b"c\0"), file("a", b"")], "contradicts");
    refused(&[extension(b'L', b"b\0"), extension(b'x', &record("path", "c")), file("a", b"")], "contradicts");
    refused(&[file("a", b""), extension(b'L', b"b\0")], "has no member");
    refused(&[extension(b'L', b"b\0"), extension(b'g', &record("comment", "b")), file("a", b"")], "has no member");
    refused(&[raw("x", b'L', 1 << 30).bytes()], "4096 are allowed");
    refused(&[raw("x", b'x', 1 << 30).bytes()], "65536 are allowed");
    let mut spoilt = file("a", b"x");
    spoilt[0] = b'b';
    refused(&[spoilt], "header at byte 0 is broken: its checksum does not hold");
    let mut sizeless = raw("a", b'0', 0).bytes();
    sizeless[124..136].fill(b'9');
    refused(&[summed(sizeless)], "its size is no number");
    let mut form = raw("a", b'0', 0).bytes();
    form[257..265].copy_from_slice(b"ustar!!!");
    refused(&[summed(form)], "neither POSIX nor GNU");
}

#[test]
fn ends_that_are_none_are_refused() {
    let sound = file("a", &[7; 700]);
    let refusal = |tar: &[u8]| refusal(&gzip(tar), &Format::TarGz);
    for cut in [0, 100, 511, 512, 600, 1211, 1400, 1536, 2047, 2048, 2500, 2559] {
        let whole = tar(std::slice::from_ref(&sound));
        let said = refusal(&whole[..cut]);
        assert!(said.contains("cut short"), "{cut}: {said}");
    }
    let trailing = [sound.clone(), END.to_vec(), file("b", b"x")].concat();
    assert!(refusal(&trailing).contains("data after the end of the archive"));
    let lone = [sound.clone(), vec![0; 512], file("b", b"x"), END.to_vec()].concat();
    assert!(refusal(&lone).contains("data after the end of the archive"));
}

#[test]
fn compressed_streams_end_where_the_file_ends() {
    let tar = tar(&[file("a", &[7; 70_000])]);
    for (format, whole) in [(Format::TarGz, gzip(&tar)), (Format::TarXz, xz(&tar)), (Format::TarZst, zst(&tar))] {
        let said = refusal(&[whole.clone(), b"more".to_vec()].concat(), &format);
        assert!(said.contains("after the end of the compressed stream"), "{format:?}: {said}");
        let said = refusal(&[whole.clone(), whole.clone()].concat(), &format);
        assert!(said.contains("second compressed stream"), "{format:?}: {said}");
        for cut in [0, 1, 5, 12, whole.len() / 2, whole.len() - 9, whole.len() - 5, whole.len() - 1] {
            assert!(Fixture::new().unpack(&whole[..cut], &format, &Limits::default()).is_err(), "{format:?} cut at {cut}");
        }
        let mut flipped = whole.clone();
        // Within the last four bytes lies part of a checksum, or of the footer, in each of the formats.
        let at = whole.len() - 3;
        flipped[at] ^= 0x55;
        assert!(Fixture::new().unpack(&flipped, &format, &Limits::default()).is_err(), "{format:?} flipped near its end");
    }
}

#[test]
fn bombs_are_stopped() {
    let limits = Limits { entries: 10, unpacked: 100_000, ratio: 10, ratio_free: 20_000, ..Limits::default() };
    let said = |bytes: &[u8], format: &Format| Fixture::new().unpack(bytes, format, &limits).unwrap_err().to_string();
    let zeros = tar(&[file("a", &vec![0; 60_000])]);
    assert!(said(&gzip(&zeros), &Format::TarGz).contains("as a decompression bomb would"));
    assert!(said(&xz(&zeros), &Format::TarXz).contains("as a decompression bomb would"));
    assert!(said(&zst(&zeros), &Format::TarZst).contains("as a decompression bomb would"));
    // The end of a tar can be a bomb as well.
    assert!(said(&gzip(&[tar(&[file("a", b"")]), vec![0; 50_000]].concat()), &Format::TarGz).contains("bomb"));
    let noise = (0..150_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect::<Vec<_>>();
    assert!(said(&gzip(&tar(&[file("a", &noise)])), &Format::TarGz).contains("more than 100000 bytes"));
    assert!(said(&noise, &Format::Bare { name: "x".to_owned(), executable: true }).contains("more than 100000 bytes"));
    let many = (0..11).map(|i| file(format!("f{i}"), b"")).collect::<Vec<_>>();
    assert!(said(&gzip(&tar(&many)), &Format::TarGz).contains("more than 10 members"));
    assert!(said(&gzip(&tar(&[file("a/b/c/d/e/f/g/h/i/j/k", b"")])), &Format::TarGz).contains("more than 10 members"));
    let sound = tar(&[file("a", &vec![0; 10_000])]);
    assert_eq!(Fixture::new().unpack(&gzip(&sound), &Format::TarGz, &limits).unwrap().len(), 1);
    let small = Limits { dictionary_kib: 64, ..Limits::default() };
    assert!(Fixture::new().unpack(&xz(&sound), &Format::TarXz, &small).is_err_and(|error| error.to_string().contains("mem_limit")));
}

#[test]
fn a_bare_binary_becomes_a_program() {
    let place = Fixture::new();
    let format = Format::Bare { name: "helper".to_owned(), executable: true };
    assert_eq!(place.unpack(b"\x7fELF", &format, &Limits::default()).unwrap(), [Path::new("helper")]);
    assert_eq!(fs::read(place.out().join("helper")).unwrap(), b"\x7fELF");
    for name in ["../x", "/x", "", "a\nb"] {
        assert!(
            Fixture::new().unpack(b"x", &Format::Bare { name: name.to_owned(), executable: true }, &Limits::default()).is_err(),
            "{name:?}"
        );
    }
    assert!(matches!(place_again(&place), Err(UnpackError::Io { .. })), "an existing folder is not written into");
    assert_eq!(fs::read(place.out().join("helper")).unwrap(), b"\x7fELF");
}

fn place_again(place: &Fixture) -> Result<Unpacked, UnpackError> {
    unpack(Cursor::new(b"y"), &Format::Bare { name: "other".to_owned(), executable: true }, &place.out(), &Limits::default())
}

mod zips {
    use ::zip::write::SimpleFileOptions;

    use super::*;

    fn options() -> SimpleFileOptions {
        SimpleFileOptions::default().compression_method(::zip::CompressionMethod::Deflated).system(::zip::System::Unix)
    }

    fn sound() -> Vec<u8> {
        let mut writer = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
        writer.start_file("tool.exe", options().unix_permissions(0o755)).unwrap();
        writer.write_all(&[7; 5000]).unwrap();
        writer.add_directory("empty/", options().unix_permissions(0o755)).unwrap();
        writer.start_file("docs/lies mich ä", options()).unwrap();
        writer.write_all(b"hello").unwrap();
        writer.finish().unwrap().into_inner()
    }

    fn streamed() -> Vec<u8> {
        let mut writer = ::zip::ZipWriter::new_stream(Vec::new());
        for name in ["a", "b"] {
            writer.start_file(name, options()).unwrap();
            writer.write_all(b"").unwrap();
        }
        writer.start_file("c", options()).unwrap();
        writer.write_all(b"contents").unwrap();
        writer.finish().unwrap().into_inner()
    }

    fn find(bytes: &[u8], wanted: &[u8]) -> usize {
        bytes.windows(wanted.len()).position(|window| window == wanted).unwrap()
    }

    #[track_caller]
    fn refused(bytes: &[u8], expected: &str) {
        let said = refusal(bytes, &Format::Zip);
        assert!(said.contains(expected), "said `{said}`, expected `{expected}`");
    }

    /// Both headers of a member's name, changed.
    fn renamed(from: &str, to: &[u8]) -> Vec<u8> {
        let mut bytes = sound();
        for _ in 0..2 {
            let at = find(&bytes, from.as_bytes());
            bytes[at..at + to.len()].copy_from_slice(to);
        }
        bytes
    }

    #[test]
    fn sound_zips_are_unpacked() {
        let place = Fixture::new();
        let paths = place.unpack(&sound(), &Format::Zip, &Limits::default()).unwrap();
        assert_eq!(paths, [Path::new("tool.exe"), Path::new("docs/lies mich ä")]);
        assert_eq!(fs::read(place.out().join("tool.exe")).unwrap(), [7; 5000]);
        assert!(place.out().join("empty").is_dir());
        assert_eq!(Fixture::new().unpack(&streamed(), &Format::Zip, &Limits::default()).unwrap().len(), 3);
    }

    #[test]
    fn names_and_types_that_trick_are_refused() {
        refused(&renamed("tool.exe", b"../l.exe"), "climbs");
        refused(&renamed("tool.exe", b"/ool.exe"), "is absolute");
        refused(&renamed("tool.exe", b"to\\l.exe"), "backslash");
        refused(&renamed("tool.exe", b"t:ol.exe"), "drive letter");
        refused(&renamed("tool.exe", b"to\xffl.exe"), "not marked as UTF-8");
        refused(&renamed("docs/lies", b"tool.exe\x01"), "control character");
        for kind in [0o120_644_u32, 0o010_644, 0o020_644] {
            let mut bytes = sound();
            let central = find(&bytes, b"PK\x01\x02");
            bytes[central + 38..central + 42].copy_from_slice(&(kind << 16).to_le_bytes());
            refused(&bytes, if kind == 0o120_644 { "symbolic link" } else { "which no artifact needs" });
        }
        let twice = {
            let mut writer = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
            for name in ["aa", "ab"] {
                writer.start_file(name, options()).unwrap();
            }
            let mut bytes = writer.finish().unwrap().into_inner();
            for _ in 0..2 {
                let at = find(&bytes, b"ab");
                bytes[at + 1] = b'a';
            }
            bytes
        };
        refused(&twice, "appears twice");
    }

    #[test]
    fn readers_cannot_be_made_to_disagree() {
        let sound = sound();
        let changed = |at: usize, to: &[u8]| {
            let mut bytes = sound.clone();
            bytes[at..at + to.len()].copy_from_slice(to);
            bytes
        };
        let central = find(&sound, b"PK\x01\x02");
        let end = sound.len() - 22;
        refused(&[b"MZ".as_slice(), &sound].concat(), "directory is not where");
        refused(&[sound.as_slice(), b"x"].concat(), "end record is not at the end");
        refused(&sound[..sound.len() - 1], "end record is not at the end");
        refused(&sound[..10], "end record is not at the end");
        refused(&changed(30, b"T"), "described differently");
        refused(&changed(14, b"\0\0\0\0"), "described differently");
        refused(&changed(central + 42, b"\x01"), "does not begin where the one before it ends");
        refused(&changed(central + 8, b"\x01"), "encrypted");
        refused(&changed(central + 10, b"\x0c"), "unsupported method 12");
        refused(&changed(central + 24, b"\xff\xff\xff\xff"), "zip64");
        refused(&changed(end + 10, b"\x02"), "directory is not where");
        refused(&changed(end + 4, b"\x01"), "several disks");
        let mut shorter = changed(22, &4999_u32.to_le_bytes());
        shorter[central + 24..central + 28].copy_from_slice(&4999_u32.to_le_bytes());
        refused(&shorter, "are not those that the directory describes");
        let contents = 30 + "tool.exe".len();
        assert!(Fixture::new().unpack(&changed(contents + 4, b"\xaa"), &Format::Zip, &Limits::default()).is_err());
    }

    #[test]
    fn bombs_are_stopped_before_they_are_written() {
        let limits = Limits { unpacked: 5004, ..Limits::default() };
        assert!(matches!(Fixture::new().unpack(&sound(), &Format::Zip, &limits), Err(UnpackError::TooBig { limit: 5004 })));
        let limits = Limits { ratio: 2, ratio_free: 100, ..Limits::default() };
        assert!(matches!(Fixture::new().unpack(&sound(), &Format::Zip, &limits), Err(UnpackError::Ratio { .. })));
        let limits = Limits { entries: 2, ..Limits::default() };
        assert!(matches!(Fixture::new().unpack(&sound(), &Format::Zip, &limits), Err(UnpackError::TooMany { limit: 2 })));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn mutated_zips_stay_inside(
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
            wide in any::<bool>(),
        ) {
            let mut bytes = if wide { zip64::wide() } else { sound() };
            for (at, value) in changes {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
            let _ = Fixture::new().unpack(&bytes, &Format::Zip, &Limits::default());
        }
    }

    mod zip64;
}

fn any_member() -> impl Strategy<Value = Vec<u8>> {
    let name = prop::sample::select(vec!["a", "b", "a/b", "l", "l/x", "../sentinel", "a/../..", "/x", ".", "a/", "./l", "sentinel"]);
    let target = prop::sample::select(vec!["a", "..", "../sentinel", "l", "l/..", ".", "a/b", "/", "b/../l"]);
    let kind = prop::sample::select(b"01253LKxg67\0".to_vec());
    (name, target, kind, 0..3_u64, any::<bool>()).prop_map(|(name, target, kind, size, gnu)| {
        let size = if matches!(kind, b'L' | b'K') { target.len() as u64 } else { size };
        let header = Raw { link: target.as_bytes().to_vec(), gnu, ..raw(name, kind, size) };
        let contents = if matches!(kind, b'L' | b'K') { target.as_bytes().to_vec() } else { vec![b'c'; size as usize] };
        [header.bytes(), padded(&contents)].concat()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn random_tars_stay_inside(members in prop::collection::vec(any_member(), 1..8)) {
        let _ = Fixture::new().unpack(&gzip(&tar(&members)), &Format::TarGz, &Limits::default());
    }

    #[test]
    fn mutated_tars_stay_inside(
        members in prop::collection::vec(any_member(), 1..4),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), any::<bool>()), 1..6),
    ) {
        let mut bytes = tar(&members);
        for (at, value, mend) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
            let start = at / 512 * 512;
            if mend {
                let block = summed(bytes[start..start + 512].to_vec());
                bytes[start..start + 512].copy_from_slice(&block);
            }
        }
        let _ = Fixture::new().unpack(&gzip(&bytes), &Format::TarGz, &Limits::default());
    }

    #[test]
    fn mutated_streams_do_not_panic(
        which in 0..3_usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let tar = tar(&[file("a", &(0..3000_u32).map(|i| ((i * i) >> 3) as u8).collect::<Vec<_>>())]);
        let (format, mut bytes) = [(Format::TarGz, gzip(&tar)), (Format::TarXz, xz(&tar)), (Format::TarZst, zst(&tar))][which].clone();
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        let _ = Fixture::new().unpack(&bytes, &format, &Limits::default());
    }

    /// What the `tar` crate writes is read back whole.
    #[test]
    fn tars_of_another_writer_are_sound(
        files in prop::collection::btree_map("[a-z]{1,90}(/[a-z]{1,90}){0,3}x", prop::collection::vec(any::<u8>(), 0..1500), 1..5),
    ) {
        prop_assume!(files.keys().all(|name| !files.keys().any(|other| other.starts_with(&format!("{name}/")))));
        let mut builder = ::tar::Builder::new(Vec::new());
        for (name, contents) in &files {
            let mut header = ::tar::Header::new_gnu();
            header.set_size(contents.len() as u64);
            header.set_mode(0o644);
            builder.append_data(&mut header, name, contents.as_slice()).unwrap();
        }
        let place = Fixture::new();
        let paths = place.unpack(&xz(&builder.into_inner().unwrap()), &Format::TarXz, &Limits::default()).unwrap();
        prop_assert_eq!(paths.len(), files.len());
        for (name, contents) in &files {
            prop_assert_eq!(&fs::read(place.out().join(name)).unwrap(), contents);
        }
    }
}
