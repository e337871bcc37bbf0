//! The plan: what apply would do, as an ordinary document that people filter, review, sign and apply.
//!
//! In: the graph, the state. Out: [`Plan`], `panka.plan/v1`. Everything here is pure: equal inputs give equal bytes.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::account::EngineKind;
use crate::address::Address;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::document::{Digest, Document, Kind};
use crate::manifest::{Backend, LockTicket, Provider};
use crate::resource::{ReplaceOrder, Resource, TypeName};
use crate::state::{Status, Superseded};

mod align;
mod base;
mod compare;
mod decide;
mod diff;
mod edges;
mod edited;
mod held;
mod keep;
mod knowledge;
mod nodes;
mod options;
mod pointer;
mod rename;
mod replacement;
mod resolve;
mod scope;
mod select;
mod sets;
mod show;
mod summary;
#[cfg(test)]
pub(crate) mod tests;

pub use base::{Moved, stale};
pub use diff::{destroy, diff};
pub(crate) use nodes::{Part, check_order, nodes};
pub use options::{Destination, Options};
pub use pointer::Ignored;
pub use replacement::{in_generation, is_revisioned};
pub use resolve::{Scope, attribute_of, below, is_unknown, plain, resolve, resolve_all};
pub use show::{Mark, Shown, value_text};

/// What apply would do: `panka.plan/v1`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Plan {
    /// Always `panka.plan/v1`.
    pub kind: Kind<Self>,
    /// Name of the stack.
    pub stack: String,
    /// Name of the environment.
    pub environment: String,
    /// Where it is deployed.
    pub provider: Provider,
    /// Where the stack wants its state, as far as it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backend: Option<Backend>,
    /// The engine that is to run it.
    pub engine: EngineKind,
    /// It is for the simulated account.
    #[serde(default)]
    pub simulated: bool,
    /// Everything of the stack is deleted.
    #[serde(default)]
    pub destroy: bool,
    /// Destroy asks for the stack's name.
    #[serde(default)]
    pub protect: bool,
    /// What it was made from.
    pub digests: Digests,
    /// The state that it was compared with.
    pub base: Base,
    /// The steps, sorted by address.
    pub steps: Vec<Step>,
    /// Output values after the run: name → value form.
    #[serde(default)]
    pub outputs: BTreeMap<String, Value>,
    /// Names of the outputs that differ from the state, or will be known only after a step.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outputs_changed: Vec<String>,
    /// Counts.
    pub summary: Summary,
    /// Things to know that do not stop it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Diagnostic>,
    /// Directory of the repository, from the directory in which the verb was started; none when that is it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<String>,
    /// The lock taken by an earlier stage of the pipe, for apply to adopt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lock: Option<LockTicket>,
}

impl Document for Plan {
    const KIND: &'static str = "panka.plan/v1";
}

/// Digests of what a plan was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Digests {
    /// Of the manifest; none for a destroy from the state alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest: Option<Digest>,
    /// Of the graph, without lock and state; none for a destroy from the state alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graph: Option<Digest>,
    /// Version of the catalog of AWS schemas.
    pub catalog: String,
}

/// The state that a plan was compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Base {
    /// Identity of the place; none when nothing has run there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lineage: Option<String>,
    /// Serial of the snapshot.
    pub serial: u64,
    /// Digest of the resources of the folded state; none when there is no state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// Records that steps read, by reference, without changing them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub reads: BTreeMap<Address, Seen>,
}

/// A record of the state as a plan saw it: enough to tell which field has changed since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// Its status.
    pub status: Status,
    /// Its identifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// Digest of its properties.
    pub properties: Digest,
    /// Digest of its attributes.
    pub attributes: Digest,
    /// Digest of what it keeps besides: type, edges, protection, generation, old instances, the unfinished intent.
    pub meta: Digest,
}

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Op {
    /// Makes the resource.
    Create,
    /// Changes it in place.
    Update,
    /// Makes another and deletes the old one, in the order of `replaceOrder`.
    Replace,
    /// Deletes it.
    Delete,
    /// Takes an existing resource into the state.
    Adopt,
    /// Drops it from the state and leaves it in AWS.
    Forget,
    /// Leaves the resource as it is: only what the state keeps besides properties changes (edges, protection), or old instances of
    /// it are deleted.
    None,
}

impl Op {
    /// What it does, as a verb.
    pub const fn verb(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Replace => "replace",
            Self::Delete => "delete",
            Self::Adopt => "adopt",
            Self::Forget => "forget",
            Self::None => "record",
        }
    }
}

/// One step: one resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Step {
    /// The resource.
    pub address: Address,
    /// What is done.
    pub op: Op,
    /// AWS type.
    #[serde(rename = "type")]
    pub type_name: TypeName,
    /// Kind of its component.
    pub component: String,
    /// Why, for people; never decides anything.
    pub reason: String,
    /// Property changes by JSON pointer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// Order of a replacement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replace_order: Option<ReplaceOrder>,
    /// Identifier of the present instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// Steps of this plan that must be done before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<Address>,
    /// Why it cannot run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked: Option<Blocked>,
    /// Generation of the physical name that the step leaves.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub generation: u32,
    /// Old instances that an earlier create-first replacement left behind: deleted by this step as well, whatever it does, once the
    /// steps that depend on the resource are done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub superseded: Vec<Superseded>,
    /// The record that the step was compared with; none when there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<Seen>,
    /// Expected seconds, an estimate.
    pub seconds: u64,
    /// What is wanted: for create, update, replace, adopt and none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub desired: Option<Resource>,
    /// The manifest line that it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Span>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_zero(value: &u32) -> bool {
    *value == 0
}

/// Whether a change forces a replacement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Replace {
    /// In place.
    No,
    /// The schema says: under conditions.
    May,
    /// Always.
    Yes,
}

/// One property change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Change {
    /// JSON pointer into the properties.
    pub path: String,
    /// The value in the state; absent when there was none.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "present")]
    #[schemars(with = "Value")]
    pub before: Option<Value>,
    /// The wanted value; absent when it goes. With `unknown` it holds the forms that are not resolved yet.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "present")]
    #[schemars(with = "Value")]
    pub after: Option<Value>,
    /// Whether it forces a replacement.
    pub replace: Replace,
    /// The rule that says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The value is known only after other steps are done.
    #[serde(default)]
    pub unknown: bool,
    /// The value may not be shown.
    #[serde(default)]
    pub sensitive: bool,
}

/// Keeps `null` apart from "absent": a property may be null.
mod present {
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};
    use serde_json::Value;

    #[expect(clippy::ref_option, reason = "serde calls it with a reference to the field")]
    pub(super) fn serialize<S: Serializer>(value: &Option<Value>, serializer: S) -> Result<S::Ok, S::Error> {
        value.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
        Value::deserialize(deserializer).map(Some)
    }
}

/// Why a step cannot run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Blocked {
    /// Code of the finding.
    pub code: Code,
    /// What stands in the way.
    pub message: String,
}

/// Counts of a plan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// Steps that make a resource.
    pub create: usize,
    /// Steps that change one in place.
    pub update: usize,
    /// Steps that replace one.
    pub replace: usize,
    /// Steps that delete one.
    pub delete: usize,
    /// Steps that take one into the state.
    pub adopt: usize,
    /// Steps that drop one from the state.
    pub forget: usize,
    /// Steps without a call.
    pub none: usize,
    /// Resources without any change.
    pub unchanged: usize,
    /// Steps that cannot run, counted above as well.
    pub blocked: usize,
}
