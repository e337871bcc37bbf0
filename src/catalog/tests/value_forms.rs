//! Value forms inside of properties.

use super::*;

struct Graph;

impl TypeOf for Graph {
    fn type_of(&self, address: &str) -> Option<&str> {
        match address {
            "a/queue/queue" => Some("AWS::SQS::Queue"),
            "a/api/task-role" => Some("AWS::IAM::Role"),
            "a/db/instance" => Some("AWS::RDS::DBInstance"),
            "a/net/subnet" => Some("AWS::EC2::Subnet"),
            _ => None,
        }
    }
}

fn check_in_graph(name: &str, value: Value) -> Vec<String> {
    let faults = of(name).check_with(&properties(value), &Graph);
    faults.iter().map(|fault| format!("{} {:?}: {}", fault.pointer, fault.kind, fault.message)).collect()
}

fn reference(address: &str, attribute: &str) -> Value {
    json!({"$ref": address, "attribute": attribute})
}

#[test]
fn a_form_stands_where_its_value_fits() {
    let function = json!({"Role": reference("a/api/task-role", "Arn"), "Code": {"S3Bucket": {"$join": ["b-", {"$aws": "account"}]}, "S3Key": "k"},
        "Environment": {"Variables": {"DB_HOST": reference("a/db/instance", "Endpoint.Address"), "KEY": {"$secret": {"name": "x"}}}}});
    assert!(check_in_graph("AWS::Lambda::Function", function).is_empty());
}

#[test]
fn text_does_not_fit_a_number() {
    let faults = check_in_graph("AWS::SQS::Queue", json!({"DelaySeconds": {"$join": ["1", {"$aws": "region"}]}}));
    assert_eq!(faults, ["/DelaySeconds Form: expected an integer, found text that is put together"]);
}

#[test]
fn an_attribute_that_does_not_exist_is_guessed() {
    let faults = check_in_graph(
        "AWS::SNS::Subscription",
        json!({"TopicArn": "t", "Protocol": "sqs", "Endpoint": reference("a/queue/queue", "Arnn")}),
    );
    assert_eq!(faults, ["/Endpoint Form: AWS::SQS::Queue has no attribute `Arnn`; did you mean `Arn`?"]);
}

#[test]
fn a_queues_arn_is_no_role() {
    let task = json!({"TaskRoleArn": reference("a/queue/queue", "Arn"), "ExecutionRoleArn": reference("a/api/task-role", "Arn")});
    let faults = check_in_graph("AWS::Lambda::Function", json!({"Code": {"ZipFile": "x"}, "Role": task["TaskRoleArn"]}));
    let expected = "/Role Form: `Arn` of `a/queue/queue` is the ARN of an AWS::SQS::Queue, which does not match the pattern";
    assert!(faults.len() == 1 && faults[0].starts_with(expected), "{faults:?}");
    let faults = check_in_graph("AWS::ECS::TaskDefinition", task.clone());
    assert_eq!(faults, ["/TaskRoleArn Form: expected the ARN of AWS::IAM::Role, but `a/queue/queue` is AWS::SQS::Queue"]);
    assert!(check_in_graph("AWS::Lambda::Function", json!({"Code": {"ZipFile": "x"}, "Role": task["ExecutionRoleArn"]})).is_empty());
}

#[test]
fn an_attribute_of_another_type_does_not_fit() {
    let faults = check_in_graph("AWS::SQS::Queue", json!({"DelaySeconds": reference("a/queue/queue", "Tags")}));
    assert_eq!(faults, ["/DelaySeconds Form: expected an integer, but `Tags` of `a/queue/queue` is a list"]);
}

#[test]
fn an_address_of_unknown_type_is_taken_as_it_stands() {
    assert!(check_in_graph("AWS::SQS::Queue", json!({"DelaySeconds": reference("x/y/z", "Whatever")})).is_empty());
    assert!(check("AWS::SQS::Queue", json!({"DelaySeconds": reference("a/queue/queue", "Tags")})).is_empty());
}

#[test]
fn a_literal_is_checked_as_it_stands() {
    assert!(check("AWS::ApiGatewayV2::Api", json!({"Body": {"$literal": {"paths": {"$ref": "#/x"}}}})).is_empty());
    assert_eq!(check("AWS::SQS::Queue", json!({"DelaySeconds": {"$literal": "x"}})), ["/DelaySeconds WrongType"]);
}
