//! Plimsoll started again by itself, to do one thing in a process of its own: to keep a program, to enter namespaces before it becomes another
//! program, or to hold a namespace.
//!
//! Only these words are known here; what is done stands where it belongs. A user never types them.

use crate::{launcher, namespaces};

/// Does what the command line of this process says, if it is one of plimsoll's own; gives back the exit code.
pub fn run() -> Option<u8> {
    launcher::keeper::run().or_else(namespaces::run)
}
