//! What AWS has already and the provider has not: properties that its latest tested version does not know.
//!
//! The provider follows the schemas after some weeks. Tags that it cannot carry are left out, since a resource without them works the same; anything
//! else is written, and Pulumi says that it does not know it.

use crate::catalog::catalog;
use crate::resource::TypeName;

/// Properties that `aws-native` 1.84 lacks, of the types whose names it publishes.
const LACKED: &[(&str, &str)] = &[
    ("AWS::ApplicationAutoScaling::ScalableTarget", "Tags"),
    ("AWS::ElastiCache::GlobalReplicationGroup", "Tags"),
    ("AWS::RDS::DBProxyTargetGroup", "Tags"),
];

/// Attributes that it lacks.
const ATTRIBUTES: &[(&str, &str)] = &[
    ("AWS::EC2::VPCEndpointService", "PrivateDnsNameConfiguration"),
    ("AWS::ElastiCache::GlobalReplicationGroup", "Arn"),
    ("AWS::Events::Rule", "RuleName"),
    ("AWS::Lambda::NetworkConnector", "LatestVersion"),
    ("AWS::Lambda::NetworkConnector", "LatestVersionArn"),
    ("AWS::RDS::DBInstance", "StorageOperationPercentProgress"),
    ("AWS::RDS::DBInstance", "StorageOperationStatus"),
    ("AWS::RDS::DBParameterGroup", "DBParameterGroupArn"),
];

/// Tells whether the provider has no such attribute.
pub(super) fn is_lacked(type_name: &TypeName, attribute: &str) -> bool {
    ATTRIBUTES.contains(&(type_name.as_str(), attribute.split('.').next().unwrap_or_default()))
}

/// Tells whether a property is left out of the program.
pub(super) fn is_left_out(type_name: &TypeName, property: &str) -> bool {
    let tags = catalog().get(type_name).and_then(|info| info.tag_property());
    tags == Some(property) && LACKED.contains(&(type_name.as_str(), property))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::pulumi::names::tests::published;

    #[test]
    fn the_tags_that_the_provider_cannot_carry_are_these() {
        let lacked = published().into_iter().filter_map(|(type_name, published)| {
            let property = catalog().get(&TypeName::from(type_name.as_str()))?.tag_property()?.to_owned();
            (!published.names.contains_key(&property)).then_some((type_name, property))
        });
        let lacked: Vec<(String, String)> = lacked.collect();
        let known: Vec<(String, String)> = LACKED.iter().map(|(kind, name)| ((*kind).to_owned(), (*name).to_owned())).collect();
        assert_eq!(lacked, known);
    }

    #[test]
    fn the_attributes_that_the_provider_does_not_know_are_these() {
        let lacked = published().into_iter().flat_map(|(type_name, published)| {
            let info = catalog().get(&TypeName::from(type_name.as_str()));
            let tops = info.into_iter().flat_map(|info| info.read_only()).map(|pointer| pointer.split('/').nth(1).unwrap().to_owned());
            let tops: std::collections::BTreeSet<String> = tops.collect();
            tops.into_iter().filter(|top| !published.names.contains_key(top)).map(|top| (type_name.clone(), top)).collect::<Vec<_>>()
        });
        let lacked: Vec<(String, String)> = lacked.collect();
        let known: Vec<(String, String)> = ATTRIBUTES.iter().map(|(kind, name)| ((*kind).to_owned(), (*name).to_owned())).collect();
        assert_eq!(lacked, known);
    }
}
