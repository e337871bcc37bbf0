//! `--on-failure rollback`: the steps of a run that were done, undone in reverse order.
//!
//! In: the plan, how its steps ended, the records as they were before. Out: a plan of inverses, and the steps that cannot be undone. What
//! was replaced and still stands is taken back instead of being made again.

use std::collections::{BTreeMap, BTreeSet};

use super::inverse;
use super::run::Inverse;
use crate::address::Address;
use crate::graph::Order;
use crate::plan::{Op, Plan, Step};
use crate::resource::{Lifecycle, ReplaceOrder, Resource, Tier};
use crate::state::{Record, State, Superseded, Touched};

/// What undoes a run.
#[derive(Debug)]
pub(super) struct Undoing {
    /// The inverses as a plan.
    pub(super) plan: Plan,
    /// Records to set first: old instances that still stand become the present ones again.
    pub(super) records: BTreeMap<Address, Option<Record>>,
    /// Steps that stay done.
    pub(super) skipped: Vec<Address>,
}

/// Makes the plan of inverses for the steps that took effect. What `failed` steps use stays: nobody knows how far they came.
pub(super) fn plan(
    plan: &Plan,
    done: &BTreeSet<&Address>,
    failed: &BTreeSet<&Address>,
    (before, now): (&State, &State),
    touched: &Touched,
) -> Undoing {
    let mut undoing = Undoing { plan: plan.clone(), records: BTreeMap::new(), skipped: Vec::new() };
    let unsure: BTreeSet<&Address> =
        plan.steps.iter().filter(|step| failed.contains(&step.address)).flat_map(|step| &step.depends_on).collect();
    let mut steps = Vec::new();
    for step in plan.steps.iter().filter(|step| done.contains(&step.address)) {
        let old = before.resources.get(&step.address);
        let present = now.resources.get(&step.address);
        if let Some(taken_back) = old.zip(present).and_then(|(old, present)| take_back(step, old, present, touched)) {
            let superseded = taken_back.superseded.clone();
            undoing.records.insert(step.address.clone(), Some(taken_back));
            if !unsure.contains(&step.address) {
                steps.push(Step { superseded, desired: None, ..undo(step, Op::None, "it is undone") });
            }
            continue;
        }
        match inverse::of_step(step, old) {
            None => {
                if let Some(old) = old.filter(|_| step.op == Op::None) {
                    undoing.records.insert(step.address.clone(), Some(old.clone()));
                }
            }
            Some(Inverse { lossy: true, .. }) => undoing.skipped.push(step.address.clone()),
            Some(Inverse { op: Op::Adopt, .. }) => {
                undoing.records.insert(step.address.clone(), old.cloned());
            }
            Some(inverse) => steps.push(of_inverse(step, &inverse, old, present)),
        }
    }
    loop {
        keep_what_is_used(&mut steps, &mut undoing, now);
        if !keep_out_of_circles(&mut steps, &mut undoing, now) {
            break;
        }
    }
    reverse(&mut steps, &plan.steps);
    undoing.plan.steps = steps;
    undoing
}

/// A resource stays when something that stays uses it.
fn keep_what_is_used(steps: &mut Vec<Step>, undoing: &mut Undoing, now: &State) {
    loop {
        let goes: BTreeSet<&Address> = steps.iter().filter(|step| step.op == Op::Delete).map(|step| &step.address).collect();
        let after = |address: &Address| -> Option<Vec<Address>> {
            let undone = steps.iter().find(|step| step.address == *address).and_then(|step| step.desired.as_ref());
            let set = undoing.records.get(address).and_then(Option::as_ref);
            let present = || now.resources.get(address).map(|record| record.depends_on.clone());
            undone.map(|desired| desired.depends_on.clone()).or_else(|| set.map(|record| record.depends_on.clone())).or_else(present)
        };
        let stays = now.resources.keys().filter(|address| !goes.contains(address));
        let used: BTreeSet<Address> = stays.filter_map(after).flatten().filter(|address| goes.contains(address)).collect();
        if used.is_empty() {
            return;
        }
        steps.retain(|step| !used.contains(&step.address));
        undoing.skipped.extend(used);
    }
}

/// Steps stay done when undoing them would leave resources that need each other, next to what stays as the run has made it: edges may have
/// turned round. Tells whether there were such.
fn keep_out_of_circles(steps: &mut Vec<Step>, undoing: &mut Undoing, now: &State) -> bool {
    let with_records = |edges: &mut BTreeMap<Address, Vec<Address>>| {
        for (address, record) in &undoing.records {
            match record {
                Some(record) => drop(edges.insert(address.clone(), record.depends_on.clone())),
                None => drop(edges.remove(address)),
            }
        }
    };
    let mut first: BTreeMap<Address, Vec<Address>> =
        now.resources.iter().map(|(address, record)| (address.clone(), record.depends_on.clone())).collect();
    with_records(&mut first);
    let mut last = first.clone();
    for step in &*steps {
        match &step.desired {
            Some(desired) => drop(last.insert(step.address.clone(), desired.depends_on.clone())),
            None if step.op == Op::Delete => drop(last.remove(&step.address)),
            None => {}
        }
    }
    let undone = |address: &Address| undoing.records.contains_key(address) || steps.iter().any(|step| step.address == *address);
    let kept: BTreeSet<Address> = [first, last].iter().flat_map(in_circles).filter(undone).collect();
    steps.retain(|step| !kept.contains(&step.address));
    undoing.records.retain(|address, _| !kept.contains(address));
    let found = !kept.is_empty();
    undoing.skipped.extend(kept);
    found
}

/// Resources on circles of edges.
fn in_circles(edges: &BTreeMap<Address, Vec<Address>>) -> Vec<Address> {
    let numbers: BTreeMap<&Address, usize> = edges.keys().enumerate().map(|(number, address)| (address, number)).collect();
    let addresses: Vec<&Address> = edges.keys().collect();
    let needs = edges.values().map(|needs| needs.iter().filter_map(|need| numbers.get(need).copied()).collect());
    Order::new(needs.collect()).circles().into_iter().flatten().map(|number| addresses[number].clone()).collect()
}

/// A create-first replacement whose old instance still stands: it is the present one again, and the new one is left over.
fn take_back(step: &Step, old: &Record, present: &Record, touched: &Touched) -> Option<Record> {
    if step.op != Op::Replace || old.identifier == present.identifier {
        return None;
    }
    let stands = present.superseded.iter().any(|left| Some(&left.identifier) == old.identifier.as_ref());
    let new = Superseded {
        identifier: present.identifier.clone()?,
        type_name: present.type_name.clone(),
        epoch: 0,
        generation: present.generation,
        nested: present.nested,
        depends_on: present.depends_on.clone(),
        partial: false,
    };
    let others = present.superseded.iter().filter(|left| Some(&left.identifier) != old.identifier.as_ref()).cloned();
    let superseded = others.chain([new]).collect();
    stands.then(|| Record { superseded, pending: None, updated: touched.clone(), ..old.clone() })
}

fn of_inverse(step: &Step, inverse: &Inverse, old: Option<&Record>, present: Option<&Record>) -> Step {
    let desired = old.map(|old| Resource {
        address: step.address.clone(),
        type_name: old.type_name.clone(),
        component: old.component.clone(),
        properties: old.properties.clone(),
        depends_on: old.depends_on.clone(),
        tier: step.desired.as_ref().map_or(Tier::Base, |desired| desired.tier),
        lifecycle: Lifecycle {
            protect: old.protect,
            retain_on_delete: old.retain,
            final_snapshot: old.final_snapshot,
            timeouts: step.desired.as_ref().map(|desired| desired.lifecycle.timeouts).unwrap_or_default(),
            ..Lifecycle::default()
        },
        naming: None,
        nested: old.nested,
        source: step.source.clone().unwrap_or_else(|| crate::diagnostic::Span::file("-")),
        places: BTreeMap::new(),
    });
    Step {
        identifier: present.and_then(|record| record.identifier.clone()),
        generation: old.map_or(0, |old| old.generation),
        replace_order: (inverse.op == Op::Replace).then_some(ReplaceOrder::DeleteFirst),
        desired: desired.filter(|_| !matches!(inverse.op, Op::Delete | Op::Forget)),
        ..undo(step, inverse.op, "it is undone")
    }
}

fn undo(step: &Step, op: Op, reason: &str) -> Step {
    Step {
        op,
        reason: reason.to_owned(),
        changes: Vec::new(),
        replace_order: None,
        depends_on: Vec::new(),
        blocked: None,
        superseded: Vec::new(),
        base: None,
        ..step.clone()
    }
}

/// What waited for a step, maybe by way of steps that stay done, is undone before it.
fn reverse(steps: &mut [Step], forwards: &[Step]) {
    let undone: BTreeSet<Address> = steps.iter().map(|step| step.address.clone()).collect();
    let waits: BTreeMap<&Address, &[Address]> = forwards.iter().map(|step| (&step.address, step.depends_on.as_slice())).collect();
    let mut needs: BTreeMap<&Address, BTreeSet<Address>> = BTreeMap::new();
    for step in forwards.iter().filter(|step| undone.contains(&step.address)) {
        let mut open: Vec<&Address> = step.depends_on.iter().collect();
        let mut seen = BTreeSet::new();
        while let Some(needed) = open.pop() {
            if undone.contains(needed) {
                needs.entry(needed).or_default().insert(step.address.clone());
            } else if seen.insert(needed) {
                open.extend(waits.get(needed).copied().unwrap_or_default());
            }
        }
    }
    for step in steps {
        step.depends_on = needs.remove(&step.address).unwrap_or_default().into_iter().collect();
    }
}
