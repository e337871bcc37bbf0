//! Order between resources: references, and the tiers of connected components.
//!
//! A component's run tier waits for its own wiring. A consumer's run tier (all of it when it has none) waits for the base and run tiers of
//! each provider and for the wiring of the edge. What would close a circle by construction is left out: wiring that names a resource of
//! the one who would wait for it.

use std::collections::HashMap;

use super::scope::Made;
use super::stack::Stack;
use crate::address::Address;
use crate::resource::{Resource, Tier, references};

/// The resources of a component by tier, as indices.
#[derive(Default)]
struct Tiers {
    all: Vec<usize>,
    run: Vec<usize>,
    /// Base and run.
    body: Vec<usize>,
    /// Wiring that no edge from a consumer made.
    own: Vec<usize>,
    /// Wiring of the edges from consumers.
    wires: Vec<(usize, usize)>,
}

/// Fills `depends_on` of every resource.
pub(super) fn fill(stack: &Stack<'_>, made: Vec<(usize, Made)>) -> Vec<Resource> {
    let places: HashMap<Address, usize> = made.iter().enumerate().map(|(n, (_, made))| (made.resource.address.clone(), n)).collect();
    let mut owner = Vec::with_capacity(made.len());
    let mut tiers: Vec<Tiers> = stack.parts.iter().map(|_| Tiers::default()).collect();
    let mut edges: Vec<Vec<usize>> = Vec::with_capacity(made.len());
    let mut named: Vec<Vec<usize>> = Vec::with_capacity(made.len());
    for (n, (at, made)) in made.iter().enumerate() {
        owner.push(*at);
        let tier = &mut tiers[*at];
        tier.all.push(n);
        match made.resource.tier {
            Tier::Wiring if made.consumers.is_empty() => tier.own.push(n),
            Tier::Wiring => tier.wires.extend(made.consumers.iter().map(|consumer| (*consumer, n))),
            Tier::Base => tier.body.push(n),
            Tier::Run => {
                tier.body.push(n);
                tier.run.push(n);
            }
        }
        let mut refers = Vec::new();
        for value in made.resource.properties.values() {
            references(value, &mut |address, _| refers.extend(places.get(address).copied()));
        }
        refers.sort_unstable();
        refers.dedup();
        let mut waits = refers.clone();
        waits.extend(made.after.iter().filter_map(|address| places.get(address).copied()));
        edges.push(waits);
        named.push(refers);
    }
    for (consumer, own) in tiers.iter().enumerate() {
        let names_run = |wiring: &usize| named[*wiring].iter().any(|named| own.run.contains(named));
        for wiring in own.own.iter().filter(|wiring| !names_run(wiring)) {
            own.run.iter().for_each(|waiting| edges[*waiting].push(*wiring));
        }
        let waiting = if own.run.is_empty() { &own.all } else { &own.run };
        for edge in stack.edges.providers(consumer) {
            let provider = &tiers[edge.provider];
            let names_consumer = |wiring: usize| named[wiring].iter().any(|named| owner[*named] == consumer);
            let wires = provider
                .wires
                .iter()
                .filter(|(of, wiring)| *of == consumer && !(own.run.is_empty() && names_consumer(*wiring)))
                .map(|(_, wiring)| *wiring);
            let awaited: Vec<usize> = provider.body.iter().copied().chain(wires).collect();
            for waiting in waiting {
                edges[*waiting].extend(&awaited);
            }
        }
    }
    let addresses: Vec<Address> = made.iter().map(|(_, made)| made.resource.address.clone()).collect();
    made.into_iter()
        .zip(edges)
        .enumerate()
        .map(|(n, ((_, made), mut waits))| {
            waits.sort_unstable();
            waits.dedup();
            let mut resource = made.resource;
            resource.depends_on = waits.into_iter().filter(|other| *other != n).map(|other| addresses[other].clone()).collect();
            resource.depends_on.sort_unstable();
            resource
        })
        .collect()
}
