//! The edges between the steps of a plan.
//!
//! Some hold always. A step waits for the steps of what its resource needs, and for those that let go of an edge further down: edges of the old
//! state and of the new graph must never stand in one state as a circle, however far a run comes. A delete waits for the deletes of what holds
//! the resource, by the edges that the state recorded of it, and so does a replacement that deletes first. These make no circle: the
//! former follow the graph, the latter the recorded edges, and no delete waits for anything but deletes.
//!
//! Others are wishes, granted in this order as far as they make no circle: a create waits for the delete of a resource whose identity it
//! takes over; a delete, and a delete-first replacement, wait for the steps that let go of the resource. Where edges turn round between two
//! applies not all can be had: then a delete comes before the update that lets go.
//!
//! The halves of a replacement are ordered by [`super::nodes`]: the old instance of a create-first one goes after the steps that depend on
//! the resource. What cannot be had there is taken out here, so that the plan says how it will be run.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;

use super::nodes::{Nodes, goes, nodes};
use super::resolve::{Scope, attribute_of, is_unknown, resolve};
use super::{Op, Step};
use crate::address::Address;
use crate::catalog::catalog;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::apply::P8002;
use crate::graph::Order;
use crate::resource::{Properties, ReplaceOrder};
use crate::state::{Record, State, recorded_property};

/// A step, and another that is to be in the plan with it although it cannot wait for it, by number.
pub(super) type Bond = (usize, usize);

/// Sets `depends_on` of all steps, which must be sorted by address, and deletes first where nothing else is possible. Gives back the wishes
/// that were not granted, since such steps come in another order, and still none of them is right without the other; and the nodes.
pub(super) fn settle(steps: &mut [Step], state: Option<&State>) -> (Vec<Bond>, Nodes) {
    loop {
        let mut bonds = connect(steps, state);
        let taken_apart = nodes(steps, state);
        let mut turned = false;
        for step in taken_apart.delete_first.iter().copied() {
            let step = &mut steps[step];
            if step.replace_order != Some(ReplaceOrder::DeleteFirst) {
                step.replace_order = Some(ReplaceOrder::DeleteFirst);
                step.reason.push_str("; the old one has to go first");
                turned = true;
            }
        }
        if turned {
            continue;
        }
        for (step, other) in &taken_apart.refused {
            let other = steps[*other].address.clone();
            steps[*step].depends_on.retain(|need| *need != other);
        }
        bonds.extend(&taken_apart.refused);
        return (bonds, taken_apart);
    }
}

/// The steps by address.
pub(super) fn numbers(steps: &[Step]) -> HashMap<&Address, usize> {
    steps.iter().enumerate().map(|(n, step)| (&step.address, n)).collect()
}

fn connect(steps: &mut [Step], state: Option<&State>) -> Vec<Bond> {
    let index = numbers(steps);
    let mut needs = lets_go_below(steps, state, &index);
    for (needs, step) in needs.iter_mut().zip(&*steps) {
        needs.extend(wanted(step).iter().filter_map(|need| index.get(need).copied()).filter(|n| counts(&steps[*n], state)));
    }
    let Some(state) = state else {
        write(steps, needs);
        return Vec::new();
    };

    let mut wishes = taken_over(steps, state, &index);
    let mut room = Vec::new();
    let makes_room = |n: usize| steps[n].op == Op::Replace && steps[n].replace_order == Some(ReplaceOrder::DeleteFirst);
    if (0..steps.len()).any(|n| goes(&steps[n]) || makes_room(n)) {
        for (user, step) in steps.iter().enumerate() {
            let Some(record) = state.resources.get(&step.address) else { continue };
            for (nth, held) in holds(record).enumerate().filter_map(|(nth, need)| Some((nth, index.get(need).copied()?))) {
                let with_present = nth < record.depends_on.len() && goes(step);
                match (goes(&steps[held]), makes_room(held)) {
                    (true, _) | (_, true) if with_present => needs[held].push(user),
                    (true, _) => wishes.push((held, user)),
                    (_, true) if lets_go(step, &steps[held].address) => room.push((held, user)),
                    _ => {}
                }
            }
        }
    }
    wishes.append(&mut room);
    let (order, refused) = Order::new(needs).grant(&wishes);
    write(steps, order.into_needs());
    refused
}

/// Tells whether a step is waited for by those that need its resource. One that only notes something is not, unless that is an edge less.
fn counts(step: &Step, state: Option<&State>) -> bool {
    step.op != Op::None || loosens(step, state)
}

/// Tells whether a resource that stays loses an edge.
fn loosens(step: &Step, state: Option<&State>) -> bool {
    let record = state.and_then(|state| state.resources.get(&step.address));
    record.is_some_and(|record| !goes(step) && record.depends_on.iter().any(|need| !wanted(step).contains(need)))
}

/// For each step, those that take an edge from what its resource needs indirectly, by way of resources that it does not wait for.
pub(super) fn lets_go_below(steps: &[Step], state: Option<&State>, index: &HashMap<&Address, usize>) -> Vec<Vec<usize>> {
    let mut below = vec![Vec::new(); steps.len()];
    let loosening: Vec<bool> = steps.iter().map(|step| loosens(step, state)).collect();
    if !loosening.contains(&true) {
        return below;
    }
    for (n, step) in steps.iter().enumerate() {
        let waited_for = |need: &Address| index.get(need).is_some_and(|n| counts(&steps[*n], state));
        let mut open: Vec<&Address> = wanted(step).iter().filter(|need| !waited_for(need)).collect();
        let mut seen: HashSet<&Address> = open.iter().copied().collect();
        while let Some(address) = open.pop() {
            let recorded = || state.and_then(|state| state.resources.get(address)).map_or(&[][..], |record| &record.depends_on);
            for need in index.get(address).map_or_else(recorded, |n| wanted(&steps[*n])) {
                match index.get(need) {
                    Some(other) if loosening[*other] => below[n].push(*other),
                    _ if seen.insert(need) => open.push(need),
                    _ => {}
                }
            }
        }
    }
    below
}

/// The edges of a step's resource in the graph.
fn wanted(step: &Step) -> &[Address] {
    step.desired.as_ref().map_or(&[], |desired| &desired.depends_on)
}

/// What a resource and the old instances of it depend on.
pub(super) fn holds(record: &Record) -> impl Iterator<Item = &Address> {
    record.depends_on.iter().chain(record.superseded.iter().flat_map(|old| &old.depends_on))
}

/// Resources without a step that hold an instance which a replacement deletes: AWS would refuse that delete for as long as they do.
///
/// An edge alone does not hold: the resource must name the instance, by its identifier or an attribute of it.
pub(super) fn left_holding(steps: &[Step], state: &State) -> Vec<Diagnostic> {
    let own = numbers(steps);
    let replaced: Vec<(&Address, &Record)> = steps
        .iter()
        .filter(|step| step.op == Op::Replace && step.blocked.is_none())
        .filter_map(|step| state.resources.get_key_value(&step.address))
        .filter(|(_, record)| !record.retain && record.identifier.is_some())
        .collect();
    if replaced.is_empty() {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (user, record) in state.resources.iter().filter(|(user, _)| !own.contains_key(user)) {
        for (held, old) in replaced.iter().filter(|(held, _)| record.depends_on.contains(held)) {
            if names_instance(record, old) {
                findings.push(
                    Diagnostic::new(
                        P8002,
                        format!("`{held}` is replaced, and `{user}`, which is left out, still uses the instance that goes"),
                    )
                    .about(held)
                    .help(format!("take `{user}` in as well, or leave `{held}` out")),
                );
            }
        }
    }
    findings
}

/// Tells whether the properties of a resource name another: its identifier, or an attribute that is a text.
fn names_instance(user: &Record, old: &Record) -> bool {
    let known: HashSet<&str> = old.identifier.iter().map(String::as_str).chain(old.attributes.values().filter_map(Value::as_str)).collect();
    let mut open: Vec<&Value> = user.properties.values().collect();
    while let Some(value) = open.pop() {
        match value {
            Value::String(text) if known.contains(text.as_str()) => return true,
            Value::Array(items) => open.extend(items),
            Value::Object(map) => open.extend(map.values()),
            _ => {}
        }
    }
    false
}

/// Tells whether a step ends its resource's hold on another, instead of passing it on to a new instance.
fn lets_go(step: &Step, held: &Address) -> bool {
    match step.op {
        Op::Delete | Op::Forget => true,
        Op::Create | Op::Adopt => false,
        Op::Update | Op::None | Op::Replace => step.desired.as_ref().is_some_and(|desired| !desired.depends_on.contains(held)),
    }
}

/// Creates and updates that take the identity of a resource that is deleted: one that moved to another address, a priority that gets free.
fn taken_over(steps: &[Step], state: &State, index: &HashMap<&Address, usize>) -> Vec<(usize, usize)> {
    let mut leaving: BTreeMap<(&str, Identity), usize> = BTreeMap::new();
    let present = Present { steps, state, index };
    for (n, step) in steps.iter().enumerate().filter(|(_, step)| step.op == Op::Delete) {
        let Some(record) = state.resources.get(&step.address) else { continue };
        for identity in identities(&record.type_name, &record.properties, &present) {
            leaving.insert((record.type_name.as_str(), identity), n);
        }
    }
    if leaving.is_empty() {
        return Vec::new();
    }
    let mut waits = Vec::new();
    for (n, step) in steps.iter().enumerate().filter(|(_, step)| matches!(step.op, Op::Create | Op::Update)) {
        let Some(desired) = &step.desired else { continue };
        let identities = identities(&desired.type_name, &desired.properties, &present);
        waits.extend(identities.into_iter().filter_map(|identity| Some((n, *leaving.get(&(desired.type_name.as_str(), identity))?))));
    }
    waits
}

/// What names a resource in AWS: properties and their values as text.
pub(super) type Identity = Vec<(String, Option<String>)>;

/// The primary identifier and the name, where all of their parts are given, and the natural key, where all that is given is known.
pub(super) fn identities(type_name: &str, properties: &Properties, present: &Present<'_>) -> Vec<Identity> {
    let Some(info) = catalog().get(type_name) else { return Vec::new() };
    let part = |name: &str| {
        let Some(value) = properties.get(name) else { return Some((name.to_owned(), None)) };
        // What is never read is compared as it is recorded.
        let value = recorded_property(name, &resolve(value, present), Some(info), &present.state.lineage);
        (!is_unknown(&value)).then(|| (name.to_owned(), Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))))
    };
    let primary: Option<Identity> = info.primary_identifier().iter().map(|pointer| part(pointer.strip_prefix('/')?)).collect();
    let natural: Option<Identity> = info.natural_key().iter().map(|name| part(name)).collect();
    let named: Option<Identity> = info.named_by().iter().map(|name| part(name)).collect();
    let whole = [primary, named].into_iter().flatten().filter(|parts| !parts.is_empty() && parts.iter().all(|(_, value)| value.is_some()));
    let given = natural.filter(|parts| parts.iter().any(|(_, value)| value.is_some()));
    whole.chain(given).collect()
}

/// What is known of the resources that stay as they are.
pub(super) struct Present<'a> {
    pub(super) steps: &'a [Step],
    pub(super) state: &'a State,
    pub(super) index: &'a HashMap<&'a Address, usize>,
}

impl Scope for Present<'_> {
    fn attribute(&self, address: &str, attribute: &str) -> Option<Cow<'_, Value>> {
        let (address, record) = self.state.resources.get_key_value(address)?;
        let stays = self.index.get(address).is_none_or(|n| matches!(self.steps[*n].op, Op::Update | Op::None));
        attribute_of(record, attribute).filter(|_| stays)
    }

    fn fact(&self, _: &str) -> Option<Cow<'_, str>> {
        None
    }
}

fn write(steps: &mut [Step], needs: Vec<Vec<usize>>) {
    let addresses: Vec<Address> = steps.iter().map(|step| step.address.clone()).collect();
    for (step, mut needs) in steps.iter_mut().zip(needs) {
        needs.sort_unstable();
        needs.dedup();
        step.depends_on = needs.into_iter().map(|n| addresses[n].clone()).collect();
    }
}
