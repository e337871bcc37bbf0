//! The worked example: `examples/user-platform`, from its YAML files to resources.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value, json};

use super::tests::{addresses, get, valid};
use super::{KINDS, Translated, translate};
use crate::manifest::{Request, compile};
use crate::resource::{Form, Tier, references};

fn example(environment: &str) -> Translated {
    let request = Request {
        root: Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/user-platform"),
        environment: Some(environment.to_owned()),
        ..Request::default()
    };
    let compiled = compile(&request, &KINDS).unwrap_or_else(|error| panic!("{:#?}", error.findings()));
    let translated = translate(&compiled.manifest).unwrap_or_else(|error| panic!("{:#?}", error.findings()));
    valid(&translated);
    translated
}

const DEV: [&str; 44] = [
    "_stack/cluster/cluster",
    "_stack/network/gateway-attachment",
    "_stack/network/internet-gateway",
    "_stack/network/private-association-1",
    "_stack/network/private-association-2",
    "_stack/network/private-route-table-1",
    "_stack/network/private-route-table-2",
    "_stack/network/private-subnet-1",
    "_stack/network/private-subnet-2",
    "_stack/network/public-association-1",
    "_stack/network/public-association-2",
    "_stack/network/public-route",
    "_stack/network/public-route-table",
    "_stack/network/public-subnet-1",
    "_stack/network/public-subnet-2",
    "_stack/network/vpc",
    "notify/mailer/execution-role",
    "notify/mailer/log-group",
    "notify/mailer/security-group",
    "notify/mailer/service",
    "notify/mailer/task-definition",
    "notify/mailer/task-policy",
    "notify/mailer/task-role",
    "notify/queue/dead-letter-queue",
    "notify/queue/queue",
    "users/api/execution-role",
    "users/api/ingress.load-balancer",
    "users/api/listener.80",
    "users/api/load-balancer",
    "users/api/load-balancer-security-group",
    "users/api/log-group",
    "users/api/security-group",
    "users/api/service",
    "users/api/target-group",
    "users/api/task-definition",
    "users/api/task-policy",
    "users/api/task-role",
    "users/avatars/bucket",
    "users/avatars/policy",
    "users/db/ingress.users.api",
    "users/db/instance",
    "users/db/password",
    "users/db/security-group",
    "users/db/subnet-group",
];

#[test]
fn dev_has_the_resources_of_the_manifest_page() {
    assert_eq!(addresses(&example("dev")), DEV);
}

#[test]
fn production_adds_nat_https_and_scaling() {
    let (dev, production) = (example("dev"), example("production"));
    let (before, after): (BTreeSet<_>, BTreeSet<_>) = (addresses(&dev).into_iter().collect(), addresses(&production).into_iter().collect());
    assert_eq!(before.difference(&after).count(), 0);
    assert_eq!(
        after.difference(&before).copied().collect::<Vec<_>>(),
        [
            "_stack/network/nat-eip-1",
            "_stack/network/nat-gateway-1",
            "_stack/network/private-route-1",
            "_stack/network/private-route-2",
            "users/api/listener.443",
            "users/api/scaling-policy.cpu",
            "users/api/scaling-target"
        ]
    );
    let redirect = &get(&production, "users/api/listener.80").properties["DefaultActions"][0];
    assert_eq!((&redirect["Type"], &redirect["RedirectConfig"]["Protocol"]), (&json!("redirect"), &json!("HTTPS")));
    for service in ["users/api/service", "notify/mailer/service"] {
        let network = &get(&production, service).properties["NetworkConfiguration"]["AwsvpcConfiguration"];
        assert_eq!(network["Subnets"][0]["$ref"], "_stack/network/private-subnet-1");
        assert_eq!(network["AssignPublicIp"], "DISABLED");
        let network = &get(&dev, service).properties["NetworkConfiguration"]["AwsvpcConfiguration"];
        assert_eq!(network["Subnets"][0]["$ref"], "_stack/network/public-subnet-1");
        assert_eq!(network["AssignPublicIp"], "ENABLED");
    }
    assert_eq!(get(&production, "users/api/service").properties["DesiredCount"], 2);
    assert_eq!(get(&production, "users/api/service").lifecycle.ignore_changes, ["/DesiredCount"]);
}

#[test]
fn production_protects_what_holds_data_and_nothing_that_an_edge_adds() {
    let production = example("production");
    let protected: Vec<_> =
        production.resources.iter().filter(|resource| resource.lifecycle.protect).map(|resource| resource.address.as_str()).collect();
    assert_eq!(
        protected,
        ["users/avatars/bucket", "users/db/instance", "users/db/password", "users/db/security-group", "users/db/subnet-group"]
    );
    assert!(example("dev").resources.iter().all(|resource| !resource.lifecycle.protect));
}

#[test]
fn names_are_those_of_the_manifest_page() {
    let production = example("production");
    assert_eq!(get(&production, "users/db/instance").properties["DBInstanceIdentifier"], "user-platform-production-users-db");
    assert_eq!(get(&production, "users/api/load-balancer").properties["Name"], "user-platform-productio-64250f34");
    assert_eq!(
        get(&production, "users/avatars/bucket").properties["BucketName"],
        json!({"$join": ["user-platform-production-users-avatars-", {"$aws": "account"}, "-us-east-1"]})
    );
}

#[test]
fn variables_of_a_container_hold_outputs_of_others() {
    let dev = example("dev");
    let container = &get(&dev, "users/api/task-definition").properties["ContainerDefinitions"][0];
    let variables: BTreeMap<&str, &Value> =
        container["Environment"].as_array().unwrap().iter().map(|entry| (entry["Name"].as_str().unwrap(), &entry["Value"])).collect();
    let expected = json!({
        "AVATARS": {"$join": ["s3://", {"$ref": "users/avatars/bucket", "attribute": "BucketName"}, "/img"]},
        "DB_HOST": {"$ref": "users/db/instance", "attribute": "Endpoint.Address"},
        "DB_PORT": {"$ref": "users/db/instance", "attribute": "Endpoint.Port"},
        "LOG_LEVEL": "debug",
        "QUEUE_URL": {"$ref": "notify/queue/queue", "attribute": "QueueUrl"}
    });
    assert_eq!(json!(variables), expected);
    assert_eq!(
        container["Secrets"],
        json!([{
            "Name": "DB_PASSWORD",
            "ValueFrom": {"$join": [{"$ref": "users/db/password", "attribute": "Id"}, ":password::"]}
        }])
    );
    assert_eq!(dev.outputs["_stack.apiUrl"], json!({"$join": ["http://", {"$ref": "users/api/load-balancer", "attribute": "DNSName"}]}));
    assert_eq!(dev.outputs["_stack.queueUrl"], json!({"$ref": "notify/queue/queue", "attribute": "QueueUrl"}));
}

/// A value on one line: `<address.Attribute>` for references.
fn brief(value: &Value) -> String {
    match Form::of(value) {
        Form::Ref { address, attribute } => format!("<{address}.{attribute}>"),
        Form::Aws(fact) => format!("<{fact}>"),
        Form::Join(parts) => parts.iter().map(brief).collect(),
        Form::Plain(Value::String(text)) => text.clone(),
        Form::Plain(Value::Array(items)) => items.iter().map(brief).collect::<Vec<_>>().join(" "),
        _ => value.to_string(),
    }
}

fn statements(policy: &Value) -> Vec<String> {
    let one = |statement: &Value| {
        let condition = statement.get("Condition").map(|condition| format!(" if {condition}")).unwrap_or_default();
        format!(
            "{} {} {} on {}{condition}",
            brief(&statement["Sid"]),
            brief(&statement["Effect"]),
            brief(&statement["Action"]),
            brief(&statement["Resource"])
        )
    };
    policy["Statement"].as_array().unwrap().iter().map(one).collect()
}

#[test]
fn every_statement_of_the_example_is_as_small_as_can_be() {
    let dev = example("dev");
    let mut found = Vec::new();
    for resource in &dev.resources {
        for property in ["PolicyDocument", "Policies"] {
            match resource.properties.get(property) {
                Some(Value::Array(policies)) => {
                    found.extend(
                        policies
                            .iter()
                            .flat_map(|policy| statements(&policy["PolicyDocument"]))
                            .map(|text| format!("{}: {text}", resource.address)),
                    );
                }
                Some(policy) => found.extend(statements(policy).into_iter().map(|text| format!("{}: {text}", resource.address))),
                None => {}
            }
        }
    }
    snapbox::assert_data_eq!(
        found.join("\n"),
        snapbox::str![[r#"
notify/mailer/execution-role: WriteLogs Allow logs:CreateLogStream logs:PutLogEvents on <notify/mailer/log-group.Arn>
notify/mailer/task-policy: NotifyQueue Allow sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:GetQueueAttributes sqs:GetQueueUrl sqs:ReceiveMessage on <notify/queue/queue.Arn>
notify/mailer/task-policy: UsersAvatarsList Allow s3:ListBucket on <users/avatars/bucket.Arn>
notify/mailer/task-policy: UsersAvatarsObjects Allow s3:GetObject s3:GetObjectVersion on <users/avatars/bucket.Arn>/*
users/api/execution-role: ReadSecrets Allow secretsmanager:GetSecretValue on <users/db/password.Id>
users/api/execution-role: WriteLogs Allow logs:CreateLogStream logs:PutLogEvents on <users/api/log-group.Arn>
users/api/task-policy: NotifyQueue Allow sqs:GetQueueAttributes sqs:GetQueueUrl sqs:SendMessage on <notify/queue/queue.Arn>
users/api/task-policy: UsersAvatarsList Allow s3:ListBucket on <users/avatars/bucket.Arn>
users/api/task-policy: UsersAvatarsObjects Allow s3:AbortMultipartUpload s3:DeleteObject s3:GetObject s3:GetObjectVersion s3:PutObject on <users/avatars/bucket.Arn>/*
users/avatars/policy: RequireTls Deny s3:* on <users/avatars/bucket.Arn> <users/avatars/bucket.Arn>/* if {"Bool":{"aws:SecureTransport":"false"}}
"#]]
    );
}

#[test]
fn every_rule_of_the_example_lets_one_thing_in() {
    let dev = example("dev");
    let mut found = Vec::new();
    for resource in &dev.resources {
        let mut rule = |rule: &Value| {
            let source = rule.get("SourceSecurityGroupId").or(rule.get("CidrIp")).unwrap();
            found.push(format!(
                "{}: {} {}-{} from {}",
                resource.address,
                brief(&rule["IpProtocol"]),
                rule["FromPort"],
                rule["ToPort"],
                brief(source)
            ));
        };
        match resource.type_name.as_str() {
            "AWS::EC2::SecurityGroupIngress" => rule(&Value::Object(resource.properties.clone())),
            "AWS::EC2::SecurityGroup" => {
                resource.properties.get("SecurityGroupIngress").into_iter().flat_map(|rules| rules.as_array().unwrap()).for_each(rule);
            }
            _ => {}
        }
    }
    snapbox::assert_data_eq!(
        found.join("\n"),
        snapbox::str![[r"
users/api/ingress.load-balancer: tcp 8080-8080 from <users/api/load-balancer-security-group.GroupId>
users/api/load-balancer-security-group: tcp 80-80 from 0.0.0.0/0
users/db/ingress.users.api: tcp 5432-5432 from <users/api/security-group.GroupId>
"]]
    );
}

#[test]
fn what_runs_waits_for_what_it_uses() {
    let dev = example("dev");
    let waits = |address: &str| get(&dev, address).depends_on.iter().map(|address| address.as_str().to_owned()).collect::<BTreeSet<_>>();
    let api = waits("users/api/service");
    for awaited in [
        "notify/queue/dead-letter-queue",
        "notify/queue/queue",
        "users/api/ingress.load-balancer",
        "users/api/listener.80",
        "users/api/task-policy",
        "users/avatars/bucket",
        "users/db/ingress.users.api",
        "users/db/instance",
    ] {
        assert!(api.contains(awaited), "users/api/service does not wait for {awaited}");
    }
    assert!(!api.contains("notify/mailer/service"));
    assert!(!waits("users/db/instance").contains("users/db/ingress.users.api"), "what is used does not wait for who uses it");
    for resource in &dev.resources {
        let mut named = BTreeSet::new();
        resource.properties.values().for_each(|value| {
            references(value, &mut |address, _| {
                named.insert(address.to_owned());
            })
        });
        let waits: BTreeSet<String> = resource.depends_on.iter().map(|address| address.as_str().to_owned()).collect();
        assert!(named.is_subset(&waits), "{} does not wait for what it names", resource.address);
        assert!(resource.tier == Tier::Run || resource.depends_on.iter().all(|other| get(&dev, other.as_str()).tier != Tier::Run));
    }
}

#[test]
fn every_resource_of_the_example_has_its_tags() {
    let dev = example("dev");
    let tags = |address: &str| -> BTreeMap<String, String> {
        let list = get(&dev, address).properties["Tags"].as_array().unwrap();
        list.iter().map(|tag| (tag["Key"].as_str().unwrap().to_owned(), tag["Value"].as_str().unwrap().to_owned())).collect()
    };
    assert_eq!(
        json!(tags("users/api/service")),
        json!({
            "managed-by": "panka", "panka:component": "api", "panka:environment": "dev", "panka:service": "users",
            "panka:stack": "user-platform", "team": "identity", "tier": "web"
        })
    );
    assert_eq!(tags("_stack/network/vpc")["panka:service"], "_stack");
}
