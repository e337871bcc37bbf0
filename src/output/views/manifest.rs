//! The manifest: its components.

use super::{Drawn, Entry, count, heading, resource_tree};
use crate::manifest::Manifest;
use crate::output::style::{Style, Tone};
use crate::output::table::{Cell, Table};

impl Drawn for Manifest {
    fn table(&self, style: &Style) -> Option<String> {
        let mut table = Table::new(["component", "kind", "description", "source"]);
        for component in &self.components {
            table.row([
                Cell::from(component.id.to_string()),
                component.kind.as_str().into(),
                component.description.clone().unwrap_or_default().into(),
                Cell::new(component.source.file.to_string(), Tone::Faint),
            ]);
        }
        Some(format!("{}\n\n{}", title(self, style), table.draw(style)))
    }

    fn tree(&self, style: &Style) -> Option<String> {
        let entries = self.components.iter().map(|component| Entry {
            service: component.id.service(),
            component: component.id.name(),
            kind: &component.kind,
            resource: None,
        });
        Some(resource_tree(title(self, style), style, entries))
    }
}

fn title(manifest: &Manifest, style: &Style) -> String {
    let disabled = if manifest.disabled.is_empty() { String::new() } else { format!("{} disabled", manifest.disabled.len()) };
    let facts = [
        count(manifest.components.len(), "component"),
        disabled,
        count(manifest.services.len(), "service"),
        manifest.provider.region.clone(),
    ];
    heading(style, "manifest", &manifest.stack, &manifest.environment, facts)
}
