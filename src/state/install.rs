//! Putting a whole snapshot in place: an older version of it, or one from another backend.
//!
//! In: a grant over the whole place, a version or a state. Out: a snapshot that goes on where the newest trace of the place ends: its serial
//! is above every serial, its epoch above every epoch, so that nothing that was written before can count for newer. What stands there is
//! read as bytes: it may be damaged or deleted, which is why it is replaced.

use std::collections::{BTreeMap, BTreeSet};

use super::format::{Source, read_journal, read_snapshot};
use super::load::{fold_in, journal_objects, name};
use super::place::Place;
use super::session::Refused;
use super::store::{Expected, StoreError, StoredVersion, Tag};
use super::{Begin, Grant, Scope, State, Updated, VERSION, faults, snapshot_bytes};
use crate::diagnostic::codes::state::{P7001, P7002, P7004, P7005, P7007, P7009, P7011};
use crate::diagnostic::{Diagnostic, Error};

/// What stands in a place, however it is.
#[derive(Debug, Clone)]
pub struct Standing {
    /// Its version; none when nothing is there, or only the mark of a deletion.
    pub tag: Option<Tag>,
    /// The snapshot, if it can be read.
    pub state: Option<State>,
    /// Sequences of the journal objects that exist, by epoch.
    pub listed: BTreeMap<u64, BTreeSet<u64>>,
}

impl Standing {
    /// The highest epoch that has left a trace.
    pub fn highest_epoch(&self) -> u64 {
        let written = self.state.as_ref().map_or(0, |state| state.epoch);
        self.listed.keys().copied().max().unwrap_or(0).max(written)
    }

    /// The highest serial that is known.
    fn serial(&self) -> u64 {
        self.state.as_ref().map_or(0, |state| state.serial)
    }

    fn expected(&self) -> Expected {
        self.tag.clone().into()
    }
}

/// A version that was put back.
#[derive(Debug, Clone)]
pub struct Restored {
    /// The state as it is now.
    pub state: State,
    /// Serial of the version.
    pub of: u64,
    /// What the version could not take in.
    pub warnings: Vec<Diagnostic>,
}

impl Place {
    /// The stored versions of the snapshot, newest first; none where the store keeps none.
    pub async fn versions(&self) -> Result<Vec<StoredVersion>, Error> {
        self.store().versions(&self.key("state.json")).await.map_err(|error| error.finding(P7001).into())
    }

    /// Reads a version of the snapshot, as it was.
    pub async fn version(&self, id: &str) -> Result<State, Error> {
        let key = self.key("state.json");
        // A request without an id would give the present one.
        let found = if id.is_empty() { None } else { self.store().get_version(&key, id).await.map_err(|error| error.finding(P7001))? };
        let location = format!("{}, version {id}", self.store().locate(&key));
        let Some(bytes) = found else {
            return Err(Diagnostic::new(P7009, format!("{location}: there is no such version"))
                .help("`panka state history` lists the versions, where the backend keeps them")
                .into());
        };
        let tag = Tag::new(id);
        let source = Source { location: &location, tag: &tag };
        let state = read_snapshot(&bytes, source, self.stack(), self.environment())?;
        Error::check(faults(&state).into_iter().map(|fault| source.finding(P7002, fault)).collect())?;
        Ok(state)
    }

    /// Looks at what stands in the place, without asking that it be whole.
    pub async fn standing(&self) -> Result<Standing, Error> {
        let failed = |error: StoreError| Error::from(error.finding(P7001));
        let listed = journal_objects(self).await?;
        let key = self.key("state.json");
        let Some((bytes, tag)) = self.store().get(&key).await.map_err(failed)? else {
            return Ok(Standing { tag: None, state: None, listed });
        };
        let location = self.store().locate(&key);
        let state = read_snapshot(&bytes, Source { location: &location, tag: &tag }, self.stack(), self.environment()).ok();
        Ok(Standing { tag: Some(tag), state, listed })
    }

    /// Puts an earlier state of the place back, with what the journal holds since.
    pub async fn restore(&self, grant: &Grant, mut state: State, run: &str, begin: &Begin) -> Result<Restored, Refused> {
        let of = state.serial;
        let standing = self.standing().await?;
        if let Some(present) = standing.state.as_ref().filter(|present| present.lineage != state.lineage) {
            let message = format!("this state has the lineage {}, the place has {}", state.lineage, present.lineage);
            return Err(Error::from(Diagnostic::new(P7004, message).help("it is of another history: choose another one")).into());
        }
        state.moved = None;
        let highest = standing.highest_epoch().max(state.epoch);
        if grant.epoch <= highest {
            return Err(Refused::NeedsEpoch(highest));
        }
        let mut warnings = Vec::new();
        for (epoch, sequences) in &standing.listed {
            if let Err(why) = self.take_in(&mut state, *epoch, sequences).await {
                let last = sequences.last().copied().unwrap_or_default();
                state.folded.insert(*epoch, last);
                warnings.push(
                    Diagnostic::new(P7002, format!("the journal of epoch {epoch} does not go on from this state: {why}"))
                        .warning()
                        .help("`panka state history` shows the run, and `panka state verify` whether the state holds together"),
                );
            }
        }
        let state = self.install(grant, state, &standing, run, begin).await?;
        Ok(Restored { state, of, warnings })
    }

    /// Folds the journal objects of an epoch into a state, if they follow on what it contains.
    async fn take_in(&self, state: &mut State, epoch: u64, sequences: &BTreeSet<u64>) -> Result<(), String> {
        let folded = state.folded.get(&epoch).copied().unwrap_or(0);
        let mut next = state.clone();
        for (seq, wanted) in sequences.iter().filter(|seq| **seq > folded).zip(folded + 1..) {
            if *seq != wanted {
                return Err(format!("{} is missing", name(epoch, wanted)));
            }
            let key = self.journal_key(epoch, *seq);
            let found = self.store().get(&key).await.map_err(|error| error.to_string())?;
            let (bytes, tag) = found.ok_or_else(|| format!("{} is missing", name(epoch, *seq)))?;
            let location = self.store().locate(&key);
            let source = Source { location: &location, tag: &tag };
            let journal = read_journal(&bytes, source, &state.lineage, epoch, *seq).map_err(|error| error.to_string())?;
            fold_in(&mut next, &journal).map_err(|error| error.to_string())?;
        }
        *state = next;
        Ok(())
    }

    /// Writes a state in place of what stands there.
    pub async fn install(&self, grant: &Grant, mut state: State, standing: &Standing, run: &str, begin: &Begin) -> Result<State, Error> {
        for (epoch, sequences) in &standing.listed {
            let last = sequences.last().copied().unwrap_or_default();
            let folded = state.folded.entry(*epoch).or_default();
            *folded = last.max(*folded);
        }
        state.serial = state.serial.max(standing.serial()) + 1;
        state.epoch = grant.epoch;
        state.fences = BTreeMap::from([(Scope::Stack.to_string(), grant.epoch)]);
        state.updated = Some(Updated {
            at: self.clock().stamp(),
            by: begin.by.clone(),
            run: run.to_owned(),
            version: VERSION.to_owned(),
            git_commit: begin.git_commit.clone(),
        });
        Error::check(faults(&state).iter().map(|fault| Diagnostic::new(P7011, fault.to_string())).collect())?;
        let bytes = snapshot_bytes(&mut state);
        let lost =
            |why| Diagnostic::new(P7005, format!("the lock was lost before anything was written: {why}")).help("run the command again");
        grant.held().await.map_err(lost)?;
        let key = self.key("state.json");
        match self.store().put(&key, bytes, standing.expected()).await {
            Ok(_) => Ok(state),
            Err(error) if error.is_conflict() => {
                Err(Diagnostic::new(P7005, "the state was written by another while this command ran").help("run the command again").into())
            }
            Err(error) => Err(error.finding(P7007).into()),
        }
    }
}
