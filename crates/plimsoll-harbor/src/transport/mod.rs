//! HTTP/1.1 on the loopback address, for any service: bodies, ranges, what a connection bears, and faults on demand.
//!
//! It knows no service, writes no file, decodes nothing that a service may have to see raw, and never listens elsewhere. What clients send is
//! taken strictly (RFC 9112): what could be read in two ways is refused.

use std::io;

mod bend;
mod body;
mod chunked;
mod connection;
mod deadline;
mod faults;
mod framing;
mod head;
mod line;
mod range;
mod refusal;
mod request;
mod response;
mod sending;
mod server;
mod state;
mod target;
mod wake;

pub use body::{Body, DEFAULT_BODY_LIMIT};
pub use connection::answers;
pub use faults::{Effect, Fault, Faults, Moment, PathPattern, Which};
pub use request::Request;
pub use response::Response;
pub use server::{Harbor, ServeOptions};
pub use state::Logged;

/// What answers requests.
pub trait Service: Send + Sync {
    /// The answer to one request. A body that is not asked for is never invited (`Expect: 100-continue`), so a service that refuses by the head
    /// should do so before it reads.
    ///
    /// # Errors
    /// What reading the body returned becomes the status that is due (400, 408, 413), and anything else 500 with the error's words.
    fn answer(&self, request: &mut Request<'_>) -> io::Result<Response>;
}
