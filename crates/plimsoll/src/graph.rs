//! Runs the nodes of a plan: each once, after what it needs, on as many threads as there are cores. Of those that are ready, the one goes first
//! that is named so, else the one whose longest path to an end takes longest; one that works in a place which another holds just now waits without a thread.
//!
//! Knows nothing of what nodes do. A failure stops dependents only; a panic of one node is that node's failure.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

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
    /// Those that nobody has taken: what goes before all others, then the one with the longest way to go.
    waiting: BTreeSet<(bool, Reverse<u32>, NodeId)>,
    running: BTreeSet<NodeId>,
    /// Waiting or running.
    coming: BTreeSet<NodeId>,
    /// Places that running nodes work in.
    held: BTreeSet<String>,
    ends: BTreeMap<NodeId, End>,
}

struct Run<'a> {
    nodes: &'a BTreeMap<NodeId, Node>,
    places: BTreeMap<NodeId, String>,
    workers: Workers<'a>,
    state: Mutex<State>,
    changed: Condvar,
}

/// How often a thread without work looks whether there is room for it.
const LOOK: Duration = Duration::from_millis(100);

/// What is to be run.
#[derive(Debug, Clone, Copy)]
pub struct Selection<'a> {
    /// The whole graph.
    pub nodes: &'a BTreeMap<NodeId, Node>,
    /// Which of it; what these need and is not among them counts as done.
    pub selected: &'a BTreeSet<NodeId>,
    /// What goes before all others that are ready.
    pub first: &'a BTreeSet<NodeId>,
}

/// Who does the work.
#[derive(Clone, Copy)]
pub struct Workers<'a> {
    /// How many nodes are worked on at the same time.
    pub threads: usize,
    /// How many of those that are worked on wait for something just now, and make room for as many others.
    pub resting: &'a (dyn Fn() -> usize + Sync),
}

/// Runs a selection with `work`; `ended` hears of each end as it comes. `place` says what a node works in that only one
/// may work in at a time.
pub fn run(
    selection: Selection<'_>,
    workers: Workers<'_>,
    place: &dyn Fn(&Node) -> Option<String>,
    work: &(dyn Fn(&NodeId, &Node) -> Result<(), Stop> + Sync),
    ended: &(dyn Fn(&NodeId, &Node, &End) + Sync),
) -> BTreeMap<NodeId, End> {
    let Selection { nodes, selected, first } = selection;
    let lengths = lengths(selection);
    let waiting = lengths.iter().map(|(id, length)| (!first.contains(*id), Reverse(*length), (*id).clone())).collect();
    let coming = lengths.keys().map(|id| (*id).clone()).collect();
    let places = selected.iter().filter_map(|id| Some((id.clone(), place(nodes.get(id)?)?))).collect();
    let state = State { waiting, running: BTreeSet::new(), coming, held: BTreeSet::new(), ends: BTreeMap::new() };
    let run = Run { nodes, places, workers, state: Mutex::new(state), changed: Condvar::new() };
    std::thread::scope(|scope| {
        // Those beyond the number work only while as many others rest.
        for _ in 0..workers.threads.max(1).saturating_mul(2).min(selected.len().max(1)) {
            scope.spawn(|| run.thread(work, ended));
        }
    });
    run.state.into_inner().unwrap_or_else(PoisonError::into_inner).ends
}

/// What a stage usually takes, against another: a compiler minutes, an inspection nothing.
const fn weight(stage: Stage) -> u32 {
    match stage {
        Stage::Build => 16,
        Stage::Prove => 8,
        Stage::Pack => 4,
        Stage::Gate | Stage::Assemble | Stage::Generate | Stage::Inspect => 1,
    }
}

/// Of each selected node, the weight of the heaviest path from it to an end of the graph, itself included. Nodes in a circle have what their own
/// way to it weighs.
fn lengths(selection: Selection<'_>) -> BTreeMap<&NodeId, u32> {
    let Selection { nodes, selected, .. } = selection;
    let chosen = selected.iter().filter_map(|id| Some((id, nodes.get(id)?))).collect::<BTreeMap<_, _>>();
    let mut lengths = chosen.iter().map(|(id, node)| (*id, weight(node.work.stage()))).collect::<BTreeMap<_, _>>();
    // How many that need it have not been counted.
    let mut open = BTreeMap::<&NodeId, usize>::new();
    for need in chosen.values().flat_map(|node| node.needs.keys()).filter(|need| chosen.contains_key(need)) {
        *open.entry(need).or_default() += 1;
    }
    let mut ends = chosen.keys().filter(|id| !open.contains_key(*id)).copied().collect::<Vec<_>>();
    while let Some(id) = ends.pop() {
        let (Some(node), Some(behind)) = (chosen.get(id), lengths.get(id).copied()) else { continue };
        for need in node.needs.keys() {
            let Some((need, needed)) = chosen.get_key_value(need) else { continue };
            let length = lengths.entry(need).or_default();
            *length = (*length).max(behind.saturating_add(weight(needed.work.stage())));
            if let Some(count) = open.get_mut(need) {
                *count -= 1;
                if *count == 0 {
                    ends.push(need);
                }
            }
        }
    }
    lengths
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
            state.coming.remove(&id);
            if let Some(place) = self.places.get(&id) {
                state.held.remove(place);
            }
            state.ends.insert(id, end);
            drop(state);
            self.changed.notify_all();
        }
    }

    /// The next node whose needs are settled and whose place is free; waits while others run; nothing once all are taken.
    fn next(&self) -> Option<(NodeId, &Node, Option<End>)> {
        let mut state = self.lock();
        loop {
            let is_room = state.running.len() < self.workers.threads.max(1).saturating_add((self.workers.resting)());
            let ready = state.waiting.iter().filter(|_| is_room).find(|(.., id)| {
                let settled = self.nodes[id].needs.keys().all(|need| !state.coming.contains(need));
                settled && self.places.get(id).is_none_or(|place| !state.held.contains(place))
            });
            if let Some(ready) = ready.cloned() {
                state.waiting.remove(&ready);
                let (.., id) = ready;
                let node = &self.nodes[&id];
                state.running.insert(id.clone());
                state.held.extend(self.places.get(&id).cloned());
                let blocked = state.blame(node).map(|by| End::Blocked { by });
                return Some((id, node, blocked));
            }
            // Nothing runs and nothing is ready: all done, or what is left waits for nodes that will never come.
            if state.running.is_empty() {
                self.changed.notify_all();
                return None;
            }
            // Nobody tells of one that begins to rest.
            (state, _) = self.changed.wait_timeout(state, LOOK).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl State {
    /// The node to blame if one of the needs did not end well.
    fn blame(&self, node: &Node) -> Option<NodeId> {
        let to_blame = node.needs.iter().filter_map(|(need, demand)| match (self.ends.get(need)?, demand) {
            (End::Done, Demand::Finished | Demand::Proven) => None,
            (End::Blocked { by }, _) => Some(by),
            (End::Failed(_) | End::NotRun(_), _) => Some(need),
        });
        // What failed is told before what another machine could do.
        to_blame.min_by_key(|node| !matches!(self.ends.get(*node), Some(End::Failed(_)))).cloned()
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
    use std::sync::atomic::AtomicUsize;
    use std::sync::atomic::Ordering::SeqCst;

    use plimsoll_model::plan::Work;

    use super::*;

    fn graph(edges: &[(&str, &[&str])]) -> BTreeMap<NodeId, Node> {
        let node = |needs: &[&str]| Node {
            work: Work::Gate { index: 0 },
            needs: needs.iter().map(|need| (need.parse().unwrap(), Demand::Finished)).collect(),
        };
        edges.iter().map(|(id, needs)| (id.parse().unwrap(), node(needs))).collect()
    }

    fn workers(threads: usize) -> Workers<'static> {
        Workers { threads, resting: &|| 0 }
    }

    fn run_all(nodes: &BTreeMap<NodeId, Node>, threads: usize, work: &(dyn Fn(&str) -> Result<(), Stop> + Sync)) -> BTreeMap<NodeId, End> {
        let selection = Selection { nodes, selected: &nodes.keys().cloned().collect(), first: &BTreeSet::new() };
        run(selection, workers(threads), &|_| None, &|id, _| work(id.as_str()), &|_, _, _| {})
    }

    #[test]
    fn the_longest_way_goes_first_and_not_the_first_name() {
        let mut nodes = graph(&[("g/a", &[]), ("g/b", &[]), ("g/c", &["g/b"]), ("g/d", &["g/c"])]);
        let prove = |node: &mut Node| node.work = Work::Build { product: "a/x86_64-unknown-linux-gnu".parse().unwrap() };
        let order = Mutex::new(Vec::new());
        let done = |id: &str| {
            order.lock().unwrap().push(id.to_owned());
            Ok(())
        };
        run_all(&nodes, 1, &done);
        assert_eq!(std::mem::take(&mut *order.lock().unwrap()), ["g/b", "g/c", "g/a", "g/d"]);
        // One heavy node is longer than three light ones.
        nodes.get_mut(&"g/a".parse::<NodeId>().unwrap()).map(prove).unwrap();
        run_all(&nodes, 1, &done);
        assert_eq!(order.into_inner().unwrap(), ["g/a", "g/b", "g/c", "g/d"]);
    }

    #[test]
    fn what_is_named_goes_before_what_takes_longer() {
        let nodes = graph(&[("g/a", &[]), ("g/b", &["g/a"]), ("g/own", &[]), ("g/z", &["g/own"])]);
        let (order, first) = (Mutex::new(Vec::new()), ["g/own", "g/z"].map(|id| id.parse().unwrap()).into());
        let done = |id: &NodeId, _: &Node| {
            order.lock().unwrap().push(id.to_string());
            Ok(())
        };
        let selection = Selection { nodes: &nodes, selected: &nodes.keys().cloned().collect(), first: &first };
        run(selection, workers(1), &|_| None, &done, &|_, _, _| {});
        assert_eq!(order.into_inner().unwrap(), ["g/own", "g/z", "g/a", "g/b"]);
    }

    #[test]
    fn nodes_of_one_place_come_one_after_the_other_and_keep_no_thread_waiting() {
        let nodes = graph(&[("g/a", &[]), ("g/b", &[]), ("g/z", &[])]);
        let selection = Selection { nodes: &nodes, selected: &nodes.keys().cloned().collect(), first: &BTreeSet::new() };
        let places = Mutex::new(vec![Some("folder".to_owned()), Some("folder".to_owned()), None].into_iter());
        let inside = Mutex::new(BTreeSet::new());
        let (seen, others) = (Mutex::new(Vec::new()), std::sync::Barrier::new(2));
        let work = |id: &NodeId, _: &Node| {
            let mut now = inside.lock().unwrap();
            now.insert(id.clone());
            seen.lock().unwrap().push(now.clone());
            drop(now);
            // The first of the two and the one without a place run side by side, or this never ends.
            if id.as_str() != "g/b" {
                others.wait();
            }
            inside.lock().unwrap().remove(id);
            Ok(())
        };
        let ends = run(selection, workers(2), &|_| places.lock().unwrap().next().flatten(), &work, &|_, _, _| {});
        assert!(ends.values().all(|end| *end == End::Done) && ends.len() == 3);
        let both = ["g/a", "g/b"].map(|id| id.parse::<NodeId>().unwrap());
        assert!(seen.into_inner().unwrap().iter().all(|inside| !both.iter().all(|id| inside.contains(id))));
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
    fn one_that_rests_makes_room_for_another_and_no_more_work_than_there_is_room_for() {
        let nodes = graph(&[("g/a", &[]), ("g/b", &[]), ("g/c", &[])]);
        let selection = Selection { nodes: &nodes, selected: &nodes.keys().cloned().collect(), first: &BTreeSet::new() };
        let (resting, inside, most) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
        let others = std::sync::Barrier::new(2);
        let work = |id: &NodeId, _: &Node| {
            most.fetch_max(inside.fetch_add(1, SeqCst) + 1, SeqCst);
            match id.as_str() {
                // Ends only if the next runs meanwhile.
                "g/a" => {
                    resting.store(1, SeqCst);
                    others.wait();
                    resting.store(0, SeqCst);
                }
                "g/b" => drop(others.wait()),
                _ => {}
            }
            inside.fetch_sub(1, SeqCst);
            Ok(())
        };
        let workers = Workers { threads: 1, resting: &|| resting.load(SeqCst) };
        let ends = run(selection, workers, &|_| None, &work, &|_, _, _| {});
        assert!(ends.values().all(|end| *end == End::Done) && ends.len() == 3);
        assert_eq!(most.into_inner(), 2);
    }

    #[test]
    fn a_circle_ends_instead_of_waiting_for_ever() {
        let nodes = graph(&[("g/a", &["g/b"]), ("g/b", &["g/a"])]);
        assert!(run_all(&nodes, 2, &|_| Ok(())).is_empty());
    }
}
