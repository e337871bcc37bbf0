//! What a program cannot hold or know, and its configuration must: secrets, values of which a state keeps only a digest, answers of services.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::address::Address;
use crate::manifest::Provider;
use crate::resource::Form;
use crate::schema::{Type, Types};

/// A configuration key that somebody must set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Asked {
    /// Which value: a `$secret`, `$sensitive` or `$lookup` form.
    pub what: Value,
    /// Its type, as Pulumi names types.
    #[serde(rename = "type")]
    pub type_name: String,
    /// It is set with `--secret`, and Pulumi keeps it encrypted.
    pub secret: bool,
    /// A shell command that prints the value; none where only a person knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// Resources that use it; none for one that only an output shows.
    pub used_by: BTreeSet<Address>,
}

impl Asked {
    /// A form that stands at a place of these types; text when nothing is said of them.
    pub(super) fn new(form: &Value, types: Option<Types>, provider: &Provider) -> Self {
        let only = |kind: Type| types.is_some_and(|types| !types.is_empty() && types.contains(kind) && !types.contains(Type::String));
        let type_name = match () {
            () if only(Type::Integer) => "integer",
            () if only(Type::Number) => "number",
            () if only(Type::Boolean) => "boolean",
            () => "string",
        };
        let secret = !matches!(Form::of(form), Form::Lookup(_));
        Self { what: form.clone(), type_name: type_name.to_owned(), secret, command: command(form, provider), used_by: BTreeSet::new() }
    }

    /// What its key begins with.
    pub(super) fn prefix(&self) -> &'static str {
        if self.secret { "secret" } else { "lookup" }
    }

    /// Words that tell people which one it is.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        let identity = if let Form::Secret(identity) = Form::of(&self.what) { Some(identity) } else { None };
        let texts = ["name", "parameter", "key"].iter().filter_map(move |name| identity?.get(*name)?.as_str());
        texts.flat_map(|text| text.split(|c: char| !c.is_ascii_alphanumeric())).filter(|word| !word.is_empty())
    }
}

/// A shell command that prints the value of a form; none where only a person knows it.
fn command(form: &Value, provider: &Provider) -> Option<String> {
    let Form::Secret(identity) = Form::of(form) else { return None };
    let text = |name: &str| identity.get(name).and_then(Value::as_str);
    let profile = provider.profile.as_deref().map(|name| format!(" --profile {}", quoted(name))).unwrap_or_default();
    let place = format!("--region {}{profile}", quoted(&provider.region));
    if let Some(parameter) = text("parameter") {
        let parameter = quoted(parameter);
        return Some(format!("aws ssm get-parameter --with-decryption --name {parameter} {place} --query Parameter.Value --output text"));
    }
    let id = quoted(text("arn").or_else(|| text("name"))?);
    let version = text("version").map(|version| format!(" --version-id {}", quoted(version))).unwrap_or_default();
    let read = format!("aws secretsmanager get-secret-value --secret-id {id}{version} {place} --query SecretString --output text");
    match text("key") {
        Some(key) if identity.contains_key("orWhole") => {
            let filter = format!(
                r#". as $whole | (try fromjson catch null) | if type == "object" then .[{}] else ($whole | rtrimstr("\n")) end"#,
                Value::from(key)
            );
            Some(format!("{read} | jq -Rrs {}", quoted(&filter)))
        }
        Some(key) => Some(format!("{read} | jq -r {}", quoted(&format!(".[{}]", Value::from(key))))),
        None if identity.contains_key("key") => None,
        None => Some(read),
    }
}

/// A word of a shell command.
pub(super) fn quoted(word: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || "-_./:@,=+".contains(c);
    if !word.is_empty() && word.chars().all(bare) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn provider() -> Provider {
        Provider { region: "eu-west-1".into(), profile: Some("shop".into()), ..Provider::default() }
    }

    fn command(identity: &Value) -> Option<String> {
        super::command(&json!({ "$secret": identity }), &provider())
    }

    #[test]
    fn a_secret_is_read_by_the_command_of_its_service() {
        assert_eq!(
            command(&json!({"name": "prod/db", "key": "pass word"})).unwrap(),
            "aws secretsmanager get-secret-value --secret-id prod/db --region eu-west-1 --profile shop --query SecretString --output text | jq -r '.[\"pass word\"]'"
        );
        assert_eq!(
            command(&json!({"parameter": "/prod/it's"})).unwrap(),
            r"aws ssm get-parameter --with-decryption --name '/prod/it'\''s' --region eu-west-1 --profile shop --query Parameter.Value --output text"
        );
        assert_eq!(command(&json!({"arn": {"$ref": "a/db/instance", "attribute": "MasterUserSecret.SecretArn"}})), None);
    }

    #[test]
    fn the_type_is_that_of_the_place() {
        let of = |types: Types| Asked::new(&json!({"$sensitive": "x"}), Some(types), &provider()).type_name;
        assert_eq!(of(Type::Integer.into()), "integer");
        assert_eq!(of(Type::Boolean.into()), "boolean");
        assert_eq!(of(Types::from(Type::Integer).union(Type::String.into())), "string");
    }
}
