//! What all nodes of an execution share: the provider, the context of the run, the plan, and the way to the scheduler.
//!
//! What cannot be journaled any more, because the lock is lost or the store is gone, is kept as an orphan.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::context::RunContext;
use super::event::{Event, Name};
use super::retry::{Random, Retries};
use super::trouble::{Message, Trouble};
use crate::address::Address;
use crate::diagnostic::Diagnostic;
use crate::plan::Plan;
use crate::state::{Entry, JournalError, Record, What};

/// What all nodes of an execution share.
pub(super) struct Floor<P> {
    pub(super) provider: Arc<P>,
    pub(super) context: RunContext,
    pub(super) plan: Arc<Plan>,
    orphans: Mutex<Vec<Entry>>,
    warnings: Mutex<Vec<Diagnostic>>,
    messages: mpsc::UnboundedSender<Message>,
}

impl<P> Floor<P> {
    /// A floor, and where its messages arrive.
    pub(super) fn new(provider: Arc<P>, context: RunContext, plan: Arc<Plan>) -> (Arc<Self>, mpsc::UnboundedReceiver<Message>) {
        let (messages, inbox) = mpsc::unbounded_channel();
        (Arc::new(Self { provider, context, plan, orphans: Mutex::default(), warnings: Mutex::default(), messages }), inbox)
    }

    /// Takes the results that the journal could not take.
    pub(super) fn take_orphans(&self) -> Vec<Entry> {
        std::mem::take(&mut *self.orphans.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Somebody wants the run to end: what runs is finished, and nothing is tried again.
    pub(super) fn is_stopping(&self) -> bool {
        self.context.stop.interrupts() > 0
    }

    /// Keeps something to be told at the end.
    pub(super) fn warn(&self, warning: Diagnostic) {
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner).push(warning);
    }

    /// Takes what is to be told.
    pub(super) fn take_warnings(&self) -> Vec<Diagnostic> {
        std::mem::take(&mut *self.warnings.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Another resource of the stack that has this instance.
    pub(super) fn owner_of(&self, address: &Address, type_name: &str, identifier: &str) -> Option<Address> {
        self.context.journal.with_state(|state| state.owner_of(address, type_name, identifier).cloned())
    }

    /// No further call may be made, not even a repetition.
    pub(super) fn is_lost(&self) -> bool {
        self.context.stop.lost().is_some()
    }

    /// Writes a snapshot in the middle of the run.
    pub(super) async fn fold(&self) {
        match self.context.journal.fold().await {
            Ok(folded) => self.context.events.emit(Event { serial: Some(folded.serial), ..Event::new(Name::StateFolded) }),
            // The journal has everything; the end of the run tries again.
            Err(error) => self.context.events.emit(Event { message: Some(error.to_string()), ..Event::new(Name::Note) }),
        }
        self.tell(Message::Folded);
    }

    pub(super) fn tell(&self, message: Message) {
        // The scheduler is gone when a second signal ended the run: nobody is left to hear.
        self.messages.send(message).ok();
    }

    /// The record of an address as it durably is.
    pub(super) fn record(&self, address: &Address) -> Option<Record> {
        self.context.journal.with_state(|state| state.resources.get(address).cloned())
    }

    /// Makes entries durable before something is done that needs them.
    pub(super) async fn append(&self, entries: Vec<What>) -> Result<(), Trouble> {
        let start = Instant::now();
        match self.context.journal.append(entries).await {
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
            match self.context.journal.append(entries.clone()).await {
                Ok(()) => {
                    self.tell(Message::Durable(start.elapsed()));
                    return Ok(());
                }
                Err(JournalError::Store(error))
                    if error.class.is_transient() && start.elapsed() < self.context.options.patience && !self.is_lost() =>
                {
                    self.tell(Message::StoreGone(JournalError::Store(error)));
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(Duration::from_secs(10));
                }
                Err(error) => {
                    self.report(&error);
                    let mut orphans = self.orphans.lock().unwrap_or_else(PoisonError::into_inner);
                    orphans.extend(entries.into_iter().map(|what| self.context.journal.entry(what)));
                    return Err(Trouble::Unrecorded);
                }
            }
        }
    }

    pub(super) fn report(&self, error: &JournalError) {
        if let JournalError::Lost(why) = error {
            self.tell(Message::Lost(why.clone()));
        } else {
            self.tell(Message::StoreGone(error.clone()));
        }
    }

    pub(super) fn retries(&self, address: &Address) -> Retries {
        let salt = address.as_str().bytes().fold(self.context.options.seed, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
        Retries::new(Random::new(salt))
    }
}
