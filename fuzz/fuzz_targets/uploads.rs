//! Any bytes, as what follows the head of an upload to the Python index: taken or refused without a panic, and what is refused leaves no file.

#![no_main]

use std::path::Path;
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use plimsoll_harbor::{Simple, SimpleOptions, answers};

/// An index that takes files of a thousand bytes, and the folder that it keeps them in.
static INDEX: OnceLock<(Simple, tempfile::TempDir)> = OnceLock::new();

/// What a form begins with for half of the inputs, so that they need not find it.
const FIELD: &[u8] =
    b"--b\r\nContent-Disposition: form-data; name=\":action\"\r\n\r\nfile_upload\r\n--b\r\nContent-Disposition: form-data; ";

fuzz_target!(|bytes: &[u8]| {
    let form = if bytes.first().is_some_and(|byte| byte % 2 == 0) { [FIELD, &bytes[1..]].concat() } else { bytes.to_vec() };
    let (index, folder) = INDEX.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let mut options = SimpleOptions::new("t");
        options.largest_file = 1000;
        (Simple::new(folder.path(), options).unwrap(), folder)
    });
    let head = format!(
        "POST /legacy/ HTTP/1.1\r\nAuthorization: Basic X190b2tlbl9fOnQ=\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: {}\r\n\r\n",
        form.len()
    );
    let heard = answers(index, [head.as_bytes(), form.as_slice()].concat().as_slice());
    assert!(heard.starts_with(b"HTTP/1.1 "));
    let held = index.uploaded();
    assert_eq!(files(folder.path()), held.len());
    for file in held {
        index.delete(&file.file_name).unwrap();
    }
});

/// How many files lie in the index's own folder.
fn files(folder: &Path) -> usize {
    let own = std::fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    std::fs::read_dir(own).unwrap().count()
}
