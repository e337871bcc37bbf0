//! The graph: the AWS resources that a manifest's components become, with their edges.
//!
//! In: resources and output values from the component kinds. Out: [`Graph`], `panka.graph/v1`, whose resources are sorted by address,
//! whose edges never form a circle and whose bytes depend on the manifest alone.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::address::Address;
use crate::document::{Digest, Document, Kind};
use crate::manifest::{Backend, LockTicket, Provider};
use crate::resource::Resource;

mod build;
mod digest;
mod draw;
mod order;
#[cfg(test)]
pub(crate) mod sample;

pub(crate) use build::whole;
pub use build::{Input, build};
pub use draw::dependencies;
pub use order::Order;

/// The resources of a stack in one environment: `panka.graph/v1`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Graph {
    /// Always `panka.graph/v1`.
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
    /// Destroy asks for the stack's name.
    #[serde(default)]
    pub protect: bool,
    /// What it was made from.
    pub digests: Digests,
    /// The resources, sorted by address.
    pub resources: Vec<Resource>,
    /// Output values: `service/component.name` and `_stack.name` to a value form.
    pub outputs: BTreeMap<String, Value>,
    /// Addresses in the order in which they could start, for display: each wave waits for those before.
    pub waves: Vec<Vec<Address>>,
    /// The longest path through a first apply.
    pub critical_path: CriticalPath,
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

impl Document for Graph {
    const KIND: &'static str = "panka.graph/v1";
}

/// Digests of what a graph was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Digests {
    /// Of the manifest, without lock and state.
    pub manifest: Digest,
    /// Version of the catalog of AWS schemas.
    pub catalog: String,
}

/// The longest path through a graph by the expected seconds of its creates.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CriticalPath {
    /// Expected seconds, an estimate from the catalog's table.
    pub seconds: u64,
    /// The path, first resource first.
    pub path: Vec<Address>,
}
