//! Journal objects and their entries: the wire form of what happened since the snapshot.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::{Accepted, Intent, Operation, Record};
use crate::account::EngineKind;
use crate::address::Address;
use crate::document::{Digest, Document, Kind, hex};

/// One journal object: `panka.journal/v1`, stored as `journal/<epoch>-<seq>.json` and never written twice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Journal {
    /// Always `panka.journal/v1`.
    pub kind: Kind<Self>,
    /// Identity of the place.
    pub lineage: String,
    /// Id of the run, or the verb that wrote.
    pub run: String,
    /// What the writer's lock covers.
    pub scope: String,
    /// Its fencing token.
    pub epoch: u64,
    /// Counts from 1 within the epoch, without gaps.
    pub seq: u64,
    /// What happened, in order.
    pub entries: Vec<Entry>,
    /// SHA-256 of the document as it is stored: compact, in this order, without this field. So damage is seen.
    pub digest: Digest,
}

impl Document for Journal {
    const KIND: &'static str = "panka.journal/v1";
}

/// One happening.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// When, RFC 3339, UTC.
    pub at: String,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum What {
    /// A run starts: the first entry of its epoch.
    Begin(Begin),
    /// A provider is about to be called.
    Intent(Box<Intent>),
    /// The provider took the call.
    Accepted(AcceptedEntry),
    /// The call ended.
    Result(Box<Outcome>),
    /// A record, an output or a pin is set or removed without a provider call.
    Edit(Box<Edit>),
    /// A snapshot with this serial holds everything before.
    Fold(u64),
    /// The run is over.
    End(End),
    /// The epoch is over: written by a successor.
    Seal(Seal),
}

impl What {
    /// The address that it is about; none for what is about the run, or about several.
    pub fn address(&self) -> Option<&Address> {
        match self {
            Self::Intent(intent) => Some(&intent.address),
            Self::Accepted(accepted) => Some(&accepted.address),
            Self::Result(outcome) => Some(&outcome.address),
            Self::Begin(_) | Self::Edit(_) | Self::Fold(_) | Self::End(_) | Self::Seal(_) => None,
        }
    }
}

/// The start of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Begin {
    /// Digest of the plan; none for state verbs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Digest>,
    /// `apply`, `destroy`, `state rm`, …
    pub operation: String,
    /// `user@host`.
    pub by: String,
    /// Commit of the repository, when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub git_commit: Option<String>,
    /// Serial that the run started from.
    pub serial: u64,
    /// The engine.
    pub engine: EngineKind,
    /// It acts on the simulated account.
    #[serde(default)]
    pub simulated: bool,
    /// Region in which the run makes resources; none when it makes none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Number of the account in which it does, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
}

impl Intent {
    /// The client token of a call: the same for a repetition after silence, another one for each attempt after a failure. On resume it is
    /// taken from the journal, never made again.
    pub fn token(lineage: &str, epoch: u64, address: &Address, op: Operation, attempt: u32) -> String {
        let op = op.name();
        let digest = Sha256::digest(format!("{lineage}\n{epoch}\n{address}\n{op}\n{attempt}"));
        hex(&digest[..16])
    }
}

/// The provider took a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptedEntry {
    /// The resource.
    pub address: Address,
    /// Token of the intent.
    pub token: String,
    /// The answer.
    pub answer: Accepted,
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Ended {
    /// It took effect.
    Done,
    /// It failed for good.
    Failed,
    /// Recovery proved that it never took effect.
    Absent,
}

impl Ended {
    /// Its name in logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Absent => "absent",
        }
    }
}

/// The end of a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Outcome {
    /// The resource.
    pub address: Address,
    /// Token of the intent.
    pub token: String,
    /// What was done.
    pub op: Operation,
    /// How it ended.
    pub ended: Ended,
    /// Identifier, kept even on failure when one was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// Properties as they are now; those of the intent when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<BTreeMap<String, Value>>")]
    pub properties: Option<Map<String, Value>>,
    /// Read-only values.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, Value>")]
    pub attributes: Map<String, Value>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<OutcomeError>,
}

/// Why a call failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OutcomeError {
    /// Retry class: throttle, transient, conflict, terminal.
    pub class: String,
    /// Code of the provider.
    pub code: String,
    /// Its message.
    pub message: String,
}

/// A change of the state without a provider call.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Edit {
    /// Records to set (a record) or to remove (null).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub resources: BTreeMap<Address, Option<Record>>,
    /// Outputs to set or to remove (null).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub outputs: BTreeMap<String, Option<Value>>,
    /// Pins to set or to remove (null).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pins: BTreeMap<String, Option<Value>>,
    /// What the engine keeps, when it changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<BTreeMap<String, Value>>")]
    pub engine_data: Option<Map<String, Value>>,
    /// Serial that a pushed state goes on from, when it is above the present one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<u64>,
    /// Epoch that a pushed state goes on from, when it is above the present one: tokens of its place are not given twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<u64>,
}

/// The end of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct End {
    /// Exit code of the run.
    pub exit: u8,
}

/// The end of an epoch, written by its successor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Seal {
    /// Epoch of the successor.
    pub by: u64,
}
