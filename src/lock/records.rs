//! Lock records: read, changed by compare-and-set, listed. What keeps them is behind [`Home`].

use std::time::Duration;

use tokio::time::Instant;

use super::{Change, LockRecord, Refusal};
use crate::clock::{SharedClock, millis};
use crate::diagnostic::codes::lock::{P6004, P6005};
use crate::diagnostic::{Diagnostic, Error};
use crate::document::Document as _;
use crate::state::Scope;
use crate::state::store::{Expected, Store, StoreError, Tag};

/// How often a change is tried again after others have changed the record: many services may renew at once.
const ATTEMPTS: usize = 60;

/// How often a write without an answer is tried again, besides what the store itself repeats.
const SILENCES: usize = 2;

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

/// The version of a record, as whatever keeps it names it.
pub(super) type Version = Tag;

/// A record with its version; none when there is none.
pub(super) type Found = Option<(LockRecord, Version)>;

/// Where lock records are kept. This is all that a lock asks of a store or a table: reading, a conditional write, a list.
#[derive(Debug, Clone)]
pub(super) enum Home {
    /// Objects of a store.
    Objects(Store),
}

/// Why a record was not written.
#[derive(Debug)]
pub(super) enum Unwritten {
    /// It is another one than the writer took it for: this one, or none.
    Conflict(Box<Found>),
    /// It cannot be written, or whether it was is not known.
    Failed(Failure),
}

/// Why a change was not made.
#[derive(Debug)]
pub(super) enum Failure {
    /// It may not be made.
    Refused(Refusal),
    /// The record cannot be read or written just now: the same call may go through later.
    Unavailable(Error),
    /// The record cannot be read or written, whatever is tried again.
    Failed(Error),
}

impl Failure {
    /// The error behind it, or the refusal.
    pub(super) fn into_error(self) -> Result<Error, Refusal> {
        match self {
            Self::Refused(refusal) => Err(refusal),
            Self::Unavailable(error) | Self::Failed(error) => Ok(error),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let transient = error.class.is_transient();
        let error = Error::from(error.finding(P6004));
        if transient { Self::Unavailable(error) } else { Self::Failed(error) }
    }
}

impl Home {
    /// Reads the record of a place.
    async fn read(&self, place: &PlaceName) -> Result<Found, Failure> {
        let asked = Instant::now();
        let found = match self {
            Self::Objects(store) => {
                let key = place.object();
                let found = store.get(&key).await?;
                found.map(|(bytes, tag)| Ok((decode(&bytes, &store.locate(&key), place)?, tag))).transpose().map_err(Failure::Failed)?
            }
        };
        let record = found.as_ref().map(|(record, _)| record);
        let (epoch, holders) = (record.map(|record| record.epoch), record.map(|record| record.holders.len()));
        tracing::debug!(epoch, holders, ms = millis(asked.elapsed()), "lock record read: {}", place.lock_key());
        Ok(found)
    }

    /// Writes a record in place of the version that was read, or where there is none.
    async fn write(&self, place: &PlaceName, record: &LockRecord, expected: Option<Version>) -> Result<Version, Unwritten> {
        let asked = Instant::now();
        let written = self.put(place, record, expected).await;
        let outcome = match &written {
            Ok(_) => "written",
            Err(Unwritten::Conflict(_)) => "conflict",
            Err(Unwritten::Failed(Failure::Unavailable(_))) => "unavailable",
            Err(Unwritten::Failed(_)) => "failed",
        };
        let (epoch, holders, ms) = (record.epoch, record.holders.len(), millis(asked.elapsed()));
        tracing::debug!(epoch, holders, %outcome, ms, "lock record write: {}", place.lock_key());
        written
    }

    async fn put(&self, place: &PlaceName, record: &LockRecord, expected: Option<Version>) -> Result<Version, Unwritten> {
        match self {
            Self::Objects(store) => {
                let key = place.object();
                let mut bytes = serde_json::to_vec(record).expect("documents are always JSON");
                bytes.push(b'\n');
                let error = match store.put(&key, bytes, Expected::from(expected)).await {
                    Ok(tag) => return Ok(tag),
                    Err(error) => error,
                };
                if !error.is_conflict() {
                    return Err(Unwritten::Failed(error.into()));
                }
                let found = error.found.map(|found| Ok((decode(&found.0, &store.locate(&key), place)?, found.1))).transpose();
                Err(found.map_or_else(|error| Unwritten::Failed(Failure::Failed(error)), |found| Unwritten::Conflict(Box::new(found))))
            }
        }
    }

    /// All records, by key.
    async fn list(&self) -> Result<Vec<LockRecord>, Error> {
        match self {
            Self::Objects(store) => {
                let failed = |error: StoreError| Error::from(error.finding(P6004));
                let keys = store.list("locks/").await.map_err(failed)?;
                let found = store.get_all(keys.clone()).await.map_err(failed)?;
                let objects = keys.iter().zip(found).filter_map(|(key, object)| Some((key, object?.0)));
                objects.map(|(key, bytes)| parse(&bytes, &store.locate(key))).collect()
            }
        }
    }
}

/// Lock records, changed by compare-and-set.
#[derive(Debug, Clone)]
pub(super) struct Records {
    pub(super) home: Home,
    pub(super) clock: SharedClock,
}

impl Records {
    /// Reads a record.
    pub(super) async fn read(&self, place: &PlaceName) -> Result<Option<LockRecord>, Failure> {
        Ok(self.read_tagged(place).await?.map(|(record, _)| record))
    }

    /// Reads a record with its version.
    pub(super) async fn read_tagged(&self, place: &PlaceName) -> Result<Found, Failure> {
        self.home.read(place).await
    }

    /// Changes a record: reads it, and writes what the change makes of it if it is still the same. Gives the new record.
    pub(super) async fn change(&self, place: &PlaceName, change: &Change) -> Result<LockRecord, Failure> {
        let found = self.read_tagged(place).await?;
        self.change_from(place, found, change).await
    }

    /// The same, with a record that was read already.
    ///
    /// After a write without a certain answer the record is read again, and a change that stands in it already is made: by this writer's own
    /// first try, whoever has changed the record since.
    pub(super) async fn change_from(&self, place: &PlaceName, found: Found, change: &Change) -> Result<LockRecord, Failure> {
        let asked = Instant::now();
        let changed = self.repeat(place, found, change).await;
        if let Ok(record) = &changed {
            log(place, change, record, millis(asked.elapsed()));
        }
        changed
    }

    async fn repeat(&self, place: &PlaceName, mut found: Found, change: &Change) -> Result<LockRecord, Failure> {
        let mut attempted: Option<LockRecord> = None;
        let mut silences = 0;
        for round in 0..ATTEMPTS {
            let (record, version) = found.map_or((None, None), |(record, version)| (Some(record), Some(version)));
            if let Some(record) = record.as_ref().filter(|record| change.stands(record, attempted.as_ref())) {
                return Ok(record.clone());
            }
            let next = change.apply(&place.lock_key(), record.as_ref()).map_err(Failure::Refused)?;
            if record.as_ref() == Some(&next) {
                return Ok(next);
            }
            found = match self.home.write(place, &next, version).await {
                Ok(_) => return Ok(next),
                Err(Unwritten::Conflict(found)) if round == 0 => *found,
                Err(Unwritten::Conflict(_)) => {
                    tokio::time::sleep(self.clock.between(Duration::ZERO, Duration::from_millis(20))).await;
                    self.read_tagged(place).await?
                }
                Err(Unwritten::Failed(Failure::Unavailable(_))) if silences < SILENCES => {
                    silences += 1;
                    tokio::time::sleep(self.clock.between(Duration::from_millis(50), Duration::from_millis(250))).await;
                    self.read_tagged(place).await?
                }
                Err(Unwritten::Failed(failure)) => return Err(failure),
            };
            attempted = Some(next);
        }
        let message = format!("{} was changed by others {ATTEMPTS} times in a row", place.lock_key());
        Err(Failure::Unavailable(Diagnostic::new(P6004, message).help("run the command again").into()))
    }

    /// All records, by key.
    pub(super) async fn list(&self) -> Result<Vec<LockRecord>, Error> {
        self.home.list().await
    }
}

/// Tells the log of a change that was made.
fn log(place: &PlaceName, change: &Change, record: &LockRecord, ms: f64) {
    let epoch = record.epoch;
    match change {
        // Whoever waited for it knows how long that took.
        Change::Take { .. } => {}
        Change::Renew { lease, .. } => tracing::debug!(ms, "lock renewed: {}", place.name(&lease.scope.to_string())),
        Change::Raise { lease, above } => tracing::info!(epoch, above, ms, "epoch raised: {}", place.name(&lease.scope.to_string())),
        Change::Narrow { lease, service } => {
            tracing::info!(service, ms, "lock narrowed to a service: {}", place.name(&lease.scope.to_string()));
        }
        Change::Release { lease, .. } => tracing::info!(ms, "lock released: {}", place.name(&lease.scope.to_string())),
        Change::Break { .. } => tracing::info!(epoch, ms, "lock broken: {}", place.lock_key()),
        Change::Sealed { epochs } => tracing::debug!(?epochs, ms, "sealed epochs taken off the record of {}", place.lock_key()),
    }
}

/// Reads the record of a place.
fn decode(bytes: &[u8], location: &str, place: &PlaceName) -> Result<LockRecord, Error> {
    let record = parse(bytes, location)?;
    if record.lock_key == place.lock_key() {
        return Ok(record);
    }
    Err(damaged(format!("{location}: `lockKey` is {}, expected {}", record.lock_key, place.lock_key())).into())
}

fn parse(bytes: &[u8], location: &str) -> Result<LockRecord, Error> {
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
