//! The schemas of the documents that are no components: Stack, Service, Environment.
//!
//! The `variables` of a document are read before everything else (see `variables`) and are not part of what is checked here.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::envelope::Family;
use super::format;
use crate::schema::Schema;

/// The schema of the `spec` of a Stack, Service or Environment, as JSON.
pub(super) fn json_schema(family: Family) -> Value {
    let text = |about: &str| json!({ "type": "string", "description": about });
    let tags = json!({
        "type": "object", "description": "Tags of every resource", "maxProperties": 40,
        "additionalProperties": { "type": "string", "maxLength": 256 }, "propertyNames": { "minLength": 1, "maxLength": 128 }
    });
    let provider = closed(&[
        ("name", json!({ "enum": ["aws"], "description": "The provider" })),
        ("region", json!({ "type": "string", "format": "region", "description": "Region to deploy to" })),
        ("accountId", json!({ "type": "string", "format": "account", "description": "The only account that may be used" })),
        ("profile", json!({ "type": "string", "minLength": 1, "description": "AWS profile" })),
        ("roleArn", json!({ "type": "string", "format": "role", "description": "Role that is assumed to deploy, by whoever runs it" })),
    ]);
    let backend = closed(&[
        ("bucket", json!({ "type": "string", "minLength": 3, "maxLength": 63, "description": "Bucket of the state" })),
        ("prefix", text("Prefix of every key in the bucket")),
        ("region", json!({ "type": "string", "format": "region", "description": "Region of the bucket" })),
    ]);
    let paths = json!({
        "type": "object", "description": "Further files of defaults, by any name",
        "additionalProperties": { "type": "string", "format": "path" }
    });
    match family {
        Family::Service => closed(&[
            (
                "dependsOn",
                json!({ "type": "array", "items": { "type": "string" }, "uniqueItems": true, "description": "Services that all components here wait for" }),
            ),
            ("infrastructure", paths),
        ]),
        Family::Environment => closed(&[
            ("provider", provider),
            ("backend", backend),
            ("defaultTags", tags),
            ("network", network()),
            ("cluster", cluster()),
            ("protect", json!({ "type": "boolean", "description": "Stateful components are protected unless they say otherwise" })),
        ]),
        _ => closed(&[
            ("provider", provider),
            ("backend", backend),
            ("defaultTags", tags),
            ("infrastructure", paths),
            ("network", network()),
            ("cluster", cluster()),
            (
                "outputs",
                json!({
                    "type": "object", "description": "Values printed after apply and kept in the state",
                    "additionalProperties": { "type": "string", "x-panka-reference": true },
                    "propertyNames": { "pattern": "^[A-Za-z_][A-Za-z0-9_-]*$" }
                }),
            ),
        ]),
    }
}

fn network() -> Value {
    let subnets = json!({
        "type": "array", "uniqueItems": true,
        "items": { "type": "string", "pattern": "^subnet-[0-9a-f]{8,17}$" }
    });
    closed(&[
        ("existing", {
            let mut existing = closed(&[
                ("vpcId", json!({ "type": "string", "pattern": "^vpc-[0-9a-f]{8,17}$", "description": "The VPC" })),
                ("publicSubnetIds", subnets.clone()),
                ("privateSubnetIds", subnets),
            ]);
            existing["required"] = json!(["vpcId"]);
            existing
        }),
        (
            "create",
            closed(&[
                ("cidr", json!({ "type": "string", "format": "cidr", "description": "Addresses of the VPC, /16 to /22" })),
                (
                    "availabilityZones",
                    json!({
                        "anyOf": [
                            { "type": "integer", "minimum": 2, "maximum": 6 },
                            { "type": "array", "items": { "type": "string", "pattern": "^[a-z]+(-[a-z]+)+-[0-9][a-z]$" }, "minItems": 2, "maxItems": 6, "uniqueItems": true }
                        ]
                    }),
                ),
                ("natGateways", json!({ "enum": ["none", "single", "per-az"] })),
                ("endpoints", json!({ "type": "array", "items": { "enum": ["s3", "dynamodb"] }, "uniqueItems": true })),
            ]),
        ),
    ])
}

fn cluster() -> Value {
    closed(&[
        ("existing", json!({ "type": "string", "pattern": "^(arn:aws[a-z-]*:ecs:[a-z0-9-]+:[0-9]{12}:cluster/)?[A-Za-z0-9_-]{1,255}$" })),
        ("containerInsights", json!({ "type": "boolean" })),
    ])
}

fn closed(fields: &[(&str, Value)]) -> Value {
    let properties: Map<String, Value> = fields.iter().map(|(name, node)| ((*name).to_owned(), node.clone())).collect();
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

/// The compiled schema of a Stack, Service or Environment.
pub(super) fn schema(family: Family) -> &'static Schema {
    static STACK: LazyLock<Schema> = LazyLock::new(|| compile(Family::Stack));
    static SERVICE: LazyLock<Schema> = LazyLock::new(|| compile(Family::Service));
    static ENVIRONMENT: LazyLock<Schema> = LazyLock::new(|| compile(Family::Environment));
    match family {
        Family::Service => &SERVICE,
        Family::Environment => &ENVIRONMENT,
        _ => &STACK,
    }
}

fn compile(family: Family) -> Schema {
    Schema::compile_in(&json_schema(family), format::dialect()).expect("the schemas of this file compile, as its test shows")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schemas_compile() {
        for family in [Family::Stack, Family::Service, Family::Environment] {
            assert!(schema(family).root().fields().len() > 1);
        }
    }
}
