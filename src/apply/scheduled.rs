//! An engine of any provider: its calls under the scheduler, each between two durable journal entries.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::context::RunContext;
use super::engine::{Engine, Executed};
use super::floor::Floor;
use super::order::{self, Node};
use super::provider::{Failure, Live, Provider, Secret, Source};
use super::recover::{self, Settled};
use super::report::{finding, step_run};
use super::run::{Outcome, StepRun};
use super::scheduler::{self, Finished};
use super::trouble::NodeEnd;
use crate::account::Account;
use crate::address::Address;
use crate::diagnostic::{Diagnostic, Error};
use crate::exit::Exit;
use crate::plan::Plan;
use crate::resource::{Resource, TypeName};
use crate::state::State;

/// A provider under the scheduler.
#[derive(Debug)]
pub struct Scheduled<P>(Arc<P>);

impl<P: Provider> Scheduled<P> {
    /// Makes an engine of a provider.
    pub fn new(provider: P) -> Self {
        Self(Arc::new(provider))
    }
}

impl<P: Provider> From<Arc<P>> for Scheduled<P> {
    fn from(provider: Arc<P>) -> Self {
        Self(provider)
    }
}

impl<P: Provider> Source for Scheduled<P> {
    fn account(&self) -> &Account {
        self.0.account()
    }

    async fn read(&self, type_name: &TypeName, identifier: &str) -> Result<Option<Live>, Failure> {
        self.0.read(type_name, identifier).await
    }

    async fn secret(&self, secret: &Map<String, Value>) -> Result<Secret, Failure> {
        self.0.secret(secret).await
    }

    async fn snapshot(&self, type_name: &TypeName, identifier: &str, name: &str) -> Result<(), Failure> {
        self.0.snapshot(type_name, identifier, name).await
    }

    async fn lookup(&self, lookup: &Map<String, Value>) -> Result<Value, Failure> {
        self.0.lookup(lookup).await
    }
}

impl<P: Provider> Engine for Scheduled<P> {
    async fn preflight(&self, _: &Plan) -> Result<(), Error> {
        // Single calls need nothing besides the account, which was opened.
        Ok(())
    }

    async fn settle(&self, context: &RunContext, desired: &[&Resource]) -> Result<Vec<Settled>, Error> {
        recover::settle(&self.0, context, desired).await
    }

    async fn execute(&self, context: &RunContext, plan: &Plan, before: &State) -> Result<Executed, Error> {
        let nodes = order::nodes(plan, before)?;
        let (floor, mut messages) = Floor::new(Arc::clone(&self.0), context.clone(), Arc::new(plan.clone()));
        let finished = scheduler::run(Arc::clone(&floor), &mut messages, nodes.clone()).await;
        let (steps, mut findings, exit) = end(context, plan, &nodes, &finished, before);
        findings.extend(floor.take_warnings());
        let effects = finished.effects(&nodes, plan);
        Ok(Executed { steps, effects, findings, exit, gone: finished.store.is_some(), orphans: floor.take_orphans() })
    }
}

/// How the steps ended, from how their nodes did.
fn end(context: &RunContext, plan: &Plan, nodes: &[Node], finished: &Finished, before: &State) -> (Vec<StepRun>, Vec<Diagnostic>, Exit) {
    let mut parts: Vec<Vec<(Outcome, Option<&NodeEnd>)>> = vec![Vec::new(); plan.steps.len()];
    for (number, node) in nodes.iter().enumerate() {
        let end = finished.ends[number].as_ref();
        let outcome = match end {
            Some(end) => end.outcome,
            None if finished.blocked[number] => Outcome::Blocked,
            None if context.stop.interrupts() > 1 && is_pending(context, &plan.steps[node.step].address) => Outcome::Pending,
            None => Outcome::Cancelled,
        };
        parts[node.step].push((outcome, end));
    }
    let mut findings = Vec::new();
    let steps: Vec<StepRun> = plan.steps.iter().zip(&parts).map(|(step, parts)| step_run(step, parts, before)).collect();
    for (step, run) in plan.steps.iter().zip(&steps) {
        findings.extend(finding(step, run));
    }
    let mut exit = if steps.iter().all(|step| step.outcome == Outcome::Done) { Exit::Done } else { Exit::Incomplete };
    if let Some(why) = &finished.store {
        let error = Error::from(why.clone());
        // Where the journal has not taken the first intent nothing was called: that is a failure before any step.
        let untouched = steps.iter().all(|step| step.calls == 0 && step.outcome == Outcome::Cancelled);
        exit = if untouched { error.exit() } else { exit.max(Exit::Incomplete).max(error.exit()) };
        findings.extend(error.into_findings());
    }
    (steps, findings, exit)
}

fn is_pending(context: &RunContext, address: &Address) -> bool {
    context.journal.with_state(|state| state.resources.get(address).is_some_and(|record| record.pending.is_some()))
}
