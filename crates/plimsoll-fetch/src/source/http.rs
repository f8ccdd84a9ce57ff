//! GET over HTTP: time limits, redirects, and which answers are worth another attempt. What comes is not looked at.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ureq::http::{Response, StatusCode, header};
use ureq::{Agent, Body};

use super::OpenError;
use super::location::{follow, is_loopback};
use super::pace::Pace;
use crate::environment::{Environment, Offline};

const MAX_REDIRECTS: usize = 5;
/// The longest wait that a server may ask for.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(30);

/// How long and how often a transfer is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Attempts without progress before giving up; at least 1.
    pub attempts: u32,
    /// The pause before the second attempt; each later one is twice as long.
    pub pause: Duration,
    /// Until a connection stands.
    pub connect: Duration,
    /// Without a single byte, until a connection is given up and made anew.
    pub silence: Duration,
    /// Bytes a second that must come, in all transfers of a [`Network`] together; with less over [`Patience::window`] it is given up.
    pub rate: u64,
    /// The time over which the rate is looked at. Only waiting counts, and pauses that a server asks for do not.
    pub window: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { attempts: 5, pause: Duration::from_millis(500), connect: seconds(15), silence: seconds(30), rate: 1024, window: seconds(60) }
    }
}

/// The network, or the reason not to use it. Proxies are those of `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`.
#[derive(Debug, Clone)]
pub struct Network {
    agent: Agent,
    offline: Option<Offline>,
    patience: Patience,
    pace: Arc<Mutex<Pace>>,
    accept: Option<&'static str>,
}

/// Why an attempt brought nothing.
pub(super) enum Failed {
    /// Another attempt may do.
    ForNow {
        why: String,
        /// What the server asks for.
        wait: Option<Duration>,
    },
    /// No attempt will.
    ForGood(OpenError),
}

impl Network {
    /// The network as the environment allows it.
    pub fn from_environment(environment: &Environment) -> Self {
        Self::new(environment.offline(), Patience::default())
    }

    /// The network, unless there is a reason not to use it.
    pub fn new(offline: Option<Offline>, patience: Patience) -> Self {
        let config = Agent::config_builder()
            .user_agent(concat!("plimsoll-fetch/", env!("CARGO_PKG_VERSION")))
            // What is hashed is what was published: nothing on the way may compress it.
            .accept_encoding("identity")
            .http_status_as_error(false)
            // Redirects are followed here, by stricter rules.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_connect(Some(patience.connect))
            .timeout_recv_response(Some(patience.silence))
            .timeout_per_read(Some(patience.silence))
            .timeout_per_write(Some(patience.silence));
        let pace = Arc::new(Mutex::new(Pace::new(patience.window, patience.rate)));
        Self { agent: config.build().into(), offline, patience, pace, accept: None }
    }

    /// The same, asking for a form of answers (`Accept`).
    #[must_use]
    pub fn accepting(self, media_type: &'static str) -> Self {
        Self { accept: Some(media_type), ..self }
    }

    pub(super) fn pace(&self) -> &Mutex<Pace> {
        &self.pace
    }

    pub(super) fn patience(&self) -> Patience {
        self.patience
    }

    /// Why nothing may be fetched, if so.
    pub(super) fn offline(&self) -> Option<Offline> {
        self.offline
    }

    /// One attempt: a 200, or a 206 where `range` was asked for.
    pub(super) fn get(&self, url: &str, range: Option<(u64, Option<&str>)>) -> Result<Response<Body>, Failed> {
        let mut at = url.to_owned();
        for _ in 0..=MAX_REDIRECTS {
            let response = self.send(&at, range).map_err(|error| failure(url, &error))?;
            let status = response.status();
            let text = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
            match status.as_u16() {
                200 | 206 if range.is_some() || status == StatusCode::OK => return Ok(response),
                301 | 302 | 303 | 307 | 308 => {
                    let location = text(header::LOCATION).unwrap_or_default().to_owned();
                    let refused = |why| Failed::ForGood(OpenError::Redirect { url: at.clone(), location: location.clone(), why });
                    at = follow(&at, &location).map_err(refused)?;
                }
                404 | 410 => return Err(Failed::ForGood(OpenError::NotFound { subject: url.to_owned() })),
                408 | 429 | 500..=599 => {
                    let seconds = text(header::RETRY_AFTER).and_then(|seconds| seconds.parse().ok()).map(Duration::from_secs);
                    let wait = seconds.map(|wait| wait.min(MAX_RETRY_AFTER));
                    return Err(Failed::ForNow { why: format!("status {}", status.as_u16()), wait });
                }
                status => return Err(Failed::ForGood(OpenError::Status { url: url.to_owned(), status })),
            }
        }
        Err(Failed::ForGood(OpenError::Redirect { url: url.to_owned(), location: at, why: "there are too many of them" }))
    }

    fn send(&self, url: &str, range: Option<(u64, Option<&str>)>) -> Result<Response<Body>, ureq::Error> {
        let mut request = self.agent.get(url);
        if let Some(media_type) = self.accept {
            request = request.header(header::ACCEPT, media_type);
        }
        if let Some((from, tag)) = range {
            request = request.header(header::RANGE, format!("bytes={from}-"));
            if let Some(tag) = tag {
                request = request.header(header::IF_RANGE, tag);
            }
        }
        if is_loopback(url) { request.config().proxy(None).build().call() } else { request.call() }
    }
}

/// Certificates do not get better by asking again; connections do.
fn failure(url: &str, error: &ureq::Error) -> Failed {
    let why = error.to_string();
    match error {
        ureq::Error::Io(inner) if inner.kind() == io::ErrorKind::InvalidData => {
            Failed::ForGood(OpenError::Unreachable { url: url.to_owned(), attempts: 1, last: why })
        }
        ureq::Error::BadUri(_) | ureq::Error::Tls(_) | ureq::Error::Rustls(_) | ureq::Error::InvalidProxyUrl => {
            Failed::ForGood(OpenError::Unreachable { url: url.to_owned(), attempts: 1, last: why })
        }
        _ => Failed::ForNow { why, wait: None },
    }
}
