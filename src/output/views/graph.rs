//! The graph: its resources, in the order in which they could be made.

use std::collections::BTreeMap;

use super::{Drawn, Entry, component_name, count, heading, resource_tree};
use crate::address::Address;
use crate::graph::{Graph, dependencies};
use crate::output::style::{Style, seconds};
use crate::output::table::Table;

impl Drawn for Graph {
    fn table(&self, style: &Style) -> Option<String> {
        let waves: BTreeMap<&Address, usize> =
            self.waves.iter().enumerate().flat_map(|(n, wave)| wave.iter().map(move |address| (address, n + 1))).collect();
        let mut table = Table::new(["resource", "type", "wave", "after"]).right(2).right(3);
        for resource in &self.resources {
            let wave = waves.get(&resource.address).map(usize::to_string).unwrap_or_default();
            let after = if resource.depends_on.is_empty() { String::new() } else { resource.depends_on.len().to_string() };
            table.row([resource.address.to_string(), resource.type_name.to_string(), wave, after]);
        }
        let mut parts = vec![title(self, style), table.draw(style)];
        if !self.critical_path.path.is_empty() {
            let path: Vec<&str> = self.critical_path.path.iter().map(Address::as_str).collect();
            parts.push(format!("longest path, about {}: {}", seconds(self.critical_path.seconds), path.join(" → ")));
        }
        Some(parts.join("\n\n"))
    }

    fn tree(&self, style: &Style) -> Option<String> {
        let entries = self.resources.iter().map(|resource| Entry {
            service: resource.address.service(),
            component: component_name(&resource.address),
            kind: &resource.component,
            resource: Some((resource.address.role(), resource.type_name.to_string())),
        });
        Some(format!("{}\n\n{}", resource_tree(title(self, style), style, entries), dependencies(self)))
    }
}

fn title(graph: &Graph, style: &Style) -> String {
    let facts = [count(graph.resources.len(), "resource"), count(graph.waves.len(), "wave"), graph.provider.region.clone()];
    heading(style, "graph", &graph.stack, &graph.environment, facts)
}
