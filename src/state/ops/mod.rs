//! What the verbs on the state do to it: pure functions from a state to an [`Edit`], which goes through the journal like everything else.

use std::collections::{BTreeMap, BTreeSet};

use super::fold::{When, step};
use super::{Edit, Ended, Operation, Outcome, Pending, Record, State, Status, What, faults};
use crate::address::{Address, Selector, is_name};
use crate::diagnostic::codes::state::{P7004, P7006, P7009, P7010};
use crate::diagnostic::{Diagnostic, Error, did_you_mean};

/// Forgets what a selector matches: the resources stay where they are, and nobody looks after them any more.
///
/// Edges to them are dropped; outputs of components that have nothing left go too.
pub fn remove(state: &State, selector: &Selector) -> Result<Edit, Error> {
    let gone: BTreeSet<&Address> = state.resources.keys().filter(|address| selector.matches(address)).collect();
    if gone.is_empty() {
        return Err(nothing(state, &selector.to_string()));
    }
    settled(state, gone.iter().copied(), "forgotten")?;
    let mut edit = Edit::default();
    for (address, record) in &state.resources {
        if gone.contains(address) {
            edit.resources.insert(address.clone(), None);
        } else if let Some(record) = with_edges(record, |to| (!gone.contains(to)).then(|| to.clone())) {
            edit.resources.insert(address.clone(), Some(record));
        }
    }
    let left: BTreeSet<&str> = state.resources.keys().filter(|address| !gone.contains(address)).map(Address::component).collect();
    for name in state.outputs.keys() {
        let owner = owner(name);
        if gone.iter().any(|address| address.component() == owner) && !left.contains(owner) {
            edit.outputs.insert(name.clone(), None);
        }
    }
    Ok(edit)
}

/// Gives a resource, a component or a service another address: `from` and `to` have the same number of parts.
///
/// Edges of others follow, and so do outputs and pins of a component or service. What AWS knows is not touched.
pub fn rename(state: &State, from: &str, to: &str) -> Result<Edit, Error> {
    let parts = |text: &str| text.split('/').count();
    if parts(from) != parts(to) || !is_prefix(to) {
        let message = format!("`{from}` cannot become `{to}`");
        return Err(Diagnostic::new(P7009, message)
            .help("both are a service, a component (service/component) or a resource (service/component/role), without wildcards")
            .into());
    }
    let moved = |text: &str| {
        let rest = text.strip_prefix(from)?;
        (rest.is_empty() || rest.starts_with(['/', '.']) && (parts(from) < 3)).then(|| format!("{to}{rest}"))
    };
    let address = |old: &Address| moved(old.as_str()).and_then(|new| new.parse::<Address>().ok());
    let names: BTreeMap<&Address, Address> = state.resources.keys().filter_map(|old| Some((old, address(old)?))).collect();
    if names.is_empty() {
        return Err(nothing(state, from));
    }
    if from == to {
        return Ok(Edit::default());
    }
    settled(state, names.keys().copied(), "moved")?;
    if let Some(taken) = names.values().find(|new| state.resources.contains_key(*new)) {
        return Err(Diagnostic::new(P7010, format!("`{taken}` is in the state already"))
            .about(taken)
            .help("`panka state rm` forgets it; or choose another name")
            .into());
    }
    let mut edit = Edit::default();
    for (old, record) in &state.resources {
        let changed = with_edges(record, |to| Some(names.get(to).unwrap_or(to).clone()));
        match (names.get(old), changed) {
            (Some(new), changed) => {
                edit.resources.insert(old.clone(), None);
                edit.resources.insert(new.clone(), Some(changed.unwrap_or_else(|| record.clone())));
            }
            (None, Some(record)) => drop(edit.resources.insert(old.clone(), Some(record))),
            (None, None) => {}
        }
    }
    if parts(from) < 3 {
        for (values, changes) in [(&state.outputs, &mut edit.outputs), (&state.pins, &mut edit.pins)] {
            for (old, value) in values {
                if let Some(new) = moved(old) {
                    changes.insert(old.clone(), None);
                    changes.insert(new, Some(value.clone()));
                }
            }
        }
    }
    Ok(edit)
}

/// Sets or lifts the protection of what a selector matches.
pub fn protect(state: &State, selector: &Selector, protect: bool) -> Result<Edit, Error> {
    let mut matched = state.resources.iter().filter(|(address, _)| selector.matches(address)).peekable();
    if matched.peek().is_none() {
        return Err(nothing(state, &selector.to_string()));
    }
    let changed = matched.filter(|(_, record)| record.protect != protect);
    let resources = changed.map(|(address, record)| (address.clone(), Some(Record { protect, ..record.clone() }))).collect();
    Ok(Edit { resources, ..Edit::default() })
}

/// What became of an unfinished operation, as a person has found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// There is an instance with this identifier.
    Instance(String),
    /// There is none.
    Nothing,
}

/// Ends the unfinished operation of a resource by what was found. With an instance the record is `failed`, so that the next apply reads it
/// and brings it to where it should be.
pub fn resolve(state: &State, address: &Address, found: &Found) -> Result<Edit, Error> {
    let record = state.resources.get(address).ok_or_else(|| nothing(state, address.as_str()))?;
    let Some(pending) = &record.pending else {
        return Err(Diagnostic::new(P7009, format!("`{address}` has no unfinished operation"))
            .about(address)
            .help("`panka state list` shows those that have; `panka state rm` forgets a resource")
            .into());
    };
    let mut slot = Some(record.clone());
    match (pending.intent.op, found) {
        (Operation::Create, Found::Instance(identifier)) => {
            end(&mut slot, pending, Ended::Done, Some(identifier));
            if let Some(record) = &mut slot {
                record.status = Status::Failed;
            }
        }
        (Operation::Create, Found::Nothing) => end(&mut slot, pending, Ended::Absent, None),
        (op @ (Operation::Update | Operation::Delete), Found::Instance(identifier)) => {
            let known = if pending.intent.superseded { pending.intent.identifier.as_ref() } else { record.identifier.as_ref() };
            if let Some(known) = known.filter(|known| *known != identifier) {
                return Err(Diagnostic::new(P7009, format!("`{address}` is {known}, not {identifier}"))
                    .about(address)
                    .help("give the identifier that the state has, or --absent when it is gone")
                    .into());
            }
            let ended = if op == Operation::Update { Ended::Failed } else { Ended::Absent };
            end(&mut slot, pending, ended, None);
        }
        (Operation::Delete, Found::Nothing) => end(&mut slot, pending, Ended::Done, None),
        (Operation::Update, Found::Nothing) => {
            // It went away while it was being changed: the end of a delete that nobody asked for.
            let mut intent = pending.intent.clone();
            intent.op = Operation::Delete;
            let pending = Pending { intent, ..pending.clone() };
            if let Some(record) = &mut slot {
                record.pending = Some(pending.clone());
            }
            end(&mut slot, &pending, Ended::Done, None);
        }
    }
    let mut edit = Edit::default();
    if slot.is_none() {
        for (other, record) in &state.resources {
            if let Some(record) = with_edges(record, |to| (to != address).then(|| to.clone())) {
                edit.resources.insert(other.clone(), Some(record));
            }
        }
    }
    edit.resources.insert(address.clone(), slot);
    Ok(edit)
}

fn end(slot: &mut Option<Record>, pending: &Pending, ended: Ended, identifier: Option<&String>) {
    let intent = &pending.intent;
    let attributes = slot.as_ref().map(|record| record.attributes.clone()).unwrap_or_default();
    let outcome = Outcome {
        address: intent.address.clone(),
        token: intent.token.clone(),
        op: intent.op,
        ended,
        identifier: identifier.cloned(),
        properties: None,
        attributes,
        error: None,
    };
    let touched = slot.as_ref().map(|record| record.updated.clone());
    let when = When { at: &pending.at, run: touched.as_ref().map_or("", |touched| &touched.run), epoch: pending.epoch };
    step(slot, &What::Result(Box::new(outcome)), when).expect("an outcome with an identifier fits its own intent");
}

/// Puts a state from elsewhere in the place of the present one. With `force` an older one is taken too; another lineage never is, unless
/// nothing has run here.
pub fn push(present: &State, pushed: &State, force: bool) -> Result<Edit, Error> {
    let refuse = |message: String, help: &str| Err(Error::from(Diagnostic::new(P7009, message).help(help)));
    if (&pushed.stack, &pushed.environment) != (&present.stack, &present.environment) {
        let message = format!(
            "the pushed state is of {}/{}, this place is {}/{}",
            pushed.stack, pushed.environment, present.stack, present.environment
        );
        return Err(Diagnostic::new(P7004, message).help("name its stack and environment with -s and -e").into());
    }
    if !pushed.exists() {
        return refuse("the pushed state is empty: it has no lineage".to_owned(), "`panka destroy` empties a place; its lineage stays");
    }
    if present.exists() && present.lineage != pushed.lineage {
        let message = format!("the pushed state has the lineage {}, this place has {}", pushed.lineage, present.lineage);
        return refuse(message, "they are not of one history: push it to a place of its own");
    }
    if pushed.serial < present.serial && !force {
        let message = format!("the pushed state has serial {}, this place is at {}", pushed.serial, present.serial);
        return refuse(message, "changes were made since it was pulled: pull again, or push with --force to go back");
    }
    let broken = faults(pushed);
    if !broken.is_empty() {
        let findings = broken.iter().map(|fault| Diagnostic::new(P7009, format!("the pushed state is not sound: {fault}")));
        return Err(Error::check(findings.collect()).err().unwrap_or_else(|| nothing(pushed, "")));
    }
    Ok(Edit {
        resources: changes(&present.resources, &pushed.resources),
        outputs: changes(&present.outputs, &pushed.outputs),
        pins: changes(&present.pins, &pushed.pins),
        engine_data: (present.engine_data != pushed.engine_data).then(|| pushed.engine_data.clone()),
        serial: (pushed.serial > present.serial).then_some(pushed.serial),
        epoch: (pushed.epoch > present.epoch).then_some(pushed.epoch),
    })
}

/// What sets or removes the entries in which two maps differ.
fn changes<K: Ord + Clone, V: PartialEq + Clone>(before: &BTreeMap<K, V>, after: &BTreeMap<K, V>) -> BTreeMap<K, Option<V>> {
    let gone = before.keys().filter(|key| !after.contains_key(key)).map(|key| (key.clone(), None));
    let set = after.iter().filter(|(key, value)| before.get(key) != Some(value)).map(|(key, value)| (key.clone(), Some(value.clone())));
    gone.chain(set).collect()
}

impl Edit {
    /// Tells whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The record with its edges led elsewhere, if that changes any.
fn with_edges(record: &Record, lead: impl Fn(&Address) -> Option<Address>) -> Option<Record> {
    let mut changed = record.clone();
    let follow = |edges: &mut Vec<Address>| {
        *edges = edges.iter().filter_map(&lead).collect();
        edges.sort_unstable();
        edges.dedup();
    };
    follow(&mut changed.depends_on);
    changed.superseded.iter_mut().for_each(|old| follow(&mut old.depends_on));
    if let Some(pending) = &mut changed.pending {
        follow(&mut pending.intent.meta.depends_on);
    }
    (changed != *record).then_some(changed)
}

/// Refuses addresses whose operation is not finished: its token would be lost.
fn settled<'a>(state: &State, addresses: impl IntoIterator<Item = &'a Address>, verb: &str) -> Result<(), Error> {
    let findings = addresses.into_iter().filter(|address| state.resources.get(*address).is_some_and(|record| record.pending.is_some()));
    let findings = findings.map(|address| {
        Diagnostic::new(P7009, format!("`{address}` has an unfinished operation and cannot be {verb}"))
            .about(address)
            .help("run panka apply, which finds out what became of it, or panka state resolve")
    });
    Error::check(findings.collect()).map(drop)
}

fn nothing(state: &State, given: &str) -> Error {
    let depth = given.split('/').count();
    let known: BTreeSet<String> =
        state.resources.keys().map(|address| address.as_str().split('/').take(depth).collect::<Vec<_>>().join("/")).collect();
    Diagnostic::new(P7006, format!("`{given}` is not in the state"))
        .about(given)
        .maybe_help(did_you_mean(given, known.iter().map(String::as_str)))
        .help("`panka state list` shows what is")
        .into()
}

/// `service/component` of the name of an output.
fn owner(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(owner, _)| owner)
}

/// Tells whether a text is a service, a component or an address.
fn is_prefix(text: &str) -> bool {
    match text.split('/').collect::<Vec<_>>()[..] {
        [service] => is_name(service),
        [service, component] => is_name(service) && is_name(component),
        _ => text.parse::<Address>().is_ok(),
    }
}

#[cfg(test)]
mod tests;
