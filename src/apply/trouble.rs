//! What nodes tell: how they ended, and why not well.

use std::time::Duration;

use tokio::sync::oneshot;

use super::provider::Failure;
use super::run::Outcome;
use crate::state::{JournalError, OutcomeError};

/// Why a call did not end well.
#[derive(Debug)]
pub(super) enum Trouble {
    Failed(Failure),
    TimedOut,
    /// The scheduler did not let it start.
    Cancelled,
    /// The journal does not take entries: what became of the call is not known to the state.
    Unrecorded,
}

/// How a node ended.
#[derive(Debug, Clone)]
pub(super) struct NodeEnd {
    pub(super) outcome: Outcome,
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
    StoreGone(JournalError),
    /// The lock is lost.
    Lost(String),
    /// A snapshot in the middle of the run is written, or could not be.
    Folded,
    /// The node is over.
    Ended(usize, Box<NodeEnd>),
}
