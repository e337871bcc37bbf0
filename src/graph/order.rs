//! The order of resources: circles, waves, the longest path.
//!
//! Works on numbered nodes, each with the nodes that it waits for. Nodes are numbered in the order of their addresses, so that ties are
//! broken alike on every run.

use std::collections::{HashSet, VecDeque};

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};

/// Nodes with the nodes that each waits for.
#[derive(Debug, Clone, Default)]
pub struct Order {
    needs: Vec<Vec<usize>>,
}

impl Order {
    /// Takes the edges: `needs[n]` are the nodes that `n` waits for.
    pub fn new(needs: Vec<Vec<usize>>) -> Self {
        debug_assert!(needs.iter().flatten().all(|node| *node < needs.len()), "an edge leads out of the graph");
        Self { needs }
    }

    /// Nodes that wait for nothing, then those that wait only for these, and so on; each wave in ascending order. Nodes that stand in a
    /// circle, or wait for one, are in none.
    pub fn waves(&self) -> Vec<Vec<usize>> {
        let mut open: Vec<usize> = self.needs.iter().map(Vec::len).collect();
        let users = self.users();
        let mut waves = Vec::new();
        let mut wave: Vec<usize> = (0..open.len()).filter(|node| open[*node] == 0).collect();
        while !wave.is_empty() {
            let mut next = Vec::new();
            for user in wave.iter().flat_map(|node| users[*node].iter().copied()) {
                open[user] -= 1;
                if open[user] == 0 {
                    next.push(user);
                }
            }
            next.sort_unstable();
            waves.push(std::mem::replace(&mut wave, next));
        }
        waves
    }

    /// For each node, the nodes that wait for it.
    pub fn users(&self) -> Vec<Vec<usize>> {
        let mut users = vec![Vec::new(); self.needs.len()];
        for (node, needs) in self.needs.iter().enumerate() {
            for need in needs {
                users[*need].push(node);
            }
        }
        users
    }

    /// Adds edges that are good to have: each wish `(n, m)` makes `n` wait for `m`, unless a circle would close. Earlier wishes go before
    /// later ones. Also gives those that were not granted.
    pub fn grant(mut self, wishes: &[(usize, usize)]) -> (Self, Vec<(usize, usize)>) {
        let mut all = self.clone();
        wishes.iter().for_each(|(node, need)| all.needs[*node].push(*need));
        let mut knot_of = vec![None; self.needs.len()];
        for (number, knot) in all.knots().into_iter().enumerate() {
            knot.into_iter().for_each(|node| knot_of[node] = Some(number));
        }
        let mut refused = Vec::new();
        // An edge that leads out of its knot is part of no circle, whatever else is granted.
        let (inside, outside): (Vec<_>, Vec<_>) =
            wishes.iter().copied().partition(|(node, need)| knot_of[*node].is_some() && knot_of[*node] == knot_of[*need]);
        outside.into_iter().for_each(|(node, need)| self.needs[node].push(need));
        for (node, need) in inside {
            if self.reaches(need, node, |between| knot_of[between] == knot_of[node]) {
                refused.push((node, need));
            } else {
                self.needs[node].push(need);
            }
        }
        (self, refused)
    }

    /// The nodes that each waits for.
    pub fn into_needs(self) -> Vec<Vec<usize>> {
        self.needs
    }

    fn reaches(&self, from: usize, to: usize, among: impl Fn(usize) -> bool) -> bool {
        let mut seen = HashSet::from([from]);
        let mut open = vec![from];
        while let Some(node) = open.pop() {
            if node == to {
                return true;
            }
            open.extend(self.needs[node].iter().copied().filter(|need| among(*need) && seen.insert(*need)));
        }
        false
    }

    /// One circle for each knot of nodes that wait for each other: the shortest through the lowest node of the knot, beginning with it.
    pub fn circles(&self) -> Vec<Vec<usize>> {
        let mut circles: Vec<Vec<usize>> = self.knots().into_iter().map(|knot| self.shortest_circle(knot[0], &knot)).collect();
        circles.sort_unstable();
        circles
    }

    /// The sets of nodes that all wait for each other, each in ascending order.
    pub fn knots(&self) -> Vec<Vec<usize>> {
        let mut graph = DiGraph::<(), ()>::with_capacity(self.needs.len(), 0);
        self.needs.iter().for_each(|_| {
            graph.add_node(());
        });
        for (node, needs) in self.needs.iter().enumerate() {
            for need in needs {
                graph.add_edge(NodeIndex::new(node), NodeIndex::new(*need), ());
            }
        }
        let mut knots = Vec::new();
        for knot in kosaraju_scc(&graph) {
            let mut members: Vec<usize> = knot.into_iter().map(NodeIndex::index).collect();
            members.sort_unstable();
            if members.len() > 1 || self.needs[members[0]].contains(&members[0]) {
                knots.push(members);
            }
        }
        knots
    }

    fn shortest_circle(&self, start: usize, members: &[usize]) -> Vec<usize> {
        let mut came_from = vec![usize::MAX; self.needs.len()];
        let mut queue = VecDeque::from([start]);
        while let Some(node) = queue.pop_front() {
            for need in self.needs[node].iter().copied().filter(|need| members.binary_search(need).is_ok()) {
                if need == start {
                    let mut path = vec![node];
                    while let Some(before) = path.last().copied().filter(|last| *last != start) {
                        path.push(came_from[before]);
                    }
                    path.reverse();
                    return path;
                }
                if came_from[need] == usize::MAX {
                    came_from[need] = node;
                    queue.push_back(need);
                }
            }
        }
        vec![start]
    }

    /// The path of the greatest total weight, in the order of waiting; of equal ones that through the lower nodes.
    pub fn longest_path(&self, weight: impl Fn(usize) -> f64) -> (f64, Vec<usize>) {
        let mut total = vec![0.0_f64; self.needs.len()];
        let mut before: Vec<Option<usize>> = vec![None; self.needs.len()];
        let mut last: Option<usize> = None;
        for node in self.waves().into_iter().flatten() {
            let mut longest: Option<usize> = None;
            for need in self.needs[node].iter().copied() {
                let longer = longest.is_none_or(|best| total[need] > total[best] || (same(total[need], total[best]) && need < best));
                if longer {
                    longest = Some(need);
                }
            }
            before[node] = longest;
            total[node] = weight(node) + longest.map_or(0.0, |need| total[need]);
            let longer = last.is_none_or(|best| total[node] > total[best] || (same(total[node], total[best]) && node < best));
            if longer {
                last = Some(node);
            }
        }
        let mut path: Vec<usize> = std::iter::successors(last, |node| before[*node]).collect();
        path.reverse();
        (last.map_or(0.0, |node| total[node]), path)
    }
}

/// Weights are sums of table values: those that differ do so by far more.
fn same(one: f64, other: f64) -> bool {
    (one - other).abs() < 1e-6
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn waves_wait_for_those_before() {
        let order = Order::new(vec![vec![2], vec![], vec![1], vec![1]]);
        assert_eq!(order.waves(), [vec![1], vec![2, 3], vec![0]]);
    }

    #[test]
    fn a_circle_is_found_and_begins_with_the_lowest() {
        let order = Order::new(vec![vec![], vec![3, 0], vec![1], vec![2], vec![1]]);
        assert_eq!(order.circles(), [vec![1, 3, 2]]);
        assert_eq!(order.waves(), [vec![0]]);
    }

    #[test]
    fn a_node_that_waits_for_itself_is_a_circle() {
        assert_eq!(Order::new(vec![vec![0]]).circles(), [vec![0]]);
    }

    #[test]
    fn each_knot_gives_one_circle() {
        let order = Order::new(vec![vec![1], vec![0], vec![3], vec![2], vec![0, 2]]);
        assert_eq!(order.circles(), [vec![0, 1], vec![2, 3]]);
    }

    #[test]
    fn a_wish_that_would_close_a_circle_is_refused() {
        let (order, refused) = Order::new(vec![vec![], vec![0], vec![], vec![]]).grant(&[(2, 1), (0, 2), (3, 0), (3, 3)]);
        assert_eq!(refused, [(0, 2), (3, 3)]);
        assert_eq!(order.into_needs(), [vec![], vec![0], vec![1], vec![0]]);
    }

    #[test]
    fn of_two_wishes_that_exclude_each_other_the_first_is_granted() {
        let free = || Order::new(vec![vec![], vec![]]);
        assert_eq!(free().grant(&[(0, 1), (1, 0)]).1, [(1, 0)]);
        assert_eq!(free().grant(&[(1, 0), (0, 1)]).1, [(0, 1)]);
    }

    #[test]
    fn the_longest_path_counts_weights() {
        let order = Order::new(vec![vec![], vec![], vec![0, 1]]);
        let (total, path) = order.longest_path(|node| [1.0, 5.0, 2.0][node]);
        assert!((total - 7.0).abs() < 1e-9);
        assert_eq!(path, [1, 2]);
        assert_eq!(Order::default().longest_path(|_| 1.0).1, Vec::<usize>::new());
    }

    #[test]
    fn a_long_chain_does_not_exhaust_the_stack() {
        let chain: Vec<Vec<usize>> = (0..100_000).map(|node: usize| if node == 0 { vec![99_999] } else { vec![node - 1] }).collect();
        assert_eq!(Order::new(chain).circles()[0].len(), 100_000);
    }

    fn any_edges() -> impl Strategy<Value = Vec<Vec<usize>>> {
        (1..20_usize).prop_flat_map(|size| {
            proptest::collection::vec(proptest::collection::btree_set(0..size, 0..4).prop_map(|set| set.into_iter().collect()), size)
        })
    }

    proptest! {
        #[test]
        fn a_circle_is_a_real_path(needs in any_edges()) {
            let order = Order::new(needs.clone());
            for circle in order.circles() {
                for (n, node) in circle.iter().enumerate() {
                    prop_assert!(needs[*node].contains(&circle[(n + 1) % circle.len()]));
                }
                let mut unique = circle.clone();
                unique.sort_unstable();
                unique.dedup();
                prop_assert_eq!(unique.len(), circle.len());
            }
        }

        #[test]
        fn there_is_a_circle_or_every_node_is_in_a_wave(needs in any_edges()) {
            let order = Order::new(needs.clone());
            let placed: usize = order.waves().iter().map(Vec::len).sum();
            prop_assert_eq!(placed == needs.len(), order.circles().is_empty());
        }

        #[test]
        fn waves_respect_edges(needs in any_edges()) {
            let order = Order::new(needs.clone());
            let mut wave_of = vec![usize::MAX; needs.len()];
            for (number, wave) in order.waves().into_iter().enumerate() {
                for node in wave {
                    wave_of[node] = number;
                }
            }
            for (node, needs) in needs.iter().enumerate().filter(|(node, _)| wave_of[*node] != usize::MAX) {
                prop_assert!(needs.iter().all(|need| wave_of[*need] < wave_of[node]));
            }
        }

        #[test]
        fn the_longest_path_is_a_path(needs in any_edges()) {
            let (_, path) = Order::new(needs.clone()).longest_path(|_| 1.0);
            prop_assert!(path.windows(2).all(|pair| needs[pair[1]].contains(&pair[0])));
        }
    }
}
