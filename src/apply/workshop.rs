//! What all nodes of a run share: the provider, the session, and the way to the scheduler.
//!
//! What cannot be journaled any more, because the lock is lost or the store is gone, is kept as an orphan.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::call::Trouble;
use super::event::{Event, Name};
use super::events::Events;
use super::provider::Provider;
use super::retry::{Random, Retries};
use super::run::Outcome as Ending;
use crate::address::Address;
use crate::clock::SharedClock;
use crate::plan::Plan;
use crate::state::{Entry, JournalError, Operation, OutcomeError, Record, Session, Touched, What};

/// How long results are offered to a store that does not take them.
const STORE_PATIENCE: Duration = Duration::from_secs(50);

/// How a node ended.
#[derive(Debug, Clone)]
pub(super) struct NodeEnd {
    pub(super) outcome: Ending,
    pub(super) calls: u32,
    pub(super) started: Option<String>,
    pub(super) finished: Option<String>,
    pub(super) identifier: Option<String>,
    pub(super) error: Option<OutcomeError>,
}

/// What nodes tell the scheduler.
#[derive(Debug)]
pub(super) enum Message {
    /// The intent is durable; a slot for the call is wanted.
    Journaled(usize, oneshot::Sender<bool>),
    /// The call is over; its slot is free.
    Called(usize, Duration),
    /// An append to the journal took this long.
    Durable(Duration),
    /// The store does not take entries.
    StoreGone(String),
    /// The lock is lost.
    Lost(String),
    /// A snapshot in the middle of the run is written, or could not be.
    Folded,
    /// The node is over.
    Ended(usize, Box<NodeEnd>),
}

/// What all nodes of a run share.
pub(super) struct Workshop<P> {
    pub(super) provider: Arc<P>,
    pub(super) session: Arc<Session>,
    pub(super) events: Events,
    pub(super) clock: SharedClock,
    pub(super) plan: Arc<Plan>,
    pub(super) seed: u64,
    /// No further call may be made, not even a repetition.
    pub(super) lost: AtomicBool,
    /// Highest attempt of each operation of this run.
    pub(super) attempts: Mutex<HashMap<(Address, Operation), u32>>,
    pub(super) orphans: Mutex<Vec<Entry>>,
    pub(super) messages: mpsc::UnboundedSender<Message>,
}

impl<P: Provider> Workshop<P> {
    /// Writes a snapshot in the middle of the run.
    pub(super) async fn fold(&self) {
        match self.session.fold().await {
            Ok(folded) => self.events.emit(Event { serial: Some(folded.serial), ..Event::new(Name::StateFolded) }),
            // The journal has everything; the end of the run tries again.
            Err(error) => self.events.emit(Event { message: Some(error.to_string()), ..Event::new(Name::Note) }),
        }
        self.tell(Message::Folded);
    }

    pub(super) fn tell(&self, message: Message) {
        // The scheduler is gone when a second signal ended the run: nobody is left to hear.
        self.messages.send(message).ok();
    }

    /// The record of an address as it durably is.
    pub(super) fn record(&self, address: &Address) -> Option<Record> {
        self.session.with_state(|state| state.resources.get(address).cloned())
    }

    /// Makes entries durable before something is done that needs them.
    pub(super) async fn append(&self, entries: Vec<What>) -> Result<(), Trouble> {
        let start = Instant::now();
        match self.session.append(entries).await {
            Ok(()) => {
                self.tell(Message::Durable(start.elapsed()));
                Ok(())
            }
            Err(error) => {
                self.report(&error);
                Err(Trouble::Unrecorded)
            }
        }
    }

    /// Makes what happened durable, as long as there is hope; else keeps it as an orphan.
    pub(super) async fn append_result(&self, entries: Vec<What>) -> Result<(), Trouble> {
        let start = Instant::now();
        let mut pause = Duration::from_secs(1);
        loop {
            match self.session.append(entries.clone()).await {
                Ok(()) => {
                    self.tell(Message::Durable(start.elapsed()));
                    return Ok(());
                }
                Err(JournalError::Store(error))
                    if error.class.is_transient() && start.elapsed() < STORE_PATIENCE && !self.lost.load(Ordering::Relaxed) =>
                {
                    self.tell(Message::StoreGone(error.to_string()));
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(Duration::from_secs(10));
                }
                Err(error) => {
                    self.report(&error);
                    let at = self.clock.stamp();
                    let mut orphans = self.orphans.lock().unwrap_or_else(PoisonError::into_inner);
                    orphans.extend(entries.into_iter().map(|what| Entry { at: at.clone(), what }));
                    return Err(Trouble::Unrecorded);
                }
            }
        }
    }

    pub(super) fn report(&self, error: &JournalError) {
        if let JournalError::Lost(why) = error {
            self.lost.store(true, Ordering::Relaxed);
            self.tell(Message::Lost(why.clone()));
        } else {
            self.tell(Message::StoreGone(error.to_string()));
        }
    }

    pub(super) fn next_attempt(&self, address: &Address, op: Operation) -> u32 {
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        let attempt = attempts.entry((address.clone(), op)).or_default();
        *attempt += 1;
        *attempt
    }

    pub(super) fn retries(&self, address: &Address) -> Retries {
        let salt = address.as_str().bytes().fold(self.seed, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
        Retries::new(Random::new(salt))
    }

    pub(super) fn touched(&self) -> Touched {
        Touched { at: self.clock.stamp(), run: self.session.run().to_owned() }
    }
}
