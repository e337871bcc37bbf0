//! Overlays, defaults and `ComponentInfra`.

use super::*;

fn infra(kind: &str, spec: &str) -> String {
    format!("apiVersion: infra.panka.io/v1\nkind: {kind}\nmetadata: {{name: a}}\nspec: {spec}\n")
}

const HOME: &str = "services/one/components/a";
const OVER: &str = "environments/dev/services/one/components/a";

fn layered(base: &str, files: &[(String, String)]) -> Repo {
    let repo = Repo::stack(&[(&format!("{HOME}/a.yaml"), &component("MicroService", "a", base))]);
    for (name, text) in files {
        repo.write(&format!("stacks/s/{name}"), text.as_bytes());
    }
    repo
}

fn file(name: impl Into<String>, text: impl Into<String>) -> (String, String) {
    (name.into(), text.into())
}

#[test]
fn the_nearer_document_wins() {
    let repo = layered(
        "{image: x, resources: {memory: 4}}",
        &[
            file(
                "infra/a.yaml",
                infra("InfraDefaults", "{resources: {cpu: 256, memory: 1}, scaling: {replicas: 1}, tags: {from: stack, only: stack}}"),
            ),
            file("infra/b.yaml", infra("InfraDefaults", "{scaling: {replicas: 2}}")),
            file("services/one/infra/x.yaml", infra("ServiceInfraDefaults", "{resources: {memory: 2}, tags: {from: service}}")),
            file(format!("{HOME}/infra.yaml"), infra("ComponentInfra", "{resources: {memory: 3, cpu: 512}}")),
        ],
    );
    assert_eq!(
        repo.spec("one/a"),
        json!({"image": {"repository": "x"}, "resources": {"cpu": 512, "memory": 4}, "scaling": {"replicas": 2}, "tags": {"from": "service", "only": "stack"}})
    );
}

#[test]
fn defaults_reach_only_the_kinds_that_use_them() {
    let repo = layered(
        "{image: x}",
        &[
            file(
                "infra/a.yaml",
                infra(
                    "InfraDefaults",
                    "{networking: {subnets: private, loadBalancer: {enabled: true}}, byKind: {SQS: {visibilityTimeout: 77}, Worker: {command: [run]}}}",
                ),
            ),
            file("services/one/more.yaml", format!("{}---\n{}", component("SQS", "q", "{}"), component("Worker", "w", "{image: x}"))),
        ],
    );
    assert_eq!(repo.spec("one/a")["networking"], json!({"subnets": "private", "loadBalancer": {"enabled": true}}));
    assert_eq!(repo.spec("one/w"), json!({"image": {"repository": "x"}, "networking": {"subnets": "private"}, "command": ["run"]}));
    assert_eq!(repo.spec("one/q"), json!({"visibilityTimeout": 77}));
}

#[test]
fn a_field_that_no_kind_uses_is_found_once_in_defaults() {
    let repo = layered(
        "{image: x}",
        &[
            file(
                "infra/a.yaml",
                infra(
                    "InfraDefaults",
                    "\n  scalling: {replicas: 1}\n  resources: {cpus: 1}\n  image: x\n  byKind:\n    SQS: {visibilityTimout: 1}\n    Sqs: {}\n    MSK: {}",
                ),
            ),
            file("services/one/more.yaml", component("Worker", "w", "{image: x}")),
        ],
    );
    let at = "stacks/s/infra/a.yaml";
    assert_eq!(
        repo.findings(),
        [
            format!("P1010 {at}:5:3"),
            format!("P1010 {at}:6:15"),
            format!("P1010 {at}:7:3"),
            format!("P1010 {at}:9:11"),
            format!("P1004 {at}:10:5"),
            format!("P1015 {at}:11:5")
        ]
    );
}

#[test]
fn a_wrong_default_is_found_where_it_stands_and_once() {
    let repo = layered(
        "{image: x}",
        &[
            file("infra/a.yaml", infra("InfraDefaults", "{scaling: {replicas: many}}")),
            file("services/one/more.yaml", component("Worker", "w", "{image: x}")),
        ],
    );
    assert_eq!(repo.findings(), ["P1011 stacks/s/infra/a.yaml:4:28"]);
}

#[test]
fn defaults_may_use_variables_of_the_component() {
    let repo = layered("{image: x}", &[file("infra/a.yaml", infra("InfraDefaults", "{tags: {at: \"${SERVICE}-${COMPONENT}\"}}"))]);
    assert_eq!(repo.spec("one/a")["tags"], json!({"at": "one-a"}));
}

#[test]
fn further_files_of_defaults_are_named_by_stack_and_service() {
    let repo = layered(
        "{image: x}",
        &[
            file(
                "stack.yaml",
                "apiVersion: core.panka.io/v1\nkind: Stack\nmetadata: {name: s}\nspec: {infrastructure: {net: more/net.yaml, again: infra/a.yaml}}\n",
            ),
            file("more/net.yaml", infra("InfraDefaults", "{networking: {subnets: private}}")),
            file("infra/a.yaml", infra("InfraDefaults", "{scaling: {replicas: 2}}")),
            file(
                "services/one/service.yaml",
                "apiVersion: core.panka.io/v1\nkind: Service\nmetadata: {name: one}\nspec: {infrastructure: {x: ../../more/one.yaml}}\n",
            ),
            file("more/one.yaml", infra("ServiceInfraDefaults", "{resources: {memory: 9}}")),
        ],
    );
    assert_eq!(
        repo.spec("one/a"),
        json!({"image": {"repository": "x"}, "networking": {"subnets": "private"}, "scaling": {"replicas": 2}, "resources": {"memory": 9}})
    );
    let repo = layered(
        "{image: x}",
        &[file(
            "stack.yaml",
            "apiVersion: core.panka.io/v1\nkind: Stack\nmetadata: {name: s}\nspec: {infrastructure: {a: gone.yaml, b: ../../../../../../../etc/passwd}}\n",
        )],
    );
    assert_eq!(repo.findings(), ["P1021 stacks/s/stack.yaml:4:28", "P1021 stacks/s/stack.yaml:4:42"]);
}

#[test]
fn component_infra_holds_what_the_kind_uses() {
    let repo = layered(
        "{image: x}",
        &[
            file(format!("{HOME}/infra.yaml"), infra("ComponentInfra", "{image: y, nonsense: 1, scalling: 1}")),
            file("services/one/components/w/w.yaml", component("Worker", "w", "{image: x, networking: {loadBalancer: {enabled: true}}}")),
            file(
                "services/one/components/w/infra.yaml",
                infra("ComponentInfra", "{networking: {loadBalancer: {}}}").replace("name: a", "name: w"),
            ),
            file("services/one/components/q/q.yaml", component("SQS", "q", "{}")),
            file("services/one/components/q/infra.yaml", infra("ComponentInfra", "{scaling: {}}").replace("name: a", "name: q")),
        ],
    );
    let at = "stacks/s/services/one/components";
    assert_eq!(
        repo.findings(),
        [
            format!("P1010 {at}/a/infra.yaml:4:8"),
            format!("P1010 {at}/a/infra.yaml:4:18"),
            format!("P1010 {at}/a/infra.yaml:4:31"),
            format!("P1016 {at}/q/infra.yaml:4:8"),
            format!("P1016 {at}/w/infra.yaml:4:21"),
        ]
    );
}

#[test]
fn overlays_are_laid_over_their_base() {
    let repo = layered(
        "{image: x, environment: [{name: A, value: a}, {name: B, value: b}], resources: {cpu: 256}}",
        &[
            file(format!("{HOME}/infra.yaml"), infra("ComponentInfra", "{scaling: {replicas: 2}}")),
            file(
                format!("{OVER}/1.yaml"),
                component("MicroService", "a", "{environment: {B: null, C: c}, resources: null, image: {tag: v9}}"),
            ),
            file(format!("{OVER}/2.yaml"), infra("ComponentInfra", "{scaling: {replicas: 5}}")),
        ],
    );
    assert_eq!(
        repo.spec("one/a"),
        json!({"image": {"repository": "x", "tag": "v9"}, "environment": [{"name": "A", "value": "a"}, {"name": "C", "value": "c"}], "scaling": {"replicas": 5}})
    );
}

#[test]
fn overlays_fit_their_base() {
    let repo = layered(
        "{image: x, ports: [{name: h, port: 1}]}",
        &[
            file(format!("{OVER}/1.yaml"), component("Worker", "a", "{}")),
            file(format!("{OVER}/2.yaml"), component("MicroService", "a", "{ports: none}")),
            file(format!("{OVER}/3.yaml"), component("MicroService", "a", "{image: x}")),
            file(format!("{OVER}/4.yaml"), component("MicroService", "a", "{ports: [{name: g, $delete: true}]}")),
            file("environments/dev/services/one/components/b/b.yaml", component("SQS", "b", "{}")),
            file("services/one/components/c/infra.yaml", infra("ComponentInfra", "{}").replace("name: a", "name: c")),
            file("environments/dev/stray.yaml", component("SQS", "b", "{}")),
        ],
    );
    let over = "stacks/s/environments/dev";
    assert_eq!(
        repo.findings(),
        [
            format!("P1052 {over}/services/one/components/a/1.yaml:1:1"),
            format!("P1052 {over}/services/one/components/a/2.yaml:4:15"),
            format!("P1053 {over}/services/one/components/a/3.yaml:4:1"),
            format!("P1053 {over}/services/one/components/a/4.yaml:4:16"),
            format!("P1051 {over}/services/one/components/b/b.yaml:3:18"),
            format!("P1055 {over}/stray.yaml"),
            "P1054 stacks/s/services/one/components/c/infra.yaml:3:18".to_owned(),
        ]
    );
}

#[test]
fn an_unreadable_base_takes_its_overlay_with_it() {
    let repo = layered("{image: [}", &[file(format!("{OVER}/1.yaml"), component("MicroService", "a", "{image: x}"))]);
    assert_eq!(repo.findings(), ["P1001 stacks/s/services/one/components/a/a.yaml:4:15"]);
}

#[test]
fn a_component_can_be_of_some_environments_only() {
    let files = [
        file(format!("{OVER}/1.yaml"), component("MicroService", "a", "{enabled: true}")),
        file("environments/live.yaml", "apiVersion: core.panka.io/v1\nkind: Environment\nmetadata: {name: live}\n"),
    ];
    let repo = layered("{enabled: false, image: \"${ONLY_DEV}\"}", &files);
    let repo = repo.with(|request| request.variables = vec![("ONLY_DEV".into(), "x:1".into())]);
    assert_eq!(repo.spec("one/a")["image"], json!({"repository": "x", "tag": "1"}));
    let live = repo.with(|request| {
        request.environment = Some("live".into());
        request.variables.clear();
    });
    let manifest = live.good().manifest;
    assert_eq!((manifest.components.len(), manifest.disabled[0].as_str()), (0, "one/a"));
}

#[test]
fn a_disabled_component_is_still_spelled_right() {
    let repo = layered("{enabled: false, imagge: \"${ONLY_DEV}\", scaling: 5}", &[]);
    let at = "stacks/s/services/one/components/a/a.yaml";
    assert_eq!(repo.findings(), [format!("P1010 {at}:4:24"), format!("P1011 {at}:4:56")]);
}

#[test]
fn labels_and_descriptions_of_overlays_join() {
    let base = "apiVersion: components.panka.io/v1\nkind: SQS\nmetadata: {name: q, description: \"of ${ENVIRONMENT}\", labels: {tier: web, v: 1.10}}\n";
    let over = "apiVersion: components.panka.io/v1\nkind: SQS\nmetadata: {name: q, labels: {tier: \"${SERVICE}\"}}\nspec: {type: fifo}\n";
    let repo = Repo::stack(&[("services/one/q.yaml", base), ("environments/dev/services/one/components/q/q.yaml", over)]);
    let component = repo.good().manifest.components.remove(0);
    assert_eq!(component.description.as_deref(), Some("of dev"));
    assert_eq!(serde_json::to_value(component.labels).unwrap(), json!({"tier": "one", "v": "1.10"}));
}
