//! What is not taken, and that nothing is left of it.

use plimsoll_harbor::FileType;
use plimsoll_model::Digest;

use crate::index::{AUTHORIZATION, TestIndex};
use crate::wheels::{Form, wheel};

fn form() -> Form {
    Form::of_wheel("htty_core", "1.0", "a")
}

/// Uploads what is refused with this status and these words, and leaves nothing.
fn refused(form: &Form, status: u16, words: &str) {
    let index = TestIndex::new();
    let answer = index.upload(form);
    assert_eq!(answer.status, status, "{words}: {}", answer.text());
    assert!(answer.text().contains(words), "{words}: {}", answer.text());
    assert_eq!((index.files(), index.simple.uploaded().len()), (0, 0), "{words}");
    assert_eq!(index.get("/simple/htty-core/", "*/*").status, 404);
}

#[test]
fn a_wheel_and_an_sdist_are_taken() {
    let index = TestIndex::new();
    let blake2 = "a871a3f19a3a5c3bed82b51b1a3ab5fd38ee4fcb6d6a1ea1c4bbee1d3c8b4f2a";
    assert_eq!(index.upload(&form().with("blake2_256_digest", blake2)).status, 400, "another digest");
    assert_eq!(index.upload(&form()).status, 200);
    assert_eq!(index.upload(&Form::of_sdist("htty_core", "1.0.0", b"sources")).status, 200, "1.0.0 is 1.0");
    let names = index.simple.uploaded().into_iter().map(|file| file.file_name).collect::<Vec<_>>();
    assert_eq!(names, ["htty_core-1.0-py3-none-any.whl", "htty_core-1.0.0.tar.gz"]);
    assert_eq!(index.files(), 2);
    // The digest of "abc" from RFC 7693's algorithm with 32 bytes, as Python's hashlib tells it.
    let blake2 = "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319";
    let sdist = Form::of_sdist("other", "1", b"abc").without("sha256_digest").with("blake2_256_digest", blake2);
    assert_eq!(index.upload(&sdist).status, 200);
}

#[test]
fn the_token_alone_opens_it_and_a_body_is_not_invited_without_it() {
    let index = TestIndex::new();
    let body = form().body();
    for headers in [
        "",
        "Authorization: Basic X190b2tlbl9fOnU=\r\n",
        "Authorization: Bearer X190b2tlbl9fOnQ=\r\n",
        "Authorization: Basic\r\n",
        "Authorization: Basic dXNlcjp0\r\n",
        "Expect: 100-continue\r\n",
    ] {
        let answer = index.post(headers, &body);
        assert_eq!((answer.status, answer.text()), (403, "Invalid or non-existent authentication information.\n"), "{headers}");
    }
    assert_eq!(index.files(), 0);
    assert_eq!(index.ask("GET", "/legacy/", AUTHORIZATION, b"").status, 405);
    assert_eq!(index.ask("POST", "/simple/", AUTHORIZATION, b"").status, 405);
    assert_eq!(index.post("authorization: basic X190b2tlbl9fOnQ=\r\n", &body).status, 200);
}

#[test]
fn the_same_bytes_again_change_nothing_and_others_are_refused() {
    let index = TestIndex::new();
    assert_eq!(index.upload(&form()).status, 200);
    let before = index.simple.uploaded();
    index.pass(20, 0);
    assert_eq!(index.upload(&form()).status, 200, "also if the release takes no new files");
    assert_eq!((index.simple.uploaded(), index.files()), (before.clone(), 1));
    let other = index.upload(&Form::of_wheel("htty_core", "1.0", "b"));
    assert!(other.status == 400 && other.text().contains("File already exists"), "{}", other.text());
    assert!(other.text().contains(&before[0].sha256.to_string()), "{}", other.text());
    assert_eq!((index.simple.uploaded(), index.files()), (before, 1));
}

#[test]
fn a_deleted_name_is_never_free_again() {
    let index = TestIndex::new();
    assert_eq!(index.upload(&form()).status, 200);
    assert!(index.simple.delete("htty_core-1.0-py3-none-any.whl").unwrap());
    assert!(!index.simple.delete("htty_core-1.0-py3-none-any.whl").unwrap());
    assert_eq!((index.files(), index.get("/simple/htty-core/", "*/*").status), (0, 404));
    for form in [form(), Form::of_wheel("htty_core", "1.0", "b")] {
        let answer = index.upload(&form);
        assert!(answer.status == 400 && answer.text().contains("has already been used"), "{}", answer.text());
    }
    assert_eq!(index.upload(&Form::of_wheel("htty_core", "1.1", "b")).status, 200);
}

#[test]
fn a_release_takes_no_new_file_after_fourteen_days() {
    let index = TestIndex::new();
    assert_eq!(index.upload(&form()).status, 200);
    index.pass(14, 0);
    assert_eq!(index.upload(&Form::of_sdist("htty_core", "1.0", b"a")).status, 200);
    index.pass(0, 1);
    let late = Form::of_wheel("htty_core", "1.0", "a").named("htty_core-1.0.0-py3-none-any.whl");
    let answer = index.upload(&late);
    assert!(answer.status == 400 && answer.text().contains("14 days"), "{}", answer.text());
    assert_eq!(index.upload(&Form::of_wheel("htty_core", "1.1", "a")).status, 200, "another release");
    assert_eq!(index.upload(&Form::of_wheel("htty", "1.0", "a")).status, 200, "another project");
}

#[test]
fn a_release_has_one_sdist() {
    let index = TestIndex::new();
    assert_eq!(index.upload(&Form::of_sdist("htty_core", "1.0", b"a")).status, 200);
    let answer = index.upload(&Form::of_sdist("htty_core", "1.0.0", b"b"));
    assert!(answer.status == 400 && answer.text().contains("Only one sdist"), "{}", answer.text());
    assert_eq!((index.upload(&form()).status, index.upload(&Form::of_sdist("htty_core", "1.0", b"a")).status), (200, 200));
}

#[test]
fn fields_that_are_missing_or_wrong_are_told() {
    for field in [":action", "protocol_version", "metadata_version", "filetype", "pyversion", "name", "version"] {
        refused(&form().without(field), 400, &format!("`{field}` is missing"));
        refused(&form().and(field, "1"), 400, &format!("`{field}` stands twice"));
    }
    for (field, value) in [
        (":action", "doc_upload"),
        ("protocol_version", "2"),
        ("metadata_version", "3.0"),
        ("filetype", "bdist_egg"),
        ("filetype", "bdist_wininst"),
        ("name", "-htty"),
        ("name", "htty core"),
        ("version", "one"),
        ("version", "1.0+local"),
        ("requires_python", ">=3\n"),
        ("attestations", "{}"),
        ("attestations", "[1"),
    ] {
        refused(&form().with(field, value), 400, &format!("`{field}` "));
    }
    refused(&Form::of_sdist("htty_core", "1.0", b"a").with("pyversion", "py3"), 400, "`pyversion` is not `source`");
    refused(&form().without("sha256_digest"), 400, "`sha256_digest` is missing");
    let another = Digest::of(b"another").to_string();
    for digest in [&another, "", "x", &another.to_uppercase()] {
        let words = if digest.is_empty() { "is missing" } else { "does not match a digest" };
        refused(&form().with("sha256_digest", digest), 400, words);
    }
    refused(&form().with("blake2_256_digest", &another), 400, "does not match a digest calculated from the uploaded file");
}

#[test]
fn a_file_name_must_be_that_of_the_release() {
    for file_name in ["htty-1.0-py3-none-any.whl", "htty_core-1.1-py3-none-any.whl"] {
        refused(&form().named(file_name), 400, "does not belong to htty-core 1.0");
    }
    for file_name in ["../htty_core-1.0-py3-none-any.whl", "htty_core-1.0.zip", "htty_core-1.0-any.whl", "htty_core-1.0-py3-none-any.whl "]
    {
        refused(&form().named(file_name), 400, "is no file name of a wheel or sdist");
    }
    refused(&form().named("htty_core-1.0.tar.gz"), 400, "is not of the type that `filetype` says");
    refused(&form().named("Htty_Core-1.0-py3-none-any.whl"), 400, "does not contain Htty_Core-1.0.dist-info/METADATA");
    let mut broken = form();
    broken.bytes.truncate(200);
    refused(&broken.hashed(), 400, "does not contain htty_core-1.0.dist-info/METADATA");
}

#[test]
fn what_is_too_large_is_refused() {
    let index = TestIndex::with(|options| options.largest_file = 1000);
    let large = Form::of_sdist("htty_core", "1.0", &[0; 1001]);
    let answer = index.upload(&large);
    assert!(answer.status == 400 && answer.text().contains("File too large"), "{}", answer.text());
    assert_eq!(index.upload(&Form::of_sdist("htty_core", "1.0", &vec![0; 9 << 20])).status, 413);
    assert_eq!(index.upload(&Form::of_sdist("htty_core", "1.0", b"").with("description", &"x".repeat(5 << 20))).status, 400);
    assert_eq!(index.files(), 0);
    assert_eq!(index.upload(&Form::of_sdist("htty_core", "1.0", &[0; 1000])).status, 200);
    let many = (0..2100).fold(Form::of_sdist("htty_core", "1.1", b"a"), |form, _| form.and("classifiers", "x"));
    assert!(index.upload(&many).text().contains("more than 2000 fields"));
}

#[test]
fn a_body_that_is_no_form_is_refused() {
    let index = TestIndex::new();
    let body = form().body();
    for cut in (0..body.len() - 2).step_by(7).chain(body.len() - 30..body.len() - 2) {
        assert_eq!(index.post(AUTHORIZATION, &body[..cut]).status, 400, "cut at {cut}");
    }
    assert_eq!(index.ask("POST", "/legacy/", AUTHORIZATION, &body).status, 400, "no content type");
    let twice = String::from_utf8_lossy(&body[..body.len() - 5]).into_owned() + "\r\n";
    assert_eq!(index.post(AUTHORIZATION, &[twice.as_bytes(), &body].concat()).status, 400, "two files");
    let without = index.post(AUTHORIZATION, b"---b-\r\nContent-Disposition: form-data; name=\":action\"\r\n\r\nfile_upload\r\n---b---\r\n");
    assert_eq!((without.status, without.text()), (400, "Upload payload does not have a file.\n"));
    let no_file = index.post(AUTHORIZATION, b"---b-\r\nContent-Disposition: form-data; name=\"content\"\r\n\r\nx\r\n---b---\r\n");
    assert_eq!((no_file.status, no_file.text()), (400, "the form cannot be read: `content` is no file\n"));
    assert_eq!(index.files(), 0);
}

#[test]
fn the_check_that_is_given_is_asked_of_new_files_alone() {
    let index = TestIndex::with(|options| {
        options.check = Box::new(|upload| {
            assert_eq!(
                (upload.project, upload.file_type, upload.size),
                ("htty-core", FileType::Wheel, upload.path.metadata().unwrap().len())
            );
            assert_eq!(Digest::of(&std::fs::read(upload.path).unwrap()), upload.sha256);
            assert!(upload.fields.iter().any(|(name, value)| name == "version" && value == upload.version));
            if upload.file_name.contains("linux_x86_64") { Err("the tag is not taken".to_owned()) } else { Ok(()) }
        });
    });
    let answer = index.upload(&form().named("htty_core-1.0-py3-none-linux_x86_64.whl"));
    assert_eq!((answer.status, answer.text()), (400, "Invalid distribution file: the tag is not taken\n"));
    assert_eq!(index.files(), 0);
    assert_eq!(index.upload(&form()).status, 200);
    assert_eq!(index.upload(&form()).status, 200);
}

#[test]
fn attestations_are_kept() {
    let index = TestIndex::new();
    assert_eq!(index.upload(&form().with("attestations", "[{\"version\":1}]")).status, 200);
    assert_eq!(index.simple.uploaded()[0].attestations.as_deref(), Some("[{\"version\":1}]"));
}

#[test]
fn what_was_uploaded_goes_with_the_index() {
    let index = TestIndex::new();
    assert_eq!(index.upload(&form()).status, 200);
    let TestIndex { simple, folder, .. } = index;
    drop(simple);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    assert!(!wheel("a", "1", &[], "").is_empty());
}
