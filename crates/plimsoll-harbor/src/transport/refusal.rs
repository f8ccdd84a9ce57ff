//! Why the transport itself refuses a request, before any service sees it.

/// A status, and words for whoever reads the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    /// What the client hears.
    pub status: u16,
    /// What is wrong, and what would do.
    pub why: &'static str,
}

impl Refusal {
    /// 400: it is no request of HTTP/1.1, or one that could be read in two ways.
    pub(super) fn bad(why: &'static str) -> Self {
        Self { status: 400, why }
    }

    pub(super) fn of(status: u16, why: &'static str) -> Self {
        Self { status, why }
    }
}
