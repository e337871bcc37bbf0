//! Handlers, permissions, tags and order.

use super::*;

#[test]
fn policies_that_cannot_be_read_are_not_for_cloud_control() {
    for name in ["AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy", "AWS::DocDB::DBCluster", "AWS::Route53::RecordSet"] {
        assert!(!of(name).has_handlers(), "{name}");
    }
    for name in ["AWS::SNS::TopicInlinePolicy", "AWS::SQS::QueueInlinePolicy", "AWS::IAM::RolePolicy", "AWS::S3::BucketPolicy"] {
        assert!(of(name).has_handlers(), "{name}");
    }
}

#[test]
fn permissions_are_those_of_the_operation() {
    let create = of("AWS::SQS::Queue").handler_permissions(Operation::Create);
    assert!(create.iter().any(|action| action == "sqs:CreateQueue"));
    let delete = of("AWS::SQS::Queue").handler_permissions(Operation::Delete);
    assert!(delete.iter().any(|action| action == "sqs:DeleteQueue") && !delete.iter().any(|action| action == "sqs:CreateQueue"));
    assert!(of("AWS::DocDB::DBCluster").handler_permissions(Operation::Create).is_empty());
}

#[test]
fn slow_types_say_how_long_they_may_take() {
    assert_eq!(of("AWS::RDS::DBInstance").timeout_minutes(Operation::Create), Some(2160));
    assert_eq!(of("AWS::SQS::Queue").timeout_minutes(Operation::Create), None);
}

#[test]
fn tags_are_lists_or_maps_and_have_their_property() {
    let list = |key: &str, value: &str| Some(TagStyle::List { key: key.to_owned(), value: value.to_owned() });
    assert_eq!(of("AWS::SQS::Queue").tag_style(), list("Key", "Value"));
    assert_eq!(of("AWS::EFS::FileSystem").tag_property(), Some("FileSystemTags"));
    assert_eq!(of("AWS::ApiGatewayV2::Api").tag_style(), Some(TagStyle::Map));
    assert_eq!(of("AWS::SSM::Parameter").tag_style(), Some(TagStyle::Map));
    assert_eq!(of("AWS::MSK::Cluster").tag_style(), Some(TagStyle::Map));
    assert_eq!(of("AWS::IAM::RolePolicy").tag_property(), None);
    assert_eq!(of("AWS::EC2::Route").tag_style(), None);
}

#[test]
fn every_type_with_tags_has_a_style() {
    for name in catalog().types() {
        let info = of(name);
        assert_eq!(info.tag_property().is_some(), info.tag_style().is_some(), "{name} {:?}", info.tag_property());
    }
}

#[test]
fn lists_without_order_are_known() {
    assert!(of("AWS::SQS::Queue").is_unordered("/Tags"));
    assert!(of("AWS::ElasticLoadBalancingV2::LoadBalancer").is_unordered("/LoadBalancerAttributes"));
    assert!(!of("AWS::ECS::TaskDefinition").is_unordered("/ContainerDefinitions/0/Command"));
    assert!(!of("AWS::SQS::Queue").is_unordered("/QueueName"));
}

#[test]
fn names_that_the_service_changes_are_known() {
    assert_eq!(of("AWS::RDS::DBInstance").transform("/DBInstanceIdentifier"), Some("$lowercase(DBInstanceIdentifier)"));
    assert_eq!(of("AWS::SQS::Queue").transform("/QueueName"), None);
}
