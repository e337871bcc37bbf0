//! KMS keys that other resources encrypt with.
//!
//! In: the id, ARN or alias of a key, or an output of a component. Out: the statement that lets a consumer of the encrypted resource use the
//! key. Keys that AWS keeps for a service (`alias/aws/…`) need none.

use serde_json::{Value, json};

use super::access::{Access, Statement};
use super::field::{self, Text};
use super::wiring::arn;
use crate::resource::join;

const READ: &[&str] = &["kms:Decrypt", "kms:DescribeKey"];
// Producers decrypt the data key that they were given for a message or a part of an upload.
const WRITE: &[&str] = &["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*"];

/// The statement that the users of an encrypted resource need, if the key is the customer's.
pub(super) fn grant(key: Option<&Text>, access: Access) -> Option<Statement> {
    let key = key.filter(|_| access != Access::None)?;
    let value = key.value();
    let alias = key.literal().and_then(|text| text.rsplit(':').next()).filter(|name| name.starts_with("alias/"));
    let resource = match alias {
        Some(alias) if alias.starts_with("alias/aws/") => return None,
        Some(_) => arn("kms", "key/*"),
        None if is_arn(&value) => value,
        None => join([arn("kms", "key/"), value]),
    };
    let statement = Statement::allow("Key", access.actions(READ, WRITE), vec![resource]);
    Some(match alias {
        // No ARN can be made of an alias; the condition narrows the keys of the account to the one that has it.
        Some(alias) => statement.condition(json!({ "ForAnyValue:StringEquals": { "kms:ResourceAliases": alias } })),
        None => statement,
    })
}

/// Whether the value of a text is an ARN, as far as its beginning or the name of an output says so.
pub(super) fn is_arn(value: &Value) -> bool {
    match (value, field::output_name(value), value["$join"].as_array().map(Vec::as_slice)) {
        (Value::String(text), _, _) => text.starts_with("arn:"),
        (_, Some(name), _) => name.to_ascii_lowercase().ends_with("arn"),
        (_, _, Some([first, rest @ ..])) => is_arn(first) && (rest.is_empty() || first.is_string()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: Value) -> Text {
        serde_json::from_value(value).unwrap()
    }

    fn resource(key: Value) -> Value {
        super::super::access::document(vec![grant(Some(&text(key)), Access::Read).unwrap()])["Statement"][0].take()
    }

    #[test]
    fn a_key_is_named_by_its_arn_in_statements() {
        let full = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
        assert_eq!(resource(json!(full))["Resource"], json!(full));
        assert_eq!(resource(json!({"$output": "web/key.arn"}))["Resource"], json!({"$join": [{"$output": "web/key.arn"}]}));
        assert_eq!(
            resource(json!("1234abcd"))["Resource"],
            json!({"$join": ["arn:", {"$aws": "partition"}, ":kms:", {"$aws": "region"}, ":", {"$aws": "account"}, ":key/1234abcd"]})
        );
        assert_eq!(
            resource(json!({"$output": "web/key.keyId"}))["Resource"]["$join"],
            json!(["arn:", {"$aws": "partition"}, ":kms:", {"$aws": "region"}, ":", {"$aws": "account"}, ":key/", {"$output": "web/key.keyId"}])
        );
    }

    #[test]
    fn an_alias_narrows_by_a_condition() {
        let statement = resource(json!("alias/orders"));
        assert_eq!(statement["Condition"], json!({"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/orders"}}));
        assert_eq!(resource(json!("arn:aws:kms:eu-west-1:1:alias/orders"))["Condition"], statement["Condition"]);
    }

    #[test]
    fn keys_of_aws_need_no_statement() {
        assert!(grant(Some(&"alias/aws/s3".into()), Access::ReadWrite).is_none());
        assert!(grant(None, Access::ReadWrite).is_none());
    }
}
