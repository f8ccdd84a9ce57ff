//! Programs start whatever other threads do, and Ctrl-C is never lost.
