//! The backend of a verb: state and locks of one place, opened once, before the first use; and the facts about who asks.

use std::sync::Arc;

use super::input::Stage;
use super::session::Session;
use crate::answers::Ticket;
use crate::aws::{Aws, ServerTime};
use crate::clock::SharedClock;
use crate::config::{Backend, Declared, LockHome, LockTable, Settings};
use crate::diagnostic::codes::account::P4019;
use crate::diagnostic::{Diagnostic, Error};
use crate::lock::{Holder, HolderMetadata, Liveness, Locker, Request, Table, Timing};
use crate::manifest::{self, LockTicket};
use crate::state::store::{Bucket, FileStore, S3Store, Store};
use crate::state::{Begin, Place, Scope, State, snapshot_bytes};

/// A backend that is ready for use.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The effective configuration.
    pub settings: Settings,
    /// The stack in its environment.
    pub place: Place,
    /// The locks beside the state.
    pub locker: Locker,
    /// Time and chance.
    pub clock: SharedClock,
    /// AWS profile of the stack.
    profile: Option<String>,
    /// The manifests around do not have the place: where nothing has run either, it is misspelled.
    unknown: Option<Error>,
}

impl Opened {
    /// Opens the backend of the stack that flags and repository name.
    pub async fn here(session: &Session) -> Result<Self, Error> {
        let (stack, environment) = session.place(&session.root_or_directory())?;
        let opened = Self::at(session, &stack, &environment).await?;
        Ok(Self { unknown: session.check_place(&stack, &environment).err(), ..opened })
    }

    /// Opens the backend that is declared for a place.
    pub async fn at(session: &Session, stack: &str, environment: &str) -> Result<Self, Error> {
        let declared = session.declared(stack, environment)?.unwrap_or_default();
        let profile = declared.provider.profile.as_deref();
        Self::open(session, (stack, environment), declared.backend.as_ref().into(), profile).await
    }

    /// Opens the backend of a document: where its lock lies, if an earlier stage has taken one, else what its stack declares.
    pub async fn of_stage(session: &Session, stage: &Stage) -> Result<Self, Error> {
        Self::of_document(session, (stage.stack(), stage.environment()), (stage.provider(), stage.backend()), stage.lock()).await
    }

    /// The same, by the parts of the document.
    pub async fn of_document(
        session: &Session,
        place: (&str, &str),
        (provider, backend): (&manifest::Provider, Option<&manifest::Backend>),
        lock: Option<&LockTicket>,
    ) -> Result<Self, Error> {
        let ticket = lock.and_then(|lock| lock.backend.as_ref());
        let declared = ticket.map_or_else(|| backend.into(), Declared::Ticket);
        Self::open(session, place, declared, provider.profile.as_deref()).await
    }

    /// Opens the backend in which a ticket's lock lies.
    pub async fn of_ticket(session: &Session, ticket: &Ticket) -> Result<Self, Error> {
        match &ticket.lock.backend {
            Some(backend) => {
                let declared = session.declared(&ticket.stack, &ticket.environment).ok().flatten().unwrap_or_default();
                let profile = declared.provider.profile.as_deref();
                Self::open(session, (&ticket.stack, &ticket.environment), Declared::Ticket(backend), profile).await
            }
            None => Self::at(session, &ticket.stack, &ticket.environment).await,
        }
    }

    async fn open(
        session: &Session,
        (stack, environment): (&str, &str),
        declared: Declared<'_>,
        profile: Option<&str>,
    ) -> Result<Self, Error> {
        let settings = session.settings(&session.root_or_directory(), declared)?;
        let (backend, engine) = (settings.setting("backend.type"), settings.setting("engine"));
        tracing::info!(from = backend.origin, "backend: {}", backend.value.as_deref().unwrap_or_default());
        tracing::info!(from = engine.origin, "engine: {}", settings.engine);
        let clock = session.context.clock();
        let (store, locker) = open(&settings, profile, &clock).await?;
        let place = Place::open(store, Arc::clone(&clock), stack, environment);
        Ok(Self { settings, place, locker, clock, profile: profile.map(str::to_owned), unknown: None })
    }

    /// Loads the state. Where there is none, and a run has stored one under this lock, it was deleted: nothing may be made a second time.
    pub async fn load(&self) -> Result<State, Error> {
        let state = self.place.load().await?.state;
        if state.exists() {
            return Ok(state);
        }
        let record = self.locker.status(self.place.stack(), self.place.environment()).await?;
        if record.is_some_and(|record| record.lineage.is_some()) {
            return Err(self.place.deleted());
        }
        self.unknown.clone().map_or(Ok(state), Err)
    }

    /// Refuses a place that neither the manifests around nor any state have. A state that cannot be read is one.
    pub async fn refuse_unknown(&self) -> Result<(), Error> {
        match (&self.unknown, self.place.load().await) {
            (Some(unknown), Ok(loaded)) if !loaded.state.exists() => Err(unknown.clone()),
            _ => Ok(()),
        }
    }

    /// Loads the state as a document that can be pushed again: with its digest.
    pub async fn pull(&self) -> Result<State, Error> {
        let mut state = self.load().await?;
        if state.exists() {
            snapshot_bytes(&mut state);
        }
        Ok(state)
    }

    /// Who is at work here at this moment, as a finding; none when nobody is. A dead run is nobody.
    pub async fn busy(&self) -> Result<Option<Diagnostic>, Error> {
        let Some(record) = self.locker.status(self.place.stack(), self.place.environment()).await? else { return Ok(None) };
        let record = self.locker.observe(record);
        // A lease without a process says nothing of who works.
        let works = |holder: &Holder| {
            holder.metadata.pid != 0 && holder.observed.as_ref().is_some_and(|observed| observed.liveness != Liveness::Stale)
        };
        let holder = record.holders.iter().find(|(_, holder)| works(holder));
        Ok(holder.map(|(scope, holder)| {
            let whole = *scope == Scope::Stack.to_string();
            let name = if whole { record.lock_key.clone() } else { format!("{}:{scope}", record.lock_key) };
            self.locker.held(&name, holder)
        }))
    }

    /// The same place in the backend of other settings.
    pub async fn elsewhere(&self, settings: Settings) -> Result<Self, Error> {
        let (store, locker) = open(&settings, self.profile.as_deref(), &self.clock).await?;
        let place = Place::open(store, Arc::clone(&self.clock), self.place.stack(), self.place.environment());
        Ok(Self { settings, place, locker, clock: Arc::clone(&self.clock), profile: self.profile.clone(), unknown: None })
    }

    /// Warnings of what the backend lacks, though it works without it, after a run that has used it: the bucket keeps no versions, as a write
    /// has shown; the table of locks has no TTL, which it is asked.
    pub async fn shortcomings(&self) -> Vec<Diagnostic> {
        let Backend::S3(Bucket { name, .. }) = &self.settings.backend else { return Vec::new() };
        let versions = self.place.store().forgets_versions().then(|| keeps_no_versions(name));
        versions.into_iter().chain(self.locker.shortcoming().await).collect()
    }

    /// The ticket of a lease, with where it lies.
    pub fn ticket(&self, lock: LockTicket) -> LockTicket {
        LockTicket { backend: self.settings.for_ticket(), ..lock }
    }

    /// What a verb that runs to its end asks of the lock.
    pub fn request(&self, session: &Session, operation: &str, scope: Scope) -> Request {
        Request {
            scope,
            operation: operation.to_owned(),
            locked_by: session.context.who(),
            metadata: HolderMetadata {
                hostname: session.context.hostname(),
                pid: std::process::id(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                ci_run_url: session.context.ci_run_url(),
                git_commit: session.context.git_commit(&self.settings.root),
                ..HolderMetadata::default()
            },
            ttl: None,
            timeout: self.settings.locks.timeout,
            no_takeover: false,
            stop: session.stop.clone(),
        }
    }

    /// What the journal says of a run that begins now.
    pub fn begin(&self, session: &Session, operation: &str) -> Begin {
        Begin {
            plan: None,
            operation: operation.to_owned(),
            by: session.context.who(),
            git_commit: session.context.git_commit(&self.settings.root),
            serial: 0,
            engine: self.settings.engine,
            simulated: self.settings.engine.is_simulated(),
            region: None,
            account: None,
        }
    }
}

/// Warns of a bucket without the second net.
pub fn keeps_no_versions(bucket: &str) -> Diagnostic {
    Diagnostic::new(P4019, format!("s3://{bucket} keeps no versions: a state that is deleted or damaged cannot be brought back"))
        .help(format!("turn versioning on: aws s3api put-bucket-versioning --bucket {bucket} --versioning-configuration Status=Enabled"))
        .warning()
}

/// Opens what the configuration names: the store of states, and the locks. `profile` is that of the stack, which goes before the configured one.
#[expect(clippy::unused_async, reason = "a backend that is reached over the network may be asked before it counts as open")]
pub async fn open(settings: &Settings, profile: Option<&str>, clock: &SharedClock) -> Result<(Store, Locker), Error> {
    let timing = Timing::new(settings.locks.ttl, settings.locks.heartbeat)?;
    let aws = Aws::new(profile.or(settings.aws.profile.as_deref()).map(str::to_owned), settings.aws.region.clone());
    let bucket = match &settings.backend {
        Backend::Local => None,
        Backend::S3(bucket) => Some(S3Store::new(aws.clone(), bucket.clone())),
    };
    let time = if clock.can_be_wrong() { aws.time() } else { ServerTime::default() };
    let clock = Arc::clone(clock);
    let table = |named: &LockTable| Table::new(aws.clone(), named.name.clone(), named.region.clone(), bucket.clone());
    let store = bucket.clone().map_or_else(|| Store::File(FileStore::new(settings.root.join(".panka"))), Store::S3);
    // A lease must not wait for the journal when S3 slows down.
    let beside = bucket.as_ref().map_or_else(|| store.clone(), |bucket| Store::S3(bucket.apart("locks")));
    let locker = match &settings.locks.home {
        LockHome::Local | LockHome::S3 => Locker::of(beside, clock, timing),
        LockHome::DynamoDb(named) => Locker::of_table(table(named), clock, timing),
        LockHome::Both(named) => Locker::of_both(table(named), beside, clock, timing),
    };
    Ok((store, locker.by(time)))
}
