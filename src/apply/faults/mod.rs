//! Faults on purpose: any provider whose calls go wrong as a script says.
//!
//! In: a provider, a [`Script`] at work. Out: a provider that does, and answers, what the script wants. A run also asks the script at the two
//! points around the journal, where no call is under way.

mod script;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use script::Stage;
pub use script::{Call, Drift, Fault, Faults, Match, Point, Rule, Script};

use super::provider::{Class, Failure, Handle, Live, Provider, Request, Secret, Source};
use crate::account::Account;
use crate::address::Address;
use crate::catalog::{TypeInfo, catalog};
use crate::resource::{Properties, TypeName};
use crate::state::{Accepted, Operation};

/// What faults do to the process.
#[derive(Clone)]
pub struct Process {
    /// Aborts the process; where it returns, the call never ends.
    pub crash: Arc<dyn Fn() + Send + Sync>,
    /// Stops the renewal of the lock.
    pub freeze: Arc<dyn Fn() + Send + Sync>,
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Process")
    }
}

/// Where the journal stands with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The intent is about to be written.
    BeforeIntent,
    /// The result is durable.
    AfterResult,
}

/// A script at work in a process. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Mishaps(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    faults: Faults,
    process: Process,
}

impl Mishaps {
    /// A script at work.
    pub fn new(faults: Faults, process: Process) -> Self {
        Self(Arc::new(Inner { faults, process }))
    }

    /// To be told where the journal stands with a call.
    pub async fn at(&self, moment: Moment, address: &Address, op: Operation) {
        let stage = match moment {
            Moment::BeforeIntent => Stage::Journalling,
            Moment::AfterResult => Stage::Recorded,
        };
        let call = match op {
            Operation::Create => Call::Create,
            Operation::Update => Call::Update,
            Operation::Delete => Call::Delete,
        };
        if self.0.faults.decide(stage, address, call).is_some() {
            self.crash().await;
        }
    }

    async fn crash(&self) {
        (self.0.process.crash)();
        std::future::pending::<()>().await;
    }
}

/// A provider whose calls go wrong.
#[derive(Debug)]
pub struct Faulty<P> {
    inner: P,
    mishaps: Mishaps,
}

impl<P: Provider> Faulty<P> {
    /// Lets calls of `inner` go wrong.
    pub fn new(inner: P, mishaps: Mishaps) -> Self {
        Self { inner, mishaps }
    }

    async fn make(&self, call: Call, request: &Request, handle: &Handle) -> Result<Live, Failure> {
        match call {
            Call::Create => self.inner.create(request, handle).await,
            Call::Update => self.inner.update(request, handle).await,
            Call::Delete => self.inner.delete(request, handle).await.map(|()| Live::default()),
        }
    }

    async fn call(&self, call: Call, request: &Request, handle: &Handle) -> Result<Live, Failure> {
        let taken = || Accepted { request: Some(request.token.clone()), identifier: request.identifier.clone() };
        let fault = self.mishaps.0.faults.decide(Stage::Calling, &request.address, call);
        // Whoever repeats a request that has ended well hears that it has: it cannot fail any more.
        if matches!(fault, Some(Fault::Fail(_) | Fault::FailWithIdentifier(_) | Fault::Partial))
            && let Ok(Some(live)) = self.inner.resume(request, &taken()).await
        {
            return Ok(live);
        }
        match fault {
            None => self.make(call, request, handle).await,
            Some(Fault::Crash(Point::BeforeCall)) => self.die().await,
            Some(Fault::Crash(Point::AfterAccepted)) => {
                handle.accepted(taken()).await;
                self.die().await
            }
            Some(Fault::Crash(_)) => {
                // What comes of it nobody learns.
                drop(self.make(call, request, handle).await);
                self.die().await
            }
            Some(Fault::Hang) => std::future::pending().await,
            Some(Fault::Throttle) => Err(Failure::new(Class::Throttle, "ThrottlingException", "Rate exceeded")),
            Some(Fault::Freeze) => {
                (self.mishaps.0.process.freeze)();
                self.make(call, request, handle).await
            }
            Some(Fault::Latency(seconds)) => {
                let done = self.make(call, request, handle).await;
                handle.accepted(taken()).await;
                tokio::time::sleep(Duration::from_secs_f64(*seconds)).await;
                done
            }
            Some(Fault::Fail(code)) => Err(ended(code, None)),
            Some(Fault::FailWithIdentifier(code)) if call == Call::Delete => Err(ended(code, None)),
            Some(Fault::FailWithIdentifier(code)) => {
                let live = self.make(call, request, handle).await?;
                Err(ended(code, Some(live.identifier)))
            }
            Some(Fault::Partial) if call == Call::Delete => Err(ended("NotStabilized", None)),
            Some(Fault::Partial) => self.half(call, request, handle).await,
            Some(Fault::Drift(drift)) => {
                let live = self.make(call, request, handle).await?;
                self.drift(request, &live, drift).await?;
                Ok(live)
            }
        }
    }

    async fn die(&self) -> Result<Live, Failure> {
        self.mishaps.crash().await;
        std::future::pending().await
    }

    /// A call that stops half-way: it is made, and half of what it has set is taken back.
    async fn half(&self, call: Call, request: &Request, handle: &Handle) -> Result<Live, Failure> {
        let info = catalog().get(&request.type_name);
        let identifier = request.identifier.as_deref().unwrap_or_default();
        let before = match call {
            Call::Update => self.inner.read(&request.type_name, identifier).await?.map(|live| live.properties).unwrap_or_default(),
            _ => Properties::new(),
        };
        let live = self.make(call, request, handle).await?;
        let half = match (call, info) {
            (Call::Update, _) => part_of_update(&before, &live.properties),
            (_, Some(info)) => part_of_create(info, &live.properties),
            (_, None) => live.properties.clone(),
        };
        // Where that cannot be taken back it stays: it was not to be whole, and is.
        drop(self.behind(request, &live, half).await);
        Err(ended("NotStabilized", Some(live.identifier)))
    }

    async fn drift(&self, request: &Request, live: &Live, drift: &Drift) -> Result<(), Failure> {
        let mut properties = live.properties.clone();
        match &drift.value {
            Value::Null => {
                properties.shift_remove(&drift.property);
            }
            value => {
                properties.insert(drift.property.clone(), value.clone());
            }
        }
        self.behind(request, live, properties).await
    }

    /// Changes a resource behind the back of whoever has made the call.
    async fn behind(&self, request: &Request, live: &Live, properties: Properties) -> Result<(), Failure> {
        let outside = Request {
            token: format!("{}-behind", request.token),
            identifier: Some(live.identifier.clone()),
            before: live.properties.clone(),
            properties,
            ..request.clone()
        };
        self.inner.update(&outside, &Handle::silent()).await.map(drop)
    }
}

impl<P: Provider> Source for Faulty<P> {
    fn account(&self) -> &Account {
        self.inner.account()
    }

    async fn read(&self, type_name: &TypeName, identifier: &str) -> Result<Option<Live>, Failure> {
        self.inner.read(type_name, identifier).await
    }

    async fn secret(&self, secret: &Map<String, Value>) -> Result<Secret, Failure> {
        self.inner.secret(secret).await
    }

    async fn snapshot(&self, type_name: &TypeName, identifier: &str, name: &str) -> Result<(), Failure> {
        self.inner.snapshot(type_name, identifier, name).await
    }

    async fn lookup(&self, lookup: &Map<String, Value>) -> Result<Value, Failure> {
        self.inner.lookup(lookup).await
    }
}

impl<P: Provider> Provider for Faulty<P> {
    async fn create(&self, request: &Request, handle: &Handle) -> Result<Live, Failure> {
        self.call(Call::Create, request, handle).await
    }

    async fn update(&self, request: &Request, handle: &Handle) -> Result<Live, Failure> {
        self.call(Call::Update, request, handle).await
    }

    async fn delete(&self, request: &Request, handle: &Handle) -> Result<(), Failure> {
        self.call(Call::Delete, request, handle).await.map(drop)
    }

    async fn list(&self, type_name: &TypeName) -> Result<Option<Vec<Live>>, Failure> {
        self.inner.list(type_name).await
    }

    async fn resume(&self, request: &Request, accepted: &Accepted) -> Result<Option<Live>, Failure> {
        self.inner.resume(request, accepted).await
    }
}

/// A request that was taken and ended as failed: its token is spent.
fn ended(code: &str, identifier: Option<String>) -> Failure {
    Failure { identifier, spent: true, ..Failure::new(Class::of_code(code), code, "the fault script says so") }
}

/// What is set of a create that stops half-way: what is required or fixed at creation, and half of the rest.
fn part_of_create(info: &TypeInfo, made: &Properties) -> Properties {
    let required = info.schema().root().required();
    let fixed = |name: &str| info.is_create_only(&format!("/{name}")) || required.iter().any(|required| **required == *name);
    let free: Vec<&String> = made.keys().filter(|name| !fixed(name)).collect();
    let half = &free[..free.len() / 2];
    made.iter().filter(|(name, _)| fixed(name) || half.contains(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// What is set of an update that stops half-way: the first half of the changed properties, at least one.
fn part_of_update(before: &Properties, made: &Properties) -> Properties {
    let changed: Vec<&String> = made.keys().filter(|name| before.get(*name) != made.get(*name)).collect();
    let mut after = before.clone();
    for name in &changed[..changed.len().div_ceil(2)] {
        after.insert((*name).clone(), made[*name].clone());
    }
    after
}
