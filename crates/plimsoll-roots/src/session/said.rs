//! What evidence carries of a probe's outputs.

/// Bytes of output that evidence carries.
const SAID: usize = 8 * 1024;

/// The last lines of both outputs, as they came.
#[derive(Default)]
pub(super) struct Said {
    pub(super) text: String,
}

impl Said {
    pub(super) fn push(&mut self, line: &str) {
        self.text.extend(line.chars().take(SAID));
        self.text.push('\n');
        if self.text.len() > SAID {
            let cut = self.text.len() - SAID;
            let cut = (cut..self.text.len()).find(|index| self.text.is_char_boundary(*index)).unwrap_or(self.text.len());
            self.text.drain(..cut);
        }
    }
}
