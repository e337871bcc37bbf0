//! Types of spec fields that many kinds share: texts that may hold references, component references, secrets, durations.
//!
//! In: JSON of a manifest. Out: typed values that know their JSON Schema. A field of one of the reference-taking types carries
//! `"x-panka-reference": true` in its schema; on a node without `properties` and `items` that covers everything below it.

use std::borrow::Cow;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value, json};

use crate::resource::Form;

/// A string that may hold output references: a literal, `{"$output": …}`, or a `$join` with references inside.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub(crate) struct Text(Value);

impl Text {
    /// A reference to an output of a component.
    pub(crate) fn output(component: &Ref, name: &str) -> Self {
        Self(json!({ "$output": format!("{}.{name}", component.as_str()) }))
    }

    /// The text, when no reference is in it.
    pub(crate) fn literal(&self) -> Option<&str> {
        self.0.as_str()
    }

    /// The value, ready to stand in a resource property: always text, also when it refers to a number.
    pub(crate) fn value(&self) -> Value {
        if output_name(&self.0).is_some() { json!({ "$join": [&self.0] }) } else { self.0.clone() }
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<Text> for Value {
    fn from(text: Text) -> Self {
        text.value()
    }
}

impl From<&Text> for Value {
    fn from(text: &Text) -> Self {
        text.value()
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        if value.is_string() || is_reference(&value) {
            Ok(Self(value))
        } else {
            Err(de::Error::custom(format!("expected a string or an output reference, found {value}")))
        }
    }
}

impl JsonSchema for Text {
    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "x-panka-reference": true })
    }
}

/// Tells whether a value of a manifest stands for something known later.
pub(super) fn is_reference(value: &Value) -> bool {
    output_name(value).is_some() || matches!(Form::of(value), Form::Join(_) | Form::Aws(_))
}

/// The text of an output reference, `{"$output": "service/component.name"}`.
pub(super) fn output_name(value: &Value) -> Option<&str> {
    let map = value.as_object().filter(|map| map.len() == 1)?;
    map.get("$output")?.as_str()
}

/// A map whose values are free in form and may hold output references at any depth.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Tree(pub(crate) Map<String, Value>);

impl JsonSchema for Tree {
    fn schema_name() -> Cow<'static, str> {
        "Tree".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object", "x-panka-reference": true })
    }
}

/// A reference to a component: `service/component`, or a bare name for one of the same service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Ref(String);

impl Ref {
    /// The text as written.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Ref {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl JsonSchema for Ref {
    fn schema_name() -> Cow<'static, str> {
        "Ref".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "ref" })
    }
}

/// Where an AWS property gets a secret value from: a secretRef string, or `{ref, key}`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Secret {
    /// Name or ARN of a secret, `ssm:` and a parameter's path, or an output.
    pub(crate) reference: Text,
    /// Key of a JSON secret.
    pub(crate) key: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyedSecret {
    #[serde(rename = "ref")]
    reference: Text,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.key {
            None => self.reference.serialize(serializer),
            Some(key) => KeyedSecret { reference: self.reference.clone(), key: Some(key.clone()) }.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        if value.is_object() && !is_reference(&value) {
            let KeyedSecret { reference, key } = serde_json::from_value(value).map_err(de::Error::custom)?;
            return Ok(Self { reference, key });
        }
        Ok(Self { reference: serde_json::from_value(value).map_err(de::Error::custom)?, key: None })
    }
}

impl JsonSchema for Secret {
    fn schema_name() -> Cow<'static, str> {
        "Secret".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [
                secret_text(),
                {
                    "type": "object",
                    "properties": {
                        "ref": secret_text(),
                        "key": { "type": "string", "description": "Key of a JSON secret", "minLength": 1 }
                    },
                    "required": ["ref"],
                    "additionalProperties": false
                }
            ]
        })
    }
}

/// The schema of a secretRef string, for fields that hold nothing else.
pub(super) fn secret_text() -> Value {
    json!({
        "type": "string",
        "description": "Name or ARN of a Secrets Manager secret, `ssm:` and the path of a parameter, or a secret output of a component",
        "format": "secret",
        "x-panka-reference": true
    })
}

/// A length of time: `90s`, `15m`, `2h`, `1d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Period(pub(crate) Duration);

impl Period {
    /// Whole seconds.
    pub(crate) fn seconds(self) -> u64 {
        self.0.as_secs()
    }

    /// Reads the text form.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let digits = text.find(|c: char| !c.is_ascii_digit())?;
        let number: u64 = text[..digits].parse().ok()?;
        let unit = match &text[digits..] {
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            "d" => 86_400,
            _ => return None,
        };
        Some(Self(Duration::from_secs(number.checked_mul(unit)?)))
    }
}

impl std::fmt::Display for Period {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.seconds() {
            0 => f.write_str("0s"),
            s if s % 86_400 == 0 => write!(f, "{}d", s / 86_400),
            s if s % 3600 == 0 => write!(f, "{}h", s / 3600),
            s if s % 60 == 0 => write!(f, "{}m", s / 60),
            s => write!(f, "{s}s"),
        }
    }
}

impl Serialize for Period {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom(format!("`{text}` is not a duration such as 90s, 15m or 2h")))
    }
}

impl JsonSchema for Period {
    fn schema_name() -> Cow<'static, str> {
        "Period".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "duration" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_a_string_or_a_reference() {
        for value in [json!("x"), json!({"$output": "db.endpoint"}), json!({"$join": ["a", {"$output": "db.endpoint"}]})] {
            assert_eq!(serde_json::to_value(serde_json::from_value::<Text>(value.clone()).unwrap()).unwrap(), value);
        }
        for value in [json!(1), json!({"a": 1}), json!(["x"]), json!({"$output": 1})] {
            assert!(serde_json::from_value::<Text>(value).is_err());
        }
    }

    #[test]
    fn a_secret_has_two_spellings() {
        let read = |value| serde_json::from_value::<Secret>(value).unwrap();
        assert_eq!(read(json!("prod/db")), Secret { reference: "prod/db".into(), key: None });
        assert_eq!(read(json!({"ref": "prod/db", "key": "token"})), Secret { reference: "prod/db".into(), key: Some("token".into()) });
        assert_eq!(read(json!({"$output": "db.secretArn"})).reference.value(), json!({"$join": [{"$output": "db.secretArn"}]}));
        assert!(serde_json::from_value::<Secret>(json!({"key": "token"})).is_err());
    }

    #[test]
    fn a_duration_is_a_number_with_a_unit() {
        for (text, seconds) in [("90s", 90), ("15m", 900), ("2h", 7200), ("1d", 86_400)] {
            assert_eq!(Period::parse(text).unwrap().seconds(), seconds);
        }
        assert_eq!(Period::parse("120s").unwrap().to_string(), "2m");
        for text in ["", "15", "m", "1.5h", "1 h", "99999999999999999999s", "18446744073709551615h"] {
            assert_eq!(Period::parse(text), None, "{text}");
        }
    }
}
