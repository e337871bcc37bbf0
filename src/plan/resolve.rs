//! Value forms to values.
//!
//! In: a property value with forms inside, and a [`Scope`] that knows attributes and facts. Out: the same value with every form replaced
//! that the scope knows; what it does not know stays as it stands. Diff asks with what will be known before apply, apply with what
//! is known when a step starts: both go through [`resolve`], so that they cannot differ.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use crate::document::canonical;
use crate::resource::{Form, Properties, holds_forms, join};
use crate::state::Record;

/// What forms may stand for.
pub trait Scope {
    /// The value of an attribute of a resource; `None` when it is not known yet.
    fn attribute(&self, address: &str, attribute: &str) -> Option<Cow<'_, Value>>;

    /// A fact of the account: account, region, partition or urlSuffix; `None` when it is not known.
    fn fact(&self, name: &str) -> Option<Cow<'_, str>>;

    /// The value of a secret. Only a scope whose values are sent and never written down gives one.
    fn secret(&self, _identity: &Map<String, Value>) -> Option<Value> {
        None
    }

    /// The answer of a service API.
    fn lookup(&self, _lookup: &Map<String, Value>) -> Option<Value> {
        None
    }
}

/// Replaces every form that the scope knows.
///
/// Literals keep their wrapper, so that the answer can be resolved again; [`plain`] takes it off.
pub fn resolve(value: &Value, scope: &dyn Scope) -> Value {
    match Form::of(value) {
        Form::Plain(Value::Object(map)) => Value::Object(map.iter().map(|(key, inner)| (key.clone(), resolve(inner, scope))).collect()),
        Form::Plain(Value::Array(items)) => Value::Array(items.iter().map(|inner| resolve(inner, scope)).collect()),
        Form::Plain(_) | Form::Literal(_) | Form::Sensitive(_) => value.clone(),
        Form::Ref { address, attribute } => match scope.attribute(address, attribute) {
            Some(known) => guarded(known.into_owned()),
            None => value.clone(),
        },
        Form::Aws(fact) => scope.fact(fact).map_or_else(|| value.clone(), |known| Value::String(known.into_owned())),
        Form::Join(parts) => join(parts.iter().map(|part| text_part(resolve(part, scope)))),
        Form::Json(inner) => {
            let inner = resolve(inner, scope);
            if holds_forms(&inner) { json!({ "$json": inner }) } else { Value::String(text_of(&plain(inner))) }
        }
        Form::Secret(identity) => {
            let identity: Map<String, Value> = identity.iter().map(|(key, inner)| (key.clone(), resolve(inner, scope))).collect();
            scope.secret(&identity).map_or_else(|| json!({ "$secret": identity }), guarded)
        }
        Form::Lookup(lookup) => scope.lookup(lookup).map_or_else(|| value.clone(), guarded),
    }
}

/// Resolves all properties.
pub fn resolve_all(properties: &Properties, scope: &dyn Scope) -> Properties {
    properties.iter().map(|(key, value)| (key.clone(), resolve(value, scope))).collect()
}

/// Tells whether a resolved value still waits for something: an attribute, a fact or a lookup. A secret is not waited for.
pub fn is_unknown(value: &Value) -> bool {
    match Form::of(value) {
        Form::Ref { .. } | Form::Aws(_) | Form::Lookup(_) => true,
        Form::Join(parts) => parts.iter().any(is_unknown),
        Form::Json(inner) => is_unknown(inner),
        Form::Secret(identity) => identity.values().any(is_unknown),
        Form::Plain(Value::Object(map)) => map.values().any(is_unknown),
        Form::Plain(Value::Array(items)) => items.iter().any(is_unknown),
        Form::Plain(_) | Form::Literal(_) | Form::Sensitive(_) => false,
    }
}

/// The same value with literals unwrapped: what a provider is sent.
pub fn plain(value: Value) -> Value {
    match value {
        Value::Object(mut map) => match map.iter().next() {
            Some((key, _)) if key == "$literal" && map.len() == 1 => map.swap_remove("$literal").unwrap_or_default(),
            _ => Value::Object(map.into_iter().map(|(key, inner)| (key, plain(inner))).collect()),
        },
        Value::Array(items) => Value::Array(items.into_iter().map(plain).collect()),
        scalar => scalar,
    }
}

/// The value of an attribute as a record has it: `id` is the identifier, anything else a dotted path into attributes or properties.
pub fn attribute_of<'a>(record: &'a Record, attribute: &str) -> Option<Cow<'a, Value>> {
    let found =
        record.attributes.get(attribute).or_else(|| below(&record.attributes, attribute)).or_else(|| below(&record.properties, attribute));
    match found {
        Some(value) => match Form::of(value) {
            Form::Sensitive(_) | Form::Secret(_) => None,
            Form::Literal(inner) => Some(Cow::Borrowed(inner)),
            _ => Some(Cow::Borrowed(value)),
        },
        None => Some(Cow::Owned(Value::String(identifier_part(record, attribute)?.to_owned()))),
    }
}

/// The part of a record's identifier that an attribute names; `id` is the whole.
fn identifier_part<'a>(record: &'a Record, attribute: &str) -> Option<&'a str> {
    let identifier = record.identifier.as_deref()?;
    if attribute == "id" {
        return Some(identifier);
    }
    let parts = crate::catalog::catalog().get(&record.type_name)?.primary_identifier();
    let wanted = format!("/{}", attribute.replace('.', "/"));
    let position = parts.iter().position(|part| *part == wanted)?;
    if parts.len() == 1 { Some(identifier) } else { identifier.split('|').nth(position) }
}

/// The value that a dotted path leads to.
pub fn below<'a>(map: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    let mut segments = path.split('.');
    let first = map.get(segments.next()?)?;
    segments.try_fold(first, |value, segment| match value {
        Value::Object(map) => map.get(segment),
        Value::Array(items) => items.get(segment.parse::<usize>().ok()?),
        _ => None,
    })
}

/// A value from outside is never read as a form.
fn guarded(value: Value) -> Value {
    let harmless = matches!(Form::of(&value), Form::Sensitive(_));
    if !harmless && holds_forms(&value) { json!({ "$literal": value }) } else { value }
}

/// A part of a join: lists and maps are joined as their JSON text.
fn text_part(part: Value) -> Value {
    match Form::of(&part) {
        Form::Plain(Value::Object(_) | Value::Array(_)) if !holds_forms(&part) => Value::String(text_of(&plain(part))),
        Form::Literal(_) => text_part(plain(part)),
        Form::Plain(Value::Null) => Value::String(String::new()),
        _ => part,
    }
}

fn text_of(value: &Value) -> String {
    String::from_utf8(canonical(value)).expect("JSON text is UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed;

    impl Scope for Fixed {
        fn attribute(&self, address: &str, attribute: &str) -> Option<Cow<'_, Value>> {
            match (address, attribute) {
                ("a/b/queue", "Arn") => Some(Cow::Owned(json!("arn:q"))),
                ("a/b/vpc", "Cidrs") => Some(Cow::Owned(json!(["10.0.0.0/16"]))),
                ("a/b/odd", "Doc") => Some(Cow::Owned(json!({"$ref": "x/y/z", "attribute": "Q"}))),
                _ => None,
            }
        }

        fn fact(&self, name: &str) -> Option<Cow<'_, str>> {
            (name == "region").then_some(Cow::Borrowed("eu-west-1"))
        }
    }

    fn arn() -> Value {
        json!({"$ref": "a/b/queue", "attribute": "Arn"})
    }

    fn unknown() -> Value {
        json!({"$ref": "a/b/db", "attribute": "Endpoint.Address"})
    }

    #[test]
    fn known_forms_are_replaced_at_any_depth() {
        let value = json!({"A": [arn(), {"B": {"$aws": "region"}}], "C": 1});
        assert_eq!(resolve(&value, &Fixed), json!({"A": ["arn:q", {"B": "eu-west-1"}], "C": 1}));
    }

    #[test]
    fn unknown_forms_stay_and_are_told() {
        let value = resolve(&json!({"A": unknown(), "B": arn()}), &Fixed);
        assert_eq!(value, json!({"A": unknown(), "B": "arn:q"}));
        assert!(is_unknown(&value));
        assert!(!is_unknown(&value["B"]));
    }

    #[test]
    fn a_join_becomes_text_once_all_parts_are_known() {
        assert_eq!(resolve(&json!({"$join": ["<", arn(), ":", 5432, ">"]}), &Fixed), json!("<arn:q:5432>"));
        let half = resolve(&json!({"$join": ["<", arn(), unknown()]}), &Fixed);
        assert_eq!(half, json!({"$join": ["<arn:q", unknown()]}));
        assert!(is_unknown(&half));
    }

    #[test]
    fn a_document_becomes_canonical_text() {
        let value = json!({"$json": {"b": arn(), "a": {"$literal": {"$ref": "no", "attribute": "form"}}}});
        assert_eq!(resolve(&value, &Fixed), json!(r#"{"a":{"$ref":"no","attribute":"form"},"b":"arn:q"}"#));
        assert!(is_unknown(&resolve(&json!({"$json": {"b": unknown()}}), &Fixed)));
    }

    #[test]
    fn a_secret_keeps_its_identity_and_is_not_waited_for() {
        let value = resolve(&json!({"$secret": {"arn": arn(), "key": "password"}}), &Fixed);
        assert_eq!(value, json!({"$secret": {"arn": "arn:q", "key": "password"}}));
        assert!(!is_unknown(&value));
        assert!(is_unknown(&resolve(&json!({"$secret": {"arn": unknown()}}), &Fixed)));
    }

    #[test]
    fn a_value_that_looks_like_a_form_is_not_resolved_again() {
        let value = resolve(&json!({"$ref": "a/b/odd", "attribute": "Doc"}), &Fixed);
        assert_eq!(resolve(&value, &Fixed), value);
        assert!(!is_unknown(&value));
        assert_eq!(plain(value), json!({"$ref": "x/y/z", "attribute": "Q"}));
    }

    #[test]
    fn a_list_inside_a_join_is_its_json_text() {
        assert_eq!(resolve(&json!({"$join": ["c=", {"$ref": "a/b/vpc", "attribute": "Cidrs"}]}), &Fixed), json!("c=[\"10.0.0.0/16\"]"));
    }

    #[test]
    fn resolving_twice_changes_nothing_more() {
        for value in [json!({"$join": ["x", unknown(), arn()]}), json!({"$json": [arn()]}), json!([{"$literal": {"$aws": "region"}}])] {
            let once = resolve(&value, &Fixed);
            assert_eq!(resolve(&once, &Fixed), once);
        }
    }
}
