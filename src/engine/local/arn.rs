//! The shapes of AWS's ids and ARNs.

/// Type → its ARN after `arn:<partition>:`. `{r}` region, `{a}` account, `{n}` physical name, `{i}` generated id, `{u}` a UUID, `{h}` 16
/// hexadecimal digits, `{6}` six letters and digits, `{p}` a path, `{v}` a revision.
const ARNS: &[(&str, &str)] = &[
    ("AWS::ApplicationAutoScaling::ScalingPolicy", "autoscaling:{r}:{a}:scalingPolicy:{u}:resource/{n}:policyName/{n}"),
    ("AWS::CertificateManager::Certificate", "acm:{r}:{a}:certificate/{u}"),
    ("AWS::CloudFormation::Stack", "cloudformation:{r}:{a}:stack/{n}/{u}"),
    ("AWS::CloudFront::Distribution", "cloudfront::{a}:distribution/{i}"),
    ("AWS::CloudWatch::Alarm", "cloudwatch:{r}:{a}:alarm:{n}"),
    ("AWS::Cognito::UserPool", "cognito-idp:{r}:{a}:userpool/{i}"),
    ("AWS::DynamoDB::GlobalTable", "dynamodb:{r}:{a}:table/{n}"),
    ("AWS::DynamoDB::Table", "dynamodb:{r}:{a}:table/{n}"),
    ("AWS::ECR::Repository", "ecr:{r}:{a}:repository/{n}"),
    ("AWS::ECS::Cluster", "ecs:{r}:{a}:cluster/{n}"),
    ("AWS::ECS::TaskDefinition", "ecs:{r}:{a}:task-definition/{n}:{v}"),
    ("AWS::EFS::AccessPoint", "elasticfilesystem:{r}:{a}:access-point/{i}"),
    ("AWS::EFS::FileSystem", "elasticfilesystem:{r}:{a}:file-system/{i}"),
    ("AWS::ElastiCache::CacheCluster", "elasticache:{r}:{a}:cluster:{n}"),
    ("AWS::ElastiCache::ParameterGroup", "elasticache:{r}:{a}:parametergroup:{n}"),
    ("AWS::ElastiCache::ReplicationGroup", "elasticache:{r}:{a}:replicationgroup:{n}"),
    ("AWS::ElastiCache::ServerlessCache", "elasticache:{r}:{a}:serverlesscache:{n}"),
    ("AWS::ElastiCache::SubnetGroup", "elasticache:{r}:{a}:subnetgroup:{n}"),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "elasticloadbalancing:{r}:{a}:loadbalancer/app/{n}/{h}"),
    ("AWS::ElasticLoadBalancingV2::TargetGroup", "elasticloadbalancing:{r}:{a}:targetgroup/{n}/{h}"),
    ("AWS::Events::EventBus", "events:{r}:{a}:event-bus/{n}"),
    ("AWS::Events::Rule", "events:{r}:{a}:rule/{n}"),
    ("AWS::IAM::InstanceProfile", "iam::{a}:instance-profile{p}{n}"),
    ("AWS::IAM::ManagedPolicy", "iam::{a}:policy{p}{n}"),
    ("AWS::IAM::Role", "iam::{a}:role{p}{n}"),
    ("AWS::IAM::User", "iam::{a}:user{p}{n}"),
    ("AWS::KMS::Key", "kms:{r}:{a}:key/{u}"),
    ("AWS::Kinesis::Stream", "kinesis:{r}:{a}:stream/{n}"),
    ("AWS::KinesisFirehose::DeliveryStream", "firehose:{r}:{a}:deliverystream/{n}"),
    ("AWS::Lambda::EventSourceMapping", "lambda:{r}:{a}:event-source-mapping:{u}"),
    ("AWS::Lambda::Function", "lambda:{r}:{a}:function:{n}"),
    ("AWS::Lambda::LayerVersion", "lambda:{r}:{a}:layer:{n}:{v}"),
    ("AWS::Logs::LogGroup", "logs:{r}:{a}:log-group:{n}:*"),
    ("AWS::MSK::Cluster", "kafka:{r}:{a}:cluster/{n}/{u}-1"),
    ("AWS::MSK::ServerlessCluster", "kafka:{r}:{a}:cluster/{n}/{u}-s1"),
    ("AWS::MemoryDB::Cluster", "memorydb:{r}:{a}:cluster/{n}"),
    ("AWS::RDS::DBCluster", "rds:{r}:{a}:cluster:{n}"),
    ("AWS::RDS::DBClusterParameterGroup", "rds:{r}:{a}:cluster-pg:{n}"),
    ("AWS::RDS::DBInstance", "rds:{r}:{a}:db:{n}"),
    ("AWS::RDS::DBParameterGroup", "rds:{r}:{a}:pg:{n}"),
    ("AWS::RDS::DBProxy", "rds:{r}:{a}:db-proxy:prx-{h}"),
    ("AWS::RDS::DBSubnetGroup", "rds:{r}:{a}:subgrp:{n}"),
    ("AWS::S3::Bucket", "s3:::{n}"),
    ("AWS::SNS::Subscription", "sns:{r}:{a}:{n}:{u}"),
    ("AWS::SNS::Topic", "sns:{r}:{a}:{n}"),
    ("AWS::SQS::Queue", "sqs:{r}:{a}:{n}"),
    ("AWS::SSM::Parameter", "ssm:{r}:{a}:parameter/{n}"),
    ("AWS::Scheduler::Schedule", "scheduler:{r}:{a}:schedule/default/{n}"),
    ("AWS::SecretsManager::Secret", "secretsmanager:{r}:{a}:secret:{n}-{6}"),
    ("AWS::ServiceDiscovery::HttpNamespace", "servicediscovery:{r}:{a}:namespace/{i}"),
    ("AWS::ServiceDiscovery::PrivateDnsNamespace", "servicediscovery:{r}:{a}:namespace/{i}"),
    ("AWS::ServiceDiscovery::Service", "servicediscovery:{r}:{a}:service/{i}"),
    ("AWS::StepFunctions::StateMachine", "states:{r}:{a}:stateMachine:{n}"),
    ("AWS::WAFv2::WebACL", "wafv2:{r}:{a}:regional/webacl/{n}/{u}"),
];

/// Type or name of an attribute → what its generated id begins with.
const PREFIXES: &[(&str, &str)] = &[
    ("AWS::EC2::EgressOnlyInternetGateway", "eigw-"),
    ("AWS::EC2::FlowLog", "fl-"),
    ("AWS::EC2::Instance", "i-"),
    ("AWS::EC2::InternetGateway", "igw-"),
    ("AWS::EC2::LaunchTemplate", "lt-"),
    ("AWS::EC2::NatGateway", "nat-"),
    ("AWS::EC2::NetworkAcl", "acl-"),
    ("AWS::EC2::NetworkInterface", "eni-"),
    ("AWS::EC2::RouteTable", "rtb-"),
    ("AWS::EC2::SecurityGroup", "sg-"),
    ("AWS::EC2::SecurityGroupEgress", "sgr-"),
    ("AWS::EC2::SecurityGroupIngress", "sgr-"),
    ("AWS::EC2::Subnet", "subnet-"),
    ("AWS::EC2::SubnetRouteTableAssociation", "rtbassoc-"),
    ("AWS::EC2::VPC", "vpc-"),
    ("AWS::EC2::VPCEndpoint", "vpce-"),
    ("AWS::EC2::VPCPeeringConnection", "pcx-"),
    ("AWS::EC2::Volume", "vol-"),
    ("AWS::EFS::AccessPoint", "fsap-"),
    ("AWS::EFS::FileSystem", "fs-"),
    ("AWS::EFS::MountTarget", "fsmt-"),
    ("AWS::ServiceDiscovery::HttpNamespace", "ns-"),
    ("AWS::ServiceDiscovery::PrivateDnsNamespace", "ns-"),
    ("AWS::ServiceDiscovery::Service", "srv-"),
    ("AllocationId", "eipalloc-"),
    ("AssociationId", "eipassoc-"),
    ("DefaultNetworkAcl", "acl-"),
    ("DefaultSecurityGroup", "sg-"),
    ("EniId", "eni-"),
    ("GroupId", "sg-"),
    ("KeyPairId", "key-"),
    ("NetworkAclAssociationId", "aclassoc-"),
    ("NetworkAclId", "acl-"),
    ("NetworkInterfaceId", "eni-"),
    ("NetworkInterfaceIds", "eni-"),
    ("RouteTableId", "rtb-"),
    ("SecurityGroupRuleId", "sgr-"),
    ("SubnetId", "subnet-"),
    ("VpcId", "vpc-"),
];

/// The ARN of a type after `arn:<partition>:`, with placeholders.
pub(super) fn template(type_name: &str) -> Option<&'static str> {
    ARNS.binary_search_by_key(&type_name, |(name, _)| name).ok().map(|position| ARNS[position].1)
}

/// What a generated id begins with: by the type first, for its own id, then by the attribute's name.
pub(super) fn prefix(type_name: &str, attribute: &str, own: bool) -> Option<&'static str> {
    let find = |wanted: &str| PREFIXES.binary_search_by_key(&wanted, |(name, _)| name).ok().map(|position| PREFIXES[position].1);
    let by_type = own.then(|| find(type_name)).flatten();
    by_type.or_else(|| find(attribute))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::catalog;

    #[test]
    fn the_tables_are_sorted_and_name_real_types() {
        assert!(ARNS.is_sorted_by_key(|(name, _)| *name));
        assert!(PREFIXES.is_sorted_by_key(|(name, _)| *name));
        for (name, _) in ARNS.iter().chain(PREFIXES).filter(|(name, _)| name.starts_with("AWS::")) {
            assert!(catalog().contains(name), "{name}");
        }
    }
}
