//! What the simulated account holds, in memory: the sum of its operations.
//!
//! In: [`Operation`]s in the order of the log. Out: resources, answers by token, who refers to whom. Two processes that read the same
//! log hold the same cloud.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Call;
use crate::catalog::TypeInfo;
use crate::resource::Properties;

/// One operation: a line of the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Operation {
    /// Counts from 1 over the life of the account.
    pub(super) seq: u64,
    /// Unix seconds.
    pub(super) at: i64,
    pub(super) call: Call,
    /// `stack/environment`.
    pub(super) place: String,
    pub(super) address: String,
    #[serde(rename = "type")]
    pub(super) type_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) identifier: Option<String>,
    pub(super) token: String,
    /// Digest of the request, so that another request with the same token is noticed.
    pub(super) request: String,
    /// All properties afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) properties: Option<Properties>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) attributes: Option<Map<String, Value>>,
    /// The token was known: nothing happened but the old answer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) replayed: bool,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<Refusal>,
}

/// Why an operation failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Refusal {
    pub(super) code: String,
    pub(super) message: String,
}

/// A resource of the account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Instance {
    #[serde(rename = "type")]
    pub(super) type_name: String,
    pub(super) identifier: String,
    pub(super) place: String,
    pub(super) address: String,
    pub(super) properties: Properties,
    pub(super) attributes: Map<String, Value>,
}

/// What was answered to a token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Answer {
    pub(super) at: i64,
    pub(super) call: Call,
    pub(super) request: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) identifier: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<Refusal>,
}

/// The parts of a cloud that are written down.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Contents {
    /// The last operation that is contained.
    pub(super) seq: u64,
    instances: BTreeMap<u64, Instance>,
    answers: BTreeMap<String, Answer>,
    /// Creates so far by place and address.
    made: BTreeMap<String, u64>,
    /// Snapshots of databases by name, with the identifier of each one's database.
    #[serde(default)]
    snapshots: BTreeMap<String, String>,
}

/// The account.
#[derive(Debug, Default)]
pub(super) struct Cloud {
    contents: Contents,
    by_identifier: HashMap<(String, String), u64>,
    /// Ids, ARNs and URLs by which others refer to a resource.
    handles: HashMap<String, u64>,
    /// Resource → those that refer to it.
    holders: HashMap<u64, BTreeSet<u64>>,
    /// Resource → those that it refers to.
    holds: HashMap<u64, BTreeSet<u64>>,
}

impl Cloud {
    pub(super) fn new(contents: Contents) -> Self {
        let mut cloud = Self { contents, ..Self::default() };
        let ids: Vec<u64> = cloud.contents.instances.keys().copied().collect();
        for id in &ids {
            cloud.enter(*id);
        }
        // References to resources that were made later are found in a second pass.
        for id in ids {
            cloud.refer(id);
        }
        cloud
    }

    pub(super) fn contents(&self) -> &Contents {
        &self.contents
    }

    /// Number of the next operation.
    pub(super) fn next(&self) -> u64 {
        self.contents.seq + 1
    }

    pub(super) fn answer(&self, token: &str) -> Option<&Answer> {
        self.contents.answers.get(token)
    }

    pub(super) fn get(&self, type_name: &str, identifier: &str) -> Option<&Instance> {
        let id = self.by_identifier.get(&(type_name.to_owned(), identifier.to_owned()))?;
        self.contents.instances.get(id)
    }

    /// Another resource that is the same thing to AWS by its natural key: AWS has one of it.
    pub(super) fn same_thing(&self, info: &TypeInfo, properties: &Properties, but: Option<&str>) -> Option<&Instance> {
        let key = info.natural_key();
        // What is never read is not in the account either.
        let hidden = key.iter().any(|name| info.is_write_only(&format!("/{name}")));
        if hidden || !key.iter().any(|name| properties.contains_key(name)) {
            return None;
        }
        let mut others = self.all().filter(|other| other.type_name == info.name() && Some(other.identifier.as_str()) != but);
        others.find(|other| key.iter().all(|name| other.properties.get(name) == properties.get(name)))
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Instance> {
        self.contents.instances.values()
    }

    /// How many resources were made at an address so far.
    pub(super) fn made(&self, place: &str, address: &str) -> u64 {
        self.contents.made.get(&made_key(place, address)).copied().unwrap_or_default()
    }

    /// The resources that refer to one, with the texts by which they may do so.
    pub(super) fn holders(&self, type_name: &str, identifier: &str) -> impl Iterator<Item = &Instance> {
        let id = self.by_identifier.get(&(type_name.to_owned(), identifier.to_owned()));
        let holders = id.and_then(|id| self.holders.get(id));
        holders.into_iter().flatten().filter_map(|holder| self.contents.instances.get(holder))
    }

    /// Takes in the next operation.
    /// Tells whether a snapshot has this name.
    pub(super) fn has_snapshot(&self, name: &str) -> bool {
        self.contents.snapshots.contains_key(name)
    }

    pub(super) fn take(&mut self, operation: Operation) {
        self.contents.seq = operation.seq;
        if operation.replayed {
            return;
        }
        let Operation { at, call, request, identifier, error, token, .. } = &operation;
        if !token.is_empty() {
            let answer = Answer { at: *at, call: *call, request: request.clone(), identifier: identifier.clone(), error: error.clone() };
            self.contents.answers.insert(token.clone(), answer);
        }
        // A failed operation may have left something: then it says what.
        let Operation { seq, call, place, address, type_name, identifier: Some(identifier), properties, attributes, error, .. } = operation
        else {
            return;
        };
        match (call, properties) {
            (Call::Create, Some(properties)) => {
                *self.contents.made.entry(made_key(&place, &address)).or_default() += 1;
                let attributes = attributes.unwrap_or_default();
                self.contents.instances.insert(seq, Instance { type_name, identifier, place, address, properties, attributes });
                self.enter(seq);
                self.refer(seq);
            }
            (Call::Update, Some(properties)) => {
                let Some(&id) = self.by_identifier.get(&(type_name, identifier)) else { return };
                self.change(id, properties, attributes);
                self.refer(id);
            }
            (Call::Snapshot, Some(properties)) => {
                let name = properties.get("SnapshotIdentifier").and_then(Value::as_str).unwrap_or_default();
                self.contents.snapshots.insert(name.to_owned(), identifier);
            }
            (Call::Delete, _) if error.is_none() => {
                let Some(id) = self.by_identifier.remove(&(type_name, identifier)) else { return };
                self.leave(id);
            }
            _ => {}
        }
    }

    /// Forgets answers older than a time.
    pub(super) fn forget_answers(&mut self, before: i64) {
        self.contents.answers.retain(|_, answer| answer.at >= before);
    }

    fn enter(&mut self, id: u64) {
        let Some(instance) = self.contents.instances.get(&id) else { return };
        self.by_identifier.insert((instance.type_name.clone(), instance.identifier.clone()), id);
        for handle in handles(instance) {
            self.handles.insert(handle.to_owned(), id);
        }
    }

    /// Other attributes are other texts by which a resource is referred to.
    fn change(&mut self, id: u64, properties: Properties, attributes: Option<Map<String, Value>>) {
        let Some(instance) = self.contents.instances.get_mut(&id) else { return };
        instance.properties = properties;
        if let Some(attributes) = attributes {
            for handle in handles(instance) {
                self.handles.remove(handle);
            }
            instance.attributes = attributes;
            self.enter(id);
        }
    }

    fn refer(&mut self, id: u64) {
        let mut held = BTreeSet::new();
        if let Some(instance) = self.contents.instances.get(&id) {
            walk(&instance.properties, &mut String::new(), &mut |_, text| {
                held.extend(self.handles.get(text).copied().filter(|held| *held != id));
            });
        }
        let before = self.holds.insert(id, held.clone()).unwrap_or_default();
        for gone in before.difference(&held) {
            if let Some(holders) = self.holders.get_mut(gone) {
                holders.remove(&id);
            }
        }
        for new in held {
            self.holders.entry(new).or_default().insert(id);
        }
    }

    fn leave(&mut self, id: u64) {
        for held in self.holds.remove(&id).unwrap_or_default() {
            if let Some(holders) = self.holders.get_mut(&held) {
                holders.remove(&id);
            }
        }
        self.holders.remove(&id);
        if let Some(instance) = self.contents.instances.remove(&id) {
            for handle in handles(&instance) {
                if self.handles.get(handle) == Some(&id) {
                    self.handles.remove(handle);
                }
            }
        }
    }
}

impl Instance {
    /// Pointers of the properties that refer to another resource.
    pub(super) fn references_to(&self, other: &Self) -> Vec<String> {
        let wanted: BTreeSet<&str> = handles(other).collect();
        let mut found = Vec::new();
        walk(&self.properties, &mut String::new(), &mut |pointer, text| {
            if wanted.contains(text) {
                found.push(pointer.to_owned());
            }
        });
        found
    }
}

fn made_key(place: &str, address: &str) -> String {
    format!("{place} {address}")
}

/// The texts by which others refer to a resource: what the account gave it. A name that people gave may stand elsewhere by chance.
fn handles(instance: &Instance) -> impl Iterator<Item = &str> {
    let given = instance.properties.values().any(|value| value.as_str() == Some(&instance.identifier));
    let identifier = (!given && !instance.identifier.contains('|')).then_some(instance.identifier.as_str());
    let attributes = instance.attributes.iter().filter(|(name, _)| ["Arn", "ARN", "Id", "ID", "Url"].iter().any(|end| name.ends_with(end)));
    identifier.into_iter().chain(attributes.filter_map(|(_, value)| value.as_str()).filter(|text| text.len() >= 8))
}

/// Calls `visit` with pointer and text of every string of the properties. Tags name nothing, and AWS does not hold what policies name.
fn walk(properties: &Properties, pointer: &mut String, visit: &mut dyn FnMut(&str, &str)) {
    for (name, inner) in properties {
        if name == "Tags" || name.ends_with("Policy") || name.ends_with("PolicyDocument") {
            continue;
        }
        let length = pointer.len();
        pointer.push('/');
        pointer.push_str(name);
        walk_value(inner, pointer, visit);
        pointer.truncate(length);
    }
}

fn walk_value(value: &Value, pointer: &mut String, visit: &mut dyn FnMut(&str, &str)) {
    let length = pointer.len();
    match value {
        Value::String(text) => visit(pointer, text),
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                pointer.push('/');
                pointer.push_str(&number.to_string());
                walk_value(item, pointer, visit);
                pointer.truncate(length);
            }
        }
        Value::Object(map) => walk(map, pointer, visit),
        _ => {}
    }
}
