//! Lock records: read, changed by compare-and-set, listed. What keeps them is behind [`Home`].

use std::time::Duration;

use tokio::time::Instant;

use super::home::{Failure, Found, Home, PlaceName, Unwritten};
use super::{Change, LockRecord};
use crate::clock::{SharedClock, millis};
use crate::diagnostic::codes::lock::P6004;
use crate::diagnostic::{Diagnostic, Error};

/// How often a change is tried again after others have changed the record: many services may renew at once.
const ATTEMPTS: usize = 60;

/// How often a write without an answer is tried again, besides what the store itself repeats.
const SILENCES: usize = 2;

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
            found = match self.home.write(place, &next, version, &self.clock).await {
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
