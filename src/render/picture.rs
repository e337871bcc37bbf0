//! What a drawing of a graph or of a plan shows: boxes grouped by component, and arrows from each to what it needs.

use crate::address::Address;
use crate::graph::Graph;
use crate::plan::{Op, Plan};

/// A drawing before it has a form.
#[derive(Debug, Clone)]
pub struct Picture<'a> {
    /// What is drawn.
    pub(super) title: String,
    /// The boxes, sorted by address.
    pub(super) nodes: Vec<Node<'a>>,
}

/// A box.
#[derive(Debug, Clone)]
pub(super) struct Node<'a> {
    pub(super) address: &'a Address,
    pub(super) kind: &'a str,
    pub(super) type_name: &'a str,
    pub(super) op: Option<Op>,
    pub(super) needs: &'a [Address],
}

impl Node<'_> {
    /// Its role, with the sign of what is done.
    pub(super) fn label(&self) -> String {
        let role = self.address.role();
        match self.op {
            Some(op) => format!("{} {role}", sign(op)),
            None => role.to_owned(),
        }
    }
}

impl Picture<'_> {
    /// The nodes of each component, in order.
    pub(super) fn components(&self) -> impl Iterator<Item = &[Node<'_>]> {
        self.nodes.chunk_by(|one, other| one.address.component() == other.address.component())
    }

    /// The number of the box of an address.
    pub(super) fn number(&self, address: &Address) -> Option<usize> {
        self.nodes.binary_search_by(|node| node.address.cmp(address)).ok()
    }

    /// Pairs of numbers of boxes: from what needs to what is needed.
    pub(super) fn arrows(&self) -> impl Iterator<Item = (usize, usize)> {
        let ends = self.nodes.iter().enumerate().flat_map(|(n, node)| node.needs.iter().map(move |need| (n, need)));
        ends.filter_map(|(n, need)| Some((n, self.number(need)?)))
    }
}

impl<'a> From<&'a Graph> for Picture<'a> {
    fn from(graph: &'a Graph) -> Self {
        let nodes = graph.resources.iter().map(|resource| Node {
            address: &resource.address,
            kind: &resource.component,
            type_name: &resource.type_name,
            op: None,
            needs: &resource.depends_on,
        });
        Self { title: format!("{} in {}", graph.stack, graph.environment), nodes: nodes.collect() }
    }
}

impl<'a> From<&'a Plan> for Picture<'a> {
    fn from(plan: &'a Plan) -> Self {
        let nodes = plan.steps.iter().map(|step| Node {
            address: &step.address,
            kind: &step.component,
            type_name: &step.type_name,
            op: Some(step.op),
            needs: &step.depends_on,
        });
        Self { title: format!("plan of {} in {}", plan.stack, plan.environment), nodes: nodes.collect() }
    }
}

/// The sign of what a step does.
pub(super) fn sign(op: Op) -> &'static str {
    match op {
        Op::Create => "+",
        Op::Update => "~",
        Op::Replace => "±",
        Op::Delete => "-",
        Op::Adopt => "→",
        Op::Forget => "×",
        Op::None => "·",
    }
}

/// Short name of a type: `SQS::Queue`.
pub(super) fn short(type_name: &str) -> &str {
    type_name.strip_prefix("AWS::").unwrap_or(type_name)
}
