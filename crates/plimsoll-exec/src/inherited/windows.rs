//! Handles that plimsoll was started with. Windows does not tell a process which these are, so children get those that are meant to be inherited.

/// Nothing.
pub const fn keep_from_children() {}
