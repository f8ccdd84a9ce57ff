//! The server as a client sees it, spoken to over a plain socket.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use plimsoll_harbor::{Effect, Faults, Harbor};

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("sub")).unwrap();
    std::fs::write(folder.path().join("ten"), "0123456789").unwrap();
    std::fs::write(folder.path().join("sub/a b"), "spaced").unwrap();
    folder
}

/// Sends one request that ends the connection, and reads all that comes: head and body.
fn ask(harbor: &Harbor, method: &str, path: &str, headers: &str) -> (String, Vec<u8>) {
    raw(harbor, &format!("{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n"))
}

fn raw(harbor: &Harbor, request: &str) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(harbor.url().strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or(answer.len());
    let body = answer.get(end + 4..).unwrap_or_default().to_vec();
    (String::from_utf8(answer[..end].to_vec()).unwrap(), body)
}

fn status(head: &str) -> &str {
    head.split(' ').nth(1).unwrap()
}

#[test]
fn files_heads_and_ranges_are_served() {
    let folder = folder();
    let harbor = Harbor::serve_folder(folder.path(), Faults::none()).unwrap();
    let (head, body) = ask(&harbor, "GET", "/ten", "");
    assert_eq!((status(&head), body.as_slice()), ("200", b"0123456789".as_slice()));
    assert!(head.contains("Content-Length: 10"));
    let (head, body) = ask(&harbor, "HEAD", "/ten", "");
    assert!(head.contains("Content-Length: 10") && body.is_empty());
    let (head, body) = ask(&harbor, "GET", "/ten", "Range: bytes=4-6\r\n");
    assert_eq!((status(&head), body.as_slice()), ("206", b"456".as_slice()));
    assert!(head.contains("Content-Range: bytes 4-6/10"));
    assert_eq!(status(&ask(&harbor, "GET", "/ten", "Range: bytes=10-\r\n").0), "416");
    let (head, body) = ask(&harbor, "GET", "/ten", "Range: bytes=4-6\r\nIf-Range: \"other\"\r\n");
    assert_eq!((status(&head), body.len()), ("200", 10));
    assert_eq!(ask(&harbor, "GET", "/sub/a%20b?query", "").1, b"spaced");
    let log = harbor.requests();
    assert_eq!((log.len(), log[2].range.as_deref(), log[2].status), (6, Some("bytes=4-6"), Some(206)));
}

#[test]
fn what_is_not_served_says_so() {
    let folder = folder();
    let harbor = Harbor::serve_folder(&folder.path().join("sub"), Faults::none()).unwrap();
    for (method, path, expected) in [
        ("GET", "/none", "404"),
        ("GET", "/", "404"),
        ("GET", "/../ten", "404"),
        ("GET", "/%2e%2e/ten", "404"),
        ("GET", "/..%2ften", "400"),
        ("GET", "/%00", "400"),
        ("POST", "/a%20b", "405"),
        ("DELETE", "/", "405"),
    ] {
        assert_eq!(status(&ask(&harbor, method, path, "").0), expected, "{method} {path}");
    }
    assert_eq!(status(&raw(&harbor, "nonsense\r\n\r\n").0), "400");
    assert!(Harbor::serve_folder(Path::new("/nowhere/at/all"), Faults::none()).is_err_and(|error| error.to_string().contains("/nowhere")));
}

#[test]
fn one_connection_takes_several_requests() {
    let folder = folder();
    let harbor = Harbor::serve_folder(folder.path(), Faults::none()).unwrap();
    let two = "GET /ten HTTP/1.1\r\n\r\nGET /ten HTTP/1.1\r\nConnection: close\r\n\r\n";
    let (_, rest) = raw(&harbor, two);
    assert!(rest.starts_with(b"0123456789HTTP/1.1 200") && rest.ends_with(b"0123456789"));
}

#[test]
fn faults_strike_as_told() {
    let folder = folder();
    let faults = Faults::none()
        .first(1, "/ten", Effect::Status(503))
        .first(2, "/ten", Effect::Delay(Duration::from_millis(1)))
        .always("/sub/*", Effect::Cut(3))
        .always("/sub/*", Effect::Flip(1))
        .always("/moved", Effect::Redirect("/ten".to_owned()));
    let harbor = Harbor::serve_folder(folder.path(), faults).unwrap();
    assert_eq!(status(&ask(&harbor, "GET", "/ten", "").0), "503");
    assert_eq!(status(&ask(&harbor, "GET", "/ten", "").0), "200");
    let (head, body) = ask(&harbor, "GET", "/sub/a%20b", "");
    assert!(head.contains("Content-Length: 6"));
    assert_eq!(body, [b's', !b'p', b'a']);
    let (head, _) = ask(&harbor, "GET", "/moved", "");
    assert!(status(&head) == "302" && head.contains("Location: /ten"));

    let lying =
        Harbor::serve_folder(folder.path(), Faults::none().always("*", Effect::ContentLength(4)).always("*", Effect::NoRange)).unwrap();
    let (head, body) = ask(&lying, "GET", "/ten", "Range: bytes=2-\r\n");
    assert!(head.contains("Content-Length: 4") && !head.contains("Accept-Ranges"));
    assert_eq!((status(&head), body.len()), ("200", 10));
}

#[test]
fn dropping_ends_clients_that_wait() {
    let folder = folder();
    let harbor = Harbor::serve_folder(folder.path(), Faults::none().always("*", Effect::Delay(Duration::from_secs(3600)))).unwrap();
    let mut idle = TcpStream::connect(harbor.url().strip_prefix("http://").unwrap()).unwrap();
    let mut waiting = idle.try_clone().unwrap();
    waiting.write_all(b"GET /ten HTTP/1.1\r\n\r\n").unwrap();
    while harbor.requests().is_empty() {
        std::thread::yield_now();
    }
    let address = harbor.url();
    drop(harbor);
    let mut rest = Vec::new();
    let _ = idle.read_to_end(&mut rest);
    assert!(rest.is_empty());
    assert!(TcpStream::connect(address.strip_prefix("http://").unwrap()).is_err());
}
