//! Bodies, expectations, and connections that stand.

use std::net::TcpListener;
use std::sync::Arc;

use plimsoll_harbor::{Faults, Harbor, ServeOptions};

use crate::socket::Client;
use crate::uploads::{Uploads, harbor};

#[test]
fn bodies_of_both_framings_arrive_over_one_connection() {
    let (uploads, harbor) = harbor(Faults::none());
    let mut client = Client::of(&harbor);
    client.say("PUT /a HTTP/1.1\r\nContent-Length: 4\r\n\r\nbodyPUT /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
    client
        .say("2;x=\"y\"\r\nch\r\n5\r\nunked\r\n0\r\nTrailer: t\r\n\r\nGET /b HTTP/1.1\r\nRange: bytes=2-\r\n\r\nHEAD /b HTTP/1.1\r\n\r\n");
    assert_eq!([client.hear(), client.hear()], [(201, String::new()), (201, String::new())]);
    assert_eq!(client.hear(), (206, "unked".to_owned()));
    let head = client.head();
    assert!(head.starts_with("HTTP/1.1 200 ") && head.contains("Content-Length: 7\r\n"), "{head}");
    assert_eq!((uploads.stored("/a"), uploads.stored("/b")), (Some(b"body".to_vec()), Some(b"chunked".to_vec())));
    let received = harbor.requests().into_iter().map(|request| (request.method, request.received, request.status));
    let expected = [("PUT", 4, 201), ("PUT", 7, 201), ("GET", 0, 206), ("HEAD", 0, 200)];
    assert_eq!(received.collect::<Vec<_>>(), expected.map(|(method, received, status)| (method.to_owned(), received, Some(status))));
}

#[test]
fn a_body_is_invited_if_the_service_wants_it() {
    let (uploads, harbor) = harbor(Faults::none());
    let mut client = Client::of(&harbor);
    client.say("PUT /a HTTP/1.1\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
    assert_eq!(client.head(), "HTTP/1.1 100 Continue\r\n\r\n");
    assert_eq!(client.say("body").hear().0, 201);
    assert_eq!(uploads.stored("/a"), Some(b"body".to_vec()));

    client.say("PUT /forbidden HTTP/1.1\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
    let head = client.head();
    assert!(head.starts_with("HTTP/1.1 403 ") && head.contains("Connection: close\r\n"), "{head}");
    assert_eq!(harbor.requests()[1].received, 0);

    let mut client = Client::of(&harbor);
    client.say("PUT /small HTTP/1.1\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n");
    assert_eq!(client.hear(), (413, "the body is longer than the 8 bytes that are taken here\n".to_owned()));
    assert!(client.is_ended());
    let mut client = Client::of(&harbor);
    assert_eq!(client.say("PUT /a HTTP/1.1\r\nContent-Length: 9\r\nExpect: a-miracle\r\n\r\n").hear().0, 417);
    assert!(client.is_ended());
    let mut client = Client::of(&harbor);
    client.say("PUT /old HTTP/1.0\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\nbody");
    assert_eq!(client.hear().0, 201, "HTTP/1.0 knows no expectation");
    assert_eq!(uploads.count(), 2);
}

#[test]
fn what_a_service_does_not_read_is_passed_over_or_ends_the_connection() {
    let (_, harbor) = harbor(Faults::none());
    let mut client = Client::of(&harbor);
    client.say("PUT /ignored HTTP/1.1\r\nContent-Length: 4\r\n\r\nbodyPUT /a HTTP/1.1\r\n\r\n");
    assert_eq!([client.hear().0, client.hear().0], [204, 201]);
    assert_eq!(harbor.requests()[0].received, 4);

    // More than the connection is worth; but a client that is hung up on while it sends may never hear the answer.
    client.say("PUT /forbidden HTTP/1.1\r\nContent-Length: 16000000\r\n\r\n");
    assert!(client.can_say(vec![b'x'; 16_000_000]));
    assert_eq!(client.hear(), (403, "nobody may\n".to_owned()));
    assert!(client.is_ended());
    let mut client = Client::of(&harbor);
    client.say("PUT /small HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n").say("4\r\nbody\r\n".repeat(1_000_000));
    assert_eq!(client.hear().0, 413);
    assert!(client.is_ended());
}

#[test]
fn the_old_version_may_keep_its_connection() {
    let (_, harbor) = harbor(Faults::none());
    let mut client = Client::of(&harbor);
    let head = client.say("PUT /a HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\na").head();
    assert!(head.contains("Connection: keep-alive\r\n"), "{head}");
    assert_eq!(client.say("GET /a HTTP/1.0\r\n\r\n").hear(), (200, "a".to_owned()));
    assert!(client.is_ended());
}

#[test]
fn a_service_that_fails_answers_and_one_that_panics_ends_its_connection_alone() {
    let (_, harbor) = harbor(Faults::none());
    let mut client = Client::of(&harbor);
    assert_eq!(client.say("PUT /broken HTTP/1.1\r\n\r\n").hear(), (500, "the disk is full\n".to_owned()));
    let mut other = Client::of(&harbor);
    assert!(other.say("PUT /panic HTTP/1.1\r\n\r\n").is_ended());
    assert_eq!(client.say("PUT /a HTTP/1.1\r\n\r\n").hear().0, 201);
    assert_eq!(harbor.requests()[1].status, None);
}

#[test]
fn listeners_may_be_handed_in_and_are_closed_at_the_end() {
    let bind = || TcpListener::bind("127.0.0.1:0").unwrap();
    let listeners = vec![bind(), bind()];
    let addresses = listeners.iter().map(|listener| listener.local_addr().unwrap()).collect::<Vec<_>>();
    // As whoever made the listener elsewhere may still hold it.
    let held = listeners[1].try_clone().unwrap();
    let uploads = Arc::new(Uploads::default());
    let harbor = Harbor::serve(uploads.clone(), ServeOptions { listeners, ..ServeOptions::default() }).unwrap();
    assert_eq!(harbor.url(), format!("http://{}", addresses[0]));
    for address in &addresses {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        std::io::Write::write_all(&mut stream, b"PUT /a HTTP/1.1\r\nConnection: close\r\n\r\n").unwrap();
        assert!(std::io::read_to_string(stream).unwrap().starts_with("HTTP/1.1 201 "));
    }
    assert_eq!((uploads.asked(), harbor.requests().len()), (2, 2));
    drop(harbor);
    for address in &addresses {
        assert!(std::net::TcpStream::connect(address).is_err() || !cfg!(target_os = "linux"), "{address}");
    }
    drop(held);

    let open = TcpListener::bind("0.0.0.0:0").unwrap();
    let refused = Harbor::serve(uploads, ServeOptions { listeners: vec![open], ..ServeOptions::default() });
    assert!(refused.is_err_and(|error| error.to_string().contains("bind it to the loopback address")));
}
