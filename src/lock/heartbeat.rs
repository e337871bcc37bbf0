//! The heart of a lease: it beats, knows until when it may act, and tells when it is lost.
//!
//! A deadline counts from before the last renewal was sent, on the monotonic clock; since that may stand still while a machine sleeps, the wall
//! clock counts as well: when either says that the lease may be over, it is renewed before anything else is done.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{Mutex as TurnMutex, watch};

use super::change::LeaseKey;
use super::happening::Happening;
use super::home::{Failure, PlaceName};
use super::locker::Locker;
use super::{Change, LockRecord, Refusal, Timing};
use crate::diagnostic::codes::lock::{P6002, P6004};
use crate::diagnostic::{Diagnostic, Error};

/// When a request was sent, on both clocks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sent {
    /// The monotonic one.
    pub(super) at: Duration,
    /// The wall clock.
    pub(super) wall: Timestamp,
}

/// What a lease and its heartbeat share.
#[derive(Debug)]
pub(super) struct Core {
    pub(super) locker: Locker,
    pub(super) place: PlaceName,
    pub(super) facts: Mutex<Facts>,
    /// One renewal at a time.
    pub(super) turn: TurnMutex<()>,
    /// Why the lease is lost.
    pub(super) lost: watch::Sender<Option<String>>,
    /// The epoch has been written with, or may have been.
    pub(super) used: AtomicBool,
    /// The lineage of the place, once a snapshot is stored that was written with this lease.
    pub(super) kept: Arc<OnceLock<String>>,
}

/// What is known of a lease.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    pub(super) key: LeaseKey,
    pub(super) epoch: u64,
    pub(super) ttl: Duration,
    pub(super) expires_at: String,
    /// The last renewal that succeeded.
    pub(super) sent: Sent,
    /// Epochs of other holders, and of journals without a seal, when the lock was taken.
    pub(super) live: BTreeSet<u64>,
    pub(super) unsealed: BTreeSet<u64>,
}

impl Core {
    pub(super) fn facts(&self) -> MutexGuard<'_, Facts> {
        // Facts are replaced field by field with values that are ready: a panic elsewhere leaves them usable.
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn name(&self) -> String {
        self.place.name(&self.facts().key.scope.to_string())
    }

    /// Time since the last renewal, by the clock that says more.
    pub(super) fn age(&self, facts: &Facts) -> Duration {
        let wall = self.locker.clock.now().duration_since(facts.sent.wall);
        self.locker.clock.since(facts.sent.at).max(Duration::try_from(wall).unwrap_or_default())
    }

    pub(super) fn left(&self, facts: &Facts) -> Duration {
        facts.ttl.saturating_sub(self.age(facts))
    }

    /// Tells whether the lease is held, or why it is not; renews it when a renewal is overdue.
    pub(super) async fn held(&self) -> Result<(), String> {
        if self.lost.borrow().is_some() {
            return Err(self.why());
        }
        let (age, ttl) = {
            let facts = self.facts();
            (self.age(&facts), facts.ttl)
        };
        // A beat that is only just due is on its way.
        if age <= self.pause(ttl).mul_f64(1.5) {
            return Ok(());
        }
        match self.renew().await {
            Ok(()) => Ok(()),
            Err(Failure::Unavailable(_) | Failure::Failed(_)) if !self.left(&self.facts()).is_zero() => Ok(()),
            Err(_) => Err(self.why()),
        }
    }

    /// Waits until a step may start: the lease is held, was renewed lately, and is not near its end. Says why, when it is lost.
    pub(super) async fn ready(&self) -> Result<(), String> {
        loop {
            self.held().await?;
            let (left, ttl) = {
                let facts = self.facts();
                (self.left(&facts), facts.ttl)
            };
            if left >= Timing::guard(ttl) {
                return Ok(());
            }
            match self.renew().await {
                Ok(()) => return Ok(()),
                Err(Failure::Refused(_)) => return Err(self.why()),
                Err(Failure::Unavailable(_) | Failure::Failed(_)) => {
                    self.locker.clock.pause(left.min(self.pause(ttl) / 5).max(Duration::from_millis(1))).await;
                }
            }
        }
    }

    /// Time between renewals of a lease of this length.
    fn pause(&self, ttl: Duration) -> Duration {
        self.locker.timing.heartbeat().min(ttl / 3)
    }

    /// Renews the lease. A renewal that hangs is given up, at first while there is time for another one. Meanwhile nothing is written when the
    /// lease may be over: whoever wants to write waits here.
    pub(super) async fn renew(&self) -> Result<(), Failure> {
        let asked = self.locker.clock.elapsed();
        let _turn = self.turn.lock().await;
        let (key, length, left) = {
            let facts = self.facts();
            if facts.sent.at > asked {
                // Somebody else has renewed while this one waited.
                return Ok(());
            }
            (facts.key.clone(), facts.ttl, self.left(&facts))
        };
        // A lease that is over by these clocks may still stand in the record: a machine that slept asks.
        let patience = if left.is_zero() { length } else { self.pause(length).max(left / 2) };
        let answer = tokio::select! {
            answer = self.locker.renew_lease(&self.place, &key, Some(length)) => answer,
            () = self.locker.clock.pause(patience) => Err(no_answer(&self.place, patience)),
        };
        match answer {
            Ok((record, sent)) => {
                let mut facts = self.facts();
                if let Some(holder) = record.holders.get(&key.scope.to_string()) {
                    facts.expires_at.clone_from(&holder.expires_at);
                }
                facts.sent = sent;
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

    pub(super) fn lose(&self, why: String) {
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
    pub(super) fn why(&self) -> String {
        self.lost.borrow().clone().unwrap_or_else(|| "its lease has run out and could not be renewed".to_owned())
    }

    pub(super) fn loss_error(&self) -> Error {
        Diagnostic::new(P6002, format!("the lock was lost: {}", self.why()))
            .help("nothing was written after that; run the command again: it goes on from what the other run has left")
            .into()
    }

    pub(super) async fn change(&self, change: &Change) -> Result<LockRecord, Error> {
        self.locker.records.change(&self.place, change).await.map_err(|failure| {
            failure.into_error().unwrap_or_else(|refusal| {
                self.lose(self.cause(&refusal));
                self.loss_error()
            })
        })
    }
}

/// A renewal that has not been answered.
fn no_answer(place: &PlaceName, patience: Duration) -> Failure {
    let message = format!("{}: no answer in {:.1} s", place.lock_key(), patience.as_secs_f64());
    Failure::Unavailable(Diagnostic::new(P6004, message).help("run the command again").into())
}

/// Renews a lease until it is lost.
pub(super) async fn beat(core: Arc<Core>) {
    loop {
        let pause = core.pause(core.facts().ttl);
        core.locker.clock.pause(pause).await;
        let mut retry = pause / 5;
        loop {
            match core.renew().await {
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
                    core.locker.clock.pause(wait.min(left)).await;
                    retry = (retry * 2).min(pause);
                }
            }
        }
    }
}
