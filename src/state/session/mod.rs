//! A session: the right to write in a place, from the lock to the last snapshot.
//!
//! In: a grant, the objects of the place, entries. Out: a journal without gaps, snapshots that replace exactly the one they grew from, a run
//! record. The order of writes is snapshot, run record, then the deletion of what the snapshot contains; death between any two repeats
//! work and loses none.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, PoisonError};

use serde::Serialize;
use tokio::sync::Mutex;

use self::seal::seal_epochs;
use super::grant::Scope;
use super::journal::{JournalError, Ledger, Shared, Writer};
use super::load::{Objects, fold_in};
use super::orphans::orphan_lines;
use super::place::Place;
use super::store::Tag;
use super::{Begin, Edit, End, Entry, Grant, Intent, Journal, Operation, Pending, State, What};
use crate::address::Address;
use crate::diagnostic::Error;

mod seal;
mod snapshot;

/// Journal objects after which a run folds without being at its end.
const MANY_OBJECTS: usize = 2_000;

/// Bytes of journal objects after which it does.
const MANY_BYTES: usize = 4 << 20;

/// Why a session was not opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A service's lock is not enough for what is to be done first: take that of the whole stack, open, then narrow.
    #[error("the lock of the whole stack is needed: {0}")]
    NeedsStack(String),
    /// The epoch of the lock is not above what the place has seen: raise it above this number.
    #[error("the place has seen epoch {0}")]
    NeedsEpoch(u64),
    /// An error.
    #[error(transparent)]
    Error(#[from] Error),
}

/// A run of the past that was killed, and that this session has picked up.
#[derive(Debug, Clone, PartialEq)]
pub struct Interrupted {
    /// Its id.
    pub run: String,
    /// Its epoch.
    pub epoch: u64,
    /// How it began; none when that part of its journal was folded before it died.
    pub begin: Option<Begin>,
    /// When its first known entry was written.
    pub started: String,
    /// Its entries that were not folded yet.
    pub entries: Vec<Entry>,
}

/// A snapshot that was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Folded {
    /// Its serial.
    pub serial: u64,
    /// Its bytes; 0 when there was nothing to write.
    pub bytes: usize,
    /// Journal objects that went into it.
    pub objects: usize,
}

/// What the next snapshot replaces, and what may go after it.
#[derive(Debug)]
struct Cursor {
    tag: Option<Tag>,
    /// Serial of the stored snapshot.
    serial: u64,
    /// Epoch → highest journal sequence that the stored snapshot contains.
    folded: BTreeMap<u64, u64>,
    /// Journal objects that exist, by epoch.
    listed: BTreeMap<u64, BTreeSet<u64>>,
    /// Epochs that this writer may clear away: its own, and those of the dead in its scope.
    clearable: BTreeSet<u64>,
}

/// The right to write in a place.
#[derive(Debug)]
pub struct Session {
    place: Place,
    grant: Grant,
    run: String,
    begin: Begin,
    ledger: Shared,
    writer: Writer,
    cursor: Mutex<Cursor>,
    sealed: BTreeSet<u64>,
    interrupted: Vec<Interrupted>,
    /// Highest attempt of each call.
    attempts: std::sync::Mutex<HashMap<(Address, Operation), u32>>,
}

impl Session {
    pub(super) async fn open(place: Place, grant: Grant, run: String, begin: Begin) -> Result<Self, Refused> {
        let (objects, sealed) = seal_epochs(&place, &grant, &run).await?;
        let Objects { snapshot, tag, mut listed, unfolded, .. } = objects;
        let (serial, folded) = (snapshot.serial, snapshot.folded.clone());
        let mut own = snapshot;
        let mut view = None;
        let mut since = Vec::new();
        let mut clearable: BTreeSet<u64> = BTreeSet::from([grant.epoch]);
        for journal in unfolded {
            if may_fold(&grant, &journal) {
                clearable.insert(journal.epoch);
                fold_in(&mut own, &journal)?;
                if let Some(view) = &mut view {
                    fold_in(view, &journal)?;
                }
                since.push(Arc::new(journal));
            } else {
                fold_in(view.get_or_insert_with(|| own.clone()), &journal)?;
            }
        }
        if grant.scope == Scope::Stack {
            clearable.extend(listed.keys().filter(|epoch| !grant.live.contains(epoch)));
        }
        if own.lineage.is_empty() {
            own.lineage = place.first_lineage();
        }
        let last = listed.entry(grant.epoch).or_default().last().copied().unwrap_or(0);
        let last = last.max(own.folded.get(&grant.epoch).copied().unwrap_or(0));
        let interrupted = interrupted(&since);
        let recovered = !since.is_empty();
        for Interrupted { run, epoch, entries, .. } in &interrupted {
            tracing::info!(epoch, entries = entries.len(), "run {run} was interrupted: its journal is picked up");
        }
        let begin = Begin { serial, ..begin };
        let cursor = Mutex::new(Cursor { tag, serial, folded, listed, clearable });
        let ledger = Shared::new(Ledger::new(own, view, since, last));
        let writer = Writer::start(place.clone(), grant.clone(), run.clone(), begin.clone(), ledger.clone());
        let session = Self { place, grant, run, begin, ledger, writer, cursor, sealed, interrupted, attempts: std::sync::Mutex::default() };
        let (epoch, scope, resources) = (session.epoch(), &session.grant.scope, session.with_state(|state| state.resources.len()));
        tracing::info!(epoch, %scope, serial, resources, "place opened for writing");
        if recovered {
            session.write_snapshot().await?;
            session.clear().await?;
        }
        Ok(session)
    }

    /// Id of the run.
    pub fn run(&self) -> &str {
        &self.run
    }

    /// Fencing token of the lease.
    pub fn epoch(&self) -> u64 {
        self.grant.epoch
    }

    /// Identity of the place; made now, when nothing had run before.
    pub fn lineage(&self) -> String {
        self.ledger.lock().own.lineage.clone()
    }

    /// The place.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Epochs whose journals are now sealed, so that the lock record need not name them any more.
    pub fn sealed(&self) -> &BTreeSet<u64> {
        &self.sealed
    }

    /// Runs that were killed and whose journals this session has folded.
    pub fn interrupted(&self) -> &[Interrupted] {
        &self.interrupted
    }

    /// Adds the runs that an earlier session of the same lease has picked up.
    #[must_use]
    pub fn after(mut self, earlier: &Self) -> Self {
        self.interrupted.splice(0..0, earlier.interrupted.iter().cloned());
        self
    }

    /// Looks at the state as it durably is. Journaled entries are in it before their append resolves.
    pub fn with_state<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(self.ledger.lock().state())
    }

    /// A copy of the state as it durably is.
    pub fn state(&self) -> State {
        self.with_state(State::clone)
    }

    /// Unfinished intents that this session may settle.
    pub fn pending(&self) -> Vec<(Address, Pending)> {
        self.with_state(|state| {
            let own = state.pending().filter(|(address, _)| self.grant.scope.holds(address.as_str()));
            own.map(|(address, pending)| (address.clone(), pending.clone())).collect()
        })
    }

    /// The number of the next attempt of a call in this session, and its client token.
    pub fn next_attempt(&self, address: &Address, op: Operation) -> (u32, String) {
        let attempt = {
            let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
            let attempt = attempts.entry((address.clone(), op)).or_default();
            *attempt += 1;
            *attempt
        };
        (attempt, Intent::token(&self.ledger.lock().own.lineage, self.grant.epoch, address, op, attempt))
    }

    /// To be asked right before each call to the provider: the lease is held, and is not near its end. Says why, when it is not.
    pub async fn ready(&self) -> Result<(), String> {
        self.grant.ready().await
    }

    /// The lines in which entries are kept that this session could not journal.
    pub fn orphan_lines(&self, entries: &[Entry]) -> String {
        orphan_lines(&self.lineage(), &self.run, &self.grant.scope.to_string(), self.grant.epoch, entries)
    }

    /// An entry as it would be journaled now.
    pub fn entry(&self, what: What) -> Entry {
        Entry { at: self.place.clock().stamp(), what }
    }

    /// Journals entries together. They are in the queue at once, and durable when the future resolves to `Ok`.
    pub fn append(&self, entries: Vec<What>) -> impl Future<Output = Result<(), JournalError>> + Send + use<> {
        let at = self.place.clock().stamp();
        self.writer.append(entries.into_iter().map(|what| Entry { at: at.clone(), what }).collect())
    }

    /// Journals an edit.
    pub async fn edit(&self, edit: Edit) -> Result<(), Error> {
        Ok(self.append(vec![What::Edit(Box::new(edit))]).await?)
    }

    /// Tells whether the journal has grown so long that the run should fold before its end.
    pub fn should_fold(&self) -> bool {
        let (objects, bytes) = self.ledger.lock().size();
        objects >= MANY_OBJECTS || bytes >= MANY_BYTES
    }

    /// Writes a snapshot of what is durable and deletes the journal objects that it contains. Others may append meanwhile.
    pub async fn fold(&self) -> Result<Folded, Error> {
        let folded = self.write_snapshot().await?;
        self.clear().await?;
        // Nobody waits for this entry: it tells readers of the journal where its beginning has gone.
        drop(self.append(vec![What::Fold(folded.serial)]));
        Ok(folded)
    }

    /// Writes the first snapshot of a place that has none, so that others may merge into it.
    pub async fn found(&self) -> Result<(), Error> {
        if self.cursor.lock().await.tag.is_none() { self.write_snapshot().await.map(drop) } else { Ok(()) }
    }

    /// Ends the run: its last entry, the snapshot, the run record that `record` makes of the snapshot, the deletion of what is folded.
    ///
    /// A run that has journaled nothing writes nothing, and `record` is not asked.
    pub async fn finish<R: Serialize>(&self, exit: u8, record: impl FnOnce(Folded) -> Option<R>) -> Result<Folded, Error> {
        if !self.ledger.lock().begun {
            return Ok(Folded { serial: self.cursor.lock().await.serial, bytes: 0, objects: 0 });
        }
        self.append(vec![What::End(End { exit })]).await?;
        let folded = self.write_snapshot().await?;
        if let Some(record) = record(folded) {
            self.grant.held().await.map_err(JournalError::Lost)?;
            self.place.keep_run(&self.run, &record).await?;
        }
        self.clear().await?;
        Ok(folded)
    }
}

/// Tells whether this writer may put an object's entries into the snapshot: its own, or those of a dead holder within its scope.
fn may_fold(grant: &Grant, journal: &Journal) -> bool {
    !grant.live.contains(&journal.epoch) && journal.scope.parse().is_ok_and(|scope| grant.scope.covers(&scope))
}

/// The runs among these objects that have a beginning or a middle, but no end.
fn interrupted(objects: &[Arc<Journal>]) -> Vec<Interrupted> {
    let mut runs: Vec<Interrupted> = Vec::new();
    let mut ended: BTreeSet<&str> = BTreeSet::new();
    for journal in objects {
        let seal = journal.entries.iter().any(|entry| matches!(entry.what, What::Seal(_)));
        let Some(first) = journal.entries.first().filter(|_| !seal) else { continue };
        let position = runs.iter().position(|known| known.run == journal.run).unwrap_or(runs.len());
        if position == runs.len() {
            runs.push(Interrupted {
                run: journal.run.clone(),
                epoch: journal.epoch,
                begin: None,
                started: first.at.clone(),
                entries: Vec::new(),
            });
        }
        for entry in &journal.entries {
            match &entry.what {
                What::Begin(begin) => runs[position].begin = Some(begin.clone()),
                What::End(_) => drop(ended.insert(&journal.run)),
                _ => {}
            }
        }
        runs[position].entries.extend(journal.entries.iter().cloned());
    }
    runs.retain(|run| !ended.contains(run.run.as_str()));
    runs
}

#[cfg(test)]
mod lost_answers;
#[cfg(test)]
mod tests;
