//! A request as a service sees it: a head that was read, and a body that was not.

use super::body::Body;
use super::head::Head;

/// A request.
pub struct Request<'c> {
    head: &'c Head,
    path: Option<&'c str>,
    body: Body<'c>,
}

impl<'c> Request<'c> {
    pub(super) fn new(head: &'c Head, path: Option<&'c str>, body: Body<'c>) -> Self {
        Self { head, path, body }
    }

    /// `GET`, `PUT`, …, in upper case.
    pub fn method(&self) -> &'c str {
        &self.head.method
    }

    /// The target as it was sent: the path with its percent signs, and the query.
    pub fn target(&self) -> &'c str {
        &self.head.target
    }

    /// The path, decoded; none if it is malformed, is no UTF-8, or has control characters or an encoded slash. A service to which such a path
    /// means something takes the target apart by itself, and others answer 400.
    pub fn path(&self) -> Option<&'c str> {
        self.path
    }

    /// What follows the question mark, as it was sent.
    pub fn query(&self) -> Option<&'c str> {
        self.head.target.split_once('?').map(|(_, query)| query)
    }

    /// The value of a header, the first if there are several. The case of its name does not matter.
    pub fn header(&self, name: &str) -> Option<&'c str> {
        self.head.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// All headers, as they were sent.
    pub fn headers(&self) -> impl Iterator<Item = (&'c str, &'c str)> {
        self.head.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The body, to be read.
    pub fn body(&mut self) -> &mut Body<'c> {
        &mut self.body
    }
}
