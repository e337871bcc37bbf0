//! The journal of a run: entries become durable, in order, before anyone acts on them.
//!
//! In: entries, from many tasks at once. Out: journal objects, at most one write in flight; entries that arrive meanwhile share the next
//! object. Sequences of an epoch have no gaps, so that a foreign object at the next sequence stops a writer exactly there. What is durable
//! is in the [`Ledger`] as well.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{mpsc, oneshot};

use super::fold::{When, advance, apply_rest, edited, put, start, step};
use super::format::journal_bytes;
use super::integrity::is_clear;
use super::place::Place;
use super::store::{Expected, StoreError};
use super::{Begin, Entry, FoldError, Grant, Journal, Record, State, What, fold};
use crate::address::Address;
use crate::catalog::catalog;
use crate::diagnostic::codes::lock::P6002;
use crate::diagnostic::codes::state::{P7007, P7011};
use crate::diagnostic::{Diagnostic, Error};
use crate::document::{Digest, Kind};

/// Why entries were not journaled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// The lock is lost: another writer has gone on. Nothing may be written any more.
    #[error("the lock was lost: {0}")]
    Lost(String),
    /// The store does not take it. The entries may be given again.
    #[error("the journal cannot be written: {0}")]
    Store(StoreError),
    /// The entries do not fit the state: a defect of the writer.
    #[error("the entries do not fit the state: {0}")]
    Unfit(FoldError),
    /// The entries hold a value that may never be written down: a defect of the writer.
    #[error("`{0}` would be journaled with a value in clear that may only be kept as a digest")]
    Clear(Address),
    /// The entries are not of the lock's scope: a defect of the writer.
    #[error("`{name}` is outside of the scope `{scope}`")]
    OutOfScope {
        /// An address, an output or a pin.
        name: String,
        /// What the lock covers.
        scope: String,
    },
}

impl From<JournalError> for Error {
    fn from(error: JournalError) -> Self {
        let message = error.to_string();
        match error {
            JournalError::Lost(_) => Diagnostic::new(P6002, message)
                .help("nothing was written after that; run the command again: it goes on from what the other run has left"),
            JournalError::Store(cause) => {
                let finding = cause.finding(P7007);
                Diagnostic { message, ..finding }
            }
            JournalError::Unfit(_) | JournalError::Clear(_) | JournalError::OutOfScope { .. } => Diagnostic::new(P7011, message),
        }
        .into()
    }
}

/// What is durable, in memory.
#[derive(Debug)]
pub(super) struct Ledger {
    /// Everything that is known of the place; none when that is `own`.
    view: Option<State>,
    /// The snapshot with what this writer may fold into it.
    pub(super) own: State,
    /// The journal objects that `own` holds and the stored snapshot does not.
    pub(super) since: Vec<Arc<Journal>>,
    /// Bytes of them that this run wrote.
    bytes: usize,
    /// Sequence of the last object of this epoch.
    pub(super) last: u64,
    /// This run has written.
    pub(super) begun: bool,
}

impl Ledger {
    pub(super) fn new(own: State, view: Option<State>, since: Vec<Arc<Journal>>, last: u64) -> Self {
        Self { view, own, since, bytes: 0, last, begun: false }
    }

    /// Everything that is known of the place.
    pub(super) fn state(&self) -> &State {
        self.view.as_ref().unwrap_or(&self.own)
    }

    /// The two states, or the one that is both.
    pub(super) fn both(&mut self) -> impl Iterator<Item = &mut State> {
        std::iter::once(&mut self.own).chain(self.view.as_mut())
    }

    /// Forgets the objects that the stored snapshot contains.
    pub(super) fn folded(&mut self, epoch: u64, seq: u64) {
        self.since.retain(|journal| journal.epoch == epoch && journal.seq > seq);
        self.bytes = 0;
    }

    pub(super) fn size(&self) -> (usize, usize) {
        (self.since.len(), self.bytes)
    }

    fn commit(&mut self, journal: Journal, records: &BTreeMap<Address, Option<Record>>, bytes: usize) {
        for state in self.both() {
            // A run begins before its first entry: what it says of itself depends on what was there.
            for entry in &journal.entries {
                if let What::Begin(begin) = &entry.what {
                    start(state, begin);
                }
            }
            for (address, record) in records {
                put(state, address, record.clone());
            }
            for entry in &journal.entries {
                if let What::Edit(edit) = &entry.what {
                    apply_rest(state, edit);
                }
            }
            advance(state, journal.epoch, journal.seq);
            state.digest = None;
        }
        self.last = journal.seq;
        self.bytes += bytes;
        self.begun = true;
        self.since.push(Arc::new(journal));
    }
}

/// A ledger that the writer's task and the session share.
#[derive(Debug, Clone)]
pub(super) struct Shared(Arc<Mutex<Ledger>>);

impl Shared {
    pub(super) fn new(ledger: Ledger) -> Self {
        Self(Arc::new(Mutex::new(ledger)))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Ledger> {
        // Changes are made whole under the lock or not begun, so a panic of another task leaves nothing half-way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Entries that become durable together, and who waits for them.
#[derive(Debug)]
struct Group {
    entries: Vec<Entry>,
    done: oneshot::Sender<Result<(), JournalError>>,
}

/// Hands entries to the task that writes them.
#[derive(Debug)]
pub(super) struct Writer {
    queue: mpsc::UnboundedSender<Group>,
}

impl Writer {
    /// Starts the task. `begin` is the first entry, written together with the next one.
    pub(super) fn start(place: Place, grant: Grant, run: String, begin: Begin, ledger: Shared) -> Self {
        let (queue, groups) = mpsc::unbounded_channel();
        let begin = Some(Entry { at: place.clock().stamp(), what: What::Begin(begin) });
        tokio::spawn(Task { place, grant, run, begin, ledger, lost: None }.run(groups));
        Self { queue }
    }

    /// Gives entries to be written together, in the order of calls. They are durable when the future resolves to `Ok`; dropping it does not
    /// take them back.
    pub(super) fn append(&self, entries: Vec<Entry>) -> impl Future<Output = Result<(), JournalError>> + Send + use<> {
        let (done, answer) = oneshot::channel();
        let sent = self.queue.send(Group { entries, done });
        async move {
            let ended = || JournalError::Lost("the writer of the journal has ended".to_owned());
            sent.map_err(|_| ended())?;
            answer.await.map_err(|_| ended())?
        }
    }
}

/// The only writer of the journal's objects of a run.
struct Task {
    place: Place,
    grant: Grant,
    run: String,
    begin: Option<Entry>,
    ledger: Shared,
    lost: Option<String>,
}

/// How the write of an object ended.
enum Written {
    Durable,
    /// An earlier object of this run, whose write had seemed to fail, stands there.
    Earlier(Box<Journal>),
    Failed(JournalError),
}

impl Task {
    async fn run(mut self, mut groups: mpsc::UnboundedReceiver<Group>) {
        while let Some(first) = groups.recv().await {
            // Tasks that the last write has woken get their turn first, so that their next entries share this object.
            tokio::task::yield_now().await;
            let mut batch = vec![first];
            while let Ok(group) = groups.try_recv() {
                batch.push(group);
            }
            self.write(batch).await;
        }
    }

    async fn write(&mut self, mut batch: Vec<Group>) {
        loop {
            if self.lost.is_none() {
                self.lost = self.grant.held().await.err();
            }
            if let Some(why) = &self.lost {
                return answer(batch, &Err(JournalError::Lost(why.clone())));
            }
            let records;
            (batch, records) = self.rehearse(batch);
            if batch.is_empty() {
                return;
            }
            let entries = self.begin.iter().chain(batch.iter().flat_map(|group| &group.entries)).cloned().collect();
            let (lineage, seq) = {
                let ledger = self.ledger.lock();
                (ledger.own.lineage.clone(), ledger.last + 1)
            };
            let mut journal = Journal {
                kind: Kind::new(),
                lineage,
                run: self.run.clone(),
                scope: self.grant.scope.to_string(),
                epoch: self.grant.epoch,
                seq,
                entries,
                digest: Digest::of_bytes(&[]),
            };
            let bytes = journal_bytes(&mut journal);
            let size = bytes.len();
            match self.put(seq, bytes).await {
                Written::Durable => {
                    self.begin = None;
                    self.ledger.lock().commit(journal, &records, size);
                    return answer(batch, &Ok(()));
                }
                Written::Earlier(earlier) => {
                    if let Err(error) = self.take_in(*earlier) {
                        return answer(batch, &Err(error));
                    }
                }
                Written::Failed(error) => {
                    if let JournalError::Lost(why) = &error {
                        self.lost = Some(why.clone());
                    }
                    return answer(batch, &Err(error));
                }
            }
        }
    }

    async fn put(&self, seq: u64, bytes: Vec<u8>) -> Written {
        let store = self.place.store();
        let key = self.place.journal_key(self.grant.epoch, seq);
        let error = match store.put(&key, bytes, Expected::Absent).await {
            Ok(_) => return Written::Durable,
            Err(error) if error.is_conflict() => error,
            Err(error) => return Written::Failed(JournalError::Store(error)),
        };
        // Another object of this run can stand there: one whose write had seemed to fail, after which its entries were given up.
        let found = error.found.and_then(|found| serde_json::from_slice::<Journal>(&found.0).ok());
        match found.filter(|found| found.run == self.run && (found.epoch, found.seq) == (self.grant.epoch, seq)) {
            Some(found) => Written::Earlier(Box::new(found)),
            None => Written::Failed(JournalError::Lost(format!("another writer's object stands at {}", store.locate(&key)))),
        }
    }

    /// Counts an object as written whose write had seemed to fail.
    fn take_in(&mut self, earlier: Journal) -> Result<(), JournalError> {
        let mut ledger = self.ledger.lock();
        for state in ledger.both() {
            fold(state, &earlier).map_err(JournalError::Unfit)?;
            state.digest = None;
        }
        ledger.last = earlier.seq;
        ledger.begun = true;
        ledger.since.push(Arc::new(earlier));
        self.begin = None;
        Ok(())
    }

    /// Finds out what the entries make of their records before they are written; refuses groups that do not fit.
    fn rehearse(&self, batch: Vec<Group>) -> (Vec<Group>, BTreeMap<Address, Option<Record>>) {
        let ledger = self.ledger.lock();
        let mut records = BTreeMap::new();
        let mut fit = Vec::with_capacity(batch.len());
        for group in batch {
            match self.rehearse_group(&group, ledger.state(), &records) {
                Ok(changed) => {
                    records.extend(changed);
                    fit.push(group);
                }
                Err(error) => answer(vec![group], &Err(error)),
            }
        }
        (fit, records)
    }

    fn rehearse_group(
        &self,
        group: &Group,
        state: &State,
        before: &BTreeMap<Address, Option<Record>>,
    ) -> Result<BTreeMap<Address, Option<Record>>, JournalError> {
        let mut changed: BTreeMap<Address, Option<Record>> = BTreeMap::new();
        for entry in &group.entries {
            if let Some(name) = names(&entry.what).find(|name| !self.grant.scope.holds(name)) {
                return Err(JournalError::OutOfScope { name: name.to_owned(), scope: self.grant.scope.to_string() });
            }
            if let Some(address) = clear(&entry.what, state) {
                return Err(JournalError::Clear(address.clone()));
            }
            if let What::Edit(edit) = &entry.what {
                changed.extend(edited(edit));
            }
            if let Some(address) = entry.what.address() {
                let slot = changed
                    .entry(address.clone())
                    .or_insert_with(|| before.get(address).cloned().unwrap_or_else(|| state.resources.get(address).cloned()));
                let when = When { at: &entry.at, run: &self.run, epoch: self.grant.epoch };
                step(slot, &entry.what, when).map_err(JournalError::Unfit)?;
            }
        }
        Ok(changed)
    }
}

/// The address for which an entry holds a value that may only be kept as a digest.
fn clear<'a>(what: &'a What, state: &State) -> Option<&'a Address> {
    let of = |type_name: &str, properties| is_clear(properties, catalog().get(type_name));
    match what {
        What::Intent(intent) => Some(&intent.address).filter(|_| of(&intent.type_name, &intent.properties)),
        What::Result(outcome) => {
            let type_name = &state.resources.get(&outcome.address)?.pending.as_ref()?.intent.type_name;
            Some(&outcome.address).filter(|_| outcome.properties.as_ref().is_some_and(|properties| of(type_name, properties)))
        }
        What::Edit(edit) => {
            let mut records = edit.resources.iter().filter_map(|(address, record)| Some((address, record.as_ref()?)));
            records.find(|(_, record)| of(&record.type_name, &record.properties)).map(|(address, _)| address)
        }
        What::Begin(_) | What::Accepted(_) | What::Fold(_) | What::End(_) | What::Seal(_) => None,
    }
}

/// Addresses, outputs and pins that an entry changes.
fn names(what: &What) -> impl Iterator<Item = &str> {
    let edit = if let What::Edit(edit) = what { Some(edit) } else { None };
    let edited = edit.into_iter().flat_map(|edit| {
        let outputs = edit.outputs.keys().chain(edit.pins.keys()).map(String::as_str);
        edit.resources.keys().map(Address::as_str).chain(outputs)
    });
    what.address().map(Address::as_str).into_iter().chain(edited)
}

fn answer(batch: Vec<Group>, result: &Result<(), JournalError>) {
    for group in batch {
        // Who does not wait for the answer does not want it.
        drop(group.done.send(result.clone()));
    }
}
