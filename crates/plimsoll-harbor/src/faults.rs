//! Faults as data: which requests go wrong, how often, and how. Nothing here touches a socket.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// What goes wrong with a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// This status and an empty body instead of the file.
    Status(u16),
    /// This status, an empty body, and `Retry-After` in seconds.
    RetryAfter(u16, u32),
    /// The connection ends after so many bytes of the body.
    Cut(u64),
    /// The byte at this place of the file is inverted; nothing happens where the file is shorter.
    Flip(u64),
    /// Nothing is sent for this long.
    Delay(Duration),
    /// `Content-Length` says this; the true bytes follow, then the connection ends.
    ContentLength(u64),
    /// A redirect (302) to this location.
    Redirect(String),
    /// `Range` is not understood: the whole file is sent.
    NoRange,
}

/// A request path in which each `*` stands for any text, slashes included: `*/release.json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathPattern(String);

impl PathPattern {
    /// A pattern from its text. A request path begins with `/`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Whether a request path is meant.
    pub fn matches(&self, path: &str) -> bool {
        let mut parts = self.0.split('*');
        let Some(mut rest) = parts.next().and_then(|first| path.strip_prefix(first)) else { return false };
        let parts = parts.collect::<Vec<_>>();
        let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
        for part in middle {
            let Some(at) = rest.find(part) else { return false };
            rest = &rest[at + part.len()..];
        }
        rest.ends_with(last)
    }
}

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Requests that it strikes.
    pub path: PathPattern,
    /// How many of them, from the first on; none for all.
    pub times: Option<u32>,
    /// What happens.
    pub effect: Effect,
}

/// The faults of a server. Several that match one request act together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// No faults.
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds a fault for every request of a path.
    #[must_use]
    pub fn always(mut self, path: &str, effect: Effect) -> Self {
        self.0.push(Fault { path: PathPattern::new(path), times: None, effect });
        self
    }

    /// Adds a fault for the first `times` requests of a path.
    #[must_use]
    pub fn first(mut self, times: u32, path: &str, effect: Effect) -> Self {
        self.0.push(Fault { path: PathPattern::new(path), times: Some(times), effect });
        self
    }

    /// The faults, in the order in which they were added.
    pub fn list(&self) -> &[Fault] {
        &self.0
    }
}

/// Faults, with the number of requests that each has struck.
pub(crate) struct FaultCounter {
    faults: Vec<(Fault, AtomicU32)>,
}

impl FaultCounter {
    pub(crate) fn new(faults: Faults) -> Self {
        Self { faults: faults.0.into_iter().map(|fault| (fault, AtomicU32::new(0))).collect() }
    }

    /// The effects that strike this request; counts it.
    pub(crate) fn strike(&self, path: &str) -> Vec<Effect> {
        let due = self.faults.iter().filter(|(fault, _)| fault.path.matches(path)).filter(|(fault, struck)| match fault.times {
            Some(times) => struck.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| (n < times).then_some(n + 1)).is_ok(),
            None => true,
        });
        due.map(|(fault, _)| fault.effect.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        let matches = |pattern: &str, path: &str| PathPattern::new(pattern).matches(path);
        assert!(matches("*", "/") && matches("/a", "/a") && matches("*/release.json", "/x/1.0.0/release.json"));
        assert!(matches("/*/b/*.xz", "/a/b/c.tar.xz") && matches("/a*", "/a"));
        assert!(!matches("/a", "/ab") && !matches("", "/") && !matches("/*/b", "/a/c") && !matches("/ab*ba", "/aba"));
    }

    #[test]
    fn counted_faults_end() {
        let counter = FaultCounter::new(Faults::none().first(2, "/a", Effect::Status(503)).always("/b", Effect::Cut(1)));
        assert_eq!(counter.strike("/a"), [Effect::Status(503)]);
        assert_eq!(counter.strike("/b"), [Effect::Cut(1)]);
        assert_eq!(counter.strike("/a"), [Effect::Status(503)]);
        assert_eq!(counter.strike("/a"), []);
        assert_eq!(counter.strike("/b"), [Effect::Cut(1)]);
    }
}
