//! Engines: what executes plans.
//!
//! Engines see resources, never manifests. An engine is a variant of [`AnyEngine`] and an arm of `each`; which kinds can be opened is decided in
//! [`AnyEngine::open`].

use std::path::PathBuf;

use serde_json::{Map, Value};

use crate::account::{Account, EngineKind};
use crate::apply::faults::{Faulty, Mishaps};
use crate::apply::provider::{Failure, Live, Secret, Source};
use crate::apply::{Engine, Executed, RunContext, Scheduled, Settled};
use crate::diagnostic::codes::engine::P5012;
use crate::diagnostic::{Diagnostic, Error};
use crate::plan::Plan;
use crate::resource::{Resource, TypeName};
use crate::state::State;
use local::{Local, Now};
use pulumi::Pulumi;

pub mod local;
pub mod pulumi;
#[cfg(test)]
mod sketch;

/// The engine of a plan.
#[derive(Debug)]
pub enum AnyEngine {
    /// The simulated account.
    Local(Scheduled<Faulty<Local>>),
    /// Pulumi's command line.
    Pulumi(Box<Pulumi>),
    /// An engine that records what is asked of it and does nothing.
    #[cfg(test)]
    Sketch(sketch::Sketch),
}

/// What the simulated account is opened with.
pub struct Simulation {
    /// Where panka keeps its files: `.panka`.
    pub directory: PathBuf,
    /// AWS region.
    pub region: String,
    /// `stack/environment`.
    pub place: String,
    /// The wall clock.
    pub now: Now,
    /// What is to go wrong, for people who test.
    pub mishaps: Mishaps,
}

/// Does the same with whichever engine it is.
macro_rules! each {
    ($any:expr, $engine:ident => $what:expr) => {
        match $any {
            AnyEngine::Local($engine) => $what,
            AnyEngine::Pulumi($engine) => $what,
            #[cfg(test)]
            AnyEngine::Sketch($engine) => $what,
        }
    };
}

/// The account of an engine, as far as it is known before anything is opened.
pub fn account(kind: EngineKind, id: Option<&str>, region: &str) -> Account {
    match kind {
        EngineKind::Local => Account::new(Some(local::ACCOUNT), region),
        EngineKind::CloudControl | EngineKind::Pulumi => Account::new(id, region),
    }
}

/// Refuses kinds of engines that this version does not offer.
pub fn check_offered(kind: EngineKind) -> Result<(), Error> {
    match kind {
        EngineKind::Local | EngineKind::Pulumi => Ok(()),
        EngineKind::CloudControl => Err(Diagnostic::new(P5012, format!("the engine `{kind}` is not offered in this version of panka"))
            .help("deploy with Pulumi: --engine pulumi")
            .help("plan and apply in the simulated account: --engine local")
            .into()),
    }
}

impl AnyEngine {
    /// Opens the simulated account.
    pub fn simulated(kind: EngineKind, simulation: Simulation) -> Result<Self, Error> {
        check_offered(kind)?;
        let Simulation { directory, region, place, now, mishaps } = simulation;
        let local = Local::open(&directory.join("local-cloud"), &region, &place, now)?;
        Ok(Self::Local(Scheduled::new(Faulty::new(local, mishaps))))
    }
}

impl AnyEngine {
    /// Takes over what the state knows and the engine itself does not, without a change in AWS. Gives back how many resources that were.
    pub async fn adopt(&self, context: &RunContext, plan: &Plan) -> Result<usize, Error> {
        match self {
            Self::Pulumi(engine) => engine.adopt(context, plan).await,
            #[cfg(test)]
            Self::Sketch(_) => Ok(0),
            Self::Local(_) => {
                Err(Diagnostic::new(P5012, format!("the engine `{}` takes nothing over", plan.engine)).help("leave --adopt out").into())
            }
        }
    }
}

impl Source for AnyEngine {
    fn account(&self) -> &Account {
        each!(self, engine => engine.account())
    }

    async fn read(&self, type_name: &TypeName, identifier: &str) -> Result<Option<Live>, Failure> {
        each!(self, engine => engine.read(type_name, identifier).await)
    }

    async fn secret(&self, secret: &Map<String, Value>) -> Result<Secret, Failure> {
        each!(self, engine => engine.secret(secret).await)
    }

    async fn snapshot(&self, type_name: &TypeName, identifier: &str, name: &str) -> Result<(), Failure> {
        each!(self, engine => engine.snapshot(type_name, identifier, name).await)
    }

    async fn lookup(&self, lookup: &Map<String, Value>) -> Result<Value, Failure> {
        each!(self, engine => engine.lookup(lookup).await)
    }
}

impl Engine for AnyEngine {
    async fn preflight(&self, plan: &Plan) -> Result<(), Error> {
        each!(self, engine => engine.preflight(plan).await)
    }

    async fn settle(&self, context: &RunContext, desired: &[&Resource]) -> Result<Vec<Settled>, Error> {
        each!(self, engine => engine.settle(context, desired).await)
    }

    async fn execute(&self, context: &RunContext, plan: &Plan, before: &State) -> Result<Executed, Error> {
        each!(self, engine => engine.execute(context, plan, before).await)
    }
}
