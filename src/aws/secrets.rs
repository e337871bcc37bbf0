//! Secrets: values of Secrets Manager and of the parameter store, read when they are needed and written down nowhere.
//!
//! In: which secret, as manifests name it. Out: [`Value`], or why it cannot be had.

use serde_json::Map;

use super::{Aws, Failure};

/// A secret's value.
#[derive(Clone, PartialEq, Eq)]
pub struct Value {
    /// The value; of a secret that holds a JSON object, the field that was asked for.
    pub text: String,
    /// ARN or name under which it was found.
    pub source: String,
    /// Its version.
    pub version: String,
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Value").field("source", &self.source).field("version", &self.version).finish_non_exhaustive()
    }
}

/// Why a secret cannot be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoSecret {
    /// The service did not give it.
    Call(Failure),
    /// What it gave has no such field.
    Content(String),
}

impl std::fmt::Display for NoSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Call(failure) => f.write_str(&failure.message),
            Self::Content(why) => f.write_str(why),
        }
    }
}

/// Reads a secret: `{"arn" or "name" or "parameter": …, "key"?: …, "version"?: …, "orWhole"?: true}`.
pub async fn read(aws: &Aws, region: &str, secret: &Map<String, serde_json::Value>) -> Result<Value, NoSecret> {
    let part = |name: &str| secret.get(name).and_then(serde_json::Value::as_str);
    if let Some(name) = part("parameter") {
        return parameter(aws, region, name).await;
    }
    let source = part("arn").or_else(|| part("name")).unwrap_or_default();
    let call = aws.secrets_manager(region).await.get_secret_value().secret_id(source);
    let call = match part("version") {
        Some(version) => call.version_id(version),
        None => call,
    };
    let answer = call.send().await.map_err(|error| NoSecret::Call(Failure::of(&error, "secretsmanager:GetSecretValue")))?;
    let whole = answer.secret_string().ok_or_else(|| NoSecret::Content(format!("the secret `{source}` holds bytes, not text")))?;
    let text = match part("key") {
        None => whole.to_owned(),
        Some(_) if secret.contains_key("orWhole") && !is_object(whole) => whole.to_owned(),
        Some(key) => field(whole, key).ok_or_else(|| NoSecret::Content(format!("the secret `{source}` has no field `{key}`")))?,
    };
    let version = answer.version_id().unwrap_or_default().to_owned();
    Ok(Value { text, source: answer.arn().unwrap_or(source).to_owned(), version })
}

async fn parameter(aws: &Aws, region: &str, name: &str) -> Result<Value, NoSecret> {
    let answer = aws.ssm(region).await.get_parameter().name(name).with_decryption(true).send().await;
    let answer = answer.map_err(|error| NoSecret::Call(Failure::of(&error, "ssm:GetParameter")))?;
    let found = answer.parameter().ok_or_else(|| NoSecret::Content(format!("the parameter `{name}` has no value")))?;
    let text = found.value().unwrap_or_default().to_owned();
    Ok(Value { text, source: found.arn().unwrap_or(name).to_owned(), version: found.version().to_string() })
}

fn is_object(whole: &str) -> bool {
    serde_json::from_str::<Map<String, serde_json::Value>>(whole).is_ok()
}

/// A field of a JSON object, as text.
fn field(whole: &str, key: &str) -> Option<String> {
    let object: Map<String, serde_json::Value> = serde_json::from_str(whole).ok()?;
    object.get(key).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_an_object_are_text() {
        assert_eq!(field(r#"{"password": "x", "port": 5432}"#, "password").as_deref(), Some("x"));
        assert_eq!(field(r#"{"password": "x", "port": 5432}"#, "port").as_deref(), Some("5432"));
        assert_eq!(field(r#"{"password": "x"}"#, "user"), None);
        assert_eq!(field("plain text", "user"), None);
        assert!(is_object(r#"{"password": "x"}"#) && !is_object("plain text") && !is_object("123456"));
    }
}
