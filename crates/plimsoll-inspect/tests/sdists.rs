//! Sdists: one folder, its metadata, nothing that leads out, and nothing that a build left.
#![allow(clippy::unwrap_used, reason = "the functions beside the tests are tests too")]

use std::io::Write as _;

use plimsoll_inspect::{PackageForm, audit};

/// A member of a tar file.
struct Member {
    name: &'static str,
    kind: u8,
    link: &'static str,
    bytes: Vec<u8>,
}

fn file(name: &'static str, bytes: impl Into<Vec<u8>>) -> Member {
    Member { name, kind: b'0', link: "", bytes: bytes.into() }
}

fn link(name: &'static str, kind: u8, link: &'static str) -> Member {
    Member { name, kind, link, bytes: Vec::new() }
}

fn tar(members: &[Member]) -> Vec<u8> {
    let mut out = Vec::new();
    for member in members {
        let mut header = [0_u8; 512];
        header[..member.name.len()].copy_from_slice(member.name.as_bytes());
        header[100..108].copy_from_slice(b"0000644\0");
        header[124..136].copy_from_slice(format!("{:011o}\0", member.bytes.len()).as_bytes());
        header[156] = member.kind;
        header[157..157 + member.link.len()].copy_from_slice(member.link.as_bytes());
        header[257..265].copy_from_slice(b"ustar\x0000");
        header[148..156].copy_from_slice(b"        ");
        let sum = header.iter().map(|byte| u32::from(*byte)).sum::<u32>();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        out.extend(header);
        out.extend(&member.bytes);
        out.resize(out.len().next_multiple_of(512), 0);
    }
    out.resize(out.len() + 1024, 0);
    out
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

const NAME: &str = "htty_core-0.2.30.tar.gz";

fn metadata() -> Member {
    file("htty_core-0.2.30/PKG-INFO", "Metadata-Version: 2.4\nName: htty-core\nVersion: 0.2.30\nLicense-File: LICENSE\n")
}

fn sound() -> Vec<Member> {
    let module = file("htty_core-0.2.30/src/htty_core/__init__.py", "");
    vec![link("htty_core-0.2.30/", b'5', ""), metadata(), file("htty_core-0.2.30/LICENSE", "MIT"), module]
}

fn told(name: &str, bytes: &[u8]) -> Vec<String> {
    let audit = audit(name, bytes).unwrap();
    assert_eq!(audit.form, PackageForm::Sdist);
    audit.findings.iter().map(|finding| format!("{}: {finding}", finding.code)).collect()
}

fn told_of(more: Vec<Member>) -> Vec<String> {
    told(NAME, &gzip(&tar(&sound().into_iter().chain(more).collect::<Vec<_>>())))
}

#[test]
fn a_sound_sdist_has_no_fault() {
    assert_eq!(told_of(Vec::new()), [""; 0]);
    let audit = audit(NAME, &gzip(&tar(&sound()))).unwrap();
    assert_eq!((audit.name.as_deref(), audit.version.as_deref(), audit.files), (Some("htty-core"), Some("0.2.30"), 3));
    let inner = link("htty_core-0.2.30/COPYING", b'2', "LICENSE");
    let hard = link("htty_core-0.2.30/LICENCE", b'1', "htty_core-0.2.30/LICENSE");
    assert_eq!(told_of(vec![inner, hard]), [""; 0]);
}

#[test]
fn wheels_and_other_outputs_are_told() {
    for (path, bytes, what) in [
        ("htty_core-0.2.30/dist/htty_core-0.2.29-py3-none-any.whl", &b"PK"[..], "a wheel"),
        ("htty_core-0.2.30/dist/htty_core-0.2.29.tar.gz", b"", "an sdist"),
        ("htty_core-0.2.30/src/htty_core/__pycache__/a.cpython-312.pyc", b"", "compiled Python"),
        ("htty_core-0.2.30/src/htty_core/_core.abi3.so", b"\x7fELF", "a program or library"),
        ("htty_core-0.2.30/target/release/ht", b"\x7fELF", "a program or library"),
        ("htty_core-0.2.30/.git/HEAD", b"", "git's own folder"),
    ] {
        assert_eq!(told_of(vec![file(path, bytes)]), [format!("build-output: {path} is {what}, which a build left")]);
    }
    let data = "htty_core-0.2.30/tests/data/small-1-py3-none-any.whl";
    assert_eq!(told_of(vec![file(data, "PK"), file("htty_core-0.2.30/tests/data/x.so", "\x7fELF")]), [""; 0]);
}

#[test]
fn nothing_leads_out_and_nothing_is_sparse() {
    for (member, expected) in [
        (link("htty_core-0.2.30/a", b'2', "../../etc"), "symbolic-link: htty_core-0.2.30/a is a link to ../../etc, out of the sdist"),
        (link("htty_core-0.2.30/a", b'2', "/etc/passwd"), "symbolic-link: htty_core-0.2.30/a is a link to /etc/passwd, out of the sdist"),
        (link("htty_core-0.2.30/a", b'2', "gone"), "symbolic-link: htty_core-0.2.30/a is a link to gone, which is not in the sdist"),
        (
            link("htty_core-0.2.30/a", b'1', "/etc/x"),
            "symbolic-link: htty_core-0.2.30/a is a hard link to /etc/x, which is not in the sdist",
        ),
        (link("htty_core-0.2.30/a", b'S', ""), "special-file: htty_core-0.2.30/a is a sparse file, which PyPI refuses"),
        (link("htty_core-0.2.30/a", b'3', ""), "special-file: htty_core-0.2.30/a is neither a file nor a folder nor a link"),
        (
            file("htty_core-0.2.30/../a", ""),
            "unsafe-name: htty_core-0.2.30/../a has a name that leads out of the folder that it is unpacked into",
        ),
        (file("htty_core-0.2.30/LICENSE", ""), "duplicate-name: htty_core-0.2.30/LICENSE is there more than once"),
        (file("htty_core-0.2.30/a\tb", ""), "control-character: htty_core-0.2.30/a\\tb has a control character in its name"),
        (file("README", ""), "top-folder: has more at its top than one folder: beside htty_core-0.2.30 also README"),
    ] {
        assert_eq!(told_of(vec![member]), [expected]);
    }
}

#[test]
fn extended_headers_are_read() {
    let sparse = Member { name: "x", kind: b'x', link: "", bytes: b"22 GNU.sparse.major=1\n".to_vec() };
    assert_eq!(
        told_of(vec![sparse, file("htty_core-0.2.30/a", "a")]),
        ["special-file: htty_core-0.2.30/a is a sparse file, which PyPI refuses"]
    );
    let renamed = Member { name: "x", kind: b'x', link: "", bytes: b"19 path=../outside\n".to_vec() };
    let told = told_of(vec![renamed, file("htty_core-0.2.30/a", "a")]);
    assert!(told.iter().any(|message| message.starts_with("unsafe-name: ../outside has a name that leads out")), "{told:?}");
    let long = Member { name: "././@LongLink", kind: b'L', link: "", bytes: b"/etc/passwd\0".to_vec() };
    let told = told_of(vec![long, file("htty_core-0.2.30/a", "a")]);
    assert!(told.iter().any(|message| message.starts_with("unsafe-name: /etc/passwd has a name that leads out")), "{told:?}");
}

#[test]
fn the_metadata_agrees_with_the_file_name() {
    let bytes = gzip(&tar(&sound()));
    assert_eq!(
        told("htty-core-0.2.30.tar.gz", &bytes),
        [
            "file-name: is not called htty_core-0.2.30.tar.gz, as PyPI asks of this name and version",
            "top-folder: has the folder htty_core-0.2.30, where the file's name asks for htty-core-0.2.30",
        ]
    );
    let told_by_name = told("htty_core-0.2.31.tar.gz", &bytes);
    assert_eq!(told_by_name[1], "version-mismatch: htty_core-0.2.30/PKG-INFO has the Version 0.2.30, and the file's name says 0.2.31");
    assert!(told("htty.tar.gz", &bytes)[0].starts_with("file-name: has no file name of an sdist"));
    assert_eq!(
        told(NAME, &gzip(&tar(&[file("htty_core-0.2.30/setup.py", "")]))),
        ["missing-file: htty_core-0.2.30/PKG-INFO is not there, and PyPI refuses an sdist without it"]
    );
    assert_eq!(
        told(NAME, &gzip(&tar(&[metadata()]))),
        ["license-file: htty_core-0.2.30/PKG-INFO names the License-File LICENSE, which is not in htty_core-0.2.30/"]
    );
}

#[test]
fn what_is_no_gzip_or_no_tar_is_told() {
    let bytes = gzip(&tar(&sound()));
    assert_eq!(told(NAME, b"no gzip"), ["malformed-archive: is no gzip file, or cut off in its header"]);
    assert_eq!(told(NAME, &bytes[..bytes.len() - 12])[0], "malformed-archive: cannot be unpacked: it is cut off");
    assert_eq!(told(NAME, &[bytes.as_slice(), b"abc"].concat()), ["trailing-data: has 3 bytes behind its end"]);
    let text = told(NAME, &gzip(&[b'x'; 2048]));
    assert_eq!(text, ["malformed-archive: is no tar file, or damaged: a header behind 0 members has a wrong checksum"]);
    let cut = told(NAME, &gzip(&tar(&sound())[..1600]));
    assert_eq!(cut[0], "malformed-archive: is cut off within a file");
    let bomb = told(NAME, &gzip(&vec![0; 70 << 20]));
    assert!(bomb[0].starts_with("compression-ratio: unpacks from "), "{bomb:?}");
}
