//! Events as lines and bars on standard error.

use std::collections::BTreeMap;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use plimsoll_model::NodeId;

use super::{Event, Paint, visible};

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
                bar.set_message(title);
                bar.enable_steady_tick(Duration::from_millis(120));
                self.open.insert(node, bar);
            }
            Event::Started { .. } => {}
            Event::Progress { node, text } => {
                if let Some(bar) = self.open.get(&node) {
                    bar.set_prefix(text);
                }
            }
            Event::Done { node, verb, title, note, remembered } => {
                self.close(node.as_ref());
                let verb = format!("{verb:>VERB$}");
                let verb = if remembered { self.paint.faint(verb) } else { self.paint.good(verb) };
                let note = if remembered { join(&note, "remembered") } else { note };
                self.line(&format!("{verb}  {title}  {}", self.paint.faint(note)));
            }
            Event::Finished { node } => self.close(Some(&node)),
            Event::Failed { node, title } => {
                self.close(Some(&node));
                self.line(&format!("{}  {title}", self.paint.bad(format!("{:>VERB$}", "failed"))));
            }
            Event::NotRun { node, title, reason } => {
                self.close(Some(&node));
                self.line(&format!(
                    "{}  {title}  {}",
                    self.paint.warning(format!("{:>VERB$}", "not run")),
                    self.paint.faint(visible(&reason))
                ));
            }
            Event::Warning(text) => self.line(&format!("{}  {text}", self.paint.warning(format!("{:>VERB$}", "warning")))),
        }
    }

    fn close(&mut self, node: Option<&NodeId>) {
        if let Some(bar) = node.and_then(|node| self.open.remove(node)) {
            bar.finish_and_clear();
            self.bars.remove(&bar);
        }
    }

    fn line(&self, text: &str) {
        let text = text.trim_end();
        if self.live {
            // Failing to draw is no reason to stop.
            let _ = self.bars.println(text);
        } else {
            super::print_error(&format!("{text}\n"));
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
