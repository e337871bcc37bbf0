//! Lock records in a store: read, changed by compare-and-set, listed.

use std::time::Duration;

use super::{Change, LockRecord, Refusal};
use crate::clock::SharedClock;
use crate::diagnostic::codes::lock::{P6004, P6005};
use crate::diagnostic::{Diagnostic, Error};
use crate::document::Document as _;
use crate::state::Scope;
use crate::state::store::{Expected, Store, StoreError, Tag};

/// How often a change is tried again after others have changed the record: many services may renew at once.
const ATTEMPTS: usize = 60;

/// The place that a lock is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PlaceName {
    pub(super) stack: String,
    pub(super) environment: String,
}

impl PlaceName {
    /// The key of the record within itself.
    pub(super) fn lock_key(&self) -> String {
        format!("stack:{}:env:{}", self.stack, self.environment)
    }

    /// What a scope is called in messages.
    pub(super) fn name(&self, scope: &str) -> String {
        if scope == Scope::Stack.to_string() { self.lock_key() } else { format!("{}:{scope}", self.lock_key()) }
    }

    fn object(&self) -> String {
        format!("locks/{}/{}.json", self.stack, self.environment)
    }
}

/// A record with its version; none when there is none.
pub(super) type Found = Option<(LockRecord, Tag)>;

/// Lock records as objects of a store.
#[derive(Debug, Clone)]
pub(super) struct Records {
    pub(super) store: Store,
    pub(super) clock: SharedClock,
}

/// Why a change was not made.
#[derive(Debug)]
pub(super) enum Failure {
    /// It may not be made.
    Refused(Refusal),
    /// The record cannot be read or written.
    Failed(Error),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Failed(unavailable(error))
    }
}

fn unavailable(error: StoreError) -> Error {
    error.finding(P6004).into()
}

impl Records {
    /// Reads a record.
    pub(super) async fn read(&self, place: &PlaceName) -> Result<Option<LockRecord>, Error> {
        Ok(self.read_tagged(place).await?.map(|(record, _)| record))
    }

    /// Reads a record with its version.
    pub(super) async fn read_tagged(&self, place: &PlaceName) -> Result<Found, Error> {
        let key = place.object();
        let Some((bytes, tag)) = self.store.get(&key).await.map_err(unavailable)? else { return Ok(None) };
        let record = decode(&bytes, &self.store.locate(&key))?;
        if record.lock_key != place.lock_key() {
            let message = format!("{}: `lockKey` is {}, expected {}", self.store.locate(&key), record.lock_key, place.lock_key());
            return Err(damaged(message).into());
        }
        Ok(Some((record, tag)))
    }

    /// Changes a record: reads it, and writes what the change makes of it if it is still the same. Gives the new record.
    pub(super) async fn change(&self, place: &PlaceName, change: &Change) -> Result<LockRecord, Failure> {
        let found = self.read_tagged(place).await.map_err(Failure::Failed)?;
        self.change_from(place, found, change).await
    }

    /// The same, with a record that was read already.
    pub(super) async fn change_from(&self, place: &PlaceName, mut found: Found, change: &Change) -> Result<LockRecord, Failure> {
        let mut result = Err(StoreError::Conflict { key: place.object() });
        for _ in 0..ATTEMPTS {
            let (record, tag) = found.map_or((None, None), |(record, tag)| (Some(record), Some(tag)));
            if let (Change::Take { holder, .. }, Some(record)) = (change, &record)
                && record.holders.values().any(|other| other.lock_id == holder.lock_id)
            {
                // A write that had seemed to fail did not.
                return Ok(record.clone());
            }
            let next = change.apply(&place.lock_key(), record.as_ref()).map_err(Failure::Refused)?;
            if record.as_ref() == Some(&next) {
                return Ok(next);
            }
            let mut bytes = serde_json::to_vec(&next).expect("documents are always JSON");
            bytes.push(b'\n');
            match self.store.put(&place.object(), bytes, Expected::from(tag)).await {
                Ok(_) => return Ok(next),
                Err(error) => result = Err(error),
            }
            if let Err(StoreError::Failed { .. }) = result {
                break;
            }
            tokio::time::sleep(self.clock.between(Duration::ZERO, Duration::from_millis(20))).await;
            found = self.read_tagged(place).await.map_err(Failure::Failed)?;
        }
        result.map_err(Failure::from)
    }

    /// All records, by key.
    pub(super) async fn list(&self) -> Result<Vec<LockRecord>, Error> {
        let keys = self.store.list("locks/").await.map_err(unavailable)?;
        let found = self.store.get_all(keys.clone()).await.map_err(unavailable)?;
        let objects = keys.iter().zip(found).filter_map(|(key, object)| Some((key, object?.0)));
        objects.map(|(key, bytes)| decode(&bytes, &self.store.locate(key))).collect()
    }
}

fn decode(bytes: &[u8], location: &str) -> Result<LockRecord, Error> {
    let record: LockRecord = serde_json::from_slice(bytes).map_err(|error| {
        let kind = serde_json::from_slice::<serde_json::Value>(bytes).ok();
        let kind = kind.as_ref().and_then(|value| value.get("kind")?.as_str()).filter(|kind| *kind != LockRecord::KIND);
        match kind {
            Some(kind) => damaged(format!("{location}: `kind` is {kind}, expected {}", LockRecord::KIND)),
            None => damaged(format!("{location}: {error}")),
        }
    })?;
    if let Some(scope) = record.holders.keys().find(|scope| scope.parse::<Scope>().is_err()) {
        return Err(damaged(format!("{location}: `holders.{scope}` is not a scope")).into());
    }
    Ok(record)
}

fn damaged(message: String) -> Diagnostic {
    Diagnostic::new(P6005, message)
        .help("when no panka runs on this stack and environment, remove the record: the epoch is restored from the state")
}
