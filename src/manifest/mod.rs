//! Manifests: the YAML files of a stack, compiled into one document.
//!
//! In: files, variables, the environment's name. Out: [`Manifest`], in which overlays are merged, variables substituted, aliases
//! normalised and defaults applied. Output references stand as `{"$output": "service/component.name"}` or inside a `$join`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::address::ComponentId;
use crate::diagnostic::{Places, Span};
use crate::document::{Document, Kind};

mod alias;
mod attachments;
mod canonical;
mod check;
mod collect;
mod compile;
mod component;
mod declared;
mod defaults;
mod documents;
mod envelope;
#[cfg(test)]
mod fake;
mod format;
mod kinds;
mod layout;
mod merge;
mod node;
mod recheck;
mod reference;
mod refused;
mod repository;
mod request;
mod scalar;
mod schemas;
mod secrets;
mod select;
mod settings;
mod source;
mod stray;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod variables;
mod written;
mod yaml;

pub use canonical::{Canonical, canonical_yaml};
pub use compile::{Attempt, attempt, compile};
pub use declared::Declared;
pub(crate) use recheck::{recheck, spec_schema};
pub use repository::find_root;
pub use request::{Compiled, ProviderDefaults, Request};
pub use select::{environments, stacks};

pub use kinds::{Alias, ComponentKind, Kinds};

/// Tells whether a text is a region that is known; if not, says why.
pub fn check_region(text: &str) -> Result<(), String> {
    format::region(text)
}

/// A stack in one environment, compiled: `panka.manifest/v1`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Manifest {
    /// Always `panka.manifest/v1`.
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
    /// Stateful kinds are protected unless they say otherwise, and destroy asks for the stack's name.
    #[serde(default)]
    pub protect: bool,
    /// Tags of every resource, of Stack and Environment merged.
    #[serde(default)]
    pub default_tags: BTreeMap<String, String>,
    /// `network` of Stack and Environment merged, as the `_stack/network` component reads it.
    #[serde(default)]
    pub network: Section,
    /// `cluster` of Stack and Environment merged, as the `_stack/cluster` component reads it.
    #[serde(default)]
    pub cluster: Section,
    /// The services, by name.
    pub services: BTreeMap<String, Service>,
    /// The enabled components, sorted by id.
    pub components: Vec<Component>,
    /// Ids of components that are disabled here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disabled: Vec<ComponentId>,
    /// Outputs of the stack: literals, `$output` references or joins of them.
    #[serde(default)]
    pub outputs: BTreeMap<String, Output>,
    /// Identity of the state beside the repository, where the state lies in files and something has run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lineage: Option<String>,
    /// Directory of the repository, from the directory in which the verb was started; none when that is it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<String>,
    /// The lock taken by `panka lock` as a stage of the pipe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lock: Option<LockTicket>,
    /// The state attached by `panka state` as a stage of the pipe: a `panka.state/v1` document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<Value>,
}

impl Document for Manifest {
    const KIND: &'static str = "panka.manifest/v1";
}

/// Where a stack is deployed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Provider {
    /// AWS region.
    pub region: String,
    /// The only account that may be used, 12 digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// AWS profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// ARN of the role that is assumed to deploy. State and locks are reached without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_arn: Option<String>,
}

/// The state place that a stack names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Backend {
    /// S3 bucket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<String>,
    /// Prefix of every key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// Region of the bucket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

/// A part of the stack document with the places of its values.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// The values.
    #[serde(default)]
    pub spec: Value,
    /// Places of the values, by pointer into `spec`.
    #[serde(default, skip_serializing_if = "Places::is_empty")]
    pub places: Places,
}

/// A service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Service {
    /// Free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Labels, which become tags of its components.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Services that all components here wait for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<String>,
    /// Its document, when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Span>,
}

/// A component with everything merged into its `spec`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Component {
    /// `service/component`.
    pub id: ComponentId,
    /// Canonical name of its kind, `MicroService`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Labels, which become tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Its fields: infrastructure fields included, aliases normalised, defaults of the kind applied.
    pub spec: Value,
    /// Files that the spec names, by their path as written there: contents of `configs`, user data, code packages as digests.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, File>,
    /// The line of its document.
    pub source: Span,
    /// Places of the values of `spec`, by pointer into it.
    #[serde(default, skip_serializing_if = "Places::is_empty")]
    pub places: Places,
}

/// A file of the repository that a component uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Path relative to the repository root.
    pub path: String,
    /// SHA-256 of the contents, hexadecimal; of a packed directory, that of its reproducible archive.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
    /// The contents, for small text files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// An output of the stack.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// A literal, an `$output` reference or a join.
    pub value: Value,
    /// Where it is written.
    pub source: Span,
}

/// A lock taken by an earlier stage of the pipe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct LockTicket {
    /// `stack:<stack>:env:<env>`.
    pub key: String,
    /// `stack` or `service:<name>`.
    pub scope: String,
    /// Id of the lease.
    pub lock_id: String,
    /// Its fencing token.
    pub epoch: u64,
    /// End of the lease, RFC 3339.
    pub expires_at: String,
    /// Where the lock lies, when that is not in files of the repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backend: Option<TicketBackend>,
}

/// Where a lock lies: enough to find it again from anywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct TicketBackend {
    /// S3 bucket of the state.
    pub bucket: String,
    /// Prefix of every key in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// Its region, when that was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// What keeps the lock: dynamodb, s3 or dynamodb+s3.
    pub locks: String,
    /// DynamoDB table of the locks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// Its region, when that was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table_region: Option<String>,
}

impl TicketBackend {
    /// Where the locks are, for people.
    pub fn locks_at(&self) -> String {
        let table = || format!("the table `{}`", self.table.as_deref().unwrap_or_default());
        let objects = || format!("s3://{}/{}locks/", self.bucket, self.prefix.as_deref().unwrap_or_default());
        match self.locks.as_str() {
            "dynamodb" => table(),
            "dynamodb+s3" => format!("{} and {}", table(), objects()),
            _ => objects(),
        }
    }

    /// The same as keys of the configuration.
    pub fn values(&self) -> [(&'static str, Option<&str>); 7] {
        [
            ("backend.type", Some("s3")),
            ("backend.bucket", Some(&self.bucket)),
            ("backend.prefix", Some(self.prefix.as_deref().unwrap_or_default())),
            ("backend.region", self.region.as_deref()),
            ("locks.type", Some(&self.locks)),
            ("locks.table", self.table.as_deref()),
            ("locks.region", self.table_region.as_deref()),
        ]
    }
}
