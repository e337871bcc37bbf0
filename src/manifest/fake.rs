//! A small table of kinds, for the tests of this room: the real one lies further down the data's path.

use std::sync::LazyLock;

use serde_json::{Value as Json, json};

use super::{Alias, Component, ComponentKind, Kinds};
use crate::diagnostic::Diagnostic;

/// The table.
pub(super) struct FakeKinds;

struct Fake {
    name: &'static str,
    other: &'static [&'static str],
    offered: bool,
    stateful: bool,
    infrastructure: &'static [&'static str],
    aliases: &'static [Alias],
    schema: Json,
}

static TABLE: LazyLock<Vec<Fake>> = LazyLock::new(|| vec![micro_service(), worker(), queue(), database(), bucket(), resource(), kafka()]);

impl Kinds for FakeKinds {
    fn find(&self, name: &str) -> Option<&dyn ComponentKind> {
        TABLE.iter().find(|kind| kind.name == name || kind.other.contains(&name)).map(|kind| kind as &dyn ComponentKind)
    }

    fn names(&self) -> Vec<&'static str> {
        TABLE.iter().map(|kind| kind.name).collect()
    }
}

impl ComponentKind for Fake {
    fn name(&self) -> &'static str {
        self.name
    }

    fn offered(&self) -> bool {
        self.offered
    }

    fn stateful(&self) -> bool {
        self.stateful
    }

    fn schema(&self) -> &'static Json {
        let found = TABLE.iter().find(|kind| kind.name == self.name);
        &found.expect("a kind of the table is in the table").schema
    }

    fn infrastructure(&self) -> &'static [&'static str] {
        self.infrastructure
    }

    fn aliases(&self) -> &'static [Alias] {
        self.aliases
    }

    fn complete(&self, mut spec: Json) -> Result<Json, serde_json::Error> {
        if self.name == "SQS" && spec.get("visibilityTimeout").is_none() {
            spec["visibilityTimeout"] = json!(30);
        }
        Ok(spec)
    }

    fn check(&self, component: &Component) -> Vec<Diagnostic> {
        let names: Vec<&str> = component.spec["ports"].as_array().into_iter().flatten().filter_map(|port| port["name"].as_str()).collect();
        let repeated = (1..names.len()).find(|n| names[..*n].contains(&names[*n]));
        repeated
            .map(|n| {
                let at = component.places.get(&format!("/ports/{n}/name")).cloned();
                Diagnostic::new(crate::diagnostic::codes::manifest::P1019, format!("two ports are named `{}`", names[n])).at(at)
            })
            .into_iter()
            .collect()
    }
}

const CONTAINER: &[Alias] = &[
    Alias::Move { from: "container.command", to: "command" },
    Alias::Move { from: "container.image", to: "image" },
    Alias::ImageText,
    Alias::FlatHealthCheck,
    Alias::AutoscalingPolicies,
    Alias::Move { from: "autoscaling", to: "scaling.autoscaling" },
    Alias::Move { from: "replicas", to: "scaling.replicas" },
    Alias::Move { from: "cpu", to: "resources.cpu" },
    Alias::Move { from: "memory", to: "resources.memory" },
    Alias::MapOfPairs("environment"),
];

fn closed(properties: impl Into<Json>) -> Json {
    json!({ "type": "object", "properties": properties.into(), "additionalProperties": false })
}

fn spec(own: impl Into<Json>, required: &[&str]) -> Json {
    let reference = json!({ "type": "string", "format": "ref" });
    let shared = json!({
        "enabled": { "type": "boolean" },
        "name": { "type": "string", "minLength": 1 },
        "tags": { "type": "object", "additionalProperties": text() },
        "dependsOn": { "type": "array", "items": { "anyOf": [reference.clone(), {
            "type": "object", "required": ["component"], "additionalProperties": false,
            "properties": { "component": reference, "access": { "enum": ["read", "write", "readwrite", "none"] } }
        }] } },
        "lifecycle": closed(json!({ "protect": { "type": "boolean" }, "timeouts": closed(json!({ "create": { "type": "string", "format": "duration" } })) }))
    });
    let mut schema = closed(shared);
    for (key, node) in own.into().as_object().into_iter().flatten() {
        schema["properties"][key] = node.clone();
    }
    schema["required"] = json!(required);
    schema
}

fn text() -> Json {
    json!({ "type": "string", "x-panka-reference": true })
}

fn probe() -> Json {
    closed(json!({
        "http": closed(json!({ "path": { "type": "string" }, "port": { "type": "integer" }, "scheme": { "enum": ["HTTP", "HTTPS"] } })),
        "tcp": closed(json!({ "port": { "type": "integer" } })),
        "periodSeconds": { "type": "integer", "minimum": 5, "maximum": 300 },
        "failureThreshold": { "type": "integer" }
    }))
}

fn container() -> Json {
    let secret = json!({ "type": "string", "format": "secret", "x-panka-reference": true });
    json!({
        "image": {
            "type": "object", "required": ["repository"], "additionalProperties": false,
            "properties": { "repository": text(), "tag": { "type": "string" } }
        },
        "command": { "type": "array", "items": { "type": "string" } },
        "runtime": closed(json!({ "platform": { "enum": ["fargate", "fargate-spot"] } })),
        "environment": { "type": "array", "items": {
            "type": "object", "required": ["name", "value"], "additionalProperties": false,
            "properties": { "name": { "type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$" }, "value": text() }
        } },
        "secrets": { "type": "array", "items": {
            "type": "object", "required": ["name", "secretRef"], "additionalProperties": false,
            "properties": { "name": { "type": "string" }, "secretRef": secret, "key": { "type": "string" } }
        } },
        "configs": closed(json!({ "mountPath": { "type": "string" }, "files": { "type": "array", "items": { "type": "string", "format": "path" } } })),
        "healthCheck": closed(json!({ "readiness": probe(), "liveness": probe() })),
        "resources": closed(json!({
            "cpu": { "anyOf": [{ "type": "integer", "enum": [256, 512, 1024] }, { "type": "string", "pattern": "^[0-9]+m$" }] },
            "memory": { "type": ["integer", "string"] }
        })),
        "scaling": closed(json!({
            "replicas": { "type": "integer", "minimum": 0, "maximum": 1000 },
            "autoscaling": closed(json!({
                "enabled": { "type": "boolean" }, "minReplicas": { "type": "integer" }, "maxReplicas": { "type": "integer" },
                "targetCPUPercent": { "type": "integer" }
            }))
        }))
    })
}

fn micro_service() -> Fake {
    let mut own = container();
    own["ports"] = json!({ "type": "array", "items": closed(json!({
        "name": { "type": "string" }, "port": { "type": "integer", "minimum": 1, "maximum": 65535 }
    })) });
    own["networking"] = closed(json!({
        "subnets": { "enum": ["public", "private"] },
        "loadBalancer": closed(json!({ "enabled": { "type": "boolean" }, "certificateArn": { "type": "string", "format": "arn" } }))
    }));
    Fake {
        name: "MicroService",
        other: &[],
        offered: true,
        stateful: false,
        infrastructure: &["resources", "scaling", "networking"],
        aliases: CONTAINER,
        schema: spec(own, &["image"]),
    }
}

fn worker() -> Fake {
    let mut own = container();
    own["queue"] = closed(json!({ "component": { "type": "string", "format": "ref" } }));
    own["networking"] = closed(json!({ "subnets": { "enum": ["public", "private"] } }));
    Fake {
        name: "Worker",
        other: &[],
        offered: true,
        stateful: false,
        infrastructure: &["resources", "scaling", "networking"],
        aliases: CONTAINER,
        schema: spec(own, &["image"]),
    }
}

fn queue() -> Fake {
    let own = json!({
        "type": { "enum": ["standard", "fifo"] },
        "visibilityTimeout": { "type": "integer", "minimum": 0, "maximum": 43200 },
        "deadLetterQueue": closed(json!({ "enabled": { "type": "boolean" }, "maxReceiveCount": { "type": "integer", "minimum": 1 } })),
        "maintenanceWindow": { "type": "string", "format": "window" }
    });
    Fake { name: "SQS", other: &[], offered: true, stateful: false, infrastructure: &[], aliases: &[], schema: spec(own, &[]) }
}

fn database() -> Fake {
    let secret = json!({ "type": "string", "format": "secret", "x-panka-reference": true });
    let own = json!({
        "engine": {
            "type": "object", "required": ["type"], "additionalProperties": false,
            "properties": { "type": { "enum": ["postgres", "mysql"] }, "version": { "type": "string" } }
        },
        "instance": closed(json!({
            "class": { "type": "string", "pattern": "^db\\." }, "multiAZ": { "type": "boolean" },
            "storage": closed(json!({ "type": { "type": "string" }, "allocatedGB": { "type": "integer", "minimum": 20, "maximum": 65536 } }))
        })),
        "database": closed(json!({ "name": { "type": "string" }, "username": { "type": "string" }, "passwordSecret": { "anyOf": [secret.clone(), {
            "type": "object", "required": ["ref"], "additionalProperties": false, "properties": { "ref": secret, "key": { "type": "string" } }
        }] } })),
        "backup": closed(json!({ "retentionDays": { "type": "integer" } }))
    });
    Fake { name: "RDS", other: &[], offered: true, stateful: true, infrastructure: &[], aliases: &[], schema: spec(own, &["engine"]) }
}

fn bucket() -> Fake {
    let own = json!({
        "versioning": closed(json!({ "enabled": { "type": "boolean" } })),
        "lifecycleRules": { "type": "array", "items": { "type": "object" } }
    });
    let aliases: &[Alias] = &[Alias::ListAt { from: "lifecycle", to: "lifecycleRules" }];
    Fake { name: "S3", other: &[], offered: true, stateful: true, infrastructure: &[], aliases, schema: spec(own, &[]) }
}

fn resource() -> Fake {
    let own = json!({ "type": { "type": "string" }, "properties": { "type": "object", "x-panka-reference": true } });
    Fake { name: "Resource", other: &[], offered: true, stateful: false, infrastructure: &[], aliases: &[], schema: spec(own, &["type"]) }
}

fn kafka() -> Fake {
    Fake {
        name: "MSK",
        other: &["Kafka"],
        offered: false,
        stateful: true,
        infrastructure: &[],
        aliases: &[],
        schema: json!({ "type": "object" }),
    }
}
