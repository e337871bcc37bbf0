//! What the state keeps of values that may not be written down.
//!
//! A write-only value is kept as a digest under a key that is derived from the lineage of the place: it shows a change, and stops
//! comparison between places. It does not hide a value that can be guessed, which is why literal secrets are refused in manifests. A
//! secret is kept as its identity, never as its value.

use hmac::{Hmac, Mac as _};
use serde_json::{Map, Value, json};
use sha2::Sha256;

use crate::catalog::TypeInfo;
use crate::diagnostic::escape;
use crate::document::{canonical, hex};
use crate::resource::{Form, Properties, holds_forms};

/// What the key is derived for.
const PURPOSE: &[u8] = b"panka sensitive values, version 1";

/// The digest that stands for a sensitive value: `hmac-sha256:` and 64 hexadecimal digits.
///
/// `pointer` says where in the properties it stands, `*` for the number of any item, so that equal values at different places do not
/// show as equal.
pub fn sensitive_digest(lineage: &str, pointer: &str, value: &Value) -> String {
    let key = hmac(PURPOSE, &[lineage.as_bytes()]);
    let digest = hmac(&key, &[pointer.as_bytes(), &[0], &canonical(value)]);
    format!("hmac-sha256:{}", hex(&digest))
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Turns resolved properties into what a record keeps: write-only values as digests, secrets as their identity, literals
/// unwrapped unless what they hold looks like a form.
///
/// A form that is not resolved stays, so that the result can be compared with a record before everything is known.
pub fn recorded(properties: &Properties, info: Option<&TypeInfo>, lineage: &str) -> Properties {
    properties.iter().map(|(name, value)| (name.clone(), recorded_property(name, value, info, lineage))).collect()
}

/// Turns one resolved property into what a record keeps of it.
pub fn recorded_property(name: &str, value: &Value, info: Option<&TypeInfo>, lineage: &str) -> Value {
    let keeper = Keeper { info: info.filter(|info| info.write_only().next().is_some()), lineage };
    keeper.keep(&format!("/{}", escape(name)), value)
}

struct Keeper<'a> {
    info: Option<&'a TypeInfo>,
    lineage: &'a str,
}

impl Keeper<'_> {
    fn keep(&self, pointer: &str, value: &Value) -> Value {
        match Form::of(value) {
            Form::Plain(Value::Object(map)) if !map.is_empty() => self.keep_map(pointer, map),
            Form::Plain(Value::Array(items)) if !items.is_empty() => self.keep_items(pointer, items),
            Form::Literal(inner) if !self.hides(pointer, inner) && !holds_forms(inner) => inner.clone(),
            Form::Plain(inner) | Form::Literal(inner) if self.hides(pointer, inner) => {
                json!({ "$sensitive": sensitive_digest(self.lineage, pointer, inner) })
            }
            _ => value.clone(),
        }
    }

    fn keep_map(&self, pointer: &str, map: &Map<String, Value>) -> Value {
        Value::Object(map.iter().map(|(key, inner)| (key.clone(), self.keep(&format!("{pointer}/{}", escape(key)), inner))).collect())
    }

    fn keep_items(&self, pointer: &str, items: &[Value]) -> Value {
        let pointer = format!("{pointer}/*");
        Value::Array(items.iter().map(|inner| self.keep(&pointer, inner)).collect())
    }

    /// What is never read back may be a secret; a switch is none.
    fn hides(&self, pointer: &str, value: &Value) -> bool {
        !value.is_boolean() && self.info.is_some_and(|info| info.is_write_only(pointer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::catalog;

    fn keep(type_name: &str, properties: &Value) -> Value {
        Value::Object(recorded(properties.as_object().unwrap(), catalog().get(type_name), "lineage-1"))
    }

    #[test]
    fn a_switch_is_no_secret() {
        let kept = keep("AWS::RDS::DBInstance", &json!({"AllowMajorVersionUpgrade": true, "MasterUserPassword": "hunter2"}));
        assert_eq!(kept["AllowMajorVersionUpgrade"], json!(true));
        assert!(kept["MasterUserPassword"]["$sensitive"].is_string());
    }

    #[test]
    fn a_digest_is_what_openssl_computes() {
        // key=$(printf lineage-1 | openssl dgst -sha256 -mac HMAC -macopt key:"panka sensitive values, version 1" -r | cut -c1-64)
        // printf '/MasterUserPassword\0"hunter2"' | openssl dgst -sha256 -mac HMAC -macopt hexkey:$key -r
        assert_eq!(
            sensitive_digest("lineage-1", "/MasterUserPassword", &json!("hunter2")),
            "hmac-sha256:4b46c87f0e64265c784ee1af1ef066aaca644afbb0499c3798e6b6bceb0bf2f9"
        );
    }

    #[test]
    fn a_digest_depends_on_place_value_and_lineage() {
        let one = sensitive_digest("l", "/A", &json!("x"));
        assert_ne!(one, sensitive_digest("l", "/B", &json!("x")));
        assert_ne!(one, sensitive_digest("l", "/A", &json!("y")));
        assert_ne!(one, sensitive_digest("m", "/A", &json!("x")));
        assert_eq!(one, sensitive_digest("l", "/A", &json!("x")));
    }

    #[test]
    fn a_write_only_value_is_kept_as_a_digest_only() {
        let kept = keep("AWS::RDS::DBInstance", &json!({"MasterUserPassword": "hunter2", "MasterUsername": "app"}));
        assert_eq!(kept["MasterUsername"], json!("app"));
        assert!(!kept.to_string().contains("hunter2"), "{kept}");
        assert!(matches!(Form::of(&kept["MasterUserPassword"]), Form::Sensitive(digest) if digest.starts_with("hmac-sha256:")));
    }

    #[test]
    fn the_leaves_below_a_write_only_map_are_digests() {
        let kept = keep("AWS::Lambda::Function", &json!({"Code": {"S3Bucket": "artifacts", "S3Key": "a.zip"}, "Handler": "main"}));
        assert!(matches!(Form::of(&kept["Code"]["S3Key"]), Form::Sensitive(_)), "{kept}");
        assert_eq!(kept["Handler"], json!("main"));
    }

    #[test]
    fn a_secret_is_kept_as_its_identity() {
        let secret = json!({"$secret": {"name": "prod/db", "key": "password"}});
        assert_eq!(keep("AWS::RDS::DBInstance", &json!({"MasterUserPassword": secret}))["MasterUserPassword"], secret);
    }

    #[test]
    fn a_form_that_is_not_resolved_stays() {
        let form = json!({"$ref": "a/b/c", "attribute": "Arn"});
        assert_eq!(keep("AWS::RDS::DBInstance", &json!({"MasterUserPassword": form}))["MasterUserPassword"], form);
    }

    #[test]
    fn a_literal_is_unwrapped_unless_it_looks_like_a_form() {
        let form = json!({"$literal": {"$ref": "x", "attribute": "y"}});
        let kept = keep("AWS::SQS::Queue", &json!({"RedrivePolicy": {"$literal": {"a": 1}}, "RedriveAllowPolicy": form}));
        assert_eq!(kept, json!({"RedrivePolicy": {"a": 1}, "RedriveAllowPolicy": form}));
    }
}
