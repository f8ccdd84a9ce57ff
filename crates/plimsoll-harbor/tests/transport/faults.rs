//! Faults as clients and services see them.

use std::time::{Duration, Instant};

use plimsoll_harbor::{Effect, Fault, Faults};

use crate::socket::Client;
use crate::uploads::harbor;

const PUT: &str = "PUT /a HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody";

#[test]
fn a_lost_answer_is_a_write_that_the_client_does_not_hear_of() {
    for effect in [Effect::NoAnswer, Effect::Status(502)] {
        let (uploads, harbor) = harbor(Faults::none().with(Fault::new("/a", effect.clone()).method("PUT").first(1).after()));
        let expected = if effect == Effect::NoAnswer { 0 } else { 502 };
        assert_eq!(Client::of(&harbor).say(PUT).hear().0, expected, "the client saw an error");
        assert_eq!((uploads.count(), uploads.stored("/a")), (1, Some(b"body".to_vec())), "and the service the write");
        assert_eq!(Client::of(&harbor).say(PUT).hear().0, 201);
        let log = harbor.requests();
        assert_eq!((log[0].status.unwrap_or(0), log[0].is_struck, log[0].received), (expected, true, 4));
        assert_eq!((log[1].status, log[1].is_struck, log[1].received), (Some(201), false, 4));
    }
}

#[test]
fn a_fault_before_is_a_request_that_the_service_does_not_see() {
    for effect in [Effect::NoAnswer, Effect::Status(503), Effect::RetryAfter(429, 7), Effect::Redirect("/b".to_owned())] {
        let (uploads, harbor) = harbor(Faults::none().first(1, "/a", effect.clone()));
        let mut client = Client::of(&harbor);
        let head = client.say(PUT).head();
        match effect {
            Effect::NoAnswer => assert_eq!(head, ""),
            Effect::RetryAfter(..) => assert!(head.starts_with("HTTP/1.1 429 ") && head.contains("Retry-After: 7\r\n"), "{head}"),
            Effect::Redirect(_) => assert!(head.starts_with("HTTP/1.1 302 ") && head.contains("Location: /b\r\n"), "{head}"),
            _ => assert!(head.starts_with("HTTP/1.1 503 "), "{head}"),
        }
        assert_eq!((uploads.asked(), uploads.count()), (0, 0));
        assert!(harbor.requests()[0].is_struck);
        let mut client = if head.is_empty() { Client::of(&harbor) } else { client };
        assert_eq!(client.say(PUT).hear().0, 201, "and the connection stands if there was an answer");
    }
}

#[test]
fn a_struck_client_that_waits_is_not_asked_for_its_body() {
    let (uploads, harbor) = harbor(Faults::none().always("*", Effect::Status(503)));
    let mut client = Client::of(&harbor);
    assert_eq!(client.say("PUT /a HTTP/1.1\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n").hear().0, 503);
    assert!(client.is_ended() && uploads.asked() == 0 && harbor.requests()[0].received == 0);
}

#[test]
fn a_client_that_still_sends_is_cut_off_at_once() {
    let began = Instant::now();
    for effect in [Effect::NoAnswer, Effect::CutRequest(5)] {
        let (uploads, harbor) = harbor(Faults::none().always("*", effect));
        let mut client = Client::of(&harbor);
        client.say("PUT /a HTTP/1.1\r\nContent-Length: 64000000\r\n\r\n").say(vec![b'x'; 64_000_000]);
        assert!(client.is_ended() && uploads.count() == 0);
    }
    assert!(began.elapsed() < Duration::from_secs(30), "it was not left to its own deadline");
}

#[test]
fn every_request_of_a_conversation_can_be_the_one_that_is_cut() {
    for cut in 1..=4 {
        let (uploads, harbor) = harbor(Faults::none().with(Fault::new("*", Effect::NoAnswer).nth(cut)));
        let heard =
            ["PUT /a", "GET /a", "PUT /b", "HEAD /b"].map(|request| Client::of(&harbor).say(format!("{request} HTTP/1.1\r\n\r\n")).head());
        let unheard = heard.iter().map(String::is_empty).collect::<Vec<_>>();
        assert_eq!(unheard, (1..=4).map(|number| number == cut).collect::<Vec<_>>());
        assert_eq!(uploads.asked(), 3);
    }
    let (uploads, harbor) = harbor(Faults::none().with(Fault::new("*", Effect::NoAnswer).method("PUT").nth(2)));
    let heard = ["PUT /a", "GET /a", "PUT /b"].map(|request| Client::of(&harbor).say(format!("{request} HTTP/1.1\r\n\r\n")).hear().0);
    assert_eq!((heard, uploads.count()), ([201, 200, 0], 1));
}

#[test]
fn a_body_is_cut_after_its_first_bytes() {
    let chunked = "PUT /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nbo\r\n2\r\ndy\r\n0\r\n\r\n";
    for request in [PUT, chunked, &PUT.replace("/a", "/ignored")] {
        for (cut, status) in [(0, 0), (3, 0), (4, 0), (5, 201)] {
            let (uploads, harbor) = harbor(Faults::none().always("*", Effect::CutRequest(cut)));
            let expected = if status == 201 && request.contains("/ignored") { 204 } else { status };
            assert_eq!(Client::of(&harbor).say(request).hear().0, expected, "{cut}: {request}");
            assert_eq!(harbor.requests()[0].received, cut.min(4), "{cut}: {request}");
            assert_eq!((uploads.asked(), uploads.count()), (1, usize::from(expected == 201)), "{cut}: {request}");
        }
    }
}

#[test]
fn delays_come_before_or_after_the_service_is_asked() {
    let time = Duration::from_millis(300);
    let delayed = |fault: Fault| {
        let (uploads, harbor) = harbor(Faults::none().with(fault));
        let began = Instant::now();
        let mut client = Client::of(&harbor);
        client.say(PUT);
        while harbor.requests().is_empty() {
            std::thread::yield_now();
        }
        std::thread::sleep(time / 3);
        let meanwhile = uploads.count();
        assert_eq!(client.hear().0, 201);
        assert!(began.elapsed() >= time);
        meanwhile
    };
    assert_eq!(delayed(Fault::new("*", Effect::Delay(time))), 0);
    assert_eq!(delayed(Fault::new("*", Effect::Delay(time)).after()), 1);
}

#[test]
fn answers_of_bytes_in_memory_are_bent_as_files_are() {
    let faults =
        Faults::none().with(Fault::new("/a", Effect::Flip(1)).method("GET")).with(Fault::new("/a", Effect::Cut(3)).method("GET").nth(2));
    let (_, harbor) = harbor(faults);
    assert_eq!(Client::of(&harbor).say(PUT.replace("body", "b\x01dy")).hear().0, 201);
    let get = "GET /a HTTP/1.1\r\nConnection: close\r\n\r\n";
    let mut client = Client::of(&harbor);
    assert!(client.say(get).head().contains("Content-Length: 4\r\n"));
    assert!(!client.is_ended());
    let mut client = Client::of(&harbor);
    assert!(client.say(get).head().contains("Content-Length: 4\r\n"), "and three bytes follow");
}
