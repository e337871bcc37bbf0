//! The JSON Schema of a kind's whole `spec`, derived from its struct and the shared fields.
//!
//! Everything stands inline and is made plainer than what schemars derives: an absent option is absent and not null, and an enumeration is
//! `enum`, with the meaning of each value in `x-panka-values`.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

use super::shared::Shared;

/// Derives the schema of a type.
pub(super) fn of<T: JsonSchema>() -> Schema {
    SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true).into_generator().into_root_schema_for::<T>()
}

/// Puts the shared fields into the schema of a kind's own.
pub(super) fn complete(own: Option<Schema>) -> Value {
    let Some(own) = own else { return json!({ "type": "object" }) };
    let (mut schema, mut shared) = (own.to_value(), of::<Shared>().to_value());
    plain(&mut schema);
    plain(&mut shared);
    if let Some(map) = schema.as_object_mut() {
        map.shift_remove("$schema");
        map.shift_remove("title");
        let fields = map.entry("properties").or_insert_with(|| Value::Object(Map::new()));
        if let (Some(fields), Some(shared)) = (fields.as_object_mut(), shared["properties"].as_object()) {
            fields.extend(shared.iter().map(|(name, node)| (name.clone(), node.clone())));
        }
    }
    schema
}

/// Whether the field at a pointer of a spec takes one string and nothing else.
pub(super) fn takes_text_only(schema: &Value, pointer: &str) -> bool {
    fn texts(node: &Value) -> bool {
        match node["anyOf"].as_array() {
            Some(branches) => branches.iter().any(texts),
            None => node["type"] == "string",
        }
    }
    fn below<'a>(node: &'a Value, segment: &str) -> Option<&'a Value> {
        let here = node["properties"].get(segment).or_else(|| node.get("items")).or_else(|| node.get("additionalProperties"));
        here.filter(|node| node.is_object())
            .or_else(|| node["anyOf"].as_array().into_iter().flatten().find_map(|branch| below(branch, segment)))
    }
    let mut node = schema;
    for segment in pointer.split('/').skip(1) {
        match below(node, segment) {
            Some(next) => node = next,
            None => return false,
        }
    }
    texts(node)
}

fn plain(node: &mut Value) {
    match node {
        Value::Object(map) => {
            map.values_mut().for_each(plain);
            not_null(map);
            enumerate(map);
            if map.get("default").is_some_and(Value::is_null) {
                map.shift_remove("default");
            }
            // Formats that schemars gives to Rust's number types say nothing about a manifest.
            if map.get("format").and_then(Value::as_str).is_some_and(|format| format.starts_with("uint") || format.starts_with("int")) {
                map.shift_remove("format");
            }
        }
        Value::Array(items) => items.iter_mut().for_each(plain),
        _ => {}
    }
}

fn not_null(map: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = map.get_mut("type") {
        types.retain(|name| name != "null");
        if types.len() == 1 {
            let only = types.remove(0);
            map.insert("type".into(), only);
        }
    }
    if let Some(Value::Array(branches)) = map.get_mut("anyOf") {
        branches.retain(|branch| branch["type"] != "null");
        if branches.len() == 1
            && let Some(Value::Array(mut branches)) = map.shift_remove("anyOf")
            && let Value::Object(only) = branches.remove(0)
        {
            for (key, value) in only {
                map.entry(key).or_insert(value);
            }
        }
    }
    if let Some(Value::Array(values)) = map.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
}

fn enumerate(map: &mut Map<String, Value>) {
    let Some(Value::Array(branches)) = map.get("oneOf") else { return };
    if !branches.iter().all(|branch| branch["const"].is_string()) {
        return;
    }
    let values: Vec<Value> = branches.iter().map(|branch| branch["const"].clone()).collect();
    let meanings: Map<String, Value> =
        branches.iter().filter_map(|branch| Some((branch["const"].as_str()?.to_owned(), branch.get("description")?.clone()))).collect();
    map.shift_remove("oneOf");
    map.insert("type".into(), "string".into());
    map.insert("enum".into(), values.into());
    if !meanings.is_empty() {
        map.insert("x-panka-values".into(), meanings.into());
    }
}
