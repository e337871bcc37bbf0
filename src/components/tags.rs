//! Tags: which property of a type takes them, in which form, and the tags of a component.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::part::Part;
use crate::diagnostic::codes::aws::P3009;
use crate::diagnostic::{Diagnostic, escape};
use crate::manifest::Manifest;

/// How a type takes tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// A list of `{Key, Value}`.
    List,
    /// A map from key to value.
    Map,
}

/// The property of a type that takes tags, and its form.
pub(crate) fn property(type_name: &str) -> Option<(&'static str, Form)> {
    match type_name {
        "AWS::ApiGatewayV2::Api" | "AWS::ApiGatewayV2::Stage" => Some(("Tags", Form::Map)),
        "AWS::DynamoDB::Table"
        | "AWS::EC2::EIP"
        | "AWS::EC2::InternetGateway"
        | "AWS::EC2::NatGateway"
        | "AWS::EC2::RouteTable"
        | "AWS::EC2::SecurityGroup"
        | "AWS::EC2::Subnet"
        | "AWS::EC2::VPC"
        | "AWS::EC2::VPCEndpoint"
        | "AWS::ECS::Cluster"
        | "AWS::ECS::Service"
        | "AWS::ECS::TaskDefinition"
        | "AWS::ElasticLoadBalancingV2::LoadBalancer"
        | "AWS::ElasticLoadBalancingV2::TargetGroup"
        | "AWS::Events::EventBus"
        | "AWS::Events::Rule"
        | "AWS::IAM::Role"
        | "AWS::Lambda::EventSourceMapping"
        | "AWS::Lambda::Function"
        | "AWS::Logs::LogGroup"
        | "AWS::RDS::DBCluster"
        | "AWS::RDS::DBClusterParameterGroup"
        | "AWS::RDS::DBInstance"
        | "AWS::RDS::DBParameterGroup"
        | "AWS::RDS::DBSubnetGroup"
        | "AWS::S3::Bucket"
        | "AWS::SNS::Topic"
        | "AWS::SQS::Queue"
        | "AWS::ServiceDiscovery::PrivateDnsNamespace"
        | "AWS::ServiceDiscovery::Service" => Some(("Tags", Form::List)),
        _ => None,
    }
}

/// The tags of a component, sorted by key: defaults, labels of service and component, `spec.tags`, and panka's own.
pub(crate) fn of(manifest: &Manifest, part: &Part<'_>, findings: &mut Vec<Diagnostic>) -> BTreeMap<String, Value> {
    let id = part.id();
    let mut tags: BTreeMap<String, Value> = BTreeMap::new();
    let mut add = |key: &str, value: Value| tags.insert(key.to_owned(), value);
    for (key, value) in &manifest.default_tags {
        add(key, value.as_str().into());
    }
    let service = manifest.services.get(id.service());
    for (key, value) in service.into_iter().flat_map(|service| &service.labels).chain(&part.component.labels) {
        add(key, value.as_str().into());
    }
    for (key, value) in &part.shared.tags {
        add(key, value.value());
    }
    for (key, value) in [
        ("panka:stack", manifest.stack.as_str()),
        ("panka:environment", &manifest.environment),
        ("panka:service", id.service()),
        ("panka:component", id.name()),
        ("managed-by", "panka"),
    ] {
        if add(key, value.into()).is_some() {
            let pointer = format!("/tags/{}", escape(key));
            findings.push(part.finding(P3009, &pointer, format!("tag `{key}` is panka's own and cannot be set")));
        }
    }
    for key in tags.keys().filter(|key| key.starts_with("aws:")) {
        findings.push(part.finding(P3009, &format!("/tags/{}", escape(key)), format!("tag `{key}`: the prefix `aws:` is reserved")));
    }
    if tags.len() > 50 {
        findings.push(part.finding(P3009, "/tags", format!("`{id}` has {} tags with panka's own, and AWS allows 50", tags.len())));
    }
    tags
}

/// Writes tags in the form that a property takes.
pub(crate) fn write(tags: &BTreeMap<String, Value>, form: Form) -> Value {
    match form {
        Form::List => tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect(),
        Form::Map => Value::Object(tags.iter().map(|(key, value)| (key.clone(), value.clone())).collect::<Map<_, _>>()),
    }
}
