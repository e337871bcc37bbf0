//! Policy documents as IAM and the services take them: what no schema says of them.
//!
//! In: a resource. Out: faults, each at its property. Sources: the grammar of policies,
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>, and for the actions of a resource's policy the pages of
//! SQS, SNS, S3 and KMS about theirs: each takes its own actions only.

use serde_json::{Map, Value};

use crate::catalog::{PolicySort, TypeInfo};
use crate::diagnostic::escape;
use crate::resource::{Form, Resource};

/// What is wrong with a policy, and where.
pub(super) struct PolicyFault {
    pub(super) pointer: String,
    pub(super) message: String,
}

/// The faults of all policies of a resource. Of a document whose sort nothing says, only what every service wants of a statement is looked at.
pub(super) fn faults(info: &TypeInfo, resource: &Resource) -> Vec<PolicyFault> {
    let mut found = Vec::new();
    for (name, value) in &resource.properties {
        walk(info, &format!("/{}", escape(name)), value, &mut found);
    }
    found
}

/// Looks for documents at any depth: those of a role stand in a list.
fn walk(info: &TypeInfo, pointer: &str, value: &Value, found: &mut Vec<PolicyFault>) {
    match value {
        Value::Object(map) if map.contains_key("Statement") && map.contains_key("Version") => {
            document(info.policy(pointer), pointer, map, found);
        }
        Value::Object(map) if !Form::is_form(value) => {
            for (key, inner) in map {
                walk(info, &format!("{pointer}/{}", escape(key)), inner, found);
            }
        }
        Value::Array(items) => {
            for (n, inner) in items.iter().enumerate() {
                walk(info, &format!("{pointer}/{n}"), inner, found);
            }
        }
        _ => {}
    }
}

fn document(sort: Option<&PolicySort>, pointer: &str, map: &Map<String, Value>, found: &mut Vec<PolicyFault>) {
    let statements = match &map["Statement"] {
        Value::Array(items) => items.iter().enumerate().map(|(n, item)| (format!("{pointer}/Statement/{n}"), item)).collect(),
        one => vec![(format!("{pointer}/Statement"), one)],
    };
    for (pointer, one) in statements {
        if let Some(map) = one.as_object().filter(|_| !Form::is_form(one)) {
            statement(sort, &pointer, map, found);
        }
    }
}

fn statement(sort: Option<&PolicySort>, pointer: &str, map: &Map<String, Value>, found: &mut Vec<PolicyFault>) {
    let mut report = |at: &str, message: String| found.push(PolicyFault { pointer: format!("{pointer}{at}"), message });
    match map.get("Effect") {
        None => report("", "the statement has no `Effect`: Allow or Deny".to_owned()),
        Some(effect) if !matches!(effect.as_str(), Some("Allow" | "Deny")) => {
            report("/Effect", format!("the effect of a statement is Allow or Deny, not {effect}"));
        }
        Some(_) => {}
    }
    let Some(sort) = sort else { return };
    let given = |one: &str, other: &str| usize::from(map.contains_key(one)) + usize::from(map.contains_key(other));
    if given("Action", "NotAction") != 1 {
        report("", "a statement has exactly one of `Action` and `NotAction`".to_owned());
    }
    let (principal, resource) = (given("Principal", "NotPrincipal"), given("Resource", "NotResource"));
    match sort {
        PolicySort::Identity if principal > 0 => {
            report("/Principal", "the policy of a principal names no `Principal`: it is whom it is attached to".to_owned())
        }
        PolicySort::Identity if resource != 1 => report("", "a statement has exactly one of `Resource` and `NotResource`".to_owned()),
        PolicySort::Trust if resource > 0 => {
            report("/Resource", "who may take a role is said without a `Resource`: it is the role".to_owned())
        }
        PolicySort::Trust | PolicySort::Resource(_) if principal != 1 => {
            report("", "a statement has exactly one of `Principal` and `NotPrincipal`".to_owned())
        }
        _ => {}
    }
    for name in ["Action", "NotAction"] {
        for (at, action) in texts(name, map.get(name)) {
            let service = action.split_once(':').map(|(service, _)| service);
            match (sort, service) {
                _ if !is_action(action) => report(&at, format!("`{action}` is not an action, such as sqs:SendMessage")),
                (PolicySort::Resource(own), Some(service)) if !service.eq_ignore_ascii_case(own) => {
                    report(&at, format!("the policy takes actions of {own} only, and not `{action}`"));
                }
                _ => {}
            }
        }
    }
    for name in ["Resource", "NotResource"] {
        for (at, text) in texts(name, map.get(name)) {
            if text != "*" && !text.starts_with("arn:") {
                report(&at, format!("`{text}` is neither an ARN nor `*`"));
            }
        }
    }
}

/// The texts of a member that is one or a list.
fn texts<'v>(name: &str, value: Option<&'v Value>) -> Vec<(String, &'v str)> {
    match value {
        Some(Value::String(text)) => vec![(format!("/{name}"), text)],
        Some(Value::Array(items)) => {
            items.iter().enumerate().filter_map(|(n, item)| Some((format!("/{name}/{n}"), item.as_str()?))).collect()
        }
        _ => Vec::new(),
    }
}

fn is_action(text: &str) -> bool {
    let letters = |text: &str, extra: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || extra.contains(c));
    text == "*" || text.split_once(':').is_some_and(|(service, action)| letters(service, "-") && letters(action, "*?"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::components::tests::{checked, findings};

    fn resource(type_name: &str, properties: serde_json::Value) -> Vec<(&'static str, String)> {
        findings(&[("a/x", "Resource", json!({"type": type_name, "properties": properties}))])
    }

    #[test]
    fn statements_of_a_role_are_held_to_the_grammar() {
        let of = |statement: serde_json::Value| {
            let document = json!({"Version": "2012-10-17", "Statement": [statement]});
            resource("AWS::IAM::RolePolicy", json!({"PolicyName": "p", "RoleName": "r", "PolicyDocument": document}))
        };
        let at = |rest: &str| vec![("P3003", format!("/PolicyDocument/Statement/0{rest}"))];
        assert_eq!(of(json!({"Action": "s3:GetObject", "Resource": "*"})), at(""), "no effect");
        assert_eq!(of(json!({"Effect": "Allow", "Action": "s3:GetObject"})), at(""), "no resource");
        assert_eq!(of(json!({"Effect": "Allow", "Action": "GetObject", "Resource": "*"})), at("/Action"));
        assert_eq!(of(json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": ["my-bucket"]})), at("/Resource/0"));
        assert_eq!(of(json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Principal": "*"})), at("/Principal"));
    }

    #[test]
    fn of_a_policy_whose_sort_nothing_says_no_principal_is_wanted_and_any_resource_taken() {
        let taken = |type_name: &str, property: &str, mut rest: serde_json::Value, statement: serde_json::Value| {
            rest[property] = json!({"Version": "2012-10-17", "Statement": [statement]});
            checked(&[("a/x", "Resource", json!({"type": type_name, "properties": rest}))]);
        };
        let connect = json!({"Effect": "Allow", "Action": "iot:Connect", "Resource": "*"});
        taken("AWS::IoT::Policy", "PolicyDocument", json!({}), connect.clone());
        let set = json!({"Name": "p", "InstanceArn": "arn:aws:sso:::instance/ssoins-1234567890abcdef"});
        taken("AWS::SSO::PermissionSet", "InlinePolicy", set, connect.clone());
        let names = json!({"Name": "p", "Type": "SERVICE_CONTROL_POLICY"});
        taken("AWS::Organizations::Policy", "Content", names, connect);
        let stage = json!({"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"});
        taken("AWS::ApiGateway::RestApi", "Policy", json!({"Name": "p"}), stage);
        let none = json!({"Version": "2012-10-17", "Statement": [{"Action": "iot:Connect", "Resource": "*"}]});
        let found = resource("AWS::IoT::Policy", json!({ "PolicyDocument": none }));
        assert_eq!(found, [("P3003", "/PolicyDocument/Statement/0".to_owned())], "an effect is wanted by all");
    }

    #[test]
    fn the_policy_of_a_resource_takes_its_own_actions() {
        let statement = |action: &str| json!({"policyStatements": [{"Principal": "*", "Action": action}]});
        assert_eq!(findings(&[("a/q", "SQS", statement("sns:Publish"))]).len(), 1);
        assert_eq!(findings(&[("a/t", "SNS", statement("sqs:SendMessage"))]).len(), 1);
        checked(&[("a/q", "SQS", statement("sqs:SendMessage")), ("a/t", "SNS", statement("sns:Publish"))]);
    }

    #[test]
    fn who_may_take_a_role_is_said_without_a_resource() {
        let trust = |statement: serde_json::Value| {
            resource("AWS::IAM::Role", json!({"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}))
        };
        let right = json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}});
        let mut wrong = right.clone();
        wrong["Resource"] = json!("*");
        assert_eq!(trust(wrong), [("P3003", "/AssumeRolePolicyDocument/Statement/0/Resource".to_owned())]);
        let role =
            json!({"type": "AWS::IAM::Role", "properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [right]}}});
        checked(&[("a/x", "Resource", role)]);
    }
}
