//! Faults as data: which requests go wrong, when, how often, and how. Nothing here touches a socket.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What goes wrong with a request or its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// This status and an empty body instead of the answer.
    Status(u16),
    /// This status, an empty body, and `Retry-After` in seconds.
    RetryAfter(u16, u32),
    /// A redirect (302) to this location.
    Redirect(String),
    /// The connection ends without an answer.
    NoAnswer,
    /// Nothing goes on for this long.
    Delay(Duration),
    /// The service can read so many bytes of the request's body, then the connection ends without an answer; nothing happens if the body is
    /// shorter. It strikes while the service handles the request, whatever its moment.
    CutRequest(u64),
    /// The connection ends after so many bytes of the answer's body.
    Cut(u64),
    /// The byte at this place of what is served is inverted; nothing happens if that is shorter.
    Flip(u64),
    /// `Content-Length` says this; the true bytes follow, then the connection ends.
    ContentLength(u64),
    /// `Range` is not understood: all is sent.
    NoRange,
}

/// When a fault strikes, as far as its effect leaves that open: `Status`, `RetryAfter`, `Redirect`, `NoAnswer` and `Delay` do. What bends an
/// answer needs one, so the service was asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Moment {
    /// Before the service handled the request: with an effect that takes the place of the answer, the service never sees it.
    #[default]
    Before,
    /// After it did: what it wrote is written, and the client never hears so.
    After,
}

/// Which of the requests that match are struck, in the order in which their heads arrived.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Which {
    /// All of them.
    #[default]
    All,
    /// So many, from the first on.
    First(u64),
    /// This one alone, counted from 1.
    Nth(u64),
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
    /// The method of the requests that match; none for any.
    pub method: Option<String>,
    /// Their decoded path, or the target if it cannot be decoded.
    pub path: PathPattern,
    /// Which of them.
    pub which: Which,
    /// When.
    pub moment: Moment,
    /// What happens.
    pub effect: Effect,
}

impl Fault {
    /// A fault that strikes every request of a path, before it is handled.
    pub fn new(path: &str, effect: Effect) -> Self {
        Self { method: None, path: PathPattern::new(path), which: Which::All, moment: Moment::Before, effect }
    }

    /// Of this method only.
    #[must_use]
    pub fn method(mut self, method: &str) -> Self {
        self.method = Some(method.to_owned());
        self
    }

    /// So many of them only, from the first on.
    #[must_use]
    pub fn first(mut self, times: u64) -> Self {
        self.which = Which::First(times);
        self
    }

    /// The one of this number only, counted from 1 over those that match: with the path `*` and any method, over all.
    #[must_use]
    pub fn nth(mut self, number: u64) -> Self {
        self.which = Which::Nth(number);
        self
    }

    /// After it was handled.
    #[must_use]
    pub fn after(mut self) -> Self {
        self.moment = Moment::After;
        self
    }

    fn matches(&self, method: &str, path: &str) -> bool {
        self.method.as_deref().is_none_or(|wanted| wanted == method) && self.path.matches(path)
    }
}

/// The faults of a server. Several that strike one request act together; of several that take the place of its answer, at one moment, the last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// No faults.
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds a fault for every request of a path.
    #[must_use]
    pub fn always(self, path: &str, effect: Effect) -> Self {
        self.with(Fault::new(path, effect))
    }

    /// Adds a fault for the first `times` requests of a path.
    #[must_use]
    pub fn first(self, times: u64, path: &str, effect: Effect) -> Self {
        self.with(Fault::new(path, effect).first(times))
    }

    /// Adds a fault.
    #[must_use]
    pub fn with(mut self, fault: Fault) -> Self {
        self.0.push(fault);
        self
    }

    /// The faults, in the order in which they were added.
    pub fn list(&self) -> &[Fault] {
        &self.0
    }
}

/// Faults, with the number of requests that matched each.
pub(super) struct FaultCounter {
    faults: Vec<(Fault, AtomicU64)>,
}

impl FaultCounter {
    pub(super) fn new(faults: Faults) -> Self {
        Self { faults: faults.0.into_iter().map(|fault| (fault, AtomicU64::new(0))).collect() }
    }

    /// What strikes this request; counts it.
    pub(super) fn strike(&self, method: &str, path: &str) -> Vec<(Moment, Effect)> {
        let matching = self.faults.iter().filter(|(fault, _)| fault.matches(method, path));
        let due = matching.filter(|(fault, matched)| {
            let number = matched.fetch_add(1, Ordering::SeqCst) + 1;
            match fault.which {
                Which::All => true,
                Which::First(times) => number <= times,
                Which::Nth(wanted) => number == wanted,
            }
        });
        due.map(|(fault, _)| (fault.moment, fault.effect.clone())).collect()
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
        let strike = |path| counter.strike("GET", path).into_iter().map(|(_, effect)| effect).collect::<Vec<_>>();
        assert_eq!(strike("/a"), [Effect::Status(503)]);
        assert_eq!(strike("/b"), [Effect::Cut(1)]);
        assert_eq!(strike("/a"), [Effect::Status(503)]);
        assert_eq!(strike("/a"), []);
        assert_eq!(strike("/b"), [Effect::Cut(1)]);
    }

    #[test]
    fn one_request_alone_is_struck_by_its_number_among_those_that_match() {
        let faults = Faults::none().with(Fault::new("*", Effect::NoAnswer).method("PUT").nth(2).after());
        let counter = FaultCounter::new(faults.with(Fault::new("*", Effect::Status(500)).nth(3)));
        let struck = ["PUT", "GET", "PUT", "PUT"].map(|method| counter.strike(method, "/a"));
        let both = vec![(Moment::After, Effect::NoAnswer), (Moment::Before, Effect::Status(500))];
        assert_eq!(struck, [vec![], vec![], both, vec![]]);
    }
}
