//! The Simple API as clients read it.

use plimsoll_harbor::WheelhouseFile;
use plimsoll_model::Digest;
use serde_json::json;

use crate::index::TestIndex;
use crate::wheels::{Form, wheel, wheel_name};

const JSON: &str = "application/vnd.pypi.simple.v1+json";
const HTML: &str = "application/vnd.pypi.simple.v1+html";

/// An index with a wheel and an sdist of `htty-core`.
fn filled() -> (TestIndex, Form, Form) {
    let index = TestIndex::new();
    let form = Form::of_wheel("htty_core", "1.0", "a").with("requires_python", ">=3.8,<4 & \"x\"");
    let sdist = Form::of_sdist("htty_core", "1.1", b"sources");
    assert_eq!((index.upload(&form).status, index.upload(&sdist).status), (200, 200));
    (index, form, sdist)
}

/// METADATA as the wheel has it.
fn metadata() -> String {
    "Metadata-Version: 2.1\nName: htty-core\nVersion: 1.0\nRequires-Python: >=3.8\n".to_owned()
}

#[test]
fn the_json_page_tells_all_of_a_file() {
    let (index, form, sdist) = filled();
    let page = index.get("/simple/htty-core/", JSON);
    assert_eq!(page.status, 200);
    assert!(page.head.contains("Content-Type: application/vnd.pypi.simple.v1+json\r\n"), "{}", page.head);
    assert!(page.head.contains("Vary: Accept\r\n") && page.head.contains("Cache-Control: no-cache"), "{}", page.head);
    let file = json!({
        "filename": "htty_core-1.0-py3-none-any.whl",
        "url": "/files/htty_core-1.0-py3-none-any.whl",
        "hashes": { "sha256": Digest::of(&form.bytes) },
        "size": form.bytes.len(),
        "requires-python": ">=3.8,<4 & \"x\"",
        "upload-time": "2026-11-30T19:46:16.000000Z",
        "core-metadata": { "sha256": Digest::of(metadata().as_bytes()) },
        "yanked": false,
    });
    let page = page.json();
    assert_eq!(
        (&page["meta"], &page["name"], &page["versions"]),
        (&json!({ "api-version": "1.1" }), &json!("htty-core"), &json!(["1.0", "1.1"]))
    );
    assert_eq!(page["files"][0], file);
    assert_eq!(page["files"][1]["hashes"]["sha256"], json!(Digest::of(&sdist.bytes)));
    assert_eq!((page["files"][1].get("core-metadata"), page["files"][1].get("requires-python")), (None, None));
    assert_eq!(index.get("/simple/", JSON).json(), json!({ "meta": { "api-version": "1.1" }, "projects": [{ "name": "htty-core" }] }));
}

#[test]
fn the_html_page_tells_what_pep_503_knows() {
    let (index, form, _) = filled();
    let page = index.get("/simple/htty-core/", HTML);
    assert!(page.head.contains("Content-Type: application/vnd.pypi.simple.v1+html"), "{}", page.head);
    let line = format!(
        "<a href=\"/files/htty_core-1.0-py3-none-any.whl#sha256={}\" data-requires-python=\"&gt;=3.8,&lt;4 &amp; &quot;x&quot;\" \
         data-core-metadata=\"sha256={}\">htty_core-1.0-py3-none-any.whl</a><br>\n",
        Digest::of(&form.bytes),
        Digest::of(metadata().as_bytes())
    );
    assert!(page.text().contains(&line), "{}", page.text());
    let plain = index.get("/simple/htty-core/", "text/html");
    assert!(plain.head.contains("Content-Type: text/html") && plain.body == page.body);
    assert_eq!(index.ask("GET", "/simple/htty-core/", "", b"").body, page.body);
    assert!(index.get("/simple/", "text/html").text().contains("<a href=\"/simple/htty-core/\">htty-core</a>"));
    assert_eq!(index.get("/simple/htty-core/", "image/png").status, 406);
}

#[test]
fn names_are_normalised_by_a_redirect() {
    let (index, ..) = filled();
    for path in ["/simple/htty-core", "/simple/Htty_Core/", "/simple/htty.-_core", "/simple/HTTY-core/?x=y"] {
        let answer = index.get(path, JSON);
        assert!(answer.status == 301 && answer.head.contains("Location: /simple/htty-core/"), "{path}: {}", answer.head);
    }
    assert!(index.get("/simple", JSON).head.contains("Location: /simple/"));
    for path in
        ["/", "/simple//", "/simple/-a/", "/simple/a%20b/", "/simple/htty-core/x", "/simple/other/", "/simplex/", "/simplehtty-core/"]
    {
        assert_eq!(index.get(path, JSON).status, 404, "{path}");
    }
    assert_eq!(index.get("/simple/%ff/", JSON).status, 400);
}

#[test]
fn files_have_ranges_and_metadata() {
    let (index, form, _) = filled();
    let path = "/files/htty_core-1.0-py3-none-any.whl";
    assert_eq!(index.get(path, "*/*").body, form.bytes);
    let part = index.ask("GET", path, "Range: bytes=2-5\r\n", b"");
    assert_eq!((part.status, part.body.as_slice()), (206, &form.bytes[2..6]));
    assert!(part.head.contains(&format!("Content-Range: bytes 2-5/{}", form.bytes.len())) && part.head.contains("ETag: "), "{}", part.head);
    let head = index.ask("HEAD", path, "", b"");
    assert!(head.body.is_empty() && head.head.contains(&format!("Content-Length: {}", form.bytes.len())), "{}", head.head);
    assert_eq!(index.get(&format!("{path}.metadata"), "*/*").text(), metadata());
    for path in ["/files/htty_core-1.1.tar.gz.metadata", "/files/none-1.tar.gz", "/files/", "/files/../secret", "/files/.metadata"] {
        assert_eq!(index.get(path, "*/*").status, 404, "{path}");
    }
}

#[test]
fn a_wheelhouse_is_served_and_no_upload_changes_it() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("blob");
    let bytes = wheel("typing_extensions", "4.0", &[], "a");
    std::fs::write(&path, &bytes).unwrap();
    let given = WheelhouseFile { file_name: wheel_name("typing_extensions", "4.0"), path, sha256: Digest::of(&bytes) };
    let index = TestIndex::with(|options| options.wheelhouse = vec![given.clone()]);
    let page = index.get("/simple/typing-extensions/", JSON).json();
    let file = &page["files"][0];
    assert_eq!((&file["hashes"]["sha256"], &file["requires-python"]), (&json!(given.sha256), &json!(">=3.8")));
    assert_eq!((file.get("upload-time"), file["core-metadata"]["sha256"].is_string()), (None, true));
    assert_eq!(index.get(&format!("/files/{}", given.file_name), "*/*").body, bytes);
    assert_eq!(index.upload(&Form::of_wheel("typing_extensions", "4.0", "a")).status, 200, "the same bytes");
    assert_eq!(index.upload(&Form::of_wheel("typing_extensions", "4.0", "b")).status, 400);
    assert!(!index.simple.delete(&given.file_name).unwrap());
    assert!(index.simple.uploaded().is_empty() && index.files() == 0);
    assert_eq!(index.upload(&Form::of_sdist("typing_extensions", "4.0", b"a")).status, 200, "another file of that release");
    assert_eq!(index.get("/simple/typing-extensions/", JSON).json()["files"].as_array().unwrap().len(), 2);
}

#[test]
fn a_wheelhouse_that_is_not_what_it_should_be_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("blob");
    std::fs::write(&path, "a").unwrap();
    let fine = WheelhouseFile { file_name: "a-1.tar.gz".to_owned(), path: path.clone(), sha256: Digest::of(b"a") };
    let failure = |files: Vec<WheelhouseFile>| {
        let mut options = plimsoll_harbor::SimpleOptions::new("t");
        options.wheelhouse = files;
        plimsoll_harbor::Simple::new(place.path(), options).err().map(|error| error.to_string())
    };
    assert_eq!(failure(vec![fine.clone()]), None);
    assert!(failure(vec![fine.clone(), fine.clone()]).unwrap().contains("stands twice"));
    assert!(failure(vec![WheelhouseFile { sha256: Digest::of(b"b"), ..fine.clone() }]).unwrap().contains("was expected"));
    assert!(failure(vec![WheelhouseFile { file_name: "a-1.zip".to_owned(), ..fine.clone() }]).unwrap().contains("no file name"));
    assert!(failure(vec![WheelhouseFile { path: place.path().join("none"), ..fine }]).unwrap().contains("none: "));
}
