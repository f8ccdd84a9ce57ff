//! Colours, where they are wanted.

use std::fmt::Display;

/// Whether and how text is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paint {
    coloured: bool,
}

impl Paint {
    /// Plain text.
    pub const PLAIN: Self = Self { coloured: false };

    /// Colours on a terminal, unless `NO_COLOR` is set to anything but nothing (<https://no-color.org>); `CLICOLOR_FORCE` turns them on.
    pub fn choose(terminal: bool, no_color: Option<&str>, force: Option<&str>) -> Self {
        let refused = no_color.is_some_and(|value| !value.is_empty());
        let forced = force.is_some_and(|value| !value.is_empty() && value != "0");
        Self { coloured: !refused && (terminal || forced) }
    }

    /// Whether text is coloured.
    pub const fn is_coloured(self) -> bool {
        self.coloured
    }

    fn wrap(self, code: &str, text: impl Display) -> String {
        if self.coloured { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_string() }
    }

    /// Something went well.
    pub fn good(self, text: impl Display) -> String {
        self.wrap("1;32", text)
    }

    /// Something went wrong.
    pub fn bad(self, text: impl Display) -> String {
        self.wrap("1;31", text)
    }

    /// Something to look at.
    pub fn warning(self, text: impl Display) -> String {
        self.wrap("1;33", text)
    }

    /// A label or hint.
    pub fn label(self, text: impl Display) -> String {
        self.wrap("1;36", text)
    }

    /// What matters less.
    pub fn faint(self, text: impl Display) -> String {
        self.wrap("2", text)
    }

    /// What matters more.
    pub fn strong(self, text: impl Display) -> String {
        self.wrap("1", text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_color_wins_over_everything() {
        assert!(Paint::choose(true, None, None).is_coloured());
        assert!(Paint::choose(true, Some(""), None).is_coloured());
        assert!(!Paint::choose(true, Some("1"), Some("1")).is_coloured());
        assert!(Paint::choose(false, None, Some("1")).is_coloured());
        assert!(!Paint::choose(false, None, None).is_coloured());
    }
}
