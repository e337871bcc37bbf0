//! How the intents of a whole run ended, as the journal has it.
//!
//! In: an intent, what the engine has of its resource now. Out: the entries that end it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Map;

use super::Instance;
use crate::address::Address;
use crate::catalog::catalog;
use crate::resource::Properties;
use crate::state::{Edit, Ended, Intent, Operation, Outcome, OutcomeError, Record, What, recorded};

/// Positions of the intents in levels: each in one after all that it depends on.
pub(super) fn levels<'a>(intents: impl IntoIterator<Item = &'a Intent>) -> Vec<Vec<usize>> {
    let intents: Vec<&Intent> = intents.into_iter().collect();
    let positions: BTreeMap<&Address, usize> = intents.iter().enumerate().map(|(number, intent)| (&intent.address, number)).collect();
    let needs = |number: usize| intents[number].meta.depends_on.iter().filter_map(|need| positions.get(need).copied());
    let mut level = vec![0; intents.len()];
    let mut levels: Vec<Vec<usize>> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut stack: Vec<(usize, bool)> = (0..intents.len()).rev().map(|number| (number, false)).collect();
    while let Some((number, ready)) = stack.pop() {
        if ready {
            level[number] = needs(number).map(|need| level[need] + 1).max().unwrap_or_default();
            levels.resize(levels.len().max(level[number] + 1), Vec::new());
            levels[level[number]].push(number);
        } else if seen.insert(number) {
            stack.push((number, true));
            stack.extend(needs(number).map(|need| (need, false)));
        }
    }
    levels
}

/// The properties of a resource as they were last sent, in the form of records.
pub(super) fn sent(intent: &Intent, instance: Option<&Instance>, lineage: &str) -> Option<Properties> {
    instance.map(|instance| recorded(&instance.properties, catalog().get(&intent.type_name), lineage))
}

/// Tells from what an engine has whether a call took effect.
///
/// A replacement that deletes first may leave the identifier as it was: only what the engine `told` shows it then.
pub(super) fn effect(intent: &Intent, record: Option<&Record>, instance: Option<&Instance>, told: bool) -> Ended {
    let present = instance.and_then(|instance| instance.identifier.as_ref());
    let before = intent.identifier.as_ref().or_else(|| record.and_then(|record| record.identifier.as_ref()));
    let done = match intent.op {
        Operation::Create => present.is_some() && (present != before || told),
        Operation::Update => present.is_some(),
        Operation::Delete => present.is_none(),
    };
    if done { Ended::Done } else { Ended::Absent }
}

/// The entries that end an intent. Where an old instance is gone with the call, the record loses it too.
pub(super) fn entries(
    intent: &Intent,
    record: Option<&Record>,
    instance: Option<&Instance>,
    ended: Ended,
    properties: Option<Properties>,
    error: Option<OutcomeError>,
) -> Vec<What> {
    let main = What::Result(Box::new(result(intent, ended, instance, properties.clone(), error)));
    let present = instance.and_then(|instance| instance.identifier.as_ref());
    let replaced = record.and_then(|record| record.identifier.as_ref());
    let mut entries = Vec::new();
    if ended == Ended::Done {
        let old = instance.map(|instance| instance.old.as_slice()).unwrap_or_default();
        let left = record.iter().flat_map(|record| &record.superseded).map(|one| &one.identifier);
        let own = replaced.filter(|_| intent.op == Operation::Create);
        let gone = left.chain(own).filter(|one| !old.contains(one) && Some(*one) != present);
        for (number, identifier) in gone.enumerate() {
            let delete = Intent {
                op: Operation::Delete,
                token: format!("{}-old{number}", intent.token),
                identifier: Some(identifier.clone()),
                properties: Map::new(),
                superseded: true,
                ..intent.clone()
            };
            let over = result(&delete, Ended::Done, None, None, None);
            entries.extend([What::Intent(Box::new(delete)), What::Result(Box::new(over))]);
        }
    }
    // A record goes with its last instance; others lose their old ones once the new one is theirs.
    match intent.op {
        Operation::Delete => entries.push(main),
        _ => entries.insert(0, main),
    }
    // The old instance was deleted first, and no new one was made.
    if matches!(intent.op, Operation::Create | Operation::Update)
        && matches!(ended, Ended::Failed | Ended::Absent)
        && present.is_none()
        && replaced.is_some()
    {
        let edit = Edit { resources: BTreeMap::from([(intent.address.clone(), None)]), ..Edit::default() };
        entries.push(What::Edit(Box::new(edit)));
    }
    entries
}

pub(super) fn result(
    intent: &Intent,
    ended: Ended,
    instance: Option<&Instance>,
    properties: Option<Properties>,
    error: Option<OutcomeError>,
) -> Outcome {
    let done = ended == Ended::Done && intent.op != Operation::Delete;
    // What was made halfway is there.
    let there = done || (ended == Ended::Failed && intent.op == Operation::Create);
    Outcome {
        address: intent.address.clone(),
        token: intent.token.clone(),
        op: intent.op,
        ended,
        identifier: instance.filter(|_| there).and_then(|instance| instance.identifier.clone()),
        properties: if done { properties } else { None },
        attributes: instance.filter(|_| done).map(|instance| instance.attributes.clone()).unwrap_or_default(),
        error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Meta;

    #[test]
    fn each_stands_after_what_it_depends_on_whatever_the_order() {
        let intent = |name: &str, needs: &[&str]| Intent {
            address: format!("a/{name}/queue").parse().unwrap(),
            op: Operation::Create,
            attempt: 1,
            token: String::new(),
            type_name: "AWS::SQS::Queue".into(),
            component: "SQS".into(),
            identifier: None,
            properties: Map::new(),
            incomplete: true,
            meta: Meta { depends_on: needs.iter().map(|need| format!("a/{need}/queue").parse().unwrap()).collect(), ..Meta::default() },
            superseded: false,
        };
        let intents = [intent("one", &["two", "three"]), intent("two", &["three", "elsewhere"]), intent("three", &[]), intent("four", &[])];
        assert_eq!(levels(&intents), [vec![2, 3], vec![1], vec![0]]);
        assert_eq!(levels(&[]), Vec::<Vec<usize>>::new());
    }
}
