//! What `Ref` gives in a template: for most types the primary identifier of their schema, for some another name.
//!
//! Source: the section "Return values" of each type's page in the template reference,
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/>.

use crate::catalog::catalog;

/// Types of which `Ref` gives the one part of their primary identifier, sorted: those that panka makes or that its examples name.
const SAME: &[&str] = &[
    "AWS::ApiGatewayV2::Api",
    "AWS::CloudFormation::Stack",
    "AWS::DynamoDB::Table",
    "AWS::EC2::InternetGateway",
    "AWS::EC2::NatGateway",
    "AWS::EC2::RouteTable",
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::Subnet",
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::VPC",
    "AWS::EC2::VPCEndpoint",
    "AWS::ECS::Cluster",
    "AWS::ECS::TaskDefinition",
    "AWS::ElasticLoadBalancingV2::Listener",
    "AWS::ElasticLoadBalancingV2::ListenerRule",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::ElasticLoadBalancingV2::TargetGroup",
    "AWS::Events::EventBus",
    "AWS::IAM::InstanceProfile",
    "AWS::IAM::Role",
    "AWS::KMS::Key",
    "AWS::Kinesis::Stream",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Function",
    "AWS::Lambda::Url",
    "AWS::Logs::LogGroup",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBClusterParameterGroup",
    "AWS::RDS::DBInstance",
    "AWS::RDS::DBParameterGroup",
    "AWS::RDS::DBSubnetGroup",
    "AWS::S3::Bucket",
    "AWS::SNS::Subscription",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::SSM::Parameter",
    "AWS::Scheduler::Schedule",
    "AWS::SecretsManager::Secret",
    "AWS::ServiceDiscovery::PrivateDnsNamespace",
    "AWS::ServiceDiscovery::Service",
];

/// Tells whether `Ref` gives the primary identifier. Of a type that is not in the table, it is taken to where `Fn::GetAtt` cannot: an identifier
/// that the service sets can always be had by that.
pub(super) fn is_identifier(type_name: &str) -> bool {
    if SAME.binary_search(&type_name).is_ok() {
        return true;
    }
    let read_only = catalog().get(type_name).is_some_and(|info| info.primary_identifier().iter().all(|part| info.is_read_only(part)));
    !read_only
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_of_types_with_one_identifier() {
        assert!(SAME.is_sorted());
        for name in SAME {
            let info = catalog().get(name).unwrap_or_else(|| panic!("{name} is no type"));
            assert!(matches!(info.primary_identifier(), [_]), "{name}");
        }
    }

    /// Types whose identifier is known to be something else, or of which nothing is referred to.
    const OTHERS: [&str; 6] = [
        "AWS::EC2::SecurityGroupIngress",
        "AWS::Events::Rule",
        "AWS::Route53::RecordSet",
        "AWS::S3::BucketPolicy",
        "AWS::SNS::TopicInlinePolicy",
        "AWS::SQS::QueueInlinePolicy",
    ];

    #[test]
    fn every_type_that_a_kind_makes_is_decided_on() {
        let mut open = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src/components"))];
        let mut made = std::collections::BTreeSet::new();
        while let Some(path) = open.pop() {
            if path.is_dir() {
                open.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for line in text.lines().filter(|line| line.contains(".draft(") || line.contains(".main(")) {
                made.extend(line.split('"').filter(|word| word.starts_with("AWS::")).map(str::to_owned));
            }
        }
        assert!(made.len() > 30, "{made:?}");
        let undecided: Vec<&String> = made
            .iter()
            .filter(|name| catalog().get(name).is_some_and(|info| matches!(info.primary_identifier(), [_])))
            .filter(|name| SAME.binary_search(&name.as_str()).is_err() && !OTHERS.contains(&name.as_str()))
            .collect();
        assert!(undecided.is_empty(), "what does `Ref` give of {undecided:?}?");
    }

    #[test]
    fn of_an_unknown_type_what_the_service_sets_is_read_by_name() {
        assert!(!is_identifier("AWS::Events::Rule"));
        assert!(is_identifier("AWS::Events::Connection"), "its name is given");
    }
}
