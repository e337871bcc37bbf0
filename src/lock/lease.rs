//! A lease: the right to write, for as long as it is renewed.
//!
//! In: a lock that was taken. Out: a holder that renews itself, knows until when it may act, and tells when it is lost. Its deadline counts
//! from before the last renewal was sent, on the monotonic clock; since that may stand still while a machine sleeps, the wall clock counts
//! as well: when either says that the lease may be over, it is renewed before anything else is done.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{Mutex as TurnMutex, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::change::LeaseKey;
use super::happening::Happening;
use super::home::{Failure, PlaceName};
use super::locker::Locker;
use super::processes::ProcessLocks;
use super::{Change, LockRecord, Refusal, Timing};
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

#[derive(Debug)]
struct Core {
    locker: Locker,
    place: PlaceName,
    facts: Mutex<Facts>,
    /// One renewal at a time.
    turn: TurnMutex<()>,
    /// Why the lease is lost.
    lost: watch::Sender<Option<String>>,
    /// The epoch has been written with, or may have been.
    used: AtomicBool,
}

#[derive(Debug, Clone)]
struct Facts {
    key: LeaseKey,
    epoch: u64,
    ttl: Duration,
    expires_at: String,
    /// When the last renewal that succeeded was sent, on both clocks.
    sent: Instant,
    sent_wall: Timestamp,
    /// Epochs of other holders, and of journals without a seal, when the lock was taken.
    live: BTreeSet<u64>,
    unsealed: BTreeSet<u64>,
}

impl Lease {
    pub(super) fn start(
        locker: Locker,
        place: PlaceName,
        scope: &Scope,
        record: &LockRecord,
        sent: Instant,
        sent_wall: Timestamp,
        processes: Option<ProcessLocks>,
    ) -> Self {
        let name = scope.to_string();
        let holder = record.holders.get(&name).expect("the record was just written with this holder");
        let facts = Facts {
            key: LeaseKey { scope: scope.clone(), lock_id: holder.lock_id.clone(), epoch: Some(holder.epoch) },
            epoch: holder.epoch,
            ttl: Duration::from_secs(holder.ttl),
            expires_at: holder.expires_at.clone(),
            sent,
            sent_wall,
            live: record.holders.iter().filter(|(other, _)| **other != name).map(|(_, holder)| holder.epoch).collect(),
            unsealed: record.unsealed.clone(),
        };
        let core = Arc::new(Core {
            locker,
            place,
            facts: Mutex::new(facts),
            turn: TurnMutex::new(()),
            lost: watch::Sender::new(None),
            used: AtomicBool::new(false),
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
        if !self.core.is_held().await {
            return Err(self.core.loss_error());
        }
        let (left, ttl) = {
            let facts = self.core.facts();
            (self.core.left(&facts), facts.ttl)
        };
        if left < Timing::guard(ttl) && self.core.renew(None).await.is_err() {
            return Err(self.core.loss_error());
        }
        Ok(())
    }

    /// Renews the lease now.
    pub async fn renew(&self) -> Result<(), Error> {
        self.core.renew(None).await.map_err(|failure| failure.into_error().unwrap_or_else(|_| self.core.loss_error()))
    }

    /// What the lease allows to write.
    pub fn grant(&self) -> Grant {
        let core = Arc::clone(&self.core);
        let facts = self.core.facts();
        let mut grant = Grant::new(facts.key.scope.clone(), facts.epoch, move || {
            let core = Arc::clone(&core);
            async move { if core.is_held().await { Ok(()) } else { Err(core.why()) } }
        });
        grant.fresh = !self.core.used.load(Ordering::Relaxed);
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
        let change = Change::Release { lease: self.core.facts().key.clone(), at: self.core.locker.clock.stamp() };
        match self.core.locker.records.change(&self.core.place, &change).await {
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

impl Core {
    fn facts(&self) -> MutexGuard<'_, Facts> {
        // Facts are replaced field by field with values that are ready: a panic elsewhere leaves them usable.
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn name(&self) -> String {
        self.place.name(&self.facts().key.scope.to_string())
    }

    /// Time since the last renewal, by the clock that says more.
    fn age(&self, facts: &Facts) -> Duration {
        let wall = self.locker.clock.now().duration_since(facts.sent_wall);
        facts.sent.elapsed().max(Duration::try_from(wall).unwrap_or_default())
    }

    fn left(&self, facts: &Facts) -> Duration {
        facts.ttl.saturating_sub(self.age(facts))
    }

    /// Tells whether the lease is held; renews it when a renewal is overdue.
    async fn is_held(&self) -> bool {
        if self.lost.borrow().is_some() {
            return false;
        }
        let (age, ttl) = {
            let facts = self.facts();
            (self.age(&facts), facts.ttl)
        };
        // A beat that is only just due is on its way.
        if age <= self.pause(ttl).mul_f64(1.5) {
            return true;
        }
        match self.renew(None).await {
            Ok(()) => true,
            Err(Failure::Refused(_)) => false,
            Err(Failure::Unavailable(_) | Failure::Failed(_)) => !self.left(&self.facts()).is_zero(),
        }
    }

    /// Time between renewals of a lease of this length.
    fn pause(&self, ttl: Duration) -> Duration {
        self.locker.timing.heartbeat().min(ttl / 3)
    }

    async fn renew(&self, ttl: Option<Duration>) -> Result<(), Failure> {
        let asked = Instant::now();
        let _turn = self.turn.lock().await;
        if self.facts().sent > asked {
            // Somebody else has renewed while this one waited.
            return Ok(());
        }
        let (key, length) = {
            let facts = self.facts();
            (facts.key.clone(), ttl.unwrap_or(facts.ttl))
        };
        match self.locker.renew_lease(&self.place, &key, Some(length)).await {
            Ok((record, sent, sent_wall)) => {
                let mut facts = self.facts();
                if let Some(holder) = record.holders.get(&key.scope.to_string()) {
                    facts.expires_at.clone_from(&holder.expires_at);
                }
                (facts.sent, facts.sent_wall, facts.ttl) = (sent, sent_wall, length);
                drop(facts);
                self.locker.tell(Happening::Renewed);
                Ok(())
            }
            Err(Failure::Refused(refusal)) => {
                self.lose(self.cause(&refusal));
                Err(Failure::Refused(refusal))
            }
            Err(failed) => Err(failed),
        }
    }

    /// Why the lease is lost when a change of its record is refused.
    fn cause(&self, refusal: &Refusal) -> String {
        match refusal {
            Refusal::NoRecord => format!("the record of {} was deleted by somebody", self.place.lock_key()),
            Refusal::NotHeld | Refusal::Held(_) => format!("{} was taken over, broken or released by another", self.name()),
        }
    }

    fn lose(&self, why: String) {
        let news = self.lost.send_if_modified(|known| {
            let news = known.is_none();
            if news {
                *known = Some(why.clone());
            }
            news
        });
        if news {
            self.locker.tell(Happening::Lost { cause: why });
        }
    }

    /// Why the lease is lost, once it is.
    fn why(&self) -> String {
        self.lost.borrow().clone().unwrap_or_else(|| "its lease has run out and could not be renewed".to_owned())
    }

    fn loss_error(&self) -> Error {
        Diagnostic::new(P6002, format!("the lock was lost: {}", self.why()))
            .help("nothing was written after that; run the command again: it goes on from what the other run has left")
            .into()
    }

    async fn change(&self, change: &Change) -> Result<LockRecord, Error> {
        self.locker.records.change(&self.place, change).await.map_err(|failure| {
            failure.into_error().unwrap_or_else(|refusal| {
                self.lose(self.cause(&refusal));
                self.loss_error()
            })
        })
    }
}

/// Renews a lease until it is lost.
async fn beat(core: Arc<Core>) {
    loop {
        let pause = core.pause(core.facts().ttl);
        sleep(pause).await;
        let mut retry = pause / 5;
        loop {
            match core.renew(None).await {
                Ok(()) => break,
                Err(failure) => {
                    // What cannot get better is not tried again in haste; the next beat is due all the same.
                    let transient = matches!(failure, Failure::Unavailable(_));
                    let Ok(error) = failure.into_error() else { return };
                    let left = core.left(&core.facts());
                    if left.is_zero() {
                        return core.lose(format!("its lease has run out, and it could not be renewed: {error}"));
                    }
                    core.locker.tell(Happening::RenewalFailed { cause: error.to_string() });
                    let wait = if transient { retry } else { pause };
                    sleep(wait.min(left)).await;
                    retry = (retry * 2).min(pause);
                }
            }
        }
    }
}
