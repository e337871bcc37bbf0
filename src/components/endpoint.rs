//! Endpoints of AWS services within a network: the ways to them where private subnets have no other.
//!
//! Gateway endpoints stand in route tables and cost nothing; interface endpoints stand in the private subnets, answer under the service's public
//! name, and cost by the hour. <https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html>

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::access::Access;
use super::container::Container;
use super::edge::Cause;
use super::network::Placement;
use super::scope::Scope;
use super::wiring::SecretSource;
use crate::diagnostic::codes::aws::P3027;
use crate::resource::{aws, join};

/// A service with an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Endpoint {
    /// `DynamoDB`, a gateway.
    Dynamodb,
    /// ECR, what asks for images.
    #[serde(rename = "ecr.api")]
    EcrApi,
    /// ECR, what loads images; their layers come from S3.
    #[serde(rename = "ecr.dkr")]
    EcrDkr,
    /// EventBridge.
    Events,
    /// Kinesis.
    #[serde(rename = "kinesis-streams")]
    KinesisStreams,
    /// KMS.
    Kms,
    /// Lambda.
    Lambda,
    /// CloudWatch Logs.
    Logs,
    /// CloudWatch metrics.
    Monitoring,
    /// S3, a gateway.
    S3,
    /// Secrets Manager.
    Secretsmanager,
    /// SNS.
    Sns,
    /// SQS.
    Sqs,
    /// Parameters of Systems Manager.
    Ssm,
    /// Sessions of Systems Manager, which ECS Exec uses.
    Ssmmessages,
    /// STS.
    Sts,
    /// X-Ray.
    Xray,
}

impl Endpoint {
    /// Its name in AWS.
    fn name(self) -> &'static str {
        match self {
            Self::Dynamodb => "dynamodb",
            Self::EcrApi => "ecr.api",
            Self::EcrDkr => "ecr.dkr",
            Self::Events => "events",
            Self::KinesisStreams => "kinesis-streams",
            Self::Kms => "kms",
            Self::Lambda => "lambda",
            Self::Logs => "logs",
            Self::Monitoring => "monitoring",
            Self::S3 => "s3",
            Self::Secretsmanager => "secretsmanager",
            Self::Sns => "sns",
            Self::Sqs => "sqs",
            Self::Ssm => "ssm",
            Self::Ssmmessages => "ssmmessages",
            Self::Sts => "sts",
            Self::Xray => "xray",
        }
    }

    /// Whether it stands in route tables, and not in subnets.
    fn is_gateway(self) -> bool {
        matches!(self, Self::Dynamodb | Self::S3)
    }

    /// The one of a kind of component, where using it is calling an API.
    fn of_kind(kind: &str) -> Option<Self> {
        match kind {
            "DynamoDB" => Some(Self::Dynamodb),
            "EventBridge" => Some(Self::Events),
            "Lambda" => Some(Self::Lambda),
            "S3" => Some(Self::S3),
            "SNS" => Some(Self::Sns),
            "SQS" => Some(Self::Sqs),
            _ => None,
        }
    }
}

/// Adds the endpoints of the stack's network.
pub(super) fn add(scope: &mut Scope<'_, '_>, endpoints: &[Endpoint], vpc: &Value, tables: &[Value], cidr: &str) {
    let mut group = None;
    for endpoint in endpoints {
        let draft = scope
            .draft(&format!("endpoint.{}", endpoint.name()), "AWS::EC2::VPCEndpoint")
            .set("ServiceName", join([json!("com.amazonaws."), aws("region"), json!(format!(".{}", endpoint.name()))]))
            .set("VpcId", vpc.clone());
        let draft = if endpoint.is_gateway() {
            draft.set("RouteTableIds", tables.to_vec()).set("VpcEndpointType", "Gateway")
        } else {
            let group = group.get_or_insert_with(|| security_group(scope, vpc, cidr)).clone();
            draft
                .set("PrivateDnsEnabled", true)
                .set("SecurityGroupIds", json!([group]))
                .set("SubnetIds", scope.network().subnets(Placement::Private))
                .set("VpcEndpointType", "Interface")
        };
        scope.add(draft);
    }
}

/// The group of the interface endpoints: they answer over HTTPS, to everything in the network.
fn security_group(scope: &mut Scope<'_, '_>, vpc: &Value, cidr: &str) -> Value {
    let draft = scope
        .draft("endpoint-security-group", "AWS::EC2::SecurityGroup")
        .set("GroupDescription", format!("endpoints of {} {}", scope.stack_name(), scope.environment()))
        .set("SecurityGroupIngress", json!([{ "CidrIp": cidr, "FromPort": 443, "IpProtocol": "tcp", "ToPort": 443 }]))
        .set("VpcId", vpc.clone());
    let group = draft.reference("GroupId");
    scope.add(draft);
    group
}

impl Scope<'_, '_> {
    /// Reports tasks that stand in private subnets from which they reach neither their image nor the services that they use.
    pub(crate) fn check_way_out(&mut self, container: &Container, pointer: &str) {
        let mut needed = self.called(container.secrets.iter().map(|secret| SecretSource::of(&secret.secret_ref, secret.key.as_deref())));
        needed.insert(Endpoint::Logs);
        if container.enable_exec {
            needed.insert(Endpoint::Ssmmessages);
        }
        let image = container.image.repository.literal().unwrap_or_default();
        let from_ecr = image.contains(".dkr.ecr.");
        needed.extend([Endpoint::EcrApi, Endpoint::EcrDkr, Endpoint::S3].into_iter().filter(|_| from_ecr));
        let elsewhere = match (from_ecr, container.configs.is_some()) {
            (false, _) => Some("its image, which comes from a public registry"),
            (true, true) => Some("the image that writes `configs`, which comes from a public registry"),
            (true, false) => None,
        };
        self.check_endpoints(&needed, elsewhere, pointer);
    }

    /// Reports a function that calls services which it cannot reach. Tells whether there was something to report.
    pub(crate) fn check_calls(&mut self, secrets: impl IntoIterator<Item = SecretSource>, pointer: &str) -> bool {
        let needed = self.called(secrets.into_iter().map(Ok));
        self.check_endpoints(&needed, None, pointer)
    }

    /// What is called of AWS: the APIs of the components that are used, and those that secrets are read by.
    fn called(&self, secrets: impl IntoIterator<Item = Result<SecretSource, String>>) -> BTreeSet<Endpoint> {
        // What hands messages over to a function, or takes those that it failed on, is called by Lambda and not from the network.
        let own = |cause: &Cause| !matches!(cause, Cause::Link("trigger" | "dead-letter-queue"));
        let used = self.providers().filter(|(edge, _)| edge.access != Access::None && edge.causes.iter().any(own));
        let mut called: BTreeSet<Endpoint> = used.filter_map(|(_, part)| Endpoint::of_kind(part.kind())).collect();
        called.extend(secrets.into_iter().flatten().map(|source| match source {
            SecretSource::Manager { .. } => Endpoint::Secretsmanager,
            SecretSource::Parameter { .. } => Endpoint::Ssm,
        }));
        called
    }

    fn check_endpoints(&mut self, needed: &BTreeSet<Endpoint>, elsewhere: Option<&str>, pointer: &str) -> bool {
        let network = self.network();
        let missing: Vec<&str> = needed.iter().filter(|endpoint| !network.reaches(**endpoint)).map(|endpoint| endpoint.name()).collect();
        let elsewhere = elsewhere.filter(|_| !network.has_nat());
        if missing.is_empty() && elsewhere.is_none() {
            return false;
        }
        let what: Vec<String> = elsewhere.map(str::to_owned).into_iter().chain((!missing.is_empty()).then(|| missing.join(", "))).collect();
        let message = format!("`{}` stands in private subnets without a way to {}", self.id(), what.join(", nor to "));
        let mut finding = self.finding(P3027, pointer, message);
        if elsewhere.is_none() {
            finding = finding.help(format!("add the endpoints: `network.create.endpoints: [{}]`", missing.join(", ")));
        }
        self.push(finding.help("or open a way to everything: `network.create.natGateways: single`"));
        true
    }
}
