//! How long a client may take: each read has its patience, and a head and a body have one as a whole, so that a byte now and then is not enough.

use std::cell::Cell;
use std::io::{self, Read};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// How many times as long as a head a body may take.
const BODY: u32 = 30;

/// The deadline of what is read now.
pub(super) struct Deadline {
    patience: Duration,
    until: Cell<Instant>,
}

impl Deadline {
    pub(super) fn new(patience: Duration) -> Self {
        // Bounded, so that the clock can hold what it is multiplied to.
        let patience = patience.min(Duration::from_secs(24 * 3600));
        Self { patience, until: Cell::new(Instant::now() + patience) }
    }

    /// A head is read from now on.
    pub(super) fn head(&self) {
        self.until.set(Instant::now() + self.patience);
    }

    /// A body is read from now on.
    pub(super) fn body(&self) {
        self.until.set(Instant::now() + self.patience.saturating_mul(BODY));
    }

    /// What follows may take this long.
    pub(super) fn within(&self, time: Duration) {
        self.until.set(Instant::now() + time.min(self.patience));
    }

    /// How long the next read may take.
    fn left(&self) -> Duration {
        self.until.get().saturating_duration_since(Instant::now()).min(self.patience)
    }
}

/// A socket that is read under a deadline; a read that is too late fails with `TimedOut`.
pub(super) struct Patient<'s> {
    /// The socket.
    pub stream: &'s TcpStream,
    /// Its deadline.
    pub deadline: &'s Deadline,
}

impl Read for Patient<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let left = self.deadline.left();
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        self.stream.set_read_timeout(Some(left))?;
        // What it is called differs from system to system.
        self.stream.read(into).map_err(|error| match error.kind() {
            io::ErrorKind::WouldBlock => io::ErrorKind::TimedOut.into(),
            _ => error,
        })
    }
}
