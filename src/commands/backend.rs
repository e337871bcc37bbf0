//! Where state and locks live for a verb: the store, the place, and the facts about who asks.

use std::sync::Arc;

use super::input::Stage;
use super::session::Session;
use crate::clock::SharedClock;
use crate::config::{BackendType, Settings};
use crate::diagnostic::codes::command::P0015;
use crate::diagnostic::{Diagnostic, Error};
use crate::lock::{HolderMetadata, Locker, Request, Timing};
use crate::manifest::Backend;
use crate::state::store::{FileStore, Store};
use crate::state::{Begin, Place, Scope};

/// A backend that is ready for use.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The effective configuration.
    pub settings: Settings,
    /// The stack in its environment.
    pub place: Place,
    /// Time and chance.
    pub clock: SharedClock,
}

/// Opens the backend of a stage's stack, or of the stack that flags and repository name.
pub fn open(session: &Session, stage: Option<&Stage>) -> Result<Opened, Error> {
    let root = session.root_or_directory();
    match stage {
        Some(stage) => open_place(session, stage.stack(), stage.environment(), stage.backend()),
        None => {
            let (stack, environment) = session.place(&root)?;
            let backend = session.stack_backend(&root)?;
            open_place(session, &stack, &environment, backend.as_ref())
        }
    }
}

/// Opens the backend of a given place.
pub fn open_place(session: &Session, stack: &str, environment: &str, backend: Option<&Backend>) -> Result<Opened, Error> {
    let root = session.root_or_directory();
    let settings = session.settings(&root, backend)?;
    let clock = session.context.clock();
    let place = Place::open(store(&settings)?, Arc::clone(&clock), stack, environment);
    Ok(Opened { settings, place, clock })
}

/// The store that the configuration names.
pub fn store(settings: &Settings) -> Result<Store, Error> {
    match settings.backend() {
        BackendType::Local => Ok(Store::File(FileStore::new(settings.root.join(".panka")))),
        BackendType::S3 => Err(Diagnostic::new(P0015, "the s3 backend is not offered in this version of panka")
            .help("keep the state in files of the repository: --backend-type local")
            .into()),
    }
}

/// The locks that the configuration names.
pub fn locker(settings: &Settings, clock: &SharedClock) -> Result<Locker, Error> {
    let timing = Timing::new(settings.lock_ttl(), settings.lock_heartbeat())?;
    let store = store(settings)?;
    Ok(Locker::of(store, Arc::clone(clock), timing))
}

impl Opened {
    /// The locks beside the state.
    pub fn locker(&self) -> Result<Locker, Error> {
        locker(&self.settings, &self.clock)
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
            timeout: self.settings.lock_timeout(),
            no_takeover: false,
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
            engine: self.settings.engine().to_owned(),
            simulated: self.settings.engine() == "local",
        }
    }
}
