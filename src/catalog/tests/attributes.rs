//! What others can refer to.

use super::*;

#[test]
fn a_dotted_path_leads_to_the_value() {
    let address = of("AWS::RDS::DBInstance").attribute("Endpoint.Address").unwrap();
    assert_eq!(address.pointer, "/Endpoint/Address");
    assert!(address.read_only && address.types == Type::String.into());
    let storage = of("AWS::RDS::DBInstance").attribute("AllocatedStorage").unwrap();
    assert!(!storage.read_only);
}

#[test]
fn an_item_of_a_list_has_a_number() {
    let block = of("AWS::EC2::VPC").attribute("CidrBlockAssociations.0").unwrap();
    assert!(block.read_only && block.types == Type::String.into());
    assert!(of("AWS::EC2::VPC").attribute("CidrBlockAssociations.first").is_err());
    assert!(of("AWS::EC2::VPC").attribute("CidrBlockAssociations.*").is_err());
}

#[test]
fn what_is_written_wrongly_is_guessed() {
    let guess = |name: &str, path: &str| of(name).attribute(path).unwrap_err().suggestion;
    assert_eq!(guess("AWS::SQS::Queue", "QueueURL").as_deref(), Some("QueueUrl"));
    assert_eq!(guess("AWS::ElastiCache::ReplicationGroup", "PrimaryEndpoint.Address").as_deref(), Some("PrimaryEndPoint.Address"));
    assert_eq!(guess("AWS::SQS::Queue", "SomethingElse"), None);
}

#[test]
fn a_write_only_property_cannot_be_read() {
    assert!(of("AWS::RDS::DBInstance").attribute("MasterUserPassword").is_err());
    assert!(!of("AWS::RDS::DBInstance").attributes().contains(&"MasterUserPassword".to_owned()));
}

#[test]
fn the_list_holds_given_and_read_only_ones() {
    let attributes = of("AWS::SQS::Queue").attributes();
    for name in ["Arn", "QueueName", "QueueUrl"] {
        assert!(attributes.iter().any(|attribute| attribute == name), "{name}");
    }
    assert!(of("AWS::RDS::DBInstance").attributes().contains(&"Endpoint.Port".to_owned()));
}

#[test]
fn the_identifier_is_an_attribute_of_every_type() {
    assert_eq!(of("AWS::SQS::Queue").attribute("id").unwrap().pointer, "/QueueUrl");
    let joined = of("AWS::ECS::Service").attribute("id").unwrap();
    assert!(joined.pointer.is_empty() && joined.read_only);
    assert_eq!(of("AWS::ECS::Service").primary_identifier(), ["/ServiceArn", "/Cluster"]);
}

#[test]
fn every_attribute_that_a_type_lists_can_be_asked_for() {
    for name in catalog().types().filter(|name| name.starts_with("AWS::S3::") || name.starts_with("AWS::E")) {
        for attribute in of(name).attributes() {
            assert!(of(name).attribute(&attribute).is_ok(), "{name} {attribute}");
        }
    }
}

#[test]
fn the_simulator_can_invent_a_value() {
    let place = of("AWS::EC2::Subnet").place("/SubnetId").unwrap();
    assert_eq!(place.types(), Type::String.into());
    let port = of("AWS::RDS::DBInstance").place("/Endpoint/Port").unwrap();
    assert!(!port.types().is_empty());
    let status = of("AWS::S3::Bucket").place("/VersioningConfiguration/Status").unwrap();
    assert_eq!(status.choices().unwrap(), [json!("Enabled"), json!("Suspended")]);
}
