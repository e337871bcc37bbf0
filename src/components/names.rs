//! Physical names: which types have one, how long it may be, how it is made.

use serde_json::{Value, json};

use crate::diagnostic::codes::aws::P3008;
use crate::diagnostic::{Diagnostic, Span};
use crate::resource::{Naming, aws};

/// What a type wants of its physical name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NameRule {
    /// Top-level property that holds it.
    pub(crate) property: &'static str,
    /// Characters it may have.
    pub(crate) limit: usize,
    letters: Letters,
}

/// Characters and shapes that a type allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Letters {
    /// Letters, digits, hyphens, underscores and dots.
    Usual,
    /// Letters, digits, hyphens and underscores.
    Plain,
    /// The same, and `.fifo` at the end.
    Queue,
    /// The usual ones, spaces and some signs; `sg-` is for ids.
    Group,
    /// Letters, digits and hyphens, no hyphen at either end.
    Hyphens,
    /// The same, beginning with a letter, and no two hyphens together.
    Identifier,
    /// Lower-case letters, digits, hyphens and dots, as DNS wants them.
    Bucket,
    /// The usual ones and slashes.
    Path,
}

const RULES: &[(&str, &str, usize, Letters)] = &[
    ("AWS::ApiGatewayV2::Api", "Name", 128, Letters::Usual),
    ("AWS::ApplicationAutoScaling::ScalingPolicy", "PolicyName", 255, Letters::Usual),
    ("AWS::DynamoDB::Table", "TableName", 255, Letters::Usual),
    ("AWS::EC2::SecurityGroup", "GroupName", 255, Letters::Group),
    ("AWS::ECS::Cluster", "ClusterName", 255, Letters::Plain),
    ("AWS::ECS::Service", "ServiceName", 255, Letters::Plain),
    ("AWS::ECS::TaskDefinition", "Family", 255, Letters::Plain),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "Name", 32, Letters::Hyphens),
    ("AWS::ElasticLoadBalancingV2::TargetGroup", "Name", 32, Letters::Hyphens),
    ("AWS::Events::EventBus", "Name", 256, Letters::Usual),
    ("AWS::Events::Rule", "Name", 64, Letters::Usual),
    ("AWS::IAM::InstanceProfile", "InstanceProfileName", 128, Letters::Usual),
    ("AWS::IAM::Role", "RoleName", 64, Letters::Usual),
    ("AWS::IAM::RolePolicy", "PolicyName", 128, Letters::Usual),
    ("AWS::Lambda::Function", "FunctionName", 64, Letters::Plain),
    ("AWS::Logs::LogGroup", "LogGroupName", 512, Letters::Path),
    ("AWS::RDS::DBCluster", "DBClusterIdentifier", 63, Letters::Identifier),
    ("AWS::RDS::DBClusterParameterGroup", "DBClusterParameterGroupName", 255, Letters::Identifier),
    ("AWS::RDS::DBInstance", "DBInstanceIdentifier", 63, Letters::Identifier),
    ("AWS::RDS::DBParameterGroup", "DBParameterGroupName", 255, Letters::Identifier),
    ("AWS::RDS::DBSubnetGroup", "DBSubnetGroupName", 255, Letters::Identifier),
    ("AWS::S3::Bucket", "BucketName", 63, Letters::Bucket),
    ("AWS::SNS::Topic", "TopicName", 256, Letters::Queue),
    ("AWS::SQS::Queue", "QueueName", 80, Letters::Queue),
    ("AWS::Scheduler::Schedule", "Name", 64, Letters::Usual),
];

/// The rule of a type, if panka gives its resources names.
pub(crate) fn rule(type_name: &str) -> Option<NameRule> {
    let at = RULES.binary_search_by(|row| row.0.cmp(type_name)).ok()?;
    let (_, property, limit, letters) = RULES[at];
    Some(NameRule { property, limit, letters })
}

impl NameRule {
    /// How a derived name is made.
    pub(crate) fn derived(self, base: String) -> Naming {
        Naming { property: self.property.to_owned(), base, limit: self.limit, append: Vec::new(), reserved: 0 }
    }

    /// Reports a name that the type refuses; forms inside count as one letter.
    pub(crate) fn check(self, type_name: &str, name: &Value, place: Span) -> Option<Diagnostic> {
        let text = match name {
            Value::String(text) => text.clone(),
            Value::Object(map) => {
                let parts = map.get("$join")?.as_array()?;
                // Account numbers and regions have the letters that every type takes.
                parts.iter().map(|part| part.as_str().unwrap_or("0")).collect()
            }
            _ => return None,
        };
        let fault = self.letters.fault(&text).or_else(|| {
            (text.chars().count() > self.limit).then(|| format!("it has {} characters and may have {}", text.chars().count(), self.limit))
        })?;
        Some(Diagnostic::new(P3008, format!("`{text}` cannot be the name of a resource of type {type_name}: {fault}")).at(place))
    }
}

impl Letters {
    fn fault(self, text: &str) -> Option<String> {
        let text = if self == Self::Queue { text.strip_suffix(".fifo").unwrap_or(text) } else { text };
        let extra = match self {
            Self::Usual => "-_.",
            Self::Plain | Self::Queue => "-_",
            Self::Group => "-_. :/()#,@[]+=&;{}!$*",
            Self::Hyphens | Self::Identifier => "-",
            Self::Bucket => "-.",
            Self::Path => "-_./#",
        };
        if let Some(bad) = text.chars().find(|c| !c.is_ascii_alphanumeric() && !extra.contains(*c)) {
            return Some(format!("`{bad}` is not allowed"));
        }
        let ends = |c: char| text.starts_with(c) || text.ends_with(c);
        match self {
            Self::Group if text.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("sg-")) => {
                Some("`sg-` begins the ids of groups".to_owned())
            }
            Self::Usual | Self::Plain | Self::Queue | Self::Group | Self::Path => text.is_empty().then(|| "it is empty".to_owned()),
            Self::Hyphens | Self::Identifier if ends('-') => Some("it begins or ends with a hyphen".to_owned()),
            Self::Hyphens => text.starts_with("internal-").then(|| "it begins with `internal-`".to_owned()),
            Self::Identifier if text.contains("--") => Some("it has two hyphens together".to_owned()),
            Self::Identifier => {
                (!text.starts_with(|c: char| c.is_ascii_alphabetic())).then(|| "it does not begin with a letter".to_owned())
            }
            Self::Bucket if text.chars().any(|c| c.is_ascii_uppercase()) => Some("capital letters are not allowed".to_owned()),
            Self::Bucket if text.len() < 3 => Some("it has fewer than 3 characters".to_owned()),
            Self::Bucket if ends('-') || ends('.') || text.contains("..") => Some("hyphens and dots stand wrong".to_owned()),
            Self::Bucket if text.parse::<std::net::Ipv4Addr>().is_ok() => Some("it has the form of an address".to_owned()),
            // https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
            Self::Bucket => {
                let reserved = ["xn--", "sthree-", "amzn-s3-demo-"].into_iter().find(|prefix| text.starts_with(prefix));
                let reserved = reserved
                    .or_else(|| ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"].into_iter().find(|suffix| text.ends_with(suffix)));
                reserved.map(|part| format!("`{part}` is reserved"))
            }
        }
    }
}

/// Appends `.fifo` inside the limit.
pub(crate) fn fifo(mut naming: Naming) -> Naming {
    naming.append = vec![".fifo".into()];
    naming.reserved = 5;
    naming
}

/// Appends account and region, which make the name of a bucket unique in the world.
pub(crate) fn bucket(mut naming: Naming, region: &str) -> Naming {
    naming.append = vec![json!("-"), aws("account"), json!(format!("-{region}"))];
    naming.reserved = 1 + 12 + 1 + region.len();
    naming
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_are_sorted() {
        assert!(RULES.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn a_bucket_keeps_account_and_region() {
        let naming = bucket(rule("AWS::S3::Bucket").unwrap().derived("user-platform-production-users-avatars".into()), "us-east-1");
        assert_eq!(naming.name(0), json!({"$join": ["user-platform-production-users-avatars-", {"$aws": "account"}, "-us-east-1"]}));
        let long = bucket(rule("AWS::S3::Bucket").unwrap().derived("x".repeat(60)), "us-east-1");
        let Value::Object(map) = long.name(0) else { panic!("not a join") };
        let length: usize = map["$join"].as_array().unwrap().iter().map(|part| part.as_str().map_or(12, str::len)).sum();
        assert_eq!(length, 63);
    }

    #[test]
    fn names_that_a_type_refuses_are_reported() {
        let refused = |type_name: &str, name: &str| rule(type_name).unwrap().check(type_name, &json!(name), Span::file("x")).is_some();
        assert!(refused("AWS::RDS::DBInstance", "a--b"));
        assert!(refused("AWS::RDS::DBInstance", "a-"));
        assert!(refused("AWS::S3::Bucket", "Bucket"));
        assert!(refused("AWS::S3::Bucket", "a"));
        assert!(refused("AWS::SQS::Queue", "a b"));
        assert!(refused("AWS::SQS::Queue", &"x".repeat(81)));
        assert!(refused("AWS::ElasticLoadBalancingV2::LoadBalancer", "internal-x"));
        for bucket in ["192.168.5.4", "sthree-x", "amzn-s3-demo-x", "x--ol-s3", "x.mrap", "x--x-s3", "x-s3alias", "xn--x"] {
            assert!(refused("AWS::S3::Bucket", bucket), "{bucket}");
        }
        for name in ["AWS::SQS::Queue", "AWS::SNS::Topic", "AWS::Lambda::Function", "AWS::ECS::Service", "AWS::ECS::TaskDefinition"] {
            assert!(refused(name, "a.b"), "{name}");
        }
        assert!(refused("AWS::EC2::SecurityGroup", "sg-mine") && refused("AWS::EC2::SecurityGroup", "SG-mine"));
        assert!(!refused("AWS::EC2::SecurityGroup", "mine (sg-1)"));
        assert!(!refused("AWS::DynamoDB::Table", "a.b"));
        assert!(!refused("AWS::SQS::Queue", "a-b_c.fifo"));
        assert!(!refused("AWS::Logs::LogGroup", "/panka/a/b/c/d"));
    }
}
