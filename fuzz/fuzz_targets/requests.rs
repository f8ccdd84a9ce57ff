//! Any bytes, as what a client sends over one connection: answers or nothing, without a panic, and the service reads no body past its limit.

#![no_main]

use std::io::{self, Read};

use libfuzzer_sys::fuzz_target;
use plimsoll_harbor::{Request, Response, Service, answers};

/// The longest body that is taken.
const LIMIT: u64 = 1000;

/// Takes uploads, and forgets them.
struct Uploads;

impl Service for Uploads {
    fn answer(&self, request: &mut Request<'_>) -> io::Result<Response> {
        let _ = (request.path(), request.query(), request.headers().count());
        match request.method() {
            "GET" => Ok(Response::bytes(200, "text/plain", "0123456789")),
            // What is not read is for the transport to pass over.
            "DELETE" => Ok(Response::empty(204)),
            _ => {
                request.body().limit(LIMIT);
                let length = request.body().read_to_end(&mut Vec::new())?;
                assert!(length as u64 <= LIMIT);
                Ok(Response::empty(201))
            }
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let heard = answers(&Uploads, bytes);
    assert!(heard.is_empty() || heard.starts_with(b"HTTP/1.1 "));
});
