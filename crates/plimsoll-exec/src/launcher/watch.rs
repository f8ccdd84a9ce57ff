//! Waiting for one child: its output, its deadline, the text that ends it, and what is done when it does not end.

use std::process::ExitStatus;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::capture::{Capture, Lines, Search};
use super::group::{Group, Groups};
use super::process::{self, Stop};
use super::{Ended, Event, Finished, Launch, Stream};

/// Between TERM and KILL.
const GRACE: Duration = Duration::from_secs(2);
/// How long output may stay silent after the child's end, where something that left the group still holds the pipe.
const SILENCE: Duration = Duration::from_millis(500);
/// How long output is read after the child's end, at most.
const DRAIN: Duration = Duration::from_secs(10);
/// What is known about a child while it runs.
pub(super) struct Watch {
    started: Instant,
    deadline: Option<Instant>,
    captures: [Capture; 2],
    lines: [Lines; 2],
    search: Option<Search>,
    open: u8,
    /// Why and when it was asked to end.
    stopped: Option<(Ended, Instant)>,
    exited: Option<Instant>,
}

impl Watch {
    pub(super) fn new(launch: &Launch, started: Instant) -> Self {
        let capture = || Capture::new(launch.capture_limit, launch.keep);
        Self {
            started,
            deadline: launch.deadline.and_then(|deadline| started.checked_add(deadline)),
            captures: [capture(), capture()],
            lines: [Lines::default(), Lines::default()],
            search: launch.until.as_deref().map(Search::new),
            open: 2,
            stopped: None,
            exited: None,
        }
    }

    /// Until the child has ended and its outputs are closed, or nothing more is to be expected of them.
    pub(super) fn attend(&mut self, events: &Receiver<Event>, group: &Group, groups: &Groups, on_line: &mut dyn FnMut(Stream, &str)) {
        while self.exited.is_none() || self.open > 0 {
            // Before waiting, too: who cancels wakes those that are registered, and may have come just before.
            match self.exited {
                Some(exited) if exited.elapsed() > DRAIN => break,
                Some(_) => {}
                None => self.stop_where_due(group, groups),
            }
            match events.recv_timeout(self.patience()) {
                Ok(Event::Piece(stream, bytes)) => self.take(stream, &bytes, on_line),
                Ok(Event::Closed) => self.open -= 1,
                Ok(Event::Exited) => {
                    // Not reaped yet, so that the group's number cannot belong to anybody else.
                    group.stop(Stop::Kill);
                    self.exited = Some(Instant::now());
                }
                Ok(Event::Wake) => {}
                Err(RecvTimeoutError::Timeout) if self.exited.is_some() => break,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
    }

    fn patience(&self) -> Duration {
        let now = Instant::now();
        let until = |moment: Instant| moment.saturating_duration_since(now);
        match (self.exited, self.stopped, self.deadline) {
            (Some(_), _, _) => SILENCE,
            (None, Some((_, since)), _) => until(since + GRACE).max(Duration::from_millis(10)),
            (None, None, Some(deadline)) => until(deadline),
            (None, None, None) => Duration::from_secs(3600),
        }
    }

    fn take(&mut self, stream: Stream, bytes: &[u8], on_line: &mut dyn FnMut(Stream, &str)) {
        let index = usize::from(stream == Stream::Error);
        self.captures[index].push(bytes);
        if let Some(search) = &mut self.search {
            search.feed(index, bytes);
        }
        self.lines[index].feed(bytes, &mut |line| on_line(stream, line));
    }

    fn stop_where_due(&mut self, group: &Group, groups: &Groups) {
        if let Some((_, since)) = self.stopped {
            if since.elapsed() >= GRACE {
                group.stop(Stop::Kill);
            }
            return;
        }
        let reason = if groups.is_cancelled() {
            Ended::Cancelled
        } else if self.search.as_ref().is_some_and(Search::found) {
            Ended::Until
        } else if self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            Ended::TimedOut
        } else {
            return;
        };
        group.stop(Stop::Ask);
        self.stopped = Some((reason, Instant::now()));
    }

    pub(super) fn finish(self, status: ExitStatus, on_line: &mut dyn FnMut(Stream, &str)) -> Finished {
        for (lines, stream) in self.lines.into_iter().zip([Stream::Output, Stream::Error]) {
            lines.finish(&mut |line| on_line(stream, line));
        }
        let found = self.search.as_ref().is_some_and(Search::found);
        let ended = self.stopped.map_or(if found { Ended::Until } else { Ended::Exited }, |(reason, _)| reason);
        let [stdout, stderr] = self.captures;
        let truncated = stdout.truncated() || stderr.truncated() || self.open > 0;
        Finished {
            status: status.code(),
            signal: process::signal(status),
            stdout: stdout.finish(),
            stderr: stderr.finish(),
            truncated,
            duration: self.started.elapsed(),
            ended,
        }
    }
}
