//! What keeps lock records: objects of a store, or items of a table. This is all that a lock asks of them: reading, a conditional write, a
//! list.

use tokio::time::Instant;

use super::table::Table;
use super::{LockRecord, Refusal, Timing};
use crate::clock::{SharedClock, millis};
use crate::diagnostic::codes::lock::{P6004, P6005};
use crate::diagnostic::{Diagnostic, Error};
use crate::document::Document as _;
use crate::state::Scope;
use crate::state::store::{Expected, Store, StoreError, Tag};

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

/// Where lock records are kept.
#[derive(Debug, Clone)]
pub(super) enum Home {
    /// Objects of a store.
    Objects(Store),
    /// Items of a table.
    Table(Table),
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

    /// The error of a read, which is never refused.
    pub(super) fn of_read(self) -> Error {
        self.into_error().expect("only changes are refused")
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
    pub(super) async fn read(&self, place: &PlaceName) -> Result<Found, Failure> {
        let asked = Instant::now();
        let found = match self {
            Self::Objects(store) => {
                let key = place.object();
                let found = store.get(&key).await?;
                found.map(|(bytes, tag)| Ok((decode(&bytes, &store.locate(&key), place)?, tag))).transpose().map_err(Failure::Failed)?
            }
            Self::Table(table) => Box::pin(table.read(&place.lock_key())).await?,
        };
        let record = found.as_ref().map(|(record, _)| record);
        let (epoch, holders) = (record.map(|record| record.epoch), record.map(|record| record.holders.len()));
        tracing::debug!(epoch, holders, ms = millis(asked.elapsed()), "lock record read: {}", place.lock_key());
        Ok(found)
    }

    /// Writes a record in place of the version that was read, or where there is none.
    pub(super) async fn write(
        &self,
        place: &PlaceName,
        record: &LockRecord,
        expected: Option<Version>,
        clock: &SharedClock,
    ) -> Result<Version, Unwritten> {
        let asked = Instant::now();
        let written = match self {
            Self::Objects(store) => put(store, place, record, expected).await,
            Self::Table(table) => Box::pin(table.write(record, expected, clock)).await,
        };
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

    /// What it lacks, though locks work without it.
    pub(super) async fn shortcoming(&self) -> Option<Diagnostic> {
        match self {
            Self::Objects(_) => None,
            Self::Table(table) => Box::pin(table.shortcoming()).await,
        }
    }

    /// All records; those that cannot be read are errors of their own.
    pub(super) async fn list(&self) -> Result<Vec<Result<LockRecord, Error>>, Error> {
        match self {
            Self::Objects(store) => {
                let failed = |error: StoreError| Error::from(error.finding(P6004));
                let keys = store.list("locks/").await.map_err(failed)?;
                let found = store.get_all(keys.clone()).await.map_err(failed)?;
                let objects = keys.iter().zip(found).filter_map(|(key, object)| Some((key, object?.0)));
                Ok(objects.map(|(key, bytes)| parse(&bytes, &store.locate(key))).collect())
            }
            Self::Table(table) => Box::pin(table.list()).await,
        }
    }
}

async fn put(store: &Store, place: &PlaceName, record: &LockRecord, expected: Option<Version>) -> Result<Version, Unwritten> {
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
    checked(record, location)
}

/// Numbers that count by ones stay below this: nobody comes so far.
const LARGEST: u64 = 1 << 53;

/// Refuses a record with holders of what is no scope, or with numbers that nobody can have written.
pub(super) fn checked(record: LockRecord, location: &str) -> Result<LockRecord, Error> {
    let longest = Timing::LONGEST_HANDED.as_secs();
    let of_holders = record.holders.iter().flat_map(|(scope, holder)| {
        let name = |field| format!("holders.{scope}.{field}");
        [(name("epoch"), holder.epoch, LARGEST), (name("beat"), holder.beat, LARGEST), (name("ttl"), holder.ttl, longest)]
    });
    let of_record = [("epoch".to_owned(), record.epoch, LARGEST), ("rev".to_owned(), record.rev, LARGEST)];
    let mut numbers = of_record.into_iter().chain(of_holders);
    if let Some((name, number, largest)) = numbers.find(|(_, number, largest)| number > largest) {
        return Err(damaged(format!("{location}: `{name}` is {number}, expected at most {largest}")).into());
    }
    match record.holders.keys().find(|scope| scope.parse::<Scope>().is_err()) {
        Some(scope) => Err(damaged(format!("{location}: `holders.{scope}` is not a scope")).into()),
        None => Ok(record),
    }
}

pub(super) fn damaged(message: String) -> Diagnostic {
    Diagnostic::new(P6005, message)
        .help("when no panka runs on this stack and environment, remove the record: the epoch is restored from the state")
}
