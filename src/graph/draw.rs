//! The dependencies of a graph, drawn with lines.
//!
//! One row a component, users above what they need; edges that follow from others are left out. What the wiring between two components needs
//! (a policy, an ingress rule) is not counted: it stands with the one and names the other. Components that need each other in turn all the
//! same share a row.

use std::collections::BTreeMap;

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use renderdag::{Ancestor, GraphRowRenderer, Renderer as _};

use super::{Graph, Order};
use crate::resource::Tier;

/// Beyond so many components edges that follow from others are drawn too: finding them takes too long.
const REDUCED: usize = 2_000;

/// Draws the components of a graph and what each needs.
pub fn dependencies(graph: &Graph) -> String {
    let (names, needs) = rows(graph);
    let waves = Order::new(needs.clone()).waves();
    let shown = if names.len() <= REDUCED { reduced(&needs, &waves) } else { needs };
    let mut renderer = GraphRowRenderer::new().output().with_min_row_height(2).build_box_drawing();
    let mut out = String::new();
    for row in waves.into_iter().rev().flatten() {
        let parents = shown[row].iter().map(|need| Ancestor::Parent(*need)).collect();
        out.push_str(&renderer.next_row(row, parents, "○".to_owned(), names[row].clone()));
    }
    out.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim_end().to_owned()
}

/// The rows, sorted by name, and the rows that each needs.
fn rows(graph: &Graph) -> (Vec<String>, Vec<Vec<usize>>) {
    let mut components: BTreeMap<&str, (NodeIndex, &str)> = BTreeMap::new();
    let mut edges = DiGraph::<&str, ()>::new();
    for resource in &graph.resources {
        let id = resource.address.component();
        components.entry(id).or_insert_with(|| (edges.add_node(id), resource.component.as_str()));
    }
    for resource in &graph.resources {
        let from = components[resource.address.component()].0;
        for need in resource.depends_on.iter().filter(|_| resource.tier != Tier::Wiring) {
            if let Some((to, _)) = components.get(need.component()).filter(|(to, _)| *to != from) {
                edges.update_edge(from, *to, ());
            }
        }
    }
    let mut groups: Vec<Vec<&str>> =
        kosaraju_scc(&edges).into_iter().map(|group| group.into_iter().map(|node| edges[node]).collect()).collect();
    groups.iter_mut().for_each(|group| group.sort_unstable());
    groups.sort_unstable();
    let row_of: BTreeMap<&str, usize> = groups.iter().enumerate().flat_map(|(row, group)| group.iter().map(move |id| (*id, row))).collect();
    let mut needs = vec![Vec::new(); groups.len()];
    for edge in edges.edge_indices() {
        let Some((from, to)) = edges.edge_endpoints(edge) else { continue };
        let (from, to) = (row_of[edges[from]], row_of[edges[to]]);
        if from != to {
            needs[from].push(to);
        }
    }
    for needs in &mut needs {
        needs.sort_unstable();
        needs.dedup();
    }
    let name = |group: &Vec<&str>| group.iter().map(|id| format!("{id} ({})", components[id].1)).collect::<Vec<_>>().join(" + ");
    (groups.iter().map(name).collect(), needs)
}

/// The edges without those that a longer way implies.
fn reduced(needs: &[Vec<usize>], waves: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let words = needs.len().div_ceil(64);
    let mut reach = vec![vec![0_u64; words]; needs.len()];
    let mut reduced = vec![Vec::new(); needs.len()];
    for node in waves.iter().flatten().copied() {
        let mut implied = vec![0_u64; words];
        for need in &needs[node] {
            implied.iter_mut().zip(&reach[*need]).for_each(|(word, more)| *word |= more);
        }
        reduced[node] = needs[node].iter().copied().filter(|need| implied[need / 64] & (1 << (need % 64)) == 0).collect();
        for need in &needs[node] {
            implied[need / 64] |= 1 << (need % 64);
        }
        reach[node] = implied;
    }
    reduced
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::sample::{graph, queue};

    #[test]
    fn users_stand_above_what_they_need() {
        let graph = graph([
            queue("a/db/queue"),
            queue("a/api/queue").waits("a/db/queue").waits("a/jobs/queue"),
            queue("a/jobs/queue"),
            queue("b/worker/queue").waits("a/jobs/queue"),
        ]);
        assert_eq!(
            dependencies(&graph),
            "○    a/api (Resource)
├─╮
│ │ ○  b/worker (Resource)
│ ├─╯
○ │  a/db (Resource)
  │
  ○  a/jobs (Resource)"
        );
    }

    #[test]
    fn an_edge_that_follows_from_others_is_left_out() {
        let graph = graph([queue("a/x/q"), queue("a/y/q").waits("a/x/q"), queue("a/z/q").waits("a/y/q").waits("a/x/q")]);
        assert_eq!(dependencies(&graph), "○  a/z (Resource)\n│\n○  a/y (Resource)\n│\n○  a/x (Resource)");
    }

    #[test]
    fn wiring_does_not_count() {
        let mut rule = queue("a/db/ingress").waits("a/api/group").waits("a/db/group");
        rule.tier = Tier::Wiring;
        let graph = graph([queue("a/db/group"), queue("a/api/group"), rule, queue("a/api/service").waits("a/db/ingress")]);
        assert_eq!(dependencies(&graph), "○  a/api (Resource)\n│\n○  a/db (Resource)");
    }

    #[test]
    fn components_that_need_each_other_share_a_row() {
        let graph = graph([queue("a/x/one"), queue("a/y/one").waits("a/x/one"), queue("a/x/two").waits("a/y/one")]);
        assert_eq!(dependencies(&graph), "○  a/x (Resource) + a/y (Resource)");
    }
}
