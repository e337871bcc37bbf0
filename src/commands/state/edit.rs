//! State verbs that write. Each takes the lock, journals one edit, folds, and frees the lock: the same path as a run.

use std::path::Path;

use super::lines;
use crate::address::Address;
use crate::answers::Resources;
use crate::apply::Run;
use crate::commands::Outcome;
use crate::commands::backend::{self, Opened};
use crate::commands::input;
use crate::commands::selection::selectors;
use crate::commands::session::Session;
use crate::diagnostic::codes::command::{P0014, P0017};
use crate::diagnostic::codes::lock::P6002;
use crate::diagnostic::codes::state::P7006;
use crate::diagnostic::{Diagnostic, Error};
use crate::state::{Edit, Refused, Scope, State, ops};

/// Forgets resources.
pub(super) async fn remove(session: &Session, texts: &[String], dry_run: bool) -> Result<Outcome, Error> {
    let wanted = selectors(texts)?;
    edit(session, "state rm", if dry_run { "would forget" } else { "forgot" }, dry_run, |state| ops::remove(state, &wanted)).await
}

/// Renames a resource, a component or a service.
pub(super) async fn rename(session: &Session, from: &str, to: &str, dry_run: bool) -> Result<Outcome, Error> {
    edit(session, "state mv", if dry_run { "would rename" } else { "renamed" }, dry_run, |state| ops::rename(state, from, to)).await
}

/// Sets or lifts protection.
pub(super) async fn protect(session: &Session, texts: &[String], on: bool) -> Result<Outcome, Error> {
    let wanted = selectors(texts)?;
    let (operation, done) = if on { ("state protect", "protected") } else { ("state unprotect", "unprotected") };
    edit(session, operation, done, false, |state| ops::protect(state, &wanted, on)).await
}

/// Says what became of a pending step.
pub(super) async fn resolve(session: &Session, address: &str, identifier: Option<&str>, absent: bool) -> Result<Outcome, Error> {
    let address: Address = address.parse().map_err(|error: crate::address::AddressError| Diagnostic::new(P7006, error.to_string()))?;
    if identifier.is_none() && !absent {
        return Err(Diagnostic::new(P0017, "what became of the step is not said")
            .help("give --identifier ID if the resource exists, or --absent if it does not")
            .into());
    }
    edit(session, "state resolve", "resolved", false, |state| ops::resolve(state, &address, identifier)).await
}

/// Makes an edit of the state under the lock. `make` gives the edit; the outcome shows the records that it touches.
async fn edit(session: &Session, operation: &str, done: &str, dry_run: bool, make: impl Fn(&State) -> Result<Edit, Error>) -> Result<Outcome, Error> {
    let opened = backend::open(session, None)?;
    if dry_run {
        let state = opened.place.load().await?.state;
        let edit = make(&state)?;
        return Ok(Outcome::document(touched(&state, &edit, done)));
    }
    // A verb with nothing to change, or a mistake in its arguments, takes no lock.
    make(&opened.place.load().await?.state)?;
    let locker = opened.locker()?;
    let lease = locker.acquire(opened.place.stack(), opened.place.environment(), &opened.request(session, operation, Scope::Stack)).await?;
    let written = write(&opened, session, operation, &lease, &make).await;
    let released = lease.release().await;
    let (before, edit, serial) = written?;
    let mut resources = touched(&before, &edit, done);
    resources.serial = serial;
    Ok(Outcome::document(resources).warn(released?.into_iter().collect()))
}

async fn write(
    opened: &Opened,
    session: &Session,
    operation: &str,
    lease: &crate::lock::Lease,
    make: &impl Fn(&State) -> Result<Edit, Error>,
) -> Result<(State, Edit, u64), Error> {
    let run = opened.clock.id();
    let writing = lease.enter(&opened.place, &run, opened.begin(session, operation)).await.map_err(refused)?;
    let before = writing.state();
    let edit = make(&before)?;
    writing.edit(edit.clone()).await?;
    let started = opened.clock.stamp();
    let folded = writing.finish(0, |folded| Some(opened.record(session, operation, &run, &before, folded.serial, &started))).await?;
    Ok((before, edit, folded.serial))
}

/// The records that an edit touches, as they are afterwards; those that go, as they were.
fn touched(before: &State, edit: &Edit, done: &str) -> Resources {
    let mut after = State { resources: std::collections::BTreeMap::new(), ..before.clone() };
    for (address, record) in &edit.resources {
        let shown = record.clone().or_else(|| before.resources.get(address).filter(|_| edit.resources.values().all(Option::is_none)).cloned());
        if let Some(record) = shown {
            after.resources.insert(address.clone(), record);
        }
    }
    lines(&after, Some(done))
}

/// Replaces the stored state.
pub(super) async fn push(session: &Session, file: Option<&Path>, force: bool) -> Result<Outcome, Error> {
    let (text, source) = match file {
        Some(path) => {
            let read = std::fs::read_to_string(session.context.cwd.join(path));
            (read.map_err(|error| Diagnostic::new(P0014, format!("`{}` cannot be read: {error}", path.display())))?, path.display().to_string())
        }
        None if session.context.stdin_is_open() => (session.context.read_stdin()?, "standard input".to_owned()),
        None => return Err(Diagnostic::new(P0017, "no state is given").help("give a file, or pipe one in: panka state pull … | panka state push …").into()),
    };
    // Says clearly what is wrong with a text that is no state at all.
    drop(input::sniff(&text, &source)?);
    let pushed = crate::state::parse_snapshot(&text, &source)?;
    let opened = backend::open_place(session, &pushed.stack, &pushed.environment, None)?;
    let locker = opened.locker()?;
    let lease = locker.acquire(opened.place.stack(), opened.place.environment(), &opened.request(session, "state push", Scope::Stack)).await?;
    let result = opened.place.push(&lease.grant(), pushed, force).await;
    let released = lease.release().await;
    let state = result?;
    Ok(Outcome::document(lines(&state, Some("pushed"))).warn(released?.into_iter().collect()))
}

fn refused(refused: Refused) -> Error {
    match refused {
        Refused::Error(error) => error,
        other => Diagnostic::new(P6002, other.to_string()).help("run the command again").into(),
    }
}

impl Opened {
    /// The run record of a verb on the state.
    fn record(&self, session: &Session, operation: &str, run: &str, before: &State, serial: u64, started: &str) -> Run {
        let by = session.context.who();
        Run::of_edit(operation, run, before, serial, (started.to_owned(), self.clock.stamp()), by)
    }
}
