//! The identity of a graph.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::{CriticalPath, Digests, Graph};
use crate::address::Address;
use crate::document::Digest;
use crate::manifest::{Backend, Provider};
use crate::resource::Resource;

/// A graph without what earlier stages of a pipe attached.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    stack: &'a str,
    environment: &'a str,
    provider: &'a Provider,
    backend: &'a Option<Backend>,
    protect: bool,
    digests: &'a Digests,
    resources: &'a [Resource],
    outputs: &'a BTreeMap<String, Value>,
    waves: &'a [Vec<Address>],
    critical_path: &'a CriticalPath,
}

impl Graph {
    /// The digest of the graph without place, lock and state.
    pub fn digest(&self) -> Digest {
        let Self {
            kind: _,
            stack,
            environment,
            provider,
            backend,
            protect,
            digests,
            resources,
            outputs,
            waves,
            critical_path,
            lineage: _,
            root: _,
            lock: _,
            state: _,
        } = self;
        Digest::of_written(&Body {
            stack,
            environment,
            provider,
            backend,
            protect: *protect,
            digests,
            resources,
            outputs,
            waves,
            critical_path,
        })
    }
}
