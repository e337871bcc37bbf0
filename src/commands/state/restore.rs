//! `panka state restore`: a version of the snapshot, put back under the lock.

use super::lines;
use crate::apply::Run;
use crate::commands::Outcome;
use crate::commands::opened::Opened;
use crate::commands::session::Session;
use crate::diagnostic::{Diagnostic, Error};
use crate::lock::Lease;
use crate::state::{Restored, Scope};

const OPERATION: &str = "state restore";

/// Puts a version back.
pub(super) async fn restore(session: &Session, version: &str, dry_run: bool) -> Result<Outcome, Error> {
    let opened = Opened::here(session).await?;
    let place = &opened.place;
    if dry_run {
        return Ok(Outcome::document(lines(&place.version(version).await?, Some("would restore"))));
    }
    let request = opened.request(session, OPERATION, Scope::Stack);
    let _minding = session.stop.mind();
    let lease = opened.locker.acquire(place.stack(), place.environment(), &request).await?;
    session.holds(&opened, &lease);
    let restored = write(session, &opened, &lease, version).await;
    let released = lease.release().await;
    if released.is_ok() {
        session.let_go();
    }
    let Restored { state, warnings, .. } = restored?;
    let warnings: Vec<Diagnostic> = warnings.into_iter().chain(opened.forgetful()).chain(released?).collect();
    Ok(Outcome::document(lines(&state, Some("restored"))).warn(warnings))
}

async fn write(session: &Session, opened: &Opened, lease: &Lease, version: &str) -> Result<Restored, Error> {
    let (run, started, begin) = (opened.clock.id(), opened.clock.stamp(), opened.begin(session, OPERATION));
    let restored = lease.restore(&opened.place, version, &run, &begin).await?;
    let state = &restored.state;
    let record = Run::of_edit(OPERATION, &run, state, state.serial, (&started, &opened.clock.stamp()), &begin.by);
    opened.place.keep_run(&run, &Run { base_serial: restored.of, ..record }).await?;
    Ok(restored)
}
