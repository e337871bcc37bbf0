//! Taking, showing and freeing locks.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::change::LeaseKey;
use super::happening::{Happening, Listener};
use super::heartbeat::Sent;
use super::home::{Failure, Home, PlaceName};
use super::processes::ProcessLocks;
use super::records::Records;
use super::report::{has_expired, held, is_handed, observe};
use super::watch::{Watch, conflicting, is_dead};
use super::{Broken, Change, Holder, HolderMetadata, Lease, LockRecord, OPENING, Refusal, Table, Timing};
use crate::aws::ServerTime;
use crate::clock::{SharedClock, millis, rfc3339};
use crate::diagnostic::codes::apply::P8005;
use crate::diagnostic::codes::lock::{P6002, P6003};
use crate::diagnostic::{Diagnostic, Error};
use crate::manifest::LockTicket;
use crate::state::store::{FileStore, Store};
use crate::state::{Begin, Place, Refused, Scope, Session};
use crate::stop::Stop;

/// How long a lock is waited for that is held for a moment only.
const MOMENT: Duration = Duration::from_secs(10);

/// What is asked of a lock.
#[derive(Debug, Clone)]
pub struct Request {
    /// What it is to cover.
    pub scope: Scope,
    /// What it is for: apply, destroy, `state mv`, …
    pub operation: String,
    /// `user@host`.
    pub locked_by: String,
    /// Where the holder runs; with process id 0 the lease belongs to no process and is not renewed.
    pub metadata: HolderMetadata,
    /// Length of the lease, when it is not the usual one.
    pub ttl: Option<Duration>,
    /// How long to wait for a lock that is held.
    pub timeout: Duration,
    /// Never take over from a dead holder.
    pub no_takeover: bool,
    /// The wish to end early: who waits gives up.
    pub stop: Stop,
}

/// Takes, shows and frees locks. Cheap to clone.
#[derive(Clone)]
pub struct Locker {
    pub(super) records: Records,
    pub(super) clock: SharedClock,
    pub(super) timing: Timing,
    pub(super) listener: Listener,
    /// What AWS says of the time.
    time: ServerTime,
    /// The files of a local backend, where the operating system tells which processes live.
    files: Option<FileStore>,
}

impl fmt::Debug for Locker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Locker").field("homes", &self.records.homes).field("timing", &self.timing).finish_non_exhaustive()
    }
}

impl Locker {
    /// Locks as objects of a store; beside files also the operating system's locks, which tell at once which processes of this machine live.
    pub fn of(store: Store, clock: SharedClock, timing: Timing) -> Self {
        let files = if let Store::File(files) = &store { Some(files.clone()) } else { None };
        Self { files, ..Self::at(vec![Home::Objects(store)], clock, timing) }
    }

    /// Locks as items of a table.
    pub fn of_table(table: Table, clock: SharedClock, timing: Timing) -> Self {
        Self::at(vec![Home::Table(table)], clock, timing)
    }

    /// Locks as items of a table and as objects of a store, so that who knows of one only is kept out as well.
    pub fn of_both(table: Table, store: Store, clock: SharedClock, timing: Timing) -> Self {
        Self::at(vec![Home::Table(table), Home::Objects(store)], clock, timing)
    }

    fn at(homes: Vec<Home>, clock: SharedClock, timing: Timing) -> Self {
        let records = Records { homes, clock: Arc::clone(&clock) };
        Self { records, clock, timing, listener: Arc::new(|_| {}), time: ServerTime::default(), files: None }
    }

    /// Tells `listener` what happens to the locks taken from here on.
    #[must_use]
    pub fn on(mut self, listener: impl Fn(Happening) + Send + Sync + 'static) -> Self {
        self.listener = Arc::new(listener);
        self
    }

    /// Corrects the wall clock by what AWS says of the time, wherever a time is shown to others or compared with one of theirs.
    #[must_use]
    pub fn by(self, time: ServerTime) -> Self {
        Self { time, ..self }
    }

    /// The wall clock: that of AWS, as far as its answers have told.
    pub fn now(&self) -> Timestamp {
        self.time.correct(self.clock.now())
    }

    fn sent(&self) -> Sent {
        Sent { at: self.clock.elapsed(), wall: self.clock.now() }
    }

    /// A warning of what the place of the locks lacks, though locks work without it. It asks the table.
    pub async fn shortcoming(&self) -> Option<Diagnostic> {
        for home in &self.records.homes {
            if let Some(found) = home.shortcoming().await {
                return Some(found);
            }
        }
        None
    }

    /// A record with how its holders look now.
    pub fn observe(&self, record: LockRecord) -> LockRecord {
        observe(record, self.timing, self.now())
    }

    /// The finding that this holder has the lock. `name` is that of the lock.
    pub fn held(&self, name: &str, holder: &Holder) -> Diagnostic {
        held(name, holder, self.timing, self.now())
    }

    /// The record of a place; none when it was never locked.
    pub async fn status(&self, stack: &str, environment: &str) -> Result<Option<LockRecord>, Error> {
        self.records.read(&place_name(stack, environment)).await.map_err(Failure::of_read)
    }

    /// The records of all places, sorted by key; and a warning for each that cannot be read.
    pub async fn list(&self) -> Result<(Vec<LockRecord>, Vec<Diagnostic>), Error> {
        self.records.list().await
    }

    /// Takes a lock: at once when it is free, after waiting when it is held and the request allows for it, after watching when its holder
    /// looks dead. The lease renews itself until it is dropped, released or left.
    pub async fn acquire(&self, stack: &str, environment: &str, request: &Request) -> Result<Lease, Error> {
        let place = place_name(stack, environment);
        let ttl = request.ttl.unwrap_or(self.timing.ttl());
        let lock_id = self.clock.id();
        let start = self.clock.elapsed();
        let mut watch = Watch::default();
        let mut processes = None;
        loop {
            if request.stop.interrupts() > 0 {
                return Err(gave_up(&place, request));
            }
            let seen = self.records.look(&place).await.map_err(Failure::of_read)?;
            if processes.is_none() {
                processes = self.process_locks(&place, request);
            }
            let conflicting = conflicting(&seen, &request.scope);
            watch.see(&conflicting, self.clock.elapsed());
            let mut gone: Vec<Holder> = Vec::new();
            if !request.no_takeover {
                let is_gone = |holder: &Holder| is_dead(holder, request, processes.is_some()) || watch.is_over(self, holder);
                gone.extend(conflicting.into_iter().filter(is_gone));
            }
            // The holder counts from before its request is sent, the contender from after it has read.
            let (sent, now) = (self.sent(), self.now());
            let holder = Box::new(new_holder(request, &lock_id, ttl, now, processes.is_some()));
            let dead = gone.iter().map(|holder| (holder.lock_id.clone(), holder.beat)).collect();
            let change = Change::Take { scope: request.scope.clone(), holder, dead };
            let (scope, holder) = match self.records.change_from(&place, seen, &change).await {
                Ok(record) => {
                    let epoch = record.holders.get(&request.scope.to_string()).map_or(record.epoch, |holder| holder.epoch);
                    let mut told = BTreeSet::new();
                    gone.retain(|holder| record.unsealed.contains(&holder.epoch) && told.insert(holder.lock_id.clone()));
                    if !gone.is_empty() {
                        self.tell(Happening::TakenOver { from: gone, epoch });
                    }
                    let (lock, waited) = (place.name(&request.scope.to_string()), millis(self.clock.since(start)));
                    tracing::info!(epoch, waited_ms = waited, lease_seconds = ttl.as_secs(), "lock acquired: {lock}");
                    return Ok(Lease::start(self.clone(), place, &request.scope, &record, sent, processes));
                }
                Err(Failure::Unavailable(error) | Failure::Failed(error)) => return Err(error),
                Err(Failure::Refused(refusal)) => match refusal {
                    Refusal::Held(holders) => {
                        // The one who stands in the way for longest.
                        let first = |holder: &Holder| (has_expired(holder, now), watch.age(holder, &self.clock));
                        holders.into_iter().min_by_key(|(_, holder)| first(holder)).expect("a lock that is held has a holder")
                    }
                    Refusal::NotHeld | Refusal::NoRecord => continue,
                },
            };
            self.pause(&place, request, start, &mut watch, (&scope, holder)).await?;
        }
    }

    /// Waits until it is worth while to look again, or says that the lock is held.
    async fn pause(
        &self,
        place: &PlaceName,
        request: &Request,
        start: Duration,
        watch: &mut Watch,
        (scope, holder): (&str, Holder),
    ) -> Result<(), Error> {
        let name = place.name(scope);
        let now = self.now();
        let brief = if holder.operation.ends_with(OPENING) { MOMENT } else { Duration::ZERO };
        let left = request.timeout.max(brief).saturating_sub(self.clock.since(start));
        let window = self.window(&holder);
        let watched = watch.age(&holder, &self.clock);
        let worth = !request.no_takeover && has_expired(&holder, now) && !watch.alive.contains(&holder.lock_id);
        if left.is_zero() && !(worth && watched < window) {
            return Err(self.held(&name, &holder).into());
        }
        let opening = !brief.is_zero() || request.operation.ends_with(OPENING);
        let soon = opening && self.clock.since(start) < MOMENT;
        let mut wait = if soon { self.clock.between(MOMENT / 100, MOMENT / 30) } else { self.poll_pause() };
        if worth {
            // The first look after the window takes over.
            wait = wait.min(window.saturating_sub(watched) + Duration::from_millis(1));
            if watch.announce(&holder.lock_id, true) {
                self.tell(Happening::Watching { name, holder: Box::new(holder), window });
            }
        } else {
            wait = wait.min(left);
            if watch.announce(&holder.lock_id, false) {
                self.tell(Happening::Waiting { name, holder: Box::new(holder) });
            }
        }
        tokio::select! {
            () = self.clock.pause(wait) => Ok(()),
            () = request.stop.interrupted(1) => Err(gave_up(place, request)),
        }
    }

    /// Time between looks at a lock that is held: 2 to 10 seconds at the usual heartbeat; less where looking costs nothing.
    fn poll_pause(&self) -> Duration {
        let unit = self.timing.heartbeat() / 15;
        let usual = self.clock.between(2 * unit, 10 * unit);
        if self.files.is_some() { usual.min(self.clock.between(Duration::from_millis(50), Duration::from_millis(250))) } else { usual }
    }

    /// How long a holder must be seen unchanged before it counts as dead.
    pub(super) fn window(&self, holder: &Holder) -> Duration {
        // A lease without a process says nothing by its silence: its end, by the wall clock, is what counts.
        let ttl = if is_handed(holder) { self.timing.ttl() } else { Duration::from_secs(holder.ttl) };
        Timing::window(ttl)
    }

    fn process_locks(&self, place: &PlaceName, request: &Request) -> Option<ProcessLocks> {
        let files = self.files.as_ref().filter(|_| request.metadata.pid != 0)?;
        ProcessLocks::take(&files.root().join("stacks").join(&place.stack).join(&place.environment), &request.scope)
    }

    /// Takes the lock and opens the place for writing.
    ///
    /// A service's lock is not enough for a place that has no state yet, or where a run over the whole stack died: then the stack's is
    /// taken for long enough to write a snapshot, and narrowed.
    pub async fn open(&self, place: &Place, request: &Request, run: &str, begin: Begin) -> Result<(Lease, Session), Error> {
        let lease = self.acquire(place.stack(), place.environment(), request).await?;
        let why = match lease.enter(place, run, begin.clone()).await {
            Ok(session) => return Ok((lease, session)),
            Err(Refused::NeedsStack(why)) => why,
            Err(refused) => return Err(release_after(lease, refused).await),
        };
        tracing::debug!(why, "taking the lock of the whole stack first");
        drop(lease.release().await?);
        // Others that come for the first time do the same at this moment, each for a moment.
        let whole = Request {
            scope: Scope::Stack,
            operation: format!("{}{OPENING}", request.operation),
            timeout: request.timeout.max(MOMENT),
            ..request.clone()
        };
        let lease = self.acquire(place.stack(), place.environment(), &whole).await?;
        let opened = async {
            let whole = lease.enter(place, run, begin.clone()).await?;
            whole.found().await?;
            if let Scope::Service(service) = &request.scope {
                lease.narrow(service).await?;
            }
            Ok(lease.enter(place, run, begin).await?.after(&whole))
        };
        match opened.await {
            Ok(session) => Ok((lease, session)),
            Err(refused) => Err(release_after(lease, refused).await),
        }
    }

    /// Goes on with a lease that an earlier stage or a script has taken, and renews it from now on.
    pub async fn adopt(&self, stack: &str, environment: &str, ticket: &LockTicket) -> Result<Lease, Error> {
        let place = place_name(stack, environment);
        let stale = |message: String| Error::from(Diagnostic::new(P6002, message).help("take the lock again: panka lock acquire"));
        if ticket.key != place.lock_key() {
            let message = format!("the ticket is for {}, not for {}", ticket.key, place.lock_key());
            return Err(Diagnostic::new(P6003, message).help("give the ticket of this stack and environment").into());
        }
        let scope: Scope = ticket.scope.parse().map_err(|error| Diagnostic::new(P6003, format!("the ticket: {error}")))?;
        let lease = LeaseKey { scope: scope.clone(), lock_id: ticket.lock_id.clone(), epoch: None };
        let over = |_| stale(format!("the lease {} of {} is over", ticket.lock_id, place.name(&ticket.scope)));
        let renewed = self.renew_lease(&place, &lease, None).await;
        let (record, sent) = renewed.map_err(|failure| failure.into_error().unwrap_or_else(over))?;
        let holder = record.holders.get(&ticket.scope).ok_or_else(|| stale("the lease is over".to_owned()))?;
        if holder.epoch != ticket.epoch {
            tracing::debug!(ticket = ticket.epoch, lease = holder.epoch, "the lease was raised since the ticket was written");
        }
        tracing::info!(epoch = holder.epoch, by = holder.locked_by, "going on with the lock that is held: {}", place.name(&ticket.scope));
        Ok(Lease::start(self.clone(), place, &scope, &record, sent, None).used())
    }

    /// Renews a lease. Also tells when the request was sent.
    pub(super) async fn renew_lease(
        &self,
        place: &PlaceName,
        lease: &LeaseKey,
        ttl: Option<Duration>,
    ) -> Result<(LockRecord, Sent), Failure> {
        let (sent, now) = (self.sent(), self.now());
        let length = if let Some(ttl) = ttl {
            ttl
        } else {
            let record = self.records.read(place).await?;
            let holder = record.as_ref().and_then(|record| record.holders.get(&lease.scope.to_string()));
            Duration::from_secs(holder.ok_or(Failure::Refused(Refusal::NotHeld))?.ttl)
        };
        let change = Change::Renew {
            lease: lease.clone(),
            now: rfc3339(now),
            expires_at: rfc3339(end(now, length)),
            ttl: ttl.map(|ttl| ttl.as_secs()),
        };
        Ok((self.records.change(place, &change).await?, sent))
    }

    /// Lengthens the lease with this id to `ttl` from now, without one to as long as it was taken for.
    pub async fn renew(&self, stack: &str, environment: &str, lock_id: &str, ttl: Option<Duration>) -> Result<LockTicket, Error> {
        let place = place_name(stack, environment);
        let (scope, _) = self.find(&place, lock_id).await?;
        let lease = LeaseKey { scope: scope.clone(), lock_id: lock_id.to_owned(), epoch: None };
        let (record, ..) = self.renew_lease(&place, &lease, ttl).await.map_err(|failure| gone(&place, lock_id, failure))?;
        let holder = record.holders.get(&scope.to_string()).ok_or_else(|| not_held(&place, lock_id))?;
        Ok(LockTicket::of(&record.lock_key, &scope, holder))
    }

    /// Gives back the lease with this id.
    pub async fn release(&self, stack: &str, environment: &str, lock_id: &str) -> Result<(), Error> {
        let place = place_name(stack, environment);
        let (scope, _) = self.find(&place, lock_id).await?;
        let lease = LeaseKey { scope, lock_id: lock_id.to_owned(), epoch: None };
        let change = Change::Release { lease, at: rfc3339(self.now()), lineage: None };
        self.records.change(&place, &change).await.map(drop).map_err(|failure| gone(&place, lock_id, failure))
    }

    /// Takes the lease with this id from its holder, who is known to be dead. Only that lease is hit, whoever holds the lock by now.
    pub async fn break_lease(&self, stack: &str, environment: &str, lock_id: &str, broken: Broken) -> Result<LockRecord, Error> {
        let place = place_name(stack, environment);
        let change = Change::Break { lock_id: lock_id.to_owned(), at: rfc3339(self.now()), broken };
        self.records.change(&place, &change).await.map_err(|failure| gone(&place, lock_id, failure))
    }

    async fn find(&self, place: &PlaceName, lock_id: &str) -> Result<(Scope, Holder), Error> {
        let record = self.records.read(place).await.map_err(Failure::of_read)?;
        let mut holders = record.into_iter().flat_map(|record| record.holders);
        let found = holders.find(|(_, holder)| holder.lock_id == lock_id);
        found.and_then(|(scope, holder)| Some((scope.parse().ok()?, holder))).ok_or_else(|| not_held(place, lock_id))
    }
}

fn gone(place: &PlaceName, lock_id: &str, failure: Failure) -> Error {
    failure.into_error().unwrap_or_else(|_| not_held(place, lock_id))
}

/// Somebody who waited was told to end.
fn gave_up(place: &PlaceName, request: &Request) -> Error {
    let name = place.name(&request.scope.to_string());
    Diagnostic::new(P8005, format!("interrupted while waiting for the lock {name}: nothing was changed"))
        .help("run the command again to go on")
        .into()
}

/// Gives back a lock with which nothing could be begun. The reason for that is what counts.
async fn release_after(lease: Lease, refused: Refused) -> Error {
    if let Err(error) = lease.release().await {
        tracing::warn!(%error, "the lock could not be released");
    }
    match refused {
        Refused::Error(error) => error,
        other => Diagnostic::new(P6002, other.to_string()).help("run the command again").into(),
    }
}

fn new_holder(request: &Request, lock_id: &str, ttl: Duration, now: Timestamp, process_lock: bool) -> Holder {
    Holder {
        lock_id: lock_id.to_owned(),
        epoch: 0,
        locked_by: request.locked_by.clone(),
        locked_at: rfc3339(now),
        operation: request.operation.clone(),
        ttl: ttl.as_secs(),
        expires_at: rfc3339(end(now, ttl)),
        last_heartbeat: rfc3339(now),
        beat: 0,
        metadata: HolderMetadata { process_lock, ..request.metadata.clone() },
        observed: None,
    }
}

fn place_name(stack: &str, environment: &str) -> PlaceName {
    PlaceName { stack: stack.to_owned(), environment: environment.to_owned() }
}

fn end(now: Timestamp, ttl: Duration) -> Timestamp {
    SignedDuration::try_from(ttl).ok().and_then(|ttl| now.checked_add(ttl).ok()).unwrap_or(Timestamp::MAX)
}

fn not_held(place: &PlaceName, lock_id: &str) -> Error {
    Diagnostic::new(P6003, format!("{} is not held by {lock_id}", place.lock_key()))
        .help("`panka lock status` shows who holds it now")
        .into()
}

impl LockTicket {
    /// The ticket of a lease.
    pub(super) fn of(key: &str, scope: &Scope, holder: &Holder) -> Self {
        Self {
            key: key.to_owned(),
            scope: scope.to_string(),
            lock_id: holder.lock_id.clone(),
            epoch: holder.epoch,
            expires_at: holder.expires_at.clone(),
            backend: None,
        }
    }
}
