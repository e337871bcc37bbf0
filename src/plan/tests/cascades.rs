//! What a change does to the resources that refer to the changed one.

use super::*;
use crate::plan::Replace;

fn group(name: &str) -> Resource {
    resource("a/api/group", "AWS::EC2::SecurityGroup", json!({"GroupDescription": name}))
}

#[test]
fn a_replaced_resource_makes_its_attributes_unknown() {
    let user = || queue("a/one/queue").refers("KmsMasterKeyId", "a/api/group", "GroupId");
    let plan = change([group("one"), user()], [group("two"), user()]);
    assert_eq!(steps(&plan), [("a/api/group", Op::Replace), ("a/one/queue", Op::Update)]);
    let change = &step(&plan, "a/one/queue").changes[0];
    assert!(change.unknown);
    assert_eq!(change.after, Some(json!({"$ref": "a/api/group", "attribute": "GroupId"})));
    assert_eq!(needs(&plan, "a/one/queue"), ["a/api/group"]);
}

#[test]
fn an_unknown_create_only_input_replaces_in_turn() {
    let rule = || {
        resource("a/api/rule", "AWS::EC2::SecurityGroupIngress", json!({"IpProtocol": "tcp"})).refers("GroupId", "a/api/group", "GroupId")
    };
    let plan = change([group("one"), rule()], [group("two"), rule()]);
    let step = step(&plan, "a/api/rule");
    assert_eq!((step.op, step.changes[0].replace, step.changes[0].unknown), (Op::Replace, Replace::Yes, true));
}

#[test]
fn a_property_of_a_replaced_resource_is_known() {
    let user = || queue("a/one/queue").refers("KmsMasterKeyId", "a/api/group", "GroupDescription");
    let plan = change([group("one"), user()], [group("two"), user()]);
    let change = &step(&plan, "a/one/queue").changes[0];
    assert_eq!((change.unknown, &change.after), (false, &Some(json!("two"))));
}

#[test]
fn an_update_leaves_attributes_as_they_are() {
    let provider = |delay: i32| queue("a/one/queue").with("DelaySeconds", json!(delay));
    let user = || queue("a/two/queue").refers("KmsMasterKeyId", "a/one/queue", "Arn");
    assert_eq!(steps(&change([provider(0), user()], [provider(1), user()])), [("a/one/queue", Op::Update)]);
}

#[test]
fn an_attribute_that_moves_with_updates_is_unknown_after_one() {
    let template = |data: &str| resource("a/vm/template", "AWS::EC2::LaunchTemplate", json!({"LaunchTemplateData": {"ImageId": data}}));
    let user = || queue("a/two/queue").refers("KmsMasterKeyId", "a/vm/template", "LatestVersionNumber");
    let plan = change([template("ami-1"), user()], [template("ami-2"), user()]);
    assert_eq!(steps(&plan), [("a/two/queue", Op::Update), ("a/vm/template", Op::Update)]);
}

#[test]
fn a_changed_property_is_passed_on_to_its_users() {
    let provider = |delay: i32| queue("a/one/queue").with("DelaySeconds", json!(delay));
    let user = || queue("a/two/queue").refers("DelaySeconds", "a/one/queue", "DelaySeconds");
    let plan = change([provider(1), user()], [provider(2), user()]);
    let change = &step(&plan, "a/two/queue").changes[0];
    assert_eq!((&change.before, &change.after), (&Some(json!(1)), &Some(json!(2))));
}

#[test]
fn a_property_that_goes_is_unknown_afterwards() {
    let user = || queue("a/two/queue").refers("DelaySeconds", "a/one/queue", "DelaySeconds");
    let plan = change([queue("a/one/queue").with("DelaySeconds", json!(1)), user()], [queue("a/one/queue"), user()]);
    assert!(step(&plan, "a/two/queue").changes[0].unknown);
}

#[test]
fn text_made_of_known_and_unknown_parts_shows_both() {
    let user = || {
        queue("a/two/queue")
            .with("KmsMasterKeyId", json!({"$join": ["arn:", {"$aws": "region"}, ":", {"$ref": "a/api/group", "attribute": "GroupId"}]}))
    };
    let plan = change([group("one"), user()], [group("two"), user()]);
    let after = step(&plan, "a/two/queue").changes[0].after.clone().unwrap();
    assert_eq!(after, json!({"$join": ["arn:eu-west-1:", {"$ref": "a/api/group", "attribute": "GroupId"}]}));
}

#[test]
fn an_order_edge_alone_passes_nothing_on() {
    let user = || queue("a/two/queue").waits("a/api/group");
    assert_eq!(steps(&change([group("one"), user()], [group("two"), user()])), [("a/api/group", Op::Replace)]);
}

#[test]
fn a_lookup_is_read_again_only_if_what_it_asks_is_new() {
    let cluster = |name: &str| resource("a/bus/cluster", "AWS::MSK::ServerlessCluster", json!({"ClusterName": name}));
    let lookup = json!({"$lookup": "kafka:GetBootstrapBrokers", "of": {"$ref": "a/bus/cluster", "attribute": "Arn"}, "field": "X"});
    let user = |delay: i32| queue("a/two/queue").with("KmsMasterKeyId", lookup.clone()).with("DelaySeconds", json!(delay));
    let mut state = state_of([cluster("one"), queue("a/two/queue").with("KmsMasterKeyId", json!("broker:9098")).waits("a/bus/cluster")]);
    record(&mut state, "a/two/queue").properties.insert("DelaySeconds".into(), json!(0));
    assert!(plan(&graph([cluster("one"), user(0)]), &state).is_empty());
    assert_eq!(paths(&plan(&graph([cluster("one"), user(1)]), &state).steps[0]), ["/DelaySeconds"]);
    let again = plan(&graph([cluster("two"), user(0)]), &state);
    assert_eq!(paths(step(&again, "a/two/queue")), ["/KmsMasterKeyId"]);
    record(&mut state, "a/two/queue").depends_on.clear();
    assert_eq!(plan(&graph([cluster("one"), user(0)]), &state).steps[0].op, Op::Update);
}

#[test]
fn the_answers_to_the_account_are_facts() {
    let user = || queue("a/two/queue").with("KmsMasterKeyId", json!({"$join": [{"$aws": "account"}, "-", {"$aws": "urlSuffix"}]}));
    assert!(change([user()], [user()]).is_empty());
    let unknown = Options { account: Account::default(), ..options() };
    let plan = diff(&graph([user()]), Some(&state_of([user()])), &unknown).unwrap();
    assert!(plan.steps[0].changes[0].unknown);
}

#[test]
fn an_attribute_that_follows_from_the_name_is_known_before_creation() {
    let user = || queue("a/two/queue").refers("KmsMasterKeyId", "a/one/queue", "Arn");
    let named = |fifo: bool| {
        let queue = queue("a/one/queue").named("QueueName", "shop-one");
        if fifo { queue.with("FifoQueue", json!(true)) } else { queue }
    };
    let plan = change([named(false), user()], [named(true), user()]);
    let change = &step(&plan, "a/two/queue").changes[0];
    assert_eq!((change.unknown, &change.after), (false, &Some(json!("arn:aws:sqs:eu-west-1:000000000000:shop-one-g1"))));
}

#[test]
fn a_replacement_under_the_same_name_leaves_its_users_alone() {
    let user = || queue("a/two/queue").refers("KmsMasterKeyId", "a/one/table", "Arn");
    let table = |key: &str| {
        resource("a/one/table", "AWS::DynamoDB::Table", json!({"TableName": "orders", "ImportSourceSpecification": {"InputFormat": key}}))
    };
    assert_eq!(steps(&change([table("CSV"), user()], [table("ION"), user()])), [("a/one/table", Op::Replace)]);
}
