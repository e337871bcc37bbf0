//! How long operations usually take.

use super::Operation;

/// What is not in the table takes this long.
const USUAL: f64 = 5.0;

/// Seconds to create, to update and to delete. These are estimates of medians, for ordering work and for drawing the
/// critical path; nothing else may depend on them.
const TABLE: [(&str, [f64; 3]); 71] = [
    ("AWS::ApiGatewayV2::DomainName", [30.0, 30.0, 10.0]),
    ("AWS::ApiGatewayV2::VpcLink", [120.0, 10.0, 120.0]),
    ("AWS::CertificateManager::Certificate", [120.0, 5.0, 10.0]),
    ("AWS::CloudFormation::Stack", [60.0, 60.0, 60.0]),
    ("AWS::CloudFront::Distribution", [300.0, 240.0, 300.0]),
    ("AWS::DocDB::DBCluster", [90.0, 60.0, 90.0]),
    ("AWS::DocDB::DBInstance", [480.0, 300.0, 420.0]),
    ("AWS::DynamoDB::Table", [15.0, 20.0, 15.0]),
    ("AWS::EC2::EIP", [15.0, 5.0, 5.0]),
    ("AWS::EC2::Instance", [40.0, 30.0, 60.0]),
    ("AWS::EC2::InternetGateway", [15.0, 5.0, 15.0]),
    ("AWS::EC2::NatGateway", [120.0, 10.0, 60.0]),
    ("AWS::EC2::Route", [10.0, 10.0, 10.0]),
    ("AWS::EC2::RouteTable", [10.0, 5.0, 10.0]),
    ("AWS::EC2::SecurityGroup", [8.0, 8.0, 5.0]),
    ("AWS::EC2::Subnet", [8.0, 5.0, 10.0]),
    ("AWS::EC2::SubnetRouteTableAssociation", [8.0, 8.0, 5.0]),
    ("AWS::EC2::VPC", [15.0, 10.0, 5.0]),
    ("AWS::EC2::VPCEndpoint", [15.0, 15.0, 15.0]),
    ("AWS::EC2::VPCGatewayAttachment", [15.0, 5.0, 15.0]),
    ("AWS::EC2::Volume", [15.0, 30.0, 10.0]),
    ("AWS::EC2::VolumeAttachment", [20.0, 20.0, 30.0]),
    ("AWS::ECS::Cluster", [8.0, 5.0, 10.0]),
    ("AWS::ECS::Service", [90.0, 180.0, 90.0]),
    ("AWS::EFS::FileSystem", [15.0, 10.0, 10.0]),
    ("AWS::EFS::MountTarget", [90.0, 10.0, 60.0]),
    ("AWS::EKS::Cluster", [600.0, 300.0, 300.0]),
    ("AWS::EKS::Nodegroup", [180.0, 180.0, 300.0]),
    ("AWS::ElastiCache::CacheCluster", [300.0, 120.0, 180.0]),
    ("AWS::ElastiCache::ParameterGroup", [10.0, 15.0, 10.0]),
    ("AWS::ElastiCache::ReplicationGroup", [600.0, 300.0, 300.0]),
    ("AWS::ElastiCache::ServerlessCache", [180.0, 60.0, 180.0]),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", [150.0, 15.0, 20.0]),
    ("AWS::ElasticLoadBalancingV2::TargetGroup", [10.0, 5.0, 5.0]),
    ("AWS::Elasticsearch::Domain", [900.0, 900.0, 600.0]),
    ("AWS::IAM::InstanceProfile", [120.0, 5.0, 5.0]),
    ("AWS::IAM::Role", [15.0, 15.0, 5.0]),
    ("AWS::IAM::RolePolicy", [12.0, 12.0, 3.0]),
    ("AWS::KMS::Key", [10.0, 10.0, 5.0]),
    ("AWS::Kinesis::Stream", [25.0, 30.0, 20.0]),
    ("AWS::KinesisFirehose::DeliveryStream", [60.0, 20.0, 45.0]),
    ("AWS::Lambda::EventSourceMapping", [20.0, 20.0, 20.0]),
    ("AWS::Lambda::Function", [12.0, 12.0, 8.0]),
    ("AWS::Lambda::Permission", [3.0, 3.0, 3.0]),
    ("AWS::Logs::LogGroup", [3.0, 3.0, 3.0]),
    ("AWS::MSK::Cluster", [1800.0, 1200.0, 300.0]),
    ("AWS::MSK::ServerlessCluster", [240.0, 60.0, 120.0]),
    ("AWS::MemoryDB::Cluster", [720.0, 300.0, 300.0]),
    ("AWS::OpenSearchService::Domain", [900.0, 900.0, 600.0]),
    ("AWS::RDS::DBCluster", [120.0, 60.0, 120.0]),
    ("AWS::RDS::DBClusterParameterGroup", [15.0, 15.0, 10.0]),
    ("AWS::RDS::DBInstance", [600.0, 300.0, 300.0]),
    ("AWS::RDS::DBParameterGroup", [15.0, 15.0, 10.0]),
    ("AWS::RDS::DBProxy", [300.0, 60.0, 120.0]),
    ("AWS::RDS::DBSubnetGroup", [8.0, 8.0, 5.0]),
    ("AWS::Redshift::Cluster", [300.0, 300.0, 180.0]),
    ("AWS::Route53::HostedZone", [45.0, 10.0, 30.0]),
    ("AWS::Route53::RecordSet", [45.0, 45.0, 45.0]),
    ("AWS::S3::Bucket", [20.0, 10.0, 5.0]),
    ("AWS::S3::BucketPolicy", [3.0, 3.0, 3.0]),
    ("AWS::SNS::Subscription", [3.0, 3.0, 3.0]),
    ("AWS::SNS::Topic", [8.0, 5.0, 5.0]),
    ("AWS::SQS::Queue", [3.0, 3.0, 3.0]),
    ("AWS::SSM::Parameter", [3.0, 3.0, 3.0]),
    ("AWS::Scheduler::Schedule", [5.0, 5.0, 5.0]),
    ("AWS::SecretsManager::Secret", [5.0, 5.0, 5.0]),
    ("AWS::ServiceDiscovery::PrivateDnsNamespace", [60.0, 45.0, 60.0]),
    ("AWS::ServiceDiscovery::Service", [5.0, 5.0, 5.0]),
    ("AWS::StepFunctions::StateMachine", [8.0, 8.0, 10.0]),
    ("AWS::WAFv2::WebACL", [15.0, 15.0, 15.0]),
    ("AWS::WAFv2::WebACLAssociation", [10.0, 10.0, 10.0]),
];

/// Returns the seconds that an operation on a resource of a type usually takes: an estimate.
pub fn seconds(type_name: &str, operation: Operation) -> f64 {
    let Ok(position) = TABLE.binary_search_by(|(name, _)| (*name).cmp(type_name)) else {
        return if matches!(operation, Operation::Read | Operation::List) { 1.0 } else { USUAL };
    };
    let [create, update, delete] = TABLE[position].1;
    match operation {
        Operation::Create => create,
        Operation::Update => update,
        Operation::Delete => delete,
        Operation::Read | Operation::List => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::catalog;

    #[test]
    fn the_table_is_sorted_and_names_known_types() {
        assert!(TABLE.is_sorted_by(|one, other| one.0 < other.0));
        for (name, _) in TABLE {
            assert!(catalog().contains(name), "{name}");
        }
    }

    #[test]
    fn a_database_takes_longer_than_a_queue() {
        assert!(seconds("AWS::RDS::DBInstance", Operation::Create) > 100.0 * seconds("AWS::SQS::Queue", Operation::Create));
        assert!((seconds("AWS::X::Y", Operation::Create) - 5.0).abs() < f64::EPSILON);
    }
}
