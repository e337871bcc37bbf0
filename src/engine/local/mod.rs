//! The simulated account: an engine that needs nothing.
//!
//! In: calls on single resources. Out: what AWS would answer as far as its published schemas tell: properties are checked, create-only
//! ones cannot change, names are unique, what is referred to cannot be deleted, a token is answered once. Nothing leaves the machine.

mod account;
mod arn;
mod change;
mod cloud;
mod shape;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::account::Account;
use crate::apply::provider::{Class, Failure, Handle, Live, Provider, Request, Secret, Source};
use crate::catalog::{Limit, TypeInfo, catalog, transitions};
use crate::diagnostic::Error;
use crate::document::{Digest, canonical, hex};
use crate::resource::{Properties, TypeName};
use crate::state::Accepted;

use account::SimulatedAccount;
use cloud::{Answer, Cloud, Instance, Refusal};
use shape::Shape;

/// Number of the simulated account.
pub const ACCOUNT: &str = "000000000000";

/// The wall clock, in Unix seconds.
pub type Now = Arc<dyn Fn() -> i64 + Send + Sync>;

/// The engine `local`.
pub struct Local {
    identity: Account,
    /// `stack/environment`.
    place: String,
    account: SimulatedAccount,
    now: Now,
}

impl fmt::Debug for Local {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Local").field("identity", &self.identity).field("place", &self.place).finish_non_exhaustive()
    }
}

/// What is done to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Call {
    Create,
    Update,
    Delete,
    Snapshot,
}

/// One call as it is carried out.
struct Work<'a> {
    call: Call,
    request: &'a Request,
    info: &'a TypeInfo,
    /// What can be read of the wanted properties.
    visible: Properties,
    digest: String,
}

type Done = Result<Live, Failure>;

impl Local {
    /// Opens the simulated account below `directory` (`.panka/local-cloud`) for one place.
    pub fn open(directory: &Path, region: &str, place: &str, now: Now) -> Result<Self, Error> {
        let identity = Account::new(Some(ACCOUNT), region);
        let account = SimulatedAccount::open(&directory.join(identity.number()).join(region), now())?;
        Ok(Self { identity, place: place.to_owned(), account, now })
    }

    fn call(&self, call: Call, request: &Request) -> Done {
        let Some(info) = catalog().get(&request.type_name) else {
            return Err(Failure::terminal("TypeNotFound", format!("the type {} does not exist", request.type_name)));
        };
        let visible = change::visible(info, &request.properties);
        let digest = digest_of(call, request, &visible);
        let work = Work { call, request, info, visible, digest };
        self.account.use_with(|cloud| self.carry_out(cloud, &work)).unwrap_or_else(|error| {
            Err(Failure::terminal("SimulatedAccountUnusable", format!("the simulated account cannot be read or written: {error}")))
        })
    }

    /// Decides on a call, and says what is to be logged of it.
    fn carry_out(&self, cloud: &Cloud, work: &Work<'_>) -> (Done, Option<cloud::Operation>) {
        let mut log = self.line(cloud, work.call, work.request, &work.digest);
        if let Some(answer) = cloud.answer(&work.request.token) {
            log.replayed = true;
            return (replay(cloud, work, answer), Some(log));
        }
        match work.call {
            Call::Create => self.create_in(cloud, work, log),
            Call::Update => update_in(cloud, work, &self.identity, log),
            Call::Delete => delete_in(cloud, work, log),
            Call::Snapshot => (Err(Failure::terminal("InvalidRequest", "a snapshot is no call on a resource")), None),
        }
    }

    fn create_in(&self, cloud: &Cloud, work: &Work<'_>, mut log: cloud::Operation) -> (Done, Option<cloud::Operation>) {
        let Work { request, info, .. } = work;
        if let Some(why) = invalid(info, &request.properties) {
            return refuse(log, "InvalidRequest", &why);
        }
        let address = request.address.as_str();
        let before = cloud.made(&self.place, address);
        let shape = Shape::new(&self.identity, Some(info), &request.type_name, &request.properties, (&self.place, address), before);
        let identifier = shape.identifier();
        if cloud.get(&request.type_name, &identifier).is_some() {
            return refuse(log, "AlreadyExists", &format!("{} {identifier} exists already", request.type_name));
        }
        if let Some(other) = cloud.same_thing(info, &work.visible, None) {
            return refuse(log, "AlreadyExists", &one_of_it(info, other));
        }
        let properties = work.visible.clone();
        let live = Live { identifier: identifier.clone(), properties: properties.clone(), attributes: shape.attributes() };
        log.identifier = Some(identifier);
        log.properties = Some(properties);
        log.attributes = Some(live.attributes.clone());
        (Ok(live), Some(log))
    }

    fn line(&self, cloud: &Cloud, call: Call, request: &Request, digest: &str) -> cloud::Operation {
        cloud::Operation {
            seq: cloud.next(),
            at: (self.now)(),
            call,
            place: self.place.clone(),
            address: request.address.to_string(),
            type_name: request.type_name.to_string(),
            identifier: request.identifier.clone(),
            token: request.token.clone(),
            request: digest.to_owned(),
            properties: None,
            attributes: None,
            replayed: false,
            error: None,
        }
    }

    /// A snapshot of a database that exists, under a name that none has.
    fn snapshot_in(
        &self,
        cloud: &Cloud,
        type_name: &TypeName,
        identifier: &str,
        name: &str,
    ) -> (Result<(), Failure>, Option<cloud::Operation>) {
        let Some(instance) = cloud.get(type_name, identifier) else { return (Ok(()), None) };
        if cloud.has_snapshot(name) {
            return (Err(Failure::terminal("AlreadyExists", format!("a snapshot {name} exists already"))), None);
        }
        let log = cloud::Operation {
            seq: cloud.next(),
            at: (self.now)(),
            call: Call::Snapshot,
            place: self.place.clone(),
            address: instance.address.clone(),
            type_name: type_name.to_string(),
            identifier: Some(identifier.to_owned()),
            token: String::new(),
            request: String::new(),
            properties: Some(Properties::from_iter([("SnapshotIdentifier".to_owned(), Value::from(name))])),
            attributes: None,
            replayed: false,
            error: None,
        };
        (Ok(()), Some(log))
    }

    fn read_with<T>(&self, read: impl FnOnce(&Cloud) -> T) -> Result<T, Failure> {
        let read = self.account.use_with(|cloud| (read(cloud), None));
        read.map_err(|error| Failure::terminal("SimulatedAccountUnusable", error.to_string()))
    }
}

/// The answer that a token had before.
fn replay(cloud: &Cloud, work: &Work<'_>, answer: &Answer) -> Done {
    if answer.call != work.call || answer.request != work.digest {
        return Err(Failure::terminal("ClientTokenConflict", "the client token was used for another request"));
    }
    answered(cloud, &work.request.type_name, answer)
}

fn update_in(cloud: &Cloud, work: &Work<'_>, identity: &Account, mut log: cloud::Operation) -> (Done, Option<cloud::Operation>) {
    let Work { request, info, .. } = work;
    let identifier = request.identifier.as_deref().unwrap_or_default();
    let Some(instance) = cloud.get(&request.type_name, identifier) else {
        return refuse(log, "NotFound", &format!("{} {identifier} does not exist", request.type_name));
    };
    if let Some(why) = invalid(info, &request.properties) {
        return refuse(log, "InvalidRequest", &why);
    }
    if !info.has_update() {
        return refuse(log, "NotUpdatable", &format!("{} cannot be changed in place", request.type_name));
    }
    let wanted = change::updated(&instance.properties, &change::visible(info, &request.before), &work.visible);
    if let Some(pointer) = change::needs_replacement(info, &instance.properties, &wanted) {
        return refuse(log, "NotUpdatable", &format!("{pointer} can only be set when the resource is created"));
    }
    if let Some(limit) = transitions(&request.type_name, &instance.properties, &wanted).into_iter().next() {
        let code = if limit.limit == Limit::Replaces { "NotUpdatable" } else { "InvalidRequest" };
        return refuse(log, code, &limit.message);
    }
    if let Some(other) = cloud.same_thing(info, &wanted, Some(identifier)) {
        return refuse(log, "AlreadyExists", &one_of_it(info, other));
    }
    let attributes = attributes_after(cloud, work, (instance, &wanted), identity);
    let live = Live { identifier: identifier.to_owned(), properties: wanted.clone(), attributes };
    log.attributes = Some(live.attributes.clone()).filter(|attributes| *attributes != instance.attributes);
    log.properties = Some(wanted);
    (Ok(live), Some(log))
}

fn one_of_it(info: &TypeInfo, other: &Instance) -> String {
    format!("{} {} has the same {} already", info.name(), other.identifier, info.natural_key().join(" and "))
}

/// The attributes after an update: those that hang on what has changed are made anew.
fn attributes_after(
    cloud: &Cloud,
    work: &Work<'_>,
    (instance, wanted): (&Instance, &Properties),
    identity: &Account,
) -> Map<String, Value> {
    let Work { request, info, .. } = work;
    let names = wanted.keys().chain(instance.properties.keys()).filter(|name| wanted.get(*name) != instance.properties.get(*name));
    let changed: Vec<String> = names.map(|name| format!("/{name}")).collect();
    let moved = info.moved(changed.iter().map(String::as_str));
    let mut attributes = instance.attributes.clone();
    if moved.is_empty() {
        return attributes;
    }
    let before = cloud.made(&instance.place, &instance.address).saturating_sub(1);
    let names = (instance.place.as_str(), instance.address.as_str());
    let anew = Shape::new(identity, Some(info), &request.type_name, wanted, names, before).after(cloud.next()).attributes();
    for name in moved.into_iter().filter_map(|attribute| attribute.split('.').next()) {
        match anew.get(name) {
            Some(value) => attributes.insert(name.to_owned(), value.clone()),
            None => attributes.remove(name),
        };
    }
    attributes.sort_keys();
    attributes
}

fn delete_in(cloud: &Cloud, work: &Work<'_>, log: cloud::Operation) -> (Done, Option<cloud::Operation>) {
    let request = work.request;
    let identifier = request.identifier.as_deref().unwrap_or_default();
    if let Some(instance) = cloud.get(&request.type_name, identifier) {
        // While a new instance is on its way, only what cannot be switched to it holds the old one.
        let holds = |holder: &&Instance| {
            let pointers = holder.references_to(instance);
            !pointers.is_empty()
                && (!request.makes_room
                    || catalog().get(&holder.type_name).is_some_and(|info| pointers.iter().any(|pointer| info.is_create_only(pointer))))
        };
        let holders: Vec<&str> =
            cloud.holders(&request.type_name, identifier).filter(holds).map(|holder| holder.address.as_str()).collect();
        if !holders.is_empty() {
            return refuse(log, "ResourceConflict", &format!("{identifier} is in use by {}", holders.join(", ")));
        }
    }
    (Ok(Live { identifier: identifier.to_owned(), ..Live::default() }), Some(log))
}

fn refuse(mut log: cloud::Operation, code: &str, message: &str) -> (Done, Option<cloud::Operation>) {
    let refusal = Refusal { code: code.to_owned(), message: message.to_owned() };
    log.error = Some(refusal.clone());
    (Err(failure(&refusal, None)), Some(log))
}

/// A request that was taken and ended as failed: its token is spent.
fn failure(refusal: &Refusal, identifier: Option<String>) -> Failure {
    let class = Class::of_code(&refusal.code);
    Failure { identifier, spent: true, ..Failure::new(class, &refusal.code, refusal.message.clone()) }
}

fn answered(cloud: &Cloud, type_name: &str, answer: &Answer) -> Done {
    if let Some(refusal) = &answer.error {
        let made = answer.identifier.clone().filter(|identifier| answer.call == Call::Create && cloud.get(type_name, identifier).is_some());
        return Err(failure(refusal, made));
    }
    let identifier = answer.identifier.clone().unwrap_or_default();
    Ok(cloud.get(type_name, &identifier).map_or_else(|| Live { identifier, ..Live::default() }, live))
}

fn live(instance: &Instance) -> Live {
    Live { identifier: instance.identifier.clone(), properties: instance.properties.clone(), attributes: instance.attributes.clone() }
}

/// What the schema says against the properties.
fn invalid(info: &TypeInfo, properties: &Properties) -> Option<String> {
    let faults = info.check(properties);
    let first = faults.first()?;
    let more = if faults.len() > 1 { format!(" (and {} more)", faults.len() - 1) } else { String::new() };
    Some(format!("{}: {}{more}", if first.pointer.is_empty() { "/" } else { &first.pointer }, first.message))
}

fn digest_of(call: Call, request: &Request, visible: &Properties) -> String {
    let parts = json!([call, request.type_name, request.identifier, visible]);
    Digest::of_value(&parts).short().to_owned()
}

impl Source for Local {
    fn account(&self) -> &Account {
        &self.identity
    }

    async fn read(&self, type_name: &TypeName, identifier: &str) -> Result<Option<Live>, Failure> {
        self.read_with(|cloud| {
            let instance = cloud.get(type_name, identifier)?;
            let mut live = live(instance);
            let names = (instance.place.as_str(), instance.address.as_str());
            let shape = Shape::new(&self.identity, catalog().get(type_name), type_name, &instance.properties, names, 0);
            for (name, value) in shape.defaults() {
                live.attributes.entry(name).or_insert(value);
            }
            Some(live)
        })
    }

    async fn secret(&self, secret: &Map<String, Value>) -> Result<Secret, Failure> {
        // The account holds no secrets: each has one value, made up from its identity.
        let identity = Digest::of_bytes(&canonical(&Value::Object(secret.clone())));
        let source = ["arn", "name", "parameter"].iter().find_map(|key| secret.get(*key)?.as_str()).unwrap_or_default().to_owned();
        Ok(Secret { value: format!("simulated-{}", identity.short()), source, version: identity.short().to_owned() })
    }

    async fn snapshot(&self, type_name: &TypeName, identifier: &str, name: &str) -> Result<(), Failure> {
        let unusable = |error: std::io::Error| Failure::terminal("SimulatedAccountUnusable", error.to_string());
        self.account.use_with(|cloud| self.snapshot_in(cloud, type_name, identifier, name)).map_err(unusable)?
    }

    async fn lookup(&self, lookup: &Map<String, Value>) -> Result<Value, Failure> {
        let digest = Digest::of_bytes(&canonical(&Value::Object(lookup.clone())));
        let host = |broker: u8| {
            format!(
                "b-{broker}.{}.kafka.{}.{}:9098",
                hex(&digest.as_str().as_bytes()[7..11]),
                self.identity.region,
                self.identity.url_suffix
            )
        };
        Ok(Value::String([host(1), host(2)].join(",")))
    }
}

impl Provider for Local {
    async fn create(&self, request: &Request, _: &Handle) -> Result<Live, Failure> {
        self.call(Call::Create, request)
    }

    async fn update(&self, request: &Request, _: &Handle) -> Result<Live, Failure> {
        self.call(Call::Update, request)
    }

    async fn delete(&self, request: &Request, _: &Handle) -> Result<(), Failure> {
        self.call(Call::Delete, request).map(drop)
    }

    async fn list(&self, type_name: &TypeName) -> Result<Option<Vec<Live>>, Failure> {
        if !catalog().get(type_name).is_some_and(TypeInfo::has_list) {
            return Ok(None);
        }
        self.read_with(|cloud| Some(cloud.all().filter(|instance| instance.type_name == **type_name).map(live).collect()))
    }

    async fn resume(&self, request: &Request, _accepted: &Accepted) -> Result<Option<Live>, Failure> {
        self.read_with(|cloud| cloud.answer(&request.token).map(|answer| answered(cloud, &request.type_name, answer)).transpose())?
    }
}

#[cfg(test)]
mod faulty;
#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;
