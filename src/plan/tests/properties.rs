//! What holds for any two stacks.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::diagnostic::codes::apply::P8002;
use crate::plan::nodes::{Node, Nodes, Part, check_order, nodes};
use crate::plan::{Destination, Seen, destroy};
use crate::state::faults;

const SIZE: usize = 7;

/// What a random stack says of one resource.
#[derive(Debug, Clone)]
struct Draw {
    kind: usize,
    values: Vec<(usize, i64)>,
    edges: Vec<(usize, usize)>,
    named: bool,
    delete_first: bool,
    retain: bool,
}

fn draw() -> impl Strategy<Value = Draw> {
    (
        0..4_usize,
        proptest::collection::vec((0..4_usize, 0..3_i64), 0..3),
        proptest::collection::vec((0..SIZE, 0..3_usize), 0..3),
        any::<bool>(),
        any::<bool>(),
        proptest::bool::weighted(0.1),
    )
        .prop_map(|(kind, values, edges, named, delete_first, retain)| Draw { kind, values, edges, named, delete_first, retain })
}

/// Resources may be absent; the order number says who may refer to whom.
fn stack() -> impl Strategy<Value = Vec<Resource>> {
    let order = Just((0..SIZE).collect::<Vec<_>>()).prop_shuffle();
    (proptest::collection::vec(proptest::option::weighted(0.8, draw()), SIZE), order).prop_map(|(draws, order)| built(&draws, &order))
}

fn address(n: usize) -> String {
    format!("{}/c{n}/main", if n.is_multiple_of(2) { "a" } else { "b" })
}

fn built(draws: &[Option<Draw>], order: &[usize]) -> Vec<Resource> {
    let mut resources = Vec::new();
    for (n, draw) in draws.iter().enumerate() {
        let Some(draw) = draw else { continue };
        let (type_name, number, text, fixed, list, name) = [
            ("AWS::SQS::Queue", "DelaySeconds", "KmsMasterKeyId", "FifoQueue", "Tags", "QueueName"),
            ("AWS::EC2::SecurityGroup", "X", "GroupDescription", "VpcId", "Tags", "GroupName"),
            ("AWS::SNS::Topic", "X", "DisplayName", "FifoTopic", "Tags", "TopicName"),
            ("AWS::DynamoDB::Table", "X", "TableClass", "ImportSourceSpecification", "Tags", "TableName"),
        ][draw.kind];
        let mut one = resource(&address(n), type_name, json!({}));
        for (which, value) in &draw.values {
            one = match which {
                0 => one.with(number, json!(value)),
                1 => one.with(text, json!(format!("t{value}"))),
                2 => one.with(fixed, json!(value)),
                _ => one.with(list, json!([{"Key": "k", "Value": value.to_string()}, {"Key": format!("k{value}"), "Value": "v"}])),
            };
        }
        for (other, how) in draw.edges.iter().filter(|(other, _)| order[*other] < order[n]) {
            let Some(target) = &draws[*other] else { continue };
            let attribute = ["Arn", "GroupId", "TopicArn", "StreamArn"][target.kind];
            one = match how {
                0 => one.waits(&address(*other)),
                1 => one.refers(text, &address(*other), attribute),
                _ => one.refers(fixed, &address(*other), attribute),
            };
        }
        if draw.named {
            one = one.named(name, &format!("shop-c{n}"));
        }
        resources.push(one.living(|life| {
            life.replace = if draw.delete_first { ReplaceOrder::DeleteFirst } else { ReplaceOrder::CreateFirst };
            life.retain_on_delete = draw.retain;
        }));
    }
    resources
}

/// The nodes, each after what it needs.
fn ordered(nodes: &[Node]) -> Vec<&Node> {
    let order = Order::new(nodes.iter().map(|node| node.needs.clone()).collect());
    order.waves().into_iter().flatten().map(|number| &nodes[number]).collect()
}

/// Tells whether what a step does is done after what another does, whatever else a run does.
fn comes_after(plan: &Plan, state: &State, later: &Step, earlier: &Step) -> bool {
    let nodes = nodes(&plan.steps, Some(state)).nodes;
    let main =
        |step: &Step| nodes.iter().position(|node| node.part == Part::Main && plan.steps[node.step].address == step.address).unwrap();
    let (earlier, mut open, mut seen) = (main(earlier), vec![main(later)], BTreeSet::new());
    while let Some(node) = open.pop() {
        open.extend(nodes[node].needs.iter().filter(|need| seen.insert(**need)));
    }
    seen.contains(&earlier)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn a_diff_after_apply_is_empty(before in stack(), after in stack()) {
        let state = state_of(before);
        let after = graph(after);
        let first = plan(&after, &state);
        let state = applied(&first, state);
        let second = plan(&after, &state);
        prop_assert!(second.is_empty(), "{:?} then {:?}: {:?}", steps(&first), steps(&second), second.steps.first());
        prop_assert_eq!(second.summary.unchanged, after.resources.len());
        let kept: Vec<&Address> = state.resources.keys().collect();
        let wanted: Vec<&Address> = after.resources.iter().map(|resource| &resource.address).collect();
        prop_assert_eq!(kept, wanted);
    }

    #[test]
    fn a_diff_does_not_depend_on_the_order_of_resources(before in stack(), after in stack(), turn in 0..SIZE) {
        let state = state_of(before);
        let mut turned = after.clone();
        turned.reverse();
        let middle = turn % turned.len().max(1);
        turned.rotate_left(middle);
        prop_assert_eq!(plan(&graph(turned), &state), plan(&graph(after), &state));
    }

    #[test]
    fn edges_lead_to_steps_without_a_circle(before in stack(), after in stack()) {
        let plan = plan(&graph(after), &state_of(before));
        let index: BTreeMap<&Address, usize> = plan.steps.iter().enumerate().map(|(n, step)| (&step.address, n)).collect();
        for step in &plan.steps {
            prop_assert!(step.depends_on.iter().all(|need| index.contains_key(need)));
            prop_assert!(step.depends_on.is_sorted());
        }
        let order = Order::new(plan.steps.iter().map(|step| step.depends_on.iter().map(|need| index[need]).collect()).collect());
        prop_assert!(order.circles().is_empty());
    }

    #[test]
    fn a_step_comes_after_what_it_needs_and_a_delete_after_its_users(before in stack(), after in stack()) {
        let state = state_of(before);
        let plan = plan(&graph(after), &state);
        let step_of = |address: &Address| plan.steps.iter().find(|step| step.address == *address);
        let loosens = |step: &Step| {
            let wanted = &step.desired.as_ref().unwrap().depends_on;
            state.resources.get(&step.address).is_some_and(|record| record.depends_on.iter().any(|need| !wanted.contains(need)))
        };
        for step in &plan.steps {
            for need in step.desired.iter().flat_map(|desired| &desired.depends_on) {
                let waits = step.depends_on.contains(need);
                prop_assert_eq!(waits, step_of(need).is_some_and(|step| step.op != Op::None || loosens(step)), "{} {}", step.address, need);
            }
            for (user, record) in &state.resources {
                if matches!(step.op, Op::Delete | Op::Forget) && record.depends_on.contains(&step.address) {
                    let user = step_of(user).unwrap();
                    // Only where edges have turned round, and the user itself cannot be before the delete, does it come after.
                    let turned = !matches!(user.op, Op::Delete | Op::Forget) && comes_after(&plan, &state, user, step);
                    prop_assert!(step.depends_on.contains(&user.address) != turned, "{} must wait for {}", step.address, user.address);
                }
            }
        }
    }

    #[test]
    fn the_parts_of_a_plan_have_an_order_that_keeps_to_its_edges(before in stack(), after in stack()) {
        let state = state_of(before);
        let plan = plan(&graph(after), &state);
        let Nodes { nodes, delete_first, refused } = nodes(&plan.steps, Some(&state));
        prop_assert!(check_order(&nodes, &plan.steps).is_ok());
        prop_assert!(refused.is_empty(), "{refused:?}");
        for (number, step) in plan.steps.iter().enumerate() {
            prop_assert_eq!(delete_first.contains(&number), step.replace_order == Some(ReplaceOrder::DeleteFirst));
            for need in &step.depends_on {
                let need = plan.steps.iter().find(|other| other.address == *need).unwrap();
                prop_assert!(comes_after(&plan, &state, step, need), "{} waits for {}", step.address, need.address);
            }
        }
    }

    #[test]
    fn a_run_that_ends_anywhere_leaves_a_state_without_a_circle(
        before in stack(),
        after in stack(),
        ends in proptest::collection::vec(any::<bool>(), SIZE * 2),
    ) {
        let mut state = state_of(before);
        let plan = plan(&graph(after), &state);
        let mut missed: BTreeSet<&Address> = BTreeSet::new();
        for node in ordered(&nodes(&plan.steps, Some(&state)).nodes).into_iter().filter(|node| node.part == Part::Main) {
            let step = &plan.steps[node.step];
            if ends[node.step] && step.depends_on.iter().all(|need| !missed.contains(need)) {
                carry_out(step, &mut state);
                prop_assert!(faults(&state).iter().all(|fault| !fault.problem.starts_with("is a cycle")), "{:?}", faults(&state));
            } else {
                missed.insert(&step.address);
            }
        }
    }

    #[test]
    fn a_selection_is_closed_and_can_be_applied(before in stack(), after in stack(), target in 0..SIZE, exclude in 0..SIZE) {
        let state = state_of(before);
        let graph = graph(after);
        let selector = |n: usize| address(n).parse().unwrap();
        let known = |n: usize| state.resources.contains_key(&*address(n)) || graph.resources.iter().any(|r| r.address.as_str() == address(n));
        prop_assume!(known(target) && known(exclude));
        let chosen = Options { targets: vec![selector(target)], excludes: vec![selector(exclude)], ..options() };
        let mut plan = match diff(&graph, Some(&state), &chosen) {
            Ok(plan) => plan,
            // What is left out holds an instance that would have to go.
            Err(error) => {
                prop_assert!(error.findings().iter().all(|finding| finding.code == P8002), "{error}");
                return Ok(());
            }
        };
        for step in &plan.steps {
            prop_assert!(step.address.as_str() != address(exclude));
            prop_assert!(step.depends_on.iter().all(|need| plan.steps.iter().any(|other| other.address == *need)));
        }
        let made = plan.clone();
        plan.recompute(Some(&state)).unwrap();
        prop_assert_eq!(&plan, &made);
        applied(&plan, state);
    }

    #[test]
    fn a_made_plan_is_left_alone_and_its_base_is_right(before in stack(), after in stack()) {
        let state = state_of(before);
        let mut plan = plan(&graph(after), &state);
        let made = plan.clone();
        plan.recompute(Some(&state)).unwrap();
        prop_assert_eq!(&plan, &made);
        prop_assert!(plan.check_base(&state).is_ok());
        for step in &plan.steps {
            prop_assert_eq!(step.base.clone(), state.resources.get(&step.address).map(Seen::of));
        }
    }

    #[test]
    fn steps_may_be_dropped_or_the_plan_is_refused(before in stack(), after in stack(), keep in proptest::collection::vec(any::<bool>(), SIZE * 2)) {
        let state = state_of(before);
        let mut plan = plan(&graph(after), &state);
        let mut flags = keep.iter();
        plan.steps.retain(|_| *flags.next().unwrap());
        if plan.recompute(Some(&state)).is_ok() {
            let after = applied(&plan, state);
            for (address, record) in &after.resources {
                for need in &record.depends_on {
                    prop_assert!(after.resources.contains_key(need), "{address} is left with an edge to {need}");
                }
            }
        }
    }

    #[test]
    fn a_destroy_leaves_nothing_behind(stack in stack()) {
        let state = state_of(stack);
        let plan = destroy(&state, Destination::default(), &options()).unwrap();
        let left = applied(&plan, state);
        prop_assert!(left.resources.is_empty() && left.outputs.is_empty());
    }
}
