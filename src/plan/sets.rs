//! Values without the order that means nothing: the lists that are sets by the schema or by AWS's documentation, and policy documents.
//!
//! In: a value of the properties and where it stands. Out: the same value with such lists sorted, so that two that differ only in order are equal.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::pointer::Pointer;
use crate::catalog::TypeInfo;

/// What of a statement of a policy is a set, where one member may stand without its list.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>
const MEMBERS: [&str; 4] = ["Action", "NotAction", "NotResource", "Resource"];
/// What of a statement maps names to sets: by kind of principal, or by operator and key.
const MAPS: [&str; 3] = ["Condition", "NotPrincipal", "Principal"];

/// The value at a pointer without the order that means nothing.
pub(super) fn in_order<'v>(info: Option<&TypeInfo>, pointer: &mut Pointer, value: &'v Value) -> Cow<'v, Value> {
    match value {
        Value::Object(map) if map.contains_key("Statement") => Cow::Owned(policy(map)),
        Value::Object(map) => {
            let mut sorted = Vec::new();
            for (key, inner) in map {
                pointer.key(key, |pointer| {
                    if let Cow::Owned(other) = in_order(info, pointer, inner) {
                        sorted.push((key, other));
                    }
                });
            }
            if sorted.is_empty() {
                return Cow::Borrowed(value);
            }
            let mut map = map.clone();
            for (key, other) in sorted {
                map.insert(key.clone(), other);
            }
            Cow::Owned(Value::Object(map))
        }
        Value::Array(items) => {
            let mut inner: Vec<Cow<'v, Value>> = Vec::with_capacity(items.len());
            for (number, item) in items.iter().enumerate() {
                pointer.item(number, |pointer| inner.push(in_order(info, pointer, item)));
            }
            if items.len() > 1 && info.is_some_and(|info| info.is_unordered(pointer.as_str())) {
                return Cow::Owned(sorted(inner.into_iter().map(Cow::into_owned)));
            }
            if inner.iter().all(|item| matches!(item, Cow::Borrowed(_))) {
                return Cow::Borrowed(value);
            }
            Cow::Owned(Value::Array(inner.into_iter().map(Cow::into_owned).collect()))
        }
        Value::String(text) => in_order_text(text).map_or(Cow::Borrowed(value), Cow::Owned),
        _ => Cow::Borrowed(value),
    }
}

/// A policy that is given as text.
fn in_order_text(text: &str) -> Option<Value> {
    if !text.starts_with('{') || !text.contains("\"Statement\"") {
        return None;
    }
    let Ok(Value::Object(map)) = serde_json::from_str(text) else { return None };
    map.contains_key("Statement").then(|| policy(&map))
}

fn policy(map: &Map<String, Value>) -> Value {
    let with = |name: &str, inner: &Value| match name {
        "Statement" => sorted(members(inner).into_iter().map(|one| statement(&one))),
        _ => inner.clone(),
    };
    Value::Object(map.iter().map(|(name, inner)| (name.clone(), with(name, inner))).collect())
}

fn statement(value: &Value) -> Value {
    let Value::Object(map) = value else { return value.clone() };
    let with = |name: &str, inner: &Value| match name {
        _ if MEMBERS.contains(&name) => sorted(members(inner)),
        _ if MAPS.contains(&name) => mapped(inner),
        _ => inner.clone(),
    };
    Value::Object(map.iter().map(|(name, inner)| (name.clone(), with(name, inner))).collect())
}

/// The sets at the ends of a map of maps.
fn mapped(value: &Value) -> Value {
    match value {
        Value::Object(map) if !crate::resource::Form::is_form(value) => {
            Value::Object(map.iter().map(|(key, inner)| (key.clone(), mapped(inner))).collect())
        }
        other => sorted(members(other)),
    }
}

/// The members of a set; one alone may stand without a list.
fn members(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items.clone(),
        one => vec![one.clone()],
    }
}

fn sorted(items: impl IntoIterator<Item = Value>) -> Value {
    let mut items: Vec<Value> = items.into_iter().collect();
    items.sort_by_cached_key(crate::document::canonical);
    Value::Array(items)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::catalog::catalog;

    fn same(type_name: &str, name: &str, one: &Value, other: &Value) -> bool {
        let ordered = |value: &Value| {
            let mut found = None;
            Pointer::default().key(name, |pointer| found = Some(in_order(catalog().get(type_name), pointer, value).into_owned()));
            found.unwrap()
        };
        ordered(one) == ordered(other)
    }

    #[test]
    fn sets_of_the_schema_and_of_the_documentation_have_no_order() {
        let index = |name: &str, attributes: Value| json!({"IndexName": name, "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": attributes}});
        let (one, other) =
            (json!([index("a", json!(["x", "y"])), index("b", json!([]))]), json!([index("b", json!([])), index("a", json!(["y", "x"]))]));
        assert!(same("AWS::DynamoDB::Table", "GlobalSecondaryIndexes", &one, &other));
        let rule = |origins: Value| json!({"CorsRules": [{"AllowedOrigins": origins, "AllowedMethods": ["GET"]}]});
        assert!(same("AWS::S3::Bucket", "CorsConfiguration", &rule(json!(["a", "b"])), &rule(json!(["b", "a"]))));
        let containers = |secrets: Value| json!([{"Name": "api", "Secrets": secrets}]);
        let (one, other) = (json!({"Name": "A", "ValueFrom": "x"}), json!({"Name": "B", "ValueFrom": "y"}));
        let (one, other) = (containers(json!([one, other])), containers(json!([other, one])));
        assert!(same("AWS::ECS::TaskDefinition", "ContainerDefinitions", &one, &other));
    }

    #[test]
    fn where_order_means_something_it_stays() {
        let command = |words: Value| json!([{"Name": "api", "Command": words}]);
        assert!(!same("AWS::ECS::TaskDefinition", "ContainerDefinitions", &command(json!(["a", "b"])), &command(json!(["b", "a"]))));
        assert!(!same(
            "AWS::DynamoDB::Table",
            "KeySchema",
            &json!([{"AttributeName": "a"}, {"AttributeName": "b"}]),
            &json!([{"AttributeName": "b"}, {"AttributeName": "a"}])
        ));
    }

    #[test]
    fn actions_principals_and_statements_of_a_policy_are_sets() {
        let role = |statement: Value| json!({"Version": "2012-10-17", "Statement": statement});
        let one = role(
            json!([{"Effect": "Allow", "Action": ["s3:PutObject", "s3:GetObject"], "Resource": "arn:a", "Principal": {"AWS": ["1", "2"]}}, {"Sid": "B"}]),
        );
        let other = role(
            json!([{"Sid": "B"}, {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": ["arn:a"], "Principal": {"AWS": ["2", "1"]}}]),
        );
        assert!(same("AWS::IAM::RolePolicy", "PolicyDocument", &one, &other));
        assert!(same("AWS::IAM::RolePolicy", "PolicyDocument", &role(json!({"Action": "a"})), &role(json!([{"Action": ["a"]}]))));
        assert!(!same("AWS::IAM::RolePolicy", "PolicyDocument", &role(json!([{"Action": "a"}])), &role(json!([{"Action": "b"}]))));
        let text = |value: &Value| json!(value.to_string());
        assert!(same("AWS::KMS::Key", "KeyPolicy", &text(&one), &text(&other)));
        let condition = |values: Value| role(json!([{"Condition": {"StringEquals": {"aws:SourceArn": values}}}]));
        assert!(same("AWS::SQS::QueueInlinePolicy", "PolicyDocument", &condition(json!(["a", "b"])), &condition(json!(["b", "a"]))));
    }
}
