//! Translation of whole manifests.

use serde_json::{Value, json};

use super::{Translated, translate};
use crate::diagnostic::Error;
use crate::manifest::Manifest;
use crate::resource::Resource;

/// A manifest of stack `shop` in environment `dev` with what the test adds.
pub(crate) fn manifest(more: Value) -> Manifest {
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

/// A component `shop/x` with a spec.
pub(crate) fn component(spec: Value) -> crate::manifest::Component {
    manifest(json!({"components": [{"id": "shop/x", "type": "Worker", "spec": spec}]})).components.remove(0)
}

pub(crate) fn translated(more: Value) -> Translated {
    translate(&manifest(more)).unwrap()
}

/// The codes of the findings that stop a translation.
pub(crate) fn codes(result: Result<Translated, Error>) -> Vec<&'static str> {
    result.map_or_else(|error| error.findings().iter().map(|finding| finding.code.name()).collect(), |_| Vec::new())
}

pub(crate) fn addresses(translated: &Translated) -> Vec<&str> {
    translated.resources.iter().map(|resource| resource.address.as_str()).collect()
}

pub(crate) fn get<'t>(translated: &'t Translated, address: &str) -> &'t Resource {
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

/// Components by id, kind and spec, as they stand in a manifest: with the defaults of their kinds.
pub(super) fn components(list: &[(&str, &str, Value)]) -> Value {
    let one = |(id, kind, spec): &(&str, &str, Value)| {
        let kind = super::KINDS.row(kind).unwrap();
        json!({"id": id, "type": kind.facts().name, "spec": crate::manifest::ComponentKind::complete(kind, spec.clone()).unwrap()})
    };
    json!({ "components": list.iter().map(one).collect::<Vec<_>>() })
}

/// Translates components; every resource must be one that AWS's schemas take.
pub(super) fn checked(list: &[(&str, &str, Value)]) -> Translated {
    let translated = translate(&manifest(components(list))).unwrap_or_else(|error| panic!("{:#?}", error.findings()));
    valid(&translated);
    translated
}

/// Checks every resource against the schema of its type, references included.
pub(super) fn valid(translated: &Translated) {
    struct Types<'t>(std::collections::BTreeMap<&'t str, &'t str>);
    impl crate::catalog::TypeOf for Types<'_> {
        fn type_of(&self, address: &str) -> Option<&str> {
            self.0.get(address).copied()
        }
    }
    let types = translated.resources.iter().map(|resource| (resource.address.as_str(), resource.type_name.as_str())).collect();
    let types = Types(types);
    for resource in &translated.resources {
        let info = crate::catalog::catalog().get(&resource.type_name).unwrap_or_else(|| panic!("{} is not known", resource.type_name));
        let faults = info.check_with(&resource.properties, &types);
        assert!(faults.is_empty(), "{}: {faults:#?}\n{:#?}", resource.address, resource.properties);
        for value in resource.properties.values() {
            crate::resource::references(value, &mut |address, _| assert!(types.0.contains_key(address), "{address} is not there"));
        }
    }
}

/// Findings of components, sorted: codes with the pointers that they are about. As with YAML, a component is translated only when its
/// own checks find nothing.
pub(super) fn findings(list: &[(&str, &str, Value)]) -> Vec<(&'static str, String)> {
    let found = found_alone(list);
    if !found.is_empty() {
        return found;
    }
    places(&translate(&manifest(components(list))).expect_err("something is wrong with it").into_findings())
}

/// The findings of components each of which is looked at by itself: errors and warnings.
pub(super) fn found_alone(list: &[(&str, &str, Value)]) -> Vec<(&'static str, String)> {
    let manifest = manifest(components(list));
    let check = |component: &crate::manifest::Component| {
        crate::manifest::ComponentKind::check(super::KINDS.row(&component.kind).unwrap(), component)
    };
    places(&manifest.components.iter().flat_map(check).collect::<Vec<_>>())
}

/// Codes with the pointers that they are about, sorted.
fn places(findings: &[crate::diagnostic::Diagnostic]) -> Vec<(&'static str, String)> {
    let about = |finding: &crate::diagnostic::Diagnostic| {
        finding.subject.as_ref().and_then(|s| s.split_once(':')).map_or("", |(_, p)| p).to_owned()
    };
    let mut found: Vec<_> = findings.iter().map(|finding| (finding.code.name(), about(finding))).collect();
    found.sort_unstable();
    found
}
