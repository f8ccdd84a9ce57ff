//! Everything that a person or a script sees. The only place that prints.
//!
//! Work sends [`Event`]s; one thread turns them into lines and bars on standard error. Results go to standard output: tables for people, one
//! JSON document for scripts. Whatever is printed for people is a [`Text`], which holds nothing of others that was not cleaned.

mod download;
pub mod examination;
pub mod facts;
pub mod failures;
pub mod load_line;
mod numbers;
mod output;
pub mod packages;
mod paint;
pub mod plans;
mod proofs;
pub mod publication;
pub mod rehearsal;
pub mod root_statuses;
mod terminal;
mod text;
pub mod versions;

use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;

use plimsoll_model::NodeId;

pub use download::Download;
pub use numbers::{bytes, count, duration};
pub use output::{columns, manner, note, print, print_error, print_failures, print_json};
pub use paint::{Paint, Style};
pub use proofs::proof;
pub use text::Text;

/// Something that happened, as it is told to a person.
#[derive(Debug, Clone)]
pub enum Event {
    /// A node began.
    Started {
        /// Which.
        node: NodeId,
        /// What is being done: `building rg for x86_64-unknown-linux-gnu`.
        title: String,
    },
    /// A word from a node at work: the crate being compiled, the share that is done.
    Progress {
        /// Which.
        node: NodeId,
        /// The word.
        text: String,
    },
    /// A node, or a step outside of the graph, is done.
    Done {
        /// Which, if it is one of the graph.
        node: Option<NodeId>,
        /// `built`, `packed` …
        verb: &'static str,
        /// What was done.
        title: String,
        /// Size, time, root: whatever a person wants to know.
        note: String,
        /// Whether the result was remembered instead of made.
        remembered: bool,
    },
    /// A node is done, and there is nothing to say of it.
    Finished {
        /// Which.
        node: NodeId,
    },
    /// A node failed. The failure itself is printed at the end.
    Failed {
        /// Which.
        node: NodeId,
        /// What failed, in a few words.
        title: String,
    },
    /// A node cannot be done here.
    NotRun {
        /// Which.
        node: NodeId,
        /// What.
        title: String,
        /// Why.
        reason: String,
    },
    /// Something that a person should know.
    Warning(String),
}

/// How much is told while work goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Bars and colours.
    Terminal,
    /// A line an event.
    Lines,
    /// Nothing.
    Silent,
}

/// Takes events from all threads.
#[derive(Debug, Clone)]
pub struct Reporter {
    sender: Sender<Event>,
}

impl Reporter {
    /// Tells of an event. Without a listener nothing happens.
    pub fn tell(&self, event: Event) {
        // The listener is gone only when the program ends.
        let _ = self.sender.send(event);
    }

    /// Tells of what a person should know.
    pub fn warn(&self, warnings: Vec<String>) {
        warnings.into_iter().for_each(|warning| self.tell(Event::Warning(warning)));
    }

    /// Tells of a step outside of the graph.
    pub fn done(&self, verb: &'static str, title: impl Into<String>, note: impl Into<String>) {
        self.tell(Event::Done { node: None, verb, title: title.into(), note: note.into(), remembered: false });
    }
}

/// The listening thread; ends when the last [`Reporter`] is dropped.
#[derive(Debug)]
pub struct Listener {
    thread: JoinHandle<()>,
}

impl Listener {
    /// Waits until everything was told.
    pub fn finish(self) {
        // A panic of the listener loses lines, not results.
        let _ = self.thread.join();
    }
}

/// Starts to listen.
pub fn listen(manner: Manner, paint: Paint) -> (Reporter, Listener) {
    let (sender, receiver) = channel();
    let thread = std::thread::spawn(move || match manner {
        Manner::Silent => receiver.into_iter().for_each(drop),
        Manner::Lines | Manner::Terminal => terminal::Terminal::new(manner == Manner::Terminal, paint).listen(&receiver),
    });
    (Reporter { sender }, Listener { thread })
}
