//! Translation of whole manifests.

use serde_json::{Value, json};

use super::{Translated, translate};
use crate::diagnostic::Error;
use crate::manifest::Manifest;
use crate::resource::Resource;

/// A manifest of stack `shop` in environment `dev` with what the test adds.
pub(super) fn manifest(more: Value) -> Manifest {
    let mut document = json!({
        "kind": "panka.manifest/v1", "stack": "shop", "environment": "dev", "provider": {"region": "us-east-1"},
        "services": {}, "components": []
    });
    for (key, value) in more.as_object().unwrap() {
        document[key] = value.clone();
    }
    let mut services = document["services"].clone();
    for component in document["components"].as_array_mut().unwrap() {
        let id = component["id"].as_str().unwrap().to_owned();
        if component.get("source").is_none() {
            component["source"] = json!(format!("{id}.yaml:1:1"));
        }
        let service = id.split('/').next().unwrap().to_owned();
        if services.get(&service).is_none() {
            services[service] = json!({});
        }
    }
    document["services"] = services;
    serde_json::from_value(document).unwrap()
}

pub(super) fn translated(more: Value) -> Translated {
    translate(&manifest(more)).unwrap()
}

/// The codes of the findings that stop a translation.
pub(super) fn codes(result: Result<Translated, Error>) -> Vec<&'static str> {
    result.unwrap_err().findings().iter().map(|finding| finding.code.name()).collect()
}

pub(super) fn addresses(translated: &Translated) -> Vec<&str> {
    translated.resources.iter().map(|resource| resource.address.as_str()).collect()
}

pub(super) fn get<'t>(translated: &'t Translated, address: &str) -> &'t Resource {
    let found = translated.resources.iter().find(|resource| resource.address.as_str() == address);
    found.unwrap_or_else(|| panic!("{address} is not there: {:?}", addresses(translated)))
}

#[test]
fn an_empty_stack_has_no_resources() {
    assert_eq!(addresses(&translated(json!({}))), Vec::<&str>::new());
}

#[test]
fn the_network_is_made_when_something_refers_to_it() {
    let outputs = json!({"vpc": {"value": {"$output": "_stack/network.vpcId"}, "source": "stack.yaml:9:3"}});
    let translated = translated(json!({"outputs": outputs, "network": {"spec": {"create": {"natGateways": "single"}}}}));
    assert_eq!(translated.outputs["_stack.vpc"], json!({"$ref": "_stack/network/vpc", "attribute": "VpcId"}));
    let blocks: Vec<_> = translated
        .resources
        .iter()
        .filter(|resource| resource.type_name.as_str() == "AWS::EC2::Subnet")
        .map(|resource| (resource.address.role(), resource.properties["CidrBlock"].as_str().unwrap()))
        .collect();
    assert_eq!(
        blocks,
        [
            ("private-subnet-1", "10.0.128.0/20"),
            ("private-subnet-2", "10.0.144.0/20"),
            ("public-subnet-1", "10.0.0.0/20"),
            ("public-subnet-2", "10.0.16.0/20")
        ]
    );
    assert_eq!(get(&translated, "_stack/network/private-route-2").properties["NatGatewayId"]["$ref"], "_stack/network/nat-gateway-1");
    let tags = &get(&translated, "_stack/network/vpc").properties["Tags"];
    assert_eq!(tags[0], json!({"Key": "managed-by", "Value": "panka"}));
}

#[test]
fn an_output_of_the_stack_that_refers_to_nothing_is_reported() {
    let outputs = json!({"x": {"value": {"$output": "users/api.url"}, "source": "stack.yaml:9:3"}});
    assert_eq!(codes(translate(&manifest(json!({"outputs": outputs})))), ["P2015"]);
}
