//! An engine that does nothing: it records what the frame of a run asks of it, and takes every step for done.

use std::sync::{Arc, Mutex};

use serde_json::{Map, Value, json};

use super::AnyEngine;
use crate::account::Account;
use crate::apply::provider::{Failure, Live, Secret, Source};
use crate::apply::run::{Outcome, StepRun};
use crate::apply::{Engine, Events, Executed, OnFailure, Options, RunContext, Settled, run_plan};
use crate::clock::tests::TestClock;
use crate::diagnostic::Error;
use crate::exit::Exit;
use crate::graph::sample::{graph, resource};
use crate::plan::{self, Plan, diff};
use crate::resource::{Resource, TypeName};
use crate::state::store::{MemoryStore, Store};
use crate::state::tests::beginning;
use crate::state::{Grant, Place, Scope, State};
use crate::stop::Stop;

/// The engine, with what was asked of it so far.
#[derive(Debug)]
pub struct Sketch {
    account: Account,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Sketch {
    fn note(&self, what: impl Into<String>) {
        self.asked.lock().unwrap().push(what.into());
    }
}

impl Source for Sketch {
    fn account(&self) -> &Account {
        &self.account
    }

    async fn read(&self, type_name: &TypeName, identifier: &str) -> Result<Option<Live>, Failure> {
        self.note(format!("read {type_name} {identifier}"));
        Ok(None)
    }

    async fn secret(&self, _: &Map<String, Value>) -> Result<Secret, Failure> {
        Err(Failure::terminal("NotFound", "a sketch has no secrets"))
    }

    async fn snapshot(&self, _: &TypeName, _: &str, _: &str) -> Result<(), Failure> {
        self.note("snapshot");
        Ok(())
    }

    async fn lookup(&self, _: &Map<String, Value>) -> Result<Value, Failure> {
        Err(Failure::terminal("NotFound", "a sketch answers nothing"))
    }
}

impl Engine for Sketch {
    async fn preflight(&self, _: &Plan) -> Result<(), Error> {
        self.note("preflight");
        Ok(())
    }

    async fn settle(&self, _: &RunContext, desired: &[&Resource]) -> Result<Vec<Settled>, Error> {
        self.note(format!("settle {}", desired.len()));
        Ok(Vec::new())
    }

    async fn execute(&self, _: &RunContext, plan: &Plan, _: &State) -> Result<Executed, Error> {
        let step = |step: &plan::Step| StepRun {
            address: step.address.clone(),
            op: step.op,
            type_name: step.type_name.clone(),
            outcome: Outcome::Done,
            calls: 0,
            started: None,
            finished: None,
            identifier: None,
            error: None,
            source: None,
            inverse: None,
        };
        let names: Vec<&str> = plan.steps.iter().map(|step| step.address.as_str()).collect();
        self.note(format!("execute {}", names.join(" ")));
        Ok(Executed {
            steps: plan.steps.iter().map(step).collect(),
            effects: plan.steps.iter().map(|step| step.address.clone()).collect(),
            findings: Vec::new(),
            exit: Exit::Done,
            gone: false,
            orphans: Vec::new(),
        })
    }
}

#[tokio::test(start_paused = true)]
async fn the_frame_of_a_run_asks_any_engine_in_the_same_order() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let account = Account::new(Some("000000000000"), "eu-west-1");
    let engine = AnyEngine::Sketch(Sketch { account: account.clone(), asked: Arc::clone(&asked) });
    let queue = |at: &str, name: &str| resource(at, "AWS::SQS::Queue", json!({"QueueName": name}));
    let graph = graph([queue("a/jobs/queue", "jobs"), queue("a/mail/queue", "mail")]);
    let plan = diff(&graph, None, &plan::Options { account, ..plan::Options::default() }).unwrap();
    let clock = TestClock::shared();
    let place = Place::open(Store::Memory(MemoryStore::default()), clock.clone(), "shop", "dev");
    let session = place.begin(Grant::new(Scope::Stack, 1, async || Ok(())), "run-1".to_owned(), beginning()).await.unwrap();
    let context = RunContext {
        journal: Arc::new(session),
        events: Events::silent("run-1", clock.clone()),
        clock,
        options: Arc::new(Options {
            parallelism: 4,
            on_failure: OnFailure::Stop,
            skip_protected: false,
            settled: false,
            operation: "apply".to_owned(),
            by: "ann@desk".to_owned(),
            git_commit: None,
            ci_run_url: None,
            orphans: "/nonexistent".into(),
            patience: std::time::Duration::from_secs(50),
            seed: 1,
            mishaps: None,
        }),
        stop: Stop::default(),
    };
    engine.preflight(&plan).await.unwrap();
    let report = run_plan(&plan, &engine, &context).await.unwrap();
    assert_eq!(*asked.lock().unwrap(), ["preflight", "settle 2", "execute a/jobs/queue a/mail/queue"]);
    assert_eq!((report.run.exit, report.run.summary[&Outcome::Done], report.findings.len()), (0, 2, 0));
}
