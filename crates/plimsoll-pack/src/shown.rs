//! Foreign text as messages have it.

/// At most 80 characters, none of them a control character.
pub(crate) fn shown(text: &str) -> String {
    text.escape_debug().take(80).collect()
}
