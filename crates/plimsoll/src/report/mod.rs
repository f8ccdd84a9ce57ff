//! Everything that a person or a script sees. The only place that prints.
//!
//! Work sends [`Event`]s; one thread turns them into lines and bars on standard error. Results go to standard output: tables for people, one
//! JSON document for scripts.

mod download;
pub mod examination;
pub mod facts;
pub mod failures;
pub mod load_line;
mod numbers;
mod paint;
pub mod plans;
mod proofs;
pub mod rehearsal;
pub mod standings;
mod terminal;
pub mod versions;
mod visible;

use std::io::{IsTerminal, Write};
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;

use plimsoll_model::{Class, Failure, NodeId};

pub use download::Download;
pub use numbers::{bytes, count, duration};
pub use paint::Paint;
pub use proofs::proof;
use visible::visible;

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

/// The manner that fits where standard error goes.
pub fn manner(json: bool, quiet: bool) -> Manner {
    match (json || quiet, std::io::stderr().is_terminal()) {
        (true, _) => Manner::Silent,
        (false, true) => Manner::Terminal,
        (false, false) => Manner::Lines,
    }
}

/// Prints a result on standard output. A closed pipe is no error: the reader has seen enough.
///
/// # Errors
/// Where standard output takes no more for another reason, such as a full disk: a result that is cut off must not pass for one.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Failure::new(Class::NotProven, "output", error.to_string())
            .about("standard output")
            .hint("what was printed is cut off: free room where it goes, or write it elsewhere, and run the command again")),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Columns of the terminal that standard output goes to; none where it goes elsewhere.
pub fn columns() -> Option<usize> {
    let out = std::io::stdout();
    let size = rustix::termios::tcgetwinsize(&out).ok().filter(|_| out.is_terminal())?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

/// Prints a line or more on standard error.
pub fn print_error(text: &str) {
    let mut out = std::io::stderr().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Prints failures, the way a person reads them.
pub fn print_failures(failures: &[Failure], paint: Paint) {
    for failure in failures {
        print_error(&failures::render(failure, paint));
    }
}
