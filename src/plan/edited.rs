//! Plans that were edited on their way through a pipe.
//!
//! In: a plan from which steps may be gone, and the state. Out: the plan with edges, blocks and counts worked out again; or the reason why
//! what is left cannot be run. A plan as diff made it comes out unchanged.

use std::collections::{BTreeMap, HashMap};

use super::decide::{pending, protected_deletion, protected_replacement, refused, unfinished};
use super::diff::{pass_on_blocks, reads};
use super::nodes::check_order;
use super::resolve::attribute_of;
use super::{Op, Plan, Step, edges, held};
use crate::address::Address;
use crate::catalog::transitions;
use crate::diagnostic::codes::apply::{P8002, P8007};
use crate::diagnostic::{Diagnostic, Error};
use crate::graph::Order;
use crate::resource::references;
use crate::state::{Record, State, Status};

impl Plan {
    /// Works out again what follows from the steps. Refuses a plan that contradicts itself, or that keeps a step and lacks one that it
    /// needs.
    pub fn recompute(&mut self, state: Option<&State>) -> Result<(), Error> {
        self.steps.sort_by(|a, b| a.address.cmp(&b.address));
        Error::check(self.contradictions())?;
        Error::check(self.missing(state))?;
        let (bonds, taken_apart) = edges::settle(&mut self.steps, state);
        check_order(&taken_apart.nodes, &self.steps)?;
        self.check_what_is_left(state)?;
        for step in &mut self.steps {
            let record = state.and_then(|state| state.resources.get(&step.address));
            step.blocked = block(step, record);
        }
        held::block(&mut self.steps, state);
        pass_on_blocks(&mut self.steps, &bonds);
        Error::check(state.map_or_else(Vec::new, |state| edges::left_holding(&self.steps, state)))?;
        let mut read = reads(state, &self.steps);
        for (address, seen) in &mut read {
            if let Some(before) = self.base.reads.remove(address) {
                *seen = before;
            }
        }
        self.base.reads = read;
        self.count();
        self.warn_of_deletes(state.map_or(0, |state| state.resources.len()));
        Ok(())
    }

    fn contradictions(&self) -> Vec<Diagnostic> {
        let mut findings = Vec::new();
        let mut report = |step: &Step, what: &str| {
            findings.push(
                Diagnostic::new(P8007, format!("the step of `{}` {what}", step.address))
                    .about(&step.address)
                    .help("drop the whole step with `del(.steps[] | select(.address == …))`, or plan again"),
            );
        };
        for pair in self.steps.windows(2).filter(|pair| pair[0].address == pair[1].address) {
            report(&pair[1], "stands twice");
        }
        for step in &self.steps {
            let wants = !matches!(step.op, Op::Delete | Op::Forget);
            match &step.desired {
                None if wants => report(step, "lacks what is desired"),
                Some(_) if !wants => report(step, "deletes, and desires something all the same"),
                Some(desired) if desired.address != step.address => report(step, "desires another address"),
                Some(desired) if desired.type_name != step.type_name => report(step, "desires another type"),
                _ => {}
            }
            if (step.op == Op::Replace) != step.replace_order.is_some() {
                report(step, "has an order of replacement where there is none, or lacks it");
            }
            if matches!(step.op, Op::Update | Op::Replace | Op::None) && step.base.is_none() {
                report(step, "changes what it has not seen");
            }
        }
        findings
    }

    /// Kept steps that need a dropped one.
    fn missing(&self, state: Option<&State>) -> Vec<Diagnostic> {
        let ops: HashMap<&Address, Op> = self.steps.iter().map(|step| (&step.address, step.op)).collect();
        let record = |address: &Address| state.and_then(|state| state.resources.get(address));
        let mut findings = Vec::new();
        let mut report = |step: &Address, needed: &Address, why: &str| {
            findings.push(
                Diagnostic::new(P8002, format!("the step of `{step}` needs that of `{needed}`, which is not in the plan: {why}"))
                    .about(step)
                    .help(format!("keep the step of `{needed}`, or drop that of `{step}` as well")),
            );
        };
        for step in &self.steps {
            let wanted = step.desired.as_ref().map(|desired| desired.depends_on.as_slice()).unwrap_or_default();
            for need in wanted {
                let gone = matches!(ops.get(need), Some(Op::Delete | Op::Forget));
                match record(need) {
                    _ if gone => report(&step.address, need, "it is deleted instead"),
                    _ if ops.contains_key(need) => {}
                    None => report(&step.address, need, "it does not exist yet"),
                    Some(record) if record.status != Status::Ready => report(&step.address, need, "its last operation has not ended well"),
                    Some(_) => {}
                }
            }
            for value in step.desired.iter().flat_map(|desired| desired.properties.values()) {
                references(value, &mut |address, attribute| {
                    let dropped =
                        state.and_then(|state| state.resources.get_key_value(address)).filter(|(need, _)| !ops.contains_key(need));
                    if let Some((need, _)) = dropped.filter(|(_, record)| attribute_of(record, attribute).is_none()) {
                        report(&step.address, need, &format!("its `{attribute}` is not known yet"));
                    }
                });
            }
            for need in step.depends_on.iter().filter(|need| !wanted.contains(need) && !ops.contains_key(need)) {
                if record(need).is_some() && !matches!(step.op, Op::Delete | Op::Forget) {
                    report(&step.address, need, "it must be gone, or have let go, first");
                }
            }
        }
        for (user, record) in state.iter().flat_map(|state| &state.resources).filter(|(user, _)| !ops.contains_key(user)) {
            for held in edges::holds(record).filter(|need| matches!(ops.get(need), Some(Op::Delete | Op::Forget))) {
                report(held, user, "it still uses what is deleted");
            }
        }
        findings
    }

    /// Refuses steps that leave resources which need each other: the state of none may hold such a circle.
    fn check_what_is_left(&self, state: Option<&State>) -> Result<(), Error> {
        let mut edges: BTreeMap<&Address, &[Address]> =
            state.iter().flat_map(|state| &state.resources).map(|(address, record)| (address, record.depends_on.as_slice())).collect();
        for step in &self.steps {
            match &step.desired {
                Some(desired) => drop(edges.insert(&step.address, &desired.depends_on)),
                None => drop(edges.remove(&step.address)),
            }
        }
        let index: HashMap<&Address, usize> = edges.keys().enumerate().map(|(n, address)| (*address, n)).collect();
        let needs = edges.values().map(|needs| needs.iter().filter_map(|need| index.get(need).copied()).collect()).collect();
        let addresses: Vec<&Address> = edges.keys().copied().collect();
        let findings = Order::new(needs).circles().into_iter().map(|circle| {
            let mut path: Vec<&str> = circle.iter().map(|n| addresses[*n].as_str()).collect();
            path.push(path[0]);
            Diagnostic::new(P8007, format!("these steps would leave resources that need each other: {}", path.join(" → ")))
                .about(path[0])
                .help("keep the steps that let go of an edge, or plan again")
        });
        Error::check(findings.collect()).map(drop)
    }
}

/// What stands in the way of a step by itself. Protection is read from the state too, so that it cannot be edited away.
fn block(step: &Step, record: Option<&Record>) -> Option<super::Blocked> {
    if let Some(doing) = record.and_then(unfinished) {
        return Some(pending(&step.address, doing));
    }
    let protected = record.is_some_and(|record| record.protect) || step.desired.as_ref().is_some_and(|desired| desired.lifecycle.protect);
    match step.op {
        Op::Replace if protected => Some(protected_replacement(&step.address)),
        Op::Delete if protected => Some(protected_deletion(&step.address)),
        Op::Update => {
            let (record, desired) = record.zip(step.desired.as_ref())?;
            refused(&step.address, &transitions(&step.type_name, &record.properties, &desired.properties))
        }
        _ => None,
    }
}
