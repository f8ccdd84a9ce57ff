//! One connection: requests in, responses out, until one side has had enough.

use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use crate::files::{NoFile, decode, open};
use crate::request::{NoRequest, Request};
use crate::response::Response;
use crate::state::ServerState;

/// A client that says or takes nothing for this long is left.
const PATIENCE: Duration = Duration::from_secs(20);
/// Requests over one connection.
const MAX_REQUESTS: usize = 1000;

/// Serves one client. Errors of the socket end the connection and concern nobody else.
pub(crate) fn serve(mut stream: TcpStream, root: &Path, state: &ServerState) {
    let patient = stream.set_read_timeout(Some(PATIENCE)).and_then(|()| stream.set_write_timeout(Some(PATIENCE)));
    if patient.and_then(|()| stream.set_nodelay(true)).is_err() {
        return;
    }
    let mut buffer = Vec::new();
    for _ in 0..MAX_REQUESTS {
        let (response, head_only, keep_alive) = match Request::read(&mut stream, &mut buffer) {
            Ok(request) => {
                let response = answer(&request, root, state);
                (response, request.method == "HEAD", request.keep_alive)
            }
            Err(NoRequest::Bad) => {
                state.log("?", "?", None, 400);
                (Response::empty(400), false, false)
            }
            Err(NoRequest::Closed) => return,
        };
        if !state.wait(response.delay) {
            return;
        }
        if !matches!(response.send(&mut stream, head_only, keep_alive), Ok(true)) {
            return;
        }
    }
}

fn answer(request: &Request, root: &Path, state: &ServerState) -> Response {
    let decoded = decode(&request.target);
    let path = decoded.as_deref().unwrap_or(&request.target);
    let effects = if matches!(request.method.as_str(), "GET" | "HEAD") { state.strike(path) } else { Vec::new() };
    let found = decoded.as_deref().map_err(|_| NoFile::Malformed).and_then(|path| open(root, path));
    let mut response = match (request.method.as_str(), found) {
        ("GET" | "HEAD", Ok((file, length))) => Response::file(file, length, request, &effects),
        ("GET" | "HEAD", Err(NoFile::NotFound)) => Response::empty(404),
        ("GET" | "HEAD", Err(NoFile::Malformed)) => Response::empty(400),
        _ => Response::empty(405),
    };
    response.suffer(effects);
    state.log(&request.method, path, request.header("range"), response.status);
    response
}
