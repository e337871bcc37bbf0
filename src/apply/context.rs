//! What everything in a run shares: the journal, the stream of events, time, the options, and the wish to end early.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::events::Events;
use super::faults::Mishaps;
use crate::clock::SharedClock;
use crate::state::{Session, Touched};
use crate::stop::Stop;

/// What a run works with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct RunContext {
    /// The right to write: the journal, and the state as it durably is.
    pub journal: Arc<Session>,
    /// Where happenings go.
    pub events: Events,
    /// Time and chance.
    pub clock: SharedClock,
    /// How to run.
    pub options: Arc<Options>,
    /// The wish to end early.
    pub stop: Stop,
}

/// How a plan is to be run.
#[derive(Debug, Clone)]
pub struct Options {
    /// Calls at once.
    pub parallelism: usize,
    /// What happens after a step has failed.
    pub on_failure: OnFailure,
    /// Run what protection does not forbid.
    pub skip_protected: bool,
    /// What an earlier run left was settled in this session, and the plan was made after that.
    pub settled: bool,
    /// `apply` or `destroy`.
    pub operation: String,
    /// `user@host`.
    pub by: String,
    /// Commit of the repository, when known.
    pub git_commit: Option<String>,
    /// The CI run.
    pub ci_run_url: Option<String>,
    /// Where results go that the state cannot take: `.panka/orphans`.
    pub orphans: PathBuf,
    /// How long results are offered to a store that does not take them.
    pub patience: Duration,
    /// Seed of the pauses between tries.
    pub seed: u64,
    /// What is to go wrong at the journal, for people who test.
    pub mishaps: Option<Mishaps>,
}

/// What happens after a step has failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// Nothing new is started; what runs is finished.
    #[default]
    Stop,
    /// Everything that does not depend on the failure goes on.
    Continue,
    /// What runs is finished; then what this run has done is undone.
    Rollback,
}

impl RunContext {
    /// The same run with another answer to failures.
    #[must_use]
    pub fn on_failure(&self, on_failure: OnFailure) -> Self {
        Self { options: Arc::new(Options { on_failure, ..(*self.options).clone() }), ..self.clone() }
    }

    /// Who touches a record now.
    pub fn touched(&self) -> Touched {
        Touched { at: self.clock.stamp(), run: self.journal.run().to_owned() }
    }
}
