//! The edges between the steps of a plan.
//!
//! A step waits for the steps of what its resource needs. A delete waits for every step that lets go of the resource, by the edges that the
//! state recorded. A delete-first replacement also waits for the steps that let go of the old instance for good, and a create for the
//! delete of a resource whose identity it takes over, where that makes no circle. The halves of a replacement are ordered by apply: the
//! old instance of a create-first one goes after the steps that depend on the resource.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Op, Step};
use crate::address::Address;
use crate::catalog::catalog;
use crate::resource::ReplaceOrder;
use crate::state::{Record, State};

/// Sets `depends_on` of all steps, which must be sorted by address.
pub(super) fn connect(steps: &mut [Step], state: Option<&State>) {
    let index: HashMap<Address, usize> = steps.iter().enumerate().map(|(n, step)| (step.address.clone(), n)).collect();
    let mut needs: Vec<Vec<usize>> = steps
        .iter()
        .map(|step| {
            let wanted = step.desired.iter().flat_map(|resource| &resource.depends_on);
            wanted.filter_map(|need| index.get(need).copied()).filter(|n| steps[*n].op != Op::None).collect()
        })
        .collect();
    let Some(state) = state else { return write(steps, needs) };

    let mut optional = Vec::new();
    let goes = |n: usize| matches!(steps[n].op, Op::Delete | Op::Forget);
    let makes_room = |n: usize| steps[n].op == Op::Replace && steps[n].replace_order == Some(ReplaceOrder::DeleteFirst);
    if (0..steps.len()).any(|n| goes(n) || makes_room(n)) {
        for (user, step) in steps.iter().enumerate() {
            let Some(record) = state.resources.get(&step.address) else { continue };
            for held in holds(record).filter_map(|need| index.get(need).copied()) {
                if goes(held) {
                    needs[held].push(user);
                } else if makes_room(held) && lets_go(step, &steps[held].address) {
                    optional.push((held, user));
                }
            }
        }
    }
    optional.extend(taken_over(steps, state));
    for (from, to) in optional {
        if !reaches(&needs, to, from) {
            needs[from].push(to);
        }
    }
    write(steps, needs);
}

/// What a resource and the old instances of it depend on.
pub(super) fn holds(record: &Record) -> impl Iterator<Item = &Address> {
    record.depends_on.iter().chain(record.superseded.iter().flat_map(|old| &old.depends_on))
}

/// Tells whether a step ends its resource's hold on another, instead of passing it on to a new instance.
fn lets_go(step: &Step, held: &Address) -> bool {
    match step.op {
        Op::Delete | Op::Forget => true,
        Op::Create | Op::Adopt => false,
        Op::Update | Op::None | Op::Replace => step.desired.as_ref().is_some_and(|desired| !desired.depends_on.contains(held)),
    }
}

/// Creates that take the identity of a resource that is deleted: one that moved to another address.
fn taken_over(steps: &[Step], state: &State) -> Vec<(usize, usize)> {
    let mut leaving: BTreeMap<(&str, Vec<String>), usize> = BTreeMap::new();
    for (n, step) in steps.iter().enumerate().filter(|(_, step)| step.op == Op::Delete) {
        let Some(record) = state.resources.get(&step.address) else { continue };
        if let Some(identity) = identity(&record.type_name, &record.properties) {
            leaving.insert((record.type_name.as_str(), identity), n);
        }
    }
    if leaving.is_empty() {
        return Vec::new();
    }
    let creates = steps.iter().enumerate().filter(|(_, step)| step.op == Op::Create);
    creates
        .filter_map(|(n, step)| {
            let desired = step.desired.as_ref()?;
            let identity = identity(&desired.type_name, &desired.properties)?;
            Some((n, *leaving.get(&(desired.type_name.as_str(), identity))?))
        })
        .collect()
}

/// The parts of a primary identifier, where all of them are given as text.
fn identity(type_name: &str, properties: &crate::resource::Properties) -> Option<Vec<String>> {
    let parts = catalog().get(type_name)?.primary_identifier();
    parts.iter().map(|part| Some(properties.get(part.strip_prefix('/')?)?.as_str()?.to_owned())).collect()
}

fn reaches(needs: &[Vec<usize>], from: usize, to: usize) -> bool {
    let mut seen = HashSet::new();
    let mut open = vec![from];
    while let Some(n) = open.pop() {
        if n == to {
            return true;
        }
        if seen.insert(n) {
            open.extend(&needs[n]);
        }
    }
    false
}

fn write(steps: &mut [Step], needs: Vec<Vec<usize>>) {
    let addresses: Vec<Address> = steps.iter().map(|step| step.address.clone()).collect();
    for (step, mut needs) in steps.iter_mut().zip(needs) {
        needs.sort_unstable();
        needs.dedup();
        step.depends_on = needs.into_iter().map(|n| addresses[n].clone()).collect();
    }
}
