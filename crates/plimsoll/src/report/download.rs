//! The bar of a download.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar on standard error, or nothing.
#[derive(Debug)]
pub struct Download {
    bar: ProgressBar,
}

impl Download {
    /// A bar that is drawn only where `live`.
    pub fn new(live: bool) -> Self {
        let bar = if live { ProgressBar::new(0) } else { ProgressBar::hidden() };
        let style = ProgressStyle::with_template("{bar:30} {bytes}/{total_bytes}  {bytes_per_sec}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { bar }
    }

    /// Shows how far it is, in bytes.
    pub fn show(&mut self, done: u64, all: u64) {
        self.bar.set_length(all);
        self.bar.set_position(done);
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
