//! Events as lines and bars on standard error.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use plimsoll_model::{NodeId, visible};

use super::{Event, Paint, Style, Text, duration};

/// Width of the verbs' column.
const VERB: usize = 10;

/// The longest time in which nothing is said where there are no bars: what watches a run takes silence for an end.
const SILENCE: Duration = Duration::from_secs(30);

/// A node at work, where there are no bars.
struct Working {
    title: String,
    since: Instant,
    /// The last word from it.
    progress: String,
}

/// The listener's state.
pub(super) struct Terminal {
    bars: MultiProgress,
    open: BTreeMap<NodeId, ProgressBar>,
    working: BTreeMap<NodeId, Working>,
    silence: Duration,
    live: bool,
    paint: Paint,
}

impl Terminal {
    pub(super) fn new(live: bool, paint: Paint) -> Self {
        let target = if live { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        Self {
            bars: MultiProgress::with_draw_target(target),
            open: BTreeMap::new(),
            working: BTreeMap::new(),
            silence: SILENCE,
            live,
            paint,
        }
    }

    pub(super) fn listen(mut self, events: &Receiver<Event>) {
        let mut spoken = Instant::now();
        loop {
            let left = if self.live { SILENCE } else { (spoken + self.silence).saturating_duration_since(Instant::now()) };
            match events.recv_timeout(left) {
                Ok(event) => {
                    let is_quiet = matches!(event, Event::Started { .. } | Event::Progress { .. } | Event::Finished { .. });
                    self.take(event);
                    spoken = if is_quiet { spoken } else { Instant::now() };
                }
                Err(RecvTimeoutError::Timeout) => {
                    self.still().into_iter().for_each(|(title, note)| self.line(Style::Faint, "at work", &title, &note));
                    spoken = Instant::now();
                }
                Err(RecvTimeoutError::Disconnected) => break,
            }
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
            Event::Started { node, title } => {
                self.working.insert(node, Working { title, since: Instant::now(), progress: String::new() });
            }
            Event::Progress { node, text } => {
                if let Some(bar) = self.open.get(&node) {
                    bar.set_prefix(visible::line(&text));
                }
                if let Some(working) = self.working.get_mut(&node) {
                    working.progress = text;
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

    /// What is at work, each with how long it has been, and its last word.
    fn still(&self) -> Vec<(String, String)> {
        let told = |working: &Working| {
            let time = duration(Duration::from_secs(working.since.elapsed().as_secs()));
            let note = if working.progress.is_empty() { time } else { format!("{time}, {}", working.progress) };
            (working.title.clone(), note)
        };
        self.working.values().map(told).collect()
    }

    fn close(&mut self, node: Option<&NodeId>) {
        if let Some(node) = node {
            self.working.remove(node);
        }
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

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn what_is_at_work_is_told_with_its_last_word_until_it_is_done() {
        let mut terminal = Terminal::new(false, Paint::PLAIN);
        let node = NodeId::new("build", "app");
        terminal.take(Event::Started { node: node.clone(), title: "building app".to_owned() });
        terminal.take(Event::Progress { node: node.clone(), text: "serde".to_owned() });
        let still = terminal.still();
        assert!(still.len() == 1 && still[0].0 == "building app" && still[0].1.ends_with(", serde"), "{still:?}");
        terminal.take(Event::Finished { node });
        assert!(terminal.still().is_empty());
    }

    #[test]
    fn silence_ends_with_the_last_who_could_speak() {
        let (sender, events) = channel();
        let terminal = Terminal { silence: Duration::from_millis(1), ..Terminal::new(false, Paint::PLAIN) };
        let listening = std::thread::spawn(move || terminal.listen(&events));
        std::thread::sleep(Duration::from_millis(20));
        drop(sender);
        listening.join().unwrap();
    }
}
