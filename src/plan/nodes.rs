//! What steps are made of, and what waits for what.
//!
//! In: the steps, and the edges that the state recorded. Out: [`Node`]s, single pieces of work with what each waits for. Waves do not occur:
//! a node waits for exactly what it needs. Diff refuses a plan whose nodes have no order, so that nobody approves one that cannot be run;
//! apply runs the same nodes.
//!
//! A replacement is two nodes: the new instance is made, the old one cleared away. Made first, the old one goes when everything that
//! used it has switched; cleared first, what cannot be switched to the new one goes before it.
//!
//! Between nodes some edges hold always: instances are made in the order of the graph and after what must make room for them, and old
//! ones go in the reverse of the edges that the state recorded. Deletes wait for makes only through replacements that make first; where that
//! closes a circle, because edges turned round since the last run, the replacement deletes first. So a circle that is left leads through the
//! graph alone or through the state alone. All other edges are wishes, granted as far as they close no circle.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::edges::{lets_go_below, numbers};
use super::{Op, Step};
use crate::address::Address;
use crate::diagnostic::codes::apply::P8007;
use crate::diagnostic::{Diagnostic, Error};
use crate::graph::Order;
use crate::resource::ReplaceOrder;
use crate::state::State;

/// A piece of work.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// Index of its step in the plan.
    pub(crate) step: usize,
    pub(crate) part: Part,
    /// Nodes that it waits for.
    pub(crate) needs: Vec<usize>,
    /// It deletes something that others still refer to: they are switched afterwards, because they wait for it.
    pub(crate) ahead: bool,
}

/// Which part of its step a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    /// The present instance is deleted to make room for another.
    MakeRoom,
    /// What the step does; of a replacement, the new instance is made.
    Main,
    /// Old instances are deleted.
    Clear,
}

/// Steps, taken apart.
#[derive(Debug)]
pub(crate) struct Nodes {
    pub(crate) nodes: Vec<Node>,
    /// Replacements that must delete first, among them those of which the step says otherwise.
    pub(super) delete_first: BTreeSet<usize>,
    /// Edges of the steps that cannot be had: a step, and the one that it says to wait for.
    pub(super) refused: Vec<(usize, usize)>,
}

/// Takes steps apart.
pub(crate) fn nodes(steps: &[Step], state: Option<&State>) -> Nodes {
    let mut build = Build::new(steps, state);
    let refused = build.connect();
    let parts = build.nodes.iter().zip(build.needs).enumerate();
    let nodes = parts.map(|(number, ((step, part), needs))| Node {
        step: *step,
        part: *part,
        needs: needs.into_iter().collect(),
        ahead: build.ahead.contains(&number),
    });
    Nodes { nodes: nodes.collect(), delete_first: build.delete_first, refused }
}

/// Refuses nodes that wait for each other, with the path round.
pub(crate) fn check_order(nodes: &[Node], steps: &[Step]) -> Result<(), Error> {
    let order = Order::new(nodes.iter().map(|node| node.needs.clone()).collect());
    let findings = order.circles().into_iter().map(|circle| {
        let mut path: Vec<&str> = circle.iter().map(|node| steps[nodes[*node].step].address.as_str()).collect();
        path.push(path[0]);
        path.dedup();
        Diagnostic::new(P8007, format!("these steps wait for each other: {}", path.join(" → ")))
            .about(path[0])
            .help("none of them can be first: apply a change that takes one of these edges away, then the rest")
    });
    Error::check(findings.collect()).map(drop)
}

struct Build<'a> {
    steps: &'a [Step],
    state: Option<&'a State>,
    index: HashMap<&'a Address, usize>,
    /// For each step, what it waits for by way of resources that stay as they are.
    below: Vec<Vec<usize>>,
    /// Steps that delete their old instance before they make the new one.
    delete_first: BTreeSet<usize>,
    nodes: Vec<(usize, Part)>,
    of_step: Vec<BTreeMap<Part, usize>>,
    needs: Vec<BTreeSet<usize>>,
    /// Edges that are good to have, those of the greatest worth first.
    wishes: BTreeSet<Wish>,
    ahead: BTreeSet<usize>,
}

/// What an edge is good for, and the edge: the node and what it should wait for.
type Wish = (Worth, usize, usize);

/// What a wished edge is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Worth {
    /// Nobody uses a resource any more when it goes.
    Unused,
    /// The plan asks for it.
    Planned,
    /// What the new instance needs is there before the old one goes.
    Gap,
}

impl<'a> Build<'a> {
    fn new(steps: &'a [Step], state: Option<&'a State>) -> Self {
        let index = numbers(steps);
        let below = lets_go_below(steps, state, &index);
        let mut build = Self {
            steps,
            state,
            index,
            below,
            delete_first: BTreeSet::new(),
            nodes: Vec::new(),
            of_step: Vec::new(),
            needs: Vec::new(),
            wishes: BTreeSet::new(),
            ahead: BTreeSet::new(),
        };
        let asked = |step: &Step| step.op == Op::Replace && step.replace_order == Some(ReplaceOrder::DeleteFirst);
        build.take_along((0..steps.len()).filter(|step| asked(&steps[*step])).collect());
        build
    }

    /// Makes these replacements delete first, and what is replaced and stands on them: the old dependant cannot outlive what it stands on,
    /// and the new one cannot be made before.
    fn take_along(&mut self, mut open: Vec<usize>) {
        if open.is_empty() {
            return;
        }
        let mut users: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (number, step) in self.steps.iter().enumerate().filter(|(_, step)| step.op == Op::Replace) {
            for used in self.numbered(step.depends_on.iter().chain(self.recorded(step))) {
                users.entry(used).or_default().push(number);
            }
        }
        while let Some(step) = open.pop() {
            if self.delete_first.insert(step) {
                open.extend(users.get(&step).into_iter().flatten());
            }
        }
    }

    /// The edges of a step's present instance.
    fn recorded(&self, step: &Step) -> impl Iterator<Item = &'a Address> + use<'a> {
        self.state.and_then(|state| state.resources.get(&step.address)).into_iter().flat_map(|record| &record.depends_on)
    }

    fn numbered<'b>(&self, addresses: impl Iterator<Item = &'b Address>) -> impl Iterator<Item = usize> {
        addresses.filter_map(|address| self.index.get(address).copied())
    }

    /// Makes nodes and edges. Gives back the edges of steps that close a circle.
    fn connect(&mut self) -> Vec<(usize, usize)> {
        loop {
            self.nodes();
            self.edges();
            let turned = self.turned();
            if turned.is_empty() {
                break;
            }
            self.take_along(turned);
        }
        let needs = std::mem::take(&mut self.needs).into_iter().map(|needs| needs.into_iter().collect()).collect();
        let wishes: Vec<(usize, usize)> = self.wishes.iter().map(|(_, node, needed)| (*node, *needed)).collect();
        let (order, refused) = Order::new(needs).grant(&wishes);
        self.needs = order.into_needs().into_iter().map(|needs| needs.into_iter().collect()).collect();
        self.ahead.extend(refused.iter().map(|(node, _)| node));
        let whole = |(node, needed): (usize, usize)| match (self.nodes[node], self.nodes[needed]) {
            ((step, Part::Main), (other, Part::Main)) => Some((step, other)),
            _ => None,
        };
        let asked = |(step, other): &(usize, usize)| self.steps[*step].depends_on.contains(&self.steps[*other].address);
        refused.into_iter().filter_map(whole).filter(asked).collect()
    }

    /// Create-first replacements whose old instance would have to go before the new one can be made.
    fn turned(&self) -> Vec<usize> {
        let needs = self.needs.iter().map(|needs| needs.iter().copied().collect()).collect();
        let knots = Order::new(needs).knots();
        let clears = knots.into_iter().flatten().map(|node| self.nodes[node]).filter(|(_, part)| *part == Part::Clear);
        clears.map(|(step, _)| step).filter(|step| self.makes_first(*step)).collect()
    }

    fn makes_first(&self, step: usize) -> bool {
        self.steps[step].op == Op::Replace && !self.delete_first.contains(&step)
    }

    fn goes(&self, step: usize) -> bool {
        goes(&self.steps[step])
    }

    fn nodes(&mut self) {
        self.nodes.clear();
        self.of_step.clear();
        self.wishes.clear();
        self.ahead.clear();
        for (number, step) in self.steps.iter().enumerate() {
            let makes_room = self.delete_first.contains(&number);
            let clears = self.makes_first(number) || (!step.superseded.is_empty() && !self.goes(number));
            let mut parts = BTreeMap::new();
            for (_, part) in
                [(makes_room, Part::MakeRoom), (true, Part::Main), (clears, Part::Clear)].into_iter().filter(|(wanted, _)| *wanted)
            {
                parts.insert(part, self.nodes.len());
                self.nodes.push((number, part));
            }
            self.of_step.push(parts);
        }
        self.needs = vec![BTreeSet::new(); self.nodes.len()];
    }

    fn edges(&mut self) {
        let rebuilt = self.rebuilt();
        for (number, step) in self.steps.iter().enumerate() {
            for needed in self.numbered(step.depends_on.iter()).collect::<Vec<_>>() {
                if self.goes(number) {
                    self.go_after(number, needed);
                } else {
                    self.make_after(number, needed, &rebuilt);
                }
            }
            let main = self.main(number);
            if let Some(room) = self.part(number, Part::MakeRoom) {
                self.needs[main].insert(room);
            }
            if let Some(clear) = self.part(number, Part::Clear) {
                if self.makes_first(number) {
                    self.needs[clear].insert(main);
                } else {
                    self.wishes.insert((Worth::Gap, clear, main));
                }
            }
            self.leave_before(number, step);
        }
        for (node, needs) in self.needs.iter_mut().enumerate() {
            needs.remove(&node);
        }
        self.wishes.retain(|(_, node, needed)| node != needed);
    }

    fn part(&self, step: usize, part: Part) -> Option<usize> {
        self.of_step[step].get(&part).copied()
    }

    fn main(&self, step: usize) -> usize {
        self.of_step[step][&Part::Main]
    }

    /// The last instance that may still use what goes must be gone before.
    fn go_after(&mut self, number: usize, needed: usize) {
        let main = self.main(number);
        // Where it was recorded, `leave_before` says so with more force.
        self.wishes.extend(self.of_step[needed].values().map(|node| (Worth::Unused, main, *node)));
    }

    /// What a step makes needs what another has made, or takes the place of what it has deleted.
    fn make_after(&mut self, number: usize, needed: usize, rebuilt: &HashSet<usize>) {
        let (main, made) = (self.main(number), self.main(needed));
        let address = &self.steps[needed].address;
        let wanted = self.steps[number].desired.as_ref().is_some_and(|desired| desired.depends_on.contains(address));
        if wanted || self.goes(needed) || self.below[number].contains(&needed) {
            self.needs[main].insert(made);
        } else {
            self.wishes.insert((Worth::Planned, main, made));
        }
        if let Some(room) = self.part(number, Part::MakeRoom).filter(|_| !rebuilt.contains(&needed)) {
            self.wishes.insert((Worth::Gap, room, made));
        }
        // Everybody who uses the new instance has switched once it is done.
        if let Some(clear) = self.part(needed, Part::Clear) {
            self.wishes.insert((Worth::Unused, clear, main));
        }
    }

    /// What the present instances use may go only after them.
    fn leave_before(&mut self, number: usize, step: &'a Step) {
        let main = self.main(number);
        let gone: Vec<usize> = match step.op {
            Op::Replace => self.of_step[number].iter().filter(|(part, _)| **part != Part::Main).map(|(_, node)| *node).collect(),
            Op::Delete | Op::Forget => vec![main],
            _ => Vec::new(),
        };
        for used in self.numbered(self.recorded(step)).collect::<Vec<_>>() {
            let (clear, room) = (self.part(used, Part::Clear), self.part(used, Part::MakeRoom));
            let goes = self.goes(used).then(|| self.main(used));
            if !gone.is_empty() {
                clear.into_iter().chain(room).chain(goes).for_each(|node| self.needs[node].extend(&gone));
                continue;
            }
            // An update may drop the use. What makes room does not wait for all of them: the others switch afterwards.
            self.wishes.extend(clear.map(|clear| (Worth::Unused, clear, main)));
            self.ahead.extend(goes.filter(|_| !self.steps[used].depends_on.contains(&step.address)));
        }
        let last = self.part(number, Part::Clear).unwrap_or(main);
        let old = step.superseded.iter().flat_map(|old| &old.depends_on);
        for used in self.numbered(old).filter(|used| *used != number).collect::<Vec<_>>() {
            let parts = [Part::Clear, Part::MakeRoom].map(|part| self.part(used, part));
            self.wishes.extend(parts.into_iter().flatten().map(|node| (Worth::Unused, node, last)));
        }
    }

    /// Steps that are replaced delete-first, or wait for one that is.
    fn rebuilt(&self) -> HashSet<usize> {
        let mut found = HashSet::new();
        let mut open: Vec<usize> = self.delete_first.iter().copied().collect();
        if open.is_empty() {
            return found;
        }
        let users = Order::new(self.steps.iter().map(|step| self.numbered(step.depends_on.iter()).collect()).collect()).users();
        while let Some(step) = open.pop() {
            if found.insert(step) {
                open.extend(&users[step]);
            }
        }
        found
    }
}

/// Tells whether a step ends a resource.
pub(super) fn goes(step: &Step) -> bool {
    matches!(step.op, Op::Delete | Op::Forget)
}
