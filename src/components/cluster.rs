//! The ECS cluster of a stack, `_stack/cluster`, and the namespace in which its services find each other.

use std::cell::Cell;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::kind::{Behaviour, Facts, Output, Row, Spec};
use super::scope::Scope;
use crate::address::{Address, ComponentId};
use crate::manifest::Manifest;
use crate::resource::reference;

/// Name of the component.
pub(super) const NAME: &str = "cluster";

/// Its row, which is not in the table of kinds: no YAML can declare it.
pub(super) static ROW: Row = Row::of::<ClusterSpec>();

/// `cluster` of Stack and Environment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ClusterSpec {
    /// Name or ARN of a cluster that is there.
    #[serde(default)]
    existing: Option<String>,
    /// Container insights.
    #[serde(default)]
    container_insights: bool,
}

/// The cluster as other components see it.
pub(crate) struct Cluster {
    existing: Option<String>,
    namespace: String,
    used: Cell<bool>,
    insights: Cell<bool>,
    discovery: Cell<bool>,
}

impl Cluster {
    pub(super) fn new(spec: ClusterSpec, manifest: &Manifest) -> Self {
        Self {
            existing: spec.existing,
            namespace: format!("{}-{}.internal", manifest.stack, manifest.environment),
            used: Cell::new(false),
            insights: Cell::new(spec.container_insights),
            discovery: Cell::new(false),
        }
    }

    pub(super) fn used(&self) -> &Self {
        self.used.set(true);
        self
    }

    pub(super) fn is_used(&self) -> bool {
        self.used.get()
    }

    fn address(role: &str) -> Address {
        Address::new(&ComponentId::new("_stack", NAME), role)
    }

    /// Name of the cluster.
    pub(crate) fn name(&self) -> Value {
        match &self.existing {
            Some(name) => name.rsplit('/').next().unwrap_or(name).into(),
            None => reference(&Self::address("cluster"), "ClusterName"),
        }
    }

    /// What a service names as its cluster.
    pub(crate) fn reference(&self) -> Value {
        match &self.existing {
            Some(name) => name.as_str().into(),
            None => reference(&Self::address("cluster"), "Arn"),
        }
    }

    /// Whether panka makes it, and with it what it offers.
    pub(crate) fn is_made(&self) -> bool {
        self.existing.is_none()
    }

    /// Asks for container insights, as metrics of task counts need them.
    pub(crate) fn want_insights(&self) {
        self.insights.set(true);
    }

    /// Name of the namespace, which is made when this is asked.
    pub(crate) fn namespace(&self) -> &str {
        self.discovery.set(true);
        &self.namespace
    }

    /// Id of the namespace, which is made when this is asked.
    pub(crate) fn namespace_id(&self) -> Value {
        self.discovery.set(true);
        reference(&Self::address("namespace"), "Id")
    }
}

impl Spec for ClusterSpec {
    const FACTS: Facts = {
        let mut facts = Facts::new("Cluster", "ECS cluster of the stack");
        facts.outputs = &[
            Output::text("name", "name of the cluster"),
            Output::text("arn", "ARN of the cluster"),
            Output::text("namespaceId", "id of the namespace, when a component uses service discovery"),
        ];
        facts
    };
}

impl Behaviour for ClusterSpec {
    fn translate(&self, scope: &mut Scope<'_, '_>) {
        let cluster = scope.cluster();
        if cluster.existing.is_none() {
            let insights = if cluster.insights.get() { "enabled" } else { "disabled" };
            let draft = scope.main("cluster", "AWS::ECS::Cluster").set("CapacityProviders", json!(["FARGATE", "FARGATE_SPOT"])).from(
                "ClusterSettings",
                "/containerInsights",
                json!([{ "Name": "containerInsights", "Value": insights }]),
            );
            scope.add(draft);
        }
        if cluster.discovery.get() {
            let draft = scope
                .draft("namespace", "AWS::ServiceDiscovery::PrivateDnsNamespace")
                .set("Name", cluster.namespace.as_str())
                .set("Vpc", scope.network().vpc_id())
                .nested();
            scope.add(draft);
            scope.output("namespaceId", cluster.namespace_id());
        }
        scope.output("name", cluster.name());
        match &cluster.existing {
            Some(arn) if arn.starts_with("arn:") => scope.output("arn", arn.as_str()),
            Some(_) => {}
            None => scope.output("arn", cluster.reference()),
        }
    }
}
