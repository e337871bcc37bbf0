//! A CloudFormation template of the whole graph.
//!
//! Physical names stay as they are, so that the template describes the same resources. References become `Ref`, `Fn::GetAtt` and
//! `Fn::Sub`, account facts pseudo parameters, secrets dynamic references. What a template cannot say, the answer of a service API, becomes a
//! parameter.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::logical::ids;
use super::refs;
use crate::address::Address;
use crate::catalog::catalog;
use crate::document::canonical;
use crate::graph::Graph;
use crate::resource::{Form, Resource};
use crate::schema::Type;

/// Writes the template.
pub fn cloudformation(graph: &Graph) -> Value {
    let mut template = Template {
        resources: graph.resources.iter().map(|resource| (resource.address.as_str(), resource)).collect(),
        ids: ids(graph.resources.iter().map(|resource| resource.address.as_str())),
        parameters: BTreeMap::new(),
        used: BTreeSet::new(),
    };
    let mut resources = Map::new();
    for resource in &graph.resources {
        resources.insert(template.ids[resource.address.as_str()].clone(), template.resource(resource));
    }
    // Those of components would soon be more than the 200 that a template may have; a template shows every attribute by itself.
    let outputs_of_stack = || graph.outputs.iter().filter(|(name, _)| !name.contains('/'));
    let names = ids(outputs_of_stack().map(|(name, _)| name.as_str()));
    let mut outputs = Map::new();
    for (name, value) in outputs_of_stack() {
        outputs.insert(names[name.as_str()].clone(), json!({ "Description": name, "Value": template.output(value) }));
    }
    let mut out = Map::new();
    out.insert("AWSTemplateFormatVersion".into(), json!("2010-09-09"));
    out.insert("Description".into(), json!(format!("{} in {}", graph.stack, graph.environment)));
    if !template.parameters.is_empty() {
        out.insert("Parameters".into(), json!(template.parameters));
    }
    out.insert("Resources".into(), Value::Object(resources));
    if !outputs.is_empty() {
        out.insert("Outputs".into(), Value::Object(outputs));
    }
    Value::Object(out)
}

struct Template<'g> {
    resources: BTreeMap<&'g str, &'g Resource>,
    ids: BTreeMap<&'g str, String>,
    parameters: BTreeMap<String, Value>,
    /// Resources that the one being written refers to.
    used: BTreeSet<Address>,
}

/// A value that can stand in a text.
enum Piece {
    /// Literal text.
    Text(String),
    /// What `${…}` holds.
    Variable(String),
    /// Anything else.
    Other(Value),
}

impl Template<'_> {
    fn resource(&mut self, resource: &Resource) -> Value {
        self.used.clear();
        let properties: Map<String, Value> = resource
            .properties
            .iter()
            .filter(|(name, _)| !is_left_to_others(resource, name))
            .map(|(name, value)| (name.clone(), self.value(value)))
            .collect();
        let waits: Vec<&String> =
            resource.depends_on.iter().filter(|need| !self.used.contains(*need)).filter_map(|need| self.ids.get(need.as_str())).collect();
        let policy = match resource.lifecycle.retain_on_delete || resource.lifecycle.protect {
            true => "Retain",
            false if has_snapshots(resource) => "Snapshot",
            false => "Delete",
        };
        let mut out = Map::new();
        out.insert("Type".into(), json!(resource.type_name));
        if !waits.is_empty() {
            out.insert("DependsOn".into(), json!(waits));
        }
        out.insert("DeletionPolicy".into(), json!(policy));
        out.insert("UpdateReplacePolicy".into(), json!(policy));
        out.insert("Properties".into(), Value::Object(properties));
        out.insert("Metadata".into(), json!({ "panka:address": resource.address }));
        Value::Object(out)
    }

    fn value(&mut self, value: &Value) -> Value {
        match Form::of(value) {
            Form::Plain(Value::Object(map)) => Value::Object(map.iter().map(|(key, inner)| (key.clone(), self.value(inner))).collect()),
            Form::Plain(Value::Array(items)) => Value::Array(items.iter().map(|inner| self.value(inner)).collect()),
            Form::Plain(_) => value.clone(),
            Form::Literal(inner) => inner.clone(),
            Form::Ref { address, attribute } => self.reference(address, attribute),
            Form::Aws(fact) => json!({ "Ref": pseudo(fact) }),
            Form::Join(parts) => {
                let pieces = parts.iter().flat_map(|part| self.pieces(part)).collect();
                text(pieces)
            }
            Form::Json(inner) => {
                let pieces = self.json_pieces(inner);
                text(pieces)
            }
            Form::Secret(identity) => {
                let pieces = self.secret(identity);
                text(pieces)
            }
            Form::Sensitive(digest) => self.parameter("Sensitive", digest, json!({ "Type": "String", "NoEcho": true })),
            Form::Lookup(lookup) => {
                let description = format!("answer of {}", lookup.get("$lookup").and_then(Value::as_str).unwrap_or("a service"));
                self.parameter("Lookup", &value.to_string(), json!({ "Type": "String", "Description": description }))
            }
        }
    }

    fn parameter(&mut self, kind: &str, identity: &str, parameter: Value) -> Value {
        let digest = crate::document::Digest::of_bytes(identity.as_bytes());
        let name = format!("{kind}{}", digest.short());
        self.parameters.insert(name.clone(), parameter);
        json!({ "Ref": name })
    }

    /// `Ref` where the attribute is the identifier, the value itself where it is given, `Fn::GetAtt` where the service sets it.
    fn reference(&mut self, address: &str, attribute: &str) -> Value {
        let (Some(target), Some(id)) = (self.resources.get(address).copied(), self.ids.get(address).cloned()) else {
            return json!({ "Ref": address });
        };
        let info = catalog().get(&target.type_name);
        let pointer = format!("/{}", attribute.replace('.', "/"));
        let identifier = info.and_then(|info| if let [only] = info.primary_identifier() { Some(only.as_str()) } else { None });
        let read_only = info.is_some_and(|info| info.is_read_only(&pointer));
        if attribute == "id" || identifier == Some(&pointer) {
            self.used.insert(target.address.clone());
            return match identifier.filter(|_| !refs::is_identifier(&target.type_name)) {
                Some(identifier) => json!({ "Fn::GetAtt": [id, identifier[1..].replace('/', ".")] }),
                None => json!({ "Ref": id }),
            };
        }
        if !read_only && let Some(given) = crate::plan::below(&target.properties, attribute) {
            let given = given.clone();
            return self.value(&given);
        }
        self.used.insert(target.address.clone());
        match attribute.rsplit_once('.') {
            Some((list, number)) if number.bytes().all(|byte| byte.is_ascii_digit()) => {
                json!({ "Fn::Select": [number, { "Fn::GetAtt": [id, list] }] })
            }
            _ => json!({ "Fn::GetAtt": [id, attribute] }),
        }
    }

    fn pieces(&mut self, part: &Value) -> Vec<Piece> {
        match Form::of(part) {
            Form::Plain(Value::String(text)) => vec![Piece::Text(text.clone())],
            Form::Plain(Value::Null) => Vec::new(),
            Form::Plain(plain @ (Value::Object(_) | Value::Array(_))) => self.json_pieces(plain),
            Form::Plain(scalar) => vec![Piece::Text(scalar.to_string())],
            Form::Literal(inner) => vec![Piece::Text(inner.as_str().map_or_else(|| json_text(inner), str::to_owned))],
            Form::Secret(identity) => self.secret(identity),
            Form::Join(parts) => parts.iter().flat_map(|part| self.pieces(part)).collect(),
            Form::Json(inner) => self.json_pieces(inner),
            Form::Ref { .. } | Form::Aws(_) | Form::Sensitive(_) | Form::Lookup(_) => {
                let value = self.value(part);
                vec![piece(value)]
            }
        }
    }

    /// The JSON text of a value, cut where forms stand.
    fn json_pieces(&mut self, value: &Value) -> Vec<Piece> {
        let literal = |text: &str| Piece::Text(text.to_owned());
        match Form::of(value) {
            Form::Plain(Value::Object(map)) => {
                let mut keys: Vec<&String> = map.keys().collect();
                keys.sort_unstable();
                let mut pieces = vec![literal("{")];
                for (n, key) in keys.into_iter().enumerate() {
                    let comma = if n > 0 { "," } else { "" };
                    pieces.push(Piece::Text(format!("{comma}{}:", json_text(&json!(key)))));
                    pieces.extend(self.json_pieces(&map[key]));
                }
                pieces.push(literal("}"));
                pieces
            }
            Form::Plain(Value::Array(items)) => {
                let mut pieces = vec![literal("[")];
                for (n, item) in items.iter().enumerate() {
                    pieces.push(literal(if n > 0 { "," } else { "" }));
                    pieces.extend(self.json_pieces(item));
                }
                pieces.push(literal("]"));
                pieces
            }
            Form::Plain(scalar) => vec![Piece::Text(json_text(scalar))],
            Form::Literal(inner) => vec![Piece::Text(json_text(inner))],
            _ => {
                let mut pieces = self.pieces(value);
                if self.is_text(value) {
                    pieces.iter_mut().for_each(|piece| {
                        if let Piece::Text(text) = piece {
                            let quoted = json_text(&json!(text));
                            *text = quoted[1..quoted.len() - 1].to_owned();
                        }
                    });
                    pieces.insert(0, literal("\""));
                    pieces.push(literal("\""));
                }
                pieces
            }
        }
    }

    /// Tells whether a form stands for text, which JSON quotes.
    fn is_text(&self, value: &Value) -> bool {
        let Form::Ref { address, attribute } = Form::of(value) else { return true };
        let info = self.resources.get(address).and_then(|target| catalog().get(&target.type_name));
        let types = info.and_then(|info| info.attribute(attribute).ok()).map(|found| found.types);
        types.is_none_or(|types| types.is_empty() || types.contains(Type::String))
    }

    fn secret(&mut self, identity: &Map<String, Value>) -> Vec<Piece> {
        let text = |text: &str| Piece::Text(text.to_owned());
        let mut pieces = Vec::new();
        if let Some(parameter) = identity.get("parameter") {
            pieces.push(text("{{resolve:ssm-secure:"));
            pieces.extend(self.pieces(parameter));
            pieces.push(text("}}"));
            return pieces;
        }
        pieces.push(text("{{resolve:secretsmanager:"));
        if let Some(name) = identity.get("arn").or_else(|| identity.get("name")) {
            pieces.extend(self.pieces(name));
        }
        if identity.contains_key("key") || identity.contains_key("version") {
            pieces.push(text(":SecretString:"));
            pieces.extend(identity.get("key").map(|key| self.pieces(key)).unwrap_or_default());
        }
        if let Some(version) = identity.get("version") {
            pieces.push(text("::"));
            pieces.extend(self.pieces(version));
        }
        pieces.push(text("}}"));
        pieces
    }

    /// An output is one text: lists are joined by commas.
    fn output(&mut self, value: &Value) -> Value {
        let list = match Form::of(value) {
            Form::Ref { address, attribute } => {
                let info = self.resources.get(address).and_then(|target| catalog().get(&target.type_name));
                let types = info.and_then(|info| info.attribute(attribute).ok()).map(|found| found.types);
                types.is_some_and(|types| !types.is_empty() && types.contains(Type::Array) && !types.contains(Type::String))
            }
            _ => false,
        };
        match self.value(value) {
            rendered if list => json!({ "Fn::Join": [",", rendered] }),
            Value::Array(items) => json!({ "Fn::Join": [",", items] }),
            Value::Object(map) if !map.keys().any(|key| key == "Ref" || key.starts_with("Fn::")) => json!(json_text(&Value::Object(map))),
            scalar @ (Value::Number(_) | Value::Bool(_)) => json!(scalar.to_string()),
            rendered => rendered,
        }
    }
}

/// Whether something else than the template sets a property from its first value on: a service under autoscaling must not fall back with every
/// update. `CloudFormation` leaves the number of tasks alone where the template has none.
fn is_left_to_others(resource: &Resource, name: &str) -> bool {
    resource.type_name.as_str() == "AWS::ECS::Service"
        && name == "DesiredCount"
        && resource.lifecycle.ignore_changes.iter().any(|path| path == "/DesiredCount")
}

/// Types of which `CloudFormation` takes a snapshot before it deletes one.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html>
const SNAPSHOTS: [&str; 8] = [
    "AWS::DocDB::DBCluster",
    "AWS::EC2::Volume",
    "AWS::ElastiCache::CacheCluster",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::Neptune::DBCluster",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::Redshift::Cluster",
];

/// Whether a snapshot can be taken: not of the members of a cluster, whose data are the cluster's.
fn has_snapshots(resource: &Resource) -> bool {
    SNAPSHOTS.contains(&resource.type_name.as_str()) && !resource.properties.contains_key("DBClusterIdentifier")
}

fn pseudo(fact: &str) -> &'static str {
    match fact {
        "account" => "AWS::AccountId",
        "region" => "AWS::Region",
        "partition" => "AWS::Partition",
        _ => "AWS::URLSuffix",
    }
}

/// A rendered value as a part of a text.
fn piece(value: Value) -> Piece {
    match &value {
        Value::String(text) => return Piece::Text(text.clone()),
        Value::Number(_) | Value::Bool(_) => return Piece::Text(value.to_string()),
        _ => {}
    }
    if let Some(name) = value.get("Ref").and_then(Value::as_str) {
        return Piece::Variable(name.to_owned());
    }
    if let Some(text) = value.get("Fn::Sub").and_then(Value::as_str) {
        return Piece::Other(json!({ "Fn::Sub": text }));
    }
    match value.get("Fn::GetAtt").and_then(Value::as_array).map(Vec::as_slice) {
        Some([Value::String(id), Value::String(attribute)]) => Piece::Variable(format!("{id}.{attribute}")),
        _ => Piece::Other(value),
    }
}

/// Pieces as one value: plain text, `Fn::Sub`, or `Fn::Join` where a piece is neither text nor variable.
fn text(pieces: Vec<Piece>) -> Value {
    let escaped = |text: &str| text.replace("${", "${!");
    if pieces.iter().all(|piece| matches!(piece, Piece::Text(_))) {
        return Value::String(
            pieces.iter().filter_map(|piece| if let Piece::Text(text) = piece { Some(text.as_str()) } else { None }).collect(),
        );
    }
    if pieces.iter().any(|piece| matches!(piece, Piece::Other(_))) {
        let parts = pieces.into_iter().filter_map(|piece| match piece {
            Piece::Text(text) if text.is_empty() => None,
            Piece::Text(text) => Some(Value::String(text)),
            Piece::Variable(variable) => Some(match variable.split_once('.') {
                Some((id, attribute)) => json!({ "Fn::GetAtt": [id, attribute] }),
                None => json!({ "Ref": variable }),
            }),
            Piece::Other(value) => Some(value),
        });
        return json!({ "Fn::Join": ["", parts.collect::<Vec<_>>()] });
    }
    let sub: String = pieces
        .into_iter()
        .map(|piece| match piece {
            Piece::Text(text) => escaped(&text),
            Piece::Variable(variable) => format!("${{{variable}}}"),
            Piece::Other(_) => unreachable!("other pieces are joined"),
        })
        .collect();
    json!({ "Fn::Sub": sub })
}

fn json_text(value: &Value) -> String {
    String::from_utf8(canonical(value)).expect("JSON text is UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::sample::{graph, queue, resource};

    fn property(resource: Resource, name: &str) -> Value {
        let dlq = queue("a/dlq/queue").with("QueueName", json!("shop-dlq")).with("Tags", json!([]));
        let table = resource_of_db();
        let address = resource.address.clone();
        let template = cloudformation(&graph([dlq, table, resource]));
        let resources = template["Resources"].as_object().unwrap();
        let found = resources.values().find(|one| one["Metadata"]["panka:address"] == json!(address)).unwrap();
        found["Properties"][name].clone()
    }

    fn resource_of_db() -> Resource {
        resource("a/db/instance", "AWS::RDS::DBInstance", json!({"DBInstanceIdentifier": "shop-db"}))
    }

    fn rendered(value: Value) -> Value {
        property(queue("a/one/queue").with("KmsMasterKeyId", value), "KmsMasterKeyId")
    }

    #[test]
    fn an_identifier_is_a_ref_and_another_attribute_a_get_att() {
        assert_eq!(rendered(json!({"$ref": "a/dlq/queue", "attribute": "QueueUrl"})), json!({"Ref": "ADlqQueue"}));
        assert_eq!(rendered(json!({"$ref": "a/dlq/queue", "attribute": "id"})), json!({"Ref": "ADlqQueue"}));
        assert_eq!(rendered(json!({"$ref": "a/dlq/queue", "attribute": "Arn"})), json!({"Fn::GetAtt": ["ADlqQueue", "Arn"]}));
        assert_eq!(
            rendered(json!({"$ref": "a/db/instance", "attribute": "Endpoint.Address"})),
            json!({"Fn::GetAtt": ["ADbInstance", "Endpoint.Address"]})
        );
    }

    #[test]
    fn a_given_property_is_written_out_and_waited_for() {
        let user = queue("a/one/queue").refers("KmsMasterKeyId", "a/dlq/queue", "QueueName");
        let template = cloudformation(&graph([queue("a/dlq/queue").with("QueueName", json!("shop-dlq")), user]));
        let one = &template["Resources"]["AOneQueue"];
        assert_eq!(one["Properties"]["KmsMasterKeyId"], json!("shop-dlq"));
        assert_eq!(one["DependsOn"], json!(["ADlqQueue"]));
    }

    #[test]
    fn an_edge_that_a_reference_implies_is_not_repeated() {
        let user = queue("a/one/queue").refers("KmsMasterKeyId", "a/dlq/queue", "Arn");
        let template = cloudformation(&graph([queue("a/dlq/queue"), user]));
        assert_eq!(template["Resources"]["AOneQueue"].get("DependsOn"), None);
    }

    #[test]
    fn a_join_is_a_sub_and_dollars_in_it_are_escaped() {
        let join = json!({"$join": ["x${y}-", {"$aws": "account"}, ":", {"$ref": "a/dlq/queue", "attribute": "Arn"}]});
        assert_eq!(rendered(join), json!({"Fn::Sub": "x${!y}-${AWS::AccountId}:${ADlqQueue.Arn}"}));
        assert_eq!(rendered(json!({"$join": ["${not}", "-a"]})), json!("${not}-a"));
    }

    #[test]
    fn a_document_as_text_keeps_its_references() {
        let document = json!({"$json": {"arn": {"$ref": "a/dlq/queue", "attribute": "Arn"}, "n": 1, "port": {"$ref": "a/db/instance", "attribute": "Endpoint.Port"}, "t": {"$join": ["\"", {"$aws": "region"}]}}});
        assert_eq!(
            rendered(document),
            json!({"Fn::Sub": "{\"arn\":\"${ADlqQueue.Arn}\",\"n\":1,\"port\":\"${ADbInstance.Endpoint.Port}\",\"t\":\"\\\"${AWS::Region}\"}"})
        );
    }

    #[test]
    fn a_secret_is_a_dynamic_reference() {
        assert_eq!(
            rendered(json!({"$secret": {"name": "prod/db", "key": "password"}})),
            json!("{{resolve:secretsmanager:prod/db:SecretString:password}}")
        );
        assert_eq!(
            rendered(
                json!({"$secret": {"arn": {"$ref": "a/db/instance", "attribute": "MasterUserSecret.SecretArn"}, "key": "password", "version": "v1"}})
            ),
            json!({"Fn::Sub": "{{resolve:secretsmanager:${ADbInstance.MasterUserSecret.SecretArn}:SecretString:password::v1}}"})
        );
        assert_eq!(rendered(json!({"$secret": {"parameter": "/prod/db"}})), json!("{{resolve:ssm-secure:/prod/db}}"));
    }

    #[test]
    fn a_lookup_becomes_a_parameter() {
        let lookup = json!({"$lookup": "kafka:GetBootstrapBrokers", "of": "x", "field": "y"});
        let template = cloudformation(&graph([queue("a/one/queue").with("KmsMasterKeyId", lookup)]));
        let (name, parameter) = template["Parameters"].as_object().unwrap().iter().next().unwrap();
        assert_eq!(parameter["Type"], json!("String"));
        assert_eq!(template["Resources"]["AOneQueue"]["Properties"]["KmsMasterKeyId"], json!({"Ref": name}));
    }

    #[test]
    fn protection_and_retention_keep_the_resource() {
        let kept = [
            queue("a/one/queue").living(|life| life.protect = true),
            queue("a/two/queue").living(|life| life.retain_on_delete = true),
            queue("a/three/queue"),
        ];
        let template = cloudformation(&graph(kept));
        for (id, policy) in [("AOneQueue", "Retain"), ("ATwoQueue", "Retain"), ("AThreeQueue", "Delete")] {
            assert_eq!(template["Resources"][id]["DeletionPolicy"], json!(policy));
            assert_eq!(template["Resources"][id]["UpdateReplacePolicy"], json!(policy));
        }
    }

    #[test]
    fn a_database_that_goes_leaves_a_snapshot() {
        let member = resource("a/db/instance-1", "AWS::RDS::DBInstance", json!({"DBClusterIdentifier": "shop"}));
        let template = cloudformation(&graph([resource_of_db(), member, resource("a/c/cluster", "AWS::RDS::DBCluster", json!({}))]));
        for (id, policy) in [("ADbInstance", "Snapshot"), ("ADbInstance1", "Delete"), ("ACCluster", "Snapshot")] {
            assert_eq!(template["Resources"][id]["DeletionPolicy"], json!(policy), "{id}");
            assert_eq!(template["Resources"][id]["UpdateReplacePolicy"], json!(policy), "{id}");
        }
    }

    #[test]
    fn what_autoscaling_sets_stands_in_no_template() {
        let service = |ignored: &[&str]| {
            let service = resource("a/api/service", "AWS::ECS::Service", json!({"DesiredCount": 2, "TaskDefinition": "t"}));
            service.living(|life| life.ignore_changes = ignored.iter().map(|path| (*path).to_owned()).collect())
        };
        let count = |service: Resource| cloudformation(&graph([service]))["Resources"]["AApiService"]["Properties"]["DesiredCount"].clone();
        assert_eq!((count(service(&[])), count(service(&["/DesiredCount"]))), (json!(2), Value::Null));
    }

    #[test]
    fn a_rule_is_named_by_its_arn_although_ref_gives_its_name() {
        let rule = resource("a/r/rule", "AWS::Events::Rule", json!({"Name": "nightly"}));
        let user = queue("a/one/queue").refers("KmsMasterKeyId", "a/r/rule", "Arn");
        let template = cloudformation(&graph([rule, user]));
        assert_eq!(template["Resources"]["AOneQueue"]["Properties"]["KmsMasterKeyId"], json!({"Fn::GetAtt": ["ARRule", "Arn"]}));
    }

    #[test]
    fn outputs_are_text() {
        let mut whole = graph([queue("a/one/queue")]);
        whole.outputs.insert("arn".into(), json!({"$ref": "a/one/queue", "attribute": "Arn"}));
        whole.outputs.insert("port".into(), json!(8080));
        whole.outputs.insert("map".into(), json!({"a": 1}));
        whole.outputs.insert("a/one.url".into(), json!({"$ref": "a/one/queue", "attribute": "QueueUrl"}));
        let template = cloudformation(&whole);
        assert_eq!(template["Outputs"]["Arn"], json!({"Description": "arn", "Value": {"Fn::GetAtt": ["AOneQueue", "Arn"]}}));
        assert_eq!(template["Outputs"]["Port"]["Value"], json!("8080"));
        assert_eq!(template["Outputs"]["Map"]["Value"], json!("{\"a\":1}"));
        assert_eq!(template["Outputs"].as_object().unwrap().len(), 3, "those of components are left out");
    }
}
