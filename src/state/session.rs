//! A session: the right to write in a place, from the lock to the last snapshot.
//!
//! In: a grant, the objects of the place, entries. Out: a journal without gaps, snapshots that replace exactly the one they grew from, a run
//! record. The order of writes is snapshot, run record, then the deletion of what the snapshot contains; death between any two repeats
//! work and loses none.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::sync::Mutex;

use super::fold::prune;
use super::format::{journal_bytes, snapshot_bytes};
use super::grant::Scope;
use super::journal::{JournalError, Ledger, Shared, Writer};
use super::load::{self, Objects, fold_in};
use super::place::Place;
use super::store::{Expected, StoreError, Tag};
use super::{Begin, Edit, End, Entry, Grant, Intent, Journal, Operation, Pending, Seal, State, Updated, VERSION, What, faults};
use crate::address::Address;
use crate::diagnostic::codes::state::{P7005, P7007, P7011};
use crate::diagnostic::{Diagnostic, Error};
use crate::document::{Digest, Kind};

/// Journal objects after which a run folds without being at its end.
const MANY_OBJECTS: usize = 2_000;

/// Bytes of journal objects after which it does.
const MANY_BYTES: usize = 4 << 20;

/// How often two services try to merge into one snapshot before one of them gives up.
const MERGES: usize = 30;

/// Days that a seal stays: nobody is paused longer and then writes.
const SEAL_DAYS: i64 = 30;

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
            own.lineage = place.clock().id();
        }
        let last = listed.entry(grant.epoch).or_default().last().copied().unwrap_or(0);
        let last = last.max(own.folded.get(&grant.epoch).copied().unwrap_or(0));
        let interrupted = interrupted(&since);
        let recovered = !since.is_empty();
        let cursor = Mutex::new(Cursor { tag, serial, folded, listed, clearable });
        let ledger = Shared::new(Ledger::new(own, view, since, last));
        let writer = Writer::start(place.clone(), grant.clone(), run.clone(), begin.clone(), ledger.clone());
        let session = Self { place, grant, run, begin, ledger, writer, cursor, sealed, interrupted };
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

    /// The client token of a call of this session.
    pub fn token(&self, address: &Address, op: Operation, attempt: u32) -> String {
        Intent::token(&self.ledger.lock().own.lineage, self.grant.epoch, address, op, attempt)
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
            self.place.keep_run(&self.run, &record).await?;
        }
        self.clear().await?;
        Ok(folded)
    }

    /// Writes the snapshot of what this session may fold, in place of exactly the one it grew from.
    async fn write_snapshot(&self) -> Result<Folded, Error> {
        let mut cursor = self.cursor.lock().await;
        let key = self.place.key("state.json");
        for _ in 0..MERGES {
            if !self.grant.is_held() {
                return Err(JournalError::Lost("the lease has run out".to_owned()).into());
            }
            let draft = self.draft(&cursor)?;
            match self.place.store().put(&key, draft.bytes.clone(), cursor.tag.clone().into()).await {
                Ok(tag) => return Ok(self.written(&mut cursor, &draft, tag)),
                Err(StoreError::Conflict { .. }) => {
                    let stored = self.place.store().get(&key).await.map_err(|error| error.finding(P7007))?;
                    if let Some((_, tag)) = stored.filter(|(bytes, _)| *bytes == draft.bytes) {
                        return Ok(self.written(&mut cursor, &draft, tag));
                    }
                    self.rebase(&mut cursor).await?;
                    let wait = self.place.clock().between(Duration::from_millis(10), Duration::from_millis(300));
                    tokio::time::sleep(wait).await;
                }
                Err(error) => return Err(error.finding(P7007).into()),
            }
        }
        Err(Diagnostic::new(P7005, format!("the snapshot was written by others {MERGES} times in a row"))
            .help("the journal keeps what this run did; run the command again")
            .into())
    }

    /// The bytes of the next snapshot.
    fn draft(&self, cursor: &Cursor) -> Result<Draft, Error> {
        let mut ledger = self.ledger.lock();
        let position = ledger.last;
        let objects = ledger.since.len();
        let state = &mut ledger.own;
        let fence = state.fences.iter().filter(|(scope, _)| fences(&self.grant.scope, scope)).map(|(_, epoch)| *epoch).max();
        if let Some(fence) = fence.filter(|fence| *fence > self.grant.epoch) {
            return Err(JournalError::Lost(format!("epoch {fence} has written, this one is {}", self.grant.epoch)).into());
        }
        if self.grant.scope == Scope::Stack {
            state.fences.clear();
        }
        state.fences.insert(self.grant.scope.to_string(), self.grant.epoch);
        state.epoch = state.epoch.max(self.grant.epoch);
        state.folded.retain(|epoch, _| {
            *epoch == self.grant.epoch
                || self.grant.live.contains(epoch)
                || self.grant.scope != Scope::Stack
                || cursor.listed.get(epoch).is_some_and(|sequences| !sequences.is_empty())
        });
        state.updated = Some(Updated {
            at: self.place.clock().stamp(),
            by: self.begin.by.clone(),
            run: self.run.clone(),
            version: VERSION.to_owned(),
            git_commit: self.begin.git_commit.clone(),
        });
        let before = state.serial;
        state.serial = before.max(cursor.serial) + 1;
        let edges = prune(state);
        let broken: Vec<Diagnostic> = faults(state).iter().map(|fault| Diagnostic::new(P7011, fault.to_string())).collect();
        let bytes = if broken.is_empty() { snapshot_bytes(state) } else { Vec::new() };
        let serial = std::mem::replace(&mut state.serial, before);
        for (address, depends_on) in edges {
            if let Some(record) = state.resources.get_mut(&address) {
                record.depends_on = depends_on;
            }
        }
        Error::check(broken)?;
        Ok(Draft { bytes, serial, position, folded: state.folded.clone(), objects })
    }

    fn written(&self, cursor: &mut Cursor, draft: &Draft, tag: Tag) -> Folded {
        cursor.tag = Some(tag);
        cursor.serial = draft.serial;
        let before = cursor.folded.get(&self.grant.epoch).copied().unwrap_or(0);
        cursor.listed.entry(self.grant.epoch).or_default().extend(before + 1..=draft.position);
        cursor.folded.clone_from(&draft.folded);
        let mut ledger = self.ledger.lock();
        ledger.both().for_each(|state| state.serial = draft.serial);
        ledger.folded(self.grant.epoch, draft.position);
        Folded { serial: draft.serial, bytes: draft.bytes.len(), objects: draft.objects }
    }

    /// Takes the stored snapshot for the base, after another service has written it.
    async fn rebase(&self, cursor: &mut Cursor) -> Result<(), Error> {
        let changed = |why: &str| {
            Error::from(
                Diagnostic::new(P7005, format!("the state was {why} while this run held its lock"))
                    .help("the journal keeps what this run did; `panka state history` shows who wrote; run the command again"),
            )
        };
        let Some((mut stored, tag)) = load::read_stored(&self.place).await? else { return Err(changed("deleted")) };
        let mut ledger = self.ledger.lock();
        if stored.lineage != ledger.own.lineage {
            return Err(changed("replaced by one of another lineage"));
        }
        let fence = stored.fences.iter().filter(|(scope, _)| fences(&self.grant.scope, scope)).map(|(_, epoch)| *epoch).max();
        if let Some(fence) = fence.filter(|fence| *fence > self.grant.epoch) {
            return Err(JournalError::Lost(format!("epoch {fence} has written, this one is {}", self.grant.epoch)).into());
        }
        if self.grant.scope == Scope::Stack {
            return Err(changed("written"));
        }
        for journal in &ledger.since {
            fold_in(&mut stored, journal)?;
        }
        cursor.tag = Some(tag);
        cursor.serial = stored.serial;
        ledger.own = stored;
        Ok(())
    }

    /// Deletes journal objects that the stored snapshot contains. Seals stay for a month.
    async fn clear(&self) -> Result<(), Error> {
        let mut cursor = self.cursor.lock().await;
        let mut gone: Vec<(u64, u64)> = Vec::new();
        for epoch in &cursor.clearable {
            let Some(sequences) = cursor.listed.get(epoch) else { continue };
            let done = cursor.folded.get(epoch).copied().unwrap_or(0);
            // The last object of another epoch may be its seal.
            let last = sequences.last().copied().filter(|_| *epoch != self.grant.epoch);
            gone.extend(sequences.iter().copied().filter(|seq| *seq <= done && Some(*seq) != last).map(|seq| (*epoch, seq)));
            if let Some(last) = last.filter(|last| *last <= done)
                && !self.is_fresh_seal(*epoch, last).await?
            {
                gone.push((*epoch, last));
            }
        }
        let keys = gone.iter().map(|(epoch, seq)| self.place.journal_key(*epoch, *seq)).collect();
        self.place.store().delete(keys).await.map_err(|error| error.finding(P7007))?;
        for (epoch, seq) in gone {
            if let Some(sequences) = cursor.listed.get_mut(&epoch) {
                sequences.remove(&seq);
            }
        }
        Ok(())
    }

    /// Tells whether an object is a seal that must stay.
    async fn is_fresh_seal(&self, epoch: u64, seq: u64) -> Result<bool, Error> {
        let key = self.place.journal_key(epoch, seq);
        let Some((bytes, _)) = self.place.store().get(&key).await.map_err(|error| error.finding(P7007))? else { return Ok(false) };
        let Ok(journal) = serde_json::from_slice::<Journal>(&bytes) else { return Ok(false) };
        let seal = journal.entries.iter().find(|entry| matches!(entry.what, What::Seal(_)));
        let age = seal.and_then(|entry| entry.at.parse::<jiff::Timestamp>().ok()).map(|at| self.place.clock().now().duration_since(at));
        Ok(age.is_some_and(|age| age.as_hours() < SEAL_DAYS * 24))
    }
}

/// The bytes of a snapshot that is to be written.
struct Draft {
    bytes: Vec<u8>,
    serial: u64,
    /// Sequence of the last object of this epoch that it contains.
    position: u64,
    folded: BTreeMap<u64, u64>,
    objects: usize,
}

/// Tells whether a writer of `scope` must not be below the fence of `other`.
fn fences(scope: &Scope, other: &str) -> bool {
    *scope == Scope::Stack || other == Scope::Stack.to_string() || other == scope.to_string()
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

/// Reads a place and closes the journal of each epoch whose holder is gone, so that a holder who wakes late meets the seal at its next
/// sequence. Gives the objects with the seals among them, and the epochs that are now sealed.
async fn seal_epochs(place: &Place, grant: &Grant, run: &str) -> Result<(Objects, BTreeSet<u64>), Refused> {
    loop {
        let mut objects = load::read(place).await?;
        let highest = objects.listed.keys().copied().max().unwrap_or(0).max(objects.snapshot.epoch);
        if highest > grant.epoch || (grant.fresh && highest == grant.epoch) {
            return Err(Refused::NeedsEpoch(highest));
        }
        if grant.scope != Scope::Stack && objects.tag.is_none() {
            return Err(Refused::NeedsStack("the place has no state yet".to_owned()));
        }
        let mut dead: BTreeMap<u64, Option<&Journal>> = grant.unsealed.iter().map(|epoch| (*epoch, None)).collect();
        for journal in &objects.unfolded {
            dead.insert(journal.epoch, Some(journal));
        }
        dead.retain(|epoch, _| *epoch != grant.epoch && !grant.live.contains(epoch));
        let mut sealed = BTreeSet::new();
        let mut open = BTreeSet::new();
        for (epoch, last) in dead {
            let scope: Option<Scope> = last.and_then(|journal| journal.scope.parse().ok());
            match scope {
                Some(Scope::Stack) if grant.scope != Scope::Stack => {
                    return Err(Refused::NeedsStack(format!("the run of epoch {epoch} covered it and was interrupted")));
                }
                Some(scope) if !grant.scope.covers(&scope) => continue,
                _ => {}
            }
            let over = last.is_some_and(|journal| journal.entries.iter().any(|entry| matches!(entry.what, What::Seal(_))));
            let ended = last.is_some_and(|journal| journal.entries.iter().any(|entry| matches!(entry.what, What::End(_))));
            if over {
                sealed.insert(epoch);
            } else if !ended || grant.unsealed.contains(&epoch) {
                open.insert(epoch);
            }
        }
        if seal_all(place, grant, run, &mut objects, &open).await? {
            sealed.extend(open);
            return Ok((objects, sealed));
        }
    }
}

/// Writes the seals. False when a late writer was faster: then everything must be read again.
async fn seal_all(place: &Place, grant: &Grant, run: &str, objects: &mut Objects, open: &BTreeSet<u64>) -> Result<bool, Error> {
    if open.is_empty() {
        return Ok(true);
    }
    if objects.snapshot.lineage.is_empty() {
        objects.snapshot.lineage = objects.unfolded.first().map_or_else(|| place.clock().id(), |journal| journal.lineage.clone());
    }
    for epoch in open {
        if !grant.is_held() {
            return Err(JournalError::Lost("the lease has run out".to_owned()).into());
        }
        let folded = objects.snapshot.folded.get(epoch).copied().unwrap_or(0);
        let listed = objects.listed.entry(*epoch).or_default();
        let seq = 1 + listed.last().copied().unwrap_or(0).max(folded);
        let mut seal = Journal {
            kind: Kind::new(),
            lineage: objects.snapshot.lineage.clone(),
            run: run.to_owned(),
            scope: objects
                .unfolded
                .iter()
                .find(|journal| journal.epoch == *epoch)
                .map_or(&grant.scope.to_string(), |journal| &journal.scope)
                .clone(),
            epoch: *epoch,
            seq,
            entries: vec![Entry { at: place.clock().stamp(), what: What::Seal(Seal { by: grant.epoch }) }],
            digest: Digest::of_bytes(&[]),
        };
        let bytes = journal_bytes(&mut seal);
        match place.store().put(&place.journal_key(*epoch, seq), bytes, Expected::Absent).await {
            Ok(_) => {
                listed.insert(seq);
                objects.unfolded.push(seal);
            }
            Err(StoreError::Conflict { .. }) => return Ok(false),
            Err(error) => return Err(error.finding(P7007).into()),
        }
    }
    objects.unfolded.sort_by_key(|journal| (journal.epoch, journal.seq));
    Ok(true)
}

#[cfg(test)]
mod tests;
