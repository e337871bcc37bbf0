//! The scheduler: starts each node as soon as what it needs is durable, the longest remaining path first.
//!
//! In: nodes without circles, a workshop, signals. Out: the end of every node. There are no barriers. At most `parallelism` calls are under
//! way; intents are journaled a little ahead of free slots, as far as that pays, so that calls do not wait for the journal.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};

use super::context::OnFailure;
use super::event::{Event, Name};
use super::floor::Floor;
use super::order::{Node, Part};
use super::provider::Provider;
use super::run::Outcome;
use super::trouble::{Message, NodeEnd};
use super::work;
use crate::address::Address;
use crate::plan::{Plan, Step};
use crate::state::JournalError;

/// How often a step under way says that it is.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// Most intents that are journaled ahead of free slots.
const FAR_AHEAD: f64 = 256.0;

/// How the nodes ended, and why not all of them were started.
#[derive(Debug, Default)]
pub(super) struct Finished {
    /// By node; none for those that were not started.
    pub(super) ends: Vec<Option<NodeEnd>>,
    /// Nodes that could not be started because of another.
    pub(super) blocked: Vec<bool>,
    /// Why the journal cannot be written.
    pub(super) store: Option<JournalError>,
}

impl Finished {
    /// The steps that have done what they are for, whether or not something is left to clear away.
    pub(super) fn effects(&self, nodes: &[Node], plan: &Plan) -> BTreeSet<Address> {
        let done = |(node, end): (&Node, &Option<NodeEnd>)| {
            let done = node.part == Part::Main && end.as_ref().is_some_and(|end| end.outcome == Outcome::Done);
            done.then(|| plan.steps[node.step].address.clone())
        };
        nodes.iter().zip(&self.ends).filter_map(done).collect()
    }
}

/// Where a node stands.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Stand {
    Waiting(usize),
    Ready,
    Preparing,
    Running(Instant, u64),
    Over,
}

/// Orders by the longest remaining path, then by address.
type Key = (u64, Reverse<(Address, Part)>, usize);

struct Scheduler<P> {
    floor: Arc<Floor<P>>,
    nodes: Vec<Node>,
    parallelism: usize,
    stands: Vec<Stand>,
    ready: BinaryHeap<Key>,
    /// Deletes of old instances that wait for everything else, so that a failure can still take them back.
    parked: Vec<usize>,
    journaled: BinaryHeap<(Key, Gate)>,
    preparing: usize,
    running: usize,
    /// Nodes of each step that are not over.
    open: Vec<usize>,
    tasks: JoinSet<()>,
    stopping: bool,
    folding: bool,
    finished: Finished,
    /// Mean seconds of calls and of appends to the journal, recent ones counting most.
    call_seconds: f64,
    append_seconds: f64,
}

/// Lets a journaled node make its call. Takes no part in the order.
struct Gate(oneshot::Sender<bool>);

impl PartialEq for Gate {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Gate {}

impl PartialOrd for Gate {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Gate {
    fn cmp(&self, _: &Self) -> std::cmp::Ordering {
        std::cmp::Ordering::Equal
    }
}

/// Runs all nodes that can be run.
pub(super) async fn run<P: Provider>(floor: Arc<Floor<P>>, messages: &mut mpsc::UnboundedReceiver<Message>, nodes: Vec<Node>) -> Finished {
    let mut scheduler = Scheduler::new(floor, nodes);
    for node in 0..scheduler.nodes.len() {
        if scheduler.step(node).blocked.is_some() {
            scheduler.block(node);
        }
    }
    scheduler.run(messages).await;
    scheduler.finished
}

impl<P: Provider> Scheduler<P> {
    fn new(floor: Arc<Floor<P>>, nodes: Vec<Node>) -> Self {
        let stands = nodes.iter().map(|node| Stand::Waiting(node.needs.len())).collect();
        let mut open = vec![0; floor.plan.steps.len()];
        for node in &nodes {
            open[node.step] += 1;
        }
        let finished = Finished { ends: vec![None; nodes.len()], blocked: vec![false; nodes.len()], ..Finished::default() };
        Self {
            parallelism: floor.context.options.parallelism.max(1),
            floor,
            nodes,
            stands,
            ready: BinaryHeap::new(),
            parked: Vec::new(),
            journaled: BinaryHeap::new(),
            preparing: 0,
            running: 0,
            open,
            tasks: JoinSet::new(),
            stopping: false,
            folding: false,
            finished,
            call_seconds: 0.0,
            append_seconds: 0.0,
        }
    }

    async fn run(&mut self, messages: &mut mpsc::UnboundedReceiver<Message>) {
        let stop = self.floor.context.stop.clone();
        for node in 0..self.nodes.len() {
            if self.stands[node] == Stand::Waiting(0) {
                self.make_ready(node);
            }
        }
        let mut beat = tokio::time::interval(Duration::from_secs(1));
        beat.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut batch = Vec::new();
        let (mut may_lose, mut heard) = (true, stop.interrupts());
        self.stopping = heard > 0 || stop.lost().is_some();
        loop {
            self.fill();
            if self.preparing == 0 && self.running == 0 && self.tasks.is_empty() {
                if self.parked.is_empty() || self.stopping {
                    return;
                }
                for node in std::mem::take(&mut self.parked) {
                    self.ready.push(self.key(node));
                }
                continue;
            }
            tokio::select! {
                biased;
                () = stop.interrupted(heard + 1) => {
                    heard += 1;
                    self.stopping = true;
                    if heard > 1 {
                        self.tasks.shutdown().await;
                        return;
                    }
                }
                () = stop.lock_lost(), if may_lose => {
                    may_lose = false;
                    self.stopping = true;
                }
                _ = messages.recv_many(&mut batch, 512) => batch.drain(..).for_each(|message| self.take(message)),
                Some(ended) = self.tasks.join_next() => {
                    if let Err(error) = ended
                        && let Ok(panic) = error.try_into_panic()
                    {
                        std::panic::resume_unwind(panic);
                    }
                    // What the task told last is still in the queue.
                    while let Ok(message) = messages.try_recv() {
                        self.take(message);
                    }
                }
                _ = beat.tick() => self.beat(),
            }
        }
    }

    /// Starts nodes and lets calls go, as many as there is room for.
    fn fill(&mut self) {
        if self.stopping {
            for (_, Gate(gate)) in self.journaled.drain() {
                // Nobody waits behind the gate when the node's task has ended.
                gate.send(false).ok();
            }
            return;
        }
        while self.running + self.preparing < self.parallelism + self.ahead() {
            let Some((_, _, node)) = self.ready.pop() else { break };
            if self.stands[node] != Stand::Ready {
                continue;
            }
            self.stands[node] = Stand::Preparing;
            self.preparing += 1;
            self.tasks.spawn(work::perform(Arc::clone(&self.floor), node, self.nodes[node].clone()));
        }
        while self.running < self.parallelism {
            let Some(((_, _, node), Gate(gate))) = self.journaled.pop() else { break };
            if gate.send(true).is_ok() {
                self.preparing -= 1;
                self.running += 1;
                self.stands[node] = Stand::Running(Instant::now(), 0);
            }
        }
    }

    /// How many nodes to have at the journal besides those that call: as many calls as end while an intent and a result are written.
    fn ahead(&self) -> usize {
        let wanted =
            2.0 * f64::from(u32::try_from(self.parallelism).unwrap_or(u32::MAX)) * self.append_seconds / self.call_seconds.max(1e-6);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a small positive number")]
        let ahead = wanted.ceil().clamp(1.0, FAR_AHEAD) as usize;
        ahead
    }

    fn key(&self, node: usize) -> Key {
        let Node { step, part, rank, .. } = &self.nodes[node];
        (*rank, Reverse((self.floor.plan.steps[*step].address.clone(), *part)), node)
    }

    fn make_ready(&mut self, node: usize) {
        self.stands[node] = Stand::Ready;
        let Node { step, part, .. } = self.nodes[node];
        if part == Part::Clear && self.on_failure() == OnFailure::Rollback {
            self.parked.push(node);
        } else {
            self.ready.push(self.key(node));
        }
        if part == Part::Main {
            self.emit(Event::of_step(Name::StepReady, &self.floor.plan.steps[step]));
        }
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Journaled(node, gate) => {
                let key = self.key(node);
                self.journaled.push((key, Gate(gate)));
            }
            Message::Called(node, took) => {
                self.call_seconds = mean(self.call_seconds, took);
                if let Stand::Running(..) = self.stands[node] {
                    self.stands[node] = Stand::Preparing;
                    self.running -= 1;
                    self.preparing += 1;
                }
            }
            Message::Durable(took) => {
                self.append_seconds = mean(self.append_seconds, took);
                self.fold_if_long();
            }
            Message::Folded => self.folding = false,
            Message::StoreGone(why) => {
                if self.finished.store.is_none() {
                    let text = format!("the journal cannot be written, nothing new is started: {why}");
                    self.emit(Event { message: Some(text), ..Event::new(Name::Note) });
                }
                self.finished.store = Some(why);
                self.stopping = true;
            }
            Message::Lost(why) => {
                // The heartbeat tells of its own losses.
                if self.floor.context.stop.lose(&why) {
                    self.emit(Event { message: Some(why), ..Event::new(Name::LockLost) });
                }
                self.stopping = true;
            }
            Message::Ended(node, end) => self.end(node, *end),
        }
    }

    fn end(&mut self, node: usize, end: NodeEnd) {
        match self.stands[node] {
            Stand::Running(..) => self.running -= 1,
            Stand::Preparing => self.preparing -= 1,
            _ => {}
        }
        self.stands[node] = Stand::Over;
        let outcome = end.outcome;
        let number = self.nodes[node].step;
        self.open[number] -= 1;
        self.tell(node, &end);
        self.finished.ends[node] = Some(end);
        match outcome {
            Outcome::Done => {
                for fed in self.nodes[node].feeds.clone() {
                    if let Stand::Waiting(missing) = &mut self.stands[fed] {
                        *missing -= 1;
                        if *missing == 0 {
                            self.make_ready(fed);
                        }
                    }
                }
            }
            Outcome::Failed | Outcome::TimedOut => {
                if self.on_failure() != OnFailure::Continue {
                    self.stopping = true;
                }
                for fed in self.nodes[node].feeds.clone() {
                    self.block(fed);
                }
            }
            _ => {}
        }
    }

    /// Marks a node, and all that wait for it, as never to be started.
    fn block(&mut self, node: usize) {
        let mut open = vec![node];
        while let Some(node) = open.pop() {
            if !matches!(self.stands[node], Stand::Waiting(_) | Stand::Ready) {
                continue;
            }
            self.stands[node] = Stand::Over;
            self.finished.blocked[node] = true;
            let Node { step, part, .. } = self.nodes[node];
            if part == Part::Main {
                self.emit(Event::of_step(Name::StepBlocked, &self.floor.plan.steps[step]));
            }
            open.extend(&self.nodes[node].feeds);
        }
    }

    fn tell(&self, node: usize, end: &NodeEnd) {
        let Node { step, part, .. } = self.nodes[node];
        let name = match end.outcome {
            Outcome::Done if self.open[step] > 0 => return,
            Outcome::Done => Name::StepDone,
            Outcome::Failed | Outcome::TimedOut | Outcome::Pending => Name::StepFailed,
            _ if part == Part::Main => Name::StepCancelled,
            _ => return,
        };
        let seconds = end.started.as_deref().zip(end.finished.as_deref()).and_then(|(from, to)| seconds_between(from, to));
        let (class, code, message) = match (&end.error, end.outcome) {
            (Some(error), _) => (Some(error.class.clone()), Some(error.code.clone()), Some(error.message.clone())),
            (None, Outcome::TimedOut) => (None, None, Some("its time limit passed; it may still be going on".to_owned())),
            _ => (None, None, None),
        };
        let identifier = end.identifier.clone();
        self.emit(Event { class, code, message, identifier, seconds, ..Event::of_step(name, &self.floor.plan.steps[step]) });
    }

    fn step(&self, node: usize) -> &Step {
        &self.floor.plan.steps[self.nodes[node].step]
    }

    fn emit(&self, event: Event) {
        self.floor.context.events.emit(event);
    }

    fn on_failure(&self) -> OnFailure {
        self.floor.context.options.on_failure
    }

    fn beat(&mut self) {
        let mut told = Vec::new();
        for (node, stand) in self.stands.iter_mut().enumerate() {
            let Stand::Running(since, beats_told) = stand else { continue };
            let elapsed = since.elapsed();
            let beats = elapsed.as_secs() / HEARTBEAT.as_secs();
            if beats > *beats_told {
                *beats_told = beats;
                told.push((node, elapsed));
            }
        }
        for (node, elapsed) in told {
            let step = self.step(node);
            let rest = step.seconds.saturating_sub(elapsed.as_secs());
            let message = (rest > 0).then(|| format!("about {rest} s are left"));
            self.emit(Event { seconds: Some(elapsed.as_secs_f64()), message, ..Event::of_step(Name::Heartbeat, step) });
        }
    }

    /// Folds in the middle of a run when the journal has grown long.
    fn fold_if_long(&mut self) {
        if self.folding || self.stopping || !self.floor.context.journal.should_fold() {
            return;
        }
        self.folding = true;
        let floor = Arc::clone(&self.floor);
        self.tasks.spawn(async move { floor.fold().await });
    }
}

fn mean(so_far: f64, next: Duration) -> f64 {
    if so_far == 0.0 { next.as_secs_f64() } else { so_far.mul_add(0.9, next.as_secs_f64() * 0.1) }
}

fn seconds_between(from: &str, to: &str) -> Option<f64> {
    let (from, to): (jiff::Timestamp, jiff::Timestamp) = (from.parse().ok()?, to.parse().ok()?);
    Some(to.duration_since(from).as_secs_f64())
}
