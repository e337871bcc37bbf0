//! The record of a run: `panka.run/v1`, printed by apply and destroy and kept beside the state.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::account::EngineKind;
use crate::address::Address;
use crate::diagnostic::Span;
use crate::document::{Digest, Document, Kind};
use crate::plan::Op;
use crate::resource::TypeName;
use crate::state::{OutcomeError, State};

/// What a run did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Run {
    /// Always `panka.run/v1`.
    pub kind: Kind<Self>,
    /// Its id, ordered by time; none when there was nothing to do and nothing was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// Name of the stack.
    pub stack: String,
    /// Name of the environment.
    pub environment: String,
    /// `apply` or `destroy`.
    pub operation: String,
    /// The engine.
    pub engine: EngineKind,
    /// It acted on the simulated account.
    #[serde(default)]
    pub simulated: bool,
    /// Digest of the plan.
    pub plan: Digest,
    /// Serial that it started from.
    pub base_serial: u64,
    /// Serial that it left.
    pub serial: u64,
    /// Start, RFC 3339, UTC.
    pub started: String,
    /// End, RFC 3339, UTC.
    pub finished: String,
    /// `user@host`.
    pub by: String,
    /// Commit of the repository, when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub git_commit: Option<String>,
    /// The CI run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ci_run_url: Option<String>,
    /// Exit code.
    pub exit: u8,
    /// Counts by outcome.
    pub summary: BTreeMap<Outcome, usize>,
    /// The steps, sorted by address.
    pub steps: Vec<StepRun>,
    /// Outputs after the run.
    pub outputs: BTreeMap<String, Value>,
    /// Addresses of steps that are left to do.
    #[serde(default)]
    pub left: Vec<Address>,
}

impl Run {
    /// The record of a verb that changed the state without a plan.
    pub fn of_edit(operation: &str, run: &str, before: &State, serial: u64, (started, finished): (&str, &str), by: &str) -> Self {
        Self {
            kind: Kind::new(),
            run: Some(run.to_owned()),
            stack: before.stack.clone(),
            environment: before.environment.clone(),
            operation: operation.to_owned(),
            engine: before.engine.unwrap_or_default(),
            simulated: before.simulated,
            plan: Digest::of_bytes(b""),
            base_serial: before.serial,
            serial,
            started: started.to_owned(),
            finished: finished.to_owned(),
            by: by.to_owned(),
            git_commit: None,
            ci_run_url: None,
            exit: 0,
            summary: BTreeMap::new(),
            steps: Vec::new(),
            outputs: before.outputs.clone(),
            left: Vec::new(),
        }
    }
}

impl Document for Run {
    const KIND: &'static str = "panka.run/v1";
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Done.
    Done,
    /// It failed.
    Failed,
    /// Its time limit passed; the operation may still be going on.
    TimedOut,
    /// A dependency failed, or the plan blocks it.
    Blocked,
    /// Not started: a signal, a lost lock, or the failure policy.
    Cancelled,
    /// Started, and nothing is known of its end.
    Pending,
    /// Undone again by the failure policy `rollback`.
    RolledBack,
}

/// What became of a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct StepRun {
    /// The resource.
    pub address: Address,
    /// What was to be done.
    pub op: Op,
    /// AWS type.
    #[serde(rename = "type")]
    pub type_name: TypeName,
    /// How it ended.
    pub outcome: Outcome,
    /// Provider calls made.
    pub calls: u32,
    /// Start, RFC 3339, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<String>,
    /// End, RFC 3339, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished: Option<String>,
    /// Identifier afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<OutcomeError>,
    /// The manifest line that it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Span>,
    /// What would undo it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inverse: Option<Inverse>,
}

/// What would undo a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Inverse {
    /// The opposite operation.
    pub op: Op,
    /// Properties to go back to, for update, replace and create.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<BTreeMap<String, Value>>")]
    pub properties: Option<Map<String, Value>>,
    /// It cannot bring everything back: data, sensitive values, generated names.
    #[serde(default)]
    pub lossy: bool,
}
