//! Plans of small stacks, and an apply that is just enough to plan again.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Op, Options, Plan, Scope, Step, attribute_of, diff, plain, resolve, resolve_all};
use crate::account::{Account, EngineKind};
use crate::address::Address;
use crate::catalog::{catalog, known};
use crate::graph::sample::{graph, queue, resource};
use crate::graph::{Graph, Order};
use crate::resource::{ReplaceOrder, Resource};
use crate::state::{Record, State, Status, Superseded, Touched, recorded};

mod cascades;
mod deletes;
mod documented;
mod documents;
mod edits;
mod fields;
mod properties;
mod replacements;
mod selections;
mod turned;
mod updates;

pub(crate) fn options() -> Options {
    Options { engine: EngineKind::Local, account: Account::new(Some("000000000000"), "eu-west-1"), ..Options::default() }
}

pub(crate) fn plan(graph: &Graph, state: &State) -> Plan {
    diff(graph, Some(state), &options()).unwrap()
}

/// A plan of the resources against what applying the others left.
pub(crate) fn change(before: impl IntoIterator<Item = Resource>, after: impl IntoIterator<Item = Resource>) -> Plan {
    plan(&graph(after), &state_of(before))
}

/// The state after a first apply.
pub(crate) fn state_of(resources: impl IntoIterator<Item = Resource>) -> State {
    let empty = State::empty("shop", "dev", "lineage-1");
    applied(&plan(&graph(resources), &empty), empty)
}

fn steps(plan: &Plan) -> Vec<(&str, Op)> {
    plan.steps.iter().map(|step| (step.address.as_str(), step.op)).collect()
}

fn step<'p>(plan: &'p Plan, address: &str) -> &'p Step {
    plan.steps.iter().find(|step| step.address.as_str() == address).unwrap_or_else(|| panic!("no step of {address}: {:?}", steps(plan)))
}

fn paths(step: &Step) -> Vec<&str> {
    step.changes.iter().map(|change| change.path.as_str()).collect()
}

fn needs<'p>(plan: &'p Plan, address: &str) -> Vec<&'p str> {
    step(plan, address).depends_on.iter().map(Address::as_str).collect()
}

struct Now<'a>(&'a State);

impl Scope for Now<'_> {
    fn attribute(&self, address: &str, attribute: &str) -> Option<Cow<'_, Value>> {
        attribute_of(self.0.resources.get(address)?, attribute)
    }

    fn fact(&self, name: &str) -> Option<Cow<'_, str>> {
        Some(match name {
            "account" => "000000000000".into(),
            "region" => "eu-west-1".into(),
            "partition" => "aws".into(),
            _ => "amazonaws.com".into(),
        })
    }
}

/// Carries out all steps that are not blocked, in the order of their edges.
pub(crate) fn applied(plan: &Plan, mut state: State) -> State {
    let index: BTreeMap<&Address, usize> = plan.steps.iter().enumerate().map(|(n, step)| (&step.address, n)).collect();
    let order = Order::new(plan.steps.iter().map(|step| step.depends_on.iter().map(|need| index[need]).collect()).collect());
    state.serial += 1;
    let mut done = 0;
    for n in order.waves().into_iter().flatten() {
        let step = &plan.steps[n];
        done += 1;
        if step.blocked.is_some() {
            continue;
        }
        carry_out(step, &mut state);
    }
    assert_eq!(done, plan.steps.len(), "a circle among steps");
    state.outputs = plan.outputs.iter().map(|(name, value)| (name.clone(), plain(resolve(value, &Now(&state))))).collect();
    state
}

fn carry_out(step: &Step, state: &mut State) {
    match step.op {
        Op::Delete | Op::Forget => drop(state.resources.remove(&step.address)),
        _ => {
            let record = made(step, state);
            state.resources.insert(step.address.clone(), record);
        }
    }
}

fn made(step: &Step, state: &State) -> Record {
    let desired = step.desired.as_ref().unwrap();
    let before = state.resources.get(&step.address);
    let info = catalog().get(&desired.type_name);
    let resolved = resolve_all(&desired.properties, &Now(state));
    assert!(!resolved.values().any(super::is_unknown), "{}: {resolved:?}", step.address);
    let fresh = matches!(step.op, Op::Create | Op::Replace);
    let identifier = if fresh { format!("{}-{}", step.address, state.serial) } else { before.unwrap().identifier.clone().unwrap() };
    let attributes = info
        .iter()
        .flat_map(|info| info.attributes().into_iter().filter(|name| info.attribute(name).is_ok_and(|found| found.read_only)))
        .map(|name| {
            let known = known(&desired.type_name, &resolved, &name).map(|value| plain(resolve(&value, &Now(state))));
            (name.clone(), known.unwrap_or_else(|| json!(format!("{identifier}:{name}"))))
        })
        .collect();
    let touched = Touched { at: "2026-01-01T00:00:00Z".into(), run: format!("run-{}", state.serial) };
    Record {
        type_name: desired.type_name.clone(),
        component: desired.component.clone(),
        identifier: Some(identifier),
        status: Status::Ready,
        partial: false,
        properties: recorded(&resolved, info, &state.lineage),
        attributes,
        depends_on: desired.depends_on.clone(),
        protect: desired.lifecycle.protect,
        retain: desired.lifecycle.retain_on_delete,
        final_snapshot: desired.lifecycle.final_snapshot,
        nested: desired.nested,
        generation: step.generation,
        pending: None,
        superseded: Vec::new(),
        created: touched.clone(),
        updated: touched,
    }
}

fn record<'s>(state: &'s mut State, address: &str) -> &'s mut Record {
    state.resources.get_mut(address).unwrap()
}
