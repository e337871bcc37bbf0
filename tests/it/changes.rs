//! What a change of a field comes to: an update, a replacement, nothing, or a refusal; and that it can be carried out.

use serde_json::{Value, json};

use crate::env::TestEnv;

const AT: &str = "-s shop -e dev";
const AT_FILE: &str = "stacks/shop/services/a/components/x/x.yaml";

/// A stack of one component.
fn of(kind: &str, spec: &str) -> TestEnv {
    let env = TestEnv::new();
    env.write(
        "stacks/shop/stack.yaml",
        "apiVersion: core.panka.io/v1\nkind: Stack\nmetadata: {name: shop}\nspec: {provider: {region: eu-west-1}}\n",
    );
    give(&env, kind, spec);
    env
}

fn give(env: &TestEnv, kind: &str, spec: &str) {
    env.write(AT_FILE, format!("apiVersion: components.panka.io/v1\nkind: {kind}\nmetadata: {{name: x}}\nspec: {spec}\n"));
}

fn apply(env: &TestEnv) -> Value {
    env.pipe(&format!("panka apply -y -q {AT}")).succeeds().json()
}

/// Operations by address of the plan after a change of the spec.
fn planned(env: &TestEnv, kind: &str, spec: &str) -> Vec<String> {
    give(env, kind, spec);
    let plan = env.pipe(&format!("panka diff {AT}")).succeeds().json();
    let steps = plan["steps"].as_array().unwrap();
    steps.iter().map(|step| format!("{} {}", step["op"].as_str().unwrap(), step["address"].as_str().unwrap())).collect()
}

/// The change is planned as said, made, and leaves nothing to do.
fn made(kind: &str, before: &str, after: &str, steps: &[&str]) {
    let env = of(kind, before);
    apply(&env);
    assert_eq!(planned(&env, kind, after), steps, "{before} → {after}");
    apply(&env);
    assert_eq!(planned(&env, kind, after), [""; 0], "{after}");
}

/// The change is refused with a code at the line of the component, before anything is done.
fn refused(kind: &str, before: &str, after: &str, code: &str) {
    let env = of(kind, before);
    apply(&env);
    give(&env, kind, after);
    let files = env.files();
    let outcome = env.pipe(&format!("panka apply -y {AT} -o json")).exits(3);
    assert_eq!(outcome.codes(), [code], "{outcome}");
    assert!(outcome.findings()[0]["span"].as_str().is_some_and(|at| at.starts_with(AT_FILE)), "{outcome}");
    env.unchanged_since(&files);
    let shown = env.pipe(&format!("panka plan {AT} -o table")).succeeds();
    assert!(shown.stdout.contains(&format!("blocked[{code}]")), "{shown}");
}

#[test]
fn a_write_only_property_is_taken_away_in_place() {
    let engine = "engine: {type: postgres}";
    let given = format!("{{{engine}, database: {{passwordSecret: prod/db}}}}");
    made("RDS", &given, &format!("{{{engine}, database: {{managedPassword: true}}}}"), &["update a/x/instance"]);
    made("RDS", &given, &format!("{{{engine}}}"), &["update a/x/instance", "create a/x/password"]);
    made("S3", "{overrides: {bucket: {AccessControl: Private}}}", "{}", &["update a/x/bucket"]);
    let function = |code: &str| format!("{{runtime: python3.13, handler: index.handler, code: {{{code}}}}}");
    made("Lambda", &function("inline: 'def handler(e, c): pass'"), &function("s3Bucket: built, s3Key: f.zip"), &["update a/x/function"]);
}

#[test]
fn what_is_documented_as_a_replacement_is_one_and_protection_holds() {
    let key =
        |name: &str, kind: &str, more: &str| format!("hashKey: {{name: {name}, type: {kind}}}, rangeKey: {{name: at, type: N}}{more}");
    let local = ", localSecondaryIndexes: [{name: by-total, rangeKey: {name: total, type: N}}]";
    let before = key("id", "S", "");
    for after in [key("pk", "S", ""), key("id", "N", ""), key("id", "S", local), before.replace("name: at", "name: made")] {
        made("DynamoDB", &format!("{{{before}}}"), &format!("{{{after}}}"), &["replace a/x/table"]);
        let protected = |spec: &str| format!("{{{spec}, lifecycle: {{protect: true}}}}");
        let env = of("DynamoDB", &protected(&before));
        apply(&env);
        give(&env, "DynamoDB", &protected(&after));
        let outcome = env.pipe(&format!("panka apply -y {AT} -o json")).exits(3);
        assert_eq!(outcome.codes(), ["P8010", "P3020"], "{after}: {outcome}");
    }
    made("RDS", "{engine: {type: postgres}}", "{engine: {type: mysql}}", &["replace a/x/instance"]);
}

#[test]
fn a_change_that_aws_does_not_make_is_refused_when_planned() {
    let storage = |size: u32| format!("{{engine: {{type: postgres}}, instance: {{storage: {{allocatedGB: {size}}}}}}}");
    refused("RDS", &storage(100), &storage(20), "P3022");
    refused("RDS", &storage(100), &storage(105), "P3024");
    let version = |version: &str| format!("{{engine: {{type: postgres, version: \"{version}\"}}}}");
    refused("RDS", &version("16"), &version("15"), "P3025");
    let cluster = |version: &str| format!("{{engine: {{type: aurora-postgresql, version: \"{version}\"}}}}");
    refused("RDS", &cluster("16.4"), &cluster("16.3"), "P3025");
    let index = |names: &[&str]| {
        let one = |name: &&str| format!("{{name: {name}, hashKey: {{name: mail, type: S}}}}");
        format!("{{hashKey: {{name: id, type: S}}, globalSecondaryIndexes: [{}]}}", names.iter().map(one).collect::<Vec<_>>().join(", "))
    };
    refused("DynamoDB", &index(&[]), &index(&["one", "two"]), "P3026");
    refused("DynamoDB", &index(&["one"]), &index(&["two"]), "P3026");
    let live = |name: &str| format!("{{hashKey: {{name: id, type: S}}, ttl: {{enabled: true, attributeName: {name}}}}}");
    refused("DynamoDB", &live("expires"), &live("ends"), "P3026");
    let volume = |size: u32| format!("{{type: \"AWS::EC2::Volume\", properties: {{AvailabilityZone: eu-west-1a, Size: {size}}}}}");
    refused("Resource", &volume(50), &volume(40), "P3022");
}

#[test]
fn what_aws_makes_in_steps_goes_through_one_by_one() {
    let index = |names: &[&str]| {
        let one = |name: &&str| format!("{{name: {name}, hashKey: {{name: mail, type: S}}}}");
        format!("{{hashKey: {{name: id, type: S}}, globalSecondaryIndexes: [{}]}}", names.iter().map(one).collect::<Vec<_>>().join(", "))
    };
    made("DynamoDB", &index(&["one"]), &index(&["two", "one"]), &["update a/x/table"]);
    made("DynamoDB", &index(&["one", "two"]), &index(&["two"]), &["update a/x/table"]);
    made("DynamoDB", &index(&["one", "two"]), &index(&["two", "one"]), &[]);
    let version = |version: &str| format!("{{engine: {{type: postgres, version: \"{version}\"}}}}");
    made("RDS", &version("15"), &version("16"), &["update a/x/instance"]);
    let storage = |size: u32| format!("{{engine: {{type: postgres}}, instance: {{storage: {{allocatedGB: {size}}}}}}}");
    made("RDS", &storage(100), &storage(110), &["update a/x/instance"]);
}

#[test]
fn names_that_aws_compares_without_case_are_one_name() {
    let named = |name: &str| format!("{{name: {name}, engine: {{type: postgres}}}}");
    made("RDS", &named("MyDb"), &named("mydb"), &[]);
    let env = of("RDS", &named("MyDb"));
    let other = AT_FILE.replace("/x/", "/y/");
    env.write(other, env.read(AT_FILE).replace("metadata: {name: x}", "metadata: {name: y}").replace("MyDb", "mydb"));
    let outcome = env.pipe(&format!("panka validate {AT} -o json")).exits(3);
    assert_eq!(outcome.codes(), ["P2014"], "{outcome}");
    let role = |name: &str| {
        format!(
            "{{type: \"AWS::IAM::Role\", properties: {{RoleName: {name}, AssumeRolePolicyDocument: {{Version: \"2012-10-17\", Statement: []}}}}}}"
        )
    };
    made("Resource", &role("Deploy"), &role("deploy"), &[]);
}

#[test]
fn a_trigger_follows_the_stream_of_its_table() {
    let env = of("DynamoDB", "{hashKey: {name: id, type: S}, stream: {enabled: true, viewType: NEW_IMAGE}}");
    env.write(
        "stacks/shop/services/a/components/f/f.yaml",
        "apiVersion: components.panka.io/v1\nkind: Lambda\nmetadata: {name: f}\nspec:\n  runtime: python3.13\n  handler: index.handler\n  code: {inline: \"def handler(e, c): pass\"}\n  triggers: [{name: t, type: dynamodb, source: {component: x}}]\n",
    );
    apply(&env);
    let steps = planned(&env, "DynamoDB", "{hashKey: {name: id, type: S}, stream: {enabled: true, viewType: OLD_IMAGE}}");
    assert_eq!(steps, ["replace a/f/event-source.t", "update a/f/role-policy", "update a/x/table"]);
    apply(&env);
    assert_eq!(planned(&env, "DynamoDB", "{hashKey: {name: id, type: S}, stream: {enabled: true, viewType: OLD_IMAGE}}"), [""; 0]);
}

const SERVICE: &str = "stacks/shop/services/a/components";

fn component(env: &TestEnv, kind: &str, name: &str, spec: &str) {
    env.write(
        format!("{SERVICE}/{name}/{name}.yaml"),
        format!("apiVersion: components.panka.io/v1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec: {spec}\n"),
    );
}

#[test]
fn what_is_one_thing_to_aws_is_refused_twice() {
    let env = of("SQS", "{}");
    let function = |triggers: &str| {
        format!("{{runtime: python3.13, handler: index.handler, code: {{inline: 'def handler(e, c): pass'}}, triggers: [{triggers}]}}")
    };
    component(
        &env,
        "Lambda",
        "f",
        &function("{name: one, type: sqs, source: {component: x}}, {name: two, type: sqs, source: {component: x}}"),
    );
    assert_eq!(env.pipe(&format!("panka validate {AT} -o json")).exits(3).codes(), ["P2021"]);
    component(&env, "Lambda", "f", &function("{name: one, type: sqs, source: {component: x}}"));
    drop(env.pipe(&format!("panka validate {AT} -o json")).succeeds());
    let subscriptions = "{subscriptions: [{name: one, protocol: sqs, component: x}, {name: two, protocol: sqs, component: x}]}";
    component(&env, "SNS", "t", subscriptions);
    assert_eq!(env.pipe(&format!("panka validate {AT} -o json")).exits(3).codes(), ["P2021"]);
}

#[test]
fn a_subscription_of_another_name_takes_the_place_of_the_old_one() {
    let env = of("SQS", "{}");
    component(&env, "SNS", "t", "{subscriptions: [{name: one, protocol: sqs, component: x}]}");
    apply(&env);
    component(&env, "SNS", "t", "{subscriptions: [{name: two, protocol: sqs, component: x}]}");
    let plan = env.pipe(&format!("panka diff {AT}")).succeeds().json();
    let step = |address: &str| plan["steps"].as_array().unwrap().iter().find(|step| step["address"] == address).unwrap().clone();
    assert_eq!(
        step("a/t/subscription.two")["dependsOn"].as_array().unwrap().iter().filter(|need| **need == "a/t/subscription.one").count(),
        1,
        "{plan}"
    );
    apply(&env);
    drop(env.pipe(&format!("panka diff {AT} --exit-code")).succeeds());
}

#[test]
fn a_port_moves_without_a_gap_in_what_is_let_in() {
    let env = TestEnv::example("user-platform");
    let at = "-s user-platform -e dev";
    env.pipe(&format!("panka apply -y -q {at}")).succeeds().json();
    let file = "stacks/user-platform/services/users/components/api/microservice.yaml";
    env.write(file, env.read(file).replace("8080", "9090"));
    let plan = env.pipe(&format!("panka diff {at}")).succeeds().json();
    let rules: Vec<&Value> =
        plan["steps"].as_array().unwrap().iter().filter(|step| step["type"] == "AWS::EC2::SecurityGroupIngress").collect();
    assert!(!rules.is_empty(), "{plan}");
    for rule in rules {
        assert_eq!((&rule["op"], &rule["replaceOrder"]), (&"replace".into(), &"create-first".into()), "{rule}");
    }
    env.pipe(&format!("panka apply -y -q {at}")).succeeds().json();
    drop(env.pipe(&format!("panka diff {at} --exit-code")).succeeds());
}

#[test]
fn a_stack_moves_to_another_network() {
    let env = TestEnv::new();
    let network = |cidr: &str| {
        let spec = format!("{{provider: {{region: eu-west-1}}, network: {{create: {{cidr: {cidr}}}}}}}");
        env.write("stacks/shop/stack.yaml", format!("apiVersion: core.panka.io/v1\nkind: Stack\nmetadata: {{name: shop}}\nspec: {spec}\n"));
    };
    network("10.0.0.0/16");
    component(&env, "RDS", "db", "{engine: {type: postgres}, lifecycle: {protect: true}}");
    component(
        &env,
        "MicroService",
        "api",
        "{image: acme/api:1, ports: [{name: http, port: 8080}], networking: {loadBalancer: {enabled: true}}, dependsOn: [db]}",
    );
    apply(&env);
    network("10.1.0.0/16");
    let refused = env.pipe(&format!("panka apply -y {AT} -o json")).exits(3);
    assert!(refused.codes().contains(&"P3020".to_owned()), "{refused}");
    assert!(refused.stderr.contains("a/db/instance"), "{refused}");
    component(&env, "RDS", "db", "{engine: {type: postgres}}");
    env.pipe(&format!("panka state unprotect a/db {AT}")).succeeds().json();
    apply(&env);
    drop(env.pipe(&format!("panka diff {AT} --exit-code")).succeeds());
}

#[test]
fn a_last_snapshot_is_made_before_a_database_goes() {
    let env = of("RDS", "{engine: {type: postgres}, backup: {finalSnapshot: true}}");
    apply(&env);
    let record = "panka state show -s shop -e dev --jq '.resources[\"a/x/instance\"].finalSnapshot'";
    assert_eq!(env.pipe(record).succeeds().json(), json!(true));
    let snapshots = || {
        let log = env.files().into_iter().filter(|(path, _)| path.ends_with("operations.ndjson"));
        let text: String = log.map(|(_, bytes)| String::from_utf8(bytes).unwrap()).collect();
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter(|line| line["call"] == "snapshot").map(|line| line["identifier"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    give(&env, "RDS", "{engine: {type: mysql}, backup: {finalSnapshot: true}}");
    let plan = env.pipe(&format!("panka diff {AT}")).succeeds().json();
    let steps = plan["steps"].as_array().unwrap();
    let database = steps.iter().find(|step| step["address"] == "a/x/instance").unwrap();
    assert!(database["reason"].as_str().unwrap().ends_with("; a last snapshot is made first"), "{database}");
    apply(&env);
    assert_eq!(snapshots(), ["shop-dev-a-x"]);
    // What only the state knows decides when the component is gone.
    give(&env, "RDS", "{engine: {type: mysql}, backup: {finalSnapshot: false}}");
    apply(&env);
    env.pipe(&format!("panka destroy {AT} -y -o json")).succeeds().json();
    assert_eq!(snapshots().len(), 1, "it is asked for no more");
}
