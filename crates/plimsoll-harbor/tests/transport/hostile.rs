//! What clients should not send: each is refused, nothing of it is taken for another request, and the server goes on.

use std::sync::Arc;
use std::time::{Duration, Instant};

use plimsoll_harbor::{Harbor, ServeOptions};

use crate::socket::Client;
use crate::uploads::{Uploads, harbor};

/// What follows in the same bytes, and must not be taken for a request.
const SMUGGLED: &str = "0\r\n\r\nPUT /smuggled HTTP/1.1\r\n\r\n";

#[test]
fn heads_that_could_be_read_in_two_ways_end_the_connection() {
    let (uploads, harbor) = harbor(Default::default());
    for (headers, status) in [
        ("Content-Length: 30\r\nTransfer-Encoding: chunked\r\n", 400),
        ("Content-Length: 5\r\nContent-Length: 6\r\n", 400),
        ("Content-Length: -5\r\n", 400),
        ("Content-Length: 0x5\r\n", 400),
        ("Content-Length: 99999999999999999999\r\n", 413),
        ("Transfer-Encoding : chunked\r\n", 400),
        ("Transfer-Encoding:\r\n chunked\r\n", 400),
        ("Transfer-Encoding: gzip\r\n", 501),
        ("A: b\nContent-Length: 3\r\n", 400),
    ] {
        let mut client = Client::of(&harbor);
        client.say(format!("PUT /a HTTP/1.1\r\n{headers}\r\n{SMUGGLED}"));
        assert_eq!(client.hear().0, status, "{headers}");
        assert!(client.is_ended(), "{headers}");
    }
    assert_eq!(uploads.asked(), 0);
}

#[test]
fn chunks_that_are_not_the_coding_end_the_connection() {
    let (uploads, harbor) = harbor(Default::default());
    let trailers = format!("1\r\na\r\n0\r\n{}", "A: b\r\n".repeat(3000));
    let extension = format!("1;{}\r\na\r\n", "x".repeat(3000));
    for (chunks, status) in [
        ("zz\r\n", 400),
        ("-1\r\na\r\n", 400),
        ("+1\r\na\r\n", 400),
        ("0x1\r\na\r\n", 400),
        ("1 \r\na\r\n", 400),
        ("\r\na\r\n", 400),
        ("1\na\r\n", 400),
        ("1\r\nab\r\n", 400),
        ("1\r\na", 400),
        ("1\r\naX", 400),
        ("10000000000000000\r\na\r\n", 400),
        ("ffffffffffffffff\r\na\r\n", 413),
        (&trailers, 400),
        (&extension, 400),
    ] {
        let mut client = Client::of(&harbor);
        client.say(format!("PUT /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}{SMUGGLED}"));
        let said = client.end().hear().0;
        assert_eq!(said, status, "{chunks:.40}");
        assert!(client.is_ended(), "{chunks:.40}");
    }
    assert_eq!(uploads.count(), 0);
    assert!(harbor.requests().iter().all(|request| request.path == "/a"));
}

#[test]
fn a_body_that_is_shorter_than_it_says_is_nothing() {
    let (uploads, harbor) = harbor(Default::default());
    for text in [
        "PUT /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nbody",
        "PUT /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nbody",
        "PUT /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n",
        "PUT /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n",
    ] {
        let mut client = Client::of(&harbor);
        assert_eq!(client.say(text).end().hear(), (400, "the body ended before its end\n".to_owned()), "{text}");
        assert!(client.is_ended(), "{text}");
    }
    assert_eq!((uploads.count(), uploads.asked()), (0, 4));
    assert!(harbor.requests().iter().all(|request| request.received == 4));
}

#[test]
fn heads_without_bounds_are_refused() {
    let (_, harbor) = harbor(Default::default());
    for text in [format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(20_000)), format!("GET / HTTP/1.1\r\n{}", "A: b\r\n".repeat(20_000))] {
        let mut client = Client::of(&harbor);
        assert_eq!(client.say(&text).hear(), (431, "the head is longer than 16384 bytes\n".to_owned()), "{text:.40}");
        assert!(client.is_ended());
    }
}

#[test]
fn clients_that_take_their_time_are_left() {
    let uploads = Arc::new(Uploads::default());
    let options = ServeOptions { patience: Duration::from_millis(500), ..ServeOptions::default() };
    let harbor = Harbor::serve(uploads.clone(), options).unwrap();
    let began = Instant::now();
    assert!(Client::of(&harbor).is_ended(), "who says nothing hears nothing");
    assert_eq!(Client::of(&harbor).say("PUT /a HTTP/1.1\r\nA:").hear().0, 408);
    let mut drip = Client::of(&harbor);
    for byte in "GET /a HTTP/1.1\r\nA: a byte now and then is not enough\r\n\r\n".bytes() {
        drip.say([byte]);
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(drip.hear().0, 408);
    for framing in
        ["Content-Length: 5\r\n\r\nbody", "Transfer-Encoding: chunked\r\n\r\n4\r\nbody", "Transfer-Encoding: chunked\r\n\r\n4\r\nbo"]
    {
        let mut client = Client::of(&harbor);
        assert_eq!(client.say(format!("PUT /a HTTP/1.1\r\n{framing}")).hear(), (408, "the body took too long\n".to_owned()), "{framing}");
    }
    assert_eq!(uploads.count(), 0);
    assert!(began.elapsed() < Duration::from_secs(30));
}
