//! The writes at the end of a run: snapshot, then the deletion of what it contains.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use super::{Cursor, Folded, Session};
use crate::clock::millis;
use crate::diagnostic::codes::state::{P7002, P7003, P7004, P7005, P7007, P7011, P7012, P7013};
use crate::diagnostic::{Diagnostic, Error};
use crate::state::fold::prune;
use crate::state::format::snapshot_bytes;
use crate::state::journal::JournalError;
use crate::state::load::{self, fold_in};
use crate::state::store::Tag;
use crate::state::{Journal, Scope, Updated, VERSION, What, faults};

/// How often two services try to merge into one snapshot before one of them gives up.
const MERGES: usize = 30;

/// Days that a seal stays: nobody is paused longer and then writes.
const SEAL_DAYS: i64 = 30;

impl Session {
    /// Writes the snapshot of what this session may fold, in place of exactly the one it grew from.
    pub(super) async fn write_snapshot(&self) -> Result<Folded, Error> {
        let mut cursor = self.cursor.lock().await;
        let key = self.place.key("state.json");
        for _ in 0..MERGES {
            self.grant.held().await.map_err(JournalError::Lost)?;
            let draft = self.draft(&cursor)?;
            let asked = Instant::now();
            match self.place.store().put(&key, draft.bytes.clone(), cursor.tag.clone().into()).await {
                Ok(tag) => {
                    let folded = self.written(&mut cursor, &draft, tag);
                    let Folded { serial, bytes, objects } = folded;
                    tracing::info!(serial, bytes, journal_objects = objects, ms = millis(asked.elapsed()), "snapshot written");
                    return Ok(folded);
                }
                Err(error) if error.is_conflict() => {
                    tracing::info!(serial = draft.serial, "snapshot not written: another service has written one meanwhile");
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
        self.grant.kept.get_or_init(|| ledger.own.lineage.clone());
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
        let stored = load::read_stored(&self.place).await.map_err(|error| match error.findings() {
            // What stands there now is nothing that panka has written there.
            [finding, ..] if [P7002, P7003, P7004, P7012, P7013].contains(&finding.code) => {
                changed(&format!("changed ({}: {})", finding.code, finding.message))
            }
            _ => error,
        })?;
        let Some((mut stored, tag)) = stored else { return Err(changed("deleted")) };
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
    pub(super) async fn clear(&self) -> Result<(), Error> {
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
        if gone.is_empty() {
            return Ok(());
        }
        self.grant.held().await.map_err(JournalError::Lost)?;
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
