//! Attributes that are known before a resource exists: properties as given, and names and addresses that AWS builds
//! from them by a published rule.

use serde_json::{Map, Value};

use crate::resource::{Form, aws, join};

use super::{TypeInfo, catalog};

/// Type, attribute, and the rule by which AWS builds it.
///
/// In a rule `{region}`, `{account}`, `{partition}` and `{urlSuffix}` are facts of the account; `{Name}` is a
/// property, `{Path=/}` one with a default, `{Name~}` one that AWS keeps in lower case, and `{Bus!default}` stands
/// for nothing and asks that the property is absent or has this value.
///
/// Sources: for ARNs the tables "Resource types defined by …" of AWS's Service Authorization Reference; for the
/// others the section "Return values" of the type's page in the `CloudFormation` reference. Whatever holds an id that
/// AWS draws is left out.
#[rustfmt::skip]
const RULES: [(&str, &str, &str); 36] = [
    ("AWS::Backup::BackupVault", "BackupVaultArn", "arn:{partition}:backup:{region}:{account}:backup-vault:{BackupVaultName}"),
    ("AWS::CloudWatch::Alarm", "Arn", "arn:{partition}:cloudwatch:{region}:{account}:alarm:{AlarmName}"),
    ("AWS::DynamoDB::Table", "Arn", "arn:{partition}:dynamodb:{region}:{account}:table/{TableName}"),
    ("AWS::ECR::Repository", "Arn", "arn:{partition}:ecr:{region}:{account}:repository/{RepositoryName}"),
    ("AWS::ECR::Repository", "RepositoryUri", "{account}.dkr.ecr.{region}.{urlSuffix}/{RepositoryName}"),
    ("AWS::ECS::Cluster", "Arn", "arn:{partition}:ecs:{region}:{account}:cluster/{ClusterName}"),
    ("AWS::Events::Archive", "Arn", "arn:{partition}:events:{region}:{account}:archive/{ArchiveName}"),
    ("AWS::Events::EventBus", "Arn", "arn:{partition}:events:{region}:{account}:event-bus/{Name}"),
    ("AWS::Events::Rule", "Arn", "{EventBusName!default}arn:{partition}:events:{region}:{account}:rule/{Name}"),
    ("AWS::IAM::Group", "Arn", "arn:{partition}:iam::{account}:group{Path=/}{GroupName}"),
    ("AWS::IAM::InstanceProfile", "Arn", "arn:{partition}:iam::{account}:instance-profile{Path=/}{InstanceProfileName}"),
    ("AWS::IAM::ManagedPolicy", "PolicyArn", "arn:{partition}:iam::{account}:policy{Path=/}{ManagedPolicyName}"),
    ("AWS::IAM::Role", "Arn", "arn:{partition}:iam::{account}:role{Path=/}{RoleName}"),
    ("AWS::IAM::User", "Arn", "arn:{partition}:iam::{account}:user{Path=/}{UserName}"),
    ("AWS::Kinesis::Stream", "Arn", "arn:{partition}:kinesis:{region}:{account}:stream/{Name}"),
    ("AWS::KinesisFirehose::DeliveryStream", "Arn", "arn:{partition}:firehose:{region}:{account}:deliverystream/{DeliveryStreamName}"),
    ("AWS::Lambda::Function", "Arn", "arn:{partition}:lambda:{region}:{account}:function:{FunctionName}"),
    ("AWS::Logs::LogGroup", "Arn", "arn:{partition}:logs:{region}:{account}:log-group:{LogGroupName}:*"),
    ("AWS::MemoryDB::ACL", "Arn", "arn:{partition}:memorydb:{region}:{account}:acl/{ACLName~}"),
    ("AWS::MemoryDB::Cluster", "ARN", "arn:{partition}:memorydb:{region}:{account}:cluster/{ClusterName~}"),
    ("AWS::MemoryDB::ParameterGroup", "ARN", "arn:{partition}:memorydb:{region}:{account}:parametergroup/{ParameterGroupName~}"),
    ("AWS::MemoryDB::SubnetGroup", "ARN", "arn:{partition}:memorydb:{region}:{account}:subnetgroup/{SubnetGroupName~}"),
    ("AWS::MemoryDB::User", "Arn", "arn:{partition}:memorydb:{region}:{account}:user/{UserName~}"),
    ("AWS::RDS::DBCluster", "DBClusterArn", "arn:{partition}:rds:{region}:{account}:cluster:{DBClusterIdentifier~}"),
    ("AWS::RDS::DBInstance", "DBInstanceArn", "arn:{partition}:rds:{region}:{account}:db:{DBInstanceIdentifier~}"),
    ("AWS::RDS::DBParameterGroup", "DBParameterGroupArn", "arn:{partition}:rds:{region}:{account}:pg:{DBParameterGroupName~}"),
    ("AWS::S3::Bucket", "Arn", "arn:{partition}:s3:::{BucketName}"),
    ("AWS::S3::Bucket", "DomainName", "{BucketName}.s3.{urlSuffix}"),
    ("AWS::S3::Bucket", "DualStackDomainName", "{BucketName}.s3.dualstack.{region}.{urlSuffix}"),
    ("AWS::S3::Bucket", "RegionalDomainName", "{BucketName}.s3.{region}.{urlSuffix}"),
    ("AWS::SNS::Topic", "TopicArn", "arn:{partition}:sns:{region}:{account}:{TopicName}"),
    ("AWS::SQS::Queue", "Arn", "arn:{partition}:sqs:{region}:{account}:{QueueName}"),
    ("AWS::SQS::Queue", "QueueUrl", "https://sqs.{region}.{urlSuffix}/{account}/{QueueName}"),
    ("AWS::Scheduler::Schedule", "Arn", "arn:{partition}:scheduler:{region}:{account}:schedule/{GroupName=default}/{Name}"),
    ("AWS::StepFunctions::Activity", "Arn", "arn:{partition}:states:{region}:{account}:activity:{Name}"),
    ("AWS::StepFunctions::StateMachine", "Arn", "arn:{partition}:states:{region}:{account}:stateMachine:{StateMachineName}"),
];

/// Returns the value that an attribute will have, as far as it follows from the properties: a value form where it
/// holds a fact of the account or what another resource gives.
pub fn known(type_name: &str, properties: &Map<String, Value>, attribute: &str) -> Option<Value> {
    let info = catalog().get(type_name)?;
    if attribute == "id" && !properties.contains_key("id") {
        return identifier(info, properties);
    }
    if let Some(value) = given(info, properties, attribute) {
        return Some(value);
    }
    let position = RULES.binary_search_by(|(name, of, _)| (*name, *of).cmp(&(type_name, attribute))).ok()?;
    build(RULES[position].2, properties)
}

/// An ARN as the attribute of such a resource has, if it follows from properties.
pub(super) fn sample_arn(type_name: &str, attribute: &str) -> Option<String> {
    let position = RULES.binary_search_by(|(name, of, _)| (*name, *of).cmp(&(type_name, attribute))).ok()?;
    let rule = RULES[position].2;
    let rule = &rule[rule.find("arn:")?..];
    let mut sample = String::new();
    let mut rest = rule;
    while let Some((text, after)) = rest.split_once('{') {
        let (slot, after) = after.split_once('}')?;
        sample.push_str(text);
        sample.push_str(match slot {
            "partition" => "aws",
            "region" => "us-east-1",
            "account" => "123456789012",
            slot => slot.split_once('=').map_or("sample", |(_, default)| default),
        });
        rest = after;
    }
    sample.push_str(rest);
    Some(sample)
}

/// The value of a property, if it is given and AWS keeps it as it is.
fn given(info: &TypeInfo, properties: &Map<String, Value>, attribute: &str) -> Option<Value> {
    let pointer = format!("/{}", attribute.replace('.', "/"));
    if info.is_read_only(&pointer) || info.is_write_only(&pointer) {
        return None;
    }
    let (first, rest) = attribute.split_once('.').unwrap_or((attribute, ""));
    let mut value = properties.get(first)?;
    for step in rest.split('.').filter(|step| !step.is_empty()) {
        if Form::is_form(value) {
            return None;
        }
        value = match value {
            Value::Array(items) => items.get(step.parse::<usize>().ok()?)?,
            value => value.get(step)?,
        };
    }
    match info.transform(&pointer) {
        None => Some(value.clone()),
        Some(rule) if rule.starts_with("$lowercase(") && is_lower_case(value) => Some(value.clone()),
        Some(_) => None,
    }
}

/// The parts of the primary identifier, joined as Cloud Control does.
fn identifier(info: &TypeInfo, properties: &Map<String, Value>) -> Option<Value> {
    let mut parts = Vec::new();
    for pointer in info.primary_identifier() {
        if !parts.is_empty() {
            parts.push(Value::String("|".to_owned()));
        }
        parts.push(known(info.name(), properties, &pointer.trim_start_matches('/').replace('/', "."))?);
    }
    match parts.len() {
        1 => parts.pop(),
        _ => Some(join(parts)),
    }
}

fn build(rule: &str, properties: &Map<String, Value>) -> Option<Value> {
    let mut parts = Vec::new();
    let mut rest = rule;
    while let Some((text, after)) = rest.split_once('{') {
        let (slot, after) = after.split_once('}')?;
        parts.push(Value::String(text.to_owned()));
        parts.push(fill(slot, properties)?);
        rest = after;
    }
    parts.push(Value::String(rest.to_owned()));
    Some(join(parts))
}

fn fill(slot: &str, properties: &Map<String, Value>) -> Option<Value> {
    if let fact @ ("partition" | "region" | "account" | "urlSuffix") = slot {
        return Some(aws(fact));
    }
    if let Some((name, only)) = slot.split_once('!') {
        let usual = properties.get(name).is_none_or(|value| value == only);
        return usual.then(|| Value::String(String::new()));
    }
    if let Some((name, default)) = slot.split_once('=') {
        return Some(properties.get(name).cloned().unwrap_or_else(|| Value::String(default.to_owned())));
    }
    match slot.strip_suffix('~') {
        Some(name) => properties.get(name).filter(|value| is_lower_case(value)).cloned(),
        None => properties.get(slot).cloned(),
    }
}

/// Whether lower-casing would change nothing; what is not known is not.
fn is_lower_case(value: &Value) -> bool {
    match Form::of(value) {
        Form::Plain(Value::String(text)) => !text.chars().any(char::is_uppercase),
        Form::Join(parts) => parts.iter().all(is_lower_case),
        Form::Aws(_) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The value with the facts of an account of us-east-1 put in.
    fn text(type_name: &str, properties: &Value, attribute: &str) -> Option<String> {
        fn spell(value: &Value) -> String {
            match Form::of(value) {
                Form::Join(parts) => parts.iter().map(spell).collect(),
                Form::Aws("partition") => "aws".to_owned(),
                Form::Aws("region") => "us-east-1".to_owned(),
                Form::Aws("account") => "123456789012".to_owned(),
                Form::Aws("urlSuffix") => "amazonaws.com".to_owned(),
                Form::Plain(Value::String(text)) => text.clone(),
                _ => format!("<{value}>"),
            }
        }
        known(type_name, properties.as_object().unwrap(), attribute).map(|value| spell(&value))
    }

    #[test]
    fn the_rules_are_sorted_and_name_attributes_that_exist() {
        assert!(RULES.is_sorted_by(|one, other| (one.0, one.1) < (other.0, other.1)));
        for (type_name, attribute, rule) in RULES {
            let info = catalog().get(type_name).unwrap_or_else(|| panic!("{type_name}"));
            assert!(info.attribute(attribute).unwrap().read_only, "{type_name} {attribute}");
            for slot in rule.split('{').skip(1).map(|part| part.split(['}', '=', '!', '~']).next().unwrap()) {
                let fact = matches!(slot, "partition" | "region" | "account" | "urlSuffix");
                assert!(fact || info.attribute(slot).is_ok_and(|found| !found.read_only), "{type_name} {slot}");
            }
        }
    }

    #[test]
    fn a_queue_is_known_by_its_name() {
        let queue = json!({"QueueName": "jobs"});
        assert_eq!(text("AWS::SQS::Queue", &queue, "Arn").unwrap(), "arn:aws:sqs:us-east-1:123456789012:jobs");
        assert_eq!(text("AWS::SQS::Queue", &queue, "QueueUrl").unwrap(), "https://sqs.us-east-1.amazonaws.com/123456789012/jobs");
        assert_eq!(text("AWS::SQS::Queue", &queue, "id").unwrap(), "https://sqs.us-east-1.amazonaws.com/123456789012/jobs");
        assert_eq!(text("AWS::SQS::Queue", &queue, "QueueName").unwrap(), "jobs");
        assert_eq!(text("AWS::SQS::Queue", &json!({}), "Arn"), None);
    }

    #[test]
    fn a_role_has_its_path_in_the_arn() {
        assert_eq!(text("AWS::IAM::Role", &json!({"RoleName": "r"}), "Arn").unwrap(), "arn:aws:iam::123456789012:role/r");
        let deep = json!({"RoleName": "r", "Path": "/team/x/"});
        assert_eq!(text("AWS::IAM::Role", &deep, "Arn").unwrap(), "arn:aws:iam::123456789012:role/team/x/r");
        assert_eq!(text("AWS::IAM::Role", &deep, "RoleId"), None);
    }

    #[test]
    fn the_arn_of_a_log_group_ends_with_a_star() {
        let group = json!({"LogGroupName": "/panka/a"});
        assert_eq!(text("AWS::Logs::LogGroup", &group, "Arn").unwrap(), "arn:aws:logs:us-east-1:123456789012:log-group:/panka/a:*");
    }

    #[test]
    fn a_bucket_has_global_and_regional_addresses() {
        let bucket = json!({"BucketName": {"$join": ["b-", {"$aws": "account"}]}});
        assert_eq!(text("AWS::S3::Bucket", &bucket, "Arn").unwrap(), "arn:aws:s3:::b-123456789012");
        assert_eq!(text("AWS::S3::Bucket", &bucket, "DomainName").unwrap(), "b-123456789012.s3.amazonaws.com");
        assert_eq!(text("AWS::S3::Bucket", &bucket, "RegionalDomainName").unwrap(), "b-123456789012.s3.us-east-1.amazonaws.com");
        assert_eq!(text("AWS::S3::Bucket", &bucket, "WebsiteURL"), None);
    }

    #[test]
    fn a_name_that_the_service_would_change_is_not_known() {
        let lower = json!({"DBInstanceIdentifier": "users-db"});
        assert_eq!(text("AWS::RDS::DBInstance", &lower, "DBInstanceArn").unwrap(), "arn:aws:rds:us-east-1:123456789012:db:users-db");
        assert_eq!(text("AWS::RDS::DBInstance", &lower, "id").unwrap(), "users-db");
        let upper = json!({"DBInstanceIdentifier": "Users", "EngineVersion": "16"});
        assert_eq!(text("AWS::RDS::DBInstance", &upper, "DBInstanceArn"), None);
        assert_eq!(text("AWS::RDS::DBInstance", &upper, "DBInstanceIdentifier"), None);
        assert_eq!(text("AWS::RDS::DBInstance", &upper, "EngineVersion"), None);
    }

    #[test]
    fn a_rule_is_known_only_on_the_default_bus() {
        let arn = "arn:aws:events:us-east-1:123456789012:rule/r";
        assert_eq!(text("AWS::Events::Rule", &json!({"Name": "r"}), "Arn").unwrap(), arn);
        assert_eq!(text("AWS::Events::Rule", &json!({"Name": "r", "EventBusName": "default"}), "Arn").unwrap(), arn);
        assert_eq!(text("AWS::Events::Rule", &json!({"Name": "r", "EventBusName": "own"}), "Arn"), None);
    }

    #[test]
    fn a_value_that_another_resource_gives_stays_a_reference() {
        let service = json!({"Cluster": {"$ref": "_stack/cluster/cluster", "attribute": "Arn"}});
        let found = known("AWS::ECS::Service", service.as_object().unwrap(), "Cluster").unwrap();
        assert_eq!(found, service["Cluster"]);
        assert_eq!(known("AWS::ECS::Service", service.as_object().unwrap(), "ServiceArn"), None);
    }

    #[test]
    fn a_sample_has_the_form_of_the_real_one() {
        assert_eq!(sample_arn("AWS::IAM::Role", "Arn").unwrap(), "arn:aws:iam::123456789012:role/sample");
        assert_eq!(sample_arn("AWS::Events::Rule", "Arn").unwrap(), "arn:aws:events:us-east-1:123456789012:rule/sample");
        assert_eq!(sample_arn("AWS::SQS::Queue", "QueueUrl"), None);
    }

    #[test]
    fn drawn_ids_are_never_known() {
        for (type_name, attribute) in [
            ("AWS::EC2::VPC", "VpcId"),
            ("AWS::SecretsManager::Secret", "Id"),
            ("AWS::ElasticLoadBalancingV2::LoadBalancer", "LoadBalancerArn"),
        ] {
            assert_eq!(text(type_name, &json!({"Name": "x", "CidrBlock": "10.0.0.0/16"}), attribute), None, "{type_name}");
        }
    }
}
