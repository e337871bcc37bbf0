//! Loading: what a place remembers, the journal folded in memory.
//!
//! In: the objects of a place. Out: [`Loaded`], or the reason why nothing may be done. Only a proven absence is "no state"; whatever is
//! unreadable, damaged, newer or foreign is an error. Needs no lock: when a fold goes on meanwhile, it reads again.

use std::collections::{BTreeMap, BTreeSet};

use super::format::{Source, read_journal, read_snapshot};
use super::grant::Scope;
use super::place::Place;
use super::store::{StoreError, Tag};
use super::{Entry, Journal, State, What, faults, fold};
use crate::diagnostic::codes::state::{P7001, P7002, P7008, P7013};
use crate::diagnostic::{Diagnostic, Error};

/// How often a load that finds objects vanishing starts again.
const ATTEMPTS: usize = 10;

/// What a place remembers.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The state with everything that the journal holds.
    pub state: State,
    /// Version of the stored snapshot; none when there is none.
    pub tag: Option<Tag>,
    /// Sequences of the journal objects that exist, by epoch.
    pub listed: BTreeMap<u64, BTreeSet<u64>>,
    /// The journal objects that the snapshot does not contain, in order.
    pub unfolded: Vec<Journal>,
    /// Journal objects of writers that had lost their lock: they count for nothing.
    pub strays: Vec<String>,
}

impl Loaded {
    /// The highest epoch that has left a trace.
    pub fn highest_epoch(&self) -> u64 {
        self.listed.keys().copied().max().unwrap_or(0).max(self.state.epoch)
    }
}

/// The objects of a place, read but not folded.
#[derive(Debug)]
pub(super) struct Objects {
    /// The snapshot as it is stored; an empty state when there is none.
    pub(super) snapshot: State,
    pub(super) tag: Option<Tag>,
    pub(super) listed: BTreeMap<u64, BTreeSet<u64>>,
    pub(super) unfolded: Vec<Journal>,
    pub(super) strays: Vec<String>,
}

impl Objects {
    pub(super) fn fold(self) -> Result<Loaded, Error> {
        let mut state = self.snapshot;
        if !self.unfolded.is_empty() {
            state.digest = None;
        }
        for journal in &self.unfolded {
            fold_in(&mut state, journal)?;
        }
        Ok(Loaded { state, tag: self.tag, listed: self.listed, unfolded: self.unfolded, strays: self.strays })
    }
}

/// Folds an object that was read from the store.
pub(super) fn fold_in(state: &mut State, journal: &Journal) -> Result<(), Error> {
    fold(state, journal).map(|_| ()).map_err(|error| {
        Diagnostic::new(P7008, format!("journal object {} does not fit the state: {error}", name(journal.epoch, journal.seq)))
            .help("see `panka explain P7008` for the way back")
            .into()
    })
}

/// The last part of a journal object's key.
pub(super) fn name(epoch: u64, seq: u64) -> String {
    format!("{epoch:010}-{seq:08}.json")
}

fn parse_name(name: &str) -> Option<(u64, u64)> {
    let (epoch, seq) = name.strip_suffix(".json")?.split_once('-')?;
    let number = |text: &str, digits| (text.len() == digits && text.bytes().all(|c| c.is_ascii_digit())).then(|| text.parse().ok());
    Some((number(epoch, 10)??, number(seq, 8)??))
}

/// Reads all objects of a place that matter.
pub(super) async fn read(place: &Place) -> Result<Objects, Error> {
    let mut last = None;
    for _ in 0..ATTEMPTS {
        match attempt(place).await? {
            Attempt::Done(objects) => return Ok(*objects),
            Attempt::Vanished(what) => last = Some(what),
        }
    }
    let what = last.unwrap_or_default();
    Err(Diagnostic::new(P7008, format!("the journal has a gap: {what} is missing"))
        .help("see `panka explain P7008` for the way back")
        .into())
}

enum Attempt {
    Done(Box<Objects>),
    /// An object that must exist does not: a fold goes on, or the journal is damaged.
    Vanished(String),
}

async fn attempt(place: &Place) -> Result<Attempt, Error> {
    let failed = |error: StoreError| Error::from(error.finding(P7001));
    // The list comes before the snapshot: what is deleted in between is then contained in the snapshot.
    let listed = journal_objects(place).await?;
    let snapshot = read_stored(place).await?;
    let (tag, snapshot) = match snapshot {
        Some((state, tag)) => (Some(tag), state),
        None => (None, State::empty(place.stack(), place.environment(), "")),
    };
    let mut wanted = Vec::new();
    for (epoch, sequences) in &listed {
        let folded = snapshot.folded.get(epoch).copied().unwrap_or(0);
        let new: Vec<u64> = sequences.iter().copied().filter(|seq| *seq > folded).collect();
        for (seq, expected) in new.iter().zip(folded + 1..) {
            if *seq != expected {
                return Ok(Attempt::Vanished(name(*epoch, expected)));
            }
        }
        wanted.extend(new.into_iter().map(|seq| (*epoch, seq)));
    }
    let keys = wanted.iter().map(|(epoch, seq)| place.journal_key(*epoch, *seq)).collect();
    let found = place.store().get_all(keys).await.map_err(failed)?;
    let mut unfolded: Vec<Journal> = Vec::new();
    let mut strays = Vec::new();
    for ((epoch, seq), object) in wanted.into_iter().zip(found) {
        let Some((bytes, tag)) = object else { return Ok(Attempt::Vanished(name(epoch, seq))) };
        let location = place.store().locate(&place.journal_key(epoch, seq));
        let lineage = if snapshot.exists() { &snapshot.lineage } else { unfolded.first().map_or("", |first| &first.lineage) };
        let journal = read_journal(&bytes, Source { location: &location, tag: &tag }, lineage, epoch, seq)?;
        if is_stray(&snapshot, &journal) {
            strays.push(location);
        } else {
            unfolded.push(journal);
        }
    }
    // A run that began on a snapshot shows that there was one.
    let began = |journal: &Journal| matches!(journal.entries.first(), Some(Entry { what: What::Begin(begin), .. }) if begin.serial > 0);
    if tag.is_none() && unfolded.first().is_some_and(began) {
        return Err(deleted(place));
    }
    Ok(Attempt::Done(Box::new(Objects { snapshot, tag, listed, unfolded, strays })))
}

/// Somebody has deleted the snapshot of a place.
pub(super) fn deleted(place: &Place) -> Error {
    StoreError::deleted(place.store().locate(&place.key("state.json"))).finding(P7001).into()
}

/// The sequences of the journal objects that exist, by epoch.
pub(super) async fn journal_objects(place: &Place) -> Result<BTreeMap<u64, BTreeSet<u64>>, Error> {
    let prefix = place.key("journal/");
    let keys = place.store().list(&prefix).await.map_err(|error| error.finding(P7001))?;
    let mut listed: BTreeMap<u64, BTreeSet<u64>> = BTreeMap::new();
    for key in &keys {
        if let Some((epoch, seq)) = parse_name(&key[prefix.len()..]) {
            listed.entry(epoch).or_default().insert(seq);
        }
    }
    Ok(listed)
}

/// Reads the stored snapshot alone.
pub(super) async fn read_stored(place: &Place) -> Result<Option<(State, Tag)>, Error> {
    let key = place.key("state.json");
    let location = place.store().locate(&key);
    let failed = |error: StoreError| Error::from(error.finding(P7001));
    let mut stored = place.store().get_kept(&key).await.map_err(failed)?;
    // The record of a run is written after its snapshot: where there is one, there was a snapshot; or there is one by now.
    if stored.is_none() && !place.store().list(&place.key("runs/")).await.map_err(failed)?.is_empty() {
        stored = place.store().get_kept(&key).await.map_err(failed)?;
        if stored.is_none() {
            return Err(deleted(place));
        }
    }
    let Some((bytes, tag)) = stored else { return Ok(None) };
    let source = Source { location: &location, tag: &tag };
    let state = read_snapshot(&bytes, source, place.stack(), place.environment())?;
    let broken: Vec<Diagnostic> = faults(&state).into_iter().map(|fault| source.finding(P7002, fault)).collect();
    Error::check(broken)?;
    if let Some(moved) = &state.moved {
        return Err(source
            .finding(P7013, format!("the state was moved to {} by {} at {}", moved.to, moved.by, moved.at))
            .help("use that backend: `panka config show --origin` shows where the present one is set")
            .help("or bring it back: run `panka state migrate` there")
            .into());
    }
    Ok(Some((state, tag)))
}

/// Tells whether an object was written behind the fence: by a holder that had lost its lock, so long ago that nobody remembers its epoch.
fn is_stray(snapshot: &State, journal: &Journal) -> bool {
    let fence = |scope: &str| snapshot.fences.get(scope).copied().unwrap_or(0);
    let raised = fence(&Scope::Stack.to_string()).max(fence(&journal.scope));
    !snapshot.folded.contains_key(&journal.epoch) && journal.epoch < raised
}
