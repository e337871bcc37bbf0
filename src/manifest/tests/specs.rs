//! Specs of components, documents of the stack, secrets, files.

use super::*;

const Q: &str = "stacks/s/services/one/q.yaml";

fn queue(spec: &str) -> Repo {
    Repo::stack(&[("services/one/q.yaml", &component("SQS", "q", spec))])
}

fn stack(spec: &str) -> Repo {
    Repo::new(&[("stacks/s/stack.yaml", &format!("apiVersion: core.panka.io/v1\nkind: Stack\nmetadata: {{name: s}}\nspec: {spec}\n"))])
}

fn codes(repo: &Repo) -> Vec<String> {
    repo.findings().into_iter().map(|finding| finding[..5].to_owned()).collect()
}

#[test]
fn every_fault_of_a_spec_is_reported_at_its_place() {
    let repo = queue(
        "\n  type: fifoo\n  visibilityTimeout: 43201\n  visibilityTimout: 1\n  deadLetterQueue: yes\n  dependsOn: [{access: read}, a/b/c]\n  lifecycle: {timeouts: {create: soon}}\n  maintenanceWindow: sunday",
    );
    assert_eq!(
        repo.findings(),
        [
            format!("P1013 {Q}:5:9"),
            format!("P1013 {Q}:6:22"),
            format!("P1010 {Q}:7:3"),
            format!("P1011 {Q}:8:20"),
            format!("P1012 {Q}:9:15"),
            format!("P1014 {Q}:9:31"),
            format!("P1014 {Q}:10:34"),
            format!("P1014 {Q}:11:22"),
        ]
    );
}

#[test]
fn a_missing_field_is_named_at_the_key_that_lacks_it() {
    let repo = Repo::stack(&[(
        "services/one/q.yaml",
        &format!("{}---\n{}", component("RDS", "d", "{engine: {version: 16}}"), component("Worker", "w", "{}")),
    )]);
    assert_eq!(repo.findings(), [format!("P1012 {Q}:4:8"), format!("P1012 {Q}:9:1")]);
}

#[test]
fn numbers_may_stand_in_quotes_and_texts_without() {
    let repo = queue("{visibilityTimeout: \"60\", tags: {cost: 0123, on: no, at: 2026-11-23}}");
    assert_eq!(repo.spec("one/q"), json!({"visibilityTimeout": 60, "tags": {"cost": "0123", "on": "no", "at": "2026-11-23"}}));
}

#[test]
fn envelopes_are_strict() {
    for (text, expected) in [
        ("kind: SQS\nmetadata: {name: q}\n", vec!["P1003 {Q}:1:1"]),
        ("apiVersion: components.panka.io/v2\nkind: SQS\nmetadata: {name: q}\n", vec!["P1003 {Q}:1:13"]),
        ("apiVersion: core.panka.io/v1\nkind: SQS\nmetadata: {name: q}\n", vec!["P1003 {Q}:1:13"]),
        ("apiVersion: [x]\nkind: SQS\nmetadata: {name: q}\n", vec!["P1003 {Q}:1:13"]),
        ("apiVersion: components.panka.io/v1\nmetadata: {name: q}\n", vec!["P1012 {Q}:1:1"]),
        ("apiVersion: components.panka.io/v1\nkind: SQSS\nmetadata: {name: q}\n", vec!["P1004 {Q}:2:7"]),
        ("apiVersion: components.panka.io/v1\nkind: [SQS]\nmetadata: {name: q}\n", vec!["P1011 {Q}:2:7"]),
        ("apiVersion: components.panka.io/v1\nkind: Kafka\nmetadata: {name: q}\n", vec!["P1015 {Q}:2:7"]),
        ("apiVersion: components.panka.io/v1\nkind: SQS\n", vec!["P1005 {Q}:1:1"]),
        ("apiVersion: components.panka.io/v1\nkind: SQS\nmetadata: {}\n", vec!["P1005 {Q}:3:1"]),
        ("apiVersion: components.panka.io/v1\nkind: SQS\nmetadata: {name: Q}\n", vec!["P1005 {Q}:3:18"]),
        ("apiVersion: components.panka.io/v1\nkind: SQS\nmetadata: {name: _stack}\n", vec!["P1005 {Q}:3:18"]),
        ("apiVersion: components.panka.io/v1\nkind: SQS\nmetadata: {name: 5}\n", vec!["P1005 {Q}:3:18"]),
        ("apiVersion: components.panka.io/v1\nkind: SQS\nmetadata: {name: [q]}\n", vec!["P1005 {Q}:3:18"]),
        (
            "apiVersion: components.panka.io/v1\nkind: SQS\nmetadata: {name: q, nam: x, labels: [a], annotations: {b: []}}\nspecs: {}\n",
            vec!["P1010 {Q}:3:21", "P1011 {Q}:3:37", "P1011 {Q}:3:59", "P1010 {Q}:4:1"],
        ),
        ("apiVersion: components.panka.io/v1\nkind: SQS\nmetadata: q\n", vec!["P1011 {Q}:3:11"]),
        ("apiVersion: components.panka.io/v1\nkind: SQS\nmetadata: {name: q}\nspec: [x]\n", vec!["P1011 {Q}:4:7"]),
        ("- a\n", vec!["P1011 {Q}:1:1"]),
        ("just text\n", vec!["P1011 {Q}:1:1"]),
    ] {
        let repo = Repo::stack(&[("services/one/q.yaml", text)]);
        let expected: Vec<String> = expected.into_iter().map(|line| line.replace("{Q}", Q)).collect();
        assert_eq!(repo.findings(), expected, "{text}");
    }
    let long = format!("apiVersion: components.panka.io/v1\nkind: SQS\nmetadata: {{name: {}}}\n", "a".repeat(41));
    assert_eq!(codes(&Repo::stack(&[("services/one/q.yaml", &long)])), ["P1005"]);
}

#[test]
fn aliases_are_normalised_before_merging() {
    let repo = Repo::stack(&[
        (
            "services/one/a.yaml",
            &component("MicroService", "a", "{container: {image: \"acme/a:1\"}, cpu: 512, environment: {B: 2, A: 1}, replicas: 2}"),
        ),
        ("environments/dev/services/one/components/a/a.yaml", &component("MicroService", "a", "{resources: {cpu: 1024}, image: {tag: 2}}")),
        ("infra/a.yaml", "apiVersion: infra.panka.io/v1\nkind: InfraDefaults\nmetadata: {name: d}\nspec: {replicas: 9, memory: 512Mi}\n"),
    ]);
    assert_eq!(
        repo.spec("one/a"),
        json!({
            "image": {"repository": "acme/a", "tag": "2"}, "resources": {"cpu": 1024, "memory": "512Mi"}, "scaling": {"replicas": 2},
            "environment": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]
        })
    );
    let repo = Repo::stack(&[("services/one/q.yaml", &component("MicroService", "a", "{image: x, cpu: 256, resources: {cpu: 512}}"))]);
    assert_eq!(repo.findings(), [format!("P1020 {Q}:4:23")]);
}

#[test]
fn an_image_may_be_one_variable() {
    let repo = Repo::stack(&[("services/one/a.yaml", &component("MicroService", "a", "{image: \"${IMAGE}\"}"))]);
    let repo = repo.with(|request| request.variables = vec![("IMAGE".into(), "host:5000/a/b:v3".into())]);
    assert_eq!(repo.spec("one/a")["image"], json!({"repository": "host:5000/a/b", "tag": "v3"}));
    let repo = Repo::stack(&[("services/one/a.yaml", &component("MicroService", "a", "{image: \"${repo.uri}:v3\"}"))]);
    assert_eq!(repo.spec("one/a")["image"], json!({"repository": {"$output": "one/repo.uri"}, "tag": "v3"}));
}

#[test]
fn what_is_recognised_and_not_offered_names_the_alternative() {
    let repo = Repo::stack(&[(
        "services/one/q.yaml",
        &component("MicroService", "a", "{image: x, runtime: {platform: lambda}, networking: {serviceMesh: {enabled: true}}}"),
    )]);
    assert_eq!(repo.findings(), [format!("P1015 {Q}:4:38"), format!("P1015 {Q}:4:60")]);
}

#[test]
fn literal_secrets_are_refused() {
    let spec = "{image: x, environment: [{name: K, value: AKIAIOSFODNN7EXAMPLE}, {name: DB_PASSWORD, value: hunter2}, {name: P, value: \"${db.password}\"}]}";
    let repo = Repo::stack(&[(
        "services/one/q.yaml",
        &format!(
            "{}---\n{}---\n{}",
            component("MicroService", "a", spec),
            component("RDS", "d", "{engine: {type: mysql}, database: {password: hunter2, passwordSecret: prod/db}}"),
            component("Resource", "r", "{type: x, properties: {MasterUserPassword: \"${PW:-x}\", AuthToken: \"${r2.token}\"}}")
        ),
    )]);
    assert_eq!(
        repo.findings(),
        [format!("P1040 {Q}:4:49"), format!("P1040 {Q}:4:99"), format!("P1040 {Q}:9:52"), format!("P1040 {Q}:14:50")]
    );
}

#[test]
fn references_to_secrets_are_well_formed() {
    let spec = "{image: x, secrets: [{name: A, secretRef: 'a b'}, {name: B, secretRef: 'ssm:/a', key: k}, {name: C, secretRef: \"${db.secretArn}\", key: k}]}";
    let repo = Repo::stack(&[(
        "services/one/q.yaml",
        &format!(
            "{}---\n{}",
            component("MicroService", "a", spec),
            component("RDS", "d", "{engine: {type: mysql}, database: {passwordSecret: {ref: 'ssm:/a', key: k}}}")
        ),
    )]);
    assert_eq!(repo.findings(), [format!("P1041 {Q}:4:49"), format!("P1041 {Q}:4:88"), format!("P1041 {Q}:9:74")]);
}

#[test]
fn findings_of_the_kind_come_with_the_others() {
    let ports = "{image: x, ports: [{name: a, port: 1}, {name: a, port: 2}]}";
    let repo = Repo::stack(&[(
        "services/one/q.yaml",
        &format!("{}---\n{}", component("MicroService", "a", ports), component("SQS", "q", "{x: 1}")),
    )]);
    assert_eq!(repo.findings(), [format!("P1019 {Q}:4:53"), format!("P1010 {Q}:9:8")]);
}

#[test]
fn files_are_carried_along() {
    let repo = Repo::stack(&[
        ("services/one/components/a/a.yaml", &component("MicroService", "a", "{image: x, configs: {mountPath: /etc/a}}")),
        ("services/one/components/a/configs/b.conf", "b\n"),
        ("services/one/components/a/configs/sub/a.conf", "a\n"),
        (
            "services/one/components/b/b.yaml",
            &component("MicroService", "b", "{image: x, configs: {files: [own.conf, shared/all.conf, ../a/configs]}}"),
        ),
        ("services/one/components/b/own.conf", "own\n"),
    ]);
    repo.write("shared/all.conf", &[0xff, 0x00]);
    let components = repo.good().manifest.components;
    assert_eq!(components[0].spec["configs"], json!({"mountPath": "/etc/a", "files": ["b.conf", "sub/a.conf"]}));
    let file = &components[0].files["b.conf"];
    // From `printf 'b\n' | sha256sum`.
    assert_eq!(file.sha256, "0263829989b6fd954f72baaf2fc64bc2e2f01d692d4de72986ea808f6e99813f");
    assert_eq!(
        (file.path.as_str(), file.size, file.text.as_deref()),
        ("stacks/s/services/one/components/a/configs/b.conf", 2, Some("b\n"))
    );
    let b = &components[1].files;
    assert_eq!(b["own.conf"].path, "stacks/s/services/one/components/b/own.conf");
    assert_eq!((b["shared/all.conf"].path.as_str(), &b["shared/all.conf"].text), ("shared/all.conf", &None));
    assert_eq!((b["../a/configs"].path.as_str(), b["../a/configs"].size), ("stacks/s/services/one/components/a/configs", 4));
}

#[test]
fn files_stay_in_the_repository() {
    let repo = Repo::stack(&[(
        "services/one/q.yaml",
        &component(
            "MicroService",
            "b",
            "{image: x, configs: {files: [gone.conf, ../../../../../../../../../etc/hostname, /etc/hostname, '']}}",
        ),
    )]);
    let found = repo.findings();
    assert_eq!((found[0].as_str(), found[1].as_str()), (&*format!("P1021 {Q}:4:36"), &*format!("P1021 {Q}:4:47")));
    assert_eq!(codes(&repo), ["P1021", "P1021", "P1014", "P1014"]);
}

#[test]
fn the_environment_is_laid_over_the_stack() {
    let repo = stack(
        "{provider: {region: eu-west-1, accountId: 012345678901}, defaultTags: {a: 1, b: x}, network: {existing: {vpcId: vpc-12345678}}, cluster: {containerInsights: true}, backend: {bucket: state}}",
    );
    repo.write(
        "stacks/s/environments/dev.yaml",
        b"apiVersion: core.panka.io/v1\nkind: Environment\nmetadata: {name: dev}\nspec: {protect: true, provider: {region: eu-central-1}, defaultTags: {b: y}, network: {create: {availabilityZones: 3}}, backend: {prefix: p/}}\n",
    );
    let manifest = repo.good().manifest;
    assert_eq!((manifest.provider.region.as_str(), manifest.provider.account_id.as_deref()), ("eu-central-1", Some("012345678901")));
    assert_eq!(serde_json::to_value(&manifest.default_tags).unwrap(), json!({"a": "1", "b": "y"}));
    assert_eq!(manifest.network.spec, json!({"create": {"availabilityZones": 3}}));
    assert_eq!(manifest.cluster.spec, json!({"containerInsights": true}));
    assert_eq!(serde_json::to_value(&manifest.backend).unwrap(), json!({"bucket": "state", "prefix": "p/"}));
    assert!(manifest.protect);
    assert_eq!(manifest.network.places.get("/create/availabilityZones").unwrap().to_string(), "stacks/s/environments/dev.yaml:4:116");
}

#[test]
fn configuration_stands_below_the_stack() {
    let repo = stack("{defaultTags: {a: stack}}").with(|request| {
        request.defaults.region = Some("eu-north-1".into());
        request.defaults.profile = Some("work".into());
        request.defaults.default_tags = [("a".to_owned(), "config".to_owned()), ("b".to_owned(), "config".to_owned())].into();
    });
    let manifest = repo.good().manifest;
    assert_eq!((manifest.provider.region.as_str(), manifest.provider.profile.as_deref()), ("eu-north-1", Some("work")));
    assert_eq!(serde_json::to_value(&manifest.default_tags).unwrap(), json!({"a": "stack", "b": "config"}));
}

#[test]
fn a_region_is_needed_unless_the_account_is_simulated() {
    let repo = stack("{}").with(|request| request.simulated = false);
    assert_eq!(repo.findings(), ["P1012 stacks/s/stack.yaml:1:1"]);
    assert_eq!(repo.with(|request| request.simulated = true).good().manifest.provider.region, "us-east-1");
}

#[test]
fn stack_documents_are_strict() {
    for (spec, expected) in [
        ("{provider: {region: us-eats-1, name: gcp, accountId: 12345}}", vec!["P1014", "P1013", "P1014"]),
        ("{providr: {}}", vec!["P1010"]),
        ("{network: {existing: {publicSubnetIds: []}}}", vec!["P1012"]),
        ("{network: {existing: {vpcId: vpc-12345678}, create: {}}}", vec!["P1017"]),
        (
            "{network: {create: {cidr: 10.0.0.1/16, availabilityZones: 9, natGateways: many, endpoints: [sqs]}}}",
            vec!["P1014", "P1013", "P1013", "P1013"],
        ),
        ("{variables: {A: {b: c}}}", vec!["P1011"]),
        ("{outputs: {\"a b\": x}}", vec!["P1014"]),
        ("{provider: {region: \"${REGION}\"}}", vec!["P1030"]),
        ("{backend: {bucket: \"${ENVIRONMENT}-state\", prefix: \"${ACCOUNT_ID}\"}}", vec!["P1030"]),
    ] {
        assert_eq!(codes(&stack(spec)), expected, "{spec}");
    }
}

#[test]
fn services_know_each_other() {
    let service = |name: &str, spec: &str| {
        format!(
            "apiVersion: core.panka.io/v1\nkind: Service\nmetadata: {{name: {name}, description: d, labels: {{l: \"${{SERVICE}}\"}}}}\nspec: {spec}\n"
        )
    };
    let repo = Repo::stack(&[
        ("services/one/service.yaml", &service("one", "{dependsOn: [two]}")),
        ("services/two/service.yaml", &service("two", "{}")),
    ]);
    let one = &repo.good().manifest.services["one"];
    assert_eq!(
        (one.depends_on.as_slice(), one.labels["l"].as_str(), one.description.as_deref()),
        (&["two".to_owned()][..], "one", Some("d"))
    );
    let repo = Repo::stack(&[
        ("services/one/service.yaml", &service("one", "{dependsOn: [tow], extra: 1}")),
        ("services/two/service.yaml", &service("two", "{}")),
    ]);
    assert_eq!(repo.findings(), ["P2002 stacks/s/services/one/service.yaml:4:20", "P1010 stacks/s/services/one/service.yaml:4:26"]);
}

#[test]
fn protection_of_the_environment_reaches_stateful_kinds() {
    let files = format!(
        "{}---\n{}---\n{}",
        component("S3", "a", "{}"),
        component("S3", "b", "{lifecycle: {protect: false}}"),
        component("SQS", "c", "{}")
    );
    let repo = Repo::stack(&[
        ("services/one/x.yaml", &files),
        ("environments/dev.yaml", "apiVersion: core.panka.io/v1\nkind: Environment\nmetadata: {name: dev}\nspec: {protect: true}\n"),
    ]);
    let protect = |id: &str| repo.spec(id).pointer("/lifecycle/protect").cloned();
    assert_eq!([protect("one/a"), protect("one/b"), protect("one/c")], [Some(json!(true)), Some(json!(false)), None]);
}
