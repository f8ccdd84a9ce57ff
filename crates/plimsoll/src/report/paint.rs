//! Colours, where they are wanted.

/// What a piece of text is to a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Nothing in particular.
    Plain,
    /// Something went well.
    Good,
    /// Something went wrong.
    Bad,
    /// Something to look at.
    Warning,
    /// A label or hint.
    Label,
    /// What matters less.
    Faint,
    /// What matters more.
    Strong,
}

impl Style {
    /// The parameters of the escape sequence that begins it.
    const fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Good => "1;32",
            Self::Bad => "1;31",
            Self::Warning => "1;33",
            Self::Label => "1;36",
            Self::Faint => "2",
            Self::Strong => "1",
        }
    }
}

/// Whether text is coloured.
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

    /// Text that is harmless already, in a style.
    pub(super) fn wrap(self, style: Style, harmless: &str) -> String {
        match style {
            _ if !self.coloured || harmless.is_empty() => harmless.to_owned(),
            Style::Plain => harmless.to_owned(),
            _ => format!("\u{1b}[{}m{harmless}\u{1b}[0m", style.code()),
        }
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
