//! Locks: one writer per scope of a place.
//!
//! One record per place holds all holders, so that taking, renewing and breaking are each one compare-and-set. A holder has a lease that
//! it renews while it runs, and an epoch: a token that is never granted twice and never falls.
//!
//! In: a request. Out: a [`Lease`], or the holder who stands in the way. Whether a request may be granted is one pure function,
//! [`decide`]; the [`Locker`] reads the record, asks it, and writes the answer under the condition that the record is still the same. No
//! wall clock decides: a holder is taken for dead when its record has not changed for longer than its lease on the contender's own
//! monotonic clock, or when the operating system has freed its locks.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::{Document, Kind};

mod change;
mod happening;
mod heartbeat;
mod home;
mod lease;
mod locker;
mod processes;
mod records;
mod report;
mod table;
mod timing;
mod watch;

pub use change::{Change, Next, Refusal, decide};
pub use happening::Happening;
pub use lease::Lease;
pub use locker::{Locker, Request};
pub use report::{Liveness, spell};
pub use table::{KEY as TABLE_KEY, TTL as TABLE_TTL, Table};
pub use timing::Timing;

/// Ends the operation of a lock of the whole stack that is held for a moment only, until the place is open and the lock narrowed.
const OPENING: &str = " (opening the place)";

/// The lock record of a place: `panka.lock/v1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct LockRecord {
    /// Always `panka.lock/v1`.
    pub kind: Kind<Self>,
    /// `stack:<stack>:env:<env>`.
    pub lock_key: String,
    /// Last token granted; only grows; stays after release.
    pub epoch: u64,
    /// Grows by one when the set of holders changes; not on renewal.
    pub rev: u64,
    /// Scope (`stack` or `service:<name>`) → holder; empty when free.
    pub holders: BTreeMap<String, Holder>,
    /// Epochs that were taken over or broken and whose journal is not sealed yet.
    #[serde(default)]
    pub unsealed: BTreeSet<u64>,
    /// Identity of the state that was last stored under this lock: where that state is gone, somebody has deleted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lineage: Option<String>,
    /// The last holder that is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_released: Option<Released>,
}

impl LockRecord {
    /// The record of a place that was never locked.
    pub fn free(stack: &str, environment: &str) -> Self {
        Self {
            kind: Kind::new(),
            lock_key: format!("stack:{stack}:env:{environment}"),
            epoch: 0,
            rev: 0,
            holders: BTreeMap::new(),
            unsealed: BTreeSet::new(),
            lineage: None,
            last_released: None,
        }
    }
}

impl Document for LockRecord {
    const KIND: &'static str = "panka.lock/v1";
}

/// Who holds a scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Holder {
    /// Made before the first attempt; time-ordered.
    pub lock_id: String,
    /// Fencing token of the lease.
    pub epoch: u64,
    /// `user@host`.
    pub locked_by: String,
    /// RFC 3339, UTC.
    pub locked_at: String,
    /// What it is held for: apply, destroy, `state mv`, …
    pub operation: String,
    /// Length of the lease in seconds.
    pub ttl: u64,
    /// End of the lease, RFC 3339.
    pub expires_at: String,
    /// Last renewal, RFC 3339.
    pub last_heartbeat: String,
    /// Counts renewals.
    pub beat: u64,
    /// Where it runs.
    pub metadata: HolderMetadata,
    /// How it looks to whoever asks: only in answers, never in what is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed: Option<Observed>,
}

/// How a holder looks from outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Observed {
    /// Whether it renews its lease.
    pub liveness: Liveness,
    /// Seconds since it has the lock; none when that is to come by the clock that asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age: Option<u64>,
    /// Seconds since its last renewal; none for a lease that belongs to no process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heartbeat_age: Option<u64>,
}

/// Where a holder runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct HolderMetadata {
    /// Name of the machine.
    pub hostname: String,
    /// Process id; 0 for a lease without a process.
    pub pid: u32,
    /// The process holds the operating system's locks of its scope for as long as it lives: when they are free, it is dead.
    #[serde(default)]
    pub process_lock: bool,
    /// Version of panka.
    pub version: String,
    /// The CI run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ci_run_url: Option<String>,
    /// Commit of the repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub git_commit: Option<String>,
}

/// The last holder that is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Released {
    /// Its lease.
    pub lock_id: String,
    /// Its token.
    pub epoch: u64,
    /// `user@host`.
    pub locked_by: String,
    /// RFC 3339.
    pub at: String,
    /// Who took it away, when its holder did not give it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broken: Option<Broken>,
}

/// How a holder lost its lock to a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Broken {
    /// `user@host`.
    pub by: String,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

#[cfg(test)]
mod bench;
#[cfg(test)]
mod both;
#[cfg(test)]
mod contract;
#[cfg(test)]
mod lost_answers;
#[cfg(test)]
mod model;
