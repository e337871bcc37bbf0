//! Edges that turn round between the state and the graph.

use super::*;
use crate::exit::Exit;
use crate::plan::nodes::{Part, nodes};
use crate::plan::{Destination, destroy};

fn subnet(address: &str, cidr: &str) -> Resource {
    let subnet = resource(address, "AWS::EC2::Subnet", json!({"VpcId": "vpc-1", "CidrBlock": cidr}));
    subnet.living(|life| life.replace = ReplaceOrder::DeleteFirst)
}

fn uses(user: Resource, address: &str) -> Resource {
    let attribute = if address.ends_with("subnet") { "SubnetId" } else { "Arn" };
    user.refers("KmsMasterKeyId", address, attribute)
}

fn fifo(address: &str) -> Resource {
    queue(address).with("FifoQueue", json!(true))
}

fn table(address: &str) -> Resource {
    resource(address, "AWS::DynamoDB::Table", json!({"TableName": "orders"}))
}

/// What is done one after the other.
fn story(plan: &Plan, state: &State) -> Vec<String> {
    let nodes = nodes(&plan.steps, Some(state)).nodes;
    let order = Order::new(nodes.iter().map(|node| node.needs.clone()).collect());
    let told = |node: usize| {
        let step = &plan.steps[nodes[node].step];
        let part = match (nodes[node].part, step.op) {
            (Part::MakeRoom, _) => "make room for",
            (Part::Main, Op::Create | Op::Replace) => "make",
            (Part::Main, Op::Update) => "update",
            (Part::Main, Op::Delete) => "delete",
            (Part::Main, _) => "note",
            (Part::Clear, _) => "clear",
        };
        format!("{part} {}", step.address)
    };
    order.waves().into_iter().flatten().map(told).collect()
}

fn changed(before: impl IntoIterator<Item = Resource>, after: impl IntoIterator<Item = Resource>) -> (Plan, Vec<String>) {
    let state = state_of(before);
    let plan = plan(&graph(after), &state);
    let story = story(&plan, &state);
    (plan, story)
}

#[test]
fn of_two_updates_the_one_that_lets_go_comes_first() {
    let (one, two) = (|| queue("a/one/queue"), || queue("a/two/queue"));
    let (plan, story) = changed([one(), uses(two(), "a/one/queue")], [uses(one(), "a/two/queue"), two()]);
    assert_eq!(steps(&plan), [("a/one/queue", Op::Update), ("a/two/queue", Op::Update)]);
    assert_eq!(story, ["update a/two/queue", "update a/one/queue"]);
}

#[test]
fn a_step_that_only_notes_that_an_edge_is_gone_is_waited_for() {
    let (one, two) = (|| queue("a/one/queue"), || queue("a/two/queue"));
    let (plan, story) = changed([one(), two().waits("a/one/queue")], [uses(one(), "a/two/queue"), two()]);
    assert_eq!(steps(&plan), [("a/one/queue", Op::Update), ("a/two/queue", Op::None)]);
    assert_eq!(story, ["note a/two/queue", "update a/one/queue"]);
}

#[test]
fn an_edge_that_goes_is_waited_for_through_what_stays_as_it_is() {
    let (one, three) = (|| queue("a/one/queue"), || queue("a/three/queue"));
    let between = || queue("a/two/queue").waits("a/three/queue");
    let state = state_of([one(), between(), uses(three(), "a/one/queue")]);
    let graph = graph([uses(one(), "a/two/queue"), between(), three()]);
    let whole = plan(&graph, &state);
    assert_eq!(steps(&whole), [("a/one/queue", Op::Update), ("a/three/queue", Op::Update)]);
    assert_eq!(needs(&whole, "a/one/queue"), ["a/three/queue"]);
    let mut edited = whole.clone();
    edited.steps.remove(1);
    assert_eq!(edited.recompute(Some(&state)).unwrap_err().findings()[0].code.name(), "P8002");
    let part = Options { targets: vec!["a/one".parse().unwrap()], ..options() };
    assert_eq!(diff(&graph, Some(&state), &part).unwrap().steps.len(), 2);
}

#[test]
fn two_that_are_replaced_delete_first_go_by_the_old_edge_and_come_by_the_new_one() {
    let one = |cidr: &str| subnet("a/one/subnet", cidr);
    let two = |cidr: &str| subnet("a/two/subnet", cidr);
    let (plan, story) = changed(
        [one("10.0.0.0/24"), two("10.0.1.0/24").waits("a/one/subnet")],
        [one("10.0.2.0/24").waits("a/two/subnet"), two("10.0.3.0/24")],
    );
    assert_eq!((needs(&plan, "a/one/subnet"), needs(&plan, "a/two/subnet")), (vec!["a/two/subnet"], vec![]));
    assert_eq!(story, ["make room for a/two/subnet", "make room for a/one/subnet", "make a/two/subnet", "make a/one/subnet"]);
}

#[test]
fn where_edges_turn_round_the_delete_comes_before_the_update_that_lets_go() {
    let (net, user) = (|cidr: &str| subnet("a/net/subnet", cidr), || queue("a/user/queue"));
    let between = || uses(queue("a/old/queue"), "a/net/subnet");
    let state = state_of([net("10.0.0.0/24"), between(), uses(user(), "a/old/queue")]);
    let graph = graph([net("10.0.1.0/24"), uses(user(), "a/net/subnet")]);
    let whole = plan(&graph, &state);
    assert_eq!(needs(&whole, "a/net/subnet"), ["a/old/queue"]);
    assert_eq!(needs(&whole, "a/user/queue"), ["a/net/subnet"]);
    assert_eq!(needs(&whole, "a/old/queue"), [""; 0]);
    assert_eq!(story(&whole, &state), ["delete a/old/queue", "make room for a/net/subnet", "make a/net/subnet", "update a/user/queue"]);
    let ahead = |node: &crate::plan::nodes::Node| whole.steps[node.step].op == Op::Delete && node.ahead;
    assert_eq!(nodes(&whole.steps, Some(&state)).nodes.iter().filter(|node| ahead(node)).count(), 1);
    let part = Options { targets: vec!["a/old".parse().unwrap()], ..options() };
    assert_eq!(diff(&graph, Some(&state), &part).unwrap().steps.len(), 3, "the delete needs what lets go of it, though it comes first");
}

#[test]
fn a_replacement_that_would_make_first_deletes_first_where_nothing_else_is_possible() {
    let (net, between) = (|cidr: &str| subnet("a/net/subnet", cidr), || queue("a/way/queue"));
    let (old, user) = (|| uses(queue("a/old/queue"), "a/net/subnet"), |address: &str| uses(queue("a/user/queue"), address));
    let (plan, story) = changed(
        [net("10.0.0.0/24"), old(), between(), user("a/old/queue")],
        [net("10.0.1.0/24"), uses(between(), "a/net/subnet"), uses(fifo("a/user/queue"), "a/way/queue")],
    );
    let replaced = step(&plan, "a/user/queue");
    assert_eq!((replaced.op, replaced.replace_order), (Op::Replace, Some(ReplaceOrder::DeleteFirst)));
    assert_eq!(replaced.reason, "`/FifoQueue` is fixed at creation; the old one has to go first");
    assert_eq!(
        story,
        [
            "make room for a/user/queue",
            "delete a/old/queue",
            "make room for a/net/subnet",
            "make a/net/subnet",
            "update a/way/queue",
            "make a/user/queue"
        ]
    );
}

#[test]
fn a_name_is_free_before_another_takes_it_although_a_user_moves_from_one_to_the_other() {
    let user = |address: &str| uses(queue("a/user/queue"), address);
    let (plan, story) = changed([table("a/one/table"), user("a/one/table")], [table("a/uno/table"), user("a/uno/table")]);
    assert_eq!(needs(&plan, "a/uno/table"), ["a/one/table"]);
    assert_eq!(story, ["delete a/one/table", "make a/uno/table", "note a/user/queue"]);
}

#[test]
fn a_name_is_free_before_another_takes_it_although_the_user_is_replaced() {
    let user = |user: Resource, address: &str| uses(user, address);
    let (plan, story) = changed(
        [table("a/one/table"), user(queue("a/user/queue"), "a/one/table")],
        [table("a/uno/table"), user(fifo("a/user/queue"), "a/uno/table")],
    );
    assert_eq!(step(&plan, "a/user/queue").replace_order, Some(ReplaceOrder::DeleteFirst));
    assert_eq!(story, ["make room for a/user/queue", "delete a/one/table", "make a/uno/table", "make a/user/queue"]);
}

#[test]
fn what_is_deleted_and_holds_each_other_has_no_order_and_is_refused() {
    let (one, two) = (|| queue("a/one/queue"), || queue("a/two/queue"));
    let mut state = state_of([one(), two().waits("a/one/queue"), queue("b/three/queue")]);
    record(&mut state, "a/one/queue").depends_on = vec!["a/two/queue".parse().unwrap()];
    let refusals = [
        diff(&graph([queue("b/three/queue")]), Some(&state), &options()).unwrap_err(),
        destroy(&state, Destination::default(), &options()).unwrap_err(),
    ];
    for error in refusals {
        assert_eq!((error.findings()[0].code.name(), error.exit()), ("P8007", Exit::Invalid));
        assert_eq!(error.findings()[0].message, "these steps wait for each other: a/one/queue → a/two/queue → a/one/queue");
    }
    let others = Options { targets: vec!["b/three".parse().unwrap()], ..options() };
    assert_eq!(destroy(&state, Destination::default(), &others).unwrap().steps.len(), 1, "the circle is no part of it");
    assert!(diff(&graph([one(), two(), queue("b/three/queue")]), Some(&state), &options()).is_ok(), "who lets go can be first");
}

#[test]
fn a_plan_that_was_edited_into_a_circle_is_refused() {
    let (one, two) = (|| queue("a/one/queue"), || queue("a/two/queue"));
    let state = state_of([one(), uses(two(), "a/one/queue")]);
    let mut edited = plan(&graph([uses(one(), "a/two/queue"), two()]), &state);
    edited.steps.remove(1);
    let error = edited.recompute(Some(&state)).unwrap_err();
    assert_eq!((error.findings()[0].code.name(), error.exit()), ("P8007", Exit::Invalid));
    let message = "these steps would leave resources that need each other: a/one/queue → a/two/queue → a/one/queue";
    assert_eq!(error.findings()[0].message, message);
}
