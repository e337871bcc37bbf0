use super::*;
use crate::graph::sample::{graph, queue, resource};

fn project(graph: &Graph) -> Project {
    Project::of_graph(graph, None).unwrap()
}

fn program(resources: impl IntoIterator<Item = Resource>) -> Value {
    project(&graph(resources)).program
}

/// The properties of the first resource of a program.
fn properties(resources: impl IntoIterator<Item = Resource>, name: &str) -> Value {
    program(resources)["resources"][name]["properties"].clone()
}

fn database() -> Resource {
    resource("a/db/instance", "AWS::RDS::DBInstance", json!({"DBInstanceIdentifier": "shop-db"}))
}

/// What a value of a queue is written as, beside another queue and a database.
fn rendered(value: Value) -> Value {
    properties([queue("a/dlq/queue"), database(), queue("a/one/queue").with("KmsMasterKeyId", value)], "a_one_queue")["kmsMasterKeyId"]
        .clone()
}

#[test]
fn a_resource_has_token_and_sdk_names() {
    let tagged = queue("a/one/queue").with("Tags", json!([{"Key": "Team", "Value": "x"}])).with("FifoQueue", json!(true));
    let written = program([tagged]);
    assert_eq!(written["resources"]["a_one_queue"]["type"], json!("aws-native:sqs:Queue"));
    assert_eq!(written["resources"]["a_one_queue"]["properties"], json!({"tags": [{"key": "Team", "value": "x"}], "fifoQueue": true}));
}

#[test]
fn documents_and_free_maps_keep_their_keys() {
    let policy = json!({"deadLetterTargetArn": "x", "MaxReceiveCount": 3});
    assert_eq!(properties([queue("a/one/queue").with("RedrivePolicy", policy.clone())], "a_one_queue"), json!({"redrivePolicy": policy}));
    let role = resource("a/api/role", "AWS::IAM::Role", json!({"AssumeRolePolicyDocument": {"Statement": [{"Effect": "Allow"}]}}));
    assert_eq!(properties([role], "a_api_role"), json!({"assumeRolePolicyDocument": {"Statement": [{"Effect": "Allow"}]}}));
    let function = resource(
        "a/f/function",
        "AWS::Lambda::Function",
        json!({"Environment": {"Variables": {"DB_HOST": "x", "Key": "y"}}, "KMSKeyArn": "k"}),
    );
    assert_eq!(
        properties([function], "a_f_function"),
        json!({"environment": {"variables": {"DB_HOST": "x", "Key": "y"}}, "kmsKeyArn": "k"})
    );
}

#[test]
fn items_that_a_schema_numbers_have_the_names_of_all() {
    let table = resource("a/t/table", "AWS::DynamoDB::Table", json!({"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}));
    assert_eq!(properties([table], "a_t_table"), json!({"keySchema": [{"attributeName": "id", "keyType": "HASH"}]}));
}

#[test]
fn references_are_symbols() {
    assert_eq!(rendered(json!({"$ref": "a/dlq/queue", "attribute": "Arn"})), json!("${a_dlq_queue.arn}"));
    assert_eq!(rendered(json!({"$ref": "a/dlq/queue", "attribute": "id"})), json!("${a_dlq_queue.id}"));
    assert_eq!(rendered(json!({"$ref": "a/db/instance", "attribute": "Endpoint.Address"})), json!("${a_db_instance.endpoint.address}"));
    assert_eq!(
        rendered(json!({"$ref": "a/db/instance", "attribute": "VPCSecurityGroups.0"})),
        json!("${a_db_instance.vpcSecurityGroups[0]}")
    );
}

#[test]
fn dollars_of_texts_are_doubled() {
    assert_eq!(rendered(json!("a${b}$$c$")), json!("a$${b}$$$$c$$"));
    let join = json!({"$join": ["cost$", {"$ref": "a/dlq/queue", "attribute": "Arn"}, "${x}"]});
    assert_eq!(rendered(join), json!("cost$$${a_dlq_queue.arn}$${x}"));
    assert_eq!(rendered(json!({"$literal": {"$ref": "a/b/c", "attribute": "${x}"}})), json!({"$ref": "a/b/c", "attribute": "$${x}"}));
}

#[test]
fn several_symbols_of_one_text_are_joined_by_a_call() {
    let arn = json!({"$ref": "a/dlq/queue", "attribute": "Arn"});
    let both = json!({"$join": ["$", arn, ":", arn, arn, "/x"]});
    let texts = json!(["$$${a_dlq_queue.arn}", ":${a_dlq_queue.arn}", "${a_dlq_queue.arn}/x"]);
    assert_eq!(rendered(both.clone()), json!({"fn::join": ["", texts]}));
    let json = properties([queue("a/dlq/queue"), queue("a/one/queue").with("KmsMasterKeyId", json!({"$json": [arn, arn]}))], "a_one_queue");
    assert_eq!(json["kmsMasterKeyId"], json!({"fn::join": ["", ["[\"${a_dlq_queue.arn}", "\",\"${a_dlq_queue.arn}\"]"]]}));
    let secret = json!({"$secret": {"name": "shop/db", "key": "password"}});
    let quoted =
        project(&graph([queue("a/dlq/queue"), queue("a/one/queue").with("KmsMasterKeyId", json!({"$json": [{"$join": [arn, secret]}]}))]));
    let made = quoted.program["variables"].as_object().unwrap().values().next().unwrap();
    assert_eq!(made["fn::toJSON"]["fn::join"][1].as_array().map(Vec::len), Some(2), "{made}");
}

#[test]
fn facts_of_the_account_are_written_out_where_they_are_known() {
    let join = json!({"$join": [{"$aws": "partition"}, ":", {"$aws": "region"}, ":", {"$aws": "account"}, ".", {"$aws": "urlSuffix"}]});
    let one = queue("a/one/queue").with("KmsMasterKeyId", join);
    let mut whole = graph([one]);
    let asked = project(&whole).program;
    assert_eq!(asked["resources"]["a_one_queue"]["properties"]["kmsMasterKeyId"], json!("aws:eu-west-1:${accountId}.amazonaws.com"));
    assert_eq!(asked["variables"]["accountId"]["fn::invoke"]["function"], json!("aws-native:index:getAccountId"));
    whole.provider.account_id = Some("123456789012".into());
    let known = project(&whole).program;
    assert_eq!(known["resources"]["a_one_queue"]["properties"]["kmsMasterKeyId"], json!("aws:eu-west-1:123456789012.amazonaws.com"));
    assert_eq!(known.get("variables"), None);
    assert_eq!(known["resources"]["aws"]["properties"], json!({"region": "eu-west-1", "allowedAccountIds": ["123456789012"]}));
}

#[test]
fn profile_and_role_are_those_of_the_stack() {
    let mut whole = graph([queue("a/one/queue")]);
    whole.provider.profile = Some("shop".into());
    whole.provider.role_arn = Some("arn:aws:iam::123456789012:role/deploy".into());
    assert_eq!(
        project(&whole).program["resources"]["aws"]["properties"],
        json!({"region": "eu-west-1", "profile": "shop",
            "assumeRole": {"roleArn": "arn:aws:iam::123456789012:role/deploy", "sessionName": "panka-shop-dev"}})
    );
}

#[test]
fn a_number_in_a_text_is_its_digits() {
    let port = json!({"$join": [{"$ref": "a/db/instance", "attribute": "AllocatedStorage"}]});
    assert_eq!(rendered(port), json!("${a_db_instance.allocatedStorage}"), "the schema gives the storage as text");
    let number = json!({"$join": [{"$ref": "a/dlq/queue", "attribute": "DelaySeconds"}]});
    let written = program([queue("a/dlq/queue").with("DelaySeconds", json!(5)), queue("a/one/queue").with("KmsMasterKeyId", number)]);
    assert_eq!(written["resources"]["a_one_queue"]["properties"]["kmsMasterKeyId"], json!("${json__a_dlq_queue__delaySeconds}"));
    assert_eq!(written["variables"]["json__a_dlq_queue__delaySeconds"], json!({"fn::toJSON": "${a_dlq_queue.delaySeconds}"}));
}

#[test]
fn a_document_as_text_keeps_its_references() {
    let document = json!({"$json": {"arn": {"$ref": "a/dlq/queue", "attribute": "Arn"}, "n": 1, "wait": {"$ref": "a/dlq/queue", "attribute": "DelaySeconds"},
        "t": {"$join": ["\"", {"$aws": "region"}]}}});
    assert_eq!(
        rendered(document),
        json!({"fn::join": ["", [
            "{\"arn\":\"${a_dlq_queue.arn}",
            "\",\"n\":1,\"t\":\"\\\"eu-west-1\",\"wait\":${json__a_dlq_queue__delaySeconds}}"
        ]]})
    );
}

#[test]
fn a_secret_is_configuration() {
    let secret = json!({"$secret": {"name": "prod/db", "key": "password"}});
    let project = project(&graph([queue("a/one/queue").with("KmsMasterKeyId", secret.clone())]));
    let (key, asked) = project.configuration.iter().next().unwrap();
    assert!(key.starts_with("secretProdDbPassword") && key.len() == "secretProdDbPassword".len() + 8, "{key}");
    assert_eq!(project.program["resources"]["a_one_queue"]["properties"]["kmsMasterKeyId"], json!(format!("${{{key}}}")));
    assert_eq!(project.program["config"][key], json!({"type": "string", "secret": true}));
    assert_eq!((&asked.what, asked.secret), (&secret, true));
    assert_eq!(asked.used_by.iter().map(Address::as_str).collect::<Vec<_>>(), ["a/one/queue"]);
    let command = "#   aws secretsmanager get-secret-value --secret-id prod/db --region eu-west-1 --query SecretString --output text \
                   | jq -r '.[\"password\"]' | pulumi config set --secret secretProdDbPassword";
    assert!(project.program_text().contains(command), "{}", project.program_text());
}

/// The configuration key that a queue's key is taken from.
fn key_of(project: &Project, name: &str) -> String {
    let value = project.program["resources"][name]["properties"]["kmsMasterKeyId"].as_str().unwrap();
    value.trim_start_matches("${").trim_end_matches('}').to_owned()
}

#[test]
fn a_secret_that_the_program_makes_is_made_first() {
    let secret = json!({"$secret": {"arn": {"$ref": "a/one/queue", "attribute": "Arn"}, "key": "password"}});
    let project = project(&graph([queue("a/one/queue"), queue("a/two/queue").with("KmsMasterKeyId", secret)]));
    let text = project.program_text();
    let line = "#     pulumi up --target urn:pulumi:dev::shop::aws-native:sqs:Queue::a_one_queue\n";
    assert!(text.contains(line), "{text}");
}

#[test]
fn two_secrets_never_share_a_key() {
    let of = |name: &str| json!({"$secret": {"name": name, "key": "password"}});
    let project = project(&graph([
        queue("a/one/queue").with("KmsMasterKeyId", of("prod/db")),
        queue("a/two/queue").with("KmsMasterKeyId", of("prod-db")),
    ]));
    assert_eq!(project.configuration.len(), 2);
    let alone = self::project(&graph([queue("a/two/queue").with("KmsMasterKeyId", of("prod-db"))]));
    assert_eq!(alone.configuration.keys().collect::<Vec<_>>(), [&key_of(&project, "a_two_queue")], "a key is the secret's own");
    let key = |name: &str| project.program["resources"][name]["properties"]["kmsMasterKeyId"].clone();
    assert_ne!(key("a_one_queue"), key("a_two_queue"));
}

#[test]
fn the_lifecycle_becomes_options() {
    let kept = queue("a/one/queue").with("Tags", json!([{"Key": "a", "Value": "b"}, {"Key": "c", "Value": "d"}])).living(|life| {
        life.protect = true;
        life.retain_on_delete = true;
        life.replace = crate::resource::ReplaceOrder::DeleteFirst;
        life.ignore_changes = vec!["/DelaySeconds".into(), "/Tags/*/Value".into()];
        life.timeouts.create = 60;
    });
    let options = program([kept])["resources"]["a_one_queue"]["options"].clone();
    assert_eq!(
        options,
        json!({
            "protect": true, "deleteBeforeReplace": true, "replaceOnChanges": ["fifoQueue", "queueName"], "ignoreChanges": ["delaySeconds", "tags[0].value", "tags[1].value"],
            "retainOnDelete": true, "customTimeouts": {"create": "60s", "update": "1800s", "delete": "1800s"},
        })
    );
}

#[test]
fn what_is_fixed_at_creation_replaces_and_the_new_one_is_made_first() {
    let options = |resource: Resource, name: &str| program([resource])["resources"][name]["options"].clone();
    let expected = json!({"deleteBeforeReplace": false, "replaceOnChanges": ["fifoQueue", "queueName"]});
    assert_eq!(options(queue("a/one/queue"), "a_one_queue"), expected);
    let permission = resource("a/f/permission", "AWS::Lambda::Permission", json!({"Action": "lambda:InvokeFunction"}));
    assert_eq!(options(permission, "a_f_permission")["replaceOnChanges"], json!(["*"]), "nothing of it can be changed");
    let group = resource("a/t/group", "AWS::ElasticLoadBalancingV2::TargetGroup", json!({}));
    assert!(!options(group, "a_t_group")["replaceOnChanges"].as_array().unwrap().contains(&json!("targetGroupArn")));
}

#[test]
fn only_edges_that_no_reference_implies_are_written() {
    let user = queue("a/one/queue").refers("KmsMasterKeyId", "a/dlq/queue", "Arn").waits("a/db/instance");
    let options = program([queue("a/dlq/queue"), database(), user])["resources"]["a_one_queue"]["options"].clone();
    assert_eq!(options["dependsOn"], json!(["${a_db_instance}"]));
}

#[test]
fn a_type_without_handlers_is_carried_by_a_stack() {
    let mut space = resource(
        "_stack/cluster/namespace",
        "AWS::ServiceDiscovery::PrivateDnsNamespace",
        json!({"Name": "shop.internal", "Vpc": {"$ref": "a/dlq/queue", "attribute": "QueueUrl"}}),
    );
    space.nested = true;
    let user = queue("a/one/queue").refers("KmsMasterKeyId", "_stack/cluster/namespace", "Id");
    let written = program([queue("a/dlq/queue"), space, user]);
    let carried = &written["resources"]["_stack_cluster_namespace"];
    assert_eq!(carried["type"], json!("aws-native:cloudformation:Stack"));
    assert_eq!(carried["properties"]["stackName"], json!("shop-dev-stack-cluster-namespace"));
    assert_eq!(carried["properties"]["parameters"], json!({"Parameter1": "${a_dlq_queue.queueUrl}"}));
    let template: Value = serde_json::from_str(carried["properties"]["templateBody"].as_str().unwrap()).unwrap();
    assert_eq!(template["Resources"]["Resource"]["Properties"], json!({"Name": "shop.internal", "Vpc": {"Ref": "Parameter1"}}));
    assert_eq!(
        template["Outputs"]["Attributes"]["Value"],
        json!({"Fn::Join": ["|", [{"Ref": "Resource"}, {"Fn::GetAtt": ["Resource", "Arn"]}, {"Fn::GetAtt": ["Resource", "HostedZoneId"]}, {"Fn::GetAtt": ["Resource", "Id"]}]]})
    );
    assert_eq!(written["resources"]["a_one_queue"]["properties"]["kmsMasterKeyId"], json!("${_stack_cluster_namespace__Id}"));
    assert_eq!(
        written["variables"]["_stack_cluster_namespace__Id"],
        json!({"fn::select": [3, {"fn::split": ["|", "${_stack_cluster_namespace.outputs[0].outputValue}"]}]})
    );
}

#[test]
fn a_lookup_is_configuration_that_is_no_secret() {
    let lookup = json!({"$lookup": "kafka:GetBootstrapBrokers", "of": {"$ref": "a/dlq/queue", "attribute": "Arn"}, "field": "BootstrapBrokerStringTls"});
    let project = project(&graph([queue("a/dlq/queue"), queue("a/one/queue").with("KmsMasterKeyId", lookup.clone())]));
    let (key, asked) = project.configuration.iter().next().unwrap();
    assert_eq!((&asked.what, asked.secret), (&lookup, false));
    assert_eq!(project.program["config"][key], json!({"type": "string"}));
    assert_eq!(project.program["resources"]["a_one_queue"]["properties"]["kmsMasterKeyId"], json!(format!("${{{key}}}")));
}

#[test]
fn a_secret_in_a_document_cannot_end_its_text() {
    let document = json!({"$json": {"password": {"$join": ["x-", {"$secret": {"parameter": "/db"}}]}, "n": 1}});
    let written = program([queue("a/one/queue").with("KmsMasterKeyId", document)]);
    let (variable, made) = written["variables"].as_object().unwrap().iter().next().unwrap();
    assert!(made["fn::toJSON"].as_str().unwrap().starts_with("x-${secretDb"), "{made}");
    let text = written["resources"]["a_one_queue"]["properties"]["kmsMasterKeyId"].clone();
    assert_eq!(text, json!(format!("{{\"n\":1,\"password\":${{{variable}}}}}")));
}

#[test]
fn tags_of_every_resource_are_those_of_the_provider() {
    let tagged =
        |address: &str, own: &str| queue(address).with("Tags", json!([{"Key": "team", "Value": "co$t"}, {"Key": "own", "Value": own}]));
    let untagged = resource("a/api/policy", "AWS::IAM::RolePolicy", json!({"PolicyName": "x"}));
    let written = program([tagged("a/one/queue", "1"), tagged("a/two/queue", "2"), untagged]);
    assert_eq!(written["resources"]["aws"]["properties"]["defaultTags"], json!({"tags": {"team": "co$$t"}}));
    assert_eq!(program([queue("a/one/queue").with("Tags", json!([]))])["resources"]["aws"]["properties"].get("defaultTags"), None);
}

#[test]
fn outputs_keep_their_names() {
    let mut whole = graph([queue("a/one/queue")]);
    whole.outputs.insert("a/one.arn".into(), json!({"$ref": "a/one/queue", "attribute": "Arn"}));
    whole.outputs.insert("_stack.ports".into(), json!([80, 443]));
    assert_eq!(project(&whole).program["outputs"], json!({"a/one.arn": "${a_one_queue.arn}", "_stack.ports": [80, 443]}));
}

#[test]
fn every_file_is_yaml_that_says_what_the_document_says() {
    let project = project(&graph([queue("a/one/queue").with("KmsMasterKeyId", json!({"$secret": {"name": "a: b\nc"}}))]));
    let read: Value = serde_saphyr::from_str(&project.program_text()).unwrap();
    assert_eq!(read, project.program);
    assert_eq!(project.stack_file(), "Pulumi.dev.yaml");
    assert_eq!(serde_saphyr::from_str::<Value>(&project.stack_text()).unwrap(), json!({"config": {}}));
    assert_eq!(project.names["a_one_queue"].as_str(), "a/one/queue");
}

#[test]
fn an_output_that_the_provider_cannot_give_is_left_out_and_a_key_is_a_secret() {
    let rule = resource("a/r/rule", "AWS::Events::Rule", json!({"ScheduleExpression": "rate(1 day)"}));
    let user = resource("a/u/key", "AWS::IAM::AccessKey", json!({"UserName": "ci"}));
    let mut whole = graph([rule, user]);
    let output = |address: &str, attribute: &str| json!({"$ref": address, "attribute": attribute});
    whole.outputs.insert("a/r.ruleName".into(), output("a/r/rule", "RuleName"));
    whole.outputs.insert("a/r.arn".into(), output("a/r/rule", "Arn"));
    whole.outputs.insert("a/u.secretAccessKey".into(), output("a/u/key", "SecretAccessKey"));
    let expected = json!({"a/r.arn": "${a_r_rule.arn}", "a/u.secretAccessKey": {"fn::secret": "${a_u_key.secretAccessKey}"}});
    assert_eq!(project(&whole).program["outputs"], expected);
}

#[test]
fn what_has_a_name_is_deleted_first_since_pulumi_gives_no_other() {
    let mut named = queue("a/one/queue").with("QueueName", json!("shop-one"));
    named.naming =
        Some(crate::resource::Naming { property: "QueueName".into(), base: "shop-one".into(), limit: 80, append: Vec::new(), reserved: 0 });
    let first = |resource: Resource| program([resource])["resources"]["a_one_queue"]["options"]["deleteBeforeReplace"].clone();
    assert_eq!(first(named), json!(true));
    assert_eq!(first(queue("a/one/queue")), json!(false));
}

#[test]
fn keys_of_documents_are_kept_in_paths_too() {
    let role = resource(
        "a/api/role",
        "AWS::IAM::Role",
        json!({"AssumeRolePolicyDocument": {"Statement": [{"Condition": {"StringLike": {"aws:x": 1}}}]}}),
    )
    .living(|life| {
        life.ignore_changes = vec![
            "/AssumeRolePolicyDocument/Statement/*/Condition".into(),
            "/AssumeRolePolicyDocument/Statement/0/Condition/StringLike/aws:x".into(),
        ]
    });
    let options = program([role])["resources"]["a_api_role"]["options"]["ignoreChanges"].clone();
    let path = r#"assumeRolePolicyDocument["Statement"][0]["Condition"]"#;
    assert_eq!(options, json!([path, format!(r#"{path}["StringLike"]["aws:x"]"#)]));
}
