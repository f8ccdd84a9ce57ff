//! One connection: requests in, answers out, until one side has had enough. Knows no service but by its trait.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use super::Service;
use super::bend::{Bend, Instead};
use super::body::{Body, BodyFailure};
use super::deadline::{Deadline, Patient};
use super::faults::Faults;
use super::framing::{Framing, awaits_continue, framing};
use super::head::{Head, NoHead};
use super::refusal::Refusal;
use super::request::Request;
use super::response::Response;
use super::sending::Sending;
use super::state::ServerState;
use super::target::decoded_path;

/// Requests over one connection.
const MAX_REQUESTS: usize = 1000;
/// How much of a body is read that nobody asked for, so that the connection can stand, in bytes.
const MAX_DISCARDED: u64 = 1 << 20;
/// How long, and how much in bytes, a client is listened to after the last answer: as long as it sends, closing would take the answer from it.
const LINGER: (Duration, u64) = (Duration::from_secs(2), 64 << 20);

/// How a connection goes on after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// Another request may come.
    Request,
    /// An answer went out that the client should be able to read.
    Close,
    /// Nothing more is said.
    Cut,
}

/// Serves one client. Errors of the socket end the connection and concern nobody else.
pub(super) fn serve(stream: &TcpStream, patience: Duration, service: &dyn Service, state: &ServerState) {
    if stream.set_write_timeout(Some(patience)).and_then(|()| stream.set_nodelay(true)).is_err() {
        return;
    }
    let deadline = Deadline::new(patience);
    let mut input = BufReader::with_capacity(64 * 1024, Patient { stream, deadline: &deadline });
    if converse(&mut input, &mut &*stream, &deadline, service, state) == Next::Close && stream.shutdown(Shutdown::Write).is_ok() {
        deadline.within(LINGER.0);
        let _ = io::copy(&mut input.take(LINGER.1), &mut io::sink());
    }
}

/// What a service answers to the bytes of one connection: the transport without a socket, for tests of what clients may send.
pub fn answers(service: &dyn Service, bytes: impl Read) -> Vec<u8> {
    let mut out = Vec::new();
    let (deadline, state) = (Deadline::new(Duration::from_secs(3600)), ServerState::new(Faults::none()));
    converse(&mut BufReader::new(bytes), &mut out, &deadline, service, &state);
    out
}

fn converse(input: &mut dyn BufRead, output: &mut dyn Write, deadline: &Deadline, service: &dyn Service, state: &ServerState) -> Next {
    for number in 1..=MAX_REQUESTS {
        deadline.head();
        let head = match Head::read(input) {
            Ok(head) => head,
            Err(NoHead::Closed) => return Next::Cut,
            Err(NoHead::Refused(refusal)) => {
                state.refused(refusal.status);
                return send(Sending::refusal(Response::text(refusal.status, refusal.why)), output);
            }
        };
        deadline.body();
        let exchange = Exchange { head: &head, is_last: number == MAX_REQUESTS, service, state };
        match exchange.run(input, output) {
            Next::Request => {}
            end => return end,
        }
    }
    Next::Close
}

/// One request and its answer.
struct Exchange<'a> {
    head: &'a Head,
    is_last: bool,
    service: &'a dyn Service,
    state: &'a ServerState,
}

impl Exchange<'_> {
    fn run(&self, input: &mut dyn BufRead, output: &mut dyn Write) -> Next {
        let path = decoded_path(&self.head.target);
        let log_path = path.as_deref().unwrap_or(&self.head.target);
        let (entry, struck) = self.state.arrived(&self.head.method, log_path, self.head.values("range").next());
        let (framing, awaits) = match self.framing() {
            Ok(framing) => framing,
            Err(refusal) => {
                self.state.ended(entry, Some(refusal.status), 0);
                let mut sending = Sending::new(Response::text(refusal.status, refusal.why), self.head, Default::default());
                sending.close();
                return send(sending, output);
            }
        };
        let bend = Bend::of(struck);
        let body = Body::new(input, &mut *output, framing, awaits, bend.cut_request);
        let mut request = Request::new(self.head, path.as_deref(), body);
        let answer = self.answer(&mut request, bend);
        let in_step = answer.is_some() && request.body().discard(MAX_DISCARDED);
        let (received, is_cut) = (request.body().received(), request.body().is_cut());
        let Some((mut sending, delay)) = answer.filter(|_| !is_cut) else {
            self.state.ended(entry, None, received);
            return Next::Cut;
        };
        if !in_step || self.is_last {
            sending.close();
        }
        self.state.ended(entry, Some(sending.status()), received);
        if self.state.wait(delay) { send(sending, output) } else { Next::Cut }
    }

    fn framing(&self) -> Result<(Framing, bool), Refusal> {
        Ok((framing(self.head)?, awaits_continue(self.head)?))
    }

    /// The answer and how long it waits; none if the connection ends without one.
    fn answer(&self, request: &mut Request<'_>, bend: Bend) -> Option<(Sending, Duration)> {
        if !self.state.wait(bend.before.delay) {
            return None;
        }
        let response = match bend.before.instead {
            Some(Instead::NoAnswer) => return None,
            Some(Instead::Answer(response)) => response,
            None => match (self.service.answer(request), bend.after.instead) {
                (_, Some(Instead::NoAnswer)) => return None,
                (_, Some(Instead::Answer(response))) => response,
                (Ok(response), None) => response,
                (Err(error), None) => failed(&error, request.body().failure())?,
            },
        };
        Some((Sending::new(response, self.head, bend.answer), bend.after.delay))
    }
}

/// The answer if a service has none; none if nobody could hear it.
fn failed(error: &io::Error, of_body: Option<BodyFailure>) -> Option<Response> {
    match of_body {
        Some(failure) => Some(Response::text(failure.status()?, &failure.to_string())),
        None => Some(Response::text(500, &error.to_string())),
    }
}

fn send(sending: Sending, output: &mut dyn Write) -> Next {
    let is_whole = sending.is_whole();
    match sending.send(output) {
        Ok(true) => Next::Request,
        Ok(false) if is_whole => Next::Close,
        Ok(false) | Err(_) => Next::Cut,
    }
}
