//! The program of a plan: the desired form of what its steps change, the recorded form of everything else.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::names;
use crate::address::Address;
use crate::catalog::catalog;
use crate::diagnostic::{Span, escape};
use crate::plan::{Op, Plan, Replace, Step};
use crate::resource::{Form, Lifecycle, Resource, Tier, TypeName};
use crate::schema::Place;
use crate::state::{Record, State};

/// What a plan leaves, and what it touches.
pub(super) struct Planned {
    /// All resources that are there when the plan is done, sorted by address.
    pub(super) resources: Vec<Resource>,
    /// Resources that the plan takes over as they are, by the identifier in AWS.
    pub(super) adopted: Vec<(Address, String)>,
    /// Changes that the plan replaces for, as JSON pointers.
    pub(super) replacing: Vec<(Address, String)>,
    /// The URN of every step, sorted; none when the plan touches all there is.
    pub(super) targets: Option<Vec<String>>,
    /// URNs of what the plan replaces though no change of it asks for that, sorted.
    pub(super) forced: Vec<String>,
}

impl Planned {
    pub(super) fn new<'p>(plan: &'p Plan, state: Option<&State>) -> Self {
        let records = || state.iter().flat_map(|state| &state.resources);
        let touched: BTreeSet<&Address> = plan.steps.iter().map(|step| &step.address).collect();
        let rest = records().filter(|(address, record)| !touched.contains(address) && record.identifier.is_some());
        let mut resources: Vec<Resource> = rest.map(|(address, record)| recorded(plan, address, record)).collect();
        let partial = !resources.is_empty();
        resources.extend(plan.steps.iter().filter_map(|step| step.desired.clone()));
        resources.sort_unstable_by(|a, b| a.address.cmp(&b.address));
        let urn = |step: &Step| {
            let record = state.and_then(|state| state.resources.get(&step.address));
            let nested = step.desired.as_ref().map_or_else(|| record.is_some_and(|record| record.nested), |desired| desired.nested);
            urn(plan, &step.type_name, nested, &step.address)
        };
        let urns = |wanted: &dyn Fn(&Step) -> bool| {
            let mut urns: Vec<String> = plan.steps.iter().filter(|step| wanted(step)).map(urn).collect();
            urns.sort_unstable();
            urns
        };
        let forcing = |step: &'p Step| step.changes.iter().filter(|change| change.replace != Replace::No);
        let adopted = plan.steps.iter().filter(|step| step.op == Op::Adopt);
        let replacing = plan.steps.iter().filter(|step| step.op == Op::Replace);
        let targets = urns(&|_| true);
        let forced = plan.steps.iter().filter(|step| step.op == Op::Replace && forcing(step).next().is_none());
        let forced: BTreeSet<&Address> = forced.map(|step| &step.address).collect();
        Self {
            forced: urns(&|step| forced.contains(&step.address)),
            replacing: replacing.flat_map(|step| forcing(step).map(|change| (step.address.clone(), change.path.clone()))).collect(),
            resources,
            adopted: adopted.filter_map(|step| Some((step.address.clone(), step.identifier.clone()?))).collect(),
            targets: partial.then_some(targets),
        }
    }
}

/// The name of a resource in Pulumi: `urn:pulumi:<stack>::<project>::<type>::<name>`.
fn urn(plan: &Plan, type_name: &TypeName, nested: bool, address: &Address) -> String {
    let token = if nested { super::nested::TOKEN.to_owned() } else { names::token(type_name) };
    format!("urn:pulumi:{}::{}::{token}::{}", plan.environment, plan.stack, names::logical(address))
}

/// A resource as the state has it. Of a value that nobody may read the state has only a digest: Pulumi keeps what it has there.
fn recorded(plan: &Plan, address: &Address, record: &Record) -> Resource {
    let mut properties = record.properties.clone();
    let mut digests = Vec::new();
    let root = catalog().get(&record.type_name).map(|info| info.schema().root());
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

/// Takes digests out of a map, but those of fields that the schema requires, and collects the pointers of all.
fn leave_out(map: &mut Map<String, Value>, place: Option<Place<'_>>, pointer: &str, digests: &mut Vec<String>) {
    let required = place.map(Place::required).unwrap_or_default();
    map.retain(|key, value| {
        let here = format!("{pointer}/{}", escape(key));
        keep(value, place.and_then(|place| place.field(key)), &here, digests) || required.contains(&key.as_str())
    });
}

/// Tells whether a value is no digest, and does the same below it.
fn keep(value: &mut Value, place: Option<Place<'_>>, pointer: &str, digests: &mut Vec<String>) -> bool {
    if matches!(Form::of(value), Form::Sensitive(_)) {
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
