//! DynamoDB: a table with its indexes.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::access::{Access, Statement};
use super::check::Check;
use super::draft::Draft;
use super::edge::Edge;
use super::key;
use super::kind::{Behaviour, Facts, Output, Spec};
use super::part::Part;
use super::scope::Scope;
use crate::diagnostic::codes::manifest::{P1017, P1018, P1019};
use crate::manifest::Alias;
use crate::resource::join;

mod spec;

pub(super) use spec::DynamoDb;
use spec::{AttributeType, BillingMode, GlobalIndex, Key, LocalIndex, Projection};

const READ: &[&str] = &["dynamodb:BatchGetItem", "dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan"];
const WRITE: &[&str] = &[
    "dynamodb:BatchWriteItem",
    "dynamodb:ConditionCheckItem",
    "dynamodb:DeleteItem",
    "dynamodb:DescribeTable",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
];
pub(super) const STREAM: &[&str] = &["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"];

/// The key that the account has for DynamoDB.
const ACCOUNT_KEY: &str = "alias/aws/dynamodb";

impl Spec for DynamoDb {
    const FACTS: Facts = {
        let mut facts = Facts::new("DynamoDB", "A table of items");
        facts.stateful = true;
        facts.spellings = &[Alias::Move { from: "tableName", to: "name" }];
        facts.outputs = &[
            Output::text("tableName", "physical name of the table"),
            Output::text("arn", "ARN of the table"),
            Output::text("streamArn", "ARN of its stream of changes"),
        ];
        facts
    };
}

impl Behaviour for DynamoDb {
    fn check(&self, check: &mut Check<'_>) {
        self.check_capacity(check);
        self.check_attributes(check);
        let names = self.global_secondary_indexes.iter().map(|index| index.name.as_str());
        check.unique(P1019, "/globalSecondaryIndexes", "index", names);
        for (n, index) in self.local_secondary_indexes.iter().enumerate() {
            let global = self.global_secondary_indexes.iter().any(|other| other.name == index.name);
            if global || self.local_secondary_indexes[..n].iter().any(|other| other.name == index.name) {
                check.report(P1019, &format!("/localSecondaryIndexes/{n}"), format!("index `{}` is there twice", index.name));
            }
        }
        if !self.local_secondary_indexes.is_empty() && self.range_key.is_none() {
            let finding = check
                .finding(P1018, "/localSecondaryIndexes", "local indexes sort the items of one partition, and the table has no `rangeKey`")
                .help("add `rangeKey`, or make them `globalSecondaryIndexes`");
            check.push(finding);
        }
        for (n, index) in self.global_secondary_indexes.iter().enumerate() {
            check_projection(check, index.projection, &index.attributes, &format!("/globalSecondaryIndexes/{n}"));
        }
        for (n, index) in self.local_secondary_indexes.iter().enumerate() {
            check_projection(check, index.projection, &index.attributes, &format!("/localSecondaryIndexes/{n}"));
        }
        if self.ttl.enabled && self.ttl.attribute_name.is_none() {
            check.report(P1018, "/ttl/enabled", "`ttl` needs `attributeName`, the attribute that holds the time");
        }
        if !self.encryption.enabled && self.encryption.kms_key.is_some() {
            check.report(P1017, "/encryption/kmsKey", "a key is given and encryption by a key of one's own is off");
        }
    }

    fn access(&self, _this: &Part<'_>, _consumer: &Part<'_>) -> Access {
        Access::ReadWrite
    }

    fn grant(&self, this: &Part<'_>, edge: &Edge) -> Vec<Statement> {
        let mut statements = Vec::new();
        let arn = this.reference("table", "Arn");
        // A trigger reads the stream, never the table; whatever else is asked for has a cause of its own.
        let beside_trigger = edge.causes.iter().any(|cause| !matches!(cause, super::edge::Cause::Link("trigger")));
        if edge.access != Access::None && beside_trigger {
            let resources = match edge.access.reads() {
                true => vec![arn.clone(), join([arn, json!("/index/*")])],
                false => vec![arn],
            };
            statements.push(Statement::allow("", edge.access.actions(READ, WRITE), resources));
        }
        if edge.linked("trigger") && self.stream.enabled {
            let actions = STREAM.iter().map(|action| (*action).to_owned()).collect();
            statements.push(Statement::allow("Stream", actions, vec![this.reference("table", "StreamArn")]));
        }
        statements.extend(key::grant(self.encryption.kms_key.as_ref(), edge.access));
        statements
    }

    fn translate(&self, scope: &mut Scope<'_, '_>) {
        let protected = scope.protected();
        let table = self
            .indexes(scope.main("table", "AWS::DynamoDB::Table"))
            .set("AttributeDefinitions", self.attributes())
            .from("BillingMode", "/billingMode", self.billing_mode.name())
            .from("KeySchema", "/hashKey", schema(&self.hash_key, self.range_key.as_ref()))
            .set_some("ProvisionedThroughput", throughput(self.read_capacity, self.write_capacity))
            .set("DeletionProtectionEnabled", protected)
            .from(
                "PointInTimeRecoverySpecification",
                "/pointInTimeRecovery",
                json!({ "PointInTimeRecoveryEnabled": self.point_in_time_recovery.unwrap_or(protected) }),
            )
            .from_some("SSESpecification", "/encryption", self.encryption_by_key())
            .from_some("StreamSpecification", "/stream", self.stream.enabled.then(|| json!({ "StreamViewType": self.stream.view_type })))
            .from("TableClass", "/tableClass", json!(self.table_class));
        let ttl = self.ttl.attribute_name.as_ref().filter(|_| self.ttl.enabled);
        let table = table.from_some("TimeToLiveSpecification", "/ttl", ttl.map(|name| json!({ "AttributeName": name, "Enabled": true })));
        scope.output("tableName", table.reference("TableName"));
        scope.output("arn", table.reference("Arn"));
        scope.output_some("streamArn", self.stream.enabled.then(|| table.reference("StreamArn")));
        scope.add(table);
    }
}

fn check_projection(check: &mut Check<'_>, projection: Projection, attributes: &[String], pointer: &str) {
    let pointer = format!("{pointer}/attributes");
    match (projection, attributes.is_empty()) {
        (Projection::Include, true) => check.report(P1018, &pointer, "projection INCLUDE needs `attributes`, those that are included"),
        (Projection::All | Projection::KeysOnly, false) => {
            let finding = check.finding(P1018, &pointer, "`attributes` go with projection INCLUDE").help("write `projection: INCLUDE`");
            check.push(finding);
        }
        _ => {}
    }
}

impl DynamoDb {
    /// Whether the table has a stream of changes.
    pub(super) fn has_stream(&self) -> bool {
        self.stream.enabled
    }

    /// Capacity is given everywhere or nowhere.
    fn check_capacity(&self, check: &mut Check<'_>) {
        let own = (String::new(), self.read_capacity, self.write_capacity);
        let indexes = self.global_secondary_indexes.iter().enumerate();
        let all = indexes.map(|(n, index)| (format!("/globalSecondaryIndexes/{n}"), index.read_capacity, index.write_capacity));
        for (pointer, read, write) in std::iter::once(own).chain(all) {
            for (field, given) in [("readCapacity", read), ("writeCapacity", write)] {
                match (self.billing_mode, given) {
                    (BillingMode::Provisioned, None) => {
                        let finding = check
                            .finding(P1018, &pointer, format!("billing mode PROVISIONED needs `{field}`"))
                            .help(format!("add `{field}`, or pay by request with `billingMode: PAY_PER_REQUEST`"));
                        check.push(finding);
                    }
                    (BillingMode::PayPerRequest, Some(_)) => {
                        let finding = check
                            .finding(P1018, &format!("{pointer}/{field}"), format!("`{field}` goes with billing mode PROVISIONED"))
                            .help("add `billingMode: PROVISIONED`, or take the field away");
                        check.push(finding);
                    }
                    _ => {}
                }
            }
        }
    }

    /// An attribute that is a key in two places has one type.
    fn check_attributes(&self, check: &mut Check<'_>) {
        let mut types: BTreeMap<&str, (AttributeType, String)> = BTreeMap::new();
        for (key, pointer) in self.keys() {
            match types.get(key.name.as_str()) {
                Some((kind, first)) if *kind != key.kind => {
                    let place = check.component().places.get(first).cloned();
                    let finding = check
                        .finding(
                            P1017,
                            &format!("{pointer}/type"),
                            format!("attribute `{}` is of type {:?} here and {kind:?} elsewhere", key.name, key.kind),
                        )
                        .label(place, "it is a key here too");
                    check.push(finding);
                }
                Some(_) => {}
                None => {
                    types.insert(&key.name, (key.kind, pointer));
                }
            }
        }
    }

    /// All key attributes with their pointers: those of the table first, then those of the indexes.
    fn keys(&self) -> impl Iterator<Item = (&Key, String)> {
        let table = [(Some(&self.hash_key), "/hashKey".to_owned()), (self.range_key.as_ref(), "/rangeKey".to_owned())];
        let global = self.global_secondary_indexes.iter().enumerate().flat_map(|(n, index)| {
            let at = format!("/globalSecondaryIndexes/{n}");
            [(Some(&index.hash_key), format!("{at}/hashKey")), (index.range_key.as_ref(), format!("{at}/rangeKey"))]
        });
        let local = self
            .local_secondary_indexes
            .iter()
            .enumerate()
            .map(|(n, index)| (Some(&index.range_key), format!("/localSecondaryIndexes/{n}/rangeKey")));
        table.into_iter().chain(global).chain(local).filter_map(|(key, pointer)| Some((key?, pointer)))
    }

    /// Definitions of the key attributes, by name.
    fn attributes(&self) -> Value {
        let types: BTreeMap<&str, AttributeType> = self.keys().map(|(key, _)| (key.name.as_str(), key.kind)).collect();
        types.into_iter().map(|(name, kind)| json!({ "AttributeName": name, "AttributeType": kind })).collect()
    }

    fn indexes(&self, draft: Draft) -> Draft {
        let global: Vec<Value> = self.global_secondary_indexes.iter().map(GlobalIndex::value).collect();
        let local: Vec<Value> = self.local_secondary_indexes.iter().map(|index| index.value(&self.hash_key)).collect();
        draft.from_some("GlobalSecondaryIndexes", "/globalSecondaryIndexes", (!global.is_empty()).then_some(global)).from_some(
            "LocalSecondaryIndexes",
            "/localSecondaryIndexes",
            (!local.is_empty()).then_some(local),
        )
    }

    /// The encryption, when it is not by the key that AWS owns.
    fn encryption_by_key(&self) -> Option<Value> {
        let key = self.encryption.kms_key.as_ref().filter(|_| self.encryption.enabled)?;
        Some(match key.literal() {
            Some(ACCOUNT_KEY) => json!({ "SSEEnabled": true, "SSEType": "KMS" }),
            _ => json!({ "KMSMasterKeyId": key.value(), "SSEEnabled": true, "SSEType": "KMS" }),
        })
    }
}

/// Key schema of a table or index.
fn schema(hash: &Key, range: Option<&Key>) -> Value {
    let keys = [(Some(hash), "HASH"), (range, "RANGE")];
    keys.into_iter().filter_map(|(key, role)| Some(json!({ "AttributeName": key?.name, "KeyType": role }))).collect()
}

fn throughput(read: Option<u32>, write: Option<u32>) -> Option<Value> {
    Some(json!({ "ReadCapacityUnits": read?, "WriteCapacityUnits": write? }))
}

fn projection(projection: Projection, attributes: &[String]) -> Value {
    match projection {
        Projection::Include => json!({ "NonKeyAttributes": attributes, "ProjectionType": "INCLUDE" }),
        other => json!({ "ProjectionType": other }),
    }
}

impl GlobalIndex {
    fn value(&self) -> Value {
        let mut index = json!({
            "IndexName": self.name,
            "KeySchema": schema(&self.hash_key, self.range_key.as_ref()),
            "Projection": projection(self.projection, &self.attributes),
        });
        if let Some(throughput) = throughput(self.read_capacity, self.write_capacity) {
            index["ProvisionedThroughput"] = throughput;
        }
        index
    }
}

impl LocalIndex {
    fn value(&self, hash: &Key) -> Value {
        json!({
            "IndexName": self.name,
            "KeySchema": schema(hash, Some(&self.range_key)),
            "Projection": projection(self.projection, &self.attributes),
        })
    }
}

impl BillingMode {
    fn name(self) -> &'static str {
        match self {
            Self::PayPerRequest => "PAY_PER_REQUEST",
            Self::Provisioned => "PROVISIONED",
        }
    }
}

#[cfg(test)]
mod tests;
