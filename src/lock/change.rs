//! What may be done to a lock record: pure functions from a record to the next one.
//!
//! In: the record as it was read, and a [`Change`]. Out: the record to write in its place, or a [`Refusal`]. Every backend makes the same
//! changes; those that cannot write a whole record express the same conditions in their own terms.

use std::collections::{BTreeMap, BTreeSet};

use super::{Broken, Holder, LockRecord, OPENING, Released};
use crate::document::Kind;
use crate::state::Scope;

/// A change of a lock record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Grants a lease. The epoch of the holder is set by the change.
    Take {
        /// What it covers.
        scope: Scope,
        /// The new holder.
        holder: Box<Holder>,
        /// Leases that are known to be dead, as they were seen: lock id and beat.
        dead: BTreeSet<(String, u64)>,
    },
    /// Lengthens a lease.
    Renew {
        /// The lease.
        lease: LeaseKey,
        /// Now, RFC 3339.
        now: String,
        /// Its new end, RFC 3339.
        expires_at: String,
        /// Its new length in seconds, when that changes.
        ttl: Option<u64>,
    },
    /// Gives a lease a higher epoch.
    Raise {
        /// The lease.
        lease: LeaseKey,
        /// The epoch must be above this.
        above: u64,
    },
    /// Turns the lease of a stack into one of a service.
    Narrow {
        /// The lease.
        lease: LeaseKey,
        /// The service.
        service: String,
    },
    /// Gives a lease back.
    Release {
        /// The lease.
        lease: LeaseKey,
        /// Now, RFC 3339.
        at: String,
        /// Identity of the state that was stored with it, if one was.
        lineage: Option<String>,
    },
    /// Takes a lease away.
    Break {
        /// Its id: only the holder that was shown.
        lock_id: String,
        /// Now, RFC 3339.
        at: String,
        /// By whom, and why.
        broken: Broken,
    },
    /// Forgets epochs whose journal is sealed.
    Sealed {
        /// The epochs.
        epochs: BTreeSet<u64>,
    },
}

/// What names a lease to its holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseKey {
    /// What it covers.
    pub scope: Scope,
    /// Its id.
    pub lock_id: String,
    /// Its epoch; none when only the id is known.
    pub epoch: Option<u64>,
}

/// Why a change is not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Others hold it.
    Held(BTreeMap<String, Holder>),
    /// The lease is not in the record: given back, taken over or broken.
    NotHeld,
    /// There is no record: somebody has deleted it.
    NoRecord,
}

/// What becomes of a request for a lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// This record, if it can be written in place of the one that was read.
    Take(Box<LockRecord>),
    /// Nothing: these hold it.
    Held(BTreeMap<String, Holder>),
}

/// Decides a request: the holders that conflict and are not among the dead stand in its way; the dead ones are removed.
///
/// The epoch is one above the record's, which stays when holders go. The epochs of the removed are remembered until their journals are
/// sealed.
pub fn decide(key: &str, record: Option<&LockRecord>, scope: &Scope, holder: &Holder, dead: &BTreeSet<(String, u64)>) -> Next {
    let mut next = record.cloned().unwrap_or_else(|| LockRecord {
        kind: Kind::new(),
        lock_key: key.to_owned(),
        epoch: 0,
        rev: 0,
        holders: BTreeMap::new(),
        unsealed: BTreeSet::new(),
        lineage: None,
        last_released: None,
    });
    let conflicts = |other: &str| other.parse::<Scope>().is_ok_and(|other| scope.conflicts(&other));
    let is_dead = |holder: &Holder| dead.contains(&(holder.lock_id.clone(), holder.beat));
    let (gone, kept): (BTreeMap<_, _>, BTreeMap<_, _>) = next.holders.into_iter().partition(|(other, _)| conflicts(other));
    let (gone, live): (BTreeMap<_, _>, BTreeMap<_, _>) = gone.into_iter().partition(|(_, holder)| is_dead(holder));
    if !live.is_empty() {
        return Next::Held(live);
    }
    next.holders = kept;
    next.unsealed.extend(gone.values().map(|holder| holder.epoch));
    next.epoch += 1;
    next.rev += 1;
    next.holders.insert(scope.to_string(), Holder { epoch: next.epoch, ..holder.clone() });
    Next::Take(Box::new(next))
}

impl Change {
    /// The record after the change.
    pub fn apply(&self, key: &str, record: Option<&LockRecord>) -> Result<LockRecord, Refusal> {
        if let Self::Take { scope, holder, dead } = self {
            return match decide(key, record, scope, holder, dead) {
                Next::Take(next) => Ok(*next),
                Next::Held(holders) => Err(Refusal::Held(holders)),
            };
        }
        let mut next = record.cloned().ok_or(Refusal::NoRecord)?;
        match self {
            Self::Take { .. } => {}
            Self::Renew { lease, now, expires_at, ttl } => {
                let holder = lease.find(&mut next)?;
                holder.last_heartbeat.clone_from(now);
                holder.expires_at.clone_from(expires_at);
                holder.ttl = ttl.unwrap_or(holder.ttl);
                holder.beat += 1;
            }
            Self::Raise { lease, above } => {
                let epoch = next.epoch.max(*above) + 1;
                lease.find(&mut next)?.epoch = epoch;
                next.epoch = epoch;
            }
            Self::Narrow { lease, service } => {
                lease.find(&mut next)?;
                if let Some(mut holder) = next.holders.remove(&lease.scope.to_string()) {
                    // The locks of the operating system are exchanged after this, so that for a moment they say nothing.
                    holder.metadata.process_lock = false;
                    if let Some(operation) = holder.operation.strip_suffix(OPENING) {
                        holder.operation = operation.to_owned();
                    }
                    next.holders.insert(Scope::Service(service.clone()).to_string(), holder);
                }
                next.rev += 1;
            }
            Self::Release { lease, at, lineage } => {
                lease.find(&mut next)?;
                if lineage.is_some() {
                    next.lineage.clone_from(lineage);
                }
                if let Some(holder) = next.holders.remove(&lease.scope.to_string()) {
                    next.last_released = Some(released(holder, at, None));
                }
                next.rev += 1;
            }
            Self::Break { lock_id, at, broken } => {
                let scope = next.holders.iter().find(|(_, holder)| holder.lock_id == *lock_id).map(|(scope, _)| scope.clone());
                let holder = scope.and_then(|scope| next.holders.remove(&scope)).ok_or(Refusal::NotHeld)?;
                next.unsealed.insert(holder.epoch);
                next.last_released = Some(released(holder, at, Some(broken.clone())));
                next.rev += 1;
                next.epoch += 1;
            }
            Self::Sealed { epochs } => next.unsealed.retain(|epoch| !epochs.contains(epoch)),
        }
        Ok(next)
    }
}

impl Change {
    /// Tells whether the change is in a record already. `attempted` is what its last write would have made of the record: that write may have
    /// taken effect although its answer was lost, and others may have changed the record since.
    pub(super) fn stands(&self, record: &LockRecord, attempted: Option<&LockRecord>) -> bool {
        let by_id = |id: &str| record.holders.iter().find(|(_, holder)| holder.lock_id == id);
        if let Self::Take { holder, .. } = self {
            // Ids are never reused: this one stands in the record because this request has put it there.
            return by_id(&holder.lock_id).is_some();
        }
        let Some(attempted) = attempted else { return false };
        let of = |holders: &BTreeMap<String, Holder>, scope: &Scope| holders.get(&scope.to_string()).cloned();
        match self {
            Self::Take { .. } => false,
            Self::Renew { lease, .. } | Self::Raise { lease, .. } => {
                let found = of(&record.holders, &lease.scope).zip(of(&attempted.holders, &lease.scope));
                found.is_some_and(|(found, own)| found.lock_id == own.lock_id && found.epoch == own.epoch && found.beat >= own.beat)
            }
            Self::Narrow { lease, service } => {
                of(&record.holders, &Scope::Service(service.clone())).is_some_and(|holder| holder.lock_id == lease.lock_id)
            }
            // A takeover or a break leaves its epoch to be sealed; a release does not.
            Self::Release { lease, .. } => {
                let epoch = attempted.last_released.as_ref().map_or(0, |released| released.epoch);
                by_id(&lease.lock_id).is_none() && !record.unsealed.contains(&epoch)
            }
            Self::Break { lock_id, .. } => by_id(lock_id).is_none(),
            Self::Sealed { epochs } => record.unsealed.is_disjoint(epochs),
        }
    }
}

impl LeaseKey {
    fn find<'a>(&self, record: &'a mut LockRecord) -> Result<&'a mut Holder, Refusal> {
        let holder = record.holders.get_mut(&self.scope.to_string()).ok_or(Refusal::NotHeld)?;
        let same = holder.lock_id == self.lock_id && self.epoch.is_none_or(|epoch| holder.epoch == epoch);
        if same { Ok(holder) } else { Err(Refusal::NotHeld) }
    }
}

fn released(holder: Holder, at: &str, broken: Option<Broken>) -> Released {
    Released { lock_id: holder.lock_id, epoch: holder.epoch, locked_by: holder.locked_by, at: at.to_owned(), broken }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::lock::HolderMetadata;

    /// A holder as it asks for a lock.
    pub(in crate::lock) fn holder(lock_id: &str) -> Holder {
        Holder {
            lock_id: lock_id.to_owned(),
            epoch: 0,
            locked_by: "ann@desk".to_owned(),
            locked_at: "2026-11-23T14:02:11.000Z".to_owned(),
            operation: "apply".to_owned(),
            ttl: 60,
            expires_at: "2026-11-23T14:03:11.000Z".to_owned(),
            last_heartbeat: "2026-11-23T14:02:11.000Z".to_owned(),
            beat: 0,
            metadata: HolderMetadata::default(),
            observed: None,
        }
    }

    fn scope(text: &str) -> Scope {
        text.parse().unwrap()
    }

    fn take(record: Option<&LockRecord>, at: &str, id: &str, dead: &[(&str, u64)]) -> Result<LockRecord, Refusal> {
        let dead = dead.iter().map(|(id, beat)| ((*id).to_owned(), *beat)).collect();
        Change::Take { scope: scope(at), holder: Box::new(holder(id)), dead }.apply("k", record)
    }

    fn lease(at: &str, id: &str, epoch: u64) -> LeaseKey {
        LeaseKey { scope: scope(at), lock_id: id.to_owned(), epoch: Some(epoch) }
    }

    #[test]
    fn a_free_record_is_granted_with_the_next_epoch() {
        let record = take(None, "stack", "a", &[]).unwrap();
        assert_eq!((record.epoch, record.rev, record.holders["stack"].epoch), (1, 1, 1));
        let free = Change::Release { lease: lease("stack", "a", 1), at: "now".into(), lineage: None }.apply("k", Some(&record)).unwrap();
        assert_eq!((free.epoch, free.rev, free.holders.len()), (1, 2, 0));
        assert_eq!(free.last_released.as_ref().unwrap().lock_id, "a");
        assert_eq!(take(Some(&free), "stack", "b", &[]).unwrap().holders["stack"].epoch, 2);
    }

    #[test]
    fn every_pair_of_scopes_conflicts_as_it_should() {
        for (held, asked, granted) in [
            ("stack", "stack", false),
            ("stack", "service:a", false),
            ("service:a", "stack", false),
            ("service:a", "service:a", false),
            ("service:a", "service:b", true),
        ] {
            let record = take(None, held, "h", &[]).unwrap();
            let next = take(Some(&record), asked, "n", &[]);
            assert_eq!(next.is_ok(), granted, "{held} held, {asked} asked");
            if let Err(refusal) = next {
                assert_eq!(refusal, Refusal::Held(record.holders));
            }
        }
    }

    #[test]
    fn the_dead_are_removed_and_their_epochs_remembered() {
        let a = take(None, "service:a", "a", &[]).unwrap();
        let both = take(Some(&a), "service:b", "b", &[]).unwrap();
        assert!(take(Some(&both), "stack", "s", &[("a", 0)]).is_err(), "b is alive");
        assert!(take(Some(&both), "stack", "s", &[("a", 1), ("b", 0)]).is_err(), "a has beaten since");
        let record = take(Some(&both), "stack", "s", &[("a", 0), ("b", 0)]).unwrap();
        assert_eq!(record.holders.keys().collect::<Vec<_>>(), ["stack"]);
        assert_eq!((record.epoch, record.unsealed.clone()), (3, BTreeSet::from([1, 2])));
        let sealed = Change::Sealed { epochs: BTreeSet::from([1]) }.apply("k", Some(&record)).unwrap();
        assert_eq!((sealed.unsealed, sealed.rev), (BTreeSet::from([2]), record.rev));
        // A dead holder that does not conflict is nobody's business.
        let other = take(Some(&both), "service:c", "c", &[("a", 0), ("b", 0)]).unwrap();
        assert_eq!((other.holders.len(), other.unsealed.len()), (3, 0));
    }

    #[test]
    fn only_the_holder_renews_raises_narrows_and_releases() {
        let record = take(None, "stack", "a", &[]).unwrap();
        for wrong in [lease("stack", "b", 1), lease("stack", "a", 2), lease("service:a", "a", 1)] {
            for change in [
                Change::Renew { lease: wrong.clone(), now: String::new(), expires_at: String::new(), ttl: None },
                Change::Raise { lease: wrong.clone(), above: 5 },
                Change::Narrow { lease: wrong.clone(), service: "a".into() },
                Change::Release { lease: wrong, at: String::new(), lineage: None },
            ] {
                assert_eq!(change.apply("k", Some(&record)), Err(Refusal::NotHeld));
                assert_eq!(change.apply("k", None), Err(Refusal::NoRecord));
            }
        }
    }

    #[test]
    fn a_renewal_counts_and_leaves_the_revision() {
        let record = take(None, "stack", "a", &[]).unwrap();
        let renew = Change::Renew { lease: lease("stack", "a", 1), now: "n".into(), expires_at: "e".into(), ttl: None };
        let next = renew.apply("k", Some(&record)).unwrap();
        let holder = &next.holders["stack"];
        assert_eq!((holder.beat, holder.expires_at.as_str(), holder.last_heartbeat.as_str()), (1, "e", "n"));
        assert_eq!((next.rev, next.epoch), (record.rev, record.epoch));
    }

    #[test]
    fn raising_goes_above_what_was_seen_and_what_was_granted() {
        let record = take(None, "stack", "a", &[]).unwrap();
        let raised = Change::Raise { lease: lease("stack", "a", 1), above: 7 }.apply("k", Some(&record)).unwrap();
        assert_eq!((raised.epoch, raised.holders["stack"].epoch), (8, 8));
    }

    #[test]
    fn narrowing_keeps_the_lease_and_its_epoch() {
        let record = take(None, "stack", "a", &[]).unwrap();
        let narrow = Change::Narrow { lease: lease("stack", "a", 1), service: "x".into() }.apply("k", Some(&record)).unwrap();
        assert_eq!(narrow.holders.keys().collect::<Vec<_>>(), ["service:x"]);
        assert_eq!((narrow.holders["service:x"].epoch, narrow.epoch, narrow.rev), (1, 1, 2));
    }

    #[test]
    fn breaking_hits_the_holder_that_was_shown_and_raises_the_epoch() {
        let record = take(None, "stack", "a", &[]).unwrap();
        let broken = Broken { by: "bob@desk".into(), reason: Some("dead runner".into()) };
        let change = |id: &str| Change::Break { lock_id: id.into(), at: "now".into(), broken: broken.clone() };
        assert_eq!(change("other").apply("k", Some(&record)), Err(Refusal::NotHeld));
        let next = change("a").apply("k", Some(&record)).unwrap();
        assert_eq!((next.epoch, next.holders.len(), next.unsealed.clone()), (2, 0, BTreeSet::from([1])));
        assert_eq!(next.last_released.unwrap().broken, Some(broken));
    }

    #[test]
    fn no_change_lowers_the_epoch() {
        let record = take(None, "stack", "a", &[]).unwrap();
        for change in [
            Change::Raise { lease: lease("stack", "a", 1), above: 0 },
            Change::Narrow { lease: lease("stack", "a", 1), service: "x".into() },
            Change::Release { lease: lease("stack", "a", 1), at: String::new(), lineage: None },
            Change::Break { lock_id: "a".into(), at: String::new(), broken: Broken { by: String::new(), reason: None } },
            Change::Sealed { epochs: BTreeSet::from([1]) },
        ] {
            let next = change.apply("k", Some(&record)).unwrap();
            assert!(next.epoch >= record.epoch && next.rev >= record.rev, "{change:?}");
        }
    }
}
