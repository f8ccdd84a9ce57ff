//! Events as lines and bars on standard error.

use std::collections::BTreeMap;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use plimsoll_model::{NodeId, visible};

use super::{Event, Paint, Style, Text};

/// Width of the verbs' column.
const VERB: usize = 10;

/// The listener's state.
pub(super) struct Terminal {
    bars: MultiProgress,
    open: BTreeMap<NodeId, ProgressBar>,
    live: bool,
    paint: Paint,
}

impl Terminal {
    pub(super) fn new(live: bool, paint: Paint) -> Self {
        let target = if live { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Self { bars: MultiProgress::with_draw_target(target), open: BTreeMap::new(), live, paint }
    }

    pub(super) fn listen(mut self, events: &Receiver<Event>) {
        for event in events {
            self.take(event);
        }
        for bar in self.open.values() {
            bar.finish_and_clear();
        }
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Started { node, title } if self.live => {
                let bar = self.bars.add(ProgressBar::new_spinner());
                bar.set_style(style());
                bar.set_message(visible::line(&title));
                bar.enable_steady_tick(Duration::from_millis(120));
                self.open.insert(node, bar);
            }
            Event::Started { .. } => {}
            Event::Progress { node, text } => {
                if let Some(bar) = self.open.get(&node) {
                    bar.set_prefix(visible::line(&text));
                }
            }
            Event::Done { node, verb, title, note, remembered } => {
                self.close(node.as_ref());
                let style = if remembered { Style::Faint } else { Style::Good };
                let note = if remembered { join(&note, "remembered") } else { note };
                self.line(style, verb, &title, &note);
            }
            Event::Finished { node } => self.close(Some(&node)),
            Event::Failed { node, title } => {
                self.close(Some(&node));
                self.line(Style::Bad, "failed", &title, "");
            }
            Event::NotRun { node, title, reason } => {
                self.close(Some(&node));
                self.line(Style::Warning, "not run", &title, &reason);
            }
            Event::Warning(text) => self.line(Style::Warning, "warning", &text, ""),
        }
    }

    fn close(&mut self, node: Option<&NodeId>) {
        if let Some(bar) = node.and_then(|node| self.open.remove(node)) {
            bar.finish_and_clear();
            self.bars.remove(&bar);
        }
    }

    /// `     built  rg for x86_64-unknown-linux-gnu  1.6 MB, 3.4 s`.
    fn line(&self, style: Style, verb: &str, title: &str, note: &str) {
        let mut text = Text::new(self.paint);
        text.styled(style, format!("{verb:>VERB$}")).put("  ").put(title.trim_end());
        if !note.is_empty() {
            text.put("  ").faint(note);
        }
        if self.live {
            // Failing to draw is no reason to stop.
            let _ = self.bars.println(text.as_str());
        } else {
            super::print_error(text.end());
        }
    }
}

fn join(note: &str, word: &str) -> String {
    if note.is_empty() { word.to_owned() } else { format!("{note}, {word}") }
}

fn style() -> ProgressStyle {
    let template = format!("{{spinner:>{VERB}}}  {{msg}}  {{elapsed}}  {{prefix:.dim}}");
    ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_spinner()).tick_chars("⠁⠂⠄⡀⢀⠠⠐⠈ ")
}
