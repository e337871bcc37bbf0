//! `panka state restore`: a version of the snapshot, put back under the lock.

use super::lines;
use crate::apply::Run;
use crate::commands::Outcome;
use crate::commands::opened::Opened;
use crate::commands::session::Session;
use crate::diagnostic::{Diagnostic, Error};
use crate::lock::Lease;
use crate::state::{Restored, Scope, State};

/// Puts a version back.
pub(super) async fn restore(session: &Session, version: &str, dry_run: bool) -> Result<Outcome, Error> {
    let opened = Opened::here(session).await?;
    let state = opened.place.version(version).await?;
    if dry_run {
        return Ok(Outcome::document(lines(&state, Some("would restore"))));
    }
    put_back(session, &opened, ("state restore", "restored"), &state).await
}

/// Puts a state in place of what stands there, which may be damaged or deleted. `verb`: its name in the journal, and the word for what was done.
pub(super) async fn put_back(session: &Session, opened: &Opened, verb: (&str, &str), state: &State) -> Result<Outcome, Error> {
    let place = &opened.place;
    let request = opened.request(session, verb.0, Scope::Stack);
    let _minding = session.stop.mind();
    let lease = opened.locker.acquire(place.stack(), place.environment(), &request).await?;
    session.holds(opened, &lease);
    let restored = write(session, opened, &lease, verb.0, state).await;
    let released = session.give_back(lease).await;
    let Restored { state, warnings, .. } = restored?;
    let warnings: Vec<Diagnostic> = warnings.into_iter().chain(opened.shortcomings().await).chain(released?).collect();
    Ok(Outcome::document(lines(&state, Some(verb.1))).warn(warnings))
}

async fn write(session: &Session, opened: &Opened, lease: &Lease, operation: &str, state: &State) -> Result<Restored, Error> {
    let (run, started, begin) = (opened.clock.id(), opened.clock.stamp(), opened.begin(session, operation));
    let restored = lease.restore(&opened.place, state, &run, &begin).await?;
    let state = &restored.state;
    let record = Run::of_edit(operation, &run, state, state.serial, (&started, &opened.clock.stamp()), &begin.by);
    opened.place.keep_run(&run, &Run { base_serial: restored.of, ..record }).await?;
    Ok(restored)
}
