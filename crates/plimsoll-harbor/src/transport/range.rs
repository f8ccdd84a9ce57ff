//! Which part of a body a client asks for (RFC 9110, section 14). Reads nothing.

/// A part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Range {
    /// All of it: also for what is not understood, as the RFC has it.
    Whole,
    /// From a byte up to, not including, another.
    Part { from: u64, to: u64 },
    /// Nothing that the body has.
    Unsatisfiable,
}

impl Range {
    /// Reads the value of the header, for a body of `length` bytes.
    pub(super) fn parse(text: &str, length: u64) -> Self {
        let Some((first, last)) = text.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else { return Self::Whole };
        let (from, to) = match (first.parse::<u64>(), last.parse::<u64>()) {
            (Ok(first), Ok(last)) if first <= last => (first, last.saturating_add(1).min(length)),
            (Ok(first), Err(_)) if last.is_empty() => (first, length),
            (Err(_), Ok(suffix)) if first.is_empty() => (length.saturating_sub(suffix), length),
            _ => return Self::Whole,
        };
        if from < to { Self::Part { from, to } } else { Self::Unsatisfiable }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_follow_the_rfc() {
        for (text, expected) in [
            ("bytes=0-3", Range::Part { from: 0, to: 4 }),
            ("bytes=4-", Range::Part { from: 4, to: 10 }),
            ("bytes=8-100", Range::Part { from: 8, to: 10 }),
            ("bytes=-3", Range::Part { from: 7, to: 10 }),
            ("bytes=-100", Range::Part { from: 0, to: 10 }),
            ("bytes=10-", Range::Unsatisfiable),
            ("bytes=-0", Range::Unsatisfiable),
            ("bytes=0-18446744073709551615", Range::Part { from: 0, to: 10 }),
            ("bytes=5-2", Range::Whole),
            ("bytes=0-1,3-4", Range::Whole),
            ("lines=0-1", Range::Whole),
            ("bytes=-", Range::Whole),
        ] {
            assert_eq!(Range::parse(text, 10), expected, "{text}");
        }
    }
}
