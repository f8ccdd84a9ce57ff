//! Wheels whose container or tables are at odds with the rules: each fault has a message of its own.
#![allow(clippy::unwrap_used, reason = "the functions beside the tests are tests too")]

mod wheel_builder;

use plimsoll_inspect::{PackageFinding, audit};
use wheel_builder::{File, Wheel, file, pure, record, zip};

fn findings(name: &str, bytes: &[u8]) -> Vec<PackageFinding> {
    audit(name, bytes).unwrap().findings
}

fn told(name: &str, bytes: &[u8]) -> Vec<String> {
    findings(name, bytes).iter().map(|finding| format!("{}: {finding}", finding.code)).collect()
}

/// A wheel of these files, whose RECORD lists them.
fn told_of(files: &[File]) -> Vec<String> {
    let wheel = Wheel { files: [pure().files, files.to_vec()].concat(), ..pure() };
    told(&wheel.file_name(), &wheel.build())
}

fn told_with(wheel: &Wheel) -> Vec<String> {
    told(&wheel.file_name(), &wheel.build())
}

const NAME: &str = "htty-0.2.30-py3-none-any.whl";

#[test]
fn a_sound_wheel_has_no_fault_in_either_width() {
    assert_eq!(told(NAME, &pure().build()), [""; 0]);
    assert_eq!(told(NAME, &zip(&pure().all(), true)), [""; 0]);
    let stored = pure().all().into_iter().map(|file| File { method: 0, ..file }).collect::<Vec<_>>();
    assert_eq!(told(NAME, &zip(&stored, false)), [""; 0]);
}

#[test]
fn containers_that_readers_do_not_agree_about() {
    let a = || file("htty/a.py", "a");
    for (files, expected) in [
        (
            vec![File { flags: 8, ..a() }],
            "data-descriptor: htty/a.py states its size behind its data only (a data descriptor), which PyPI refuses",
        ),
        (vec![File { comment: "hi", ..a() }], "entry-comment: htty/a.py has a comment, which PyPI refuses"),
        (vec![File { gap: 7, ..a() }], "hidden-data: htty/a.py is followed by 7 bytes that belong to no file of the table at the end"),
        (
            vec![File { local_name: Some("htty/b.py".to_owned()), ..a() }],
            "header-mismatch: htty/a.py is called htty/b.py in the header before its data",
        ),
        (vec![a(), a()], "duplicate-name: htty/a.py is there more than once"),
        (vec![file("htty/a\nb.py", "")], "control-character: htty/a\\nb.py has a control character in its name"),
        (vec![file("/etc/passwd", "")], "unsafe-name: /etc/passwd has an absolute name"),
        (vec![file("C:x", "")], "unsafe-name: C:x has an absolute name"),
        (vec![file("a/../../b", "")], "unsafe-name: a/../../b has a name that leads out of the folder that it is unpacked into"),
        (vec![file("a//b", "")], "unsafe-name: a//b has an empty part or `.` in its name"),
        (vec![File { method: 14, ..a() }], "compression-method: htty/a.py has method 14: PyPI takes stored and deflated files only"),
        (vec![File { crc_error: 1, ..a() }], "wrong-content: htty/a.py has the checksum e8b7be43, and is stated to have e8b7be44"),
        (vec![File { size: Some(9), ..a() }], "wrong-content: htty/a.py unpacks to 1 bytes, and is stated to have 9"),
        (vec![File { size: Some(0), ..a() }], "wrong-content: htty/a.py unpacks to more than the 0 bytes that are stated"),
        (
            vec![File { mode: 0o120_777, ..a() }],
            "symbolic-link: htty/a.py is a symbolic link, which installers write as a file with its target as text",
        ),
        (vec![File { mode: 0o010_644, ..a() }], "special-file: htty/a.py is neither a file nor a folder"),
    ] {
        let told = told_of(&files);
        assert_eq!(told.first().map(String::as_str), Some(expected), "{told:#?}");
        assert!(told.len() <= 3, "{told:#?}");
    }
}

#[test]
fn bytes_around_the_archive_and_an_archive_that_is_none() {
    let wheel = pure().build();
    assert_eq!(told(NAME, &[wheel.as_slice(), b"more"].concat()), ["trailing-data: has 4 bytes behind its end"]);
    assert_eq!(told(NAME, &[b"#!/bin/sh\n", wheel.as_slice()].concat()), ["prepended-data: has 10 bytes before its first file"]);
    assert_eq!(told(NAME, b"no zip"), ["malformed-archive: is no zip file: it has no end record in its last 64 KiB"]);
    let cut = told(NAME, &wheel[100..]);
    assert_eq!(cut, ["malformed-archive: states a table behind the place where it ends"]);
}

#[test]
fn a_bomb_is_not_unpacked() {
    let files = [file("a", vec![0; 70 << 20])];
    let told = told(NAME, &zip(&files, false));
    assert_eq!(told.len(), 1);
    assert!(told[0].starts_with("compression-ratio: unpacks from ") && told[0].ends_with("which PyPI refuses above 64 MiB"), "{told:?}");
}

#[test]
fn two_entries_with_the_same_data_overlap() {
    let mut bytes = zip(&[file("a", "xyz"), file("b", "xyz")], false);
    // The second entry's header is that of the first: both in the table.
    let second = bytes.windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
    bytes[second + 42..second + 46].copy_from_slice(&0_u32.to_le_bytes());
    let told = told(NAME, &bytes);
    assert!(told.iter().any(|message| message == "overlapping-files: b shares bytes with a"), "{told:#?}");
    assert!(told.iter().any(|message| message == "header-mismatch: b is called a in the header before its data"), "{told:#?}");
}

#[test]
fn names_that_are_no_wheels_and_tags_that_pypi_does_not_take() {
    let bytes = pure().build();
    assert!(told("htty-0.2.30.whl", &bytes)[0].starts_with("file-name: has no file name of a wheel: it has 2 parts between hyphens"));
    let linux = Wheel { platform: "linux_x86_64", is_pure: false, ..pure() };
    assert_eq!(
        told_with(&linux),
        ["platform-tag: has the platform tag linux_x86_64, which PyPI refuses: it says nothing of the C library"]
    );
    let macos = Wheel { platform: "macosx_12_3_arm64", is_pure: false, ..pure() };
    assert_eq!(told_with(&macos), ["platform-tag: has the platform tag macosx_12_3_arm64, which PyPI refuses: it is none that PyPI takes"]);
}

#[test]
fn folders_of_metadata_are_called_as_the_file_is() {
    let told = told("htty-0.2.31-py3-none-any.whl", &pure().build());
    assert_eq!(
        told,
        [
            "dist-info: has the folder htty-0.2.30.dist-info, where the file's name asks for htty-0.2.31.dist-info",
            "version-mismatch: htty-0.2.30.dist-info/METADATA has the Version 0.2.30, and the file's name says 0.2.31",
        ]
    );
    assert_eq!(
        told_of(&[file("other-1.dist-info/METADATA", "")]),
        ["dist-info: has several .dist-info folders: htty-0.2.30.dist-info, other-1.dist-info"]
    );
    assert_eq!(
        told_of(&[file("htty-0.2.30.data/bin/ht", "")]),
        ["dist-info: htty-0.2.30.data/bin/ht lies in htty-0.2.30.data/bin, and installers know purelib, platlib, headers, scripts, data"]
    );
    assert_eq!(super_told(&[file("a.py", "")]), ["dist-info: has no folder htty-0.2.30.dist-info"]);
}

fn super_told(files: &[File]) -> Vec<String> {
    told(NAME, &zip(files, false))
}

#[test]
fn the_three_files_that_no_installer_does_without() {
    let files = pure().all();
    for missing in ["METADATA", "WHEEL", "RECORD"] {
        let place = format!("htty-0.2.30.dist-info/{missing}");
        let told = super_told(&files.iter().filter(|file| file.name != place).cloned().collect::<Vec<_>>());
        let expected = format!("missing-file: {place} is not in the wheel, or not to be read");
        assert!(told.contains(&expected), "{told:#?}");
    }
}

#[test]
fn metadata_that_pypi_refuses() {
    let place = "htty-0.2.30.dist-info/METADATA";
    let long = format!("Summary: {}\n", "x".repeat(513));
    for (lines, expected) in [
        (long.as_str(), "summary: PLACE has a Summary of 513 characters, where PyPI takes 512"),
        ("Summary: one\n  two\n", "summary: PLACE has a Summary of several lines, which PyPI refuses"),
        ("License: MIT\nLicense-Expression: MIT\n", "license: PLACE has License and License-Expression, which exclude each other"),
        ("License-File: COPYING\n", "license-file: PLACE names the License-File COPYING, which is not in htty-0.2.30.dist-info/licenses/"),
        (
            "Requires-Dist: six @ https://example.org/six.whl\n",
            "direct-url: PLACE requires six from https://example.org/six.whl, and PyPI refuses requirements with a URL",
        ),
        ("Requires-Dist: six seven\n", "requirement: PLACE requires `six seven`, which cannot be read"),
        ("Requires-Python: 3.9\n", "requirement: PLACE has Requires-Python `3.9`, which cannot be read"),
        ("Project-URL: home\n", "metadata-syntax: PLACE has a Project-URL without a label: home"),
        ("Description-Content-Type: text/html\n", "metadata-syntax: PLACE has Description-Content-Type text/html, which PyPI refuses"),
        ("nonsense\n", "metadata-syntax: PLACE has no header on line 4"),
        ("Name: htty\n", "metadata-syntax: PLACE has the header Name more than once"),
    ] {
        assert_eq!(told_with(&Wheel { metadata: lines.to_owned(), ..pure() }), [expected.replace("PLACE", place)], "{lines}");
    }
    for (metadata, expected) in [
        ("Name: htty\nVersion: 0.2.30\n", "metadata-syntax: PLACE has no Metadata-Version"),
        (
            "Metadata-Version: 9.0\nName: htty\nVersion: 0.2.30\n",
            "metadata-version: PLACE has Metadata-Version 9.0, which indexes do not take",
        ),
        ("Metadata-Version: 2.1\nName: other\nVersion: 0.2.30\n", "name-mismatch: PLACE has the Name other, and the file's name says htty"),
        ("Metadata-Version: 2.1\nName: htty\n", "metadata-syntax: PLACE has no Version"),
        (
            "Metadata-Version: 2.1\nName: htty\nVersion: 0.2.30\nLicense-Expression: MIT\n",
            "license: PLACE has License-Expression, which is new in metadata 2.4",
        ),
    ] {
        let mut files = pure().all();
        files.pop();
        files.iter_mut().find(|file| file.name == place).unwrap().bytes = metadata.as_bytes().to_vec();
        files.push(file("htty-0.2.30.dist-info/RECORD", record(&files, "htty-0.2.30.dist-info/RECORD")));
        assert_eq!(super_told(&files), [expected.replace("PLACE", place)], "{metadata}");
    }
}

#[test]
fn a_local_version_is_no_version_of_an_index() {
    let mut wheel = Wheel { version: "0.2.30+abc", ..pure() };
    wheel.metadata = String::new();
    wheel.files.truncate(1);
    assert_eq!(
        told_with(&wheel),
        [
            "local-version: has the version 0.2.30+abc, whose local part (+abc) PyPI refuses",
            "local-version: htty-0.2.30+abc.dist-info/METADATA has the Version 0.2.30+abc, whose local part (+abc) PyPI refuses",
        ]
    );
}

#[test]
fn the_file_wheel_says_what_the_file_name_says() {
    let place = "htty-0.2.30.dist-info/WHEEL";
    for (text, expected) in [
        ("Wheel-Version: 1.0\nRoot-Is-Purelib: true\n", "does not say the tag py3-none-any, which the file name has"),
        (
            "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\nTag: py2-none-any\n",
            "says the tag py2-none-any, which the file name has not",
        ),
        ("Wheel-Version: 2.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n", "has Wheel-Version 2.0, which installers do not know"),
        ("Wheel-Version: 1.0\nTag: py3-none-any\n", "does not say whether Root-Is-Purelib is true or false"),
        ("Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\nBuild: 1\n", "says the build number 1, and the file name none"),
    ] {
        let wheel = Wheel { description: Some(text.to_owned()), ..pure() };
        assert_eq!(told_with(&wheel), [format!("wheel-file: {place} {expected}")], "{text}");
    }
}

#[test]
fn record_lists_every_file_once_and_right() {
    let own = "htty-0.2.30.dist-info/RECORD";
    let mut files = pure().all();
    files.pop();
    let right = record(&files, own);
    let line = right.lines().next().unwrap();
    for (text, expected) in [
        (right.replacen(&format!("{line}\n"), "", 1), "record-missing: htty/__init__.py is in the wheel, and not in RECORD".to_owned()),
        (format!("gone.py,sha256=x,1\n{right}"), "record-missing: gone.py is in RECORD, and not in the wheel".to_owned()),
        (format!("{line}\n{right}"), "record-duplicate: htty/__init__.py is listed more than once in RECORD".to_owned()),
        (
            right.replacen(line, "htty/__init__.py,sha256=AAAA,12", 1),
            format!("record-mismatch: htty/__init__.py has another digest than RECORD says: {}", wheel_builder::digest(b"VERSION = 1\n")),
        ),
        (right.replacen(",12\n", ",13\n", 1), "record-mismatch: htty/__init__.py is 12 bytes long, and 13 by RECORD".to_owned()),
        (right.replacen(line, "htty/__init__.py,,", 1), "record-mismatch: htty/__init__.py has no digest in RECORD".to_owned()),
        (
            right.replacen(line, "htty/__init__.py,md5=AAAA,12", 1),
            "record-mismatch: htty/__init__.py has a digest by md5 in RECORD, where SHA-256 or a longer SHA-2 belongs".to_owned(),
        ),
        (right.replace("RECORD,,", "RECORD,sha256=x,1"), format!("record-mismatch: {own} lists a digest or a size of itself")),
    ] {
        assert_eq!(told_with(&Wheel { record: Some(text.clone()), ..pure() }), [expected], "{text}");
    }
}

#[test]
fn entry_points_that_no_installer_can_read() {
    let mut wheel = pure();
    wheel.files[2].bytes = b"[console_scripts]\nhtty main\n".to_vec();
    assert_eq!(
        told_with(&wheel),
        ["entry-points: htty-0.2.30.dist-info/entry_points.txt has on line 2 neither a section nor `name = value`"]
    );
}
