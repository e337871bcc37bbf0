//! Policy statements that people write for a queue, topic or bucket, in AWS's own form.
//!
//! In: `policyStatements` of a spec. Out: findings about them, and the statements as they stand in the policy document: with an effect and a
//! resource where none is given.

use serde_json::{Value, json};

use super::access::{self, Statement};
use super::check::Check;
use super::draft::Draft;
use super::field::Tree;
use super::scope::Scope;
use crate::diagnostic::codes::manifest::{P1010, P1012, P1013, P1017, P1019};
use crate::diagnostic::{did_you_mean, escape};

/// The keys of a statement of a resource's policy.
const KEYS: [&str; 9] = ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];

/// Reports what no policy document takes; `pointer` is that of the list.
pub(super) fn check(check: &mut Check<'_>, pointer: &str, statements: &[Tree]) {
    for (n, Tree(statement)) in statements.iter().enumerate() {
        let pointer = format!("{pointer}/{n}");
        for key in statement.keys().filter(|key| !KEYS.contains(&key.as_str())) {
            let finding = check
                .finding(P1010, &format!("{pointer}/{}", escape(key)), format!("a policy statement has no `{key}`"))
                .maybe_help(did_you_mean(key, KEYS))
                .help("statements stand in AWS's own form: Sid, Effect, Principal, Action, Resource, Condition");
            check.push(finding);
        }
        if let Some(effect) = statement.get("Effect")
            && !matches!(effect.as_str(), Some("Allow" | "Deny"))
        {
            check.report(P1013, &format!("{pointer}/Effect"), format!("the effect of a statement is Allow or Deny, not {effect}"));
        }
        one_of(check, &pointer, statement, "Principal", "NotPrincipal", "whom it is for");
        one_of(check, &pointer, statement, "Action", "NotAction", "what it is about");
        if statement.contains_key("Resource") && statement.contains_key("NotResource") {
            check.report(P1017, &format!("{pointer}/NotResource"), "a statement has `Resource` or `NotResource`, not both");
        }
    }
    let mut seen = Vec::new();
    for (n, Tree(statement)) in statements.iter().enumerate() {
        let Some(sid) = statement.get("Sid").and_then(Value::as_str) else { continue };
        if seen.contains(&sid) {
            check.report(P1019, &format!("{pointer}/{n}/Sid"), format!("the Sid `{sid}` is there twice"));
        }
        seen.push(sid);
    }
}

fn one_of(check: &mut Check<'_>, pointer: &str, statement: &serde_json::Map<String, Value>, yes: &str, no: &str, what: &str) {
    match (statement.contains_key(yes), statement.contains_key(no)) {
        (true, true) => check.report(P1017, &format!("{pointer}/{no}"), format!("a statement has `{yes}` or `{no}`, not both")),
        (false, false) => {
            let finding = check
                .finding(P1012, pointer, format!("the statement does not say {what}"))
                .help(format!("add `{yes}`, for instance {}", example(yes)));
            check.push(finding);
        }
        _ => {}
    }
}

fn example(key: &str) -> &'static str {
    if key == "Action" { "`Action: sqs:SendMessage`" } else { "`Principal: {AWS: \"arn:aws:iam::123456789012:role/name\"}`" }
}

/// The policy of a resource, and the consumers that it is wiring for.
pub(super) struct Policy {
    document: Value,
    consumers: Vec<usize>,
}

impl Policy {
    /// Puts the document into the resource that carries it.
    pub(super) fn put(self, draft: Draft) -> Draft {
        draft.set("PolicyDocument", self.document).origin("/PolicyDocument", "/policyStatements").wires(self.consumers)
    }

    /// Bytes of the document, forms in it included.
    pub(super) fn size(&self) -> usize {
        self.document.to_string().len()
    }
}

/// The policy of the scope's component: `fixed` statements, one for each AWS service that acts for a linked component, with `actions` on
/// `resources`, and what is `written` in the spec. `None` without any statement.
pub(super) fn policy(
    scope: &Scope<'_, '_>,
    actions: &[&str],
    resources: &[Value],
    fixed: Vec<Statement>,
    written: &[Tree],
) -> Option<Policy> {
    let mut statements = fixed;
    let mut consumers = Vec::new();
    for (consumer, part, principal) in scope.principals() {
        let actions = actions.iter().map(|action| (*action).to_owned()).collect();
        let sources = match principal.sources.as_slice() {
            [only] => only.clone(),
            several => Value::Array(several.to_vec()),
        };
        statements.push(
            Statement::allow(part.sid(), actions, resources.to_vec())
                .principal(json!({ "Service": principal.service }))
                .condition(json!({ "ArnEquals": { "aws:SourceArn": sources } })),
        );
        consumers.push(consumer);
    }
    if statements.is_empty() && written.is_empty() {
        return None;
    }
    let mut document = access::document(statements);
    let own = match resources {
        [only] => only.clone(),
        several => Value::Array(several.to_vec()),
    };
    if let Some(list) = document["Statement"].as_array_mut() {
        list.extend(complete(written, &own));
    }
    Some(Policy { document, consumers })
}

/// The statements with what may be left out: `Effect` is Allow, `Resource` is `own`.
fn complete(statements: &[Tree], own: &Value) -> Vec<Value> {
    let complete = |Tree(statement): &Tree| {
        let mut statement = statement.clone();
        statement.entry("Effect").or_insert_with(|| json!("Allow"));
        if !statement.contains_key("NotResource") {
            statement.entry("Resource").or_insert_with(|| own.clone());
        }
        statement.sort_keys();
        Value::Object(statement)
    };
    statements.iter().map(complete).collect()
}

/// Whether a statement lets everybody in, as S3 judges it: it allows, for any principal, without a condition.
pub(super) fn is_public(Tree(statement): &Tree) -> bool {
    let everybody = |principal: &Value| match principal {
        Value::String(name) => name == "*",
        Value::Object(map) => map.get("AWS").is_some_and(|names| match names {
            Value::String(name) => name == "*",
            Value::Array(names) => names.iter().any(|name| name == "*"),
            _ => false,
        }),
        _ => false,
    };
    statement.get("Effect").is_none_or(|effect| effect == "Allow")
        && !statement.contains_key("Condition")
        && (statement.get("Principal").is_some_and(everybody) || statement.contains_key("NotPrincipal"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(value: Value) -> Tree {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn effect_and_resource_may_be_left_out() {
        let statements = complete(&[tree(json!({"Principal": "*", "Action": "sqs:SendMessage"}))], &json!("arn"));
        assert_eq!(statements, [json!({"Action": "sqs:SendMessage", "Effect": "Allow", "Principal": "*", "Resource": "arn"})]);
        let other = json!({"Principal": "*", "Action": "sqs:*", "Effect": "Deny", "NotResource": "x"});
        assert_eq!(complete(&[tree(other.clone())], &json!("arn")), [other]);
    }

    #[test]
    fn a_statement_is_public_when_anybody_may_without_a_condition() {
        assert!(is_public(&tree(json!({"Principal": "*", "Action": "s3:GetObject"}))));
        assert!(is_public(&tree(json!({"Principal": {"AWS": ["*"]}, "Action": "s3:GetObject", "Effect": "Allow"}))));
        assert!(!is_public(&tree(json!({"Principal": "*", "Action": "s3:GetObject", "Effect": "Deny"}))));
        assert!(!is_public(&tree(json!({"Principal": "*", "Action": "s3:*", "Condition": {"Bool": {}}}))));
        assert!(!is_public(&tree(json!({"Principal": {"Service": "x"}, "Action": "s3:*"}))));
    }
}
