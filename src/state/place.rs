//! A place: one stack in one environment, with its objects in a store.
//!
//! In: a store and the names. Out: what is remembered there, and a [`Session`] for those who hold the lock.

use std::time::Instant;

use super::history::{self, Past};
use super::integrity::{faults, foreign};
use super::load::{self, Loaded};
use super::session::{Refused, Session};
use super::store::{Expected, Store, StoreError};
use super::{Begin, Grant};
use crate::clock::{SharedClock, millis};
use crate::diagnostic::codes::state::{P7002, P7007, P7008};
use crate::diagnostic::{Diagnostic, Error};

/// One stack in one environment.
#[derive(Debug, Clone)]
pub struct Place {
    store: Store,
    clock: SharedClock,
    stack: String,
    environment: String,
    lineage: Option<String>,
}

impl Place {
    /// A place in a store. Nothing is read yet.
    pub fn open(store: Store, clock: SharedClock, stack: impl Into<String>, environment: impl Into<String>) -> Self {
        Self { store, clock, stack: stack.into(), environment: environment.into(), lineage: None }
    }

    /// Gives the place this lineage if nothing has run in it yet: a state from elsewhere is to be pushed there.
    #[must_use]
    pub fn with_lineage(mut self, lineage: &str) -> Self {
        self.lineage = Some(lineage.to_owned());
        self
    }

    pub(super) fn first_lineage(&self) -> String {
        self.lineage.clone().unwrap_or_else(|| self.clock.id())
    }

    /// Name of the stack.
    pub fn stack(&self) -> &str {
        &self.stack
    }

    /// Name of the environment.
    pub fn environment(&self) -> &str {
        &self.environment
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.store
    }

    pub(super) fn clock(&self) -> &SharedClock {
        &self.clock
    }

    /// The key of an object of this place.
    pub fn key(&self, name: &str) -> String {
        format!("stacks/{}/{}/{name}", self.stack, self.environment)
    }

    pub(super) fn journal_key(&self, epoch: u64, seq: u64) -> String {
        self.key(&format!("journal/{}", load::name(epoch, seq)))
    }

    /// Loads the state with the journal folded in memory. Needs no lock and writes nothing.
    pub async fn load(&self) -> Result<Loaded, Error> {
        let asked = Instant::now();
        let loaded = load::read(self).await?.fold()?;
        let (state, journal_objects) = (&loaded.state, loaded.unfolded.len());
        let (serial, resources, strays, ms) = (state.serial, state.resources.len(), loaded.strays.len(), millis(asked.elapsed()));
        let (stack, environment) = (&self.stack, &self.environment);
        tracing::info!(serial, resources, journal_objects, strays, ms, "state loaded: {stack} in {environment}");
        Ok(loaded)
    }

    /// The finding that there was a state and somebody has deleted it.
    pub fn deleted(&self) -> Error {
        load::deleted(self)
    }

    /// Opens the place for writing, with the rights of a lease: reads it afresh, closes the journals of writers that are gone, and writes a
    /// snapshot if that brought anything new. The run `run` is journaled with its first entry, not before.
    pub async fn begin(&self, grant: Grant, run: impl Into<String>, begin: Begin) -> Result<Session, Refused> {
        Session::open(self.clone(), grant, run.into(), begin).await
    }

    /// Checks everything that is stored, the schemas of AWS included. What is unreadable is an error, what is odd a finding.
    pub async fn verify(&self) -> Result<Vec<Diagnostic>, Error> {
        let loaded = self.load().await?;
        let mut findings: Vec<Diagnostic> = faults(&loaded.state).iter().map(|fault| Diagnostic::new(P7002, fault.to_string())).collect();
        findings.extend(foreign(&loaded.state).iter().map(|fault| Diagnostic::new(P7002, fault.to_string()).warning()));
        findings.extend(loaded.strays.iter().map(|location| {
            Diagnostic::new(P7008, format!("{location}: written by a run that had lost its lock; it counts for nothing"))
                .warning()
                .help("it may be removed")
        }));
        Ok(findings)
    }

    /// The runs of this place, oldest first.
    pub async fn history(&self) -> Result<Vec<Past>, Error> {
        history::list(self).await
    }

    /// The record of a run, as it is stored.
    pub async fn run(&self, id: &str) -> Result<Option<serde_json::Value>, Error> {
        history::read(self, id).await
    }

    /// Keeps the record of a run. One that is there already is written over: a run that is recovered has a later end.
    pub async fn keep_run(&self, id: &str, record: &impl serde::Serialize) -> Result<(), Error> {
        let key = self.key(&format!("runs/{id}.json"));
        let mut bytes = serde_json::to_vec(record).expect("documents are always JSON");
        bytes.push(b'\n');
        let failed = |error: StoreError| Error::from(error.finding(P7007));
        match self.store.put(&key, bytes.clone(), Expected::Absent).await {
            Err(error) if error.is_conflict() => {
                let tag = error.found.map(|found| found.1);
                self.store.put(&key, bytes, tag.into()).await.map(drop).map_err(failed)
            }
            written => written.map(drop).map_err(failed),
        }
    }
}
