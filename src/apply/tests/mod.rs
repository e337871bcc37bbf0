//! Runs of hand-made plans against a provider that only keeps time, with virtual clocks and a store in memory.

mod failing;
mod replacing;
mod scheduling;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::context::{OnFailure, Options, RunContext};
use super::events::Events;
use super::frame::{Report, run};
use super::provider::{Failure, Handle, Live, Provider, Request, Secret, Source};
use super::scheduled::Scheduled;
use crate::account::{Account, EngineKind};
use crate::address::Address;
use crate::clock::SharedClock;
use crate::clock::tests::TestClock;
use crate::diagnostic::Error;
use crate::plan::{Op, Plan, Seen, Step};
use crate::resource::{ReplaceOrder, TypeName};
use crate::state::store::{MemoryStore, Store};
use crate::state::{Accepted, Begin, Grant, Place, Record, Scope, Session, State};
use crate::stop::Stop;

pub(super) fn address(text: &str) -> Address {
    text.parse().unwrap()
}

/// One call that the provider saw, in virtual seconds since its start.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Seen1 {
    pub(super) op: &'static str,
    pub(super) address: String,
    pub(super) identifier: String,
    pub(super) from: f64,
    pub(super) to: f64,
}

/// A provider that takes its time.
#[derive(Debug)]
pub(super) struct Timed {
    account: Account,
    start: Instant,
    /// Seconds of a call by address.
    pub(super) seconds: HashMap<String, f64>,
    /// Failures to give, by operation and address, one a call.
    pub(super) failures: Mutex<HashMap<(String, String), Vec<Failure>>>,
    pub(super) seen: Mutex<Vec<Seen1>>,
    count: Mutex<HashMap<String, u32>>,
}

impl Timed {
    pub(super) fn new() -> Self {
        Self {
            account: Account::new(Some("000000000000"), "eu-west-1"),
            start: Instant::now(),
            seconds: HashMap::new(),
            failures: Mutex::default(),
            seen: Mutex::default(),
            count: Mutex::default(),
        }
    }

    pub(super) fn taking(mut self, address: &str, seconds: f64) -> Self {
        self.seconds.insert(address.to_owned(), seconds);
        self
    }

    pub(super) fn failing(self, op: &str, address: &str, failures: impl IntoIterator<Item = Failure>) -> Self {
        self.failures.lock().unwrap().insert((op.to_owned(), address.to_owned()), failures.into_iter().collect());
        self
    }

    async fn call(&self, op: &'static str, request: &Request) -> Result<Live, Failure> {
        let from = self.start.elapsed().as_secs_f64();
        let seconds = self.seconds.get(request.address.as_str()).copied().unwrap_or(1.0);
        tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
        let failure = {
            let mut failures = self.failures.lock().unwrap();
            let left = failures.get_mut(&(op.to_owned(), request.address.to_string()));
            left.filter(|left| !left.is_empty()).map(|left| left.remove(0))
        };
        let identifier = request.identifier.clone().unwrap_or_else(|| {
            let mut count = self.count.lock().unwrap();
            let number = count.entry(request.address.to_string()).or_default();
            *number += u32::from(failure.is_none());
            format!("{}#{number}", request.address)
        });
        let to = self.start.elapsed().as_secs_f64();
        let address = request.address.to_string();
        self.seen.lock().unwrap().push(Seen1 { op, address, identifier: identifier.clone(), from, to });
        match failure {
            Some(failure) => Err(failure),
            None => Ok(Live { attributes: object(json!({"Arn": format!("arn:{identifier}")})), identifier, properties: Map::new() }),
        }
    }

    /// The calls as `op identifier`, in the order in which they ended.
    pub(super) fn story(&self) -> Vec<String> {
        self.seen.lock().unwrap().iter().map(|seen| format!("{} {}", seen.op, seen.identifier)).collect()
    }

    pub(super) fn at(&self, op: &str, address: &str) -> Seen1 {
        let seen = self.seen.lock().unwrap();
        let found = seen.iter().find(|seen| seen.op == op && seen.address == address);
        found.unwrap_or_else(|| panic!("no {op} of {address} in {seen:?}")).clone()
    }

    pub(super) fn elapsed(&self) -> f64 {
        self.seen.lock().unwrap().iter().map(|seen| seen.to).fold(0.0, f64::max)
    }
}

impl Source for Timed {
    fn account(&self) -> &Account {
        &self.account
    }

    async fn read(&self, _: &TypeName, identifier: &str) -> Result<Option<Live>, Failure> {
        // What stands there is never what is wanted.
        let properties = Map::from_iter([("QueueName".to_owned(), json!("other"))]);
        Ok(Some(Live { identifier: identifier.to_owned(), properties, ..Live::default() }))
    }

    async fn secret(&self, _: &Map<String, Value>) -> Result<Secret, Failure> {
        Err(Failure::terminal("NotFound", "there are no secrets here"))
    }

    async fn snapshot(&self, _: &TypeName, _: &str, _: &str) -> Result<(), Failure> {
        Err(Failure::terminal("NotFound", "there are no snapshots here"))
    }

    async fn lookup(&self, _: &Map<String, Value>) -> Result<Value, Failure> {
        Err(Failure::terminal("NotFound", "there is nothing to look up here"))
    }
}

impl Provider for Timed {
    async fn create(&self, request: &Request, _: &Handle) -> Result<Live, Failure> {
        self.call("create", request).await
    }

    async fn update(&self, request: &Request, _: &Handle) -> Result<Live, Failure> {
        self.call("update", request).await
    }

    async fn delete(&self, request: &Request, _: &Handle) -> Result<(), Failure> {
        self.call("delete", request).await.map(drop)
    }

    async fn list(&self, _: &TypeName) -> Result<Option<Vec<Live>>, Failure> {
        Ok(None)
    }

    async fn resume(&self, _: &Request, _: &Accepted) -> Result<Option<Live>, Failure> {
        Ok(None)
    }
}

pub(super) fn object(value: Value) -> Map<String, Value> {
    let Value::Object(map) = value else { panic!("{value} is not an object") };
    map
}

/// A step of a queue.
pub(super) fn step(at: &str, op: Op, needs: &[&str]) -> Step {
    let depends_on: Vec<&str> = needs.to_vec();
    let desired = json!({
        "address": at, "type": "AWS::SQS::Queue", "component": "SQS", "tier": "base", "source": "a.yaml:1:1", "dependsOn": depends_on,
        "properties": {"QueueName": at.replace('/', "-")},
        "lifecycle": {"replace": "create-first"},
    });
    let mut step: Step = serde_json::from_value(json!({
        "address": at, "op": op, "type": "AWS::SQS::Queue", "component": "SQS", "reason": "test", "seconds": 1,
        "dependsOn": depends_on, "desired": desired,
    }))
    .unwrap();
    if matches!(op, Op::Delete | Op::Forget) {
        step.desired = None;
    }
    if op == Op::Replace {
        step.replace_order = Some(ReplaceOrder::CreateFirst);
        step.generation = 1;
    }
    step
}

pub(super) fn plan(steps: Vec<Step>) -> Plan {
    let mut plan: Plan = serde_json::from_value(json!({
        "kind": "panka.plan/v1", "stack": "shop", "environment": "dev", "provider": {"region": "eu-west-1"}, "engine": "local",
        "digests": {"catalog": "x"}, "base": {"serial": 0}, "steps": [],
        "summary": {"create": 0, "update": 0, "replace": 0, "delete": 0, "adopt": 0, "forget": 0, "none": 0, "unchanged": 0, "blocked": 0},
    }))
    .unwrap();
    plan.steps = steps;
    plan.steps.sort_by(|a, b| a.address.cmp(&b.address));
    plan
}

pub(super) fn begin() -> Begin {
    Begin {
        plan: None,
        operation: "apply".to_owned(),
        by: "ann@desk".to_owned(),
        git_commit: None,
        serial: 0,
        engine: EngineKind::Local,
        simulated: true,
        region: None,
        account: None,
    }
}

/// A place whose runs follow each other.
pub(super) struct Stage {
    pub(super) place: Place,
    pub(super) clock: SharedClock,
    epoch: u64,
}

impl Stage {
    pub(super) fn new() -> Self {
        let clock: SharedClock = TestClock::shared();
        let place = Place::open(Store::Memory(MemoryStore::default()), Arc::clone(&clock), "shop", "dev");
        Self { place, clock, epoch: 0 }
    }

    pub(super) async fn session(&mut self) -> Arc<Session> {
        self.epoch += 1;
        let grant = Grant::new(Scope::Stack, self.epoch, || std::future::ready(Ok(())));
        Arc::new(self.place.begin(grant, format!("run-{}", self.epoch), begin()).await.unwrap())
    }

    pub(super) async fn state(&self) -> State {
        self.place.load().await.unwrap().state
    }

    /// Runs a plan on the state as it is.
    pub(super) async fn run(&mut self, plan: Plan, provider: &Arc<Timed>, options: Options) -> Report {
        self.run_with(plan, provider, options, Stop::default()).await.unwrap()
    }

    pub(super) async fn run_with(&mut self, mut plan: Plan, provider: &Arc<Timed>, options: Options, stop: Stop) -> Result<Report, Error> {
        let session = self.session().await;
        session.with_state(|state| {
            for step in &mut plan.steps {
                let record = state.resources.get(&step.address);
                step.base = record.map(Seen::of);
                step.identifier = record.and_then(|record| record.identifier.clone());
            }
        });
        let events = Events::silent(session.run(), Arc::clone(&self.clock));
        let context = RunContext { journal: session, events, clock: Arc::clone(&self.clock), options: Arc::new(options), stop };
        run(&plan, &Scheduled::from(Arc::clone(provider)), &context).await
    }

    /// Makes resources, given as address and what it needs.
    pub(super) async fn having(&mut self, resources: &[(&str, &[&str])]) -> BTreeMap<Address, Record> {
        let steps = resources.iter().map(|(at, needs)| step(at, Op::Create, needs)).collect();
        let report = self.run(plan(steps), &Arc::new(Timed::new()), how(100)).await;
        assert_eq!(report.run.exit, 0, "{:?}", report.findings);
        self.state().await.resources
    }
}

pub(super) fn how(parallelism: usize) -> Options {
    Options {
        parallelism,
        on_failure: OnFailure::Stop,
        skip_protected: false,
        settled: false,
        operation: "apply".to_owned(),
        by: "ann@desk".to_owned(),
        git_commit: None,
        ci_run_url: None,
        orphans: "/nonexistent/orphans".into(),
        patience: Duration::from_secs(50),
        seed: 1,
        mishaps: None,
    }
}
