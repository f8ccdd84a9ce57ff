//! curl, as a client that others wrote.

#![allow(clippy::disallowed_methods, reason = "starts a real client")]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use plimsoll_harbor::{Effect, Fault, Faults, Harbor};
use test_needs::Need;

use crate::uploads::harbor;

/// Bytes that are not the same everywhere.
fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at.wrapping_mul(2_654_435_761) >> 11) as u8).collect()
}

/// Runs curl; its standard output is the status.
fn curl(args: &[&str], url: &str, input: &[u8]) -> Output {
    let mut command = Command::new("curl");
    command.args(["--disable", "--silent", "--show-error", "--noproxy", "*", "--max-time", "60", "--write-out", "%{http_code}"]);
    let mut child = command.args(args).arg(url).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // curl need not read all of it.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

fn said(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap()
}

fn upload(file: &Path) -> [&str; 2] {
    ["--upload-file", file.to_str().unwrap()]
}

#[test]
fn curl_uploads_a_file_and_a_stream() {
    if !test_needs::met(&[Need::Curl]) {
        return;
    }
    let (uploads, harbor) = harbor(Faults::none());
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("file");
    std::fs::write(&file, bytes(300_000)).unwrap();
    assert_eq!(said(&curl(&upload(&file), &format!("{}/file", harbor.url()), b"")), "201");
    assert_eq!(uploads.stored("/file"), Some(bytes(300_000)));
    assert_eq!(said(&curl(&["--upload-file", "-"], &format!("{}/stream", harbor.url()), &bytes(700_000))), "201");
    assert_eq!(uploads.stored("/stream"), Some(bytes(700_000)));
    assert_eq!(said(&curl(&["--upload-file", "-", "--http1.0"], &format!("{}/old", harbor.url()), b"x")), "000", "which has no chunks");
    assert_eq!(harbor.requests().iter().map(|request| request.received).take(2).collect::<Vec<_>>(), [300_000, 700_000]);
}

#[test]
fn curl_is_asked_for_a_large_body_if_it_is_wanted() {
    if !test_needs::met(&[Need::Curl]) {
        return;
    }
    let (uploads, harbor) = harbor(Faults::none());
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("file");
    std::fs::write(&file, bytes(40_000_000)).unwrap();
    let args = [&upload(&file)[..], &["--verbose", "--header", "Expect: 100-continue", "--expect100-timeout", "30"]].concat();
    let output = curl(&args, &format!("{}/counted", harbor.url()), b"");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said(&output) == "201" && told.contains("< HTTP/1.1 100 Continue"), "{told}");
    assert_eq!(uploads.stored("/counted"), Some(b"40000000".to_vec()));
    for (path, status) in [("forbidden", "nobody may\n403"), ("small", "the body is longer than the 8 bytes that are taken here\n413")] {
        let output = curl(&args, &format!("{}/{path}", harbor.url()), b"");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said(&output) == status && !told.contains("100 Continue"), "{} {told}", said(&output));
    }
    assert_eq!(harbor.requests().iter().map(|request| request.received).collect::<Vec<_>>(), [40_000_000, 0, 0]);
    // Without waiting, it hears of the refusal while it sends.
    let args = [&upload(&file)[..], &["--header", "Expect:"]].concat();
    assert_eq!(said(&curl(&args, &format!("{}/forbidden", harbor.url()), b"")), "nobody may\n403");
}

#[test]
fn curl_goes_on_where_a_download_was_cut() {
    if !test_needs::met(&[Need::Curl]) {
        return;
    }
    let place = tempfile::tempdir().unwrap();
    std::fs::write(place.path().join("file"), bytes(300_000)).unwrap();
    let harbor = Harbor::serve_folder(place.path(), Faults::none().first(1, "/file", Effect::Cut(100_000))).unwrap();
    let to = place.path().join("to");
    let args = ["--continue-at", "-", "--output", to.to_str().unwrap()];
    let cut = curl(&args, &format!("{}/file", harbor.url()), b"");
    assert_eq!(cut.status.code(), Some(18), "{}", String::from_utf8_lossy(&cut.stderr));
    assert_eq!(said(&curl(&args, &format!("{}/file", harbor.url()), b"")), "206");
    assert!(std::fs::read(&to).unwrap() == bytes(300_000));
    assert_eq!(harbor.requests()[1].range.as_deref(), Some("bytes=100000-"));
}

#[test]
fn curl_loses_an_answer() {
    if !test_needs::met(&[Need::Curl]) {
        return;
    }
    let faults = Faults::none().with(Fault::new("/after", Effect::NoAnswer).after()).with(Fault::new("/before", Effect::NoAnswer));
    let (uploads, harbor) = harbor(faults.always("/within", Effect::CutRequest(3)));
    for (path, stored) in [("/after", Some(b"x".repeat(10))), ("/before", None), ("/within", None)] {
        let output = curl(&["--upload-file", "-"], &format!("{}{path}", harbor.url()), &b"x".repeat(10));
        // An empty reply, or a reset connection; it may have been asked for the body, and heard no more.
        assert!(matches!(output.status.code(), Some(52 | 55 | 56)) && matches!(said(&output), "000" | "100"), "{path}: {output:?}");
        assert_eq!(uploads.stored(path), stored, "{path}");
    }
}
