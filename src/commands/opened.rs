//! The backend of a verb: state and locks of one place, opened once, before the first use; and the facts about who asks.

use std::sync::Arc;

use super::input::Stage;
use super::session::Session;
use crate::answers::Ticket;
use crate::clock::SharedClock;
use crate::config::{Backend, Declared, Settings};
use crate::diagnostic::codes::command::P0015;
use crate::diagnostic::{Diagnostic, Error};
use crate::lock::{HolderMetadata, Locker, Request, Timing};
use crate::manifest::{self, LockTicket};
use crate::state::store::{FileStore, Store};
use crate::state::{Begin, Place, Scope};

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
}

impl Opened {
    /// Opens the backend of the stack that flags and repository name.
    pub async fn here(session: &Session) -> Result<Self, Error> {
        let (stack, environment) = session.place(&session.root_or_directory())?;
        Self::at(session, &stack, &environment).await
    }

    /// Opens the backend that is declared for a place.
    pub async fn at(session: &Session, stack: &str, environment: &str) -> Result<Self, Error> {
        let declared = session.declared(stack, environment)?;
        let backend = declared.as_ref().and_then(|declared| declared.backend.as_ref());
        Self::open(session, stack, environment, backend.into()).await
    }

    /// Opens the backend of a document: where its lock lies, if an earlier stage has taken one, else what its stack declares.
    pub async fn of_stage(session: &Session, stage: &Stage) -> Result<Self, Error> {
        Self::of_document(session, (stage.stack(), stage.environment()), stage.backend(), stage.lock()).await
    }

    /// The same, by the parts of the document.
    pub async fn of_document(
        session: &Session,
        (stack, environment): (&str, &str),
        backend: Option<&manifest::Backend>,
        lock: Option<&LockTicket>,
    ) -> Result<Self, Error> {
        let ticket = lock.and_then(|lock| lock.backend.as_ref());
        Self::open(session, stack, environment, ticket.map_or_else(|| backend.into(), Declared::Ticket)).await
    }

    /// Opens the backend in which a ticket's lock lies.
    pub async fn of_ticket(session: &Session, ticket: &Ticket) -> Result<Self, Error> {
        match &ticket.lock.backend {
            Some(backend) => Self::open(session, &ticket.stack, &ticket.environment, Declared::Ticket(backend)).await,
            None => Self::at(session, &ticket.stack, &ticket.environment).await,
        }
    }

    async fn open(session: &Session, stack: &str, environment: &str, declared: Declared<'_>) -> Result<Self, Error> {
        let settings = session.settings(&session.root_or_directory(), declared)?;
        let (backend, engine) = (settings.setting("backend.type"), settings.setting("engine"));
        tracing::info!(from = backend.origin, "backend: {}", backend.value.as_deref().unwrap_or_default());
        tracing::info!(from = engine.origin, "engine: {}", settings.engine);
        let clock = session.context.clock();
        let (store, locker) = open(&settings, &clock).await?;
        let place = Place::open(store, Arc::clone(&clock), stack, environment);
        Ok(Self { settings, place, locker, clock })
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
        }
    }
}

/// Opens what the configuration names: the store of states, and the locks.
#[expect(clippy::unused_async, reason = "a backend that is reached over the network is asked before it counts as open")]
pub async fn open(settings: &Settings, clock: &SharedClock) -> Result<(Store, Locker), Error> {
    let timing = Timing::new(settings.locks.ttl, settings.locks.heartbeat)?;
    let store = match &settings.backend {
        Backend::Local => Store::File(FileStore::new(settings.root.join(".panka"))),
        Backend::S3(_) => {
            return Err(Diagnostic::new(P0015, "the s3 backend is not offered in this version of panka")
                .help("keep the state in files of the repository: --backend-type local")
                .into());
        }
    };
    let locker = Locker::of(store.clone(), Arc::clone(clock), timing);
    Ok((store, locker))
}
