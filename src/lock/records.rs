//! Lock records: read, changed by compare-and-set, listed; in one home, or in two at once while a team moves from one to the other.
//!
//! With two homes, each has a record of its own, and a lease counts while it stands in both: it is taken in the first, then in the second, and
//! given back the other way round. Who looks into one home only is kept out by that one. A lease has the same epoch in both.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use super::change::LeaseKey;
use super::home::{Failure, Found, Home, PlaceName, Unwritten};
use super::{Change, Holder, LockRecord};
use crate::clock::{SharedClock, millis};
use crate::diagnostic::codes::lock::P6004;
use crate::diagnostic::{Diagnostic, Error};
use crate::state::Scope;

/// How often a change is tried again after others have changed the record: many services may renew at once.
const ATTEMPTS: usize = 60;

/// How often a write without an answer is tried again, besides what the store itself repeats.
const SILENCES: usize = 2;

/// Lock records, changed by compare-and-set.
#[derive(Debug, Clone)]
pub(super) struct Records {
    /// Where they are kept: one home or two, in the order in which leases are taken.
    pub(super) homes: Vec<Home>,
    pub(super) clock: SharedClock,
}

/// The records of a place as they were read, one for each home.
#[derive(Debug, Clone)]
pub(super) struct Seen(Vec<Found>);

impl Seen {
    /// The holders of all of them. The same lease stands in every home.
    pub(super) fn holders(&self) -> impl Iterator<Item = (&String, &Holder)> {
        self.0.iter().flatten().flat_map(|(record, _)| &record.holders)
    }
}

impl Records {
    /// Reads a record.
    pub(super) async fn read(&self, place: &PlaceName) -> Result<Option<LockRecord>, Failure> {
        let Seen(found) = self.look(place).await?;
        Ok(merged(found.into_iter().flatten().map(|(record, _)| record)))
    }

    /// Reads the records of a place, to change them.
    pub(super) async fn look(&self, place: &PlaceName) -> Result<Seen, Failure> {
        let mut seen = Vec::with_capacity(self.homes.len());
        for home in &self.homes {
            seen.push(home.read(place).await?);
        }
        Ok(Seen(seen))
    }

    /// Changes a record: reads it, and writes what the change makes of it if it is still the same. Gives the new record.
    pub(super) async fn change(&self, place: &PlaceName, change: &Change) -> Result<LockRecord, Failure> {
        let seen = self.look(place).await?;
        self.change_from(place, seen, change).await
    }

    /// The same, with records that were read already.
    pub(super) async fn change_from(&self, place: &PlaceName, seen: Seen, change: &Change) -> Result<LockRecord, Failure> {
        let asked = Instant::now();
        let Seen(mut found) = seen;
        let changed = match (&self.homes[..], change) {
            ([home], _) => self.change_in(home, place, found.pop().flatten(), change).await,
            (_, Change::Take { scope, holder, .. }) => self.take_everywhere(place, found, change, (scope, &holder.lock_id)).await,
            (_, Change::Release { .. } | Change::Break { .. }) => self.give_up_everywhere(place, found, change).await,
            _ => self.change_everywhere(place, found, change).await,
        };
        if let Ok(record) = &changed {
            log(place, change, record, millis(asked.elapsed()));
        }
        changed
    }

    /// Changes the record in one home.
    ///
    /// After a write without a certain answer the record is read again, and a change that stands in it already is made: by this writer's own
    /// first try, whoever has changed the record since.
    async fn change_in(&self, home: &Home, place: &PlaceName, mut found: Found, change: &Change) -> Result<LockRecord, Failure> {
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
            found = match home.write(place, &next, version, &self.clock).await {
                Ok(_) => return Ok(next),
                Err(Unwritten::Conflict(found)) if round == 0 => *found,
                Err(Unwritten::Conflict(_)) => {
                    tokio::time::sleep(self.clock.between(Duration::ZERO, Duration::from_millis(20))).await;
                    home.read(place).await?
                }
                Err(Unwritten::Failed(Failure::Unavailable(_))) if silences < SILENCES => {
                    silences += 1;
                    tokio::time::sleep(self.clock.between(Duration::from_millis(50), Duration::from_millis(250))).await;
                    home.read(place).await?
                }
                Err(Unwritten::Failed(failure)) => return Err(failure),
            };
            attempted = Some(next);
        }
        let message = format!("{} was changed by others {ATTEMPTS} times in a row", place.lock_key());
        Err(Failure::Unavailable(Diagnostic::new(P6004, message).help("run the command again").into()))
    }

    async fn change_everywhere(&self, place: &PlaceName, found: Vec<Found>, change: &Change) -> Result<LockRecord, Failure> {
        let mut records = Vec::with_capacity(found.len());
        for (home, found) in self.homes.iter().zip(found) {
            records.push(self.change_in(home, place, found, change).await?);
        }
        match change {
            Change::Raise { lease, .. } => self.level(place, records, lease).await,
            _ => Ok(one(records)),
        }
    }

    /// Takes a lease in one home after the other. What was taken is given back when a later one refuses.
    async fn take_everywhere(
        &self,
        place: &PlaceName,
        found: Vec<Found>,
        change: &Change,
        (scope, lock_id): (&Scope, &str),
    ) -> Result<LockRecord, Failure> {
        // Nothing is written anywhere for a request that one home refuses.
        for found in &found {
            change.apply(&place.lock_key(), found.as_ref().map(|(record, _)| record)).map_err(Failure::Refused)?;
        }
        let lease = LeaseKey { scope: scope.clone(), lock_id: lock_id.to_owned(), epoch: None };
        let mut records: Vec<LockRecord> = Vec::with_capacity(found.len());
        for (home, found) in self.homes.iter().zip(found) {
            match self.change_in(home, place, found, change).await {
                Ok(record) => records.push(record),
                Err(refused) => {
                    self.take_back(place, lease).await;
                    return Err(refused);
                }
            }
        }
        self.level(place, records, &lease).await
    }

    /// Gives back, wherever it stands, a lease that was not granted everywhere. Where that does not succeed, it ends by itself.
    async fn take_back(&self, place: &PlaceName, lease: LeaseKey) {
        let back = Change::Release { lease, at: self.clock.stamp(), lineage: None };
        for home in self.homes.iter().rev() {
            let given_back = match home.read(place).await {
                Ok(found) => self.change_in(home, place, found, &back).await.map(drop),
                Err(failure) => Err(failure),
            };
            if let Err(Failure::Unavailable(error) | Failure::Failed(error)) = given_back {
                tracing::warn!(%error, "a lease that was granted in one of two homes only is left to end by itself: {}", place.lock_key());
            }
        }
    }

    /// Brings the epoch of a lease to the same number in all homes: the highest.
    async fn level(&self, place: &PlaceName, mut records: Vec<LockRecord>, lease: &LeaseKey) -> Result<LockRecord, Failure> {
        let epoch = |record: &LockRecord| record.holders.get(&lease.scope.to_string()).map_or(0, |holder| holder.epoch);
        loop {
            let highest = records.iter().map(epoch).max().unwrap_or(0);
            let Some(behind) = records.iter().position(|record| epoch(record) < highest) else { return Ok(one(records)) };
            let home = &self.homes[behind];
            let lease = LeaseKey { epoch: None, ..lease.clone() };
            let found = home.read(place).await?;
            records[behind] = self.change_in(home, place, found, &Change::Raise { lease, above: highest - 1 }).await?;
        }
    }

    /// Gives a lease back, or takes it away, in all homes, the last first. Giving back must succeed in all, taking away in one.
    async fn give_up_everywhere(&self, place: &PlaceName, found: Vec<Found>, change: &Change) -> Result<LockRecord, Failure> {
        let (mut records, mut refused, mut failed) = (Vec::new(), None, None);
        for (home, found) in self.homes.iter().zip(found).rev() {
            match self.change_in(home, place, found, change).await {
                Ok(record) => records.push(record),
                Err(Failure::Refused(refusal)) => refused = Some(refusal),
                Err(failure) => failed = Some(failure),
            }
        }
        records.reverse();
        match (failed, refused) {
            (Some(failure), _) => Err(failure),
            (None, Some(refusal)) if records.is_empty() || matches!(change, Change::Release { .. }) => Err(Failure::Refused(refusal)),
            _ => Ok(one(records)),
        }
    }

    /// All records, by key; and a warning for each that cannot be read.
    pub(super) async fn list(&self) -> Result<(Vec<LockRecord>, Vec<Diagnostic>), Error> {
        let mut all: BTreeMap<String, Vec<LockRecord>> = BTreeMap::new();
        let mut warnings = Vec::new();
        for home in &self.homes {
            for record in home.list().await? {
                match record {
                    Ok(record) => all.entry(record.lock_key.clone()).or_default().push(record),
                    Err(error) => warnings.extend(error.into_findings().into_iter().map(Diagnostic::warning)),
                }
            }
        }
        Ok((all.into_values().map(one).collect(), warnings))
    }
}

/// One record of those of several homes: the first, with what only the others know.
fn merged(records: impl IntoIterator<Item = LockRecord>) -> Option<LockRecord> {
    let mut records = records.into_iter();
    let mut first = records.next()?;
    for other in records {
        first.epoch = first.epoch.max(other.epoch);
        first.unsealed.extend(other.unsealed);
        first.lineage = first.lineage.or(other.lineage);
        for (scope, holder) in other.holders {
            first.holders.entry(scope).or_insert(holder);
        }
    }
    Some(first)
}

/// The same where there is at least one.
fn one(records: Vec<LockRecord>) -> LockRecord {
    merged(records).expect("there is at least one home")
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
