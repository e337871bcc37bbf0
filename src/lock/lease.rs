//! A lease: the right to write, for as long as it is renewed.
//!
//! In: a lock that was taken. Out: a holder that renews itself and lends its right to write to whoever opens a place with it.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as TurnMutex, watch};
use tokio::task::JoinHandle;

use super::change::LeaseKey;
use super::heartbeat::{Core, Facts, Sent, beat};
use super::home::{Failure, PlaceName};
use super::locker::Locker;
use super::processes::ProcessLocks;
use super::{Change, LockRecord, Timing};
use crate::clock::rfc3339;
use crate::diagnostic::codes::lock::{P6002, P6007};
use crate::diagnostic::{Diagnostic, Error};
use crate::manifest::LockTicket;
use crate::state::{Begin, Grant, Place, Refused, Restored, Scope, Session, State};

/// A lock that is held.
#[derive(Debug)]
pub struct Lease {
    core: Arc<Core>,
    heartbeat: JoinHandle<()>,
    /// The operating system's locks, freed when this is dropped.
    processes: Mutex<Option<ProcessLocks>>,
}

impl Lease {
    pub(super) fn start(
        locker: Locker,
        place: PlaceName,
        scope: &Scope,
        record: &LockRecord,
        sent: Sent,
        processes: Option<ProcessLocks>,
    ) -> Self {
        let name = scope.to_string();
        let holder = record.holders.get(&name).expect("the record was just written with this holder");
        let live = record.holders.iter().filter(|(other, _)| **other != name).map(|(_, holder)| holder.epoch).collect();
        let facts = Facts {
            key: LeaseKey { scope: scope.clone(), lock_id: holder.lock_id.clone(), epoch: Some(holder.epoch) },
            epoch: holder.epoch,
            ttl: Duration::from_secs(holder.ttl),
            expires_at: holder.expires_at.clone(),
            sent,
            unsealed: record.unsealed.difference(&live).copied().collect(),
            live,
        };
        let core = Arc::new(Core {
            locker,
            place,
            facts: Mutex::new(facts),
            turn: TurnMutex::new(()),
            lost: watch::Sender::new(None),
            used: AtomicBool::new(false),
            kept: Arc::default(),
        });
        let heartbeat = tokio::spawn(beat(Arc::clone(&core)));
        Self { core, heartbeat, processes: Mutex::new(processes) }
    }

    /// Says that the epoch may have been written with before.
    pub(super) fn used(self) -> Self {
        self.core.used.store(true, Ordering::Relaxed);
        self
    }

    /// Its id.
    pub fn lock_id(&self) -> String {
        self.core.facts().key.lock_id.clone()
    }

    /// Its fencing token.
    pub fn epoch(&self) -> u64 {
        self.core.facts().epoch
    }

    /// What it covers.
    pub fn scope(&self) -> Scope {
        self.core.facts().key.scope.clone()
    }

    /// Stops renewing, and holds on: for people who test what happens then.
    pub fn freeze(&self) {
        self.heartbeat.abort();
    }

    /// What names it to a later stage of the pipe.
    pub fn ticket(&self) -> LockTicket {
        let facts = self.core.facts();
        LockTicket {
            key: self.core.place.lock_key(),
            scope: facts.key.scope.to_string(),
            lock_id: facts.key.lock_id.clone(),
            epoch: facts.epoch,
            expires_at: facts.expires_at.clone(),
            backend: None,
        }
    }

    /// Resolves when the lease is lost, with the reason.
    pub async fn lost(&self) -> String {
        let mut lost = self.core.lost.subscribe();
        let why = lost.wait_for(Option::is_some).await.map(|why| why.clone()).ok();
        match why {
            Some(why) => why.unwrap_or_default(),
            None => std::future::pending().await,
        }
    }

    /// The reason why the lease is lost, when it is.
    pub fn loss(&self) -> Option<String> {
        self.core.lost.borrow().clone()
    }

    /// To be asked before a step starts: the lease is held, was renewed lately, and is not near its end.
    pub async fn ready(&self) -> Result<(), Error> {
        self.core.ready().await.map_err(|_| self.core.loss_error())
    }

    /// Renews the lease now.
    pub async fn renew(&self) -> Result<(), Error> {
        self.core.renew().await.map_err(|failure| failure.into_error().unwrap_or_else(|_| self.core.loss_error()))
    }

    /// What the lease allows to write.
    pub fn grant(&self) -> Grant {
        let core = Arc::clone(&self.core);
        let facts = self.core.facts();
        let ready = Arc::clone(&core);
        let mut grant = Grant::new(facts.key.scope.clone(), facts.epoch, move || {
            let core = Arc::clone(&core);
            async move { core.held().await }
        });
        grant = grant.ready_when(move || {
            let core = Arc::clone(&ready);
            async move { core.ready().await }
        });
        grant.fresh = !self.core.used.load(Ordering::Relaxed);
        grant.kept = Arc::clone(&self.core.kept);
        grant.live.clone_from(&facts.live);
        grant.unsealed.clone_from(&facts.unsealed);
        grant
    }

    /// Opens a place for writing. When the place has seen a higher epoch than the lock record, which is then not the one it was, the lease is
    /// raised above it. Journals of dead holders are sealed on the way.
    pub async fn enter(&self, place: &Place, run: &str, begin: Begin) -> Result<Session, Refused> {
        loop {
            match place.begin(self.grant(), run, begin.clone()).await {
                Err(Refused::NeedsEpoch(seen)) if !self.core.used.load(Ordering::Relaxed) => self.raise(seen).await?,
                Err(Refused::NeedsEpoch(seen)) => {
                    let message = format!("epoch {seen} has written, this lease has {}", self.epoch());
                    return Err(Error::from(Diagnostic::new(P6002, message).help("take the lock again")).into());
                }
                Err(refused) => return Err(refused),
                Ok(session) => {
                    self.core.used.store(true, Ordering::Relaxed);
                    self.forget(session.sealed()).await?;
                    return Ok(session);
                }
            }
        }
    }

    /// Puts an earlier state of the place back, and raises the lease above every epoch that has left a trace, as often as that is needed.
    pub async fn restore(&self, place: &Place, state: &State, run: &str, begin: &Begin) -> Result<Restored, Error> {
        loop {
            match place.restore(&self.grant(), state.clone(), run, begin).await {
                Err(Refused::NeedsEpoch(seen)) => self.raise(seen).await?,
                Err(Refused::Error(error)) => return Err(error),
                Err(other) => return Err(Diagnostic::new(P6002, other.to_string()).help("run the command again").into()),
                Ok(restored) => return Ok(restored),
            }
        }
    }

    /// Raises the epoch above one that was seen.
    pub async fn raise(&self, above: u64) -> Result<(), Error> {
        let change = Change::Raise { lease: self.core.facts().key.clone(), above };
        let record = self.core.change(&change).await?;
        let mut facts = self.core.facts();
        if let Some(holder) = record.holders.get(&facts.key.scope.to_string()) {
            facts.epoch = holder.epoch;
            facts.key.epoch = Some(holder.epoch);
        }
        Ok(())
    }

    /// Turns the lease of a stack into that of one service: others may work beside it from now on.
    pub async fn narrow(&self, service: &str) -> Result<(), Error> {
        let change = Change::Narrow { lease: self.core.facts().key.clone(), service: service.to_owned() };
        self.core.change(&change).await?;
        self.core.facts().key.scope = Scope::Service(service.to_owned());
        // The record does not count on them any more.
        *self.processes.lock().unwrap_or_else(PoisonError::into_inner) = None;
        Ok(())
    }

    /// Takes epochs whose journals are sealed off the record.
    async fn forget(&self, sealed: &BTreeSet<u64>) -> Result<(), Error> {
        let named: BTreeSet<u64> = self.core.facts().unsealed.intersection(sealed).copied().collect();
        if named.is_empty() {
            return Ok(());
        }
        self.core.change(&Change::Sealed { epochs: named.clone() }).await?;
        self.core.facts().unsealed.retain(|epoch| !named.contains(epoch));
        Ok(())
    }

    /// Gives the lock back. A lease that was lost meanwhile is a warning: what was written was written while it was held.
    pub async fn release(self) -> Result<Option<Diagnostic>, Error> {
        self.heartbeat.abort();
        let locker = &self.core.locker;
        let (lease, lineage) = (self.core.facts().key.clone(), self.core.kept.get().cloned());
        let change = Change::Release { lease, at: rfc3339(locker.now()), lineage };
        let release = locker.records.change(&self.core.place, &change);
        let released = match self.loss() {
            None => release.await,
            // It ends by itself; that it may end sooner is worth a moment.
            Some(_) => tokio::select! {
                released = release => released,
                () = locker.clock.pause(Timing::guard(self.core.facts().ttl)) => return Ok(None),
            },
        };
        match released {
            Ok(_) => Ok(None),
            Err(Failure::Refused(_)) => {
                let message = format!("{} was taken over before it was released", self.core.name());
                Ok(Some(Diagnostic::new(P6007, message).help("`panka lock status` shows who holds it now")))
            }
            Err(Failure::Unavailable(error) | Failure::Failed(error)) => Err(error),
        }
    }

    /// Stops renewing and leaves the lock held until its lease ends: it belongs to a script, or to a later stage of the pipe.
    pub async fn leave(self) -> Result<LockTicket, Error> {
        self.heartbeat.abort();
        if self.core.age(&self.core.facts()) > Duration::from_secs(1) {
            self.renew().await?;
        }
        tracing::info!(epoch = self.epoch(), "lock left held: {}", self.core.name());
        Ok(self.ticket())
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.heartbeat.abort();
    }
}
