//! What the roles of consumers may do, and with which keys.

use serde_json::{Value, json};

use super::tests::{checked, codes, components, findings, get, manifest};
use super::translate;

/// The statements of a policy whose actions are those of a service.
fn statements(list: &[(&str, &str, Value)], policy: &str, service: &str) -> Vec<Value> {
    let translated = checked(list);
    let Some(policy) = translated.resources.iter().find(|resource| resource.address.as_str() == policy) else { return Vec::new() };
    let all = policy.properties["PolicyDocument"]["Statement"].as_array().unwrap().clone();
    let of = |statement: &Value| statement["Action"].to_string().contains(&format!("\"{service}:"));
    all.into_iter().filter(of).collect()
}

fn worker(more: Value) -> Value {
    let mut spec = json!({"image": {"repository": "acme/x", "tag": "1"}});
    spec.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    spec
}

fn variable(output: &str) -> Value {
    json!([{"name": "X", "value": {"$output": output}}])
}

#[test]
fn a_worker_writes_to_a_queue_that_it_names_itself() {
    let may_send = |spec: Value| {
        let found = statements(&[("a/w", "Worker", spec), ("a/q", "SQS", json!({}))], "a/w/task-policy", "sqs");
        found[0]["Action"].as_array().unwrap().contains(&json!("sqs:SendMessage"))
    };
    assert!(may_send(worker(json!({"environment": variable("q.url")}))));
    assert!(may_send(worker(json!({"queue": {"component": "q"}, "environment": variable("q.url")}))));
    assert!(!may_send(worker(json!({"queue": {"component": "q"}}))), "what it only works off it does not fill");
    assert!(!may_send(worker(json!({"environment": variable("q.url"), "dependsOn": [{"component": "q", "access": "read"}]}))));
}

#[test]
fn who_names_the_dead_letter_queue_may_use_it() {
    let resources = |queue: Value, output: &str| {
        let list =
            [("a/w", "Worker", worker(json!({"environment": variable(output)}))), ("a/q", "SQS", queue), ("a/dead", "SQS", json!({}))];
        statements(&list, "a/w/task-policy", "sqs")[0]["Resource"].clone()
    };
    let (own, other) = (json!({"deadLetterQueue": {"enabled": true}}), json!({"deadLetterQueue": {"component": "dead"}}));
    let arn = |address: &str| json!({"$ref": address, "attribute": "Arn"});
    assert_eq!(resources(own.clone(), "q.deadLetterQueueUrl"), json!([arn("a/q/queue"), arn("a/q/dead-letter-queue")]));
    assert_eq!(resources(own.clone(), "q.dead_letter_queue_url"), json!([arn("a/q/queue"), arn("a/q/dead-letter-queue")]));
    assert_eq!(resources(other, "q.deadLetterQueueArn"), json!([arn("a/q/queue"), arn("a/dead/queue")]));
    assert_eq!(resources(own, "q.url"), arn("a/q/queue"));
}

#[test]
fn a_secret_that_is_handed_over_gives_the_code_no_permission() {
    let secret = json!({"type": "AWS::SecretsManager::Secret", "properties": {"GenerateSecretString": {}}});
    let read = |spec: Value, policy: &str| {
        statements(&[("a/w", "Worker", spec), ("a/s", "Resource", secret.clone())], policy, "secretsmanager").len()
    };
    let handed = json!({"secrets": [{"name": "TOKEN", "secretRef": {"$output": "s.id"}}]});
    assert_eq!(read(worker(handed.clone()), "a/w/task-policy"), 0);
    assert_eq!(read(worker(json!({"environment": variable("s.id")})), "a/w/task-policy"), 1, "code that reads it by itself may");
    let translated = checked(&[("a/w", "Worker", worker(handed)), ("a/s", "Resource", secret.clone())]);
    let execution = get(&translated, "a/w/execution-role").properties.clone();
    assert!(json!(execution).to_string().contains("secretsmanager:GetSecretValue"), "{execution:?}");
}

#[test]
fn writing_to_a_table_includes_conditions_and_the_description() {
    let depends = worker(json!({"dependsOn": [{"component": "t", "access": "write"}]}));
    let list = [("a/w", "Worker", depends), ("a/t", "DynamoDB", json!({"hashKey": {"name": "id", "type": "S"}}))];
    let actions = statements(&list, "a/w/task-policy", "dynamodb")[0]["Action"].clone();
    for action in ["dynamodb:ConditionCheckItem", "dynamodb:DescribeTable"] {
        assert!(actions.as_array().unwrap().contains(&json!(action)), "{actions}");
    }
}

#[test]
fn reading_a_stream_includes_its_description() {
    let function = json!({"runtime": "python3.13", "handler": "index.handler", "code": {"inline": "x"},
        "triggers": [{"type": "kinesis", "source": {"component": "s"}}]});
    let stream = json!({"type": "AWS::Kinesis::Stream", "properties": {"ShardCount": 1}});
    let actions =
        statements(&[("a/f", "Lambda", function), ("a/s", "Resource", stream)], "a/f/role-policy", "kinesis")[0]["Action"].clone();
    assert!(actions.as_array().unwrap().contains(&json!("kinesis:DescribeStream")), "{actions}");
}

#[test]
fn a_firehose_stream_takes_messages_under_a_role() {
    let topic = |more: Value| {
        let mut subscription = json!({"protocol": "firehose", "endpoint": "arn:aws:firehose:us-east-1:123456789012:deliverystream/x"});
        subscription.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        [("a/t", "SNS", json!({"subscriptions": [subscription]}))]
    };
    assert_eq!(findings(&topic(json!({}))), [("P1018", "/subscriptions/0".to_owned())]);
    let role = "arn:aws:iam::123456789012:role/deliver";
    let translated = checked(&topic(json!({"name": "out", "roleArn": role})));
    assert_eq!(get(&translated, "a/t/subscription.out").properties["SubscriptionRoleArn"], role);
    let mail = json!({"subscriptions": [{"protocol": "email", "endpoint": "a@example.com", "roleArn": role}]});
    assert_eq!(findings(&[("a/t", "SNS", mail)]), [("P1017", "/subscriptions/0/roleArn".to_owned())]);
}

#[test]
fn a_key_that_the_sender_cannot_use_is_refused_or_told() {
    let queue = |key: &str| {
        let topic = json!({"subscriptions": [{"protocol": "sqs", "component": "q"}]});
        translate(&manifest(components(&[("a/t", "SNS", topic), ("a/q", "SQS", json!({"encryption": {"kmsKeyId": key}}))])))
    };
    assert_eq!(codes(queue("alias/aws/sqs")), ["P3028"]);
    let warnings: Vec<&str> = queue("alias/orders").unwrap().warnings.iter().map(|finding| finding.code.name()).collect();
    assert_eq!(warnings, ["P3045"]);
    let alone = checked(&[("a/q", "SQS", json!({"encryption": {"kmsKeyId": "alias/aws/sqs"}}))]);
    assert!(alone.warnings.is_empty(), "the key serves the account's own principals");
}
