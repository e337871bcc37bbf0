//! The simulated account: an engine that needs nothing.
//!
//! In: calls on single resources. Out: what AWS would answer as far as its published schemas tell: properties are checked, create-only
//! ones cannot change, names are unique, what is referred to cannot be deleted, a token is answered once. Nothing leaves the machine.

mod account;
mod arn;
mod change;
mod cloud;
pub mod faults;
mod shape;

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::account::Account;
use crate::address::Address;
use crate::apply::provider::{Class, Failure, Handle, Live, Moment, Provider, Request, Secret};
use crate::catalog::{TypeInfo, catalog};
use crate::diagnostic::Error;
use crate::document::{Digest, canonical, hex};
use crate::resource::{Properties, TypeName};
use crate::state::{Accepted, Operation};

use account::SimulatedAccount;
use cloud::{Answer, Cloud, Instance, Refusal};
use faults::{Call, Fault, Faults, Point, Stage};
use shape::Shape;

/// Number of the simulated account.
pub const ACCOUNT: &str = "000000000000";

/// What the simulated account needs of the world.
#[derive(Clone)]
pub struct World {
    /// Unix seconds.
    pub now: Arc<dyn Fn() -> i64 + Send + Sync>,
    /// Aborts the process; where it returns, the call never ends.
    pub crash: Arc<dyn Fn() + Send + Sync>,
    /// Stops the renewal of the lock.
    pub freeze: Arc<dyn Fn() + Send + Sync>,
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("World")
    }
}

/// The engine `local`.
#[derive(Debug)]
pub struct Local {
    identity: Account,
    /// `stack/environment`.
    place: String,
    account: SimulatedAccount,
    faults: Faults,
    world: World,
}

/// One call as it is carried out.
struct Work<'a> {
    call: Call,
    request: &'a Request,
    info: &'a TypeInfo,
    /// What can be read of the wanted properties.
    visible: Properties,
    fault: Option<&'a Fault>,
    digest: String,
}

type Done = Result<Live, Failure>;

impl Local {
    /// Opens the simulated account below `directory` (`.panka/local-cloud`) for one place.
    pub fn open(directory: &Path, region: &str, place: &str, faults: Faults, world: World) -> Result<Self, Error> {
        let identity = Account::new(Some(ACCOUNT), region);
        let account = SimulatedAccount::open(&directory.join(identity.number()).join(region), (world.now)())?;
        Ok(Self { identity, place: place.to_owned(), account, faults, world })
    }

    async fn call(&self, call: Call, request: &Request, handle: &Handle) -> Done {
        let fault = self.faults.decide(Stage::Calling, &request.address, call);
        let taken = || Accepted { request: Some(request.token.clone()), identifier: request.identifier.clone() };
        match fault {
            Some(Fault::Crash(Point::BeforeCall)) => self.crash().await,
            Some(Fault::Crash(Point::AfterAccepted)) => {
                handle.accepted(taken()).await;
                self.crash().await;
            }
            Some(Fault::Hang) => std::future::pending::<()>().await,
            Some(Fault::Throttle) => return Err(Failure::new(Class::Throttle, "ThrottlingException", "Rate exceeded")),
            Some(Fault::Freeze) => (self.world.freeze)(),
            Some(Fault::Latency(_)) => handle.accepted(taken()).await,
            _ => {}
        }
        let Some(info) = catalog().get(&request.type_name) else {
            return Err(Failure::terminal("TypeNotFound", format!("the type {} does not exist", request.type_name)));
        };
        let visible = change::visible(info, &request.properties);
        let digest = digest_of(call, request, &visible);
        let work = Work { call, request, info, visible, fault, digest };
        let done = self.account.use_with(|cloud| self.carry_out(cloud, &work)).unwrap_or_else(|error| {
            Err(Failure::terminal("SimulatedAccountUnusable", format!("the simulated account cannot be read or written: {error}")))
        });
        match fault {
            Some(Fault::Crash(Point::AfterCall)) => self.crash().await,
            Some(Fault::Latency(seconds)) => tokio::time::sleep(Duration::from_secs_f64(*seconds)).await,
            Some(Fault::Drift(drift)) => {
                if let Ok(live) = &done {
                    self.drift(request, &live.identifier, drift)?;
                }
            }
            _ => {}
        }
        done
    }

    /// Decides on a call, and says what is to be logged of it.
    fn carry_out(&self, cloud: &Cloud, work: &Work<'_>) -> (Done, Option<cloud::Operation>) {
        let mut log = self.line(cloud, work.call, work.request, &work.digest);
        if let Some(answer) = cloud.answer(&work.request.token) {
            log.replayed = true;
            return (replay(cloud, work, answer), Some(log));
        }
        if let Some(Fault::Fail(code)) = work.fault {
            return refuse(log, code, "the fault script says so");
        }
        match work.call {
            Call::Create => self.create_in(cloud, work, log),
            Call::Update => update_in(cloud, work, log),
            Call::Delete => delete_in(cloud, work, log),
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
        let properties = match work.fault {
            Some(Fault::Partial) => change::part_of_create(info, &work.visible),
            _ => work.visible.clone(),
        };
        let live = Live { identifier: identifier.clone(), properties: properties.clone(), attributes: shape.attributes() };
        log.identifier = Some(identifier);
        log.properties = Some(properties);
        log.attributes = Some(live.attributes.clone());
        end(work, log, live)
    }

    fn line(&self, cloud: &Cloud, call: Call, request: &Request, digest: &str) -> cloud::Operation {
        cloud::Operation {
            seq: cloud.next(),
            at: (self.world.now)(),
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

    fn drift(&self, request: &Request, identifier: &str, drift: &faults::Drift) -> Result<(), Failure> {
        let outside = Request { token: String::new(), identifier: Some(identifier.to_owned()), ..request.clone() };
        let changed = self.account.use_with(|cloud| {
            let Some(instance) = cloud.get(&request.type_name, identifier) else { return ((), None) };
            let mut properties = instance.properties.clone();
            match &drift.value {
                Value::Null => {
                    properties.shift_remove(&drift.property);
                }
                value => {
                    properties.insert(drift.property.clone(), value.clone());
                }
            }
            let mut log = self.line(cloud, Call::Update, &outside, "");
            log.properties = Some(properties);
            ((), Some(log))
        });
        changed.map_err(|error| Failure::terminal("SimulatedAccountUnusable", error.to_string()))
    }

    fn read_with<T>(&self, read: impl FnOnce(&Cloud) -> T) -> Result<T, Failure> {
        let read = self.account.use_with(|cloud| (read(cloud), None));
        read.map_err(|error| Failure::terminal("SimulatedAccountUnusable", error.to_string()))
    }

    async fn crash(&self) {
        (self.world.crash)();
        std::future::pending::<()>().await;
    }
}

/// The answer that a token had before.
fn replay(cloud: &Cloud, work: &Work<'_>, answer: &Answer) -> Done {
    if answer.call != work.call || answer.request != work.digest {
        return Err(Failure::terminal("ClientTokenConflict", "the client token was used for another request"));
    }
    answered(cloud, &work.request.type_name, answer)
}

fn update_in(cloud: &Cloud, work: &Work<'_>, mut log: cloud::Operation) -> (Done, Option<cloud::Operation>) {
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
    if let Some(pointer) = change::create_only(info, &instance.properties, &wanted) {
        return refuse(log, "NotUpdatable", &format!("{pointer} can only be set when the resource is created"));
    }
    let properties = match work.fault {
        Some(Fault::Partial) => change::part_of_update(&instance.properties, &wanted),
        _ => wanted,
    };
    let live = Live { identifier: identifier.to_owned(), properties: properties.clone(), attributes: instance.attributes.clone() };
    log.properties = Some(properties);
    end(work, log, live)
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
    if let Some(Fault::Partial | Fault::FailWithIdentifier(_)) = work.fault {
        let code = if let Some(Fault::FailWithIdentifier(code)) = work.fault { code } else { "NotStabilized" };
        return refuse(log, code, "the fault script says so");
    }
    (Ok(Live { identifier: identifier.to_owned(), ..Live::default() }), Some(log))
}

/// The end of a call that took effect; a fault may still make it a failure.
fn end(work: &Work<'_>, mut log: cloud::Operation, live: Live) -> (Done, Option<cloud::Operation>) {
    let code = match work.fault {
        Some(Fault::FailWithIdentifier(code)) => code.as_str(),
        Some(Fault::Partial) => "NotStabilized",
        _ => return (Ok(live), Some(log)),
    };
    let refusal = Refusal { code: code.to_owned(), message: "the fault script says so".to_owned() };
    log.error = Some(refusal.clone());
    (Err(failure(&refusal, Some(live.identifier))), Some(log))
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

impl Provider for Local {
    fn account(&self) -> &Account {
        &self.identity
    }

    async fn create(&self, request: &Request, handle: &Handle) -> Result<Live, Failure> {
        self.call(Call::Create, request, handle).await
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

    async fn update(&self, request: &Request, handle: &Handle) -> Result<Live, Failure> {
        self.call(Call::Update, request, handle).await
    }

    async fn delete(&self, request: &Request, handle: &Handle) -> Result<(), Failure> {
        self.call(Call::Delete, request, handle).await.map(|_| ())
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

    async fn secret(&self, secret: &Map<String, Value>) -> Result<Secret, Failure> {
        // The account holds no secrets: each has one value, made up from its identity.
        let identity = Digest::of_bytes(&canonical(&Value::Object(secret.clone())));
        let source = ["arn", "name", "parameter"].iter().find_map(|key| secret.get(*key)?.as_str()).unwrap_or_default().to_owned();
        Ok(Secret { value: format!("simulated-{}", identity.short()), source, version: identity.short().to_owned() })
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

    async fn journal(&self, moment: Moment, address: &Address, op: Operation) {
        let stage = match moment {
            Moment::BeforeIntent => Stage::Journalling,
            Moment::AfterResult => Stage::Recorded,
        };
        let call = match op {
            Operation::Create => Call::Create,
            Operation::Update => Call::Update,
            Operation::Delete => Call::Delete,
        };
        if self.faults.decide(stage, address, call).is_some() {
            self.crash().await;
        }
    }
}

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;
