//! The formats that the schemas name.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::schema::Format;

/// Returns the check of a format. Formats of values that AWS also takes in other forms (names where an id is asked,
/// aliases where an ARN is) check nothing.
pub(super) fn check(name: &str) -> Option<Format> {
    match name {
        "ipv4-network" => Some(ipv4_network),
        "ipv6-network" => Some(ipv6_network),
        "json" => Some(json),
        "AWS::IAM::Role.Arn" => Some(|text| arn(text, "iam", "role/", "an IAM role")),
        "AWS::Lambda::Function.Arn" => Some(|text| arn(text, "lambda", "function:", "a Lambda function")),
        "AWS::SNS::Topic.Arn" => Some(|text| arn(text, "sns", "", "an SNS topic")),
        "AWS::SQS::Queue.Arn" => Some(|text| arn(text, "sqs", "", "an SQS queue")),
        "AWS::KMS::Key.Arn" => Some(|text| arn(text, "kms", "key/", "a KMS key")),
        "AWS::ACM::Certificate.Arn" => Some(|text| arn(text, "acm", "certificate/", "an ACM certificate")),
        "AWS::EC2::SecurityGroup.Id" => Some(|text| id(text, "sg-", "a security group")),
        "AWS::EC2::Subnet.Id" => Some(|text| id(text, "subnet-", "a subnet")),
        "AWS::EC2::VPC.Id" => Some(|text| id(text, "vpc-", "a VPC")),
        _ => None,
    }
}

/// Refuses an ARN of another service or sort of resource. What is no ARN at all is left to the pattern: some
/// properties take a name as well.
fn arn(text: &str, service: &str, resource: &str, wanted: &str) -> Result<(), String> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let [scheme, _, found, _, _, rest] = parts.as_slice() else { return Ok(()) };
    if *scheme != "arn" || (*found == service && rest.starts_with(resource)) {
        return Ok(());
    }
    Err(format!("expected the ARN of {wanted}, found one of the service `{found}`: {text}"))
}

fn id(text: &str, prefix: &str, wanted: &str) -> Result<(), String> {
    if text.starts_with(prefix) { Ok(()) } else { Err(format!("expected the id of {wanted}, `{prefix}…`; found `{text}`")) }
}

fn ipv4_network(text: &str) -> Result<(), String> {
    network::<Ipv4Addr>(text, 32).ok_or_else(|| format!("`{text}` is no IPv4 network, such as 10.0.0.0/16"))
}

fn ipv6_network(text: &str) -> Result<(), String> {
    network::<Ipv6Addr>(text, 128).ok_or_else(|| format!("`{text}` is no IPv6 network, such as 2001:db8::/56"))
}

fn network<Address: std::str::FromStr>(text: &str, bits: u8) -> Option<()> {
    let (address, length) = text.split_once('/')?;
    address.parse::<Address>().ok()?;
    (length.parse::<u8>().ok()? <= bits).then_some(())
}

fn json(text: &str) -> Result<(), String> {
    match serde_json::from_str::<serde::de::IgnoredAny>(text) {
        Ok(_) => Ok(()),
        Err(error) => Err(format!("is not JSON: {error}")),
    }
}
