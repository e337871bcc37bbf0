//! The worked example of the manifest page, as it lies in `examples/`.

use super::*;

fn example(environment: &str) -> Compiled {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/user-platform").into();
    compile(&Request { root, environment: Some(environment.into()), ..Request::default() }, &FakeKinds).unwrap()
}

#[test]
fn the_example_compiles_without_a_warning() {
    for environment in ["dev", "production"] {
        let compiled = example(environment);
        assert_eq!(compiled.warnings, []);
        let ids: Vec<&str> = compiled.manifest.components.iter().map(|component| component.id.as_str()).collect();
        assert_eq!(ids, ["notify/mailer", "notify/queue", "users/api", "users/avatars", "users/db"]);
    }
}

#[test]
fn variables_of_the_environment_win() {
    let class = |environment| example(environment).manifest.components[4].spec["instance"]["class"].clone();
    assert_eq!((class("dev"), class("production")), (json!("db.t4g.micro"), json!("db.m7g.large")));
}

#[test]
fn outputs_are_references_with_full_ids() {
    let api = &example("dev").manifest.components[2];
    assert_eq!(
        api.spec["environment"],
        json!([
            {"name": "LOG_LEVEL", "value": "debug"},
            {"name": "DB_HOST", "value": {"$output": "users/db.endpoint"}},
            {"name": "DB_PORT", "value": {"$output": "users/db.port"}},
            {"name": "QUEUE_URL", "value": {"$output": "notify/queue.url"}},
            {"name": "AVATARS", "value": {"$join": ["s3://", {"$output": "users/avatars.bucketName"}, "/img"]}}
        ])
    );
    assert_eq!(api.spec["secrets"], json!([{"name": "DB_PASSWORD", "secretRef": {"$output": "users/db.secretArn"}, "key": "password"}]));
}

#[test]
fn overlays_and_protection_reach_production_only() {
    let (dev, production) = (example("dev").manifest, example("production").manifest);
    assert_eq!(dev.components[4].spec.get("lifecycle"), None);
    assert_eq!(production.components[4].spec["lifecycle"], json!({"protect": true}));
    assert_eq!(production.components[4].spec["instance"]["storage"], json!({"type": "gp3", "allocatedGB": 100}));
    assert_eq!(production.components[2].spec["resources"], json!({"cpu": 1024, "memory": 2048}));
    assert_eq!((dev.network.spec, production.network.spec), (json!({}), json!({"create": {"natGateways": "single"}})));
}

#[test]
fn a_value_has_the_place_of_the_document_that_it_comes_from() {
    let production = example("production").manifest;
    let place = |n: usize, pointer: &str| production.components[n].places.get(pointer).unwrap().to_string();
    assert_eq!(place(4, "/instance/class"), "stacks/user-platform/services/users/components/db/rds.yaml:6:21");
    assert_eq!(
        place(4, "/instance/storage/allocatedGB"),
        "stacks/user-platform/environments/production/services/users/components/db/rds.yaml:4:57"
    );
}

#[test]
fn outputs_of_the_stack_keep_their_place() {
    let outputs = example("dev").manifest.outputs;
    assert_eq!(outputs["apiUrl"].value, json!({"$output": "users/api.url"}));
    assert_eq!(outputs["apiUrl"].source.to_string(), "stacks/user-platform/stack.yaml:9:13");
}

#[test]
fn the_manifest_reads_back_as_it_was_written() {
    let manifest = example("production").manifest;
    let text = serde_json::to_string(&manifest).unwrap();
    let again: super::super::Manifest = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string(&again).unwrap(), text);
}
