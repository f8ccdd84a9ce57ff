//! A download that is waited for so long and no longer, whatever happens in it: names that are looked up, handshakes, heads that come letter by
//! letter, chunks that never end. It runs in a thread of its own, which is left behind where the server does not let go of it.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::body::{Progress, ResumingBody};
use super::http::Network;
use super::pace::Pace;
use super::{OpenError, Opened};

/// Bytes that are handed over at once.
const PART: usize = 64 * 1024;
/// Parts that may wait for whoever reads.
const PARTS: usize = 4;
/// A wait that takes so much longer than was asked for: this process was stopped meanwhile, and the server is not to blame.
const STOPPED: Duration = Duration::from_secs(5);

/// What comes from the thread.
enum Part {
    /// The answer is there, of this length, as far as the server says.
    Answer(Option<u64>),
    Bytes(Vec<u8>),
    Progress(Progress),
    End,
    Failed(OpenError),
}

/// A download, read as it comes.
pub(super) struct Transfer {
    network: Network,
    url: String,
    parts: Receiver<Part>,
    length: Option<u64>,
    part: io::Cursor<Vec<u8>>,
    ended: bool,
}

impl Network {
    pub(super) fn open(&self, url: &str) -> Result<Opened, OpenError> {
        if let Some(reason) = self.offline() {
            return Err(OpenError::Offline { url: url.to_owned(), reason });
        }
        let transfer = Transfer::open(self, url)?;
        let length = transfer.length();
        Ok(Opened { reader: Box::new(transfer), length })
    }
}

impl Transfer {
    /// Asks, and waits for the answer.
    pub(super) fn open(network: &Network, url: &str) -> Result<Self, OpenError> {
        let (sender, parts) = sync_channel(PARTS);
        let (of_thread, at) = (network.clone(), url.to_owned());
        let thread = std::thread::Builder::new().name("plimsoll-fetch".to_owned());
        // A send fails where nobody reads any more, and then there is nothing to do.
        let started = thread.spawn(move || {
            let _ = run(of_thread, &at, &sender);
        });
        started.map_err(|error| OpenError::Unreachable { url: url.to_owned(), attempts: 0, last: error.to_string() })?;
        let (network, url) = (network.clone(), url.to_owned());
        let mut transfer = Self { network, url, parts, length: None, part: io::Cursor::default(), ended: false };
        match transfer.next()? {
            Part::Answer(length) => transfer.length = length,
            Part::Failed(error) => return Err(error),
            Part::Bytes(_) | Part::Progress(_) | Part::End => {}
        }
        Ok(transfer)
    }

    pub(super) fn length(&self) -> Option<u64> {
        self.length
    }

    /// The next part that is no progress, or the word that it takes too long.
    fn next(&mut self) -> Result<Part, OpenError> {
        loop {
            let left = pace(&self.network).left();
            let began = Instant::now();
            let received = self.parts.recv_timeout(left);
            let took = began.elapsed();
            let mut pace = pace(&self.network);
            match received {
                Ok(Part::Progress(Progress::Pause(pause))) => pace.pause(took, pause),
                Ok(Part::Progress(Progress::Passed(bytes))) => pace.bytes(took, bytes),
                Ok(part) => {
                    match &part {
                        Part::Bytes(bytes) => pace.bytes(took, bytes.len() as u64),
                        Part::Answer(_) => pace.answer(took),
                        Part::End | Part::Failed(_) | Part::Progress(_) => pace.bytes(took, 0),
                    }
                    return Ok(part);
                }
                Err(RecvTimeoutError::Timeout) if took > left.saturating_add(STOPPED) => pace.restart(),
                Err(RecvTimeoutError::Timeout) => {
                    let patience = self.network.patience();
                    return Err(OpenError::TooSlow { url: self.url.clone(), rate: patience.rate, window: patience.window });
                }
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(OpenError::Unreachable { url: self.url.clone(), attempts: 1, last: "the transfer broke off".to_owned() });
                }
            }
        }
    }
}

impl Read for Transfer {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.part.read(buffer)?;
            if read > 0 || buffer.is_empty() || self.ended {
                return Ok(read);
            }
            let part = self.next().inspect_err(|_| self.ended = true);
            match part.map_err(io::Error::other)? {
                Part::Bytes(bytes) => self.part = io::Cursor::new(bytes),
                Part::End => self.ended = true,
                Part::Failed(error) => {
                    self.ended = true;
                    return Err(io::Error::other(error));
                }
                Part::Answer(_) | Part::Progress(_) => {}
            }
        }
    }
}

fn pace(network: &Network) -> MutexGuard<'_, Pace> {
    let pace: &Mutex<Pace> = network.pace();
    pace.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Nobody reads any more.
struct Gone;

fn run(network: Network, url: &str, parts: &SyncSender<Part>) -> Result<(), Gone> {
    let send = |part| parts.send(part).map_err(|_| Gone);
    let progress = parts.clone();
    let progress = Box::new(move |told| drop(progress.send(Part::Progress(told))));
    let mut body = match ResumingBody::open(network, url, progress) {
        Ok(body) => body,
        Err(error) => return send(Part::Failed(error)),
    };
    send(Part::Answer(body.length()))?;
    loop {
        let mut bytes = vec![0; PART];
        match body.read(&mut bytes) {
            Ok(0) => return send(Part::End),
            Ok(read) => {
                bytes.truncate(read);
                send(Part::Bytes(bytes))?;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                let other = |error: io::Error| OpenError::Unreachable { url: url.to_owned(), attempts: 1, last: error.to_string() };
                return send(Part::Failed(error.downcast::<OpenError>().unwrap_or_else(other)));
            }
        }
    }
}
