//! Faults of properties.

use super::*;

#[test]
fn a_queue_takes_what_sqs_takes() {
    assert!(
        check("AWS::SQS::Queue", json!({"QueueName": "jobs", "VisibilityTimeout": 60, "Tags": [{"Key": "a", "Value": "b"}]})).is_empty()
    );
    assert!(check("AWS::SQS::Queue", json!({})).is_empty());
}

#[test]
fn every_sort_of_fault_is_found_at_once() {
    let faults =
        check("AWS::SQS::Queue", json!({"VisibilityTimout": 60, "DelaySeconds": "soon", "Arn": "arn:aws:sqs:::x", "Tags": [{"Key": "a"}]}));
    let expected = ["/VisibilityTimout UnknownField", "/DelaySeconds WrongType", "/Tags/0 Missing", "/Arn ReadOnly"];
    assert_eq!(faults.iter().collect::<BTreeSet<_>>(), expected.map(str::to_owned).iter().collect());
}

#[test]
fn an_unknown_property_is_called_property_and_guessed() {
    let faults = of("AWS::SQS::Queue").check(&properties(json!({"VisibilityTimout": 60})));
    assert_eq!(faults[0].message, "unknown property `VisibilityTimout`");
    assert_eq!(faults[0].help.as_deref(), Some("did you mean `VisibilityTimeout`?"));
}

#[test]
fn a_string_is_not_taken_for_a_number_nor_the_other_way_round() {
    assert_eq!(check("AWS::RDS::DBInstance", json!({"AllocatedStorage": 20})), ["/AllocatedStorage WrongType"]);
    assert_eq!(check("AWS::SQS::Queue", json!({"DelaySeconds": "5"})), ["/DelaySeconds WrongType"]);
}

#[test]
fn a_policy_may_be_a_map_or_text() {
    for policy in [json!({"Version": "2012-10-17", "Statement": []}), json!("{}")] {
        assert!(check("AWS::IAM::Role", json!({"AssumeRolePolicyDocument": policy})).is_empty());
    }
    assert_eq!(check("AWS::IAM::Role", json!({"AssumeRolePolicyDocument": 1})), ["/AssumeRolePolicyDocument WrongType"]);
    assert_eq!(check("AWS::IAM::Role", json!({})), [" Missing"]);
}

#[test]
fn a_read_only_value_inside_a_given_map_is_found() {
    let faults = check("AWS::RDS::DBInstance", json!({"Endpoint": {"Address": "x"}, "MasterUserSecret": {"SecretArn": "arn:x"}}));
    assert_eq!(faults, ["/Endpoint ReadOnly", "/MasterUserSecret/SecretArn ReadOnly"]);
}

#[test]
fn what_a_schema_lists_as_read_only_and_requires_can_be_given() {
    let faults = check("AWS::Signer::SigningProfile", json!({"ProfileName": "profile", "PlatformId": "AWSLambda-SHA384-ECDSA"}));
    assert!(faults.is_empty(), "{faults:?}");
}

#[test]
fn enumerations_and_ranges_are_kept() {
    assert_eq!(check("AWS::Logs::LogGroup", json!({"RetentionInDays": 31})), ["/RetentionInDays Range"]);
    assert_eq!(
        check("AWS::DynamoDB::Table", json!({"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}], "BillingMode": "FREE"})),
        ["/BillingMode Range"]
    );
}

#[test]
fn properties_that_exclude_or_need_each_other_are_told() {
    let record = json!({"Name": "a.example.com", "Type": "A", "HostedZoneId": "Z1", "HostedZoneName": "example.com."});
    assert!(check("AWS::Route53::RecordSet", record).iter().any(|fault| fault.ends_with("Combination")));
    assert!(check("AWS::Events::Rule", json!({"Name": "r"})).iter().any(|fault| fault.ends_with("Missing")));
}

#[test]
fn an_arn_of_another_service_is_found() {
    let function = |role: &str| json!({"Role": role, "Code": {"ZipFile": "x"}, "Handler": "a.b", "Runtime": "python3.13"});
    assert!(check("AWS::Lambda::Function", function("arn:aws:iam::123456789012:role/r")).is_empty());
    let faults = check("AWS::Lambda::Function", function("arn:aws:sqs:us-east-1:123456789012:q"));
    assert_eq!(faults, ["/Role Malformed"]);
}

#[test]
fn a_nested_stack_is_the_registrys_not_cfn_lints() {
    let stack = json!({"StackName": "panka-a-b", "TemplateBody": "{}", "Parameters": {"A": "b"}, "Capabilities": ["CAPABILITY_IAM"]});
    assert!(check("AWS::CloudFormation::Stack", stack).is_empty());
    assert_eq!(check("AWS::CloudFormation::Stack", json!({"StackName": "s", "Outputs": []})), ["/Outputs ReadOnly"]);
    let info = of("AWS::CloudFormation::Stack");
    assert!(info.is_create_only("/StackName") && info.has_update() && info.is_read_only("/StackId"));
    assert_eq!(info.primary_identifier(), ["/StackId"]);
}
