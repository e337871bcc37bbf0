//! Filter policies of subscriptions: which messages come through.
//!
//! In: a policy as it stands in the spec. Out: what SNS refuses of it. Source: <https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html>
//! and the pages below it.

use serde_json::{Map, Value};

use super::check::Check;
use crate::diagnostic::codes::manifest::{P1013, P1014};
use crate::diagnostic::{did_you_mean, escape};

/// Names that a policy may match.
const NAMES: usize = 5;
/// Combinations of values that a policy may stand for.
const COMBINATIONS: usize = 150;
/// How a value can be matched, besides by being equal.
const OPERATORS: [&str; 8] = ["anything-but", "cidr", "equals-ignore-case", "exists", "numeric", "prefix", "suffix", "wildcard"];

/// Reports what SNS refuses. In the body of a message names may be nested.
pub(super) fn check(check: &mut Check<'_>, pointer: &str, policy: &Map<String, Value>, in_body: bool) {
    let (mut names, mut combinations) = (0, 1);
    level(check, pointer, policy, in_body, &mut |values| {
        names += 1;
        combinations = values.max(1).saturating_mul(combinations);
    });
    if names > NAMES {
        check.report(P1013, pointer, format!("a filter policy matches {NAMES} names at most, and this one has {names}"));
    } else if combinations > COMBINATIONS {
        check.report(
            P1013,
            pointer,
            format!("the values of a filter policy have {combinations} combinations, and {COMBINATIONS} are possible"),
        );
    }
}

fn level(check: &mut Check<'_>, pointer: &str, map: &Map<String, Value>, in_body: bool, count: &mut dyn FnMut(usize)) {
    for (name, value) in map {
        let pointer = format!("{pointer}/{}", escape(name));
        match value {
            Value::Array(items) if name == "$or" => {
                for (n, item) in items.iter().enumerate() {
                    match item {
                        Value::Object(inner) => level(check, &format!("{pointer}/{n}"), inner, in_body, count),
                        _ => check.report(P1014, &format!("{pointer}/{n}"), "the alternatives of `$or` are maps of names"),
                    }
                }
            }
            Value::Array(items) if items.is_empty() => {
                check.report(P1014, &pointer, format!("`{name}` lists no value, so that nothing matches"))
            }
            Value::Array(items) => {
                count(items.len());
                for (n, item) in items.iter().enumerate() {
                    condition(check, &format!("{pointer}/{n}"), item);
                }
            }
            Value::Object(inner) if in_body => level(check, &pointer, inner, in_body, count),
            Value::Object(_) => {
                let finding = check
                    .finding(P1014, &pointer, format!("`{name}` is an attribute of the message, and its values are a list"))
                    .help("write a list, or match the body: `filterPolicyScope: MessageBody`");
                check.push(finding);
            }
            other => {
                let finding = check
                    .finding(P1014, &pointer, format!("the values of `{name}` are a list, not {other}"))
                    .help(format!("write `{name}: [{other}]`"));
                check.push(finding);
            }
        }
    }
}

fn condition(check: &mut Check<'_>, pointer: &str, item: &Value) {
    let Value::Object(map) = item else {
        if item.is_array() {
            check.report(P1014, pointer, "a value is a text, a number, a truth value, null or a map with one condition");
        }
        return;
    };
    let [(name, value)] = map.iter().collect::<Vec<_>>()[..] else {
        check.report(P1014, pointer, "a condition has exactly one key, such as `prefix`");
        return;
    };
    let right = match name.as_str() {
        "exists" => value.is_boolean(),
        "prefix" | "suffix" | "wildcard" | "equals-ignore-case" | "cidr" => value.is_string(),
        "anything-but" => value.is_string() || value.is_number() || value.is_array() || value.is_object(),
        "numeric" => value.as_array().is_some_and(|items| is_range(items)),
        _ => {
            let finding = check
                .finding(P1014, pointer, format!("`{name}` is not a condition of a filter policy"))
                .maybe_help(did_you_mean(name, OPERATORS))
                .help(format!("there are {}", OPERATORS.join(", ")));
            check.push(finding);
            return;
        }
    };
    if !right {
        let form = match name.as_str() {
            "exists" => "true or false",
            "numeric" => "a list of operator and number, such as [\">\", 0, \"<=\", 100]",
            _ => "a text",
        };
        check.report(P1014, &format!("{pointer}/{}", escape(name)), format!("`{name}` takes {form}, not {value}"));
    }
}

/// One comparison, or a lower and an upper end.
fn is_range(items: &[Value]) -> bool {
    let pair = |pair: &[Value]| pair[0].as_str().is_some_and(|op| ["=", "<", "<=", ">", ">="].contains(&op)) && pair[1].is_number();
    matches!(items.len(), 2 | 4) && items.chunks(2).all(pair)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::components::tests::{checked, findings};

    fn topic(policy: Value, scope: Option<&str>) -> [(&'static str, &'static str, Value); 2] {
        let mut subscription = json!({"protocol": "sqs", "component": "q", "filterPolicy": policy});
        if let Some(scope) = scope {
            subscription["filterPolicyScope"] = json!(scope);
        }
        [("a/t", "SNS", json!({"subscriptions": [subscription]})), ("a/q", "SQS", json!({}))]
    }

    #[test]
    fn filters_that_sns_refuses_are_reported() {
        let found = |policy: Value| {
            let found = findings(&topic(policy, None));
            found.into_iter().map(|(code, pointer)| (code, pointer.replace("/subscriptions/0/filterPolicy", ""))).collect::<Vec<_>>()
        };
        let at = |code: &'static str, pointer: &str| vec![(code, pointer.to_owned())];
        assert_eq!(found(json!({"type": "created"})), at("P1014", "/type"));
        assert_eq!(found(json!({"type": []})), at("P1014", "/type"));
        assert_eq!(found(json!({"order": {"type": ["x"]}})), at("P1014", "/order"));
        assert_eq!(found(json!({"type": [{"prefx": "a"}]})), at("P1014", "/type/0"));
        assert_eq!(found(json!({"type": [{"prefix": "a", "suffix": "b"}]})), at("P1014", "/type/0"));
        assert_eq!(found(json!({"price": [{"numeric": [">"]}]})), at("P1014", "/price/0/numeric"));
        assert_eq!(found(json!({"type": [{"exists": "yes"}]})), at("P1014", "/type/0/exists"));
        assert_eq!(found(json!({"a": [1], "b": [1], "c": [1], "d": [1], "e": [1], "f": [1]})), at("P1013", ""));
        let many: Vec<u32> = (0..13).collect();
        assert_eq!(found(json!({"a": many, "b": many})), at("P1013", ""));
    }

    #[test]
    fn filters_that_sns_takes_go_through() {
        let policy =
            json!({"type": ["created", {"prefix": "up"}], "price": [{"numeric": [">", 0, "<=", 100]}], "gone": [{"exists": false}]});
        checked(&topic(policy, None));
        checked(&topic(json!({"order": {"state": ["paid"]}, "$or": [{"a": [1]}, {"b": [2]}]}), Some("MessageBody")));
    }
}
