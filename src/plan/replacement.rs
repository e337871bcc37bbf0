//! How a resource is replaced: in which order, and under which name.

use std::borrow::Cow;

use serde_json::Value;

use super::decide::Decider;
use super::knowledge::Knowledge;
use super::resolve::{is_unknown, resolve};
use super::{Change, Replace};
use crate::catalog::{ReplacementStrategy, TypeInfo};
use crate::resource::{Properties, ReplaceOrder, Resource, references};
use crate::state::{Record, recorded_property};

/// Name of the rule behind a new physical name that makes room for a second instance.
pub(super) const GENERATION: &str = "generation";

/// Types of which a second instance with the same name is a new revision: their names never need to move on.
const REVISIONED: [&str; 2] = ["AWS::Batch::JobDefinition", "AWS::ECS::TaskDefinition"];

impl Decider<'_> {
    /// The order of a replacement: what the schema says, else what the manifest says, as far as two instances can stand side by side.
    pub(super) fn order(
        &self,
        number: usize,
        (resource, record, info): (&Resource, &Record, Option<&TypeInfo>),
        wanted: &Properties,
    ) -> ReplaceOrder {
        let delete_first = match info.and_then(TypeInfo::replacement_strategy) {
            Some(strategy) => strategy == ReplacementStrategy::DeleteThenCreate,
            None => resource.lifecycle.replace == ReplaceOrder::DeleteFirst,
        };
        if delete_first || record.partial || self.makes_way(number) || self.is_unique(resource, record, info, wanted) {
            ReplaceOrder::DeleteFirst
        } else {
            ReplaceOrder::CreateFirst
        }
    }

    /// Tells whether the old instance holds one that is deleted first itself, and so must go before it.
    fn makes_way(&self, number: usize) -> bool {
        let mut found = false;
        for value in self.knowledge.graph.resources[number].properties.values() {
            references(value, &mut |address, _| {
                found |= self.knowledge.number(address).is_some_and(|n| self.orders[n] == Some(ReplaceOrder::DeleteFirst));
            });
        }
        found
    }

    /// Tells whether a second instance would be in the way of the first: by its identifier, or by what names such a thing in AWS.
    fn is_unique(&self, resource: &Resource, record: &Record, info: Option<&TypeInfo>, wanted: &Properties) -> bool {
        let Some(info) = info.filter(|_| record.type_name == resource.type_name) else { return false };
        let renamed = |pointer: &str| can_be_renamed(resource, wanted, record.generation).is_some_and(|name| pointer[1..] == *name);
        let equal = |pointer: &String| {
            let (Some(before), Some(after)) = (at(&record.properties, pointer), at(wanted, pointer)) else { return false };
            !renamed(pointer) && resolve(after, &self.knowledge) == *before
        };
        let known = |name: &String| {
            wanted.get(name).map(|value| recorded_property(name, &resolve(value, &self.knowledge), Some(info), self.lineage))
        };
        let collides = info.collides_by();
        if collides.iter().any(|name| record.properties.contains_key(name))
            && collides.iter().all(|name| record.properties.get(name) == known(name).as_ref())
        {
            return true;
        }
        let sets = std::iter::once(info.primary_identifier()).chain(info.additional_identifiers().iter().map(Vec::as_slice));
        sets.into_iter().any(|parts| !parts.is_empty() && parts.iter().all(equal))
    }
}

/// The name property, if the name of a resource is panka's to change.
fn can_be_renamed<'r>(resource: &'r Resource, wanted: &Properties, generation: u32) -> Option<&'r str> {
    let naming = resource.naming.as_ref().filter(|_| !REVISIONED.contains(&resource.type_name.as_str()))?;
    let (given, named) = (wanted.get(&naming.property)?, naming.name(generation));
    (*given == named || is_respelled(given, &named)).then_some(&*naming.property)
}

/// The wanted properties with the names that AWS compares without case spelled as they are recorded: another spelling is no change.
pub(super) fn spelled_as_recorded<'r>(info: Option<&TypeInfo>, record: &Record, wanted: Cow<'r, Properties>) -> Cow<'r, Properties> {
    let Some(info) = info else { return wanted };
    let respelled = |(name, value): (&String, &Value)| {
        let recorded = record.properties.get(name)?;
        (is_respelled(value, recorded) && info.is_caseless(&format!("/{name}"))).then(|| (name.clone(), recorded.clone()))
    };
    let names: Vec<(String, Value)> = wanted.iter().filter_map(respelled).collect();
    if names.is_empty() {
        return wanted;
    }
    let mut wanted = wanted.into_owned();
    wanted.extend(names);
    Cow::Owned(wanted)
}

/// Tells whether two texts differ, and only in case.
fn is_respelled(one: &Value, other: &Value) -> bool {
    one != other && one.as_str().zip(other.as_str()).is_some_and(|(one, other)| one.eq_ignore_ascii_case(other))
}

/// The properties that are wanted in a generation of the physical name.
pub(super) fn wanted(resource: &Resource, generation: u32) -> Cow<'_, Properties> {
    match &resource.naming {
        Some(naming) if generation > 0 && resource.properties.get(&naming.property) == Some(&naming.name(0)) => {
            let mut properties = resource.properties.clone();
            properties.insert(naming.property.clone(), naming.name(generation));
            Cow::Owned(properties)
        }
        _ => Cow::Borrowed(&resource.properties),
    }
}

/// A resource under the physical name of a generation.
pub fn in_generation(resource: &Resource, generation: u32) -> Resource {
    Resource { properties: wanted(resource, generation).into_owned(), ..resource.clone() }
}

/// Tells whether a second instance of a resource with the same name is a new revision.
pub fn is_revisioned(type_name: &str) -> bool {
    REVISIONED.contains(&type_name)
}

/// The properties that are wanted after a replacement has moved the name on.
pub(super) fn wanted_again<'r>(resource: &'r Resource, now: Cow<'r, Properties>, from: u32, to: u32) -> Cow<'r, Properties> {
    if from == to { now } else { wanted(resource, to) }
}

/// The generation after a replacement: the next one, if otherwise two instances would have one name.
pub(super) fn next_generation(
    resource: &Resource,
    record: &Record,
    wanted: &Properties,
    generation: u32,
    order: ReplaceOrder,
    knowledge: &Knowledge<'_>,
) -> u32 {
    let Some(property) = can_be_renamed(resource, wanted, generation).filter(|_| order == ReplaceOrder::CreateFirst) else {
        return generation;
    };
    let differs = record.properties.get(property).is_some_and(|before| {
        let after = resolve(&wanted[property], knowledge);
        !is_unknown(&after) && after != *before
    });
    let mut next = if differs { generation } else { generation + 1 };
    // What an earlier replacement has left still has its name.
    while record.superseded.iter().any(|old| old.generation == next && old.type_name == resource.type_name) {
        next += 1;
    }
    next
}

/// The change of name that comes with a new generation.
pub(super) fn new_name(
    resource: &Resource,
    record: &Record,
    wanted: &Properties,
    generation: u32,
    knowledge: &Knowledge<'_>,
) -> Option<Change> {
    let property = can_be_renamed(resource, wanted, record.generation).filter(|_| generation != record.generation)?;
    let after = resolve(&resource.naming.as_ref()?.name(generation), knowledge);
    Some(Change {
        path: format!("/{property}"),
        before: record.properties.get(property).cloned(),
        unknown: is_unknown(&after),
        after: Some(after),
        replace: Replace::No,
        rule: Some(GENERATION.to_owned()),
        sensitive: false,
    })
}

fn at<'p>(properties: &'p Properties, pointer: &str) -> Option<&'p Value> {
    let mut segments = pointer.split('/').skip(1);
    let first = properties.get(segments.next()?)?;
    segments.try_fold(first, |value, segment| value.get(segment))
}
