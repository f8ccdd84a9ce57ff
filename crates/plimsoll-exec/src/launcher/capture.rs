//! What is kept of an endless output: a bounded part of its bytes, its lines one at a time, and whether a text was in it.
//!
//! Memory is bounded whatever a child prints; nothing here reads or waits.

use super::Keep;

/// A longer line is handed over in pieces. Large, because build tools print JSON documents as lines.
const LONGEST_LINE: usize = 8 * 1024 * 1024;

/// The first or last bytes of a stream.
pub(super) struct Capture {
    limit: usize,
    keep: Keep,
    bytes: Vec<u8>,
    truncated: bool,
}

impl Capture {
    pub(super) const fn new(limit: usize, keep: Keep) -> Self {
        Self { limit, keep, bytes: Vec::new(), truncated: false }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        match self.keep {
            Keep::Head => {
                let room = self.limit.saturating_sub(self.bytes.len()).min(bytes.len());
                self.bytes.extend_from_slice(&bytes[..room]);
                self.truncated |= room < bytes.len();
            }
            Keep::Tail => {
                self.bytes.extend_from_slice(bytes);
                // Cut at twice the limit, so that each byte is moved once at most.
                if self.bytes.len() > self.limit.saturating_mul(2) {
                    self.cut();
                }
            }
        }
    }

    fn cut(&mut self) {
        let surplus = self.bytes.len().saturating_sub(self.limit);
        self.truncated |= surplus > 0;
        self.bytes.drain(..surplus);
    }

    pub(super) fn truncated(&self) -> bool {
        self.truncated || self.bytes.len() > self.limit
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        self.cut();
        self.bytes
    }
}

/// Splits a stream at its line ends. A carriage return alone ends a line too: what draws a bar has nothing else between its states.
#[derive(Default)]
pub(super) struct Lines {
    pending: Vec<u8>,
}

impl Lines {
    pub(super) fn feed(&mut self, bytes: &[u8], on_line: &mut dyn FnMut(&str)) {
        for piece in bytes.split_inclusive(|byte| matches!(byte, b'\n' | b'\r')) {
            // Whether a line end is to follow is known only by the byte after it.
            if self.pending.ends_with(b"\r") && piece != b"\n" {
                self.emit(on_line);
            }
            self.pending.extend_from_slice(piece);
            if piece.ends_with(b"\n") || self.pending.len() >= LONGEST_LINE {
                self.emit(on_line);
            }
        }
    }

    fn emit(&mut self, on_line: &mut dyn FnMut(&str)) {
        emit(&self.pending, on_line);
        self.pending.clear();
    }

    pub(super) fn finish(self, on_line: &mut dyn FnMut(&str)) {
        if !self.pending.is_empty() {
            emit(&self.pending, on_line);
        }
    }
}

fn emit(line: &[u8], on_line: &mut dyn FnMut(&str)) {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    on_line(&String::from_utf8_lossy(line));
}

/// Looks for a text in two streams, also where it is cut by a piece's end or has no line end.
pub(super) struct Search {
    wanted: Vec<u8>,
    tails: [Vec<u8>; 2],
    found: bool,
}

impl Search {
    pub(super) fn new(wanted: &str) -> Self {
        Self { wanted: wanted.as_bytes().to_vec(), tails: [Vec::new(), Vec::new()], found: false }
    }

    pub(super) fn feed(&mut self, stream: usize, bytes: &[u8]) {
        if self.found {
            return;
        }
        let tail = &mut self.tails[stream];
        tail.extend_from_slice(bytes);
        self.found = self.wanted.is_empty() || tail.windows(self.wanted.len()).any(|window| window == self.wanted);
        tail.drain(..tail.len().saturating_sub(self.wanted.len().saturating_sub(1)));
    }

    pub(super) const fn found(&self) -> bool {
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn head_and_tail_keep_their_ends() {
        let keep = |keep| {
            let mut capture = Capture::new(4, keep);
            (0..=9).for_each(|digit| capture.push(digit.to_string().as_bytes()));
            (capture.truncated(), capture.finish())
        };
        assert_eq!(keep(Keep::Head), (true, b"0123".to_vec()));
        assert_eq!(keep(Keep::Tail), (true, b"6789".to_vec()));
        let mut exact = Capture::new(4, Keep::Tail);
        exact.push(b"0123");
        assert!(!exact.truncated());
    }

    #[test]
    fn lines_are_whole_however_they_arrive() {
        let mut seen = Vec::new();
        let mut lines = Lines::default();
        for piece in [&b"a"[..], b"b\r\nc", b"\n\nd", b"\xff\r", b"\n1/2\r", b"2/2\r3"] {
            lines.feed(piece, &mut |line| seen.push(line.to_owned()));
        }
        lines.finish(&mut |line| seen.push(line.to_owned()));
        assert_eq!(seen, ["ab", "c", "", "d\u{fffd}", "1/2", "2/2", "3"]);
    }

    #[test]
    fn a_text_is_found_across_pieces_but_not_across_streams() {
        let mut search = Search::new("ready");
        search.feed(0, b"rea");
        search.feed(1, b"dy");
        assert!(!search.found());
        search.feed(0, b"dy");
        assert!(search.found());
    }
}
