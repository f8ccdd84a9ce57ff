//! Runs the nodes of a plan: each once, after what it needs, on as many threads as there are cores.
//!
//! Knows nothing of what nodes do. A failure stops dependents only; a panic of one node is that node's failure.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use plimsoll_model::plan::{Demand, Node, Stage};
use plimsoll_model::{Class, Failure, NodeId};

/// How a node ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// It did what it was for.
    Done,
    /// It failed.
    Failed(Box<Failure>),
    /// It cannot be done on this machine.
    NotRun(String),
    /// Something it needs did not end well.
    Blocked {
        /// The node that is to blame, not merely the one in between.
        by: NodeId,
    },
}

/// Why a node's work stopped short.
#[derive(Debug)]
pub enum Stop {
    /// It failed.
    Failed(Box<Failure>),
    /// It cannot be done on this machine.
    NotRun(String),
}

impl Stop {
    /// A failure is about `subject`; a reason stands for itself.
    pub fn about(self, subject: String) -> Self {
        match self {
            Self::Failed(failure) => Self::Failed(Box::new(failure.about(subject))),
            Self::NotRun(reason) => Self::NotRun(reason),
        }
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(Box::new(failure))
    }
}

struct State {
    waiting: BTreeSet<(Stage, NodeId)>,
    running: BTreeSet<NodeId>,
    ends: BTreeMap<NodeId, End>,
}

struct Run<'a> {
    nodes: &'a BTreeMap<NodeId, Node>,
    state: Mutex<State>,
    changed: Condvar,
}

/// Runs the `selected` nodes with `work` on up to `threads` threads; `ended` hears of each end as it comes.
///
/// Nodes that are needed but not selected count as done.
pub fn run(
    nodes: &BTreeMap<NodeId, Node>,
    selected: &BTreeSet<NodeId>,
    threads: usize,
    work: &(dyn Fn(&NodeId, &Node) -> Result<(), Stop> + Sync),
    ended: &(dyn Fn(&NodeId, &Node, &End) + Sync),
) -> BTreeMap<NodeId, End> {
    let waiting = selected.iter().filter_map(|id| Some((nodes.get(id)?.work.stage(), id.clone()))).collect();
    let state = State { waiting, running: BTreeSet::new(), ends: BTreeMap::new() };
    let run = Run { nodes, state: Mutex::new(state), changed: Condvar::new() };
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| run.thread(work, ended));
        }
    });
    run.state.into_inner().unwrap_or_else(PoisonError::into_inner).ends
}

impl Run<'_> {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn thread(&self, work: &(dyn Fn(&NodeId, &Node) -> Result<(), Stop> + Sync), ended: &(dyn Fn(&NodeId, &Node, &End) + Sync)) {
        while let Some((id, node, blocked)) = self.next() {
            let end = blocked.unwrap_or_else(|| attempt(work, &id, node));
            // Whoever hears of it must not be able to keep the others waiting.
            let _ = catch_unwind(AssertUnwindSafe(|| ended(&id, node, &end)));
            let mut state = self.lock();
            state.running.remove(&id);
            state.ends.insert(id, end);
            drop(state);
            self.changed.notify_all();
        }
    }

    /// The next node whose needs are settled; waits while others run; nothing once all are taken.
    fn next(&self) -> Option<(NodeId, &Node, Option<End>)> {
        let mut state = self.lock();
        loop {
            let ready = state.waiting.iter().find_map(|(stage, id)| {
                let node = &self.nodes[id];
                let settled = node.needs.keys().all(|need| state.is_settled(need));
                settled.then(|| (*stage, id.clone(), node))
            });
            if let Some((stage, id, node)) = ready {
                state.waiting.remove(&(stage, id.clone()));
                state.running.insert(id.clone());
                let blocked = state.blame(node).map(|by| End::Blocked { by });
                return Some((id, node, blocked));
            }
            // Nothing runs and nothing is ready: all done, or what is left waits for nodes that will never come.
            if state.running.is_empty() {
                self.changed.notify_all();
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl State {
    /// Whether a need has ended, or was never to be run.
    fn is_settled(&self, need: &NodeId) -> bool {
        let coming = self.running.contains(need) || self.waiting.iter().any(|(_, id)| id == need);
        !coming
    }

    /// The node to blame if one of the needs did not end well.
    fn blame(&self, node: &Node) -> Option<NodeId> {
        node.needs.iter().find_map(|(need, demand)| match (self.ends.get(need)?, demand) {
            (End::Done, Demand::Finished | Demand::Proven) => None,
            (End::Blocked { by }, _) => Some(by.clone()),
            (End::Failed(_) | End::NotRun(_), _) => Some(need.clone()),
        })
    }
}

fn attempt(work: &(dyn Fn(&NodeId, &Node) -> Result<(), Stop> + Sync), id: &NodeId, node: &Node) -> End {
    match catch_unwind(AssertUnwindSafe(|| work(id, node))) {
        Ok(Ok(())) => End::Done,
        Ok(Err(Stop::Failed(failure))) => End::Failed(failure),
        Ok(Err(Stop::NotRun(reason))) => End::NotRun(reason),
        Err(panic) => {
            let said = panic.downcast_ref::<String>().cloned().or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            let failure = Failure::new(Class::NotProven, "panic", "plimsoll itself failed here; please report this")
                .about(id.to_string())
                .cause("said", said.unwrap_or_default());
            End::Failed(Box::new(failure))
        }
    }
}

#[cfg(test)]
mod tests {
    use plimsoll_model::plan::Work;

    use super::*;

    fn graph(edges: &[(&str, &[&str])]) -> BTreeMap<NodeId, Node> {
        let node = |needs: &[&str]| Node {
            work: Work::Gate { index: 0 },
            needs: needs.iter().map(|need| (need.parse().unwrap(), Demand::Finished)).collect(),
        };
        edges.iter().map(|(id, needs)| (id.parse().unwrap(), node(needs))).collect()
    }

    fn run_all(nodes: &BTreeMap<NodeId, Node>, threads: usize, work: &(dyn Fn(&str) -> Result<(), Stop> + Sync)) -> BTreeMap<NodeId, End> {
        run(nodes, &nodes.keys().cloned().collect(), threads, &|id, _| work(id.as_str()), &|_, _, _| {})
    }

    #[test]
    fn a_failure_stops_dependents_only_and_is_named_by_all_of_them() {
        let nodes = graph(&[("g/a", &[]), ("g/b", &["g/a"]), ("g/c", &["g/b"]), ("g/d", &[])]);
        for threads in [1, 4] {
            let ends = run_all(&nodes, threads, &|id| match id {
                "g/a" => Err(Failure::new(Class::NotProven, "x", "broken").into()),
                _ => Ok(()),
            });
            let end = |id: &str| &ends[&id.parse::<NodeId>().unwrap()];
            assert!(matches!(end("g/a"), End::Failed(_)));
            let blocked = End::Blocked { by: "g/a".parse().unwrap() };
            assert_eq!((end("g/b"), end("g/c"), end("g/d")), (&blocked, &blocked, &End::Done));
        }
    }

    #[test]
    fn needs_come_first_whatever_the_number_of_threads() {
        let nodes = graph(&[("g/z", &[]), ("g/y", &["g/z"]), ("g/x", &["g/y", "g/z"])]);
        for threads in [1, 3] {
            let order = Mutex::new(Vec::new());
            run_all(&nodes, threads, &|id| {
                order.lock().unwrap().push(id.to_owned());
                Ok(())
            });
            assert_eq!(order.into_inner().unwrap(), ["g/z", "g/y", "g/x"]);
        }
    }

    #[test]
    fn a_panic_is_one_failed_node() {
        let nodes = graph(&[("g/a", &[]), ("g/b", &[])]);
        let ends = run_all(&nodes, 1, &|id| if id == "g/a" { panic!("oh") } else { Ok(()) });
        assert!(matches!(&ends[&"g/a".parse::<NodeId>().unwrap()], End::Failed(failure) if failure.code == "panic"));
        assert_eq!(ends[&"g/b".parse::<NodeId>().unwrap()], End::Done);
    }

    #[test]
    fn a_circle_ends_instead_of_waiting_for_ever() {
        let nodes = graph(&[("g/a", &["g/b"]), ("g/b", &["g/a"])]);
        assert!(run_all(&nodes, 2, &|_| Ok(())).is_empty());
    }
}
