//! The one resource form: AWS's own types and property names, with panka's value forms inside.
//!
//! In: what component kinds translate into. Out: what plans compare and engines execute. A property value is JSON; an object with one of
//! the keys of [`Form`] is not a literal but stands for a value that is known later. A literal object that happens to hold such a key
//! is wrapped as `{"$literal": …}`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::address::Address;
use crate::diagnostic::Span;
use crate::document::hex;

/// Properties of a resource: AWS's names, in byte order.
pub type Properties = Map<String, Value>;

/// How a property value is read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Form<'a> {
    /// A plain JSON value; objects and arrays may hold forms further down.
    Plain(&'a Value),
    /// `{"$literal": …}`: the value as it stands, with nothing inside it interpreted.
    Literal(&'a Value),
    /// `{"$ref": "users/db/instance", "attribute": "Endpoint.Address"}`: an attribute of a resource of this graph.
    Ref {
        /// Text of the address referred to.
        address: &'a str,
        /// Dotted attribute path; `id` is the whole primary identifier.
        attribute: &'a str,
    },
    /// `{"$join": ["https://", {"$ref": …}, "/path"]}`: the parts as one string.
    Join(&'a [Value]),
    /// `{"$aws": "account"}`: a fact of the account: account, region, partition, urlSuffix.
    Aws(&'a str),
    /// `{"$secret": {"arn" or "name": …, "key": …, "version": …}}`: a secret's value, read when it is needed and never written down. With `orWhole`
    /// the key is that of a secret which holds a JSON object; any other is taken whole.
    Secret(&'a Map<String, Value>),
    /// `{"$sensitive": "<keyed digest>"}`: what is left of a value that may not be written down.
    Sensitive(&'a str),
    /// `{"$lookup": "kafka:GetBootstrapBrokers", "of": …, "field": …}`: read of a service API after creation.
    Lookup(&'a Map<String, Value>),
    /// `{"$json": {…}}`: the JSON text of a value that may hold forms, for properties that take a document as a string.
    Json(&'a Value),
}

impl<'a> Form<'a> {
    /// Reads a value.
    pub fn of(value: &'a Value) -> Self {
        let Value::Object(map) = value else { return Self::Plain(value) };
        let Some((first, inner)) = map.iter().next() else { return Self::Plain(value) };
        if !first.starts_with('$') {
            // `attribute` sorts before nothing that starts with `$`, so the form key always stands first in sorted keys too.
            return Self::Plain(value);
        }
        match (first.as_str(), inner, map.len()) {
            ("$literal", inner, 1) => Self::Literal(inner),
            ("$json", inner, 1) => Self::Json(inner),
            ("$ref", Value::String(address), 2) => match map.get("attribute") {
                Some(Value::String(attribute)) => Self::Ref { address, attribute },
                _ => Self::Plain(value),
            },
            ("$join", Value::Array(parts), 1) => Self::Join(parts),
            ("$aws", Value::String(fact), 1) => Self::Aws(fact),
            ("$secret", Value::Object(secret), 1) => Self::Secret(secret),
            ("$sensitive", Value::String(digest), 1) => Self::Sensitive(digest),
            ("$lookup", Value::String(_), 3) => Self::Lookup(map),
            _ => Self::Plain(value),
        }
    }

    /// Tells whether the value is a form, not a plain value.
    pub fn is_form(value: &Value) -> bool {
        !matches!(Form::of(value), Form::Plain(_))
    }
}

/// Makes a reference to an attribute of a resource.
pub fn reference(address: &Address, attribute: &str) -> Value {
    json!({ "$ref": address.as_str(), "attribute": attribute })
}

/// Makes a fact of the account: account, region, partition or urlSuffix.
pub fn aws(fact: &str) -> Value {
    json!({ "$aws": fact })
}

/// Joins parts into one string value: neighbouring literals are merged, nested joins are flattened, and a join of literals alone is
/// a plain string.
pub fn join(parts: impl IntoIterator<Item = Value>) -> Value {
    fn push(out: &mut Vec<Value>, part: Value) {
        match (part, out.last_mut()) {
            (Value::Object(mut map), _) if map.len() == 1 && map.contains_key("$join") => {
                if let Some(Value::Array(inner)) = map.remove("$join") {
                    inner.into_iter().for_each(|part| push(out, part));
                }
            }
            (Value::String(text), Some(Value::String(before))) => before.push_str(&text),
            (Value::String(text), _) if text.is_empty() => {}
            (part @ (Value::Number(_) | Value::Bool(_)), _) => push(out, Value::String(part.to_string())),
            (part, _) => out.push(part),
        }
    }
    let mut out = Vec::new();
    parts.into_iter().for_each(|part| push(&mut out, part));
    match out.len() {
        0 => Value::String(String::new()),
        1 if out[0].is_string() => out.remove(0),
        _ => json!({ "$join": out }),
    }
}

/// Calls `visit` with the address and attribute of every reference below a value.
pub fn references<'a>(value: &'a Value, visit: &mut impl FnMut(&'a str, &'a str)) {
    match Form::of(value) {
        Form::Ref { address, attribute } => visit(address, attribute),
        Form::Join(parts) => parts.iter().for_each(|part| references(part, visit)),
        Form::Json(inner) => references(inner, visit),
        Form::Secret(map) | Form::Lookup(map) => map.values().for_each(|inner| references(inner, visit)),
        Form::Plain(Value::Object(map)) => map.values().for_each(|inner| references(inner, visit)),
        Form::Plain(Value::Array(items)) => items.iter().for_each(|inner| references(inner, visit)),
        Form::Plain(_) | Form::Literal(_) | Form::Aws(_) | Form::Sensitive(_) => {}
    }
}

/// Tells whether a value is a form or holds one; what stands in a `$literal` does not count.
pub fn holds_forms(value: &Value) -> bool {
    match Form::of(value) {
        Form::Plain(Value::Object(map)) => map.values().any(holds_forms),
        Form::Plain(Value::Array(items)) => items.iter().any(holds_forms),
        Form::Plain(_) | Form::Literal(_) => false,
        _ => true,
    }
}

/// When a resource runs relative to the resources of connected components.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// What a component is.
    Base,
    /// What an edge between components adds: policies, ingress rules.
    Wiring,
    /// What executes user code or carries traffic.
    Run,
}

/// Order of a replacement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReplaceOrder {
    /// The new one is made, dependants switch, the old one is deleted.
    CreateFirst,
    /// The old one is deleted, then the new one is made.
    DeleteFirst,
}

/// Time limits of the operations of a resource, in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Timeouts {
    /// Of a create.
    pub create: u64,
    /// Of an update.
    pub update: u64,
    /// Of a delete.
    pub delete: u64,
}

impl Default for Timeouts {
    fn default() -> Self {
        let limit = Duration::from_mins(30).as_secs();
        Self { create: limit, update: limit, delete: limit }
    }
}

/// The lifecycle of a resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Lifecycle {
    /// Delete and replace are refused.
    #[serde(default, skip_serializing_if = "is_false")]
    pub protect: bool,
    /// Deleting leaves the resource in AWS and forgets it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub retain_on_delete: bool,
    /// A last snapshot is made before it is deleted.
    #[serde(default, skip_serializing_if = "is_false")]
    pub final_snapshot: bool,
    /// JSON pointers that are never compared; `*` is one segment, `**` any number of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ignore_changes: Vec<String>,
    /// Order of a replacement.
    pub replace: ReplaceOrder,
    /// Time limits in seconds.
    #[serde(default, skip_serializing_if = "is_default_timeouts")]
    pub timeouts: Timeouts,
}

impl Default for Lifecycle {
    fn default() -> Self {
        Self {
            protect: false,
            retain_on_delete: false,
            final_snapshot: false,
            ignore_changes: Vec::new(),
            replace: ReplaceOrder::CreateFirst,
            timeouts: Timeouts::default(),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

fn is_default_timeouts(value: &Timeouts) -> bool {
    *value == Timeouts::default()
}

/// How the physical name of a resource is made, so that a create-first replacement can be given another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Naming {
    /// Top-level property that holds the name.
    pub property: String,
    /// The full name before cutting.
    pub base: String,
    /// Characters that the type allows, `append` included.
    pub limit: usize,
    /// What follows the name and is never cut: `.fifo`, or account and region of a bucket.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<Value>")]
    pub append: Vec<Value>,
    /// Characters that `append` takes when its forms are resolved.
    #[serde(default)]
    pub reserved: usize,
}

impl Naming {
    /// The name in a generation; from generation 1 on `-g<N>` is part of it before cutting.
    pub fn name(&self, generation: u32) -> Value {
        let full = if generation == 0 { self.base.clone() } else { format!("{}-g{generation}", self.base) };
        let head = cut(&full, self.limit.saturating_sub(self.reserved));
        join(std::iter::once(Value::String(head)).chain(self.append.iter().cloned()))
    }
}

/// Cuts a name to a limit: to `limit - 9` characters, trailing hyphens removed, then `-` and the first 8 hexadecimal digits of the
/// SHA-256 of the full name.
pub fn cut(full: &str, limit: usize) -> String {
    if full.chars().count() <= limit {
        return full.to_owned();
    }
    let head: String = full.chars().take(limit.saturating_sub(9)).collect();
    let digest = hex(&Sha256::digest(full.as_bytes())[..4]);
    format!("{}-{digest}", head.trim_end_matches('-'))
}

/// A resource as the manifests want it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Resource {
    /// Where it stands.
    pub address: Address,
    /// AWS type, `AWS::SQS::Queue`.
    #[serde(rename = "type")]
    pub type_name: TypeName,
    /// Kind of its component.
    pub component: String,
    /// AWS properties, keys sorted, value forms inside.
    #[schemars(with = "BTreeMap<String, Value>")]
    pub properties: Properties,
    /// Direct edges: references and order, sorted.
    #[serde(default)]
    pub depends_on: Vec<Address>,
    /// When it runs.
    pub tier: Tier,
    /// Its lifecycle.
    pub lifecycle: Lifecycle,
    /// How its name is made, for types with a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub naming: Option<Naming>,
    /// Carried by one CloudFormation stack of its own, since Cloud Control cannot handle its type.
    #[serde(default, skip_serializing_if = "is_false")]
    pub nested: bool,
    /// The manifest line that it comes from.
    pub source: Span,
    /// Manifest places of single properties, by JSON pointer.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub places: BTreeMap<String, Span>,
}

/// Name of an AWS resource type, `AWS::Service::Type`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeName(Cow<'static, str>);

impl TypeName {
    /// A name known when panka is built.
    pub const fn from_static(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// The whole text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for TypeName {
    fn from(name: String) -> Self {
        Self(Cow::Owned(name))
    }
}

impl From<&str> for TypeName {
    fn from(name: &str) -> Self {
        Self(Cow::Owned(name.to_owned()))
    }
}

impl std::fmt::Display for TypeName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

impl std::ops::Deref for TypeName {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Serialize for TypeName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for TypeName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.split("::").count() >= 3 {
            Ok(Self(text.into()))
        } else {
            Err(de::Error::custom(format!("`{text}` is not a resource type")))
        }
    }
}

impl JsonSchema for TypeName {
    fn schema_name() -> Cow<'static, str> {
        "TypeName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "description": "AWS resource type", "pattern": "^[A-Za-z0-9]+(::[A-Za-z0-9]+){2,}$" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_told_from_plain_objects() {
        assert!(matches!(Form::of(&json!({"$ref": "a/b/c", "attribute": "Arn"})), Form::Ref { address: "a/b/c", attribute: "Arn" }));
        assert!(matches!(Form::of(&json!({"$aws": "account"})), Form::Aws("account")));
        assert!(matches!(Form::of(&json!({"$ref": "#/components/x"})), Form::Plain(_)));
        assert!(matches!(Form::of(&json!({"Ref": "x"})), Form::Plain(_)));
        assert!(matches!(Form::of(&json!({})), Form::Plain(_)));
    }

    #[test]
    fn joins_are_flattened() {
        let inner = join([json!("b"), aws("region")]);
        assert_eq!(join([json!("a"), inner, json!("c")]), json!({"$join": ["ab", {"$aws": "region"}, "c"]}));
        assert_eq!(join([json!("a"), json!(1), json!("c")]), json!("a1c"));
        assert_eq!(join([]), json!(""));
    }

    #[test]
    fn names_are_cut_as_the_manifest_page_shows() {
        assert_eq!(cut("user-platform-production-users-api-load-balancer", 32), "user-platform-productio-64250f34");
        assert_eq!(cut("short", 32), "short");
    }

    #[test]
    fn a_generation_is_part_of_the_name_before_cutting() {
        let naming = Naming { property: "QueueName".into(), base: "a-b".into(), limit: 80, append: vec![json!(".fifo")], reserved: 5 };
        assert_eq!(naming.name(0), json!("a-b.fifo"));
        assert_eq!(naming.name(2), json!("a-b-g2.fifo"));
    }

    #[test]
    fn references_are_found_at_any_depth() {
        let value = json!({"a": [{"$join": ["x", {"$ref": "a/b/c", "attribute": "Arn"}]}], "b": {"$literal": {"$ref": "n/o/t", "attribute": "x"}},
            "c": {"$json": {"d": {"$ref": "a/b/d", "attribute": "Arn"}}}});
        let mut found = Vec::new();
        references(&value, &mut |address, _| found.push(address.to_owned()));
        assert_eq!(found, ["a/b/c", "a/b/d"]);
    }
}
