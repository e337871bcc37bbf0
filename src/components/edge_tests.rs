//! Edges, access and references of whole manifests.

use serde_json::{Value, json};

use super::tests::{checked, codes, components, get, manifest};
use super::{Translated, translate};
use crate::diagnostic::Error;

fn service(more: Value) -> Value {
    let mut spec = json!({"image": {"repository": "acme/x", "tag": "1"}, "ports": [{"name": "http", "port": 8080}]});
    let Value::Object(more) = more else { panic!("not a map: {more}") };
    spec.as_object_mut().unwrap().extend(more);
    spec
}

fn try_these(list: &[(&str, &str, Value)]) -> Result<Translated, Error> {
    translate(&manifest(components(list)))
}

/// Code and message of the only finding.
fn only(list: &[(&str, &str, Value)]) -> (String, String, Vec<String>) {
    let error = try_these(list).unwrap_err();
    let [finding] = error.findings() else { panic!("{:#?}", error.findings()) };
    (finding.code.name().to_owned(), finding.message.clone(), finding.help.clone())
}

#[test]
fn references_that_lead_nowhere_are_told_apart() {
    let depends = |on: &str| service(json!({"dependsOn": [on]}));
    let queue = ("shop/queue", "SQS", json!({}));
    let found = |on: &str| {
        only(&[("shop/api", "MicroService", depends(on)), queue.clone(), ("other/db", "RDS", json!({"engine": {"type": "postgres"}}))])
    };
    assert_eq!(found("quue").0, "P2001");
    assert_eq!(found("quue").2, ["did you mean `queue`?"]);
    assert_eq!(found("shopp/queue").0, "P2002");
    assert_eq!(found("shopp/queue").2, ["did you mean `shop`?"]);
    assert_eq!(found("db").0, "P2007");
    assert_eq!(found("db").2, ["write `other/db`: a bare name means a component of the same service"]);
    assert_eq!(found("api").0, "P2006");
}

#[test]
fn a_reference_to_a_disabled_component_is_its_own_finding() {
    let mut document = components(&[("shop/api", "MicroService", service(json!({"dependsOn": ["cache"]})))]);
    document["disabled"] = json!(["shop/cache"]);
    assert_eq!(codes(translate(&manifest(document))), ["P2005"]);
}

#[test]
fn outputs_that_are_not_there_are_told_from_those_not_offered() {
    let reads = |output: &str| {
        only(&[
            ("shop/api", "MicroService", service(json!({"environment": [{"name": "X", "value": {"$output": output}}]}))),
            ("shop/back", "MicroService", service(json!({}))),
        ])
    };
    let (code, _, help) = reads("back.endpont");
    assert_eq!((code.as_str(), help[0].as_str()), ("P2003", "did you mean `endpoint`?"));
    assert_eq!(reads("back.url").0, "P2004");
    assert_eq!(reads("back.load_balancer_url").0, "P2004");
    assert_eq!(reads("back.serviceName.x").0, "P2003");
}

#[test]
fn snake_case_names_the_same_output() {
    let translated = checked(&[
        ("shop/api", "MicroService", service(json!({"environment": [{"name": "X", "value": {"$output": "back.security_group_id"}}]}))),
        ("shop/back", "MicroService", service(json!({}))),
    ]);
    let variable = &get(&translated, "shop/api/task-definition").properties["ContainerDefinitions"][0]["Environment"][0]["Value"];
    assert_eq!(*variable, json!({"$ref": "shop/back/security-group", "attribute": "GroupId"}));
}

#[test]
fn a_list_does_not_fit_a_variable() {
    let spec = service(json!({"environment": [{"name": "X", "value": {"$output": "_stack/network.publicSubnetIds"}}]}));
    assert_eq!(only(&[("shop/api", "MicroService", spec)]).0, "P2009");
    let spec = service(json!({"environment": [{"name": "X", "value": {"$join": ["a", {"$output": "_stack/network.publicSubnetIds"}]}}]}));
    assert_eq!(only(&[("shop/api", "MicroService", spec)]).0, "P2009");
}

#[test]
fn a_circle_is_named_with_its_path() {
    let depends = |on: &str| service(json!({"dependsOn": [on]}));
    let (code, message, _) = only(&[
        ("shop/a", "MicroService", depends("b")),
        ("shop/b", "MicroService", depends("c")),
        ("shop/c", "MicroService", service(json!({"environment": [{"name": "X", "value": {"$output": "a.endpoint"}}]}))),
        ("shop/d", "MicroService", depends("a")),
    ]);
    assert_eq!((code.as_str(), message.as_str()), ("P2010", "components wait for each other: shop/a → shop/b → shop/c → shop/a"));
}

#[test]
fn a_worker_reads_its_queue_and_nothing_else() {
    let worker = json!({"image": {"repository": "acme/x", "tag": "1"}, "queue": {"component": "topic"}});
    assert_eq!(only(&[("shop/w", "Worker", worker), ("shop/topic", "SNS", json!({}))]).0, "P2011");
}

fn actions(access: Option<&str>) -> Value {
    let dependency = access.map_or(json!("queue"), |access| json!({"component": "queue", "access": access}));
    let translated =
        checked(&[("shop/api", "MicroService", service(json!({"dependsOn": [dependency]}))), ("shop/queue", "SQS", json!({}))]);
    let policy = translated.resources.into_iter().find(|resource| resource.address.as_str() == "shop/api/task-policy");
    policy.map_or(Value::Null, |policy| policy.properties["PolicyDocument"]["Statement"][0]["Action"].clone())
}

#[test]
fn explicit_access_stands_above_the_default() {
    let write = json!(["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:SendMessage"]);
    assert_eq!(actions(None), write);
    assert_eq!(actions(Some("write")), write);
    assert_eq!(actions(Some("none")), Value::Null);
    assert_eq!(actions(Some("read"))[0], "sqs:ChangeMessageVisibility");
}

#[test]
fn an_access_that_cannot_be_is_reported() {
    let on = |component: &str| json!({"dependsOn": [{"component": component, "access": "read"}]});
    let api = ("shop/api", "MicroService", service(json!({})));
    assert_eq!(only(&[api.clone(), ("shop/queue", "SQS", on("api"))]).0, "P2012");
    let worker = json!({"image": {"repository": "acme/x", "tag": "1"}});
    assert_eq!(only(&[("shop/api", "MicroService", service(on("w"))), ("shop/w", "Worker", worker)]).0, "P2012");
}

#[test]
fn every_port_lets_each_consumer_in() {
    let ports =
        json!({"ports": [{"name": "http", "port": 80}, {"name": "admin", "port": 81}, {"name": "dns", "port": 53, "protocol": "UDP"}]});
    let translated =
        checked(&[("shop/api", "MicroService", service(json!({"dependsOn": ["back"]}))), ("shop/back", "MicroService", service(ports))]);
    for (role, port, protocol) in
        [("ingress.shop.api", 80, "tcp"), ("ingress.shop.api.81", 81, "tcp"), ("ingress.shop.api.53-udp", 53, "udp")]
    {
        let rule = get(&translated, &format!("shop/back/{role}"));
        assert_eq!((&rule.properties["FromPort"], &rule.properties["IpProtocol"]), (&json!(port), &json!(protocol)));
        assert!(get(&translated, "shop/api/service").depends_on.contains(&rule.address));
    }
    assert_eq!(translated.outputs["shop/back.endpoint"], "back.shop.shop-dev.internal");
}

#[test]
fn a_service_that_waits_for_a_service_opens_nothing() {
    let mut document = components(&[("a/x", "MicroService", service(json!({}))), ("b/y", "MicroService", service(json!({})))]);
    document["services"] = json!({"a": {"dependsOn": ["b"]}, "b": {}});
    let translated = translate(&manifest(document)).unwrap();
    assert!(get(&translated, "a/x/service").depends_on.iter().any(|address| address.as_str() == "b/y/service"));
    assert!(
        !translated
            .resources
            .iter()
            .any(|resource| resource.address.role().starts_with("ingress") || resource.address.role() == "discovery")
    );
    let mut document = components(&[("a/x", "MicroService", service(json!({})))]);
    document["services"] = json!({"a": {"dependsOn": ["bb"]}});
    assert_eq!(codes(translate(&manifest(document))), ["P2002"]);
}

#[test]
fn roles_that_are_not_there_are_reported() {
    let spec = json!({"overrides": {"que": {"DelaySeconds": 1}}, "lifecycle": {"ignoreChanges": ["dead:/Tags", "/Tags"]}});
    assert_eq!(codes(try_these(&[("shop/queue", "SQS", spec)])), ["P2018", "P2018"]);
}

#[test]
fn overrides_are_merged_last_and_checked() {
    let spec = json!({"overrides": {"queue": {"DelaySeconds": 7}}, "lifecycle": {"ignoreChanges": ["/DelaySeconds"]}});
    let translated = checked(&[("shop/queue", "SQS", spec)]);
    let queue = get(&translated, "shop/queue/queue");
    assert_eq!(queue.properties["DelaySeconds"], 7);
    assert_eq!(queue.lifecycle.ignore_changes, ["/DelaySeconds"]);

    let mut document = components(&[("shop/queue", "SQS", json!({"overrides": {"queue": {"Delay": 7}}}))]);
    document["components"][0]["places"] = json!({"/overrides/queue/Delay": "sqs.yaml:7:9"});
    let error = translate(&manifest(document)).unwrap_err();
    assert_eq!(error.findings()[0].code.name(), "P3002");
    assert_eq!(error.findings()[0].span.as_ref().unwrap().to_string(), "sqs.yaml:7:9");
    assert_eq!(codes(try_these(&[("shop/queue", "SQS", json!({"overrides": {"queue": {"Arn": "x"}}}))])), ["P3005"]);
}

#[test]
fn equal_names_are_reported() {
    assert_eq!(codes(try_these(&[("user/db-main", "SQS", json!({})), ("user-db/main", "SQS", json!({}))])), ["P2014"]);
    assert_eq!(codes(try_these(&[("a/x", "SQS", json!({"name": "jobs"})), ("b/y", "SQS", json!({"name": "jobs"}))])), ["P2014"]);
}

#[test]
fn a_name_of_one_s_own_has_no_generations_and_is_deleted_first() {
    let translated = checked(&[("shop/queue", "SQS", json!({"name": "jobs"}))]);
    let queue = get(&translated, "shop/queue/queue");
    assert_eq!((&queue.properties["QueueName"], &queue.naming), (&json!("jobs"), &None));
    assert_eq!(queue.lifecycle.replace, crate::resource::ReplaceOrder::DeleteFirst);
    assert_eq!(codes(try_these(&[("shop/queue", "SQS", json!({"name": "a b"}))])), ["P3008"]);
}

#[test]
fn warnings_name_what_stands_alone_or_unprotected() {
    let warned = |list: &[(&str, &str, Value)], protect: bool| {
        let mut document = components(list);
        document["protect"] = json!(protect);
        translate(&manifest(document)).unwrap().warnings.iter().map(|finding| finding.code.name()).collect::<Vec<_>>()
    };
    let api = || ("shop/api", "MicroService", service(json!({})));
    assert_eq!(warned(&[api(), ("shop/queue", "SQS", json!({}))], false), ["P2020"]);
    assert_eq!(warned(&[("shop/queue", "SQS", json!({}))], false), Vec::<&str>::new());
    let bucket = json!({"lifecycle": {"protect": false}});
    assert_eq!(warned(&[("shop/bucket", "S3", bucket.clone())], true), ["P3042"]);
    assert_eq!(warned(&[("shop/bucket", "S3", bucket)], false), Vec::<&str>::new());
}

#[test]
fn tags_of_panka_cannot_be_set() {
    assert_eq!(codes(try_these(&[("shop/queue", "SQS", json!({"tags": {"managed-by": "me"}}))])), ["P3009"]);
    assert_eq!(codes(try_these(&[("shop/queue", "SQS", json!({"tags": {"aws:x": "me"}}))])), ["P3009"]);
}

#[test]
fn a_manifest_that_was_broken_on_its_way_is_reported() {
    let broken = |change: fn(&mut Value)| {
        let mut document = components(&[("shop/queue", "SQS", json!({}))]);
        change(&mut document);
        codes(translate(&manifest(document)))
    };
    assert_eq!(broken(|document| document["components"][0]["type"] = json!("Queue")), ["P1004"]);
    assert_eq!(broken(|document| document["components"][0]["type"] = json!("EFS")), ["P1015"]);
    assert_eq!(broken(|document| document["components"][0]["spec"]["type"] = json!(7)), ["P1011"]);
    assert_eq!(broken(|document| document["components"][0]["spec"]["colour"] = json!("red")), ["P1010"]);
    assert_eq!(
        broken(|document| {
            let copy = document["components"][0].clone();
            document["components"].as_array_mut().unwrap().push(copy);
        }),
        ["P1008"]
    );
}

#[test]
fn a_subject_that_is_not_reported_twice() {
    // An unknown output of a broken component says nothing new.
    let mut document = components(&[
        ("shop/api", "MicroService", service(json!({"environment": [{"name": "X", "value": {"$output": "queue.url"}}]}))),
        ("shop/queue", "SQS", json!({})),
    ]);
    document["components"][1]["spec"]["delaySeconds"] = json!("soon");
    assert_eq!(codes(translate(&manifest(document))), ["P1011"]);
}
