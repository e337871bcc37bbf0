//! The stream of happenings of a run: one `panka.event/v1` line each.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::address::Address;
use crate::diagnostic::Span;
use crate::document::{Document, Kind};
use crate::plan::{Op, Step};

/// One happening.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Event {
    /// Always `panka.event/v1`.
    pub kind: Kind<Self>,
    /// Id of the run.
    pub run: String,
    /// Counts from 1 without gaps.
    pub seq: u64,
    /// When, RFC 3339, UTC.
    pub at: String,
    /// What happened.
    pub event: Name,
    /// The resource, for events of a step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// What its step does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub op: Option<Op>,
    /// It acts on the simulated account.
    #[serde(default)]
    pub simulated: bool,
    /// Attempt of the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// Retry class of a failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Code of a failure, at the provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Text for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Identifier of the resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// Seconds: how long it took, or is to be waited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
    /// Fencing token of a lock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<u64>,
    /// Serial of a snapshot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<u64>,
    /// Steps of the run, or exit code at its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// The manifest line at fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Span>,
}

impl Document for Event {
    const KIND: &'static str = "panka.event/v1";
}

impl Event {
    /// A happening of which nothing more is known; number, time and run are filled in when it is emitted.
    pub fn new(event: Name) -> Self {
        Self {
            kind: Kind::new(),
            run: String::new(),
            seq: 0,
            at: String::new(),
            event,
            address: None,
            op: None,
            simulated: false,
            attempt: None,
            class: None,
            code: None,
            message: None,
            identifier: None,
            seconds: None,
            epoch: None,
            serial: None,
            count: None,
            source: None,
        }
    }

    /// A happening of a step.
    pub fn of_step(event: Name, step: &Step) -> Self {
        Self { address: Some(step.address.clone()), op: Some(step.op), source: step.source.clone(), ..Self::new(event) }
    }
}

/// Names of happenings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Name {
    /// The run starts; `count` steps.
    RunStarted,
    /// The run is over; `count` is the exit code.
    RunFinished,
    /// The lock is held by somebody else; waiting.
    LockWaiting,
    /// The lock is taken.
    LockAcquired,
    /// The lock of a dead holder is taken.
    LockTakenOver,
    /// The lease is longer again.
    LockRenewed,
    /// The lease is gone.
    LockLost,
    /// The lock is free again.
    LockReleased,
    /// A pending step of an earlier run is settled.
    Recovery,
    /// The dependencies of a step are done.
    StepReady,
    /// A provider call is made.
    StepStarted,
    /// The provider took the call.
    StepAccepted,
    /// A call is to be repeated after `seconds`.
    StepRetried,
    /// A step is done.
    StepDone,
    /// A step failed.
    StepFailed,
    /// A step cannot run, since a dependency failed.
    StepBlocked,
    /// A step is not started any more.
    StepCancelled,
    /// A step is still running after `seconds`.
    Heartbeat,
    /// The provider slows down.
    Throttle,
    /// The outcome differs from the plan.
    Deviation,
    /// Something to know.
    Note,
    /// A snapshot was written.
    StateFolded,
}
