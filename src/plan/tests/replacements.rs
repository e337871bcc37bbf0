//! Replacements: why, in which order, under which name.

use super::*;
use crate::plan::Replace;

fn fifo(address: &str, fifo: bool) -> Resource {
    let queue = queue(address);
    if fifo { queue.with("FifoQueue", json!(true)) } else { queue }
}

#[test]
fn a_create_only_change_replaces_and_names_the_rule() {
    let plan = change([fifo("a/one/queue", false)], [fifo("a/one/queue", true)]);
    let step = &plan.steps[0];
    assert_eq!((step.op, &*step.reason), (Op::Replace, "`/FifoQueue` is fixed at creation"));
    assert_eq!((step.changes[0].replace, step.changes[0].rule.as_deref()), (Replace::Yes, Some("create-only")));
    assert_eq!(step.replace_order, Some(ReplaceOrder::CreateFirst));
    assert_eq!(plan.summary.replace, 1);
}

#[test]
fn a_type_that_cannot_be_updated_is_replaced() {
    let association = |table: &str| {
        resource("_stack/network/association", "AWS::EC2::SubnetRouteTableAssociation", json!({"SubnetId": "s", "RouteTableId": table}))
    };
    let plan = change([association("t1")], [association("t2")]);
    assert_eq!(plan.steps[0].op, Op::Replace);
}

#[test]
fn a_replacement_can_be_asked_for() {
    let state = state_of([queue("a/one/queue"), queue("a/two/queue")]);
    let asked = Options { replace: vec!["a/one".parse().unwrap()], ..options() };
    let plan = diff(&graph([queue("a/one/queue"), queue("a/two/queue")]), Some(&state), &asked).unwrap();
    assert_eq!(steps(&plan), [("a/one/queue", Op::Replace)]);
    assert_eq!(plan.steps[0].reason, "asked for");
}

#[test]
fn a_create_first_replacement_takes_the_next_generation_of_the_name() {
    let named = |fifo_queue| fifo("a/one/queue", fifo_queue).named("QueueName", "shop-one");
    let state = state_of([named(false)]);
    let first = plan(&graph([named(true)]), &state);
    let step = &first.steps[0];
    assert_eq!((step.generation, step.replace_order), (1, Some(ReplaceOrder::CreateFirst)));
    assert_eq!(step.desired.as_ref().unwrap().properties["QueueName"], json!("shop-one-g1"));
    assert_eq!(paths(step), ["/FifoQueue", "/QueueName"]);
    assert_eq!((step.changes[1].rule.as_deref(), step.changes[1].replace), (Some("generation"), Replace::No));

    let state = applied(&first, state);
    assert!(plan(&graph([named(true)]), &state).is_empty(), "the second diff is empty");
    let back = plan(&graph([named(false)]), &state);
    assert_eq!(back.steps[0].generation, 2);
    assert_eq!(back.steps[0].desired.as_ref().unwrap().properties["QueueName"], json!("shop-one-g2"));
}

#[test]
fn a_name_that_an_old_instance_still_has_is_not_taken_again() {
    let named = |fifo_queue| fifo("a/one/queue", fifo_queue).named("QueueName", "shop-one");
    let mut state = state_of([named(false)]);
    record(&mut state, "a/one/queue").superseded.push(crate::state::Superseded {
        identifier: "left-over".to_owned(),
        type_name: "AWS::SQS::Queue".into(),
        epoch: 1,
        generation: 1,
        nested: false,
        depends_on: Vec::new(),
        partial: true,
    });
    let plan = plan(&graph([named(true)]), &state);
    assert_eq!(plan.steps[0].generation, 2);
}

#[test]
fn an_update_keeps_the_generation() {
    let named = |fifo_queue, delay: i32| fifo("a/one/queue", fifo_queue).named("QueueName", "shop-one").with("DelaySeconds", json!(delay));
    let state = state_of([named(false, 0)]);
    let state = applied(&plan(&graph([named(true, 0)]), &state), state);
    let plan = plan(&graph([named(true, 5)]), &state);
    assert_eq!((plan.steps[0].op, plan.steps[0].generation), (Op::Update, 1));
    assert_eq!(plan.steps[0].desired.as_ref().unwrap().properties["QueueName"], json!("shop-one-g1"));
}

#[test]
fn another_name_needs_no_generation() {
    let named = |base: &str| queue("a/one/queue").named("QueueName", base);
    let plan = change([named("old-one")], [named("new-one")]);
    assert_eq!((plan.steps[0].op, plan.steps[0].generation), (Op::Replace, 0));
    assert_eq!(plan.steps[0].replace_order, Some(ReplaceOrder::CreateFirst));
}

#[test]
fn a_name_that_is_given_by_hand_makes_the_old_one_go_first() {
    let table = |key: &str| {
        resource("a/table/table", "AWS::DynamoDB::Table", json!({"TableName": "orders", "ImportSourceSpecification": {"InputFormat": key}}))
    };
    let plan = change([table("CSV")], [table("ION")]);
    assert_eq!(plan.steps[0].op, Op::Replace);
    assert_eq!(plan.steps[0].replace_order, Some(ReplaceOrder::DeleteFirst));
}

#[test]
fn the_manifest_can_ask_for_delete_first() {
    let wanted =
        |fifo_queue| fifo("a/one/queue", fifo_queue).living(|life| life.replace = ReplaceOrder::DeleteFirst).named("QueueName", "n");
    let plan = change([wanted(false)], [wanted(true)]);
    assert_eq!((plan.steps[0].replace_order, plan.steps[0].generation), (Some(ReplaceOrder::DeleteFirst), 0));
}

#[test]
fn what_hangs_on_a_delete_first_replacement_goes_first_too() {
    let subnet = |cidr: &str| {
        resource("_stack/network/subnet", "AWS::EC2::Subnet", json!({"CidrBlock": cidr, "VpcId": "v"}))
            .living(|life| life.replace = ReplaceOrder::DeleteFirst)
    };
    let instance = || resource("a/vm/instance", "AWS::EC2::Instance", json!({})).refers("SubnetId", "_stack/network/subnet", "SubnetId");
    let plan = change([subnet("10.0.0.0/24"), instance()], [subnet("10.0.1.0/24"), instance()]);
    assert_eq!(steps(&plan), [("_stack/network/subnet", Op::Replace), ("a/vm/instance", Op::Replace)]);
    assert_eq!(step(&plan, "a/vm/instance").replace_order, Some(ReplaceOrder::DeleteFirst));
    assert_eq!(needs(&plan, "a/vm/instance"), ["_stack/network/subnet"]);
    assert!(needs(&plan, "_stack/network/subnet").is_empty());
}

#[test]
fn a_delete_first_replacement_waits_for_those_that_let_go() {
    let subnet = |cidr: &str| {
        resource("_stack/network/subnet", "AWS::EC2::Subnet", json!({"CidrBlock": cidr, "VpcId": "v"}))
            .living(|life| life.replace = ReplaceOrder::DeleteFirst)
    };
    let group = resource("a/db/subnet-group", "AWS::RDS::DBSubnetGroup", json!({"DBSubnetGroupDescription": "d", "SubnetIds": []}));
    let holding = group.clone().refers("DBSubnetGroupDescription", "_stack/network/subnet", "SubnetId");
    let other = queue("a/q/queue").refers("KmsMasterKeyId", "_stack/network/subnet", "SubnetId");
    let plan = change([subnet("10.0.0.0/24"), holding, other], [subnet("10.0.1.0/24"), group]);
    assert_eq!(needs(&plan, "_stack/network/subnet"), ["a/db/subnet-group", "a/q/queue"]);
}

#[test]
fn a_partial_create_is_replaced_with_the_rest_of_it_gone_first() {
    let mut state = state_of([queue("a/one/queue").named("QueueName", "n")]);
    let record = record(&mut state, "a/one/queue");
    (record.status, record.partial) = (Status::Failed, true);
    let plan = plan(&graph([queue("a/one/queue").named("QueueName", "n")]), &state);
    assert_eq!((plan.steps[0].op, plan.steps[0].replace_order), (Op::Replace, Some(ReplaceOrder::DeleteFirst)));
}

#[test]
fn another_type_at_the_same_address_is_a_replacement() {
    let plan = change([queue("a/one/main")], [resource("a/one/main", "AWS::SNS::Topic", json!({}))]);
    assert_eq!((plan.steps[0].op, &*plan.steps[0].reason), (Op::Replace, "it is a AWS::SQS::Queue"));
    assert!(plan.steps[0].changes.is_empty());
}

#[test]
fn a_protected_resource_is_not_replaced() {
    let wanted = |fifo_queue| fifo("a/one/queue", fifo_queue).living(|life| life.protect = true);
    let plan = change([wanted(false)], [wanted(true)]);
    assert_eq!(plan.steps[0].blocked.as_ref().unwrap().code.name(), "P3020");
    let codes: Vec<_> = plan.check_refused(false).unwrap_err().into_findings().into_iter().map(|finding| finding.code.name()).collect();
    assert_eq!(codes, ["P8010", "P3020"]);
    let lifted = change([wanted(false)], [fifo("a/one/queue", true)]);
    assert_eq!(lifted.steps[0].blocked.as_ref().unwrap().code.name(), "P3020", "the record still protects it");
}

#[test]
fn an_update_of_a_protected_resource_is_not_blocked() {
    let wanted = |delay: i32| queue("a/one/queue").with("DelaySeconds", json!(delay)).living(|life| life.protect = true);
    let plan = change([wanted(0)], [wanted(5)]);
    assert!(plan.steps[0].blocked.is_none());
    assert!(plan.check_refused(false).is_ok());
}

#[test]
fn a_new_revision_keeps_its_name() {
    let task = |cpu: &str| resource("a/api/task", "AWS::ECS::TaskDefinition", json!({"Cpu": cpu})).named("Family", "shop-api");
    let plan = change([task("256")], [task("512")]);
    assert_eq!((plan.steps[0].op, plan.steps[0].generation, paths(&plan.steps[0])), (Op::Replace, 0, vec!["/Cpu"]));
    assert_eq!(plan.steps[0].replace_order, Some(ReplaceOrder::CreateFirst));
}
