//! What a plan's steps are made of, and what waits for what.
//!
//! In: the steps, and the edges that the state recorded. Out: [`Node`]s: single pieces of work with the nodes that wait for them, free of
//! circles. Waves do not occur: a node waits for exactly what it needs.
//!
//! A replacement is two nodes: the new instance is made, the old one cleared away. Made first, the old one goes when everything that
//! used it has switched; cleared first, what cannot be switched to the new one goes before it.

use std::collections::{BTreeMap, BTreeSet};

use crate::address::Address;
use crate::catalog;
use crate::diagnostic::codes::apply::P8007;
use crate::diagnostic::{Diagnostic, Error};
use crate::plan::{Op, Plan, Step};
use crate::resource::ReplaceOrder;
use crate::state::State;

/// A piece of work.
#[derive(Debug, Clone)]
pub(super) struct Node {
    /// Index of its step in the plan.
    pub(super) step: usize,
    pub(super) part: Part,
    /// Nodes that it waits for.
    pub(super) needs: Vec<usize>,
    /// Nodes that wait for it.
    pub(super) feeds: Vec<usize>,
    /// Expected seconds of the longest path from its start to the end of the run.
    pub(super) rank: u64,
}

/// Which part of its step a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// The present instance is deleted to make room for another.
    MakeRoom,
    /// What the step does; of a replacement, the new instance is made.
    Main,
    /// Old instances are deleted.
    Clear,
}

/// The nodes of a plan.
pub(super) fn nodes(plan: &Plan, state: &State) -> Result<Vec<Node>, Error> {
    let mut build = Build::new(&plan.steps, state);
    build.nodes();
    build.edges();
    let order = build.sorted().map_err(|circle| {
        Diagnostic::new(P8007, format!("the steps of the plan wait for each other: {circle}")).help("make the plan again with `panka diff`")
    })?;
    Ok(build.ranked(&order))
}

struct Build<'a> {
    steps: &'a [Step],
    state: &'a State,
    index: BTreeMap<&'a Address, usize>,
    /// Steps that delete their old instance before they make the new one.
    delete_first: BTreeSet<usize>,
    nodes: Vec<(usize, Part)>,
    of_step: Vec<BTreeMap<Part, usize>>,
    needs: Vec<BTreeSet<usize>>,
}

impl<'a> Build<'a> {
    fn new(steps: &'a [Step], state: &'a State) -> Self {
        let index: BTreeMap<&Address, usize> = steps.iter().enumerate().map(|(number, step)| (&step.address, number)).collect();
        let mut build =
            Self { steps, state, index, delete_first: BTreeSet::new(), nodes: Vec::new(), of_step: Vec::new(), needs: Vec::new() };
        build.find_delete_first();
        build
    }

    /// What is replaced delete-first takes along what is replaced and stands on it: the old dependant cannot outlive it, and the new one
    /// cannot be made before.
    fn find_delete_first(&mut self) {
        let mut open: Vec<usize> = (0..self.steps.len())
            .filter(|step| self.steps[*step].op == Op::Replace && self.steps[*step].replace_order == Some(ReplaceOrder::DeleteFirst))
            .collect();
        let mut users: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (number, step) in self.steps.iter().enumerate().filter(|(_, step)| step.op == Op::Replace) {
            for used in step.depends_on.iter().chain(self.recorded(step)).filter_map(|address| self.index.get(address)) {
                users.entry(*used).or_default().push(number);
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
        self.state.resources.get(&step.address).into_iter().flat_map(|record| &record.depends_on)
    }

    fn nodes(&mut self) {
        for (number, step) in self.steps.iter().enumerate() {
            let mut parts = BTreeMap::new();
            let replaces = step.op == Op::Replace;
            let clears = (replaces && !self.delete_first.contains(&number))
                || (!step.superseded.is_empty() && !matches!(step.op, Op::Delete | Op::Forget));
            let wanted = [(replaces && self.delete_first.contains(&number), Part::MakeRoom), (true, Part::Main), (clears, Part::Clear)];
            for (_, part) in wanted.into_iter().filter(|(wanted, _)| *wanted) {
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
            let parts = self.of_step[number].clone();
            let main = parts[&Part::Main];
            let goes = matches!(step.op, Op::Delete | Op::Forget);
            for needed in step.depends_on.iter().filter_map(|address| self.index.get(address)).copied() {
                if goes {
                    // The last instance that may still use this one must be gone.
                    self.needs[main].extend(self.of_step[needed].values());
                    continue;
                }
                let made = self.of_step[needed][&Part::Main];
                self.needs[main].insert(made);
                if let Some(room) = parts.get(&Part::MakeRoom).filter(|_| !rebuilt.contains(&needed)) {
                    self.needs[*room].insert(made);
                }
                // Everybody who uses the new instance has switched once it is done.
                if let Some(clear) = self.of_step[needed].get(&Part::Clear) {
                    self.needs[*clear].insert(main);
                }
            }
            if let Some(room) = parts.get(&Part::MakeRoom) {
                self.needs[main].insert(*room);
            }
            if let Some(clear) = parts.get(&Part::Clear) {
                self.needs[*clear].insert(main);
            }
            self.leave_before(number, step);
        }
        for (node, needs) in self.needs.iter_mut().enumerate() {
            needs.remove(&node);
        }
    }

    /// What the present instances use may go only after them.
    fn leave_before(&mut self, number: usize, step: &'a Step) {
        let parts = self.of_step[number].clone();
        let leaves = match step.op {
            Op::Replace => parts.iter().filter(|(part, _)| **part != Part::Main).map(|(_, node)| *node).collect(),
            // An update may drop the use; a delete does.
            _ => vec![parts[&Part::Main]],
        };
        for used in self.recorded(step).filter_map(|address| self.index.get(address)).copied() {
            if let Some(clear) = self.of_step[used].get(&Part::Clear) {
                self.needs[*clear].extend(&leaves);
            }
            // Of updates only those that wait for nothing new can come first; the others switch afterwards.
            let holds = matches!(step.op, Op::Delete | Op::Forget | Op::Replace);
            if let Some(room) = self.of_step[used].get(&Part::MakeRoom).filter(|_| holds) {
                self.needs[*room].extend(&leaves);
            }
        }
        let old = step.superseded.iter().flat_map(|old| &old.depends_on).filter_map(|address| self.index.get(address)).copied();
        let last = parts.get(&Part::Clear).unwrap_or(&parts[&Part::Main]);
        for used in old.filter(|used| *used != number) {
            for part in [Part::Clear, Part::MakeRoom] {
                if let Some(node) = self.of_step[used].get(&part) {
                    self.needs[*node].insert(*last);
                }
            }
        }
    }

    /// Steps that are replaced delete-first, or wait for one that is.
    fn rebuilt(&self) -> BTreeSet<usize> {
        let mut users: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (number, step) in self.steps.iter().enumerate() {
            for needed in step.depends_on.iter().filter_map(|address| self.index.get(address)) {
                users.entry(*needed).or_default().push(number);
            }
        }
        let mut found = BTreeSet::new();
        let mut open: Vec<usize> = self.delete_first.iter().copied().collect();
        while let Some(step) = open.pop() {
            if found.insert(step) {
                open.extend(users.get(&step).into_iter().flatten());
            }
        }
        found
    }

    /// All nodes, each after what it needs; or a circle, for people.
    fn sorted(&self) -> Result<Vec<usize>, String> {
        let mut missing: Vec<usize> = self.needs.iter().map(BTreeSet::len).collect();
        let mut feeds: Vec<Vec<usize>> = vec![Vec::new(); self.nodes.len()];
        for (node, needs) in self.needs.iter().enumerate() {
            for needed in needs {
                feeds[*needed].push(node);
            }
        }
        let mut order: Vec<usize> = (0..self.nodes.len()).filter(|node| missing[*node] == 0).collect();
        let mut next = 0;
        while let Some(node) = order.get(next).copied() {
            next += 1;
            for fed in &feeds[node] {
                missing[*fed] -= 1;
                if missing[*fed] == 0 {
                    order.push(*fed);
                }
            }
        }
        if order.len() == self.nodes.len() { Ok(order) } else { Err(self.circle(&missing)) }
    }

    /// Follows unmet needs until a node occurs twice.
    fn circle(&self, missing: &[usize]) -> String {
        let Some(mut node) = missing.iter().position(|count| *count > 0) else { return String::new() };
        let mut path = Vec::new();
        while !path.contains(&node) {
            path.push(node);
            match self.needs[node].iter().find(|needed| missing[**needed] > 0) {
                Some(needed) => node = *needed,
                None => break,
            }
        }
        let start = path.iter().position(|seen| *seen == node).unwrap_or(0);
        let mut names: Vec<&str> = path[start..].iter().map(|node| self.steps[self.nodes[*node].0].address.as_str()).collect();
        names.push(self.steps[self.nodes[node].0].address.as_str());
        names.dedup();
        names.join(" → ")
    }

    fn ranked(self, order: &[usize]) -> Vec<Node> {
        let mut nodes: Vec<Node> = self
            .nodes
            .iter()
            .zip(&self.needs)
            .map(|((step, part), needs)| Node {
                step: *step,
                part: *part,
                needs: needs.iter().copied().collect(),
                feeds: Vec::new(),
                rank: 0,
            })
            .collect();
        for (node, needs) in self.needs.iter().enumerate() {
            for needed in needs {
                nodes[*needed].feeds.push(node);
            }
        }
        for node in order.iter().rev() {
            let longest = nodes[*node].feeds.iter().map(|fed| nodes[*fed].rank).max().unwrap_or(0);
            let step = &self.steps[nodes[*node].step];
            let own = match nodes[*node].part {
                Part::Main => step.seconds,
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an estimate in whole seconds")]
                Part::MakeRoom | Part::Clear => catalog::seconds(&step.type_name, catalog::Operation::Delete).ceil() as u64,
            };
            nodes[*node].rank = longest + own;
        }
        nodes
    }
}
