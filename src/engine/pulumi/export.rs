//! What Pulumi has: its exported state, in AWS's names.
//!
//! In: the text of `pulumi stack export`, and the address of each logical name. Out: an [`Instance`] for every resource, without what is encrypted.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::account::Account;
use crate::address::Address;
use crate::apply::provider::Live;
use crate::apply::whole::Instance;
use crate::catalog::{self, TypeInfo, catalog};
use crate::render::pulumi::{names, nested_values};
use crate::resource::{Form, TypeName};
use crate::schema::Place;

use super::stream;

/// The key that marks a value as something else than it looks like: encrypted, for one.
const MARK: &str = "4dabf18193072939515e22adb298388d";

/// The exported state.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Exported {
    #[serde(default)]
    deployment: Deployment,
    /// The text that was read.
    #[serde(skip)]
    text: String,
}

#[derive(Debug, Default, Deserialize)]
struct Deployment {
    #[serde(default)]
    resources: Vec<Resource>,
    #[serde(default)]
    pending_operations: Option<Vec<Pending>>,
}

/// An operation that was begun and whose end nobody has seen.
#[derive(Debug, Deserialize)]
struct Pending {
    /// As it is noted: a [`Resource`].
    resource: Value,
    #[serde(rename = "type")]
    operation: String,
}

/// A create whose end nobody has seen.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Unfinished {
    pub(super) name: String,
    pub(super) address: Address,
    /// What Pulumi noted of it.
    pub(super) resource: Value,
    /// The identifier that it must have, where that follows from its properties.
    pub(super) identifier: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Resource {
    urn: String,
    #[serde(default)]
    custom: bool,
    #[serde(default)]
    delete: bool,
    #[serde(default)]
    id: String,
    #[serde(rename = "type")]
    token: String,
    #[serde(default)]
    inputs: Map<String, Value>,
    #[serde(default)]
    outputs: Map<String, Value>,
    #[serde(default)]
    protect: bool,
    #[serde(default, rename = "retainOnDelete")]
    retain: bool,
}

/// What a logical name stands for.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) address: Address,
    pub(super) type_name: TypeName,
    pub(super) nested: bool,
}

impl Exported {
    /// Reads the text; an empty stack has no deployment.
    pub(super) fn read(text: &str) -> Result<Self, serde_json::Error> {
        let mut value: Value = serde_json::from_str(text)?;
        if !value["version"].is_number() {
            return Err(serde::de::Error::missing_field("version"));
        }
        if value["deployment"].is_null() {
            value["deployment"] = Value::Object(Map::new());
        }
        Ok(Self { text: text.to_owned(), ..serde_json::from_value(value)? })
    }

    /// The text that was read; none for a stack in which there is nothing yet.
    pub(super) fn text(&self) -> Option<&str> {
        (!self.text.is_empty()).then_some(self.text.as_str())
    }

    /// The resources by address.
    pub(super) fn instances(&self, known: &BTreeMap<String, Known>) -> BTreeMap<Address, Instance> {
        let mut instances: BTreeMap<Address, Instance> = BTreeMap::new();
        for resource in self.deployment.resources.iter().filter(|resource| resource.custom) {
            let Some(known) = known.get(&stream::name(&resource.urn)) else { continue };
            let live = resource.live(&known.type_name, known.nested);
            let instance = instances.entry(known.address.clone()).or_default();
            if resource.delete {
                instance.old.push(live.identifier);
                continue;
            }
            instance.identifier = Some(live.identifier).filter(|identifier| !identifier.is_empty());
            instance.properties = live.properties;
            instance.attributes = live.attributes;
            (instance.protect, instance.retain) = (resource.protect, resource.retain);
        }
        instances
    }

    /// Creates that were under way when a run was killed.
    pub(super) fn unfinished(&self, known: &BTreeMap<String, Known>, account: &Account) -> Vec<Unfinished> {
        let creating = self.deployment.pending_operations.iter().flatten().filter(|pending| pending.operation == "creating");
        creating
            .filter_map(|Pending { resource, .. }| {
                let name = stream::name(resource["urn"].as_str()?);
                let known = known.get(&name)?;
                let inputs = resource["inputs"].as_object().cloned().unwrap_or_default();
                let properties = to_aws(catalog().get(&known.type_name), &inputs);
                let identifier = if known.nested { None } else { identifier(&known.type_name, &properties, account) };
                Some(Unfinished { name, address: known.address.clone(), resource: resource.clone(), identifier })
            })
            .collect()
    }

    /// A resource by type and identifier.
    pub(super) fn find(&self, type_name: &TypeName, identifier: &str) -> Option<Live> {
        let token = names::token(type_name);
        let found = self.deployment.resources.iter().find(|one| one.token == token && one.id == identifier && !one.delete)?;
        Some(found.live(type_name, false))
    }

    /// URNs of the present instances of these logical names.
    pub(super) fn urns(&self, names: &BTreeSet<String>) -> Vec<String> {
        let present = self.deployment.resources.iter().filter(|one| !one.delete && names.contains(&stream::name(&one.urn)));
        present.map(|one| one.urn.clone()).collect()
    }

    /// URNs of the resources of a logical name that Pulumi protects.
    pub(super) fn protected(&self, name: &str) -> Option<&str> {
        self.deployment.resources.iter().find(|one| one.protect && stream::name(&one.urn) == name).map(|one| one.urn.as_str())
    }
}

impl Resource {
    fn live(&self, type_name: &TypeName, nested: bool) -> Live {
        if nested {
            let output = self.outputs.get("outputs").and_then(|outputs| outputs[0]["outputValue"].as_str()).unwrap_or_default();
            let (identifier, attributes) = nested_values(type_name, output);
            let identifier = if identifier.is_empty() { self.id.clone() } else { identifier };
            return Live { identifier, properties: Map::new(), attributes };
        }
        let info = catalog().get(type_name);
        let outputs = to_aws(info, &self.outputs);
        let attributes = outputs.into_iter().filter(|(name, _)| info.is_some_and(|info| is_set_by_the_service(info, name))).collect();
        Live { identifier: self.id.clone(), properties: to_aws(info, &self.inputs), attributes }
    }
}

/// The identifier of a resource, where it follows from its properties.
pub(super) fn identifier(type_name: &TypeName, properties: &Map<String, Value>, account: &Account) -> Option<String> {
    text(&catalog::known(type_name, properties, "id")?, account)
}

fn text(value: &Value, account: &Account) -> Option<String> {
    match Form::of(value) {
        Form::Plain(Value::String(text)) => Some(text.clone()),
        Form::Aws(fact) => account.fact(fact).map(str::to_owned),
        Form::Join(parts) => parts.iter().map(|part| text(part, account)).collect(),
        _ => None,
    }
}

/// Tells whether the service sets the property, or a part of it.
fn is_set_by_the_service(info: &TypeInfo, name: &str) -> bool {
    let pointer = format!("/{name}");
    info.is_read_only(&pointer) || info.read_only().any(|path| path.strip_prefix(&pointer).is_some_and(|rest| rest.starts_with('/')))
}

/// Properties in AWS's names, without those in which something is encrypted.
fn to_aws(info: Option<&TypeInfo>, properties: &Map<String, Value>) -> Map<String, Value> {
    let names = info.map(TypeInfo::property_names).unwrap_or_default();
    let back: BTreeMap<String, &str> = names.into_iter().map(|name| (names::property(name), name)).collect();
    properties
        .iter()
        .filter(|(_, value)| !is_encrypted(value))
        .filter_map(|(name, value)| {
            let name = *back.get(name)?;
            let place = info.and_then(|info| info.schema().root().field(name));
            Some((name.to_owned(), value_to_aws(place, value)))
        })
        .collect()
}

fn value_to_aws(place: Option<Place<'_>>, value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let fields = place.map(Place::fields).unwrap_or_default();
            let back: BTreeMap<String, &str> = fields.into_iter().map(|name| (names::field(name), name)).collect();
            let inner = map.iter().map(|(key, inner)| {
                let name = back.get(key).copied().unwrap_or(key);
                (name.to_owned(), value_to_aws(place.and_then(|place| place.field(name)), inner))
            });
            Value::Object(inner.collect())
        }
        Value::Array(items) => {
            let item = |number| place.and_then(|place| place.item(number));
            Value::Array(items.iter().enumerate().map(|(number, inner)| value_to_aws(item(number), inner)).collect())
        }
        // A number that came through Pulumi is a float, whatever it was.
        Value::Number(number) => number
            .as_f64()
            .filter(|float| float.fract() == 0.0 && float.abs() < 9e15)
            .map_or_else(|| value.clone(), |float| Value::from(whole(float))),
        _ => value.clone(),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the caller has seen that it is whole and small")]
fn whole(float: f64) -> i64 {
    float as i64
}

fn is_encrypted(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.contains_key(MARK) || map.values().any(is_encrypted),
        Value::Array(items) => items.iter().any(is_encrypted),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn known() -> BTreeMap<String, Known> {
        let of = |address: &str, type_name: &str| Known { address: address.parse().unwrap(), type_name: type_name.into(), nested: false };
        BTreeMap::from([
            ("a_db_instance".to_owned(), of("a/db/instance", "AWS::RDS::DBInstance")),
            ("a_q_queue".to_owned(), of("a/q/queue", "AWS::SQS::Queue")),
        ])
    }

    fn exported(resources: Value) -> Exported {
        Exported::read(&json!({"version": 3, "deployment": {"resources": resources}}).to_string()).unwrap()
    }

    #[test]
    fn names_are_those_of_aws_and_attributes_what_the_service_sets() {
        let exported = exported(json!([{
            "urn": "urn:pulumi:dev::shop::aws-native:rds:DbInstance::a_db_instance", "custom": true, "id": "shop-db",
            "type": "aws-native:rds:DbInstance",
            "inputs": {"dbName": "x", "allocatedStorage": "20", "masterUserPassword": {MARK: "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "…"},
                "tags": [{"key": "a", "value": "b"}], "backupRetentionPeriod": 7.0},
            "outputs": {"dbName": "x", "dbInstanceArn": "arn", "endpoint": {"address": "host", "port": "5432"}},
        }]));
        let instances = exported.instances(&known());
        let database = &instances["a/db/instance"];
        assert_eq!(database.identifier.as_deref(), Some("shop-db"));
        assert_eq!(
            Value::Object(database.properties.clone()),
            json!({"DBName": "x", "AllocatedStorage": "20", "Tags": [{"Key": "a", "Value": "b"}], "BackupRetentionPeriod": 7})
        );
        assert_eq!(
            Value::Object(database.attributes.clone()),
            json!({"DBInstanceArn": "arn", "Endpoint": {"Address": "host", "Port": "5432"}})
        );
        let found = exported.find(&"AWS::RDS::DBInstance".into(), "shop-db").unwrap();
        assert_eq!(found.attributes, database.attributes);
    }

    #[test]
    fn instances_that_wait_for_their_delete_stand_beside_the_present_one() {
        let queue = |id: &str, delete: bool| {
            json!({"urn": "urn:pulumi:dev::shop::aws-native:sqs:Queue::a_q_queue", "custom": true, "id": id, "type": "aws-native:sqs:Queue",
                "delete": delete})
        };
        let instances = exported(json!([queue("new", false), queue("old", true)])).instances(&known());
        let queue = &instances["a/q/queue"];
        assert_eq!((queue.identifier.as_deref(), queue.old.as_slice()), (Some("new"), ["old".to_owned()].as_slice()));
    }

    #[test]
    fn a_create_without_an_end_is_found_by_the_name_that_it_has() {
        let pending = |operation: &str| {
            json!({"type": operation, "resource": {"urn": "urn:pulumi:dev::shop::aws-native:sqs:Queue::a_q_queue", "type": "aws-native:sqs:Queue",
                "inputs": {"queueName": "shop-q"}}})
        };
        let text = json!({"version": 3, "deployment": {"pending_operations": [pending("creating"), pending("updating")]}}).to_string();
        let found = Exported::read(&text).unwrap().unfinished(&known(), &Account::new(Some("123456789012"), "eu-west-1"));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].identifier.as_deref(), Some("https://sqs.eu-west-1.amazonaws.com/123456789012/shop-q"));
    }

    #[test]
    fn a_stack_in_which_nothing_has_run_has_nothing() {
        assert!(Exported::read("{}").is_err(), "that is no export");
        assert!(Exported::read(r#"{"version": 3, "deployment": null}"#).unwrap().instances(&known()).is_empty());
        assert!(Exported::read(r#"{"version": 3}"#).unwrap().instances(&known()).is_empty());
    }
}
