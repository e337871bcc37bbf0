//! What a contender sees of the holders that stand in its way: how long each has not changed, on the contender's own monotonic clock.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::Holder;
use super::locker::{Locker, Request};
use super::records::Seen;
use super::report::{has_expired, is_handed};
use crate::clock::SharedClock;
use crate::state::Scope;

/// How long holders have been seen unchanged.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// Since when a lease is known with a beat.
    seen: BTreeMap<(String, u64), Duration>,
    /// Holders that have renewed their lease meanwhile, whatever the wall clock says of it.
    pub(super) alive: BTreeSet<String>,
    announced: BTreeSet<(String, bool)>,
}

impl Watch {
    /// Takes note of the holders of a record. `now` is a reading of the contender's monotonic clock after the record was read.
    pub(super) fn see(&mut self, holders: &[Holder], now: Duration) {
        let known: BTreeSet<String> = self.seen.keys().map(|(id, _)| id.clone()).collect();
        for holder in holders {
            let beat = (holder.lock_id.clone(), holder.beat);
            if !self.seen.contains_key(&beat) && known.contains(&holder.lock_id) {
                self.alive.insert(holder.lock_id.clone());
            }
            self.seen.entry(beat).or_insert(now);
        }
    }

    /// For how long a holder has not changed.
    pub(super) fn age(&self, holder: &Holder, clock: &SharedClock) -> Duration {
        self.seen.get(&(holder.lock_id.clone(), holder.beat)).map_or(Duration::ZERO, |since| clock.since(*since))
    }

    /// Tells whether a holder has been silent for a whole window. A lease without a process must also be past its end.
    pub(super) fn is_over(&self, locker: &Locker, holder: &Holder) -> bool {
        self.age(holder, &locker.clock) > locker.window(holder) && (!is_handed(holder) || has_expired(holder, locker.now()))
    }

    /// Tells whether something is said for the first time.
    pub(super) fn announce(&mut self, lock_id: &str, watching: bool) -> bool {
        self.announced.insert((lock_id.to_owned(), watching))
    }
}

/// Tells whether a holder's process is dead: `ours` says that the operating system has given us the locks it held.
pub(super) fn is_dead(holder: &Holder, request: &Request, ours: bool) -> bool {
    ours && holder.metadata.process_lock && holder.metadata.hostname == request.metadata.hostname
}

/// The holders that stand in the way of a scope.
pub(super) fn conflicting(seen: &Seen, scope: &Scope) -> Vec<Holder> {
    let conflicts = |other: &str| other.parse::<Scope>().is_ok_and(|other| scope.conflicts(&other));
    seen.holders().filter(|(other, _)| conflicts(other)).map(|(_, holder)| holder.clone()).collect()
}
