//! Sealing: the end of the journals of holders that are gone.

use std::collections::{BTreeMap, BTreeSet};

use super::Refused;
use crate::diagnostic::Error;
use crate::diagnostic::codes::state::P7007;
use crate::document::{Digest, Kind};
use crate::state::format::journal_bytes;
use crate::state::journal::JournalError;
use crate::state::load::{self, Objects};
use crate::state::place::Place;
use crate::state::store::Expected;
use crate::state::{Entry, Grant, Journal, Scope, Seal, What};

/// Reads a place and closes the journal of each epoch whose holder is gone, so that a holder who wakes late meets the seal at its next
/// sequence. Gives the objects with the seals among them, and the epochs that are now sealed.
pub(super) async fn seal_epochs(place: &Place, grant: &Grant, run: &str) -> Result<(Objects, BTreeSet<u64>), Refused> {
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
        objects.snapshot.lineage = objects.unfolded.first().map_or_else(|| place.first_lineage(), |journal| journal.lineage.clone());
    }
    for epoch in open {
        grant.held().await.map_err(JournalError::Lost)?;
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
                tracing::info!(epoch, seq, by = grant.epoch, "journal of a writer that is gone sealed");
                listed.insert(seq);
                objects.unfolded.push(seal);
            }
            Err(error) if error.is_conflict() => return Ok(false),
            Err(error) => return Err(error.finding(P7007).into()),
        }
    }
    objects.unfolded.sort_by_key(|journal| (journal.epoch, journal.seq));
    Ok(true)
}
