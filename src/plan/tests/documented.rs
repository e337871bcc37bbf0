//! Changes of which the schema says less than AWS does.

use super::*;
use crate::plan::Replace;

fn database(properties: Value) -> Resource {
    resource("a/db/instance", "AWS::RDS::DBInstance", properties).named("DBInstanceIdentifier", "shop-db")
}

fn table(properties: Value) -> Resource {
    let table = resource("a/t/table", "AWS::DynamoDB::Table", properties);
    let keys = |name: &str| json!([{"AttributeName": name, "KeyType": "HASH"}]);
    let definitions = json!([{"AttributeName": "id", "AttributeType": "S"}, {"AttributeName": "mail", "AttributeType": "S"}]);
    let with =
        |table: Resource, name: &str, value: Value| if table.properties.contains_key(name) { table } else { table.with(name, value) };
    with(with(table, "KeySchema", keys("id")), "AttributeDefinitions", definitions)
}

fn only(plan: &Plan) -> &Step {
    let [step] = plan.steps.as_slice() else { panic!("{:?}", steps(plan)) };
    step
}

#[test]
fn taking_a_write_only_property_away_is_an_update() {
    let secret = json!({"$secret": {"name": "prod/db"}});
    for (before, after) in [
        (database(json!({"MasterUserPassword": secret})), database(json!({"ManageMasterUserPassword": true}))),
        (database(json!({"AllowMajorVersionUpgrade": true})), database(json!({}))),
        (
            resource("a/s/bucket", "AWS::S3::Bucket", json!({"AccessControl": "Private"})),
            resource("a/s/bucket", "AWS::S3::Bucket", json!({})),
        ),
        (
            resource("a/f/function", "AWS::Lambda::Function", json!({"Code": {"ZipFile": "x"}})),
            resource("a/f/function", "AWS::Lambda::Function", json!({"Code": {"S3Bucket": "b", "S3Key": "k"}})),
        ),
    ] {
        let plan = change([before], [after]);
        assert_eq!(only(&plan).op, Op::Update, "{:?}", only(&plan).changes);
    }
}

#[test]
fn a_value_that_aws_may_keep_is_told_unless_another_takes_its_place() {
    let plan = change([database(json!({"AllowMajorVersionUpgrade": true}))], [database(json!({}))]);
    assert!(only(&plan).changes[0].verdict().unwrap().contains("may keep"), "{:?}", only(&plan).changes);
    let function = |code: Value| resource("a/f/function", "AWS::Lambda::Function", json!({"Code": code}));
    let plan = change([function(json!({"ZipFile": "x"}))], [function(json!({"S3Bucket": "b", "S3Key": "k"}))]);
    assert!(only(&plan).changes.iter().all(|change| change.verdict().is_none()), "{:?}", only(&plan).changes);
}

#[test]
fn another_key_of_a_table_replaces_it_and_protection_holds() {
    let keys = |name: &str| json!([{"AttributeName": name, "KeyType": "HASH"}]);
    let plan = change([table(json!({}))], [table(json!({"KeySchema": keys("mail")}))]);
    assert_eq!((only(&plan).op, &*only(&plan).reason), (Op::Replace, "`/KeySchema` cannot be changed in place"));
    let retyped = json!([{"AttributeName": "id", "AttributeType": "N"}, {"AttributeName": "mail", "AttributeType": "S"}]);
    let local = json!([{"IndexName": "by-mail", "KeySchema": keys("mail")}]);
    for after in [json!({"AttributeDefinitions": retyped}), json!({"LocalSecondaryIndexes": local})] {
        let plan = change([table(json!({}))], [table(after).living(|lifecycle| lifecycle.protect = true)]);
        assert_eq!(only(&plan).op, Op::Replace);
        assert_eq!(only(&plan).blocked.as_ref().unwrap().code.name(), "P3020");
    }
}

#[test]
fn another_engine_replaces_a_database() {
    let plan = change([database(json!({"Engine": "postgres"}))], [database(json!({"Engine": "mysql"}))]);
    let engine = only(&plan).changes.iter().find(|change| change.path == "/Engine").unwrap();
    assert_eq!((only(&plan).op, engine.replace), (Op::Replace, Replace::Yes));
    let plan = change([database(json!({"MultiAZ": false}))], [database(json!({"MultiAZ": true}))]);
    assert_eq!((only(&plan).op, only(&plan).changes[0].replace), (Op::Update, Replace::No));
}

#[test]
fn what_aws_refuses_is_blocked_and_the_rest_goes_on() {
    let storage = |size: &str, days: u32| database(json!({"AllocatedStorage": size, "BackupRetentionPeriod": days}));
    let plan = change([storage("100", 7), queue("a/q/queue")], [storage("20", 7), queue("a/q/queue").with("DelaySeconds", json!(1))]);
    assert_eq!(step(&plan, "a/db/instance").blocked.as_ref().unwrap().code.name(), "P3022");
    assert!(step(&plan, "a/q/queue").blocked.is_none());
    let refused = plan.check_refused(true).unwrap_err().into_findings();
    assert_eq!(refused.iter().map(|finding| finding.code.name()).collect::<Vec<_>>(), ["P3022"]);
    for (from, to, code) in [("100", "105", Some("P3024")), ("100", "200", None)] {
        let plan = change([storage(from, 7)], [storage(to, 7)]);
        assert_eq!(only(&plan).blocked.as_ref().map(|blocked| blocked.code.name()), code);
    }
    let version = |version: &str| database(json!({"Engine": "postgres", "EngineVersion": version}));
    assert_eq!(only(&change([version("16")], [version("15")])).blocked.as_ref().unwrap().code.name(), "P3025");
}

#[test]
fn an_edited_plan_is_held_to_the_same_limits() {
    let storage = |size: &str| database(json!({"AllocatedStorage": size}));
    let state = state_of([storage("100")]);
    let mut plan = plan(&graph([storage("200")]), &state);
    plan.steps[0].desired.as_mut().unwrap().properties.insert("AllocatedStorage".into(), json!("20"));
    plan.recompute(Some(&state)).unwrap();
    assert_eq!(plan.steps[0].blocked.as_ref().unwrap().code.name(), "P3022");
}

#[test]
fn two_indexes_at_a_time_are_blocked_on_a_live_table_and_not_on_a_new_one() {
    let index = |name: &str| json!({"IndexName": name, "KeySchema": [{"AttributeName": "mail", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"}});
    let both = || table(json!({"GlobalSecondaryIndexes": [index("one"), index("two")]}));
    assert_eq!(only(&change([table(json!({}))], [both()])).blocked.as_ref().unwrap().code.name(), "P3026");
    assert!(only(&plan(&graph([both()]), &State::empty("shop", "dev", "lineage-1"))).blocked.is_none());
}

#[test]
fn names_that_differ_in_case_only_are_no_change() {
    let named = |name: &str| resource("a/db/instance", "AWS::RDS::DBInstance", json!({"DBInstanceIdentifier": name}));
    assert!(change([named("MyDb")], [named("mydb")]).is_empty());
    let role = |name: &str| resource("a/r/role", "AWS::IAM::Role", json!({"RoleName": name}));
    assert!(change([role("Deploy")], [role("deploy")]).is_empty());
    let queue = |name: &str| queue("a/q/queue").with("QueueName", json!(name));
    assert_eq!(only(&change([queue("Jobs")], [queue("jobs")])).op, Op::Replace, "queues are told apart by case");
}

#[test]
fn a_database_of_another_spelling_keeps_its_name_in_every_other_change() {
    let named = |name: &str, days: u32| {
        resource("a/db/instance", "AWS::RDS::DBInstance", json!({"BackupRetentionPeriod": days})).named("DBInstanceIdentifier", name)
    };
    let plan = change([named("MyDb", 7)], [named("mydb", 8)]);
    assert_eq!((only(&plan).op, paths(only(&plan))), (Op::Update, vec!["/BackupRetentionPeriod"]));
    assert_eq!(only(&plan).desired.as_ref().unwrap().properties["DBInstanceIdentifier"], json!("MyDb"));
    let other = |name: &str, engine: &str| named(name, 7).with("Engine", json!(engine));
    let plan = change([other("MyDb", "postgres")], [other("mydb", "mysql")]);
    assert_eq!((only(&plan).op, only(&plan).replace_order), (Op::Replace, Some(ReplaceOrder::CreateFirst)));
    assert_eq!(only(&plan).desired.as_ref().unwrap().properties["DBInstanceIdentifier"], json!("mydb-g1"));
}

#[test]
fn order_alone_is_no_change() {
    let policy = |actions: Value| {
        let document = json!({"Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]});
        resource("a/r/policy", "AWS::IAM::RolePolicy", json!({"PolicyName": "p", "RoleName": "r", "PolicyDocument": document}))
    };
    assert!(change([policy(json!(["a", "b"]))], [policy(json!(["b", "a"]))]).is_empty());
    let attributes = |names: Value| table(json!({"AttributeDefinitions": names}));
    let (one, other) = (json!({"AttributeName": "id", "AttributeType": "S"}), json!({"AttributeName": "mail", "AttributeType": "S"}));
    assert!(change([attributes(json!([one, other]))], [attributes(json!([other, one]))]).is_empty());
    let plan = change([policy(json!(["a", "b"]))], [policy(json!(["b", "c"]))]);
    assert_eq!(only(&plan).op, Op::Update);
}

#[test]
fn what_hangs_on_an_attribute_that_an_update_moves_follows() {
    let stream = |view: &str| table(json!({"StreamSpecification": {"StreamViewType": view}}));
    let source = || {
        resource("a/f/mapping", "AWS::Lambda::EventSourceMapping", json!({"FunctionName": "f"})).refers(
            "EventSourceArn",
            "a/t/table",
            "StreamArn",
        )
    };
    let plan = change([stream("NEW_IMAGE"), source()], [stream("OLD_IMAGE"), source()]);
    assert_eq!(steps(&plan), [("a/f/mapping", Op::Replace), ("a/t/table", Op::Update)]);
    assert!(step(&plan, "a/f/mapping").changes[0].unknown);
    let plan = change([stream("NEW_IMAGE"), source()], [stream("NEW_IMAGE").with("TableClass", json!("STANDARD")), source()]);
    assert_eq!(steps(&plan), [("a/t/table", Op::Update)]);
}

fn ingress(port: u16) -> Resource {
    let properties = json!({"GroupId": "sg-1", "IpProtocol": "tcp", "FromPort": port, "ToPort": port, "SourceSecurityGroupId": "sg-2"});
    resource("a/api/ingress.users.web", "AWS::EC2::SecurityGroupIngress", properties)
}

#[test]
fn what_is_not_in_the_way_is_made_before_the_old_one_goes() {
    let plan = change([ingress(8080)], [ingress(9090)]);
    assert_eq!((only(&plan).op, only(&plan).replace_order), (Op::Replace, Some(ReplaceOrder::CreateFirst)));
    let asked = Options { replace: vec!["a/api".parse().unwrap()], ..options() };
    let plan = diff(&graph([ingress(8080)]), Some(&state_of([ingress(8080)])), &asked).unwrap();
    assert_eq!(only(&plan).replace_order, Some(ReplaceOrder::DeleteFirst), "the same rule twice is refused");
    let subnet = |cidr: &str| resource("_stack/network/public-subnet-1", "AWS::EC2::Subnet", json!({"VpcId": "vpc-1", "CidrBlock": cidr}));
    let plan = change([subnet("10.0.0.0/20")], [subnet("10.0.0.0/24")]);
    assert_eq!(only(&plan).replace_order, Some(ReplaceOrder::DeleteFirst), "ranges of one network may overlap");
}

#[test]
fn what_takes_the_place_of_another_waits_for_it_to_go() {
    let topic = || resource("a/t/topic", "AWS::SNS::Topic", json!({}));
    let subscription = |name: &str| {
        resource(&format!("a/t/subscription.{name}"), "AWS::SNS::Subscription", json!({"Protocol": "email", "Endpoint": "a@example.com"}))
            .refers("TopicArn", "a/t/topic", "TopicArn")
    };
    let plan = change([topic(), subscription("one")], [topic(), subscription("two")]);
    assert_eq!(steps(&plan), [("a/t/subscription.one", Op::Delete), ("a/t/subscription.two", Op::Create)]);
    assert_eq!(needs(&plan, "a/t/subscription.two"), ["a/t/subscription.one"]);
    let route = |name: &str, table: &str| {
        let properties = json!({"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1"});
        resource(&format!("a/n/{name}"), "AWS::EC2::Route", properties)
    };
    let plan = change([route("one", "rtb-1")], [route("two", "rtb-1")]);
    assert_eq!(needs(&plan, "a/n/two"), ["a/n/one"]);
    let plan = change([route("one", "rtb-1")], [route("two", "rtb-2")]);
    assert_eq!(needs(&plan, "a/n/two"), [""; 0]);
}

#[test]
fn what_cannot_move_to_another_network_is_made_anew_there() {
    let network = |cidr: &str| resource("_stack/network/vpc", "AWS::EC2::VPC", json!({"CidrBlock": cidr}));
    let subnet = |cidr: &str| {
        resource("_stack/network/private-subnet-1", "AWS::EC2::Subnet", json!({"CidrBlock": cidr})).refers(
            "VpcId",
            "_stack/network/vpc",
            "VpcId",
        )
    };
    let group = || {
        resource(
            "a/db/subnet-group",
            "AWS::RDS::DBSubnetGroup",
            json!({"SubnetIds": [{"$ref": "_stack/network/private-subnet-1", "attribute": "SubnetId"}]}),
        )
        .named("DBSubnetGroupName", "shop-db")
    };
    let instance = |protect: bool| {
        database(json!({}))
            .refers("DBSubnetGroupName", "a/db/subnet-group", "DBSubnetGroupName")
            .living(|lifecycle| lifecycle.protect = protect)
    };
    let stack = |cidr: &str, part: &str, protect: bool| [network(cidr), subnet(part), group(), instance(protect)];
    let plan = change(stack("10.0.0.0/16", "10.0.128.0/20", false), stack("10.1.0.0/16", "10.1.128.0/20", false));
    assert_eq!(
        steps(&plan),
        [
            ("_stack/network/private-subnet-1", Op::Replace),
            ("_stack/network/vpc", Op::Replace),
            ("a/db/instance", Op::Replace),
            ("a/db/subnet-group", Op::Replace),
        ]
    );
    assert!(plan.steps.iter().all(|step| step.replace_order == Some(ReplaceOrder::CreateFirst)), "{:#?}", plan.steps);
    let plan = change(stack("10.0.0.0/16", "10.0.128.0/20", true), stack("10.1.0.0/16", "10.1.128.0/20", true));
    let blocked: Vec<(&str, &str)> =
        plan.steps.iter().filter_map(|step| Some((step.address.as_str(), step.blocked.as_ref()?.code.name()))).collect();
    assert!(blocked.contains(&("a/db/instance", "P3020")), "{blocked:?}");
}

#[test]
fn what_another_resource_has_until_its_own_step_is_done_is_taken_in_a_run_of_its_own() {
    let rule = |name: &str, priority: u32| {
        let properties = json!({"ListenerArn": "arn:listener", "Priority": priority, "Actions": [], "Conditions": []});
        resource(&format!("a/{name}/rule"), "AWS::ElasticLoadBalancingV2::ListenerRule", properties)
    };
    let blocked = |plan: &Plan| -> Vec<(String, &'static str)> {
        let blocked = plan.steps.iter().filter_map(|step| Some((step.address.to_string(), step.blocked.as_ref()?.code.name())));
        blocked.collect()
    };
    let both = |one: &str, other: &str| vec![(one.to_owned(), "P3026"), (other.to_owned(), "P3026")];
    let exchanged = change([rule("x", 10), rule("y", 20)], [rule("x", 20), rule("y", 10)]);
    assert_eq!(blocked(&exchanged), both("a/x/rule", "a/y/rule"));
    assert!(exchanged.steps[0].blocked.as_ref().unwrap().message.contains("Priority 20"));
    let handed_on = change([rule("x", 10), rule("y", 20)], [rule("x", 20), rule("y", 30)]);
    assert_eq!(blocked(&handed_on), [("a/x/rule".to_owned(), "P3026")]);
    let by_a_new_one = change([rule("x", 10)], [rule("x", 30), rule("y", 10)]);
    assert_eq!(blocked(&by_a_new_one), [("a/y/rule".to_owned(), "P3026")]);
    for free in [
        change([rule("x", 10), rule("y", 20)], [rule("x", 11), rule("y", 21)]),
        change([rule("x", 10), rule("y", 20)], [rule("x", 20)]),
        change([rule("x", 10)], [rule("y", 10)]),
    ] {
        assert_eq!(blocked(&free), []);
    }
    let named = |name: &str, queue: &str| resource(&format!("a/{name}/bucket"), "AWS::S3::Bucket", json!({"BucketName": queue}));
    let names = change([named("x", "one"), named("y", "two")], [named("x", "two"), named("y", "one")]);
    assert_eq!(blocked(&names), both("a/x/bucket", "a/y/bucket"));
}
