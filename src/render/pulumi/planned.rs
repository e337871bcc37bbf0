//! The program of a plan: the desired form of what its steps change, the recorded form of everything else.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::names;
use crate::address::Address;
use crate::catalog::catalog;
use crate::diagnostic::{Span, escape};
use crate::plan::{Change, Op, Plan, Replace, Step};
use crate::resource::{Form, Lifecycle, ReplaceOrder, Resource, Tier, TypeName};
use crate::schema::Place;
use crate::state::{Record, State};

/// What a plan leaves, and what it touches.
#[derive(Debug)]
pub(super) struct Planned {
    /// All resources that are there when the plan is done, sorted by address.
    pub(super) resources: Vec<Resource>,
    /// Resources that the plan takes over as they are: their identifier in AWS.
    pub(super) adopted: BTreeMap<Address, String>,
    /// Changes that the plan replaces for, as JSON pointers.
    pub(super) replacing: BTreeMap<Address, Vec<String>>,
    /// Resources that steps leave, with the order of their replacement.
    pub(super) orders: BTreeMap<Address, Option<ReplaceOrder>>,
    /// The URN of every step, sorted; none when the plan touches all there is.
    pub(super) targets: Option<Vec<String>>,
    /// URNs of what the plan replaces though nothing that changes asks for that, sorted.
    pub(super) forced: Vec<String>,
    /// URNs of what the plan lets go of though it is protected, sorted.
    pub(super) unprotect: Vec<String>,
}

impl Planned {
    pub(super) fn new(plan: &Plan, state: Option<&State>) -> Self {
        // What cannot run stays as it is.
        let steps = || plan.steps.iter().filter(|step| step.blocked.is_none());
        let record = |step: &Step| state.and_then(|state| state.resources.get(&step.address));
        let touched: BTreeSet<&Address> = steps().map(|step| &step.address).collect();
        let records = state.iter().flat_map(|state| &state.resources);
        let rest = records.filter(|(address, record)| !touched.contains(address) && record.identifier.is_some());
        let mut resources: Vec<Resource> = rest.map(|(address, record)| recorded(plan, address, record)).collect();
        let partial = !resources.is_empty();
        resources.extend(steps().filter_map(|step| step.desired.clone()));
        resources.sort_unstable_by(|a, b| a.address.cmp(&b.address));
        let urns = |wanted: &dyn Fn(&Step) -> bool| {
            let urn = |step: &Step| {
                let nested =
                    step.desired.as_ref().map_or_else(|| record(step).is_some_and(|record| record.nested), |desired| desired.nested);
                urn(plan, &step.type_name, nested, &step.address)
            };
            let mut urns: Vec<String> = steps().filter(|step| wanted(step)).map(urn).collect();
            urns.sort_unstable();
            urns
        };
        let renamed = |step: &Step| {
            let named = step.desired.as_ref().is_some_and(|desired| desired.naming.is_some());
            named && record(step).is_some_and(|record| record.generation != step.generation)
        };
        let replaced = || steps().filter(|step| step.op == Op::Replace);
        let leaving = |step: &Step| step.desired.is_none() && record(step).is_some_and(|record| record.protect);
        Self {
            adopted: steps()
                .filter(|step| step.op == Op::Adopt)
                .filter_map(|step| Some((step.address.clone(), step.identifier.clone()?)))
                .collect(),
            replacing: replaced().map(|step| (step.address.clone(), forcing(step).map(|change| change.path.clone()).collect())).collect(),
            orders: steps().filter(|step| step.desired.is_some()).map(|step| (step.address.clone(), step.replace_order)).collect(),
            targets: partial.then(|| urns(&|_| true)),
            forced: urns(&|step| step.op == Op::Replace && !renamed(step) && forcing(step).next().is_none()),
            unprotect: urns(&leaving),
            resources,
        }
    }
}

/// The changes of a step for which the resource is replaced.
fn forcing(step: &Step) -> impl Iterator<Item = &Change> {
    step.changes.iter().filter(|change| change.replace != Replace::No)
}

/// The name of a resource in Pulumi: `urn:pulumi:<stack>::<project>::<type>::<name>`.
fn urn(plan: &Plan, type_name: &TypeName, nested: bool, address: &Address) -> String {
    let token = if nested { super::nested::TOKEN.to_owned() } else { names::token(type_name) };
    format!("urn:pulumi:{}::{}::{token}::{}", plan.environment, plan.stack, names::logical(address))
}

/// A resource as the state has it. Of a value that nobody may read the state has only a digest, or which secret it is: Pulumi keeps what it has there,
/// and no secret is read for what stays as it is.
fn recorded(plan: &Plan, address: &Address, record: &Record) -> Resource {
    let mut properties = record.properties.clone();
    let mut digests = Vec::new();
    let info = catalog().get(&record.type_name);
    let root = info.map(|info| info.schema().root());
    let required = root.map(Place::required).unwrap_or_default();
    // Of a value that is never read, a part says nothing.
    properties.retain(|name, value| {
        let pointer = format!("/{}", escape(name));
        let hidden = info.is_some_and(|info| info.is_write_only(&pointer)) && hides(value) && !required.contains(&name.as_str());
        if hidden {
            digests.push(pointer);
        }
        !hidden
    });
    leave_out(&mut properties, root, "", &mut digests);
    Resource {
        address: address.clone(),
        type_name: record.type_name.clone(),
        component: record.component.clone(),
        properties,
        depends_on: record.depends_on.clone(),
        tier: Tier::Base,
        lifecycle: Lifecycle { protect: record.protect, retain_on_delete: record.retain, ignore_changes: digests, ..Lifecycle::default() },
        naming: None,
        nested: record.nested,
        source: Span::file(format!("{}/{}", plan.stack, plan.environment)),
        places: BTreeMap::new(),
    }
}

/// Tells whether there is a digest or a secret in a value.
fn hides(value: &Value) -> bool {
    match value {
        _ if matches!(Form::of(value), Form::Sensitive(_) | Form::Secret(_)) => true,
        Value::Object(map) => map.values().any(hides),
        Value::Array(items) => items.iter().any(hides),
        _ => false,
    }
}

/// Takes digests and secrets out of a map, but those of fields that the schema requires, and collects the pointers of all.
fn leave_out(map: &mut Map<String, Value>, place: Option<Place<'_>>, pointer: &str, digests: &mut Vec<String>) {
    let required = place.map(Place::required).unwrap_or_default();
    map.retain(|key, value| {
        let here = format!("{pointer}/{}", escape(key));
        keep(value, place.and_then(|place| place.field(key)), &here, digests) || required.contains(&key.as_str())
    });
}

/// Tells whether a value is no digest and no secret, and does the same below it.
fn keep(value: &mut Value, place: Option<Place<'_>>, pointer: &str, digests: &mut Vec<String>) -> bool {
    if matches!(Form::of(value), Form::Sensitive(_) | Form::Secret(_)) {
        digests.push(pointer.to_owned());
        return false;
    }
    match value {
        Value::Object(map) => leave_out(map, place, pointer, digests),
        // Items keep their numbers.
        Value::Array(items) => items.iter_mut().enumerate().for_each(|(number, item)| {
            keep(item, place.and_then(|place| names::item(place, number)), &format!("{pointer}/{number}"), digests);
        }),
        _ => {}
    }
    true
}
