//! Two groups of fields that stand side by side in one map: those that several kinds share, and a kind's own.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use serde_json::{Map, Value};

/// A group of fields that stands in a map beside others.
pub(crate) trait Group: Serialize + DeserializeOwned + JsonSchema {
    /// Names of its fields, as they stand in YAML.
    const FIELDS: &'static [&'static str];
}

/// A group and the fields beside it. Each side refuses fields that it does not know, so together they refuse all others.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct With<G, O> {
    /// The shared group.
    pub(crate) group: G,
    /// The fields beside it.
    pub(crate) own: O,
}

impl<G: Group, O: Serialize> Serialize for With<G, O> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (group, own) = (serde_json::to_value(&self.group), serde_json::to_value(&self.own));
        match (group.map_err(ser::Error::custom)?, own.map_err(ser::Error::custom)?) {
            (Value::Object(mut map), Value::Object(own)) => {
                map.extend(own);
                map.serialize(serializer)
            }
            _ => Err(ser::Error::custom("a group of fields is a map")),
        }
    }
}

impl<'de, G: Group, O: DeserializeOwned> Deserialize<'de> for With<G, O> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut own = Map::deserialize(deserializer)?;
        let group: Map<String, Value> = take(&mut own, G::FIELDS);
        let read = |map| Value::Object(map);
        Ok(Self {
            group: serde_json::from_value(read(group)).map_err(de::Error::custom)?,
            own: serde_json::from_value(read(own)).map_err(de::Error::custom)?,
        })
    }
}

/// Takes the named fields out of a map.
pub(super) fn take(map: &mut Map<String, Value>, fields: &[&str]) -> Map<String, Value> {
    fields.iter().filter_map(|field| map.shift_remove_entry(*field)).collect()
}

impl<G: Group, O: JsonSchema> JsonSchema for With<G, O> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}With{}", O::schema_name(), G::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = O::json_schema(generator);
        let group = G::json_schema(generator).to_value();
        for key in ["properties", "required"] {
            let own = schema.ensure_object().shift_remove(key);
            let both = match (group.get(key).cloned(), own) {
                (Some(Value::Object(mut both)), Some(Value::Object(own))) => {
                    both.extend(own);
                    Value::Object(both)
                }
                (Some(Value::Array(mut both)), Some(Value::Array(own))) => {
                    both.extend(own);
                    Value::Array(both)
                }
                (Some(one), _) | (None, Some(one)) => one,
                (None, None) => continue,
            };
            schema.insert(key.to_owned(), both);
        }
        schema
    }
}
