//! Documents that verbs answer with besides those of the data's path.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::address::Address;
use crate::diagnostic::Diagnostic;
use crate::document::{Document, Kind};
use crate::engine::pulumi::Disagreement;
use crate::lock::Liveness;
use crate::manifest::LockTicket;
use crate::resource::TypeName;
use crate::setup::Step;
use crate::state::{Past, Status};

macro_rules! documents {
    ($($type:ident $kind:literal)+) => {
        $(
            impl Document for $type {
                const KIND: &'static str = $kind;
            }
        )+
    };
}

documents! {
    Version "panka.version/v1"
    Configuration "panka.config/v1"
    Written "panka.written/v1"
    Validation "panka.validation/v1"
    Outputs "panka.outputs/v1"
    Resources "panka.resources/v1"
    Ticket "panka.ticket/v1"
    Locks "panka.locks/v1"
    Explanations "panka.explanations/v1"
    History "panka.history/v1"
    Migration "panka.migration/v1"
    Check "panka.check/v1"
    Backend "panka.backend/v1"
}

/// Answer of `panka version`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// Always `panka.version/v1`.
    pub kind: Kind<Self>,
    /// Of the program.
    pub version: String,
    /// Of the catalog of AWS schemas.
    pub catalog: String,
    /// Kinds of documents that this panka reads and writes.
    pub documents: Vec<String>,
}

/// Answer of `panka config show`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Configuration {
    /// Always `panka.config/v1`.
    pub kind: Kind<Self>,
    /// The keys, in a fixed order.
    pub settings: Vec<ConfigurationEntry>,
}

/// One key of the configuration.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfigurationEntry {
    /// Dotted name, as in the files.
    pub key: String,
    /// Its value; null when unset.
    pub value: Option<String>,
    /// Where the value comes from, with --origin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// What it decides.
    pub meaning: String,
}

/// Answer of verbs that write files of the user: init, stack init, fmt.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// Always `panka.written/v1`.
    pub kind: Kind<Self>,
    /// Files that were written, or would be.
    pub files: Vec<String>,
    /// Nothing was written: it was only asked what would be.
    #[serde(default)]
    pub dry_run: bool,
    /// What a look at the backend that the files name has found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
}

/// Answer of verbs that check: `panka diff --check`, where the plan and Pulumi's own preview of the same program differ; `panka backend status`,
/// what of a backend is not as it should be.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Always `panka.check/v1`.
    pub kind: Kind<Self>,
    /// Name of the stack, where one was checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stack: Option<String>,
    /// Name of the environment, where one was checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// Steps of the plan, where one was checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<usize>,
    /// Where the plan and the preview differ, sorted by address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub differences: Option<Vec<Disagreement>>,
    /// The backend, where one was checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backend: Option<CheckedBackend>,
    /// What was looked at of it, in the order in which it is made; then the permissions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checks: Option<Vec<CheckLine>>,
}

/// Which backend was checked.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckedBackend {
    /// Account of the credentials.
    pub account: String,
    /// Region of the bucket.
    pub region: String,
    /// Name of the bucket.
    pub bucket: String,
    /// Before every key.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
    /// Name of the table; none where the locks are objects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
}

/// One thing that was looked at.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckLine {
    /// Which thing: `bucket acme-panka`.
    pub subject: String,
    /// A setting of it, or a permission on it; none for the thing itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
    /// What came out.
    pub result: CheckResult,
    /// What it is, where that is not what it should be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is: Option<Value>,
    /// What it should be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub should: Option<Value>,
    /// What is wrong with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<Diagnostic>,
}

/// What came out of a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CheckResult {
    /// As it should be.
    Ok,
    /// Not as it should be: a finding.
    Finding,
    /// It could not be looked at, for a reason that is told elsewhere.
    Unknown,
}

/// Answer of `panka backend create` and `panka backend delete`: what they do, or have done.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Backend {
    /// Always `panka.backend/v1`.
    pub kind: Kind<Self>,
    /// Account of the credentials.
    pub account: String,
    /// Region of the bucket.
    pub region: String,
    /// Name of the bucket.
    pub bucket: String,
    /// Before every key.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
    /// Name of the table; none where the locks are objects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// Nothing was made: it was only asked what would be.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dry_run: bool,
    /// Everything that was looked at, in the order in which it is made.
    pub steps: Vec<Step>,
    /// ARNs of the policies: `deploy`, `plan`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub policies: BTreeMap<String, String>,
    /// ARNs of the roles, where somebody is trusted: `deploy`, `plan`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub roles: BTreeMap<String, String>,
    /// The command by which everybody else starts, where there is anything to start with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub init: Option<String>,
}

/// Answer of `panka validate`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Validation {
    /// Always `panka.validation/v1`.
    pub kind: Kind<Self>,
    /// What was found valid.
    pub valid: Vec<ValidPlace>,
    /// Warnings, printed on standard error as well.
    pub warnings: usize,
}

/// A stack in one environment that is valid.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ValidPlace {
    /// Name of the stack.
    pub stack: String,
    /// Name of the environment.
    pub environment: String,
    /// Components that are enabled there.
    pub components: usize,
    /// AWS resources that they become.
    pub resources: usize,
}

/// Answer of `panka outputs`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Outputs {
    /// Always `panka.outputs/v1`.
    pub kind: Kind<Self>,
    /// Name of the stack.
    pub stack: String,
    /// Name of the environment.
    pub environment: String,
    /// They describe the simulated account.
    #[serde(default)]
    pub simulated: bool,
    /// Outputs: those of the stack by their name, those of components as `service/component.name`.
    pub outputs: BTreeMap<String, Value>,
}

/// Answer of `panka state list`, and of the state verbs that change records.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Resources {
    /// Always `panka.resources/v1`.
    pub kind: Kind<Self>,
    /// Name of the stack.
    pub stack: String,
    /// Name of the environment.
    pub environment: String,
    /// They live in the simulated account.
    #[serde(default)]
    pub simulated: bool,
    /// What was done with them: nothing for a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<String>,
    /// Serial of the snapshot afterwards.
    pub serial: u64,
    /// The resources, sorted by address.
    pub resources: Vec<ResourceLine>,
}

/// One resource of the state, in short.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResourceLine {
    /// Where it stands.
    pub address: Address,
    /// AWS type.
    #[serde(rename = "type")]
    pub type_name: TypeName,
    /// Where it stands.
    pub status: Status,
    /// Primary identifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
    /// Delete and replace are refused.
    #[serde(default)]
    pub protect: bool,
}

/// Answer of `panka state history`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct History {
    /// Always `panka.history/v1`.
    pub kind: Kind<Self>,
    /// Name of the stack.
    pub stack: String,
    /// Name of the environment.
    pub environment: String,
    /// The runs, oldest first.
    pub runs: Vec<Past>,
    /// The versions of the snapshot that the backend has kept, newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<VersionLine>,
}

/// A version of the snapshot.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VersionLine {
    /// Its id: what `panka state restore` and `panka state pull --version` take.
    pub version: String,
    /// When it was written, RFC 3339, UTC.
    pub at: String,
    /// Its size in bytes; none for the mark of a deletion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// It is the one that counts now.
    pub latest: bool,
}

/// Answer of `panka state migrate`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Migration {
    /// Always `panka.migration/v1`.
    pub kind: Kind<Self>,
    /// Name of the stack.
    pub stack: String,
    /// Name of the environment.
    pub environment: String,
    /// Snapshot that was left, marked.
    pub from: String,
    /// Snapshot that counts now.
    pub to: String,
    /// Nothing was written.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dry_run: bool,
    /// Serial of the state there.
    pub serial: u64,
    /// Resources in it.
    pub resources: usize,
    /// Objects copied besides the snapshot: run records, the engine's own.
    pub objects: usize,
}

/// Answer of `panka lock acquire` and of the other verbs on a lease: what `--lock FILE` reads.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ticket {
    /// Always `panka.ticket/v1`.
    pub kind: Kind<Self>,
    /// Name of the stack.
    pub stack: String,
    /// Name of the environment.
    pub environment: String,
    /// The lease.
    pub lock: LockTicket,
}

/// Answer of `panka lock list`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Locks {
    /// Always `panka.locks/v1`.
    pub kind: Kind<Self>,
    /// A line for each holder.
    pub locks: Vec<LockLine>,
}

/// One holder.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct LockLine {
    /// `stack:<stack>:env:<env>`.
    pub key: String,
    /// What it covers.
    pub scope: String,
    /// `user@host`.
    pub locked_by: String,
    /// What for.
    pub operation: String,
    /// Whether it renews its lease.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub liveness: Option<Liveness>,
    /// Since when, RFC 3339.
    pub locked_at: String,
    /// End of the lease, RFC 3339.
    pub expires_at: String,
    /// Id of the lease.
    pub lock_id: String,
}

/// Answer of `panka explain`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Explanations {
    /// Always `panka.explanations/v1`.
    pub kind: Kind<Self>,
    /// What can be explained, or the one thing asked for.
    pub explanations: Vec<Explanation>,
}

/// One code or component kind.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Explanation {
    /// The code or the kind.
    pub name: String,
    /// What it stands for, in a line.
    pub title: String,
    /// The page, markdown; only for the one thing asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
}
