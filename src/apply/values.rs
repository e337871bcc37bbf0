//! What a step sends, and what is written down of it.
//!
//! In: the desired properties with value forms inside, the durable state, the source of the engine. Out: [`Inputs`]: every value known and in clear, for
//! the call alone; and the form that intents and records keep.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::provider::{Failure, Source};
use crate::account::Account;
use crate::address::Address;
use crate::catalog::catalog;
use crate::document::canonical;
use crate::plan::{Scope, attribute_of, below, is_unknown, plain, resolve, resolve_all};
use crate::resource::{Form, Properties, TypeName, references};
use crate::state::{Edit, Record, Session, State, What, recorded};

/// The properties of a call.
#[derive(Clone)]
pub(super) struct Inputs {
    /// All values in clear: sent and forgotten.
    pub(super) sent: Properties,
    /// As the record keeps them.
    pub(super) recorded: Properties,
    /// `sent` holds values that `recorded` does not.
    pub(super) incomplete: bool,
}

/// Why inputs could not be had.
pub(super) enum NoValues {
    /// A value cannot be known, or a secret cannot be read.
    Failure(Failure),
    /// The journal does not take what was learned.
    Journal(crate::state::JournalError),
}

impl From<Failure> for NoValues {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

/// What is known when a step starts.
struct Known<'a> {
    state: &'a State,
    account: &'a Account,
    /// Answers by the canonical bytes of the question.
    secrets: &'a BTreeMap<Vec<u8>, String>,
    lookups: &'a BTreeMap<Vec<u8>, Value>,
}

impl Scope for Known<'_> {
    fn attribute(&self, address: &str, attribute: &str) -> Option<Cow<'_, Value>> {
        attribute_of(self.state.resources.get(address)?, attribute)
    }

    fn fact(&self, name: &str) -> Option<Cow<'_, str>> {
        self.account.fact(name).map(Cow::Borrowed)
    }

    fn secret(&self, identity: &Map<String, Value>) -> Option<Value> {
        self.secrets.get(&key(identity)).map(|value| Value::String(value.clone()))
    }

    fn lookup(&self, lookup: &Map<String, Value>) -> Option<Value> {
        self.lookups.get(&key(lookup)).cloned()
    }
}

fn key(map: &Map<String, Value>) -> Vec<u8> {
    canonical(&Value::Object(map.clone()))
}

/// Resolves the properties of a step from durable results.
pub(super) async fn of_step<S: Source>(
    source: &S,
    session: &Session,
    type_name: &TypeName,
    properties: &Properties,
) -> Result<Inputs, NoValues> {
    let (known, half) = settle(source, session, properties).await?;
    let lineage = session.lineage();
    let info = catalog().get(type_name);
    let kept = recorded(&half, info, &lineage);
    let mut wanted = Vec::new();
    half.values().for_each(|value| secrets(value, &mut wanted));
    let mut values = BTreeMap::new();
    for identity in wanted {
        let secret = source.secret(identity).await?;
        values.insert(key(identity), secret.value);
    }
    let full = session.with_state(|state| {
        let scope = Known { state, account: source.account(), secrets: &values, lookups: &known };
        resolve_all(&half, &scope)
    });
    let sent: Properties = full.into_iter().map(|(name, value)| (name, plain(value))).collect();
    let incomplete = !values.is_empty() || kept != sent;
    Ok(Inputs { sent, recorded: kept, incomplete })
}

/// Resolves a value as it may be written down: secrets stay as their identity.
pub(super) async fn of_output<S: Source>(source: &S, session: &Session, value: &Value) -> Result<Value, NoValues> {
    let properties: Properties = std::iter::once(("value".to_owned(), value.clone())).collect();
    let (_, mut half) = settle(source, session, &properties).await?;
    Ok(plain(half.shift_remove("value").unwrap_or_default()))
}

type Lookups = BTreeMap<Vec<u8>, Value>;

/// Resolves everything but secrets.
async fn settle<S: Source>(source: &S, session: &Session, properties: &Properties) -> Result<(Lookups, Properties), NoValues> {
    let attempt = |lookups: &Lookups| {
        session.with_state(|state| resolve_all(properties, &Known { state, account: source.account(), secrets: &BTreeMap::new(), lookups }))
    };
    let mut lookups = Lookups::new();
    let half = attempt(&lookups);
    if !half.values().any(is_unknown) {
        return Ok((lookups, half));
    }
    learn_attributes(source, session, &half).await?;
    let mut questions = Vec::new();
    half.values().for_each(|value| lookups_in(value, &mut questions));
    for question in questions {
        let asked = session.with_state(|state| {
            let scope = Known { state, account: source.account(), secrets: &BTreeMap::new(), lookups: &lookups };
            question.iter().map(|(name, value)| (name.clone(), plain(resolve(value, &scope)))).collect::<Map<String, Value>>()
        });
        let answer = source.lookup(&asked).await?;
        lookups.insert(key(question), answer);
    }
    let half = attempt(&lookups);
    match half.values().find_map(first_unknown) {
        None => Ok((lookups, half)),
        Some(what) => Err(NoValues::from(Failure::terminal("UnknownValue", format!("{what} is not known")))),
    }
}

/// Reads the resources whose attributes are referred to but were not recorded, and records what is asked for.
async fn learn_attributes<S: Source>(source: &S, session: &Session, half: &Properties) -> Result<(), NoValues> {
    let mut wanted: BTreeMap<Address, BTreeSet<&str>> = BTreeMap::new();
    for value in half.values() {
        references(value, &mut |address, attribute| {
            if let Ok(address) = address.parse() {
                wanted.entry(address).or_default().insert(attribute);
            }
        });
    }
    for (address, attributes) in wanted {
        let Some(record) = session.with_state(|state| state.resources.get(&address).cloned()) else { continue };
        let Some(identifier) = &record.identifier else { continue };
        let Some(live) = source.read(&record.type_name, identifier).await? else { continue };
        let mut found = record.attributes.clone();
        for attribute in attributes {
            let Some(top) = attribute.split('.').next() else { continue };
            let source = if below(&live.attributes, attribute).is_some() { &live.attributes } else { &live.properties };
            if let Some(value) = source.get(top).filter(|_| below(source, attribute).is_some()) {
                found.insert(top.to_owned(), value.clone());
            }
        }
        if found != record.attributes {
            let record = Record { attributes: found, ..record };
            let edit = Edit { resources: BTreeMap::from([(address, Some(record))]), ..Edit::default() };
            session.append(vec![What::Edit(Box::new(edit))]).await.map_err(NoValues::Journal)?;
        }
    }
    Ok(())
}

/// The identities of the secrets below a value.
fn secrets<'a>(value: &'a Value, found: &mut Vec<&'a Map<String, Value>>) {
    match Form::of(value) {
        Form::Secret(identity) => found.push(identity),
        Form::Join(parts) => parts.iter().for_each(|part| secrets(part, found)),
        Form::Json(inner) => secrets(inner, found),
        Form::Plain(Value::Object(map)) => map.values().for_each(|inner| secrets(inner, found)),
        Form::Plain(Value::Array(items)) => items.iter().for_each(|inner| secrets(inner, found)),
        _ => {}
    }
}

fn lookups_in<'a>(value: &'a Value, found: &mut Vec<&'a Map<String, Value>>) {
    match Form::of(value) {
        Form::Lookup(lookup) => found.push(lookup),
        Form::Join(parts) => parts.iter().for_each(|part| lookups_in(part, found)),
        Form::Json(inner) => lookups_in(inner, found),
        Form::Plain(Value::Object(map)) => map.values().for_each(|inner| lookups_in(inner, found)),
        Form::Plain(Value::Array(items)) => items.iter().for_each(|inner| lookups_in(inner, found)),
        _ => {}
    }
}

/// What a value still waits for, for people.
fn first_unknown(value: &Value) -> Option<String> {
    let deep = |parts: &[Value]| parts.iter().find_map(first_unknown);
    match Form::of(value) {
        Form::Ref { address, attribute } => Some(format!("the attribute {attribute} of {address}")),
        Form::Aws(fact) => Some(format!("the fact `{fact}` of the account")),
        Form::Lookup(lookup) => Some(format!("the answer to {}", json!(lookup))),
        Form::Join(parts) => deep(parts),
        Form::Json(inner) => first_unknown(inner),
        Form::Secret(map) | Form::Plain(Value::Object(map)) => map.values().find_map(first_unknown),
        Form::Plain(Value::Array(items)) => deep(items),
        Form::Plain(_) | Form::Literal(_) | Form::Sensitive(_) => None,
    }
}
