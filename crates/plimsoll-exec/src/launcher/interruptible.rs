//! Reading that ends when the user stops everything.

use std::io::{self, Read};

use super::Launcher;

/// A reader that fails once the launcher is cancelled, so that a long download does not outlive Ctrl-C.
#[derive(Debug)]
pub struct Interruptible<'a, R> {
    reader: R,
    launcher: &'a Launcher,
}

impl<'a, R> Interruptible<'a, R> {
    /// Reads from `reader` as long as `launcher` is not cancelled.
    pub const fn new(reader: R, launcher: &'a Launcher) -> Self {
        Self { reader, launcher }
    }
}

impl<R: Read> Read for Interruptible<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.launcher.is_cancelled() { Err(io::Error::other("interrupted")) } else { self.reader.read(buffer) }
    }
}
