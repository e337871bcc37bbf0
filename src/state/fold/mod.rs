//! Folding: the state after the entries of the journal.
//!
//! In: a state and journal objects in the order of epoch and sequence. Out: the state after them. Pure and repeatable: an object at or below
//! `folded[epoch]` changes nothing, and neither does an entry that was journaled twice.
//!
//! What entries mean for the record of their address:
//!
//! | entry | record | becomes |
//! |---|---|---|
//! | intent create | none | `creating`, with the properties of the intent |
//! | intent create | one with an instance | `updating`: a create-first replacement; the record keeps describing the old instance |
//! | intent update | one | `updating`, properties as before |
//! | intent delete | one | `deleting`; of a superseded instance: `updating` |
//! | accepted | pending with this token | the answer is kept in `pending` |
//! | create done | `creating` | `ready` |
//! | create done | `updating` | `ready` as the new instance; the old one moves to `superseded`; one of the same identifier there is gone |
//! | create failed or absent | `creating` | none; when an identifier was seen, `failed` and `partial` |
//! | create failed or absent | `updating` | as before the intent; a new instance that was seen moves to `superseded` as `partial` |
//! | update done, failed, absent | `updating` | `ready`, `failed`, as before |
//! | delete done | `deleting` | none; with superseded instances left, `failed` as the last of them, so that none is forgotten |
//! | delete failed, absent | `deleting` | `failed`, as before |
//! | delete done of a superseded instance | `updating` | as before the intent, without that instance |
//! | delete failed or absent of one | `updating` | as before the intent |
//!
//! A result whose token is not pending is a repetition and changes nothing.

use crate::address::Address;
use crate::document::sort_keys;

use super::format::{normalise, sort_map};
use super::{
    AcceptedEntry, Begin, Edit, Ended, Intent, Journal, Operation, Outcome, Pending, Record, State, Status, Superseded, Touched, What,
};

/// Why a journal does not fit a state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FoldError {
    /// It was written in another place.
    #[error("lineage is {found}, but that of the state is {wanted}")]
    Foreign {
        /// In the journal.
        found: String,
        /// In the state.
        wanted: String,
    },
    /// A second intent for an address before the first has its result.
    #[error("`{address}` has two unfinished intents, {first} and {second}")]
    TwoIntents {
        /// The resource.
        address: Address,
        /// Token of the one that is pending.
        first: String,
        /// Token of the other.
        second: String,
    },
    /// An update or a delete of something that is not there.
    #[error("`{address}` has an intent to {op}, but no record")]
    NoRecord {
        /// The resource.
        address: Address,
        /// What was to be done.
        op: &'static str,
    },
    /// A create that took effect and names nothing.
    #[error("the create of `{address}` is done, but no identifier is given")]
    NoIdentifier {
        /// The resource.
        address: Address,
    },
}

/// Folds one journal object into a state. Tells whether it was new.
///
/// On an error the state is half-way and must be dropped.
pub fn fold(state: &mut State, journal: &Journal) -> Result<bool, FoldError> {
    if state.lineage.is_empty() {
        state.lineage.clone_from(&journal.lineage);
    } else if state.lineage != journal.lineage {
        return Err(FoldError::Foreign { found: journal.lineage.clone(), wanted: state.lineage.clone() });
    }
    if state.folded.get(&journal.epoch).is_some_and(|done| journal.seq <= *done) {
        return Ok(false);
    }
    for entry in &journal.entries {
        let when = When { at: &entry.at, run: &journal.run, epoch: journal.epoch };
        if let Some(address) = entry.what.address() {
            let mut slot = state.resources.remove(address);
            step(&mut slot, &entry.what, when)?;
            put(state, address, slot);
        } else {
            set(state, &entry.what);
        }
    }
    advance(state, journal.epoch, journal.seq);
    Ok(true)
}

/// Notes that everything up to this object is contained.
pub(super) fn advance(state: &mut State, epoch: u64, seq: u64) {
    state.folded.insert(epoch, seq);
    state.epoch = state.epoch.max(epoch);
}

/// Drops edges that lead to nothing, and returns them.
///
/// Between the two halves of a delete-first replacement the edges of the dependants lead to nothing for a while; a snapshot never holds such.
pub(super) fn prune(state: &mut State) -> Vec<(Address, Vec<Address>)> {
    let broken: Vec<Address> = state
        .resources
        .iter()
        .filter(|(_, record)| edges(record).any(|to| !state.resources.contains_key(to)))
        .map(|(address, _)| address.clone())
        .collect();
    let mut dropped = Vec::new();
    for address in broken {
        let Some(mut record) = state.resources.remove(&address) else { continue };
        let before = record.depends_on.clone();
        // A record does not depend on itself, so its own absence here is of no account.
        record.depends_on.retain(|to| state.resources.contains_key(to));
        for old in &mut record.superseded {
            old.depends_on.retain(|to| state.resources.contains_key(to));
        }
        state.resources.insert(address.clone(), record);
        dropped.push((address, before));
    }
    dropped
}

fn edges(record: &Record) -> impl Iterator<Item = &Address> {
    record.depends_on.iter().chain(record.superseded.iter().flat_map(|old| &old.depends_on))
}

/// When an entry was written, and by whom.
#[derive(Debug, Clone, Copy)]
pub(super) struct When<'a> {
    pub(super) at: &'a str,
    pub(super) run: &'a str,
    pub(super) epoch: u64,
}

impl When<'_> {
    fn touched(self) -> Touched {
        Touched { at: self.at.to_owned(), run: self.run.to_owned() }
    }
}

/// Changes the record of an entry's address.
pub(super) fn step(slot: &mut Option<Record>, what: &What, when: When<'_>) -> Result<(), FoldError> {
    match what {
        What::Intent(intent) => begin_call(slot, intent, when),
        What::Accepted(accepted) => {
            accept(slot, accepted);
            Ok(())
        }
        What::Result(outcome) => end_call(slot, outcome, when),
        What::Begin(_) | What::Edit(_) | What::Fold(_) | What::End(_) | What::Seal(_) => Ok(()),
    }
}

/// Does what an entry without an address says.
fn set(state: &mut State, what: &What) {
    match what {
        What::Begin(begin) => start(state, begin),
        What::Edit(edit) => apply(state, edit),
        What::Intent(_) | What::Accepted(_) | What::Result(_) | What::Fold(_) | What::End(_) | What::Seal(_) => {}
    }
}

/// Notes what a run says of itself at its start.
pub(super) fn start(state: &mut State, begin: &Begin) {
    state.engine = Some(begin.engine);
    state.simulated = begin.simulated;
    state.settle_in(begin.region.as_deref(), begin.account.as_deref());
}

/// Makes an edit.
fn apply(state: &mut State, edit: &Edit) {
    for (address, record) in edited(edit) {
        put(state, &address, record);
    }
    apply_rest(state, edit);
}

/// The records that an edit sets or removes.
pub(super) fn edited(edit: &Edit) -> impl Iterator<Item = (Address, Option<Record>)> {
    edit.resources.iter().map(|(address, record)| {
        let mut record = record.clone();
        record.iter_mut().for_each(normalise);
        (address.clone(), record)
    })
}

/// Sets or removes a record.
pub(super) fn put(state: &mut State, address: &Address, record: Option<Record>) {
    match record {
        Some(record) => drop(state.resources.insert(address.clone(), record)),
        None => drop(state.resources.remove(address)),
    }
}

impl State {
    /// The state after an edit.
    #[must_use]
    pub fn after(&self, edit: &Edit) -> Self {
        let mut state = self.clone();
        apply(&mut state, edit);
        state
    }

    /// Another resource that has this instance, now or among its old ones.
    pub fn owner_of(&self, address: &Address, type_name: &str, identifier: &str) -> Option<&Address> {
        let is_it = |(id, name): (&String, &str)| id == identifier && name == type_name;
        let has = |record: &Record| {
            let old = record.superseded.iter().map(|old| (&old.identifier, old.type_name.as_str()));
            record.identifier.iter().map(|id| (id, record.type_name.as_str())).chain(old).any(is_it)
        };
        self.resources.iter().find(|(other, record)| *other != address && has(record)).map(|(other, _)| other)
    }
}

/// Makes an edit, but for its records.
pub(super) fn apply_rest(state: &mut State, edit: &Edit) {
    for (map, changes) in [(&mut state.outputs, &edit.outputs), (&mut state.pins, &edit.pins)] {
        for (name, value) in changes {
            if let Some(value) = value {
                let mut value = value.clone();
                sort_keys(&mut value);
                map.insert(name.clone(), value);
            } else {
                map.remove(name);
            }
        }
    }
    if let Some(data) = &edit.engine_data {
        state.engine_data.clone_from(data);
        sort_map(&mut state.engine_data);
    }
    state.serial = state.serial.max(edit.serial.unwrap_or(0));
    state.epoch = state.epoch.max(edit.epoch.unwrap_or(0));
}

fn begin_call(slot: &mut Option<Record>, intent: &Intent, when: When<'_>) -> Result<(), FoldError> {
    let before = match slot {
        Some(Record { pending: Some(pending), .. }) if pending.intent.token == intent.token => return Ok(()),
        Some(Record { pending: Some(pending), .. }) => {
            return Err(FoldError::TwoIntents {
                address: intent.address.clone(),
                first: pending.intent.token.clone(),
                second: intent.token.clone(),
            });
        }
        Some(record) => Some(record.status),
        None => None,
    };
    let pending = Pending { intent: intent.clone(), epoch: when.epoch, at: when.at.to_owned(), before, accepted: None };
    let record = match (slot, intent.op) {
        (Some(record), op) => {
            record.status = if op == Operation::Delete && !intent.superseded { Status::Deleting } else { Status::Updating };
            record
        }
        (slot @ None, Operation::Create) => slot.insert(Record {
            type_name: intent.type_name.clone(),
            component: intent.component.clone(),
            identifier: None,
            status: Status::Creating,
            partial: false,
            properties: intent.properties.clone(),
            attributes: serde_json::Map::new(),
            depends_on: intent.meta.depends_on.clone(),
            protect: intent.meta.protect,
            retain: intent.meta.retain,
            final_snapshot: intent.meta.final_snapshot,
            nested: intent.meta.nested,
            generation: intent.meta.generation,
            pending: None,
            superseded: Vec::new(),
            created: when.touched(),
            updated: when.touched(),
        }),
        (None, op) => {
            let op = if op == Operation::Update { "update" } else { "delete" };
            return Err(FoldError::NoRecord { address: intent.address.clone(), op });
        }
    };
    record.pending = Some(pending);
    normalise(record);
    Ok(())
}

fn accept(slot: &mut Option<Record>, accepted: &AcceptedEntry) {
    let Some(pending) = slot.as_mut().and_then(|record| record.pending.as_mut()).filter(|pending| pending.intent.token == accepted.token)
    else {
        return;
    };
    let known = pending.accepted.get_or_insert_default();
    if accepted.answer.request.is_some() {
        known.request.clone_from(&accepted.answer.request);
    }
    if accepted.answer.identifier.is_some() {
        known.identifier.clone_from(&accepted.answer.identifier);
    }
}

fn end_call(slot: &mut Option<Record>, outcome: &Outcome, when: When<'_>) -> Result<(), FoldError> {
    let Some(record) = slot else { return Ok(()) };
    let Some(pending) = record.pending.take_if(|pending| pending.intent.token == outcome.token) else { return Ok(()) };
    let intent = &pending.intent;
    match (intent.op, outcome.ended) {
        (Operation::Create, Ended::Done) => {
            let identifier = seen(outcome, &pending)
                .or_else(|| intent.identifier.clone())
                .ok_or_else(|| FoldError::NoIdentifier { address: intent.address.clone() })?;
            // What was made under the identifier of an old instance stands in its place: the old one is gone.
            record.superseded.retain(|old| (&old.identifier, &old.type_name) != (&identifier, &intent.type_name));
            if let Some(old) = record.identifier.replace(identifier).filter(|old| Some(old) != record.identifier.as_ref()) {
                record.superseded.push(Superseded {
                    identifier: old,
                    type_name: record.type_name.clone(),
                    epoch: when.epoch,
                    generation: record.generation,
                    nested: record.nested,
                    depends_on: std::mem::take(&mut record.depends_on),
                    partial: record.partial,
                });
            }
            record.created = when.touched();
            settle(record, intent, outcome, when);
        }
        (Operation::Create, ended) => {
            let left = if ended == Ended::Failed { seen(outcome, &pending) } else { None };
            match (pending.before, left) {
                (None, None) => *slot = None,
                (None, Some(identifier)) => {
                    record.identifier = Some(identifier);
                    note(record, outcome, when);
                    record.status = Status::Failed;
                    record.partial = true;
                }
                (Some(before), left) => {
                    record.status = before;
                    let known = |left: &String| {
                        Some(left) == record.identifier.as_ref()
                            || record.superseded.iter().any(|old| (&old.identifier, &old.type_name) == (left, &intent.type_name))
                    };
                    if let Some(identifier) = left.filter(|left| !known(left)) {
                        record.superseded.push(Superseded {
                            identifier,
                            type_name: intent.type_name.clone(),
                            epoch: when.epoch,
                            generation: intent.meta.generation,
                            nested: intent.meta.nested,
                            depends_on: intent.meta.depends_on.clone(),
                            partial: true,
                        });
                    }
                }
            }
        }
        (Operation::Update, Ended::Done) => {
            if outcome.identifier.is_some() {
                record.identifier.clone_from(&outcome.identifier);
            }
            settle(record, intent, outcome, when);
        }
        (Operation::Update, Ended::Failed) => {
            note(record, outcome, when);
            record.status = Status::Failed;
        }
        (Operation::Delete, ended) if intent.superseded => {
            if ended == Ended::Done {
                record.superseded.retain(|old| Some(&old.identifier) != intent.identifier.as_ref());
            }
            record.status = pending.before.unwrap_or(Status::Failed);
        }
        (Operation::Delete, Ended::Done) => match record.superseded.pop() {
            None => *slot = None,
            Some(old) => {
                record.identifier = Some(old.identifier);
                record.type_name = old.type_name;
                record.generation = old.generation;
                record.nested = old.nested;
                record.depends_on = old.depends_on;
                record.partial = old.partial;
                record.status = Status::Failed;
                record.updated = when.touched();
            }
        },
        (Operation::Delete, Ended::Failed) => {
            record.status = Status::Failed;
            record.updated = when.touched();
        }
        (Operation::Update | Operation::Delete, Ended::Absent) => record.status = pending.before.unwrap_or(Status::Failed),
    }
    Ok(())
}

/// The identifier that a call is known to have made, whatever its end.
fn seen(outcome: &Outcome, pending: &Pending) -> Option<String> {
    outcome.identifier.clone().or_else(|| pending.accepted.as_ref()?.identifier.clone())
}

/// The record is now what the intent wanted.
fn settle(record: &mut Record, intent: &Intent, outcome: &Outcome, when: When<'_>) {
    record.type_name = intent.type_name.clone();
    record.component.clone_from(&intent.component);
    record.properties.clone_from(outcome.properties.as_ref().unwrap_or(&intent.properties));
    record.attributes.clone_from(&outcome.attributes);
    record.depends_on.clone_from(&intent.meta.depends_on);
    record.protect = intent.meta.protect;
    record.retain = intent.meta.retain;
    record.final_snapshot = intent.meta.final_snapshot;
    record.nested = intent.meta.nested;
    record.generation = intent.meta.generation;
    record.status = Status::Ready;
    record.partial = false;
    record.updated = when.touched();
    normalise(record);
}

/// What a failed call let be seen.
fn note(record: &mut Record, outcome: &Outcome, when: When<'_>) {
    if let Some(properties) = &outcome.properties {
        record.properties.clone_from(properties);
    }
    if !outcome.attributes.is_empty() {
        record.attributes.clone_from(&outcome.attributes);
    }
    record.updated = when.touched();
    normalise(record);
}

#[cfg(test)]
mod tests;
