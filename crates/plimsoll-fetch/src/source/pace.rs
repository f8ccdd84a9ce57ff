//! When a server is too slow to be waited for: by what came over the time that was waited, in all transfers of a network together. So a byte a
//! second ends as surely as silence does, and a large download over a slow line does not. Pure: times are given, none is taken.

use std::time::Duration;

/// What an answer counts as, whatever is in it: small files cost their time by the way there and back.
const ANSWER: u64 = 2048;
/// Pauses that are not counted as waiting, in all: servers may ask for some, and not for ever.
const MOST_PAUSES: Duration = Duration::from_secs(300);

/// What came since when.
#[derive(Debug)]
pub(super) struct Pace {
    window: Duration,
    /// What must come in a window.
    enough: u64,
    waited: Duration,
    /// Of what was waited or is about to be, that which does not count.
    forgiven: Duration,
    came: u64,
    /// What may still be forgiven.
    pauses: Duration,
}

impl Pace {
    /// `rate` bytes a second, over a window.
    pub(super) fn new(window: Duration, rate: u64) -> Self {
        let enough = u64::try_from(u128::from(rate) * window.as_millis() / 1000).unwrap_or(u64::MAX).max(1);
        Self { window, enough, waited: Duration::ZERO, forgiven: Duration::ZERO, came: 0, pauses: MOST_PAUSES }
    }

    /// How long more to wait for the next bytes.
    pub(super) fn left(&self) -> Duration {
        self.window.saturating_add(self.forgiven).saturating_sub(self.waited)
    }

    /// The head of an answer came after so long.
    pub(super) fn answer(&mut self, took: Duration) {
        self.bytes(took, ANSWER);
    }

    /// So many bytes came after so long.
    pub(super) fn bytes(&mut self, took: Duration, count: u64) {
        self.waited = self.waited.saturating_add(took);
        self.came = self.came.saturating_add(count);
        if self.came >= self.enough {
            self.restart();
        }
    }

    /// Nothing will come for so long, by agreement.
    pub(super) fn pause(&mut self, took: Duration, pause: Duration) {
        let pause = pause.min(self.pauses);
        self.pauses -= pause;
        self.waited = self.waited.saturating_add(took);
        self.forgiven = self.forgiven.saturating_add(pause);
    }

    /// A new window begins.
    pub(super) fn restart(&mut self) {
        (self.waited, self.forgiven, self.came) = (Duration::ZERO, Duration::ZERO, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Seconds until it is given up, of at most so many.
    fn waits(pace: &mut Pace, most: u64, came: impl Fn(u64) -> u64) -> Option<u64> {
        (0..most).find(|second| {
            pace.bytes(SECOND, came(*second));
            pace.left().is_zero()
        })
    }

    #[test]
    fn a_byte_a_second_ends_and_a_slow_line_does_not() {
        let pace = || Pace::new(60 * SECOND, 1024);
        assert_eq!(waits(&mut pace(), 1000, |_| 1), Some(59));
        assert_eq!(waits(&mut pace(), 100_000, |_| 1025), None);
        // A line that stalls for less than a window, again and again.
        assert_eq!(waits(&mut pace(), 100_000, |second| if second % 50 == 0 { 100_000 } else { 0 }), None);
        // Much at first does not pay for later.
        assert_eq!(waits(&mut pace(), 1000, |second| if second == 0 { 1 << 30 } else { 1 }), Some(60));
    }

    #[test]
    fn many_small_answers_in_a_row_are_waited_for_and_slow_ones_are_not() {
        let mut pace = Pace::new(60 * SECOND, 1024);
        for _ in 0..10_000 {
            pace.answer(SECOND);
            assert!(!pace.left().is_zero());
        }
        let slow = (0..10).position(|_| {
            pace.answer(10 * SECOND);
            pace.left().is_zero()
        });
        assert!(slow.is_some());
    }

    #[test]
    fn pauses_that_a_server_asks_for_are_forgiven_for_so_long() {
        let mut pace = Pace::new(60 * SECOND, 1024);
        let ended = (0..100).position(|_| {
            pace.pause(Duration::ZERO, 30 * SECOND);
            pace.bytes(30 * SECOND, 0);
            pace.left().is_zero()
        });
        assert!(ended.is_some_and(|times| (10..13).contains(&times)), "{ended:?}");
        assert_eq!(Pace::new(Duration::ZERO, 0).left(), Duration::ZERO);
    }
}
