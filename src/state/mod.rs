//! State: what panka remembers of a place (one stack in one environment).
//!
//! The snapshot, [`State`], is the folded state; the journal holds the entries since. Reading accepts what this panka wrote and refuses
//! anything newer, damaged or foreign.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::account::EngineKind;
use crate::address::Address;
use crate::document::{Digest, Document, Kind};
use crate::resource::TypeName;

mod entry;
mod fold;
mod format;
mod grant;
mod history;
mod install;
mod integrity;
mod journal;
mod load;
pub mod ops;
mod orphans;
mod place;
mod sensitive;
mod session;
pub mod store;

/// The version of this panka, as it is written into snapshots and leases.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

pub use entry::{AcceptedEntry, Begin, Edit, End, Ended, Entry, Journal, Outcome, OutcomeError, Seal, What};
pub use fold::{FoldError, fold};
pub use format::{journal_bytes, parse_snapshot, snapshot_bytes};
pub use grant::{Grant, Scope, ScopeError};
pub use history::Past;
pub use install::{Restored, Standing};
pub use integrity::{Fault, faults};
pub use journal::JournalError;
pub use load::Loaded;
pub use orphans::{orphan_lines, read_orphans};
pub use place::Place;
pub use sensitive::{recorded, recorded_property, sensitive_digest};
pub use session::{Folded, Interrupted, Refused, Session};

/// The folded state of a place: `panka.state/v1`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct State {
    /// Always `panka.state/v1`.
    pub kind: Kind<Self>,
    /// Name of the stack.
    pub stack: String,
    /// Name of the environment.
    pub environment: String,
    /// Identity of the place, given by its first run; never changes. Empty before the first run.
    pub lineage: String,
    /// Grows by one with each written snapshot; 0 is "never written".
    pub serial: u64,
    /// Highest fencing token that has written.
    pub epoch: u64,
    /// Scope → epoch of its last writer.
    #[serde(default)]
    pub fences: BTreeMap<String, u64>,
    /// The engine that owns the place's resources: `local`, `cloudcontrol` or `pulumi`; none before the first run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine: Option<EngineKind>,
    /// The resources live in the simulated account.
    #[serde(default)]
    pub simulated: bool,
    /// Where the place has gone: this is what it was when it went, and nothing may be done with it here any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved: Option<Moved>,
    /// What the engine keeps.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schemars(with = "BTreeMap<String, Value>")]
    pub engine_data: Map<String, Value>,
    /// Last write.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated: Option<Updated>,
    /// Epoch → highest journal sequence that the snapshot contains.
    #[serde(default)]
    pub folded: BTreeMap<u64, u64>,
    /// The resources.
    pub resources: BTreeMap<Address, Record>,
    /// Output values: `service/component.name`, `_stack.name`.
    #[serde(default)]
    pub outputs: BTreeMap<String, Value>,
    /// Choices to keep.
    #[serde(default)]
    pub pins: BTreeMap<String, Value>,
    /// SHA-256 of the document as it is stored: compact, in this order, without this field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
}

impl Document for State {
    const KIND: &'static str = "panka.state/v1";
}

/// Keys of the engine's data that say where the resources are.
const REGION: &str = "region";
const ACCOUNT: &str = "account";

/// Where a state has gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Moved {
    /// The place of its snapshot now: a path, a URL.
    pub to: String,
    /// RFC 3339, UTC.
    pub at: String,
    /// `user@host`.
    pub by: String,
}

impl State {
    /// The state of a place in which nothing has run.
    pub fn empty(stack: &str, environment: &str, lineage: &str) -> Self {
        Self {
            kind: Kind::new(),
            stack: stack.to_owned(),
            environment: environment.to_owned(),
            lineage: lineage.to_owned(),
            serial: 0,
            epoch: 0,
            fences: BTreeMap::new(),
            engine: None,
            simulated: false,
            moved: None,
            engine_data: Map::new(),
            updated: None,
            folded: BTreeMap::new(),
            resources: BTreeMap::new(),
            outputs: BTreeMap::new(),
            pins: BTreeMap::new(),
            digest: None,
        }
    }

    /// Tells whether anything has ever run in the place.
    pub fn exists(&self) -> bool {
        !self.lineage.is_empty()
    }

    /// The region in which its resources are; none where there are none.
    pub fn region(&self) -> Option<&str> {
        self.home(REGION)
    }

    /// The number of the account in which its resources are; none where there are none.
    pub fn account(&self) -> Option<&str> {
        self.home(ACCOUNT)
    }

    fn home(&self, key: &str) -> Option<&str> {
        self.engine_data.get(key).and_then(Value::as_str).filter(|_| !self.resources.is_empty())
    }

    /// Notes where resources are about to be made. Where there are some, they stay where they are.
    fn settle_in(&mut self, region: Option<&str>, account: Option<&str>) {
        for (key, value) in [(REGION, region), (ACCOUNT, account)] {
            if let Some(value) = value.filter(|_| self.resources.is_empty() || !self.engine_data.contains_key(key)) {
                self.engine_data.insert(key.to_owned(), value.into());
            }
        }
        format::sort_map(&mut self.engine_data);
    }

    /// Tells whether any intent is unfinished.
    pub fn has_pending(&self) -> bool {
        self.pending().next().is_some()
    }

    /// The records with an unfinished intent.
    pub fn pending(&self) -> impl Iterator<Item = (&Address, &Pending)> {
        self.resources.iter().filter_map(|(address, record)| Some((address, record.pending.as_ref()?)))
    }
}

/// Who wrote a snapshot, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Updated {
    /// RFC 3339, UTC.
    pub at: String,
    /// `user@host`.
    pub by: String,
    /// Id of the run, or the verb that wrote.
    pub run: String,
    /// Version of panka.
    pub version: String,
    /// Commit of the repository, when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub git_commit: Option<String>,
}

/// Where a resource stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// As last applied.
    Ready,
    /// Its first instance is about to be made.
    Creating,
    /// It has an instance, and a call is pending that changes it, makes its successor or deletes its predecessor.
    Updating,
    /// Its instance is about to be deleted.
    Deleting,
    /// The last operation failed; the next apply reads it and goes on.
    Failed,
}

/// A resource in the state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Record {
    /// AWS type.
    #[serde(rename = "type")]
    pub type_name: TypeName,
    /// Kind of its component.
    pub component: String,
    /// Primary identifier, parts in schema order joined by `|`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// Where it stands.
    pub status: Status,
    /// Its create failed halfway: there is something, but it never was ready.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
    /// As last applied: references resolved, sensitive and write-only values as keyed digests.
    #[schemars(with = "BTreeMap<String, Value>")]
    pub properties: Map<String, Value>,
    /// Read-only values that the schema names.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, Value>")]
    pub attributes: Map<String, Value>,
    /// Direct edges, sorted.
    #[serde(default)]
    pub depends_on: Vec<Address>,
    /// Delete and replace are refused.
    #[serde(default)]
    pub protect: bool,
    /// Deleting leaves the resource in AWS.
    #[serde(default)]
    pub retain: bool,
    /// A last snapshot is made before it is deleted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub final_snapshot: bool,
    /// Carried by a CloudFormation stack of its own.
    #[serde(default)]
    pub nested: bool,
    /// Generation of its physical name.
    #[serde(default)]
    pub generation: u32,
    /// The unfinished intent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<Pending>,
    /// Old instances of a create-first replacement that are not deleted yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub superseded: Vec<Superseded>,
    /// First made.
    pub created: Touched,
    /// Last changed.
    pub updated: Touched,
}

/// An instance besides the one of its record, which waits for its delete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Superseded {
    /// Its primary identifier.
    pub identifier: String,
    /// Its AWS type.
    #[serde(rename = "type")]
    pub type_name: TypeName,
    /// The epoch that replaced it.
    pub epoch: u64,
    /// Generation of its physical name.
    #[serde(default)]
    pub generation: u32,
    /// Carried by a CloudFormation stack of its own.
    #[serde(default)]
    pub nested: bool,
    /// What it depended on: none of that may be deleted before it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<Address>,
    /// It never was the record's instance: a replacement failed and left it. Nothing uses it.
    #[serde(default)]
    pub partial: bool,
}

/// When and by which run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Touched {
    /// RFC 3339, UTC.
    pub at: String,
    /// Id of the run, or the verb.
    pub run: String,
}

/// An operation of a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Operation {
    /// Makes a resource.
    Create,
    /// Changes one in place.
    Update,
    /// Deletes one.
    Delete,
}

impl Operation {
    /// Its name, in documents and logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

/// An intent without a result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pending {
    /// The intent.
    pub intent: Intent,
    /// Epoch of the run that wrote it.
    pub epoch: u64,
    /// When it was written, RFC 3339.
    pub at: String,
    /// Where the record stood before; none when there was no record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Status>,
    /// The provider's answer, when one came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<Accepted>,
}

/// "About to call": written to the journal before each provider call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Intent {
    /// The resource.
    pub address: Address,
    /// What is about to be done.
    pub op: Operation,
    /// Grows with each terminal failure of the same step; 1 first.
    pub attempt: u32,
    /// Idempotency token of the call.
    pub token: String,
    /// AWS type.
    #[serde(rename = "type")]
    pub type_name: TypeName,
    /// Kind of its component.
    pub component: String,
    /// Identifier, when known: always for update and delete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// The desired properties as they are to be recorded, sensitive values as digests.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, Value>")]
    pub properties: Map<String, Value>,
    /// The request holds values that are not in `properties`, so that it cannot be repeated from here.
    #[serde(default)]
    pub incomplete: bool,
    /// What the record keeps besides.
    pub meta: Meta,
    /// The delete is of an old instance that a replacement superseded.
    #[serde(default)]
    pub superseded: bool,
}

/// What a record keeps of a manifest besides properties.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Meta {
    /// Direct edges, sorted.
    pub depends_on: Vec<Address>,
    /// Delete and replace are refused.
    pub protect: bool,
    /// Deleting leaves the resource in AWS.
    pub retain: bool,
    /// A last snapshot is made before it is deleted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub final_snapshot: bool,
    /// Carried by a CloudFormation stack of its own.
    pub nested: bool,
    /// Generation of the physical name.
    pub generation: u32,
}

/// The provider's answer to a call that is still running.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Accepted {
    /// The provider's request token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// The identifier, if already seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
}

#[cfg(test)]
pub(crate) mod tests;
