//! The nodes of a plan, for the scheduler.
//!
//! In: the steps, and the edges that the state recorded. Out: [`Node`]s as [`crate::plan`] takes the steps apart, with the nodes that wait for
//! each and the length of the longest path, free of circles.

use crate::catalog;
use crate::diagnostic::Error;
use crate::graph::Order;
use crate::plan::{self, Plan, Step};
use crate::state::State;

pub(super) use crate::plan::Part;

/// A piece of work.
#[derive(Debug, Clone)]
pub(super) struct Node {
    /// Index of its step in the plan.
    pub(super) step: usize,
    pub(super) part: Part,
    /// Nodes that it waits for.
    pub(super) needs: Vec<usize>,
    /// Nodes that wait for it.
    pub(super) feeds: Vec<usize>,
    /// It deletes something that others still refer to: they are switched afterwards, because they wait for it.
    pub(super) ahead: bool,
    /// Expected seconds of the longest path from its start to the end of the run.
    pub(super) rank: u64,
}

/// The nodes of a plan.
pub(super) fn nodes(plan: &Plan, state: &State) -> Result<Vec<Node>, Error> {
    let parts = plan::nodes(&plan.steps, Some(state)).nodes;
    plan::check_order(&parts, &plan.steps)?;
    let order = Order::new(parts.iter().map(|part| part.needs.clone()).collect());
    let mut nodes: Vec<Node> = parts
        .into_iter()
        .zip(order.users())
        .map(|(node, feeds)| Node { step: node.step, part: node.part, needs: node.needs, feeds, ahead: node.ahead, rank: 0 })
        .collect();
    for node in order.waves().into_iter().flatten().rev() {
        let longest = nodes[node].feeds.iter().map(|fed| nodes[*fed].rank).max().unwrap_or(0);
        nodes[node].rank = longest + seconds(&plan.steps[nodes[node].step], nodes[node].part);
    }
    Ok(nodes)
}

fn seconds(step: &Step, part: Part) -> u64 {
    match part {
        Part::Main => step.seconds,
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an estimate in whole seconds")]
        Part::MakeRoom | Part::Clear => catalog::seconds(&step.type_name, catalog::Operation::Delete).ceil() as u64,
    }
}
